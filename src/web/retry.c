/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* retry.c - what somebody typed must outlive a failure that is not hers.
 *
 * When the database is away, the page of the form cannot be made again: the
 * error page then carries everything that was sent, as hidden fields of a form
 * with one button. Stamps travel along, so sending twice stays harmless.
 * Passwords and files are never put into a page, and nothing is given back
 * that our own pages did not send.
 */
#include "web/page.h"
#include "web/render.h"

static bool is_secret(struct str name)
{
    return str_find(name, STR("password")) != SIZE_MAX ||
           str_find(name, STR("token")) != SIZE_MAX;
}

static void put_typed(struct view *view, struct value *list, struct str name,
                      const struct value *value)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    struct str text = value_text(value);

    value_put_str(item, arena, "name", name);
    value_put_str(item, arena, "value", text);
    value_put_bool(item, arena, "shown",
                   text.size > 0 && !str_starts(name, STR("_")));
    value_add(list, arena, item);
}

/* false when something cannot be carried over: a file, a password. */
static bool put_fields(struct view *view, const struct value *fields,
                       struct value *list)
{
    for (size_t i = 0; i < value_count(fields); i++) {
        struct str name = value_name_at(fields, i);
        const struct value *value = value_at(fields, i);
        bool several = value_type(value) == VALUE_LIST;
        size_t count = several ? value_count(value) : 1;

        if (is_secret(name))
            return false;
        for (size_t k = 0; k < count; k++) {
            const struct value *one = several ? value_at(value, k) : value;

            if (value_type(one) != VALUE_STRING)
                return false;
            put_typed(view, list, name, one);
        }
    }
    return true;
}

static bool may_return(const struct view *view)
{
    return view->route && !(view->route->flags & ROUTE_NO_CSRF) &&
           str_equal_c(view->request->method, "POST") &&
           !view->request->too_large &&
           !str_starts(view->request->path, STR("//")) &&
           !request_from_elsewhere(view->request);
}

void retry_put(struct view *view, enum error error)
{
    struct arena *arena = view->task.arena;
    const struct value *fields = view->fields;
    struct value *retry = value_object(arena), *list = value_list(arena);
    struct err err = {0};

    value_put_bool(view->data, arena, "retry", false);
    if (error_status(error) < 500 || !may_return(view))
        return;
    if (value_count(fields) == 0 &&
        body_parse(arena, view->request, &fields, &err) != ERROR_NONE)
        return;
    if (value_text_of(fields, "_csrf").size == 0 ||
        !put_fields(view, fields, list))
        return;
    value_put_str(retry, arena, "action",
                  view->request->query.size
                      ? view_format(view, "%.*s?%.*s",
                                    STR_ARGS(view->request->path),
                                    STR_ARGS(view->request->query))
                      : view->request->path);
    value_put(retry, arena, "fields", list);
    value_put(view->data, arena, "retry", retry);
}
