/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* choices.c - a choice_filter over a whole list. Most filters say column =
 * ${answer}, and most choices fail that at once: they are passed over without
 * an evaluation, the others are asked in full. */
#include "form/expr/eval.h"

enum { TESTS_MAX = 4 };

/* column = value, where the value is the same for every choice. */
struct test {
    struct str column;
    struct expr_result value; /* EXPR_STRING, or EXPR_NODES that are texts */
};

static bool is_column(const struct expr *expr)
{
    return expr->kind == EXPR_KIND_PATH && expr->root == EXPR_ROOT_CONTEXT &&
           expr->step_count == 1 && !expr->predicates && !expr->general &&
           expr->step[0].kind == EXPR_STEP_CHILD;
}

static bool is_answer(const struct expr *expr)
{
    return (expr->kind == EXPR_KIND_PATH && expr->root == EXPR_ROOT_NAME &&
            !expr->predicates && !expr->general) ||
           expr->kind == EXPR_KIND_TEXT;
}

static size_t add_test(const struct expr *expr, const struct expr_scope *scope,
                       struct test *test, size_t count)
{
    const struct expr *column, *answer;
    struct err err = {0};

    if (count == TESTS_MAX || expr->kind != EXPR_KIND_OPERATOR ||
        expr->operation != EXPR_EQUAL)
        return count;
    column = expr->arg[is_column(expr->arg[0]) ? 0 : 1];
    answer = expr->arg[column == expr->arg[0] ? 1 : 0];
    if (!is_column(column) || !is_answer(answer))
        return count;
    test[count].column = column->step[0].name;
    test[count].value = (struct expr_result){0};
    if (expr_eval(answer, scope, &test[count].value, &err) ||
        (test[count].value.type != EXPR_STRING &&
         (test[count].value.type != EXPR_NODES || test[count].value.tree)))
        return count;
    return count + 1;
}

/* Long texts may be moments that are written differently. */
static bool may_equal(struct str a, struct str b)
{
    return str_equal(a, b) || (a.size >= 10 && b.size >= 10);
}

static bool may_pass(const struct test *test, const struct choice *choice)
{
    struct str text = value_text(value_get_str(choice->extra, test->column));

    if (text.size == 0) /* no such column, name or label too */
        return true;
    if (test->value.type == EXPR_STRING)
        return may_equal(text, test->value.text);
    for (size_t i = 0; i < test->value.count; i++)
        if (may_equal(text, expr_node_text(&test->value, i)))
            return true;
    return false;
}

size_t expr_choices(const struct expr *filter, const struct expr_scope *scope,
                    const struct choice_list *list, const struct choice **out)
{
    struct test test[TESTS_MAX];
    size_t tests = 0, count = 0;
    struct err err = {0};

    if (filter->kind == EXPR_KIND_OPERATOR && filter->operation == EXPR_AND)
        for (size_t i = 0; i < filter->arg_count; i++)
            tests = add_test(filter->arg[i], scope, test, tests);
    else
        tests = add_test(filter, scope, test, tests);
    for (size_t i = 0; i < list->count; i++) {
        const struct choice *choice = &list->choice[i];
        bool pass = true;

        for (size_t k = 0; pass && k < tests; k++)
            pass = may_pass(&test[k], choice);
        if (pass && expr_true_for_choice(filter, scope, choice, &err))
            out[count++] = choice;
    }
    return count;
}
