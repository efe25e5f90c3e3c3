/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_xml.c - text and attributes, escaped; what XML cannot hold is left out. */
#include "form/xform/xform_part.h"

static void escaped(struct buf *out, struct str text, bool attribute)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '&')
            buf_puts(out, "&amp;");
        else if (c == '<')
            buf_puts(out, "&lt;");
        else if (c == '>')
            buf_puts(out, "&gt;");
        else if (c == '"' && attribute)
            buf_puts(out, "&quot;");
        else if ((c == '\n' || c == '\t') && attribute)
            buf_puts(out, c == '\n' ? "&#10;" : "&#9;");
        else if ((unsigned char)c >= ' ' || c == '\n' || c == '\t')
            buf_putc(out, c);
    }
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
