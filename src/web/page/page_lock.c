/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_lock.c - a laptop that is shared: the screen that asks for the PIN, who
 * else may go on here, and one's own PIN. The page behind is not covered but
 * left: nothing of it is in this one.
 */
#include "web/page.h"

#include "domain/account/lock.h"

static bool is_locked(const struct view *view)
{
    return view->session && view->session->state == SESSION_LOCKED;
}

static enum error lock_fill(struct view *view, struct str next, bool *others)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct seat *seat = NULL;
    size_t count = 0;
    bool locked = is_locked(view);
    struct visit visit = visit_of(view);
    enum error error = seats_list(&view->task, visit.device,
                                  locked ? view->session->who.id : STR(""),
                                  &seat, &count, &view->err);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", seat[i].user);
        value_put_str(item, arena, "name", seat[i].display);
        value_put_bool(item, arena, "chosen",
                       str_equal(seat[i].user, view_field(view, "who")));
        value_add(list, arena, item);
    }
    view_title(view, N_("Pantalla bloqueada"));
    value_put(view->page, arena, "seats", list);
    *others = count > 0;
    value_put_bool(view->page, arena, "others", *others);
    value_put_bool(view->page, arena, "locked", locked);
    value_put_str(view->page, arena, "who",
                  !locked                           ? STR("")
                  : view->session->who.display.size ? view->session->who.display
                                                    : view->session->who.name);
    value_put_str(view->page, arena, "next", next_path(next));
    return error;
}

enum error lock_page(struct view *view)
{
    bool others = false;
    enum error error;

    if (view->session && view->session->state == SESSION_OPEN) {
        view_redirect(view, next_path(view_query(view, "next")));
        return ERROR_NONE;
    }
    error = lock_fill(view, view_query(view, "next"), &others);
    if (error == ERROR_NONE && !is_locked(view) && !others)
        view_redirect(view, STR("/login"));
    return error;
}

/* Leaves the page: with a PIN to the lock, without one out. */
enum error lock_post(struct view *view)
{
    bool locked = false;
    enum error error = need_session(view); /* a token does not lock */

    if (error != ERROR_NONE)
        return error;
    error = session_lock(&view->task, view->session, &locked, &view->err);
    if (error == ERROR_NONE && !locked)
        view_redirect_said(view, STR("/profile"), "no_pin");
    else if (error == ERROR_NONE)
        view_redirect(view,
                      view_format(view, "/lock?next=%.*s",
                                  STR_ARGS(path_escape(
                                      view->task.arena,
                                      next_path(view_field(view, "next"))))));
    return error;
}

/* The page is in use, though nothing is sent: the session is looked up, and
 * that was all. */
enum error awake_page(struct view *view)
{
    view->response->status = 204;
    return ERROR_NONE;
}

static enum error unlock_again(struct view *view, enum error error)
{
    struct err first = view->err;
    bool others;

    if (error_status(error) >= 500)
        return error;
    if (error == ERROR_LOGIN && is_locked(view)) { /* it is over */
        session_drop(view);
        view->session = NULL;
    }
    err_clear(&view->err);
    if (lock_fill(view, view_field(view, "next"), &others) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "lock", error);
}

enum error unlock_post(struct view *view)
{
    struct str who = view_field(view, "who"), pin = view_field(view, "pin");
    struct session session = {0};
    struct visit visit = visit_of(view);
    bool other = who.size > 0 &&
                 !(is_locked(view) && str_equal(who, view->session->who.id));
    enum error error;

    if (view->session && view->session->state == SESSION_OPEN && !other) {
        view_redirect(view, next_path(view_field(view, "next")));
        return ERROR_NONE;
    }
    if (!other && !is_locked(view)) {
        view_redirect(view, STR("/login"));
        return ERROR_NONE;
    }
    if (other)
        error = seat_take(&view->task, who, pin, &visit, &session, &view->err);
    else
        error = session_unlock(&view->task, view->session, pin, &view->err);
    if (error != ERROR_NONE)
        return unlock_again(view, error);
    if (other) {
        session_keep(view, &session);
        view_redirect(view, STR("/today")); /* where she was is hers */
    } else {
        view_redirect(view, next_path(view_field(view, "next")));
    }
    return ERROR_NONE;
}

/* --- one's own PIN -------------------------------------------------------- */

enum error pin_post(struct view *view)
{
    struct str pin = view_field(view, "pin");
    enum error error = present_check(view);

    if (error == ERROR_NONE)
        error = view_field(view, "remove").size
                    ? pin_remove(&view->task, &view->err)
                    : pin_set(&view->task, pin, &view->err);
    if (error != ERROR_NONE)
        return profile_again(view, error);
    view_redirect_said(view, STR("/profile"),
                       view_field(view, "remove").size ? "pin_off" : "pin");
    return ERROR_NONE;
}
