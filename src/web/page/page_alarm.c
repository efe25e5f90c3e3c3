/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_alarm.c - look-ups out of pattern, and settling them. */
#include "domain/proof/alarm.h"
#include "web/page.h"

enum { ALARMS_SHOWN = 200 };

static struct value *alarm_view(struct view *view, const struct alarm *alarm)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "id", alarm->id);
    value_put_str(item, arena, "rule", alarm->rule);
    value_put_str(item, arena, "label", alarm->label);
    value_put_str(item, arena, "user", alarm->author);
    value_put_str(item, arena, "who",
                  alarm->display.size ? alarm->display : alarm->author);
    value_put_int(item, arena, "number", alarm->number);
    value_put_str(item, arena, "when", when_text(view, alarm->raised));
    value_put_bool(item, arena, "open", alarm->closed == 0);
    value_put_bool(item, arena, "own",
                   str_equal(alarm->author, view->task.actor.id));
    put_text_or_false(view, item, "note", alarm->note);
    put_text_or_false(view, item, "closed",
                      alarm->closed ? when_text(view, alarm->closed) : STR(""));
    return item;
}

enum error alarm_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct alarm *alarm = NULL;
    size_t count = 0;
    enum error error = alarms_list(&view->task, false, ALARMS_SHOWN, &alarm,
                                   &count, &view->err);

    for (size_t i = 0; i < count && !error; i++)
        value_add(list, arena, alarm_view(view, &alarm[i]));
    value_put(view->data, arena, "alarms", list);
    value_put_bool(view->page, arena, "any", count > 0);
    view_title(view, N_("Alarmas de consulta"));
    return error;
}

enum error alarm_post(struct view *view)
{
    enum error error = alarm_close(&view->task, view->param[0],
                                   view_field(view, "note"), &view->err);

    if (!error)
        view_redirect_said(view, STR("/log/alarm"), "alarm_closed");
    else if (error_status(error) < 500 && alarm_page(view) == ERROR_NONE)
        return view_again(view, "alarm", error);
    return error;
}
