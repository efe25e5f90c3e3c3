/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cbor.c - reading of cbor.h. cbor_walk looks at one item and all that is in
 * it; every length is compared with what remains before it is used.
 */
#include "domain/account/cbor.h"

enum {
    MAJOR_UINT,
    MAJOR_NEGATIVE,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_LIST,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE
};

struct head {
    unsigned major;
    uint64_t number;
};

/* Cuts a head off; false when it is cut short or longer than it has to be. */
static bool head_read(struct str *rest, struct head *head)
{
    static const uint64_t least[] = {24, 0x100, 0x10000, 0x100000000};
    unsigned char first;
    unsigned low;

    if (rest->size == 0)
        return false;
    first = (unsigned char)rest->at[0];
    *rest = str_slice(*rest, 1, rest->size);
    head->major = first >> 5;
    low = first & 31;
    head->number = low;
    if (low < 24)
        return true;
    if (low > 27 || head->major == MAJOR_SIMPLE ||
        rest->size < (size_t)1 << (low - 24))
        return false;
    head->number = 0;
    for (unsigned i = 0; i < 1U << (low - 24); i++)
        head->number = head->number << 8 | (unsigned char)rest->at[i];
    *rest = str_slice(*rest, (size_t)1 << (low - 24), rest->size);
    return head->number >= least[low - 24];
}

static bool cbor_walk(struct str *rest, struct cbor *item, int depth);

static bool key_is_new(const struct str *key, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(key[i], key[count]))
            return false;
    return true;
}

static bool inside_walk(struct str *rest, struct cbor *item, int depth)
{
    struct str start = *rest, key[CBOR_PAIRS_MAX];
    bool map = item->type == CBOR_MAP;

    if (depth >= CBOR_DEPTH_MAX ||
        item->count > (map ? CBOR_PAIRS_MAX : CBOR_ITEMS_MAX))
        return false;
    for (size_t i = 0; i < item->count; i++) {
        struct str from = *rest;
        struct cbor part;

        if (!cbor_walk(rest, &part, depth + 1))
            return false;
        if (!map)
            continue;
        key[i] = str_slice(from, 0, from.size - rest->size);
        if ((part.type != CBOR_INT && part.type != CBOR_TEXT) ||
            !key_is_new(key, i) || !cbor_walk(rest, &part, depth + 1))
            return false;
    }
    item->text = str_slice(start, 0, start.size - rest->size);
    return true;
}

static bool simple_read(uint64_t number, struct cbor *item)
{
    if (number == 20 || number == 21) {
        item->type = CBOR_BOOL;
        item->number = number == 21;
    } else if (number == 22) {
        item->type = CBOR_NULL;
    }
    return item->type != CBOR_NONE;
}

static bool cbor_walk(struct str *rest, struct cbor *item, int depth)
{
    struct head head;

    *item = (struct cbor){0};
    if (!head_read(rest, &head))
        return false;
    switch (head.major) {
    case MAJOR_UINT:
    case MAJOR_NEGATIVE:
        item->type = CBOR_INT;
        if (head.number > INT64_MAX)
            return false;
        item->number = head.major == MAJOR_UINT ? (int64_t)head.number
                                                : -1 - (int64_t)head.number;
        return true;
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        item->type = head.major == MAJOR_BYTES ? CBOR_BYTES : CBOR_TEXT;
        if (head.number > rest->size)
            return false;
        item->text = str_slice(*rest, 0, (size_t)head.number);
        *rest = str_slice(*rest, (size_t)head.number, rest->size);
        return true;
    case MAJOR_LIST:
    case MAJOR_MAP:
        item->type = head.major == MAJOR_LIST ? CBOR_LIST : CBOR_MAP;
        if (head.number > rest->size)
            return false;
        item->count = (size_t)head.number;
        return inside_walk(rest, item, depth);
    case MAJOR_SIMPLE:
        return simple_read(head.number, item);
    default:
        return false;
    }
}

bool cbor_open(struct str bytes, struct cbor *item, size_t *size)
{
    struct str rest = bytes;

    if (bytes.size > CBOR_SIZE_MAX || !cbor_walk(&rest, item, 0) ||
        (!size && rest.size > 0)) {
        *item = (struct cbor){0};
        return false;
    }
    if (size)
        *size = bytes.size - rest.size;
    return true;
}

/* What a map holds was looked through, so nothing fails here. */
static struct cbor member(const struct cbor *map, enum cbor_type type,
                          struct str text, int64_t number)
{
    struct str rest = map->text;

    for (size_t i = 0; map->type == CBOR_MAP && i < map->count; i++) {
        struct cbor key, value;

        if (!cbor_walk(&rest, &key, 1) || !cbor_walk(&rest, &value, 1))
            break;
        if (key.type == type && (type == CBOR_INT ? key.number == number
                                                  : str_equal(key.text, text)))
            return value;
    }
    return (struct cbor){0};
}

struct cbor cbor_get(const struct cbor *map, const char *key)
{
    return member(map, CBOR_TEXT, str_of(key), 0);
}

struct cbor cbor_get_int(const struct cbor *map, int64_t key)
{
    return member(map, CBOR_INT, STR_NULL, key);
}
