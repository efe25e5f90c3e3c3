/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Days, partial dates, instants, working days, and the hybrid clock. */
#include "core/clock.h"
#include "core/date.h"

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int64_t day_of(const char *text)
{
    struct date date = {0};

    date_parse(str_of(text), &date);
    return date_to_day(date);
}

static void check_parse(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *text;
        bool partial, whole;
    } cases[] = {
        {"1998", true, false},        {"1998-12", true, false},
        {"1998-12-31", true, true},   {"2000-02-29", true, true},
        {"1900-02-29", false, false}, {"2023-02-29", false, false},
        {"2024-13-01", false, false}, {"2024-00", false, false},
        {"2024-01-00", false, false}, {"2024-04-31", false, false},
        {"0000-01-01", false, false}, {"1998-", false, false},
        {"1998-12-", false, false},   {"1998-1-1", false, false},
        {"98-01-01", false, false},   {"1998-12-31x", false, false},
        {" 1998", false, false},      {"", false, false},
        {"19981231", false, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct date date = {7, 7, 7};
        struct str text = str_of(cases[i].text);
        bool partial = date_parse(text, &date);

        tap_ok(tap, partial == cases[i].partial, "parse \"%s\"", cases[i].text);
        if (partial)
            tap_is(tap, str_c(arena, date_text(arena, date)), cases[i].text,
                   "and back");
        else
            tap_ok(tap, date.year == 7, "untouched");
        tap_ok(tap, date_parse_whole(text, &date) == cases[i].whole,
               "whole \"%s\"", cases[i].text);
    }
}

static void check_days(struct tap *tap)
{
    bool round = true, weekdays = true;

    tap_is_int(tap, day_of("1970-01-01"), 0, "the first day");
    tap_is_int(tap, day_of("2026-11-22"), 20779, "a known day");
    tap_is_int(tap, day_of("1998"), day_of("1998-01-01"), "unknown is first");
    tap_is_int(tap, date_weekday(0), 3, "it was a Thursday");
    tap_is_int(tap, date_weekday(day_of("2026-11-22")), 6, "a Sunday");
    for (int64_t day = -800000; day < 2900000; day += 97) {
        struct date date = date_from_day(day);

        round = round && date_to_day(date) == day;
        weekdays =
            weekdays && (date_weekday(day) + 1) % 7 == date_weekday(day + 1);
    }
    tap_ok(tap, round, "days and dates, there and back");
    tap_ok(tap, weekdays, "weekdays follow one another");
}

static void check_age(struct tap *tap)
{
    static const struct {
        const char *birth, *day;
        int oldest, youngest;
    } cases[] = {
        {"1998-12-31", "2026-12-30", 27, 27},
        {"1998-12-31", "2026-12-31", 28, 28},
        {"1998-12", "2026-12-15", 28, 27},
        {"1998", "2026-06-15", 28, 27},
        {"1998", "2026-12-31", 28, 28},
        {"2008-02-29", "2026-02-28", 17, 17},
        {"2008-02-29", "2026-03-01", 18, 18},
        {"2027", "2026-01-01", -1, -2},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct date birth = {0};
        int64_t day = day_of(cases[i].day);

        date_parse(str_of(cases[i].birth), &birth);
        tap_is_int(tap, date_age(birth, day, false), cases[i].oldest,
                   cases[i].birth);
        tap_is_int(tap, date_age(birth, day, true), cases[i].youngest,
                   cases[i].birth);
    }
}

static void check_instants(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
    } cases[] = {
        {"2026-11-22T03:07:39Z", "2026-11-22T03:07:39Z"},
        {"2026-11-22t03:07:39z", "2026-11-22T03:07:39Z"},
        {"2026-11-22T03:07Z", "2026-11-22T03:07:00Z"},
        {"2026-11-21T22:07:39-05:00", "2026-11-22T03:07:39Z"},
        {"2026-11-22T05:07:39+0200", "2026-11-22T03:07:39Z"},
        {"2026-11-22T05:07:39+02", "2026-11-22T03:07:39Z"},
        {"1969-12-31T23:59:59.001Z", "1969-12-31T23:59:59.001Z"},
        {"2026-11-22T03:07:39.5Z", "2026-11-22T03:07:39.500Z"},
        {"2026-11-22T03:07:39.123456789Z", "2026-11-22T03:07:39.123Z"},
        {"2026-11-22T03:07:39", NULL},
        {"2026-11-22 03:07:39Z", NULL},
        {"2026-11-22T24:00:00Z", NULL},
        {"2026-11-22T03:60:00Z", NULL},
        {"2026-11-22T03:07:60Z", NULL},
        {"2026-11-22T03:07:39.Z", NULL},
        {"2026-11-22T03:07:39Zx", NULL},
        {"2026-11-22T03:07:39+2", NULL},
        {"2026-11-22T03:07:39+19:00", NULL},
        {"2026-11-31T03:07:39Z", NULL},
        {"2026-11-22", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t instant = 77;
        bool ok = instant_parse(str_of(cases[i].text), &instant);

        if (cases[i].want)
            tap_is(tap, str_c(arena, instant_text(arena, instant)),
                   cases[i].want, cases[i].text);
        else
            tap_ok(tap, !ok && instant == 77, "refused \"%s\"", cases[i].text);
    }
    tap_is_int(tap, instant_day(-1, 0), -1, "a moment before 1970");
    tap_is_int(tap, instant_second(-1, 0), 86399, "its second");
    tap_is_int(tap, instant_day(0, -5 * 3600), -1, "west of Greenwich");
    tap_is_int(tap, instant_second(0, -5 * 3600), 19 * 3600, "its second");
    tap_is_int(tap, instant_day(86399999, 1), 1, "east of it");
}

static void check_working(struct tap *tap)
{
    int64_t holiday[] = {day_of("2026-12-08"), day_of("2026-12-25")};
    static const struct {
        const char *day;
        int n;
        const char *want;
    } cases[] = {
        {"2026-12-07", 0, "2026-12-07"}, /* Monday */
        {"2026-12-08", 0, "2026-12-09"}, /* holiday */
        {"2026-12-05", 0, "2026-12-07"}, /* Saturday */
        {"2026-12-07", 1, "2026-12-09"}, /* over the holiday */
        {"2026-12-04", 2, "2026-12-09"}, /* and a weekend */
        {"2026-12-24", 1, "2026-12-28"},  {"2026-12-07", 10, "2026-12-22"},
        {"2026-12-09", -1, "2026-12-07"}, {"2026-12-07", -1, "2026-12-04"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        tap_is_int(tap,
                   date_add_working(day_of(cases[i].day), cases[i].n, holiday,
                                    COUNT(holiday)),
                   day_of(cases[i].want), cases[i].day);
    tap_is_int(tap, date_add_working(day_of("2026-12-07"), 1, NULL, 0),
               day_of("2026-12-08"), "without holidays");
}

static void check_clock(struct tap *tap)
{
    const int64_t now = 1795316859000;
    int64_t last = 0, first, before, stamp;
    bool rising = true;

    first = clock_tick(&last, now);
    tap_is_int(tap, clock_instant(first), now, "its milliseconds");
    tap_ok(tap, clock_tick(&last, now) == first + 1, "the same millisecond");
    before = last;
    tap_ok(tap, clock_tick(&last, now - 3600000) == before + 1,
           "the machine's clock going back");
    tap_ok(tap, clock_tick(&last, now + 1) > before, "and on again");
    for (int i = 0; i < 70000; i++) {
        before = last;
        stamp = clock_tick(&last, now);
        rising = rising && stamp > before;
    }
    tap_ok(tap, rising, "the counter carries");
    before = last;
    tap_ok(tap, clock_receive(&last, now, first) && last == before,
           "an older stamp changes nothing");
    stamp = (now + 60000) << 16;
    tap_ok(tap, clock_receive(&last, now, stamp), "a newer one is taken");
    tap_ok(tap, clock_tick(&last, now) > stamp, "what follows is later");
    before = last;
    stamp = (now + CLOCK_DRIFT_MAX_MS + 1) << 16;
    tap_ok(tap, !clock_receive(&last, now, stamp) && last == before,
           "too far in the future is refused");
    tap_ok(tap, !clock_receive(&last, now, INT64_MAX) && last == before,
           "the far end too");
    tap_ok(tap, !clock_receive(&last, now, -1), "and a negative one");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_parse(&tap, &arena);
    check_days(&tap);
    check_age(&tap);
    check_instants(&tap, &arena);
    check_working(&tap);
    check_clock(&tap);
    arena_release(&arena);
    return tap_done(&tap);
}
