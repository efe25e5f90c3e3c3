/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_record.c - any record of any kind: create, read, change. It is
 * the programs' door (the contract's /record/KIND) and, for people, the page
 * of every kind that has none of its own. A form sent twice is one record; a
 * form that somebody overtook comes back with both versions.
 */
#include "web/kind.h"

#include "core/clock.h"
#include "domain/person/person.h"
#include "domain/record/record_keep.h"
#include "web/page/casework.h"
#include "web/page/evaluation.h"
#include "web/page/timeline.h"

/* --- one record ----------------------------------------------------------- */

/* The version a record was written with, as long as it is known. */
static const struct form *version_of(struct view *view, const struct form *form,
                                     const struct record *record)
{
    const struct form *then =
        forms_find(view->app->office.forms, form->name, record->form_version);

    return then ? then : form;
}

/* page.then: the version of the record when another one is in use, page.past:
 * what the one that is shown does not ask. */
static void put_version(struct view *view, const struct form *used,
                        const struct form *then, const struct form *shown,
                        const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *lines = record_past(view, shown, answers), *past;

    value_put_bool(view->page, arena, "then", false);
    value_put_bool(view->page, arena, "past", false);
    if (then != used) {
        struct value *out = value_object(arena);

        value_put_str(out, arena, "version", then->version);
        value_put_str(out, arena, "used", used->version);
        value_put(view->page, arena, "then", out);
    }
    if (!value_count(lines))
        return;
    past = value_object(arena);
    value_put(past, arena, "lines", lines);
    value_put(view->page, arena, "past", past);
}

static enum error record_page_fill(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct record record = {0};
    const struct form *then;
    const struct value *out;
    enum error error = record_get(&view->task, form->name, view->param[1],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Registro"));
    kind_put(view, form);
    out = record_json(view, form, &record);
    for (size_t i = 0; i < value_count(out); i++)
        value_set(view->data, arena, value_name_at(out, i), value_at(out, i));
    files_of(view, form->name, record.id);
    view->widgets = true;
    then = version_of(view, form, &record);
    value_put(view->page, arena, "lines",
              record_view(view, then, record.answers));
    put_version(view, form, then, then, record.answers);
    error = record_score_put(view, form, &record);
    if (error != ERROR_NONE)
        return error;
    error = evaluations_put(view, str_c(arena, form->name), &record.id, 1,
                            record.answers);
    if (error == ERROR_NONE)
        error = series_put(view, form, record.subject, record.id);
    if (error != ERROR_NONE)
        return error;
    value_put_str(view->page, arena, "href",
                  view_format(view, "/record/%.*s/%.*s", STR_ARGS(form->name),
                              STR_ARGS(record.id)));
    value_put_str(view->page, arena, "reveal",
                  view_format(view, "/record/%.*s/%.*s/reveal",
                              STR_ARGS(form->name), STR_ARGS(record.id)));
    value_put_str(view->page, arena, "when",
                  when_text(view, clock_instant(record.clock)));
    value_put_bool(view->page, arena, "about", false);
    if (record.subject.size > 0 &&
        role_has(view->task.actor.role, RIGHT_PERSON_READ)) {
        struct person_header header = {0};
        struct err err = {0};

        if (person_header(&view->task, record.subject, &header, &err) ==
            ERROR_NONE) {
            struct value *about = value_object(arena);

            value_put_str(about, arena, "name", header.name);
            value_put_str(
                about, arena, "href",
                view_format(view, "/person/%.*s", STR_ARGS(header.id)));
            value_put(view->page, arena, "about", about);
            casework_urgent(view, header.id);
        }
    }
    return ERROR_NONE;
}

enum error record_page(struct view *view)
{
    const struct form *form = kind_form(view);

    return form ? record_page_fill(view, form) : view->err.code;
}

enum error record_history_page(struct view *view)
{
    const struct form *form = kind_form(view);
    struct record record;

    if (!form || record_get(&view->task, form->name, view->param[1], &record,
                            &view->err))
        return view->err.code;
    view_title(view, N_("Historia"));
    kind_put(view, form);
    value_put_str(view->page, view->task.arena, "href",
                  record_path(view, form->name, view->param[1]));
    return history_put(view, form, view->param[1]);
}

/* --- asking for what is covered: it is written down who asked ------------- */

static enum error reveal_record(struct view *view, const struct form *form,
                                struct str key)
{
    struct arena *arena = view->task.arena;
    struct value *body = value_object(arena);
    struct change change;
    bool repeated = false;

    value_put_str(body, arena, "_reveal", key);
    change_init(&change, &view->task);
    change_add(&change, form->name, view->param[1], OP_SHARE, body, STR(""));
    return change_commit(&change, &repeated, &view->err);
}

static enum error edit_record(struct view *view, const struct form *form,
                              const struct record *record);

/* Does any version ask it? */
static bool is_asked(struct view *view, const struct form *form, struct str key)
{
    const struct form **version = NULL;
    size_t count = forms_of_kind(view->app->office.forms, form->name,
                                 view->task.arena, &version);
    bool found = false;

    for (size_t i = 0; i < count && !found; i++)
        found = form_find(version[i], key) != NULL;
    return found;
}

enum error record_reveal_post(struct view *view)
{
    const struct form *form = kind_form(view);
    struct str key = view_field(view, "key");
    struct record record = {0};
    enum error error;

    if (!form)
        return view->err.code;
    if (!str_equal_c(key, "*") && !is_asked(view, form, key))
        return err_set(&view->err, ERROR_INPUT, N_("Esa pregunta no existe."),
                       NULL, NULL, NULL);
    error = record_get(&view->task, form->name, view->param[1], &record,
                       &view->err);
    if (error == ERROR_NONE)
        error = reveal_record(view, form, key);
    if (error != ERROR_NONE)
        return error;
    value_put_str(view->page, view->task.arena, "revealed", key);
    if (view_field(view, "_edit").size > 0 &&
        role_has(view->task.actor.role, right_to_write(form->name))) {
        error = record_get(&view->task, form->name, view->param[1], &record,
                           &view->err);
        if (error != ERROR_NONE)
            return error;
        view_stamp(view, view->param[1], record.clock);
        view->template = "record_edit";
        return edit_record(view, form, &record);
    }
    return record_page_fill(view, form);
}

/* --- writing -------------------------------------------------------------- */

/* page.form around answers; the target is the kind or the record. */
static enum error edit_fill(struct view *view, const struct form *form,
                            const struct value *answers)
{
    struct arena *arena = view->task.arena;
    bool old = view->param[1].size > 0;

    view_title(view, old ? N_("Cambiar") : N_("Nuevo"));
    kind_put(view, form);
    if (old)
        files_of(view, form->name, view->param[1]);
    value_put(
        view->page, arena, "form",
        form_view(view, form, answers, view->problem, view->problems, NULL));
    value_put_bool(view->page, arena, "old", old);
    value_put_str(
        view->page, arena, "action",
        old ? view_format(view, "/record/%.*s/%.*s", STR_ARGS(form->name),
                          STR_ARGS(view->param[1]))
            : view_format(view, "/record/%.*s", STR_ARGS(form->name)));
    value_put_str(
        view->page, arena, "back",
        old ? record_path(view, form->name, view->param[1])
            : view_format(view, "/record/%.*s", STR_ARGS(form->name)));
    if (!value_get(view->page, "mask"))
        value_put_bool(view->page, arena, "mask", false);
    if (!value_get(view->page, "past"))
        put_version(view, form, form, form, answers);
    return ERROR_NONE;
}

/* A record on its way into the version in use: what that one does not ask is
 * shown beside the form and stays. */
static enum error edit_record(struct view *view, const struct form *form,
                              const struct record *record)
{
    value_put_str(view->page, view->task.arena, "reveal",
                  view_format(view, "/record/%.*s/%.*s/reveal",
                              STR_ARGS(form->name), STR_ARGS(record->id)));
    put_version(view, form, version_of(view, form, record), form,
                record->answers);
    return edit_fill(view, form, record->answers);
}

/* ?person=ID and the like prefill questions that refer to another record. */
enum error record_new_page(struct view *view)
{
    const struct form *form = kind_form(view);
    struct value *answers;

    if (!form)
        return view->err.code;
    answers = value_object(view->task.arena);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str given =
            value_text(value_get_str(view->query, question->key));

        if (given.size > 0 && !question->repeat && !question->system &&
            question_has_value(question))
            value_set(answers, view->task.arena, question->key,
                      value_string(view->task.arena, given));
    }
    view_stamp(view, STR(""), 0);
    return edit_fill(view, form, view_defaults(view, form, answers));
}

enum error record_edit_page(struct view *view)
{
    const struct form *form = kind_form(view);
    struct record record = {0};
    enum error error;

    if (!form)
        return view->err.code;
    error = record_get(&view->task, form->name, view->param[1], &record,
                       &view->err);
    if (error != ERROR_NONE)
        return error;
    view_stamp(view, record.id, record.clock);
    value_put_bool(view->page, view->task.arena, "mask", true);
    return edit_record(view, form, &record);
}

static enum error save_failed(struct view *view, const struct form *form,
                              const struct value *answers,
                              const struct saved *saved, enum error error)
{
    struct err first = view->err;

    view->problem = saved->problem;
    view->problems = saved->problems;
    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    view_stamp(view, view->param[1], 0);
    value_put_str(view->page, view->task.arena, "base",
                  view_field(view, "_base"));
    if (error == ERROR_CONFLICT && view->param[1].size > 0)
        view_conflict(view, form, answers);
    value_put_bool(view->page, view->task.arena, "mask",
                   view->param[1].size > 0);
    edit_fill(view, form, answers);
    view->err = first;
    return view_again(view, "record_edit", error);
}

/* A repeat's add or remove button: the same page with a row more or less. */
static bool again_pressed(struct view *view, const struct form *form,
                          struct value *answers)
{
    if (!view_repeat_pressed(view, form, answers))
        return false;
    view_stamp(view, view->param[1], 0);
    value_put_str(view->page, view->task.arena, "base",
                  view_field(view, "_base"));
    edit_fill(view, form, answers);
    view->template = "record_edit";
    return true;
}

static void said_saved(struct view *view, const struct form *form,
                       struct str id, const struct value *after)
{
    struct str person = value_text_of(after, "person");

    if (str_equal_c(form->name, "person"))
        person = id;
    if (str_equal_c(form->name, "rights_request")) {
        view_redirect_said(view, record_href(view, form->name, id), "saved");
        return;
    }
    view_redirect_said(view,
                       person.size > 0
                           ? view_format(view, "/person/%.*s", STR_ARGS(person))
                           : record_path(view, form->name, id),
                       "saved");
}

/* An empty field is no answer to what its question can read no more: there
 * the browser had nothing to show. */
static enum error keep_unreadable(struct view *view, const struct form *form,
                                  struct value *answers)
{
    struct record record = {0};
    enum error error = record_get(&view->task, form->name, view->param[1],
                                  &record, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < value_count(record.answers);
         i++) {
        struct str key = value_name_at(record.answers, i);
        const struct question *question = form_find(form, key);
        const struct value *given = value_get_str(answers, key);

        if (question && question_has_value(question) &&
            !question_is_select(question) && given && !value_text(given).size &&
            !record_reads(question, value_at(record.answers, i),
                          view->task.arena))
            value_remove(answers, key);
    }
    return error;
}

/* A new record, or a change of the one in the address. */
static enum error record_post(struct view *view, bool create)
{
    const struct form *form = kind_form(view);
    struct save save = {0};
    struct saved saved = {0};
    struct value *answers;
    enum error error;

    if (!form)
        return view->err.code;
    answers = view_answers(view, form);
    if (again_pressed(view, form, answers))
        return ERROR_NONE;
    save.kind = form->name;
    save.input = answers;
    if (!create)
        save.id = view->param[1];
    view_save(view, &save);
    if (!create)
        save.create = false;
    if (!create && !view->json) {
        error = keep_unreadable(view, form, answers);
        if (error != ERROR_NONE)
            return error;
    }
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error != ERROR_NONE)
        return save_failed(view, form, answers, &saved, error);
    if (!view->json)
        said_saved(view, form, saved.id, saved.after);
    else if (create)
        view_created(view,
                     view_format(view, "/record/%.*s/%.*s",
                                 STR_ARGS(form->name), STR_ARGS(saved.id)),
                     saved.id);
    value_put_str(view->data, view->task.arena, "id", saved.id);
    value_put_int(view->data, view->task.arena, "clock", saved.clock);
    value_put_bool(view->data, view->task.arena, "repeated", saved.repeated);
    return ERROR_NONE;
}

enum error record_create_post(struct view *view)
{
    return record_post(view, true);
}

enum error record_update_post(struct view *view)
{
    return record_post(view, false);
}
