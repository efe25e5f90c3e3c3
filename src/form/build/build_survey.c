/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_survey.c - the rows of survey become questions. What only a phone does
 * (audit, actions) and what the reader made for it is left out. Expressions
 * come later, when all names are known. */
#include "form/build/build.h"

static bool is_kept(const struct xls_node *node)
{
    return node->type->stored != XLS_STORED_NOTHING &&
           (!node->generated || node->other_of);
}

/* The telephone's own number and address; with a text, somebody asks for
 * another. */
static enum question_type type_of(const struct xls_node *node)
{
    static const char *const asked[] = {"email", "phonenumber", NULL};

    return xls_one_of(str_of(node->type->name), asked) &&
                   xls_has_text(&node->texts, XLS_TEXT_LABEL)
               ? QUESTION_TEXT
               : (enum question_type)node->type->stored;
}

static void link_question(struct building *building, struct question *question,
                          const struct xls_node *node)
{
    struct form *form = building->form;
    struct question *parent = node->parent == &building->xls->top
                                  ? NULL
                                  : building->question[node->parent->index];
    struct question *last = parent ? parent->child : form->first;

    question->parent = parent;
    question->repeat = !parent                           ? NULL
                       : parent->type == QUESTION_REPEAT ? parent
                                                         : parent->repeat;
    if (!last && parent)
        parent->child = question;
    else if (!last)
        form->first = question;
    else
        building->last[parent ? parent->index + 1 : 0]->next = question;
    building->last[parent ? parent->index + 1 : 0] = question;
    for (; parent; parent = parent->parent)
        parent->end = question->index + 1;
}

static void check_depth(struct building *building,
                        const struct question *question,
                        const struct xls_node *node)
{
    size_t depth = 0;

    for (const struct question *at = question->parent; at; at = at->parent)
        depth++;
    if (depth <= FORM_GROUPS_DEEP_MAX || building->deep)
        return;
    building->deep = true;
    xls_node_problem(building->xls, XLS_TOO_DEEP, node, "type", STR(""),
                     STR(""));
}

static void check_name(struct building *building, const struct xls_node *node)
{
    if (str_equal_c(node->name, "_why"))
        xls_node_problem(building->xls, XLS_FORM_NAME_RESERVED, node, "name",
                         node->name, STR(""));
    if (node->name.size > FORM_NAME_MAX)
        xls_node_problem(building->xls, XLS_FORM_NAME_LONG, node, "name",
                         xls_number(building->arena, FORM_NAME_MAX), STR(""));
}

static void read_texts(struct building *building, struct question *question,
                       const struct xls_node *node)
{
    const struct xls_texts *texts =
        node->own.count > 0 ? &node->own : &node->texts;

    question->label = node->other_of
                          ? build_other(building, false)
                          : build_texts(building, texts, XLS_TEXT_LABEL);
    question->hint = build_texts(building, texts, XLS_TEXT_HINT);
    question->guidance_hint = build_texts(building, texts, XLS_TEXT_GUIDANCE);
    question->constraint_message =
        build_texts(building, texts, XLS_TEXT_CONSTRAINT);
    question->required_message =
        build_texts(building, texts, XLS_TEXT_REQUIRED);
    question->media = build_media(building, texts, "survey", node->row);
}

/* --- the other columns ---------------------------------------------------- */

static bool has_place(const struct xls_column *column)
{
    static const char *const binds[] = {"relevant", "constraint", "required",
                                        "readonly", "calculate",  NULL};

    switch (column->target) {
    case XLS_TO_CELL:
        return column->which != XLS_CELL_TRIGGER &&
               column->which != XLS_CELL_SAVE_TO &&
               column->which != XLS_CELL_LIST_NAME &&
               column->which != XLS_CELL_QUERY &&
               column->which != XLS_CELL_MEDIA;
    case XLS_TO_TEXT:
        return column->which == XLS_TEXT_LABEL ||
               column->which == XLS_TEXT_HINT ||
               column->which == XLS_TEXT_GUIDANCE ||
               column->which == XLS_TEXT_CONSTRAINT ||
               column->which == XLS_TEXT_REQUIRED;
    case XLS_TO_BIND:
        return xls_one_of(column->name, binds) || build_cobijo_named(column);
    case XLS_TO_CONTROL:
        return str_equal_c(column->name, "appearance");
    case XLS_TO_NOTHING:
    case XLS_TO_INSTANCE:
    case XLS_TO_ATTRIBUTE:
    case XLS_TO_EXTRA:
        break;
    }
    return false;
}

static bool is_required(const struct xls_column *column)
{
    return column->target == XLS_TO_BIND &&
           str_equal_c(column->name, "required");
}

/* Kept as a text; the page draws a map beside it. */
static struct value *build_shape(const struct building *building,
                                 const struct xls_node *node)
{
    static const char *const shapes[] = {"geotrace", "geoshape", NULL};
    struct value *extra = NULL;

    if (!xls_one_of(str_of(node->type->name), shapes))
        return NULL;
    extra = value_object(building->arena);
    value_put_text(extra, building->arena, "type", node->type->name);
    return extra;
}

/* A required that is no plain yes stays readable: a page shows the mark only
 * where the answer is always required. */
static const struct value *extra_of(struct building *building,
                                    const struct xls_node *node)
{
    const struct xls_sheet *sheet = &building->xls->survey;
    const struct xls_row *row = node->source;
    struct value *extra = build_shape(building, node);

    for (size_t i = 0; row && i < sheet->columns && i < row->count; i++) {
        const struct xls_column *column = &sheet->column[i];
        struct str cell = row->cell[i];

        if (cell.size == 0 || column->header.size == 0)
            continue;
        if (is_required(column) ? build_yes(cell) : has_place(column))
            continue;
        if (!extra)
            extra = value_object(building->arena);
        value_set(
            extra, building->arena,
            is_required(column) ? STR("required")
                                : build_extra_name(building, column),
            value_string(building->arena, xls_clean(building->xls, cell)));
    }
    return extra;
}

/* --- questions ------------------------------------------------------------ */

static bool is_unnamed_note(const struct xls_node *node)
{
    return strcmp(node->type->name, "note") == 0 &&
           node->cell[XLS_CELL_NAME].size == 0;
}

static void question_new(struct building *building, const struct xls_node *node)
{
    struct form *form = building->form;
    struct question *question = ARENA_NEW(building->arena, struct question);

    if (!question)
        return;
    question->type = type_of(node);
    question->row = node->row;
    question->name = is_unnamed_note(node) ? STR("") : node->name;
    question->index = form->question_count;
    question->end = question->index + 1;
    question->appearance = node->appearance.at ? node->appearance : STR("");
    question->parameters = node->cell[XLS_CELL_PARAMETERS];
    building->question[node->index] = question;
    link_question(building, question, node);
    form->question[form->question_count] = question;
    building->draft[form->question_count++] =
        (struct draft){.question = question, .node = node};
    check_depth(building, question, node);
    check_name(building, node);
    read_texts(building, question, node);
    build_cobijo(building, question, node);
    question->extra = extra_of(building, node);
    if (question_is_select(question))
        build_origin(building, question, node);
}

void build_survey(struct building *building)
{
    struct xls *xls = building->xls;
    struct form *form = building->form;
    struct arena *arena = building->arena;
    size_t count = xls->nodes + 1;

    if (xls->nodes > FORM_QUESTIONS_MAX) {
        xls_problem(xls, XLS_TOO_MANY,
                    (struct xls_place){"survey", FORM_QUESTIONS_MAX, STR("")},
                    STR(""), STR(""), STR(""));
        return;
    }
    form->question = ARENA_ARRAY(arena, struct question *, count);
    building->question = ARENA_ARRAY(arena, struct question *, count);
    building->last = ARENA_ARRAY(arena, struct question *, count + 1);
    building->draft = ARENA_ARRAY(arena, struct draft, count);
    if (!form->question || !building->question || !building->last ||
        !building->draft)
        return;
    for (size_t i = 0; i < xls->nodes && !arena_failed(arena); i++) {
        const struct xls_node *node = xls->node[i];

        if (is_kept(node))
            question_new(building, node);
        else if (!node->generated && node->type->kind != XLS_EXTERNAL)
            xls_node_problem(xls, XLS_FORM_NOT_KEPT, node, "type",
                             node->cell[XLS_CELL_TYPE], STR(""));
    }
}
