/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* verify.h - signatures that others made, as the host can check them
 * (sys/verify.c over libcrypto): passkeys and what an identity provider says
 * of somebody. Nothing is signed here.
 */
#ifndef COBIJO_VERIFY_H
#define COBIJO_VERIFY_H

#include "core/str.h"

enum verify_algorithm {
    VERIFY_NONE,
    VERIFY_ES256, /* ECDSA on P-256 with SHA-256 */
    VERIFY_EDDSA, /* Ed25519 */
    VERIFY_RS256  /* RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 4096 bits */
};

/* How an ECDSA signature is written. */
enum verify_form {
    VERIFY_DER, /* SEQUENCE of r and s: WebAuthn */
    VERIFY_PAIR /* 64 bytes: JOSE */
};

/* Big-endian numbers: ES256 x and y, 32 bytes each; EDDSA the point in a, 32
 * bytes; RS256 modulus and exponent. */
struct verify_key {
    enum verify_algorithm algorithm;
    struct str a, b;
};

struct verifier {
    /* Is this a key that may be kept: on the curve, not of small order? */
    bool (*valid)(const struct verify_key *key);
    /* false also for a key that is not valid. */
    bool (*verify)(const struct verify_key *key, enum verify_form form,
                   struct str text, struct str signature);
};

#endif
