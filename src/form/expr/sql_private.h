/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_private.h - what the parts of the translator share. Pieces of SQL are
 * texts; a piece that stands in several places refers to the same parameters.
 */
#ifndef COBIJO_EXPR_SQL_PRIVATE_H
#define COBIJO_EXPR_SQL_PRIVATE_H

#include "form/expr/sql.h"
#include "form/expr/tree.h"

/* How a question's answers are kept (doc/sql.md, Projections). */
enum sql_kept {
    KEPT_TEXT,
    KEPT_DATE,    /* text, perhaps partial */
    KEPT_WHOLE,   /* BIGINT */
    KEPT_NUMBER,  /* DOUBLE, or BIGINT of a range */
    KEPT_INSTANT, /* BIGINT, ms */
    KEPT_NOTHING
};

struct sql {
    const struct sql_options *options;
    struct arena *arena;
    struct sql_parameter *parameter;
    size_t count;
    const struct question *inside; /* the repeat that an aggregate reads */
    struct err *err;
    enum error code;
};

void sql_fail(struct sql *sql, const struct expr *expr, const char *msgid);
/* The template with @1 … @4 filled in. */
struct str sql_fill(struct sql *sql, const char *template, struct str one,
                    struct str two, struct str three, struct str four);
#define SQL_FILL1(sql, template, a)                                            \
    sql_fill(sql, template, a, STR_NULL, STR_NULL, STR_NULL)
#define SQL_FILL2(sql, template, a, b)                                         \
    sql_fill(sql, template, a, b, STR_NULL, STR_NULL)
#define SQL_FILL3(sql, template, a, b, c)                                      \
    sql_fill(sql, template, a, b, c, STR_NULL)
/* The dialect's own. */
struct str sql_pick(const struct sql *sql, const char *sqlite,
                    const char *postgresql);
/* A double: PostgreSQL would count in decimals. */
struct str sql_real(struct sql *sql, struct str number);
struct str sql_bind_text(struct sql *sql, struct str text);
struct str sql_bind_number(struct sql *sql, double number);

/* sql.c: every expression, as what is wanted. */
enum sql_type sql_type_of(struct sql *sql, const struct expr *expr);
struct str sql_text(struct sql *sql, const struct expr *expr);
struct str sql_number(struct sql *sql, const struct expr *expr);
struct str sql_bool(struct sql *sql, const struct expr *expr);
/* Without paths, so that it can be worked out now. */
bool sql_constant(const struct expr *expr);
bool sql_evaluate(struct sql *sql, const struct expr *expr,
                  struct expr_result *result);

/* sql_column.c */
const struct question *sql_question(struct sql *sql, const struct expr *path);
enum sql_kept sql_kept(const struct question *question);
struct str sql_column_text(struct sql *sql, const struct expr *expr);
struct str sql_column_number(struct sql *sql, const struct expr *expr);
struct str sql_column_bool(struct sql *sql, const struct expr *expr);
struct str sql_column_name(struct sql *sql, const struct question *question);
struct str sql_text_number(struct sql *sql, struct str text);
struct str sql_whole(struct sql *sql, struct str number, bool down);

/* sql_compare.c */
struct str sql_compare(struct sql *sql, const struct expr *expr);

/* sql_function.c; false when the call gives something else. */
bool sql_call_text(struct sql *sql, const struct expr *call, struct str *out);
bool sql_call_number(struct sql *sql, const struct expr *call, struct str *out);
bool sql_call_bool(struct sql *sql, const struct expr *call, struct str *out);
bool sql_call_type(const struct expr *call, enum sql_type *type);

#endif
