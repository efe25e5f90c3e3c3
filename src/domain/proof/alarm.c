/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alarm.c - counting what accounts looked at; one query per rule, over the
 * minutes of its window.
 */
#include "domain/proof/alarm.h"

#include "core/date.h"
#include "domain/proof/seen.h"
#include "domain/record/record.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, USUAL_DAYS = 14 };

/* What a rule may count: $1 site, $2 the first minute. */
static const struct counting {
    const char *name, *sql;
} counting_table[] = {
    {"files", "SELECT author, COUNT(DISTINCT subject) FROM seen "
              "WHERE site = $1 AND minute > $2 AND subject <> '' "
              "GROUP BY author"},
    {"lookups", "SELECT author, COUNT(*) FROM seen WHERE site = $1 "
                "AND minute > $2 AND subject = '' AND what = '/person' "
                "GROUP BY author"},
    {"empty_lookups", "SELECT author, COUNT(*) FROM seen s WHERE site = $1 "
                      "AND minute > $2 AND subject = '' AND what = '/person' "
                      "AND NOT EXISTS (SELECT 1 FROM seen o "
                      "WHERE o.site = $1 AND o.author = s.author "
                      "AND o.minute > $2 AND o.subject <> '') "
                      "GROUP BY author"},
    {"closed_files",
     "SELECT author, COUNT(*) FROM (SELECT DISTINCT author, subject FROM seen "
     "WHERE site = $1 AND minute > $2 AND subject <> '') s WHERE EXISTS "
     "(SELECT 1 FROM entry e JOIN record r ON r.site = e.site "
     "AND r.id = e.record WHERE e.site = $1 AND e.subject = s.subject "
     "AND e.kind = 'casefile' AND r.state = 'closed') AND NOT EXISTS "
     "(SELECT 1 FROM entry e JOIN record r ON r.site = e.site "
     "AND r.id = e.record WHERE e.site = $1 AND e.subject = s.subject "
     "AND e.kind = 'casefile' AND r.state = 'open') GROUP BY author"},
    {"downloads", "SELECT author, COUNT(*) FROM seen WHERE site = $1 "
                  "AND minute > $2 AND subject = '' "
                  "AND (what LIKE 'export:%' OR what LIKE '/export%') "
                  "GROUP BY author"},
    {"decoys", "SELECT author, COUNT(*) FROM seen s WHERE site = $1 "
               "AND minute > $2 AND EXISTS (SELECT 1 FROM decoy d "
               "WHERE d.site = $1 AND d.person = s.subject) "
               "GROUP BY author"},
};

struct rule {
    struct str name;
    const char *sql;
    int64_t minutes, limit, times, least, from, to;
};

static int64_t number_of(const struct catalog_table *table, size_t row,
                         const char *column, int64_t otherwise)
{
    int64_t number = otherwise;

    str_to_int(catalog_cell(table, row, column), &number);
    return number;
}

static bool rule_read(const struct catalog_table *table, size_t row,
                      struct rule *rule)
{
    struct str count = catalog_cell(table, row, "count");

    *rule = (struct rule){.name = catalog_cell(table, row, "name"),
                          .minutes = number_of(table, row, "minutes", 60),
                          .limit = number_of(table, row, "limit", INT64_MAX),
                          .times = number_of(table, row, "usual_times", 0),
                          .least = number_of(table, row, "least", 1),
                          .from = number_of(table, row, "from_hour", -1),
                          .to = number_of(table, row, "to_hour", -1)};
    for (size_t i = 0; i < sizeof(counting_table) / sizeof(*counting_table);
         i++)
        if (str_equal_c(count, counting_table[i].name))
            rule->sql = counting_table[i].sql;
    return rule->sql != NULL;
}

/* 23 to 5 goes over midnight. */
static bool in_hours(const struct task *task, const struct rule *rule)
{
    int64_t local = task->now + (int64_t)task->utc_offset * 1000;
    int64_t hour = local / HOUR_MS % 24;

    if (rule->from < 0 || rule->to < 0)
        return true;
    return rule->from <= rule->to ? hour >= rule->from && hour < rule->to
                                  : hour >= rule->from || hour < rule->to;
}

/* Files per hour in which she worked, of the days before; 0: too few to
 * tell. */
static enum error usual_of(struct task *task, struct str author, int64_t *usual,
                           struct err *err)
{
    int64_t now = task->now / MINUTE_MS;
    struct rows rows;

    *usual = 0;
    db_query(task->db, &rows, err,
             "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), COUNT(*) FROM "
             "(SELECT COUNT(DISTINCT subject) AS n FROM seen WHERE site = $1 "
             "AND author = $2 AND minute > $3 AND minute <= $4 "
             "AND subject <> '' GROUP BY minute / 60) h",
             "ttii", task->office->log.site, author, now - USUAL_DAYS * 24 * 60,
             now - 60);
    if (rows_next(&rows) && rows_int(&rows, 1) >= 5)
        *usual =
            (rows_int(&rows, 0) + rows_int(&rows, 1) - 1) / rows_int(&rows, 1);
    return rows_end(&rows);
}

/* --- raising -------------------------------------------------------------- */

struct raising {
    struct task *task;
    struct alarm alarm;
    bool fresh;
};

static enum error write_entry(struct task *task, struct db *db,
                              const struct alarm *alarm, enum entry_op op,
                              struct err *err)
{
    struct value *body = value_object(task->arena);
    struct entry entry = {.kind = STR("alarm"),
                          .author = task->actor.id,
                          .op = op,
                          .record = alarm->id,
                          .subject = alarm->id,
                          .body = body};

    value_put_str(body, task->arena, "rule", alarm->rule);
    value_put_str(body, task->arena, "account", alarm->author);
    value_put_int(body, task->arena, "number", alarm->number);
    if (alarm->note.size)
        value_put_str(body, task->arena, "note", alarm->note);
    return log_append(&task->office->log, db, &entry, 1,
                      (struct append_options){0}, task->arena, NULL, err);
}

static enum error raise_change(struct db *db, void *context, struct err *err)
{
    struct raising *raising = context;
    const struct alarm *alarm = &raising->alarm;
    int64_t changed = 0;
    enum error error = db_run(
        db, &changed, err,
        "INSERT INTO alarm (site, id, rule, author, hour, number, "
        "raised, closed, closed_by, note) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '') "
        "ON CONFLICT (site, rule, author, hour) DO NOTHING",
        "ttttiii", raising->task->office->log.site, alarm->id, alarm->rule,
        alarm->author, alarm->hour, alarm->number, alarm->raised);

    raising->fresh = changed == 1;
    return error || !changed
               ? error
               : write_entry(raising->task, db, alarm, OP_CREATE, err);
}

static enum error raise(struct task *task, const struct rule *rule,
                        struct str author, int64_t number, size_t *raised,
                        struct err *err)
{
    struct raising raising = {
        .task = task,
        .alarm = {.id = host_uuid(task->office->host, task->arena),
                  .rule = rule->name,
                  .author = author,
                  .number = number,
                  .hour = task->now / HOUR_MS * HOUR_MS,
                  .raised = task->now}};
    int64_t there = 0;
    bool found = false;
    enum error error = db_get_int(
        task->db, &there, &found, err,
        "SELECT 1 FROM alarm WHERE site = $1 AND rule = $2 AND author = $3 "
        "AND hour >= $4",
        "ttti", task->office->log.site, rule->name, author,
        (task->now - rule->minutes * MINUTE_MS) / HOUR_MS * HOUR_MS);

    if (error || found)
        return error;
    error = office_change(task->office, raise_change, &raising, err);
    *raised += raising.fresh;
    return error;
}

struct looked {
    struct str author;
    int64_t number;
};

static enum error look(struct task *task, const struct rule *rule,
                       size_t *raised, struct err *err)
{
    enum { MOST = 1000 };
    struct looked *list = ARENA_ARRAY(task->arena, struct looked, MOST);
    struct rows rows;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (!list)
        return err_memory(err);
    db_query(task->db, &rows, err, rule->sql, "ti", task->office->log.site,
             task->now / MINUTE_MS - rule->minutes);
    while (count < MOST && rows_next(&rows))
        list[count++] = (struct looked){
            str_copy(task->arena, rows_text(&rows, 0)), rows_int(&rows, 1)};
    if (rows_end(&rows))
        return rows.error;
    for (size_t i = 0; i < count && !error; i++) {
        bool alarm = list[i].number >= rule->limit;
        int64_t usual = 0;

        if (!alarm && rule->times && list[i].number >= rule->least) {
            error = usual_of(task, list[i].author, &usual, err);
            alarm = usual && list[i].number >= usual * rule->times;
        }
        if (!error && alarm)
            error =
                raise(task, rule, list[i].author, list[i].number, raised, err);
    }
    return error;
}

enum error alarms_look(struct task *task, size_t *raised, struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "alarm");
    enum error error = ERROR_NONE;

    *raised = 0;
    for (size_t i = 0; table && i < table->rows && !error; i++) {
        struct rule rule;

        if (rule_read(table, i, &rule) && in_hours(task, &rule))
            error = look(task, &rule, raised, err);
    }
    return error;
}

/* --- reading, settling ---------------------------------------------------- */

enum error alarms_list(struct task *task, bool open, size_t limit,
                       struct alarm **alarm, size_t *count, struct err *err)
{
    struct rows rows;

    *count = 0;
    *alarm = ARENA_ARRAY(task->arena, struct alarm, limit);
    if (!*alarm)
        return err_memory(err);
    db_query(task->db, &rows, err,
             "SELECT id, rule, author, hour, number, raised, closed, "
             "closed_by, note FROM alarm WHERE site = $1 "
             "AND (closed = 0 OR $2 = 0) ORDER BY raised DESC LIMIT $3",
             "tii", task->office->log.site, (int64_t)open, (int64_t)limit);
    while (*count < limit && rows_next(&rows))
        (*alarm)[(*count)++] = (struct alarm){
            .id = str_copy(task->arena, rows_text(&rows, 0)),
            .rule = str_copy(task->arena, rows_text(&rows, 1)),
            .author = str_copy(task->arena, rows_text(&rows, 2)),
            .hour = rows_int(&rows, 3),
            .number = rows_int(&rows, 4),
            .raised = rows_int(&rows, 5),
            .closed = rows_int(&rows, 6),
            .closed_by = str_copy(task->arena, rows_text(&rows, 7)),
            .note = str_copy(task->arena, rows_text(&rows, 8))};
    if (rows_end(&rows))
        return rows.error;
    for (size_t i = 0; i < *count; i++) {
        (*alarm)[i].label = catalog_name(task->office->catalog, "alarm",
                                         (*alarm)[i].rule, task->language);
        (*alarm)[i].display = seen_display(task, (*alarm)[i].author);
    }
    return ERROR_NONE;
}

struct closing {
    struct task *task;
    struct alarm alarm;
};

static enum error close_change(struct db *db, void *context, struct err *err)
{
    struct closing *closing = context;
    struct task *task = closing->task;
    struct alarm *alarm = &closing->alarm;
    struct rows rows;
    bool found = false;
    enum error error;

    db_query(db, &rows, err,
             "UPDATE alarm SET closed = $3, closed_by = $4, note = $5 "
             "WHERE site = $1 AND id = $2 AND closed = 0 AND author <> $4 "
             "RETURNING rule, author, number",
             "ttitt", task->office->log.site, alarm->id, task->now,
             task->actor.id, alarm->note);
    if (rows_next(&rows)) {
        alarm->rule = str_copy(task->arena, rows_text(&rows, 0));
        alarm->author = str_copy(task->arena, rows_text(&rows, 1));
        alarm->number = rows_int(&rows, 2);
        found = true;
    }
    error = rows_end(&rows);
    if (error)
        return error;
    if (!found)
        return err_set(err, ERROR_CONFLICT,
                       N_("Esa alarma ya fue atendida, o es sobre su propia "
                          "cuenta: la tiene que atender otra persona."),
                       NULL, NULL, NULL);
    return write_entry(task, db, alarm, OP_CLOSE, err);
}

enum error alarm_close(struct task *task, struct str id, struct str note,
                       struct err *err)
{
    struct closing closing = {.task = task,
                              .alarm = {.id = id, .note = str_trim(note)}};

    if (closing.alarm.note.size < 3)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba qué averiguó: la nota queda en la "
                          "bitácora."),
                       NULL, NULL, NULL);
    return office_change(task->office, close_change, &closing, err);
}

/* --- decoys --------------------------------------------------------------- */

struct decoying {
    struct task *task;
    struct str person;
    bool on;
};

static enum error decoy_change(struct db *db, void *context, struct err *err)
{
    const struct decoying *decoying = context;
    struct str site = decoying->task->office->log.site;

    if (!decoying->on)
        return db_run(db, NULL, err,
                      "DELETE FROM decoy WHERE site = $1 AND person = $2", "tt",
                      site, decoying->person);
    return db_run(db, NULL, err,
                  "INSERT INTO decoy (site, person, created) "
                  "VALUES ($1, $2, $3) ON CONFLICT (site, person) DO NOTHING",
                  "tti", site, decoying->person, decoying->task->now);
}

enum error decoy_set(struct task *task, struct str person, bool on,
                     struct err *err)
{
    struct decoying decoying = {task, person, on};
    bool known = false;
    enum error error =
        record_known(task, NULL, STR("person"), person, &known, err);

    if (!error && !known)
        error =
            err_set(err, ERROR_NOT_FOUND, N_("No hay ninguna persona «{1}»."),
                    str_c(task->arena, person), NULL, NULL);
    return error ? error
                 : office_change(task->office, decoy_change, &decoying, err);
}
