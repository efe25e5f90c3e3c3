/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fetch.h - asking another server over HTTPS, as the host can (sys/fetch.c
 * over libcurl; NULL in the browser). For the few servers that somebody who
 * administers the house has named; no address comes from a visitor.
 */
#ifndef COBIJO_FETCH_H
#define COBIJO_FETCH_H

#include "core/err.h"

enum { FETCH_SECONDS = 8, FETCH_AT_ONCE = 2 };

struct fetch {
    struct str url;  /* https://…; http:// of this machine alone, or local */
    struct str form; /* null: GET; else POST, urlencoded */
    struct str accept; /* MIME types; empty: JSON */
    struct str bearer; /* empty: none; else Authorization: Bearer */
    bool local;        /* http:// of an address of the own network, too: what
                          comes is signed (alerts between shelters) */
    struct str user;   /* null: none; else basic authentication */
    struct str password;
    struct str authority; /* certificates in PEM; empty: the system's */
    size_t most;          /* bytes of the answer; more is an error */
};

struct fetched {
    int status;
    struct str body;
};

struct fetcher {
    /* Waits FETCH_SECONDS at most; FETCH_AT_ONCE wait at the same time, others
     * hear ERROR_BUSY at once. Follows no redirect. Certificates are always
     * checked. */
    enum error (*fetch)(struct arena *arena, const struct fetch *fetch,
                        struct fetched *fetched, struct err *err);
};

/* Is this http://127.0.0.1, [::1] or localhost, with or without a port? */
bool fetch_is_loopback(struct str url);
/* Is this http:// and an address in digits of a private network (RFC 1918,
 * 169.254.0.0/16)? A name can be anybody's tomorrow. */
bool fetch_is_local(struct str url);

#endif
