/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_sum.c - functions that give numbers: rounding, the least and the most,
 * and what is counted over the rows of a repeat. */
#include "form/expr/sql_private.h"

#include <math.h>

static bool is_call(const struct expr *call, enum expr_function_id id)
{
    return call->function && call->function->id == id;
}

/* --- rows of a repeat ------------------------------------------------------
 */

/* The question, or the repeat itself, one repeat below the record at hand. */
static const struct question *counted(struct sql *sql, const struct expr *path)
{
    const struct question *question[EXPR_STEPS_MAX], *target;
    const struct sql_options *options = sql->options;
    const struct question *row = options->node ? options->node->repeat : NULL;

    if (path->kind != EXPR_KIND_PATH || path->general || path->predicates ||
        path->root == EXPR_ROOT_INSTANCE || path->step_count == 0 ||
        !options->form || row || sql->inside ||
        !expr_resolve(options->form, options->node, path, question))
        return NULL;
    target = question[path->step_count - 1];
    if (!target)
        return NULL;
    if (target->type == QUESTION_REPEAT)
        return target->repeat ? NULL : target;
    return target->repeat && !target->repeat->repeat ? target : NULL;
}

static struct str rows_of(struct sql *sql, const struct question *repeat)
{
    const struct sql_options *options = sql->options;

    if (options->rows)
        return options->rows(options->context, repeat);
    return SQL_FILL2(sql,
                     "{@1.@2} WHERE {@1.@2}._site = {@1}._site AND "
                     "{@1.@2}._record = {@1}._id",
                     options->form->name, repeat->key);
}

static struct str aggregate(struct sql *sql, const struct expr *call,
                            const struct question *target)
{
    const struct question *repeat =
        target->type == QUESTION_REPEAT ? target : target->repeat;
    struct str number, rows = rows_of(sql, repeat);

    if (is_call(call, EXPR_FUNCTION_count))
        return sql_real(sql, SQL_FILL1(sql, "(SELECT COUNT(*) FROM @1)", rows));
    if (target == repeat) {
        sql_fail(sql, call,
                 N_("La función del carácter {1} no se puede usar en una "
                    "consulta: {2}"));
        return STR("NULL");
    }
    sql->inside = repeat;
    if (is_call(call, EXPR_FUNCTION_count_non_empty))
        number = sql_real(
            sql,
            SQL_FILL2(sql, "(SELECT COUNT(CASE WHEN @2 THEN 1 END) FROM @1)",
                      rows, sql_bool(sql, call->arg[0])));
    else if (is_call(call, EXPR_FUNCTION_sum))
        number = SQL_FILL2(sql,
                           "(SELECT CASE WHEN COUNT(*) = COUNT(@2) THEN "
                           "COALESCE(SUM(@2), 0.0) END FROM @1)",
                           rows, sql_number(sql, call->arg[0]));
    else
        number = SQL_FILL3(sql,
                           "(SELECT CASE WHEN COUNT(*) = COUNT(@2) THEN @3(@2) "
                           "END FROM @1)",
                           rows, sql_number(sql, call->arg[0]),
                           is_call(call, EXPR_FUNCTION_min) ? STR("MIN")
                                                            : STR("MAX"));
    sql->inside = NULL;
    return number;
}

/* --- numbers ---------------------------------------------------------------
 */

static struct str extreme(struct sql *sql, const struct expr *call)
{
    const char *template =
        is_call(call, EXPR_FUNCTION_min)
            ? "(CASE WHEN @1 IS NULL OR @2 IS NULL THEN NULL WHEN @2 < @1 THEN "
              "@2 ELSE @1 END)"
            : "(CASE WHEN @1 IS NULL OR @2 IS NULL THEN NULL WHEN @2 > @1 THEN "
              "@2 ELSE @1 END)";
    struct str best = sql_number(sql, call->arg[0]);

    for (size_t i = 1; i < call->arg_count && !sql->code; i++)
        best = SQL_FILL2(sql, template, best, sql_number(sql, call->arg[i]));
    return best;
}

/* As the evaluator's: halves go up; a decimal comma is read in a text. */
static struct str call_round(struct sql *sql, const struct expr *call)
{
    struct expr_result value = {0};
    double places = 0, ten = 1;
    struct str number, scale;

    if (call->arg_count > 1) {
        places = NAN;
        if (sql_constant(call->arg[1]) &&
            sql_evaluate(sql, call->arg[1], &value))
            places = trunc(expr_to_number(&value));
    }
    if (!(fabs(places) <= 15)) {
        sql_fail(sql, call,
                 N_("En una consulta, los números de la función del carácter "
                    "{1} deben ser fijos: {2}"));
        return STR("NULL");
    }
    number = sql_number(sql, call->arg[0]);
    if (call->arg[0]->kind == EXPR_KIND_PATH) {
        const struct question *question = sql_question(sql, call->arg[0]);

        if (question && sql_kept(question) == KEPT_TEXT)
            number =
                sql_text_number(sql, SQL_FILL1(sql, "replace(@1, ',', '.')",
                                               sql_text(sql, call->arg[0])));
    }
    for (double i = 0; i < fabs(places); i++)
        ten *= 10;
    scale = sql_bind_number(sql, ten);
    if (places < 0)
        return SQL_FILL2(
            sql, "(@1 * @2)",
            sql_whole(sql, SQL_FILL2(sql, "@1 / @2 + 0.5", number, scale),
                      true),
            scale);
    return SQL_FILL3(
        sql, "(CASE WHEN abs(@1) < 1e15 / @2 THEN @3 / @2 ELSE @1 END)", number,
        scale,
        sql_whole(sql, SQL_FILL2(sql, "@1 * @2 + 0.5", number, scale), true));
}

static struct str count_selected(struct sql *sql, const struct expr *call)
{
    const struct question *question = sql_question(sql, call->arg[0]);
    struct str text;

    if (!question || (question->type != QUESTION_SELECT_MULTIPLE &&
                      question->type != QUESTION_RANK)) {
        sql_fail(sql, call,
                 N_("En una consulta, la función del carácter {1} necesita una "
                    "pregunta de varias opciones: {2}"));
        return STR("NULL");
    }
    text = sql_text(sql, call->arg[0]);
    return sql_real(sql, SQL_FILL1(sql,
                                   "CASE WHEN @1 = '' THEN 0 ELSE length(@1) - "
                                   "length(replace(@1, ' ', '')) + 1 END",
                                   text));
}

static struct str call_simple(struct sql *sql, const struct expr *call)
{
    struct str number = sql_number(sql, call->arg[0]);

    switch (call->function->id) {
    case EXPR_FUNCTION_int:
        return sql_whole(sql, number, false);
    case EXPR_FUNCTION_floor:
        return sql_whole(sql, number, true);
    case EXPR_FUNCTION_ceiling:
        return SQL_FILL1(sql, "(-@1)",
                         sql_whole(sql, SQL_FILL1(sql, "-@1", number), true));
    case EXPR_FUNCTION_abs:
        return SQL_FILL1(sql, "abs(@1)", number);
    case EXPR_FUNCTION_decimal_date_time:
        return SQL_FILL2(
            sql, "(@1 - @2)", number,
            sql_bind_number(sql, sql->options->utc_offset / 86400.0));
    default:
        return number;
    }
}

/* decimal-date-time() of a text that is a number is an error when evaluated;
 * of a column of dates it cannot be one. */
static bool dates_only(struct sql *sql, const struct expr *call)
{
    const struct question *question =
        is_call(call, EXPR_FUNCTION_decimal_date_time)
            ? sql_question(sql, call->arg[0])
            : NULL;

    if (!is_call(call, EXPR_FUNCTION_decimal_date_time) ||
        (question && (sql_kept(question) == KEPT_DATE ||
                      sql_kept(question) == KEPT_INSTANT)))
        return true;
    sql_fail(sql, call,
             N_("En una consulta, la función del carácter {1} necesita una "
                "pregunta de fecha: {2}"));
    return false;
}

bool sql_call_number(struct sql *sql, const struct expr *call, struct str *out)
{
    const struct question *rows;
    enum sql_type type;

    if (is_call(call, EXPR_FUNCTION_if)) {
        *out = SQL_FILL3(sql, "(CASE WHEN @1 THEN @2 ELSE @3 END)",
                         sql_bool(sql, call->arg[0]),
                         sql_number(sql, call->arg[1]),
                         sql_number(sql, call->arg[2]));
        return true;
    }
    if (!sql_call_type(call, &type) || type != SQL_NUMBER)
        return false;
    rows = call->arg_count == 1 ? counted(sql, call->arg[0]) : NULL;
    switch (call->function->id) {
    case EXPR_FUNCTION_min:
    case EXPR_FUNCTION_max:
        *out = rows ? aggregate(sql, call, rows) : extreme(sql, call);
        return true;
    case EXPR_FUNCTION_sum:
    case EXPR_FUNCTION_count:
    case EXPR_FUNCTION_count_non_empty:
        if (rows)
            *out = aggregate(sql, call, rows);
        else
            sql_fail(sql, call,
                     N_("La función del carácter {1} no se puede usar en una "
                        "consulta: {2}"));
        if (!rows)
            *out = STR("NULL");
        return true;
    case EXPR_FUNCTION_round:
        *out = call_round(sql, call);
        return true;
    case EXPR_FUNCTION_count_selected:
        *out = count_selected(sql, call);
        return true;
    case EXPR_FUNCTION_string_length:
        if (call->arg_count == 0)
            return false;
        *out = sql_real(
            sql, SQL_FILL1(sql, "length(@1)", sql_text(sql, call->arg[0])));
        return true;
    default:
        if (call->arg_count == 0 || !dates_only(sql, call))
            return false;
        *out = call_simple(sql, call);
        return true;
    }
}
