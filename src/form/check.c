/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check.c - answers against their form.
 *
 * First every answer is put where its question is (check_load.c). Then the
 * questions are settled one after another in the form's order, in which each
 * comes after those it depends on: relevant or not, calculated, defaulted or
 * cleaned. Only then, with all values standing, constraints, filters and
 * required answers are looked at, in the order of the sheet.
 */
#include "form/check_frame.h"

#include "form/clean.h"
#include "form/expr/eval.h"

const struct expr_scope *check_scope(struct checking *checking,
                                     const struct frame *frame,
                                     const struct question *question)
{
    checking->scope.node = question;
    checking->scope.level = &frame->level;
    checking->scope.position = frame->level.position;
    return &checking->scope;
}

/* For errors that only mean the fallback; big, so it is cleared by its code
 * alone. */
static struct err *ignored(struct checking *checking)
{
    checking->ignored.code = ERROR_NONE;
    return &checking->ignored;
}

static bool parent_relevant(const struct frame *frame,
                            const struct question *question)
{
    const struct question *parent = question->parent;

    if (frame->left)
        return false;
    if (!parent)
        return true;
    if (parent == frame->level.repeat)
        frame = (const struct frame *)frame->level.up;
    return (frame->state[parent->index - frame->level.first] &
            ANSWER_RELEVANT) != 0;
}

/* The text of a result; what is not a number is no answer. */
static struct str result_answer(const struct expr_result *result,
                                struct arena *arena)
{
    struct str text;

    if (result->type == EXPR_NUMBER &&
        !(result->number > -1e300 && result->number < 1e300))
        return STR_NULL;
    text = expr_to_text(result, arena);
    return str_equal_c(text, "NaN") ? STR_NULL : text;
}

/* Computed text that does not fit the question's type is dropped. */
static struct str computed(struct checking *checking,
                           const struct question *question, struct str text)
{
    struct str clean = STR_NULL;

    if (answer_clean(question, text, checking->options->utc_offset,
                     checking->arena, &clean))
        return STR_NULL;
    return clean;
}

static struct str evaluate(struct checking *checking, const struct frame *frame,
                           const struct question *question,
                           const struct expr *expr)
{
    struct expr_result result = {0};
    struct err *err = ignored(checking);

    if (expr_eval(expr, check_scope(checking, frame, question), &result, err)) {
        struct check_problem *problem =
            check_problem_new(checking, frame, question->key, question);

        if (problem)
            problem->err = *err;
        return STR_NULL;
    }
    return computed(checking, question,
                    result_answer(&result, checking->arena));
}

static struct str default_answer(struct checking *checking,
                                 const struct frame *frame,
                                 const struct question *question)
{
    const struct check_options *options = checking->options;

    if (question->default_value)
        return evaluate(checking, frame, question, question->default_value);
    if (question->default_text.size > 0)
        return computed(checking, question, question->default_text);
    if (question->type == QUESTION_TODAY)
        return str_slice(
            local_time(checking->arena, options->now, options->utc_offset), 0,
            10);
    if (question->type == QUESTION_START || question->type == QUESTION_END)
        return local_time(checking->arena, options->now, options->utc_offset);
    return STR_NULL;
}

static void settle_value(struct checking *checking, struct frame *frame,
                         const struct question *question)
{
    size_t slot = question->index - frame->level.first;
    struct str *text = &frame->level.text[slot];
    struct str clean = STR_NULL;
    bool given = (frame->state[slot] & ANSWER_GIVEN) != 0;

    if (given) {
        const char *wrong = answer_clean(
            question, frame->raw ? frame->raw[slot] : *text,
            checking->options->utc_offset, checking->arena, &clean);

        *text = wrong ? STR_NULL : clean;
        if (wrong && !question->calculation)
            check_wrong(checking, frame, slot, wrong);
    }
    if (question->calculation)
        *text = evaluate(checking, frame, question, question->calculation);
    else if (!given && checking->options->defaults)
        *text = default_answer(checking, frame, question);
}

size_t check_rows_wanted(struct checking *checking, const struct frame *frame,
                         const struct question *repeat)
{
    struct expr_result result = {0};
    double number;

    if (expr_eval(repeat->repeat_count, check_scope(checking, frame, repeat),
                  &result, ignored(checking)))
        return SIZE_MAX;
    number = expr_to_number(&result);
    return number >= 0 && number <= REPEAT_ROWS_MAX ? (size_t)number : SIZE_MAX;
}

/* Blank rows count where the form says how many there are, but none at the end
 * beyond that. */
static void settle_rows(struct checking *checking, struct frame *frame,
                        const struct question *repeat)
{
    struct level_rows *rows =
        &frame->level.rows[repeat->index - frame->level.first];
    size_t wanted = check_rows_wanted(checking, frame, repeat);

    if (wanted == SIZE_MAX)
        wanted = 0;
    for (; rows->count > wanted; rows->count--) {
        struct frame *row = (struct frame *)rows->row[rows->count - 1];

        if (!row->blank)
            break;
        row->left = true;
    }
}

void check_settle(struct checking *checking, struct frame *frame,
                  const struct question *question)
{
    size_t slot = question->index - frame->level.first;
    bool relevant = parent_relevant(frame, question);

    if (relevant && question->relevant)
        relevant = expr_true(question->relevant,
                             check_scope(checking, frame, question), true,
                             ignored(checking));
    if (!relevant) {
        frame->level.text[slot] = STR_NULL;
        if (frame->level.rows)
            frame->level.rows[slot].count = 0;
        return;
    }
    frame->state[slot] |= ANSWER_RELEVANT;
    if (question->repeat_count)
        settle_rows(checking, frame, question);
    if (question_has_value(question))
        settle_value(checking, frame, question);
}

/* --- the second look -------------------------------------------------------
 */

struct covering {
    const struct expr_scope *scope;
    const struct question *question;
};

/* A message goes to whoever wrote the answer, who may not read all others. */
static bool covered(void *context, struct str name, struct str *text)
{
    const struct covering *covering = context;
    const struct expr_scope *scope = covering->scope;
    const struct question *asked =
        form_find_name(scope->form, covering->question, name);

    for (; asked; asked = asked->parent)
        if (asked->compartment.size) {
            *text = STR("…");
            return true;
        }
    return scope->lookup && scope->lookup(scope->context, name, text);
}

static struct str message(struct checking *checking, const struct frame *frame,
                          const struct question *question,
                          const struct texts *texts)
{
    struct expr_scope scope = *check_scope(checking, frame, question);
    const struct expr_scope inner = scope;
    struct covering covering = {&inner, question};

    scope.context = &covering;
    scope.lookup = covered;
    return text_fill(
        texts_in(checking->form, *texts, checking->options->language), &scope);
}

static void problem_say(struct checking *checking, const struct frame *frame,
                        const struct question *question, const char *msgid,
                        const struct texts *own)
{
    struct check_problem *problem =
        check_problem_new(checking, frame, question->key, question);

    if (!problem)
        return;
    err_set(&problem->err, ERROR_INPUT, msgid, NULL, NULL, NULL);
    if (own)
        problem->text = message(checking, frame, question, own);
}

/* Are all of them answers of the repeat? */
static bool rows_pass(const struct question *question,
                      const struct expr_scope *scope, struct str text)
{
    const struct choice **choice;
    size_t count = question_choices(question, scope, &choice), at;
    struct str rest = text, item = text;

    while (question->type == QUESTION_SELECT_ONE || next_item(&rest, &item)) {
        for (at = 0; at < count && !str_equal(choice[at]->name, item);)
            at++;
        if (at == count)
            return false;
        if (question->type == QUESTION_SELECT_ONE)
            break;
    }
    return true;
}

static bool choices_pass(struct checking *checking, const struct frame *frame,
                         const struct question *question, struct str text)
{
    const struct expr_scope *scope;
    struct str rest = text, item;

    if (!question_is_select(question))
        return true;
    scope = check_scope(checking, frame, question);
    if (question->choice_rows)
        return rows_pass(question, scope, text);
    if (!question->choice_filter)
        return true;
    while (next_item(&rest, &item)) {
        const struct choice *choice =
            choice_find(question->choices,
                        question->type == QUESTION_SELECT_ONE ? text : item);

        if (!choice || !expr_true_for_choice(question->choice_filter, scope,
                                             choice, ignored(checking)))
            return false;
        if (question->type == QUESTION_SELECT_ONE)
            break;
    }
    return true;
}

static bool must_answer(struct checking *checking, const struct frame *frame,
                        const struct question *question)
{
    size_t slot = question->index - frame->level.first;

    if (!question->required || question->calculation ||
        (frame->why && frame->why[slot].size > 0) ||
        (question->system && !checking->options->keep_system) ||
        (checking->options->partial && !(frame->state[slot] & ANSWER_GIVEN)))
        return false;
    return expr_true(question->required, check_scope(checking, frame, question),
                     false, ignored(checking));
}

static void look_at_rows(struct checking *checking, const struct frame *frame,
                         const struct question *repeat)
{
    size_t slot = repeat->index - frame->level.first;
    size_t count = frame->level.rows[slot].count;
    size_t wanted = check_rows_wanted(checking, frame, repeat);
    struct check_problem *problem;
    char text[2][24];

    if (wanted == SIZE_MAX || wanted == count ||
        (checking->options->partial && !(frame->state[slot] & ANSWER_GIVEN)))
        return;
    problem = check_problem_new(checking, frame, repeat->key, repeat);
    snprintf(text[0], sizeof text[0], "%zu", wanted);
    snprintf(text[1], sizeof text[1], "%zu", count);
    if (problem)
        err_set(&problem->err, ERROR_INPUT,
                count < wanted
                    ? N_("Filas que van aquí: {1}. Hay {2}: agregue "
                         "las que faltan.")
                    : N_("Filas que van aquí: {1}. Hay {2}: quite las "
                         "que sobran."),
                text[0], text[1], NULL);
}

void check_look(struct checking *checking, const struct frame *frame,
                const struct question *question)
{
    size_t slot = question->index - frame->level.first;
    struct str text = frame->level.text[slot];

    if (!(frame->state[slot] & ANSWER_RELEVANT))
        return;
    if (question->repeat_count)
        look_at_rows(checking, frame, question);
    if (!question_has_value(question))
        return;
    if (frame->wrong && frame->wrong[slot])
        problem_say(checking, frame, question, frame->wrong[slot], NULL);
    else if (text.size == 0 && must_answer(checking, frame, question))
        problem_say(checking, frame, question,
                    N_("Falta esta respuesta. Si no la hay, diga por qué."),
                    &question->required_message);
    else if (text.size > 0 && !choices_pass(checking, frame, question, text))
        problem_say(checking, frame, question,
                    N_("Esa respuesta no va con lo que contestó antes."), NULL);
    else if (text.size > 0 && question->constraint &&
             !expr_true(question->constraint,
                        check_scope(checking, frame, question), true,
                        ignored(checking)))
        problem_say(checking, frame, question,
                    N_("Esta respuesta no se admite; revísela."),
                    &question->constraint_message);
}

/* --- the cleaned answers ---------------------------------------------------
 */

static struct value *frame_answers(const struct checking *checking,
                                   const struct frame *frame);

static struct value *rows_answers(const struct checking *checking,
                                  const struct level_rows *rows)
{
    struct value *list = value_list(checking->arena);

    for (size_t i = 0; i < rows->count; i++)
        value_add(list, checking->arena,
                  frame_answers(checking, (const struct frame *)rows->row[i]));
    return list;
}

static struct value *frame_answers(const struct checking *checking,
                                   const struct frame *frame)
{
    struct arena *arena = checking->arena;
    struct value *answers = value_object(arena), *why = NULL;
    size_t first = frame->level.first, i = first;

    while (i < first + frame->slots) {
        const struct question *question = checking->form->question[i];
        struct str text = frame->level.text[i - first];
        bool relevant = (frame->state[i - first] & ANSWER_RELEVANT) != 0;

        if (question->type == QUESTION_REPEAT) {
            const struct level_rows *rows =
                frame->level.rows ? &frame->level.rows[i - first] : NULL;

            if (rows && rows->count)
                value_set(answers, arena, question->key,
                          rows_answers(checking, rows));
            i = question->end;
            continue;
        }
        if (text.size > 0) {
            value_set(answers, arena, question->key, value_string(arena, text));
        } else if (relevant && frame->why && frame->why[i - first].size > 0) {
            if (!why)
                why = value_object(arena);
            value_set(why, arena, question->key,
                      value_string(arena, frame->why[i - first]));
        }
        i++;
    }
    if (why)
        value_put(answers, arena, "_why", why);
    return answers;
}

void check_begin(struct checking *checking, const struct form *form,
                 const struct check_options *options, struct arena *arena)
{
    *checking = (struct checking){.form = form,
                                  .options = options,
                                  .arena = arena,
                                  .scope = {.arena = arena,
                                            .form = form,
                                            .language = options->language,
                                            .now = options->now,
                                            .utc_offset = options->utc_offset,
                                            .context = options->context,
                                            .lookup = options->lookup,
                                            .host = options->host}};
}

enum error form_check(const struct form *form, const struct value *input,
                      const struct check_options *options, struct arena *arena,
                      struct check_result *result, struct err *err)
{
    struct checking checking;

    check_begin(&checking, form, options, arena);
    if (!check_load(&checking, input))
        return err_memory(err);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->order[i];
        const struct frame_list *list = frames_of(&checking, question->repeat);

        for (size_t j = 0; j < list->count; j++)
            check_settle(&checking, list->frame[j], question);
    }
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct frame_list *list = frames_of(&checking, question->repeat);

        for (size_t j = 0; j < list->count; j++)
            check_look(&checking, list->frame[j], question);
    }
    checking.result.answers = frame_answers(&checking, checking.top);
    if (arena_failed(arena))
        return err_memory(err);
    *result = checking.result;
    return ERROR_NONE;
}
