/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_account.c - coming in and going out: the first account of a new store,
 * login, logout, one's own language and password. The cookie is the only
 * thing kept in the browser; what it means stands in the table of sessions.
 */
#include "web/page.h"

#include "core/utf8.h"
#include "web/page/signin.h"

static void language_cookie(struct view *view, struct str code)
{
    if (code.size > 0)
        view_cookie(view, "lang", code, LANGUAGE_SECONDS);
}

struct str next_path(struct str wanted)
{
    if (wanted.size < 2 || wanted.at[0] != '/' || wanted.at[1] == '/' ||
        wanted.at[1] == '\\' || wanted.size > 500)
        return STR("/today");
    return wanted;
}

enum error home_page(struct view *view)
{
    view_redirect(view, STR("/today"));
    return ERROR_NONE;
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

static enum error password_check(struct view *view, struct str password,
                                 struct str again)
{
    if (utf8_length(password) < ACCOUNT_PASSWORD_MIN)
        return err_set(&view->err, ERROR_INPUT,
                       N_("La contraseña necesita al menos {1} caracteres. "
                          "Tres o cuatro palabras sirven bien."),
                       "10", NULL, NULL);
    if (!str_equal(password, again))
        return err_set(&view->err, ERROR_INPUT,
                       N_("Las dos contraseñas no son iguales."), NULL, NULL,
                       NULL);
    return ERROR_NONE;
}

static enum error log_in(struct view *view, struct str name,
                         struct str password)
{
    struct session session = {0};
    struct str cookie = STR_NULL;
    enum error error =
        account_login(&view->task, name, password, view->request->address,
                      &cookie, &session, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_cookie(view, "cobijo", cookie, ACCOUNT_SESSION_MINUTES * 60L);
    language_cookie(view, session.language);
    return ERROR_NONE;
}

enum error signin_open(struct view *view, struct str user,
                       enum account_method method)
{
    struct session session = {0};
    struct str cookie = STR_NULL;
    enum error error =
        account_open(&view->task, user, method, &cookie, &session, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_cookie(view, "cobijo", cookie, ACCOUNT_SESSION_MINUTES * 60L);
    language_cookie(view, session.language);
    return ERROR_NONE;
}

enum error start_post(struct view *view)
{
    struct str name = view_field(view, "name");
    struct str password = view_field(view, "password");
    struct str id;
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
        error = log_in(view, name, password);
    if (error != ERROR_NONE)
        return view_again(view, "start", error);
    view_redirect_said(view, STR("/today"), "welcome");
    return ERROR_NONE;
}

/* --- login and logout ----------------------------------------------------- */

static void login_fill(struct view *view, struct str next)
{
    view_title(view, N_("Entrar"));
    value_put_str(view->page, view->task.arena, "name",
                  view_field(view, "name"));
    value_put_str(view->page, view->task.arena, "next", next_path(next));
    passkey_login_put(view);
    oidc_login_put(view, next);
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
    login_fill(view, view_query(view, "next"));
    return ERROR_NONE;
}

enum error login_post(struct view *view)
{
    struct str next = view_field(view, "next");
    enum error error;

    login_fill(view, next);
    error = log_in(view, str_trim(view_field(view, "name")),
                   view_field(view, "password"));
    if (error != ERROR_NONE)
        return view_again(view, "login", error);
    view_redirect(view, next_path(next));
    return ERROR_NONE;
}

enum error logout_post(struct view *view)
{
    struct str cookie = request_cookie(view->request, "cobijo");

    if (cookie.size > 0 &&
        account_logout(&view->task, cookie, &view->err) != ERROR_NONE)
        return view->err.code;
    view_cookie(view, "cobijo", STR(""), 0);
    response_header(view->response, "Clear-Site-Data", STR("\"storage\""));
    view_redirect_said(view, STR("/login"), "logged_out");
    return ERROR_NONE;
}

/* --- one's own account ---------------------------------------------------- */

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
        record_read(&view->app->office.log, view->task.db, STR("user"),
                    view->task.actor.id, view->task.arena, &user, &view->err);
    if (error != ERROR_NONE)
        return error;
    if (passkeys_put(view) != ERROR_NONE)
        return view->err.code;
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

enum error profile_post(struct view *view)
{
    struct str language = view_field(view, "interface_language");
    enum error error;
    struct err first;

    error = account_set_profile(&view->task,
                                str_trim(view_field(view, "display_name")),
                                language, &view->err);
    if (error == ERROR_NONE) {
        language_cookie(view, language);
        view_redirect_said(view, STR("/profile"), "saved");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500)
        return error;
    first = view->err;
    if (profile_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "profile", error);
}

/* The present password is asked again: somebody may have left the table. */
static enum error password_change(struct view *view)
{
    struct session session = {0};
    struct str cookie, again = view_field(view, "again");
    struct str password = view_field(view, "password");
    enum error error = password_check(view, password, again);

    if (error == ERROR_NONE)
        error = account_login(
            &view->task, view->task.actor.name, view_field(view, "present"),
            view->request->address, &cookie, &session, &view->err);
    if (error == ERROR_LOGIN) {
        err_clear(&view->err);
        return err_set(&view->err, ERROR_INPUT,
                       N_("La contraseña actual no es correcta."), NULL, NULL,
                       NULL);
    }
    if (error == ERROR_NONE)
        error = account_set_password(&view->task, view->task.actor.id, password,
                                     &view->err);
    if (error == ERROR_NONE)
        error = log_in(view, view->task.actor.name, password);
    return error;
}

enum error password_post(struct view *view)
{
    enum error error;
    struct err first;

    if (!view->session)
        return err_set(&view->err, ERROR_FORBIDDEN,
                       N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                       NULL);
    error = password_change(view);
    if (error == ERROR_NONE) {
        view_redirect_said(view, STR("/profile"), "password");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500)
        return error;
    first = view->err;
    if (profile_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "profile", error);
}
