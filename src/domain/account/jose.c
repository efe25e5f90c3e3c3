/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* jose.c - opening of jose.h. What a token says of its own key (jwk, jku, x5u)
 * is not looked at; a header with `crit` asks for something unknown here.
 */
#include "domain/account/jose.h"

#include "core/base64.h"
#include "core/host.h"

enum { HEADER_MAX = 2048, SUBJECT_MAX = 255, ISSUED_SECONDS = 3600 };

static const struct {
    const char *name, *type, *curve;
    enum verify_algorithm algorithm;
    const char *a, *b;
} kind[] = {{"RS256", "RSA", NULL, VERIFY_RS256, "n", "e"},
            {"ES256", "EC", "P-256", VERIFY_ES256, "x", "y"},
            {"EdDSA", "OKP", "Ed25519", VERIFY_EDDSA, "x", NULL}};
enum { KINDS = sizeof kind / sizeof kind[0] };

static bool bytes_read(struct arena *arena, struct str text, struct str *bytes)
{
    struct buf out;

    buf_init(&out, arena);
    if (!base64_read_url(&out, text) || arena_failed(arena))
        return false;
    *bytes = buf_str(&out);
    return true;
}

static const struct value *object_read(struct arena *arena, struct str text)
{
    const struct value *value = NULL;
    struct err ignored = {0};
    struct str json;

    if (!bytes_read(arena, text, &json) ||
        value_parse(arena, json, &value, &ignored) ||
        value_type(value) != VALUE_OBJECT)
        return NULL;
    return value;
}

static bool absent_or(const struct value *object, const char *name,
                      const char *wanted)
{
    return !value_get(object, name) ||
           str_equal_c(value_text_of(object, name), wanted);
}

static bool key_fits(const struct value *jwk, size_t which, struct str kid)
{
    return str_equal_c(value_text_of(jwk, "kty"), kind[which].type) &&
           (!kind[which].curve ||
            str_equal_c(value_text_of(jwk, "crv"), kind[which].curve)) &&
           absent_or(jwk, "alg", kind[which].name) &&
           absent_or(jwk, "use", "sig") &&
           (!kid.size || str_equal(value_text_of(jwk, "kid"), kid));
}

/* The one key that fits; none when there are two: a token without kid is then
 * nobody's. */
static const struct value *key_find(const struct value *jwks, size_t which,
                                    struct str kid)
{
    const struct value *list = value_get(jwks, "keys"), *found = NULL;

    if (value_type(list) != VALUE_LIST || value_count(list) > JOSE_KEYS_MAX)
        return NULL;
    for (size_t i = 0; i < value_count(list); i++) {
        if (!key_fits(value_at(list, i), which, kid))
            continue;
        if (found)
            return NULL;
        found = value_at(list, i);
    }
    return found;
}

static bool key_read(struct arena *arena, const struct value *jwk, size_t which,
                     struct verify_key *key)
{
    *key = (struct verify_key){.algorithm = kind[which].algorithm};
    return bytes_read(arena, value_text_of(jwk, kind[which].a), &key->a) &&
           (!kind[which].b ||
            bytes_read(arena, value_text_of(jwk, kind[which].b), &key->b));
}

enum jose_result jose_open(struct arena *arena, const struct verifier *verifier,
                           struct str token, const struct value *jwks,
                           const struct value **claims)
{
    struct str rest = token, part[3] = {{0}}, more, signature, signed_text;
    const struct value *header, *jwk, *said, *id;
    struct verify_key key;
    size_t which = 0;

    if (token.size > JOSE_TOKEN_MAX || !str_cut(&rest, '.', &part[0]) ||
        !str_cut(&rest, '.', &part[1]) || !str_cut(&rest, '.', &part[2]) ||
        str_cut(&rest, '.', &more) || part[0].size > HEADER_MAX)
        return JOSE_BAD;
    signed_text = str_slice(token, 0, part[0].size + 1 + part[1].size);
    header = object_read(arena, part[0]);
    while (which < KINDS &&
           !str_equal_c(value_text_of(header, "alg"), kind[which].name))
        which++;
    id = value_get(header, "kid");
    if (!header || which == KINDS || value_get(header, "crit") ||
        (id && value_type(id) != VALUE_STRING) ||
        !bytes_read(arena, part[2], &signature))
        return JOSE_BAD;
    jwk = key_find(jwks, which, value_text(id));
    if (!jwk)
        return JOSE_UNKNOWN_KEY;
    if (!key_read(arena, jwk, which, &key) ||
        !verifier->verify(&key, VERIFY_PAIR, signed_text, signature))
        return JOSE_BAD;
    said = object_read(arena, part[1]);
    if (!said)
        return JOSE_BAD;
    *claims = said;
    return JOSE_GOOD;
}

static bool audience_fits(const struct value *claims, struct str audience)
{
    const struct value *said = value_get(claims, "aud");
    const struct value *party = value_get(claims, "azp");
    bool found = false;

    if (party && !str_equal(value_text(party), audience))
        return false;
    if (value_type(said) != VALUE_LIST)
        return str_equal(value_text(said), audience);
    for (size_t i = 0; i < value_count(said); i++)
        found = found || str_equal(value_text(value_at(said, i)), audience);
    return found && (value_count(said) == 1 || party);
}

/* Instants in a token are seconds, sometimes with a fraction; below zero when
 * there is none. */
static double second_of(const struct value *claims, const char *name)
{
    const struct value *said = value_get(claims, name);

    if (value_type(said) != VALUE_INT && value_type(said) != VALUE_NUMBER)
        return -1;
    return value_to_double(said, -1);
}

bool jose_claims_fit(const struct value *claims,
                     const struct jose_wanted *wanted)
{
    double now = (double)wanted->now / 1000;
    double issued = second_of(claims, "iat");
    struct str subject = value_text_of(claims, "sub");

    return wanted->issuer.size && wanted->audience.size && wanted->nonce.size &&
           str_equal(value_text_of(claims, "iss"), wanted->issuer) &&
           audience_fits(claims, wanted->audience) &&
           host_equal_secret(value_text_of(claims, "nonce"), wanted->nonce) &&
           second_of(claims, "exp") + JOSE_SKEW_SECONDS > now &&
           issued >= now - ISSUED_SECONDS &&
           issued <= now + JOSE_SKEW_SECONDS &&
           (!value_get(claims, "nbf") ||
            (second_of(claims, "nbf") >= 0 &&
             second_of(claims, "nbf") <= now + JOSE_SKEW_SECONDS)) &&
           subject.size > 0 && subject.size <= SUBJECT_MAX;
}
