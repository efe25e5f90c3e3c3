/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* age.c - ages from incomplete answers; bands as in registry.md 1. */
#include "domain/person/age.h"

#include "core/date.h"

static const struct {
    int from;
    const char *code;
} bands[] = {{0, "0-4"},    {5, "5-9"},    {10, "10-11"}, {12, "12-14"},
             {15, "15-17"}, {18, "18-24"}, {25, "25-29"}, {30, "30-39"},
             {40, "40-49"}, {50, "50-59"}, {60, "60+"}};
enum { BANDS = sizeof bands / sizeof *bands };

struct str age_band(int age)
{
    struct str code = STR_NULL;

    for (size_t i = 0; i < BANDS; i++) {
        if (age >= bands[i].from)
            code = str_of(bands[i].code);
    }
    return code;
}

static int from_band(struct str code, bool youngest)
{
    for (size_t i = 0; i < BANDS; i++) {
        if (!str_equal_c(code, bands[i].code))
            continue;
        if (youngest || i + 1 == BANDS)
            return bands[i].from;
        return bands[i + 1].from - 1;
    }
    return -1;
}

/* An age said some time ago: she has become older since. */
static int stated(const struct value *person, const char *field, int64_t day,
                  bool youngest)
{
    struct str text = value_text_of(person, field);
    struct date said;
    int64_t years;

    if (!text.size || !str_to_int(text, &years))
        return -1;
    if (date_parse_whole(value_text_of(person, "age_on"), &said) &&
        date_to_day(said) < day) {
        int64_t days = day - date_to_day(said);

        years += youngest ? days / 366 : (days + 364) / 365;
    }
    return (int)years;
}

int age_on_day(const struct value *person, int64_t day, bool youngest)
{
    struct date birth;
    int age = -1, lowest;

    if (date_parse(value_text_of(person, "birth_date"), &birth))
        age = date_age(birth, day, youngest);
    if (age < 0)
        age = stated(person, "age_years", day, youngest);
    if (age < 0)
        age = from_band(value_text_of(person, "age_band"), youngest);
    lowest = youngest ? stated(person, "age_youngest", day, true) : -1;
    if (lowest >= 0 && (age < 0 || lowest < age))
        age = lowest;
    return age;
}

bool age_is_child(const struct value *person, int64_t day)
{
    int age = age_on_day(person, day, true);

    return (age >= 0 && age < 18) ||
           str_equal_c(value_text_of(person, "age_source"), "en_disputa");
}
