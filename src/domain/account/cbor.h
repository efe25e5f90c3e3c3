/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cbor.h - CBOR (RFC 8949) as authenticators write it: definite lengths, the
 * shortest heads, no tags, floats or bytes after the end, keys of a map are
 * numbers or texts and each stands once, depth 4. CTAP2 asks for an order of
 * keys, too; browsers do not all keep it, so it is not asked for here.
 *
 * Nothing is built: a struct cbor is a place in somebody else's bytes, and
 * what it names has been looked through to its end before (cbor_open).
 */
#ifndef COBIJO_CBOR_H
#define COBIJO_CBOR_H

#include "core/str.h"

enum cbor_type {
    CBOR_NONE, /* nothing there */
    CBOR_INT,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_LIST,
    CBOR_MAP,
    CBOR_BOOL,
    CBOR_NULL
};

enum {
    CBOR_DEPTH_MAX = 4,
    CBOR_SIZE_MAX = 64 * 1024,
    CBOR_ITEMS_MAX = 256, /* of a list */
    CBOR_PAIRS_MAX = 32   /* of a map */
};

struct cbor {
    enum cbor_type type;
    int64_t number;  /* CBOR_INT; CBOR_BOOL 0 or 1 */
    size_t count;    /* items of a list, pairs of a map */
    struct str text; /* bytes or text; of lists and maps what is in them */
};

/* The item at the beginning of bytes. *size: how long it is; NULL: it has to
 * fill them. */
bool cbor_open(struct str bytes, struct cbor *item, size_t *size);
/* A member of a map; type CBOR_NONE when there is none. */
struct cbor cbor_get(const struct cbor *map, const char *key);
struct cbor cbor_get_int(const struct cbor *map, int64_t key);

#endif
