/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* verify.c - ECDSA on P-256, Ed25519 and RSA signatures, by libcrypto; that an
 * Ed25519 key is a point of the large group is asked of libsodium, because
 * libcrypto takes points of small order, for which anything is signed.
 */
#include "sys/verify.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

enum {
    NUMBER = 32, /* bytes of a coordinate, of r and of s */
    RSA_LEAST = 2048 / 8,
    RSA_MOST = 4096 / 8,
    EXPONENT_MOST = 4,
    SIGNATURE_MOST = RSA_MOST
};

static const unsigned char *bytes_of(struct str text)
{
    return (const unsigned char *)(text.at ? text.at : "");
}

static EVP_PKEY *key_made(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *param = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (!param || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, param) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(param);
    return key;
}

static bool is_on_curve(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool good = context && EVP_PKEY_public_check(context) > 0;

    EVP_PKEY_CTX_free(context);
    return good;
}

static EVP_PKEY *key_p256(struct str x, struct str y)
{
    unsigned char point[1 + 2 * NUMBER] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM_BLD *build;
    EVP_PKEY *key = NULL;

    if (x.size != NUMBER || y.size != NUMBER)
        return NULL;
    memcpy(point + 1, x.at, NUMBER);
    memcpy(point + 1 + NUMBER, y.at, NUMBER);
    build = OSSL_PARAM_BLD_new();
    if (build &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                        "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         sizeof point))
        key = key_made("EC", build);
    OSSL_PARAM_BLD_free(build);
    if (key && !is_on_curve(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static EVP_PKEY *key_ed25519(struct str point)
{
    if (point.size != NUMBER ||
        !crypto_core_ed25519_is_valid_point(bytes_of(point)))
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes_of(point),
                                       NUMBER);
}

static EVP_PKEY *key_rsa(struct str n, struct str e)
{
    OSSL_PARAM_BLD *build = NULL;
    BIGNUM *modulus = NULL, *exponent = NULL;
    EVP_PKEY *key = NULL;

    if (n.size < RSA_LEAST || n.size > RSA_MOST || !(n.at[0] & 0x80) ||
        !(n.at[n.size - 1] & 1) || e.size < 1 || e.size > EXPONENT_MOST ||
        !(e.at[e.size - 1] & 1) || (e.size == 1 && e.at[0] == 1))
        return NULL;
    build = OSSL_PARAM_BLD_new();
    modulus = BN_bin2bn(bytes_of(n), (int)n.size, NULL);
    exponent = BN_bin2bn(bytes_of(e), (int)e.size, NULL);
    if (build && modulus && exponent &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        key = key_made("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

static EVP_PKEY *key_open(const struct verify_key *key)
{
    switch (key->algorithm) {
    case VERIFY_ES256:
        return key_p256(key->a, key->b);
    case VERIFY_EDDSA:
        return key_ed25519(key->a);
    case VERIFY_RS256:
        return key_rsa(key->a, key->b);
    case VERIFY_NONE:
        break;
    }
    return NULL;
}

static bool key_valid(const struct verify_key *key)
{
    EVP_PKEY *open = key_open(key);
    bool good = open != NULL;

    EVP_PKEY_free(open);
    ERR_clear_error();
    return good;
}

/* r and s one after the other, as DER; its size, 0: they are no numbers. */
static size_t pair_to_der(struct str pair, unsigned char out[SIGNATURE_MOST])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = NULL, *s = NULL;
    int size = 0;

    if (signature && pair.size == 2 * NUMBER) {
        r = BN_bin2bn(bytes_of(pair), NUMBER, NULL);
        s = BN_bin2bn(bytes_of(pair) + NUMBER, NUMBER, NULL);
    }
    if (r && s && ECDSA_SIG_set0(signature, r, s)) {
        r = s = NULL; /* now the signature's */
        size = i2d_ECDSA_SIG(signature, &out);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return size > 0 ? (size_t)size : 0;
}

static bool check(EVP_PKEY *key, const EVP_MD *digest, struct str text,
                  const unsigned char *signature, size_t size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context && EVP_DigestVerifyInit(context, NULL, digest, NULL, key) > 0 &&
        EVP_DigestVerify(context, signature, size, bytes_of(text), text.size) ==
            1;

    EVP_MD_CTX_free(context);
    return good;
}

static bool verify(const struct verify_key *key, enum verify_form form,
                   struct str text, struct str signature)
{
    unsigned char der[SIGNATURE_MOST];
    const unsigned char *bytes = bytes_of(signature);
    size_t size = signature.size;
    EVP_PKEY *open;
    bool good;

    if (size == 0 || size > SIGNATURE_MOST)
        return false;
    if (key->algorithm == VERIFY_ES256 && form == VERIFY_PAIR) {
        size = pair_to_der(signature, der);
        bytes = der;
    }
    open = size ? key_open(key) : NULL;
    good = open &&
           check(open, key->algorithm == VERIFY_EDDSA ? NULL : EVP_sha256(),
                 text, bytes, size);
    EVP_PKEY_free(open);
    ERR_clear_error();
    return good;
}

const struct verifier verify_native = {.valid = key_valid, .verify = verify};
