/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_expr.c - the expressions of the survey, parsed and tied to it. That
 * every ${name} is there has been looked at by the reader. */
#include "form/build/build.h"

#include "form/expr/tree.h"

/* One cell on its way from text to tree. */
struct cell {
    struct building *building;
    struct draft *draft;
    struct str header; /* of its column */
    struct str text;
    bool columns; /* a choice_filter */
    bool ordered; /* its answers come first: relevance, calculation, count */
    bool itself;  /* a calculation: "." is the value it had */
};

static struct xls_place place_of(const struct cell *cell)
{
    return (struct xls_place){"survey", cell->draft->node->row, cell->header};
}

static void tell(const struct cell *cell, enum xls_problem problem,
                 struct str name)
{
    xls_problem(cell->building->xls, problem, place_of(cell), name, STR(""),
                STR(""));
}

/* ${name}: the reader has told that there is none, or several; what is left is
 * a row of which no answer is kept. */
static void unknown_name(const struct cell *cell, struct str name)
{
    const struct xls *xls = cell->building->xls;
    const struct xls_node *node = xls_find(xls, name);

    if (node && names_find(xls->twice, 0, name) == SIZE_MAX)
        tell(cell, XLS_FORM_NOT_KEPT_NAME, name);
}

static void on_unknown(void *context, const struct expr *path)
{
    const struct cell *cell = context;
    struct str name = expr_path_name(path);

    if (path->root == EXPR_ROOT_INSTANCE)
        tell(cell, XLS_FORM_INSTANCE, path->text);
    else if (path->root == EXPR_ROOT_NAME)
        unknown_name(cell, name);
    else if (path->step_count == 1 &&
             form_find_name(cell->building->form, cell->draft->question, name))
        tell(cell, XLS_FORM_BARE_NAME, name);
    else
        tell(cell, XLS_FORM_PATH, name);
}

static void on_used(void *context, const struct question *question)
{
    const struct cell *cell = context;
    struct draft *draft = cell->draft;

    if (!cell->ordered || (cell->itself && question == draft->question))
        return;
    draft->need = xls_room(cell->building->arena, draft->need, draft->needs,
                           sizeof *draft->need);
    if (!draft->need) {
        draft->needs = 0;
        return;
    }
    draft->need[draft->needs++] =
        cell->building->form->question[question->index];
}

/* A reference that is not well written is told already. */
static bool told(const struct cell *cell)
{
    const struct form_problems *problems = cell->building->xls->problems;

    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];

        if (problem->row == cell->draft->node->row &&
            str_equal_c(problem->sheet, "survey") &&
            str_equal(problem->column, cell->header) && problem->code &&
            strcmp(problem->code, "PYREF_001") == 0)
            return true;
    }
    return false;
}

static const struct expr *cell_parse(struct cell *cell)
{
    struct building *building = cell->building;
    struct expr_binding binding = {.form = building->form,
                                   .node = cell->draft->question,
                                   .columns = cell->columns,
                                   .context = cell,
                                   .unknown = on_unknown,
                                   .used = on_used};
    struct expr *expr = NULL;
    struct err err = {0};

    if (cell->text.size == 0)
        return NULL;
    if (expr_parse_tree(building->arena, cell->text, &expr, &err)) {
        if (!told(cell))
            xls_problem_err(building->xls, XLS_FORM_EXPRESSION, place_of(cell),
                            &err);
        return NULL;
    }
    expr_bind(expr, &binding);
    return expr;
}

static struct cell cell_of(struct building *building, struct draft *draft,
                           enum xls_cell which, const char *name)
{
    const struct xls_sheet *sheet = &building->xls->survey;
    size_t column = sheet->cell[which];

    return (struct cell){.building = building,
                         .draft = draft,
                         .header = column < SIZE_MAX
                                       ? sheet->column[column].header
                                       : str_of(name),
                         .text = draft->node->cell[which]};
}

/* An attribute of the bind. */
static struct cell bind_of(struct building *building, struct draft *draft,
                           const char *name)
{
    const struct xls_attributes *bind = &draft->node->bind;
    struct cell cell = {.building = building,
                        .draft = draft,
                        .header = str_of(name),
                        .text = STR("")};

    for (size_t i = 0; i < bind->count; i++)
        if (str_equal_c(bind->attribute[i].name, name)) {
            cell.text = bind->attribute[i].value;
            if (bind->attribute[i].column)
                cell.header = bind->attribute[i].column->header;
            break;
        }
    return cell;
}

static const struct expr *read_bind(struct building *building,
                                    struct draft *draft, const char *name)
{
    struct cell cell = bind_of(building, draft, name);

    cell.itself = strcmp(name, "calculate") == 0;
    cell.ordered = cell.itself || strcmp(name, "relevant") == 0;
    return cell_parse(&cell);
}

/* yes and no, or an expression. */
static const struct expr *read_flag(struct building *building,
                                    struct draft *draft, const char *name)
{
    static const char *const no[] = {"no", "false", "0", "false()"};
    struct cell cell = bind_of(building, draft, name);

    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (str_equal_nocase(cell.text, str_of(no[i])))
            return NULL;
    if (build_yes(cell.text))
        cell.text = STR("true()");
    return cell_parse(&cell);
}

static void read_default(struct building *building, struct draft *draft)
{
    struct cell cell = cell_of(building, draft, XLS_CELL_DEFAULT, "default");
    struct question *question = draft->question;

    if (draft->node->dynamic_default) {
        question->default_value = cell_parse(&cell);
        return;
    }
    question->default_text = cell.text;
    if (cell.text.size > 0 && question->type == QUESTION_SELECT_ONE &&
        question->choices && !choice_find(question->choices, cell.text))
        tell(&cell, XLS_FORM_DEFAULT, cell.text);
}

static void read_filter(struct building *building, struct draft *draft)
{
    struct cell cell =
        cell_of(building, draft, XLS_CELL_CHOICE_FILTER, "choice_filter");

    cell.columns = true;
    if (draft->question->origin.source != CHOICES_REPEAT)
        draft->question->choice_filter = cell_parse(&cell);
}

static void read_count(struct building *building, struct draft *draft)
{
    struct cell cell =
        cell_of(building, draft, XLS_CELL_COUNT_OF_REPEAT, "repeat_count");

    cell.ordered = true;
    if (draft->question->type == QUESTION_REPEAT)
        draft->question->repeat_count = cell_parse(&cell);
}

/* select_one ${name}: the reader has seen that it stands in a repeat. All rows
 * of it, also for who asks in one of them: ${repeat}[filter]/name. */
static void read_rows(struct building *building, struct draft *draft)
{
    const struct xls *xls = building->xls;
    struct choice_origin *origin = &draft->question->origin;
    const struct xls_node *from = xls_find(xls, origin->name);
    struct cell cell =
        cell_of(building, draft, XLS_CELL_CHOICE_FILTER, "choice_filter");
    struct arena *arena = building->arena;
    struct str rows;

    if (origin->source != CHOICES_REPEAT || !from || !from->repeat)
        return;
    origin->from =
        form_find_name(building->form, draft->question, origin->name);
    rows = xls_path(xls, from->repeat);
    if (cell.text.size > 0)
        rows = str_format(arena, "%.*s[%.*s]", STR_ARGS(rows),
                          STR_ARGS(cell.text));
    cell.text = str_join(arena, rows,
                         str_slice(xls_path(xls, from),
                                   xls_path(xls, from->repeat).size, SIZE_MAX));
    draft->question->choice_rows = cell_parse(&cell);
}

void build_expressions(struct building *building)
{
    for (size_t i = 0; i < building->form->question_count; i++) {
        struct draft *draft = &building->draft[i];
        struct question *question = draft->question;

        question->relevant = read_bind(building, draft, "relevant");
        question->constraint = read_bind(building, draft, "constraint");
        question->required = read_flag(building, draft, "required");
        question->readonly = read_flag(building, draft, "readonly");
        question->calculation = read_bind(building, draft, "calculate");
        read_filter(building, draft);
        read_count(building, draft);
        read_default(building, draft);
        read_rows(building, draft);
    }
}
