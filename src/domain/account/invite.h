/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* invite.h - accounts by invitation: who administers says which role, whoever
 * holds the link chooses her own name and password. Nobody ever knows a
 * password of somebody else. The link works once and not for long (policy
 * invitation_hours); the store has its hash.
 */
#ifndef COBIJO_INVITE_H
#define COBIJO_INVITE_H

#include "domain/account/account.h"

struct invitation {
    struct str id; /* hash */
    struct str role, display, place, made_by;
    int64_t created, expires;
};

enum error invite_add(struct task *task, struct str role, struct str display,
                      struct str place, struct str *token, struct err *err);
/* Those that are open. */
enum error invite_list(struct task *task, struct invitation **invitation,
                       size_t *count, struct err *err);
enum error invite_withdraw(struct task *task, struct str id, struct err *err);
/* ERROR_NOT_FOUND: unknown, used, over, withdrawn, or made by somebody who
 * administers no more: all look the same. */
enum error invite_find(struct task *task, struct str token,
                       struct invitation *invitation, struct err *err);
/* Makes the account; the invitation is used in the same transaction. */
enum error invite_accept(struct task *task, struct str token, struct str name,
                         struct str display, struct str password,
                         struct err *err);

#endif
