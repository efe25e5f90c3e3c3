/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_home.c - the front page for who has no account, with what is needed
 * first: where to find help, what to know, alerts, asking for help, and the
 * numbers for an emergency. Who is logged in goes on to the day's work.
 */
#include "web/page.h"
#include "web/public/public.h"

struct value *public_emergency(struct view *view, struct str country)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "emergency_number");
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str number = catalog_cell(table, i, "number");
        struct buf digits;

        if (!str_equal(catalog_cell(table, i, "country"), country))
            continue;
        buf_init(&digits, arena);
        for (size_t k = 0; k < number.size; k++)
            if (number.at[k] != ' ' && number.at[k] != '-')
                buf_putc(&digits, number.at[k]);
        value_put_str(item, arena, "number", number);
        value_put_str(item, arena, "href",
                      str_join(arena, STR("tel:"), buf_str(&digits)));
        value_put_str(item, arena, "label",
                      catalog_label(table, i, "label", view->task.language));
        value_put_bool(item, arena, "first",
                       str_equal_c(catalog_cell(table, i, "front"), "yes"));
        value_add(list, arena, item);
    }
    return list;
}

static struct value *first_of(struct arena *arena, const struct value *list)
{
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_object(arena);
        const struct value *from = value_at(list, i);

        if (!value_to_bool(value_get(from, "first"), false))
            continue;
        value_put_str(item, arena, "number", value_text_of(from, "number"));
        value_put_str(item, arena, "href", value_text_of(from, "href"));
        value_put_str(item, arena, "label", value_text_of(from, "label"));
        value_add(out, arena, item);
    }
    return out;
}

/* What is built; a link that leads nowhere would cost her a page. */
static void put_ways(struct view *view)
{
    static const char *const way[][2] = {{"directory", "/directory"},
                                         {"know", "/know"},
                                         {"alerts", "/alerts"},
                                         {"help", "/help"}};
    struct arena *arena = view->task.arena;
    struct value *ways = value_object(arena);

    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        if (public_known(way[i][1]))
            value_put_str(ways, arena, way[i][0],
                          public_path(view, str_of(way[i][1])));
        else
            value_put_bool(ways, arena, way[i][0], false);
    }
    value_put(view->data, arena, "ways", ways);
}

/* A new house begins with its first account; who has a session goes on. */
static enum error sent_on(struct view *view, bool *sent)
{
    struct session session = {0};
    bool any = true;
    enum error error;

    if (!view->task.db) /* a closed house */
        return ERROR_NONE;
    error = account_any(&view->task, &any, &view->err);
    *sent = !error && !any;
    if (*sent)
        view_redirect(view, STR("/start"));
    if (error || *sent || session_cookie(view).size == 0 || view->bearer)
        return error;
    error = visitor_find(view, &session);
    *sent = !error && view->session != NULL;
    if (*sent)
        view_redirect(view, STR("/today"));
    view->session = NULL;
    return error;
}

enum error home_page(struct view *view)
{
    struct value *numbers;
    bool sent = false;
    enum error error;

    if (!view->json) {
        error = sent_on(view, &sent);
        if (error || sent)
            return error;
    }
    put_ways(view);
    numbers = public_emergency(view, public_country(view));
    value_put(view->data, view->task.arena, "emergency",
              first_of(view->task.arena, numbers));
    return ERROR_NONE;
}
