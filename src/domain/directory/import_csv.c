/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_csv.c - a CSV with headings. A line that is broken is told, and the
 * next one is read. Rows go in by id, some hundred thousand at a time
 * (import_order.c says why).
 */
#include "domain/directory/import_private.h"

#include "core/csv.h"
#include "core/utf8.h"

enum {
    COLUMNS_MAX = 200,
    BROKEN_TOLD = 1000,   /* more are counted only */
    SEATS_MOST = 1 << 20, /* rows that are sorted together: 32 MB */
    CLEARED = 500         /* rows after which memory is given back */
};

struct reading {
    struct sink *sink;
    struct str text; /* all of it */
    struct csv csv;
    struct str field[COLUMNS_MAX];
    size_t columns;
    struct seat_list seats;
};

static bool read_headings(struct reading *reading, const struct csv_row *row)
{
    struct sink *sink = reading->sink;
    struct arena *arena = sink->task->arena;
    struct value *list = value_list(arena);
    bool name = false;

    reading->columns = row->count < COLUMNS_MAX ? row->count : COLUMNS_MAX;
    for (size_t i = 0; i < reading->columns; i++) {
        struct value *column = value_object(arena);
        const struct value *said = value_get_str(sink->map, row->cell[i]);

        reading->field[i] =
            said ? value_as_text(said, arena)
                 : heading_field(sink->task, arena, row->cell[i]);
        name = name || str_equal_c(reading->field[i], "name");
        value_put_str(column, arena, "heading", str_copy(arena, row->cell[i]));
        value_put_str(column, arena, "field", reading->field[i]);
        value_add(list, arena, column);
    }
    sink->import->columns = list;
    return name;
}

/* '+52 …: how an export keeps a spreadsheet from running a cell. */
static struct str unguarded(struct str text)
{
    if (text.size > 1 && text.at[0] == '\'' && strchr("=+-@", text.at[1]))
        return str_slice(text, 1, text.size);
    return text;
}

static void read_cells(const struct reading *reading,
                       const struct csv_row *cells, struct row *row)
{
    struct sink *sink = reading->sink;

    *row = (struct row){.sink = sink,
                        .where = sink_line(sink, cells->line),
                        .cells = value_object(sink->work.arena)};
    for (size_t i = 0; i < cells->count && i < reading->columns; i++) {
        struct str text = unguarded(str_trim(cells->cell[i]));
        struct str before =
            value_text(value_get_str(row->cells, reading->field[i]));

        if (reading->field[i].size && text.size && !before.size)
            value_set(row->cells, sink->work.arena, reading->field[i],
                      value_string(sink->work.arena, text));
    }
}

static bool is_damaged(const struct row *row)
{
    return utf8_invalid(row_cell(row, "name")) != SIZE_MAX;
}

static enum error take_row(const struct reading *reading,
                           const struct csv_row *cells)
{
    struct sink *sink = reading->sink;
    struct row row;

    read_cells(reading, cells, &row);
    if (is_damaged(&row)) {
        struct err said = {0};

        err_set(&said, ERROR_INPUT,
                N_("El texto tiene caracteres dañados; escríbalo otra vez."),
                NULL, NULL, NULL);
        sink_refuse(sink, row.where, &said);
        return ERROR_NONE;
    }
    return row_put(&row);
}

/* --- the first time ------------------------------------------------------- */

/* The row was torn: goes on with the line after its first one. */
static void skip_line(struct csv *csv, const struct csv *before)
{
    size_t end;

    *csv = *before;
    end = str_find_char(csv->rest, '\n');
    while (end == 0 && csv->rest.size) { /* empty lines above it */
        csv->rest = str_slice(csv->rest, 1, csv->rest.size);
        csv->next_line++;
        end = str_find_char(csv->rest, '\n');
    }
    csv->rest = end == SIZE_MAX ? STR_NULL
                                : str_slice(csv->rest, end + 1, csv->rest.size);
    csv->next_line++;
}

/* Did a quote swallow lines that were rows of their own? */
static bool is_torn(const struct reading *reading, const struct csv_row *row)
{
    return reading->csv.next_line > row->line + 1 &&
           (row->count != reading->columns || row->joined);
}

static void refuse_line(struct reading *reading, const struct csv *before,
                        struct err *said)
{
    struct sink *sink = reading->sink;

    if (!said->code)
        err_set(said, ERROR_INPUT,
                N_("Las comillas de este renglón no se cierran."), NULL, NULL,
                NULL);
    skip_line(&reading->csv, before);
    sink->line = reading->csv.next_line - 1;
    sink->quiet = sink->import->broken >= BROKEN_TOLD;
    sink_refuse(sink, sink_line(sink, sink->line), said);
    sink->import->refused += sink->quiet;
    sink->import->broken++;
    sink->quiet = false;
}

/* That there were more than were told one by one. */
static void tell_broken(struct sink *sink)
{
    struct place_import *import = sink->import;
    struct err said = {0};
    char number[24];

    if (import->broken <= BROKEN_TOLD || !import->tell)
        return;
    snprintf(number, sizeof(number), "%zu", import->broken - BROKEN_TOLD);
    err_set(&said, ERROR_INPUT, N_("{1} renglones rotos más no entran."),
            number, NULL, NULL);
    import->tell(import->context, STR("…"),
                 err_text(&said, sink->task->translator, sink->work.arena));
}

static void find_seat(struct reading *reading, const struct csv *before,
                      const struct csv_row *cells)
{
    struct sink *sink = reading->sink;
    struct str id = STR("");
    struct row row;

    read_cells(reading, cells, &row);
    if (!value_count(row.cells))
        return;
    sink->quiet = true;
    if (!is_damaged(&row))
        id = row_id(&row);
    sink->quiet = false;
    seat_add(&reading->seats, id, (size_t)(before->rest.at - reading->text.at),
             before->next_line);
}

/* Where the next rows begin, as many as are sorted together. */
static enum error find_seats(struct reading *reading)
{
    struct sink *sink = reading->sink;
    struct arena *arena = sink->work.arena;
    struct csv *csv = &reading->csv;
    size_t count = 0;
    enum error error = sink_flush(sink);

    reading->seats.count = 0;
    while (!error && csv->rest.size && reading->seats.count < SEATS_MOST) {
        struct csv before = *csv;
        struct csv_row row;
        struct err said = {0};
        bool read;

        if (++count % CLEARED == 0) {
            if (arena_failed(arena))
                break;
            arena_clear(arena);
        }
        read = csv_next(csv, arena, &row, &said);
        if (!read && !said.code)
            break;
        if (said.code == ERROR_MEMORY)
            return err_memory(sink->err);
        if (!read || is_torn(reading, &row))
            refuse_line(reading, &before, &said);
        else
            find_seat(reading, &before, &row);
    }
    seats_sort(&reading->seats);
    if (!error && (arena_failed(arena) || arena_failed(reading->seats.arena)))
        error = err_memory(sink->err);
    arena_clear(arena);
    return error;
}

/* --- the second time ------------------------------------------------------ */

static enum error take_seat(struct reading *reading, const struct seat *seat)
{
    struct sink *sink = reading->sink;
    struct csv csv = reading->csv;
    struct csv_row row;
    struct err said = {0};
    enum error error = sink_next(sink);

    if (error)
        return error;
    csv.rest = str_slice(reading->text, seat->at, reading->text.size);
    csv.next_line = seat->line;
    if (!csv_next(&csv, sink->work.arena, &row, &said))
        return err_memory(sink->err); /* it was read before */
    sink->line = row.line;
    return take_row(reading, &row);
}

enum error import_csv(struct sink *sink, struct str text)
{
    struct reading reading = {.sink = sink, .text = text};
    struct arena arena;
    struct csv_row row;
    struct err said = {0};
    enum error error = ERROR_NONE;

    csv_init(&reading.csv, text, csv_guess_separator(text));
    if (!csv_next(&reading.csv, sink->task->arena, &row, &said) ||
        !read_headings(&reading, &row))
        return err_set(sink->err, ERROR_INPUT,
                       N_("Ninguna columna se llama nombre (name). Revise el "
                          "primer renglón: ahí van los títulos."),
                       NULL, NULL, NULL);
    arena_init(&arena, NULL);
    reading.seats.arena = &arena;
    while (!error && reading.csv.rest.size) {
        error = find_seats(&reading);
        for (size_t i = 0; !error && i < reading.seats.count; i++)
            error = take_seat(&reading, &reading.seats.at[i]);
        heard_tell(sink);
    }
    sink->line = 0;
    tell_broken(sink);
    arena_release(&arena);
    return error;
}
