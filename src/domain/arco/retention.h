/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* retention.h - how long files are kept: rules are rows of
 * catalog/retention.csv. A run is proposed by one person (counts, some codes),
 * approved by another, then carried out in slices; each file goes the way of a
 * cancellation (erase.h), so figures stay and each has its proof.
 *
 * A file with a legal hold (an answer of the case file), with an open case
 * file, an open request or something shared and still open is not touched.
 */
#ifndef COBIJO_RETENTION_H
#define COBIJO_RETENTION_H

#include "domain/record/record.h"

enum { RETENTION_SLICE = 20 };

/* [{rule, label, note, years, until, count, held, sample:[code, …]}] */
enum error retention_look(struct task *task, struct value **view,
                          struct err *err);
/* A run of a rule, waiting for approval. *run: record of kind retention_run. */
enum error retention_plan(struct task *task, struct str rule, struct str *run,
                          struct err *err);
/* By another person (ERROR_BLOCKED otherwise). */
enum error retention_approve(struct task *task, struct str run,
                             struct err *err);
/* The next slice of an approved run; *left: how many remain. */
enum error retention_step(struct task *task, struct str run, size_t *left,
                          struct err *err);
/* Runs, newest first. */
enum error retention_runs(struct task *task, struct value **list,
                          struct err *err);

#endif
