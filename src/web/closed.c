/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* closed.c - the pages of a closed house: the login, which says who can open
 * it, and for programs and telephones a 503 with the reason. Nothing here can
 * read data: there is no store behind it.
 */
#include "web/closed.h"

#include "core/utf8.h"
#include "web/page/openrosa.h"
#include "web/page.h"

static enum error say_closed(struct view *view)
{
    return err_set(&view->err, ERROR_CLOSED,
                   N_("La casa está cerrada desde que se apagó la "
                      "computadora. Alguien con una cuenta que puede abrirla "
                      "tiene que entrar primero."),
                   NULL, NULL, NULL);
}

static bool reads(const struct view *view)
{
    return str_equal_c(view->request->method, "GET") ||
           str_equal_c(view->request->method, "HEAD");
}

/* The roles whose accounts open the house, as people call them. */
static void put_openers(struct view *view)
{
    const struct catalog *catalog = view->app->office.catalog;
    const struct catalog_table *table = catalog_table(catalog, "role");
    struct value *list = value_list(view->task.arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct str name = catalog_cell(table, i, "name");

        if (role_has(catalog_role(catalog, name), RIGHT_STORE_UNLOCK))
            value_add(list, view->task.arena,
                      value_string(view->task.arena,
                                   catalog_label(table, i, "label",
                                                 view->task.language)));
    }
    value_put(view->page, view->task.arena, "openers", list);
}

static void fill(struct view *view, struct str next)
{
    bool ours = next.size >= 2 && next.size <= 500 && next.at[0] == '/' &&
                next.at[1] != '/' && next.at[1] != '\\';

    view_title(view, N_("La casa está cerrada"));
    value_put_str(view->page, view->task.arena, "name",
                  view_field(view, "name"));
    value_put_str(view->page, view->task.arena, "next",
                  ours ? next : STR("/today"));
    put_openers(view);
    view->template = "closed";
}

static enum error login_closed(struct view *view)
{
    const struct door *door = view->app->door;
    enum error error = ERROR_NONE;

    if (reads(view)) {
        fill(view, view_query(view, "next"));
        return ERROR_NONE;
    }
    if (view->request->too_large || view->request->body.size > ROUTE_BODY_MAX)
        return err_set(&view->err, ERROR_TOO_LARGE,
                       N_("Lo enviado es demasiado grande."), NULL, NULL, NULL);
    if (request_from_elsewhere(view->request))
        return err_set(&view->err, ERROR_FORBIDDEN,
                       N_("El envío viene de otro sitio y no se aceptó."), NULL,
                       NULL, NULL);
    error =
        body_parse(view->task.arena, view->request, &view->fields, &view->err);
    if (error)
        return error;
    error = door->open(
        door->context,
        utf8_lower(view->task.arena, str_trim(view_field(view, "name"))),
        view_field(view, "password"), view->request->address, &view->err);
    if (!error) {
        view->response->again = true;
        view->response->status = 204;
        return ERROR_NONE;
    }
    fill(view, view_field(view, "next"));
    return view_again(view, "closed", error);
}

static enum error health_closed(struct view *view)
{
    view->json = true;
    view->response->status = 503;
    value_put_text(view->data, view->task.arena, "status", "locked");
    value_put_text(view->data, view->task.arena, "version", COBIJO_VERSION);
    return ERROR_NONE;
}

static void login_first(struct view *view)
{
    struct buf path;

    buf_init(&path, view->task.arena);
    buf_puts(&path, "/login");
    if (view->request->path.size > 1) {
        buf_puts(&path, "?next=");
        buf_put_url(&path, view->request->path);
    }
    view_redirect(view, buf_str(&path));
}

enum error closed_answer(struct view *view)
{
    const char *path = view->route ? view->route->path : "";

    if (strcmp(path, "/health") == 0)
        return health_closed(view);
    if (strcmp(path, "/login") == 0)
        return login_closed(view);
    if (openrosa_route(view->route) || view->bearer || view->json ||
        !reads(view))
        return say_closed(view);
    login_first(view);
    return ERROR_NONE;
}
