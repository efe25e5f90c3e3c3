/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluation.c - see evaluation.h; and the pages /compare and /compare/KIND:
 * what was evaluated, then and now. What is sensitive stays covered here: who
 * wants to read it opens the record and asks there, which is written down. */
#include "web/page/evaluation.h"

#include "core/date.h"
#include "domain/person/merge.h"
#include "domain/score/score.h"
#include "domain/score/series.h"
#include "web/kind.h"
#include "web/page/casework.h"

/* --- words ------------------------------------------------------------------
 */

/* "+4.5", "−3", "0"; "" for none. */
static struct str change_text(struct view *view, const struct value *change)
{
    double n = value_to_double(change, 0);
    struct str text = value_as_text(change, view->task.arena);

    if (value_type(change) == VALUE_NULL)
        return STR("");
    if (n > 0)
        return str_join(view->task.arena, STR("+"), text);
    if (n < 0)
        return str_join(view->task.arena, STR("\xe2\x88\x92"),
                        str_slice(text, 1, text.size));
    return text;
}

static const struct value *score_with(const struct value *series,
                                      const char *role)
{
    const struct value *scores = value_get(series, "scores");

    for (size_t i = 0; i < value_count(scores); i++)
        if (str_equal_c(value_text_of(value_at(scores, i), "role"), role))
            return value_at(scores, i);
    return NULL;
}

static const struct value *nth_value(const struct value *score, size_t n)
{
    return value_at(value_get(score, "values"), n);
}

static void add_text(struct buf *out, struct str text)
{
    if (text.size && str_find(buf_str(out), text) == SIZE_MAX) {
        buf_puts(out, out->size ? " · " : "");
        buf_put(out, text);
    }
}

/* "82.4 · B", of the result at that place; of several levels without a total
 * each once; a covered one says so. */
static struct str result_text(struct view *view, const struct value *series,
                              size_t n)
{
    const struct value *scores = value_get(series, "scores");
    bool alone = score_with(series, "total") != NULL;
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < value_count(scores); i++) {
        const struct value *score = value_at(scores, i);
        struct str role = value_text_of(score, "role");
        struct str text = value_text_of(nth_value(score, n), "text");
        bool named = value_text_of(score, "name").size > 0;

        if (!text.size || !(str_equal_c(role, "total") ||
                            (str_equal_c(role, "level") && !(alone && named))))
            continue;
        if (value_to_bool(value_get(score, "sensitive"), false))
            text = view_say(view, N_("cubierto"));
        add_text(&out, text);
    }
    return buf_str(&out);
}

/* --- side by side ------------------------------------------------------------
 */

static struct value *column_view(struct view *view, struct str kind,
                                 const struct value *record, struct str current)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);
    struct str id = value_text_of(record, "id");

    put_text_or_false(view, out, "occasion",
                      value_text_of(record, "occasion_label"));
    value_put_str(out, arena, "date",
                  day_shown(view, value_text_of(record, "date")));
    value_put_bool(out, arena, "current", str_equal(id, current));
    value_put_str(out, arena, "href", record_path(view, kind, id));
    return out;
}

static struct value *row_view(struct view *view, const struct value *score)
{
    struct arena *arena = view->task.arena;
    const struct value *values = value_get(score, "values");
    const struct value *changes = value_get(score, "changes");
    struct value *out = value_object(arena), *cells = value_list(arena);
    bool covered = value_to_bool(value_get(score, "sensitive"), false);

    for (size_t i = 0; i < value_count(values); i++) {
        struct value *cell = value_object(arena);

        value_put_bool(cell, arena, "covered",
                       covered &&
                           value_text_of(value_at(values, i), "text").size > 0);
        put_text_or_false(view, cell, "text",
                          value_text_of(value_at(values, i), "text"));
        put_text_or_false(view, cell, "change",
                          covered ||
                                  value_to_double(value_at(changes, i), 1) == 0
                              ? STR("")
                              : change_text(view, value_at(changes, i)));
        value_add(cells, arena, cell);
    }
    value_put_str(out, arena, "label", value_text_of(score, "label"));
    value_put_bool(out, arena, "main",
                   str_equal_c(value_text_of(score, "role"), "total"));
    value_put(out, arena, "cells", cells);
    put_text_or_false(view, out, "change",
                      covered ? STR("")
                              : change_text(view, value_get(score, "change")));
    return out;
}

/* {title, columns, rows} of a series for templates/series.html. */
static struct value *series_page(struct view *view, const struct value *series,
                                 struct str current)
{
    struct arena *arena = view->task.arena;
    const struct value *records = value_get(series, "records");
    const struct value *scores = value_get(series, "scores");
    struct value *out = value_object(arena);
    struct value *columns = value_list(arena), *rows = value_list(arena);

    for (size_t i = 0; i < value_count(records); i++)
        value_add(columns, arena,
                  column_view(view, value_text_of(series, "kind"),
                              value_at(records, i), current));
    for (size_t i = 0; i < value_count(scores); i++)
        value_add(rows, arena, row_view(view, value_at(scores, i)));
    value_put_str(out, arena, "title", value_text_of(series, "title"));
    value_put(out, arena, "columns", columns);
    value_put(out, arena, "rows", rows);
    value_put_bool(out, arena, "again", value_count(records) > 1);
    return out;
}

enum error series_put(struct view *view, const struct form *form,
                      struct str subject, struct str current)
{
    struct arena *arena = view->task.arena;
    struct value *series = NULL;
    enum error error = ERROR_NONE;

    value_put_bool(view->page, arena, "series", false);
    if (!subject.size || !form_has_score(form))
        return ERROR_NONE;
    error = series_read(&view->task, form, &subject, 1, &series, &view->err);
    if (!error && value_count(value_get(series, "records")) > 1)
        value_put(view->page, arena, "series",
                  series_page(view, series, current));
    return error;
}

/* --- on the page of whom they are about --------------------------------------
 */

static bool may_write(struct view *view, const struct form *form)
{
    return role_has(view->task.actor.role, right_to_write(form->name)) &&
           role_reads_result(view->task.actor.role, form);
}

static bool may_read(struct view *view, const struct form *form)
{
    return role_has(view->task.actor.role, right_to_read(form->name)) &&
           role_reads_result(view->task.actor.role, form);
}

/* What the day of review of the newest result says. */
static void put_due(struct view *view, const struct form *form,
                    struct value *item, struct str record)
{
    const struct question *review = form_review(form);
    struct record newest = {0};
    struct err ignored = {0};
    struct str text = STR("");
    struct date date;
    bool late = false;

    if (review && record_get(&view->task, form->name, record, &newest,
                             &ignored) == ERROR_NONE)
        text = value_text(value_get_str(newest.answers, review->key));
    if (text.size && date_parse_whole(text, &date))
        late = date_to_day(date) <= task_day(&view->task);
    put_text_or_false(view, item, "review",
                      text.size ? day_shown(view, text) : STR(""));
    value_put_bool(item, view->task.arena, "late", late);
}

static void put_last(struct view *view, const struct form *form,
                     struct value *item, const struct value *series)
{
    struct arena *arena = view->task.arena;
    const struct value *records = value_get(series, "records");
    const struct value *total = score_with(series, "total");
    size_t count = value_count(records);
    const struct value *last = count ? value_at(records, count - 1) : NULL;
    struct str id = value_text_of(last, "id");
    bool covered = value_to_bool(value_get(total, "sensitive"), false);

    value_put_int(item, arena, "count", (int64_t)count);
    value_put_bool(item, arena, "done", count > 0);
    value_put_bool(item, arena, "again", count > 1);
    value_put_str(item, arena, "when",
                  day_shown(view, value_text_of(last, "date")));
    put_text_or_false(view, item, "result",
                      count ? result_text(view, series, count - 1) : STR(""));
    put_text_or_false(view, item, "change",
                      covered ? STR("")
                              : change_text(view, value_get(total, "change")));
    value_put_str(item, arena, "href",
                  count ? record_path(view, form->name, id) : STR(""));
    put_due(view, form, item, id);
}

static struct value *evaluation(struct view *view, const struct form *form,
                                const struct value *series, struct str fresh)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "kind", form->name);
    value_put_str(item, arena, "title",
                  texts_in(form, form->title, view->task.language));
    put_text_or_false(view, item, "fresh",
                      may_write(view, form) ? fresh : STR(""));
    put_last(view, form, item, series);
    return item;
}

static enum error add_about(struct view *view, const struct form *form,
                            const struct str *id, size_t ids, struct str key,
                            struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *series = NULL, *item;
    enum error error = ERROR_NONE;

    if (may_read(view, form))
        error = series_read(&view->task, form, id, ids, &series, &view->err);
    if (error)
        return error;
    item = evaluation(view, form, series,
                      view_format(view, "/record/%.*s/new?%.*s=%.*s",
                                  STR_ARGS(form->name), STR_ARGS(key),
                                  STR_ARGS(id[0])));
    if (!value_count(value_get(series, "records")) &&
        !value_text_of(item, "fresh").size)
        return ERROR_NONE; /* nothing to see, nothing she may do */
    value_put_str(item, arena, "compare",
                  view_format(view, "/compare/%.*s?subject=%.*s",
                              STR_ARGS(form->name), STR_ARGS(id[0])));
    value_add(list, arena, item);
    return ERROR_NONE;
}

/* The answer of the place that fits a listed question: of the same name, or
 * out of the same list. */
static struct str fitting(const struct form *place,
                          const struct question *question,
                          const struct value *answers)
{
    struct str text = value_text(value_get_str(answers, question->key));

    for (size_t i = 0;
         !text.size && question->choices && place && i < place->question_count;
         i++) {
        const struct question *one = place->question[i];

        if (one->choices && !one->repeat &&
            str_equal(one->choices->name, question->choices->name))
            text = value_text(value_get_str(answers, one->key));
    }
    return text;
}

/* An evaluation of no record in particular, begun from a place: what it asks
 * first and the place knows is filled in. */
static void add_around(struct view *view, const struct form *form,
                       const struct form *place, const struct value *answers,
                       struct value *list)
{
    struct arena *arena = view->task.arena;
    const char *mark = "?";
    struct value *item;
    struct buf href;

    buf_init(&href, arena);
    buf_printf(&href, "/record/%.*s/new", STR_ARGS(form->name));
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str text = question->listed && !question->repeat
                              ? fitting(place, question, answers)
                              : STR("");

        if (!text.size || str_equal_c(question->key, "date"))
            continue;
        buf_printf(&href, "%s%.*s=%.*s", mark, STR_ARGS(question->key),
                   STR_ARGS(path_escape(arena, text)));
        mark = "&";
    }
    item = evaluation(view, form, NULL, buf_str(&href));
    value_put_str(item, arena, "compare",
                  view_format(view, "/compare/%.*s", STR_ARGS(form->name)));
    value_put_bool(item, arena, "again", may_read(view, form));
    value_add(list, arena, item);
}

enum error evaluations_put(struct view *view, const char *about,
                           const struct str *id, size_t ids,
                           const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    const struct form **form = NULL;
    size_t count = forms_list(view->app->office.forms, arena, &form);
    bool place = strcmp(about, "place") == 0;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < count; i++) {
        struct str key;
        bool is_about = form_is_about(form[i], about, &key);

        if (!form_has_score(form[i]) ||
            !(may_read(view, form[i]) || may_write(view, form[i])))
            continue;
        if (is_about)
            error = add_about(view, form[i], id, ids, key, list);
        else if (place && !key.size)
            add_around(view, form[i], view_form(view, "place"), answers, list);
    }
    value_put(view->page, arena, "evaluations", list);
    value_put_bool(view->page, arena, "evaluated", value_count(list) > 0);
    return error;
}

/* --- /compare ---------------------------------------------------------------
 */

/* The instruments that are about no person: those stand on her page. */
enum error compare_index_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    const struct form **form = NULL;
    size_t count = forms_list(view->app->office.forms, arena, &form);
    struct str key;

    view_title(view, N_("Evaluaciones"));
    for (size_t i = 0; i < count; i++) {
        struct value *item;
        bool reads = may_read(view, form[i]);
        bool writes = may_write(view, form[i]);

        if (!form_has_score(form[i]) || !(reads || writes) ||
            form_is_about(form[i], "person", &key))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "kind", form[i]->name);
        value_put_str(item, arena, "title",
                      texts_in(form[i], form[i]->title, view->task.language));
        value_put_bool(item, arena, "reads", reads);
        value_put_bool(item, arena, "writes", writes);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "instruments", list);
    return ERROR_NONE;
}

static struct str value_shown(struct view *view, const struct value *series,
                              size_t n)
{
    const struct value *total = score_with(series, "total");

    return total ? value_text_of(nth_value(total, n), "text")
                 : result_text(view, series, n);
}

/* The newest result of each occasion, in the order of the form's list. */
static struct value *occasion_cells(struct view *view, const struct form *form,
                                    const struct value *series)
{
    struct arena *arena = view->task.arena;
    const struct question *occasion = form_occasion(form);
    const struct choice_list *choices = occasion ? occasion->choices : NULL;
    const struct value *records = value_get(series, "records");
    struct value *cells = value_list(arena);

    for (size_t i = 0; choices && i < choices->count; i++) {
        struct value *cell = value_object(arena);
        struct str text = STR(""), date = STR("");

        for (size_t k = 0; k < value_count(records); k++)
            if (str_equal(value_text_of(value_at(records, k), "occasion"),
                          choices->choice[i].name)) {
                text = value_shown(view, series, k);
                date = value_text_of(value_at(records, k), "date");
            }
        put_text_or_false(view, cell, "text", text);
        value_put_str(cell, arena, "date", day_shown(view, date));
        value_add(cells, arena, cell);
    }
    return cells;
}

static struct value *group_page(struct view *view, const struct form *form,
                                const struct value *group, struct str label)
{
    struct arena *arena = view->task.arena;
    const struct value *series = value_get(group, "series");
    const struct value *records = value_get(series, "records");
    const struct value *total = score_with(series, "total");
    size_t count = value_count(records);
    struct str subject = value_text_of(group, "subject");
    struct value *out = value_object(arena);

    value_put_str(out, arena, "label",
                  label.size ? label : view_say(view, N_("Sin dato")));
    put_text_or_false(view, out, "href",
                      subject.size
                          ? view_format(view, "/compare/%.*s?subject=%.*s",
                                        STR_ARGS(form->name), STR_ARGS(subject))
                          : STR(""));
    value_put(out, arena, "count", value_get(group, "count"));
    value_put(out, arena, "occasions", occasion_cells(view, form, series));
    value_put_str(out, arena, "first", value_shown(view, series, 0));
    value_put_str(out, arena, "first_date",
                  day_shown(view, value_text_of(value_at(records, 0), "date")));
    value_put_str(out, arena, "last", result_text(view, series, count - 1));
    value_put_str(
        out, arena, "last_date",
        day_shown(view, value_text_of(value_at(records, count - 1), "date")));
    put_text_or_false(view, out, "change",
                      change_text(view, value_get(total, "change")));
    put_text_or_false(view, out, "mean",
                      value_type(value_get(group, "mean")) == VALUE_NULL
                          ? STR("")
                          : value_as_text(value_get(group, "mean"), arena));
    value_put(out, arena, "series", series_page(view, series, STR("")));
    return out;
}

static struct value *occasion_heads(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    const struct question *occasion = form_occasion(form);
    const struct choice_list *choices = occasion ? occasion->choices : NULL;
    struct value *heads = value_list(arena);

    for (size_t i = 0; choices && i < choices->count; i++)
        value_add(heads, arena,
                  value_string(arena, texts_in(form, choices->choice[i].label,
                                               view->task.language)));
    return heads;
}

static enum error compare_all(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct value *groups = NULL, *out = value_list(arena);
    struct value *rows = value_list(arena);
    struct str key = value_text_of(form->settings, "cobijo:subject");
    const struct question *subject = key.size ? form_find(form, key) : NULL;
    enum error error = series_groups(&view->task, form, &groups, &view->err);

    for (size_t i = 0; !error && i < value_count(groups); i++) {
        struct value *group = value_copy(value_at(groups, i), arena);
        struct str label = value_text_of(group, "label");

        if (subject)
            label =
                ref_text(view, subject->ref, value_text_of(group, "subject"));
        value_put_str(group, arena, "label", label);
        value_add(out, arena, group);
        value_add(rows, arena, group_page(view, form, group, label));
    }
    value_put(view->data, arena, "groups", out);
    value_put(view->page, arena, "groups", rows);
    value_put(view->page, arena, "heads", occasion_heads(view, form));
    value_put_bool(view->page, arena, "one", false);
    return error;
}

static enum error compare_one(struct view *view, const struct form *form,
                              struct str subject)
{
    struct arena *arena = view->task.arena;
    struct str key = value_text_of(form->settings, "cobijo:subject");
    const struct question *question = key.size ? form_find(form, key) : NULL;
    struct str kind = question ? question->ref : STR("");
    struct value *series = NULL, *one = value_object(arena);
    struct str *id = NULL;
    size_t ids = 0;
    enum error error = ERROR_NONE;

    if (str_equal_c(kind, "person"))
        error = person_ids(&view->task, subject, &id, &ids, &view->err);
    if (!error)
        error = series_read(&view->task, form, ids ? id : &subject,
                            ids ? ids : 1, &series, &view->err);
    if (error)
        return error;
    for (size_t i = 0; i < value_count(series); i++)
        value_set(view->data, arena, value_name_at(series, i),
                  value_at(series, i));
    value_put_str(one, arena, "label", ref_text(view, kind, subject));
    put_text_or_false(view, one, "href",
                      kind.size ? record_path(view, kind, subject) : STR(""));
    value_put(one, arena, "series", series_page(view, series, STR("")));
    value_put_bool(one, arena, "any",
                   value_count(value_get(series, "records")) > 0);
    value_put(view->page, arena, "one", one);
    value_put(view->page, arena, "groups", value_list(arena));
    return ERROR_NONE;
}

/* A list of everybody's results helps nobody: of persons only one by one. */
enum error compare_page(struct view *view)
{
    const struct form *form = kind_form(view);
    struct str subject = view_query(view, "subject"), key;

    if (!form)
        return view->err.code;
    if (!form_has_score(form) || !may_read(view, form) ||
        (!subject.size && form_is_about(form, "person", &key)))
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Aquí no hay nada que comparar."), NULL, NULL, NULL);
    view_title(view, N_("Comparar"));
    kind_put(view, form);
    value_put_str(view->data, view->task.arena, "kind", form->name);
    value_put_bool(view->page, view->task.arena, "can_fill",
                   may_write(view, form));
    return subject.size ? compare_one(view, form, subject)
                        : compare_all(view, form);
}
