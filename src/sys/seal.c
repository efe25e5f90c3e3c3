/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seal.c - the functions of struct sealer are libsodium's, in our types; SHA-1,
 * which libsodium has not, is libcrypto's. */
#include "sys/seal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char *bytes_of(struct str text)
{
    return (const unsigned char *)(text.at ? text.at : "");
}

static void random_bytes(void *out, size_t size)
{
    randombytes_buf(out, size);
}

static void seal(const unsigned char key[32], const unsigned char nonce[24],
                 struct str bound, struct str plain, unsigned char *out)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, bytes_of(plain),
                                               plain.size, bytes_of(bound),
                                               bound.size, NULL, nonce, key);
}

static bool open_sealed(const unsigned char key[32],
                        const unsigned char nonce[24], struct str bound,
                        struct str sealed, unsigned char *out)
{
    return sealed.size >= SEAL_EXTRA &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, bytes_of(sealed), sealed.size, bytes_of(bound),
               bound.size, nonce, key) == 0;
}

static void derive(const unsigned char key[32], uint64_t number,
                   const char *context, unsigned char out[32])
{
    assert(strlen(context) == crypto_kdf_CONTEXTBYTES);
    crypto_kdf_derive_from_key(out, SEAL_KEY, number, context, key);
}

static void mac(const unsigned char key[32], struct str text,
                unsigned char out[32])
{
    crypto_auth_hmacsha256(out, bytes_of(text), text.size, key);
}

static void mac_sha1(struct str key, struct str text, unsigned char out[20])
{
    unsigned size = 20;

    if (!HMAC(EVP_sha1(), key.at ? key.at : "", (int)key.size, bytes_of(text),
              text.size, out, &size))
        abort(); /* out of memory: a code must not be what lay there */
}

static void box_keys(const unsigned char seed[32], unsigned char public_key[32],
                     unsigned char secret[32])
{
    crypto_box_seed_keypair(public_key, secret, seed);
}

static bool box(const unsigned char public_key[32], struct str plain,
                unsigned char *out)
{
    return crypto_box_seal(out, bytes_of(plain), plain.size, public_key) == 0;
}

static bool unbox(const unsigned char public_key[32],
                  const unsigned char secret[32], struct str sealed,
                  unsigned char *out)
{
    return sealed.size >= SEAL_BOX_EXTRA &&
           crypto_box_seal_open(out, bytes_of(sealed), sealed.size, public_key,
                                secret) == 0;
}

static void sign_public(const unsigned char seed[32],
                        unsigned char public_key[32])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(public_key, secret, seed);
    sodium_memzero(secret, sizeof(secret));
}

static void sign(const unsigned char seed[32], struct str text,
                 unsigned char out[64])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES], public_key[32];

    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(out, NULL, bytes_of(text), text.size, secret);
    sodium_memzero(secret, sizeof(secret));
}

static bool verify(const unsigned char public_key[32], struct str text,
                   const unsigned char signature[64])
{
    return crypto_sign_verify_detached(signature, bytes_of(text), text.size,
                                       public_key) == 0;
}

static bool password_key(struct str password, const unsigned char salt[16],
                         uint64_t passes, size_t memory, unsigned char out[32])
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
    int failed;

    pthread_mutex_lock(&one);
    failed = crypto_pwhash(out, SEAL_KEY, password.at ? password.at : "",
                           password.size, salt, passes, memory,
                           crypto_pwhash_ALG_ARGON2ID13);
    pthread_mutex_unlock(&one);
    return !failed;
}

static bool equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

static void *locked(size_t size)
{
    return sodium_malloc(size);
}

struct seal_stream {
    crypto_secretstream_xchacha20poly1305_state state;
};

static struct seal_stream *stream_write(const unsigned char key[32],
                                        unsigned char *header)
{
    struct seal_stream *stream = sodium_malloc(sizeof(*stream));

    if (stream)
        crypto_secretstream_xchacha20poly1305_init_push(&stream->state, header,
                                                        key);
    return stream;
}

static struct seal_stream *stream_read(const unsigned char key[32],
                                       const unsigned char *header)
{
    struct seal_stream *stream = sodium_malloc(sizeof(*stream));

    if (stream && crypto_secretstream_xchacha20poly1305_init_pull(
                      &stream->state, header, key)) {
        sodium_free(stream);
        stream = NULL;
    }
    return stream;
}

static void stream_push(struct seal_stream *stream, struct str bound,
                        struct str plain, bool last, unsigned char *out)
{
    crypto_secretstream_xchacha20poly1305_push(
        &stream->state, out, NULL, bytes_of(plain), plain.size, bytes_of(bound),
        bound.size,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
             : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
}

static bool stream_pull(struct seal_stream *stream, struct str bound,
                        struct str sealed, unsigned char *out, bool *last)
{
    unsigned char tag = 0;

    if (sealed.size < SEAL_STREAM_EXTRA ||
        crypto_secretstream_xchacha20poly1305_pull(
            &stream->state, out, NULL, &tag, bytes_of(sealed), sealed.size,
            bytes_of(bound), bound.size))
        return false;
    *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return true;
}

static void stream_free(struct seal_stream *stream)
{
    sodium_free(stream);
}

const struct sealer seal_native = {
    .random = random_bytes,
    .seal = seal,
    .open = open_sealed,
    .derive = derive,
    .mac = mac,
    .mac_sha1 = mac_sha1,
    .box_keys = box_keys,
    .box = box,
    .unbox = unbox,
    .sign_public = sign_public,
    .sign = sign,
    .verify = verify,
    .password_key = password_key,
    .stream_write = stream_write,
    .stream_read = stream_read,
    .stream_push = stream_push,
    .stream_pull = stream_pull,
    .stream_free = stream_free,
    .equal = equal,
    .wipe = sodium_memzero,
    .locked = locked,
    .locked_free = sodium_free,
};
