/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_xml.c - text and attributes, escaped; what XML cannot hold is left
 * out. */
#include "form/xform/xform_part.h"

/* What stands for a character, NULL: it stands for itself. */
static const char *escape(unsigned char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    default:
        return c < ' ' ? "" : NULL;
    }
}

/* U+FFFE and U+FFFF, which XML has not. */
static bool is_none(struct str text, size_t at)
{
    return at + 2 < text.size && (unsigned char)text.at[at] == 0xef &&
           (unsigned char)text.at[at + 1] == 0xbf &&
           (unsigned char)text.at[at + 2] >= 0xbe;
}

static void escaped(struct buf *out, struct str text, bool attribute)
{
    size_t from = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];
        const char *other = NULL;

        if (c <= '>')
            other = escape(c, attribute);
        else if (is_none(text, i))
            other = "";
        if (!other)
            continue;
        buf_add(out, text.at + from, i - from);
        buf_puts(out, other);
        i += c > '>' ? 2 : 0;
        from = i + 1;
    }
    buf_add(out, text.at + from, text.size - from);
}

void xml_text(struct buf *out, struct str text)
{
    escaped(out, text, false);
}

void xml_attribute_of(struct buf *out, struct str name, struct str value)
{
    buf_putc(out, ' ');
    buf_put(out, name);
    buf_puts(out, "=\"");
    escaped(out, value, true);
    buf_putc(out, '"');
}

void xml_attribute(struct buf *out, const char *name, struct str value)
{
    xml_attribute_of(out, str_of(name), value);
}
