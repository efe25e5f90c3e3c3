/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bind.c - ties the names of an expression to the questions of a form. */
#include "form/expr/tree.h"

static const struct question *child_of(const struct form *form,
                                       const struct question *parent,
                                       struct str name)
{
    const struct question *child = parent ? parent->child : form->first;

    while (child && !str_equal(child->name, name))
        child = child->next;
    return child;
}

bool expr_resolve(const struct form *form, const struct question *node,
                  const struct expr *path, const struct question **out)
{
    const struct question *at = node;
    size_t from = 0;

    if (path->root == EXPR_ROOT_DOCUMENT || path->root == EXPR_ROOT_NAME) {
        at = NULL;
        if (path->root == EXPR_ROOT_NAME)
            at = form_find_name(form, node, path->step[0].name);
        if (path->root == EXPR_ROOT_NAME && !at)
            return false;
        out[from++] = at;
    }
    for (size_t i = from; i < path->step_count; i++) {
        const struct expr_step *step = &path->step[i];

        if (step->kind == EXPR_STEP_AXIS || step->kind == EXPR_STEP_FILTER)
            return false;
        if (step->kind == EXPR_STEP_PARENT) {
            if (!at)
                return false;
            at = at->parent;
        } else if (step->kind == EXPR_STEP_CHILD) {
            at = child_of(form, at, step->name);
            if (!at)
                return false;
        }
        out[i] = at;
    }
    return true;
}

struct str expr_path_name(const struct expr *path)
{
    for (size_t i = path->step_count; i > 0; i--)
        if (path->step[i - 1].kind == EXPR_STEP_CHILD)
            return path->step[i - 1].name;
    return STR("");
}

static void bind_predicates(struct expr *path,
                            const struct expr_binding *binding, bool choices)
{
    for (size_t i = 0; i < path->step_count; i++)
        for (size_t j = 0; j < path->step[i].predicate_count; j++) {
            struct expr_binding inner = *binding;

            if (!inner.inside)
                inner.start = binding->node;
            inner.inside = true;
            inner.columns = choices;
            if (!choices && path->step[i].question)
                inner.node = path->step[i].question;
            /* made by the parser, in the same arena, for nobody else */
            expr_bind((struct expr *)path->step[i].predicate[j], &inner);
        }
}

static void bind_path(struct expr *path, const struct expr_binding *binding)
{
    const struct question *question[EXPR_STEPS_MAX];
    const struct form *form = binding->form;
    const struct question *from =
        binding->inside && path->root == EXPR_ROOT_CURRENT ? binding->start
                                                           : binding->node;

    if (path->root == EXPR_ROOT_INSTANCE) {
        for (size_t i = 0; i < form->list_count; i++)
            if (str_equal(form->list[i].name, path->text))
                path->list = &form->list[i];
        if (!path->list && binding->unknown)
            binding->unknown(binding->context, path);
        bind_predicates(path, binding, true);
        return;
    }
    if (path->general) {
        if (path->root == EXPR_ROOT_NAME &&
            !form_find_name(form, binding->node, path->step[0].name) &&
            binding->unknown)
            binding->unknown(binding->context, path);
        expr_use_path(path, binding);
        bind_predicates(path, binding, true);
        return;
    }
    if (binding->columns && path->root == EXPR_ROOT_CONTEXT &&
        path->step[0].kind != EXPR_STEP_PARENT &&
        path->step[path->step_count - 1].kind == EXPR_STEP_CHILD)
        return;
    if ((path->root == EXPR_ROOT_NAME &&
         form_name_ambiguous(form, binding->node, path->step[0].name)) ||
        !expr_resolve(form, from, path, question)) {
        if (binding->unknown)
            binding->unknown(binding->context, path);
        return;
    }
    for (size_t i = 0; i < path->step_count; i++)
        path->step[i].question = question[i];
    path->form = form;
    if (binding->used && question[path->step_count - 1])
        binding->used(binding->context, question[path->step_count - 1]);
    bind_predicates(path, binding, false);
}

void expr_bind(struct expr *expr, const struct expr_binding *binding)
{
    if (expr->kind == EXPR_KIND_PATH)
        bind_path(expr, binding);
    for (size_t i = 0; i < expr->arg_count; i++)
        expr_bind(expr->arg[i], binding);
}

struct references {
    struct arena *arena;
    struct str *name;
    size_t count;
};

static void references_add(struct references *references, struct str name)
{
    size_t count = references->count;
    struct str *room = references->name;

    if ((count & (count - 1)) == 0)
        room = arena_grow(references->arena, references->name,
                          count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    references->name = room;
    references->name[references->count++] = name;
}

static void references_walk(struct references *references,
                            const struct expr *expr)
{
    if (expr->kind == EXPR_KIND_PATH && expr->root != EXPR_ROOT_INSTANCE &&
        expr_path_name(expr).size > 0)
        references_add(references, expr_path_name(expr));
    for (size_t i = 0; i < expr->step_count; i++)
        for (size_t j = 0; j < expr->step[i].predicate_count; j++)
            references_walk(references, expr->step[i].predicate[j]);
    for (size_t i = 0; i < expr->arg_count; i++)
        references_walk(references, expr->arg[i]);
}

size_t expr_references(const struct expr *expr, struct arena *arena,
                       struct str **name)
{
    struct references references = {.arena = arena};

    if (expr)
        references_walk(&references, expr);
    *name = references.name;
    return references.count;
}
