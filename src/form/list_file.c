/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* list_file.c - files of choices as rows, and rows as files of choices. */
#include "form/list_file.h"

#include "core/buf.h"
#include "core/csv.h"
#include "form/names.h"

enum { LIST_ROWS_MAX = 100000, LIST_COLUMNS_MAX = 200, GEOMETRY_POINTS = 5000 };

enum list_format { LIST_OTHER, LIST_CSV, LIST_XML, LIST_GEOJSON };

static enum list_format format_of(struct str name)
{
    static const struct {
        struct str ending;
        enum list_format format;
    } known[] = {{{".csv", 4}, LIST_CSV},
                 {{".xml", 4}, LIST_XML},
                 {{".geojson", 8}, LIST_GEOJSON}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t size = known[i].ending.size;

        if (name.size > size &&
            str_equal_nocase(str_slice(name, name.size - size, name.size),
                             known[i].ending))
            return known[i].format;
    }
    return LIST_OTHER;
}

bool list_file_is(struct str name)
{
    return format_of(name) != LIST_OTHER;
}

/* --- reading -------------------------------------------------------------- */

/* A table while its columns are still being found. */
struct list_rows {
    struct arena *arena;
    struct table *table;
    struct names *names;
    struct str column[LIST_COLUMNS_MAX], cell[LIST_COLUMNS_MAX];
    size_t columns;
    bool full;
};

static void list_put(struct list_rows *rows, struct str column, struct str text)
{
    size_t at = names_find(rows->names, 0, column);

    if (at == SIZE_MAX) {
        if (rows->columns == LIST_COLUMNS_MAX) {
            rows->full = true;
            return;
        }
        at = rows->columns++;
        names_add(rows->names, 0, column, at);
        rows->column[at] = column;
    }
    rows->cell[at] = text;
}

static void list_row_end(struct list_rows *rows)
{
    if (rows->table->rows >= LIST_ROWS_MAX)
        rows->full = true;
    else
        table_add(rows->arena, rows->table, rows->table->rows + 1, rows->cell,
                  rows->columns);
    memset(rows->cell, 0, rows->columns * sizeof *rows->cell);
}

static enum error csv_list(struct arena *arena, struct str bytes,
                           struct table *table, struct err *err)
{
    struct str text = csv_decode(arena, bytes, NULL);
    struct err wrong = {0};
    struct csv_row row;
    struct csv csv;

    csv_init(&csv, text, csv_guess_separator(text));
    while (table->rows <= LIST_ROWS_MAX && csv_next(&csv, arena, &row, &wrong))
        table_add(arena, table, table->rows + 1, row.cell, row.count);
    if (wrong.code)
        *err = wrong;
    return wrong.code;
}

/* A position of GeoJSON, longitude first, as ODK writes it. */
static void put_position(struct buf *out, const struct value *position)
{
    if (value_count(position) < 2)
        return;
    if (out->size)
        buf_puts(out, "; ");
    buf_put_double(out, value_to_double(value_at(position, 1), 0));
    buf_putc(out, ' ');
    buf_put_double(out, value_to_double(value_at(position, 0), 0));
    buf_puts(out, " 0 0");
}

static struct str geometry_text(struct arena *arena,
                                const struct value *geometry)
{
    struct str type = value_text_of(geometry, "type");
    const struct value *at = value_get(geometry, "coordinates");
    struct buf out;

    buf_init(&out, arena);
    if (str_equal_c(type, "Point")) {
        put_position(&out, at);
        return buf_str(&out);
    }
    if (str_equal_c(type, "Polygon"))
        at = value_at(at, 0); /* the outer ring */
    else if (!str_equal_c(type, "LineString"))
        return STR("");
    for (size_t i = 0; i < value_count(at) && i < GEOMETRY_POINTS; i++)
        put_position(&out, value_at(at, i));
    return buf_str(&out);
}

static enum error geojson_list(struct arena *arena, struct str bytes,
                               struct list_rows *rows, struct err *err)
{
    const struct value *file = NULL, *features;
    enum error error = value_parse(arena, bytes, &file, err);

    if (error)
        return error;
    features = value_get(file, "features");
    if (!str_equal_c(value_text_of(file, "type"), "FeatureCollection") ||
        value_type(features) != VALUE_LIST)
        return err_set(err, ERROR_INPUT,
                       N_("No es un archivo GeoJSON con una lista de lugares "
                          "(FeatureCollection)."),
                       NULL, NULL, NULL);
    for (size_t i = 0; i < value_count(features); i++) {
        const struct value *feature = value_at(features, i);
        const struct value *id = value_get(feature, "id");
        const struct value *property = value_get(feature, "properties");

        list_put(rows, STR("id"), id ? value_as_text(id, arena) : STR(""));
        for (size_t k = 0; k < value_count(property); k++)
            list_put(rows, value_name_at(property, k),
                     value_as_text(value_at(property, k), arena));
        list_put(rows, STR("geometry"),
                 geometry_text(arena, value_get(feature, "geometry")));
        list_row_end(rows);
    }
    return ERROR_NONE;
}

static enum error xml_list(const struct host *host, struct arena *arena,
                           struct str bytes, struct table *table,
                           struct err *err)
{
    struct tables tables = {0};
    enum error error;

    if (!host->read_tables)
        return err_set(err, ERROR_INPUT,
                       N_("Aquí solo se leen listas .csv o .geojson."), NULL,
                       NULL, NULL);
    error = host->read_tables(host->context, arena, bytes, &tables, err);
    if (!error && tables.count) {
        table->row = tables.table[0].row;
        table->rows = tables.table[0].rows;
    }
    return error;
}

static enum error list_check(const struct list_rows *rows, struct err *err)
{
    const struct table *table = rows->table;
    char most[24];

    if (arena_failed(rows->arena))
        return err_memory(err);
    snprintf(most, sizeof most, "%d", LIST_ROWS_MAX);
    if (rows->full || table->rows > LIST_ROWS_MAX + 1)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("La lista {2} tiene más de {1} filas, o demasiadas "
                          "columnas. Divídala."),
                       most, str_c(rows->arena, table->name), NULL);
    if (table->rows < 2)
        return err_set(err, ERROR_INPUT,
                       N_("La lista {1} está vacía: necesita una fila de "
                          "títulos, con name y label, y una fila por opción."),
                       str_c(rows->arena, table->name), NULL, NULL);
    return ERROR_NONE;
}

enum error list_file_read(const struct host *host, struct arena *arena,
                          struct str name, struct str bytes,
                          struct tables *tables, struct err *err)
{
    struct list_rows *rows = ARENA_NEW(arena, struct list_rows);
    enum error error;

    if (!rows)
        return err_memory(err);
    rows->arena = arena;
    rows->names = names_new(arena, LIST_COLUMNS_MAX);
    rows->table = tables_add(arena, tables, str_copy(arena, name));
    if (!rows->names || !rows->table)
        return err_memory(err);
    switch (format_of(name)) {
    case LIST_CSV:
        error = csv_list(arena, bytes, rows->table, err);
        break;
    case LIST_XML:
        error = xml_list(host, arena, bytes, rows->table, err);
        break;
    case LIST_GEOJSON:
        error = geojson_list(arena, bytes, rows, err);
        table_head(arena, rows->table, rows->column, rows->columns);
        break;
    default:
        error = err_set(err, ERROR_INPUT,
                        N_("«{1}» no es una lista: se esperan archivos .csv, "
                           ".xml o .geojson."),
                        str_c(arena, name), NULL, NULL);
    }
    return error ? error : list_check(rows, err);
}

/* --- beside a form -------------------------------------------------------- */

/* The line of a list's sheet that begins at or after `at`; SIZE_MAX: none. Rows
 * begin with the separator, and a quote inside a cell is written twice. */
static size_t next_list(struct str text, size_t at)
{
    for (; at + 1 < text.size; at++)
        if (text.at[at] == '"' && text.at[at + 1] != '"' &&
            (at == 0 || text.at[at - 1] == '\n'))
            return at;
    return SIZE_MAX;
}

/* Without the sheet that a file of this name left before. */
static struct str list_cut(struct arena *arena, struct str text,
                           struct str name)
{
    struct str line = str_format(arena, "\"%.*s\"\n", STR_ARGS(name));

    for (size_t at = next_list(text, 0); at < SIZE_MAX;
         at = next_list(text, at + 1)) {
        size_t end;

        if (!str_starts(str_slice(text, at, text.size), line))
            continue;
        end = next_list(text, at + 1);
        return str_join(arena, str_slice(text, 0, at),
                        str_slice(text, end, text.size));
    }
    return text;
}

struct str list_files_join(struct arena *arena, struct str text,
                           const struct tables *lists)
{
    char separator = csv_guess_separator(text);
    struct buf out;

    for (size_t i = 0; i < lists->count; i++)
        text = list_cut(arena, text, lists->table[i].name);
    buf_init(&out, arena);
    buf_put(&out, text);
    if (!str_ends(text, STR("\n")))
        buf_putc(&out, '\n');
    for (size_t i = 0; i < lists->count; i++) {
        const struct table *table = &lists->table[i];

        buf_put_cell(&out, table->name, true);
        buf_putc(&out, '\n');
        for (size_t k = 0; k < table->rows; k++) {
            for (size_t at = 0; at < table->row[k].count; at++) {
                buf_putc(&out, separator);
                buf_put_cell(&out, table->row[k].cell[at], true);
            }
            buf_putc(&out, '\n');
        }
    }
    return buf_str(&out);
}

/* --- writing -------------------------------------------------------------- */

static struct str cell_at(const struct table_row *row, size_t column)
{
    return column < row->count ? row->cell[column] : STR("");
}

static void write_csv(struct buf *out, const struct table *table)
{
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t k = 0; k < table->row[0].count; k++) {
            if (k)
                buf_putc(out, ',');
            buf_put_cell(out, cell_at(&table->row[i], k), false);
        }
        buf_putc(out, '\n');
    }
}

static void put_tag(struct buf *out, const char *open, struct str name)
{
    buf_puts(out, open);
    buf_put(out, name);
    buf_putc(out, '>');
}

static void write_xml(struct buf *out, const struct table *table)
{
    const struct table_row *head = &table->row[0];

    buf_puts(out, "<?xml version=\"1.0\"?>\n<root>\n");
    for (size_t i = 1; i < table->rows; i++) {
        buf_puts(out, "<item>");
        for (size_t k = 0; k < head->count; k++) {
            put_tag(out, "<", head->cell[k]);
            buf_put_html(out, cell_at(&table->row[i], k));
            put_tag(out, "</", head->cell[k]);
        }
        buf_puts(out, "</item>\n");
    }
    buf_puts(out, "</root>\n");
}

/* "lat lon alt acc; …" as [[lon, lat], …]; how many there were. */
static size_t put_coordinates(struct buf *out, struct str text)
{
    struct str position;
    size_t count = 0;

    while (str_cut(&text, ';', &position)) {
        struct str latitude, longitude = STR_NULL;

        position = str_trim(position);
        str_cut(&position, ' ', &latitude);
        if (!str_cut(&position, ' ', &longitude))
            continue;
        buf_printf(out, "%s[%.*s,%.*s]", count++ ? "," : "",
                   STR_ARGS(longitude), STR_ARGS(latitude));
    }
    return count;
}

static void put_geometry(struct buf *out, struct arena *arena, struct str text)
{
    struct buf at;
    size_t count, half;
    bool closed;

    buf_init(&at, arena);
    count = put_coordinates(&at, text);
    half = str_find_char(buf_str(&at), ']');
    closed = count > 3 && half < SIZE_MAX &&
             str_ends(buf_str(&at), str_slice(buf_str(&at), 0, half + 1));
    if (count == 0)
        buf_puts(out, "null");
    else if (count == 1)
        buf_printf(out, "{\"type\":\"Point\",\"coordinates\":%.*s}",
                   STR_ARGS(buf_str(&at)));
    else
        buf_printf(out, "{\"type\":\"%s\",\"coordinates\":%s%.*s%s}",
                   closed ? "Polygon" : "LineString", closed ? "[[" : "[",
                   STR_ARGS(buf_str(&at)), closed ? "]]" : "]");
}

static void write_geojson(struct buf *out, const struct table *table)
{
    const struct table_row *head = &table->row[0];

    buf_puts(out, "{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (size_t i = 1; i < table->rows; i++) {
        struct str geometry = STR("");

        buf_puts(out, i > 1 ? ",\n" : "");
        buf_puts(out, "{\"type\":\"Feature\",\"properties\":{");
        for (size_t k = 0, put = 0; k < head->count; k++) {
            if (str_equal_c(head->cell[k], "geometry")) {
                geometry = cell_at(&table->row[i], k);
                continue;
            }
            buf_puts(out, put++ ? "," : "");
            buf_put_json(out, head->cell[k]);
            buf_putc(out, ':');
            buf_put_json(out, cell_at(&table->row[i], k));
        }
        buf_puts(out, "},\"geometry\":");
        put_geometry(out, out->arena, geometry);
        buf_putc(out, '}');
    }
    buf_puts(out, "\n]}\n");
}

struct str list_file_write(struct arena *arena, const struct table *table)
{
    struct buf out;

    buf_init(&out, arena);
    if (!table->rows)
        return STR("");
    switch (format_of(table->name)) {
    case LIST_XML:
        write_xml(&out, table);
        break;
    case LIST_GEOJSON:
        write_geojson(&out, table);
        break;
    default:
        write_csv(&out, table);
    }
    return arena_failed(arena) ? STR_NULL : buf_str(&out);
}
