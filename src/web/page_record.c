/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_record.c - any record of any kind: list, create, read, change. It is
 * the programs' door (the contract's /record/KIND) and, for people, the page
 * of every kind that has none of its own. A form sent twice is one record; a
 * form that somebody overtook comes back with both versions.
 */
#include "web/page.h"

#include "core/clock.h"
#include "core/date.h"
#include "domain/person.h"
#include "domain/person_find.h"
#include "web/timeline.h"

enum { PAGE_MOST = 200, PAGE_USUAL = 50 };

static const struct form *kind_form(struct view *view)
{
    const struct form *form =
        forms_find(view->app->office.forms, view->param[0], STR_NULL);

    if (!form)
        err_set(&view->err, ERROR_NOT_FOUND,
                N_("No hay un formulario con ese nombre."), NULL, NULL, NULL);
    return form;
}

static void put_kind(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;

    value_put_str(view->page, arena, "kind", form->name);
    value_put_str(view->page, arena, "kind_title",
                  texts_in(form, form->title, view->task.language));
    value_put_bool(view->page, arena, "can_write",
                   role_has(view->task.actor.role,
                            right_to_write(form->name)));
}

static struct str record_path(struct view *view, struct str kind,
                              struct str id)
{
    if (str_equal_c(kind, "person"))
        return view_format(view, "/person/%.*s", STR_ARGS(id));
    return view_format(view, "/record/%.*s/%.*s", STR_ARGS(kind),
                       STR_ARGS(id));
}

/* --- list -------------------------------------------------------------------- */

/* May the reader sort and choose by a question? Else the order and the number
 * of rows would tell what is closed to her. */
static bool may_look_up(struct view *view, const struct form *form,
                        const struct question *question)
{
    const struct role *role = view->task.actor.role;

    return question && !question->repeat && question_has_value(question) &&
           role_reads(role, question) &&
           (question == form_guard(form) || role_reads_codes(role, question));
}

static bool plain_word(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= 'A' && text.at[i] <= 'Z') ||
              (text.at[i] >= '0' && text.at[i] <= '9') ||
              text.at[i] == '_' || text.at[i] == '-'))
            return false;
    return text.size > 0;
}

/* Records that are closed to the reader as a whole are not counted either.
 * Codes come from the form; one that is not a plain word is left to the
 * second look in list_read. */
static void list_guard(struct view *view, const struct form *form,
                       struct record_filter *filter)
{
    const struct question *guard = form_guard(form);
    const char *between = "";
    struct buf out;

    if (!guard || role_reads_codes(view->task.actor.role, guard))
        return;
    buf_init(&out, view->task.arena);
    if (filter->where)
        buf_printf(&out, "%s AND ", filter->where);
    buf_printf(&out, "{%.*s} NOT IN (", STR_ARGS(guard->key));
    for (size_t i = 0; i < guard->choices->count; i++) {
        struct str code = guard->choices->choice[i].name;

        if (!plain_word(code) ||
            role_reads_code(view->task.actor.role, guard, code))
            continue;
        buf_printf(&out, "%s'%.*s'", between, STR_ARGS(code));
        between = ", ";
    }
    buf_putc(&out, ')');
    if (*between)
        filter->where = str_c(view->task.arena, buf_str(&out));
}

/* The value in the type of the question's column. */
static bool filter_value(const struct question *question, struct str text,
                         struct db_value *value)
{
    *value = (struct db_value){.type = 't', .t = text};
    if (question->type == QUESTION_INTEGER ||
        question->type == QUESTION_RANGE) {
        value->type = 'i';
        return str_to_int(text, &value->i);
    }
    if (question->type == QUESTION_DECIMAL) {
        value->type = 'd';
        return str_to_double(text, &value->d);
    }
    return true;
}

/* filter=question:value is one condition over a question of the form. */
static enum error list_filter(struct view *view, const struct form *form,
                              struct record_filter *filter,
                              struct db_value *value)
{
    struct str text = view_query(view, "filter"), key;
    const struct question *question;

    filter->subject = view_query(view, "subject");
    if (text.size == 0)
        return ERROR_NONE;
    str_cut(&text, ':', &key);
    question = form_find(form, key);
    if (!may_look_up(view, form, question) || str_is_null(text))
        return err_set(&view->err, ERROR_INPUT,
                       N_("El filtro se escribe pregunta:valor, con una "
                          "pregunta de este formulario."),
                       NULL, NULL, NULL);
    /* the name comes from the form, not from the reader */
    filter->where = str_c(view->task.arena,
                          view_format(view, "{%.*s} = $3",
                                      STR_ARGS(question->key)));
    filter->value = value;
    filter->value_count = 1;
    if (filter_value(question, text, value))
        return ERROR_NONE;
    return err_set(&view->err, ERROR_INPUT,
                   N_("«{1}» no es un número."),
                   str_c(view->task.arena, text), NULL, NULL);
}

static enum error list_order(struct view *view, const struct form *form,
                             struct record_filter *filter)
{
    struct str key = view_query(view, "order");
    bool down = str_starts(key, STR("-"));
    const struct question *question;

    if (key.size == 0)
        return ERROR_NONE;
    if (down)
        key = str_slice(key, 1, key.size);
    question = form_find(form, key);
    if (!may_look_up(view, form, question))
        return err_set(&view->err, ERROR_INPUT,
                       N_("No se puede ordenar por «{1}»."),
                       str_c(view->task.arena, key), NULL, NULL);
    filter->order = str_c(view->task.arena,
                          view_format(view, "{%.*s}%s, _id",
                                      STR_ARGS(question->key),
                                      down ? " DESC" : ""));
    return ERROR_NONE;
}

static size_t query_number(struct view *view, const char *name,
                           size_t fallback, size_t most)
{
    int64_t number;

    if (!str_to_int(view_query(view, name), &number) || number < 1)
        return fallback;
    return (size_t)number > most ? most : (size_t)number;
}

/* The columns of the list for people: questions marked `list`. */
static struct value *list_columns(struct view *view, const struct form *form)
{
    struct value *list = value_list(view->task.arena);

    for (size_t i = 0; i < form->question_count; i++)
        if (form->question[i]->listed && !form->question[i]->repeat &&
            role_reads(view->task.actor.role, form->question[i]))
            value_add(list, view->task.arena,
                      value_string(view->task.arena,
                                   texts_in(form, form->question[i]->label,
                                            view->task.language)));
    return list;
}

static struct value *list_row(struct view *view, const struct form *form,
                              const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *row = value_object(arena), *cells = value_list(arena);

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *answer =
            value_get_str(record->answers, question->key);
        struct value *cell;
        struct str text;

        if (!question->listed || question->repeat ||
            !role_reads(view->task.actor.role, question))
            continue;
        text = question->ref.size > 0 && value_text(answer).size > 0
                   ? ref_text(view, question->ref, value_text(answer))
                   : answer_display(form, question, answer,
                                    view->task.language, arena);
        cell = value_object(arena);
        value_put_str(cell, arena, "text", text);
        value_add(cells, arena, cell);
    }
    value_put(row, arena, "cells", cells);
    value_put_str(row, arena, "href",
                  record_path(view, form->name, record->id));
    value_put_str(row, arena, "when",
                  when_text(view, clock_instant(record->clock)));
    return row;
}

static struct value *record_json(struct view *view, const struct form *form,
                                 const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);

    value_put_str(out, arena, "id", record->id);
    value_put_str(out, arena, "subject", record->subject);
    value_put_str(out, arena, "state", record->state);
    value_put_str(out, arena, "form_version", record->form_version);
    value_put_int(out, arena, "clock", record->clock);
    value_put_str(out, arena, "created",
                  instant_text(arena, record->created));
    value_put(out, arena, "answers",
              role_filter(view->task.actor.role, form, record->answers,
                          arena));
    if (record->conflicts)
        value_put(out, arena, "conflicts",
                  role_filter(view->task.actor.role, form, record->conflicts,
                              arena));
    return out;
}

/* q is for people only: the search of domain/person_find.h. */
static enum error list_found(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *rows = value_list(arena);
    struct find_hit *hit = NULL;
    size_t count = 0;
    enum error error = person_find(&view->task, view_query(view, "q"),
                                   PAGE_USUAL, &hit, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct record record = {0};

        error = record_get(&view->task, form->name, hit[i].id, &record,
                           &view->err);
        if (error != ERROR_NONE)
            break;
        value_add(list, arena, record_json(view, form, &record));
        value_add(rows, arena, list_row(view, form, &record));
    }
    value_put(view->data, arena, "records", list);
    value_put(view->page, arena, "rows", rows);
    value_put_bool(view->page, arena, "next", false);
    return error;
}

static enum error list_read(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *rows = value_list(arena);
    struct record_filter filter = {.kind = form->name};
    struct db_value value;
    struct record *record = NULL;
    size_t page = query_number(view, "page", 1, 1000000), count = 0, limit;
    enum error error = list_filter(view, form, &filter, &value);

    if (error == ERROR_NONE)
        error = list_order(view, form, &filter);
    if (error == ERROR_NONE)
        list_guard(view, form, &filter);
    limit = query_number(view, "limit", PAGE_USUAL, PAGE_MOST);
    filter.limit = limit + 1; /* one more tells whether there is a next */
    filter.offset = (page - 1) * limit;
    if (error == ERROR_NONE)
        error = record_list(&view->app->office.log, view->task.db, &filter,
                            view->json, arena, &record, &count, &view->err);
    for (size_t i = 0; error == ERROR_NONE && i < count && i < limit; i++) {
        if (!role_reads_record(view->task.actor.role, form,
                               record[i].answers))
            continue;
        if (view->json)
            value_add(list, arena, record_json(view, form, &record[i]));
        else
            value_add(rows, arena, list_row(view, form, &record[i]));
    }
    value_put(view->data, arena, "records", list);
    value_put_int(view->data, arena, "page", (int64_t)page);
    value_put_bool(view->data, arena, "more", count > limit);
    value_put(view->page, arena, "rows", rows);
    put_text_or_false(view, view->page, "next",
                      count > limit
                          ? view_format(view, "?page=%zu&limit=%zu&order=%.*s",
                                        page + 1, limit,
                                        STR_ARGS(path_escape(
                                            arena,
                                            view_query(view, "order"))))
                          : STR(""));
    return error;
}

enum error record_list_page(struct view *view)
{
    const struct form *form = kind_form(view);

    if (!form)
        return view->err.code;
    view_title(view, N_("Registros"));
    put_kind(view, form);
    value_put(view->page, view->task.arena, "columns",
              list_columns(view, form));
    if (view_query(view, "q").size > 0 && str_equal_c(form->name, "person"))
        return list_found(view, form);
    return list_read(view, form);
}

/* --- one record ----------------------------------------------------------------- */

static enum error record_page_fill(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct record record = {0};
    const struct value *out;
    enum error error = record_get(&view->task, form->name, view->param[1],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Registro"));
    put_kind(view, form);
    out = record_json(view, form, &record);
    for (size_t i = 0; i < value_count(out); i++)
        value_set(view->data, arena, value_name_at(out, i), value_at(out, i));
    value_put(view->page, arena, "lines",
              record_view(view, form, record.answers));
    value_put_str(view->page, arena, "href",
                  view_format(view, "/record/%.*s/%.*s", STR_ARGS(form->name),
                              STR_ARGS(record.id)));
    value_put_str(view->page, arena, "reveal",
                  view_format(view, "/record/%.*s/%.*s/reveal",
                              STR_ARGS(form->name), STR_ARGS(record.id)));
    value_put_str(view->page, arena, "when",
                  when_text(view, clock_instant(record.clock)));
    value_put_bool(view->page, arena, "about", false);
    if (record.subject.size > 0 && role_has(view->task.actor.role,
                                            RIGHT_PERSON_READ)) {
        struct person_header header = {0};
        struct err err = {0};

        if (person_header(&view->task, record.subject, &header, &err) ==
            ERROR_NONE) {
            struct value *about = value_object(arena);

            value_put_str(about, arena, "name", header.name);
            value_put_str(about, arena, "href",
                          view_format(view, "/person/%.*s",
                                      STR_ARGS(header.id)));
            value_put(view->page, arena, "about", about);
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

    if (!form)
        return view->err.code;
    view_title(view, N_("Historia"));
    put_kind(view, form);
    value_put_str(view->page, view->task.arena, "href",
                  record_path(view, form->name, view->param[1]));
    return history_put(view, form, view->param[1]);
}

/* --- asking for what is covered: it is written down who asked -------------------- */

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

static enum error edit_fill(struct view *view, const struct form *form,
                            const struct value *answers);

enum error record_reveal_post(struct view *view)
{
    const struct form *form = kind_form(view);
    struct str key = view_field(view, "key");
    struct record record = {0};
    enum error error;

    if (!form)
        return view->err.code;
    if (!str_equal_c(key, "*") && !form_find(form, key))
        return err_set(&view->err, ERROR_INPUT,
                       N_("Esa pregunta no existe."), NULL, NULL, NULL);
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
        return edit_fill(view, form, record.answers);
    }
    return record_page_fill(view, form);
}

/* --- writing ------------------------------------------------------------------------ */

/* page.form around answers; the target is the kind or the record. */
static enum error edit_fill(struct view *view, const struct form *form,
                            const struct value *answers)
{
    struct arena *arena = view->task.arena;
    bool old = view->param[1].size > 0;

    view_title(view, old ? N_("Cambiar") : N_("Nuevo"));
    put_kind(view, form);
    value_put(view->page, arena, "form",
              form_view(view, form, answers, view->problem, view->problems,
                        NULL));
    value_put_bool(view->page, arena, "old", old);
    value_put_str(view->page, arena, "action",
                  old ? view_format(view, "/record/%.*s/%.*s",
                                    STR_ARGS(form->name),
                                    STR_ARGS(view->param[1]))
                      : view_format(view, "/record/%.*s",
                                    STR_ARGS(form->name)));
    value_put_str(view->page, arena, "back",
                  old ? record_path(view, form->name, view->param[1])
                      : view_format(view, "/record/%.*s",
                                    STR_ARGS(form->name)));
    if (!value_get(view->page, "mask"))
        value_put_bool(view->page, arena, "mask", false);
    return ERROR_NONE;
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
    return edit_fill(view, form, record.answers);
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
    view_redirect_said(view,
                       person.size > 0
                           ? view_format(view, "/person/%.*s",
                                         STR_ARGS(person))
                           : record_path(view, form->name, id),
                       "saved");
}

enum error record_create_post(struct view *view)
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
    view_save(view, &save);
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error != ERROR_NONE)
        return save_failed(view, form, answers, &saved, error);
    if (view->json)
        view_created(view,
                     view_format(view, "/record/%.*s/%.*s",
                                 STR_ARGS(form->name), STR_ARGS(saved.id)),
                     saved.id);
    else
        said_saved(view, form, saved.id, saved.after);
    value_put_str(view->data, view->task.arena, "id", saved.id);
    value_put_int(view->data, view->task.arena, "clock", saved.clock);
    value_put_bool(view->data, view->task.arena, "repeated", saved.repeated);
    return ERROR_NONE;
}

enum error record_update_post(struct view *view)
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
    save.id = view->param[1];
    save.input = answers;
    view_save(view, &save);
    save.create = false;
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error != ERROR_NONE)
        return save_failed(view, form, answers, &saved, error);
    if (!view->json)
        said_saved(view, form, saved.id, saved.after);
    value_put_str(view->data, view->task.arena, "id", saved.id);
    value_put_int(view->data, view->task.arena, "clock", saved.clock);
    value_put_bool(view->data, view->task.arena, "repeated", saved.repeated);
    return ERROR_NONE;
}
