/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_export.c - taking records out as a file: which, what for, why.
 */
#include "core/clock.h"
#include "domain/access/role_table.h"
#include "domain/report/export.h"
#include "web/page.h"

static void put_kinds(struct view *view, struct str chosen)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    const struct form **form = NULL;
    size_t count = forms_list(view->app->office.forms, arena, &form);

    for (size_t i = 0; i < count; i++) {
        struct value *item;

        if (!role_has(view->task.actor.role, right_to_read(form[i]->name)))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "name", form[i]->name);
        value_put_str(item, arena, "label",
                      texts_in(form[i], form[i]->title, view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(form[i]->name, chosen));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "kinds", list);
}

/* The purposes for which her role may take anything out. */
static void put_purposes(struct view *view, struct str chosen)
{
    struct arena *arena = view->task.arena;
    const struct catalog *catalog = view->app->office.catalog;
    const struct role_tables *tables = catalog_role_tables(catalog);
    struct value *list = value_list(arena);

    for (size_t i = 0; i < tables->purposes; i++) {
        const struct purpose *purpose = &tables->purpose[i];
        struct str kind = purpose->house ? STR("place") : STR("person");
        struct value *item;

        if (!export_may(&view->task, kind, purpose->name))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "name", purpose->name);
        value_put_str(item, arena, "label",
                      catalog_name(catalog, "purpose", purpose->name,
                                   view->task.language));
        value_put_bool(item, arena, "consent", purpose->consent.size > 0);
        value_put_bool(item, arena, "chosen", str_equal(purpose->name, chosen));
        value_add(list, arena, item);
    }
    value_put_bool(view->page, arena, "may", value_count(list) > 0);
    value_put(view->data, arena, "purposes", list);
}

static void export_show(struct view *view)
{
    put_kinds(view, view_field(view, "kind"));
    put_purposes(view, view_field(view, "purpose"));
    value_put_str(view->page, view->task.arena, "reason",
                  view_field(view, "reason"));
    value_put_bool(view->page, view->task.arena, "second",
                   export_wants_second(&view->task));
    value_put_str(view->page, view->task.arena, "second_name",
                  view_field(view, "second"));
    view_title(view, N_("Descargar datos"));
}

enum error export_page(struct view *view)
{
    export_show(view);
    return ERROR_NONE;
}

enum error export_post(struct view *view)
{
    struct exported file = {0};
    struct visit visit = visit_of(view);
    struct export_order order = {.kind = view_field(view, "kind"),
                                 .purpose = view_field(view, "purpose"),
                                 .reason = view_field(view, "reason"),
                                 .second = view_field(view, "second"),
                                 .password = view_field(view, "password"),
                                 .visit = &visit};
    enum error error = export_run(&view->task, &order, &file, &view->err);

    if (error != ERROR_NONE && error_status(error) < 500) {
        struct err why = view->err;

        export_show(view);
        view->err = why;
        return view_again(view, "export", error);
    }
    if (error != ERROR_NONE)
        return error;
    response_header(view->response, "Content-Disposition",
                    view_format(view, "attachment; filename=\"%.*s\"",
                                STR_ARGS(file.name)));
    view_body(view, "text/csv; charset=utf-8", file.csv);
    return ERROR_NONE;
}
