/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml.h - XML documents made comparable: attributes in order, space between
 * elements left out. Needs libxml2. */
#ifndef COBIJO_TEST_XML_H
#define COBIJO_TEST_XML_H

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "core/buf.h"

static inline void xml_escaped(struct buf *out, const char *text)
{
    bool space = false;

    for (; text && *text; text++) {
        if (strchr(" \t\r\n", *text)) {
            space = true;
            continue;
        }
        if (space)
            buf_putc(out, ' ');
        space = false;
        if (*text == '<')
            buf_puts(out, "&lt;");
        else if (*text == '>')
            buf_puts(out, "&gt;");
        else if (*text == '&')
            buf_puts(out, "&amp;");
        else if (*text == '"')
            buf_puts(out, "&quot;");
        else
            buf_putc(out, *text);
    }
    if (space)
        buf_putc(out, ' ');
}

static inline const char *xml_attribute_name(struct arena *arena,
                                             const xmlAttr *attribute)
{
    return attribute->ns && attribute->ns->prefix
               ? str_c(arena, str_format(arena, "%s:%s", attribute->ns->prefix,
                                         attribute->name))
               : (const char *)attribute->name;
}

/* Attributes without a prefix first, by name. */
static inline void xml_attributes(struct arena *arena, const xmlNode *node,
                                  struct buf *out)
{
    const char *name[100];
    char *value[100];
    size_t count = 0;

    for (xmlAttr *at = node->properties; at && count < 100; at = at->next) {
        const char *one = xml_attribute_name(arena, at);
        size_t place = count++;

        for (; place > 0; place--) {
            bool a = strchr(one, ':') != NULL;
            bool b = strchr(name[place - 1], ':') != NULL;

            if (a > b || (a == b && strcmp(one, name[place - 1]) > 0))
                break;
            name[place] = name[place - 1];
            value[place] = value[place - 1];
        }
        name[place] = one;
        value[place] = (char *)xmlNodeListGetString(node->doc, at->children, 1);
    }
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, " %s=\"", name[i]);
        xml_escaped(out, value[i]);
        buf_putc(out, '"');
        xmlFree(value[i]);
    }
}

static inline void xml_serialise(struct arena *arena, const xmlNode *node,
                                 struct buf *out, bool lines)
{
    const xmlNs *spaces = node->nsDef;
    bool empty = true;

    if (node->type == XML_TEXT_NODE) {
        if (!xmlIsBlankNode(node))
            xml_escaped(out, (const char *)node->content);
        return;
    }
    if (node->type != XML_ELEMENT_NODE)
        return;
    if (lines)
        buf_putc(out, '\n');
    buf_putc(out, '<');
    if (node->ns && node->ns->prefix)
        buf_printf(out, "%s:", node->ns->prefix);
    buf_puts(out, (const char *)node->name);
    if (strcmp((const char *)node->name, "model") == 0)
        spaces = node->parent->parent->nsDef;
    for (const xmlNs *ns = spaces; ns && !lines; ns = ns->next)
        buf_printf(out, " xmlns%s%s=\"%s\"", ns->prefix ? ":" : "",
                   ns->prefix ? (const char *)ns->prefix : "", ns->href);
    xml_attributes(arena, node, out);
    for (const xmlNode *child = node->children; child; child = child->next)
        empty = empty && xmlIsBlankNode(child);
    if (empty) {
        buf_puts(out, "/>");
        return;
    }
    buf_putc(out, '>');
    for (xmlNode *child = node->children; child; child = child->next)
        xml_serialise(arena, child, out, lines);
    buf_puts(out, "</");
    if (node->ns && node->ns->prefix)
        buf_printf(out, "%s:", node->ns->prefix);
    buf_printf(out, "%s>", node->name);
}

static inline xmlDoc *xml_read(struct str text)
{
    return xmlReadMemory(text.at, (int)text.size, "x.xml", NULL,
                         XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

#endif
