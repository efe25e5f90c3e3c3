/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fold.h - what a record says, given its entries. A pure function.
 *
 * Entries are ordered by clock, then node, then id; one with the same id
 * counts once. An entry replaces the values of a field that its writer had
 * seen (their clock <= entry->base); values it had not seen are concurrent,
 * and the field's merge policy makes one of them:
 *
 *   keep_both  the last is shown, all stand in conflicts
 *   restrict   the narrower: "no" and what withdraws, nothing rather than
 *              something, the common choices, the earlier date, the smaller
 *              number; of other texts the last
 *   append     choices of both, lines of both, rows of both
 *   highest    the choice that stands later in its list, the larger number,
 *              the later date, something rather than nothing; of other texts
 *              the last
 *   last       the last
 *
 * A body's member "_state" (open, closed) sets the state; OP_CLOSE closes. An
 * erase among the entries, wherever it stands, leaves nothing; nor do entries
 * all of which are erased, their data key being destroyed. A share changes no
 * record.
 */
#ifndef COBIJO_FOLD_H
#define COBIJO_FOLD_H

#include "store/log.h"

struct fold {
    struct str id, kind, subject, author, version;
    struct str state;      /* open, closed, erased; NULL: there is no record */
    int64_t clock;         /* stamp of the last entry */
    int64_t created;       /* instant of the first one */
    struct value *answers; /* without _why */
    struct value *why;     /* key -> reason; empty when there is none */
    struct value *conflicts; /* key -> list of values; empty: none */
};

/* NULL form: every policy is last. */
enum error fold_entries(const struct form *form, const struct entry *entry,
                        size_t count, struct arena *arena, struct fold *fold,
                        struct err *err);
/* May this entry be laid on a fold without looking at the older entries? */
bool fold_is_next(const struct fold *fold, const struct entry *entry);
/* ... then this does it; answers, why and conflicts are replaced by copies. */
void fold_next(struct fold *fold, const struct entry *entry,
               struct arena *arena);
/* The order of entries: by clock, node, id. */
int entry_compare(const struct entry *a, const struct entry *b);

#endif
