/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_form_trial.c - a draft filled in as it would look: the same widgets,
 * the same form.wasm, the same check. What comes of it is shown as the record
 * it would be, with its scores, and kept nowhere.
 */
#include "web/kind.h"

#include "domain/record/record.h"
#include "web/page/form_draft_view.h"

/* What is typed here is nobody's, so every question is shown, also those of
 * compartments that are closed to the publisher. */
static enum error open_all(struct view *view)
{
    struct role *role = ARENA_NEW(view->task.arena, struct role);

    if (!role)
        return err_memory(&view->err);
    *role = *view->task.actor.role;
    role->compartments = COMPARTMENT_ALL;
    role->own = NULL;
    role->variant = NULL;
    view->task.actor.role = role;
    return ERROR_NONE;
}

static enum error trial_open(struct view *view, struct draft_view *draft)
{
    enum error error = draft_open(view, view->param[0], draft);

    if (error == ERROR_NONE && !draft->form)
        error = err_set(&view->err, ERROR_CONFLICT,
                        N_("El borrador tiene problemas y todavía no se puede "
                           "llenar. Corríjalos en la hoja de cálculo y súbala "
                           "otra vez."),
                        NULL, NULL, NULL);
    return error == ERROR_NONE ? open_all(view) : error;
}

static enum error trial_fill(struct view *view, const struct draft_view *draft,
                             const struct value *answers)
{
    struct arena *arena = view->task.arena;
    const struct form *form = draft->form;
    struct str href = view_format(view, "/form/%.*s/draft",
                                  STR_ARGS(path_escape(arena, form->name)));
    struct str title = texts_in(form, form->title, view->task.language);

    view_title(view, N_("Prueba de formulario"));
    view->widgets = true; /* css/widgets.css */
    value_put_bool(view->page, arena, "mask", false);
    value_put_str(view->page, arena, "revealed", STR("*"));
    value_put_str(view->page, arena, "kind", form->name);
    value_put_str(view->page, arena, "kind_title",
                  title.size ? title : form->name);
    value_put_str(view->page, arena, "version", form->version);
    value_put_str(view->page, arena, "back", href);
    value_put(
        view->page, arena, "form",
        form_view(view, form, answers, view->problem, view->problems, NULL));
    return ERROR_NONE;
}

static void nothing_yet(struct view *view)
{
    value_put_bool(view->page, view->task.arena, "result", false);
    value_put_bool(view->page, view->task.arena, "scores", false);
    value_put_bool(view->page, view->task.arena, "lines", false);
}

enum error form_trial_page(struct view *view)
{
    struct draft_view draft;
    enum error error = trial_open(view, &draft);

    if (error != ERROR_NONE)
        return error;
    nothing_yet(view);
    return trial_fill(
        view, &draft,
        view_defaults(view, draft.form, value_object(view->task.arena)));
}

/* As record_save would: filled in, checked whole. */
static enum error trial_check(struct view *view, const struct form *form,
                              const struct value *given,
                              struct check_result *result)
{
    struct task *task = &view->task;
    struct check_options options = {.language = task->language,
                                    .now = task->now,
                                    .utc_offset = task->utc_offset,
                                    .host = task->office->host,
                                    .defaults = true};
    struct value *answers = value_copy(given, task->arena);
    enum error error = record_fill(task, form, answers, &view->err);
    char count[24];

    if (error == ERROR_NONE)
        error = form_check(form, answers, &options, task->arena, result,
                           &view->err);
    if (error != ERROR_NONE || !result->count)
        return error;
    view->problem = result->problem;
    view->problems = result->count;
    snprintf(count, sizeof count, "%zu", result->count);
    return err_set(&view->err, ERROR_INPUT,
                   N_("Así no se guardaría: revise lo que está marcado ({1})."),
                   count, NULL, NULL);
}

static enum error put_result(struct view *view, const struct form *form,
                             const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *lines;

    value_put_bool(view->data, arena, "kept", false);
    value_put_str(view->data, arena, "form_version", form->version);
    value_put(view->data, arena, "answers", answers);
    value_put_str(view->page, arena, "revealed", STR("*"));
    value_put_str(view->page, arena, "reveal", STR(""));
    lines = record_view(view, form, answers);
    value_put_bool(view->page, arena, "result", true);
    if (value_count(lines))
        value_put(view->page, arena, "lines", lines);
    return answers_score_put(view, form, answers);
}

enum error form_trial_post(struct view *view)
{
    struct draft_view draft;
    struct check_result result = {0};
    struct value *answers;
    struct err first;
    enum error error = trial_open(view, &draft);

    if (error != ERROR_NONE)
        return error;
    nothing_yet(view);
    answers = view_answers(view, draft.form);
    if (view_repeat_pressed(view, draft.form, answers))
        return trial_fill(view, &draft, answers);
    error = trial_check(view, draft.form, answers, &result);
    first = view->err;
    if (error == ERROR_NONE)
        error = put_result(view, draft.form, result.answers);
    else if (error_status(error) >= 500)
        return error;
    trial_fill(view, &draft, error == ERROR_NONE ? result.answers : answers);
    if (error == ERROR_NONE)
        return ERROR_NONE;
    view->err = first;
    return view_again(view, "form_trial", error);
}

enum error form_trial_check_post(struct view *view)
{
    struct draft_view draft;
    enum error error;

    view->json = true;
    error = trial_open(view, &draft);
    return error == ERROR_NONE
               ? live_put(view, draft.form, view_answers(view, draft.form))
               : error;
}
