/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* feed_read.c - links to alerts out of Atom (RFC 4287) and RSS 2.0. */
#include "domain/alert/feed.h"

#include "core/utf8.h"

#include "form/expr/node.h"

#define ATOM "http://www.w3.org/2005/Atom"

struct reading {
    struct arena *arena;
    struct str url, origin;
    struct feed *feed;
};

struct str feed_origin(struct str url)
{
    size_t from = str_starts(url, STR("https://"))  ? 8
                  : str_starts(url, STR("http://")) ? 7
                                                    : 0;
    size_t end = from;

    while (end < url.size && url.at[end] != '/' && url.at[end] != '?' &&
           url.at[end] != '#')
        end++;
    return from && end > from ? str_slice(url, 0, end) : STR("");
}

/* Absolute, without what a server never sees; empty: not to be asked. */
static struct str resolve(const struct reading *reading, struct str link)
{
    size_t end;

    link = str_trim(link);
    end = str_find_char(link, '#');
    if (end != SIZE_MAX)
        link = str_slice(link, 0, end);
    if (link.size > 2000)
        return STR("");
    for (size_t i = 0; i < link.size; i++)
        if ((unsigned char)link.at[i] <= ' ' || link.at[i] == '\\')
            return STR("");
    if (str_starts(link, STR("/")) && !str_starts(link, STR("//")))
        link = str_join(reading->arena, reading->origin, link);
    return str_equal(feed_origin(link), reading->origin) ? link : STR("");
}

static struct str child_text(const struct reading *reading,
                             const struct node *node, const char *name)
{
    for (node = node->first; node; node = node->next)
        if (node->kind == NODE_ELEMENT &&
            str_equal_c(name_local(node->name), name))
            return str_trim(node_text(node, reading->arena));
    return STR("");
}

/* How well does this link lead to an alert? 0: not at all. */
static int link_rank(struct str rel, struct str type, struct str href)
{
    if (rel.size && !str_equal_c(rel, "alternate") &&
        !str_equal_c(rel, "enclosure") && !str_equal_c(rel, "via"))
        return 0;
    if (str_starts(type, STR(CAP_TYPE)))
        return 4;
    if (str_find(type, STR("xml")) != SIZE_MAX &&
        str_find(type, STR("xhtml")) == SIZE_MAX)
        return 3;
    if (str_ends(href, STR(".xml")) || str_ends(href, STR(".cap")))
        return 2;
    return str_find(type, STR("html")) == SIZE_MAX ? 1 : 0;
}

static void read_link(const struct reading *reading, const struct node *node,
                      struct feed_entry *entry, int *best)
{
    struct str href = node_attribute(node, "href"), rel, type;
    int rank;

    if (str_is_null(href)) /* RSS: enclosure, or the text of link */
        href = node_attribute(node, "url");
    if (str_is_null(href))
        href = node_text(node, reading->arena);
    rel = node_attribute(node, "rel");
    type = node_attribute(node, "type");
    if (str_equal_c(rel, "related") && str_starts(type, STR("text/plain")))
        entry->note = resolve(reading, href);
    rank = link_rank(rel, type, str_trim(href));
    if (rank > *best) {
        *best = rank;
        entry->link = resolve(reading, href);
    }
}

static void read_entry(struct reading *reading, const struct node *node)
{
    struct feed_entry entry = {0};
    int best = 0;

    if (reading->feed->count == FEED_ENTRIES_MAX) {
        reading->feed->left_out++;
        return;
    }
    for (const struct node *child = node->first; child; child = child->next)
        if (child->kind == NODE_ELEMENT &&
            (str_equal_c(name_local(child->name), "link") ||
             str_equal_c(name_local(child->name), "enclosure")))
            read_link(reading, child, &entry, &best);
    entry.updated = child_text(reading, node, "updated");
    if (!entry.updated.size)
        entry.updated = child_text(reading, node, "pubDate");
    entry.updated = utf8_cut(entry.updated, 80);
    if (!entry.link.size || str_equal(entry.link, reading->url)) {
        reading->feed->left_out++;
        return;
    }
    for (size_t i = 0; i < reading->feed->count; i++)
        if (str_equal(reading->feed->entry[i].link, entry.link))
            return;
    reading->feed->entry[reading->feed->count++] = entry;
}

static const struct node *find(const struct node *node, const char *name)
{
    for (node = node->first; node; node = node->next)
        if (node->kind == NODE_ELEMENT &&
            str_equal_c(name_local(node->name), name))
            return node;
    return NULL;
}

enum error feed_read(cap_xml xml, struct arena *arena, struct str text,
                     struct str url, struct feed *feed, struct err *err)
{
    struct node_builder builder = {.arena = arena};
    struct reading reading = {arena, url, feed_origin(url), feed};
    const struct node *document = NULL, *top, *list;
    bool atom;
    enum error error;

    *feed = (struct feed){0};
    if (text.size > FEED_SIZE_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("La lista de alertas es demasiado grande."), NULL,
                       NULL, NULL);
    error = xml(&builder, text, &document, err);
    if (error)
        return error;
    top = node_top(document);
    if (top && str_equal_c(top->space, CAP_SPACE) &&
        str_equal_c(name_local(top->name), "alert")) {
        feed->alone = true;
        return ERROR_NONE;
    }
    atom = top && str_equal_c(top->space, ATOM) &&
           str_equal_c(name_local(top->name), "feed");
    list = atom                                   ? top
           : top && str_equal_c(top->name, "rss") ? find(top, "channel")
                                                  : NULL;
    if (!list)
        return err_set(err, ERROR_SYNTAX,
                       N_("No es una lista de alertas: se esperaba Atom o "
                          "RSS 2.0."),
                       NULL, NULL, NULL);
    for (const struct node *node = list->first; node; node = node->next)
        if (node->kind == NODE_ELEMENT &&
            str_equal_c(name_local(node->name), atom ? "entry" : "item"))
            read_entry(&reading, node);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}
