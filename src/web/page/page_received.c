/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_received.c - the receiver's door for somebody with an account: the
 * referrals sent to the place she belongs to, the same package that the link
 * shows, the same answers. Nothing else of anybody is read here.
 */
#include "web/page/casework.h"

enum error received_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *items = NULL, *list = value_list(arena);
    enum error error = referral_received(&view->task, &items, &view->err);
    bool house;

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < value_count(items); i++) {
        struct value *item = value_copy(value_at(items, i), arena);

        casework_urgency(view, item, value_text_of(item, "urgency"));
        casework_due(view, item, value_text_of(item, "due"));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "received", list);
    /* who works in this house gets files of other houses, too */
    house = role_has(view->task.actor.role, RIGHT_REFERRAL_WRITE);
    value_put_bool(view->page, arena, "house", house);
    value_put_bool(view->page, arena, "no_place",
                   view->task.actor.place.size == 0 && !house);
    if (house && (error = given_list(view)) != ERROR_NONE)
        return error;
    view_title(view, N_("Referencias recibidas"));
    return ERROR_NONE;
}

static enum error received_show(struct view *view)
{
    value_put_str(view->data, view->task.arena, "id", view->param[0]);
    return door_show(view, view->param[0]);
}

enum error received_one_page(struct view *view)
{
    struct err ignored = {0};
    enum error error =
        referral_by_place(&view->task, view->param[0], &view->err);

    if (error == ERROR_NONE)
        error = received_show(view);
    if (error == ERROR_NONE && str_equal_c(view->request->method, "GET"))
        referral_opened(&view->task, view->param[0], &ignored);
    return error;
}

enum error received_post(struct view *view)
{
    struct answer answer;
    struct err why;
    enum error error =
        referral_by_place(&view->task, view->param[0], &view->err);

    if (error != ERROR_NONE)
        return error;
    error = answer_read(view, &answer);
    answer.reply_code = STR_NULL; /* her account is the proof */
    answer.by = view->task.actor.display;
    if (error == ERROR_NONE)
        error =
            referral_respond(&view->task, view->param[0], &answer, &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(
            view, view_format(view, "/received/%.*s", STR_ARGS(view->param[0])),
            "partner");
        return ERROR_NONE;
    }
    why = view->err;
    if (error_status(error) >= 500 || received_show(view) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "received_one", error);
}
