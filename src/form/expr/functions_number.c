/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_number.c - functions about numbers. What is not a number makes
 * the result not a number: an answer that is missing is never read as 0. */
#include <math.h>

#include "form/expr/eval.h"

void expr_function_number(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    struct expr_result self = {0};

    if (call->arg_count)
        eval_node(eval, call->arg[0], &self);
    else
        eval_self(eval, EXPR_ROOT_CONTEXT, &self);
    result_number(result, expr_to_number(&self));
}

void expr_function_int(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    double number = eval_number(eval, call->arg[0]);

    /* + 0.0: no minus before zero */
    result_number(result, trunc(number) + 0.0);
}

/* As JavaRosa, round() alone reads a decimal comma: 4,6. */
static double round_number(struct eval *eval, const struct expr *expr)
{
    struct expr_result value = {0};
    double number;
    struct str text;
    size_t comma;
    char *copy;

    eval_node(eval, expr, &value);
    number = expr_to_number(&value);
    if (!isnan(number) || value.type == EXPR_NUMBER)
        return number;
    text = result_to_text(eval, &value);
    comma = str_find_char(text, ',');
    if (comma == SIZE_MAX)
        return NAN;
    copy = arena_alloc(eval->arena, text.size);
    if (!copy)
        return NAN;
    memcpy(copy, text.at, text.size);
    copy[comma] = '.';
    return text_to_number((struct str){copy, text.size}, false, 0);
}

/* Halves go up, as in XPath: 2.5 is 3, -2.5 is -2. */
void expr_function_round(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    double number = round_number(eval, call->arg[0]);
    double places =
        call->arg_count > 1 ? trunc(eval_number(eval, call->arg[1])) : 0;
    double scale;

    if (!(fabs(places) <= 30)) {
        result_number(result, isnan(places) ? NAN : places > 0 ? number : 0);
        return;
    }
    scale = pow(10, fabs(places));
    if (places >= 0 && fabs(number) < 1e15 / scale)
        number = floor(number * scale + 0.5) / scale;
    else if (places < 0)
        number = floor(number / scale + 0.5) * scale;
    result_number(result, number + 0.0);
}

/* min() and max() over all nodes of all arguments. */
static void extreme(struct eval *eval, const struct expr *call, double sign,
                    struct expr_result *result)
{
    double best = NAN;
    bool first = true;

    for (size_t i = 0; i < call->arg_count; i++) {
        struct expr_result part = {0};
        size_t count;

        eval_node(eval, call->arg[i], &part);
        count = part.type == EXPR_NODES ? part.count : 1;
        for (size_t j = 0; j < count; j++) {
            double number = part.type == EXPR_NODES
                                ? text_to_number(expr_node_text(&part, j),
                                                 part.dated, part.utc_offset)
                                : expr_to_number(&part);

            if (first || isnan(number) || number * sign > best * sign)
                best = number;
            first = false;
            if (isnan(number)) {
                result_number(result, NAN);
                return;
            }
        }
    }
    result_number(result, best);
}

void expr_function_min(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    extreme(eval, call, -1, result);
}

void expr_function_max(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    extreme(eval, call, 1, result);
}

void expr_function_sum(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    struct expr_result nodes = {0};
    double sum = 0;

    eval_node(eval, call->arg[0], &nodes);
    if (nodes.type != EXPR_NODES) {
        eval_fail(eval, call,
                  N_("La función del carácter {1} necesita una pregunta o un "
                     "grupo que se repite."));
        return;
    }
    for (size_t i = 0; i < nodes.count; i++)
        sum += text_to_number(expr_node_text(&nodes, i), nodes.dated,
                              nodes.utc_offset);
    result_number(result, sum);
}

void expr_function_pow(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    double base = eval_number(eval, call->arg[0]);

    result_number(result, pow(base, eval_number(eval, call->arg[1])));
}

void expr_function_atan2(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    double y = eval_number(eval, call->arg[0]);

    result_number(result, atan2(y, eval_number(eval, call->arg[1])));
}

void expr_function_pi(struct eval *eval, const struct expr *call,
                      struct expr_result *result)
{
    (void)eval;
    (void)call;
    result_number(result, acos(-1.0));
}

static double power_of_ten(double number)
{
    return pow(10, number);
}

/* Functions of one number that are only a name for the C library's. */
#define ONE_NUMBER(id, function)                                               \
    void expr_function_##id(struct eval *eval, const struct expr *call,        \
                            struct expr_result *result)                        \
    {                                                                          \
        result_number(result, function(eval_number(eval, call->arg[0])));      \
    }

ONE_NUMBER(floor, floor)
ONE_NUMBER(ceiling, ceil)
ONE_NUMBER(abs, fabs)
ONE_NUMBER(sqrt, sqrt)
ONE_NUMBER(exp, exp)
ONE_NUMBER(exp10, power_of_ten)
ONE_NUMBER(log, log)
ONE_NUMBER(log10, log10)
ONE_NUMBER(sin, sin)
ONE_NUMBER(cos, cos)
ONE_NUMBER(tan, tan)
ONE_NUMBER(asin, asin)
ONE_NUMBER(acos, acos)
ONE_NUMBER(atan, atan)
