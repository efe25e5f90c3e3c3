/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_today.c - what needs someone now, who arrived, and the two things that
 * everybody comes for: search and register. Which lists there are is decided
 * by domain/casework/today.c; an empty one is not shown, and when all are
 * empty the page says what to do.
 */
#include "web/page.h"

#include "domain/casework/today.h"
#include "web/page/timeline.h"

enum error today_page(struct view *view)
{
    static const char *const name[] = {"flags", "referrals", "followups",
                                       "files", "reviews",   "arrivals"};
    struct arena *arena = view->task.arena;
    struct value *today = NULL;
    bool quiet = true;
    enum error error = ERROR_NONE;

    if (!view->json && view->task.actor.place.size > 0 &&
        !role_has(view->task.actor.role, RIGHT_PERSON_READ)) {
        view_redirect(view, STR("/received")); /* all there is for her */
        return ERROR_NONE;
    }
    view_title(view, N_("Hoy"));
    value_put_str(view->data, arena, "day",
                  day_text(view, task_day(&view->task)));
    if (role_has(view->task.actor.role, RIGHT_PERSON_READ))
        error = today_read(&view->task, &today, &view->err);
    if (error != ERROR_NONE)
        return error;
    today = open_items(view, today);
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        const struct value *list = value_get(today, name[i]);

        value_put(view->data, arena, name[i], list ? list : value_list(arena));
        value_put_int(view->data, arena,
                      str_c(arena, view_format(view, "%s_count", name[i])),
                      (int64_t)value_count(list));
        quiet = quiet && (value_count(list) == 0 || i == 5);
    }
    value_put_bool(view->page, arena, "quiet", quiet);
    return ERROR_NONE;
}
