/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* markdown.c - a workbook as Markdown tables, as forms are written in mails,
 * tests and issues:
 *
 *     | survey |
 *     |        | type | name | label      |
 *     |        | text | n    | Su nombre  |
 *
 * A sheet's name stands in the first column; what follows in its row, if
 * anything, is its first row. Rows of dashes are drawing, lines without bars
 * are prose. \| is a bar.
 */
#include "form/table.h"

#include "core/buf.h"

enum { MARKDOWN_CELLS_MAX = 500, MARKDOWN_ROWS_MAX = 100000 };

/* Cuts the cell before the next bar off *rest. */
static struct str cell_cut(struct arena *arena, struct str *rest)
{
    struct str text = *rest, cell;
    struct buf out;
    size_t end = 0, bars = 0;

    for (; end < text.size && text.at[end] != '|'; end++)
        if (str_starts(str_slice(text, end, text.size), STR("\\|"))) {
            end++;
            bars++;
        }
    cell = str_trim(str_slice(text, 0, end));
    *rest = str_slice(text, end + 1, text.size);
    if (bars == 0)
        return cell;
    buf_init(&out, arena);
    for (size_t i = 0; i < cell.size; i++)
        if (!str_starts(str_slice(cell, i, cell.size), STR("\\|")))
            buf_putc(&out, cell.at[i]);
    return buf_str(&out);
}

/* |---|:--:| */
static bool is_drawing(struct str line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!strchr("|-: \t", line.at[i]))
            return false;
    return str_find_char(line, '-') < SIZE_MAX;
}

static size_t line_cells(struct arena *arena, struct str line,
                         struct str cell[MARKDOWN_CELLS_MAX])
{
    struct str rest = str_slice(line, 1, line.size);
    size_t count = 0;

    while (rest.size > 0 && count < MARKDOWN_CELLS_MAX)
        cell[count++] = cell_cut(arena, &rest);
    return count;
}

enum error markdown_read(struct arena *arena, struct str text,
                         struct tables *tables, struct err *err)
{
    struct str cell[MARKDOWN_CELLS_MAX];
    struct table *now = NULL;
    size_t number = 0, rows = 0;
    struct str line;

    while (str_cut(&text, '\n', &line)) {
        size_t count;

        line = str_trim(line);
        if (line.size < 2 || line.at[0] != '|' || is_drawing(line))
            continue;
        if (++rows > MARKDOWN_ROWS_MAX)
            return err_set(err, ERROR_TOO_LARGE,
                           N_("El archivo tiene más de {1} renglones. Divídalo "
                              "en partes."),
                           "100000", NULL, NULL);
        count = line_cells(arena, line, cell);
        if (count > 0 && cell[0].size > 0) {
            now = tables_add(arena, tables, cell[0]);
            number = 0;
        }
        if (!now)
            continue;
        if (count > 1 &&
            !table_add(arena, now, number + 1, cell + 1, count - 1))
            break;
        number = now->rows ? now->row[now->rows - 1].number : 0;
    }
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}
