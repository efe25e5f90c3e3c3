/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.h - passkeys: WebAuthn (level 2, and 3 where it asks for more) with
 * keys that the device finds by itself and opens with a finger, a face or a
 * PIN. Having the device and opening it are two factors.
 *
 * A key is bound to the name of the site (rp) by the browser. Attestation is
 * not asked for; what comes is parsed and not trusted.
 */
#ifndef COBIJO_PASSKEY_H
#define COBIJO_PASSKEY_H

#include "core/verify.h"
#include "domain/office.h"

enum {
    PASSKEY_MOST = 20, /* of one user */
    PASSKEY_LABEL_MAX = 60,
    PASSKEY_ID_MAX = 1023 /* bytes */
};

enum {
    PASSKEY_FLAG_PRESENT = 1,
    PASSKEY_FLAG_VERIFIED = 4,
    PASSKEY_FLAG_BACKUP_POSSIBLE = 8,
    PASSKEY_FLAG_BACKED_UP = 16,
    PASSKEY_FLAG_KEY = 64,
    PASSKEY_FLAG_EXTENSIONS = 128
};

/* Where we are: made of public_url or of the Host header. */
struct passkey_place {
    struct str rp;     /* refugio.example; empty: no passkeys here */
    struct str origin; /* https://refugio.example:8443 */
};
/* base: http://host:port. rp stays empty for addresses without a name and,
 * but for localhost, without TLS: browsers take none there. */
struct passkey_place passkey_place(struct arena *arena, struct str base);

/* What an authenticator says (section 6.1). */
struct authenticator {
    struct str rp_hash; /* 32 bytes */
    unsigned flags;
    int64_t counter;
    struct str id;  /* with PASSKEY_FLAG_KEY */
    struct str key; /* COSE */
};
/* bytes: all of them, nothing after their end. */
bool authenticator_read(struct str bytes, struct authenticator *out);
/* An attestation object: the format and the authenticator's data. */
bool attestation_read(struct str bytes, struct str *format, struct str *data);
/* A COSE key of one of our algorithms; NULL verifier: form only. */
bool cose_key_read(const struct verifier *verifier, struct str bytes,
                   struct verify_key *key);

struct passkey {
    struct str id, user, handle, rp, key, label;
    int64_t counter, created, used, revoked, cloned;
    bool backed;
};

/* All of a user, newest first: her own, or anybody's with USER_ADMIN. */
enum error passkey_list(struct task *task, struct str user,
                        struct passkey **passkey, size_t *count,
                        struct err *err);
enum error passkey_revoke(struct task *task, struct str id, struct err *err);

/* Registration. session: id of the session that asks; the challenge is for
 * it alone. */
struct passkey_offer {
    struct str challenge, handle; /* base64url */
    struct passkey *known;        /* not to be made again on their device */
    size_t count;
};
enum error passkey_offer(struct task *task, const struct passkey_place *place,
                         struct str session, struct passkey_offer *offer,
                         struct err *err);
struct passkey_new {
    struct str client_data, attestation; /* bytes */
    struct str label;
};
enum error passkey_add(struct task *task, const struct passkey_place *place,
                       struct str session, const struct passkey_new *made,
                       struct str *id, struct err *err);

/* Login. binding: a secret that only this browser has. */
enum error passkey_challenge(struct task *task, struct str binding,
                             struct str address, struct str *challenge,
                             struct err *err);
struct passkey_answer {
    struct str id, handle;                            /* base64url */
    struct str client_data, authenticator, signature; /* bytes */
};
/* Whose key answered. She still has to be let in (account_open_session). house:
 * the decoy in which the key was made (duress.h), else empty. */
struct passkey_owner {
    struct str user, house;
};
enum error passkey_login(struct task *task, const struct passkey_place *place,
                         struct str binding,
                         const struct passkey_answer *answer,
                         struct passkey_owner *owner, struct err *err);

#endif
