/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* writer.h - the one thread that changes the store while the server runs.
 *
 * Whoever brings a change waits until it is durable. What has gathered while
 * the last commit was on its way goes into the next one, up to 64 together:
 * one sync for all of them.
 */
#ifndef COBIJO_WRITER_H
#define COBIJO_WRITER_H

#include "store/store.h"

enum { WRITER_GROUP = 64 };

struct writer;

enum error writer_open(struct store *store, struct writer **writer,
                       struct err *err);
/* Finishes what is in the queue, then ends the thread. */
void writer_close(struct writer *writer);
/* Has the type office_write; context is the struct writer. Blocks. */
enum error writer_write(void *context, store_change change,
                        void *change_context, struct err *err);

#endif
