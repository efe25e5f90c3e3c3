/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_directory.c - keeping the public directory true: what staff look at
 * before it shows, the page of whoever runs a place (by a signed link, no
 * account), and reports of mistakes by anybody.
 */
#include "domain/directory/upkeep.h"
#include "domain/hours_plain.h"
#include "form/table.h"
#include "web/page.h"
#include "web/public/find.h"
#include "web/public/public.h"

/* --- review --------------------------------------------------------------- */

static void put_stale_links(struct view *view, const struct value *all)
{
    const struct value *list = value_get(all, "stale");
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), view->task.arena);

        int64_t due = value_to_int(value_get(item, "due_day"), 0);
        int64_t asked = value_to_int(value_get(item, "asked_at"), 0);

        put_text_or_false(view, item, "due",
                          due ? day_text(view, due) : STR(""));
        put_text_or_false(view, item, "asked",
                          asked ? when_text(view, asked) : STR(""));
        value_add(shown, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, "stale", shown);
}

/* Hours as people say them; both texts are kept where they cannot be read. */
static struct str in_words(struct view *view, struct str key, struct str text)
{
    struct str words =
        str_equal_c(key, "hours") ? hours_words(view, text) : STR("");

    return words.size ? words : text;
}

static void put_fields(struct view *view, struct value *item)
{
    const struct value *list = value_get(item, "fields");
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *row = value_copy(value_at(list, i), view->task.arena);
        struct str key = value_text_of(row, "key");

        put_text_or_false(view, row, "was",
                          in_words(view, key, value_text_of(row, "was")));
        put_text_or_false(view, row, "now",
                          in_words(view, key, value_text_of(row, "now")));
        value_add(shown, view->task.arena, row);
    }
    value_put(item, view->task.arena, "fields", shown);
}

static void put_waiting(struct view *view, const struct value *all,
                        const char *name)
{
    const struct value *list = value_get(all, name);
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), view->task.arena);

        put_text_or_false(view, item, "note", value_text_of(item, "note"));
        value_put_str(item, view->task.arena, "when",
                      when_text(view, value_to_int(value_get(item, "at"), 0)));
        put_fields(view, item);
        put_text_or_false(view, item, "often",
                          str_equal_c(value_text_of(item, "times"), "1")
                              ? STR("")
                              : value_text_of(item, "times"));
        value_add(shown, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, name, shown);
}

enum error directory_review_page(struct view *view)
{
    struct value *all = NULL;
    enum error error = directory_review(&view->task, &all, &view->err);

    if (error)
        return error;
    put_waiting(view, all, "changes");
    put_waiting(view, all, "reports");
    put_stale_links(view, all);
    view_title(view, N_("Directorio: por revisar"));
    return ERROR_NONE;
}

enum error directory_review_post(struct view *view)
{
    bool accepted = str_equal_c(view_field(view, "act"), "accept");
    enum error error;

    if (!accepted && !str_equal_c(view_field(view, "act"), "refuse"))
        error =
            err_set(&view->err, ERROR_INPUT,
                    N_("Diga si se acepta o se rechaza."), NULL, NULL, NULL);
    else
        error =
            directory_decide(&view->task, view->param[0], accepted, &view->err);
    if (error)
        return error;
    view_redirect_said(view, STR("/directory/review"), "directory_decided");
    return ERROR_NONE;
}

/* The link to send by hand, shown once more whenever it is asked for. */
enum error directory_link_post(struct view *view)
{
    struct str link = STR("");
    enum error error =
        directory_ask_link(&view->task, view->param[0], &link, &view->err);

    if (error)
        return error;
    if (!view->app->office.public_url.size)
        link = str_join(view->task.arena, view_base(view), link);
    value_put_str(view->data, view->task.arena, "link", link);
    view_title(view, N_("Enlace para quien lleva el lugar"));
    return ERROR_NONE;
}

/* --- whoever runs a place ------------------------------------------------- */

static enum error owner_door(struct view *view, struct str *place,
                             const struct value **answers)
{
    enum error error = directory_ask_open(&view->task, view->param[0], place,
                                          answers, &view->err);

    if (error == ERROR_NONE || error_status(error) >= 500)
        return error;
    view_title(view, N_("Directorio"));
    value_put_bool(view->page, view->task.arena, "gone", error == ERROR_GONE);
    return view_again(view, "partner_gone", error);
}

/* Hours as rows of days, from, to; what was typed, when something was. */
static struct value *hours_item(struct view *view, size_t number,
                                const struct hours_row *row, bool typed)
{
    static const char *const label[] = {N_("lun"), N_("mar"), N_("mié"),
                                        N_("jue"), N_("vie"), N_("sáb"),
                                        N_("dom")};
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *days = value_list(arena);
    struct str prefix = view_format(view, "h%zu", number);

    for (int day = 0; day < 7; day++) {
        struct value *one = value_object(arena);
        struct str name =
            view_format(view, "%.*s_%s", STR_ARGS(prefix), hours_day[day]);

        value_put_str(one, arena, "name", name);
        value_put_str(one, arena, "label", view_say(view, label[day]));
        value_put_bool(one, arena, "on",
                       typed ? view_field(view, str_c(arena, name)).size > 0
                             : row && (row->days >> day & 1));
        value_add(days, arena, one);
    }
    value_put(item, arena, "days", days);
    value_put_str(item, arena, "name", prefix);
    value_put_int(item, arena, "number", (int64_t)number + 1);
    for (int end = 0; end < 2; end++) {
        const char *key = end ? "to" : "from";
        int minute = row ? (end ? row->to : row->from) % (24 * 60) : 0;
        struct str name = view_format(view, "%.*s_%s", STR_ARGS(prefix), key);

        value_put_str(
            item, arena, key,
            typed ? view_field(view, str_c(arena, name))
            : row ? view_format(view, "%02d:%02d", minute / 60, minute % 60)
                  : STR(""));
    }
    return item;
}

static bool rows_posted(struct view *view)
{
    return view_field(view, "hours_rows").size > 0;
}

static void put_hours(struct view *view, struct str hours)
{
    struct hours_row row[HOURS_ROWS];
    size_t count = 0;
    bool plain = hours_split(hours, row, &count), typed = rows_posted(view);
    struct value *list = value_list(view->task.arena);
    size_t shown = plain ? count + 2 : 0;

    if (typed || shown > HOURS_ROWS)
        shown = HOURS_ROWS;
    for (size_t i = 0; plain && i < shown; i++)
        value_add(list, view->task.arena,
                  hours_item(view, i, i < count ? &row[i] : NULL, typed));
    value_put(view->data, view->task.arena, "hours_rows", list);
    value_put_bool(view->page, view->task.arena, "hours_plain", plain);
}

/* One row: nothing in it, or all of it. */
static enum error read_hours_row(struct view *view, size_t number,
                                 struct hours_row *row)
{
    struct arena *arena = view->task.arena;
    struct str text[2];

    *row = (struct hours_row){0};
    for (int day = 0; day < 7; day++)
        if (view_field(view, str_c(arena, view_format(view, "h%zu_%s", number,
                                                      hours_day[day])))
                .size)
            row->days |= 1u << day;
    for (int end = 0; end < 2; end++)
        text[end] =
            view_field(view, str_c(arena, view_format(view, "h%zu_%s", number,
                                                      end ? "to" : "from")));
    if (!row->days && !text[0].size && !text[1].size)
        return ERROR_NONE;
    if (!row->days || !hours_minute(text[0], &row->from) ||
        !hours_minute(text[1], &row->to) || row->from == 24 * 60)
        return err_set(&view->err, ERROR_INPUT,
                       N_("En el horario, marque los días y ponga desde y "
                          "hasta qué hora (09:00), o deje el renglón vacío."),
                       NULL, NULL, NULL);
    if (row->to == 0)
        row->to = 24 * 60; /* until midnight */
    return ERROR_NONE;
}

/* The fields as they were sent, the hours out of rows or of the text: *change
 * says what of the two was changed. */
static enum error read_hours(struct view *view, struct str standing,
                             const struct value **change)
{
    struct arena *arena = view->task.arena;
    struct value *fields = value_copy(view->fields, arena);
    struct hours_row row[HOURS_ROWS], was[HOURS_ROWS];
    struct str text = str_trim(view_field(view, "hours"));
    size_t count = 0, stood = 0;

    *change = fields;
    if (value_get(fields, "hours") && !str_equal(text, str_trim(standing))) {
        if (text.size && hours_at(text, 0, 12 * 60) == HOURS_UNKNOWN)
            return err_set(&view->err, ERROR_INPUT,
                           N_("No se entiende el horario. Así: Mo-Fr "
                              "09:00-18:00; Sa 09:00-13:00."),
                           NULL, NULL, NULL);
        return ERROR_NONE;
    }
    if (!rows_posted(view) || !hours_split(standing, was, &stood))
        return ERROR_NONE;
    for (size_t i = 0; i < HOURS_ROWS; i++) {
        enum error error = read_hours_row(view, i, &row[count]);

        if (error)
            return error;
        count += row[count].days != 0;
    }
    if (!str_equal(hours_join(arena, row, count),
                   hours_join(arena, was, stood)))
        value_put_str(fields, arena, "hours", hours_join(arena, row, count));
    return ERROR_NONE;
}

static void put_owner(struct view *view, const struct value *answers)
{
    const struct form *form = view_form(view, "place");
    struct value *list = value_list(view->task.arena);
    struct str hours = value_text_of(answers, "hours");

    value_put_str(view->data, view->task.arena, "name",
                  value_text_of(answers, "name"));
    for (size_t i = 0; directory_owner_fields[i]; i++) {
        const char *name = directory_owner_fields[i];
        const struct value *answer = value_get(answers, name);
        const struct question *question = form_find(
            form, strcmp(name, "phone_1") == 0 ? STR("phones") : str_of(name));
        struct value *item = value_object(view->task.arena);

        /* codes are for staff; whoever runs it writes a note */
        if (!answer || !question || strcmp(name, "status") == 0 ||
            strcmp(name, "languages") == 0 || strcmp(name, "hours") == 0)
            continue;
        value_put_text(item, view->task.arena, "name", name);
        value_put_str(item, view->task.arena, "label",
                      texts_in(form, question->label, view->task.language));
        value_put_str(item, view->task.arena, "value",
                      value_get(view->fields, name) ? view_field(view, name)
                                                    : value_text(answer));
        value_add(list, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, "fields", list);
    put_hours(view, hours);
    value_put_str(view->data, view->task.arena, "hours",
                  value_get(view->fields, "hours") ? view_field(view, "hours")
                                                   : hours);
    put_text_or_false(view, view->data, "hours_words",
                      hours.size ? hours_words(view, hours) : STR(""));
    value_put_str(view->data, view->task.arena, "note",
                  view_field(view, "note"));
    value_put_bool(view->data, view->task.arena, "done", false);
    view_title(view, N_("Directorio"));
}

enum error directory_owner_page(struct view *view)
{
    struct str place = STR("");
    const struct value *answers = NULL;
    enum error error = owner_door(view, &place, &answers);

    if (!error && answers)
        put_owner(view, answers);
    return error;
}

enum error directory_owner_post(struct view *view)
{
    struct owner_answer answer = {
        .same = str_equal_c(view_field(view, "same"), "yes"),
        .free_band = view_field(view, "free_band"),
        .note = view_field(view, "note")};
    struct str place = STR("");
    const struct value *answers = NULL;
    struct err why;
    enum error error = owner_door(view, &place, &answers);

    if (error || !answers)
        return error;
    error = read_hours(view, value_text_of(answers, "hours"), &answer.change);
    if (!error)
        error = directory_ask_answer(&view->task, view->param[0], &answer,
                                     &view->err);
    why = view->err;
    put_owner(view, answers);
    value_put_bool(view->data, view->task.arena, "done", !error);
    view->err = why;
    return error && error_status(error) < 500
               ? view_again(view, "directory_owner", error)
               : error;
}

/* --- a mistake ------------------------------------------------------------ */

enum error directory_report_post(struct view *view)
{
    struct str base =
        view_format(view, "/directory/%.*s",
                    STR_ARGS(path_escape(view->task.arena, view->param[0])));
    enum error error = directory_report(
        &view->task, view->param[0], view_field(view, "what"),
        view_field(view, "note"), view->request->address, &view->err);

    if (error)
        return error;
    value_put_bool(view->data, view->task.arena, "received", true);
    view_redirect(view,
                  public_path(view, view_format(view, "%.*s?said=reported",
                                                STR_ARGS(base))));
    return ERROR_NONE;
}
