/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unseal.h - opening what was encrypted for the holder of a private key, as
 * the host can (sys/unseal.c). Keys live outside arenas and are wiped.
 */
#ifndef COBIJO_UNSEAL_H
#define COBIJO_UNSEAL_H

#include "core/str.h"

enum { UNSEAL_RSA_MAX = 2048 }; /* bytes of the largest modulus taken */

struct unsealer {
    /* A private RSA key in PEM; passphrase may be empty. NULL: it is none, or
     * the passphrase does not open it. */
    void *(*open)(struct str pem, struct str passphrase);
    void (*close)(void *key);
    /* RSA-OAEP with SHA-256, MGF1 with SHA-1. out: UNSEAL_RSA_MAX bytes. */
    bool (*rsa)(void *key, struct str sealed, unsigned char *out, size_t *size);
    /* AES-256 in CFB128; out: sealed.size bytes, padding still there. */
    bool (*aes)(const unsigned char key[32], const unsigned char iv[16],
                struct str sealed, unsigned char *out);
    /* Its public half, DER (SubjectPublicKeyInfo); its size, 0: failed. */
    size_t (*public_key)(void *key, unsigned char *out, size_t room);
    void (*wipe)(void *bytes, size_t size);
};

#endif
