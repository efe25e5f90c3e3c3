/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unseal.c - RSA and AES for encrypted submissions, by libcrypto. A private
 * key is held by OpenSSL alone, which wipes it when it is closed; nothing
 * here writes it anywhere, and nobody is asked for a passphrase on a
 * terminal. Why something failed is not told apart: not by OpenSSL's queue,
 * which is emptied.
 */
#include "sys/unseal.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { RSA_BITS_MIN = 1024 };

static int give_passphrase(char *out, int room, int writing, void *context)
{
    const struct str *passphrase = context;

    (void)writing;
    if (room < 0 || passphrase->size > (size_t)room)
        return -1;
    memcpy(out, passphrase->at ? passphrase->at : "", passphrase->size);
    return (int)passphrase->size;
}

static void *key_open(struct str pem, struct str passphrase)
{
    BIO *bio =
        pem.size <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.size) : NULL;
    EVP_PKEY *key = NULL;

    if (bio)
        key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
    BIO_free(bio);
    ERR_clear_error();
    if (key && (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
                EVP_PKEY_get_bits(key) < RSA_BITS_MIN ||
                EVP_PKEY_get_size(key) > UNSEAL_RSA_MAX)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static void key_close(void *key)
{
    EVP_PKEY_free(key);
}

static bool key_rsa(void *key, struct str sealed, unsigned char *out,
                    size_t *size)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool done;

    *size = UNSEAL_RSA_MAX;
    done = context && EVP_PKEY_decrypt_init(context) > 0 &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) > 0 &&
           EVP_PKEY_decrypt(context, out, size,
                            (const unsigned char *)sealed.at, sealed.size) > 0;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return done;
}

static bool file_aes(const unsigned char key[32], const unsigned char iv[16],
                     struct str sealed, unsigned char *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int size = 0;
    bool done;

    done =
        context && sealed.size <= INT_MAX &&
        EVP_DecryptInit_ex(context, EVP_aes_256_cfb128(), NULL, key, iv) &&
        EVP_DecryptUpdate(context, out, &size, (const unsigned char *)sealed.at,
                          (int)sealed.size) &&
        (size_t)size == sealed.size;
    EVP_CIPHER_CTX_free(context); /* wipes what it held */
    ERR_clear_error();
    return done;
}

static size_t key_public(void *key, unsigned char *out, size_t room)
{
    int size = i2d_PUBKEY(key, NULL);
    unsigned char *at = out;

    if (size <= 0 || (size_t)size > room || i2d_PUBKEY(key, &at) != size)
        return 0;
    return (size_t)size;
}

static void bytes_wipe(void *bytes, size_t size)
{
    OPENSSL_cleanse(bytes, size);
}

const struct unsealer unseal_native = {.open = key_open,
                                       .close = key_close,
                                       .rsa = key_rsa,
                                       .aes = file_aes,
                                       .public_key = key_public,
                                       .wipe = bytes_wipe};
