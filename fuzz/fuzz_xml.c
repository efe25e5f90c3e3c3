/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An XML document: read or refused with a reason; the tree holds together. */
#include <stdint.h>
#include <stdlib.h>

#include "core/utf8.h"
#include "form/read/xml_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_node(const struct node *node, size_t *order)
{
    if (node->order <= *order)
        abort();
    *order = node->order;
    for (const struct node *a = node->attribute; a; a = a->next) {
        if (a->parent != node || a->order <= *order)
            abort();
        *order = a->order;
    }
    if (node->first && (node->first->parent != node || node->first->previous))
        abort();
    if (node->next && node->next->previous != node)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct node_builder builder;
    const struct node *document = NULL, *node;
    struct err err = {0};
    struct arena arena;
    size_t order = 0;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    builder = (struct node_builder){.arena = &arena};
    if (xml_tree_read(&builder, (struct str){(const char *)bytes, size},
                      &document, &err)) {
        if (!err.code || !err.message)
            abort();
    } else {
        for (node = document; node; node = node_after(node, document))
            check_node(node, &order);
        if (utf8_invalid(node_text(document, &arena)) != SIZE_MAX &&
            !arena_failed(&arena))
            abort();
    }
    arena_release(&arena);
    return 0;
}
