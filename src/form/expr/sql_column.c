/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_column.c - answers as SQL: columns, and texts that are numbers or days.
 * An answer that is not there is NULL in its column, "" as a text, no number,
 * and false. */
#include "form/expr/sql_private.h"

const struct question *sql_question(struct sql *sql, const struct expr *path)
{
    const struct question *question[EXPR_STEPS_MAX], *target;
    const struct sql_options *options = sql->options;
    const struct question *row = options->node ? options->node->repeat : NULL;

    if (options->find && path->kind == EXPR_KIND_PATH &&
        path->root == EXPR_ROOT_NAME && path->step_count == 1 &&
        !path->predicates &&
        (target = options->find(options->context, path->step[0].name)) != NULL)
        return target;
    if (sql->inside)
        row = sql->inside;
    if (path->kind != EXPR_KIND_PATH || path->general || path->predicates ||
        path->root == EXPR_ROOT_INSTANCE || path->step_count == 0 ||
        !options->form ||
        !expr_resolve(options->form, options->node, path, question) ||
        !question[path->step_count - 1]) {
        sql_fail(sql, path,
                 N_("La ruta del carácter {1} no se puede usar en una "
                    "consulta."));
        return NULL;
    }
    target = question[path->step_count - 1];
    if (!question_has_value(target) || target->repeat != row) {
        sql_fail(sql, path,
                 N_("La ruta del carácter {1} lleva a otra fila o a un grupo: "
                    "no se puede usar en una consulta."));
        return NULL;
    }
    return target;
}

enum sql_kept sql_kept(const struct question *question)
{
    switch (question->type) {
    case QUESTION_INTEGER:
        return KEPT_WHOLE;
    case QUESTION_DECIMAL:
    case QUESTION_RANGE:
        return KEPT_NUMBER;
    case QUESTION_DATE:
    case QUESTION_TODAY:
        return KEPT_DATE;
    case QUESTION_DATETIME:
    case QUESTION_START:
    case QUESTION_END:
        return KEPT_INSTANT;
    default:
        return question_has_value(question) ? KEPT_TEXT : KEPT_NOTHING;
    }
}

static void put_path(struct buf *out, const struct question *question)
{
    if (question->repeat) {
        put_path(out, question->repeat);
        buf_putc(out, '.');
    }
    buf_put(out, question->key);
}

struct str sql_column_name(struct sql *sql, const struct question *question)
{
    const struct sql_options *options = sql->options;
    struct buf out;

    if (options->column)
        return options->column(options->context, question);
    buf_init(&out, sql->arena);
    buf_putc(&out, '{');
    buf_put(&out, options->form->name);
    buf_putc(&out, '.');
    put_path(&out, question);
    buf_putc(&out, '}');
    return buf_str(&out);
}

/* --- texts that are numbers ------------------------------------------------
 */

/* Day number of v, a whole date as text; NULL when it is none. */
static const char *const sqlite_day =
    "CASE WHEN length(v) = 10 AND date(v) = v AND v >= '0001' "
    "THEN julianday(v) - 2440587.5 END";
static const char *const postgresql_day =
    "CASE WHEN v ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' "
    "AND substr(v, 1, 4) <> '0000' THEN CASE WHEN CAST(substr(v, 9, 2) AS "
    "BIGINT) <= extract(day FROM CAST(substr(v, 1, 7) || '-01' AS date) + "
    "INTERVAL '1 month' - INTERVAL '1 day') THEN CAST(CAST(v AS date) - DATE "
    "'1970-01-01' AS double precision) END END";

/* Number of v, digits with at most a point and a minus. */
static const char *const sqlite_plain =
    "CASE WHEN v GLOB '*[0-9]*' AND length(v) <= 100 AND "
    "length(v) - length(replace(v, '.', '')) <= 1 AND "
    "(CASE WHEN substr(v, 1, 1) = '-' THEN substr(v, 2) ELSE v END) "
    "NOT GLOB '*[^0-9.]*' THEN CAST(v AS REAL) END";
static const char *const postgresql_plain =
    "CASE WHEN v ~ '^-?([0-9]+[.]?[0-9]*|[.][0-9]+)$' AND length(v) <= 100 "
    "THEN CAST(v AS double precision) END";

struct str sql_text_number(struct sql *sql, struct str text)
{
    struct str trimmed =
        SQL_FILL2(sql, sql_pick(sql, "trim(@1, @2)", "btrim(@1, @2)").at, text,
                  sql_bind_text(sql, STR(" \t\r\n\f\v")));

    return sql_fill(sql,
                    "(SELECT COALESCE(@2, @3) FROM (SELECT @1 AS v) AS one)",
                    trimmed, sql_pick(sql, sqlite_plain, postgresql_plain),
                    sql_pick(sql, sqlite_day, postgresql_day), STR_NULL);
}

/* A date, perhaps partial: its first day. */
static struct str date_number(struct sql *sql, struct str column)
{
    return SQL_FILL2(sql,
                     "(SELECT @2 FROM (SELECT CASE WHEN length(@1) IN (4, 7, "
                     "10) THEN @1 || substr('-01-01', "
                     "CAST(length(@1) - 3 AS INTEGER)) END AS v) AS one)",
                     column, sql_pick(sql, sqlite_day, postgresql_day));
}

/* floor() or trunc(): SQLite has them only when so compiled. Beyond 1e15 a
 * double has no fraction worth the name. */
struct str sql_whole(struct sql *sql, struct str number, bool down)
{
    const char *sqlite =
        down ? "CAST(CAST(v AS INTEGER) - (v < CAST(v AS INTEGER)) AS REAL)"
             : "CAST(CAST(v AS INTEGER) AS REAL)";
    const char *postgresql = down ? "floor(v)" : "trunc(v)";

    return SQL_FILL2(sql,
                     "(SELECT CASE WHEN abs(v) < 1e15 THEN @2 ELSE v END FROM "
                     "(SELECT @1 AS v) AS one)",
                     number, sql_pick(sql, sqlite, postgresql));
}

/* --- columns ---------------------------------------------------------------
 */

struct str sql_column_text(struct sql *sql, const struct expr *expr)
{
    const struct question *question = sql_question(sql, expr);
    struct str column;

    if (!question)
        return STR("NULL");
    column = sql_column_name(sql, question);
    switch (sql_kept(question)) {
    case KEPT_TEXT:
    case KEPT_DATE:
        return SQL_FILL1(sql, "COALESCE(@1, '')", column);
    case KEPT_WHOLE:
        return SQL_FILL1(sql, "COALESCE(CAST(@1 AS TEXT), '')", column);
    case KEPT_NUMBER:
    case KEPT_INSTANT:
    case KEPT_NOTHING:
        break;
    }
    sql_fail(sql, expr,
             N_("En una consulta, un número con decimales o una fecha con hora "
                "no se puede usar como texto (carácter {1})."));
    return STR("NULL");
}

struct str sql_column_number(struct sql *sql, const struct expr *expr)
{
    const struct question *question = sql_question(sql, expr);
    struct str column;

    if (!question)
        return STR("NULL");
    column = sql_column_name(sql, question);
    switch (sql_kept(question)) {
    case KEPT_WHOLE:
    case KEPT_NUMBER:
        return sql_real(sql, column);
    case KEPT_DATE:
        return date_number(sql, column);
    case KEPT_INSTANT:
        return SQL_FILL3(
            sql, "((CAST(@1 AS @2) + @3) / 86400000.0)", column,
            sql_pick(sql, "REAL", "double precision"),
            sql_bind_number(sql, sql->options->utc_offset * 1000.0));
    case KEPT_TEXT:
    case KEPT_NOTHING:
        break;
    }
    return sql_text_number(sql, SQL_FILL1(sql, "COALESCE(@1, '')", column));
}

struct str sql_column_bool(struct sql *sql, const struct expr *expr)
{
    const struct question *question = sql_question(sql, expr);
    enum sql_kept kept;

    if (!question)
        return STR("NULL");
    kept = sql_kept(question);
    return SQL_FILL1(sql,
                     kept == KEPT_TEXT || kept == KEPT_DATE
                         ? "(COALESCE(@1, '') <> '')"
                         : "(@1 IS NOT NULL)",
                     sql_column_name(sql, question));
}
