/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql.h - an expression as SQL, for SQLite and for PostgreSQL, from the tree
 * that the evaluator walks; both give the same result.
 *
 * The text is a scalar expression with parameters $1 … of which the kinds are
 * given; columns are {form.key}, as project_sql fills them in, or what the
 * caller says. What has no path (today(), 2 * 3, date('2026-01-01')) is worked
 * out here and bound. "Not a number" is NULL; a truth is never NULL.
 *
 * What is not translated is refused with a reason: functions that SQL has not
 * in both databases (regex, pow, translate, sin, …), paths to other rows,
 * predicates, decimals and instants as text. Limits of what is: a text column
 * that holds an instant is no number here; numbers in texts have at most 100
 * characters, and -0 is 0. PostgreSQL refuses what overflows a double.
 */
#ifndef COBIJO_EXPR_SQL_H
#define COBIJO_EXPR_SQL_H

#include "core/buf.h"
#include "form/expr/expr.h"

enum sql_dialect { SQL_SQLITE, SQL_POSTGRESQL };
enum sql_type { SQL_TEXT, SQL_NUMBER, SQL_BOOL };

enum { SQL_SIZE_MAX = 64 * 1024 };

struct sql_parameter {
    enum sql_type type; /* SQL_TEXT or SQL_NUMBER */
    struct str text;
    double number;
};

struct sql_options {
    enum sql_dialect dialect;
    const struct form *form;
    const struct question *node; /* as expr_scope; its repeat is the row */
    struct str language;
    int64_t now;
    int utc_offset;
    size_t first; /* number of the first parameter; 0: 1 */
    void *context;
    /* How a question's column is written; NULL: {form.key}. */
    struct str (*column)(void *context, const struct question *question);
    /* "table WHERE condition": the rows of a repeat that belong to the record
     * at hand; NULL: {form.repeat} by _site and _record of {form}. */
    struct str (*rows)(void *context, const struct question *repeat);
    /* Names that are no question of the form (of a record that this one is
     * linked to), asked first; the answer goes to column(). NULL: none. */
    const struct question *(*find)(void *context, struct str name);
};

struct expr_sql {
    struct str text;
    enum sql_type type;
    const struct sql_parameter *parameter;
    size_t count;
};

/* The expression as it is, or as a truth, a number or a text. ERROR_INPUT with
 * the reason when it cannot be told in SQL. The tree is bound to the form. */
enum error expr_to_sql(const struct expr *expr,
                       const struct sql_options *options, struct arena *arena,
                       struct expr_sql *sql, struct err *err);
enum error expr_to_sql_as(const struct expr *expr, enum sql_type type,
                          const struct sql_options *options,
                          struct arena *arena, struct expr_sql *sql,
                          struct err *err);

#endif
