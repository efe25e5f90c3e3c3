/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* outreach.h - information windows, talks and campaigns: records of kind
 * outreach, which hold counts and nobody. How many were reached in all, against
 * the targets of catalog/indicator.csv.
 */
#ifndef COBIJO_OUTREACH_H
#define COBIJO_OUTREACH_H

#include "domain/office.h"

/* [{code, label, how_counted, value, target, reached, year}]: INF-01 and
 * INF-04 since the beginning; year: of this year. */
enum error outreach_totals(struct task *task, struct value **list,
                           struct err *err);
/* {activities, people, children, pieces} since the beginning. */
enum error outreach_sums(struct task *task, struct value **sums,
                         struct err *err);

#endif
