/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_compare.c - comparisons as SQL. As the evaluator does: < and its like
 * compare numbers; = and != compare truths when one side is one, numbers when
 * one side is one, else texts. A truth in SQL is never NULL. */
#include "form/expr/sql_private.h"

#include <math.h>

#include "core/date.h"
#include "form/expr/eval.h"

/* A side of an equality: a column, or a text known now. */
struct side {
    const struct expr *expr;
    const struct question *question;
    enum sql_kept kept;
    bool constant;
    struct str text;
};

static struct side side_of(struct sql *sql, const struct expr *expr)
{
    struct side side = {.expr = expr, .kept = KEPT_TEXT};
    struct expr_result value = {0};

    side.constant = sql_constant(expr);
    if (side.constant && sql_evaluate(sql, expr, &value)) {
        side.text = expr_to_text(&value, sql->arena);
    } else if (expr->kind == EXPR_KIND_PATH) {
        side.question = sql_question(sql, expr);
        if (side.question)
            side.kept = sql_kept(side.question);
    }
    return side;
}

static struct str is_null(struct sql *sql, const struct side *side)
{
    return SQL_FILL1(sql, "(@1 IS NULL)", sql_column_name(sql, side->question));
}

static struct str number_is(struct sql *sql, struct str a, double b)
{
    return SQL_FILL2(sql, "COALESCE(@1 = @2, 1 = 0)", a,
                     sql_bind_number(sql, b));
}

/* Numbers in columns are written in the one way that numbers print. */
static struct str decimal_is(struct sql *sql, const struct side *side,
                             struct str text)
{
    double number = text_to_number(text, false, 0);

    if (text.size == 0)
        return is_null(sql, side);
    if (isnan(number) || !str_equal(number_to_text(sql->arena, number), text))
        return STR("(1 = 0)");
    return number_is(sql, sql_column_number(sql, side->expr), number);
}

static bool is_time(struct str text)
{
    return text.size >= 10 && text.at[4] == '-';
}

static struct str instant_is(struct sql *sql, const struct side *side,
                             struct str text)
{
    double number = text_to_number(text, false, sql->options->utc_offset);
    struct str column = sql_column_number(sql, side->expr);

    if (text.size == 0)
        return is_null(sql, side);
    if (!is_time(text) || isnan(number))
        return STR("(1 = 0)");
    if (text.size == 10)
        column = sql_whole(sql, column, true);
    return number_is(sql, column, number);
}

static struct str both_numbers(struct sql *sql, const struct side *a,
                               const struct side *b)
{
    return sql_fill(
        sql, "COALESCE(@1 = @2, (@3 AND @4))", sql_column_number(sql, a->expr),
        sql_column_number(sql, b->expr), is_null(sql, a), is_null(sql, b));
}

static bool is_number(const struct side *side)
{
    return side->question &&
           (side->kept == KEPT_NUMBER || side->kept == KEPT_WHOLE);
}

static struct str refuse(struct sql *sql, const struct expr *expr)
{
    sql_fail(sql, expr,
             N_("En una consulta no se pueden comparar los textos de estas dos "
                "clases de respuestas (carácter {1})."));
    return STR("NULL");
}

/* An instant known now and a text: equal when the text is its day. */
static struct str day_is(struct sql *sql, const struct side *side,
                         struct str text)
{
    double number = text_to_number(text, false, sql->options->utc_offset);

    if (isnan(number) || fabs(number) > 1e7)
        return STR("(1 = 0)");
    return SQL_FILL2(
        sql, "(@1 = @2)", sql_text(sql, side->expr),
        sql_bind_text(
            sql, date_text(sql->arena, date_from_day((int64_t)floor(number)))));
}

static struct str equal_texts(struct sql *sql, const struct expr *expr)
{
    struct side a = side_of(sql, expr->arg[0]), b = side_of(sql, expr->arg[1]);

    if (sql->code)
        return STR("NULL");
    if (a.constant) {
        struct side swap = a;

        a = b;
        b = swap;
    }
    if (b.constant && a.kept == KEPT_NUMBER)
        return decimal_is(sql, &a, b.text);
    if (b.constant && a.kept == KEPT_INSTANT)
        return instant_is(sql, &a, b.text);
    if (b.constant && b.text.size >= 16 && is_time(b.text)) {
        if (a.kept == KEPT_DATE)
            return day_is(sql, &a, b.text);
        if (a.kept == KEPT_TEXT)
            return refuse(sql, expr);
    }
    if ((a.kept == KEPT_NUMBER && is_number(&b)) ||
        (b.kept == KEPT_NUMBER && is_number(&a)) ||
        (a.kept == KEPT_INSTANT && b.kept == KEPT_INSTANT))
        return both_numbers(sql, &a, &b);
    if (a.kept == KEPT_INSTANT || b.kept == KEPT_INSTANT ||
        a.kept == KEPT_NUMBER || b.kept == KEPT_NUMBER)
        return refuse(sql, expr);
    return SQL_FILL2(sql, "(@1 = @2)", sql_text(sql, a.expr),
                     sql_text(sql, b.expr));
}

static struct str relation(struct sql *sql, const struct expr *expr)
{
    const char *template =
        expr->operation == EXPR_LESS         ? "COALESCE(@1 < @2, 1 = 0)"
        : expr->operation == EXPR_LESS_EQUAL ? "COALESCE(@1 <= @2, 1 = 0)"
        : expr->operation == EXPR_GREATER    ? "COALESCE(@1 > @2, 1 = 0)"
                                             : "COALESCE(@1 >= @2, 1 = 0)";

    return SQL_FILL2(sql, template, sql_number(sql, expr->arg[0]),
                     sql_number(sql, expr->arg[1]));
}

struct str sql_compare(struct sql *sql, const struct expr *expr)
{
    enum sql_type a, b;
    bool equal = expr->operation == EXPR_EQUAL;

    if (!equal && expr->operation != EXPR_NOT_EQUAL)
        return relation(sql, expr);
    a = sql_type_of(sql, expr->arg[0]);
    b = sql_type_of(sql, expr->arg[1]);
    if (sql->code)
        return STR("NULL");
    if (a == SQL_BOOL || b == SQL_BOOL)
        return SQL_FILL2(sql, equal ? "(@1 = @2)" : "(@1 <> @2)",
                         sql_bool(sql, expr->arg[0]),
                         sql_bool(sql, expr->arg[1]));
    if (a == SQL_NUMBER || b == SQL_NUMBER)
        return SQL_FILL2(
            sql,
            equal ? "COALESCE(@1 = @2, 1 = 0)" : "COALESCE(@1 <> @2, 1 = 1)",
            sql_number(sql, expr->arg[0]), sql_number(sql, expr->arg[1]));
    return SQL_FILL1(sql, equal ? "@1" : "(NOT @1)", equal_texts(sql, expr));
}
