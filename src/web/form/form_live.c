/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_live.c - help while somebody types: which questions now make sense,
 * what is wrong so far, what the form calculates. Saves nothing, keeps
 * nothing; the page works without it. Names in the answer are those of the
 * inputs (documents.0.doc_type).
 */
#include "web/form/widget.h"

struct live {
    struct widgets w;
    struct value *relevant, *choices;
};

static void live_choices(struct live *live, const struct question *question,
                         struct str name)
{
    struct arena *arena = live->w.arena;
    struct value *list = value_list(arena);
    const struct choice **choice = NULL;
    size_t count = question_choices(question, &live->w.scope, &choice);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_list(arena);

        value_add(item, arena, value_string(arena, choice[i]->name));
        value_add(item, arena,
                  value_string(arena, texts_in(live->w.form, choice[i]->label,
                                               live->w.view->task.language)));
        value_add(list, arena, item);
    }
    value_set(live->choices, arena, name, list);
}

static void live_walk(struct live *live, const struct question *first,
                      bool shown);

static void live_rows(struct live *live, const struct question *repeat,
                      bool shown)
{
    const struct value *rows = value_get_str(live->w.answers, repeat->key);

    for (size_t i = 0; i < value_count(rows); i++) {
        struct live inner = *live;

        inner.w.prefix =
            str_format(live->w.arena, "%.*s.%zu.", STR_ARGS(repeat->key), i);
        inner.w.row = value_at(rows, i);
        inner.w.scope.row = inner.w.row;
        inner.w.scope.position = i + 1;
        live_walk(&inner, repeat->child, shown);
    }
}

static void live_walk(struct live *live, const struct question *first,
                      bool shown)
{
    for (const struct question *child = first; child; child = child->next) {
        struct str name = widget_name(&live->w, child);
        bool here;

        if (!widget_wanted(&live->w, child))
            continue;
        live->w.scope.node = child;
        here = shown && question_relevant(child, &live->w.scope);
        value_set(live->relevant, live->w.arena, name,
                  value_bool(live->w.arena, here));
        if (child->type == QUESTION_GROUP)
            live_walk(live, child->child, here);
        else if (child->type == QUESTION_REPEAT)
            live_rows(live, child, here);
        else if (here && (child->choice_filter || child->choice_rows))
            live_choices(live, child, name);
    }
}

static struct value *live_errors(struct view *view,
                                 const struct check_result *result)
{
    struct arena *arena = view->task.arena;
    struct value *errors = value_object(arena);

    for (size_t i = 0; i < result->count; i++)
        value_set(errors, arena, problem_name(arena, result->problem[i].path),
                  value_string(arena, problem_text(view, &result->problem[i])));
    return errors;
}

static struct value *live_values(struct view *view, const struct form *form,
                                 const struct check_result *result)
{
    struct arena *arena = view->task.arena;
    struct value *values = value_object(arena);

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *answer =
            value_get_str(result->answers, question->key);

        if (!question->calculation || question->repeat || !answer ||
            !role_reads(view->task.actor.role, question))
            continue;
        if (question_is_select(question))
            value_set(values, arena, question->key,
                      value_string(arena,
                                   answer_display(form, question, answer,
                                                  view->task.language, arena)));
        else if (question->type == QUESTION_CALCULATE)
            value_set(values, arena, question->key, answer);
    }
    return values;
}

/* What is typed with what the form calculates from it, so that a question may
 * appear because of a score. */
static const struct value *with_calculated(const struct form *form,
                                           const struct value *answers,
                                           const struct check_result *result,
                                           struct arena *arena)
{
    struct value *out = value_copy(answers, arena);

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *answer =
            value_get_str(result->answers, question->key);

        if (question->calculation && !question->repeat && answer)
            value_set(out, arena, question->key, answer);
    }
    return out;
}

enum error live_put(struct view *view, const struct form *form,
                    const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct check_options options = {.language = view->task.language,
                                    .now = view->task.now,
                                    .utc_offset = view->task.utc_offset,
                                    .partial = true};
    struct check_result result = {0};
    struct live live = {0};
    enum error error;

    error = form_check(form, answers, &options, arena, &result, &view->err);
    if (error != ERROR_NONE)
        return error;
    widgets_init(&live.w, view, form,
                 with_calculated(form, answers, &result, arena));
    live.relevant = value_object(arena);
    live.choices = value_object(arena);
    live_walk(&live, form->first, true);
    value_put(view->data, arena, "relevant", live.relevant);
    value_put(view->data, arena, "choices", live.choices);
    value_put(view->data, arena, "errors", live_errors(view, &result));
    value_put(view->data, arena, "values", live_values(view, form, &result));
    return ERROR_NONE;
}

enum error form_check_post(struct view *view)
{
    const struct form *form =
        forms_find(view->app->office.forms, view->param[0], STR_NULL);

    view->json = true;
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    return live_put(view, form, view_answers(view, form));
}
