/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* upkeep.c - how long an entry of the directory holds: catalog/upkeep.csv,
 * by kind of place, "*" for the rest.
 */
#include "domain/directory/directory_private.h"

#include "core/date.h"

static int64_t number_in(const struct catalog_table *table, size_t row,
                         const char *column, int64_t fallback)
{
    int64_t number = fallback;

    str_to_int(catalog_cell(table, row, column), &number);
    return number;
}

void upkeep_of(const struct catalog *catalog, struct str place_type,
               struct upkeep *upkeep)
{
    const struct catalog_table *table = catalog_table(catalog, "upkeep");
    size_t row = catalog_find(table, place_type);

    *upkeep = (struct upkeep){180, 30, 60, 12};
    if (!table)
        return;
    if (row == SIZE_MAX)
        row = catalog_find(table, STR("*"));
    if (row == SIZE_MAX)
        return;
    upkeep->days = number_in(table, row, "days", 180);
    upkeep->ask_again = number_in(table, row, "ask_again", 30);
    upkeep->link_days = number_in(table, row, "link_days", 60);
    upkeep->free_hours = number_in(table, row, "free_hours", 12);
}

int64_t upkeep_due(const struct catalog *catalog, const struct value *place)
{
    struct date verified;
    struct upkeep upkeep;

    if (!date_parse_whole(value_text_of(place, "verified_on"), &verified))
        return 0;
    upkeep_of(catalog, value_text_of(place, "place_type"), &upkeep);
    return date_to_day(verified) + upkeep.days;
}
