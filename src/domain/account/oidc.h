/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oidc.h - coming in with the account of an institution that has an identity
 * provider: OpenID Connect, authorization code with PKCE (S256), state, nonce,
 * discovery, JWKS. Who may come in is decided here: a subject that nobody
 * linked to an account is refused, and no account is made by itself.
 *
 * Providers are rows that somebody who administers the house wrote
 * (`cobijo oidc set`). oidc.c keeps them, oidc_link.c who is
 * who, oidc_ask.c talks to them.
 */
#ifndef COBIJO_OIDC_H
#define COBIJO_OIDC_H

#include "domain/account/flow.h"
#include "domain/office.h"

enum {
    OIDC_PROVIDERS_MAX = 10,
    OIDC_ANSWER_MAX = 64 * 1024,  /* discovery, token */
    OIDC_JWKS_MAX = 128 * 1024,   /* keys with certificates are long */
    OIDC_KEPT_MINUTES = 60,       /* discovery and keys */
    OIDC_KEYS_AGAIN_SECONDS = 60, /* an unknown key is asked for so often */
    OIDC_LINKS_MAX = 100
};

struct oidc_provider {
    struct str name;   /* in addresses: [a-z0-9-] */
    struct str label;  /* on the button */
    struct str issuer; /* https://…; http:// of this machine for trying */
    struct str client;
    struct str secret;    /* opened; empty: a public client */
    struct str authority; /* PEM; empty: the system's */
    struct str discovery, jwks;
    int64_t discovered, jwks_read;
};

/* Settings: for the command line and USER_ADMIN. A provider of the same name
 * is replaced. */
enum error oidc_set(struct task *task, const struct oidc_provider *provider,
                    struct err *err);
enum error oidc_remove(struct task *task, struct str name, struct err *err);
/* Without secrets; for everybody: the buttons of the login page. */
enum error oidc_list(struct task *task, struct oidc_provider **provider,
                     size_t *count, struct err *err);
/* With its secret. ERROR_NOT_FOUND. */
enum error oidc_find(struct task *task, struct str name,
                     struct oidc_provider *provider, struct err *err);
enum error oidc_keep_discovery(struct task *task,
                               const struct oidc_provider *provider,
                               struct err *err);
enum error oidc_keep_jwks(struct task *task,
                          const struct oidc_provider *provider,
                          struct err *err);

/* Who is who. */
struct oidc_link {
    struct str issuer, subject, user;
    int64_t created, used;
};
enum error oidc_links(struct task *task, struct str user,
                      struct oidc_link **link, size_t *count, struct err *err);
enum error oidc_link_add(struct task *task, struct str issuer,
                         struct str subject, struct str user, struct err *err);
enum error oidc_link_remove(struct task *task, struct str issuer,
                            struct str subject, struct err *err);
/* ERROR_NOT_FOUND: nobody linked that subject. */
enum error oidc_subject(struct task *task, struct str issuer,
                        struct str subject, struct str *user, struct err *err);
/* A link to give to somebody, for 72 hours: whoever opens it and then comes in
 * at the provider is this account from then on. */
enum error oidc_invite(struct task *task, struct str user, struct str *token,
                       struct err *err);
enum error oidc_invitation(struct task *task, struct str token,
                           struct str *user, struct err *err);

/* With the link an invitation is used up. */
enum error oidc_link_by(struct task *task, const struct flow *invitation,
                        struct str issuer, struct str subject, struct err *err);
/* For flow.purpose of invitations. */
extern const char oidc_purpose_invite[];
enum error oidc_check_admin(const struct task *task, struct err *err);

/* The way there. invitation: empty for a login. url: where to send her. */
struct oidc_start {
    struct str provider, binding, address, redirect, next, invitation;
};
enum error oidc_start(struct task *task, const struct oidc_start *start,
                      struct str *url, struct err *err);
/* And back: what the provider added to the address. */
struct oidc_return {
    struct str binding, redirect, state, code, issuer, error;
};
struct oidc_who {
    struct str user;    /* empty: nobody linked the subject */
    struct str subject; /* to tell those who administer */
    struct str label;   /* of the provider */
    struct str next;
    bool linked; /* by an invitation, just now */
};
enum error oidc_finish(struct task *task, const struct oidc_return *back,
                       struct oidc_who *who, struct err *err);

#endif
