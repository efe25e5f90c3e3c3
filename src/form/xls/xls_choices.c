/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_choices.c - the lists of choices and osm tags. */
#include "form/xls/xls_read.h"

struct xls_list *xls_list_new(struct xls *xls, struct xls_list **lists,
                              size_t *count, struct str name)
{
    struct xls_list *room = xls_room(xls->arena, *lists, *count, sizeof *room);

    if (!room)
        return NULL;
    *lists = room;
    room += (*count)++;
    *room = (struct xls_list){.name = name};
    return room;
}

void xls_choice_add(struct xls *xls, struct xls_list *list,
                    const struct xls_choice *choice)
{
    struct xls_choice *room =
        xls_room(xls->arena, list->choice, list->count, sizeof *room);

    if (!room)
        return;
    list->choice = room;
    room[list->count++] = *choice;
}

struct xls_list *xls_list_find(const struct xls *xls, struct str name)
{
    size_t at = names_find(xls->list_name, 0, name);

    return at < SIZE_MAX ? &xls->list[at] : NULL;
}

static void extras(struct xls *xls, const struct xls_sheet *sheet,
                   const struct xls_row *row, struct xls_choice *choice)
{
    for (size_t i = 0; i < sheet->columns && i < row->count; i++)
        if (sheet->column[i].target == XLS_TO_EXTRA && row->cell[i].size > 0)
            xls_attribute_add(xls->arena, &choice->extra, sheet->column[i].name,
                              xls_clean(xls, row->cell[i]), &sheet->column[i]);
}

/* A column that cannot be an element of the item is left out. */
static void check_extras(struct xls *xls, struct xls_sheet *sheet)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        struct xls_column *column = &sheet->column[i];

        if (column->target != XLS_TO_EXTRA)
            continue;
        if (str_find_char(column->header, ' ') < SIZE_MAX ||
            !xls_name_good(column->header)) {
            if (str_find_char(column->header, ' ') < SIZE_MAX)
                xls_problem(xls, XLS_HEADER_004,
                            (struct xls_place){sheet->name, 1, column->header},
                            column->header, STR(""), STR(""));
            column->target = XLS_TO_NOTHING;
        }
    }
}

static void choice_check(struct xls *xls, struct xls_list *list,
                         struct xls_choice *choice, struct names *seen,
                         size_t scope)
{
    struct xls_place name = {"choices", choice->row, STR("name")};
    struct xls_place label = {"choices", choice->row, STR("label")};

    if (choice->name.size == 0)
        xls_problem(xls, XLS_NAMES_006, name, list->name, STR(""), STR(""));
    else if (!names_add(seen, scope, choice->name, choice->row) &&
             !xls->duplicates)
        xls_problem(xls, XLS_NAMES_007, name, choice->name, list->name,
                    STR(""));
    if (choice->texts.count == 0)
        xls_problem(xls, XLS_LABEL_001, label, choice->name, STR(""), STR(""));
    for (size_t i = 0; i < choice->texts.count; i++) {
        const struct xls_text *text = &choice->texts.text[i];

        if (text->language.size > 0 || text->kind != XLS_TEXT_LABEL ||
            xls_has_reference(text->text))
            list->itext = true;
    }
}

/* A row of an empty list_name is left out; told when it names a choice. */
static void list_missing(struct xls *xls, const struct xls_row *row)
{
    struct str name = xls_cell_of(xls, &xls->choices, row, XLS_CELL_NAME);

    if (name.size > 0)
        xls_problem(
            xls, XLS_LIST_NAME_MISSING,
            (struct xls_place){"choices", row->number, STR("list_name")},
            STR(""), STR(""), STR(""));
}

void xls_choices(struct xls *xls)
{
    const struct xls_table *table = xls->choices.table;
    size_t rows = table ? table->rows : 0;
    struct names *seen = names_new(xls->arena, rows + 1);

    xls->list_name = names_new(xls->arena, rows + 1);
    if (rows == 0 || !seen || !xls->list_name)
        return;
    check_extras(xls, &xls->choices);
    for (size_t i = 1; i < rows; i++) {
        const struct xls_row *row = &table->row[i];
        struct str name =
            xls_cell_of(xls, &xls->choices, row, XLS_CELL_LIST_NAME);
        struct xls_list *list = xls_list_find(xls, name);
        struct xls_choice choice = {.row = row->number};

        if (name.size == 0) {
            list_missing(xls, row);
            continue;
        }
        if (!list) {
            list = xls_list_new(xls, &xls->list, &xls->lists, name);
            names_add(xls->list_name, 0, name, xls->lists - 1);
        }
        if (!list)
            return;
        choice.name = xls_cell_of(xls, &xls->choices, row, XLS_CELL_NAME);
        xls_texts_of(xls, &xls->choices, row, &choice.texts);
        extras(xls, &xls->choices, row, &choice);
        choice_check(xls, list, &choice, seen, (size_t)(list - xls->list));
        xls_choice_add(xls, list, &choice);
    }
}

static void other_choice(struct xls *xls, struct xls_list *list)
{
    struct xls_choice choice = {.name = STR("other")};

    for (size_t i = 0; i < list->count; i++)
        if (str_equal_c(list->choice[i].name, "other"))
            return;
    choice.texts.text = ARENA_NEW(xls->arena, struct xls_text);
    if (!choice.texts.text)
        return;
    choice.texts.count = 1;
    choice.texts.text[0] = (struct xls_text){
        .kind = XLS_TEXT_LABEL, .language = STR(""), .text = STR("Other")};
    xls_choice_add(xls, list, &choice);
}

/* Once all questions are known: or_other, and lists that only search() fills.
 */
void xls_lists_settle(struct xls *xls)
{
    for (size_t i = 0; i < xls->lists; i++)
        if (xls->list[i].other)
            other_choice(xls, &xls->list[i]);
}
