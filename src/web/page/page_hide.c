/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_hide.c - a person's file into a reserved room, and out of it. The same
 * page asks for both: which depends on where the session stands.
 */
#include "domain/person/hide.h"
#include "web/page.h"

static enum error hide_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record record = {0};
    struct room *room = NULL;
    size_t count = 0;
    enum error error = record_get(&view->task, STR("person"), view->param[0],
                                  &record, &view->err);

    if (!error)
        error = room_list(&view->task, &room, &count, &view->err);
    if (error)
        return error;
    view_title(view, N_("Reservar un expediente"));
    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", room[i].id);
        value_put_str(item, arena, "label",
                      room[i].label.size ? room[i].label : STR("·"));
        value_put_bool(item, arena, "chosen",
                       str_equal(room[i].id, view_field(view, "to")));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "rooms", list);
    value_put(view->data, arena, "person",
              person_card(view, view->param[0], record.answers));
    value_put_str(view->page, arena, "reason", view_field(view, "reason"));
    return ERROR_NONE;
}

enum error hide_page(struct view *view)
{
    return hide_fill(view);
}

static enum error ask_again(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    err_clear(&view->err);
    if (hide_fill(view))
        return view->err.code;
    view->err = first;
    return view_again(view, "hide", error);
}

enum error hide_post(struct view *view)
{
    struct moved moved;
    enum error error =
        person_hide(&view->task, view->param[0], view_field(view, "to"),
                    view_field(view, "reason"), &moved, &view->err);

    if (error)
        return ask_again(view, error);
    view_redirect_said(view, STR("/person"), "hidden");
    return ERROR_NONE;
}

enum error bring_back_post(struct view *view)
{
    struct moved moved;
    enum error error =
        person_bring_back(&view->task, view->param[0],
                          view_field(view, "reason"), &moved, &view->err);

    if (error)
        return ask_again(view, error);
    view_redirect_said(view, STR("/person"), "brought_back");
    return ERROR_NONE;
}
