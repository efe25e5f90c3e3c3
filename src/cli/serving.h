/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serving.h - the server's parts: application, writer, ticking clock, HTTP door
 * (serving.c puts them together, serve_tick.c ticks, serve_closed.c is the door
 * of a house that nobody has opened yet). Private to `serve`.
 */
#ifndef COBIJO_SERVING_H
#define COBIJO_SERVING_H

#include "cli/command.h"
#include "domain/delivery/delivery.h"

#include "http/server.h"
#include "sys/writer.h"

#include <pthread.h>

enum { KNOCKERS = 128 };

/* Failed passwords at the closed door, by address; the oldest is forgotten. */
struct knocker {
    char address[64];
    unsigned failed;
    int64_t until; /* instant */
};

struct serving {
    struct command_line *line;
    struct app app;
    bool open;         /* app is: closed answers until then */
    struct app closed; /* app_open_closed */
    struct door door;
    const struct server_options *options;
    struct writer *writer;
    office_write own_write; /* what app_open had set */
    void *own_context;
    struct server *server;
    struct delivery_settings delivery;
    pthread_t ticker, errands;
    bool ticking, running, stop, poked;
    pthread_mutex_t lock;
    pthread_cond_t wake, errand_wake;
    pthread_mutex_t opening; /* one at a time comes through the door */
    struct knocker knocker[KNOCKERS];
    unsigned waiting;
};

/* serving.c */
void serving_log(struct serving *serving, enum host_level level,
                 const char *event, const char *name, const char *text);
/* The application and what works for it; the house is open. */
enum error serving_app_open(struct serving *serving, struct err *err);
enum error serving_open(struct serving *serving, struct err *err);
void serving_close(struct serving *serving);

/* serve_tick.c */
void ticker_start(struct serving *serving);
void ticker_stop(struct serving *serving);
void tick_soon(void *serving);

/* serve_closed.c: struct door */
enum error door_open(void *serving, struct str name, struct str password,
                     struct str address, struct err *err);

#endif
