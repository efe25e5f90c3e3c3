/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* residue.c - what stays of an erased record so that the figures do not
 * change: the questions that catalog/residue.csv names, days cut down to their
 * month, the age to its band. It becomes the body of the erasing entry, and so
 * the row that is counted.
 */
#include "core/date.h"
#include "domain/arco/erase.h"
#include "domain/calendar.h"
#include "domain/person/age.h"

static const int MONTHS_MAX = 1200;

static struct date month_of(int64_t day)
{
    struct date date = date_from_day(day);

    date.day = 1;
    return date;
}

static struct date month_after(struct date month)
{
    month.month++;
    if (month.month > 12) {
        month.month = 1;
        month.year++;
    }
    return month;
}

static void remember(struct residue *residue, int64_t day)
{
    if (!residue->first_day || day < residue->first_day)
        residue->first_day = day;
}

/* The month a day stands in; "" for what is no day. */
static struct str cut_day(struct residue *residue, struct str text)
{
    struct date date;

    if (!date_parse(str_slice(text, 0, 10), &date))
        return STR("");
    remember(residue, date_to_day(date));
    return date_text(residue->task->arena, month_of(date_to_day(date)));
}

static void keep_one(struct residue *residue, const struct record *record,
                     const struct catalog_table *table, size_t row,
                     struct value *out)
{
    struct arena *arena = residue->task->arena;
    struct str how = catalog_cell(table, row, "keep");
    struct str key = catalog_cell(table, row, "question");
    const struct value *answer = value_get_str(record->answers, key);
    struct str text = value_text(answer);

    if (str_equal_c(how, "as_is") && answer) {
        value_set(out, arena, key, value_copy(answer, arena));
    } else if (str_starts(how, STR("month"))) {
        text = cut_day(residue, text);
        if (!text.size && str_equal_c(how, "month_or_now"))
            text = date_text(arena, month_of(task_day(residue->task)));
        if (text.size)
            value_set(out, arena, key, value_string(arena, text));
    }
}

struct value *residue_of(struct residue *residue, const struct record *record)
{
    const struct catalog_table *table =
        catalog_table(residue->task->office->catalog, "residue");
    struct arena *arena = residue->task->arena;
    struct value *out = NULL;

    for (size_t row = 0; table && row < table->rows; row++) {
        if (!str_equal(catalog_cell(table, row, "kind"), record->kind))
            continue;
        if (!out) {
            out = value_object(arena);
            value_put_str(out, arena, "residue", STR("yes"));
        }
        keep_one(residue, record, table, row, out);
    }
    if (out)
        remember(residue,
                 instant_day(record->created, residue->task->utc_offset));
    return out;
}

static bool keeps_age(const struct residue *residue)
{
    const struct catalog_table *table =
        catalog_table(residue->task->office->catalog, "residue");

    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal_c(catalog_cell(table, row, "kind"), "person") &&
            str_equal_c(catalog_cell(table, row, "keep"), "age_band"))
            return true;
    return false;
}

static int age_at_end(const struct value *person, struct date month)
{
    return age_on_day(person, date_to_day(month_after(month)) - 1, true);
}

/* Figures are made at the end of a month, of any month since her first. When
 * her band is the same in all of them, the band is all there is to know; else
 * the month in which the last one began, as the month of a birth. */
void residue_age(const struct residue *residue, const struct value *person,
                 struct value *kept)
{
    struct arena *arena = residue->task->arena;
    int64_t today = task_day(residue->task);
    struct date month =
        month_of(residue->first_day ? residue->first_day : today);
    struct date began = {0};
    struct str band, given = value_text_of(person, "age_band");
    int age = age_at_end(person, month), at_change = -1;

    if (!keeps_age(residue))
        return;
    band = age_band(age);
    for (int i = 0; i < MONTHS_MAX && date_to_day(month) <= today; i++) {
        struct str next;

        age = age_at_end(person, month);
        next = age_band(age);
        if (!str_equal(next, band)) {
            began = month;
            at_change = age;
            band = next;
        }
        month = month_after(month);
    }
    if (at_change < 0) {
        band = band.size ? band : given;
        if (band.size)
            value_put_str(kept, arena, "age_band", band);
        return;
    }
    began.year -= at_change;
    began.day = 0;
    value_put_str(kept, arena, "birth_date", date_text(arena, began));
}
