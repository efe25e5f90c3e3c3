/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* proof.h - what makes the log provable to those who do not trust this house:
 * signed checkpoints, witnesses, proofs (doc/log.md).
 *
 * A checkpoint says "so many entries, this root". Another house (a witness)
 * remembers the newest it saw, lets only a log that continues it pass, and
 * cosigns. Whoever rewrites the log afterwards cannot make the root come out
 * the same. The keys come from the site key; without one nothing is signed.
 */
#ifndef COBIJO_PROOF_H
#define COBIJO_PROOF_H

#include "core/note.h"
#include "domain/office.h"

struct proof_keys {
    struct note_key log, witness;
    unsigned char log_seed[32], witness_seed[32];
};
/* ERROR_FORBIDDEN without a site key. Wipe with proof_keys_wipe. */
enum error proof_keys_open(const struct task *task, struct proof_keys *keys,
                           struct err *err);
void proof_keys_wipe(const struct task *task, struct proof_keys *keys);

struct proof_checkpoint {
    struct checkpoint checkpoint;
    int64_t made; /* instant */
    struct str note;
};
/* *found false: none yet. */
enum error checkpoint_newest(struct task *task, struct proof_checkpoint *out,
                             bool *found, struct err *err);
/* Signs the log as it is; the newest one again when nothing was added. Refuses
 * when the log does not continue what was signed before. */
enum error checkpoint_make(struct task *task, struct proof_checkpoint *out,
                           bool *made, struct err *err);

/* A house or person that witnesses our log (role witness), or a log that we
 * witness (role log). */
struct peer {
    struct str role, name, key, note;
    int64_t added, size, signed_at; /* 0: nothing yet */
    unsigned char root[32];
};
enum error peer_list(struct task *task, const char *role, struct peer **peer,
                     size_t *count, struct err *err);

/* The newest checkpoint with the proof that it continues what the witness saw
 * last: the file for her. witness "": from size old (0: the first time). */
enum error checkpoint_request(struct task *task, struct str witness,
                              int64_t old, struct str *text, struct err *err);
/* We are the witness: checks, remembers, cosigns. key: the log's, when it is
 * seen for the first time. */
enum error checkpoint_witness(struct task *task, struct str text,
                              struct str key, struct str *note,
                              struct err *err);
/* A cosigned note comes home. key: of a witness that is new. *accepted: how
 * many signatures of known witnesses it has. */
enum error checkpoint_accept(struct task *task, struct str text, struct str key,
                             size_t *accepted, int64_t *size, struct err *err);
/* Texts that prove the entries of a record (or one entry) to be in the log,
 * against the newest checkpoint; one after the other. */
enum error proof_of(struct task *task, struct str record_or_entry,
                    struct str *text, size_t *count, struct err *err);
/* By anybody with the log's key. *seq: of the entry. */
enum error proof_check(struct task *task, struct str text, struct str key,
                       int64_t *seq, struct err *err);

/* What log_verify_points is to hold the log against: the checkpoints in the
 * store that this house has signed, and one from outside (text may be empty;
 * key: where there is no site key). A row that is not signed by this house is
 * told as an error. */
enum error proof_points(struct task *task, struct str text, struct str key,
                        struct log_point **point, size_t *count,
                        struct err *err);
/* Sorts by size. */
void proof_points_sort(struct log_point *point, size_t count);

#endif
