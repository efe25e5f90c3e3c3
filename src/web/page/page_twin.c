/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_twin.c - the pairs that an import left for somebody to decide: compare
 * and merge (page_merge.c), or say that they are two persons.
 */
#include "web/page.h"

#include "domain/person/person.h"
#include "domain/person/twin.h"

enum { PAIRS_SHOWN = 100 };

static struct value *pair_item(struct view *view, const struct twin *twin)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *reasons = value_list(arena);
    struct str reason[MATCH_STEPS_MAX];
    size_t count = match_reasons(&twin->match, view->task.translator, reason);

    for (size_t i = 0; i < count; i++)
        value_add(reasons, arena, value_string(arena, reason[i]));
    value_put_str(item, arena, "person", twin->person);
    value_put_str(item, arena, "other", twin->other);
    value_put(item, arena, "came",
              person_card(view, twin->person, twin->answers));
    value_put(item, arena, "there",
              person_card(view, twin->other, twin->other_answers));
    value_put(item, arena, "reasons", reasons);
    return item;
}

enum error twins_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct twin *twin = NULL;
    size_t count = 0, total = 0;
    enum error error = twin_list(&view->task, view->param[0], PAIRS_SHOWN,
                                 &twin, &count, &total, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Posibles repetidas"));
    for (size_t i = 0; i < count; i++)
        value_add(list, arena, pair_item(view, &twin[i]));
    value_put(view->data, arena, "pairs", list);
    value_put_int(view->data, arena, "total", (int64_t)total);
    value_put_bool(view->data, arena, "more", total > count);
    value_put_str(view->data, arena, "batch", view->param[0]);
    value_put_bool(view->data, arena, "decides",
                   role_has(view->task.actor.role, RIGHT_PERSON_MERGE));
    return ERROR_NONE;
}

/* They are two: back to the rest of the list. */
enum error twin_two_post(struct view *view)
{
    struct record record = {0};
    enum error error = record_get(&view->task, STR("person"), view->param[0],
                                  &record, &view->err);
    struct str batch;

    if (error == ERROR_NONE)
        error = twin_dismiss(&view->task, view->param[0], &view->err);
    if (error != ERROR_NONE)
        return error;
    batch = value_text_of(record.answers, "import_batch");
    view_redirect(view, batch.size ? view_format(view, "/import/%.*s/twins",
                                                 STR_ARGS(batch))
                                   : view_format(view, "/person/%.*s",
                                                 STR_ARGS(view->param[0])));
    return ERROR_NONE;
}
