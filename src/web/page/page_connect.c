/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_connect.c - how another telephone or computer in the house's network
 * reaches this server: the addresses with a QR code, and the fingerprint that
 * must be read there before anybody types a password.
 */
#include "web/page.h"

/* Names that mean something on another machine. */
static bool reaches(struct str name)
{
    return name.size && !str_equal_c(name, "localhost") &&
           !str_starts(name, STR("127.")) && !str_equal_c(name, "::1");
}

static struct str url_of(struct view *view, struct str name)
{
    bool v6 = str_find(name, STR(":")) != SIZE_MAX;

    return view_format(view, "%s://%s%.*s%s:%u",
                       view->app->secure ? "https" : "http", v6 ? "[" : "",
                       STR_ARGS(name), v6 ? "]" : "", view->app->entrance.port);
}

/* A name of the machine means nothing to a telephone; its address does. */
static bool is_address(struct str name)
{
    return name.size && name.at[0] >= '0' && name.at[0] <= '9';
}

/* AB:CD:… in four lines of eight, to be compared by eye. */
static struct value *fingerprint_lines(struct view *view, struct str text)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t at = 0; at < text.size; at += 24) {
        size_t end = at + 23 < text.size ? at + 23 : text.size;

        value_add(list, arena, value_string(arena, str_slice(text, at, end)));
    }
    return list;
}

enum error connect_page(struct view *view)
{
    const struct entrance *entrance = &view->app->entrance;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct str names = entrance->names, name, first = STR("");

    if (view->app->office.public_url.size)
        first = view->app->office.public_url;
    while (entrance->port && str_cut(&names, ' ', &name))
        if (reaches(name)) {
            struct str url = url_of(view, name);

            if (!first.size && is_address(name))
                first = url;
            value_add(list, arena, value_string(arena, url));
        }
    if (!value_count(list) && first.size)
        value_add(list, arena, value_string(arena, first));
    value_put(view->data, arena, "addresses", list);
    value_put_bool(view->data, arena, "reachable", value_count(list) > 0);
    if (entrance->fingerprint.size) {
        value_put_str(view->data, arena, "fingerprint", entrance->fingerprint);
        value_put(view->page, arena, "lines",
                  fingerprint_lines(view, entrance->fingerprint));
    }
    value_put_bool(view->page, arena, "own", entrance->fingerprint.size > 0);
    view_qr(view, first);
    view_title(view, N_("Entrar desde otro aparato"));
    return ERROR_NONE;
}
