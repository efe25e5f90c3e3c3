/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* duress.h - what a decoy house (the password for duress, doc/rooms.md) knows
 * of how its account comes in: second step, recovery codes, PIN, passkeys.
 *
 * They are copies under the decoy's site id, made anew at each login with that
 * password, so that nothing looks different there, until somebody changes one
 * of them inside: from then on the decoy keeps its own. The real ones cannot be
 * reached from there.
 *
 * Who forced her tries what he saw: a passkey that was made inside opens the
 * decoy again, and one that was taken away inside opens nothing outside either,
 * until an administrator takes away what she has or she makes it anew.
 */
#ifndef COBIJO_DURESS_H
#define COBIJO_DURESS_H

#include "domain/account/account.h"

/* Does the task work in a decoy house, or in a room of one? */
bool duress_inside(const struct task *task);
/* Did somebody change, inside, how one comes in? */
enum error duress_apart(struct task *task, struct str decoy, bool *apart,
                        struct err *err);
/* Before a login into the decoy: copies, unless it keeps its own. */
enum error duress_mirror(struct task *task, struct str user, struct str decoy,
                         struct err *err);
/* office_change for a change of how one comes in: inside a decoy it keeps its
 * own from now on. */
enum error duress_change(struct task *task, store_change change, void *context,
                         struct err *err);
/* The same for who has a transaction already; context: a struct task. */
enum error duress_keep(struct db *db, void *context, struct err *err);
/* An administrator took away what she had: her decoy copies again. */
enum error duress_forget(struct db *db, struct str site, struct str user,
                         struct err *err);
/* The decoy in which its own person made the passkey with this id; empty:
 * none. */
enum error duress_passkey(struct task *task, struct str id, struct str *decoy,
                          struct err *err);
/* Was this passkey of hers taken away in her decoy? */
enum error duress_ended(struct task *task, struct str id, struct str user,
                        bool *ended, struct err *err);
/* Does the real account have this handle? */
enum error duress_is_real(struct task *task, struct str handle, bool *real,
                          struct err *err);

#endif
