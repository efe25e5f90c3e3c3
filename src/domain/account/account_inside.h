/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_inside.h - what the files of this folder share about sessions, and
 * nobody else needs. */
#ifndef COBIJO_ACCOUNT_INSIDE_H
#define COBIJO_ACCOUNT_INSIDE_H

#include "domain/account/account.h"
#include "domain/account/guess.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HALF_MINUTES = 10 /* from the password to the second factor */
};

/* A session to be written, with what else belongs to the same transaction. */
struct opening {
    struct task *task;
    const struct visit *visit;
    const char *method;
    struct session *session; /* out */
    int64_t created;         /* 0: now; else an older one goes on */
    store_change also;       /* may be NULL */
    void *also_context;
    int64_t most;            /* sessions on one machine */
    struct str house;        /* it works in; empty: that of the task */
    struct str other, decoy; /* for an account without a second hash */
    bool duress;
};

enum error session_open(struct opening *opening, struct str user,
                        struct err *err);
/* Who a user is now, into session->who; ERROR_LOGIN when she may not come in
 * any more. */
enum error session_user(struct task *task, struct str id,
                        struct session *session, struct err *err);
enum error say_session_over(struct err *err);
const char *session_state_name(enum session_state state);

/* account_add with more: a place, and what belongs to the same transaction.
 * account.c */
struct account_new {
    struct str name, display, role, place, password;
    store_change also; /* may be NULL */
    void *also_context;
};
enum error account_make(struct task *task, const struct account_new *made,
                        struct str *id, struct err *err);

/* In a statement about the table session: the house it works in (the store's
 * own or a decoy), and whether its person has a PIN there. */
#define SESSION_HOUSE                                                          \
    "COALESCE((SELECT r.home FROM session_room r WHERE"                        \
    " r.site = session.site AND r.id = session.id), session.site)"
#define SESSION_HAS_PIN                                                        \
    "EXISTS (SELECT 1 FROM pin WHERE pin.site = " SESSION_HOUSE                \
    " AND pin.user_id = session.user_id)"

/* Ends all sessions of a user: from a decoy those of the decoy only.
 * account_session.c */
enum error sessions_drop(struct db *db, const struct task *task,
                         struct str user, struct err *err);

#endif
