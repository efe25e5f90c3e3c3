/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* signin.h - what the ways of coming in share: password (page_account.c),
 * passkey (page_passkey.c), the institution's own accounts (page_oidc.c).
 */
#ifndef COBIJO_SIGNIN_H
#define COBIJO_SIGNIN_H

#include "web/page.h"

/* Holds the secret that ties an answer to the browser that asked. */
#define SIGNIN_COOKIE "signin"
enum { SIGNIN_SECONDS = 300 };

/* Opens the session of somebody who has shown who she is ("passkey", "oidc");
 * sets cookies. next: where she wanted to go, and then goes. */
enum error signin_open(struct view *view, struct str user, const char *method,
                       struct str *next);
/* page.passkeys for the login page. */
void passkey_login_put(struct view *view);
/* page.providers for the login page: the institutions' own accounts. */
void oidc_login_put(struct view *view, struct str next);
/* page.passkey for "Mi cuenta". */
enum error passkeys_put(struct view *view);

#endif
