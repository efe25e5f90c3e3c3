/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_merkle.c - the tree of RFC 6962: the vectors of Certificate Transparency,
 * then every tree up to 130 leaves against the definition, and proofs that
 * were changed.
 */
#include "core/merkle.h"

#include <stdlib.h>

#include "file.h"
#include "sys/host_native.h"
#include "tap.h"

enum { MOST = 130 };

struct world {
    struct tap *tap;
    const struct host *host;
    unsigned char leaf[MOST][32];
    size_t leaves;
};

/* MTH of RFC 6962, as it is written there. */
static void defined(const struct world *world, size_t from, size_t count,
                    unsigned char out[32])
{
    unsigned char left[32], right[32];
    struct str none = STR("");
    size_t k = 1;

    if (count == 0) {
        world->host->hash(world->host->context, &none, 1, out);
    } else if (count == 1) {
        memcpy(out, world->leaf[from], 32);
    } else {
        while (k * 2 < count)
            k *= 2;
        defined(world, from, k, left);
        defined(world, from + k, count - k, right);
        merkle_join(world->host, left, right, out);
    }
}

static enum error node(void *context, unsigned level, uint64_t number,
                       unsigned char out[32])
{
    defined(context, (size_t)(number << level), (size_t)1 << level, out);
    return ERROR_NONE;
}

static struct merkle_source source_of(struct world *world)
{
    return (struct merkle_source){world->host, node, world};
}

/* --- the vectors ---------------------------------------------------------- */

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The hexadecimal texts between quotes of a line. */
static size_t quoted(const char *line, unsigned char out[][64], size_t *size)
{
    size_t count = 0;
    bool in = false;

    for (; *line && *line != '\n'; line++) {
        if (*line == '\'') {
            in = !in;
            if (in)
                size[count] = 0;
            else
                count++;
        } else if (in) {
            out[count][size[count]++] =
                (unsigned char)(digit(line[0]) * 16 + digit(line[1]));
            line++;
        }
    }
    return count;
}

static bool same_path(const struct merkle_path *path, const char *line)
{
    unsigned char want[64][64];
    size_t size[64];
    size_t count = quoted(line, want, size);
    bool same = count == path->count;

    for (size_t i = 0; i < count && same; i++)
        same = memcmp(path->hash[i], want[i], 32) == 0;
    return same;
}

static void take_leaves(struct world *world, const char *line)
{
    unsigned char bytes[64][64];
    size_t size[64];

    world->leaves = quoted(line, bytes, size);
    for (size_t i = 0; i < world->leaves; i++)
        merkle_leaf(world->host, (struct str){(char *)bytes[i], size[i]},
                    world->leaf[i]);
}

static void root_line(struct world *world, const char *line)
{
    struct merkle tree = {.host = world->host};
    unsigned char root[32], again[32];
    struct merkle_source source = source_of(world);
    size_t n = strtoul(line + 5, NULL, 10);
    bool same = true;

    for (size_t i = 0; i < n; i++)
        merkle_add(&tree, world->leaf[i]);
    merkle_root(&tree, root);
    merkle_source_root(&source, n, again);
    line = strchr(line + 5, ' ') + 1;
    for (size_t i = 0; i < 32; i++)
        same =
            same && root[i] == digit(line[2 * i]) * 16 + digit(line[2 * i + 1]);
    tap_ok(world->tap, same, "vector: root of %zu", n);
    tap_ok(world->tap, memcmp(root, again, 32) == 0, "... both ways");
}

static void proof_line(struct world *world, const char *line, bool inclusion)
{
    struct merkle_source source = source_of(world);
    struct merkle_path path;
    char *rest;
    uint64_t a = strtoul(strchr(line, ' '), &rest, 10);
    uint64_t b = strtoul(rest, NULL, 10);

    if (inclusion)
        merkle_inclusion(&source, a, b, &path);
    else
        merkle_consistency(&source, a, b, &path);
    tap_ok(world->tap, same_path(&path, line), "vector: %s %d %d",
           inclusion ? "inclusion" : "consistency", (int)a, (int)b);
}

static void check_vectors(struct world *world)
{
    struct arena arena;
    struct str text, line;
    int lines = 0;

    arena_init(&arena, NULL);
    text = file_read(&arena, "../shared/algorithms/vectors/merkle_rfc6962.txt");
    if (str_is_null(text)) {
        tap_skip(world->tap, "vectors", "../shared is not here");
        arena_release(&arena);
        return;
    }
    while (str_cut(&text, '\n', &line)) {
        const char *at = str_c(&arena, line);

        lines += line.size > 0;
        if (str_starts(line, STR("leaves")))
            take_leaves(world, at);
        else if (str_starts(line, STR("root")))
            root_line(world, at);
        else if (line.size)
            proof_line(world, at, at[0] == 'i');
    }
    tap_is_int(world->tap, lines, 19, "all lines of the vectors");
    arena_release(&arena);
}

/* --- every small tree ----------------------------------------------------- */

static bool included(const struct world *world, uint64_t index, uint64_t size,
                     struct merkle_path *path, const unsigned char root[32])
{
    bool good = merkle_check_inclusion(world->host, world->leaf[index], index,
                                       size, path, root) &&
                !merkle_check_inclusion(world->host, world->leaf[index],
                                        index + 1, size, path, root) &&
                (size == 1 || !merkle_check_inclusion(
                                  world->host, world->leaf[(index + 1) % size],
                                  index, size, path, root));

    if (path->count) {
        path->hash[index % path->count][5] ^= 1;
        good = good && !merkle_check_inclusion(world->host, world->leaf[index],
                                               index, size, path, root);
        path->hash[index % path->count][5] ^= 1;
        path->count--;
        good = good && !merkle_check_inclusion(world->host, world->leaf[index],
                                               index, size, path, root);
        path->count++;
    }
    return good;
}

static bool consistent(const struct world *world, uint64_t old, uint64_t size,
                       struct merkle_path *path, const unsigned char root[32])
{
    unsigned char before[32], other[32];
    bool good;

    defined(world, 0, (size_t)old, before);
    memcpy(other, before, 32);
    other[31] ^= 1;
    good =
        merkle_check_consistency(world->host, old, before, size, root, path) &&
        (!old ||
         !merkle_check_consistency(world->host, old, other, size, root, path));
    if (path->count) {
        path->hash[old % path->count][0] ^= 0x80;
        good = good && !merkle_check_consistency(world->host, old, before, size,
                                                 root, path);
        path->hash[old % path->count][0] ^= 0x80;
        path->count--;
        good = good && !merkle_check_consistency(world->host, old, before, size,
                                                 root, path);
    }
    return good;
}

static void check_all(struct world *world)
{
    struct merkle_source source = source_of(world);
    struct merkle tree = {.host = world->host};
    int wrong[3] = {0};

    for (uint64_t size = 1; size <= MOST; size++) {
        unsigned char root[32], want[32];
        struct merkle_path path;

        merkle_add(&tree, world->leaf[size - 1]);
        merkle_root(&tree, root);
        defined(world, 0, (size_t)size, want);
        wrong[0] += memcmp(root, want, 32) != 0;
        for (uint64_t at = 0; at < size; at++) {
            merkle_inclusion(&source, at, size, &path);
            wrong[1] += !included(world, at, size, &path, root);
        }
        for (uint64_t old = 0; old <= size; old++) {
            merkle_consistency(&source, old, size, &path);
            wrong[2] += !consistent(world, old, size, &path, root);
        }
    }
    tap_is_int(world->tap, wrong[0], 0, "roots of 1 to 130 leaves");
    tap_is_int(world->tap, wrong[1], 0,
               "8,515 inclusion proofs hold, and changed ones do not");
    tap_is_int(world->tap, wrong[2], 0,
               "8,645 consistency proofs hold, and changed ones do not");
}

int main(void)
{
    struct tap tap = {0};
    struct host_native native;
    static struct world world;

    host_native_init(&native);
    world.tap = &tap;
    world.host = &native.host;
    check_vectors(&world);
    for (size_t i = 0; i < MOST; i++) {
        char text[12];

        snprintf(text, sizeof(text), "leaf %zu", i);
        merkle_leaf(world.host, str_of(text), world.leaf[i]);
    }
    check_all(&world);
    host_native_release(&native);
    return tap_done(&tap);
}
