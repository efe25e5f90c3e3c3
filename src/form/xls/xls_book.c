/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_book.c - a workbook written as one CSV, as tables. The sheet's name
 * stands alone in its row, or in front of the header, or in front of every
 * row. */
#include "core/csv.h"
#include "core/utf8.h"
#include "form/table.h"
#include "form/xls/xls_read.h"

enum { BOOK_TABLES_MAX = 200, BOOK_SIZE_MAX = 32 << 20 };

static bool row_empty(const struct csv_row *row, size_t from)
{
    for (size_t i = from; i < row->count; i++)
        if (str_trim(row->cell[i]).size > 0)
            return false;
    return true;
}

static bool is_sheet_name(struct str name)
{
    static const char *const names[] = {
        "survey", "choices", "settings", "external_choices", "osm", "entities"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal_nocase(name, str_of(names[i])))
            return true;
    return false;
}

static struct xls_table *table_new(struct arena *arena, struct xls_book *book,
                                   struct str name)
{
    struct xls_table *room =
        book->count < BOOK_TABLES_MAX
            ? xls_room(arena, book->table, book->count, sizeof *room)
            : NULL;

    if (!room)
        return NULL;
    book->table = room;
    room += book->count++;
    *room = (struct xls_table){.name = name};
    return room;
}

/* skip: 1 where the first cell is the sheet's */
static void book_row(struct arena *arena, struct xls_table *table,
                     const struct csv_row *row, size_t number, size_t skip)
{
    struct xls_row *room;
    size_t count = row->count - skip;

    if (row_empty(row, skip) || table->rows > XLS_ROWS_MAX * 10)
        return;
    room = xls_room(arena, table->row, table->rows, sizeof *room);
    if (!room)
        return;
    table->row = room;
    room += table->rows;
    room->number = number;
    room->cell = ARENA_ARRAY(arena, struct str, count + 1);
    if (!room->cell)
        return;
    room->count = count;
    for (size_t i = 0; i < count; i++)
        room->cell[i] = str_trim(row->cell[i + skip]);
    table->rows++;
}

const struct xls_table *xls_book_table(const struct xls_book *book,
                                       struct str name)
{
    for (size_t i = 0; i < book->count; i++)
        if (str_equal_nocase(book->table[i].name, name))
            return &book->table[i];
    return NULL;
}

/* A file of one sheet, as a spreadsheet saves it: the header begins it. */
static bool is_lone(const struct csv_row *row)
{
    bool type = false, other = false;

    for (size_t i = 0; i < row->count; i++) {
        struct str cell = str_trim(row->cell[i]);

        type = type || str_equal_nocase(cell, STR("type"));
        other = other || str_equal_nocase(cell, STR("name")) ||
                str_equal_nocase(str_slice(cell, 0, 5), STR("label"));
    }
    return type && other && row->cell[0].size > 0 &&
           !is_sheet_name(str_trim(row->cell[0])) &&
           !str_equal_nocase(str_trim(row->cell[0]), STR("sheet"));
}

bool xls_book_csv(struct arena *arena, struct str csv, struct xls_book *book,
                  struct err *err)
{
    struct str text = csv_decode(arena, csv, NULL);
    struct xls_table *now = NULL;
    size_t number = 0, next_line, skip = 1;
    struct csv_row row;
    struct err wrong = {0};
    struct csv reader;

    *book = (struct xls_book){0};
    if (csv.size > BOOK_SIZE_MAX) {
        err_set(err, ERROR_INPUT,
                N_("El archivo es demasiado grande para ser un "
                   "formulario."),
                NULL, NULL, NULL);
        return false;
    }
    if (table_format(text) == TABLE_MARKDOWN) {
        struct tables tables = {0};

        if (markdown_read(arena, text, &tables, err))
            return false;
        text = tables_form(arena, &tables);
    }
    text = utf8_nfc(arena, text);
    csv_init(&reader, text, csv_guess_separator(text));
    next_line = reader.next_line;
    while (csv_next(&reader, arena, &row, &wrong)) {
        struct str first = row.count ? str_trim(row.cell[0]) : STR("");
        bool alone = row_empty(&row, 1);

        number += 1 + (row.line - next_line);
        next_line = reader.next_line;
        if (!now && row.count > 0 && is_lone(&row)) {
            now = table_new(arena, book, STR("survey"));
            skip = 0;
        }
        if (skip && first.size > 0 && (alone || is_sheet_name(first)) &&
            (alone || !now || !str_equal_nocase(now->name, first))) {
            now = table_new(arena, book, first);
            number = alone ? 0 : 1;
        }
        if (now && !(skip && alone))
            book_row(arena, now, &row, number, skip);
    }
    if (wrong.code)
        *err = wrong;
    return !wrong.code;
}
