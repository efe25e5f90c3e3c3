/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_key.h - which accounts open the house after the machine was off
 * (right store.unlock): their slots in the keys file follow their passwords.
 */
#ifndef COBIJO_ACCOUNT_KEY_H
#define COBIJO_ACCOUNT_KEY_H

#include "domain/office.h"

/* A password was set, the one for duress when other. Whose role has not the
 * right loses her slots. In a decoy house a first password costs the same and
 * changes nothing: a name there may be that of somebody else in the real one. */
enum error account_key_put(struct task *task, struct str name, struct str role,
                           struct str password, bool other, struct err *err);
/* An account changed: renamed, put to rest, another role. One that gets the
 * right has her slots with her next password. Nothing in a decoy house. */
enum error account_key_follow(struct task *task, const struct value *before,
                              const struct value *after, struct err *err);

#endif
