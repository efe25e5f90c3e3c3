/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_tables.c - HSDS as tables: rows are joined to the nested objects that
 * import_hsds.c reads.
 */
#include <stdlib.h>

#include "core/csv.h"
#include "domain/directory/hsds_tables.h"
#include "domain/directory/import_private.h"

enum { TABLES_MOST = 24, NESTS_MOST = 96, NEST_DEPTH = 6 };

/* Rows of a table in order of one of their columns. */
struct row_of {
    struct str key;
    size_t number;
    const struct value *row;
};

struct ordered {
    struct row_of *at;
    size_t count;
    bool made;
};

struct joining {
    struct arena *arena;
    const struct value *table[TABLES_MOST]; /* as hsds_table; NULL: none */
    struct ordered by_id[TABLES_MOST], by_key[NESTS_MOST];
};

bool is_hsds_tables(const struct value *json)
{
    for (size_t i = 0; i < value_count(json); i++)
        if (value_type(json) == VALUE_OBJECT &&
            value_type(value_at(json, i)) == VALUE_LIST &&
            hsds_table_find(value_name_at(json, i)))
            return !value_get(json, "id");
    return false;
}

static int compare(const void *a, const void *b)
{
    const struct row_of *one = a, *two = b;
    int order = str_compare(one->key, two->key);

    return order ? order
                 : (one->number > two->number) - (one->number < two->number);
}

static void make_order(struct joining *joining, struct ordered *ordered,
                       const struct value *table, const char *column)
{
    ordered->made = true;
    ordered->at =
        ARENA_ARRAY(joining->arena, struct row_of, value_count(table) + 1);
    for (size_t i = 0; ordered->at && i < value_count(table); i++) {
        const struct value *row = value_at(table, i);
        struct str key = value_as_text(value_get(row, column), joining->arena);

        if (key.size)
            ordered->at[ordered->count++] = (struct row_of){key, i, row};
    }
    if (ordered->count)
        qsort(ordered->at, ordered->count, sizeof(*ordered->at), compare);
}

/* The first row with the key, or the count. */
static size_t lowest(const struct ordered *ordered, struct str key)
{
    size_t low = 0, high = ordered->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (str_compare(ordered->at[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t table_number(const char *name)
{
    size_t at = 0;

    while (at < hsds_tables && strcmp(hsds_table[at].name, name) != 0)
        at++;
    return at;
}

static struct value *whole(struct joining *joining, size_t table,
                           const struct value *row, int depth);

static void hang_one(struct joining *joining, struct value *object,
                     const struct hsds_nest *nest, size_t child, int depth)
{
    struct ordered *ordered = &joining->by_id[child];
    struct str key =
        value_as_text(value_get(object, nest->key), joining->arena);
    size_t at;

    if (!ordered->made)
        make_order(joining, ordered, joining->table[child], "id");
    at = lowest(ordered, key);
    if (key.size && at < ordered->count && str_equal(ordered->at[at].key, key))
        value_put(object, joining->arena, nest->member,
                  whole(joining, child, ordered->at[at].row, depth + 1));
}

static void hang_list(struct joining *joining, struct value *object,
                      size_t number, size_t child, int depth)
{
    const struct hsds_nest *nest = &hsds_nest[number];
    struct ordered *ordered = &joining->by_key[number];
    struct value *list = value_list(joining->arena);
    struct str id = value_as_text(value_get(object, "id"), joining->arena);

    if (!ordered->made)
        make_order(joining, ordered, joining->table[child], nest->key);
    for (size_t at = lowest(ordered, id);
         id.size && at < ordered->count && str_equal(ordered->at[at].key, id);
         at++)
        value_add(list, joining->arena,
                  whole(joining, child, ordered->at[at].row, depth + 1));
    if (value_count(list))
        value_put(object, joining->arena, nest->member, list);
}

static struct value *whole(struct joining *joining, size_t table,
                           const struct value *row, int depth)
{
    struct value *object = value_object(joining->arena);

    for (size_t i = 0; i < value_count(row); i++)
        if (value_type(value_at(row, i)) != VALUE_NULL)
            value_set(object, joining->arena, value_name_at(row, i),
                      value_at(row, i));
    for (size_t i = 0; depth < NEST_DEPTH && i < hsds_nests; i++) {
        const struct hsds_nest *nest = &hsds_nest[i];
        size_t child = table_number(nest->table);

        if (strcmp(nest->parent, hsds_table[table].name) != 0 ||
            !joining->table[child])
            continue;
        if (nest->one)
            hang_one(joining, object, nest, child, depth);
        else
            hang_list(joining, object, i, child, depth);
    }
    return object;
}

enum error import_hsds_tables(struct sink *sink, const struct value *tables)
{
    struct joining *joining = ARENA_NEW(sink->task->arena, struct joining);
    struct value *all = value_list(sink->task->arena);
    size_t service = table_number("service");
    size_t organization = table_number("organization");

    if (!joining)
        return err_memory(sink->err);
    joining->arena = sink->task->arena;
    for (size_t i = 0; i < value_count(tables); i++) {
        const struct hsds_table *table =
            hsds_table_find(value_name_at(tables, i));

        if (table && value_type(value_at(tables, i)) == VALUE_LIST)
            joining->table[table - hsds_table] = value_at(tables, i);
    }
    for (size_t i = 0; i < value_count(joining->table[organization]); i++)
        value_add(all, joining->arena,
                  whole(joining, organization,
                        value_at(joining->table[organization], i), 0));
    for (size_t i = 0; i < value_count(joining->table[service]); i++)
        value_add(
            all, joining->arena,
            whole(joining, service, value_at(joining->table[service], i), 0));
    return import_hsds_json(sink, all, STR("$"));
}

/* --- CSVs of a datapackage ------------------------------------------------ */

static bool is_number(struct str column)
{
    static const char *const number[] = {
        "latitude",  "longitude", "minimum_age", "maximum_age",
        "extension", "count",     "interval",    "year_incorporated",
        "timezone",  "amount",    NULL};

    for (const char *const *at = number; *at; at++)
        if (str_equal_c(column, *at))
            return true;
    return false;
}

static const struct value *cell_value(struct arena *arena, struct str column,
                                      struct str text)
{
    int64_t whole_number;
    double number;

    if (is_number(column) && str_to_int(text, &whole_number))
        return value_int(arena, whole_number);
    if (is_number(column) && str_to_double(text, &number))
        return value_number(arena, number);
    return value_string(arena, text);
}

static void read_table(struct sink *sink, const struct place_file *file,
                       struct value *list)
{
    struct arena *arena = sink->task->arena;
    struct str text = csv_decode(arena, file->bytes, NULL);
    struct csv_row head, row;
    struct err said = {0};
    struct csv csv;

    csv_init(&csv, text, csv_guess_separator(text));
    if (!csv_next(&csv, arena, &head, &said))
        return;
    while (csv_next(&csv, arena, &row, &said)) {
        struct value *object = value_object(arena);

        for (size_t i = 0; i < row.count && i < head.count; i++)
            if (row.cell[i].size)
                value_set(
                    object, arena, str_trim(head.cell[i]),
                    cell_value(arena, str_trim(head.cell[i]), row.cell[i]));
        value_add(list, arena, object);
    }
    if (said.code)
        sink_refuse(sink, file->name, &said);
}

enum error import_hsds_files(struct sink *sink, const struct place_file *file,
                             size_t files)
{
    struct value *tables = value_object(sink->task->arena);

    for (size_t i = 0; i < files; i++) {
        const struct hsds_table *table = hsds_table_find(file[i].name);
        struct value *list = value_list(sink->task->arena);

        if (!table)
            continue;
        read_table(sink, &file[i], list);
        value_put(tables, sink->task->arena, table->name, list);
    }
    if (!value_get(tables, "service"))
        return err_set(sink->err, ERROR_INPUT,
                       N_("No hay servicios: falta services.csv."), NULL, NULL,
                       NULL);
    return import_hsds_tables(sink, tables);
}
