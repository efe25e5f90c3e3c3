/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seal.h - keys and what is done with them, as the host can (sys/seal.c over
 * libsodium). The browser has none: what is sealed stays closed there.
 *
 * Nothing here is invented: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha),
 * BLAKE2b subkeys (libsodium crypto_kdf), X25519 sealed boxes, Ed25519
 * (RFC 8032), Argon2id (RFC 9106), HMAC-SHA-256 (RFC 2104).
 *
 * Every key is 32 bytes. The site key is the root: it lives outside the
 * database (keys file, paper), in locked memory while the program runs, and
 * only its subkeys are used. Whoever holds a key wipes it.
 */
#ifndef COBIJO_SEAL_H
#define COBIJO_SEAL_H

#include "core/str.h"

enum {
    SEAL_KEY = 32,
    SEAL_NONCE = 24,
    SEAL_EXTRA = 16,     /* a sealed text is so much longer */
    SEAL_BOX_EXTRA = 48, /* and one for a public key */
    SEAL_SIGNATURE = 64,
    SEAL_SALT = 16
};

/* What a site key is turned into, one for each use. Numbers are kept in
 * stores: never change them, only add. */
enum site_subkey {
    SITE_KEY_WRAP = 1,   /* wraps the data keys of people */
    SITE_KEY_SIGN = 2,   /* seed of the site's Ed25519 key */
    SITE_KEY_BOX = 3,    /* seed of the site's X25519 key: it receives */
    SITE_KEY_MAC = 4,    /* names that must not be readable */
    SITE_KEY_STORE = 5,  /* raw key of the SQLite file */
    SITE_KEY_BACKUP = 6, /* backups */
    SITE_KEY_DRAFT = 7,  /* drafts that a browser keeps */
    SITE_KEY_SECRET = 8  /* secrets in tables: TOTP, provider's secrets */
};

struct seal_stream; /* XChaCha20-Poly1305 secretstream (libsodium) */
enum { SEAL_STREAM_HEADER = 24, SEAL_STREAM_EXTRA = 17 };

struct sealer {
    void (*random)(void *out, size_t size);
    /* out: plain.size + SEAL_EXTRA bytes. The nonce is used once per key. */
    void (*seal)(const unsigned char key[32], const unsigned char nonce[24],
                 struct str bound, struct str plain, unsigned char *out);
    /* out: sealed.size - SEAL_EXTRA bytes. false: another key, another place,
     * or changed; out is empty then. */
    bool (*open)(const unsigned char key[32], const unsigned char nonce[24],
                 struct str bound, struct str sealed, unsigned char *out);
    /* context: exactly 8 characters that name the use. */
    void (*derive)(const unsigned char key[32], uint64_t number,
                   const char *context, unsigned char out[32]);
    void (*mac)(const unsigned char key[32], struct str text,
                unsigned char out[32]); /* HMAC-SHA-256 */
    /* HMAC-SHA-1, for one-time codes alone (RFC 4226, 6238): what
     * authenticators speak. Any size of key. */
    void (*mac_sha1)(struct str key, struct str text, unsigned char out[20]);
    /* X25519 from a seed; box: plain.size + SEAL_BOX_EXTRA bytes, nobody sees
     * who made it. */
    void (*box_keys)(const unsigned char seed[32], unsigned char public_key[32],
                     unsigned char secret[32]);
    bool (*box)(const unsigned char public_key[32], struct str plain,
                unsigned char *out);
    bool (*unbox)(const unsigned char public_key[32],
                  const unsigned char secret[32], struct str sealed,
                  unsigned char *out);
    /* Ed25519 from a seed. */
    void (*sign_public)(const unsigned char seed[32],
                        unsigned char public_key[32]);
    void (*sign)(const unsigned char seed[32], struct str text,
                 unsigned char out[64]);
    bool (*verify)(const unsigned char public_key[32], struct str text,
                   const unsigned char signature[64]);
    /* Argon2id; one at a time. memory in bytes. false: no memory. */
    bool (*password_key)(struct str password, const unsigned char salt[16],
                         uint64_t passes, size_t memory, unsigned char out[32]);
    /* A long text in parts, in this order and with this end or not at all.
     * header: SEAL_STREAM_HEADER bytes, written or read. NULL: no memory, or no
     * header. */
    struct seal_stream *(*stream_write)(const unsigned char key[32],
                                        unsigned char *header);
    struct seal_stream *(*stream_read)(const unsigned char key[32],
                                       const unsigned char *header);
    /* out: plain.size + SEAL_STREAM_EXTRA bytes. */
    void (*stream_push)(struct seal_stream *stream, struct str bound,
                        struct str plain, bool last, unsigned char *out);
    bool (*stream_pull)(struct seal_stream *stream, struct str bound,
                        struct str sealed, unsigned char *out, bool *last);
    void (*stream_free)(struct seal_stream *stream);
    /* Compares without telling by time where they differ. */
    bool (*equal)(const void *a, const void *b, size_t size);
    void (*wipe)(void *bytes, size_t size);
    /* Memory that is neither swapped nor dumped; wiped when freed. */
    void *(*locked)(size_t size);
    void (*locked_free)(void *bytes);
};

/* The subkey of a site key (context "cobijo01"). */
void site_key_derive(const struct sealer *sealer,
                     const unsigned char site_key[32], enum site_subkey which,
                     unsigned char out[32]);

#endif
