/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* calendar.c - due days and due instants, from catalog/urgency.csv,
 * catalog/legal_clock.csv and the holidays of the site's country.
 *
 * A term in working days runs from the day after it started (Mexican
 * procedure: the day of the event does not count) to the end of its last day
 * at the site. A term in hours runs on, nights and Sundays too.
 */
#include "domain/calendar.h"

#include "core/date.h"

enum { MINUTE_MS = 60000, DAY_MS = 86400000 };

static size_t holidays(const struct task *task, const int64_t **day)
{
    return catalog_holidays(task->office->catalog, task->office->country, day);
}

static bool is_holiday(const int64_t *holiday, size_t count, int64_t day)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (holiday[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && holiday[low] == day;
}

static int64_t add_working(const struct task *task, int64_t day, int64_t days)
{
    const int64_t *holiday;
    size_t count = holidays(task, &holiday);

    return date_add_working(day, (int)days, holiday, count);
}

int calendar_working_days(const struct task *task, int64_t start_day,
                          int64_t day)
{
    const int64_t *holiday;
    size_t count = holidays(task, &holiday);
    int64_t span = day - start_day;
    int64_t working = 0;

    if (span <= 0)
        return 0;
    working = span / 7 * 5;
    for (int64_t at = start_day + span / 7 * 7 + 1; at <= day; at++)
        working += date_weekday(at) < 5;
    for (size_t i = 0; i < count; i++)
        if (holiday[i] > start_day && holiday[i] <= day &&
            date_weekday(holiday[i]) < 5)
            working--;
    return (int)working;
}

bool calendar_is_working(const struct task *task, int64_t day)
{
    const int64_t *holiday;
    size_t count = holidays(task, &holiday);

    return date_weekday(day) < 5 && !is_holiday(holiday, count, day);
}

int64_t calendar_day_end(const struct task *task, int64_t day)
{
    const struct host *host = task->office->host;
    int64_t midnight = (day + 1) * DAY_MS;
    int64_t instant = midnight;

    /* Twice: the first offset may be that of the other side of a change. */
    for (int i = 0; i < 2; i++)
        instant = midnight -
                  (int64_t)1000 * host->utc_offset(host->context,
                                                   task->office->zone, instant);
    return instant - 1;
}

static int64_t local_day(const struct task *task, int64_t instant)
{
    const struct host *host = task->office->host;

    return instant_day(
        instant, host->utc_offset(host->context, task->office->zone, instant));
}

static struct date add_months(struct date date, int64_t months)
{
    int64_t month = (int64_t)date.year * 12 + date.month - 1 + months;
    struct date out = {(int)(month / 12), (int)(month % 12) + 1, date.day};

    while (!date_valid(out)) /* 31 January plus one month is 28 February */
        out.day--;
    return out;
}

bool calendar_due_day(const struct task *task, const char *clock,
                      int64_t start_day, int64_t *due_day)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "legal_clock");
    size_t row = table ? catalog_find(table, str_of(clock)) : SIZE_MAX;
    struct str unit = catalog_cell(table, row, "unit");
    int64_t length;

    if (row == SIZE_MAX ||
        !str_to_int(catalog_cell(table, row, "length"), &length) ||
        length < 0 || length > 40000)
        return false;
    if (str_starts(unit, STR("business")))
        *due_day = add_working(task, start_day, length);
    else if (str_starts(unit, STR("hour")))
        *due_day = start_day + (length + 23) / 24;
    else if (str_starts(unit, STR("day")))
        *due_day = start_day + length;
    else if (str_starts(unit, STR("month")))
        *due_day = date_to_day(add_months(date_from_day(start_day), length));
    else if (str_starts(unit, STR("year")))
        *due_day =
            date_to_day(add_months(date_from_day(start_day), length * 12));
    else
        return false;
    return true;
}

/* A stage of the referral matrix: minutes, or working days to their end. */
static int64_t stage_due(const struct task *task, size_t row,
                         const char *minutes, const char *days, int64_t from)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");
    int64_t length;

    if (str_to_int(catalog_cell(table, row, minutes), &length))
        return from + length * MINUTE_MS;
    if (days && str_to_int(catalog_cell(table, row, days), &length))
        return calendar_day_end(
            task, add_working(task, local_day(task, from), length));
    return 0;
}

static size_t urgency_row(const struct task *task, struct str urgency)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");

    return table ? catalog_find(table, urgency) : SIZE_MAX;
}

bool calendar_referral(const struct task *task, struct str urgency,
                       int64_t from, struct referral_clock *clock)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");
    size_t row = urgency_row(task, urgency);

    if (row == SIZE_MAX)
        return false;
    clock->receive =
        stage_due(task, row, "receive_minutes", "receive_business_days", from);
    clock->decide =
        stage_due(task, row, "decide_minutes", "decide_business_days", from);
    clock->attend = stage_due(task, row, "attend_minutes", NULL, from);
    clock->feedback = stage_due(task, row, "feedback_minutes", NULL, from);
    clock->escalate_to = catalog_cell(table, row, "escalate_to");
    return true;
}

int64_t calendar_act_by(const struct task *task, struct str urgency,
                        int64_t from)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");
    size_t row = urgency_row(task, urgency);
    int64_t hours = 15 * 24; /* what is not said is ordinary */

    if (row != SIZE_MAX)
        str_to_int(catalog_cell(table, row, "act_hours"), &hours);
    return from + hours * 60 * MINUTE_MS;
}
