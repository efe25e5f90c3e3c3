/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* flow.h - questions that wait for their answer: a challenge for a passkey,
 * the state of a login at an identity provider, an invitation. Each is
 * answered once, by the browser that asked (binding), before it is over.
 */
#ifndef COBIJO_FLOW_H
#define COBIJO_FLOW_H

#include "domain/office.h"

enum {
    FLOW_MINUTES = 5,
    FLOW_INVITATION_HOURS = 72,
    FLOW_ADDRESS_MAX = 60 /* waiting at once for one address */
};

struct flow {
    const char *purpose;
    struct str id;      /* what the other side is shown; 43 characters */
    struct str hash;    /* of id, where id is not at hand; else empty */
    struct str binding; /* what only this browser holds; empty: none */
    struct str address; /* of who asks; empty: not counted */
    struct str user, provider, nonce, verifier, next; /* may be empty */
    int64_t minutes;                                  /* 0: FLOW_MINUTES */
};

/* Fills in flow->id when it is empty. */
enum error flow_add(struct task *task, struct flow *flow, struct err *err);
/* The flow with purpose, id and binding, which is gone then. ERROR_GONE: there
 * is none, or it is over, or somebody else's. */
enum error flow_take(struct task *task, struct flow *flow, struct err *err);
/* The same without taking it. */
enum error flow_look(struct task *task, struct flow *flow, struct err *err);
/* Within a change: takes it. ERROR_GONE: somebody was faster. */
enum error flow_end(struct db *db, const struct task *task,
                    const struct flow *flow, struct err *err);
/* Those that are over; for account_sweep. */
enum error flow_sweep(struct db *db, const struct task *task, struct err *err);

#endif
