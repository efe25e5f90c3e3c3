/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_private.h - what the referral files share with each other. */
#ifndef COBIJO_REFERRAL_PRIVATE_H
#define COBIJO_REFERRAL_PRIVATE_H

#include "domain/referral/consent.h"
#include "domain/referral/referral.h"
#include "domain/casework/screening.h"

enum error referral_read(struct task *task, struct str id,
                         struct record *referral, struct err *err);
/* An update by the program: state and stamps allowed. */
enum error referral_change(struct task *task, struct change *change,
                           struct str id, const struct value *input,
                           const struct value *system, struct err *err);
/* Name of the due_… question whose term runs in a state; STR_NULL: none. */
struct str referral_term(struct str state);
/* How long a link lives after the last term, or after it was made anew. */
#define REFERRAL_LINK_MS ((int64_t)14 * 24 * 3600 * 1000)
/* The hash of a new link into system, and the link; "" without an address
 * that others can reach. */
struct str referral_new_link(struct task *task, struct value *system);
/* Sent once more: a fresh link where the first answer may have been lost (just
 * sent, never opened); else nothing happens and *link is empty. */
enum error referral_send_again(struct task *task, const struct record *referral,
                               struct str *link, struct err *err);
/* On what ground it may be sent, and with which data. */
struct referral_ground {
    bool by_consent;
    struct consent consent;
    struct str data;   /* scopes that may leave when not by consent */
    const char *basis; /* a word for it: consentimiento proteccion_ninez
                          interes_vital */
};
enum error referral_ground(struct task *task, struct str referral,
                           const struct value *answers,
                           struct referral_ground *ground, struct err *err);
/* No rule against it, and a ground for it; both as they stand now. */
enum error referral_may_leave(struct task *task, const struct record *referral,
                              struct referral_ground *ground, struct err *err);
/* The same, and every field that is ticked is covered. */
enum error referral_may_share(struct task *task, const struct record *referral,
                              struct referral_ground *ground, struct err *err);
/* It was sent, and an answer may still come; else ERROR_CONFLICT. */
enum error referral_awaits(const struct value *answers, struct err *err);
/* May its receiver still look? *open false, and no error but those of the
 * store. */
enum error referral_is_open(struct task *task, const struct record *referral,
                            bool *open, struct err *err);
/* What the protection rules (catalog/block.csv) need to know of a person; read
 * once, asked for each receiver. */
struct guard {
    struct task *task;
    struct str person_id;
    const struct value *person;
    struct standing_profile *profile;
    size_t profiles;
    /* of one receiver; place_type: the one that is looked at */
    struct str act, stated_type, place_type, consulate_of, place;
    bool enforcement;
    bool exception; /* consent for the single act would lift the refusal */
    struct err *err;
};
enum error guard_init(struct guard *guard, struct task *task, struct str person,
                      struct err *err);
/* Would a rule refuse this receiver? *why tells it in the reader's language,
 * NULL when nothing stands against it. receiver: place_type or to_type,
 * consulate_of or to_consulate_of, is_enforcement. act: the referral, for
 * consents to a single act; may be empty. */
enum error guard_check(struct guard *guard, const struct value *receiver,
                       struct str act, const char **why);
/* Both for a referral as it stands. */
enum error guard_referral(struct guard *guard, struct task *task,
                          struct str referral, const struct value *answers,
                          const char **why, struct err *err);
/* Scope that sharing a field takes (column scope of its choice); "" none. */
struct str share_scope(const struct form *form, struct str share_field);
bool referral_child_authority(struct str place_type);

#endif
