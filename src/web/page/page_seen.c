/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_seen.c - who has seen a file: for those who watch over it, and on paper
 * for the person herself.
 */
#include "core/date.h"
#include "domain/proof/seen.h"
#include "domain/person/person.h"
#include "web/page.h"

enum { SEEN_SHOWN = 500 };

static struct str what_text(struct view *view, struct str what)
{
    const struct form *form = view_form(view, str_c(view->task.arena, what));

    return form ? texts_in(form, form->title, view->task.language) : what;
}

static struct value *line(struct view *view, const struct seen_row *row)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    struct str role = catalog_name(view->app->office.catalog, "role", row->role,
                                   view->task.language);

    value_put_str(item, arena, "at", instant_text(arena, row->minute * 60000));
    value_put_str(item, arena, "user", row->author);
    put_text_or_false(view, item, "who", row->display);
    put_text_or_false(view, item, "role", role.size ? role : row->role);
    value_put_str(item, arena, "what", what_text(view, row->what));
    value_put_str(item, arena, "kind", row->what);
    value_put_int(item, arena, "times", row->times);
    return item;
}

enum error seen_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct person_header header = {0};
    struct seen_row *row = NULL;
    struct value *list = value_list(arena);
    size_t count = 0;
    bool open = false;
    enum error error =
        person_header(&view->task, view->param[0], &header, &view->err);

    if (!error)
        error = seen_open_to(&view->task, header.id, &open, &view->err);
    if (!error && !open)
        error = err_set(&view->err, ERROR_FORBIDDEN,
                        N_("Esto lo ve quien lleva el caso y quien supervisa."),
                        NULL, NULL, NULL);
    if (!error)
        error = seen_list(&view->task, header.id, SEEN_SHOWN, &row, &count,
                          &view->err);
    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = line(view, &row[i]);

        value_put_str(item, arena, "when",
                      when_text(view, row[i].minute * 60000));
        value_put_bool(item, arena, "often", row[i].times > 1);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "seen", list);
    value_put_bool(view->page, arena, "any", count > 0);
    value_put_bool(view->page, arena, "more", count == SEEN_SHOWN);
    value_put_str(view->page, arena, "name", header.name);
    value_put_str(view->page, arena, "id", header.id);
    put_text_or_false(view, view->page, "code", header.case_code);
    value_put_str(view->page, arena, "printed",
                  when_text(view, view->task.now));
    view_title(view, N_("Quién ha visto este expediente"));
    return error;
}
