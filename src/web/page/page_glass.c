/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_glass.c - breaking the glass: asking, allowing, having seen; and what
 * Today says of it, with the note that a password for duress was used.
 */
#include "domain/access/glass.h"
#include "domain/access/room.h"
#include "web/page.h"

static void put_purposes(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "purpose");
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str name = catalog_cell(table, i, "name");

        if (!str_equal_c(catalog_cell(table, i, "of"), "file"))
            continue;
        value_put_str(item, arena, "name", name);
        value_put_str(item, arena, "label",
                      catalog_name(view->app->office.catalog, "purpose", name,
                                   view->task.language));
        value_put_bool(item, arena, "chosen",
                       str_equal(name, view_field(view, "purpose")));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "purposes", list);
}

/* Of her file nothing is shown: only that there is one. */
static void glass_fill(struct view *view)
{
    view_title(view, N_("Pedir lo que está cerrado"));
    value_put_str(view->data, view->task.arena, "id", view->param[0]);
    value_put_str(view->page, view->task.arena, "reason",
                  view_field(view, "reason"));
    put_purposes(view);
}

enum error glass_page(struct view *view)
{
    glass_fill(view);
    return ERROR_NONE;
}

enum error glass_post(struct view *view)
{
    bool opened = false;
    struct err first;
    enum error error =
        glass_ask(&view->task, view->param[0], view_field(view, "purpose"),
                  view_field(view, "reason"), &opened, &view->err);

    if (!error) {
        view_redirect_said(view, STR("/today"),
                           opened ? "glass_open" : "glass_wait");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    first = view->err;
    err_clear(&view->err);
    glass_fill(view);
    view->err = first;
    return view_again(view, "glass", error);
}

/* --- lists ---------------------------------------------------------------- */

static struct value *glass_items(struct view *view, const struct glass *glass,
                                 size_t count)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", glass[i].id);
        value_put_str(item, arena, "person", glass[i].subject);
        value_put_str(item, arena, "name",
                      ref_text(view, STR("person"), glass[i].subject));
        value_put_str(item, arena, "who",
                      ref_text(view, STR("user"), glass[i].user));
        value_put_str(item, arena, "reason", glass[i].reason);
        value_put_str(item, arena, "purpose",
                      catalog_name(view->app->office.catalog, "purpose",
                                   glass[i].purpose, view->task.language));
        value_put_str(item, arena, "when", when_text(view, glass[i].asked));
        value_put_bool(item, arena, "waits", glass[i].opened == 0);
        value_put_bool(item, arena, "may_allow",
                       glass[i].opened == 0 &&
                           !str_equal(glass[i].user, view->task.actor.id) &&
                           role_has(view->task.actor.role, RIGHT_CASE_ASSIGN));
        put_text_or_false(view, item, "until",
                          glass[i].opened ? when_text(view, glass[i].until)
                                          : STR(""));
        put_text_or_false(
            view, item, "allowed_by",
            glass[i].approved_by.size
                ? ref_text(view, STR("user"), glass[i].approved_by)
                : STR(""));
        value_add(list, arena, item);
    }
    return list;
}

enum error glass_list_page(struct view *view)
{
    struct glass *glass = NULL;
    size_t count = 0;
    enum error error = glass_list(&view->task, &glass, &count, &view->err);

    if (error)
        return error;
    view_title(view, N_("Accesos pedidos"));
    value_put(view->data, view->task.arena, "glass",
              glass_items(view, glass, count));
    return ERROR_NONE;
}

enum error glass_approve_post(struct view *view)
{
    enum error error = glass_approve(&view->task, view->param[0], &view->err);

    if (!error)
        view_redirect_said(view, STR("/glass"), "saved");
    return error;
}

enum error glass_seen_post(struct view *view)
{
    enum error error = glass_seen(&view->task, view->param[0], &view->err);

    if (!error)
        view_redirect(view, STR("/today"));
    return error;
}

/* --- duress --------------------------------------------------------------- */

/* The real house tells who administers; a decoy has no such rows. */
static enum error put_duress(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *item[20];
    size_t count = 0;
    struct rows rows;
    enum error error = ERROR_NONE;

    if (role_has(view->task.actor.role, RIGHT_USER_ADMIN)) {
        error = db_query(view->task.db, &rows, &view->err,
                         "SELECT id, user_id, at FROM duress_use"
                         " WHERE site = $1 AND seen = 0"
                         " ORDER BY at DESC, id LIMIT 20",
                         "t", office_home(view->task.office));
        while (!error && count < 20 && rows_next(&rows)) {
            item[count] = value_object(arena);
            value_put_str(item[count], arena, "id",
                          str_copy(arena, rows_text(&rows, 0)));
            value_put_str(item[count], arena, "user",
                          str_copy(arena, rows_text(&rows, 1)));
            value_put_str(item[count++], arena, "when",
                          when_text(view, rows_int(&rows, 2)));
        }
        error = error ? error : rows_end(&rows);
    }
    for (size_t i = 0; !error && i < count; i++) {
        value_put_str(
            item[i], arena, "name",
            ref_text(view, STR("user"), value_text_of(item[i], "user")));
        value_add(list, arena, item[i]);
    }
    value_put(view->page, arena, "duress", list);
    return error;
}

struct duress_row {
    struct str site, id;
    int64_t now;
};

static enum error write_seen(struct db *db, void *context, struct err *err)
{
    const struct duress_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE duress_use SET seen = $3 WHERE site = $1"
                  " AND id = $2",
                  "tti", row->site, row->id, row->now);
}

enum error duress_seen_post(struct view *view)
{
    struct duress_row row = {office_home(view->task.office), view->param[0],
                             view->task.now};
    enum error error =
        office_change(view->task.office, write_seen, &row, &view->err);

    if (!error)
        view_redirect(view, STR("/today"));
    return error;
}

enum error notices_put(struct view *view)
{
    struct glass *glass = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (role_has(view->task.actor.role, RIGHT_PERSON_READ))
        error = glass_notices(&view->task, &glass, &count, &view->err);
    value_put(view->page, view->task.arena, "glass",
              glass_items(view, glass, count));
    value_put_bool(view->page, view->task.arena, "glass_any", count > 0);
    return error ? error : put_duress(view);
}
