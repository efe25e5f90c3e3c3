/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* views.h - who opened which file, as it is kept: batches of rows (table
 * seen), each tied to the log by an entry of kind seen whose subject is the
 * SHA-256 of its rows in hexadecimal, so that log_verify finds a row that was
 * changed, added or removed.
 */
#ifndef COBIJO_VIEWS_H
#define COBIJO_VIEWS_H

#include "core/buf.h"
#include "store/log.h"

struct view_row {
    int64_t minute; /* since 1970 */
    struct str author, role;
    struct str subject; /* person; "": about nobody alone */
    struct str what;
    int64_t times;
};

/* One batch, in the caller's transaction: the entry and its rows. */
enum error views_append(const struct log *log, struct db *db,
                        const struct view_row *row, size_t count,
                        struct arena *arena, struct err *err);
/* Takes all rows about these subjects to another log of the store. The batches
 * in which they stood are erased, and what else stood there is said again in
 * one batch, so both logs verify and neither keeps a hash of what went. */
enum error views_move(const struct log *from, const struct log *to,
                      struct db *db, const struct str *subject, size_t count,
                      struct arena *arena, struct err *err);
/* Are the rows of a batch those whose hash is `subject`? */
enum error views_check(const struct host *host, struct db *db, struct str site,
                       struct str batch, struct str subject, bool *same,
                       struct err *err);

#endif
