/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casefile.h - the file that is open while somebody looks after a person:
 * who is responsible, how it ended, whether it was taken up again.
 *
 * One open file per person. Closing says why (catalog closure codes); with a
 * child or a survivor of violence or trafficking it takes the right
 * case.close; a missing person's file closes only when a search referral has
 * been sent, and with that right.
 */
#ifndef COBIJO_CASEFILE_H
#define COBIJO_CASEFILE_H

#include "domain/record/record.h"

/* The open casefile of a person; *found false when she has none. */
enum error casefile_of_person(struct task *task, struct str person,
                              struct record *casefile, bool *found,
                              struct err *err);
/* Opens one, or takes up the newest closed one when there is one and `again`
 * is set. manager empty: the actor. */
enum error casefile_open(struct task *task, struct str person,
                         struct str manager, bool again, struct saved *saved,
                         struct err *err);
enum error casefile_close(struct task *task, struct str casefile, int64_t base,
                          struct str reason, struct str note,
                          struct saved *saved, struct err *err);
/* The same with what else is told at the end: answers to close_reason,
 * close_note, satisfaction (hers), with _why. */
enum error casefile_close_with(struct task *task, struct str casefile,
                               int64_t base, const struct value *answers,
                               struct saved *saved, struct err *err);
/* A worker who may not close asks: close_asked_by is set for the supervisor. */
enum error casefile_ask_close(struct task *task, struct str casefile,
                              struct saved *saved, struct err *err);
/* reason: words, added to the notes; may be empty. */
enum error casefile_reopen(struct task *task, struct str casefile, int64_t base,
                           struct str reason, struct saved *saved,
                           struct err *err);
/* Does closing her file take a supervisor (right case.close)? */
enum error casefile_protected(struct task *task, struct str person,
                              bool *protects, struct err *err);

enum error casefile_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err);

#endif
