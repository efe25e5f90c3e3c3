/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* chain.h - the hash that ties an entry to the one before; log.c and verify.c
 * share it.
 */
#ifndef COBIJO_CHAIN_H
#define COBIJO_CHAIN_H

#include "store/log.h"

struct str chain_bytes(const unsigned char hash[32]);
/* Of the header, prev and body_hash among it. */
void chain_hash(const struct host *host, const struct entry *entry,
                unsigned char hash[32]);
/* Fills an entry from a row whose first columns are ENTRY_COLUMNS; texts are
 * copied. The body is not among them. */
void entry_fill(const struct rows *rows, struct arena *arena,
                struct entry *entry);

#define ENTRY_COLUMNS                                                          \
    "e.site, e.seq, e.id, e.node, e.clock, e.author, e.kind, "                 \
    "e.form_version, e.record, e.subject, e.op, e.base, e.body_hash, "         \
    "e.prev, e.hash"
enum { ENTRY_WIDTH = 15 };

#endif
