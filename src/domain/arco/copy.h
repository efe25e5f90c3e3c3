/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* copy.h - a person's own copy (access, portability): everything that is kept
 * about her, in her language's words and for a machine, with whom it was
 * shared, and without what belongs to others: companions, names of workers,
 * what somebody else told in confidence (catalog/copy.csv).
 *
 * The copy holds what the reader's role may read; what it may not is counted
 * in `closed`, so that nobody hands over a part as the whole.
 */
#ifndef COBIJO_COPY_H
#define COBIJO_COPY_H

#include "domain/record/record.h"

/* {site, made_at, code, closed, left_out, sections:[{kind, label, records:[
 * {id, created, items:[{question, label, value, text, path}]}]}],
 * shared:[{to, on, what, opened, state}]}; texts in task->language. */
enum error copy_make(struct task *task, struct str person, struct value **copy,
                     struct err *err);
/* One line per answer: kind, record, created, question, label, value, text. */
void copy_csv(const struct value *copy, struct buf *out);
/* Into the log: the copy was made, in which form. */
enum error copy_note(struct task *task, struct str person, const char *format,
                     struct err *err);

/* What left the house about a person: referrals that were sent, with what,
 * when, whether and when they were opened. */
enum error shared_list(struct task *task, struct str person,
                       struct value **list, struct err *err);

#endif
