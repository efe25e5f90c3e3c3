/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_choices.c - the lists of choices: of the sheet choices, of
 * external_choices, of files; and which of them a question asks from. */
#include "form/build/build.h"

struct choice_list *build_list_new(struct building *building, struct str name,
                                   size_t count)
{
    struct form *form = building->form;
    struct choice_list *room = xls_room(building->arena, building->list,
                                        form->list_count, sizeof *room);

    if (!room)
        return NULL;
    building->list = room;
    form->list = room;
    room += form->list_count++;
    *room = (struct choice_list){
        .name = name, .names = names_new(building->arena, count + 1)};
    room->choice = ARENA_ARRAY(building->arena, struct choice, count + 1);
    return room->choice && room->names ? room : NULL;
}

bool build_choice(struct choice_list *list, const struct choice *choice)
{
    bool fresh =
        names_add((struct names *)list->names, 0, choice->name, list->count);

    ((struct choice *)list->choice)[list->count++] = *choice;
    return fresh;
}

/* Its other columns: strings by header; media by their name. */
static const struct value *extra_of(struct building *building,
                                    const struct xls_choice *choice)
{
    struct arena *arena = building->arena;
    struct value *extra = NULL;

    for (size_t i = 0; i < choice->texts.count; i++) {
        const struct xls_column *column = choice->texts.text[i].column;

        if (!column || choice->texts.text[i].kind == XLS_TEXT_LABEL)
            continue;
        if (!extra)
            extra = value_object(arena);
        value_set(extra, arena, build_extra_name(building, column),
                  value_string(arena, choice->texts.text[i].text));
    }
    for (size_t i = 0; i < choice->extra.count; i++) {
        const struct xls_attribute *one = &choice->extra.attribute[i];

        if (!extra)
            extra = value_object(arena);
        value_set(extra, arena, one->name, value_string(arena, one->value));
    }
    return extra;
}

static void list_build(struct building *building, const struct xls_list *from)
{
    struct choice_list *list =
        build_list_new(building, from->name, from->count);

    for (size_t i = 0; list && i < from->count; i++) {
        const struct xls_choice *one = &from->choice[i];
        struct choice choice = {.name = one->name};

        choice.label = one->row
                           ? build_texts(building, &one->texts, XLS_TEXT_LABEL)
                           : build_other(building, true);
        choice.extra = extra_of(building, one);
        choice.media = build_media(building, &one->texts, "choices", one->row);
        build_choice(list, &choice);
    }
}

/* --- external_choices ----------------------------------------------------- */

static struct str external_cell(const struct building *building,
                                const struct xls_row *row, enum xls_cell cell)
{
    return xls_cell_of(building->xls, &building->xls->external, row, cell);
}

static void external_choice(struct building *building, struct choice_list *list,
                            const struct xls_row *row)
{
    const struct xls_sheet *sheet = &building->xls->external;
    const struct form *form = building->form;
    struct arena *arena = building->arena;
    struct str *label =
        ARENA_ARRAY(arena, struct str, form->language_count + 1);
    struct choice choice = {.name =
                                external_cell(building, row, XLS_CELL_NAME)};
    struct value *extra = value_object(arena);

    for (size_t i = 0; label && i < sheet->columns && i < row->count; i++) {
        const struct xls_column *column = &sheet->column[i];
        struct str cell = xls_clean(building->xls, row->cell[i]), language;

        if (cell.size == 0 || column->target == XLS_TO_CELL)
            continue;
        language = build_header_language(arena, column->header, "label");
        if (!language.at)
            value_set(extra, arena, column->header, value_string(arena, cell));
        else if (!label[language_place(form, language)].at)
            label[language_place(form, language)] = cell;
    }
    choice.label = (struct texts){label};
    choice.extra = extra;
    build_choice(list, &choice);
}

static void external_lists(struct building *building)
{
    const struct xls_table *table = building->xls->external.table;
    size_t rows = table ? table->rows : 0;
    struct names *seen = names_new(building->arena, rows + 1);
    size_t *count = ARENA_ARRAY(building->arena, size_t, rows + 1), lists = 0;

    building->external = building->form->list_count;
    for (size_t i = 1; seen && count && i < rows; i++) {
        struct str name =
            external_cell(building, &table->row[i], XLS_CELL_LIST_NAME);

        if (name.size > 0 && names_add(seen, 0, name, lists))
            lists++;
        if (name.size > 0)
            count[names_find(seen, 0, name)]++;
    }
    for (size_t i = 1, made = 0; made < lists && i < rows; i++) {
        struct str name =
            external_cell(building, &table->row[i], XLS_CELL_LIST_NAME);

        if (name.size > 0 && names_find(seen, 0, name) == made &&
            !build_list_new(building, name, count[made++]))
            return;
    }
    for (size_t i = 1; lists > 0 && i < rows; i++) {
        struct str name =
            external_cell(building, &table->row[i], XLS_CELL_LIST_NAME);

        if (name.size > 0)
            external_choice(
                building,
                &building->list[building->external + names_find(seen, 0, name)],
                &table->row[i]);
    }
}

void build_lists(struct building *building)
{
    const struct xls *xls = building->xls;
    size_t count = 0;

    for (size_t i = 0; i < xls->lists; i++)
        count += xls->list[i].count;
    if (count > FORM_CHOICES_MAX) {
        xls_problem(building->xls, XLS_TOO_MANY,
                    (struct xls_place){"choices", FORM_CHOICES_MAX, STR("")},
                    STR(""), STR(""), STR(""));
        return;
    }
    for (size_t i = 0; i < xls->lists; i++)
        list_build(building, &xls->list[i]);
    external_lists(building);
    build_file_lists(building);
}

/* --- of a question -------------------------------------------------------- */

/* Answers to several are split at spaces; the reader has looked where it is a
 * select_multiple from the sheet. */
static void spaces_check(struct building *building,
                         const struct question *question,
                         const struct xls_node *node)
{
    const struct choice_list *list = question->choices;

    if (question->type == QUESTION_SELECT_ONE ||
        (question->type == QUESTION_SELECT_MULTIPLE && node->list))
        return;
    for (size_t i = 0; i < list->count; i++)
        if (str_find_char(list->choice[i].name, ' ') < SIZE_MAX) {
            xls_node_problem(building->xls, XLS_CHOICE_SPACES, node, "type",
                             list->choice[i].name, list->name);
            return;
        }
}

static const struct choice_list *external_find(const struct building *building,
                                               struct str name)
{
    for (size_t i = building->external; i < building->form->list_count; i++)
        if (str_equal(building->list[i].name, name))
            return &building->list[i];
    return NULL;
}

void build_origin(struct building *building, struct question *question,
                  const struct xls_node *node)
{
    struct choice_origin *origin = &question->origin;

    *origin = (struct choice_origin){.select = question->type};
    if (node->list_reference.size > 0) {
        origin->source = CHOICES_REPEAT;
        origin->name = node->list_reference;
        return;
    }
    if (node->file.size > 0) {
        origin->source = CHOICES_FILE;
        origin->name = node->file;
        origin->value = xls_attribute_get(&node->parameter, "value");
        origin->label = xls_attribute_get(&node->parameter, "label");
        question->choices = build_file_list(building, node);
        if (!question->choices)
            question->type = QUESTION_TEXT; /* in use since an earlier day */
    } else if (node->external) {
        origin->source = CHOICES_EXTERNAL;
        origin->name = node->list_name;
        question->choices = external_find(building, node->list_name);
    } else {
        origin->source = CHOICES_LIST;
        origin->name = node->list_name;
        if (node->list)
            question->choices =
                &building->list[(size_t)(node->list - building->xls->list)];
    }
    if (question->choices)
        spaces_check(building, question, node);
}
