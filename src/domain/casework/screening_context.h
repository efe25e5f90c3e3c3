/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_context.h - what a rule may know beside the answers: names of
 * catalog/context.csv (age, sex, nationality, working days since entry …),
 * taken from the person's record. An unknown one is a null text.
 */
#ifndef COBIJO_SCREENING_CONTEXT_H
#define COBIJO_SCREENING_CONTEXT_H

#include "domain/office.h"

struct screening_context {
    struct task *task;
    const struct value *answers, *person;
    struct arena *arena;
    struct str age; /* youngest reading, whole years */
    struct str working_days_since_entry;
};

void screening_context_init(struct screening_context *context,
                            struct task *task, const struct value *answers,
                            const struct value *person, struct arena *arena);
/* false: no such name. */
bool screening_context_get(const struct screening_context *context,
                           struct str name, struct str *text);

#endif
