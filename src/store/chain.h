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

/* After ENTRY_COLUMNS: the body and the data key that it names. */
#define BODY_COLUMNS ", b.key, b.nonce, b.bytes, k.nonce, k.wrapped"
#define BODY_JOIN                                                              \
    "LEFT JOIN entry_body b ON b.site = e.site AND b.id = e.id "               \
    "LEFT JOIN data_key k ON k.site = b.site AND k.name = b.key "

#endif
