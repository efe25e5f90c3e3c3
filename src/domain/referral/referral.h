/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral.h - from a need to a service and back: propose, share, send,
 * answer, escalate.
 *
 * States (registry.md 6): borrador consentida enviada recibida aceptada
 * agendada atendida retroalimentada cerrada; beside them rechazada no_asistio
 * cancelada vencida sin_respuesta redirigida. Every move is an update entry,
 * so the timeline is the log.
 *
 * Guards (catalog/block.csv): the consular block, the enforcement block, and
 * consent per act; they refuse with ERROR_BLOCKED and a reason.
 */
#ifndef COBIJO_REFERRAL_H
#define COBIJO_REFERRAL_H

#include "domain/record/record.h"

struct proposal {
    struct str place; /* record of kind place */
    struct str name;
    struct str place_type, service_code;
    struct str because; /* profile, flag or need code that asks for it */
    double distance_km; /* -1 unknown */
    int open_now;       /* 1 open, 0 closed, -1 unknown */
    struct str verified_on;
    int score;               /* higher first */
    bool fits;               /* false: shown last, with why */
    const char *why_not;     /* msgid */
    bool blocked;            /* a guard would refuse: shown with the reason */
    const char *blocked_why; /* msgid */
    struct str consent;      /* what the pathway asks: yes no opinion */
};

/* Services that fit the person now, for a profile, flag or need code (empty:
 * everything her open needs, flags and profiles ask for). */
enum error referral_propose(struct task *task, struct str person,
                            struct str code, struct proposal **proposal,
                            size_t *count, struct err *err);

/* May this referral be sent at all? ERROR_BLOCKED with the reason. */
enum error referral_guard(struct task *task, struct str referral,
                          const struct value *answers, struct err *err);
enum error referral_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err);

/* Exactly what the receiver sees: the consented fields and nothing else, for
 * the page's preview, the slip and the link alike. */
enum error referral_package(struct task *task, struct str referral,
                            struct value **package, struct err *err);
/* The same of answers that are still being written, as if she agreed to all
 * that is ticked: {from, from_phone, ground, request:{…}, fields:[{field,
 * label, text}]}. */
enum error referral_preview(struct task *task, const struct value *answers,
                            struct value **package, struct err *err);
/* What consent would have to cover for the ticked fields: data_scope codes. */
struct str referral_scopes(struct task *task, const struct value *answers);

/* What a draft stands on now, for the page that asks. */
struct referral_standing {
    bool child;   /* her opinion is needed, not her consent */
    bool allowed; /* it may go as it is */
    bool by_consent;
    struct str consent; /* the record, when by consent */
    struct str why;     /* when not allowed: what is missing, translated */
    struct str blocked; /* a protection rule refuses: its words */
    bool exception;     /* … unless she consents to this single act */
};
enum error referral_stands(struct task *task, struct str referral,
                           const struct value *answers,
                           struct referral_standing *standing, struct err *err);

/* Sends: state enviada, clocks set, reply code; with a public address a
 * one-time link (*link, shown once) and its QR. Sent again at once (a double
 * click, an answer that got lost), a fresh link replaces the one that nobody
 * has opened; sent again later, nothing happens and *link is empty. */
enum error referral_send(struct task *task, struct str referral,
                         struct str *link, struct err *err);

/* A new link for one that was sent; the old one stops. */
enum error referral_relink(struct task *task, struct str referral,
                           struct str *link, struct err *err);

enum referral_answer {
    ANSWER_RECEIVED,
    ANSWER_ACCEPT,
    ANSWER_DECLINE,
    ANSWER_ASK,
    ANSWER_SCHEDULE,
    ANSWER_OUTCOME,
    ANSWER_NO_SHOW
};
struct answer {
    enum referral_answer kind;
    struct str reason;     /* denial_reason code */
    struct str text;       /* the question, a note */
    struct str outcome;    /* outcome code */
    struct str when;       /* appointment */
    struct str by;         /* who answered, as told */
    struct str reply_code; /* when heard by telephone; must match, or empty
                              when the actor holds REFERRAL_WRITE */
    store_change also;     /* in the same transaction, or NULL */
    void *context;
};
/* Is all there that an answer of its kind needs? */
enum error referral_answer_whole(const struct answer *answer, struct err *err);
enum error referral_respond(struct task *task, struct str referral,
                            const struct answer *answer, struct err *err);
enum error referral_withdraw(struct task *task, struct str referral,
                             struct str reason, struct err *err);
enum error referral_close(struct task *task, struct str referral,
                          struct err *err);

/* The receiver's door: token from the link. ERROR_NOT_FOUND for a wrong one,
 * ERROR_GONE when expired or withdrawn. task->actor becomes "link:…". */
enum error referral_by_link(struct task *task, struct str token,
                            struct str *referral, struct err *err);

/* The same door for somebody whose account belongs to the receiving place
 * (task->actor.place): open on the same conditions as the link.
 * ERROR_NOT_FOUND for what is not sent to her place. */
enum error referral_by_place(struct task *task, struct str referral,
                             struct err *err);
/* Those that are open to her: [{id, href, title, service, state, state_label,
 * urgency, …}], nothing in it that the package does not show. */
enum error referral_received(struct task *task, struct value **items,
                             struct err *err);
/* The receiver looks at it: link_opened_at, the first time only. */
enum error referral_opened(struct task *task, struct str referral,
                           struct err *err);

/* Lets clocks fire: overdue, escalated, expired; F10 asylum deadlines;
 * follow-ups missed. Returns how many entries it wrote. */
enum error casework_tick(struct task *task, size_t *changed, struct err *err);

#endif
