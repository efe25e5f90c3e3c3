/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_tally.c - help given to somebody who stays anonymous, counted in 15
 * seconds: big buttons, +1, and the same choice again for the next one. What
 * is used most stands on the buttons; the rest in a list behind them.
 */
#include "web/page.h"

#include "core/date.h"

enum { TALLY_BUTTONS = 8, TALLY_RECENT = 200 };

/* Until a house has its own habits. */
static const char *const usual_service[] = {"AL5", "AL1", "HI1", "HI4",
                                            "SA3", "IF1", "CO1", "HI7"};
static const char *const usual_country[] = {"HND", "GTM", "SLV", "VEN",
                                            "HTI", "NIC", "CUB", "MEX"};

struct favourites {
    struct str code[64];
    int times[64];
    size_t count;
};

static void favour(struct favourites *f, struct str code, int weight)
{
    if (code.size == 0)
        return;
    for (size_t i = 0; i < f->count; i++)
        if (str_equal(f->code[i], code)) {
            f->times[i] += weight;
            return;
        }
    if (f->count < 64) {
        f->code[f->count] = code;
        f->times[f->count++] = weight;
    }
}

/* Most used first; equal ones as they were found. */
static void favourites_sort(struct favourites *f)
{
    for (size_t i = 1; i < f->count; i++)
        for (size_t k = i; k > 0 && f->times[k] > f->times[k - 1]; k--) {
            struct str code = f->code[k];
            int times = f->times[k];

            f->code[k] = f->code[k - 1];
            f->times[k] = f->times[k - 1];
            f->code[k - 1] = code;
            f->times[k - 1] = times;
        }
}

static bool is_favourite(const struct favourites *f, struct str code)
{
    for (size_t i = 0; i < f->count && i < TALLY_BUTTONS; i++)
        if (str_equal(f->code[i], code))
            return true;
    return false;
}

static struct str chosen_of(struct view *view, const char *key)
{
    struct str typed = view_field(view, key);

    return typed.size ? typed : view_query(view, key);
}

static struct value *choice_item(struct view *view, const struct form *form,
                                 const struct choice *choice, struct str chosen)
{
    struct value *item = value_object(view->task.arena);

    value_put_str(item, view->task.arena, "name", choice->name);
    value_put_str(item, view->task.arena, "label",
                  texts_in(form, choice->label, view->task.language));
    value_put_bool(item, view->task.arena, "chosen",
                   str_equal(choice->name, chosen));
    return item;
}

/* {buttons:[…], others:[…]} of a question; f NULL: everything a button. */
static void put_choices(struct view *view, const struct form *form,
                        const char *key, const struct favourites *f)
{
    struct arena *arena = view->task.arena;
    const struct question *question = form_find(form, str_of(key));
    struct str chosen = chosen_of(view, key);
    struct value *out = value_object(arena);
    struct value *buttons = value_list(arena), *others = value_list(arena);

    for (size_t i = 0; f && question && question->choices && i < f->count &&
                       i < TALLY_BUTTONS;
         i++) {
        const struct choice *choice =
            choice_find(question->choices, f->code[i]);

        if (choice)
            value_add(buttons, arena, choice_item(view, form, choice, chosen));
    }
    for (size_t i = 0;
         question && question->choices && i < question->choices->count; i++) {
        const struct choice *choice = &question->choices->choice[i];

        if (!f)
            value_add(buttons, arena, choice_item(view, form, choice, chosen));
        else if (!is_favourite(f, choice->name))
            value_add(others, arena, choice_item(view, form, choice, chosen));
    }
    value_put(out, arena, "buttons", buttons);
    value_put(out, arena, "others", others);
    value_put_str(out, arena, "label",
                  question
                      ? texts_in(form, question->label, view->task.language)
                      : STR(""));
    value_put(view->page, arena, key, out);
}

static enum error tally_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct form *form = view_form(view, "tally");
    struct record_filter filter = {.kind = STR("tally"), .limit = TALLY_RECENT};
    struct favourites services = {.count = 0}, countries = {.count = 0};
    struct str today = date_text(arena, date_from_day(task_day(&view->task)));
    struct record *record = NULL;
    size_t count = 0;
    int64_t given = 0;

    view_title(view, N_("Conteo"));
    view_stamp(view, STR(""), 0);
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    if (record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &count, &view->err) != ERROR_NONE)
        return view->err.code;
    for (size_t i = 0; i < TALLY_BUTTONS; i++) {
        favour(&services, str_of(usual_service[i]), 1);
        favour(&countries, str_of(usual_country[i]), 1);
    }
    for (size_t i = 0; i < count; i++) {
        int64_t qty = 1;

        favour(&services, value_text_of(record[i].answers, "service_code"), 1);
        favour(&countries, value_text_of(record[i].answers, "nationality"), 1);
        str_to_int(value_text_of(record[i].answers, "qty"), &qty);
        if (str_equal(value_text_of(record[i].answers, "date"), today))
            given += qty;
    }
    favourites_sort(&services);
    favourites_sort(&countries);
    put_choices(view, form, "service_code", &services);
    put_choices(view, form, "nationality", &countries);
    put_choices(view, form, "sex", NULL);
    put_choices(view, form, "age_band", NULL);
    value_put_int(view->data, arena, "today", given);
    value_put_bool(view->page, arena, "some_today", given > 0);
    return ERROR_NONE;
}

enum error tally_page(struct view *view)
{
    return tally_fill(view);
}

/* A list behind the buttons wins over the button. */
static struct value *tally_answers(struct view *view, const struct form *form)
{
    static const char *const key[] = {"service_code", "nationality"};
    struct arena *arena = view->task.arena;
    struct value *answers = view_answers(view, form);

    for (size_t i = 0; i < 2; i++) {
        struct str name = view_format(view, "%s_other", key[i]);
        struct str other = value_text(value_get_str(answers, name));

        if (other.size == 0)
            other = view_field(view, str_c(arena, name));
        if (other.size > 0)
            value_put_str(answers, arena, key[i], other);
        value_remove(answers, name);
    }
    return answers;
}

static struct str again_path(struct view *view, const struct value *answers)
{
    static const char *const key[] = {"sex", "age_band", "nationality",
                                      "service_code"};
    struct buf path;

    buf_init(&path, view->task.arena);
    buf_puts(&path, "/tally?");
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++) {
        struct str value = value_text_of(answers, key[i]);

        if (value.size == 0)
            continue;
        if (path.at[path.size - 1] != '?')
            buf_putc(&path, '&');
        buf_puts(&path, key[i]);
        buf_putc(&path, '=');
        buf_put_url(&path, value);
    }
    return buf_str(&path);
}

enum error tally_post(struct view *view)
{
    const struct form *form = view_form(view, "tally");
    struct save save = {.kind = STR("tally")};
    struct saved saved = {0};
    enum error error;
    struct err first;

    if (!form)
        return tally_fill(view);
    view_save(view, &save);
    save.input = tally_answers(view, form);
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error == ERROR_NONE) {
        value_put_str(view->data, view->task.arena, "id", saved.id);
        view_redirect_said(view, again_path(view, save.input), "tally");
        return ERROR_NONE;
    }
    view->problem = saved.problem;
    view->problems = saved.problems;
    if (error_status(error) >= 500)
        return error;
    first = view->err;
    if (tally_fill(view) != ERROR_NONE)
        return view->err.code;
    problems_put(view, form);
    view->err = first;
    return view_again(view, "tally", error);
}
