/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hours.h - opening hours as people write them down: the common part of
 * OpenStreetMap's opening_hours.
 *
 *     24/7        Mo-Fr 09:00-14:00,16:00-19:00; Sa 10:00-13:00; Su off
 *
 * Days Mo Tu We Th Fr Sa Su (also Lu Ma Mi Ju Vi Sa Do), ranges and lists;
 * later rules replace earlier ones for their days; a span past midnight runs
 * into the next day.
 */
#ifndef COBIJO_HOURS_H
#define COBIJO_HOURS_H

#include "core/str.h"

enum hours_state { HOURS_UNKNOWN = -1, HOURS_CLOSED = 0, HOURS_OPEN = 1 };

/* weekday 0 Monday .. 6, minute of the day 0..1439. A text that is not
 * understood is unknown, never closed. */
enum hours_state hours_at(struct str text, int weekday, int minute);

/* Of which hours_at says the same, in HOURS_SHORT bytes or less: the text
 * itself, or when it is longer, what was understood of it. */
enum { HOURS_SHORT = 600 };
struct str hours_short(struct arena *arena, struct str text);

#endif
