/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tree.h - the Merkle tree of a site's log: leaf n is the hash of the entry
 * with seq n + 1.
 *
 * The tree follows from the log; table log_node holds the hashes of every
 * eighth level (one row for 256 entries), so that a proof reads a few hundred
 * short rows, 256 of a level with one statement. What is not there is reckoned
 * from the entries. A node that somebody changed gives proofs that nobody
 * accepts: log_verify reads the entries alone.
 */
#ifndef COBIJO_TREE_H
#define COBIJO_TREE_H

#include "core/merkle.h"
#include "store/log.h"

enum { TREE_STEP = 8, TREE_WIDTH = 1 << TREE_STEP, TREE_KEPT = 3 };

/* 256 hashes that stand beside each other: leaves, or kept nodes of a level. A
 * proof goes from block to block downwards, so the last one read is enough. */
struct tree_block {
    uint64_t first; /* number of the first */
    size_t count;   /* 0: nothing read */
    bool have[TREE_WIDTH];
    unsigned char hash[TREE_WIDTH][32];
};

struct tree {
    const struct host *host;
    struct db *db;
    struct str site;
    struct err *err;
    uint64_t kept; /* entries that nodes of level 8 stand for */
    struct tree_block block[TREE_KEPT]; /* of levels 0, 8, 16 */
};

/* Its size is site_head.seq; kept is read. */
enum error tree_open(struct tree *tree, const struct log *log, struct db *db,
                     int64_t *size, struct err *err);
/* Of this tree; lives as long as it. */
struct merkle_source tree_source(struct tree *tree);
/* Writes the nodes that have become complete. */
enum error tree_keep(struct tree *tree, int64_t size);

#endif
