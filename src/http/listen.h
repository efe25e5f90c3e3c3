/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* listen.h - from "127.0.0.1:8080", "[::1]:8080" or ":8080" to a socket that
 * listens. Private to http/ and the command that serves.
 */
#ifndef COBIJO_LISTEN_H
#define COBIJO_LISTEN_H

#include "core/err.h"

struct listener {
    int socket;
    bool loopback; /* reachable from this machine only */
    char host[64];
    unsigned port; /* the real one, also when 0 was asked for */
};

/* A wrong address is ERROR_USAGE, one that is taken ERROR_INTERNAL. */
enum error listener_open(struct listener *listener, const char *address,
                         struct err *err);

#endif
