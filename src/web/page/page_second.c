/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_second.c - the second step of a login, and setting it up: the code of
 * an authenticator, recovery codes to print, giving it up again.
 */
#include "web/page.h"

#include "domain/account/second.h"

/* --- at the door ---------------------------------------------------------- */

static bool is_half(const struct view *view)
{
    return view->session && view->session->state == SESSION_HALF;
}

static void second_fill(struct view *view, struct str next)
{
    view_title(view, N_("Segundo paso"));
    value_put_str(view->page, view->task.arena, "next", next_path(next));
    value_put_str(view->page, view->task.arena, "name",
                  view->session->who.name);
}

enum error login_second_page(struct view *view)
{
    if (!is_half(view)) {
        view_redirect(view, STR("/login"));
        return ERROR_NONE;
    }
    second_fill(view, view_query(view, "next"));
    return ERROR_NONE;
}

enum error login_second_post(struct view *view)
{
    struct session session = {0};
    struct visit visit = visit_of(view);
    struct str next = view_field(view, "next");
    enum error error;

    if (!is_half(view)) {
        view_redirect(view, STR("/login"));
        return ERROR_NONE;
    }
    second_fill(view, next);
    error = account_second(&view->task, view->session, view_field(view, "code"),
                           &visit, &session, &view->err);
    if (error != ERROR_NONE)
        return error_status(error) >= 500
                   ? error
                   : view_again(view, "login_second", error);
    session_keep(view, &session);
    if (str_equal_c(session.method, "recovery"))
        view_redirect_said(view, STR("/profile/second"), "recovery");
    else
        view_redirect(view, next_path(next));
    return ERROR_NONE;
}

/* --- one's own ------------------------------------------------------------ */

static struct str in_fours(struct view *view, struct str text)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < text.size; i++) {
        if (i && i % 4 == 0)
            buf_putc(&out, ' ');
        buf_putc(&out, text.at[i]);
    }
    return buf_str(&out);
}

static enum error put_setup(struct view *view)
{
    struct str secret = STR(""), uri = STR("");
    enum error error = totp_begin(&view->task, &secret, &uri, &view->err);

    if (error != ERROR_NONE)
        return error;
    value_put_str(view->page, view->task.arena, "secret",
                  in_fours(view, secret));
    view_qr(view, uri);
    return ERROR_NONE;
}

static enum error own_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct second second;
    enum error error = second_read(&view->task, view->task.actor.id,
                                   view->task.actor.role, &second, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Segundo paso al entrar"));
    value_put_bool(view->data, arena, "totp", second.totp);
    value_put_bool(view->data, arena, "demanded", second.demanded);
    value_put_int(view->data, arena, "codes", second.codes);
    value_put_bool(view->page, arena, "few", second.codes < 3);
    value_put_bool(view->page, arena, "enrol",
                   view->session && view->session->state == SESSION_ENROL);
    value_put_bool(view->page, arena, "secret", false);
    value_put_bool(view->page, arena, "qr", false);
    value_put_str(view->page, arena, "next",
                  next_path(view_query(view, "next")));
    return second.totp ? ERROR_NONE : put_setup(view);
}

enum error second_page(struct view *view)
{
    enum error error = need_session(view);

    return error ? error : own_fill(view);
}

static enum error own_again(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_FORBIDDEN)
        return error;
    err_clear(&view->err);
    if (own_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "second", error);
}

/* The codes, told this once; no redirect could carry them. */
static enum error show_codes(struct view *view, const struct str *code,
                             struct str next)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (int i = 0; i < RECOVERY_CODES; i++)
        value_add(list, arena, value_string(arena, code[i]));
    value_put(view->data, arena, "recovery_codes", list);
    value_put_str(view->page, arena, "next", next_path(next));
    value_put_str(view->page, arena, "made",
                  day_text(view, task_day(&view->task)));
    value_put_str(view->page, arena, "name", view->task.actor.name);
    view_title(view, N_("Códigos de recuperación"));
    view->template = "codes";
    return ERROR_NONE;
}

enum error second_post(struct view *view)
{
    struct str code[RECOVERY_CODES];
    struct session session = {0};
    struct visit visit = visit_of(view);
    struct str next = view_field(view, "next");
    enum error error = need_session(view);

    if (error == ERROR_NONE)
        error = totp_confirm(&view->task, view_field(view, "code"), code,
                             &view->err);
    if (error != ERROR_NONE)
        return own_again(view, error);
    error = account_open_session(&view->task, view->task.actor.id, "totp",
                                 &visit, &session, &view->err);
    if (error != ERROR_NONE)
        return error;
    session_keep(view, &session);
    view->task.actor = session.actor;
    view->opened = session;
    view->session = &view->opened; /* its token stands in the page */
    return show_codes(view, code, next);
}

enum error second_codes_post(struct view *view)
{
    struct str code[RECOVERY_CODES];
    enum error error = present_check(view);

    if (error == ERROR_NONE)
        error = recovery_renew(&view->task, code, &view->err);
    if (error != ERROR_NONE)
        return own_again(view, error);
    return show_codes(view, code, STR("/profile/second"));
}

enum error second_remove_post(struct view *view)
{
    enum error error = present_check(view);

    if (error == ERROR_NONE)
        error = second_remove(&view->task, &view->err);
    if (error != ERROR_NONE)
        return own_again(view, error);
    view_redirect_said(view, STR("/profile"), "second_off");
    return ERROR_NONE;
}
