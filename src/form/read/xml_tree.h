/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml_tree.h - an XML text as a document tree (form/expr/node.h), with expat.
 * Native only.
 *
 * Bounded: XML_TREE_SIZE_MAX bytes, NODE_DEPTH_MAX elements deep. A document
 * that declares an entity is refused; nothing outside it is ever read. What is
 * written in the text in another encoding comes out as UTF-8.
 */
#ifndef COBIJO_XML_TREE_H
#define COBIJO_XML_TREE_H

#include "core/err.h"
#include "form/expr/node.h"

enum { XML_TREE_SIZE_MAX = 64 * 1024 * 1024, XML_TREE_ATTRIBUTES_MAX = 1000 };

/* ERROR_SYNTAX with the line in {1}. The tree lives in the builder's arena
 * and does not refer to the text. */
enum error xml_tree_read(struct node_builder *builder, struct str text,
                         const struct node **document, struct err *err);

#endif
