/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* jose.h - signed tokens of an identity provider (JWS compact, RFC 7515) with
 * the provider's keys (JWK set, RFC 7517). RS256, ES256 and EdDSA; nothing
 * else opens, `none` and the HMACs least of all. The algorithm comes from the
 * key as much as from the token.
 */
#ifndef COBIJO_JOSE_H
#define COBIJO_JOSE_H

#include "core/value.h"
#include "core/verify.h"

enum { JOSE_TOKEN_MAX = 16 * 1024, JOSE_KEYS_MAX = 50 };

enum jose_result {
    JOSE_GOOD,
    JOSE_BAD,        /* not a token of theirs */
    JOSE_UNKNOWN_KEY /* perhaps they have a new key: ask again */
};

/* The claims of a token that one of the keys signed. jwks: parsed. */
enum jose_result jose_open(struct arena *arena, const struct verifier *verifier,
                           struct str token, const struct value *jwks,
                           const struct value **claims);

struct jose_wanted {
    struct str issuer, audience, nonce;
    int64_t now; /* ms */
};
enum { JOSE_SKEW_SECONDS = 300 };
/* Are these claims for us, now, for this login? sub is a text of 1 to 255. */
bool jose_claims_fit(const struct value *claims,
                     const struct jose_wanted *wanted);

#endif
