/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_diff.h - given fields over standing answers, and what that changed;
 * private to record.c.
 */
#ifndef COBIJO_RECORD_DIFF_H
#define COBIJO_RECORD_DIFF_H

#include "form/form.h"

/* Missing, null, "" and the empty list are the same: no answer. */
bool answer_is_empty(const struct value *answer);
bool answer_same(const struct value *a, const struct value *b);

/* before with the members of input put over it (null empties), system
 * questions of the input left out, then those of system. */
struct value *answers_merge(const struct form *form, const struct value *before,
                            const struct value *input,
                            const struct value *system, struct arena *arena);
/* Body of an entry: what is different in after; a member null is emptied. */
struct value *answers_diff(const struct value *before,
                           const struct value *after, struct arena *arena);
/* Whom a record is about: the answer to the form's cobijo:subject question,
 * else what is given. */
struct str answers_subject(const struct form *form, const struct value *answers,
                           struct str otherwise);

#endif
