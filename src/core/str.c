/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* str.c - slices: comparing, cutting, turning into numbers.
 *
 * Knows nothing of Unicode beyond ASCII (utf8.h does).
 */
#include "core/str.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>

struct str str_of(const char *text)
{
    return text ? (struct str){text, strlen(text)} : STR_NULL;
}

struct str str_copy(struct arena *arena, struct str text)
{
    char *at;

    if (!text.at)
        return STR_NULL;
    at = arena_alloc(arena, text.size + 1);
    if (!at)
        return STR_NULL;
    memcpy(at, text.at, text.size);
    return (struct str){at, text.size};
}

const char *str_c(struct arena *arena, struct str text)
{
    struct str copy = str_copy(arena, text);

    return copy.at ? copy.at : "";
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    char small[256];
    char *at;
    int size;

    va_start(args, format);
    size = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (size < 0)
        return STR_NULL;
    at = arena_alloc(arena, (size_t)size + 1);
    if (!at)
        return STR_NULL;
    if ((size_t)size < sizeof(small)) {
        memcpy(at, small, (size_t)size);
    } else {
        va_start(args, format);
        vsnprintf(at, (size_t)size + 1, format, args);
        va_end(args);
    }
    return (struct str){at, (size_t)size};
}

struct str str_join(struct arena *arena, struct str a, struct str b)
{
    char *at = arena_alloc(arena, a.size + b.size + 1);

    if (!at)
        return STR_NULL;
    if (a.size)
        memcpy(at, a.at, a.size);
    if (b.size)
        memcpy(at + a.size, b.at, b.size);
    return (struct str){at, a.size + b.size};
}

bool str_is_null(struct str text)
{
    return !text.at;
}

bool str_equal(struct str a, struct str b)
{
    return a.size == b.size && (!a.size || !memcmp(a.at, b.at, a.size));
}

bool str_equal_c(struct str a, const char *b)
{
    return str_equal(a, str_of(b));
}

static unsigned char ascii_lower(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | 0x20) : byte;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
            return false;
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.at, b.at, size) : 0;

    if (order)
        return order < 0 ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

bool str_starts(struct str text, struct str prefix)
{
    return text.size >= prefix.size &&
           (!prefix.size || !memcmp(text.at, prefix.at, prefix.size));
}

bool str_ends(struct str text, struct str suffix)
{
    return text.size >= suffix.size &&
           (!suffix.size ||
            !memcmp(text.at + text.size - suffix.size, suffix.at, suffix.size));
}

size_t str_find_char(struct str text, char c)
{
    const char *found = text.size ? memchr(text.at, c, text.size) : NULL;

    return found ? (size_t)(found - text.at) : SIZE_MAX;
}

size_t str_find(struct str text, struct str part)
{
    size_t from = 0;

    if (!part.size)
        return 0;
    while (part.size <= text.size - from) {
        const char *found = memchr(text.at + from, part.at[0],
                                   text.size - from - part.size + 1);

        if (!found)
            break;
        if (!memcmp(found, part.at, part.size))
            return (size_t)(found - text.at);
        from = (size_t)(found - text.at) + 1;
    }
    return SIZE_MAX;
}

struct str str_slice(struct str text, size_t from, size_t to)
{
    if (to > text.size)
        to = text.size;
    if (from > to)
        from = to;
    return text.at ? (struct str){text.at + from, to - from} : text;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str text)
{
    while (text.size && is_space(text.at[text.size - 1]))
        text.size--;
    while (text.size && is_space(text.at[0])) {
        text.at++;
        text.size--;
    }
    return text;
}

bool str_cut(struct str *rest, char separator, struct str *part)
{
    size_t at;

    if (!rest->at)
        return false;
    at = str_find_char(*rest, separator);
    if (at == SIZE_MAX) {
        *part = *rest;
        *rest = STR_NULL;
    } else {
        *part = str_slice(*rest, 0, at);
        *rest = str_slice(*rest, at + 1, rest->size);
    }
    return true;
}

uint64_t str_hash(struct str text)
{
    const uint64_t prime = 0x9e3779b97f4a7c15u;
    uint64_t hash = text.size * prime;
    uint64_t word;

    while (text.size >= 8) {
        memcpy(&word, text.at, 8);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
        text.at += 8;
        text.size -= 8;
    }
    word = 0;
    if (text.size)
        memcpy(&word, text.at, text.size);
    hash = (hash ^ word) * prime;
    hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9u;
    return hash ^ (hash >> 32);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool str_to_int(struct str text, int64_t *value)
{
    bool minus = text.size && text.at[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + minus;
    uint64_t sum = 0;
    size_t i = minus;

    if (i == text.size)
        return false;
    for (; i < text.size; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text.at[i] - '0';

        if (!is_digit(text.at[i]) || sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = minus ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

struct decimal {
    uint64_t digits; /* valid when exact */
    int exponent;
    bool minus, exact;
};

static size_t read_digits(struct str text, size_t i, struct decimal *number,
                          bool fraction)
{
    for (; i < text.size && is_digit(text.at[i]); i++) {
        if (number->digits > (UINT64_C(1) << 53) / 10 - 1)
            number->exact = false;
        else
            number->digits = number->digits * 10 + (uint64_t)(text.at[i] - '0');
        number->exponent -= fraction;
    }
    return i;
}

static bool read_exponent(struct str text, size_t i, struct decimal *number)
{
    int sum = 0;
    bool minus = false;

    if (i < text.size && (text.at[i] == '+' || text.at[i] == '-'))
        minus = text.at[i++] == '-';
    if (i == text.size)
        return false;
    for (; i < text.size; i++) {
        if (!is_digit(text.at[i]))
            return false;
        if (sum < 100000)
            sum = sum * 10 + (text.at[i] - '0');
    }
    number->exponent += minus ? -sum : sum;
    return true;
}

/* -?(digits[.[digits]] | .digits)[e[+-]digits] */
static bool read_decimal(struct str text, struct decimal *number)
{
    size_t i = 0, start, digits;

    *number = (struct decimal){.exact = true};
    if (text.size && text.at[0] == '-') {
        number->minus = true;
        i = 1;
    }
    start = i;
    i = read_digits(text, i, number, false);
    digits = i - start;
    if (i < text.size && text.at[i] == '.') {
        start = ++i;
        i = read_digits(text, i, number, true);
        digits += i - start;
    }
    if (!digits)
        return false;
    if (i < text.size && (text.at[i] == 'e' || text.at[i] == 'E'))
        return read_exponent(text, i + 1, number);
    return i == text.size;
}

/* The library's reading, for numbers that do not fit in 53 bits. */
static bool library_double(struct str text, double *value)
{
    char copy[512];
    const char *point = localeconv()->decimal_point;
    char *dot;
    double result;

    if (text.size >= sizeof(copy))
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    dot = strchr(copy, '.');
    if (dot && point && point[0])
        *dot = point[0];
    result = strtod(copy, NULL);
    if (!isfinite(result))
        return false;
    *value = result;
    return true;
}

bool str_to_double(struct str text, double *value)
{
    static const double power[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal number;
    double result;

    if (!text.at || !read_decimal(text, &number))
        return false;
    if (!number.exact || number.exponent < -22 || number.exponent > 22)
        return library_double(text, value);
    result = (double)number.digits;
    if (number.exponent < 0)
        result /= power[-number.exponent];
    else
        result *= power[number.exponent];
    *value = number.minus ? -result : result;
    return true;
}

size_t str_distance(struct str a, struct str b)
{
    enum { LONG = 64 };
    size_t line[LONG + 1], before, kept;

    if (a.size > LONG || b.size > LONG)
        return LONG;
    for (size_t j = 0; j <= b.size; j++)
        line[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        before = line[0];
        line[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t best = before + (a.at[i - 1] != b.at[j - 1]);

            kept = line[j];
            if (line[j] + 1 < best)
                best = line[j] + 1;
            if (line[j - 1] + 1 < best)
                best = line[j - 1] + 1;
            line[j] = best;
            before = kept;
        }
    }
    return line[b.size];
}
