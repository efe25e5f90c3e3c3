/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casework_tick.c - what the clocks do by themselves: referrals that nobody
 * answered escalate, flags that nobody acted upon escalate, and the asylum
 * deadline raises its flag (F10) before it passes.
 *
 * Each step is an entry like any other, written once: the query that finds
 * the work does not find it again. A record that cannot be changed holds up
 * nobody but itself.
 */
#include "core/date.h"
#include "domain/calendar.h"
#include "domain/referral/referral_private.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

enum { BATCH = 200, DEADLINE_LOOKBACK_DAYS = 120 };

/* May the next one be done? A failing store stops all of them. */
static bool goes_on(enum error *error, struct err *err)
{
    if (*error == ERROR_NONE || error_status(*error) >= 500)
        return *error == ERROR_NONE;
    *error = ERROR_NONE;
    err_clear(err);
    return true;
}

static enum error find(struct task *task, const char *kind, const char *where,
                       const struct db_value *value, size_t values,
                       struct record **record, size_t *count, struct err *err)
{
    struct record_filter filter = {.kind = str_of(kind),
                                   .where = where,
                                   .value = value,
                                   .value_count = values,
                                   .order = "_clock, _id",
                                   .limit = BATCH};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, record, count, err);
}

static enum error update(struct task *task, const char *kind, struct str id,
                         const struct value *input, const struct value *system,
                         struct err *err)
{
    struct save save = {.kind = str_of(kind),
                        .id = id,
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct saved saved;

    return record_save(task, &save, &saved, err);
}

/* Past the term that runs: escalated, once for each term; never received:
 * nobody answered; accepted and without a result in time: expired. */
static enum error escalate_referral(struct task *task,
                                    const struct record *record,
                                    struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct str state = value_text_of(record->answers, "state");
    struct referral_clock clock = {0};
    int64_t feedback = 0;

    calendar_referral(task, value_text_of(record->answers, "urgency"),
                      task->now, &clock);
    if (str_equal_c(state, "ENVIADA"))
        value_put_str(input, task->arena, "state", STR("SIN_RESPUESTA"));
    else if (words_have(STR("ACEPTADA AGENDADA"), state) &&
             instant_parse(value_text_of(record->answers, "due_feedback"),
                           &feedback) &&
             feedback < task->now)
        value_put_str(input, task->arena, "state", STR("VENCIDA"));
    value_put_str(system, task->arena, "escalated_at",
                  instant_text(task->arena, task->now));
    value_put_str(system, task->arena, "escalated_to", clock.escalate_to);
    if (value_text_of(input, "state").size)
        value_put_str(system, task->arena, "due_next",
                      value_text(value_get_str(
                          record->answers,
                          referral_term(value_text_of(input, "state")))));
    return update(task, "referral", record->id, input, system, err);
}

static enum error escalate_referrals(struct task *task, size_t *changed,
                                     struct err *err)
{
    static const char where[] =
        "({state} IN ('ENVIADA','RECIBIDA','ACEPTADA','AGENDADA')"
        " AND {due_next} < $3"
        " AND ({escalated_at} IS NULL OR {escalated_at} < {due_next})) OR "
        "({state} IN ('ACEPTADA','AGENDADA') AND {due_feedback} < $3"
        " AND ({escalated_at} IS NULL OR {escalated_at} < {due_feedback}))";
    struct db_value now = {.type = 'i', .i = task->now};
    struct record *record;
    size_t count;
    enum error error =
        find(task, "referral", where, &now, 1, &record, &count, err);

    for (size_t i = 0; goes_on(&error, err) && i < count; i++) {
        error = escalate_referral(task, &record[i], err);
        if (error == ERROR_NONE)
            (*changed)++;
    }
    return error;
}

static enum error escalate_flags(struct task *task, size_t *changed,
                                 struct err *err)
{
    static const char where[] = "{state} = 'open' AND {escalated_at} IS NULL"
                                " AND {due_at} < $3";
    struct db_value now = {.type = 'i', .i = task->now};
    struct record *record;
    size_t count;
    enum error error = find(task, "flag", where, &now, 1, &record, &count, err);

    for (size_t i = 0; goes_on(&error, err) && i < count; i++) {
        struct value *system = value_object(task->arena);

        value_put_str(system, task->arena, "escalated_at",
                      instant_text(task->arena, task->now));
        error = update(task, "flag", record[i].id, value_object(task->arena),
                       system, err);
        if (error == ERROR_NONE)
            (*changed)++;
    }
    return error;
}

/* -- the asylum deadline ------------------------------------------------- */

static enum error person_had_flag(struct task *task, struct str person,
                                  const char *code, bool *had, struct err *err)
{
    struct db_value value = {.type = 't', .t = str_of(code)};
    struct record_filter filter = {.kind = STR("flag"),
                                   .subject = person,
                                   .where = "{code} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .limit = 1};
    struct record *record;
    size_t count;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    *had = error == ERROR_NONE && count > 0;
    return error;
}

static bool fired(const struct screening_outcome *outcome, const char *code)
{
    for (size_t i = 0; i < outcome->fired; i++) {
        if (str_equal_c(outcome->finding[i].code, code))
            return true;
    }
    return false;
}

static enum error deadline_of(struct task *task, const struct record *record,
                              size_t *changed, struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, STR("screening"), STR_NULL);
    struct str subject = value_text_of(record->answers, "person");
    struct screening_outcome outcome;
    struct record person;
    struct value *answers;
    struct change change;
    bool had, repeated;
    enum error error;

    if ((error = person_had_flag(task, subject, "F10", &had, err)) || had)
        return error;
    error = record_read(&task->office->log, task->db, STR("person"), subject,
                        task->arena, &person, err);
    if (error != ERROR_NONE)
        return error;
    answers = value_copy(record->answers, task->arena);
    screening_prepare(task, form, answers, person.answers);
    error = screening_evaluate(task, form, answers, person.answers, task->arena,
                               &outcome, err);
    if (error != ERROR_NONE || !fired(&outcome, "F10"))
        return error;
    change_init(&change, task);
    flag_add(&change, subject, STR("F10"), record->id, "clock");
    error = change_commit(&change, &repeated, err);
    if (error == ERROR_NONE)
        (*changed)++;
    return error;
}

/* One page of them; *next is where the following one begins, 0 at the end.
 * What got its flag is found no more. */
static enum error deadlines_from(const struct task *task, size_t *next,
                                 size_t *changed, struct err *err)
{
    static const char where[] =
        "{q08_entry} >= $3 AND {q08_entry} <= $4 AND NOT EXISTS"
        " (SELECT 1 FROM {flag} AS f WHERE f._site = {screening}._site"
        " AND f._subject = {screening}._subject AND f.{flag.code} = 'F10')";
    int64_t today = task_day(task);
    struct arena arena;
    struct task page = *task;
    struct db_value value[2] = {{.type = 't'}, {.type = 't'}};
    struct record_filter filter = {.kind = STR("screening"),
                                   .where = where,
                                   .value = value,
                                   .value_count = 2,
                                   .order = "_clock, _id",
                                   .limit = BATCH,
                                   .offset = *next};
    struct record *record;
    size_t count = 0, before = *changed;
    enum error error;

    arena_init(&arena, NULL);
    page.arena = &arena;
    value[0].t =
        date_text(&arena, date_from_day(today - DEADLINE_LOOKBACK_DAYS));
    value[1].t = date_text(&arena, date_from_day(today - 20));
    error = record_list(&task->office->log, task->db, &filter, false, &arena,
                        &record, &count, err);
    for (size_t i = 0; goes_on(&error, err) && i < count; i++)
        error = deadline_of(&page, &record[i], changed, err);
    *next = count < BATCH ? 0 : *next + count - (*changed - before);
    arena_release(&arena);
    return error;
}

/* Screenings whose entry lies so far back that the term is running out, and
 * not further than it still matters. */
static enum error asylum_deadlines(struct task *task, size_t *changed,
                                   struct err *err)
{
    size_t next = 0;
    enum error error;

    do
        error = deadlines_from(task, &next, changed, err);
    while (error == ERROR_NONE && next);
    return error;
}

enum error casework_tick(struct task *task, size_t *changed, struct err *err)
{
    size_t count = 0;
    enum error error;

    task_as_system(task);
    if ((error = escalate_referrals(task, &count, err)) == ERROR_NONE &&
        (error = escalate_flags(task, &count, err)) == ERROR_NONE)
        error = asylum_deadlines(task, &count, err);
    *changed = count;
    return error;
}
