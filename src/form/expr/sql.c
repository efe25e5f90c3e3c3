/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql.c - expressions as SQL: constants, operators, conversions. */
#include "form/expr/sql_private.h"

#include <math.h>

void sql_fail(struct sql *sql, const struct expr *expr, const char *msgid)
{
    char place[24], text[40];

    snprintf(place, sizeof place, "%zu", expr->place + 1);
    snprintf(text, sizeof text, "%.*s", STR_ARGS(expr->text));
    if (!sql->code)
        sql->code = err_set(sql->err, ERROR_INPUT, msgid, place, text, NULL);
}

struct str sql_fill(struct sql *sql, const char *template, struct str one,
                    struct str two, struct str three, struct str four)
{
    const struct str part[] = {one, two, three, four};
    struct buf out;

    buf_init(&out, sql->arena);
    for (const char *c = template; *c && out.size <= SQL_SIZE_MAX; c++)
        if (*c == '@' && c[1] >= '1' && c[1] <= '4')
            buf_put(&out, part[*++c - '1']);
        else
            buf_putc(&out, *c);
    if (out.size > SQL_SIZE_MAX && !sql->code)
        sql->code = err_set(sql->err, ERROR_INPUT,
                            N_("La expresión es demasiado larga para hacer una "
                               "consulta de ella."),
                            NULL, NULL, NULL);
    return sql->code ? STR("NULL") : buf_str(&out);
}

struct str sql_pick(const struct sql *sql, const char *sqlite,
                    const char *postgresql)
{
    return str_of(sql->options->dialect == SQL_SQLITE ? sqlite : postgresql);
}

static struct str bind(struct sql *sql, struct sql_parameter parameter)
{
    size_t count = sql->count;
    size_t first = sql->options->first ? sql->options->first : 1;
    struct sql_parameter *room = sql->parameter;

    if ((count & (count - 1)) == 0)
        room = arena_grow(sql->arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return STR("NULL");
    sql->parameter = room;
    room[sql->count++] = parameter;
    return str_format(sql->arena, "$%zu", first + count);
}

struct str sql_real(struct sql *sql, struct str number)
{
    return SQL_FILL2(sql, "CAST(@1 AS @2)", number,
                     sql_pick(sql, "REAL", "double precision"));
}

struct str sql_bind_text(struct sql *sql, struct str text)
{
    return bind(sql, (struct sql_parameter){SQL_TEXT, text, 0});
}

struct str sql_bind_number(struct sql *sql, double number)
{
    if (isnan(number))
        return sql_pick(sql, "CAST(NULL AS REAL)",
                        "CAST(NULL AS double precision)");
    return bind(sql, (struct sql_parameter){SQL_NUMBER, STR_NULL, number});
}

/* --- what can be worked out now --------------------------------------------
 */

static bool call_constant(const struct expr *call)
{
    if (!call->function)
        return false;
    switch (call->function->id) {
    case EXPR_FUNCTION_random:
    case EXPR_FUNCTION_uuid:
    case EXPR_FUNCTION_once:
    case EXPR_FUNCTION_position:
    case EXPR_FUNCTION_last:
    case EXPR_FUNCTION_choice_name:
    case EXPR_FUNCTION_pulldata:
    case EXPR_FUNCTION_itext:
        return false;
    case EXPR_FUNCTION_true:
    case EXPR_FUNCTION_false:
    case EXPR_FUNCTION_today:
    case EXPR_FUNCTION_now:
    case EXPR_FUNCTION_pi:
        return true;
    default:
        return call->arg_count > 0;
    }
}

bool sql_constant(const struct expr *expr)
{
    if (expr->kind == EXPR_KIND_PATH ||
        (expr->kind == EXPR_KIND_CALL && !call_constant(expr)))
        return false;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!sql_constant(expr->arg[i]))
            return false;
    return true;
}

bool sql_evaluate(struct sql *sql, const struct expr *expr,
                  struct expr_result *result)
{
    struct expr_scope scope = {.arena = sql->arena,
                               .language = sql->options->language,
                               .now = sql->options->now,
                               .utc_offset = sql->options->utc_offset};
    struct err err = {0};
    enum error error = expr_eval(expr, &scope, result, &err);

    if (error && !sql->code) {
        sql->code = error;
        if (sql->err)
            *sql->err = err;
    }
    return !error;
}

/* --- types -----------------------------------------------------------------
 */

enum sql_type sql_type_of(struct sql *sql, const struct expr *expr)
{
    enum sql_type type = SQL_TEXT;

    switch (expr->kind) {
    case EXPR_KIND_NUMBER:
        return SQL_NUMBER;
    case EXPR_KIND_TEXT:
    case EXPR_KIND_PATH:
        return SQL_TEXT;
    case EXPR_KIND_OPERATOR:
        return expr->operation < EXPR_ADD ? SQL_BOOL : SQL_NUMBER;
    case EXPR_KIND_CALL:
        break;
    }
    if (expr->function && expr->function->id == EXPR_FUNCTION_if) {
        type = sql_type_of(sql, expr->arg[1]);
        if (type != sql_type_of(sql, expr->arg[2]))
            sql_fail(sql, expr,
                     N_("En una consulta, las dos ramas de if (carácter {1}) "
                        "deben ser del mismo tipo."));
        return type;
    }
    if (!sql_call_type(expr, &type))
        sql_fail(sql, expr,
                 N_("La función del carácter {1} no se puede usar en una "
                    "consulta: {2}"));
    return type;
}

/* --- as a truth ------------------------------------------------------------
 */

static struct str logic(struct sql *sql, const struct expr *expr)
{
    const char *template =
        expr->operation == EXPR_AND ? "(@1 AND @2)" : "(@1 OR @2)";
    struct str all = sql_bool(sql, expr->arg[0]);

    for (size_t i = 1; i < expr->arg_count; i++)
        all = SQL_FILL2(sql, template, all, sql_bool(sql, expr->arg[i]));
    return all;
}

static struct str literal_bool(bool truth)
{
    return truth ? STR("(1 = 1)") : STR("(1 = 0)");
}

struct str sql_bool(struct sql *sql, const struct expr *expr)
{
    struct expr_result value = {0};
    struct str out;

    if (sql->code)
        return STR("NULL");
    if (sql_constant(expr))
        return sql_evaluate(sql, expr, &value)
                   ? literal_bool(expr_to_bool(&value))
                   : STR("NULL");
    if (expr->kind == EXPR_KIND_PATH)
        return sql_column_bool(sql, expr);
    if (expr->kind == EXPR_KIND_OPERATOR && expr->operation <= EXPR_AND)
        return logic(sql, expr);
    if (expr->kind == EXPR_KIND_OPERATOR && expr->operation < EXPR_ADD)
        return sql_compare(sql, expr);
    if (expr->kind == EXPR_KIND_CALL && sql_call_bool(sql, expr, &out))
        return out;
    if (sql_type_of(sql, expr) == SQL_NUMBER)
        return SQL_FILL1(sql, "(COALESCE(@1, 0.0) <> 0.0)",
                         sql_number(sql, expr));
    return SQL_FILL1(sql, "(@1 <> '')", sql_text(sql, expr));
}

/* --- as a number -----------------------------------------------------------
 */

/* Infinity, as XPath has it: with it PostgreSQL makes NaN where SQLite makes
 * NULL; so NaN becomes NULL at once. */
static struct str without_nan(struct sql *sql, struct str number)
{
    return SQL_FILL1(
        sql, sql_pick(sql, "@1", "NULLIF(@1, 'NaN'::double precision)").at,
        number);
}

/* Dividing by -0 gives -Infinity, and SQL does not tell it from 0. */
static bool may_be_minus_zero(const struct expr *expr)
{
    if (expr->kind == EXPR_KIND_PATH || sql_constant(expr))
        return false;
    if (expr->kind == EXPR_KIND_OPERATOR)
        return expr->operation >= EXPR_MULTIPLY ||
               (expr->operation >= EXPR_ADD && may_be_minus_zero(expr->arg[0]));
    switch (expr->function ? expr->function->id : EXPR_FUNCTION_COUNT) {
    case EXPR_FUNCTION_int:
    case EXPR_FUNCTION_round:
    case EXPR_FUNCTION_abs:
    case EXPR_FUNCTION_sum:
    case EXPR_FUNCTION_count:
    case EXPR_FUNCTION_count_non_empty:
    case EXPR_FUNCTION_count_selected:
    case EXPR_FUNCTION_string_length:
        return false;
    default:
        return true;
    }
}

static struct str divide(struct sql *sql, struct str a, struct str b)
{
    struct str infinity = sql_bind_number(sql, INFINITY);
    struct str zero =
        SQL_FILL2(sql, "CASE WHEN @1 > 0.0 THEN @2 WHEN @1 < 0.0 THEN -@2 END",
                  a, infinity);

    return without_nan(
        sql, SQL_FILL3(sql, "CASE WHEN @2 = 0.0 THEN @3 ELSE @1 / @2 END", a, b,
                       zero));
}

/* Whole numbers only: the remainder of others is not the same everywhere. */
static bool is_whole(struct sql *sql, const struct expr *expr)
{
    const struct question *question;

    if (expr->kind == EXPR_KIND_NUMBER)
        return expr->number == floor(expr->number) && fabs(expr->number) < 1e15;
    if (expr->kind == EXPR_KIND_CALL && expr->function)
        return expr->function->id == EXPR_FUNCTION_int ||
               expr->function->id == EXPR_FUNCTION_string_length ||
               expr->function->id == EXPR_FUNCTION_count_selected ||
               expr->function->id == EXPR_FUNCTION_count;
    if (expr->kind != EXPR_KIND_PATH)
        return false;
    question = sql_question(sql, expr);
    return question && sql_kept(question) == KEPT_WHOLE;
}

static struct str remainder_of(struct sql *sql, const struct expr *expr,
                               struct str a, struct str b)
{
    if (!is_whole(sql, expr->arg[0]) || !is_whole(sql, expr->arg[1])) {
        sql_fail(sql, expr,
                 N_("En una consulta, mod (carácter {1}) solo admite números "
                    "enteros."));
        return STR("NULL");
    }
    return sql_fill(sql,
                    "CASE WHEN abs(@1) < 1e15 AND abs(@2) < 1e15 AND @2 <> 0.0 "
                    "THEN CAST(CAST(@1 AS BIGINT) % CAST(@2 AS BIGINT) AS @3) "
                    "END",
                    a, b, sql_pick(sql, "REAL", "double precision"), STR_NULL);
}

static struct str arithmetic(struct sql *sql, const struct expr *expr)
{
    struct str a = sql_number(sql, expr->arg[0]), b;

    if (expr->operation == EXPR_NEGATE)
        return SQL_FILL1(sql, "(-@1)", a);
    for (size_t i = 1; i < expr->arg_count && !sql->code; i++) {
        b = sql_number(sql, expr->arg[i]);
        if (expr->operation == EXPR_ADD)
            a = without_nan(sql, SQL_FILL2(sql, "(@1 + @2)", a, b));
        else if (expr->operation == EXPR_SUBTRACT)
            a = without_nan(sql, SQL_FILL2(sql, "(@1 - @2)", a, b));
        else if (expr->operation == EXPR_MULTIPLY)
            a = without_nan(sql, SQL_FILL2(sql, "(@1 * @2)", a, b));
        else if (expr->operation == EXPR_MODULO)
            a = remainder_of(sql, expr, a, b);
        else if (may_be_minus_zero(expr->arg[i]))
            sql_fail(sql, expr,
                     N_("En una consulta, el divisor del carácter {1} debe "
                        "ser una respuesta, un número o una suma."));
        else
            a = divide(sql, a, b);
    }
    return a;
}

struct str sql_number(struct sql *sql, const struct expr *expr)
{
    struct expr_result value = {0};
    struct str out;

    if (sql->code)
        return STR("NULL");
    if (sql_constant(expr))
        return sql_evaluate(sql, expr, &value)
                   ? sql_bind_number(sql, expr_to_number(&value))
                   : STR("NULL");
    if (expr->kind == EXPR_KIND_PATH)
        return sql_column_number(sql, expr);
    if (expr->kind == EXPR_KIND_OPERATOR && expr->operation >= EXPR_ADD &&
        expr->operation <= EXPR_NEGATE)
        return arithmetic(sql, expr);
    if (expr->kind == EXPR_KIND_CALL && sql_call_number(sql, expr, &out))
        return out;
    if (sql_type_of(sql, expr) == SQL_BOOL)
        return sql_real(sql, SQL_FILL1(sql, "CASE WHEN @1 THEN 1 ELSE 0 END",
                                       sql_bool(sql, expr)));
    return sql_text_number(sql, sql_text(sql, expr));
}

/* --- as a text -------------------------------------------------------------
 */

struct str sql_text(struct sql *sql, const struct expr *expr)
{
    struct expr_result value = {0};
    struct str out;

    if (sql->code)
        return STR("NULL");
    if (sql_constant(expr))
        return sql_evaluate(sql, expr, &value)
                   ? sql_bind_text(sql, expr_to_text(&value, sql->arena))
                   : STR("NULL");
    if (expr->kind == EXPR_KIND_PATH)
        return sql_column_text(sql, expr);
    if (expr->kind == EXPR_KIND_CALL && sql_call_text(sql, expr, &out))
        return out;
    if (sql_type_of(sql, expr) == SQL_BOOL)
        return SQL_FILL1(sql, "(CASE WHEN @1 THEN 'true' ELSE 'false' END)",
                         sql_bool(sql, expr));
    sql_fail(sql, expr,
             N_("En una consulta no se puede usar como texto el número que se "
                "calcula en el carácter {1}."));
    return STR("NULL");
}

/* --- the doors -------------------------------------------------------------
 */

enum error expr_to_sql_as(const struct expr *expr, enum sql_type type,
                          const struct sql_options *options,
                          struct arena *arena, struct expr_sql *out,
                          struct err *err)
{
    struct sql sql = {.options = options, .arena = arena, .err = err};
    struct str text = type == SQL_BOOL     ? sql_bool(&sql, expr)
                      : type == SQL_NUMBER ? sql_number(&sql, expr)
                                           : sql_text(&sql, expr);

    if (sql.code)
        return sql.code;
    if (arena_failed(arena))
        return err_memory(err);
    *out = (struct expr_sql){text, type, sql.parameter, sql.count};
    return ERROR_NONE;
}

enum error expr_to_sql(const struct expr *expr,
                       const struct sql_options *options, struct arena *arena,
                       struct expr_sql *out, struct err *err)
{
    struct sql sql = {.options = options, .arena = arena, .err = err};
    enum sql_type type = sql_type_of(&sql, expr);

    return sql.code ? sql.code
                    : expr_to_sql_as(expr, type, options, arena, out, err);
}
