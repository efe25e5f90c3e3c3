/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* courier.h - messages that leave the house, as the host can send them
 * (sys/courier.c over libcurl, sys/web_push.c over libcrypto; NULL in the
 * browser): mail by SMTP, a request to a gateway or a push service, and what
 * Web Push needs of cryptography (RFC 8291, 8292).
 *
 * Whoever sends waits; only the thread that works the outbox does. Errors say
 * whether to try again: ERROR_BUSY later, ERROR_INPUT never, and their detail
 * holds a word and a number, no address.
 */
#ifndef COBIJO_COURIER_H
#define COBIJO_COURIER_H

#include "core/err.h"

enum {
    COURIER_SECONDS = 15, /* for one message */
    PUSH_POINT = 65,      /* uncompressed point on P-256 */
    PUSH_SECRET = 16,
    PUSH_SALT = 16,
    PUSH_PLAIN_MAX = 3000,
    PUSH_EXTRA = 16 + 4 + 1 + PUSH_POINT + 1 + 16 /* header, pad, tag */
};

struct mail {
    struct str url; /* smtp://host:port, smtps://host:port */
    bool plain;     /* smtp:// without TLS is allowed (this machine, tests) */
    struct str user, password; /* empty user: none */
    struct str from, to;
    struct str text; /* headers, an empty line, the body; CRLF */
};

struct parcel {
    struct str url, method, type, body;
    const struct str *header; /* "Name: value" */
    size_t headers;
    bool near; /* http:// and this machine's own addresses are allowed */
    bool far;  /* addresses of private networks are refused, whatever the name
                  (somebody unknown gave the address) */
};

struct courier {
    enum error (*mail)(struct arena *arena, const struct mail *mail,
                       struct err *err);
    /* *status of whatever answers; an error only when nobody does. */
    enum error (*post)(struct arena *arena, const struct parcel *parcel,
                       int *status, struct err *err);
    /* The point of a secret number; false: it is none. */
    bool (*push_public)(const unsigned char secret[32],
                        unsigned char point[PUSH_POINT]);
    /* RFC 8291: plain for a browser's key and secret, from a secret number and
     * a salt that are used once. out: plain.size + PUSH_EXTRA. */
    bool (*push_seal)(const unsigned char to[PUSH_POINT],
                      const unsigned char auth[PUSH_SECRET],
                      const unsigned char secret[32],
                      const unsigned char salt[PUSH_SALT], struct str plain,
                      unsigned char *out);
    /* ES256 as JOSE writes it. */
    bool (*push_sign)(const unsigned char secret[32], struct str text,
                      unsigned char out[64]);
};

#endif
