/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_oidc.c - coming in with the account of an institution: the buttons of
 * the login page, the way to the provider and back, invitations.
 *
 * A login starts with a link: a form that ends at another site is what our
 * Content-Security-Policy forbids. What it starts is bound to a cookie.
 */
#include "domain/account/oidc.h"
#include "web/page/signin.h"

static struct value *provider_list(struct view *view,
                                   const struct oidc_provider *provider,
                                   size_t count, struct str next)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "label", provider[i].label);
        value_put_str(item, arena, "name", provider[i].name);
        value_put_str(
            item, arena, "href",
            view_format(view, "/login/oidc/%.*s?next=%.*s",
                        STR_ARGS(provider[i].name),
                        STR_ARGS(path_escape(arena, next_path(next)))));
        value_add(list, arena, item);
    }
    return list;
}

void oidc_login_put(struct view *view, struct str next)
{
    struct oidc_provider *provider = NULL;
    struct err ignored = {0};
    size_t count = 0;

    if (view->app->office.host->fetcher)
        oidc_list(&view->task, &provider, &count, &ignored);
    value_put(view->page, view->task.arena, "providers",
              provider_list(view, provider, count, next));
}

static struct str redirect_of(struct view *view)
{
    return view_format(view, "%.*s/login/oidc-return",
                       STR_ARGS(view_base(view)));
}

static enum error start(struct view *view, struct str provider,
                        struct str invitation, struct str *url)
{
    struct oidc_start start = {
        .provider = provider,
        .binding = host_secret(view->app->office.host, view->task.arena),
        .address = view->request->address,
        .redirect = redirect_of(view),
        .next = next_path(view_query(view, "next")),
        .invitation = invitation};
    enum error error = oidc_start(&view->task, &start, url, &view->err);

    if (error == ERROR_NONE)
        view_cookie(view, SIGNIN_COOKIE, start.binding, SIGNIN_SECONDS);
    return error;
}

enum error oidc_login_page(struct view *view)
{
    struct str url = STR("");
    enum error error = start(view, view->param[0], STR(""), &url);

    if (error == ERROR_NONE)
        view_redirect(view, url);
    return error;
}

static enum error refuse(struct view *view, const struct oidc_who *who)
{
    view_title(view, N_("Cuenta no vinculada"));
    value_put_str(view->data, view->task.arena, "label", who->label);
    value_put_str(view->data, view->task.arena, "subject", who->subject);
    view->response->status = 403;
    return ERROR_NONE;
}

enum error oidc_return_page(struct view *view)
{
    struct oidc_return back = {.binding =
                                   request_cookie(view->request, SIGNIN_COOKIE),
                               .redirect = redirect_of(view),
                               .state = view_query(view, "state"),
                               .code = view_query(view, "code"),
                               .issuer = view_query(view, "iss"),
                               .error = view_query(view, "error")};
    struct oidc_who who;
    enum error error;

    if (!back.state.size) { /* nobody was sent here */
        view_redirect(view, STR("/login"));
        return ERROR_NONE;
    }
    error = oidc_finish(&view->task, &back, &who, &view->err);
    view_cookie(view, SIGNIN_COOKIE, STR(""), 0);
    if (error == ERROR_NONE && !who.user.size)
        return refuse(view, &who);
    if (error == ERROR_NONE)
        error = signin_open(view, who.user, "oidc", &who.next);
    if (error == ERROR_NONE)
        view_redirect(view, who.next);
    return error;
}

/* --- an invitation -------------------------------------------------------- */

static enum error invitation_fill(struct view *view)
{
    struct oidc_provider *provider = NULL;
    struct record user = {0};
    struct str id = STR("");
    size_t count = 0;
    enum error error =
        oidc_invitation(&view->task, view->param[0], &id, &view->err);

    if (error == ERROR_NONE)
        error = record_read(&view->task.office->log, view->task.db, STR("user"),
                            id, view->task.arena, &user, &view->err);
    if (error == ERROR_NONE)
        error = oidc_list(&view->task, &provider, &count, &view->err);
    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Vincular su cuenta"));
    value_put_str(view->data, view->task.arena, "name",
                  value_text_of(user.answers, "name"));
    value_put_str(view->page, view->task.arena, "token", view->param[0]);
    value_put(view->page, view->task.arena, "providers",
              provider_list(view, provider, count, STR("")));
    value_put_bool(view->page, view->task.arena, "go", false);
    return ERROR_NONE;
}

enum error oidc_invite_page(struct view *view)
{
    return invitation_fill(view);
}

enum error oidc_invite_post(struct view *view)
{
    struct str url = STR("");
    enum error error = invitation_fill(view);

    if (error == ERROR_NONE)
        error = start(view, view_field(view, "provider"), view->param[0], &url);
    if (error == ERROR_NONE)
        value_put_str(view->page, view->task.arena, "go", url);
    return error;
}
