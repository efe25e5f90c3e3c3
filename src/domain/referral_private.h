/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_private.h - what the referral files share with each other. */
#ifndef COBIJO_REFERRAL_PRIVATE_H
#define COBIJO_REFERRAL_PRIVATE_H

#include "domain/consent.h"
#include "domain/referral.h"

bool word_in(const char *words, struct str word);
enum error referral_read(struct task *task, struct str id,
                         struct record *referral, struct err *err);
/* An update by the program: state and stamps allowed. */
enum error referral_change(struct task *task, struct change *change,
                           struct str id, const struct value *input,
                           const struct value *system, struct err *err);
/* On what ground it may be sent, and with which data. */
struct referral_ground {
    bool by_consent;
    struct consent consent;
    struct str data; /* scopes that may leave when not by consent */
};
enum error referral_ground(struct task *task, struct str referral,
                           const struct value *answers,
                           struct referral_ground *ground, struct err *err);
/* Would a protection rule (catalog/block.csv) refuse this receiver? *why is
 * its msgid, NULL when nothing stands against it. receiver: answers with
 * place_type or to_type, consulate_of or to_consulate_of, is_enforcement.
 * act: the referral, for consents to a single act; may be empty. */
enum error referral_blocked(struct task *task, struct str person,
                            struct str act, const struct value *receiver,
                            const char **why, struct err *err);
/* Scope that sharing a field takes (column scope of its choice); "" none. */
struct str share_scope(const struct form *form, struct str share_field);
bool referral_child_authority(struct str place_type);

#endif
