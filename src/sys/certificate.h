/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate.h - a TLS certificate of our own, for a house's own network
 * where nobody sells one. Who connects compares its fingerprint with the one
 * that the house shows.
 */
#ifndef COBIJO_CERTIFICATE_H
#define COBIJO_CERTIFICATE_H

#include "core/err.h"

enum { CERTIFICATE_DAYS = 800, CERTIFICATE_RENEW_DAYS = 30 };

struct certificate {
    struct str pem;         /* certificate, then private key; the arena's */
    struct str fingerprint; /* SHA-256 as AB:CD:…, 95 characters */
    bool made;              /* there was none, or it ran out */
};

/* The certificate of the file; made (ECDSA P-256) when there is no file, and
 * made anew with the same key when it is about to run out. names: host names
 * and addresses it is for, separated by spaces. The file is readable by its
 * owner only. */
enum error certificate_open(const char *path, struct str names,
                            struct arena *arena, struct certificate *out,
                            struct err *err);
/* This machine's name and its addresses in the network, separated by spaces;
 * those of a loopback first. */
struct str certificate_names(struct arena *arena);

#endif
