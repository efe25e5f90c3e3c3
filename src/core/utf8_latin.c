/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* utf8_latin.c - what Latin letters are made of: composition, case, and the
 * folding under which names are compared. The tables are utf8_table.h.
 */
#include "core/utf8.h"

#include "core/buf.h"
#include "core/utf8_table.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
    MARK_FIRST = 0x300,
    MARK_LAST = 0x36f,
    TILDE = 0x303,
    ENYE = 0xf1,
    PARTS_MAX = 6,
    CLUSTER_MAX = 32 /* as the stream-safe text format of UAX 15 */
};

/* The second column of the row that starts with code, or code. */
static uint32_t map(const uint16_t (*table)[2], size_t count, uint32_t code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (table[middle][0] == code)
            return table[middle][1];
        if (table[middle][0] < code)
            low = middle + 1;
        else
            high = middle;
    }
    return code;
}

static const uint16_t *find_pair(uint32_t code)
{
    size_t low = 0, high = COUNT(latin_pair);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (latin_pair[middle][0] == code)
            return latin_pair[middle];
        if (latin_pair[middle][0] < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The letter that base and mark make, or 0. */
static uint32_t compose(uint32_t base, uint32_t mark)
{
    size_t low = 0, high = COUNT(latin_by_base);

    while (low < high) {
        size_t middle = (low + high) / 2;
        const uint16_t *pair = latin_pair[latin_by_base[middle]];

        if (pair[1] == base && pair[2] == mark)
            return pair[0];
        if (pair[1] < base || (pair[1] == base && pair[2] < mark))
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

/* Base first, then its marks. */
static size_t decompose(uint32_t code, uint32_t part[PARTS_MAX])
{
    uint32_t mark[PARTS_MAX];
    size_t marks = 0, count = 0;
    const uint16_t *pair;

    while (marks < PARTS_MAX - 1 && (pair = find_pair(code)) != NULL) {
        mark[marks++] = pair[2];
        code = pair[1];
    }
    part[count++] = map(latin_single, COUNT(latin_single), code);
    while (marks)
        part[count++] = mark[--marks];
    return count;
}

static unsigned mark_rank(uint32_t code)
{
    if (code < MARK_FIRST || code > MARK_LAST)
        return 0;
    return latin_mark_rank[code - MARK_FIRST];
}

static void put_code(struct buf *out, uint32_t code)
{
    char utf8[4];

    buf_add(out, utf8, utf8_encode(code, utf8));
}

/* A letter and the marks on it, in canonical order. */
struct cluster {
    uint32_t code[CLUSTER_MAX];
    size_t count;
};

static void cluster_flush(struct cluster *cluster, struct buf *out)
{
    unsigned last_rank = 0;
    size_t kept = 1;

    if (!cluster->count)
        return;
    for (size_t i = 1; i < cluster->count; i++) {
        unsigned rank = mark_rank(cluster->code[i]);
        uint32_t whole = compose(cluster->code[0], cluster->code[i]);

        if (whole && last_rank < rank) {
            cluster->code[0] = whole;
        } else {
            cluster->code[kept++] = cluster->code[i];
            last_rank = rank;
        }
    }
    for (size_t i = 0; i < kept; i++)
        put_code(out, cluster->code[i]);
    cluster->count = 0;
}

static void cluster_add(struct cluster *cluster, uint32_t code, struct buf *out)
{
    unsigned rank = mark_rank(code);
    size_t at;

    if (!rank || cluster->count == CLUSTER_MAX)
        cluster_flush(cluster, out);
    at = cluster->count++;
    while (at && rank && mark_rank(cluster->code[at - 1]) > rank) {
        cluster->code[at] = cluster->code[at - 1];
        at--;
    }
    cluster->code[at] = code;
}

/* Letters below U+0300 are composed already. */
static bool may_change(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 0xcc)
            return true;
    return false;
}

struct str utf8_nfc(struct arena *arena, struct str text)
{
    struct cluster cluster = {.count = 0};
    struct buf out;

    if (!may_change(text))
        return str_copy(arena, text);
    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;) {
        uint32_t part[PARTS_MAX];
        size_t count = decompose(utf8_next(text, &at), part);

        for (size_t i = 0; i < count; i++)
            cluster_add(&cluster, part[i], &out);
    }
    cluster_flush(&cluster, &out);
    return buf_str(&out);
}

static uint32_t lower(uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    return map(latin_lower, COUNT(latin_lower), code);
}

static uint32_t upper(uint32_t code)
{
    if (code < 0x80)
        return code >= 'a' && code <= 'z' ? code - 32 : code;
    return map(latin_upper, COUNT(latin_upper), code);
}

struct str utf8_lower(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;)
        put_code(&out, lower(utf8_next(text, &at)));
    return buf_str(&out);
}

struct str utf8_upper(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;)
        put_code(&out, upper(utf8_next(text, &at)));
    return buf_str(&out);
}

/* A letter without marks, folded. */
static void put_folded(struct buf *out, uint32_t code)
{
    size_t low = 0, high = COUNT(latin_open);

    code = lower(code);
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (latin_open[middle].code == code) {
            buf_puts(out, latin_open[middle].text);
            return;
        }
        if (latin_open[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    put_code(out, code);
}

struct str utf8_fold(struct arena *arena, struct str text, bool keep_enye)
{
    struct buf out;
    bool after_n = false;

    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;) {
        uint32_t part[PARTS_MAX];
        size_t count = decompose(utf8_next(text, &at), part);

        for (size_t i = 0; i < count; i++) {
            if (part[i] < MARK_FIRST || part[i] > MARK_LAST) {
                put_folded(&out, part[i]);
                after_n = (part[i] | 0x20) == 'n';
            } else if (part[i] == TILDE && after_n && keep_enye && out.size) {
                out.size--;
                put_code(&out, ENYE);
                after_n = false;
            }
        }
    }
    return buf_str(&out);
}
