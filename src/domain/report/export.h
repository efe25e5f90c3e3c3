/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* export.h - the records of a kind as one file, for a purpose that is named.
 *
 * Each row passes the one decision (account/decide.h) with this purpose, so
 * nobody takes out what she could not read, nor more than the purpose opens.
 * That it was done, by whom, what for and how much, stands in the log (kind
 * export) before the file leaves; its number stands in the file and its name.
 */
#ifndef COBIJO_EXPORT_H
#define COBIJO_EXPORT_H

#include "domain/record/record.h"

enum { EXPORT_MOST = 20000, EXPORT_REASON_MIN = 10 };

struct exported {
    struct str id;   /* the record of kind export */
    struct str name; /* of the file */
    struct str csv;
    size_t rows;
};

struct visit;

struct export_order {
    struct str kind, purpose, reason;
    /* Policy export_second: somebody else who may do the same stands beside her
     * and types user name and password. */
    struct str second, password;
    const struct visit *visit; /* for throttling */
};

/* Does this house want a second person? In doubt: yes. */
bool export_wants_second(struct task *task);
/* May the actor export records of the kind for the purpose at all? */
bool export_may(struct task *task, struct str kind, struct str purpose);
enum error export_run(struct task *task, const struct export_order *order,
                      struct exported *out, struct err *err);

/* The command line has no session: where the house wants two people, both say
 * who they are, and the log has both before the first line leaves. Without
 * that policy nobody is asked. */
struct export_pair {
    struct str kind, reason;
    struct str name[2], password[2];
};
enum error export_by_two(struct task *task, const struct export_pair *pair,
                         struct err *err);

#endif
