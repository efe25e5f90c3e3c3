/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* table.c - sheets are built row by row, and written as CSV in which each row
 * stands on the line that the spreadsheet counts, so that a message names the
 * row that its author sees.
 */
#include "form/table.h"

#include "core/buf.h"
#include "form/list_file.h"

enum {
    HEADINGS_EMPTY_MAX = 20,
    ROWS_EMPTY_MAX = 60,
    FAULTS_SAID = 6,
    TABLE_PADDED_MAX = 8 << 20 /* cells */
};

/* --- building ------------------------------------------------------------- */

struct table *tables_add(struct arena *arena, struct tables *tables,
                         struct str name)
{
    struct table *room = tables->table;
    size_t count = tables->count;

    if ((count & (count - 1)) == 0)
        room = arena_grow(arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return NULL;
    tables->table = room;
    room += tables->count++;
    *room = (struct table){.name = name};
    return room;
}

bool table_add(struct arena *arena, struct table *table, size_t number,
               const struct str *cell, size_t count)
{
    struct table_row *room = table->row;
    size_t rows = table->rows;
    struct str *copy;

    while (count > 0 && cell[count - 1].size == 0)
        count--;
    if (count == 0)
        return true;
    if ((rows & (rows - 1)) == 0)
        room = arena_grow(arena, room, rows * sizeof *room,
                          (rows ? rows * 2 : 1) * sizeof *room);
    copy = room ? ARENA_ARRAY(arena, struct str, count) : NULL;
    if (!copy)
        return false;
    memcpy(copy, cell, count * sizeof *copy);
    table->row = room;
    room[table->rows++] =
        (struct table_row){.number = number, .cell = copy, .count = count};
    return true;
}

bool table_head(struct arena *arena, struct table *table,
                const struct str *cell, size_t count)
{
    size_t rows = table->rows;
    struct table_row head;

    if (!table_add(arena, table, 0, cell, count) || table->rows == rows)
        return false;
    head = table->row[rows];
    memmove(table->row + 1, table->row, rows * sizeof head);
    table->row[0] = head;
    for (size_t i = 0; i < table->rows; i++)
        table->row[i].number++;
    return true;
}

void table_fault_add(struct arena *arena, struct tables *tables,
                     const struct table_fault *fault)
{
    struct table_fault *room = tables->fault;
    size_t count = tables->faults;

    if (count >= TABLE_FAULTS_MAX &&
        room[count - TABLE_FAULTS_MAX].table == fault->table)
        return;
    if ((count & (count - 1)) == 0)
        room = arena_grow(arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    tables->fault = room;
    room[tables->faults++] = *fault;
}

/* The first row with at least that number. */
static size_t row_at_least(const struct table *table, size_t number)
{
    size_t low = 0, high = table->rows;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (table->row[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t table_merge(struct table *table, size_t first_row, size_t last_row,
                   size_t first_column, size_t last_column)
{
    size_t steps = 1;

    for (size_t i = row_at_least(table, first_row + 1);
         i < table->rows && table->row[i].number <= last_row + 1; i++) {
        struct table_row *row = &table->row[i];

        steps++;
        for (size_t k = first_column; k <= last_column && k < row->count; k++)
            if (steps++ && (row->number != first_row + 1 || k != first_column))
                row->cell[k] = STR("");
        while (row->count > 0 && row->cell[row->count - 1].size == 0)
            row->count--;
    }
    return steps;
}

struct str table_cell_name(struct arena *arena, size_t row, size_t column)
{
    char letters[16];
    size_t at = sizeof letters;

    column++;
    while (column > 0 && at > 0) {
        letters[--at] = (char)('A' + (column - 1) % 26);
        column = (column - 1) / 26;
    }
    return str_format(arena, "%.*s%zu", (int)(sizeof letters - at),
                      letters + at, row);
}

/* --- as CSV --------------------------------------------------------------- */

/* Cells before the first run of empty headings. */
static size_t heading_count(const struct table_row *row)
{
    size_t empty = 0;

    for (size_t i = 0; i < row->count; i++) {
        empty = str_trim(row->cell[i]).size > 0 ? 0 : empty + 1;
        if (empty == HEADINGS_EMPTY_MAX)
            return i + 1 - empty;
    }
    return row->count;
}

static bool is_form_sheet(struct str name)
{
    static const char *const known[] = {
        "survey", "choices", "settings", "external_choices", "osm", "entities"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal_nocase(str_trim(name), str_of(known[i])))
            return true;
    return list_file_is(str_trim(name)); /* a list that comes along */
}

static void put_form_sheet(struct buf *out, const struct table *table)
{
    size_t last = 0;
    size_t columns = table->rows ? heading_count(&table->row[0]) : 0;

    for (size_t i = 0; i < table->rows; i++) {
        const struct table_row *row = &table->row[i];

        if (row->number - last > ROWS_EMPTY_MAX)
            break;
        for (; last + 1 < row->number; last++)
            buf_putc(out, '\n');
        for (size_t k = 0; k < columns && k < row->count; k++) {
            buf_putc(out, ',');
            buf_put_cell(out, row->cell[k], false);
        }
        buf_putc(out, '\n');
        last = row->number;
    }
}

struct str tables_form(struct arena *arena, const struct tables *tables)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < tables->count; i++) {
        const struct table *table = &tables->table[i];
        bool alone = tables->count == 1; /* whatever it is called */
        bool known = alone || is_form_sheet(table->name);

        if (str_trim(table->name).size == 0 && !alone)
            continue;
        buf_put_cell(&out, alone ? STR("survey") : str_trim(table->name),
                     !known);
        buf_putc(&out, '\n');
        if (known)
            put_form_sheet(&out, table);
    }
    return buf_str(&out);
}

size_t tables_fullest(const struct tables *tables)
{
    size_t best = SIZE_MAX, most = 0;

    for (size_t i = 0; i < tables->count; i++) {
        size_t cells = 0;

        for (size_t k = 0; k < tables->table[i].rows; k++)
            cells += tables->table[i].row[k].count;
        if (tables->table[i].hidden || cells <= most)
            continue;
        most = cells;
        best = i;
    }
    return best;
}

/* A line break in a cell becomes a space: a row is a line, and the line's
 * number the row's. All rows are as wide as the widest, as spreadsheets save
 * them: a row that comes again, in whatever format, is the same text. Cells
 * with any separator in them are quoted, so only commas are guessed. */
struct str tables_sheet(struct arena *arena, const struct tables *tables,
                        size_t sheet)
{
    const struct table *table = &tables->table[sheet];
    struct buf out;
    size_t last = 0, width = 0;

    buf_init(&out, arena);
    for (size_t i = 0; i < table->rows; i++)
        if (table->row[i].count > width)
            width = table->row[i].count;
    if (width * table->rows > TABLE_PADDED_MAX)
        width = 0;
    for (size_t i = 0; i < table->rows; i++) {
        const struct table_row *row = &table->row[i];

        for (; last + 1 < row->number; last++)
            buf_putc(&out, '\n');
        for (size_t k = 0; k < width || k < row->count; k++) {
            size_t from = out.size;

            if (k > 0)
                buf_putc(&out, ',');
            if (k < row->count)
                buf_put_cell(&out, row->cell[k], false);
            for (; from < out.size; from++)
                if (out.at[from] == '\n' || out.at[from] == '\r')
                    out.at[from] = ' ';
        }
        buf_putc(&out, '\n');
        last = row->number;
    }
    return buf_str(&out);
}

/* --- what a file is ------------------------------------------------------- */

static bool is_markdown(struct str bytes)
{
    struct str line, rest = bytes;
    size_t seen = 0;

    /* pages of text may stand before the table, but no CSV begins so */
    while (seen < 2 && str_cut(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.size == 0)
            continue;
        if (line.at[0] != '|' || line.at[line.size - 1] != '|')
            return false;
        seen++;
    }
    return seen > 0;
}

enum table_format table_format(struct str bytes)
{
    static const struct str other[] = {
        {"%PDF", 4},         {"\x89PNG", 4},      {"\xff\xd8\xff", 3},
        {"Rar!", 4},         {"7z\xbc\xaf", 4},   {"\x1f\x8b", 2},
        {"\x09\x02\x06", 3}, {"\x09\x04\x06", 3}, {"\x09\x08", 2},
        {"{\\rtf", 5},
    };
    struct str start;

    if (str_starts(bytes, STR("PK\x03\x04")) ||
        str_starts(bytes, STR("PK\x05\x06")))
        return TABLE_ZIP;
    if (str_starts(bytes, STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
        return TABLE_OLE;
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (str_starts(bytes, other[i]))
            return TABLE_OTHER;
    if (str_starts(bytes, STR("\xef\xbb\xbf")))
        bytes = str_slice(bytes, 3, bytes.size);
    start = str_trim(str_slice(bytes, 0, 200));
    for (size_t i = 0; i + 1 < start.size && start.at[0] == '<'; i++) {
        char c = start.at[i + 1];

        if (c == '!' || c == '?' || c == 'h' || c == 'H' || c == 't')
            return TABLE_OTHER; /* a web page, or XML */
        break;
    }
    return is_markdown(bytes) ? TABLE_MARKDOWN : TABLE_CSV;
}

/* --- a file as text ------------------------------------------------------- */

static enum error read_workbook(const struct host *host, struct arena *arena,
                                struct str bytes, struct tables *tables,
                                struct err *err)
{
    enum table_format format = table_format(bytes);

    if (format == TABLE_OTHER)
        return err_set(err, ERROR_INPUT,
                       N_("No es una hoja de cálculo. Ábralo en el programa "
                          "con que lo hizo y guárdelo como .xlsx o .csv."),
                       NULL, NULL, NULL);
    if (!host->read_tables)
        return err_set(err, ERROR_INPUT,
                       N_("Aquí solo se leen archivos .csv: guarde la hoja de "
                          "cálculo como .csv."),
                       NULL, NULL, NULL);
    return host->read_tables(host->context, arena, bytes, tables, err);
}

/* What stands in another sheet, or below no heading, is not read. */
static bool in_form(const struct tables *tables,
                    const struct table_fault *fault)
{
    const struct table *table = &tables->table[fault->table];
    const struct table_row *head = table->row;

    if (tables->count > 1 && !is_form_sheet(table->name))
        return false;
    return table->rows == 0 || fault->row <= head->number ||
           (fault->column < head->count && head->cell[fault->column].size > 0);
}

/* Faults of a form, or of one sheet of a register, where an error is only a
 * cell that says nothing: "survey!B7, survey!C9", and what to do about it. */
static enum error say_faults(struct arena *arena, const struct tables *tables,
                             size_t sheet, struct err *err)
{
    const char *message =
        N_("Hay fórmulas sin valor calculado en {1}. Abra el archivo en su "
           "programa de hojas de cálculo, guárdelo y súbalo otra vez.");
    size_t said = 0;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < tables->faults && said < FAULTS_SAID; i++) {
        const struct table_fault *fault = &tables->fault[i];
        bool error = fault->error.size > 0;

        if (sheet == SIZE_MAX ? !in_form(tables, fault)
                              : fault->table != sheet || error)
            continue;
        if (error)
            message = N_("Hay fórmulas con error en {1}. Corríjalas o borre "
                         "esas celdas, y suba el archivo otra vez.");
        buf_puts(&out, said++ ? ", " : "");
        buf_put(&out, tables->table[fault->table].name);
        buf_putc(&out, '!');
        buf_put(&out, table_cell_name(arena, fault->row, fault->column));
        if (error)
            buf_printf(&out, " (%.*s)", STR_ARGS(fault->error));
    }
    return said ? err_set(err, ERROR_INPUT, message,
                          str_c(arena, buf_str(&out)), NULL, NULL)
                : ERROR_NONE;
}

enum error form_text(const struct host *host, struct arena *arena,
                     struct str bytes, struct str *text, struct err *err)
{
    enum table_format format = table_format(bytes);
    struct tables tables = {0};
    enum error error;

    if (format == TABLE_CSV) {
        *text = bytes;
        return ERROR_NONE;
    }
    error = format == TABLE_MARKDOWN
                ? markdown_read(arena, bytes, &tables, err)
                : read_workbook(host, arena, bytes, &tables, err);
    if (!error)
        error = say_faults(arena, &tables, SIZE_MAX, err);
    if (!error)
        *text = tables_form(arena, &tables);
    if (!error && arena_failed(arena))
        error = err_memory(err);
    return error;
}

enum error register_text(const struct host *host, struct arena *arena,
                         struct str bytes, struct str *text, struct str *sheet,
                         struct err *err)
{
    enum table_format format = table_format(bytes);
    struct tables tables = {0};
    size_t best, full = 0;
    enum error error;

    *sheet = STR("");
    if (format == TABLE_CSV) {
        *text = bytes;
        return ERROR_NONE;
    }
    error = format == TABLE_MARKDOWN
                ? markdown_read(arena, bytes, &tables, err)
                : read_workbook(host, arena, bytes, &tables, err);
    if (error)
        return error;
    best = tables_fullest(&tables);
    if (best == SIZE_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("El archivo no tiene ninguna hoja con datos."), NULL,
                       NULL, NULL);
    error = say_faults(arena, &tables, best, err);
    if (error)
        return error;
    for (size_t i = 0; i < tables.count; i++)
        full += tables.table[i].rows > 0 && !tables.table[i].hidden;
    if (full > 1)
        *sheet = tables.table[best].name;
    *text = tables_sheet(arena, &tables, best);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}
