/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* device.h - telephones that fill forms with ODK Collect: each has a name, a
 * role and a secret that is told once.
 *
 * The secret opens as part of an address (/key/SECRET/…), as a bearer token
 * and as a password (digest, or basic over TLS). The store keeps its SHA-256
 * and, for digest, MD5(name:realm:secret): the secret is 119 random bits that
 * nobody chose, so neither can be guessed back; who steals the table can speak
 * digest as that telephone until it is withdrawn, and nothing else.
 */
#ifndef COBIJO_DEVICE_H
#define COBIJO_DEVICE_H

#include "domain/office.h"

#define DEVICE_REALM "Cobijo"

struct device {
    struct str id; /* hash of the secret */
    struct str name, role, ha1, made_by;
    int64_t created, used, revoked; /* instants, 0: never */
};

/* Needs USER_ADMIN. The secret is returned this once. A name that is in use:
 * ERROR_CONFLICT. */
enum error device_add(struct task *task, struct str name, struct str role,
                      struct str *secret, struct str *id, struct err *err);
/* Newest first, withdrawn ones too; at most 500. */
enum error device_list(struct task *task, struct device **device, size_t *count,
                       struct err *err);
enum error device_revoke(struct task *task, struct str id, struct err *err);

/* Whose secret, or whose name, this is; ERROR_LOGIN for nobody's. */
enum error device_by_secret(struct task *task, struct str secret,
                            struct device *device, struct actor *actor,
                            struct err *err);
/* For digest: gives the hash, too; the caller compares. */
enum error device_by_name(struct task *task, struct str name,
                          struct device *device, struct actor *actor,
                          struct err *err);
/* Notes, now and then, that it came in. */
void device_seen(struct task *task, const struct device *device);
/* Credentials that were wrong are counted by address: after twenty,
 * ERROR_TOO_MANY (arg1: seconds) instead of ERROR_LOGIN. Right ones are not
 * looked at: nobody can lock a telephone out. */
enum error device_wrong(struct task *task, struct str address, struct err *err);

#endif
