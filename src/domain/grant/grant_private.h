/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_private.h - between the files of domain/grant. */
#ifndef COBIJO_GRANT_PRIVATE_H
#define COBIJO_GRANT_PRIVATE_H

#include "domain/access/room.h"
#include "domain/grant/grant.h"
#include "domain/record/record.h"

/* A request for keys is good for so long, either way. */
#define GRANT_ASK_MS ((int64_t)10 * 60 * 1000)

/* From a row of GRANT_COLUMNS. */
#define GRANT_COLUMNS                                                          \
    "id, referral, receiver, receiver_name, classes, basis, scope, apart, "    \
    "issued, expires, fetched, withdrawn, file, keys"
void grant_fill(struct task *task, struct rows *rows,
                struct grant_given *given);
enum error grant_find(struct task *task, struct db *db, struct str id,
                      struct grant_given *given, bool *found, struct err *err);
/* Does it stand on what it was given upon? *open false, and no error but those
 * of the store. */
enum error grant_stands(struct task *task, const struct grant_given *given,
                        bool *open, struct err *err);
/* Into the log, about the referral: what happened to a grant. */
void grant_note(struct task *task, struct change *change,
                const struct grant_given *given, const char *what);
/* Into the room where the grant stands, as its receiver's door does. */
enum error grant_enter(struct task *task, struct str id, struct err *err);
/* The other house took it back: told in every file here that was made of it,
 * and its consent ends. */
enum error grant_marked(struct task *task, struct str issuer, struct str id,
                        int64_t at, struct err *err);
struct str grant_classes(struct arena *arena, const struct grant *grant);

#endif
