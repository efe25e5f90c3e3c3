/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_sheets.c - see form_sheets.h. Of a form of a thousand rows only those
 * are shown that have a problem, with their neighbours; of thirty columns the
 * ones that name a row and the ones that have a problem.
 */
#include "web/page/form_sheets.h"

#include "form/xls/xls.h"

enum { ROWS_SHOWN = 300, CELL_SHOWN = 200, MARK_WARNING = 1, MARK_ERROR = 2 };

struct showing {
    struct view *view;
    struct arena *arena;
    const struct form_problems *problems;
    const struct xls_table *table;
    unsigned char *marked; /* rows of the table: the worst mark */
    bool *shown;           /* columns */
    size_t columns;
};

struct value *form_problems_value(struct view *view,
                                  const struct form_problems *problems)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "sheet", problem->sheet);
        value_put_int(item, arena, "row", (int64_t)problem->row);
        value_put_str(item, arena, "column", problem->column);
        value_put_bool(item, arena, "warning", problem->warning);
        value_put_text(item, arena, "code", problem->code ? problem->code : "");
        value_put_str(item, arena, "text",
                      err_text(&problem->err, view->task.translator, arena));
        value_add(list, arena, item);
    }
    return list;
}

static int mark_of(const struct form_problem *problem)
{
    return problem->warning ? MARK_WARNING : MARK_ERROR;
}

static bool in_sheet(const struct showing *showing,
                     const struct form_problem *problem)
{
    return str_equal_nocase(problem->sheet, showing->table->name);
}

static struct str header_of(const struct showing *showing, size_t column)
{
    const struct xls_row *header = &showing->table->row[0];

    return column < header->count ? header->cell[column] : STR("");
}

/* label is in every label::Español (es). */
static bool is_column(const struct showing *showing, size_t column,
                      struct str name)
{
    struct str header = header_of(showing, column);
    size_t at = str_find(header, STR("::"));

    return name.size > 0 &&
           (str_equal_nocase(header, name) ||
            str_equal_nocase(str_trim(str_slice(header, 0, at)), name));
}

/* --- what is shown -------------------------------------------------------- */

static bool names_a_row(const struct showing *showing, size_t column)
{
    static const char *const names[] = {"type", "name", "label", "list_name",
                                        "list name"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_column(showing, column, str_of(names[i])))
            return true;
    return showing->columns <= 5;
}

static void choose(struct showing *showing)
{
    const struct xls_table *table = showing->table;
    size_t labels = 0;

    for (size_t c = 0; c < showing->columns; c++) {
        bool label = is_column(showing, c, STR("label"));

        showing->shown[c] = names_a_row(showing, c) && !(label && labels);
        labels += label;
    }
    for (size_t i = 0; i < showing->problems->count; i++) {
        const struct form_problem *problem = &showing->problems->problem[i];

        if (!in_sheet(showing, problem))
            continue;
        for (size_t c = 0; c < showing->columns; c++)
            if (is_column(showing, c, problem->column))
                showing->shown[c] = true;
        for (size_t r = 0; r < table->rows; r++)
            if (table->row[r].number == problem->row &&
                showing->marked[r] < mark_of(problem))
                showing->marked[r] = (unsigned char)mark_of(problem);
    }
}

/* A row, the one before and the one after it. */
static bool is_near(const struct showing *showing, size_t row)
{
    return showing->marked[row] || (row > 1 && showing->marked[row - 1]) ||
           (row + 1 < showing->table->rows && showing->marked[row + 1]);
}

/* --- rows ----------------------------------------------------------------- */

static struct value *note(struct showing *showing,
                          const struct form_problem *problem)
{
    struct value *item = value_object(showing->arena);

    value_put_bool(item, showing->arena, "warning", problem->warning);
    put_text_or_false(showing->view, item, "column", problem->column);
    value_put_str(item, showing->arena, "text",
                  err_text(&problem->err, showing->view->task.translator,
                           showing->arena));
    return item;
}

/* The worst mark of a cell: of its column, or of all when none is named. */
static int cell_mark(const struct showing *showing, size_t number,
                     size_t column)
{
    int mark = 0;

    for (size_t i = 0; i < showing->problems->count; i++) {
        const struct form_problem *problem = &showing->problems->problem[i];

        if (problem->row == number && in_sheet(showing, problem) &&
            is_column(showing, column, problem->column) &&
            mark_of(problem) > mark)
            mark = mark_of(problem);
    }
    return mark;
}

static void put_mark(struct showing *showing, struct value *item, int mark)
{
    if (mark)
        value_put_text(item, showing->arena, "mark",
                       mark == MARK_ERROR ? "bad" : "warn");
    else
        value_put_bool(item, showing->arena, "mark", false);
}

static struct str shorten(struct showing *showing, struct str text)
{
    size_t end = CELL_SHOWN;

    if (text.size <= CELL_SHOWN)
        return text;
    while (end > 0 && ((unsigned char)text.at[end] & 0xc0) == 0x80)
        end--;
    return str_format(showing->arena, "%.*s…",
                      STR_ARGS(str_slice(text, 0, end)));
}

static struct value *row_value(struct showing *showing, size_t at, bool gap)
{
    const struct xls_row *row = &showing->table->row[at];
    struct arena *arena = showing->arena;
    struct value *item = value_object(arena), *cells = value_list(arena);
    struct value *notes = value_list(arena);

    value_put_int(item, arena, "number", (int64_t)row->number);
    value_put_bool(item, arena, "gap", gap);
    value_put_bool(item, arena, "error", showing->marked[at] == MARK_ERROR);
    for (size_t c = 0; c < showing->columns; c++) {
        struct value *cell;

        if (!showing->shown[c])
            continue;
        cell = value_object(arena);
        value_put_str(cell, arena, "text",
                      c < row->count ? shorten(showing, row->cell[c])
                                     : STR(""));
        put_mark(showing, cell,
                 showing->marked[at] ? cell_mark(showing, row->number, c) : 0);
        value_add(cells, arena, cell);
    }
    for (int mark = MARK_ERROR; mark >= MARK_WARNING; mark--)
        for (size_t i = 0; i < showing->problems->count; i++) {
            const struct form_problem *problem = &showing->problems->problem[i];

            if (mark_of(problem) == mark && problem->row == row->number &&
                in_sheet(showing, problem))
                value_add(notes, arena, note(showing, problem));
        }
    value_put(item, arena, "cells", cells);
    value_put(item, arena, "notes", notes);
    return item;
}

/* Problems of the sheet that stand in no row of it. */
static struct value *loose_notes(struct showing *showing)
{
    struct value *notes = value_list(showing->arena);

    for (size_t i = 0; i < showing->problems->count; i++) {
        const struct form_problem *problem = &showing->problems->problem[i];
        bool found = false;

        for (size_t r = 1; !found && r < showing->table->rows; r++)
            found = showing->table->row[r].number == problem->row;
        if (in_sheet(showing, problem) && !found)
            value_add(notes, showing->arena, note(showing, problem));
    }
    return notes;
}

static void count_marks(const struct showing *showing, int64_t count[3])
{
    for (size_t i = 0; i < showing->problems->count; i++)
        if (in_sheet(showing, &showing->problems->problem[i]))
            count[mark_of(&showing->problems->problem[i])]++;
}

static void put_columns(struct showing *showing, struct value *sheet)
{
    struct arena *arena = showing->arena;
    struct value *columns = value_list(arena);
    int64_t shown = 0, hidden = 0;

    for (size_t c = 0; c < showing->columns; c++) {
        struct value *item;

        if (!showing->shown[c]) {
            hidden += header_of(showing, c).size > 0;
            continue;
        }
        shown++;
        item = value_object(arena);
        value_put_str(item, arena, "name", header_of(showing, c));
        put_mark(showing, item,
                 cell_mark(showing, showing->table->row[0].number, c));
        value_add(columns, arena, item);
    }
    value_put(sheet, arena, "columns", columns);
    value_put_bool(sheet, arena, "table", shown > 0);
    value_put_int(sheet, arena, "hidden", hidden);
    value_put_int(sheet, arena, "span", shown + 1);
}

static struct value *sheet_value(struct showing *showing)
{
    const struct xls_table *table = showing->table;
    struct arena *arena = showing->arena;
    struct value *sheet = value_object(arena), *rows = value_list(arena);
    int64_t count[3] = {0}, more = 0;
    size_t last = 0;

    choose(showing);
    count_marks(showing, count);
    value_put_str(sheet, arena, "name", table->name);
    value_put_int(sheet, arena, "errors", count[MARK_ERROR]);
    value_put_int(sheet, arena, "warnings", count[MARK_WARNING]);
    put_columns(showing, sheet);
    for (size_t r = 1; r < table->rows; r++) {
        if (!is_near(showing, r))
            continue;
        if (value_count(rows) < ROWS_SHOWN)
            value_add(rows, arena, row_value(showing, r, r > last + 1));
        else
            more += showing->marked[r] > 0;
        last = r;
    }
    value_put(sheet, arena, "rows", rows);
    value_put(sheet, arena, "notes", loose_notes(showing));
    value_put_int(sheet, arena, "more", more);
    return sheet;
}

static bool has_problem(const struct showing *showing)
{
    for (size_t i = 0; i < showing->problems->count; i++)
        if (in_sheet(showing, &showing->problems->problem[i]))
            return true;
    return false;
}

/* A problem whose sheet is not there: the sheet that is missing. */
static void add_missing(struct showing *showing, const struct xls_book *book,
                        struct value *list)
{
    struct arena *arena = showing->arena;
    struct xls_row *header = ARENA_NEW(arena, struct xls_row);
    struct xls_table *none;

    if (header)
        header->number = 1;
    for (size_t i = 0; header && i < showing->problems->count; i++) {
        struct str name = showing->problems->problem[i].sheet;
        bool known = false;

        for (size_t t = 0; t < book->count; t++)
            known = known || str_equal_nocase(book->table[t].name, name);
        for (size_t k = 0; k < value_count(list); k++)
            known = known ||
                    str_equal_nocase(value_text_of(value_at(list, k), "name"),
                                     name);
        none = known ? NULL : ARENA_NEW(arena, struct xls_table);
        if (!none)
            continue;
        *none = (struct xls_table){name, header, 1};
        showing->table = none;
        showing->columns = 0;
        showing->marked = ARENA_ARRAY(arena, unsigned char, 1);
        showing->shown = ARENA_ARRAY(arena, bool, 1);
        if (showing->marked && showing->shown)
            value_add(list, arena, sheet_value(showing));
    }
}

struct value *form_sheets_value(struct view *view, struct str source,
                                const struct form_problems *problems)
{
    struct arena *arena = view->task.arena;
    struct showing showing = {
        .view = view, .arena = arena, .problems = problems};
    struct value *list = value_list(arena);
    struct xls_book book = {0};
    struct err err = {0};

    xls_book_csv(arena, source, &book, &err);
    for (size_t i = 0; i < book.count; i++) {
        showing.table = &book.table[i];
        if (!book.table[i].rows || !has_problem(&showing))
            continue;
        showing.columns = book.table[i].row[0].count;
        showing.marked = ARENA_ARRAY(arena, unsigned char, book.table[i].rows);
        showing.shown = ARENA_ARRAY(arena, bool, showing.columns + 1);
        if (showing.marked && showing.shown)
            value_add(list, arena, sheet_value(&showing));
    }
    add_missing(&showing, &book, list);
    return list;
}

struct str form_sheet_name(struct view *view, struct str source,
                           struct str *version)
{
    struct str name = STR("");
    struct xls_book book = {0};
    struct err err = {0};

    *version = STR("");
    xls_book_csv(view->task.arena, source, &book, &err);
    for (size_t i = 0; i < book.count; i++) {
        const struct xls_table *table = &book.table[i];

        if (!str_equal_nocase(table->name, STR("settings")) || table->rows < 2)
            continue;
        for (size_t c = 0; c < table->row[0].count && c < table->row[1].count;
             c++) {
            struct str header = table->row[0].cell[c];

            if (str_equal_nocase(header, STR("form_id")) ||
                str_equal_nocase(header, STR("id_string")))
                name = table->row[1].cell[c];
            else if (str_equal_nocase(header, STR("version")))
                *version = table->row[1].cell[c];
        }
    }
    return name;
}
