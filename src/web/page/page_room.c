/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_room.c - reserved rooms: the list, one room's door, in and out.
 *
 * Who is no member and may make none finds what she would find at an address
 * that does not exist; so does everybody for a room that is not hers.
 */
#include "domain/access/room.h"
#include "web/page.h"

static enum error no_page(struct view *view)
{
    return err_set(&view->err, ERROR_NOT_FOUND, N_("Esta página no existe."),
                   NULL, NULL, NULL);
}

/* Rooms are for people at a desk: not for programs. */
static bool has_rooms(const struct view *view)
{
    return view->session &&
           (view->session->rooms || room_may_make(&view->task));
}

static void put_rooms(struct view *view, const struct room *room, size_t count)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", room[i].id);
        value_put_str(item, arena, "label",
                      room[i].label.size ? room[i].label : STR("·"));
        value_put_str(item, arena, "created", when_text(view, room[i].created));
        value_put_int(item, arena, "members", (int64_t)room[i].members);
        value_put_bool(item, arena, "here",
                       str_equal(room[i].id, view->task.office->log.site));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "rooms", list);
}

/* Was this user ticked in what was sent? */
static bool was_chosen(const struct view *view, struct str user)
{
    const struct value *field = value_get(view->fields, "member");

    if (value_type(field) != VALUE_LIST)
        return str_equal(value_text(field), user);
    for (size_t i = 0; i < value_count(field); i++)
        if (str_equal(value_text(value_at(field, i)), user))
            return true;
    return false;
}

/* Accounts in use beside her own; `not` are left out. */
static enum error put_colleagues(struct view *view, const struct str * not,
                                 size_t count)
{
    struct arena *arena = view->task.arena;
    struct record_filter filter = {.kind = STR("user"),
                                   .where = "COALESCE({active}, 'yes') <> 'no'",
                                   .order = "{name}, _id",
                                   .limit = 500};
    struct value *list = value_list(arena);
    struct record *record = NULL;
    size_t users = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &users, &view->err);

    for (size_t i = 0; !error && i < users; i++) {
        struct value *item = value_object(arena);
        struct str name = value_text_of(record[i].answers, "display_name");
        bool out = str_equal(record[i].id, view->task.actor.id);

        for (size_t j = 0; j < count; j++)
            out = out || str_equal(record[i].id, not [j]);
        if (out)
            continue;
        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "name",
                      name.size ? name
                                : value_text_of(record[i].answers, "name"));
        value_put_bool(item, arena, "chosen", was_chosen(view, record[i].id));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "colleagues", list);
    return error;
}

static enum error rooms_fill(struct view *view)
{
    struct room *room = NULL;
    size_t count = 0;
    enum error error = room_list(&view->task, &room, &count, &view->err);

    if (error)
        return error;
    view_title(view, N_("Salas reservadas"));
    put_rooms(view, room, count);
    value_put_bool(view->page, view->task.arena, "make",
                   room_may_make(&view->task));
    value_put_str(view->page, view->task.arena, "label",
                  view_field(view, "label"));
    return put_colleagues(view, NULL, 0);
}

enum error room_list_page(struct view *view)
{
    return has_rooms(view) ? rooms_fill(view) : no_page(view);
}

static enum error again(struct view *view, const char *template,
                        enum error error, enum error (*fill)(struct view *))
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    err_clear(&view->err);
    if (fill(view))
        return view->err.code;
    view->err = first;
    return view_again(view, template, error);
}

static size_t members_sent(struct view *view, struct str **member)
{
    const struct value *field = value_get(view->fields, "member");
    size_t count = value_type(field) == VALUE_LIST ? value_count(field)
                   : field                         ? 1
                                                   : 0;

    *member = ARENA_ARRAY(view->task.arena, struct str, count + 1);
    for (size_t i = 0; *member && i < count; i++)
        (*member)[i] = value_text(
            value_type(field) == VALUE_LIST ? value_at(field, i) : field);
    return *member ? count : 0;
}

enum error room_make_post(struct view *view)
{
    struct str id = STR(""), *member = NULL;
    size_t members;
    enum error error;

    if (!has_rooms(view) || !room_may_make(&view->task))
        return no_page(view);
    members = members_sent(view, &member);
    error = room_make(&view->task, view_field(view, "label"), member, members,
                      &id, &view->err);
    if (error)
        return again(view, "room_list", error, rooms_fill);
    view_redirect_said(view, view_format(view, "/room/%.*s", STR_ARGS(id)),
                       "room_made");
    return ERROR_NONE;
}

/* --- one room ------------------------------------------------------------- */

static enum error put_people(struct view *view, struct str id)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct str *user = NULL;
    size_t count = 0;
    enum error error = room_members(&view->task, id, &user, &count, &view->err);

    for (size_t i = 0; !error && i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", user[i]);
        value_put_str(item, arena, "room", id);
        value_put_str(item, arena, "name",
                      ref_text(view, STR("user"), user[i]));
        value_put_bool(item, arena, "self",
                       str_equal(user[i], view->task.actor.id));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "members", list);
    return error ? error : put_colleagues(view, user, count);
}

static enum error put_visits(struct view *view, struct str id)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct room_visit *visit = NULL;
    size_t count = 0;
    enum error error = room_visits(&view->task, id, &visit, &count, &view->err);

    for (size_t i = 0; !error && i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name",
                      ref_text(view, STR("user"), visit[i].user));
        value_put_str(item, arena, "when", when_text(view, visit[i].entered));
        value_put_str(item, arena, "reason", visit[i].reason);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "visits", list);
    return error;
}

static enum error room_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str id = view->param[0];
    struct room room = {0};
    enum error error;

    if (!has_rooms(view))
        return no_page(view);
    error = room_find(&view->task, id, &room, &view->err);
    if (!error)
        error = put_people(view, id);
    if (!error)
        error = put_visits(view, id);
    if (error)
        return error;
    view_title(view, N_("Sala reservada"));
    value_put_str(view->data, arena, "id", room.id);
    value_put_str(view->data, arena, "label",
                  room.label.size ? room.label : STR("·"));
    value_put_bool(view->page, arena, "here",
                   str_equal(room.id, view->task.office->log.site));
    value_put_str(view->page, arena, "reason", view_field(view, "reason"));
    return ERROR_NONE;
}

enum error room_page(struct view *view)
{
    return room_fill(view);
}

enum error room_enter_post(struct view *view)
{
    struct visit visit = visit_of(view);
    enum error error;

    if (!has_rooms(view))
        return no_page(view);
    error = room_enter(&view->task, view->session, view->param[0],
                       view_field(view, "password"), &visit,
                       view_field(view, "reason"), &view->err);
    if (error)
        return again(view, "room", error, room_fill);
    view_redirect(view, STR("/today"));
    return ERROR_NONE;
}

enum error room_leave_post(struct view *view)
{
    enum error error;

    if (!has_rooms(view))
        return no_page(view);
    error = room_leave(&view->task, view->session, &view->err);
    if (!error)
        view_redirect(view, STR("/today"));
    return error;
}

enum error room_member_post(struct view *view)
{
    struct str add = view_field(view, "add"), drop = view_field(view, "drop");
    enum error error;

    if (!has_rooms(view))
        return no_page(view);
    error =
        drop.size
            ? room_member_remove(&view->task, view->param[0], drop, &view->err)
            : room_member_add(&view->task, view->param[0], add, &view->err);
    if (error)
        return again(view, "room", error, room_fill);
    if (str_equal(drop, view->task.actor.id)) {
        view_redirect(view, STR("/today"));
        return ERROR_NONE;
    }
    view_redirect_said(
        view,
        view_format(view, "/room/%.*s",
                    STR_ARGS(path_escape(view->task.arena, view->param[0]))),
        "saved");
    return ERROR_NONE;
}
