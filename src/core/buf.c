/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* buf.c - growing text, and the escaping for each place it goes to.
 *
 * Half of the work of a page happens in buf_put_html and buf_put_json: they
 * copy the runs between special characters whole.
 */
#include "core/buf.h"

#include <math.h>
#include <stdarg.h>

#include "core/utf8.h"

void buf_init(struct buf *buf, struct arena *arena)
{
    *buf = (struct buf){.arena = arena};
}

void buf_clear(struct buf *buf)
{
    buf->size = 0;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->at ? buf->at : "", buf->size};
}

/* Room for more bytes; false when there is none. */
static bool make_room(struct buf *buf, size_t more)
{
    size_t capacity = buf->capacity ? buf->capacity : 128;
    char *at;

    if (more <= buf->capacity - buf->size)
        return true;
    if (more > SIZE_MAX / 8 || buf->size > SIZE_MAX / 8)
        more = SIZE_MAX / 2; /* arena_grow refuses it */
    while (capacity - buf->size < more)
        capacity *= 2;
    at = arena_grow(buf->arena, buf->at, buf->capacity, capacity);
    if (!at)
        return false;
    buf->at = at;
    buf->capacity = capacity;
    return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t size)
{
    if (!size || !make_room(buf, size))
        return;
    memcpy(buf->at + buf->size, bytes, size);
    buf->size += size;
}

void buf_put(struct buf *buf, struct str text)
{
    buf_add(buf, text.at, text.size);
}

void buf_puts(struct buf *buf, const char *text)
{
    if (text)
        buf_add(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
    if (make_room(buf, 1))
        buf->at[buf->size++] = c;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    char small[256];
    int size;

    va_start(args, format);
    size = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (size < 0)
        return;
    if ((size_t)size < sizeof(small)) {
        buf_add(buf, small, (size_t)size);
    } else if (make_room(buf, (size_t)size + 1)) {
        va_start(args, format);
        vsnprintf(buf->at + buf->size, (size_t)size + 1, format, args);
        va_end(args);
        buf->size += (size_t)size;
    }
}

void buf_put_int(struct buf *buf, int64_t i)
{
    char digit[20];
    size_t at = sizeof(digit);
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

    do {
        digit[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (i < 0)
        digit[--at] = '-';
    buf_add(buf, digit + at, sizeof(digit) - at);
}

void buf_put_double(struct buf *buf, double d)
{
    char text[40];
    int size = 0;
    double back;

    if (!isfinite(d)) {
        buf_puts(buf, isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
        return;
    }
    if (d > -1e15 && d < 1e15 && d == (double)(int64_t)d) {
        buf_put_int(buf, (int64_t)d);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(text, sizeof(text), "%.*g", digits, d);
        for (int i = 0; i < size; i++)
            if (text[i] == ',')
                text[i] = '.';
        if (str_to_double((struct str){text, (size_t)size}, &back) && back == d)
            break;
    }
    buf_add(buf, text, (size_t)size);
}

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

void buf_put_html(struct buf *buf, struct str text)
{
    static const bool special[256] = {
        ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};
    size_t from = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (!special[(unsigned char)text.at[i]])
            continue;
        buf_add(buf, text.at + from, i - from);
        buf_puts(buf, html_entity(text.at[i]));
        from = i + 1;
    }
    if (text.size)
        buf_add(buf, text.at + from, text.size - from);
}

static const char hex_digit[] = "0123456789abcdef";

void buf_put_url(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
            c == '~') {
            buf_putc(buf, (char)c);
        } else {
            buf_putc(buf, '%');
            buf_putc(buf, "0123456789ABCDEF"[c >> 4]);
            buf_putc(buf, "0123456789ABCDEF"[c & 15]);
        }
    }
}

static void put_json_escape(struct buf *buf, unsigned char c)
{
    static const char letter[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

    buf_putc(buf, '\\');
    if (c == '"' || c == '\\') {
        buf_putc(buf, (char)c);
    } else if (c < sizeof(letter) && letter[c]) {
        buf_putc(buf, letter[c]);
    } else {
        buf_puts(buf, "u00");
        buf_putc(buf, hex_digit[c >> 4]);
        buf_putc(buf, hex_digit[c & 15]);
    }
}

/* Where the run of bytes that JSON takes as they are ends. */
static size_t json_run(struct str text, size_t at)
{
    while (at < text.size) {
        unsigned char c = (unsigned char)text.at[at];

        if (c < ' ' || c == '"' || c == '\\' || c >= 0x80)
            break;
        at++;
    }
    return at;
}

void buf_put_json(struct buf *buf, struct str text)
{
    size_t from = 0, at = 0, next;

    buf_putc(buf, '"');
    while ((at = json_run(text, at)) < text.size) {
        unsigned char c = (unsigned char)text.at[at];

        next = at;
        if (utf8_next(text, &next) == 0xfffd && next == at + 1) {
            buf_add(buf, text.at + from, at - from);
            buf_puts(buf, "\\ufffd"); /* what we write is always UTF-8 */
            from = next;
        } else if (c < 0x80) {
            buf_add(buf, text.at + from, at - from);
            put_json_escape(buf, c);
            from = next;
        }
        at = next;
    }
    if (text.size)
        buf_add(buf, text.at + from, text.size - from);
    buf_putc(buf, '"');
}

static bool cell_needs_quotes(struct str text)
{
    if (text.size && (text.at[0] == ' ' || text.at[text.size - 1] == ' '))
        return true;
    for (size_t i = 0; i < text.size; i++)
        if (memchr("\",;|\t\r\n", text.at[i], 7))
            return true;
    return false;
}

static void put_cell(struct buf *buf, struct str text, bool quoted,
                     bool formula)
{
    if (quoted)
        buf_putc(buf, '"');
    if (formula)
        buf_putc(buf, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"')
            buf_putc(buf, '"');
        buf_putc(buf, text.at[i]);
    }
    if (quoted)
        buf_putc(buf, '"');
}

void buf_put_csv(struct buf *buf, struct str text)
{
    char first = text.size ? text.at[0] : 'x';
    double number;

    put_cell(buf, text, cell_needs_quotes(text),
             memchr("=+-@\t\r", first, 6) != NULL &&
                 !str_to_double(text, &number)); /* -5 runs nothing */
}

void buf_put_cell(struct buf *buf, struct str text, bool quoted)
{
    put_cell(buf, text, quoted || cell_needs_quotes(text), false);
}

void buf_put_hex(struct buf *buf, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++) {
        buf_putc(buf, hex_digit[at[i] >> 4]);
        buf_putc(buf, hex_digit[at[i] & 15]);
    }
}
