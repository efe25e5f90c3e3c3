/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_map.c - headings to fields. Reads headings only, no cells. */
#include "domain/import/import_map.h"

#include "domain/import/import_read.h"

static const char *const own_field[] = {
    "full_name", "surnames", "birth_or_age", "arrived_on", "left_on",
    "head_ref",  NULL};

static bool field_exists(const struct form *form, struct str field)
{
    const struct question *question = form_find(form, field);

    for (size_t i = 0; own_field[i]; i++)
        if (str_equal_c(field, own_field[i]))
            return true;
    return question && !question->system && !question->repeat &&
           question_has_value(question);
}

const struct import_column *import_map_find(const struct import_map *map,
                                            const char *field)
{
    for (size_t i = 0; i < map->count; i++)
        if (str_equal_c(map->column[i].field, field))
            return &map->column[i];
    return NULL;
}

/* --- proposing ----------------------------------------------------------- */

static bool has_all_words(struct str words, struct str wanted)
{
    struct str rest = wanted, word;

    while (str_cut(&rest, ' ', &word)) {
        struct str all = words, one;
        bool found = false;

        while (!found && str_cut(&all, ' ', &one))
            found = str_equal(one, word);
        if (!found)
            return false;
    }
    return wanted.size > 0;
}

static int catalog_confidence(const struct catalog_table *table, size_t row)
{
    int64_t confidence = 80;

    str_to_int(catalog_cell(table, row, "confidence"), &confidence);
    return (int)confidence;
}

/* Patterns are written as cell_words gives them. The longest pattern whose
 * words all stand in the heading; equal is best. */
static void propose_column(struct arena *arena,
                           const struct catalog_table *table,
                           const struct form *form,
                           struct import_column *column)
{
    struct str words = cell_words(arena, column->heading);
    size_t longest = 0;

    for (size_t row = 0; table && row < table->rows; row++) {
        struct str pattern = catalog_cell(table, row, "heading");
        struct str field = catalog_cell(table, row, "field");
        int confidence = catalog_confidence(table, row);
        bool equal = str_equal(words, pattern);

        if (!equal && !has_all_words(words, pattern))
            continue;
        if (field.size && !field_exists(form, field))
            continue;
        if (!equal)
            confidence -= 15;
        if (!equal && pattern.size <= longest)
            continue;
        longest = equal ? SIZE_MAX : pattern.size;
        column->field = field;
        column->confidence = confidence;
    }
    if (!longest && field_exists(form, str_trim(column->heading))) {
        column->field = str_trim(column->heading);
        column->confidence = 100;
    }
}

/* "Nombre" alone is the whole name; beside surnames it is the given names. */
static void settle_names(struct import_map *map)
{
    bool surnames = import_map_find(map, "surnames") ||
                    import_map_find(map, "first_surname");

    for (size_t i = 0; i < map->count; i++) {
        struct import_column *column = &map->column[i];

        if (surnames && str_equal_c(column->field, "full_name"))
            column->field = STR("given_names");
        else if (!surnames && str_equal_c(column->field, "given_names") &&
                 !import_map_find(map, "full_name"))
            column->field = STR("full_name");
    }
}

/* Two columns for one field: the surer keeps it. Notes may be several. */
static void settle_doubles(struct import_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        for (size_t j = i + 1; j < map->count; j++) {
            struct import_column *a = &map->column[i], *b = &map->column[j];
            struct import_column *loser = a->confidence < b->confidence ? a : b;

            if (!a->field.size || !str_equal(a->field, b->field) ||
                str_equal_c(a->field, "notes"))
                continue;
            loser->field = STR("");
            loser->confidence = 0;
        }
    }
}

enum error
import_map_propose(struct arena *arena, const struct catalog *catalog,
                   const struct form *form, const struct csv_row *heading,
                   struct import_map *map, size_t *known, struct err *err)
{
    const struct catalog_table *table =
        catalog_table(catalog, "import_heading");

    *map = (struct import_map){0};
    *known = 0;
    map->column = ARENA_ARRAY(arena, struct import_column, heading->count + 1);
    if (!map->column)
        return err_memory(err);
    for (size_t i = 0; i < heading->count; i++) {
        struct import_column *column = &map->column[map->count];

        column->heading = str_trim(heading->cell[i]);
        column->index = i;
        column->field = STR("");
        if (!column->heading.size)
            continue;
        propose_column(arena, table, form, column);
        map->count++;
    }
    settle_names(map);
    settle_doubles(map);
    for (size_t i = 0; i < map->count; i++)
        *known += map->column[i].field.size > 0;
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* --- the map file -------------------------------------------------------- */

static struct str cell_of(const struct csv_row *row, size_t i)
{
    return i < row->count ? str_trim(row->cell[i]) : STR_NULL;
}

static enum error take_row(struct arena *arena, const struct form *form,
                           const struct csv_row *row, struct import_map *map,
                           struct err *err)
{
    struct str heading = cell_words(arena, cell_of(row, 0));
    struct str field = cell_of(row, 1);
    const char *line = str_format(arena, "%zu", row->line).at;

    if (!heading.size)
        return ERROR_NONE;
    if (field.size && !field_exists(form, field))
        return err_set(err, ERROR_INPUT,
                       N_("Correspondencia, línea {1}: no hay un campo "
                          "«{2}»."),
                       line, str_c(arena, field), NULL);
    for (size_t i = 0; i < map->count; i++) {
        struct import_column *column = &map->column[i];

        if (!str_equal(cell_words(arena, column->heading), heading))
            continue;
        column->field = str_copy(arena, field);
        column->values = str_copy(arena, cell_of(row, 2));
        column->confidence = 100;
        return ERROR_NONE;
    }
    return err_set(err, ERROR_INPUT,
                   N_("Correspondencia, línea {1}: el archivo no tiene una "
                      "columna «{2}»."),
                   line, str_c(arena, cell_of(row, 0)), NULL);
}

enum error import_map_read(struct arena *arena, const struct form *form,
                           struct str csv_text, struct import_map *map,
                           struct err *err)
{
    struct str text = csv_decode(arena, csv_text, NULL);
    struct csv csv;
    struct csv_row row;
    struct err own = {0};
    enum error error = ERROR_NONE;

    csv_init(&csv, text, csv_guess_separator(text));
    while (!error && csv_next(&csv, arena, &row, &own)) {
        if (str_equal_c(cell_of(&row, 0), "heading") &&
            str_equal_c(cell_of(&row, 1), "field"))
            continue;
        error = take_row(arena, form, &row, map, err);
    }
    if (!error && own.code)
        *err = own;
    return error ? error : own.code;
}

struct str import_map_write(struct arena *arena, const struct import_map *map)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "heading,field,values\n");
    for (size_t i = 0; i < map->count; i++) {
        buf_put_csv(&out, map->column[i].heading);
        buf_putc(&out, ',');
        buf_put_csv(&out, map->column[i].field);
        buf_putc(&out, ',');
        buf_put_csv(&out, map->column[i].values);
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

struct str import_map_value(struct arena *arena,
                            const struct import_column *column, struct str cell)
{
    struct str rest = column->values, pair, words;

    if (!column->values.size)
        return STR_NULL;
    words = cell_words(arena, cell);
    while (str_cut(&rest, ';', &pair)) {
        size_t equal = str_find_char(pair, '=');

        if (equal != SIZE_MAX &&
            str_equal(cell_words(arena, str_slice(pair, 0, equal)), words))
            return str_trim(str_slice(pair, equal + 1, pair.size));
    }
    return STR_NULL;
}
