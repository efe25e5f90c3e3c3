/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* merkle.c - the tree of RFC 6962, section 2.1; proofs are checked as RFC
 * 9162, sections 2.1.3.2 and 2.1.4.2, writes it down.
 */
#include "core/merkle.h"

void merkle_leaf(const struct host *host, struct str data,
                 unsigned char out[32])
{
    struct str part[2] = {{"\0", 1}, data};

    host->hash(host->context, part, 2, out);
}

void merkle_join(const struct host *host, const unsigned char left[32],
                 const unsigned char right[32], unsigned char out[32])
{
    char both[65] = {1};
    struct str part = {both, sizeof(both)};

    memcpy(both + 1, left, 32);
    memcpy(both + 33, right, 32);
    host->hash(host->context, &part, 1, out);
}

void merkle_add(struct merkle *tree, const unsigned char leaf[32])
{
    unsigned char hash[32];
    unsigned level = 0;

    memcpy(hash, leaf, 32);
    for (; tree->size >> level & 1; level++)
        merkle_join(tree->host, tree->peak[level], hash, hash);
    memcpy(tree->peak[level], hash, 32);
    tree->size++;
}

void merkle_root(const struct merkle *tree, unsigned char out[32])
{
    struct str none = STR("");
    bool any = false;

    if (!tree->size)
        tree->host->hash(tree->host->context, &none, 1, out);
    for (unsigned level = 0; level < 64; level++) {
        if (!(tree->size >> level & 1))
            continue;
        if (any)
            merkle_join(tree->host, tree->peak[level], out, out);
        else
            memcpy(out, tree->peak[level], 32);
        any = true;
    }
}

/* --- proofs --------------------------------------------------------------- */

/* Leaves from .. from + count; every peak of count is a complete subtree. */
static enum error range(const struct merkle_source *source, uint64_t from,
                        uint64_t count, unsigned char out[32])
{
    enum error error = ERROR_NONE;
    uint64_t end = from + count;
    bool any = false;

    for (unsigned level = 0; level < 64 && !error; level++) {
        unsigned char hash[32];

        if (!(count >> level & 1))
            continue;
        end -= (uint64_t)1 << level;
        error = source->node(source->context, level, end >> level, hash);
        if (!error && any)
            merkle_join(source->host, hash, out, out);
        else if (!error)
            memcpy(out, hash, 32);
        any = true;
    }
    return error;
}

enum error merkle_source_root(const struct merkle_source *source, uint64_t size,
                              unsigned char out[32])
{
    static const struct merkle empty;
    struct merkle none = empty;

    if (size)
        return range(source, 0, size, out);
    none.host = source->host;
    merkle_root(&none, out);
    return ERROR_NONE;
}

/* The largest power of two below size (size > 1). */
static uint64_t split(uint64_t size)
{
    uint64_t k = 1;

    while (k <= (size - 1) / 2)
        k *= 2;
    return k;
}

static void turn_around(struct merkle_path *path, size_t from)
{
    for (size_t i = from, j = path->count; i + 1 < j; i++) {
        unsigned char hash[32];

        j--;
        memcpy(hash, path->hash[i], 32);
        memcpy(path->hash[i], path->hash[j], 32);
        memcpy(path->hash[j], hash, 32);
    }
}

enum error merkle_inclusion(const struct merkle_source *source, uint64_t index,
                            uint64_t size, struct merkle_path *path)
{
    uint64_t from = 0;
    enum error error = ERROR_NONE;

    path->count = 0;
    while (size > 1 && !error) {
        uint64_t k = split(size);
        unsigned char *out = path->hash[path->count++];

        if (index < k) {
            error = range(source, from + k, size - k, out);
            size = k;
        } else {
            error = range(source, from, k, out);
            from += k;
            index -= k;
            size -= k;
        }
    }
    turn_around(path, 0);
    return error;
}

enum error merkle_consistency(const struct merkle_source *source, uint64_t old,
                              uint64_t size, struct merkle_path *path)
{
    uint64_t from = 0;
    bool whole = true;
    enum error error = ERROR_NONE;

    path->count = 0;
    if (!old || old == size)
        return ERROR_NONE;
    while (old != size && !error) {
        uint64_t k = split(size);
        unsigned char *out = path->hash[path->count++];

        if (old <= k) {
            error = range(source, from + k, size - k, out);
            size = k;
        } else {
            error = range(source, from, k, out);
            from += k;
            old -= k;
            size -= k;
            whole = false;
        }
    }
    if (!whole && !error)
        error = range(source, from, size, path->hash[path->count++]);
    turn_around(path, 0);
    return error;
}

/* --- checking ------------------------------------------------------------- */

bool merkle_check_inclusion(const struct host *host,
                            const unsigned char leaf[32], uint64_t index,
                            uint64_t size, const struct merkle_path *path,
                            const unsigned char root[32])
{
    uint64_t at = index, last = size - 1;
    unsigned char hash[32];

    if (index >= size)
        return false;
    memcpy(hash, leaf, 32);
    for (size_t i = 0; i < path->count; i++) {
        if (!last)
            return false;
        if (at & 1 || at == last) {
            merkle_join(host, path->hash[i], hash, hash);
            while (!(at & 1) && at) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            merkle_join(host, hash, path->hash[i], hash);
        }
        at >>= 1;
        last >>= 1;
    }
    return !last && memcmp(hash, root, 32) == 0;
}

/* Folds the path into both roots; i: the first hash not taken yet. */
static bool fold(const struct host *host, uint64_t at, uint64_t last,
                 const struct merkle_path *path, size_t i,
                 unsigned char old[32], unsigned char new[32])
{
    for (; i < path->count; i++) {
        if (!last)
            return false;
        if (at & 1 || at == last) {
            merkle_join(host, path->hash[i], old, old);
            merkle_join(host, path->hash[i], new, new);
            while (!(at & 1) && at) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            merkle_join(host, new, path->hash[i], new);
        }
        at >>= 1;
        last >>= 1;
    }
    return !last;
}

bool merkle_check_consistency(const struct host *host, uint64_t old,
                              const unsigned char old_root[32], uint64_t size,
                              const unsigned char root[32],
                              const struct merkle_path *path)
{
    uint64_t at = old - 1, last = size - 1;
    unsigned char a[32], b[32];
    bool power = (old & (old - 1)) == 0;

    if (old > size)
        return false;
    if (!old)
        return path->count == 0;
    if (old == size)
        return path->count == 0 && memcmp(old_root, root, 32) == 0;
    if (!power && !path->count)
        return false;
    memcpy(a, power ? old_root : path->hash[0], 32);
    memcpy(b, a, 32);
    while (at & 1) {
        at >>= 1;
        last >>= 1;
    }
    return fold(host, at, last, path, power ? 0 : 1, a, b) &&
           memcmp(a, old_root, 32) == 0 && memcmp(b, root, 32) == 0;
}
