/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* followup.c - when to look again: by the risk of the open file, days in
 * catalog/urgency.csv (column review_days).
 */
#include "core/date.h"
#include "domain/casefile.h"
#include "domain/followup.h"

enum { DEFAULT_DAYS = 30 };

static enum error risk_of(struct task *task, struct str person,
                          struct str *risk, struct str *casefile,
                          struct err *err)
{
    struct record record;
    bool found = false;
    enum error error = casefile_of_person(task, person, &record, &found, err);

    *risk = STR("U3");
    *casefile = STR_NULL;
    if (error == ERROR_NONE && found) {
        *casefile = record.id;
        if (value_text_of(record.answers, "risk").size)
            *risk = value_text_of(record.answers, "risk");
    }
    return error;
}

static int64_t days_for(const struct task *task, struct str risk)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");
    size_t row = table ? catalog_find(table, risk) : SIZE_MAX;
    int64_t days = DEFAULT_DAYS;

    if (row != SIZE_MAX)
        str_to_int(catalog_cell(table, row, "review_days"), &days);
    return days;
}

enum error followup_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err)
{
    struct str risk, casefile;
    enum error error;

    (void)change;
    (void)save;
    if (before)
        return ERROR_NONE;
    error = risk_of(task, value_text_of(after, "person"), &risk, &casefile,
                    err);
    if (error != ERROR_NONE)
        return error;
    if (!value_text_of(after, "casefile").size && casefile.size)
        value_put_str(after, task->arena, "casefile", casefile);
    if (!value_text_of(after, "next_date").size && casefile.size)
        value_put_str(after, task->arena, "next_date",
                      date_text(task->arena,
                                date_from_day(task_day(task) +
                                              days_for(task, risk))));
    return ERROR_NONE;
}
