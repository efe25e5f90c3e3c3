/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unicode.c - classes of characters for regular expressions, by ranges. */
#include "form/expr/unicode.h"

#include <stddef.h>

struct range {
    uint32_t first, last;
};

static const struct range letters[] = {
    {'A', 'Z'},         {'a', 'z'},       {0xaa, 0xaa},     {0xb5, 0xb5},
    {0xba, 0xba},       {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2c1},
    {0x370, 0x373},     {0x376, 0x377},   {0x37b, 0x37d},   {0x37f, 0x37f},
    {0x386, 0x386},     {0x388, 0x3ff},   {0x400, 0x481},   {0x48a, 0x52f},
    {0x531, 0x556},     {0x561, 0x587},   {0x5d0, 0x5ea},   {0x620, 0x64a},
    {0x66e, 0x6d3},     {0x710, 0x72f},   {0x780, 0x7a5},   {0x7ca, 0x7ea},
    {0x800, 0x815},     {0x8a0, 0x8c9},   {0x904, 0x939},   {0x985, 0x9b9},
    {0xa05, 0xa39},     {0xa85, 0xab9},   {0xb05, 0xb39},   {0xb83, 0xbb9},
    {0xc05, 0xc39},     {0xc85, 0xcb9},   {0xd05, 0xd3a},   {0xd85, 0xdc6},
    {0xe01, 0xe30},     {0xe81, 0xeb0},   {0xf40, 0xf6c},   {0x1000, 0x102a},
    {0x10a0, 0x10ff},   {0x1100, 0x135a}, {0x1380, 0x138f}, {0x13a0, 0x13fd},
    {0x1401, 0x166c},   {0x1780, 0x17b3}, {0x1820, 0x1878}, {0x1c80, 0x1caf},
    {0x1d00, 0x1dbf},   {0x1e00, 0x1fbc}, {0x1fc2, 0x1fcc}, {0x1fd0, 0x1fdb},
    {0x1fe0, 0x1fec},   {0x1ff2, 0x1ffc}, {0x2071, 0x2071}, {0x207f, 0x207f},
    {0x2c00, 0x2ce4},   {0x2d00, 0x2d25}, {0x2d80, 0x2dde}, {0x3041, 0x3096},
    {0x30a1, 0x30fa},   {0x3105, 0x312f}, {0x3131, 0x318e}, {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa48c}, {0xa4d0, 0xa4fd}, {0xa640, 0xa66e},
    {0xa680, 0xa69d},   {0xa722, 0xa7ca}, {0xab30, 0xab69}, {0xac00, 0xd7a3},
    {0xf900, 0xfad9},   {0xfb00, 0xfb06}, {0xfb50, 0xfdfb}, {0xfe70, 0xfefc},
    {0xff21, 0xff3a},   {0xff41, 0xff5a}, {0xff66, 0xffdc}, {0x10000, 0x100fa},
    {0x20000, 0x3134a},
};

static const struct range numbers[] = {
    {'0', '9'},       {0xb2, 0xb3},     {0xb9, 0xb9},     {0xbc, 0xbe},
    {0x660, 0x669},   {0x6f0, 0x6f9},   {0x966, 0x96f},   {0x9e6, 0x9ef},
    {0x2070, 0x2079}, {0x2080, 0x2089}, {0x2150, 0x218b}, {0x2460, 0x249b},
    {0xff10, 0xff19},
};

static const struct range punctuation[] = {
    {'!', '#'},       {'%', '*'},       {',', '/'},       {':', ';'},
    {'?', '@'},       {'[', ']'},       {'_', '_'},       {'{', '{'},
    {'}', '}'},       {0xa1, 0xa1},     {0xa7, 0xa7},     {0xab, 0xab},
    {0xb6, 0xb7},     {0xbb, 0xbb},     {0xbf, 0xbf},     {0x60c, 0x60d},
    {0x61b, 0x61f},   {0x2010, 0x2027}, {0x2030, 0x205e}, {0x3001, 0x3003},
    {0x3008, 0x3011},
};

static bool in_ranges(const struct range *range, size_t count, uint32_t code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (code < range[middle].first)
            high = middle;
        else if (code > range[middle].last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

#define IN(table, code)                                                        \
    in_ranges((table), sizeof(table) / sizeof((table)[0]), (code))

bool unicode_letter(uint32_t code)
{
    return IN(letters, code);
}

bool unicode_number(uint32_t code)
{
    return IN(numbers, code);
}

bool unicode_punctuation(uint32_t code)
{
    return IN(punctuation, code);
}

bool unicode_space(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000 || code == 0xfeff;
}

/* Blocks where capital and small letters alternate; odd: the capital is the
 * odd one. */
static bool alternates(uint32_t code, bool *odd)
{
    *odd = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e);
    return *odd ||
           (code >= 0x100 && code <= 0x137 && code != 0x130 && code != 0x131) ||
           (code >= 0x14a && code <= 0x177) ||
           (code >= 0x1de && code <= 0x1ef) ||
           (code >= 0x1f8 && code <= 0x21f) ||
           (code >= 0x222 && code <= 0x233) ||
           (code >= 0x460 && code <= 0x481) ||
           (code >= 0x48a && code <= 0x4bf) ||
           (code >= 0x4d0 && code <= 0x52f) ||
           (code >= 0x1e00 && code <= 0x1e95) ||
           (code >= 0x1ea0 && code <= 0x1eff);
}

uint32_t unicode_small(uint32_t code)
{
    bool odd;

    if ((code >= 'A' && code <= 'Z') ||
        (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
        (code >= 0x391 && code <= 0x3a9 && code != 0x3a2) ||
        (code >= 0x410 && code <= 0x42f))
        return code + 32;
    if (code >= 0x400 && code <= 0x40f)
        return code + 80;
    if (code == 0x178)
        return 0xff;
    if (alternates(code, &odd) && (code & 1) == (odd ? 1u : 0u))
        return code + 1;
    return code;
}

uint32_t unicode_capital(uint32_t code)
{
    bool odd;

    if ((code >= 'a' && code <= 'z') ||
        (code >= 0xe0 && code <= 0xfe && code != 0xf7) ||
        (code >= 0x3b1 && code <= 0x3c9 && code != 0x3c2) ||
        (code >= 0x430 && code <= 0x44f))
        return code - 32;
    if (code >= 0x450 && code <= 0x45f)
        return code - 80;
    if (code == 0xff)
        return 0x178;
    if (alternates(code, &odd) && (code & 1) == (odd ? 0u : 1u))
        return code - 1;
    return code;
}

bool unicode_upper(uint32_t code)
{
    return unicode_small(code) != code;
}

bool unicode_lower(uint32_t code)
{
    return unicode_capital(code) != code || code == 0xdf || code == 0xaa ||
           code == 0xba || code == 0xb5;
}
