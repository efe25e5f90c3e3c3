/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_today.c - what needs someone now, who arrived, and the two things that
 * everybody comes for: search and register. Which lists there are is decided
 * by domain/casework/today.c; an empty one is not shown, and when all are
 * empty the page says what to do.
 */
#include "domain/proof/alarm.h"
#include "web/page.h"

#include "core/date.h"
#include "domain/casework/today.h"
#include "domain/score/series.h"
#include "web/page/casework.h"
#include "web/page/timeline.h"

/* Instruments whose day to be done again has come. */
static enum error put_again(struct view *view, size_t *count)
{
    struct arena *arena = view->task.arena;
    struct value *due = NULL, *list = value_list(arena);
    enum error error =
        series_due(&view->task, task_day(&view->task), &due, &view->err);

    for (size_t i = 0; !error && i < value_count(due); i++) {
        struct value *item = value_copy(value_at(due, i), arena);
        struct str kind = value_text_of(item, "kind");
        struct str about = value_text_of(item, "about");
        struct str subject = value_text_of(item, "subject");
        struct date date = {0};

        date_parse_whole(value_text_of(item, "date"), &date);
        value_put_str(item, arena, "name", ref_text(view, about, subject));
        value_put_str(item, arena, "when", day_text(view, date_to_day(date)));
        value_put_str(item, arena, "href", record_href(view, about, subject));
        value_put_str(item, arena, "again",
                      view_format(view, "/record/%.*s/new?%.*s=%.*s",
                                  STR_ARGS(kind),
                                  STR_ARGS(value_text_of(item, "key")),
                                  STR_ARGS(subject)));
        value_add(list, arena, item);
    }
    *count = value_count(list);
    value_put(view->data, arena, "assessments", list);
    value_put_int(view->data, arena, "assessments_count", (int64_t)*count);
    return error;
}

/* For those who watch over the log: how many alarms wait. */
static enum error put_alarms(struct view *view)
{
    struct alarm *alarm = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (role_has(view->task.actor.role, RIGHT_LOG_READ))
        error = alarms_list(&view->task, true, 100, &alarm, &count, &view->err);
    value_put_bool(view->page, view->task.arena, "alarms", false);
    if (count > 0)
        value_put_int(view->page, view->task.arena, "alarms", (int64_t)count);
    return error;
}

enum error today_page(struct view *view)
{
    static const char *const name[] = {"flags", "referrals", "followups",
                                       "files", "reviews",   "arrivals"};
    struct arena *arena = view->task.arena;
    struct value *today = NULL;
    size_t again = 0;
    bool quiet;
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
    error = put_again(view, &again);
    if (error == ERROR_NONE)
        error = arco_today(view);
    if (error == ERROR_NONE)
        error = help_desk_today(view);
    if (error != ERROR_NONE)
        return error;
    error = notices_put(view);
    if (error != ERROR_NONE)
        return error;
    quiet = again == 0 && !value_count(value_get(view->data, "requests")) &&
            !value_count(value_get(view->data, "help"));
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
    return put_alarms(view);
}
