/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_flag.c - two decisions that somebody has to write down: what was done
 * about an urgent flag, and what a supervisor makes of a profile that waits.
 */
#include "domain/casework/screening.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

/* -- why ------------------------------------------------------------------- */

/* The answers behind it, from the screening that raised it. */
static void put_because(struct view *view, const struct record *raised,
                        bool flag)
{
    const struct form *form = view_form(view, "screening");
    struct str code = value_text_of(raised->answers, "code");
    struct screening_outcome outcome;
    struct str made = value_text_of(raised->answers, "screening");
    struct record screening;
    struct err err = {0};
    const struct value *all = NULL;

    value_put(view->data, view->task.arena, "because",
              value_list(view->task.arena));
    value_put_int(view->data, view->task.arena, "because_count", 0);
    if (!form ||
        record_get(&view->task, STR("screening"), made, &screening, &err) !=
            ERROR_NONE ||
        screening_found(&view->task, form, made,
                        value_text_of(raised->answers, "person"), &outcome,
                        &all, &err) != ERROR_NONE)
        return;
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *item = value_at(all, i);

        if (!str_equal(value_text_of(item, "code"), code) ||
            value_to_bool(value_get(item, "flag"), !flag) != flag)
            continue;
        value_put(view->data, view->task.arena, "because",
                  value_get(item, "because"));
        value_put_int(view->data, view->task.arena, "because_count",
                      (int64_t)value_count(value_get(item, "because")));
    }
}

/* -- a flag ---------------------------------------------------------------- */

static struct str flag_column(struct view *view, struct str code,
                              const char *column)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "flag");
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;

    return row == SIZE_MAX
               ? STR("")
               : catalog_label(table, row, column, view->task.language);
}

static void put_flag(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct str code = value_text_of(record->answers, "code");
    struct str person = value_text_of(record->answers, "person");
    struct value *flag = value_object(arena);

    value_put_str(flag, arena, "id", record->id);
    value_put_str(flag, arena, "code", code);
    value_put_str(flag, arena, "label", flag_column(view, code, "label"));
    put_text_or_false(view, flag, "first_action",
                      flag_column(view, code, "action"));
    casework_urgency(view, flag, value_text_of(record->answers, "urgency"));
    casework_due(view, flag, value_text_of(record->answers, "due_at"));
    value_put_bool(
        flag, arena, "open",
        str_equal_c(value_text_of(record->answers, "state"), "open"));
    value_put_str(flag, arena, "state",
                  value_text_of(record->answers, "state"));
    put_text_or_false(view, flag, "action",
                      choice_text(view, "flag", "action",
                                  value_text_of(record->answers, "action")));
    put_text_or_false(view, flag, "action_note",
                      value_text_of(record->answers, "action_note"));
    put_text_or_false(view, flag, "acted_when",
                      stamp_text(view, record->answers, "acted_at"));
    put_text_or_false(view, flag, "raised_when",
                      stamp_text(view, record->answers, "raised_at"));
    value_put_str(flag, arena, "acted_by",
                  value_text_of(record->answers, "acted_by").size
                      ? ref_text(view, STR("user"),
                                 value_text_of(record->answers, "acted_by"))
                      : STR(""));
    value_put_str(flag, arena, "refer",
                  view_format(view, "/person/%.*s/refer?code=%.*s",
                              STR_ARGS(person), STR_ARGS(code)));
    value_put(view->data, arena, "flag", flag);
}

static enum error flag_show(struct view *view, const struct value *typed)
{
    static const char *const only[] = {"action", "action_note", NULL};
    const struct form *form = view_form(view, "flag");
    struct arena *arena = view->task.arena;
    struct value *answers = value_object(arena);
    struct record record;
    enum error error = record_get(&view->task, STR("flag"), view->param[0],
                                  &record, &view->err);

    if (error == ERROR_NONE)
        error = casework_person(view, value_text_of(record.answers, "person"));
    if (error != ERROR_NONE)
        return error;
    put_flag(view, &record);
    put_because(view, &record, true);
    for (size_t i = 0; i < value_count(typed); i++)
        value_set(answers, arena, value_name_at(typed, i), value_at(typed, i));
    value_put_str(answers, arena, "state", STR("acted")); /* now relevant */
    value_put(
        view->page, arena, "form",
        form_view(view, form, answers, view->problem, view->problems, only));
    view_stamp(view, record.id, record.clock);
    view_title(view, N_("Bandera"));
    return ERROR_NONE;
}

enum error flag_page(struct view *view)
{
    return flag_show(view, NULL);
}

enum error flag_post(struct view *view)
{
    const struct form *form = view_form(view, "flag");
    struct value *typed = view_answers(view, form);
    struct record record;
    struct err why;
    enum error error = record_get(&view->task, STR("flag"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    if (value_text_of(typed, "action").size == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Diga qué se hizo ante esta bandera."), NULL, NULL,
                        NULL);
    else
        error = flag_act(&view->task, view->param[0],
                         value_text_of(typed, "action"),
                         value_text_of(typed, "action_note"), &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(
            view,
            view_format(view, "/person/%.*s",
                        STR_ARGS(value_text_of(record.answers, "person"))),
            "flag");
        return ERROR_NONE;
    }
    why = view->err;
    if (error_status(error) >= 500 || flag_show(view, typed) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "flag", error);
}

/* -- a profile that waits -------------------------------------------------- */

/* Signs by their names; what somebody wrote by hand as it is. */
static struct str basis_text(struct view *view, struct str basis)
{
    const struct catalog *catalog = view->app->office.catalog;
    const struct catalog_table *sign = catalog_table(catalog, "sign");
    struct str rest = basis, code;
    struct buf out;

    buf_init(&out, view->task.arena);
    while (words_next(&rest, &code)) {
        if (!sign || catalog_find(sign, code) == SIZE_MAX)
            return basis;
        if (out.size > 0)
            buf_puts(&out, " · ");
        buf_put(&out, catalog_name(catalog, "sign", code, view->task.language));
    }
    return buf_str(&out);
}

static void put_profile(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "profile");
    struct str code = value_text_of(record->answers, "code");
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;
    struct value *profile = value_object(arena);

    value_put_str(profile, arena, "id", record->id);
    value_put_str(profile, arena, "code", code);
    value_put_str(profile, arena, "label", reason_text(view, code));
    put_text_or_false(view, profile, "definition",
                      row == SIZE_MAX ? STR("")
                                      : catalog_label(table, row, "definition",
                                                      view->task.language));
    value_put_str(profile, arena, "state",
                  value_text_of(record->answers, "state"));
    value_put_str(profile, arena, "state_label",
                  choice_text(view, "profile", "state",
                              value_text_of(record->answers, "state")));
    put_text_or_false(
        view, profile, "basis",
        basis_text(view, value_text_of(record->answers, "basis")));
    value_put_bool(
        profile, arena, "waits",
        str_equal_c(value_text_of(record->answers, "waits_for_supervisor"),
                    "yes"));
    value_put_str(
        profile, arena, "refer",
        view_format(view, "/person/%.*s/refer?code=%.*s",
                    STR_ARGS(value_text_of(record->answers, "person")),
                    STR_ARGS(code)));
    value_put(view->data, arena, "profile", profile);
}

static enum error review_load(struct view *view, struct record *record)
{
    enum error error = record_get(&view->task, STR("profile"), view->param[0],
                                  record, &view->err);

    if (error == ERROR_NONE &&
        !profile_visible(&view->task, value_text_of(record->answers, "code")))
        error = err_set(&view->err, ERROR_FORBIDDEN,
                        N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                        NULL);
    return error;
}

static enum error review_show(struct view *view, const struct value *typed)
{
    static const char *const only[] = {"state", "authority", "why", NULL};
    const struct form *form = view_form(view, "profile");
    struct record record;
    enum error error = review_load(view, &record);

    if (error == ERROR_NONE)
        error = casework_person(view, value_text_of(record.answers, "person"));
    if (error != ERROR_NONE)
        return error;
    put_profile(view, &record);
    put_because(view, &record, false);
    value_put(view->page, view->task.arena, "form",
              form_view(view, form, typed ? typed : record.answers,
                        view->problem, view->problems, only));
    view_stamp(view, record.id, record.clock);
    view_title(view, N_("Revisar un perfil"));
    return ERROR_NONE;
}

enum error review_page(struct view *view)
{
    return review_show(view, NULL);
}

enum error review_post(struct view *view)
{
    const struct form *form = view_form(view, "profile");
    struct value *typed = view_answers(view, form);
    struct str state = value_text_of(typed, "state");
    struct record record;
    struct err why;
    enum error error = review_load(view, &record);

    if (error != ERROR_NONE)
        return error;
    if (state.size == 0)
        error = err_set(&view->err, ERROR_INPUT, N_("Elija qué decide."), NULL,
                        NULL, NULL);
    else if (str_equal_c(state, "ruled_out") &&
             value_text_of(typed, "why").size == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Diga por qué se descarta."), NULL, NULL, NULL);
    else
        error = profile_decide(&view->task, view->param[0], state,
                               value_text_of(typed, "authority"),
                               value_text_of(typed, "why"), &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(view, STR("/today"), "decided");
        return ERROR_NONE;
    }
    why = view->err;
    if (error_status(error) >= 500 || review_show(view, typed) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "review", error);
}
