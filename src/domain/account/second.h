/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* second.h - the second step of a login: codes of an authenticator (TOTP, RFC
 * 6238: SHA-1, 30 s, 6 digits), recovery codes on paper, and who must have one.
 *
 * The secret is sealed with a subkey of the site key where there is one. A code
 * is taken once; one before and one after are good, too, for clocks that
 * differ. Attempts are counted for the account, whoever makes them.
 */
#ifndef COBIJO_SECOND_H
#define COBIJO_SECOND_H

#include "domain/account/account.h"

enum {
    TOTP_SECRET = 20, /* bytes */
    TOTP_SECONDS = 30,
    RECOVERY_CODES = 10
};

struct second {
    bool totp;     /* confirmed */
    bool passkey;  /* has one */
    bool demanded; /* by her role */
    int64_t codes; /* recovery codes that are left */
};

/* HOTP of RFC 4226 with 6 digits, "000000" to "999999". */
void hotp(const struct sealer *sealer, struct str secret, uint64_t counter,
          char out[7]);
/* Base32 of RFC 4648 without '='. */
struct str base32(struct arena *arena, const unsigned char *bytes, size_t size);

enum error second_read(struct task *task, struct str user,
                       const struct role *role, struct second *second,
                       struct err *err);
/* Has she anything that a password alone does not come past? */
enum error second_has(struct task *task, struct str user, bool *has,
                      struct err *err);
/* Does the policy second_factor_roles name her role? */
enum error second_wanted(struct task *task, const struct role *role,
                         bool *wanted, struct err *err);

/* A secret for the actor that counts once confirmed; the one that waits when
 * there is one already. ERROR_CONFLICT: hers is confirmed. */
enum error totp_begin(struct task *task, struct str *secret, struct str *uri,
                      struct err *err);
/* The first code: from now on it is asked for. codes: RECOVERY_CODES texts,
 * told once. */
enum error totp_confirm(struct task *task, struct str code, struct str *codes,
                        struct err *err);
/* New recovery codes; the old ones are void. */
enum error recovery_renew(struct task *task, struct str *codes,
                          struct err *err);
/* The second step: a code of either kind opens the session that was half
 * open. */
enum error account_second(struct task *task, const struct session *half,
                          struct str code, const struct visit *visit,
                          struct session *session, struct err *err);
/* The actor gives hers up; not when her role wants it. */
enum error second_remove(struct task *task, struct err *err);
/* An administrator takes away what somebody lost: codes, PIN and sessions. The
 * reason stands in the log, in the user's record. */
enum error second_reset(struct task *task, struct str user, struct str why,
                        struct err *err);

/* Keys for secrets in tables, from the site key; false: there is none. */
enum secret_use {
    SECRET_TOTP = 1,
    SECRET_RECOVERY = 2,
    SECRET_PIN = 3,
    /* outreach/help_code.c */
    SECRET_HELP_WORDS = 20,
    SECRET_HELP_SALT = 21,
    SECRET_HELP_NAME = 22,
    SECRET_HELP_TICKET = 23,
    SECRET_USAGE = 24 /* notice/usage.c */
};
bool secret_key(const struct task *task, enum secret_use use,
                unsigned char key[32]);
/* A secret as it may be kept: an HMAC under the site key, else Argon2id. */
enum error secret_hash(struct task *task, enum secret_use use,
                       struct str secret, struct str *hash, struct err *err);
bool secret_fits(struct task *task, enum secret_use use, struct str secret,
                 struct str hash);

#endif
