/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_help_desk.c - who in the house reads and answers what strangers wrote:
 * most urgent and longest waiting first, a conversation each, and with her
 * consent a file by the way of every other.
 */
#include "core/date.h"
#include "domain/calendar.h"
#include "domain/outreach/help.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

static struct str moment(struct view *view, const struct value *from,
                         const char *key)
{
    int64_t at = 0;

    return instant_parse(value_text_of(from, key), &at) ? when_text(view, at)
                                                        : STR("");
}

/* A line of the list, and what stands at the top of one. */
static struct value *line(struct view *view, const struct value *request)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_copy(request, arena);
    struct str urgency = value_text_of(request, "urgency");
    struct str since = value_text_of(request, "waiting_since");
    struct str taken = value_text_of(request, "taken_by");
    int64_t from = 0;

    value_put_str(item, arena, "href",
                  view_format(view, "/help-desk/%.*s",
                              STR_ARGS(value_text_of(request, "id"))));
    casework_urgency(view, item, urgency);
    casework_due(
        view, item,
        instant_parse(since, &from)
            ? instant_text(arena, calendar_act_by(&view->task, urgency, from))
            : STR(""));
    put_text_or_false(view, item, "waiting_when",
                      moment(view, request, "waiting_since"));
    put_text_or_false(view, item, "last_when",
                      moment(view, request, "last_at"));
    put_text_or_false(view, item, "taken_name",
                      taken.size ? ref_text(view, STR("user"), taken)
                                 : STR(""));
    put_text_or_false(view, item, "place", value_text_of(request, "place"));
    value_put_bool(item, arena, "mine",
                   taken.size > 0 && str_equal(taken, view->task.actor.id));
    return item;
}

static void put_lines(struct view *view, const struct value *lists,
                      const char *key)
{
    struct arena *arena = view->task.arena;
    const struct value *from = value_get(lists, key);
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(from); i++)
        value_add(list, arena, line(view, value_at(from, i)));
    value_put(view->data, arena, key, list);
}

enum error help_desk_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    bool all = str_equal_c(view_query(view, "all"), "yes");
    struct value *lists = NULL;
    enum error error = help_list(&view->task, all, &lists, &view->err);

    if (error)
        return error;
    view_title(view, N_("Mensajes de ayuda"));
    put_lines(view, lists, "waiting");
    put_lines(view, lists, "answered");
    put_lines(view, lists, "done");
    view->task.seen += (unsigned)(value_count(value_get(lists, "waiting")) +
                                  value_count(value_get(lists, "answered")) +
                                  value_count(value_get(lists, "done")));
    value_put_bool(view->page, arena, "all", all);
    value_put_bool(view->page, arena, "open", help_open(&view->task));
    value_put_bool(view->page, arena, "none",
                   !value_count(value_get(lists, "waiting")) &&
                       !value_count(value_get(lists, "answered")));
    value_put_bool(view->page, arena, "none_done",
                   all && !value_count(value_get(lists, "done")));
    value_put_int(view->page, arena, "days", help_days(&view->task));
    return ERROR_NONE;
}

/* Today: how many wait, with the first of them. */
enum error help_desk_today(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *first = NULL, *list = value_list(arena);
    size_t count = 0;
    enum error error = help_today(&view->task, &first, &count, &view->err);

    for (size_t i = 0; i < value_count(first); i++)
        value_add(list, arena, line(view, value_at(first, i)));
    value_put(view->data, arena, "help", list);
    value_put_int(view->data, arena, "help_count", (int64_t)count);
    return error;
}

/* --- one --- */

static void put_messages(struct view *view, struct value *request)
{
    struct arena *arena = view->task.arena;
    const struct value *from = value_get(request, "messages");
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(from); i++) {
        struct value *item = value_copy(value_at(from, i), arena);
        struct str author = value_text_of(item, "author");

        value_put_str(item, arena, "when", moment(view, item, "at"));
        put_text_or_false(view, item, "who",
                          author.size ? ref_text(view, STR("user"), author)
                                      : STR(""));
        value_add(list, arena, item);
    }
    value_put(request, arena, "messages", list);
}

static void put_urgencies(struct view *view, struct str chosen)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "urgency");
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str code = catalog_cell(table, i, "name");

        value_put_str(item, arena, "name", code);
        value_put_str(item, arena, "label",
                      catalog_label(table, i, "label", view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(code, chosen));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "urgencies", list);
}

/* Which steps there are now. */
static void put_steps(struct view *view, struct value *request)
{
    struct arena *arena = view->task.arena;
    struct str state = value_text_of(request, "state");
    struct str consent = value_text_of(request, "consent");
    bool file = str_equal_c(state, "expediente");
    bool over = words_have(STR("cerrada spam"), state);
    bool agreed = str_equal_c(consent, "yes");
    struct value *can = value_object(arena);

    value_put_bool(can, arena, "answer", !over);
    value_put_bool(can, arena, "back", over);
    value_put_bool(can, arena, "close", !over);
    value_put_bool(can, arena, "ask", !file && !over && !agreed);
    value_put_bool(can, arena, "file",
                   !file && agreed &&
                       role_has(view->task.actor.role, RIGHT_PERSON_WRITE));
    value_put(view->page, arena, "step", can);
    value_put_bool(request, arena, "agreed", agreed);
    value_put_bool(request, arena, "declined", str_equal_c(consent, "no"));
    put_text_or_false(view, request, "asked_when",
                      moment(view, request, "asked_at"));
    put_text_or_false(view, request, "phone", value_text_of(request, "phone"));
    put_text_or_false(view, request, "contact_how",
                      value_text_of(request, "contact_how"));
    put_text_or_false(view, request, "consent_why",
                      value_text_of(request, "consent_why"));
    put_text_or_false(view, request, "closed_why",
                      value_text_of(request, "closed_why"));
    put_text_or_false(view, request, "person",
                      value_text_of(request, "person"));
    value_put_bool(
        view->page, arena, "only_message",
        str_equal_c(value_text_of(request, "safe_to_contact"), "only_channel"));
}

static enum error one_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *shown = NULL, *request;
    enum error error =
        help_show(&view->task, view->param[0], true, &shown, &view->err);

    if (error)
        return error;
    request = line(view, shown);
    put_messages(view, request);
    put_steps(view, request);
    put_urgencies(view, value_text_of(request, "urgency"));
    value_put(view->data, arena, "request", request);
    value_put_str(view->page, arena, "typed", STR(""));
    value_put_str(view->page, arena, "typed_why", STR(""));
    value_put_str(view->page, arena, "typed_code", STR(""));
    view_title(view, N_("Mensaje de ayuda"));
    view_stamp(view, STR(""), 0);
    return ERROR_NONE;
}

enum error help_desk_one_page(struct view *view)
{
    return one_fill(view);
}

static enum error act(struct view *view, struct str *person)
{
    struct task *task = &view->task;
    struct str id = view->param[0], what = view_field(view, "do");
    struct str why = str_trim(view_field(view, "why"));
    struct str entry = view_field(view, "_entry");

    if (str_equal_c(what, "take") || str_equal_c(what, "release"))
        return help_take(task, id, str_equal_c(what, "take"), &view->err);
    if (str_equal_c(what, "answer"))
        return help_answer(task, id, str_trim(view_field(view, "text")),
                           uuid_valid(entry) ? entry : STR(""), &view->err);
    if (str_equal_c(what, "ask"))
        return help_ask(task, id, &view->err);
    if (str_equal_c(what, "told"))
        return help_consent_told(task, id, why, &view->err);
    if (str_equal_c(what, "urgency"))
        return help_urgency(task, id, view_field(view, "urgency"), &view->err);
    if (words_have(STR("cerrada spam tomada"), what))
        return help_close(task, id, what, why, &view->err);
    if (str_equal_c(what, "join"))
        return help_join(task, id, view_field(view, "case_code"), person,
                         &view->err);
    return err_set(&view->err, ERROR_INPUT, N_("Elija qué hacer."), NULL, NULL,
                   NULL);
}

enum error help_desk_post(struct view *view)
{
    struct str person = STR("");
    struct err first;
    enum error error = act(view, &person);

    if (!error) {
        view_redirect_said(
            view,
            person.size ? view_format(view, "/person/%.*s", STR_ARGS(person))
                        : view_format(view, "/help-desk/%.*s",
                                      STR_ARGS(view->param[0])),
            str_equal_c(view_field(view, "do"), "answer") ? "help_answered"
                                                          : "saved");
        return ERROR_NONE;
    }
    if (error == ERROR_NOT_FOUND || error_status(error) >= 500)
        return error;
    first = view->err;
    if (one_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    value_put_str(view->page, view->task.arena, "typed",
                  view_field(view, "text"));
    value_put_str(view->page, view->task.arena, "typed_why",
                  view_field(view, "why"));
    value_put_str(view->page, view->task.arena, "typed_code",
                  view_field(view, "case_code"));
    return view_again(view, "help_desk_one", error);
}

/* --- while she is registered --- */

/* The answers of the request go into those of a new file; page.help names it
 * (false: none). */
enum error help_desk_file(struct view *view, struct str request,
                          struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *from = NULL;
    enum error error = ERROR_NONE;

    put_text_or_false(view, view->page, "help",
                      uuid_valid(request) ? request : STR(""));
    if (!uuid_valid(request))
        return ERROR_NONE;
    error = help_file(&view->task, request, &from, &view->err);
    for (size_t i = 0; i < value_count(from); i++) {
        struct str key = value_name_at(from, i);

        if (!value_text(value_get_str(answers, key)).size)
            value_set(answers, arena, key, value_at(from, i));
    }
    return error;
}
