/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* web_push.c - what Web Push needs of libcrypto: P-256, HKDF with SHA-256,
 * AES-128-GCM (RFC 8291, 8188), ES256 (RFC 8292). Composition only.
 */
#include "sys/courier.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

/* --- keys on P-256 -------------------------------------------------------- */

bool push_native_public(const unsigned char secret[32],
                        unsigned char point[PUSH_POINT])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_secure_new();
    EC_POINT *at = group ? EC_POINT_new(group) : NULL;
    bool good = group && at && number && BN_bin2bn(secret, 32, number) &&
                !BN_is_zero(number) &&
                BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
                EC_POINT_mul(group, at, number, NULL, NULL, NULL) == 1 &&
                EC_POINT_point2oct(group, at, POINT_CONVERSION_UNCOMPRESSED,
                                   point, PUSH_POINT, NULL) == PUSH_POINT;

    EC_POINT_free(at);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return good;
}

/* secret NULL: a public key alone. */
static EVP_PKEY *key_of(const unsigned char *secret,
                        const unsigned char point[PUSH_POINT])
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *number = BN_secure_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *param = NULL;
    EVP_PKEY *key = NULL;
    bool good =
        build && number && context && EVP_PKEY_fromdata_init(context) == 1 &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                        "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         PUSH_POINT) == 1 &&
        (!secret || (BN_bin2bn(secret, 32, number) &&
                     OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY,
                                            number) == 1));

    if (good)
        param = OSSL_PARAM_BLD_to_param(build);
    if (!param ||
        EVP_PKEY_fromdata(context, &key,
                          secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          param) != 1)
        key = NULL;
    OSSL_PARAM_free(param);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(number);
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool share(EVP_PKEY *mine, EVP_PKEY *theirs, unsigned char out[32])
{
    EVP_PKEY_CTX *context = mine ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
    size_t size = 32;
    bool good = context && theirs && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, theirs) == 1 &&
                EVP_PKEY_derive(context, out, &size) == 1 && size == 32;

    EVP_PKEY_CTX_free(context);
    return good;
}

/* --- the message ---------------------------------------------------------- */

static bool mac(const unsigned char *key, size_t key_size,
                const unsigned char *text, size_t size, unsigned char out[32])
{
    unsigned int got = 32;

    return HMAC(EVP_sha256(), key, (int)key_size, text, size, out, &got) &&
           got == 32;
}

/* Content key and nonce from what both know. */
static bool derive(const unsigned char shared[32],
                   const unsigned char auth[PUSH_SECRET],
                   const unsigned char to[PUSH_POINT],
                   const unsigned char from[PUSH_POINT],
                   const unsigned char salt[PUSH_SALT], unsigned char key[32],
                   unsigned char nonce[32])
{
    static const unsigned char key_info[] = "Content-Encoding: aes128gcm\0\1";
    static const unsigned char nonce_info[] = "Content-Encoding: nonce\0\1";
    unsigned char info[14 + 2 * PUSH_POINT + 1] = "WebPush: info";
    unsigned char one[32], two[32], three[32];
    bool good;

    memcpy(info + 14, to, PUSH_POINT);
    memcpy(info + 14 + PUSH_POINT, from, PUSH_POINT);
    info[sizeof info - 1] = 1;
    good = mac(auth, PUSH_SECRET, shared, 32, one) &&
           mac(one, 32, info, sizeof info, two) &&
           mac(salt, PUSH_SALT, two, 32, three) &&
           mac(three, 32, key_info, sizeof key_info - 1, key) &&
           mac(three, 32, nonce_info, sizeof nonce_info - 1, nonce);
    OPENSSL_cleanse(one, sizeof one);
    OPENSSL_cleanse(two, sizeof two);
    OPENSSL_cleanse(three, sizeof three);
    return good;
}

/* One record, the last: the text, the byte 2, the tag. */
static bool encrypt(const unsigned char key[16], const unsigned char nonce[12],
                    struct str plain, unsigned char *out)
{
    static const unsigned char last = 2;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int size = 0, more = 0, end = 0;
    bool good =
        context &&
        EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce) == 1 &&
        EVP_EncryptUpdate(context, out, &size, (const unsigned char *)plain.at,
                          (int)plain.size) == 1 &&
        EVP_EncryptUpdate(context, out + size, &more, &last, 1) == 1 &&
        EVP_EncryptFinal_ex(context, out + size + more, &end) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16,
                            out + plain.size + 1) == 1;

    EVP_CIPHER_CTX_free(context);
    return good;
}

bool push_native_seal(const unsigned char to[PUSH_POINT],
                      const unsigned char auth[PUSH_SECRET],
                      const unsigned char secret[32],
                      const unsigned char salt[PUSH_SALT], struct str plain,
                      unsigned char *out)
{
    static const unsigned char record[4] = {0, 0, 16, 0}; /* 4096 */
    unsigned char from[PUSH_POINT], shared[32], key[32], nonce[32];
    EVP_PKEY *mine = NULL, *theirs = NULL;
    bool good = plain.size <= PUSH_PLAIN_MAX && to[0] == 4 &&
                push_native_public(secret, from);

    if (good) {
        mine = key_of(secret, from);
        theirs = key_of(NULL, to);
        good = share(mine, theirs, shared) &&
               derive(shared, auth, to, from, salt, key, nonce);
    }
    if (good) {
        memcpy(out, salt, PUSH_SALT);
        memcpy(out + 16, record, 4);
        out[20] = PUSH_POINT;
        memcpy(out + 21, from, PUSH_POINT);
        good = encrypt(key, nonce, plain, out + 21 + PUSH_POINT);
    }
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    OPENSSL_cleanse(shared, sizeof shared);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(nonce, sizeof nonce);
    return good;
}

/* --- who sends ------------------------------------------------------------ */

static bool sign_der(EVP_PKEY *key, struct str text, unsigned char *der,
                     size_t *size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context && key &&
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, der, size, (const unsigned char *)text.at,
                       text.size) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

bool push_native_sign(const unsigned char secret[32], struct str text,
                      unsigned char out[64])
{
    unsigned char point[PUSH_POINT], der[80];
    const unsigned char *at = der;
    size_t size = sizeof der;
    ECDSA_SIG *signature = NULL;
    EVP_PKEY *key =
        push_native_public(secret, point) ? key_of(secret, point) : NULL;
    bool good = sign_der(key, text, der, &size);

    if (good)
        signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    good = signature &&
           BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32) == 32 &&
           BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32) == 32;
    ECDSA_SIG_free(signature);
    EVP_PKEY_free(key);
    return good;
}
