/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* node.c - building and reading a document tree. */
#include "form/expr/node.h"

#include "core/buf.h"

static void node_hang(struct node *parent, struct node *node)
{
    struct node *before;

    node->parent = parent;
    if (node->kind == NODE_ATTRIBUTE) {
        before = (struct node *)parent->attribute;
        while (before && before->next)
            before = (struct node *)before->next;
        if (before)
            before->next = node;
        else
            parent->attribute = node;
        return;
    }
    before = (struct node *)parent->last;
    node->previous = before;
    if (before)
        before->next = node;
    else
        parent->first = node;
    parent->last = node;
}

struct node *node_add(struct node_builder *builder, struct node *parent,
                      enum node_kind kind, struct str name, struct str text)
{
    struct node *node = ARENA_NEW(builder->arena, struct node);

    if (!node || (!parent && kind != NODE_DOCUMENT))
        return NULL;
    node->kind = kind;
    node->name = name;
    node->text = text;
    node->order = ++builder->order;
    if (parent)
        node_hang(parent, node);
    return node;
}

struct node *node_add_text(struct node_builder *builder, struct node *parent,
                           struct str name, struct str text)
{
    struct node *node = node_add(builder, parent, NODE_ELEMENT, name, STR_NULL);

    if (node && text.size > 0)
        node_add(builder, node, NODE_TEXT, STR_NULL, text);
    return node;
}

const struct node *node_after(const struct node *node, const struct node *top)
{
    if (node->kind != NODE_ATTRIBUTE && node->first)
        return node->first;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

struct str node_text(const struct node *node, struct arena *arena)
{
    const struct node *part;
    struct buf out;

    if (!node)
        return STR("");
    if (node->kind != NODE_ELEMENT && node->kind != NODE_DOCUMENT)
        return node->text.at ? node->text : STR("");
    if (!node->first)
        return STR("");
    if (!node->first->next && node->first->kind == NODE_TEXT)
        return node->first->text;
    buf_init(&out, arena);
    for (part = node->first; part; part = node_after(part, node))
        if (part->kind == NODE_TEXT)
            buf_put(&out, part->text);
    return out.size ? buf_str(&out) : STR("");
}

const struct node *node_document(const struct node *node)
{
    while (node && node->parent)
        node = node->parent;
    return node;
}

const struct node *node_top(const struct node *document)
{
    const struct node *node = document ? document->first : NULL;

    while (node && node->kind != NODE_ELEMENT)
        node = node->next;
    return node;
}

struct str node_attribute(const struct node *node, const char *name)
{
    const struct node *attribute =
        node && node->kind == NODE_ELEMENT ? node->attribute : NULL;

    for (; attribute; attribute = attribute->next)
        if (str_equal_c(attribute->name, name))
            return attribute->text;
    return STR_NULL;
}

struct str name_local(struct str name)
{
    size_t colon = str_find_char(name, ':');

    return colon < SIZE_MAX ? str_slice(name, colon + 1, name.size) : name;
}
