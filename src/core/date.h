/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* date.h - days, instants, partial dates.
 *
 * An instant is milliseconds since 1970-01-01T00:00Z (int64_t). A day is a
 * count of days since 1970-01-01 in the proleptic Gregorian calendar. A
 * partial date is ISO text cut after what is known: 1998, 1998-12,
 * 1998-12-31; texts compare like the dates they stand for.
 */
#ifndef COBIJO_DATE_H
#define COBIJO_DATE_H

#include "core/str.h"

struct date {
    int year, month, day; /* month and day 0 when not known */
};

int64_t date_to_day(struct date date); /* unknown parts count as the first */
struct date date_from_day(int64_t day);
bool date_valid(struct date date); /* partial allowed, 1 <= year <= 9999 */
bool date_parse(struct str text, struct date *date); /* ISO, whole or partial */
bool date_parse_whole(struct str text, struct date *date);
struct str date_text(struct arena *arena, struct date date);
int date_weekday(int64_t day); /* 0 Monday .. 6 Sunday */
/* Whole years from birth to day; the youngest reading of a partial date when
 * youngest, else the oldest. */
int date_age(struct date birth, int64_t day, bool youngest);

/* ISO 8601 instants: 2026-11-22T03:07:39Z, with offset, milliseconds kept. */
bool instant_parse(struct str text, int64_t *instant);
struct str instant_text(struct arena *arena, int64_t instant); /* ...Z */
/* The day and the second of the day in a place offset seconds east of UTC. */
int64_t instant_day(int64_t instant, int offset);
int instant_second(int64_t instant, int offset);

/* day plus n working days: Saturdays, Sundays and holidays (sorted days) do
 * not count. n may be 0 (then the next working day on or after day). */
int64_t date_add_working(int64_t day, int n, const int64_t *holiday,
                         size_t count);

#endif
