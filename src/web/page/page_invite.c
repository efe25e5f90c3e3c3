/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_invite.c - invitations: making one (its link and QR code are shown
 * once), withdrawing one, and the page where the invited person chooses her
 * own name and password. That page tells nothing but the house's name and the
 * role; a link that does not work says why without saying which.
 */
#include "web/page.h"

#include "core/utf8.h"
#include "domain/account/invite.h"
#include "domain/policy.h"

static enum error invite_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct catalog *catalog = view->app->office.catalog;
    struct value *list = value_list(arena);
    struct invitation *invitation = NULL;
    int64_t hours = 0;
    size_t count = 0;
    enum error error =
        invite_list(&view->task, &invitation, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", invitation[i].id);
        value_put_str(item, arena, "role",
                      catalog_name(catalog, "role", invitation[i].role,
                                   view->task.language));
        put_text_or_false(view, item, "display", invitation[i].display);
        value_put_str(item, arena, "expires",
                      when_text(view, invitation[i].expires));
        value_add(list, arena, item);
    }
    if (error == ERROR_NONE)
        error =
            policy_number(&view->task, "invitation_hours", &hours, &view->err);
    view_title(view, N_("Invitar a una persona"));
    value_put(view->data, arena, "invitations", list);
    value_put_int(view->data, arena, "hours", hours);
    value_put_bool(view->page, arena, "any", count > 0);
    value_put_str(view->page, arena, "display", view_field(view, "display"));
    if (!value_get(view->page, "fresh"))
        value_put_bool(view->page, arena, "fresh", false);
    if (!value_get(view->page, "qr"))
        value_put_bool(view->page, arena, "qr", false);
    put_roles(view);
    return error == ERROR_NONE ? put_places(view) : error;
}

enum error invite_page(struct view *view)
{
    return invite_fill(view);
}

static enum error invite_again(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_FORBIDDEN)
        return error;
    err_clear(&view->err);
    if (invite_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "invite", error);
}

enum error invite_post(struct view *view)
{
    struct str token = STR(""), link;
    enum error error = check_place(view);

    if (error == ERROR_NONE)
        error = invite_add(&view->task, view_field(view, "role"),
                           view_field(view, "display"),
                           view_field(view, "place"), &token, &view->err);
    if (error != ERROR_NONE)
        return invite_again(view, error);
    link = view_format(view, "%.*s/invitation/%.*s", STR_ARGS(view_base(view)),
                       STR_ARGS(token));
    value_put_str(view->page, view->task.arena, "fresh", link);
    value_put_str(view->data, view->task.arena, "link", link);
    view_qr(view, link);
    view->fields = value_object(view->task.arena);
    return invite_fill(view);
}

enum error invite_withdraw_post(struct view *view)
{
    enum error error = invite_withdraw(&view->task, view->param[0], &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, STR("/user/invite"), "invite_withdrawn");
    return error;
}

/* --- for who was invited -------------------------------------------------- */

static enum error invited_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct invitation invitation;
    enum error error =
        invite_find(&view->task, view->param[0], &invitation, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Su cuenta en esta casa"));
    value_put_str(view->data, arena, "role",
                  catalog_name(view->app->office.catalog, "role",
                               invitation.role, view->task.language));
    value_put_str(view->page, arena, "name", view_field(view, "name"));
    value_put_str(view->page, arena, "display",
                  view_field(view, "display").size ? view_field(view, "display")
                                                   : invitation.display);
    value_put_str(view->page, arena, "token", view->param[0]);
    return ERROR_NONE;
}

enum error invited_page(struct view *view)
{
    return invited_fill(view);
}

enum error invited_post(struct view *view)
{
    struct str name = view_field(view, "name");
    struct str password = view_field(view, "password");
    struct str next = STR("/today");
    struct err first;
    enum error error =
        password_check(view, password, view_field(view, "again"));

    if (error == ERROR_NONE)
        error =
            invite_accept(&view->task, view->param[0], name,
                          view_field(view, "display"), password, &view->err);
    if (error == ERROR_NONE) {
        error = log_in(view, name, password, &next);
        if (error == ERROR_NONE)
            view_redirect_said(view, next, "welcome");
        return error;
    }
    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    first = view->err;
    err_clear(&view->err);
    if (invited_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "invited", error);
}
