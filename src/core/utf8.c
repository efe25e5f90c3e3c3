/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* utf8.c - bytes to code points and back. What letters mean (accents, case)
 * is in utf8_latin.c.
 */
#include "core/utf8.h"

#include "core/buf.h"

enum { REPLACEMENT = 0xfffd };

/* Length of the sequence at text[at], 0 when it is not UTF-8. */
static size_t sequence(struct str text, size_t at, uint32_t *code)
{
    const unsigned char *byte = (const unsigned char *)text.at + at;
    size_t size;
    unsigned low = 0x80, high = 0xbf;

    if (byte[0] < 0x80) {
        *code = byte[0];
        return 1;
    }
    if (byte[0] < 0xc2 || byte[0] > 0xf4)
        return 0;
    size = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    if (size > text.size - at)
        return 0;
    if (byte[0] == 0xe0)
        low = 0xa0;
    else if (byte[0] == 0xed)
        high = 0x9f;
    else if (byte[0] == 0xf0)
        low = 0x90;
    else if (byte[0] == 0xf4)
        high = 0x8f;
    if (byte[1] < low || byte[1] > high)
        return 0;
    *code = ((byte[0] & (0x7fu >> size)) << 6) | (byte[1] & 0x3fu);
    for (size_t i = 2; i < size; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        *code = (*code << 6) | (byte[i] & 0x3fu);
    }
    return size;
}

size_t utf8_invalid(struct str text)
{
    size_t at = 0;
    uint32_t code;

    while (at < text.size) {
        uint64_t word;
        size_t size;

        if (text.size - at >= 8) {
            memcpy(&word, text.at + at, 8);
            if (!(word & 0x8080808080808080u)) {
                at += 8;
                continue;
            }
        }
        size = sequence(text, at, &code);
        if (!size)
            return at;
        at += size;
    }
    return SIZE_MAX;
}

uint32_t utf8_next(struct str text, size_t *at)
{
    uint32_t code;
    size_t size;

    if (*at >= text.size)
        return REPLACEMENT;
    size = sequence(text, *at, &code);
    *at += size ? size : 1;
    return size ? code : REPLACEMENT;
}

size_t utf8_encode(uint32_t code, char out[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = REPLACEMENT;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

struct str utf8_cut(struct str text, size_t bytes)
{
    if (text.size <= bytes)
        return text;
    while (bytes && ((unsigned char)text.at[bytes] & 0xc0) == 0x80)
        bytes--;
    return str_slice(text, 0, bytes);
}

size_t utf8_length(struct str text)
{
    size_t count = 0;

    for (size_t at = 0; at < text.size; count++)
        utf8_next(text, &at);
    return count;
}

struct str utf8_from_latin1(struct arena *arena, struct str bytes)
{
    /* 0x80-0x9f of Windows-1252; its five holes stay control characters */
    static const uint16_t high[32] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
        0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < bytes.size; i++) {
        uint32_t code = (unsigned char)bytes.at[i];
        char utf8[4];

        if (code >= 0x80 && code < 0xa0)
            code = high[code - 0x80];
        buf_add(&out, utf8, utf8_encode(code, utf8));
    }
    return buf_str(&out);
}
