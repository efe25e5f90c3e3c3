/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* date.c - days, instants, partial dates, working days.
 *
 * Knows nothing of time zones: whoever needs a local day asks the host for
 * the offset first. The day count is Howard Hinnant's civil algorithm.
 */
#include "core/date.h"

enum { DAY_MS = 86400000, DAY_SECONDS = 86400 };

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const signed char days[] = {31, 28, 31, 30, 31, 30,
                                       31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int64_t date_to_day(struct date date)
{
    int month = date.month ? date.month : 1;
    int day = date.day ? date.day : 1;
    int64_t year = (int64_t)date.year - (month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

struct date date_from_day(int64_t day)
{
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * of_year + 2) / 153;
    struct date date;

    date.day = (int)(of_year - (153 * march + 2) / 5 + 1);
    date.month = (int)(march < 10 ? march + 3 : march - 9);
    date.year = (int)(year + era * 400 + (date.month <= 2));
    return date;
}

bool date_valid(struct date date)
{
    if (date.year < 1 || date.year > 9999 || date.month < 0 || date.month > 12)
        return false;
    if (!date.month)
        return !date.day;
    return date.day >= 0 && date.day <= month_days(date.year, date.month);
}

/* Reads exactly count digits at *at. */
static bool read_number(struct str text, size_t *at, int count, int *number)
{
    int sum = 0;

    if (text.size - *at < (size_t)count)
        return false;
    for (int i = 0; i < count; i++) {
        char c = text.at[*at + (size_t)i];

        if (c < '0' || c > '9')
            return false;
        sum = sum * 10 + (c - '0');
    }
    *at += (size_t)count;
    *number = sum;
    return true;
}

static bool read_char(struct str text, size_t *at, char c)
{
    if (*at >= text.size || text.at[*at] != c)
        return false;
    (*at)++;
    return true;
}

bool date_parse(struct str text, struct date *date)
{
    struct date read = {0};
    size_t at = 0;

    if (!read_number(text, &at, 4, &read.year))
        return false;
    if (read_char(text, &at, '-')) {
        if (!read_number(text, &at, 2, &read.month) || !read.month)
            return false;
        if (read_char(text, &at, '-') &&
            (!read_number(text, &at, 2, &read.day) || !read.day))
            return false;
    }
    if (at != text.size || text.at[at - 1] == '-' || !date_valid(read))
        return false;
    *date = read;
    return true;
}

bool date_parse_whole(struct str text, struct date *date)
{
    return text.size == 10 && date_parse(text, date);
}

struct str date_text(struct arena *arena, struct date date)
{
    if (!date.month)
        return str_format(arena, "%04d", date.year);
    if (!date.day)
        return str_format(arena, "%04d-%02d", date.year, date.month);
    return str_format(arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

/* Quotient rounded down, as days before 1970 need. */
static int64_t floor_divide(int64_t a, int64_t b)
{
    int64_t quotient = a / b;

    return quotient - (a % b < 0);
}

int date_weekday(int64_t day)
{
    int64_t shifted = day + 3; /* 1970-01-01 was a Thursday */

    return (int)(shifted - floor_divide(shifted, 7) * 7);
}

int date_age(struct date birth, int64_t day, bool youngest)
{
    struct date today = date_from_day(day);
    int age;

    if (!birth.month)
        birth.month = youngest ? 12 : 1;
    if (!birth.day)
        birth.day = youngest ? month_days(birth.year, birth.month) : 1;
    age = today.year - birth.year;
    if (today.month < birth.month ||
        (today.month == birth.month && today.day < birth.day))
        age--;
    return age;
}

/* hh:mm[:ss[.fraction]] as milliseconds of the day */
static bool read_time(struct str text, size_t *at, int64_t *ms)
{
    int hour, minute, second = 0, part = 0, scale = 100;

    if (!read_number(text, at, 2, &hour) || !read_char(text, at, ':') ||
        !read_number(text, at, 2, &minute))
        return false;
    if (read_char(text, at, ':')) {
        if (!read_number(text, at, 2, &second))
            return false;
        if (read_char(text, at, '.')) {
            int digit;

            if (!read_number(text, at, 1, &digit))
                return false;
            do {
                part += digit * scale;
                scale /= 10;
            } while (read_number(text, at, 1, &digit));
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * (int64_t)1000 + part;
    return true;
}

/* Z, +hh:mm, +hhmm or +hh, in seconds */
static bool read_offset(struct str text, size_t *at, int *seconds)
{
    int hour, minute = 0, sign = 1;

    if (read_char(text, at, 'Z') || read_char(text, at, 'z')) {
        *seconds = 0;
        return true;
    }
    if (read_char(text, at, '-'))
        sign = -1;
    else if (!read_char(text, at, '+'))
        return false;
    if (!read_number(text, at, 2, &hour))
        return false;
    if ((read_char(text, at, ':') || *at < text.size) &&
        !read_number(text, at, 2, &minute))
        return false;
    if (hour > 18 || minute > 59)
        return false;
    *seconds = sign * (hour * 60 + minute) * 60;
    return true;
}

bool instant_parse(struct str text, int64_t *instant)
{
    struct date date;
    size_t at = 11;
    int64_t ms;
    int offset;

    if (text.size < 17 || !date_parse(str_slice(text, 0, 10), &date) ||
        !date.day || (text.at[10] != 'T' && text.at[10] != 't'))
        return false;
    if (!read_time(text, &at, &ms) || !read_offset(text, &at, &offset) ||
        at != text.size)
        return false;
    *instant = date_to_day(date) * DAY_MS + ms - (int64_t)offset * 1000;
    return true;
}

struct str instant_text(struct arena *arena, int64_t instant)
{
    int64_t day = floor_divide(instant, DAY_MS);
    int ms = (int)(instant - day * DAY_MS);
    int second = ms / 1000;
    struct date date = date_from_day(day);
    char fraction[8] = "";

    if (ms % 1000)
        snprintf(fraction, sizeof(fraction), ".%03d", ms % 1000);
    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", date.year,
                      date.month, date.day, second / 3600, second / 60 % 60,
                      second % 60, fraction);
}

int64_t instant_day(int64_t instant, int offset)
{
    return floor_divide(floor_divide(instant, 1000) + offset, DAY_SECONDS);
}

int instant_second(int64_t instant, int offset)
{
    int64_t seconds = floor_divide(instant, 1000) + offset;

    return (int)(seconds - floor_divide(seconds, DAY_SECONDS) * DAY_SECONDS);
}

static bool is_working(int64_t day, const int64_t *holiday, size_t count)
{
    size_t low = 0, high = count;

    if (date_weekday(day) >= 5)
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (holiday[middle] == day)
            return false;
        if (holiday[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return true;
}

int64_t date_add_working(int64_t day, int n, const int64_t *holiday,
                         size_t count)
{
    int step = n < 0 ? -1 : 1;

    if (n == 0)
        while (!is_working(day, holiday, count))
            day++;
    for (; n != 0; n -= step) {
        do {
            day += step;
        } while (!is_working(day, holiday, count));
    }
    return day;
}
