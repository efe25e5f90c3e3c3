/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_head.c - what each column of a sheet means: columns.def by its header. */
#include "form/xls/xls_read.h"

enum { PARTS_MAX = 4 };

static const struct alias {
    const char *sheet, *alias;
    enum xls_target target;
    unsigned which;
    const char *name;
} aliases[] = {
#define XLS_CELL(id, name)
#define XLS_TEXT(id, name, form)
#define IS_CELL(which) (unsigned)(which), NULL
#define IS_TEXT(which) (unsigned)(which), NULL
#define IS_BIND(which) 0, which
#define IS_CONTROL(which) 0, which
#define IS_INSTANCE(which) 0, which
#define XLS_COLUMN(sheet, alias, target, which)                                \
    {#sheet, alias, XLS_TO_##target, IS_##target(which)},
#include "form/xls/columns.def"
};

static const struct alias *alias_find(const char *sheet, struct str name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(aliases[i].sheet, sheet) == 0 &&
            str_equal_c(name, aliases[i].alias))
            return &aliases[i];
    return NULL;
}

/* label::Español (es), label:English, bind::x: the parts. */
static size_t split(struct str header, struct str *part)
{
    struct str mark =
        str_find(header, STR("::")) < SIZE_MAX ? STR("::") : STR(":");
    size_t count = 0;

    while (count < PARTS_MAX) {
        size_t at = count == PARTS_MAX - 1 ? SIZE_MAX : str_find(header, mark);

        if (str_equal_c(str_slice(header, 0, at), "jr") && at < SIZE_MAX) {
            part[count++] = str_trim(header); /* bind:jr:constraintMsg */
            break;
        }
        part[count++] = str_trim(str_slice(header, 0, at));
        if (at == SIZE_MAX)
            break;
        header = str_slice(header, at + mark.size, header.size);
    }
    return count;
}

static bool is_group(struct str first)
{
    static const char *const groups[] = {"bind",     "control",   "body",
                                         "instance", "attribute", NULL};

    return xls_one_of(first, groups);
}

/* bind::x, control::x, instance::x, attribute::x */
static void grouped(struct xls *xls, const struct xls_sheet *sheet,
                    struct xls_column *column, struct str first,
                    const struct str *part, size_t parts)
{
    struct str name = part[1];
    const struct alias *alias =
        alias_find(sheet->name, xls_snake(xls->arena, name));

    column->name = name;
    column->target = str_equal_c(first, "bind")        ? XLS_TO_BIND
                     : str_equal_c(first, "instance")  ? XLS_TO_INSTANCE
                     : str_equal_c(first, "attribute") ? XLS_TO_ATTRIBUTE
                                                       : XLS_TO_CONTROL;
    if (column->target == XLS_TO_BIND &&
        (str_equal_c(name, "saveto") || str_equal_c(name, "entities:saveto"))) {
        column->target = XLS_TO_CELL;
        column->which = XLS_CELL_SAVE_TO;
    } else if (alias && (alias->target == column->target ||
                         (column->target == XLS_TO_BIND &&
                          alias->target == XLS_TO_TEXT) ||
                         (column->target == XLS_TO_CONTROL &&
                          alias->target == XLS_TO_CELL &&
                          alias->which == XLS_CELL_COUNT_OF_REPEAT))) {
        column->target = alias->target;
        column->which = alias->which;
        if (alias->name)
            column->name = str_of(alias->name);
        if (alias->target == XLS_TO_TEXT && parts > 2)
            column->language = part[2];
    }
}

static void column_read(struct xls *xls, const struct xls_sheet *sheet,
                        struct xls_column *column, struct str header)
{
    struct str part[PARTS_MAX], first;
    const struct alias *alias;
    size_t parts, at = 0;

    *column = (struct xls_column){.header = header, .language = STR("")};
    alias = alias_find(sheet->name, xls_snake(xls->arena, header));
    parts = split(header, part);
    first = xls_snake(xls->arena, part[0]);
    if (!alias && parts > 1 && str_equal_c(first, "media")) {
        at = 1;
        first = xls_snake(xls->arena, part[1]);
    }
    if (!alias && parts > 1 && is_group(first)) {
        grouped(xls, sheet, column, first, part, parts);
        return;
    }
    if (!alias)
        alias = alias_find(sheet->name, first);
    if (!alias || (alias->target != XLS_TO_TEXT && parts > at + 1 &&
                   !str_equal_c(first, alias->alias))) {
        column->target = XLS_TO_EXTRA;
        column->name = header;
        return;
    }
    column->target = alias->target;
    column->which = alias->which;
    if (alias->name)
        column->name = str_of(alias->name);
    if (alias->target == XLS_TO_TEXT && parts > at + 1)
        column->language = part[at + 1];
}

static bool same_column(const struct xls_column *a, const struct xls_column *b)
{
    if (a->target != b->target || a->target == XLS_TO_NOTHING)
        return false;
    if (a->target == XLS_TO_CELL)
        return a->which == b->which;
    if (a->target == XLS_TO_TEXT)
        return a->which == b->which && str_equal(a->language, b->language);
    return str_equal(a->name, b->name);
}

void xls_headers(struct xls *xls, struct xls_sheet *sheet)
{
    const struct xls_row *row =
        sheet->table && sheet->table->rows ? &sheet->table->row[0] : NULL;
    size_t count = row ? row->count : 0;

    for (size_t i = 0; i < XLS_CELL_COUNT; i++)
        sheet->cell[i] = SIZE_MAX;
    if (count > XLS_COLUMNS_MAX) {
        xls_problem(xls, XLS_TOO_WIDE,
                    (struct xls_place){sheet->name, row->number, STR("")},
                    str_of(sheet->name),
                    xls_number(xls->arena, XLS_COLUMNS_MAX), STR(""));
        count = XLS_COLUMNS_MAX;
    }
    sheet->column = ARENA_ARRAY(xls->arena, struct xls_column, count + 1);
    if (!sheet->column)
        return;
    sheet->columns = count;
    for (size_t i = 0; i < count; i++) {
        struct xls_column *column = &sheet->column[i];
        struct str header = xls_clean(xls, row->cell[i]);

        if (header.size == 0)
            continue;
        column_read(xls, sheet, column, header);
        for (size_t j = 0; j < i; j++)
            if (same_column(&sheet->column[j], column)) {
                xls_problem(
                    xls, XLS_HEADER_002,
                    (struct xls_place){sheet->name, row->number, header},
                    sheet->column[j].header, header, STR(""));
                break;
            }
        if (column->target == XLS_TO_CELL &&
            sheet->cell[column->which] == SIZE_MAX)
            sheet->cell[column->which] = i;
    }
}

bool xls_need_column(struct xls *xls, const struct xls_sheet *sheet,
                     enum xls_cell cell, const char *name)
{
    if (sheet->cell[cell] < SIZE_MAX)
        return true;
    xls_problem(xls, XLS_HEADER_003,
                (struct xls_place){sheet->name, 1, str_of(name)},
                str_of(sheet->name), str_of(name), STR(""));
    return false;
}

struct str xls_cell_of(const struct xls *xls, const struct xls_sheet *sheet,
                       const struct xls_row *row, enum xls_cell cell)
{
    size_t at = sheet->cell[cell];

    return at < row->count ? xls_clean(xls, row->cell[at]) : STR("");
}

void xls_texts_of(struct xls *xls, const struct xls_sheet *sheet,
                  const struct xls_row *row, struct xls_texts *texts)
{
    size_t count = 0;

    for (size_t i = 0; i < sheet->columns && i < row->count; i++)
        if (sheet->column[i].target == XLS_TO_TEXT && row->cell[i].size > 0)
            count++;
    if (count == 0)
        return;
    texts->text = ARENA_ARRAY(xls->arena, struct xls_text, count);
    if (!texts->text)
        return;
    for (size_t i = 0; i < sheet->columns && i < row->count; i++) {
        const struct xls_column *column = &sheet->column[i];

        if (column->target == XLS_TO_TEXT && row->cell[i].size > 0)
            texts->text[texts->count++] = (struct xls_text){
                (enum xls_text_kind)column->which, column->language,
                xls_clean(xls, row->cell[i]), column};
    }
}
