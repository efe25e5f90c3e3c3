/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* merkle.h - the tree of RFC 6962 over a list that only grows: one hash that
 * stands for the whole list, short proofs that something is in it (inclusion)
 * and that a longer list begins with a shorter one (consistency).
 *
 * A proof is made from a source that knows the hashes of complete subtrees;
 * it is checked from the proof alone. Hashes are the host's SHA-256.
 */
#ifndef COBIJO_MERKLE_H
#define COBIJO_MERKLE_H

#include "core/host.h"

enum { MERKLE_PATH_MAX = 64 };

/* of what an entry is, and of two subtrees */
void merkle_leaf(const struct host *host, struct str data,
                 unsigned char out[32]);
void merkle_join(const struct host *host, const unsigned char left[32],
                 const unsigned char right[32], unsigned char out[32]);

/* A list as it grows, in 2 KB whatever its size. {.host = host} is empty. */
struct merkle {
    const struct host *host;
    uint64_t size;
    unsigned char peak[64][32]; /* of level n where size has bit n */
};
void merkle_add(struct merkle *tree, const unsigned char leaf[32]);
void merkle_root(const struct merkle *tree, unsigned char out[32]);

struct merkle_source {
    const struct host *host;
    /* Of the 2^level leaves that begin at number << level, all there. */
    enum error (*node)(void *context, unsigned level, uint64_t number,
                       unsigned char out[32]);
    void *context;
};

struct merkle_path {
    size_t count;
    unsigned char hash[MERKLE_PATH_MAX][32];
};

enum error merkle_source_root(const struct merkle_source *source, uint64_t size,
                              unsigned char out[32]);
/* index < size */
enum error merkle_inclusion(const struct merkle_source *source, uint64_t index,
                            uint64_t size, struct merkle_path *path);
/* old <= size */
enum error merkle_consistency(const struct merkle_source *source, uint64_t old,
                              uint64_t size, struct merkle_path *path);

bool merkle_check_inclusion(const struct host *host,
                            const unsigned char leaf[32], uint64_t index,
                            uint64_t size, const struct merkle_path *path,
                            const unsigned char root[32]);
bool merkle_check_consistency(const struct host *host, uint64_t old,
                              const unsigned char old_root[32], uint64_t size,
                              const unsigned char root[32],
                              const struct merkle_path *path);

#endif
