/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_passkey.c - what a passkey's bytes are read as, what our place is called,
 * and signatures checked against the RFCs' own examples (RFC 6979 A.2.5,
 * RFC 8032 7.1, RFC 7515 A.2). Whole procedures, right and wrong, are in
 * passkey.t; identity providers in oidc.t.
 */
#include "core/base64.h"
#include "core/fetch.h"
#include "domain/account/cbor.h"
#include "domain/account/jose.h"
#include "domain/account/passkey.h"
#include "sys/host_native.h"
#include "tap.h"

#include <stdlib.h>

static struct str hex(struct arena *arena, const char *text)
{
    struct buf out;

    buf_init(&out, arena);
    for (; text[0] && text[1]; text += 2) {
        char two[3] = {text[0], text[1], '\0'};

        buf_putc(&out, (char)strtol(two, NULL, 16));
    }
    return buf_str(&out);
}

static void check_cbor(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *bytes;
        bool good;
        const char *what;
    } row[] = {
        {"00", true, "0"},
        {"17", true, "23"},
        {"1818", true, "24"},
        {"1817", false, "23 in two bytes"},
        {"1900ff", false, "255 in three bytes"},
        {"1a0000ffff", false, "65535 in five bytes"},
        {"1b00000000ffffffff", false, "2^32-1 in nine bytes"},
        {"1b7fffffffffffffff", true, "2^63-1"},
        {"1b8000000000000000", false, "2^63"},
        {"3b7fffffffffffffff", true, "-2^63"},
        {"20", true, "-1"},
        {"40", true, "no bytes"},
        {"4101", true, "a byte"},
        {"41", false, "a byte that is missing"},
        {"5b7fffffffffffffff", false, "bytes without end"},
        {"5f4101ff", false, "bytes in pieces"},
        {"9f01ff", false, "a list of unknown length"},
        {"80", true, "an empty list"},
        {"8181818100", true, "a list in depth 4"},
        {"818181818100", false, "a list in depth 5"},
        {"a0", true, "an empty map"},
        {"a10102", true, "a map"},
        {"a101", false, "a key without value"},
        {"a201020102", false, "a key twice"},
        {"a14001", false, "bytes as a key"},
        {"a1f401", false, "false as a key"},
        {"f4", true, "false"},
        {"f5", true, "true"},
        {"f6", true, "null"},
        {"f7", false, "undefined"},
        {"f90000", false, "a float"},
        {"c000", false, "a tag"},
        {"1c", false, "a head that is none"},
        {"0000", false, "something after the end"},
        {"", false, "nothing"},
        {"9901010000", false, "257 items"},
        {"b821", false, "33 pairs"},
    };
    struct cbor item;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        tap_ok(tap,
               cbor_open(hex(arena, row[i].bytes), &item, NULL) == row[i].good,
               "cbor: %s", row[i].what);
    cbor_open(hex(arena, "a3616120616202200a"), &item, NULL);
    tap_ok(tap,
           cbor_get(&item, "a").number == -1 &&
               cbor_get(&item, "b").number == 2 &&
               cbor_get_int(&item, -1).number == 10 &&
               cbor_get(&item, "c").type == CBOR_NONE,
           "cbor: members are found");
}

static void check_place(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *base, *rp, *origin;
    } row[] = {
        {"https://refugio.example", "refugio.example",
         "https://refugio.example"},
        {"https://Refugio.Example:443/x", "refugio.example",
         "https://refugio.example"},
        {"https://refugio.example:8443", "refugio.example",
         "https://refugio.example:8443"},
        {"http://localhost:8080", "localhost", "http://localhost:8080"},
        {"http://localhost:80", "localhost", "http://localhost"},
        {"http://casa.localhost:1", "casa.localhost",
         "http://casa.localhost:1"},
        {"http://refugio.example", "", ""},
        {"https://192.168.1.5", "", ""},
        {"https://[::1]:8443", "", ""},
        {"https://10.1", "", ""},
        {"http://localhost.evil.example", "", ""},
        {"ftp://refugio.example", "", ""},
        {"https://", "", ""},
        {"", "", ""},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct passkey_place place = passkey_place(arena, str_of(row[i].base));

        tap_ok(tap,
               str_equal_c(place.rp, row[i].rp) &&
                   str_equal_c(place.origin, row[i].origin),
               "place of %s", row[i].base);
    }
}

static void check_loopback(struct tap *tap)
{
    static const char *const yes[] = {"http://127.0.0.1", "http://127.0.0.1:1/",
                                      "http://localhost/x", "http://[::1]:80"};
    static const char *const no[] = {
        "https://127.0.0.1",      "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.", "http://localhost:80@evil.example",
        "http://localhostx",      "http://evil.example",
        "file:///etc/passwd",     ""};

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        tap_ok(tap, fetch_is_loopback(str_of(yes[i])), "of here: %s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        tap_ok(tap, !fetch_is_loopback(str_of(no[i])), "not: %s", no[i]);
}

/* RFC 6979 A.2.5, SHA-256, "sample". */
#define P256_X                                                                 \
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define P256_Y                                                                 \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define P256_RS                                                                \
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"         \
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
/* RFC 8032 7.1, test 2. */
#define ED_POINT                                                               \
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define ED_SIGNATURE                                                           \
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"         \
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

static void check_signatures(struct tap *tap, struct arena *arena,
                             const struct verifier *verifier)
{
    struct verify_key p256 = {VERIFY_ES256, hex(arena, P256_X),
                              hex(arena, P256_Y)};
    struct verify_key swapped = {VERIFY_ES256, hex(arena, P256_Y),
                                 hex(arena, P256_X)};
    struct verify_key ed = {VERIFY_EDDSA, hex(arena, ED_POINT), STR_NULL};
    struct verify_key none = {VERIFY_NONE, ed.a, ed.b};
    struct str rs = hex(arena, P256_RS), signature = hex(arena, ED_SIGNATURE);

    tap_ok(tap, verifier->valid(&p256), "a point of P-256");
    tap_ok(tap, !verifier->valid(&swapped), "no point of P-256");
    tap_ok(tap, verifier->valid(&ed), "a point of Ed25519");
    tap_ok(tap, !verifier->valid(&none), "no algorithm");
    tap_ok(tap, verifier->verify(&p256, VERIFY_PAIR, STR("sample"), rs),
           "RFC 6979, sample");
    tap_ok(tap, !verifier->verify(&p256, VERIFY_PAIR, STR("Sample"), rs),
           "another text");
    tap_ok(tap, !verifier->verify(&p256, VERIFY_DER, STR("sample"), rs),
           "a pair is no DER");
    tap_ok(tap,
           !verifier->verify(&p256, VERIFY_PAIR, STR("sample"),
                             str_slice(rs, 0, 63)),
           "63 bytes");
    tap_ok(tap, !verifier->verify(&p256, VERIFY_PAIR, STR("sample"), STR_NULL),
           "no bytes");
    tap_ok(tap, verifier->verify(&ed, VERIFY_DER, STR("\x72"), signature),
           "RFC 8032, test 2");
    tap_ok(tap, !verifier->verify(&ed, VERIFY_DER, STR("\x73"), signature),
           "another text");
    ed.a = hex(arena, "ecffffffffffffffffffffffffffffffffffffffffffffffffff"
                      "ffffffffff7f");
    tap_ok(tap, !verifier->valid(&ed), "a point of order 2");
    ed.a = str_slice(ed.a, 0, 31);
    tap_ok(tap, !verifier->valid(&ed), "31 bytes");
}

/* RFC 7515 A.3: ES256 over {"iss":"joe",…}. */
static void check_jose(struct tap *tap, struct arena *arena,
                       const struct verifier *verifier)
{
    static const char token[] =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
        "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAq"
        "OyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    static const char keys[] =
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
    const struct value *jwks = NULL, *claims = NULL;
    struct err err = {0};

    value_parse(arena, STR(keys), &jwks, &err);
    tap_ok(tap,
           jose_open(arena, verifier, STR(token), jwks, &claims) == JOSE_GOOD &&
               str_equal_c(value_text_of(claims, "iss"), "joe"),
           "RFC 7515, A.3");
    tap_ok(tap,
           jose_open(arena, verifier, str_slice(STR(token), 0, 200), jwks,
                     &claims) == JOSE_BAD,
           "cut short");
    tap_ok(tap,
           jose_open(arena, verifier, STR(token), value_object(arena),
                     &claims) == JOSE_UNKNOWN_KEY,
           "no keys");
    tap_ok(tap, jose_open(arena, verifier, STR(""), jwks, &claims) == JOSE_BAD,
           "nothing");
}

int main(void)
{
    struct tap tap = {0};
    struct host_native native;
    struct arena arena;

    arena_init(&arena, NULL);
    tap_ok(&tap, host_native_init(&native), "a host");
    check_cbor(&tap, &arena);
    check_place(&tap, &arena);
    check_loopback(&tap);
    check_signatures(&tap, &arena, native.host.verifier);
    check_jose(&tap, &arena, native.host.verifier);
    host_native_release(&native);
    arena_release(&arena);
    return tap_done(&tap);
}
