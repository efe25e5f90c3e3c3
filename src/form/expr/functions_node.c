/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_node.c - what XPath asks of nodes, and what ODK does with lists:
 * their names, their language, their order, the label or column they hold. */
#include <math.h>

#include "form/expr/digest.h"
#include "form/expr/eval.h"

/* The first node of the argument, or the context. NULL when there is none. */
static const struct node *node_of(struct eval *eval, const struct expr *call)
{
    struct expr_result nodes = {0};

    if (call->arg_count == 0)
        return eval_place(eval, &eval->now);
    if (!eval_tree_nodes(eval, call->arg[0], &nodes) || nodes.count == 0)
        return NULL;
    return nodes.tree[0];
}

void expr_function_name(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    const struct node *node = node_of(eval, call);

    if (node)
        result_text(result, node->name);
}

void expr_function_local_name(struct eval *eval, const struct expr *call,
                              struct expr_result *result)
{
    const struct node *node = node_of(eval, call);

    if (node)
        result_text(result, name_local(node->name));
}

void expr_function_namespace_uri(struct eval *eval, const struct expr *call,
                                 struct expr_result *result)
{
    const struct node *node = node_of(eval, call);

    if (node)
        result_text(result, node->space);
}

/* The nearest xml:lang is the wanted language or a dialect of it. */
void expr_function_lang(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    struct str wanted = eval_text(eval, call->arg[0]), own = STR_NULL;
    const struct node *node = eval_place(eval, &eval->now);

    for (; node && str_is_null(own); node = node->parent)
        own = node_attribute(node, "xml:lang");
    result_truth(result,
                 own.size >= wanted.size &&
                     str_equal_nocase(str_slice(own, 0, wanted.size), wanted) &&
                     (own.size == wanted.size || own.at[wanted.size] == '-'));
}

static bool has_word(struct str words, struct str wanted)
{
    struct str word;

    while (str_cut(&words, ' ', &word))
        if (word.size && str_equal(str_trim(word), wanted))
            return true;
    return false;
}

/* The elements of those id attributes; id(nodes) takes the ids they hold. */
void expr_function_id(struct eval *eval, const struct expr *call,
                      struct expr_result *result)
{
    const struct node *document = node_document(eval_document(eval)), *node;
    struct expr_result ids = {0};
    const struct node **found;
    struct buf words;
    size_t count = 0;

    eval_node(eval, call->arg[0], &ids);
    buf_init(&words, eval->arena);
    for (size_t i = 0; ids.type == EXPR_NODES && i < ids.count; i++) {
        buf_put(&words, expr_node_text(&ids, i));
        buf_putc(&words, ' ');
    }
    if (ids.type != EXPR_NODES)
        buf_put(&words, result_to_text(eval, &ids));
    for (node = document; node; node = node_after(node, document))
        count++;
    found = arena_array(eval->arena, sizeof *found, count + 1);
    count = 0;
    for (node = document; node && found && eval_work(eval, 1);
         node = node_after(node, document)) {
        struct str id = node_attribute(node, "id");

        if (id.size && has_word(buf_str(&words), id))
            found[count++] = node;
    }
    result->type = EXPR_NODES;
    result->tree = found;
    result->count = count;
}

/* --- randomize -------------------------------------------------------------
 */

enum { PARK_MILLER = 2147483647 };

static int64_t park_miller_seed(int64_t seed)
{
    seed %= PARK_MILLER;
    return seed > 0 ? seed : seed + PARK_MILLER - 1;
}

/* A number is its whole part; a text that is none, as in JavaRosa, the first
 * eight bytes of its SHA-256. */
static int64_t seed_of(struct eval *eval, const struct expr *expr)
{
    struct expr_result value = {0};
    unsigned char digest[DIGEST_MAX];
    double number;
    uint64_t bits = 0;
    struct str text;

    eval_node(eval, expr, &value);
    number = expr_to_number(&value);
    if (!isnan(number))
        return fabs(number) < 9e18 ? (int64_t)number : 0;
    text = result_to_text(eval, &value);
    digest_of(DIGEST_SHA256, text, digest);
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | digest[i];
    return (int64_t)(bits & INT64_MAX) + (bits > INT64_MAX ? INT64_MIN : 0);
}

void randomize_order(int64_t seed, size_t count, size_t *order)
{
    int64_t state = park_miller_seed(seed);

    for (size_t i = 0; i < count; i++) {
        size_t other;

        state = state * 16807 % PARK_MILLER;
        other =
            (size_t)((double)(state - 1) / (PARK_MILLER - 1) * (double)(i + 1));
        if (other != i)
            order[i] = order[other];
        order[other] = i;
    }
}

static bool random_seed(struct eval *eval, const struct expr *call,
                        int64_t *seed)
{
    unsigned char bytes[4];

    if (!eval_random(eval, call, bytes, sizeof bytes))
        return false;
    *seed = (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    return true;
}

void expr_function_randomize(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    struct expr_result nodes = {0};
    int64_t seed = 0;
    size_t *order;

    eval_node(eval, call->arg[0], &nodes);
    if (nodes.type != EXPR_NODES) {
        eval_fail(eval, call,
                  N_("La función del carácter {1} necesita una pregunta o un "
                     "grupo que se repite."));
        return;
    }
    if (call->arg_count > 1)
        seed = seed_of(eval, call->arg[1]);
    else if (!random_seed(eval, call, &seed))
        return;
    order = arena_array(eval->arena, sizeof *order, nodes.count + 1);
    if (!order)
        return;
    randomize_order(seed, nodes.count, order);
    *result = nodes;
    if (nodes.tree) {
        const struct node **tree =
            arena_array(eval->arena, sizeof *tree, nodes.count + 1);

        for (size_t i = 0; tree && i < nodes.count; i++)
            tree[i] = nodes.tree[order[i]];
        result->tree = tree;
    } else {
        struct str *node =
            arena_array(eval->arena, sizeof *node, nodes.count + 1);

        for (size_t i = 0; node && i < nodes.count; i++)
            node[i] = nodes.node[order[i]];
        result->node = node;
    }
}

/* --- texts and tables ------------------------------------------------------
 */

static const struct node *find_element(const struct node *top, const char *name,
                                       struct str attribute,
                                       const char *attribute_name)
{
    const struct node *node = top;

    for (; node; node = node_after(node, top))
        if (node->kind == NODE_ELEMENT &&
            str_equal_c(name_local(node->name), name) &&
            (str_is_null(attribute) ||
             str_equal(node_attribute(node, attribute_name), attribute)))
            return node;
    return NULL;
}

/* The text of that id in the document's <itext>, in the language asked for,
 * else the default, else the first; the id where there is none. */
void expr_function_itext(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    struct str id = eval_text(eval, call->arg[0]);
    const struct node *itext = NULL, *translation = NULL, *text = NULL;

    result_text(result, id);
    if (eval->scope->document)
        itext = find_element(eval->scope->document, "itext", STR_NULL, "");
    if (!itext)
        return;
    translation =
        find_element(itext, "translation", eval->scope->language, "lang");
    if (!translation)
        translation =
            find_element(itext, "translation", STR("true()"), "default");
    if (!translation)
        translation = find_element(itext, "translation", STR_NULL, "");
    if (translation)
        text = find_element(translation, "text", id, "id");
    if (text)
        text = find_element(text, "value", STR_NULL, "");
    if (text)
        result_text(result, str_trim(node_text(text, eval->arena)));
}

static struct str child_text(struct eval *eval, const struct node *item,
                             struct str name)
{
    const struct node *child = item->first;

    for (; child; child = child->next)
        if (child->kind == NODE_ELEMENT && str_equal(child->name, name))
            return node_text(child, eval->arena);
    return STR_NULL;
}

/* pulldata('file', 'column', 'key column', key) is
 * instance('file')/root/item[key column = key]/column. */
void expr_function_pulldata(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct str name = eval_text(eval, call->arg[0]);
    struct str column = eval_text(eval, call->arg[1]);
    struct str key_column = eval_text(eval, call->arg[2]);
    struct str key = eval_text(eval, call->arg[3]);
    const struct choice_list *list = eval_list(eval, call, name);
    const struct node *top, *item;

    if (list && str_equal_c(key_column, "name")) {
        const struct choice *choice = choice_find(list, key);

        if (choice)
            result_text(result, eval_choice_column(eval, choice, column));
        return;
    }
    for (size_t i = 0; list && i < list->count && eval_work(eval, 1); i++)
        if (str_equal(eval_choice_column(eval, &list->choice[i], key_column),
                      key)) {
            result_text(result,
                        eval_choice_column(eval, &list->choice[i], column));
            return;
        }
    top = list ? NULL : eval_instance_tree(eval, call, name);
    top = top ? node_top(top) : NULL;
    for (item = top ? top->first : NULL; item && eval_work(eval, 1);
         item = item->next)
        if (item->kind == NODE_ELEMENT &&
            str_equal(child_text(eval, item, key_column), key)) {
            result_text(result, child_text(eval, item, column));
            return;
        }
}
