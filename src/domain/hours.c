/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hours.c - reads opening hours; owns nothing, knows no clock. */
#include "domain/hours.h"

#include "core/buf.h"

enum { SPANS_MAX = 6, DAY_MINUTES = 24 * 60 };

struct week {
    struct {
        int from[SPANS_MAX], to[SPANS_MAX]; /* minutes; to may pass 1440 */
        int spans;
    } day[7];
};

static int day_named(struct str text)
{
    static const char names[][2][3] = {{"Mo", "Lu"}, {"Tu", "Ma"}, {"We", "Mi"},
                                       {"Th", "Ju"}, {"Fr", "Vi"}, {"Sa", "Sa"},
                                       {"Su", "Do"}};

    for (int i = 0; i < 7; i++) {
        if (str_equal_nocase(text, str_of(names[i][0])) ||
            str_equal_nocase(text, str_of(names[i][1])))
            return i;
    }
    return -1;
}

/* Mo-Fr,Su: a bit per day; 0 when not understood. */
static unsigned days_read(struct str text)
{
    struct str rest = text, part;
    unsigned days = 0;

    while (str_cut(&rest, ',', &part)) {
        struct str from, to = part;
        int first, last;

        str_cut(&to, '-', &from);
        first = day_named(str_trim(from));
        last = str_is_null(to) ? first : day_named(str_trim(to));
        if (first < 0 || last < 0)
            return 0;
        for (int i = first;; i = (i + 1) % 7) {
            days |= 1u << i;
            if (i == last)
                break;
        }
    }
    return days;
}

static int minute_read(struct str text)
{
    struct str hour, minute = str_trim(text);
    int64_t h, m;

    if (!str_cut(&minute, ':', &hour) || str_is_null(minute) ||
        !str_to_int(hour, &h) || !str_to_int(minute, &m) || h < 0 || h > 26 ||
        m < 0 || m > 59)
        return -1;
    return (int)(h * 60 + m);
}

static bool spans_read(struct str text, struct week *week, unsigned days)
{
    int from[SPANS_MAX], to[SPANS_MAX], count = 0;
    struct str rest = text, part;

    if (str_equal_nocase(text, STR("off")) ||
        str_equal_nocase(text, STR("closed")))
        rest = STR_NULL;
    while (str_cut(&rest, ',', &part)) {
        struct str begin, end = part;

        if (!str_cut(&end, '-', &begin) || count == SPANS_MAX)
            return false;
        from[count] = minute_read(begin);
        to[count] = minute_read(end);
        if (from[count] < 0 || to[count] < 0)
            return false;
        if (to[count] <= from[count])
            to[count] += DAY_MINUTES;
        count++;
    }
    for (int i = 0; i < 7; i++) {
        if (!(days & 1u << i))
            continue;
        week->day[i].spans = count;
        for (int j = 0; j < count; j++) {
            week->day[i].from[j] = from[j];
            week->day[i].to[j] = to[j];
        }
    }
    return true;
}

static bool rule_read(struct str text, struct week *week)
{
    size_t space = str_find_char(text, ' ');
    struct str head = space == SIZE_MAX ? text : str_slice(text, 0, space);
    unsigned days = days_read(head);

    if (str_equal_c(text, "24/7"))
        return spans_read(STR("00:00-24:00"), week, 0x7f);
    if (days && space == SIZE_MAX)
        return spans_read(STR("00:00-24:00"), week, days);
    if (days)
        return spans_read(str_trim(str_slice(text, space, text.size)), week,
                          days);
    return spans_read(text, week, 0x7f);
}

static bool open_in(const struct week *week, int weekday, int minute)
{
    for (int i = 0; i < week->day[weekday].spans; i++) {
        if (minute >= week->day[weekday].from[i] &&
            minute < week->day[weekday].to[i])
            return true;
    }
    return false;
}

static bool week_read(struct str text, struct week *week)
{
    struct str rest = str_trim(text), part;

    if (!rest.size)
        return false;
    while (str_cut(&rest, ';', &part)) {
        part = str_trim(part);
        if (part.size && !rule_read(part, week))
            return false;
    }
    return true;
}

enum hours_state hours_at(struct str text, int weekday, int minute)
{
    struct week week = {0};

    if (weekday < 0 || weekday > 6 || !week_read(text, &week))
        return HOURS_UNKNOWN;
    return open_in(&week, weekday, minute) ||
                   open_in(&week, (weekday + 6) % 7, minute + DAY_MINUTES)
               ? HOURS_OPEN
               : HOURS_CLOSED;
}

/* Minutes as minute_read reads them: to 26:59. */
static void put_minute(struct buf *out, int minute)
{
    if (minute >= 27 * 60)
        minute -= DAY_MINUTES;
    buf_printf(out, "%02d:%02d", minute / 60, minute % 60);
}

struct str hours_short(struct arena *arena, struct str text)
{
    static const char day[7][3] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
    struct week week = {0};
    struct buf out;

    if (text.size <= HOURS_SHORT)
        return text;
    if (!week_read(text, &week))
        return STR("?");
    buf_init(&out, arena);
    buf_puts(&out, "off");
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < week.day[i].spans; k++) {
            if (k == 0)
                buf_printf(&out, ";%s ", day[i]);
            else
                buf_putc(&out, ',');
            put_minute(&out, week.day[i].from[k]);
            buf_putc(&out, '-');
            put_minute(&out, week.day[i].to[k]);
        }
    return buf_str(&out);
}
