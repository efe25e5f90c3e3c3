/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* template_node.h - a compiled template: one flat array of nodes. Private to
 * template.c (which compiles) and template_render.c.
 */
#ifndef COBIJO_TEMPLATE_NODE_H
#define COBIJO_TEMPLATE_NODE_H

#include "core/template.h"

enum node_kind {
    NODE_TEXT,
    NODE_ESCAPED,  /* {{name}} */
    NODE_RAW,      /* {{{name}}} */
    NODE_SECTION,  /* its body is the nodes up to end */
    NODE_INVERTED, /* the same */
    NODE_PARTIAL
};

struct node {
    enum node_kind kind;
    bool line_start;     /* first of its line: an indented partial starts
                            it with the indentation */
    bool inline_partial; /* not alone on its line */
    uint32_t part_count; /* of a dotted name; 0: the value itself, "." */
    uint32_t end;        /* sections: index after the last node of the body */
    struct str text;     /* the text, or the name as written */
    struct str *part;    /* a.b.c cut at the dots */
    struct str indent;   /* of a partial alone on its line */
    const struct template *partial; /* may not be added yet */
};

struct template
{
    struct str name;
    struct node *node;
    uint32_t count, capacity;
    bool added;
};

#endif
