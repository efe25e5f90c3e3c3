/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_casefile.c - opening a person's file, taking it up again, saying
 * whose it is, closing it with a reason. Reading and editing it is the generic
 * record page.
 */
#include "domain/casework/casefile.h"
#include "web/page/casework.h"

enum error casefile_post(struct view *view)
{
    struct saved saved = {0};
    enum error error = casefile_open(&view->task, view->param[0], STR_NULL,
                                     true, &saved, &view->err);

    if (error != ERROR_NONE)
        return error;
    value_put_str(view->data, view->task.arena, "id", saved.id);
    view_redirect_said(
        view, view_format(view, "/person/%.*s", STR_ARGS(view->param[0])),
        "casefile");
    return ERROR_NONE;
}

static enum error close_show(struct view *view, const struct value *typed)
{
    static const char *const only[] = {"close_reason", "close_note",
                                       "satisfaction", NULL};
    struct arena *arena = view->task.arena;
    struct value *answers;
    struct record record;
    bool protects = false;
    struct str person;
    enum error error = record_get(&view->task, STR("casefile"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    person = value_text_of(record.answers, "person");
    if ((error = casework_person(view, person)) ||
        (error =
             casefile_protected(&view->task, person, &protects, &view->err)))
        return error;
    answers = value_copy(record.answers, arena);
    for (size_t i = 0; i < value_count(typed); i++)
        value_set(answers, arena, value_name_at(typed, i), value_at(typed, i));
    value_put_bool(
        view->data, arena, "closed",
        str_equal_c(value_text_of(record.answers, "status"), "cerrado"));
    value_put_str(answers, arena, "status", STR("cerrado")); /* relevant now */
    value_put_str(view->data, arena, "id", record.id);
    value_put_bool(view->data, arena, "protected",
                   protects &&
                       !role_has(view->task.actor.role, RIGHT_CASE_CLOSE));
    value_put(view->page, arena, "form",
              form_view(view, view_form(view, "casefile"), answers,
                        view->problem, view->problems, only));
    view_stamp(view, record.id, record.clock);
    view_title(view, N_("Cerrar el expediente"));
    return ERROR_NONE;
}

enum error casefile_close_page(struct view *view)
{
    return close_show(view, NULL);
}

enum error casefile_close_post(struct view *view)
{
    const struct value *typed = view_answers(view, view_form(view, "casefile"));
    struct saved saved = {0};
    struct save stamp = {0};
    struct record record;
    struct err why;
    enum error error = record_get(&view->task, STR("casefile"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_save(view, &stamp);
    if (value_text_of(typed, "close_reason").size == 0)
        error = err_set(&view->err, ERROR_INPUT, N_("Diga por qué se cierra."),
                        NULL, NULL, NULL);
    else
        error = casefile_close_with(&view->task, view->param[0], stamp.base,
                                    typed, &saved, &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(
            view,
            view_format(view, "/person/%.*s",
                        STR_ARGS(value_text_of(record.answers, "person"))),
            "case_closed");
        return ERROR_NONE;
    }
    why = view->err;
    view->problem = saved.problem;
    view->problems = saved.problems;
    if (error_status(error) >= 500 || close_show(view, typed) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "casefile_close", error);
}

/* --- in whose hands ------------------------------------------------------- */

static enum error assign_show(struct view *view, const struct value *typed)
{
    static const char *const only[] = {"manager", "team", NULL};
    struct record record;
    enum error error = record_get(&view->task, STR("casefile"), view->param[0],
                                  &record, &view->err);

    if (error == ERROR_NONE)
        error = casework_person(view, value_text_of(record.answers, "person"));
    if (error != ERROR_NONE)
        return error;
    value_put_str(view->data, view->task.arena, "id", record.id);
    value_put(view->page, view->task.arena, "form",
              form_view(view, view_form(view, "casefile"),
                        typed ? typed : record.answers, view->problem,
                        view->problems, only));
    view_stamp(view, record.id, record.clock);
    view_title(view, N_("Asignar el expediente"));
    return ERROR_NONE;
}

/* Of all that may have been sent, these two and no more; what was not sent
 * stays (a box that nobody ticked is not sent by a browser). */
static struct value *assign_input(struct view *view)
{
    static const char *const key[] = {"manager", "team"};
    struct arena *arena = view->task.arena;
    const struct value *typed = view_answers(view, view_form(view, "casefile"));
    struct value *input = value_object(arena);
    bool whole = !view->json && value_get(view->fields, "manager");

    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        const struct value *given = value_get(typed, key[i]);

        if (given)
            value_set(input, arena, str_of(key[i]), given);
        else if (whole || value_get(view->fields, key[i]))
            value_put_str(input, arena, key[i], STR(""));
    }
    return input;
}

enum error casefile_assign_page(struct view *view)
{
    return assign_show(view, NULL);
}

enum error casefile_assign_post(struct view *view)
{
    struct value *input = assign_input(view);
    struct save save = {.kind = STR("casefile"), .input = input};
    struct saved saved = {0};
    struct err why;
    enum error error;

    view_save(view, &save);
    save.id = view->param[0];
    save.create = false;
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(
            view,
            view_format(view, "/person/%.*s",
                        STR_ARGS(value_text_of(saved.after, "person"))),
            "case_assigned");
        return ERROR_NONE;
    }
    why = view->err;
    view->problem = saved.problem;
    view->problems = saved.problems;
    if (error_status(error) >= 500 || assign_show(view, input) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "casefile_assign", error);
}
