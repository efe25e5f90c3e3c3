/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* flag.c - an urgent flag: raised by a rule, a worker or a clock; it asks for
 * action until somebody writes down what was done.
 */
#include "core/date.h"
#include "domain/calendar.h"
#include "domain/casework/screening.h"

static void set_clock(struct task *task, struct value *after)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "flag");
    size_t row =
        table ? catalog_find(table, value_text_of(after, "code")) : SIZE_MAX;
    struct str urgency =
        row == SIZE_MAX ? STR("U1") : catalog_cell(table, row, "urgency");

    value_put_str(after, task->arena, "urgency", urgency);
    value_put_str(after, task->arena, "state", STR("open"));
    value_put_str(after, task->arena, "source", STR("worker"));
    value_put_str(after, task->arena, "raised_at",
                  instant_text(task->arena, task->now));
    value_put_str(
        after, task->arena, "due_at",
        instant_text(task->arena, calendar_act_by(task, urgency, task->now)));
}

enum error flag_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err)
{
    static const char *const fixed[] = {"code", "urgency", "source",
                                        "screening"};

    (void)change;
    (void)save;
    if (!before) {
        set_clock(task, after);
        return ERROR_NONE;
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (!str_equal(value_text_of(before, fixed[i]),
                       value_text_of(after, fixed[i])))
            return err_set(err, ERROR_INPUT,
                           N_("Una bandera no cambia de motivo ni de "
                              "urgencia. Anote qué se hizo, o levante otra."),
                           NULL, NULL, NULL);
    if (str_equal_c(value_text_of(after, "state"), "open"))
        return ERROR_NONE;
    if (!value_text_of(after, "action").size)
        return err_set(err, ERROR_INPUT,
                       N_("Diga qué se hizo ante esta bandera."), NULL, NULL,
                       NULL);
    value_put_str(after, task->arena, "acted_at",
                  instant_text(task->arena, task->now));
    value_put_str(after, task->arena, "acted_by", task->actor.id);
    return ERROR_NONE;
}

enum error flag_act(struct task *task, struct str flag, struct str action,
                    struct str note, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {.kind = STR("flag"), .id = flag};
    struct saved saved;

    value_put_str(input, task->arena, "state",
                  str_equal_c(action, "no_aplica") ? STR("dismissed")
                                                   : STR("acted"));
    value_put_str(input, task->arena, "action", action);
    if (note.size)
        value_put_str(input, task->arena, "action_note", note);
    save.input = input;
    return record_save(task, &save, &saved, err);
}
