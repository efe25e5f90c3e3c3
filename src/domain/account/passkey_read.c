/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey_read.c - what browsers and authenticators send, taken apart: the
 * authenticator's data, attestation objects, COSE keys (RFC 9053); and what
 * our place is called. Reads bytes, decides nothing else.
 */
#include "domain/account/cbor.h"
#include "domain/account/passkey.h"

#include "core/utf8.h"

enum { HASH = 32, FIXED = HASH + 1 + 4, AAGUID = 16 };

/* COSE: labels and values. */
enum {
    COSE_KTY = 1,
    COSE_ALG = 3,
    COSE_CRV = -1,
    COSE_X = -2,
    COSE_Y = -3,
    COSE_N = -1,
    COSE_E = -2,
    COSE_KTY_OKP = 1,
    COSE_KTY_EC2 = 2,
    COSE_KTY_RSA = 3,
    COSE_P256 = 1,
    COSE_ED25519 = 6,
    COSE_ES256 = -7,
    COSE_EDDSA = -8,
    COSE_RS256 = -257
};

static struct str cut(struct str *rest, size_t size)
{
    struct str part = str_slice(*rest, 0, size);

    *rest = str_slice(*rest, size, rest->size);
    return part;
}

static bool credential_read(struct str *rest, struct authenticator *out)
{
    struct cbor key;
    size_t size;

    if (rest->size < AAGUID + 2)
        return false;
    cut(rest, AAGUID);
    size =
        (size_t)((unsigned char)rest->at[0] << 8 | (unsigned char)rest->at[1]);
    cut(rest, 2);
    if (size < 1 || size > PASSKEY_ID_MAX || size > rest->size)
        return false;
    out->id = cut(rest, size);
    if (!cbor_open(*rest, &key, &size) || key.type != CBOR_MAP)
        return false;
    out->key = cut(rest, size);
    return true;
}

bool authenticator_read(struct str bytes, struct authenticator *out)
{
    struct str rest = bytes;
    struct cbor extensions;

    *out = (struct authenticator){0};
    if (bytes.size < FIXED)
        return false;
    out->rp_hash = cut(&rest, HASH);
    out->flags = (unsigned char)cut(&rest, 1).at[0];
    for (int i = 0; i < 4; i++)
        out->counter = out->counter << 8 | (unsigned char)cut(&rest, 1).at[0];
    if ((out->flags & PASSKEY_FLAG_KEY) && !credential_read(&rest, out))
        return false;
    if (out->flags & PASSKEY_FLAG_EXTENSIONS)
        return cbor_open(rest, &extensions, NULL) &&
               extensions.type == CBOR_MAP;
    return rest.size == 0;
}

bool attestation_read(struct str bytes, struct str *format, struct str *data)
{
    struct cbor object, fmt, statement, auth;

    if (!cbor_open(bytes, &object, NULL))
        return false;
    fmt = cbor_get(&object, "fmt");
    statement = cbor_get(&object, "attStmt");
    auth = cbor_get(&object, "authData");
    if (fmt.type != CBOR_TEXT || fmt.text.size == 0 || fmt.text.size > 32 ||
        statement.type != CBOR_MAP || auth.type != CBOR_BYTES)
        return false;
    *format = fmt.text;
    *data = auth.text;
    return !str_equal_c(fmt.text, "none") || statement.count == 0;
}

static struct str bytes_at(const struct cbor *map, int64_t label)
{
    struct cbor item = cbor_get_int(map, label);

    return item.type == CBOR_BYTES ? item.text : STR_NULL;
}

static int64_t number_at(const struct cbor *map, int64_t label)
{
    struct cbor item = cbor_get_int(map, label);

    return item.type == CBOR_INT ? item.number : 0;
}

bool cose_key_read(const struct verifier *verifier, struct str bytes,
                   struct verify_key *key)
{
    struct cbor map;
    int64_t type, algorithm, curve;

    *key = (struct verify_key){0};
    if (!cbor_open(bytes, &map, NULL) || map.type != CBOR_MAP)
        return false;
    type = number_at(&map, COSE_KTY);
    algorithm = number_at(&map, COSE_ALG);
    curve = number_at(&map, COSE_CRV);
    if (type == COSE_KTY_EC2 && algorithm == COSE_ES256 && curve == COSE_P256)
        *key = (struct verify_key){VERIFY_ES256, bytes_at(&map, COSE_X),
                                   bytes_at(&map, COSE_Y)};
    else if (type == COSE_KTY_OKP && algorithm == COSE_EDDSA &&
             curve == COSE_ED25519)
        *key =
            (struct verify_key){VERIFY_EDDSA, bytes_at(&map, COSE_X), STR_NULL};
    else if (type == COSE_KTY_RSA && algorithm == COSE_RS256)
        *key = (struct verify_key){VERIFY_RS256, bytes_at(&map, COSE_N),
                                   bytes_at(&map, COSE_E)};
    return key->algorithm != VERIFY_NONE && key->a.size > 0 &&
           (!verifier || verifier->valid(key));
}

/* --- where we are --------------------------------------------------------- */

/* A name, not an address: its last label is no number. */
static bool is_name(struct str host)
{
    struct str rest = host, label = STR(""), last = STR("");
    int64_t number;

    if (host.size == 0 || host.size > 253 ||
        str_find_char(host, ':') != SIZE_MAX || host.at[0] == '[')
        return false;
    while (str_cut(&rest, '.', &label))
        last = label;
    return last.size > 0 && !str_to_int(last, &number);
}

struct passkey_place passkey_place(struct arena *arena, struct str base)
{
    struct passkey_place place = {STR(""), STR("")};
    struct str lower = utf8_lower(arena, base), rest = lower, host, port;
    bool tls = str_starts(lower, STR("https://"));
    size_t colon;

    if (!tls && !str_starts(lower, STR("http://")))
        return place;
    rest = str_slice(rest, tls ? 8 : 7, rest.size);
    str_cut(&rest, '/', &host);
    colon =
        host.size && host.at[0] != '[' ? str_find_char(host, ':') : SIZE_MAX;
    port = colon == SIZE_MAX ? STR("") : str_slice(host, colon + 1, host.size);
    host = str_slice(host, 0, colon);
    if (str_equal(port, tls ? STR("443") : STR("80")))
        port = STR("");
    if (!is_name(host) || (!tls && !str_equal_c(host, "localhost") &&
                           !str_ends(host, STR(".localhost"))))
        return place;
    place.rp = host;
    place.origin =
        str_format(arena, "%s://%.*s%s%.*s", tls ? "https" : "http",
                   STR_ARGS(host), port.size ? ":" : "", STR_ARGS(port));
    return place;
}
