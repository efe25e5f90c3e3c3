/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_loop.c - begin_loop over LIST: its rows once for each choice, each time
 * in a group that is named like the choice. */
#include "form/xls/xls_read.h"

/* %(label)s and %(name)s stand for the choice's. */
static struct str filled(struct xls *xls, struct str text,
                         const struct xls_choice *choice, struct str language)
{
    struct str label = STR("");
    struct buf out;

    if (str_find(text, STR("%(")) == SIZE_MAX)
        return text;
    for (size_t i = 0; i < choice->texts.count; i++)
        if (choice->texts.text[i].kind == XLS_TEXT_LABEL &&
            (label.size == 0 ||
             str_equal(choice->texts.text[i].language, language)))
            label = choice->texts.text[i].text;
    buf_init(&out, xls->arena);
    while (text.size > 0) {
        if (str_starts(text, STR("%(label)s"))) {
            buf_put(&out, label);
            text = str_slice(text, 9, text.size);
        } else if (str_starts(text, STR("%(name)s"))) {
            buf_put(&out, choice->name);
            text = str_slice(text, 8, text.size);
        } else {
            buf_putc(&out, text.at[0]);
            text = str_slice(text, 1, text.size);
        }
    }
    return buf_str(&out);
}

static void fill_texts(struct xls *xls, struct xls_texts *texts,
                       const struct xls_choice *choice)
{
    struct xls_text *text =
        ARENA_ARRAY(xls->arena, struct xls_text, texts->count + 1);

    for (size_t i = 0; text && i < texts->count; i++) {
        text[i] = texts->text[i];
        text[i].text = filled(xls, text[i].text, choice, text[i].language);
    }
    texts->text = text;
}

static void copy(struct xls *xls, struct xls_node *parent,
                 const struct xls_node *from, const struct xls_choice *choice,
                 int depth)
{
    for (; from; from = from->next) {
        struct xls_node *node =
            xls->nodes++ < XLS_NODES_MAX
                ? xls_node_new(xls, parent, NULL, from->name, from->row)
                : NULL;
        struct xls_node made;

        if (!node)
            return;
        made = *node;
        *node = *from;
        node->parent = made.parent;
        node->repeat = made.repeat;
        node->depth = made.depth;
        node->child = node->last = node->next = NULL;
        if (depth == 0) {
            fill_texts(xls, &node->texts, choice);
            fill_texts(xls, &node->own, choice);
        }
        copy(xls, node, from->child, choice, depth + 1);
    }
}

void xls_loop(struct xls *xls, struct xls_node *loop)
{
    const struct xls_list *list = xls_list_find(xls, loop->list_name);
    const struct xls_node *rows = loop->child;

    loop->type = xls_type_named("group");
    if (!list) {
        xls_node_problem(xls, XLS_LOOP_LIST, loop, "type", STR(""), STR(""));
        return;
    }
    loop->child = loop->last = NULL;
    loop->list_name = STR_NULL;
    for (size_t i = 0; i < list->count; i++) {
        struct xls_node *group =
            xls_node_new(xls, loop, "group", list->choice[i].name, loop->row);

        if (!group)
            return;
        if (!xls_name_good(group->name) && i < 10)
            xls_problem(
                xls, XLS_NAMES_008,
                (struct xls_place){"choices", list->choice[i].row, STR("name")},
                group->name, STR(""), STR(""));
        group->texts = list->choice[i].texts;
        copy(xls, group, rows, &list->choice[i], 0);
    }
}
