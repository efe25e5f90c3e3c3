/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_form_markdown.c - the Markdown of every recorded XLSForm case, beside the
 * sheets that pyxform read from it: headings, and each row's cells.
 */
#include "tap.h"

#include "core/value.h"
#include "form/table.h"
#include "test/file.h"

#define CASES "../shared/standards/xlsform-cases/cases.json"

/* The last of that name, in any letters. */
static const struct table *table_find(const struct tables *tables,
                                      struct str name)
{
    for (size_t i = tables->count; i > 0; i--)
        if (str_equal_nocase(tables->table[i - 1].name, name))
            return &tables->table[i - 1];
    return NULL;
}

static struct str row_cell(const struct table_row *row, size_t column)
{
    return column < row->count ? row->cell[column] : STR("");
}

/* Every cell of ours is theirs, and there are as many. */
static bool same_row(const struct table_row *head, const struct table_row *row,
                     const struct value *theirs)
{
    size_t cells = 0;

    for (size_t i = 0; i < head->count; i++) {
        struct str ours = row_cell(row, i);

        if (ours.size == 0 || head->cell[i].size == 0)
            continue;
        cells++;
        if (!str_equal(value_text(value_get_str(theirs, head->cell[i])),
                       ours)) {
            printf("# row %zu, %.*s: %.*s\n", row->number,
                   STR_ARGS(head->cell[i]), STR_ARGS(ours));
            return false;
        }
    }
    return cells == value_count(theirs);
}

/* Theirs names the columns before it looks at them: one sheet without rows
 * has none. */
static bool same_sheet(const struct table *ours, const struct value *theirs)
{
    size_t rows = value_count(theirs);

    if (!ours || ours->rows == 0)
        return rows == 0;
    if (ours->rows - 1 != rows) {
        printf("# %zu rows, not %zu\n", ours->rows - 1, rows);
        return false;
    }
    for (size_t i = 0; i < rows; i++)
        if (!same_row(&ours->row[0], &ours->row[i + 1], value_at(theirs, i)))
            return false;
    return true;
}

static bool same_case(struct arena *arena, const struct value *one)
{
    const struct value *sheets = value_get(one, "sheets");
    struct str text = value_text(value_get(one, "md"));
    struct tables tables = {0};
    struct err err = {0};

    if (markdown_read(arena, text, &tables, &err))
        return false;
    for (size_t i = 0; i < value_count(sheets); i++) {
        struct str name = value_name_at(sheets, i);

        if (!same_sheet(table_find(&tables, name), value_at(sheets, i))) {
            printf("# %.*s in\n# %.*s\n", STR_ARGS(name),
                   STR_ARGS(value_text(value_get(one, "test"))));
            return false;
        }
    }
    return true;
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;
    const struct value *all = NULL;
    const struct value *cases;
    struct err err = {0};
    struct str json;
    size_t tried = 0, same = 0;

    arena_init(&arena, NULL);
    json = file_read(&arena, CASES);
    if (str_is_null(json)) {
        tap_skip(&tap, "the recorded cases", "no ../shared");
        return tap_done(&tap);
    }
    if (value_parse(&arena, json, &all, &err))
        tap_ok(&tap, false, "the cases are JSON");
    cases = value_get(all, "cases");
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *one = value_at(cases, i);

        if (!value_get(one, "md"))
            continue;
        tried++;
        same += same_case(&arena, one);
    }
    tap_ok(&tap, tried > 400 && same == tried,
           "%zu of %zu cases are read as pyxform reads them", same, tried);
    arena_release(&arena);
    return tap_done(&tap);
}
