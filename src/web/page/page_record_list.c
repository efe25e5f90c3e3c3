/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_record_list.c - records of a kind as a list: filter, order, page; and
 * what a record looks like in the JSON face. A filter names a question of the
 * form; its value is bound, never part of the SQL.
 */
#include "web/kind.h"

#include "core/clock.h"
#include "core/date.h"
#include "domain/person/person_find.h"
#include "domain/record/condition.h"

enum { PAGE_MOST = 200, PAGE_USUAL = 50 };

const struct form *kind_form(struct view *view)
{
    const struct form *form =
        forms_find(view->app->office.forms, view->param[0], STR_NULL);

    if (!form)
        err_set(&view->err, ERROR_NOT_FOUND,
                N_("No hay un formulario con ese nombre."), NULL, NULL, NULL);
    return form;
}

void kind_put(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;

    value_put_str(view->page, arena, "kind", form->name);
    value_put_str(view->page, arena, "kind_title",
                  texts_in(form, form->title, view->task.language));
    value_put_bool(view->page, arena, "can_write",
                   role_has(view->task.actor.role, right_to_write(form->name)));
}

struct str record_path(struct view *view, struct str kind, struct str id)
{
    if (str_equal_c(kind, "person"))
        return view_format(view, "/person/%.*s", STR_ARGS(id));
    return view_format(view, "/record/%.*s/%.*s", STR_ARGS(kind), STR_ARGS(id));
}

struct value *record_json(struct view *view, const struct form *form,
                          const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);
    const struct role *role = decide_read(&view->task, record);
    const struct form **version = NULL;
    size_t versions =
        forms_of_kind(view->app->office.forms, form->name, arena, &version);

    value_put_str(out, arena, "id", record->id);
    if (!role)
        return out;
    value_put_str(out, arena, "subject", record->subject);
    value_put_str(out, arena, "state", record->state);
    value_put_str(out, arena, "form_version", record->form_version);
    value_put_int(out, arena, "clock", record->clock);
    value_put_str(out, arena, "created", instant_text(arena, record->created));
    value_put(
        out, arena, "answers",
        role_filter_versions(role, version, versions, record->answers, arena));
    if (record->conflicts)
        value_put(out, arena, "conflicts",
                  role_filter_versions(role, version, versions,
                                       record->conflicts, arena));
    return out;
}

/* May the reader sort and choose by a question? Else the order and the number
 * of rows would tell what is closed to her. */
static bool may_look_up(struct view *view, const struct form *form,
                        const struct question *question)
{
    const struct role *role = view->task.actor.role;

    return question && !question->repeat && question_has_value(question) &&
           condition_reads(role, form, question);
}

static bool plain_word(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= 'A' && text.at[i] <= 'Z') ||
              (text.at[i] >= '0' && text.at[i] <= '9') || text.at[i] == '_' ||
              text.at[i] == '-'))
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
        buf_printf(&out, "(%s) AND ", filter->where);
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

/* filter=question:value is one condition over a question of the form; anything
 * else is an expression over its questions. */
static enum error list_filter(struct view *view, const struct form *form,
                              struct record_filter *filter,
                              struct db_value *value)
{
    struct str text = str_trim(view_query(view, "filter")), key;
    struct str whole = text;
    const struct question *question;

    filter->subject = view_query(view, "subject");
    if (text.size == 0)
        return ERROR_NONE;
    str_cut(&text, ':', &key);
    question = str_is_null(text) ? NULL : form_find(form, key);
    if (!question)
        return condition_filter(&view->task, form, view->task.actor.role, whole,
                                filter, &view->err);
    if (!may_look_up(view, form, question))
        return err_set(&view->err, ERROR_INPUT,
                       N_("El filtro se escribe pregunta:valor, con una "
                          "pregunta de este formulario."),
                       NULL, NULL, NULL);
    /* the name comes from the form, not from the reader */
    filter->where =
        str_c(view->task.arena,
              view_format(view, "{%.*s} = $3", STR_ARGS(question->key)));
    filter->value = value;
    filter->value_count = 1;
    if (filter_value(question, text, value))
        return ERROR_NONE;
    return err_set(&view->err, ERROR_INPUT, N_("«{1}» no es un número."),
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
    filter->order = str_c(view->task.arena, view_format(view, "{%.*s}%s, _id",
                                                        STR_ARGS(question->key),
                                                        down ? " DESC" : ""));
    return ERROR_NONE;
}

static size_t query_number(struct view *view, const char *name, size_t fallback,
                           size_t most)
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
    struct str href = record_path(view, form->name, record->id);
    bool linked = false;

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
                   : answer_display(form, question, answer, view->task.language,
                                    arena);
        cell = value_object(arena);
        value_put_str(cell, arena, "text", text);
        put_text_or_false(view, cell, "link",
                          !linked && text.size > 0 ? href : STR(""));
        linked = linked || text.size > 0;
        value_add(cells, arena, cell);
    }
    value_put(row, arena, "cells", cells);
    value_put_bool(row, arena, "bare", !linked);
    value_put_str(row, arena, "href", href);
    value_put_str(row, arena, "when",
                  when_text(view, clock_instant(record->clock)));
    return row;
}

/* q is for people only: the search of domain/person/person_find.h. */
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

        error =
            record_get(&view->task, form->name, hit[i].id, &record, &view->err);
        if (error == ERROR_NOT_FOUND || error == ERROR_FORBIDDEN) {
            err_clear(&view->err);
            error = ERROR_NONE;
            continue;
        }
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

/* The next page of the same list. */
static struct str next_page(struct view *view, size_t page, size_t limit)
{
    static const char *const kept[] = {"order", "filter", "subject"};
    struct buf out;

    buf_init(&out, view->task.arena);
    buf_printf(&out, "?page=%zu&limit=%zu", page, limit);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct str text = view_query(view, kept[i]);

        if (text.size)
            buf_printf(&out, "&%s=%.*s", kept[i],
                       STR_ARGS(path_escape(view->task.arena, text)));
    }
    return buf_str(&out);
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
        error = decide_narrow(&view->task, &filter, &view->err);
    if (error == ERROR_NONE)
        error = record_list(&view->task.office->log, view->task.db, &filter,
                            view->json, arena, &record, &count, &view->err);
    for (size_t i = 0; error == ERROR_NONE && i < count && i < limit; i++) {
        const struct role *role = decide_read(&view->task, &record[i]);

        if (!role || !role_reads_record(role, form, record[i].answers))
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
                      count > limit ? next_page(view, page + 1, limit)
                                    : STR(""));
    return error;
}

enum error record_list_page(struct view *view)
{
    const struct form *form = kind_form(view);
    enum error error;

    if (!form)
        return view->err.code;
    view_title(view, N_("Registros"));
    kind_put(view, form);
    value_put(view->page, view->task.arena, "columns",
              list_columns(view, form));
    put_text_or_false(view, view->page, "filter", view_query(view, "filter"));
    value_put_bool(view->page, view->task.arena, "problem", false);
    if (view_query(view, "q").size > 0 && str_equal_c(form->name, "person"))
        return list_found(view, form);
    error = list_read(view, form);
    return error == ERROR_INPUT ? view_again(view, "record_list", error)
                                : error;
}
