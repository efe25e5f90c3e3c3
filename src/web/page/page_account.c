/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_account.c - coming in and going out: the first account of a new store,
 * login, logout, one's own language and password. The cookie is the only
 * thing kept in the browser; what it means stands in the table of sessions.
 */
#include "web/page.h"

#include "domain/account/lock.h"
#include "domain/account/password.h"
#include "domain/account/second.h"
#include "web/page/signin.h"

static void language_cookie(struct view *view, struct str code)
{
    if (code.size > 0)
        view_cookie(view, "lang", code, LANGUAGE_SECONDS);
}

/* --- first run ------------------------------------------------------------ */

/* A program that stands between us and the world is on this machine, too; it
 * says so. A name in Host that is not this machine's belongs to a page that
 * had its own name point here. */
static bool is_our_name(struct str host)
{
    struct str rest = host, name;

    if (host.size == 0 || str_starts(host, STR("[::1]")))
        return true;
    str_cut(&rest, ':', &name);
    if (str_equal_nocase(name, STR("localhost")))
        return true;
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] != '.' && (name.at[i] < '0' || name.at[i] > '9'))
            return false;
    return str_starts(name, STR("127."));
}

static bool through_another(const struct request *request)
{
    return request_header(request, "x-forwarded-for").size > 0 ||
           request_header(request, "forwarded").size > 0 ||
           !is_our_name(request_header(request, "host"));
}

static bool from_this_machine(const struct view *view)
{
    struct str address = view->request->address;

    return (str_starts(address, STR("127.")) || str_equal_c(address, "::1") ||
            str_starts(address, STR("::ffff:127.")) ||
            str_equal_c(address, "local")) &&
           !through_another(view->request);
}

static void start_fill(struct view *view)
{
    view_title(view, N_("Primera cuenta"));
    value_put_str(view->page, view->task.arena, "name",
                  view_field(view, "name"));
    value_put_str(view->page, view->task.arena, "display",
                  view_field(view, "display"));
    value_put_bool(view->page, view->task.arena, "here_only",
                   from_this_machine(view));
}

enum error start_page(struct view *view)
{
    bool any = true;

    if (account_any(&view->task, &any, &view->err) != ERROR_NONE)
        return view->err.code;
    if (any) {
        view_redirect(view, STR("/login"));
        return ERROR_NONE;
    }
    start_fill(view);
    return ERROR_NONE;
}

enum error password_check(struct view *view, struct str password,
                          struct str again)
{
    if (!str_equal(password, again))
        return err_set(&view->err, ERROR_INPUT,
                       N_("Las dos contraseñas no son iguales."), NULL, NULL,
                       NULL);
    return ERROR_NONE;
}

/* next: where she goes on, through a second step if there is one. */
enum error log_in(struct view *view, struct str name, struct str password,
                  struct str *next)
{
    struct session session = {0};
    struct visit visit = visit_of(view);
    enum error error = account_login_from(&view->task, name, password, &visit,
                                          &session, &view->err);

    if (error != ERROR_NONE)
        return error;
    session_keep(view, &session);
    *next = session_next(view, &session, *next);
    return ERROR_NONE;
}

enum error start_post(struct view *view)
{
    struct str name = view_field(view, "name");
    struct str password = view_field(view, "password");
    struct str id, next = STR("/today");
    bool any = true;
    enum error error;

    start_fill(view);
    error = account_any(&view->task, &any, &view->err);
    if (error == ERROR_NONE && (any || !from_this_machine(view)))
        return err_set(&view->err, ERROR_FORBIDDEN,
                       N_("La primera cuenta se crea una sola vez y en la "
                          "computadora donde está el programa."),
                       NULL, NULL, NULL);
    if (error == ERROR_NONE)
        error = password_check(view, password, view_field(view, "again"));
    if (error == ERROR_NONE) /* as nobody: only the first one may */
        error = account_add(&view->task, name, view_field(view, "display"),
                            STR("admin"), password, &id, &view->err);
    if (error == ERROR_NONE)
        error = log_in(view, name, password, &next);
    if (error != ERROR_NONE)
        return view_again(view, "start", error);
    view_redirect_said(view, next, "welcome");
    return ERROR_NONE;
}

/* --- login and logout ----------------------------------------------------- */

static enum error login_fill(struct view *view, struct str next)
{
    struct visit visit = visit_of(view);
    struct seat *seat = NULL;
    size_t count = 0;
    enum error error = seats_list(&view->task, visit.device, STR(""), &seat,
                                  &count, &view->err);

    value_put_bool(view->page, view->task.arena, "others", count > 0);
    view_title(view, N_("Entrar"));
    value_put_str(view->page, view->task.arena, "name",
                  view_field(view, "name"));
    value_put_str(view->page, view->task.arena, "next", next_path(next));
    passkey_login_put(view);
    oidc_login_put(view, next);
    return error;
}

enum error login_page(struct view *view)
{
    bool any = true;

    if (view->task.actor.role) {
        view_redirect(view, next_path(view_query(view, "next")));
        return ERROR_NONE;
    }
    if (account_any(&view->task, &any, &view->err) != ERROR_NONE)
        return view->err.code;
    if (!any) {
        view_redirect(view, STR("/start"));
        return ERROR_NONE;
    }
    return login_fill(view, view_query(view, "next"));
}

enum error login_post(struct view *view)
{
    struct str next = view_field(view, "next");
    enum error error = login_fill(view, next);

    if (error == ERROR_NONE)
        error = log_in(view, str_trim(view_field(view, "name")),
                       view_field(view, "password"), &next);
    if (error != ERROR_NONE)
        return view_again(view, "login", error);
    view_redirect(view, next);
    return ERROR_NONE;
}

enum error logout_post(struct view *view)
{
    struct str cookie = session_cookie(view);
    struct visit visit = visit_of(view);
    struct seat *seat = NULL;
    size_t count = 0;

    if (cookie.size > 0 &&
        account_logout(&view->task, cookie, &view->err) != ERROR_NONE)
        return view->err.code;
    session_drop(view);
    if (seats_list(&view->task, visit.device, STR(""), &seat, &count,
                   &view->err) != ERROR_NONE)
        return view->err.code;
    if (count == 0) /* else drafts of others are here, too */
        response_header(view->response, "Clear-Site-Data", STR("\"storage\""));
    view_redirect_said(
        view,
        view_format(view, "/login?of=%.*s",
                    STR_ARGS(count ? view->task.actor.id : STR("all"))),
        count ? "logged_out_own" : "logged_out");
    return ERROR_NONE;
}

/* --- one's own account ---------------------------------------------------- */

/* Which of them she has set up. */
static enum error put_ways_in(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct second second = {0};
    bool pin = false;
    enum error error = second_read(&view->task, view->task.actor.id,
                                   view->task.actor.role, &second, &view->err);

    if (error == ERROR_NONE)
        error = pin_has(&view->task, view->task.actor.id, &pin, &view->err);
    value_put_bool(view->page, arena, "totp", second.totp);
    value_put_bool(view->page, arena, "pin", pin);
    return error;
}

/* The part of the page that she came from is open. */
static void put_at(struct view *view)
{
    static const char *const part[] = {"password", "pin", "other"};
    struct arena *arena = view->task.arena;
    struct value *at = value_object(arena);

    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        value_put_bool(at, arena, part[i],
                       str_equal(view->request->path,
                                 view_format(view, "/profile/%s", part[i])));
    value_put_bool(at, arena, "passkey",
                   str_starts(view_query(view, "said"), STR("passkey")));
    value_put(view->page, arena, "at", at);
}

static enum error profile_fill(struct view *view)
{
    static const char *const only[] = {"display_name", "interface_language",
                                       NULL};
    const struct form *form = view_form(view, "user");
    struct record user = {0};
    enum error error;

    view_title(view, N_("Mi cuenta"));
    value_put_bool(view->page, view->task.arena, "form", false);
    value_put_str(view->data, view->task.arena, "name", view->task.actor.name);
    value_put_str(view->data, view->task.arena, "role",
                  view->task.actor.role
                      ? catalog_name(view->app->office.catalog, "role",
                                     view->task.actor.role->name,
                                     view->task.language)
                      : STR(""));
    if (!view->session || !form)
        return ERROR_NONE;
    error =
        record_read(&view->task.office->log, view->task.db, STR("user"),
                    view->task.actor.id, view->task.arena, &user, &view->err);
    if (error != ERROR_NONE)
        return error;
    error = put_ways_in(view);
    if (error == ERROR_NONE)
        error = passkeys_put(view);
    if (error != ERROR_NONE)
        return error;
    put_at(view);
    view_stamp(view, user.id, user.clock);
    value_put(view->page, view->task.arena, "form",
              form_view(view, form, user.answers, view->problem, view->problems,
                        only));
    return ERROR_NONE;
}

enum error profile_page(struct view *view)
{
    return profile_fill(view);
}

enum error profile_again(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_FORBIDDEN)
        return error;
    err_clear(&view->err);
    if (profile_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "profile", error);
}

enum error profile_post(struct view *view)
{
    struct str language = view_field(view, "interface_language");
    enum error error;

    error = account_set_profile(&view->task,
                                str_trim(view_field(view, "display_name")),
                                language, &view->err);
    if (error == ERROR_NONE) {
        language_cookie(view, language);
        view_redirect_said(view, STR("/profile"), "saved");
        return ERROR_NONE;
    }
    return profile_again(view, error);
}

enum error need_session(struct view *view)
{
    if (view->session)
        return ERROR_NONE;
    return err_set(&view->err, ERROR_FORBIDDEN,
                   N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                   NULL);
}

enum error present_check(struct view *view)
{
    struct visit visit = visit_of(view);
    enum error error = need_session(view);

    if (error == ERROR_NONE)
        error = account_check_password(&view->task, view->task.actor.name,
                                       view_field(view, "present"), &visit,
                                       &view->err);
    if (error != ERROR_LOGIN)
        return error;
    err_clear(&view->err);
    return err_set(&view->err, ERROR_INPUT,
                   N_("La contraseña actual no es correcta."), NULL, NULL,
                   NULL);
}

/* The present password is asked again: somebody may have left the table. All
 * sessions end; this one goes on under another cookie. */
static enum error password_change(struct view *view)
{
    struct session session = {0};
    struct str again = view_field(view, "again");
    struct str password = view_field(view, "password");
    struct visit visit = visit_of(view);
    enum error error = password_check(view, password, again);

    if (error == ERROR_NONE)
        error = present_check(view);
    if (error == ERROR_NONE)
        error = account_set_password(&view->task, view->task.actor.id, password,
                                     &view->err);
    if (error == ERROR_NONE)
        error = account_open_session(&view->task, view->task.actor.id, "again",
                                     &visit, &session, &view->err);
    if (error == ERROR_NONE)
        session_keep(view, &session);
    return error;
}

/* The password for duress. The page never tells whether there is one. */
static enum error other_change(struct view *view)
{
    struct str password = view_field(view, "second");
    enum error error =
        password_check(view, password, view_field(view, "again"));

    if (error == ERROR_NONE)
        error = present_check(view);
    return error ? error
                 : account_set_duress(&view->task, password, &view->err);
}

enum error other_password_post(struct view *view)
{
    enum error error = need_session(view);

    if (error == ERROR_NONE)
        error = other_change(view);
    if (error != ERROR_NONE)
        return profile_again(view, error);
    view_redirect_said(view, STR("/profile"), "second");
    return ERROR_NONE;
}

enum error password_post(struct view *view)
{
    static const char *const said[] = {"password_fair", "password_fair",
                                       "password_good", "password_strong"};
    struct actor *who = &view->task.actor;
    struct password_known known = {who->name, who->display,
                                   view->app->office.site_name};
    enum error error = need_session(view);

    if (error == ERROR_NONE)
        error = password_change(view);
    if (error == ERROR_NONE) {
        view_redirect_said(
            view, STR("/profile"),
            said[password_strength(view->app->office.host, view->task.arena,
                                   view_field(view, "password"), &known)]);
        return ERROR_NONE;
    }
    return profile_again(view, error);
}
