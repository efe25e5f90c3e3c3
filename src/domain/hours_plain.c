/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hours_plain.c - see hours_plain.h. What is not certainly the same in rows is
 * not made into rows.
 */
#include "domain/hours_plain.h"

#include "core/buf.h"

enum { DAYS = 7, ALL_DAYS = 127, DAY_MINUTES = 24 * 60 };

const char *const hours_day[DAYS] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};

static int day_of(struct str text)
{
    for (int i = 0; i < DAYS; i++)
        if (str_equal_c(text, hours_day[i]))
            return i;
    return -1;
}

bool hours_minute(struct str text, int *minute)
{
    for (size_t i = 0; i < 5 && text.size == 5; i++)
        if (i == 2 ? text.at[i] != ':' : text.at[i] < '0' || text.at[i] > '9')
            return false;
    if (text.size != 5)
        return false;
    *minute = ((text.at[0] - '0') * 10 + text.at[1] - '0') * 60 +
              (text.at[3] - '0') * 10 + text.at[4] - '0';
    return text.at[3] < '6' && *minute <= DAY_MINUTES;
}

/* Mo-Fr,Su */
static bool read_days(struct str text, unsigned *days)
{
    struct str part;

    *days = 0;
    while (text.size && str_cut(&text, ',', &part)) {
        int first = day_of(str_slice(part, 0, 2)), last = first;

        if (part.size == 5 && part.at[2] == '-')
            last = day_of(str_slice(part, 3, 5));
        else if (part.size != 2)
            return false;
        if (first < 0 || last < 0)
            return false;
        for (int day = first;; day = (day + 1) % DAYS) {
            *days |= 1u << day;
            if (day == last)
                break;
        }
    }
    return *days != 0;
}

/* 09:00-14:00,16:00-19:00 */
static bool read_times(struct str text, unsigned days,
                       struct hours_row row[HOURS_ROWS], size_t *count)
{
    struct str part;

    if (!text.size)
        return false;
    while (text.size && str_cut(&text, ',', &part)) {
        struct hours_row one = {.days = days};

        part = str_trim(part);
        if (*count == HOURS_ROWS || part.size != 11 || part.at[5] != '-' ||
            !hours_minute(str_slice(part, 0, 5), &one.from) ||
            !hours_minute(str_slice(part, 6, 11), &one.to) ||
            one.from == DAY_MINUTES)
            return false;
        row[(*count)++] = one;
    }
    return true;
}

bool hours_split(struct str text, struct hours_row row[HOURS_ROWS],
                 size_t *count)
{
    unsigned known = 0;
    struct str rule;

    *count = 0;
    text = str_trim(text);
    if (str_equal_c(text, "24/7")) {
        row[(*count)++] = (struct hours_row){ALL_DAYS, 0, DAY_MINUTES};
        return true;
    }
    while (text.size && str_cut(&text, ';', &rule)) {
        struct str days = str_trim(rule), times;
        unsigned mask = ALL_DAYS;

        if (!days.size)
            continue;
        times = days;
        if (days.at[0] > '9') {
            size_t end = str_find_char(days, ' ');

            if (end == SIZE_MAX)
                return false;
            times = str_trim(str_slice(days, end, days.size));
            if (!read_days(str_slice(days, 0, end), &mask))
                return false;
        }
        if ((known & mask) || !read_times(times, mask, row, count))
            return false;
        known |= mask;
    }
    return true;
}

static void put_days(struct buf *out, unsigned days)
{
    bool any = false;

    for (int day = 0; day < DAYS; day++) {
        int last = day;

        if (!(days >> day & 1))
            continue;
        while (last + 1 < DAYS && (days >> (last + 1) & 1))
            last++;
        buf_printf(out, "%s%s", any ? "," : "", hours_day[day]);
        if (last > day + 1)
            buf_printf(out, "-%s", hours_day[last]);
        else
            last = day;
        any = true;
        day = last;
    }
}

static struct str times_of(struct arena *arena, const struct hours_row *row,
                           size_t count, int day)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        if (row[i].days >> day & 1)
            buf_printf(&out, "%s%02d:%02d-%02d:%02d", out.size ? "," : "",
                       row[i].from / 60, row[i].from % 60, row[i].to / 60,
                       row[i].to % 60);
    return buf_str(&out);
}

struct str hours_join(struct arena *arena, const struct hours_row *row,
                      size_t count)
{
    struct str times[DAYS];
    unsigned told = 0;
    struct buf out;

    buf_init(&out, arena);
    for (int day = 0; day < DAYS; day++)
        times[day] = times_of(arena, row, count, day);
    for (int day = 0; day < DAYS; day++) {
        unsigned days = 0;

        if (!times[day].size || (told >> day & 1))
            continue;
        for (int other = day; other < DAYS; other++)
            if (str_equal(times[other], times[day]))
                days |= 1u << other;
        if (days == ALL_DAYS && str_equal_c(times[day], "00:00-24:00"))
            return STR("24/7");
        told |= days;
        if (out.size)
            buf_puts(&out, "; ");
        put_days(&out, days);
        buf_printf(&out, " %.*s", STR_ARGS(times[day]));
    }
    return buf_str(&out);
}
