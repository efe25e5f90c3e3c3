/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dump.h - what of a store cannot be made again, as bytes and back: the log
 * and the tables beside it, the same from either database to either.
 *
 * Which tables and columns there are is read from sql/schema.sql itself, so a
 * new table is in the next backup without anybody remembering. Projections
 * (made again by log_rebuild), sessions and waits are left out.
 */
#ifndef COBIJO_DUMP_H
#define COBIJO_DUMP_H

#include "store/store.h"

/* Takes bytes; gives exactly so many. */
typedef enum error (*dump_sink)(void *context, struct str bytes,
                                struct err *err);
typedef enum error (*dump_source)(void *context, void *out, size_t size,
                                  struct err *err);

/* Everything as one moment saw it. */
enum error dump_write(struct db *db, dump_sink sink, void *context,
                      int64_t *rows, struct err *err);
/* Into empty tables, in the caller's transaction; db NULL: only reads whether
 * it is whole. */
enum error dump_read(struct db *db, dump_source source, void *context,
                     int64_t *rows, struct err *err);

#endif
