/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hours_plain.h - opening hours as rows of a plain form: days, from, to.
 *
 *     Mo-Fr 09:00-14:00,16:00-19:00; Sa 10:00-13:00
 *     is three rows; "24/7" is one, all days from 00:00 to 24:00
 */
#ifndef COBIJO_HOURS_PLAIN_H
#define COBIJO_HOURS_PLAIN_H

#include "core/str.h"

enum { HOURS_ROWS = 8 };

struct hours_row {
    unsigned days; /* bit 0 Monday .. 6 */
    int from, to;  /* minutes; to is not after from: into the next day */
};

/* false: says more than rows can ("off", a day in two rules, other words), or
 * needs more of them. "" is no rows. */
bool hours_split(struct str text, struct hours_row row[HOURS_ROWS],
                 size_t *count);
/* Days with the same hours together; "" without rows. */
struct str hours_join(struct arena *arena, const struct hours_row *row,
                      size_t count);
/* "09:30", also "24:00". */
bool hours_minute(struct str text, int *minute);
extern const char *const hours_day[7]; /* Mo .. Su */

#endif
