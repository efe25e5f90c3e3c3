/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* eval.c - walks the tree and computes; operators are here, paths in path.c,
 * functions in functions_*.c. Changes nothing but the arena.
 */
#include "form/expr/eval.h"

#include <math.h>

void eval_fail(struct eval *eval, const struct expr *expr, const char *msgid)
{
    char place[24];
    char text[40];

    snprintf(place, sizeof place, "%zu", expr->place + 1);
    snprintf(text, sizeof text, "%.*s", STR_ARGS(expr->text));
    if (!eval->code)
        eval->code = err_set(eval->err, ERROR_INPUT, msgid, place, text, NULL);
}

bool eval_work(struct eval *eval, size_t amount)
{
    eval->work += amount;
    if (eval->work <= EVAL_WORK_MAX &&
        eval->arena->total <= eval->held + EVAL_MEMORY_MAX)
        return !eval->code;
    if (!eval->code)
        eval->code = err_set(eval->err, ERROR_INPUT,
                             N_("La expresión da demasiado trabajo: recorre "
                                "una y otra vez lo mismo."),
                             NULL, NULL, NULL);
    return false;
}

struct str eval_text(struct eval *eval, const struct expr *expr)
{
    struct expr_result result;

    if (expr->kind == EXPR_KIND_TEXT)
        return expr->text.at ? expr->text : STR("");
    eval_node(eval, expr, &result);
    return result_to_text(eval, &result);
}

double eval_number(struct eval *eval, const struct expr *expr)
{
    struct expr_result result;

    if (expr->kind == EXPR_KIND_NUMBER)
        return expr->number;
    eval_node(eval, expr, &result);
    return expr_to_number(&result);
}

bool eval_truth(struct eval *eval, const struct expr *expr)
{
    struct expr_result result;

    eval_node(eval, expr, &result);
    return expr_to_bool(&result);
}

/* --- comparison ------------------------------------------------------------
 */

static bool is_equality(enum expr_operator operation)
{
    return operation == EXPR_EQUAL || operation == EXPR_NOT_EQUAL;
}

static bool compare_numbers(enum expr_operator operation, double a, double b)
{
    switch (operation) {
    case EXPR_EQUAL:
        return a == b;
    case EXPR_NOT_EQUAL:
        return a != b;
    case EXPR_LESS:
        return a < b;
    case EXPR_LESS_EQUAL:
        return a <= b;
    case EXPR_GREATER:
        return a > b;
    case EXPR_GREATER_EQUAL:
        return a >= b;
    case EXPR_OR:
    case EXPR_AND:
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
    case EXPR_MODULO:
    case EXPR_NEGATE:
    case EXPR_UNION:
        break;
    }
    return false;
}

/* An instant and a day are equal when it falls on that day, as in JavaRosa;
 * two instants when they are the same moment. */
static bool same_time(const struct expr_result *a, const struct expr_result *b)
{
    double x, y;

    if (a->text.size < 10 || b->text.size < 10 ||
        (a->text.size < 16 && b->text.size < 16) ||
        str_find_char(a->text, '-') != 4 || str_find_char(b->text, '-') != 4)
        return false;
    x = expr_to_number(a);
    y = expr_to_number(b);
    if (a->text.size == 10)
        y = floor(y);
    else if (b->text.size == 10)
        x = floor(x);
    return x == y;
}

/* Neither side is a set of nodes. A date and the text of one are both texts,
 * and equal when their texts are. */
static bool compare_simple(enum expr_operator operation,
                           const struct expr_result *a,
                           const struct expr_result *b)
{
    bool equality = is_equality(operation);

    if (equality && (a->type == EXPR_BOOL || b->type == EXPR_BOOL))
        return (expr_to_bool(a) == expr_to_bool(b)) ==
               (operation == EXPR_EQUAL);
    if (equality && a->type == EXPR_STRING && b->type == EXPR_STRING)
        return (str_equal(a->text, b->text) || same_time(a, b)) ==
               (operation == EXPR_EQUAL);
    return compare_numbers(operation, expr_to_number(a), expr_to_number(b));
}

/* A node as a value of its own; the rest of *one is not looked at. */
static void node_at(const struct expr_result *nodes, size_t index,
                    struct expr_result *one)
{
    one->type = EXPR_STRING;
    one->text = nodes->tree || !nodes->node[index].at
                    ? expr_node_text(nodes, index)
                    : nodes->node[index];
    one->utc_offset = nodes->utc_offset;
}

static bool compare(struct eval *eval, enum expr_operator operation,
                    const struct expr_result *a, const struct expr_result *b)
{
    bool whole = is_equality(operation);

    /* = and != ask whether the set is true; < and its like go node by node */
    if (whole && a->type == EXPR_NODES && b->type == EXPR_BOOL) {
        struct expr_result truth = {.type = EXPR_BOOL,
                                    .truth = expr_to_bool(a)};

        return compare_simple(operation, &truth, b);
    }
    if (whole && b->type == EXPR_NODES && a->type == EXPR_BOOL) {
        struct expr_result truth = {.type = EXPR_BOOL,
                                    .truth = expr_to_bool(b)};

        return compare_simple(operation, a, &truth);
    }
    if (a->type == EXPR_NODES) {
        for (size_t i = 0; i < a->count && eval_step(eval); i++) {
            struct expr_result one;

            node_at(a, i, &one);
            if (a->dated && !(is_equality(operation) && b->type != EXPR_NUMBER))
                result_number(&one,
                              text_to_number(one.text, true, a->utc_offset));
            if (compare(eval, operation, &one, b))
                return true;
        }
        return false;
    }
    if (b->type == EXPR_NODES) {
        for (size_t i = 0; i < b->count && eval_step(eval); i++) {
            struct expr_result one;

            node_at(b, i, &one);
            if (b->dated && !(is_equality(operation) && a->type != EXPR_NUMBER))
                result_number(&one,
                              text_to_number(one.text, true, b->utc_offset));
            if (compare(eval, operation, a, &one))
                return true;
        }
        return false;
    }
    return compare_simple(operation, a, b);
}

/* --- operators -------------------------------------------------------------
 */

static bool eval_logic(struct eval *eval, const struct expr *expr)
{
    bool all = expr->operation == EXPR_AND;

    for (size_t i = 0; i < expr->arg_count; i++)
        if (eval_truth(eval, expr->arg[i]) != all)
            return !all;
    return all;
}

static double eval_arithmetic(struct eval *eval, const struct expr *expr)
{
    double a = eval_number(eval, expr->arg[0]);
    double b;

    if (expr->operation == EXPR_NEGATE)
        return -a;
    if (expr->operation == EXPR_ADD) {
        for (size_t i = 1; i < expr->arg_count; i++)
            a += eval_number(eval, expr->arg[i]);
        return a;
    }
    b = eval_number(eval, expr->arg[1]);
    if (expr->operation == EXPR_SUBTRACT)
        return a - b;
    if (expr->operation == EXPR_MULTIPLY)
        return a * b;
    if (expr->operation == EXPR_DIVIDE)
        return a / b;
    return fmod(a, b);
}

/* instance('l')/root/item[…]/label = '' is true when there is no such item: so
 * it is in JavaRosa, and forms ask that way. */
static void no_item(const struct expr *expr, struct expr_result *result)
{
    if (result->type == EXPR_NODES && result->count == 0 &&
        expr->root == EXPR_ROOT_INSTANCE)
        *result = (struct expr_result){.type = EXPR_STRING, .text = STR("")};
}

static void eval_operator(struct eval *eval, const struct expr *expr,
                          struct expr_result *result)
{
    struct expr_result a, b;

    switch (expr->operation) {
    case EXPR_OR:
    case EXPR_AND:
        result_truth(result, eval_logic(eval, expr));
        return;
    case EXPR_EQUAL:
    case EXPR_NOT_EQUAL:
    case EXPR_LESS:
    case EXPR_LESS_EQUAL:
    case EXPR_GREATER:
    case EXPR_GREATER_EQUAL:
        eval_node(eval, expr->arg[0], &a);
        eval_node(eval, expr->arg[1], &b);
        no_item(expr->arg[0], &a);
        no_item(expr->arg[1], &b);
        result_truth(result, compare(eval, expr->operation, &a, &b));
        return;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
    case EXPR_MODULO:
    case EXPR_NEGATE:
        result_number(result, eval_arithmetic(eval, expr));
        return;
    case EXPR_UNION:
        eval_union(eval, expr, result);
        return;
    }
}

void eval_node(struct eval *eval, const struct expr *expr,
               struct expr_result *result)
{
    result->tree = NULL;
    result->count = 0;
    result->dated = false;
    result->utc_offset = eval->scope->utc_offset;
    result->arena = eval->arena;
    result_text(result, STR(""));
    if (!eval_step(eval))
        return;
    switch (expr->kind) {
    case EXPR_KIND_TEXT:
        result_text(result, expr->text);
        return;
    case EXPR_KIND_NUMBER:
        result_number(result, expr->number);
        return;
    case EXPR_KIND_PATH:
        eval_path(eval, expr, result);
        return;
    case EXPR_KIND_CALL:
        if (expr->function)
            expr->function->run(eval, expr, result);
        else
            eval_fail(eval, expr, expr->refused);
        return;
    case EXPR_KIND_OPERATOR:
        eval_operator(eval, expr, result);
        return;
    }
}

/* --- the doors -------------------------------------------------------------
 */

static const struct expr_function functions[EXPR_FUNCTION_COUNT] = {
#define EXPR_FUNCTION(id, name, min, max)                                      \
    {name, EXPR_FUNCTION_##id, min, max, expr_function_##id},
#include "form/expr/functions.def"
#undef EXPR_FUNCTION
};

const struct expr_function *expr_function_find(struct str name)
{
    for (size_t i = 0; i < EXPR_FUNCTION_COUNT; i++)
        if (str_equal_c(name, functions[i].name))
            return &functions[i];
    return NULL;
}

static void eval_begin(struct eval *eval, struct level levels[2],
                       const struct choice *choice)
{
    const struct expr_scope *scope = eval->scope;

    eval->arena = scope->arena;
    eval->held = scope->arena->total;
    eval->builder.arena = scope->arena;
    eval->answers = scope->document;
    eval->only_tree = scope->document && !scope->form && !scope->answers;
    eval->in_tree = eval->only_tree;
    levels[0] = (struct level){.object = scope->answers};
    levels[1] =
        (struct level){.up = &levels[0],
                       .repeat = scope->node ? scope->node->repeat : NULL,
                       .object = scope->row,
                       .position = scope->position};
    eval->now = (struct eval_context){
        .level =
            scope->level ? scope->level : &levels[scope->row != NULL ? 1 : 0],
        .node = scope->node,
        .choice = choice,
        .tree = scope->place ? scope->place : scope->document,
        .position = scope->position};
    if (scope->level && !eval->now.position)
        eval->now.position = scope->level->position;
    eval->start = eval->now;
}

static enum error eval_run(const struct expr *expr,
                           const struct expr_scope *scope,
                           const struct choice *choice,
                           struct expr_result *result, struct err *err)
{
    struct eval eval = {.scope = scope, .err = err};
    struct level levels[2];
    struct expr_result found;

    eval_begin(&eval, levels, choice);
    eval_node(&eval, expr, &found);
    if (eval.code)
        return eval.code;
    if (arena_failed(scope->arena))
        return err_memory(err);
    *result = found;
    return ERROR_NONE;
}

enum error expr_eval(const struct expr *expr, const struct expr_scope *scope,
                     struct expr_result *result, struct err *err)
{
    return eval_run(expr, scope, NULL, result, err);
}

bool expr_true(const struct expr *expr, const struct expr_scope *scope,
               bool fallback, struct err *err)
{
    struct expr_result result = {0};

    if (eval_run(expr, scope, NULL, &result, err))
        return fallback;
    return expr_to_bool(&result);
}

bool expr_true_for_choice(const struct expr *expr,
                          const struct expr_scope *scope,
                          const struct choice *choice, struct err *err)
{
    struct expr_result result = {0};

    return !eval_run(expr, scope, choice, &result, err) &&
           expr_to_bool(&result);
}
