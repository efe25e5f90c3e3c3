/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_user.c - who may come in: the accounts of the house, a new one, a new
 * password for somebody who forgot hers. Names and roles are records of kind
 * user; secrets never come near a page.
 */
#include "web/page.h"

enum { PLACES_SHOWN = 2000 };

void put_roles(struct view *view)
{
    const struct catalog *catalog = view->app->office.catalog;
    const struct catalog_table *table = catalog_table(catalog, "role");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct str chosen = view_field(view, "role");

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str name = catalog_cell(table, i, "name");

        value_put_str(item, arena, "name", name);
        value_put_str(item, arena, "label",
                      catalog_name(catalog, "role", name, view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(name, chosen));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "roles", list);
}

/* The directory, for accounts of those who receive. */
enum error put_places(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record_filter filter = {
        .kind = STR("place"), .order = "{name}, _id", .limit = PLACES_SHOWN};
    struct str chosen = view_field(view, "place");
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "name",
                      value_text_of(record[i].answers, "name"));
        value_put_bool(item, arena, "chosen", str_equal(record[i].id, chosen));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "places", list);
    return error;
}

static enum error users_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record_filter filter = {
        .kind = STR("user"), .order = "{name}, _id", .limit = 500};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        const struct value *user = record[i].answers;
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "name", value_text_of(user, "name"));
        value_put_str(item, arena, "display",
                      value_text_of(user, "display_name"));
        value_put_str(item, arena, "role",
                      catalog_name(view->app->office.catalog, "role",
                                   value_text_of(user, "role"),
                                   view->task.language));
        put_text_or_false(
            view, item, "place",
            value_text_of(user, "place").size
                ? ref_text(view, STR("place"), value_text_of(user, "place"))
                : STR(""));
        value_put_bool(item, arena, "active",
                       !str_equal_c(value_text_of(user, "active"), "no"));
        value_add(list, arena, item);
    }
    view_title(view, N_("Cuentas"));
    value_put(view->data, arena, "users", list);
    put_roles(view);
    if ((error = put_places(view)) != ERROR_NONE)
        return error;
    value_put_str(view->page, arena, "name", view_field(view, "name"));
    value_put_bool(view->page, arena, "typing",
                   view_field(view, "name").size > 0);
    value_put_str(view->page, arena, "display", view_field(view, "display"));
    if (!value_get(view->page, "fresh"))
        value_put_bool(view->page, arena, "fresh", false);
    return ERROR_NONE;
}

enum error user_list_page(struct view *view)
{
    return users_fill(view);
}

static enum error users_again(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || users_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "user_list", error);
}

/* A first password that can be read aloud; she changes it herself. */
static struct str fresh_password(struct view *view)
{
    static const char letter[] = "abcdefghjkmnpqrstuvwxyz23456789";
    const struct host *host = view->app->office.host;
    unsigned char random[16];
    struct buf out;

    host->random(host->context, random, sizeof random);
    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < sizeof random; i++) {
        if (i > 0 && i % 4 == 0)
            buf_putc(&out, '-');
        buf_putc(&out, letter[random[i] % (sizeof letter - 1)]);
    }
    return buf_str(&out);
}

static void put_fresh(struct view *view, struct str name, struct str password)
{
    struct value *fresh = value_object(view->task.arena);

    value_put_str(fresh, view->task.arena, "name", name);
    value_put_str(fresh, view->task.arena, "password", password);
    value_put(view->page, view->task.arena, "fresh", fresh);
}

/* Who only answers sees what is sent to her place, and without a place
 * nothing. */
enum error check_place(struct view *view)
{
    const struct role *role =
        catalog_role(view->app->office.catalog, view_field(view, "role"));
    struct str place = view_field(view, "place");
    struct record record;

    if (place.size > 0)
        return record_read(&view->task.office->log, view->task.db, STR("place"),
                           place, view->task.arena, &record, &view->err);
    if (role_has(role, RIGHT_REFERRAL_ANSWER) &&
        !role_has(role, RIGHT_PERSON_READ))
        return err_set(&view->err, ERROR_INPUT,
                       N_("Elija a qué lugar del directorio pertenece: verá "
                          "solo las referencias que se le envían."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static enum error give_place(struct view *view, struct str user)
{
    struct value *input = value_object(view->task.arena);
    struct save save = {.kind = STR("user"), .id = user, .input = input};
    struct saved saved;

    if (view_field(view, "place").size == 0)
        return ERROR_NONE;
    value_put_str(input, view->task.arena, "place", view_field(view, "place"));
    return record_save(&view->task, &save, &saved, &view->err);
}

enum error user_add_post(struct view *view)
{
    struct str name = str_trim(view_field(view, "name"));
    struct str password = view_field(view, "password"), id = STR("");
    enum error error;

    if (password.size == 0)
        password = fresh_password(view);
    error = check_place(view);
    if (error == ERROR_NONE)
        error = account_add(
            &view->task, name, str_trim(view_field(view, "display")),
            view_field(view, "role"), password, &id, &view->err);
    if (error == ERROR_NONE)
        error = give_place(view, id);
    if (error != ERROR_NONE)
        return users_again(view, error);
    put_fresh(view, name, password);
    if (view->json) {
        value_put_str(view->data, view->task.arena, "password", password);
        view_created(view, view_format(view, "/record/user/%.*s", STR_ARGS(id)),
                     id);
        return ERROR_NONE;
    }
    view->fields = value_object(view->task.arena);
    return users_fill(view);
}

enum error user_password_post(struct view *view)
{
    struct str password = fresh_password(view);
    enum error error =
        account_set_password(&view->task, view->param[0], password, &view->err);

    if (error != ERROR_NONE)
        return users_again(view, error);
    put_fresh(view, ref_text(view, STR("user"), view->param[0]), password);
    value_put_str(view->data, view->task.arena, "password", password);
    return users_fill(view);
}
