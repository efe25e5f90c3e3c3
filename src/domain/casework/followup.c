/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* followup.c - when to look again: by the risk of the open file, days in
 * catalog/urgency.csv (column review_days); and how often in a row she was
 * not reached, which her open file tells from the second time on.
 */
#include "domain/casework/followup.h"

#include "core/date.h"
#include "domain/casework/casefile.h"

enum { DEFAULT_DAYS = 30, NO_CONTACT = 2, LOOK_BACK = 20 };

struct looking {
    struct task *task;
    struct str id; /* of this follow-up */
    struct value *after;
    struct record file; /* hers that is open */
    bool found;
    int missed;  /* in a row, this one among them */
    bool newest; /* no later one is known */
};

struct str followup_review_day(struct task *task, struct str risk)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "urgency");
    size_t row =
        table ? catalog_find(table, risk.size ? risk : STR("U3")) : SIZE_MAX;
    int64_t days = DEFAULT_DAYS;

    if (row != SIZE_MAX)
        str_to_int(catalog_cell(table, row, "review_days"), &days);
    return date_text(task->arena, date_from_day(task_day(task) + days));
}

/* Counted back from this one; who did not say whether she was reached is
 * passed over. */
static enum error count_missed(struct looking *looking, struct err *err)
{
    struct task *task = looking->task;
    struct str date = value_text_of(looking->after, "date");
    struct str said = value_text_of(looking->after, "contacted");
    struct record_filter filter = {.kind = STR("followup"),
                                   .subject =
                                       value_text_of(looking->after, "person"),
                                   .order = "{date} DESC, _created DESC, _id",
                                   .limit = LOOK_BACK};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    looking->newest = true;
    looking->missed = str_equal_c(said, "no") ? 1 : 0;
    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        const struct value *answers = record[i].answers;

        if (str_equal(record[i].id, looking->id))
            continue;
        if (str_compare(value_text_of(answers, "date"), date) > 0) {
            looking->newest = false;
            continue;
        }
        said = value_text_of(answers, "contacted");
        if (!looking->missed || str_equal_c(said, "yes"))
            break;
        if (str_equal_c(said, "no"))
            looking->missed++;
    }
    return error;
}

/* Her open file: when to look again, and whether there is contact. */
static enum error tell_file(struct looking *looking, struct change *change,
                            struct err *err)
{
    struct task *task = looking->task;
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct save save = {.kind = STR("casefile"),
                        .id = looking->file.id,
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct saved saved;
    struct str since = value_text_of(looking->file.answers, "no_contact_since");
    struct str next = value_text_of(looking->after, "next_date");

    if (next.size)
        value_put_str(input, task->arena, "next_review", next);
    if (looking->missed >= NO_CONTACT && !since.size)
        value_put_str(system, task->arena, "no_contact_since",
                      value_text_of(looking->after, "date"));
    else if (since.size && !looking->missed &&
             str_equal_c(value_text_of(looking->after, "contacted"), "yes"))
        value_put_str(system, task->arena, "no_contact_since", STR(""));
    return record_prepare(task, change, &save, &saved, err);
}

enum error followup_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err)
{
    struct looking looking = {.task = task, .id = save->id, .after = after};
    enum error error = casefile_of_person(task, value_text_of(after, "person"),
                                          &looking.file, &looking.found, err);

    if (error == ERROR_NONE)
        error = count_missed(&looking, err);
    if (error != ERROR_NONE)
        return error;
    value_put_str(after, task->arena, "missed_in_row",
                  looking.missed ? str_format(task->arena, "%d", looking.missed)
                                 : STR(""));
    if (!looking.found)
        return ERROR_NONE;
    if (!before && !value_text_of(after, "casefile").size)
        value_put_str(after, task->arena, "casefile", looking.file.id);
    if (!before && !value_text_of(after, "next_date").size)
        value_put_str(after, task->arena, "next_date",
                      followup_review_day(
                          task, value_text_of(looking.file.answers, "risk")));
    return looking.newest ? tell_file(&looking, change, err) : ERROR_NONE;
}
