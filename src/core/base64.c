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

void base64_write_url(struct buf *out, struct str bytes)
{
    size_t from = out->size;

    base64_write(out, bytes.at, bytes.size);
    while (out->size > from && out->at[out->size - 1] == '=')
        out->size--;
    for (size_t i = from; i < out->size; i++)
        if (out->at[i] == '+' || out->at[i] == '/')
            out->at[i] = out->at[i] == '+' ? '-' : '_';
}

bool base64_read_url(struct buf *out, struct str text)
{
    size_t from = out->size;
    struct buf again;

    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '+' || text.at[i] == '/' || text.at[i] == '=' ||
            text.at[i] == '\n')
            return false;
    if (!base64_read(out, text))
        return false;
    buf_init(&again, out->arena);
    base64_write_url(&again, str_slice(buf_str(out), from, out->size));
    return str_equal(buf_str(&again), text);
}
