/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* calendar.h - clocks of the law and of the referral matrix: terms in hours
 * are calendar hours, legal terms in working days use the holiday table of
 * the site's country. Sources stand in catalog/legal_clock.csv.
 */
#ifndef COBIJO_CALENDAR_H
#define COBIJO_CALENDAR_H

#include "domain/office.h"

/* Last day of a legal clock (asylum_filing …) that started on a day. false:
 * no such clock. */
bool calendar_due_day(const struct task *task, const char *clock,
                      int64_t start_day, int64_t *due_day);
/* Working days from start (not counted) to day. */
int calendar_working_days(const struct task *task, int64_t start_day,
                          int64_t day);
bool calendar_is_working(const struct task *task, int64_t day);
/* The last millisecond of a day at the site. */
int64_t calendar_day_end(const struct task *task, int64_t day);

/* Due instants of a referral of an urgency sent at `from`. */
struct referral_clock {
    int64_t receive, decide, attend, feedback;
    struct str escalate_to;
};
bool calendar_referral(const struct task *task, struct str urgency,
                       int64_t from, struct referral_clock *clock);
/* When a flag or need of an urgency must have been acted upon. */
int64_t calendar_act_by(const struct task *task, struct str urgency,
                        int64_t from);

#endif
