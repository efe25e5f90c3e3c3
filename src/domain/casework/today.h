/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* today.h - what needs someone now: urgent flags without action, referrals
 * unanswered or overdue, follow-ups due, indicios that wait for a supervisor,
 * who arrived. Bounded queries over projections; never asks the whole table.
 */
#ifndef COBIJO_TODAY_H
#define COBIJO_TODAY_H

#include "domain/office.h"

/* {flags:[…], referrals:[…], followups:[…], reviews:[…], arrivals:[…], and
 *  files:[…], whose day of review has come}; each item: person {id, name,
 *  age, …}, urgency, due, late (bool), left (minutes), href. */
enum error today_read(struct task *task, struct value **today, struct err *err);
/* What is open for one person: flags, needs, referrals, follow-ups, casefile,
 * profiles with their state. */
enum error person_open_items(struct task *task, struct str person,
                             struct value **items, struct err *err);

/* Referrals of this house that are not over, by what they wait for:
 * {ask:[…], overdue:[…], waiting:[…], answered:[…], drafts:[…]}, each by
 * urgency, then by the clock that runs; items as in today_read. */
enum error inbox_read(struct task *task, struct value **inbox, struct err *err);

/* Referrals with this reply code (spaces and dashes are passed over), newest
 * first, as items of the inbox; none for what is no reply code. */
enum error referrals_by_code(struct task *task, struct str typed,
                             struct value **items, struct err *err);

#endif
