/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lock.h - shared laptops: a PIN that opens a session left alone, and several
 * people who take turns on one machine.
 *
 * A PIN is worth something on the machine only where its owner logged in with
 * her password the same day: it opens one session, the one that was locked.
 * Some wrong ones (policy pin_tries) and that session is over.
 */
#ifndef COBIJO_LOCK_H
#define COBIJO_LOCK_H

#include "domain/account/account.h"

enum { PIN_DIGITS = 6 };

/* Somebody whose session waits on this machine. */
struct seat {
    struct str user, display;
};

enum error pin_has(struct task *task, struct str user, bool *has,
                   struct err *err);
enum error pin_set(struct task *task, struct str pin, struct err *err);
enum error pin_remove(struct task *task, struct err *err);
/* Without a PIN nothing is locked: *locked false. */
enum error session_lock(struct task *task, const struct session *session,
                        bool *locked, struct err *err);
/* The same cookie goes on. ERROR_INPUT: a wrong PIN; ERROR_LOGIN: that was one
 * too many, the session is over. */
enum error session_unlock(struct task *task, const struct session *session,
                          struct str pin, struct err *err);
/* device: the cookie of the machine. Those with a PIN, but for the user named
 * (may be empty). */
enum error seats_list(struct task *task, struct str device, struct str but,
                      struct seat **seat, size_t *count, struct err *err);
/* Another person goes on with hers: a new cookie; that of before is locked. */
enum error seat_take(struct task *task, struct str user, struct str pin,
                     const struct visit *visit, struct session *session,
                     struct err *err);

/* Where an account is open. */
struct open_session {
    struct str id, agent, method;
    int64_t created, used;
    bool locked;
};
/* The actor's own, or anybody's with USER_ADMIN; newest use first. */
enum error sessions_list(struct task *task, struct str user,
                         struct open_session **session, size_t *count,
                         struct err *err);
/* One, or with an empty id all but keep (which may be empty). */
enum error sessions_end(struct task *task, struct str user, struct str id,
                        struct str keep, struct err *err);

#endif
