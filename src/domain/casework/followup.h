/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* followup.h - looking after: a follow-up says what was found and when the
 * next is due (by risk: U0 daily, U1 weekly, U2 every two weeks, U3 monthly;
 * vulnerability_model.md 5). Two missed in a row: no contact, which stands in
 * her open file until somebody reaches her.
 */
#ifndef COBIJO_FOLLOWUP_H
#define COBIJO_FOLLOWUP_H

#include "domain/record/record.h"

/* The day of the next look at a file of this risk: today and the days of
 * catalog/urgency.csv, column review_days. */
struct str followup_review_day(struct task *task, struct str risk);

enum error followup_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err);

#endif
