/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_outreach.c - a stop of the van, a talk, a campaign: who was there is a
 * grid of counts, sex by age, that a thumb fills. The steps are buttons of the
 * form, so that they work without script; nothing is saved by them.
 */
#include "core/date.h"
#include "domain/outreach/outreach.h"
#include "store/project.h"
#include "web/page.h"

enum { LISTED = 50, MOST = 5000, SEXES = 3, BANDS = 6 };

static const char *const head_keys[] = {
    "date",         "kind",   "channel", "reach",     "place_text",
    "municipality", "admin1", "topics",  "languages", NULL};
static const char *const tail_keys[] = {"materials", "pieces", "notes", NULL};
static const char *const sex_keys[SEXES] = {"m", "h", "x"};
static const char *const band_keys[BANDS] = {"0_11",  "12_17", "18_29",
                                             "30_59", "60",    "nd"};

/* --- the list --- */

static struct str label_of(struct view *view, const struct form *form,
                           const char *key, struct str code)
{
    const struct question *question = form_find(form, str_of(key));
    const struct choice *choice = question && question->choices
                                      ? choice_find(question->choices, code)
                                      : NULL;

    return choice ? texts_in(form, choice->label, view->task.language) : code;
}

static void put_where(struct view *view, struct value *item)
{
    struct str place = value_text_of(item, "place_text");
    struct date date = {0};

    date_parse_whole(value_text_of(item, "date"), &date);
    value_put_str(item, view->task.arena, "day",
                  day_text(view, date_to_day(date)));
    put_text_or_false(view, item, "where",
                      place.size ? place : value_text_of(item, "municipality"));
}

static void put_list(struct view *view, const struct form *form,
                     const struct record *record, size_t count)
{
    static const char *const same[] = {"date", "place_text", "municipality",
                                       "total", "children"};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        const struct value *answers = record[i].answers;
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", record[i].id);
        value_put_str(
            item, arena, "href",
            view_format(view, "/record/outreach/%.*s", STR_ARGS(record[i].id)));
        value_put_str(item, arena, "kind", value_text_of(answers, "kind"));
        value_put_str(
            item, arena, "kind_label",
            label_of(view, form, "kind", value_text_of(answers, "kind")));
        for (size_t k = 0; k < sizeof same / sizeof same[0]; k++)
            value_put_str(item, arena, same[k],
                          value_as_text(value_get(answers, same[k]), arena));
        put_where(view, item);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "list", list);
}

static void put_totals(struct view *view, const struct value *totals)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(totals); i++) {
        struct value *item = value_copy(value_at(totals, i), arena);

        put_goal(view, item, value_at(totals, i));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "totals", list);
}

enum error outreach_page(struct view *view)
{
    const struct form *form = view_form(view, "outreach");
    struct record_filter filter = {.kind = STR("outreach"),
                                   .order = "{date} DESC, _created DESC, _id",
                                   .limit = LISTED};
    struct value *totals = NULL, *sums = NULL;
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    view_title(view, N_("Ventanillas y pláticas"));
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    error = outreach_totals(&view->task, &totals, &view->err);
    if (!error)
        error = outreach_sums(&view->task, &sums, &view->err);
    if (!error)
        error =
            record_list(&view->task.office->log, view->task.db, &filter, false,
                        view->task.arena, &record, &count, &view->err);
    if (error)
        return error;
    put_totals(view, totals);
    value_put(view->data, view->task.arena, "sums", sums);
    put_list(view, form, record, count);
    value_put_bool(view->page, view->task.arena, "none", count == 0);
    return ERROR_NONE;
}

/* --- a new one --- */

static struct str count_key(struct view *view, size_t sex, size_t band)
{
    return view_format(view, "n_%s_%s", sex_keys[sex], band_keys[band]);
}

/* "Mujeres, 0 a 11 años": whom, of which age. */
static void split_label(struct str label, struct str *sex, struct str *band)
{
    size_t comma = str_find(label, STR(", "));

    *sex = str_slice(label, 0, comma == SIZE_MAX ? label.size : comma);
    *band = comma == SIZE_MAX ? label : str_slice(label, comma + 2, label.size);
}

static struct str upper_first(struct arena *arena, struct str text)
{
    struct str copy = str_copy(arena, text);
    char *first = copy.size ? arena_grow(arena, NULL, 0, copy.size) : NULL;

    if (!first)
        return text;
    memcpy(first, text.at, text.size);
    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 'a' + 'A');
    return (struct str){first, text.size};
}

static int64_t number_in(const struct value *answers, struct str key)
{
    const struct value *answer = value_get_str(answers, key);
    int64_t number = value_to_int(answer, 0);

    if (!number)
        str_to_int(str_trim(value_text(answer)), &number);
    return number;
}

static void put_grid(struct view *view, const struct form *form,
                     const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *grid = value_list(arena);
    int64_t total = 0;

    for (size_t b = 0; b < BANDS; b++) {
        struct value *row = value_object(arena), *cells = value_list(arena);
        struct str band = STR(""), sex = STR("");

        for (size_t s = 0; s < SEXES; s++) {
            struct str key = count_key(view, s, b);
            const struct question *question = form_find(form, key);
            const struct value *typed = value_get_str(answers, key);
            struct value *cell = value_object(arena);
            struct str label =
                question ? texts_in(form, question->label, view->task.language)
                         : key;
            int64_t number = number_in(answers, key);

            split_label(label, &sex, &band);
            value_put_str(cell, arena, "name", key);
            value_put_str(cell, arena, "label", sex);
            value_put_str(cell, arena, "whole", label);
            value_put_str(cell, arena, "value",
                          typed ? value_as_text(typed, arena) : STR(""));
            total += number > 0 && number <= MOST ? number : 0;
            value_add(cells, arena, cell);
        }
        value_put_str(row, arena, "label", upper_first(arena, band));
        value_put(row, arena, "cells", cells);
        value_add(grid, arena, row);
    }
    value_put(view->page, arena, "grid", grid);
    value_put_int(view->page, arena, "total", total);
}

static void put_part(struct view *view, const struct form *form,
                     const struct value *answers, const char *const *only,
                     const char *as)
{
    struct form_part part = {.answers = answers,
                             .problem = view->problem,
                             .problems = view->problems,
                             .only = only,
                             .base = STR("")};

    value_put(view->page, view->task.arena, as,
              form_view_part(view, form, &part));
}

static enum error new_fill(struct view *view, const struct value *answers)
{
    const struct form *form = view_form(view, "outreach");
    struct value *scripts = value_list(view->task.arena);

    view_title(view, N_("Nueva actividad"));
    view->widgets = true; /* css/widgets.css */
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    view_stamp(view, STR(""), 0);
    put_part(view, form, answers, head_keys, "head");
    put_part(view, form, answers, tail_keys, "tail");
    put_grid(view, form, answers);
    value_add(scripts, view->task.arena,
              value_string(view->task.arena, asset_href(view, "js/count.js")));
    value_put(view->page, view->task.arena, "scripts", scripts);
    return ERROR_NONE;
}

enum error outreach_new_page(struct view *view)
{
    const struct form *form = view_form(view, "outreach");

    return new_fill(
        view, form ? view_defaults(view, form, value_object(view->task.arena))
                   : NULL);
}

/* "n_m_0_11+1", "n_m_0_11-1": a button of the grid. */
static bool stepped(struct view *view, struct value *answers)
{
    struct str step = view_field(view, "_step"), key;
    int64_t number;
    char sign;

    if (step.size < 4)
        return false;
    sign = step.at[step.size - 2];
    key = str_slice(step, 0, step.size - 2);
    if (!str_starts(key, STR("n_")) || (sign != '+' && sign != '-'))
        return false;
    number = number_in(answers, key) + (sign == '+' ? 1 : -1);
    if (number < 0)
        number = 0;
    if (number > MOST)
        number = MOST;
    value_set(answers, view->task.arena, str_copy(view->task.arena, key),
              value_string(view->task.arena,
                           view_format(view, "%lld", (long long)number)));
    return true;
}

static bool counts_nothing(struct view *view, const struct value *answers)
{
    for (size_t b = 0; b < BANDS; b++)
        for (size_t s = 0; s < SEXES; s++)
            if (number_in(answers, count_key(view, s, b)) > 0)
                return false;
    return number_in(answers, STR("pieces")) <= 0 &&
           number_in(answers, STR("reach")) <= 0;
}

enum error outreach_post(struct view *view)
{
    const struct form *form = view_form(view, "outreach");
    struct save save = {.kind = STR("outreach")};
    struct value *answers;
    struct saved saved = {0};
    struct err first;
    enum error error;

    if (!form)
        return new_fill(view, NULL);
    answers = view_answers(view, form);
    if (stepped(view, answers))
        return new_fill(view, answers);
    view_save(view, &save);
    save.input = answers;
    error = counts_nothing(view, answers)
                ? err_set(&view->err, ERROR_INPUT,
                          N_("Anote cuántas personas hubo, o cuántas piezas "
                             "de material se dieron."),
                          NULL, NULL, NULL)
                : record_save(&view->task, &save, &saved, &view->err);
    if (!error) {
        value_put_str(view->data, view->task.arena, "id", saved.id);
        view_redirect_said(view, STR("/outreach"), "outreach");
        return ERROR_NONE;
    }
    view->problem = saved.problem;
    view->problems = saved.problems;
    if (error_status(error) >= 500)
        return error;
    first = view->err;
    if (new_fill(view, answers) != ERROR_NONE)
        return view->err.code;
    problems_put(view, form);
    view->err = first;
    return view_again(view, "outreach_new", error);
}
