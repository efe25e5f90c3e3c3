/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_expr.c - the expressions of the survey, parsed and tied to it. */
#include "form/xlsform_read.h"

/* One cell on its way from text to tree. */
struct cell {
    struct reading *reading;
    struct draft *draft;
    enum survey_column column;
};

static struct str header_of(const struct cell *cell)
{
    const struct reading *reading = cell->reading;
    size_t column = reading->column[cell->column];

    return column < SIZE_MAX ? reading->workbook.survey.column[column].header
                             : STR("");
}

static void cell_problem(const struct cell *cell, const char *msgid,
                         struct str arg)
{
    problem_add(cell->reading, "survey", cell->draft->row->row, header_of(cell),
                msgid, arg, STR(""));
}

static void on_unknown(void *context, const struct expr *path)
{
    const struct cell *cell = context;
    const struct form *form = cell->reading->form;
    const struct question *node = cell->draft->question;
    struct str name = expr_path_name(path);

    if (path->root == EXPR_ROOT_INSTANCE)
        cell_problem(cell,
                     N_("instance('{1}'): no hay ninguna lista con ese nombre "
                        "en la hoja choices."),
                     path->text);
    else if (path->root == EXPR_ROOT_NAME &&
             form_name_ambiguous(form, node, name))
        cell_problem(cell,
                     N_("Hay varias preguntas llamadas «{1}»: deles nombres "
                        "distintos para poder usar ${{1}}."),
                     name);
    else if (path->root == EXPR_ROOT_NAME)
        cell_problem(cell,
                     N_("No hay ninguna pregunta llamada «{1}»: revise el "
                        "nombre en ${{1}}."),
                     name);
    else if (path->step_count == 1 && form_find_name(form, node, name))
        cell_problem(
            cell, N_("Para usar la respuesta de «{1}» escriba ${{1}}."), name);
    else
        cell_problem(cell,
                     N_("La ruta que termina en «{1}» no lleva a "
                        "ninguna pregunta; escriba ${nombre}."),
                     name);
}

/* Relevance and calculation decide the order of evaluation. */
static void on_used(void *context, const struct question *question)
{
    const struct cell *cell = context;
    struct draft *draft = cell->draft;
    struct question **room = draft->need;
    size_t count = draft->needs;

    if (cell->column != SURVEY_relevant && cell->column != SURVEY_calculation)
        return;
    if (question == draft->question && cell->column == SURVEY_calculation)
        return; /* "." in a calculation: the value it had */
    if ((count & (count - 1)) == 0)
        room =
            arena_grow(cell->reading->arena, draft->need, count * sizeof *room,
                       (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    draft->need = room;
    draft->need[draft->needs++] =
        cell->reading->form->question[question->index];
}

static const struct expr *cell_parse(struct cell *cell, struct str text)
{
    struct reading *reading = cell->reading;
    struct expr_binding binding = {.form = reading->form,
                                   .node = cell->draft->question,
                                   .columns =
                                       cell->column == SURVEY_choice_filter,
                                   .context = cell,
                                   .unknown = on_unknown,
                                   .used = on_used};
    struct expr *expr = NULL;
    struct err err = {0};

    if (expr_parse_tree(reading->arena, text, &expr, &err)) {
        struct form_problem *problem = problem_new(
            reading, "survey", cell->draft->row->row, header_of(cell));

        if (problem)
            problem->err = err;
        return NULL;
    }
    expr_bind(expr, &binding);
    return expr;
}

static struct str cell_text(const struct cell *cell)
{
    return sheet_cell(cell->draft->row, cell->reading->column[cell->column]);
}

static const struct expr *read_cell(struct reading *reading,
                                    struct draft *draft,
                                    enum survey_column column)
{
    struct cell cell = {reading, draft, column};
    struct str text = cell_text(&cell);

    return text.size ? cell_parse(&cell, text) : NULL;
}

/* yes and no, or an expression. */
static const struct expr *read_flag(struct reading *reading,
                                    struct draft *draft,
                                    enum survey_column column)
{
    static const char *const yes[] = {"yes", "true", "1"};
    static const char *const no[] = {"no", "false", "0", "false()"};
    struct cell cell = {reading, draft, column};
    struct str text = cell_text(&cell);

    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (str_equal_nocase(text, str_of(no[i])))
            return NULL;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (str_equal_nocase(text, str_of(yes[i])))
            text = STR("true()");
    if (str_equal_nocase(text, STR("true()")))
        text = STR("true()");
    return text.size ? cell_parse(&cell, text) : NULL;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ':';
}

/* Plain text unless it refers to a question or calls a function: a default of
 * "2026-11-22" is no subtraction. */
static bool is_dynamic(struct str text)
{
    if (str_find(text, STR("${")) < SIZE_MAX)
        return true;
    for (size_t i = 1; i < text.size; i++) {
        size_t from = i;

        if (text.at[i] != '(')
            continue;
        while (from > 0 && is_name_char(text.at[from - 1]))
            from--;
        if (expr_function_find(str_slice(text, from, i)) &&
            (from == 0 || strchr(" (,+-*=<>", text.at[from - 1])))
            return true;
    }
    return false;
}

static void read_default(struct reading *reading, struct draft *draft)
{
    struct cell cell = {reading, draft, SURVEY_default};
    struct question *question = draft->question;
    struct str text = cell_text(&cell);

    if (text.size == 0)
        return;
    if (is_dynamic(text)) {
        question->default_value = cell_parse(&cell, text);
        return;
    }
    question->default_text = text;
    if (question->type == QUESTION_SELECT_ONE && question->choices &&
        !choice_find(question->choices, text))
        cell_problem(&cell,
                     N_("«{1}» no está en la lista de la pregunta; escriba en "
                        "default el valor de name de una opción."),
                     text);
}

static void check_calculate(struct reading *reading, struct draft *draft)
{
    const struct question *question = draft->question;

    if (question->type != QUESTION_CALCULATE || question->calculation ||
        question->default_value || question->default_text.size ||
        question->system ||
        sheet_cell(draft->row, reading->column[SURVEY_calculation]).size)
        return;
    problem_add(reading, "survey", draft->row->row, STR("calculation"),
                N_("La pregunta «{1}» es de tipo calculate y no dice qué "
                   "calcular: escríbalo en la columna calculation."),
                question->name, STR(""));
}

void expressions_read(struct reading *reading)
{
    for (size_t i = 0; i < reading->form->question_count; i++) {
        struct draft *draft = &reading->draft[i];
        struct question *question = draft->question;

        question->relevant = read_cell(reading, draft, SURVEY_relevant);
        question->constraint = read_cell(reading, draft, SURVEY_constraint);
        question->required = read_flag(reading, draft, SURVEY_required);
        question->readonly = read_flag(reading, draft, SURVEY_readonly);
        question->calculation = read_cell(reading, draft, SURVEY_calculation);
        question->choice_filter =
            read_cell(reading, draft, SURVEY_choice_filter);
        if (question->type == QUESTION_REPEAT)
            question->repeat_count =
                read_cell(reading, draft, SURVEY_repeat_count);
        read_default(reading, draft);
        check_calculate(reading, draft);
    }
}
