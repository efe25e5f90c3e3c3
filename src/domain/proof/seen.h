/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seen.h - who opened which file.
 *
 * seen_note is called by whatever opens a person's file (record_get does). It
 * writes into a shelf in memory, where what one user does with one file in
 * one minute is one row, so that no page waits for the disk. app_tick puts the
 * shelf into the log every SEEN_SECONDS (store/views.h); a process that is
 * killed loses at most what was noted since. A full shelf is emptied by whoever
 * fills it, and when that fails the file is not opened: nothing is shown that
 * is not noted.
 *
 * Lines of a list are counted, not named: a row without a subject, whose
 * times is the number of lines.
 */
#ifndef COBIJO_SEEN_H
#define COBIJO_SEEN_H

#include "domain/office.h"

enum { SEEN_SECONDS = 10, SEEN_ROWS = 512 };

struct seen_shelf;
struct seen_shelf *seen_shelf_new(struct arena *arena);

/* subject: a person's (or group's) id. what: a kind of record, or a word. The
 * system itself is not noted. */
enum error seen_note(struct task *task, struct str subject, struct str what,
                     struct err *err);
/* The same of a record: what is about nobody (a place, a user), its own
 * subject, is not noted. */
enum error seen_record(struct task *task, struct str kind, struct str record,
                       struct str subject, struct err *err);
/* The sealed file of another house (grant/grant.h) was opened: it has no file
 * here yet, so its line stands under an id made of the house and the grant,
 * and is told with hers once she is registered from it. */
enum error seen_received(struct task *task, struct str issuer, struct str grant,
                         struct err *err);
struct str seen_received_id(const struct task *task, struct str issuer,
                            struct str grant);
/* Lines of a list, figures, downloads: about nobody alone. */
enum error seen_lookup(struct task *task, struct str what, int64_t times,
                       struct err *err);
/* Puts what waits into the log. */
enum error seen_flush(const struct office *office, struct err *err);
/* Since when something waits; 0: nothing. */
int64_t seen_since(const struct office *office);

struct seen_row {
    int64_t minute; /* since 1970 */
    struct str author, role, what;
    struct str display; /* of the user, or who it is */
    int64_t times;
};
/* Newest first; flushed before. Of a person, too, who opened the files of other
 * houses from which she was registered. */
enum error seen_list(struct task *task, struct str subject, size_t limit,
                     struct seen_row **row, size_t *count, struct err *err);
/* The name shown of an account, empty when it is none of this house. */
struct str seen_display(struct task *task, struct str author);
/* May she see who saw this file: right log.read, or it is her case. */
enum error seen_open_to(struct task *task, struct str person, bool *open,
                        struct err *err);

#endif
