/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* apply.h - between log.c and project.c; nobody else includes it. */
#ifndef COBIJO_APPLY_H
#define COBIJO_APPLY_H

#include "store/log.h"

/* A record's row in the register. */
struct standing {
    bool exists;
    struct str kind, state;
    int64_t clock;
    int64_t number; /* seq of the entry that made it */
};

enum error record_standing(struct db *db, struct str site, struct str id,
                           struct arena *arena, struct standing *standing,
                           struct err *err);
/* standing NULL: an OP_CREATE whose record nobody has looked up. */
enum error project_entry(const struct log *log, struct db *db,
                         const struct entry *entry,
                         const struct standing *standing, struct arena *arena,
                         struct err *err);
/* Rebuilding: makes the record anew from its entries; the tables hold nothing
 * of it. search_reindex is to follow. */
enum error project_refold(const struct log *log, struct db *db, struct str site,
                          struct str record, struct arena *arena,
                          struct err *err);
/* Empties every projection. */
enum error project_clear(const struct log *log, struct db *db, struct err *err);

/* All entries of a record in the order of folding, bodies parsed. */
enum error log_entries(const struct log *log, struct db *db, struct str site,
                       struct str record, struct arena *arena,
                       struct entry **entry, size_t *count, struct err *err);
/* Folds the record again from what its entries still say. */
enum error project_again(const struct log *log, struct db *db, struct str site,
                         struct str record, struct arena *arena,
                         struct err *err);

const char *entry_op_name(enum entry_op op);

#endif
