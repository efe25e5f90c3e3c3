/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_seal.c - every primitive as the program uses it, against published
 * vectors (draft-irtf-cfrg-xchacha A.3.1, RFC 8032, RFC 4231) or answers that
 * another implementation gave (hashlib's BLAKE2b, libargon2, X25519 and
 * XSalsa20-Poly1305 written out in Python after RFC 7748 and the papers), and
 * against what must be refused: a flipped bit anywhere, a truncated text,
 * another place, another key, points of low order.
 */
#include "sys/host_native.h"
#include "sys/seal.h"
#include "tap.h"

#include <stdlib.h>

static size_t unhex(const char *hex, unsigned char *out)
{
    size_t size = strlen(hex) / 2;

    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;

        sscanf(hex + 2 * i, "%2x", &byte);
        out[i] = (unsigned char)byte;
    }
    return size;
}

static bool is(const unsigned char *bytes, const char *hex)
{
    unsigned char want[512];

    return memcmp(bytes, want, unhex(hex, want)) == 0;
}

static struct str text(const unsigned char *bytes, size_t size)
{
    return (struct str){(const char *)bytes, size};
}

static const struct sealer *const sealer = &seal_native;

/* --- XChaCha20-Poly1305 --------------------------------------------------- */

static const char sunscreen[] =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one "
    "tip for the future, sunscreen would be it.";
static const char sunscreen_sealed[] =
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b"
    "0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945"
    "b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6"
    "15c68b13b52ec0875924c1c7987947deafd8780acf49";

struct aead {
    unsigned char key[32], nonce[24], bound[12], sealed[256];
    size_t size;
};

static bool opens(const struct aead *aead, size_t bound, size_t size)
{
    unsigned char out[256];

    return sealer->open(aead->key, aead->nonce, text(aead->bound, bound),
                        text(aead->sealed, size), out);
}

/* Each bit of each part. */
static int flips(struct aead *aead, unsigned char *part, size_t size)
{
    int opened = 0;

    for (size_t i = 0; i < 8 * size; i++) {
        part[i / 8] ^= (unsigned char)(1 << i % 8);
        opened += opens(aead, 12, aead->size);
        part[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    return opened;
}

static void check_aead(struct tap *tap)
{
    struct aead aead;
    unsigned char out[256];
    int opened = 0;

    for (size_t i = 0; i < 32; i++)
        aead.key[i] = (unsigned char)(0x80 + i);
    for (size_t i = 0; i < 24; i++)
        aead.nonce[i] = (unsigned char)(0x40 + i);
    unhex("50515253c0c1c2c3c4c5c6c7", aead.bound);
    aead.size = strlen(sunscreen) + SEAL_EXTRA;
    sealer->seal(aead.key, aead.nonce, text(aead.bound, 12), str_of(sunscreen),
                 aead.sealed);
    tap_ok(tap, is(aead.sealed, sunscreen_sealed),
           "XChaCha20-Poly1305 seals the draft's text");
    tap_ok(tap,
           sealer->open(aead.key, aead.nonce, text(aead.bound, 12),
                        text(aead.sealed, aead.size), out) &&
               memcmp(out, sunscreen, strlen(sunscreen)) == 0,
           "... and opens it");
    tap_ok(tap, flips(&aead, aead.sealed, aead.size) == 0,
           "no bit of it can be flipped");
    tap_ok(tap,
           flips(&aead, aead.nonce, 24) + flips(&aead, aead.key, 32) +
                   flips(&aead, aead.bound, 12) ==
               0,
           "... nor one of nonce, key, place");
    for (size_t i = 0; i < aead.size; i++)
        opened += opens(&aead, 12, i);
    for (size_t i = 0; i < 12; i++)
        opened += opens(&aead, i, aead.size);
    tap_ok(tap, !opened && opens(&aead, 12, aead.size),
           "... nor can text or place be cut");
    sealer->seal(aead.key, aead.nonce, STR(""), STR(""), aead.sealed);
    tap_ok(tap,
           sealer->open(aead.key, aead.nonce, STR(""), text(aead.sealed, 16),
                        out) &&
               !sealer->open(aead.key, aead.nonce, STR("x"),
                             text(aead.sealed, 16), out),
           "nothing can be sealed, too");
}

/* --- keys, HMAC ----------------------------------------------------------- */

static void check_keys(struct tap *tap)
{
    unsigned char key[32], out[32], other[32];

    for (size_t i = 0; i < 32; i++)
        key[i] = (unsigned char)i;
    site_key_derive(sealer, key, SITE_KEY_WRAP, out);
    tap_ok(tap,
           is(out, "7cdffad083d3c23fc5bbe5a4842972398f99e46dedcb832daf719415c9"
                   "189d6e"),
           "BLAKE2b subkey 1 of a site key");
    site_key_derive(sealer, key, SITE_KEY_SIGN, other);
    tap_ok(tap,
           is(other, "c28471378254ec4d5d69b6083f4211cf658b86a21b05ecf24d46f9d3"
                     "d189ad77"),
           "... subkey 2");
    sealer->derive(key, 3, "cobclass", other);
    tap_ok(tap,
           is(other, "66f91d0216f1e6581412549bf6c3a99b85b382c692ac425604c5ce6c"
                     "5c9c76cb"),
           "... and of a class");
    memset(key, 0, 32);
    memset(key, 0x0b, 20);
    sealer->mac(key, STR("Hi There"), out);
    tap_ok(tap,
           is(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e"
                   "32cff7"),
           "HMAC-SHA-256, RFC 4231 case 1");
    memset(key, 0, 32);
    memcpy(key, "Jefe", 4);
    sealer->mac(key, STR("what do ya want for nothing?"), out);
    tap_ok(tap,
           is(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964"
                   "ec3843"),
           "... case 2");
    memcpy(other, out, 32);
    other[31] ^= 1;
    tap_ok(tap,
           sealer->equal(out, out, 32) && !sealer->equal(out, other, 32) &&
               sealer->equal(out, other, 31),
           "secrets are compared");
    sealer->wipe(out, 32);
    memset(other, 0, 32);
    tap_ok(tap, memcmp(out, other, 32) == 0, "... and wiped");
}

/* --- Ed25519 -------------------------------------------------------------- */

static void check_signature(struct tap *tap)
{
    static const char seed_hex[] =
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
    unsigned char seed[32], public_key[32], message[2], signature[64], bad[64];
    struct str said = text(message, 2);
    int good = 0;

    unhex(seed_hex, seed);
    unhex("af82", message);
    sealer->sign_public(seed, public_key);
    tap_ok(tap,
           is(public_key, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5de"
                          "b911548908025"),
           "Ed25519, RFC 8032 test 3: public key");
    sealer->sign(seed, said, signature);
    tap_ok(tap,
           is(signature, "6291d657deec24024827e69c3abe01a30ce548a284743a445e36"
                         "80d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9"
                         "716ed28dc027beceea1ec40a") &&
               sealer->verify(public_key, said, signature),
           "... signature");
    for (size_t i = 0; i < 512; i++) {
        memcpy(bad, signature, 64);
        bad[i / 8] ^= (unsigned char)(1 << i % 8);
        good += sealer->verify(public_key, said, bad);
    }
    tap_ok(tap, !good, "no bit of a signature can be flipped");
    tap_ok(tap,
           !sealer->verify(public_key, text(message, 1), signature) &&
               !sealer->verify(public_key, STR(""), signature),
           "... nor its text be cut");
    memset(bad, 0, 64);
    memset(public_key, 0, 32);
    public_key[0] = 1; /* the neutral element signs everything */
    bad[0] = 1;
    tap_ok(tap, !sealer->verify(public_key, said, bad),
           "a public key of low order signs nothing");
    unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          seed);
    sealer->sign_public(seed, public_key);
    sealer->sign(seed, STR(""), signature);
    tap_ok(tap,
           is(public_key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af0"
                          "21a68f707511a") &&
               is(signature,
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522"
                  "4901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
                  "41438e7a100b"),
           "... RFC 8032 test 1");
}

/* --- sealed boxes --------------------------------------------------------- */

static void check_box(struct tap *tap)
{
    static const char known[] =
        "e29d7521911498b837ed692d12a81587898e0ac3f6208eac1069bca82fb6b633b3d0"
        "fbd36efef020cbcb0a49d3c831347dbed08d3aa53bae0efd4357ebfa05eaa1eaa400"
        "3ebb7f4036";
    static const char low[][65] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"};
    struct str said = STR("clave de clase, de prueba");
    unsigned char seed[32], open_key[32], secret[32], box[128], out[128];
    size_t size;
    int opened = 0;

    for (size_t i = 0; i < 32; i++)
        seed[i] = (unsigned char)(32 + i);
    sealer->box_keys(seed, open_key, secret);
    tap_ok(tap,
           is(secret, "887af58a36202e05c4c1cfec5bf6c61fad66bca851536004074b31f"
                      "1b56e4ac9") &&
               is(open_key, "5730800ab340fcb18ce5111eda9d705f91388b41e4544cbd1"
                            "03ba5942db2233e"),
           "X25519 keys of a seed");
    size = unhex(known, box);
    tap_ok(tap,
           sealer->unbox(open_key, secret, text(box, size), out) &&
               str_equal(text(out, size - SEAL_BOX_EXTRA), said),
           "a sealed box that another program made opens");
    for (size_t i = 0; i < 8 * size; i++) {
        if (i == 255) /* the top bit of a point does not count */
            continue;
        box[i / 8] ^= (unsigned char)(1 << i % 8);
        opened += sealer->unbox(open_key, secret, text(box, size), out);
        box[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    for (size_t i = 0; i < size; i++)
        opened += sealer->unbox(open_key, secret, text(box, i), out);
    tap_ok(tap, !opened, "... no bit flipped, nothing cut");
    size = said.size + SEAL_BOX_EXTRA;
    tap_ok(tap,
           sealer->box(open_key, said, box) &&
               sealer->unbox(open_key, secret, text(box, size), out) &&
               str_equal(text(out, said.size), said),
           "one that is made here opens");
    secret[5] ^= 1;
    tap_ok(tap, !sealer->unbox(open_key, secret, text(box, size), out),
           "... for its receiver alone");
    for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
        unhex(low[i], open_key);
        opened += sealer->box(open_key, said, box);
    }
    tap_ok(tap, !opened, "nothing is sealed for a point of low order");
}

/* --- Argon2id, memory ----------------------------------------------------- */

#define ARGON_A                                                                \
    "cbc33ec43f0ac7eedf52ff1b497a842759ac07d4cbd5124c879e8e5ecbadc5be"
#define ARGON_B                                                                \
    "8e2164585ce057ac64c9cdf23ff30504975dff72e4c88c1ee2f0dabb9d1e78d9"

static void check_password(struct tap *tap)
{
    unsigned char salt[16], out[32];
    struct str password = STR("contraseña de prueba");
    char *locked;

    for (size_t i = 0; i < 16; i++)
        salt[i] = (unsigned char)i;
    tap_ok(tap,
           sealer->password_key(password, salt, 1, 8192, out) &&
               is(out, ARGON_A),
           "Argon2id as libargon2 has it: 1 pass, 8 KiB");
    tap_ok(tap,
           sealer->password_key(password, salt, 3, 1048576, out) &&
               is(out, ARGON_B),
           "... 3 passes, 1 MiB");
    salt[0] ^= 1;
    tap_ok(tap,
           sealer->password_key(password, salt, 3, 1048576, out) &&
               !is(out, ARGON_B),
           "... another salt, another key");
    locked = sealer->locked(32);
    tap_ok(tap, locked != NULL, "locked memory");
    if (locked)
        memset(locked, 1, 32);
    sealer->locked_free(locked);
}

int main(void)
{
    struct tap tap = {0};
    struct host_native native;

    host_native_init(&native);
    check_aead(&tap);
    check_keys(&tap);
    check_signature(&tap);
    check_box(&tap);
    check_password(&tap);
    host_native_release(&native);
    return tap_done(&tap);
}
