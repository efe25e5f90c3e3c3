/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tree.h - the Merkle tree of a site's log: leaf n is the hash of the entry
 * with seq n + 1.
 *
 * The tree follows from the log; table log_node holds the hashes of every
 * eighth level (one row for 256 entries), so that a proof reads a few hundred
 * short rows. What is not there is reckoned from the entries. A node that
 * somebody changed gives proofs that nobody accepts: log_verify reads the
 * entries alone.
 */
#ifndef COBIJO_TREE_H
#define COBIJO_TREE_H

#include "core/merkle.h"
#include "store/log.h"

struct tree {
    const struct host *host;
    struct db *db;
    struct str site;
    struct err *err;
    uint64_t kept; /* entries that nodes of level 8 stand for */
};

/* Its size is site_head.seq; kept is read. */
enum error tree_open(struct tree *tree, const struct log *log, struct db *db,
                     int64_t *size, struct err *err);
/* Of this tree; lives as long as it. */
struct merkle_source tree_source(struct tree *tree);
/* Writes the nodes that have become complete. */
enum error tree_keep(struct tree *tree, int64_t size);

#endif
