/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* retention.c - whose time is over, and the runs that erase them. */
#include "domain/arco/retention.h"

#include "core/date.h"
#include "domain/arco/erase.h"
#include "domain/arco/notice.h"
#include "domain/calendar.h"
#include "domain/person/person.h"
#include "domain/person/words.h"

enum { SAMPLE = 5, FOUND_MAX = 100000, STAMPS_PER_MS = 65536 };

struct due {
    struct str *person;
    size_t count;
    size_t held; /* would be due but for a hold */
};

static const struct catalog_table *rules_of(const struct task *task)
{
    return catalog_table(task->office->catalog, "retention");
}

/* Messages of strangers (outreach/help.c): nobody has to approve. */
static bool goes_by_itself(const struct catalog_table *table, size_t row)
{
    return str_equal_c(catalog_cell(table, row, "when"), "help");
}

/* Files closed (or touched last) before this day. */
static bool until_day(const struct task *task, size_t row, int64_t *day)
{
    struct date date = date_from_day(task_day(task));
    int64_t years;

    if (!str_to_int(catalog_cell(rules_of(task), row, "years"), &years) ||
        years < 1 || years > 100)
        return false;
    date.year -= (int)years;
    while (!date_valid(date)) /* 29 February */
        date.day--;
    *day = date_to_day(date);
    return true;
}

/* What keeps a file: a hold, an open case, an open request, something sent
 * whose end is not known. */
static const char held_sql[] =
    " EXISTS (SELECT 1 FROM {casefile} c WHERE c._site = {person}._site"
    " AND c._subject = {person}._id AND c._state <> 'erased'"
    " AND (c.{casefile.status} <> 'cerrado'"
    " OR c.{casefile.legal_hold} = 'yes'))"
    " OR EXISTS (SELECT 1 FROM {rights_request} q"
    " WHERE q._site = {person}._site AND q._subject = {person}._id"
    " AND q._state <> 'erased' AND q.{rights_request.state} IN"
    " ('recibida', 'en_tramite', 'por_cumplir'))"
    " OR EXISTS (SELECT 1 FROM {referral} s WHERE s._site = {person}._site"
    " AND s._subject = {person}._id AND s._state <> 'erased'"
    " AND s.{referral.state} IN ('ENVIADA', 'RECIBIDA', 'ACEPTADA',"
    " 'AGENDADA'))";

static const char *query_of(struct task *task, size_t row, struct err *err)
{
    struct str when = catalog_cell(rules_of(task), row, "when");
    const char *condition;

    /* $2 day as text, $3 the same as an instant, $4 as a stamp */
    if (str_equal_c(when, "closed"))
        condition =
            "EXISTS (SELECT 1 FROM {casefile} k WHERE k._site ="
            " {person}._site AND k._subject = {person}._id"
            " AND k._state <> 'erased' AND k.{casefile.status} = 'cerrado')"
            " AND $4 > 0"
            " AND NOT EXISTS (SELECT 1 FROM {casefile} k WHERE k._site ="
            " {person}._site AND k._subject = {person}._id"
            " AND k._state <> 'erased' AND k.{casefile.closed_on} >= $2)"
            " AND NOT EXISTS (SELECT 1 FROM {arrival} a WHERE a._site ="
            " {person}._site AND a._subject = {person}._id"
            " AND a._state <> 'erased' AND a.{arrival.arrived_on} >= $2)"
            " AND {person}._created < $3";
    else if (str_equal_c(when, "last_entry"))
        condition = "NOT EXISTS (SELECT 1 FROM {casefile} k WHERE k._site ="
                    " {person}._site AND k._subject = {person}._id"
                    " AND k._state <> 'erased')"
                    " AND NOT EXISTS (SELECT 1 FROM {arrival} a WHERE a._site ="
                    " {person}._site AND a._subject = {person}._id"
                    " AND a._state <> 'erased' AND a._created >= $3)"
                    " AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.site = $1"
                    " AND e.subject = {person}._id AND e.clock >= $4)"
                    " AND {person}._created < $3 AND $2 <> ''";
    else {
        err_set(err, ERROR_INTERNAL,
                N_("La tabla {1} del catálogo tiene un renglón que no se "
                   "entiende: {2}."),
                "retention",
                str_c(task->arena, catalog_cell(rules_of(task), row, "name")),
                NULL);
        return NULL;
    }
    return project_sql(
        &task->office->log, task->db, task->arena,
        str_c(task->arena,
              str_format(task->arena,
                         "SELECT {person}._id, CASE WHEN (%s) THEN 1 ELSE 0"
                         " END FROM {person} WHERE {person}._site = $1"
                         " AND {person}._state <> 'erased'"
                         " AND {person.merged_into} IS NULL AND %s"
                         " ORDER BY {person}._id",
                         held_sql, condition)),
        err);
}

static enum error find_due(struct task *task, size_t row, int64_t day,
                           struct due *due, struct err *err)
{
    const char *sql = query_of(task, row, err);
    int64_t begins = calendar_day_end(task, day - 1) + 1;
    struct rows rows;

    *due = (struct due){0};
    if (!sql)
        return err->code;
    due->person = ARENA_ARRAY(task->arena, struct str, 1);
    if (db_query(task->db, &rows, err, sql, "ttii", task->office->log.site,
                 date_text(task->arena, date_from_day(day)), begins,
                 begins * STAMPS_PER_MS))
        return rows_end(&rows);
    while (rows_next(&rows) && due->count < FOUND_MAX) {
        if (rows_int(&rows, 1)) {
            due->held++;
            continue;
        }
        due->person = arena_grow(task->arena, due->person,
                                 (due->count + 1) * sizeof(struct str),
                                 (due->count + 2) * sizeof(struct str));
        if (!due->person)
            break;
        due->person[due->count++] = str_copy(task->arena, rows_text(&rows, 0));
    }
    return rows_end(&rows);
}

static enum error add_sample(struct task *task, const struct due *due,
                             struct value *item, struct err *err)
{
    struct value *sample = value_list(task->arena);
    size_t step = due->count > SAMPLE ? due->count / SAMPLE : 1;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < due->count && !error && value_count(sample) < SAMPLE;
         i += step) {
        struct record record;
        struct str code;

        error = record_read(&task->office->log, task->db, STR("person"),
                            due->person[i], task->arena, &record, err);
        code = error ? STR("") : value_text_of(record.answers, "case_code");
        value_add(
            sample, task->arena,
            value_string(task->arena,
                         code.size ? code : str_slice(due->person[i], 0, 8)));
    }
    value_put(item, task->arena, "sample", sample);
    return error;
}

static enum error look_at(struct task *task, size_t row, struct value *list,
                          struct err *err)
{
    const struct catalog_table *table = rules_of(task);
    struct arena *arena = task->arena;
    struct value *item = value_object(arena);
    struct due due;
    int64_t day;
    enum error error;

    if (!until_day(task, row, &day))
        return ERROR_NONE;
    error = find_due(task, row, day, &due, err);
    if (error)
        return error;
    value_put_str(item, arena, "rule", catalog_cell(table, row, "name"));
    value_put_str(item, arena, "label",
                  catalog_label(table, row, "label", task->language));
    value_put_str(item, arena, "note",
                  catalog_label(table, row, "note", task->language));
    value_put_str(item, arena, "years", catalog_cell(table, row, "years"));
    value_put_str(item, arena, "until", date_text(arena, date_from_day(day)));
    value_put_int(item, arena, "count", (int64_t)due.count);
    value_put_int(item, arena, "held", (int64_t)due.held);
    value_add(list, arena, item);
    return add_sample(task, &due, item, err);
}

enum error retention_look(struct task *task, struct value **view,
                          struct err *err)
{
    const struct catalog_table *table = rules_of(task);
    struct value *list = value_list(task->arena);
    enum error error = ERROR_NONE;

    for (size_t row = 0; table && row < table->rows && !error; row++)
        if (!goes_by_itself(table, row))
            error = look_at(task, row, list, err);
    *view = list;
    return error;
}

/* -- runs ------------------------------------------------------------------ */

static enum error may(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_DATA_ERASE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite hacer esto. Pida ayuda a quien "
                      "supervisa."),
                   NULL, NULL, NULL);
}

static enum error save_run(struct task *task, struct str run, bool create,
                           const struct value *system, struct err *err)
{
    struct save save = {.kind = STR("retention_run"),
                        .id = run,
                        .create = create,
                        .input = value_object(task->arena),
                        .system = system};
    struct saved saved;

    return record_save(task, &save, &saved, err);
}

enum error retention_plan(struct task *task, struct str rule, struct str *run,
                          struct err *err)
{
    const struct catalog_table *table = rules_of(task);
    size_t row = table ? catalog_find(table, rule) : SIZE_MAX;
    struct value *system = value_object(task->arena);
    struct str id = host_uuid(task->office->host, task->arena);
    struct due due;
    int64_t day;
    enum error error = may(task, err);

    if (error)
        return error;
    if (row == SIZE_MAX || !until_day(task, row, &day))
        return err_set(err, ERROR_INPUT,
                       N_("No hay ninguna regla de plazo «{1}»."),
                       str_c(task->arena, rule), NULL, NULL);
    error = find_due(task, row, day, &due, err);
    if (!error && !due.count)
        error = err_set(err, ERROR_INPUT,
                        N_("Hoy nadie cumple esta regla: no hay nada que "
                           "borrar."),
                        NULL, NULL, NULL);
    if (error)
        return error;
    value_put_str(system, task->arena, "folio",
                  str_format(task->arena, "P-%.*s",
                             STR_ARGS(str_slice(id, id.size - 6, id.size))));
    value_put_str(system, task->arena, "rule", rule);
    value_put_str(system, task->arena, "until",
                  date_text(task->arena, date_from_day(day)));
    value_put_int(system, task->arena, "found", (int64_t)due.count);
    value_put_int(system, task->arena, "done", 0);
    value_put_str(system, task->arena, "planned_by", task->actor.id);
    value_put_str(system, task->arena, "planned_at",
                  instant_text(task->arena, task->now));
    value_put_str(system, task->arena, "state", STR("planned"));
    *run = id;
    return save_run(task, id, true, system, err);
}

static enum error read_run(struct task *task, struct str run, const char *state,
                           struct record *record, struct err *err)
{
    enum error error = may(task, err);

    if (!error)
        error = record_get(task, STR("retention_run"), run, record, err);
    if (!error && !str_equal_c(value_text_of(record->answers, "state"), state))
        error = err_set(err, ERROR_CONFLICT,
                        N_("Eso ya no se puede, o todavía no: mire en qué va "
                           "el borrado."),
                        NULL, NULL, NULL);
    return error;
}

enum error retention_approve(struct task *task, struct str run, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct record record;
    enum error error = read_run(task, run, "planned", &record, err);

    if (error)
        return error;
    if (str_equal(value_text_of(record.answers, "planned_by"), task->actor.id))
        return err_set(err, ERROR_BLOCKED,
                       N_("Debe aprobarlo otra persona, no quien lo propuso."),
                       NULL, NULL, NULL);
    value_put_str(system, task->arena, "approved_by", task->actor.id);
    value_put_str(system, task->arena, "approved_at",
                  instant_text(task->arena, task->now));
    value_put_str(system, task->arena, "state", STR("approved"));
    return save_run(task, run, false, system, err);
}

static enum error note_progress(struct task *task, const struct record *run,
                                int64_t done, bool finished, struct err *err)
{
    struct value *system = value_object(task->arena);

    value_put_int(system, task->arena, "done",
                  value_to_int(value_get(run->answers, "done"), 0) + done);
    if (finished) {
        value_put_str(system, task->arena, "state", STR("done"));
        value_put_str(system, task->arena, "finished_at",
                      instant_text(task->arena, task->now));
    }
    return save_run(task, run->id, false, system, err);
}

/* Who came back or is held since it was proposed is not found again: the rule
 * is asked anew for each slice, with the day of the proposal. */
enum error retention_step(struct task *task, struct str run, size_t *left,
                          struct err *err)
{
    const struct catalog_table *table = rules_of(task);
    struct erase_order order = {.cause = STR("plazo")};
    struct record record;
    struct date until;
    struct due due = {0};
    size_t row, count = 0, skipped = 0;
    enum error error = read_run(task, run, "approved", &record, err);

    *left = 0;
    if (error)
        return error;
    row = catalog_find(table, value_text_of(record.answers, "rule"));
    if (row == SIZE_MAX ||
        !date_parse_whole(value_text_of(record.answers, "until"), &until))
        return err_set(err, ERROR_INTERNAL,
                       N_("Falta la tabla {1} del catálogo."), "retention",
                       NULL, NULL);
    order.folio = value_text_of(record.answers, "folio");
    order.approver = value_text_of(record.answers, "approved_by");
    error = find_due(task, row, date_to_day(until), &due, err);
    for (size_t i = 0; i < due.count && count < RETENTION_SLICE && !error;
         i++) {
        struct str erasure;

        order.person = due.person[i];
        error = erase_person(task, &order, &erasure, err);
        if (error == ERROR_CONFLICT) { /* an import holds her: the next time */
            error = ERROR_NONE;
            err_clear(err);
            skipped++;
            continue;
        }
        count += !error;
    }
    *left = due.count - count - skipped;
    return error
               ? error
               : note_progress(task, &record, (int64_t)count, *left == 0, err);
}

enum error retention_runs(struct task *task, struct value **list,
                          struct err *err)
{
    static const char *const copied[] = {"folio", "rule",  "until",     "found",
                                         "done",  "state", "planned_by"};
    struct record_filter filter = {.kind = STR("retention_run"),
                                   .order = "{planned_at} DESC, _id",
                                   .limit = 50};
    struct arena *arena = task->arena;
    struct value *out = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   arena, &record, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);
        struct str state = value_text_of(record[i].answers, "state");

        value_put_str(item, arena, "id", record[i].id);
        answers_copy(item, arena, record[i].answers, copied,
                     sizeof copied / sizeof *copied);
        value_put_str(item, arena, "rule_label",
                      catalog_name(task->office->catalog, "retention",
                                   value_text_of(record[i].answers, "rule"),
                                   task->language));
        value_put_bool(item, arena, "planned", str_equal_c(state, "planned"));
        value_put_bool(item, arena, "approved", str_equal_c(state, "approved"));
        value_put_bool(item, arena, "finished", str_equal_c(state, "done"));
        value_add(out, arena, item);
    }
    *list = out;
    return error;
}
