/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_inbox.c - every referral of the house that is not over, by what it
 * waits for: a question to answer, nobody answered in time, an answer to look
 * at and close, still on its way, drafts; and the way to one of them by the
 * reply code that somebody says on the telephone.
 */
#include "domain/casework/today.h"
#include "web/page/casework.h"
#include "web/page/timeline.h"

/* ?code=…: the referral itself, or those that share the code. */
static enum error by_code(struct view *view, struct str code,
                          struct value *groups)
{
    struct arena *arena = view->task.arena;
    struct value *found = NULL, *item;
    const struct value *items;
    enum error error = referrals_by_code(&view->task, code, &found, &view->err);

    if (error != ERROR_NONE)
        return error;
    found = open_items(view, found);
    items = value_get(found, "found");
    if (value_count(items) == 1 && !view->json) {
        view_redirect(view, value_text_of(value_at(items, 0), "href"));
        return ERROR_NONE;
    }
    value_put_bool(view->page, arena, "no_code", value_count(items) == 0);
    if (value_count(items) == 0)
        return ERROR_NONE;
    item = value_object(arena);
    value_put_text(item, arena, "key", "code");
    value_put_str(item, arena, "title", view_say(view, N_("Con esa clave")));
    value_put_int(item, arena, "count", (int64_t)value_count(items));
    value_put(item, arena, "items", items);
    value_add(groups, arena, item);
    return ERROR_NONE;
}

enum error inbox_page(struct view *view)
{
    static const struct {
        const char *key, *title;
    } group[] = {{"ask", N_("Preguntan algo")},
                 {"overdue", N_("Sin respuesta a tiempo")},
                 {"answered", N_("Contestaron: ver y cerrar")},
                 {"waiting", N_("En espera de respuesta")},
                 {"drafts", N_("Borradores sin enviar")}};
    struct arena *arena = view->task.arena;
    struct value *inbox = NULL, *list = value_list(arena);
    struct str code = str_trim(view_query(view, "code"));
    enum error error = inbox_read(&view->task, &inbox, &view->err);

    value_put_bool(view->page, arena, "no_code", false);
    value_put_str(view->page, arena, "code", code);
    if (error == ERROR_NONE && code.size > 0)
        error = by_code(view, code, list);
    if (error != ERROR_NONE)
        return error;
    inbox = open_items(view, inbox);
    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        const struct value *items = value_get(inbox, group[i].key);
        struct value *item = value_object(arena);

        if (value_count(items) == 0)
            continue;
        value_put_text(item, arena, "key", group[i].key);
        value_put_str(item, arena, "title", view_say(view, group[i].title));
        value_put_int(item, arena, "count", (int64_t)value_count(items));
        value_put(item, arena, "items", items);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "groups", list);
    value_put_bool(view->data, arena, "empty", value_count(list) == 0);
    view_title(view, N_("Bandeja"));
    return ERROR_NONE;
}
