/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_area.c - for which places an alert is, as codes. Geocodes say it;
 * where there are none that we know, the states whose borders (catalog/
 * admin1_shape.csv, rough) the polygon or circle meets. Warning one state too
 * many is the smaller mistake.
 */
#include "domain/alert/alert.h"

#include "domain/person/words.h"

static const struct catalog_table *table_of(const struct task *task,
                                            const char *name)
{
    return catalog_table(task->office->catalog, name);
}

static bool is_in(const struct task *task, const char *table, struct str code)
{
    const struct catalog_table *found = table_of(task, table);

    return found && catalog_find(found, code) != SIZE_MAX;
}

static struct str cell_of(const struct task *task, const char *table,
                          struct str code, const char *column)
{
    const struct catalog_table *found = table_of(task, table);
    size_t row = found ? catalog_find(found, code) : SIZE_MAX;

    return row == SIZE_MAX ? STR("") : catalog_cell(found, row, column);
}

struct str alert_area_above(struct task *task, struct str code)
{
    struct str above = cell_of(task, "municipality", code, "admin1");

    if (!above.size)
        above = cell_of(task, "admin1", code, "country");
    return above;
}

struct str alert_area_name(struct task *task, struct str code)
{
    static const char *const tables[] = {"municipality", "admin1", "country"};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (is_in(task, tables[i], code))
            return catalog_name(task->office->catalog, tables[i], code,
                                task->language);
    return code;
}

/* --- geocodes ------------------------------------------------------------- */

/* The row of a table whose column is that. */
static struct str by_column(const struct task *task, const char *name,
                            const char *column, struct str value)
{
    const struct catalog_table *table = table_of(task, name);

    for (size_t i = 0; table && value.size && i < table->rows; i++)
        if (str_equal_nocase(catalog_cell(table, i, column), value))
            return catalog_cell(table, i, "name");
    return STR("");
}

static struct str known_code(const struct task *task, struct str value)
{
    value = str_trim(value);
    if (is_in(task, "municipality", value) || is_in(task, "admin1", value) ||
        is_in(task, "country", value))
        return value;
    if (value.size == 2 && value.at[0] >= '0' && value.at[0] <= '9')
        return by_column(task, "admin1", "inegi", value);
    if (value.size == 2)
        return by_column(task, "country", "iso2", value);
    return STR("");
}

static bool names_place(struct str name)
{
    static const char *const words[] = {"INEGI", "CVE", "ISO3166", "ISO 3166",
                                        "ISO-3166"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_find(name, str_of(words[i])) != SIZE_MAX)
            return true;
    return false;
}

static struct str geocodes_of(struct task *task, const struct value *area)
{
    const struct value *list = value_get(area, "geocode");
    struct str codes = STR("");

    for (size_t i = 0; i < value_count(list) && i < ALERT_AREAS_MAX; i++)
        if (names_place(value_text_of(value_at(list, i), "valueName")))
            codes = words_union(
                task->arena, codes,
                known_code(task, value_text_of(value_at(list, i), "value")));
    return codes;
}

/* --- shapes --------------------------------------------------------------- */

struct box {
    struct cap_point low, high;
};

static struct box box_of(const struct cap_ring *ring)
{
    struct box box = {ring->point[0], ring->point[0]};

    for (size_t i = 1; i < ring->count; i++) {
        struct cap_point p = ring->point[i];

        if (p.latitude < box.low.latitude)
            box.low.latitude = p.latitude;
        if (p.longitude < box.low.longitude)
            box.low.longitude = p.longitude;
        if (p.latitude > box.high.latitude)
            box.high.latitude = p.latitude;
        if (p.longitude > box.high.longitude)
            box.high.longitude = p.longitude;
    }
    return box;
}

static bool boxes_meet(const struct box *a, const struct box *b)
{
    return a->low.latitude <= b->high.latitude &&
           b->low.latitude <= a->high.latitude &&
           a->low.longitude <= b->high.longitude &&
           b->low.longitude <= a->high.longitude;
}

struct state_ring {
    struct str state;
    struct cap_ring ring;
    struct box box;
};

struct borders {
    struct state_ring *ring;
    size_t count, room;
};

static void read_borders(struct task *task, struct borders *borders)
{
    const struct catalog_table *table = table_of(task, "admin1_shape");

    borders->room = table ? table->rows * 16 : 0;
    borders->ring =
        ARENA_ARRAY(task->arena, struct state_ring, borders->room + 1);
    for (size_t i = 0; borders->ring && table && i < table->rows; i++) {
        struct str rest = catalog_cell(table, i, "shape"), part, arg;

        while (borders->count < borders->room && str_cut(&rest, '|', &part)) {
            struct state_ring *one = &borders->ring[borders->count];

            cap_polygon(task->arena, part, &one->ring, &arg);
            if (one->ring.count < 3)
                continue;
            one->state = catalog_cell(table, i, "name");
            one->box = box_of(&one->ring);
            borders->count++;
        }
    }
}

static struct str met_by(struct task *task, const struct borders *borders,
                         const struct cap_ring *ring, struct str codes)
{
    struct box box;

    if (ring->count < 3)
        return codes;
    box = box_of(ring);
    for (size_t i = 0; i < borders->count; i++)
        if (boxes_meet(&box, &borders->ring[i].box) &&
            !words_have(codes, borders->ring[i].state) &&
            cap_rings_meet(ring, &borders->ring[i].ring))
            codes = words_union(task->arena, codes, borders->ring[i].state);
    return codes;
}

static struct str shapes_of(struct task *task, struct borders *borders,
                            const struct value *area, struct str codes)
{
    const struct value *polygons = value_get(area, "polygon");
    const struct value *circles = value_get(area, "circle");
    struct cap_point centre;
    struct cap_ring ring;
    struct str arg;
    double radius;

    if (!borders->ring)
        read_borders(task, borders);
    for (size_t i = 0; i < value_count(polygons); i++)
        if (!cap_polygon(task->arena, value_text(value_at(polygons, i)), &ring,
                         &arg))
            codes = met_by(task, borders, &ring, codes);
    for (size_t i = 0; i < value_count(circles); i++)
        if (!cap_circle(value_text(value_at(circles, i)), &centre, &radius)) {
            ring = cap_circle_ring(task->arena, centre, radius);
            codes = met_by(task, borders, &ring, codes);
        }
    return codes;
}

/* --- all of it ------------------------------------------------------------ */

struct str alert_areas(struct task *task, const struct value *cap)
{
    const struct value *infos = value_get(cap, "info");
    struct borders borders = {0};
    struct str codes = STR("");
    bool any = false;

    for (size_t i = 0; i < value_count(infos); i++) {
        const struct value *areas = value_get(value_at(infos, i), "area");

        for (size_t j = 0; j < value_count(areas); j++) {
            const struct value *area = value_at(areas, j);
            struct str named = geocodes_of(task, area);

            any = true;
            codes = named.size ? words_union(task->arena, codes, named)
                               : shapes_of(task, &borders, area, codes);
            if (words_count(codes) > ALERT_AREAS_MAX)
                return codes;
        }
    }
    return any ? codes : STR("*");
}
