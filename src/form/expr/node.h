/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* node.h - a document that an expression walks: one small tree, whoever made
 * it (an XML instance, the answers of a record, a list of choices).
 *
 * Built once, in document order, then read. Elements hold text nodes; names
 * are kept as written, prefix and all.
 */
#ifndef COBIJO_NODE_H
#define COBIJO_NODE_H

#include "core/str.h"

struct question;

enum node_kind {
    NODE_DOCUMENT,
    NODE_ELEMENT,
    NODE_ATTRIBUTE,
    NODE_TEXT,
    NODE_COMMENT,
    NODE_INSTRUCTION
};

enum { NODE_DEPTH_MAX = 200 };

struct node {
    enum node_kind kind;
    size_t order;     /* rises in document order */
    struct str name;  /* as written; the target of an instruction */
    struct str space; /* its namespace, STR_NULL for none */
    struct str text;  /* of all but elements and documents */
    const struct node *parent, *first, *last, *next, *previous;
    const struct node *attribute;    /* the first; they are joined by next */
    const struct question *question; /* of answers */
};

struct node_builder {
    struct arena *arena;
    size_t order; /* of the node before; documents share one builder where
                     nodes of both may meet in a set */
};

/* NULL when out of memory. parent NULL: a document. */
struct node *node_add(struct node_builder *builder, struct node *parent,
                      enum node_kind kind, struct str name, struct str text);
/* An element with one text in it; without when text is empty. */
struct node *node_add_text(struct node_builder *builder, struct node *parent,
                           struct str name, struct str text);

/* XPath's string-value. */
struct str node_text(const struct node *node, struct arena *arena);
const struct node *node_document(const struct node *node);
/* The first element below a document, or NULL. */
const struct node *node_top(const struct node *document);
/* The next in document order below top, attributes left out; NULL at the
 * end. */
const struct node *node_after(const struct node *node, const struct node *top);
struct str node_attribute(const struct node *node, const char *name);
/* The name without its prefix. */
struct str name_local(struct str name);

#endif
