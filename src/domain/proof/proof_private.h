/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* proof_private.h - between the files of domain/proof. */
#ifndef COBIJO_PROOF_PRIVATE_H
#define COBIJO_PROOF_PRIVATE_H

#include "domain/proof/proof.h"
#include "store/tree.h"

/* What the log calls itself: cobijo/SITE. */
struct str proof_origin(const struct task *task);
enum error checkpoint_of_size(struct task *task, struct db *db, int64_t size,
                              struct proof_checkpoint *out, bool *found,
                              struct err *err);
/* Adds it, or takes its note. */
enum error checkpoint_put(struct task *task, struct db *db,
                          const struct proof_checkpoint *one, struct err *err);
/* A note about our own log, signed by it (key; NULL: cannot be asked, then it
 * is refused). */
enum error proof_own_note(struct task *task, struct str text,
                          const struct note_key *key, struct note *note,
                          struct checkpoint *said, struct err *err);
enum error peer_find(struct task *task, struct db *db, const char *role,
                     struct str name, struct peer *peer, bool *found,
                     struct err *err);

#endif
