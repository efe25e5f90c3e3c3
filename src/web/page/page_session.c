/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_session.c - where an account is open, and closing it there: one's own,
 * or anybody's for who administers; and taking away a second step that
 * somebody lost. No address is shown, because none is kept.
 */
#include "web/page.h"

#include "domain/account/lock.h"
#include "domain/account/second.h"

static const char *method_words(struct str method)
{
    static const struct {
        const char *name, *words;
    } row[] = {
        {"password", N_("contraseña")},
        {"totp", N_("contraseña y código")},
        {"recovery", N_("contraseña y código de recuperación")},
        {"passkey", N_("llave de acceso")},
        {"oidc", N_("cuenta de su institución")},
        {"pin", N_("PIN, después de la contraseña")},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_equal_c(method, row[i].name))
            return row[i].words;
    return N_("contraseña");
}

static enum error sessions_fill(struct view *view, struct str user)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct open_session *session = NULL;
    size_t count = 0;
    enum error error =
        sessions_list(&view->task, user, &session, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = value_object(arena);
        bool here =
            view->session && str_equal(session[i].id, view->session->id);

        value_put_str(item, arena, "id", session[i].id);
        value_put_str(item, arena, "agent",
                      session[i].agent.size
                          ? session[i].agent
                          : view_say(view, N_("otro programa")));
        value_put_str(item, arena, "method",
                      view_say(view, method_words(session[i].method)));
        value_put_str(item, arena, "made", when_text(view, session[i].created));
        value_put_str(item, arena, "used", when_text(view, session[i].used));
        value_put_bool(item, arena, "locked", session[i].locked);
        value_put_bool(item, arena, "here", here);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "sessions", list);
    value_put_bool(view->page, arena, "several", count > 1);
    value_put_bool(view->page, arena, "none", count == 0);
    return error;
}

static struct str own_id(const struct view *view)
{
    return view->task.actor.id;
}

enum error own_sessions_page(struct view *view)
{
    view_title(view, N_("Dónde está abierta su cuenta"));
    return sessions_fill(view, own_id(view));
}

enum error own_session_end_post(struct view *view)
{
    enum error error = sessions_end(&view->task, own_id(view), view->param[0],
                                    STR(""), &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, STR("/profile/session"), "session_ended");
    return error;
}

enum error own_others_end_post(struct view *view)
{
    enum error error =
        sessions_end(&view->task, own_id(view), STR(""),
                     view->session ? view->session->id : STR(""), &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, STR("/profile/session"), "sessions_ended");
    return error;
}

/* --- of anybody ----------------------------------------------------------- */

static enum error user_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct catalog *catalog = view->app->office.catalog;
    struct record user = {0};
    struct second second = {0};
    bool pin = false;
    enum error error =
        record_read(&view->task.office->log, view->task.db, STR("user"),
                    view->param[0], arena, &user, &view->err);

    if (error == ERROR_NONE)
        error = sessions_fill(view, user.id);
    if (error == ERROR_NONE)
        error = second_read(
            &view->task, user.id,
            catalog_role(catalog, value_text_of(user.answers, "role")), &second,
            &view->err);
    if (error == ERROR_NONE)
        error = pin_has(&view->task, user.id, &pin, &view->err);
    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Entrada de una cuenta"));
    value_put_str(view->data, arena, "id", user.id);
    value_put_str(view->page, arena, "account", user.id);
    value_put_str(view->data, arena, "name",
                  value_text_of(user.answers, "name"));
    value_put_bool(view->data, arena, "totp", second.totp);
    value_put_bool(view->data, arena, "passkey", second.passkey);
    value_put_bool(view->data, arena, "demanded", second.demanded);
    value_put_int(view->data, arena, "codes", second.codes);
    value_put_bool(view->data, arena, "pin", pin);
    value_put_bool(view->page, arena, "something",
                   second.totp || second.passkey || pin);
    value_put_str(view->page, arena, "why", view_field(view, "why"));
    return ERROR_NONE;
}

enum error user_session_page(struct view *view)
{
    return user_fill(view);
}

static struct str back_to_user(struct view *view)
{
    return view_format(view, "/user/%.*s/session",
                       STR_ARGS(path_escape(view->task.arena, view->param[0])));
}

enum error user_session_end_post(struct view *view)
{
    enum error error = sessions_end(&view->task, view->param[0], view->param[1],
                                    STR(""), &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, back_to_user(view), "session_ended");
    return error;
}

enum error user_sessions_end_post(struct view *view)
{
    enum error error =
        sessions_end(&view->task, view->param[0], STR(""),
                     view->session ? view->session->id : STR(""), &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, back_to_user(view), "sessions_ended");
    return error;
}

enum error user_second_post(struct view *view)
{
    enum error error = second_reset(&view->task, view->param[0],
                                    view_field(view, "why"), &view->err);
    struct err first = view->err;

    if (error == ERROR_NONE) {
        view_redirect_said(view, back_to_user(view), "second_reset");
        return ERROR_NONE;
    }
    if (error != ERROR_INPUT)
        return error;
    err_clear(&view->err);
    if (user_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "user_session", error);
}
