/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_names.c - names of nodes: one of a kind where they must be, and the
 * table that finds them. */
#include "form/xls/xls_read.h"

#include "core/utf8.h"

static size_t count_nodes(const struct xls_node *node)
{
    size_t count = 0;

    for (; node; node = node->next)
        count += 1 + count_nodes(node->child);
    return count;
}

static void gather(struct xls *xls, struct xls_node *node)
{
    for (; node; node = node->next) {
        node->index = xls->nodes;
        xls->node[xls->nodes++] = node;
        gather(xls, node->child);
    }
}

size_t xls_scope(const struct xls *xls, const struct xls_node *parent)
{
    return parent == &xls->top ? 0 : parent->index + 1;
}

static void check_sibling(struct xls *xls, struct names *exact,
                          struct names *small, struct xls_node *node)
{
    size_t scope = xls_scope(xls, node->parent);
    struct str lower = utf8_lower(xls->arena, node->name);
    size_t at = names_find(exact, scope, node->name);

    if (at < SIZE_MAX) {
        xls_problem(xls, XLS_NAMES_001,
                    (struct xls_place){
                        "survey", node->generated ? 0 : node->row, STR("name")},
                    node->name, xls_number(xls->arena, xls->node[at]->row),
                    STR(""));
        return;
    }
    names_add(exact, scope, node->name, node->index);
    at = names_find(small, scope, lower);
    if (at < SIZE_MAX)
        xls_node_problem(xls, XLS_NAMES_002, node, "name", node->name,
                         xls->node[at]->name);
    else
        names_add(small, scope, lower, node->index);
}

static void check_repeat(struct xls *xls, struct names *repeats,
                         const struct xls_node *node)
{
    size_t at = names_find(repeats, 0, node->name);

    if (node->type->kind != XLS_REPEAT)
        return;
    if (str_equal(node->name, xls->root))
        xls_node_problem(xls, XLS_NAMES_003, node, "name", node->name, STR(""));
    if (at < SIZE_MAX)
        xls_node_problem(xls, XLS_NAMES_004, node, "name", node->name,
                         xls_number(xls->arena, xls->node[at]->row));
    else
        names_add(repeats, 0, node->name, node->index);
}

void xls_check_names(struct xls *xls)
{
    size_t count = count_nodes(xls->top.child) + 1;
    struct names *exact = names_new(xls->arena, count);
    struct names *small = names_new(xls->arena, count);
    struct names *repeats = names_new(xls->arena, count);

    xls->nodes = 0;
    xls->node = ARENA_ARRAY(xls->arena, struct xls_node *, count);
    xls->name = names_new(xls->arena, count);
    xls->twice = names_new(xls->arena, count);
    if (!xls->node || !xls->name || !xls->twice || !exact || !small || !repeats)
        return;
    xls->sibling = exact;
    gather(xls, xls->top.child);
    for (size_t i = 0; i < xls->nodes; i++) {
        struct xls_node *node = xls->node[i];

        if (node->name.size == 0)
            continue;
        if (str_equal_c(node->name, "meta"))
            xls_node_problem(xls, XLS_NAMES_005, node, "name", STR(""),
                             STR(""));
        check_sibling(xls, exact, small, node);
        check_repeat(xls, repeats, node);
        if (!names_add(xls->name, 0, node->name, i))
            names_add(xls->twice, 0, node->name, i);
    }
}
