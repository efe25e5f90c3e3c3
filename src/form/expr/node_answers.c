/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* node_answers.c - the answers of a record and the lists of its form as
 * document trees, made when a path asks for more than answers can tell by
 * themselves (a wildcard, //, an attribute, a sibling, a union).
 */
#include "form/expr/eval.h"

/* --- the record ------------------------------------------------------------
 */

static void add_questions(struct node_builder *builder, struct node *parent,
                          const struct level *level,
                          const struct question *first);

static void add_rows(struct node_builder *builder, struct node *parent,
                     const struct level *level, const struct question *repeat)
{
    size_t count = level_row_count(level, repeat);

    for (size_t i = 0; i < count; i++) {
        struct level row = level_row(level, repeat, i);
        struct node *node =
            node_add(builder, parent, NODE_ELEMENT, repeat->name, STR_NULL);

        if (!node)
            return;
        node->question = repeat;
        add_questions(builder, node, &row, repeat->child);
    }
}

static void add_questions(struct node_builder *builder, struct node *parent,
                          const struct level *level,
                          const struct question *first)
{
    for (const struct question *q = first; q; q = q->next) {
        struct node *node;

        if (q->type == QUESTION_REPEAT) {
            add_rows(builder, parent, level, q);
            continue;
        }
        node = node_add_text(builder, parent, q->name,
                             question_has_value(q)
                                 ? level_text(level, q, builder->arena)
                                 : STR_NULL);
        if (!node)
            return;
        node->question = q;
        if (q->child)
            add_questions(builder, node, level, q->child);
    }
}

static const struct form *form_of(const struct eval *eval)
{
    return eval->scope->form;
}

const struct node *eval_document(struct eval *eval)
{
    const struct level *level = eval->now.level;
    struct node *document, *top;

    if (eval->answers || !form_of(eval))
        return eval->answers;
    while (level->up)
        level = level->up;
    document =
        node_add(&eval->builder, NULL, NODE_DOCUMENT, STR_NULL, STR_NULL);
    top = document ? node_add(&eval->builder, document, NODE_ELEMENT,
                              STR("data"), STR_NULL)
                   : NULL;
    if (!top)
        return NULL;
    add_questions(&eval->builder, top, level, form_of(eval)->first);
    eval->answers = document;
    return document;
}

/* The index-th (from 1) node of a question below top. */
static const struct node *find_question(const struct node *top,
                                        const struct question *question,
                                        size_t index)
{
    const struct node *node;

    for (node = node_after(top, top); node; node = node_after(node, top))
        if (node->question == question && --index == 0)
            return node;
    return NULL;
}

static const struct node *level_node(struct eval *eval,
                                     const struct level *level)
{
    const struct node *above;

    if (!level->up || !level->repeat)
        return node_top(eval_document(eval));
    above = level_node(eval, level->up);
    return above && level->position
               ? find_question(above, level->repeat, level->position)
               : NULL;
}

const struct node *eval_place(struct eval *eval,
                              const struct eval_context *context)
{
    const struct node *node;

    if (context->tree)
        return context->tree;
    if (!eval_document(eval))
        return NULL;
    node = level_node(eval, context->level);
    if (!node || !context->node || node->question == context->node)
        return node;
    return find_question(node, context->node, 1);
}

/* --- lists -----------------------------------------------------------------
 */

struct list_tree {
    struct str name;
    const struct node *document;
    struct list_tree *next;
};

static void add_column(struct eval *eval, struct node *item, struct str name,
                       struct str text)
{
    node_add_text(&eval->builder, item, name, text);
}

static void add_item(struct eval *eval, struct node *root,
                     const struct choice *choice)
{
    struct node *item =
        node_add(&eval->builder, root, NODE_ELEMENT, STR("item"), STR_NULL);

    if (!item || !eval_work(eval, 1))
        return;
    add_column(eval, item, STR("name"), choice->name);
    add_column(eval, item, STR("label"),
               eval_choice_column(eval, choice, STR("label")));
    for (size_t i = 0; i < value_count(choice->extra); i++)
        add_column(eval, item, value_name_at(choice->extra, i),
                   value_text(value_at(choice->extra, i)));
}

static const struct node *list_document(struct eval *eval,
                                        const struct choice_list *list)
{
    struct node *document =
        node_add(&eval->builder, NULL, NODE_DOCUMENT, STR_NULL, STR_NULL);
    struct node *root = document ? node_add(&eval->builder, document,
                                            NODE_ELEMENT, STR("root"), STR_NULL)
                                 : NULL;

    for (size_t i = 0; root && i < list->count && !eval->code; i++)
        add_item(eval, root, &list->choice[i]);
    return document;
}

/* <instance id="name"> of an XForm. */
static const struct node *instance_in(const struct node *document,
                                      struct str name)
{
    const struct node *node = document;

    for (; node; node = node_after(node, document))
        if (node->kind == NODE_ELEMENT &&
            str_equal_c(name_local(node->name), "instance") &&
            str_equal(node_attribute(node, "id"), name))
            return node;
    return NULL;
}

const struct node *eval_instance_tree(struct eval *eval,
                                      const struct expr *path, struct str name)
{
    const struct expr_scope *scope = eval->scope;
    const struct choice_list *list;
    struct list_tree *tree = eval->lists;
    const struct node *found = NULL;

    for (; tree; tree = tree->next)
        if (str_equal(tree->name, name))
            return tree->document;
    list = eval_list(eval, path, name);
    if (list)
        found = list_document(eval, list);
    else if (scope->instance)
        found = scope->instance(scope->context, name);
    if (!found && scope->document)
        found = instance_in(scope->document, name);
    if (!found) {
        if (!eval->code)
            eval->code =
                err_set(eval->err, ERROR_INPUT,
                        N_("No hay ninguna lista ni instancia llamada «{1}»."),
                        str_c(eval->arena, name), NULL, NULL);
        return NULL;
    }
    tree = ARENA_NEW(eval->arena, struct list_tree);
    if (tree) {
        *tree = (struct list_tree){name, found, eval->lists};
        eval->lists = tree;
    }
    return found;
}
