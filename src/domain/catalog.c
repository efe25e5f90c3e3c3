/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* catalog.c - reads every table that catalog/INDEX names, indexes the first
 * column, and turns roles and holidays into their own shapes. Knows no table
 * but these two.
 */
#include "domain/catalog.h"

#include "core/csv.h"
#include "core/date.h"
#include "domain/access/role_table.h"

/* A table while it grows. */
struct table_reader {
    struct catalog_table *table;
    struct str *cell; /* the table's */
    size_t *line;
    size_t room; /* rows that fit */
};

struct country_days {
    struct str country;
    int64_t *day;
    size_t count;
};

struct catalog {
    struct catalog_table *table; /* sorted by name */
    size_t tables;
    struct role_tables rights;
    struct country_days *holidays;
    size_t countries;
};

static void make_index(struct arena *arena, struct catalog_table *table)
{
    size_t slots = 8, *slot;

    while (slots < table->rows * 2)
        slots *= 2;
    slot = ARENA_ARRAY(arena, size_t, slots);
    for (size_t row = 0; slot && row < table->rows; row++) {
        size_t at = str_hash(table->cell[row * table->columns]) & (slots - 1);

        while (slot[at])
            at = (at + 1) & (slots - 1);
        slot[at] = row + 1;
    }
    table->slot = slot;
    table->slots = slot ? slots : 0;
}

static bool row_is(const struct catalog_table *table, size_t row,
                   struct str key)
{
    return str_equal(table->cell[row * table->columns], key);
}

size_t catalog_find(const struct catalog_table *table, struct str key)
{
    size_t at;

    if (!table || !table->columns)
        return SIZE_MAX;
    if (!table->slot) { /* made by hand */
        for (at = 0; at < table->rows; at++)
            if (row_is(table, at, key))
                return at;
        return SIZE_MAX;
    }
    at = str_hash(key) & (table->slots - 1);
    for (; table->slot[at]; at = (at + 1) & (table->slots - 1))
        if (row_is(table, table->slot[at] - 1, key))
            return table->slot[at] - 1;
    return SIZE_MAX;
}

static int compare_tables(const void *a, const void *b)
{
    const struct catalog_table *left = a, *right = b;

    return str_compare(left->name, right->name);
}

const struct catalog_table *catalog_table(const struct catalog *catalog,
                                          const char *name)
{
    const struct catalog_table wanted = {.name = str_of(name)};

    return catalog && catalog->tables
               ? bsearch(&wanted, catalog->table, catalog->tables,
                         sizeof *catalog->table, compare_tables)
               : NULL;
}

size_t catalog_column(const struct catalog_table *table, const char *column)
{
    for (size_t i = 0; table && i < table->columns; i++)
        if (str_equal_c(table->column[i], column))
            return i;
    return SIZE_MAX;
}

static struct str cell_at(const struct catalog_table *table, size_t row,
                          size_t column)
{
    if (!table || row >= table->rows || column >= table->columns)
        return STR_NULL;
    return table->cell[row * table->columns + column];
}

struct str catalog_cell(const struct catalog_table *table, size_t row,
                        const char *column)
{
    return cell_at(table, row, catalog_column(table, column));
}

/* label::Español (es) is column "label" in language "es". */
static bool is_translation(struct str header, const char *column,
                           struct str language)
{
    struct str name = str_of(column);
    size_t open;

    if (!str_starts(header, name) || header.size < name.size + 2 ||
        header.at[name.size] != ':' || header.at[name.size + 1] != ':')
        return false;
    open = header.size;
    while (open && header.at[open - 1] != '(')
        open--;
    return open && header.at[header.size - 1] == ')' &&
           str_equal_nocase(str_slice(header, open, header.size - 1), language);
}

static struct str label_in(const struct catalog_table *table, size_t row,
                           const char *column, struct str language)
{
    for (size_t i = 0; i < table->columns; i++)
        if (is_translation(table->column[i], column, language))
            return cell_at(table, row, i);
    return STR_NULL;
}

struct str catalog_label(const struct catalog_table *table, size_t row,
                         const char *column, struct str language)
{
    size_t dash = str_find_char(language, '-');
    struct str text;

    if (!table || row >= table->rows)
        return STR_NULL;
    text = label_in(table, row, column, language);
    if (!text.size && dash != SIZE_MAX)
        text = label_in(table, row, column, str_slice(language, 0, dash));
    if (!text.size)
        text = label_in(table, row, column, STR("es"));
    if (!text.size)
        text = catalog_cell(table, row, column);
    return text;
}

struct str catalog_name(const struct catalog *catalog, const char *name,
                        struct str key, struct str language)
{
    const struct catalog_table *table = catalog_table(catalog, name);
    struct str text = STR_NULL;

    if (table)
        text =
            catalog_label(table, catalog_find(table, key), "label", language);
    return text.size ? text : key;
}

static enum error wrong_row(const struct csv *csv, struct str name,
                            struct err *err)
{
    char file[96], line[24];

    snprintf(file, sizeof(file), "catalog/%.*s.csv", STR_ARGS(name));
    snprintf(line, sizeof(line), "%zu", csv->line);
    return err_set(err, ERROR_INPUT,
                   N_("En {1}, línea {2}: la fila tiene más celdas que el "
                      "encabezado."),
                   file, line, NULL);
}

static bool is_blank_row(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (str_trim(row->cell[i]).size)
            return false;
    return true;
}

/* Appends a row to cells that grow; short rows are filled with nothing. */
static bool add_row(struct arena *arena, struct table_reader *reader,
                    const struct csv_row *row)
{
    struct catalog_table *table = reader->table;
    struct str *cell;

    if (table->rows == reader->room) {
        size_t more = reader->room ? reader->room * 2 : 32;
        size_t width = table->columns * sizeof(*cell);

        cell =
            arena_grow(arena, reader->cell, reader->room * width, more * width);
        reader->line =
            arena_grow(arena, reader->line, reader->room * sizeof(size_t),
                       more * sizeof(size_t));
        if (!cell || !reader->line)
            return false;
        reader->room = more;
        table->cell = reader->cell = cell;
        table->line = reader->line;
    }
    reader->line[table->rows] = row->line;
    cell = reader->cell + table->rows * table->columns;
    for (size_t i = 0; i < table->columns; i++)
        cell[i] = i < row->count ? str_trim(row->cell[i]) : STR_NULL;
    table->rows++;
    return true;
}

static void take_header(struct catalog_table *table, struct csv_row row)
{
    for (size_t i = 0; i < row.count; i++)
        row.cell[i] = str_trim(row.cell[i]);
    table->column = row.cell;
    table->columns = row.count;
}

/* A comma; a spreadsheet program set to Spanish may have written another. */
static char separator_of(struct str text)
{
    struct str head = str_slice(text, 0, str_find_char(text, '\n'));

    return str_find_char(head, ',') < head.size ? ','
                                                : csv_guess_separator(text);
}

enum error catalog_read(struct arena *arena, struct str name, struct str text,
                        struct catalog_table *table, struct err *err)
{
    struct table_reader reader = {.table = table};
    struct err wrong = {0};
    struct csv csv;
    struct csv_row row;

    table->name = name;
    text = csv_decode(arena, text, NULL);
    csv_init(&csv, text, separator_of(text));
    while (csv_next(&csv, arena, &row, &wrong)) {
        if (is_blank_row(&row))
            continue;
        if (!table->column)
            take_header(table, row);
        else if (row.count > table->columns)
            return wrong_row(&csv, name, err);
        else if (!add_row(arena, &reader, &row))
            return err_memory(err);
    }
    if (wrong.code) {
        *err = wrong;
        return wrong.code;
    }
    make_index(arena, table);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* Who may do what, whose alerts are asked for, how long an entry holds, whom to
 * call and what sending money costs is the site's own to say: a table of its
 * folder stands in for the shipped one. */
static bool is_sites_own(struct str file)
{
    static const char *const own[] = {"role.csv",       "compartment.csv",
                                      "purpose.csv",    "alert_feed.csv",
                                      "upkeep.csv",     "emergency_number.csv",
                                      "remittance.csv", NULL};

    for (const char *const *at = own; *at; at++)
        if (str_equal_c(file, *at))
            return true;
    return false;
}

static struct str table_text(struct arena *arena,
                             const struct form_files *files, struct str file)
{
    struct str text = STR_NULL;

    if (is_sites_own(file))
        text = files->file(files->context, str_join(arena, STR("site/"), file));
    return str_is_null(text)
               ? files->file(files->context,
                             str_join(arena, STR("catalog/"), file))
               : text;
}

/* Which files there are: "catalog/INDEX", one name per line. */
static enum error read_tables(struct arena *arena,
                              const struct form_files *files,
                              struct catalog *catalog, struct err *err)
{
    struct str rest = files->file(files->context, STR("catalog/INDEX"));
    struct str all = rest, line;
    size_t count = 0;

    if (!rest.size)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Falta el archivo {1}. Vuelva a instalar Cobijo."),
                       "catalog/INDEX", NULL, NULL);
    while (str_cut(&all, '\n', &line))
        count++;
    catalog->table = ARENA_ARRAY(arena, struct catalog_table, count);
    if (!catalog->table)
        return err_memory(err);
    while (str_cut(&rest, '\n', &line)) {
        struct str file = str_trim(line), text;
        enum error error;

        if (str_starts(file, STR("catalog/")))
            file = str_slice(file, 8, file.size);
        if (!str_ends(file, STR(".csv")))
            continue;
        text = table_text(arena, files, file);
        if (str_is_null(text))
            return err_set(err, ERROR_NOT_FOUND,
                           N_("Falta el archivo {1}. Vuelva a instalar "
                              "Cobijo."),
                           str_c(arena, str_join(arena, STR("catalog/"), file)),
                           NULL, NULL);
        error = catalog_read(arena,
                             str_copy(arena, str_slice(file, 0, file.size - 4)),
                             text, &catalog->table[catalog->tables], err);
        if (error)
            return error;
        catalog->tables++;
    }
    if (catalog->tables)
        qsort(catalog->table, catalog->tables, sizeof *catalog->table,
              compare_tables);
    return ERROR_NONE;
}

const struct role *catalog_role(const struct catalog *catalog, struct str name)
{
    const struct role *role = catalog ? catalog->rights.role : NULL;

    for (size_t i = 0; role && i < catalog->rights.roles; i++)
        if (str_equal(role[i * ROLE_VARIANTS].name, name))
            return &role[i * ROLE_VARIANTS];
    return NULL;
}

const struct role_tables *catalog_role_tables(const struct catalog *catalog)
{
    return &catalog->rights;
}

static struct country_days *days_of(struct catalog *catalog, struct str country)
{
    for (size_t i = 0; i < catalog->countries; i++)
        if (str_equal(catalog->holidays[i].country, country))
            return &catalog->holidays[i];
    catalog->holidays[catalog->countries].country = country;
    return &catalog->holidays[catalog->countries++];
}

/* Keeps the days sorted and each once; tables are small. */
static void add_day(struct country_days *days, int64_t day)
{
    size_t at = days->count;

    while (at && days->day[at - 1] >= day)
        at--;
    if (at < days->count && days->day[at] == day)
        return;
    memmove(days->day + at + 1, days->day + at,
            (days->count - at) * sizeof(day));
    days->day[at] = day;
    days->count++;
}

static enum error read_holidays(struct arena *arena, struct catalog *catalog,
                                struct err *err)
{
    const struct catalog_table *table = catalog_table(catalog, "holiday");

    if (!table)
        return ERROR_NONE; /* then every weekday works */
    catalog->holidays = ARENA_ARRAY(arena, struct country_days, table->rows);
    for (size_t i = 0; catalog->holidays && i < table->rows; i++) {
        struct str text = catalog_cell(table, i, "date");
        struct country_days *days =
            days_of(catalog, catalog_cell(table, i, "country"));
        struct date date;

        if (!date_parse_whole(text, &date))
            return err_set(err, ERROR_INPUT,
                           N_("En {1} hay una fecha que no se entiende: {2}. "
                              "Escríbala como 2026-12-25."),
                           "catalog/holiday.csv", str_c(arena, text), NULL);
        if (!days->day)
            days->day = ARENA_ARRAY(arena, int64_t, table->rows);
        if (days->day)
            add_day(days, date_to_day(date));
    }
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

size_t catalog_holidays(const struct catalog *catalog, struct str country,
                        const int64_t **day)
{
    for (size_t i = 0; catalog && i < catalog->countries; i++)
        if (str_equal(catalog->holidays[i].country, country)) {
            *day = catalog->holidays[i].day;
            return catalog->holidays[i].count;
        }
    *day = NULL;
    return 0;
}

enum error catalog_load(struct arena *arena, const struct form_files *files,
                        struct catalog **catalog, struct err *err)
{
    struct catalog *read = ARENA_NEW(arena, struct catalog);
    enum error error = read ? ERROR_NONE : err_memory(err);

    if (!error)
        error = read_tables(arena, files, read, err);
    if (!error)
        error = role_tables_read(arena, read, &read->rights, err);
    if (!error)
        error = read_holidays(arena, read, err);
    if (!error)
        *catalog = read;
    return error;
}
