/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* server.h - the HTTP door: libmicrohttpd's epoll threads in front, a pool of
 * workers behind, app_respond in the middle.
 *
 * A request is collected, its connection suspended, a worker answers and the
 * connection goes on; so a worker may wait for a commit while the sockets are
 * served. Limits: body 8 MiB, headers 32 KiB, connections, per address, 30
 * seconds of silence.
 */
#ifndef COBIJO_SERVER_H
#define COBIJO_SERVER_H

#include "http/listen.h"
#include "web/app.h"

struct server_options {
    struct listener listener; /* becomes the server's */
    const char *certificate;  /* PEM texts; NULL: plain HTTP */
    const char *key;
    const char *trusted_proxy; /* addresses that may say X-Forwarded-For; must
                                  outlive the server; NULL: none */
    unsigned workers;          /* 0: 64 */
    unsigned connections;      /* 0: 1000 */
    unsigned per_address;      /* 0: 400: a shelter may share one address */
};

struct server;

enum error server_start(struct app *app, const struct server_options *options,
                        struct server **server, struct err *err);
/* From now on this app answers; the one before must stay until the end. */
void server_app(struct server *server, struct app *app);
/* Stops accepting, finishes what is in flight (at most 30 s), frees. */
void server_stop(struct server *server);

#endif
