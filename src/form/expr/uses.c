/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* uses.c - which questions an expression reads, without changing it. */
#include "form/expr/tree.h"

/* As far as the steps are plain: where a general path is sure to be below. */
static const struct question *general_top(const struct expr *path,
                                          const struct expr_binding *binding)
{
    const struct question *question[EXPR_STEPS_MAX];
    struct expr plain = *path;

    if (path->root == EXPR_ROOT_INSTANCE || path->root == EXPR_ROOT_FILTER)
        return NULL;
    for (plain.step_count = 0; plain.step_count < path->step_count;
         plain.step_count++) {
        const struct expr_step *step = &path->step[plain.step_count];

        if (step->kind != EXPR_STEP_AXIS)
            continue;
        if (step->axis != EXPR_AXIS_CHILD &&
            step->axis != EXPR_AXIS_DESCENDANT &&
            step->axis != EXPR_AXIS_DESCENDANT_OR_SELF)
            return NULL;
        break;
    }
    for (size_t i = plain.step_count; i < path->step_count; i++)
        if (path->step[i].kind == EXPR_STEP_PARENT ||
            (path->step[i].kind == EXPR_STEP_AXIS &&
             path->step[i].axis > EXPR_AXIS_DESCENDANT_OR_SELF))
            return NULL; /* and back up again */
    if (plain.step_count == 0)
        return path->root == EXPR_ROOT_DOCUMENT ? NULL : binding->node;
    return expr_resolve(binding->form, binding->node, &plain, question)
               ? question[plain.step_count - 1]
               : NULL;
}

/* Every question of its last name, or every question, below what is sure;
 * never the one that asks. */
static void use_general(const struct expr *path,
                        const struct expr_binding *binding)
{
    const struct form *form = binding->form;
    const struct question *top = general_top(path, binding);
    const struct expr_step *last =
        path->step_count > 0 ? &path->step[path->step_count - 1] : NULL;
    bool named = last && last->test == EXPR_TEST_NAME && last->name.size > 0 &&
                 !str_ends(last->name, STR("*"));
    size_t from = top ? top->index : 0;
    size_t to = top ? top->end : form->question_count;

    for (size_t i = from; i < to; i++)
        if (form->question[i] != binding->node &&
            question_has_value(form->question[i]) &&
            (!named || str_equal(form->question[i]->name, last->name)))
            binding->used(binding->context, form->question[i]);
}

static bool is_column(const struct expr *path,
                      const struct expr_binding *binding)
{
    return binding->columns && path->root == EXPR_ROOT_CONTEXT &&
           path->step[0].kind != EXPR_STEP_PARENT &&
           path->step[path->step_count - 1].kind == EXPR_STEP_CHILD;
}

void expr_use_path(const struct expr *path, const struct expr_binding *binding)
{
    const struct question *question[EXPR_STEPS_MAX];
    const struct question *from =
        binding->inside && path->root == EXPR_ROOT_CURRENT ? binding->start
                                                           : binding->node;

    if (!binding->used || path->root == EXPR_ROOT_INSTANCE ||
        is_column(path, binding))
        return;
    if (path->general) {
        if (path->root != EXPR_ROOT_FILTER)
            use_general(path, binding);
    } else if (expr_resolve(binding->form, from, path, question) &&
               question[path->step_count - 1]) {
        binding->used(binding->context, question[path->step_count - 1]);
    }
}

void expr_uses(const struct expr *expr, const struct expr_binding *binding)
{
    if (!expr)
        return;
    if (expr->kind == EXPR_KIND_PATH)
        expr_use_path(expr, binding);
    for (size_t i = 0; i < expr->step_count; i++)
        for (size_t j = 0; j < expr->step[i].predicate_count; j++) {
            struct expr_binding inner = *binding;

            if (!inner.inside)
                inner.start = binding->node;
            inner.inside = true;
            inner.columns = expr->root == EXPR_ROOT_INSTANCE || expr->general;
            if (!inner.columns && expr->step[i].question)
                inner.node = expr->step[i].question;
            expr_uses(expr->step[i].predicate[j], &inner);
        }
    for (size_t i = 0; i < expr->arg_count; i++)
        expr_uses(expr->arg[i], binding);
}
