/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_push.c - a browser that wants to be told of alerts: its address at a
 * push service and a key are all that is kept (domain/delivery/push.c).
 */
#include "web/page.h"
#include "web/public/public.h"

#include "domain/delivery/delivery.h"

/* page.push: {key, states: [{code, name}]}, or false where there is no key. */
void push_put(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "admin1");
    struct str key = push_key(&view->task);
    struct str country = public_country(view);
    struct value *out = value_object(arena), *list = value_list(arena);
    struct value *scripts = value_list(arena);

    value_put_bool(view->page, arena, "push", false);
    if (!key.size)
        return;
    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);

        if (!str_equal(catalog_cell(table, i, "country"), country))
            continue;
        value_put_str(item, arena, "code", catalog_cell(table, i, "name"));
        value_put_str(item, arena, "name",
                      catalog_label(table, i, "label", view->task.language));
        value_add(list, arena, item);
    }
    value_put_str(out, arena, "key", key);
    value_put(out, arena, "states", list);
    value_put(view->page, arena, "push", out);
    value_add(scripts, arena,
              value_string(arena, asset_href(view, "js/push.js")));
    value_put(view->page, arena, "scripts", scripts);
}

enum error push_worker(struct view *view)
{
    const struct asset *asset = asset_find(STR("js/push_worker.js"));

    if (!asset)
        return err_set(&view->err, ERROR_NOT_FOUND, N_("La página no existe."),
                       NULL, NULL, NULL);
    view_body(view, "text/javascript; charset=utf-8",
              (struct str){(const char *)asset->bytes, asset->size});
    return ERROR_NONE;
}

static enum error done(struct view *view, enum error error)
{
    if (!error)
        value_put_bool(view->data, view->task.arena, "noted", true);
    view->json = true;
    return error;
}

enum error push_post(struct view *view)
{
    struct str area = view_field(view, "area");
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "admin1");
    struct subscription wish = {
        .endpoint = view_field(view, "endpoint"),
        .public_key = view_field(view, "p256dh"),
        .secret = view_field(view, "auth"),
        .areas =
            table && catalog_find(table, area) != SIZE_MAX ? area : STR(""),
        .language = view_field(view, "language"),
        .near = view->app->delivery && view->app->delivery->push_near};

    return done(view, push_subscribe(&view->task, &wish, &view->err));
}

enum error push_forget_post(struct view *view)
{
    return done(view, push_forget(&view->task, view_field(view, "endpoint"),
                                  &view->err));
}
