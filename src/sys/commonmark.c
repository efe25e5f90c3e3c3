/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* commonmark.c - libcmark reads and writes; between the two, what may not stand
 * in a public page is taken out of the tree. libcmark's safe mode would leave
 * out raw HTML and javascript: by itself; this says what may stay instead.
 */
#include "sys/commonmark.h"

#include <cmark.h>
#include <stdlib.h>

enum { DEPTH_MOST = 60 };

/* What is inside goes one up, the node itself away. */
static void unwrap(cmark_node *node)
{
    cmark_node *child;

    while ((child = cmark_node_first_child(node)))
        if (!cmark_node_insert_before(node, child)) {
            cmark_node_unlink(child);
            cmark_node_free(child);
        }
    cmark_node_unlink(node);
    cmark_node_free(node);
}

static bool is_ours(struct str url)
{
    return url.size > 0 && url.at[0] == '/' &&
           !(url.size > 1 && (url.at[1] == '/' || url.at[1] == '\\'));
}

static bool may_lead_to(struct str url)
{
    static const char *const scheme[] = {"https://", "http://",
                                         "tel:", "mailto:"};

    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] <= ' ')
            return false;
    for (size_t i = 0; i < sizeof scheme / sizeof scheme[0]; i++)
        if (str_starts(url, str_of(scheme[i])))
            return true;
    return is_ours(url);
}

static void link_clean(struct arena *arena, cmark_node *node, struct str suffix)
{
    struct str url = str_of(cmark_node_get_url(node));

    if (!may_lead_to(url)) {
        unwrap(node);
        return;
    }
    cmark_node_set_title(node, "");
    if (is_ours(url) && str_find_char(url, '?') == SIZE_MAX &&
        str_find_char(url, '#') == SIZE_MAX)
        cmark_node_set_url(node, str_c(arena, str_join(arena, url, suffix)));
}

static void node_clean(struct arena *arena, cmark_node *node, struct str suffix)
{
    int level;

    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
    case CMARK_NODE_CUSTOM_BLOCK:
    case CMARK_NODE_CUSTOM_INLINE:
        cmark_node_unlink(node);
        cmark_node_free(node);
        break;
    case CMARK_NODE_IMAGE:
        unwrap(node);
        break;
    case CMARK_NODE_LINK:
        link_clean(arena, node, suffix);
        break;
    case CMARK_NODE_CODE_BLOCK:
        cmark_node_set_fence_info(node, "");
        break;
    case CMARK_NODE_HEADING:
        level = cmark_node_get_heading_level(node);
        cmark_node_set_heading_level(node, level < 2 ? 2 : level);
        break;
    default:
        break;
    }
}

/* libcmark walks without recursion, but a page nested that deep is no text. */
static bool too_deep(cmark_node *root)
{
    cmark_iter *walk = cmark_iter_new(root);
    bool deep = false;

    while (!deep && cmark_iter_next(walk) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);
        int depth = 0;

        while (depth <= DEPTH_MOST && (node = cmark_node_parent(node)))
            depth++;
        deep = depth > DEPTH_MOST;
    }
    cmark_iter_free(walk);
    return deep;
}

/* A node is looked at when the walk has left it; what is taken away then harms
 * no walk. Leaves are never left: they are looked at once, on the way in. */
static void tree_clean(struct arena *arena, cmark_node *root, struct str suffix)
{
    cmark_iter *walk = cmark_iter_new(root);
    cmark_event_type event;

    while ((event = cmark_iter_next(walk)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);
        cmark_node_type type = cmark_node_get_type(node);

        if (event == CMARK_EVENT_EXIT || type == CMARK_NODE_HTML_BLOCK ||
            type == CMARK_NODE_HTML_INLINE || type == CMARK_NODE_CODE_BLOCK)
            node_clean(arena, node, suffix);
    }
    cmark_iter_free(walk);
}

bool commonmark_html(struct arena *arena, struct str text, struct str suffix,
                     struct str *html)
{
    cmark_node *root;
    char *out = NULL;

    if (text.size > COMMONMARK_MOST)
        return false;
    root = cmark_parse_document(text.at, text.size, CMARK_OPT_VALIDATE_UTF8);
    if (root && !too_deep(root)) {
        tree_clean(arena, root, suffix);
        out = cmark_render_html(root, CMARK_OPT_DEFAULT);
    }
    if (root)
        cmark_node_free(root);
    if (!out)
        return false;
    *html = str_copy(arena, str_of(out));
    free(out);
    return true;
}
