/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* base64.c - three bytes are four letters. */
#include "core/base64.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct buf *out, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)at[i] << 16;

        if (i + 1 < size)
            three |= (uint32_t)at[i + 1] << 8;
        if (i + 2 < size)
            three |= at[i + 2];
        buf_putc(out, letters[three >> 18]);
        buf_putc(out, letters[three >> 12 & 63]);
        buf_putc(out, i + 1 < size ? letters[three >> 6 & 63] : '=');
        buf_putc(out, i + 2 < size ? letters[three & 63] : '=');
    }
}

bool base64_read(struct buf *out, struct str text)
{
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        const char *found;

        if (c == '=' || c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '-' || c == '_')
            c = c == '-' ? '+' : '/';
        found = c ? strchr(letters, c) : NULL;
        if (!found)
            return false;
        bits = bits << 6 | (uint32_t)(found - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_putc(out, (char)(bits >> count & 255));
        }
    }
    return true;
}
