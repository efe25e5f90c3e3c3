/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* measure.c - the measures of a kind as one query: one pass over its table,
 * however many indicators ask it. A row says of each measure whether it
 * counts there; conditions and amounts are translated expressions. */
#include "core/date.h"
#include "domain/calendar.h"
#include "domain/access/room.h"
#include "domain/notice/know.h"
#include "domain/notice/usage.h"
#include "domain/record/condition.h"
#include "domain/report/report_private.h"

#include <string.h>

enum { PERIOD_VALUES = 5, VALUES_MAX = 1024 };

static const struct {
    const char *name, *sql;
    bool listed;
} own_table[] = {
#define OWN(name, listed, sql) {name, sql, listed},
#include "domain/report/report_own.def"
#undef OWN
};

static const char *own_query(struct str name)
{
    for (size_t i = 0; i < sizeof own_table / sizeof *own_table; i++)
        if (str_equal_c(name, own_table[i].name))
            return own_table[i].sql;
    return NULL;
}

bool measure_query_known(struct str name)
{
    return own_query(name) != NULL;
}

bool measure_listed(const struct measure *measure)
{
    for (size_t i = 0; i < sizeof own_table / sizeof *own_table; i++)
        if (str_equal_c(measure->query, own_table[i].name))
            return own_table[i].listed;
    return true;
}

/* --- whom a record is about ------------------------------------------------
 */

static const struct form *form_of(const struct task *task, struct str kind)
{
    return forms_find(task->office->forms, kind, STR(""));
}

static bool is_person(struct str kind)
{
    return str_equal_c(kind, "person");
}

bool measure_has_person(const struct task *task, const struct measure *measure)
{
    const struct form *form = form_of(task, measure->kind);
    struct str key =
        value_text_of(form ? form->settings : NULL, "cobijo:subject");
    const struct question *subject = key.size ? form_find(form, key) : NULL;

    return is_person(measure->kind) ||
           (subject && str_equal_c(subject->ref, "person"));
}

static const char *const who_keys[WHO] = {"sex", "age_band", "nationality",
                                          "country_of_birth"};

static bool has_column(const struct form *form, const char *key)
{
    const struct question *question = form_find(form, str_of(key));

    return question && !question->repeat && question_has_value(question);
}

bool measure_has_who(const struct task *task, const struct measure *measure)
{
    const struct form *form = form_of(task, measure->kind);

    if (measure->grid || measure_has_person(task, measure))
        return true;
    for (size_t i = 0; form && i < WHO; i++)
        if (has_column(form, who_keys[i]))
            return true;
    return false;
}

const struct question *measure_by(const struct task *task,
                                  const struct measure *measure, size_t which,
                                  const struct form **form)
{
    struct str name = measure->by[which], prefix = STR("person.");
    const struct question *question;

    *form = form_of(task, measure->kind);
    if (str_starts(name, prefix) && measure_has_person(task, measure)) {
        *form = form_of(task, STR("person"));
        name = str_slice(name, prefix.size, name.size);
    }
    question = *form ? form_find(*form, name) : NULL;
    return question && !question->repeat &&
                   (question->type == QUESTION_SELECT_ONE ||
                    question->type == QUESTION_TEXT ||
                    question->type == QUESTION_CALCULATE)
               ? question
               : NULL;
}

/* --- the text --------------------------------------------------------------
 */

struct writing {
    struct task *task;
    struct period period;
    struct pass *pass;
    const struct form *form;
    enum sql_dialect dialect;
    bool person; /* joined as p */
    struct buf where, columns;
    size_t column;  /* the next one's number */
    const char *at; /* the column of the table that is being read */
    struct err *err;
};

static void put_value(struct pass *pass, struct db_value value)
{
    if (pass->values < VALUES_MAX)
        pass->value[pass->values++] = value;
}

static enum error start_values(struct task *task, struct period period,
                               struct pass *pass, struct err *err)
{
    struct arena *arena = task->arena;

    pass->value = ARENA_ARRAY(arena, struct db_value, VALUES_MAX);
    if (!pass->value)
        return err_memory(err);
    pass->values = 0;
    put_value(pass,
              (struct db_value){.type = 't', .t = task->office->log.site});
    put_value(pass, (struct db_value){
                        .type = 't',
                        .t = date_text(arena, date_from_day(period.from_day))});
    put_value(pass, (struct db_value){
                        .type = 't',
                        .t = date_text(arena, date_from_day(period.to_day))});
    put_value(pass, (struct db_value){
                        .type = 'i',
                        .i = calendar_day_end(task, period.from_day - 1) + 1});
    put_value(pass,
              (struct db_value){.type = 'i',
                                .i = calendar_day_end(task, period.to_day)});
    return ERROR_NONE;
}

/* An expression as SQL, its values bound; "" when there is none. */
static enum error translate_one(struct writing *writing, struct str text,
                                enum sql_type type, struct str *out)
{
    struct task *task = writing->task;
    struct pass *pass = writing->pass;
    struct condition condition = {
        .form = writing->form,
        .alias = "r.",
        .person = writing->person || is_person(writing->form->name)
                      ? form_of(task, STR("person"))
                      : NULL,
        .person_alias = writing->person ? "p." : "r.",
        .from_day = writing->period.from_day,
        .to_day = writing->period.to_day,
        .first = pass->values + 1,
        .dialect = writing->dialect};
    struct expr_sql sql;

    *out = STR("");
    if (!text.size)
        return ERROR_NONE;
    if (condition_sql(task, &condition, text, type, &sql, writing->err))
        return writing->err->code;
    if (pass->values + sql.count > VALUES_MAX)
        return err_set(writing->err, ERROR_INPUT,
                       N_("La expresión es demasiado larga para hacer una "
                          "consulta de ella."),
                       NULL, NULL, NULL);
    condition_values(&sql, pass->value + pass->values);
    pass->values += sql.count;
    *out = sql.text;
    return ERROR_NONE;
}

static enum error no_date(struct writing *writing, struct str name)
{
    return err_set(writing->err, ERROR_INPUT,
                   N_("«{1}» no es una pregunta de fecha de «{2}». Escriba "
                      "una, o _created."),
                   str_c(writing->task->arena, name),
                   str_c(writing->task->arena, writing->form->name), NULL);
}

/* Within the period; a question of days or of instants. */
static enum error put_period(struct writing *writing, struct str date)
{
    const struct question *question = form_find(writing->form, date);
    bool days = question && (question->type == QUESTION_DATE ||
                             question->type == QUESTION_TODAY);
    bool instants = question && (question->type == QUESTION_DATETIME ||
                                 question->type == QUESTION_START ||
                                 question->type == QUESTION_END);
    /* "+": not by an index, see query_text() */
    const char *plus = writing->dialect == SQL_SQLITE ? "+" : "";
    struct str name;

    if (!date.size)
        return ERROR_NONE;
    if (str_equal_c(date, "_created"))
        name = STR("r._created");
    else if ((days || instants) && !question->repeat)
        name =
            str_format(writing->task->arena, "%sr.{%.*s.%.*s}", plus,
                       STR_ARGS(writing->form->name), STR_ARGS(question->key));
    else
        return no_date(writing, date);
    buf_printf(&writing->where,
               days ? "%.*s >= $2 AND %.*s <= $3" : "%.*s >= $4 AND %.*s <= $5",
               STR_ARGS(name), STR_ARGS(name));
    return ERROR_NONE;
}

static size_t put_column(struct writing *writing, const char *before,
                         struct str sql, const char *after)
{
    buf_puts(&writing->columns, before);
    buf_put(&writing->columns, sql);
    buf_puts(&writing->columns, after);
    return writing->column++;
}

static enum error put_condition(struct writing *writing,
                                struct measured *measured, bool first)
{
    const struct measure *measure = measured->measure;
    struct str filter, condition;
    size_t from;
    enum error error;

    buf_puts(&writing->where, first ? "(" : " OR (");
    from = writing->where.size;
    writing->at = "date";
    error = put_period(writing, measure->date);
    writing->at = error ? writing->at : "filter";
    if (!error)
        error = translate_one(writing, measure->filter, SQL_BOOL, &filter);
    if (error)
        return error;
    if (filter.size)
        buf_printf(&writing->where, "%s%.*s", measure->date.size ? " AND " : "",
                   STR_ARGS(filter));
    else if (!measure->date.size)
        buf_puts(&writing->where, "1 = 1");
    condition =
        str_copy(writing->task->arena, str_slice(buf_str(&writing->where), from,
                                                 writing->where.size));
    buf_puts(&writing->where, ")");
    measured->in =
        put_column(writing, ", CASE WHEN ", condition, " THEN 1 ELSE 0 END");
    return ERROR_NONE;
}

static enum error no_split(struct writing *writing, struct str name)
{
    return err_set(writing->err, ERROR_INPUT,
                   N_("«{1}» no es una pregunta de «{2}» por la que se pueda "
                      "separar: elija una de opción única."),
                   str_c(writing->task->arena, name),
                   str_c(writing->task->arena, writing->form->name), NULL);
}

static enum error put_split(struct writing *writing, struct measured *measured)
{
    writing->at = "by";
    for (size_t i = 0; i < measured->measure->by_count; i++) {
        const struct form *form;
        const struct question *question =
            measure_by(writing->task, measured->measure, i, &form);

        if (!question)
            return no_split(writing, measured->measure->by[i]);
        measured->by[i] = put_column(
            writing, ", coalesce(",
            str_format(writing->task->arena, "%s.{%.*s.%.*s}",
                       form == writing->form ? "r" : "p", STR_ARGS(form->name),
                       STR_ARGS(question->key)),
            ", '')");
    }
    return ERROR_NONE;
}

static enum error put_measure(struct writing *writing,
                              struct measured *measured, bool first)
{
    const struct measure *measure = measured->measure;
    struct str sql;
    enum error error = put_condition(writing, measured, first);

    if (error)
        return error;
    writing->at = "numerator";
    error = translate_one(writing, measure->numerator, SQL_BOOL, &sql);
    if (!error && sql.size)
        measured->good =
            put_column(writing, ", CASE WHEN ", sql, " THEN 1 ELSE 0 END");
    if (error)
        return error;
    writing->at = "amount";
    error = translate_one(writing, measure->amount, SQL_NUMBER, &sql);
    if (!error && sql.size)
        measured->amount = put_column(writing, ", ", sql, "");
    return error ? error : put_split(writing, measured);
}

/* --- the query -------------------------------------------------------------
 */

/* Sex, age, nationality, birth: the person's, or the record's own. */
static void put_who(struct buf *out, const struct form *form, const char *alias)
{
    for (size_t i = 0; i < WHO; i++)
        if (has_column(form, who_keys[i]))
            buf_printf(out, ", coalesce(%s.{%.*s.%s}, '')", alias,
                       STR_ARGS(form->name), who_keys[i]);
        else
            buf_puts(out, ", ''");
    if (is_person(form->name))
        buf_printf(out,
                   ", coalesce(%s.{person.birth_date}, ''),"
                   " %s.{person.age_years}, coalesce(%s.{person.age_on}, ''),"
                   " %s._id",
                   alias, alias, alias, alias);
    else
        buf_puts(out, ", '', 0, '', NULL");
}

static const char *query_text(struct writing *writing)
{
    struct arena *arena = writing->task->arena;
    const struct form *form = writing->form;
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "SELECT r._id, ");
    if (writing->person) {
        buf_puts(&out, "coalesce(r._subject, '')");
        put_who(&out, form_of(writing->task, STR("person")), "p");
    } else {
        buf_puts(&out, is_person(form->name) ? "r._id" : "''");
        put_who(&out, form, "r");
    }
    buf_put(&out, buf_str(&writing->columns));
    buf_printf(&out, " FROM {%.*s} AS r", STR_ARGS(form->name));
    if (writing->person)
        buf_puts(&out, " LEFT JOIN {person} AS p ON p._site = $1 AND"
                       " p._id = r._subject");
    /* of what was erased, only what was left for the figures (residue.csv) */
    buf_puts(&out, " WHERE r._site = $1 AND (r._state <> 'erased'");
    if (!writing->pass->listed)
        buf_puts(&out, " OR r._other IS NOT NULL");
    buf_puts(&out, ") AND (");
    buf_put(&out, buf_str(&writing->where));
    buf_puts(&out, ")");
    /* SQLite keeps the table in this order and would otherwise take an index
     * and jump to each row: 5 times slower over 90,000 rows. PostgreSQL knows
     * how many rows a period has and chooses better. */
    if (writing->dialect == SQL_SQLITE)
        buf_puts(&out, " ORDER BY r._site, r._id");
    return str_c(arena, buf_str(&out));
}

static bool is_plain(struct str word)
{
    for (size_t i = 0; i < word.size; i++) {
        char c = word.at[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' &&
            c != '-')
            return false;
    }
    return word.size > 0;
}

/* The texts that are files, for report_own.def. The query runs for the house
 * and for each of its rooms ($1): only the house has them. */
static void put_shipped(const struct task *task, struct buf *out)
{
    const struct know *know = task->office->know;
    struct str home = office_home(task->office);

    home = is_plain(home) ? home : STR("");
    buf_puts(out, "shipped (name, tongue) AS (SELECT column1, column2 FROM"
                  " (VALUES ('', '')");
    for (size_t i = 0; know && i < know->count; i++)
        if (is_plain(know->notice[i].name) &&
            is_plain(know->notice[i].language))
            buf_printf(out, ", ('%.*s', '%.*s')",
                       STR_ARGS(know->notice[i].name),
                       STR_ARGS(know->notice[i].language));
    buf_printf(out, ") AS texts WHERE $1 = '%.*s')", STR_ARGS(home));
}

/* A query of the program's own, with the person beside it. */
static enum error write_own(struct task *task, struct pass *pass)
{
    struct measured *measured = &pass->measured[0];
    const char *query = own_query(measured->measure->query);
    struct buf out;

    buf_init(&out, task->arena);
    buf_puts(&out, "WITH ");
    if (strstr(query, "shipped")) {
        put_shipped(task, &out);
        buf_puts(&out, ", ");
    }
    buf_puts(&out, "q (id, person, good, amount) AS (");
    buf_puts(&out, query);
    buf_puts(&out, ") SELECT q.id, q.person");
    put_who(&out, form_of(task, STR("person")), "p");
    buf_puts(&out,
             ", q.good, q.amount FROM q LEFT JOIN {person} AS p ON p._site = $1"
             " AND p._id = q.person");
    if (pass->listed)
        buf_puts(&out, " WHERE NOT EXISTS (SELECT 1 FROM record AS e WHERE"
                       " e.site = $1 AND e.id = q.id AND"
                       " e.state = 'erased')");
    measured->in = NO_COLUMN;
    measured->good = ROW_OWN;
    measured->amount = ROW_OWN + 1;
    pass->sql = str_c(task->arena, buf_str(&out));
    return ERROR_NONE;
}

enum error pass_write(struct task *task, struct period period,
                      enum sql_dialect dialect, struct pass *pass,
                      struct measure_wrong *wrong, struct err *err)
{
    const struct measure *first = pass->measured[0].measure;
    struct writing writing = {.task = task,
                              .period = period,
                              .pass = pass,
                              .form = form_of(task, first->kind),
                              .dialect = dialect,
                              .column = ROW_OWN,
                              .err = err};
    enum error error = start_values(task, period, pass, err);

    if (error)
        return error;
    *wrong = (struct measure_wrong){0, "kind"};
    if (first->query.size)
        return write_own(task, pass);
    if (!writing.form)
        return err_set(err, ERROR_INPUT, N_("No hay ningún formulario «{1}»."),
                       str_c(task->arena, first->kind), NULL, NULL);
    writing.person = measure_has_person(task, first) && !is_person(first->kind);
    buf_init(&writing.where, task->arena);
    buf_init(&writing.columns, task->arena);
    for (size_t i = 0; i < pass->count && !error; i++) {
        wrong->which = i;
        error = put_measure(&writing, &pass->measured[i], i == 0);
        wrong->column = writing.at;
    }
    if (!error)
        pass->sql = query_text(&writing);
    return !error && arena_failed(task->arena) ? err_memory(err) : error;
}

enum error pass_open(struct task *task, const struct pass *pass,
                     struct rows *rows, struct err *err)
{
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena, pass->sql, err);

    if (!sql)
        return err->code;
    return db_query_values(task->db, rows, err, sql, pass->value, pass->values);
}
