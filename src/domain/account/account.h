/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account.h - users, passwords, sessions, tokens for programs.
 *
 * Who a user is stands in the log (kind user); secrets stand apart in the
 * tables credential, session and token, as hashes only.
 */
#ifndef COBIJO_ACCOUNT_H
#define COBIJO_ACCOUNT_H

#include "domain/record/record.h"

enum {
    ACCOUNT_SESSION_MINUTES = 12 * 60, /* from login to the end */
    ACCOUNT_IDLE_MINUTES = 60,         /* without any request */
    ACCOUNT_WAIT_MAX_SECONDS = 60,     /* between two failed logins */
    ACCOUNT_TOUCH_MS = 30 * 1000,      /* how exactly the last use is known */
    ACCOUNT_PASSWORD_MIN = 12          /* characters, of a new one */
};

/* What may be done with a session. Only an open one has an actor: for all
 * others nobody is there, but where ROUTE_ENROL says so. */
enum session_state {
    SESSION_OPEN,
    SESSION_HALF,  /* the password was right, a second factor is wanted */
    SESSION_ENROL, /* her role wants a second factor: she must set one up */
    SESSION_LOCKED /* the PIN is wanted */
};

struct session {
    struct str id;     /* public part: hash of the cookie */
    struct str cookie; /* what the browser keeps; when just opened only */
    struct str csrf;   /* 43 characters */
    struct actor actor;
    struct actor who;    /* whose it is, in any state */
    struct str language; /* what the user chose, may be empty */
    struct str method;   /* how she came in: password, totp, passkey, … */
    struct str device;   /* hash of the machine's cookie, may be empty */
    enum session_state state;
    int64_t expires;
    struct str home, room; /* the house and where in it she works (room.h) */
    bool rooms;            /* she is a member of a room */
    int lock_minutes;      /* 0: she has no PIN, it does not lock */
};

/* Where a login comes from. All may be empty. */
struct visit {
    struct str address; /* of the peer: for throttling, not kept */
    struct str agent;   /* the browser's family: session_agent() */
    struct str device;  /* cookie of the machine */
    struct str before;  /* id of the session this browser had: it ends */
};

enum error account_add(struct task *task, struct str name, struct str display,
                       struct str role, struct str password, struct str *id,
                       struct err *err);
/* Her own, or anybody's with USER_ADMIN. Ends all sessions of that user. */
enum error account_set_password(struct task *task, struct str user,
                                struct str password, struct err *err);
/* Her own name shown and language of the pages; empty: as it was. */
enum error account_set_profile(struct task *task, struct str display,
                               struct str language, struct err *err);
/* Slow on purpose; wrong name and wrong password look the same. Throttled by
 * name and by address with growing waits (ERROR_TOO_MANY, arg1 = seconds)
 * that cannot lock a whole shelter out. cookie is what the browser keeps. */
enum error account_login(struct task *task, struct str name,
                         struct str password, struct str address,
                         struct str *cookie, struct session *session,
                         struct err *err);
/* The same with all that is known of the visit; session->cookie is what the
 * browser keeps. session->state may be SESSION_HALF or SESSION_ENROL: then a
 * second factor is asked for or set up, and account_open_session follows. */
enum error account_login_from(struct task *task, struct str name,
                              struct str password, const struct visit *visit,
                              struct session *session, struct err *err);
/* Is it her password? Throttled like a login; opens nothing. */
enum error account_check_password(struct task *task, struct str name,
                                  struct str password,
                                  const struct visit *visit, struct err *err);
/* Somebody else who stands beside her and types name and password: who that
 * is. ERROR_LOGIN: nobody who may come in. Opens nothing either. */
enum error account_beside(struct task *task, struct str name,
                          struct str password, const struct visit *visit,
                          struct actor *who, struct err *err);
/* Opens a session for a user who has proved who she is by a method: "totp",
 * "recovery", "passkey", "oidc", "again" (she was in and stays in): open at
 * once; "password": half open when she has a second factor, to enrol when her
 * role wants one. visit->before, a half-open session for instance, ends in the
 * same transaction, and the cookie is always a new one. ERROR_LOGIN: she may
 * not come in (any more). */
enum error account_open_session(struct task *task, struct str user,
                                const char *method, const struct visit *visit,
                                struct session *session, struct err *err);
/* The same into a decoy house, which is told as every use of one. */
enum error account_open_decoy(struct task *task, struct str user,
                              struct str decoy, const struct visit *visit,
                              struct session *session, struct err *err);
/* A second password: it opens an empty house of her own. Not the first one. */
enum error account_set_duress(struct task *task, struct str password,
                              struct err *err);
/* Is it still she who sits there? Her password again, slow and throttled as
 * at the login; who has none must have come in within ten minutes.
 * ERROR_INPUT: no. */
enum error account_again(struct task *task, struct str session,
                         struct str password, const struct visit *visit,
                         struct err *err);
enum error account_session(struct task *task, struct str cookie,
                           struct session *session, struct err *err);
enum error account_logout(struct task *task, struct str cookie,
                          struct err *err);
enum error account_token_add(struct task *task, struct str name,
                             struct str role, struct str *token,
                             struct err *err);
enum error account_token(struct task *task, struct str token,
                         struct actor *actor, struct err *err);
enum error account_token_revoke(struct task *task, struct str name,
                                struct err *err);
/* What a user's browser seals her drafts with (64 hex digits): the same on
 * every device until her password changes, and known to nobody who is not
 * logged in as her. Empty for those without a password. */
enum error account_draft_key(struct task *task, struct str *key,
                             struct err *err);
/* Forgets sessions and waits that are over; for app_tick. */
enum error account_sweep(struct task *task, struct err *err);
/* Login names stay unique, a user put to rest loses her sessions, and one
 * active administrator always remains. */
enum error user_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err);
/* First run: no user exists yet. */
enum error account_any(struct task *task, bool *any, struct err *err);

#endif
