/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exchange.h - one request on its way through the door: what was collected of
 * it, the arena it is worked on in, the answer until its last byte is sent.
 * Private to http/.
 */
#ifndef COBIJO_EXCHANGE_H
#define COBIJO_EXCHANGE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/kept.h"

enum exchange_state {
    EXCHANGE_NEW,     /* the request line is there */
    EXCHANGE_BODY,    /* headers read, body coming */
    EXCHANGE_WORKING, /* suspended, in the hands of a worker */
    EXCHANGE_READY,   /* out is to be sent */
    EXCHANGE_SENT
};

struct exchange {
    struct exchange *next; /* in the queue or among the free ones */
    struct MHD_Connection *connection;
    enum exchange_state state;
    struct arena arena;
    struct str uri; /* as sent: path and query */
    char *body;
    size_t body_size, body_room;
    size_t body_most;      /* what its path allows */
    atomic_size_t *bodies; /* bytes of all bodies now in memory */
    size_t held;           /* … of this one */
    bool too_large, crowded;
    const atomic_bool *closing; /* the server stops: connections end, too */
    struct kept_table *table;   /* of all exchanges; NULL: none */
    struct keep keep;           /* what its answer would be kept under */
    struct kept *kept;          /* NULL: out is this exchange's own */
    struct request request;
    struct response response;
    struct MHD_Response *out;
    unsigned status;
    size_t sent;   /* bytes of the body */
    int64_t began; /* monotonic, microseconds */
};

struct exchange *exchange_new(void);
void exchange_clear(struct exchange *exchange);
void exchange_free(struct exchange *exchange);
/* Is a longer body announced than its path allows, or than there is room for
 * now? Then none is read. */
bool exchange_refuses(struct exchange *exchange);
/* Takes some of the body; beyond the limit nothing is kept. */
void exchange_take(struct exchange *exchange, const char *at, size_t size);
/* Method, path, headers, address from the connection; trusted: proxies whose
 * word on the address counts, or NULL. */
void exchange_read(struct exchange *exchange, const char *method,
                   const char *trusted);
/* Is there an answer that was kept? Then it is exchange->out. db as for
 * app_keep. */
bool exchange_kept(struct exchange *exchange, struct app *app, struct db *db);
/* exchange->response becomes exchange->out, and is kept when it may be. */
void exchange_answer(struct exchange *exchange);

#endif
