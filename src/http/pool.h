/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pool.h - the threads that answer, and the reading connections they use.
 *
 * A worker may wait for the writer or for the database; the sockets do not
 * wait with it. Connections are opened when first needed and the one used
 * last is taken first, so a quiet server has few of them, and warm ones.
 * Private to http/.
 */
#ifndef COBIJO_POOL_H
#define COBIJO_POOL_H

#include "http/exchange.h"

enum { POOL_THREADS_MAX = 256 };

struct pool;

/* `done` is called on the worker when exchange->response is there. */
struct pool *pool_new(struct app *app, unsigned threads,
                      void (*done)(void *context, struct exchange *exchange),
                      void *context);
/* Another app answers from now on. */
void pool_app(struct pool *pool, struct app *app);
void pool_push(struct pool *pool, struct exchange *exchange);
/* Answers what is queued, then ends the threads and frees everything. */
void pool_free(struct pool *pool);

#endif
