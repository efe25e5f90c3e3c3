/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_function.c - the functions that SQL has, or can be told, in both
 * databases. */
#include "form/expr/sql_private.h"

#include <math.h>

bool sql_call_type(const struct expr *call, enum sql_type *type)
{
    if (!call->function)
        return false;
    switch (call->function->id) {
    case EXPR_FUNCTION_coalesce:
    case EXPR_FUNCTION_concat:
    case EXPR_FUNCTION_join:
    case EXPR_FUNCTION_string:
    case EXPR_FUNCTION_substr:
    case EXPR_FUNCTION_substring_before:
    case EXPR_FUNCTION_substring_after:
    case EXPR_FUNCTION_date:
    case EXPR_FUNCTION_format_date:
    case EXPR_FUNCTION_today:
    case EXPR_FUNCTION_now:
        *type = SQL_TEXT;
        return true;
    case EXPR_FUNCTION_number:
    case EXPR_FUNCTION_int:
    case EXPR_FUNCTION_round:
    case EXPR_FUNCTION_floor:
    case EXPR_FUNCTION_ceiling:
    case EXPR_FUNCTION_abs:
    case EXPR_FUNCTION_min:
    case EXPR_FUNCTION_max:
    case EXPR_FUNCTION_sum:
    case EXPR_FUNCTION_count:
    case EXPR_FUNCTION_count_non_empty:
    case EXPR_FUNCTION_count_selected:
    case EXPR_FUNCTION_string_length:
    case EXPR_FUNCTION_decimal_date_time:
        *type = SQL_NUMBER;
        return true;
    case EXPR_FUNCTION_true:
    case EXPR_FUNCTION_false:
    case EXPR_FUNCTION_boolean:
    case EXPR_FUNCTION_boolean_from_string:
    case EXPR_FUNCTION_not:
    case EXPR_FUNCTION_selected:
    case EXPR_FUNCTION_contains:
    case EXPR_FUNCTION_starts_with:
    case EXPR_FUNCTION_ends_with:
    case EXPR_FUNCTION_checklist:
    case EXPR_FUNCTION_weighted_checklist:
        *type = SQL_BOOL;
        return true;
    default:
        break;
    }
    if (!sql_constant(call))
        return false;
    /* worked out now, whatever it does */
    *type =
        str_equal_c(call->text, "regex") || str_equal_c(call->text, "geofence")
            ? SQL_BOOL
        : str_equal_c(call->text, "translate") ||
                str_equal_c(call->text, "digest") ||
                str_equal_c(call->text, "normalize-space") ||
                str_equal_c(call->text, "selected-at") ||
                str_equal_c(call->text, "substring") ||
                str_equal_c(call->text, "date-time") ||
                str_equal_c(call->text, "format-date-time") ||
                str_equal_c(call->text, "base64-decode")
            ? SQL_TEXT
            : SQL_NUMBER;
    return true;
}

static bool is_call(const struct expr *call, enum expr_function_id id)
{
    return call->function && call->function->id == id;
}

static struct str if_else(struct sql *sql, const struct expr *call,
                          struct str yes, struct str no)
{
    return SQL_FILL3(sql, "(CASE WHEN @1 THEN @2 ELSE @3 END)",
                     sql_bool(sql, call->arg[0]), yes, no);
}

/* --- texts -----------------------------------------------------------------
 */

static struct str place_of(struct sql *sql, struct str text, struct str part)
{
    return SQL_FILL2(sql, sql_pick(sql, "instr(@1, @2)", "strpos(@1, @2)").at,
                     text, part);
}

/* A whole number known now. */
static bool whole_argument(struct sql *sql, const struct expr *call,
                           size_t index, double *number)
{
    struct expr_result value = {0};

    if (sql_constant(call->arg[index]) &&
        sql_evaluate(sql, call->arg[index], &value)) {
        *number = trunc(expr_to_number(&value));
        if (fabs(*number) < 1e6)
            return true;
    }
    sql_fail(sql, call,
             N_("En una consulta, los números de la función del carácter {1} "
                "deben ser fijos: {2}"));
    return false;
}

/* Characters before the index; a negative one counts from the end. */
static struct str index_text(struct sql *sql, struct str text, double index)
{
    struct str number = str_format(sql->arena, "%.0f", index);

    if (index >= 0)
        return number;
    return SQL_FILL2(sql,
                     "(CASE WHEN length(@1) + (@2) < 0 THEN 0 ELSE length(@1) "
                     "+ (@2) END)",
                     text, number);
}

static struct str call_substr(struct sql *sql, const struct expr *call)
{
    struct str text = sql_text(sql, call->arg[0]), from, to;
    double index = 0;

    if (!whole_argument(sql, call, 1, &index))
        return STR("NULL");
    from = index_text(sql, text, index);
    to = SQL_FILL1(sql, "length(@1)", text);
    if (call->arg_count > 2) {
        if (!whole_argument(sql, call, 2, &index))
            return STR("NULL");
        to = index_text(sql, text, index);
    }
    return SQL_FILL3(sql,
                     "substr(@1, CAST(@2 + 1 AS INTEGER), CAST(CASE WHEN @3 > "
                     "@2 THEN @3 - @2 ELSE 0 END AS INTEGER))",
                     text, from, to);
}

static struct str call_substring(struct sql *sql, const struct expr *call,
                                 bool before)
{
    struct str text = sql_text(sql, call->arg[0]);
    struct str part = sql_text(sql, call->arg[1]);
    struct str place = place_of(sql, text, part);

    if (before)
        return sql_fill(sql,
                        "(CASE WHEN @2 <> '' AND @3 > 0 THEN substr(@1, 1, "
                        "CAST(@3 - 1 AS INTEGER)) ELSE '' END)",
                        text, part, place, STR_NULL);
    return sql_fill(sql,
                    "(CASE WHEN @2 = '' THEN @1 WHEN @3 > 0 THEN substr(@1, "
                    "CAST(@3 + length(@2) AS INTEGER)) ELSE '' END)",
                    text, part, place, STR_NULL);
}

static struct str call_concat(struct sql *sql, const struct expr *call,
                              size_t from, struct str separator)
{
    struct str all = STR_NULL;

    for (size_t i = from; i < call->arg_count && !sql->code; i++) {
        struct str one = sql_text(sql, call->arg[i]);

        if (str_is_null(all))
            all = one;
        else if (str_is_null(separator))
            all = SQL_FILL2(sql, "@1 || @2", all, one);
        else
            all = SQL_FILL3(sql, "@1 || @3 || @2", all, one, separator);
    }
    return str_is_null(all) ? STR("''") : SQL_FILL1(sql, "(@1)", all);
}

static struct str call_coalesce(struct sql *sql, const struct expr *call)
{
    struct str all = sql_text(sql, call->arg[call->arg_count - 1]);

    for (size_t i = call->arg_count - 1; i-- > 0 && !sql->code;)
        all = SQL_FILL2(sql, "COALESCE(NULLIF(@1, ''), @2)",
                        sql_text(sql, call->arg[i]), all);
    return all;
}

static struct str call_date(struct sql *sql, const struct expr *call)
{
    const struct question *question = sql_question(sql, call->arg[0]);

    if (question && sql_kept(question) == KEPT_DATE)
        return sql_column_text(sql, call->arg[0]);
    if (question && sql_kept(question) == KEPT_INSTANT)
        return SQL_FILL2(
            sql,
            sql_pick(sql, "COALESCE(date((@1 + @2) / 1000.0, 'unixepoch'), '')",
                     "COALESCE(to_char(TIMESTAMP '1970-01-01' + (@1 + @2) * "
                     "INTERVAL '1 millisecond', 'YYYY-MM-DD'), '')")
                .at,
            sql_column_name(sql, question),
            sql_bind_number(sql, sql->options->utc_offset * 1000.0));
    sql_fail(sql, call,
             N_("En una consulta, la función del carácter {1} necesita una "
                "pregunta de fecha: {2}"));
    return STR("NULL");
}

/* Year, month and day; the names of months are not in both databases. */
static struct str call_format_date(struct sql *sql, const struct expr *call)
{
    struct str date = call_date(sql, call), out = STR_NULL;
    struct expr_result value = {0};
    struct str format = STR_NULL;

    if (sql_constant(call->arg[1]) && sql_evaluate(sql, call->arg[1], &value))
        format = expr_to_text(&value, sql->arena);
    for (size_t i = 0; i < format.size && !sql->code; i++) {
        char c = format.at[i];
        struct str part;

        if (c != '%' || i + 1 == format.size)
            part = sql_bind_text(sql, str_slice(format, i, i + 1));
        else if ((c = format.at[++i]) == '%')
            part = sql_bind_text(sql, STR("%"));
        else if (c == 'Y' || c == 'y')
            part = c == 'Y' ? STR("substr(v, 1, 4)") : STR("substr(v, 3, 2)");
        else if (c == 'm' || c == 'd')
            part = c == 'm' ? STR("substr(v, 6, 2)") : STR("substr(v, 9, 2)");
        else
            break;
        out = str_is_null(out) ? part : SQL_FILL2(sql, "@1 || @2", out, part);
        if (i + 1 == format.size)
            return SQL_FILL2(sql,
                             "(SELECT CASE WHEN v = '-00-00' THEN '' ELSE @2 "
                             "END FROM (SELECT @1 || substr('-00-00', "
                             "CASE WHEN @1 = '' THEN 1 ELSE "
                             "CAST(length(@1) - 3 AS INTEGER) END) AS v) AS "
                             "one)",
                             date, out);
    }
    sql_fail(sql, call,
             N_("En una consulta, format-date (carácter {1}) admite un formato "
                "fijo con %Y, %y, %m y %d."));
    return STR("NULL");
}

bool sql_call_text(struct sql *sql, const struct expr *call, struct str *out)
{
    enum sql_type type;

    if (is_call(call, EXPR_FUNCTION_if)) {
        *out = if_else(sql, call, sql_text(sql, call->arg[1]),
                       sql_text(sql, call->arg[2]));
        return true;
    }
    if (!sql_call_type(call, &type) || type != SQL_TEXT)
        return false;
    if (is_call(call, EXPR_FUNCTION_coalesce))
        *out = call_coalesce(sql, call);
    else if (is_call(call, EXPR_FUNCTION_concat))
        *out = call_concat(sql, call, 0, STR_NULL);
    else if (is_call(call, EXPR_FUNCTION_join))
        *out = call_concat(sql, call, 1, sql_text(sql, call->arg[0]));
    else if (is_call(call, EXPR_FUNCTION_substr))
        *out = call_substr(sql, call);
    else if (is_call(call, EXPR_FUNCTION_substring_before))
        *out = call_substring(sql, call, true);
    else if (is_call(call, EXPR_FUNCTION_substring_after))
        *out = call_substring(sql, call, false);
    else if (is_call(call, EXPR_FUNCTION_date))
        *out = call_date(sql, call);
    else if (is_call(call, EXPR_FUNCTION_format_date))
        *out = call_format_date(sql, call);
    else if (is_call(call, EXPR_FUNCTION_string) && call->arg_count)
        *out = sql_text(sql, call->arg[0]);
    else
        return false;
    return true;
}

/* --- truths ----------------------------------------------------------------
 */

static struct str call_selected(struct sql *sql, const struct expr *call)
{
    struct str list = sql_text(sql, call->arg[0]), word;
    struct expr_result value = {0};

    if (!sql_constant(call->arg[1])) {
        sql_fail(sql, call,
                 N_("En una consulta, la opción de la función del carácter {1} "
                    "debe ser fija: {2}"));
        return STR("NULL");
    }
    sql_evaluate(sql, call->arg[1], &value);
    word = str_trim(expr_to_text(&value, sql->arena));
    if (word.size == 0)
        return SQL_FILL1(sql, "(@1 = '')", list);
    for (size_t i = 0; i < word.size; i++)
        if (strchr(" \t\r\n", word.at[i]))
            return STR("(1 = 0)");
    list =
        sql_fill(sql,
                 "' ' || replace(replace(replace(@1, @2, ' '), @3, ' '), "
                 "@4, ' ') || ' '",
                 list, sql_bind_text(sql, STR("\t")),
                 sql_bind_text(sql, STR("\r")), sql_bind_text(sql, STR("\n")));
    return SQL_FILL1(
        sql, "(@1 > 0)",
        place_of(sql, list,
                 sql_bind_text(
                     sql, str_format(sql->arena, " %.*s ", STR_ARGS(word)))));
}

/* min or max below zero: no bound. */
static struct str within(struct sql *sql, const struct expr *call,
                         struct str count)
{
    return SQL_FILL3(sql,
                     "((COALESCE(@2 < 0.0, 1 = 0) OR COALESCE(@1 >= @2, 1 = "
                     "0)) AND (COALESCE(@3 < 0.0, 1 = 0) OR COALESCE(@1 <= "
                     "@3, 1 = 0)))",
                     count, sql_number(sql, call->arg[0]),
                     sql_number(sql, call->arg[1]));
}

static struct str call_checklist(struct sql *sql, const struct expr *call,
                                 bool weighted)
{
    struct str sum = STR("0.0");
    size_t step = weighted ? 2 : 1;

    for (size_t i = 2; i + step <= call->arg_count && !sql->code; i += step)
        sum = SQL_FILL3(sql, "@1 + CASE WHEN @2 THEN @3 ELSE 0.0 END", sum,
                        sql_bool(sql, call->arg[i]),
                        weighted ? sql_number(sql, call->arg[i + 1])
                                 : STR("1.0"));
    return within(sql, call, SQL_FILL1(sql, "(@1)", sum));
}

static struct str call_edge(struct sql *sql, const struct expr *call)
{
    struct str text = sql_text(sql, call->arg[0]);
    struct str part = sql_text(sql, call->arg[1]);

    if (is_call(call, EXPR_FUNCTION_contains))
        return SQL_FILL2(sql, "(@1 = '' OR @2 > 0)", part,
                         place_of(sql, text, part));
    if (is_call(call, EXPR_FUNCTION_starts_with))
        return SQL_FILL2(sql,
                         "(substr(@1, 1, CAST(length(@2) AS INTEGER)) = @2)",
                         text, part);
    return SQL_FILL2(sql,
                     "(CASE WHEN length(@1) >= length(@2) THEN substr(@1, "
                     "CAST(length(@1) - length(@2) + 1 AS INTEGER)) = @2 ELSE "
                     "1 = 0 END)",
                     text, part);
}

bool sql_call_bool(struct sql *sql, const struct expr *call, struct str *out)
{
    enum sql_type type;

    if (is_call(call, EXPR_FUNCTION_if)) {
        *out = if_else(sql, call, sql_bool(sql, call->arg[1]),
                       sql_bool(sql, call->arg[2]));
        return true;
    }
    if (!sql_call_type(call, &type) || type != SQL_BOOL)
        return false;
    if (is_call(call, EXPR_FUNCTION_boolean))
        *out = sql_bool(sql, call->arg[0]);
    else if (is_call(call, EXPR_FUNCTION_not))
        *out = SQL_FILL1(sql, "(NOT @1)", sql_bool(sql, call->arg[0]));
    else if (is_call(call, EXPR_FUNCTION_boolean_from_string))
        *out = SQL_FILL1(sql, "(lower(@1) = 'true' OR @1 = '1')",
                         sql_text(sql, call->arg[0]));
    else if (is_call(call, EXPR_FUNCTION_selected))
        *out = call_selected(sql, call);
    else if (is_call(call, EXPR_FUNCTION_checklist))
        *out = call_checklist(sql, call, false);
    else if (is_call(call, EXPR_FUNCTION_weighted_checklist))
        *out = call_checklist(sql, call, true);
    else
        *out = call_edge(sql, call);
    return true;
}
