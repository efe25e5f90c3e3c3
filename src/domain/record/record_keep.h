/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_keep.h - a record that an older version of its form asked is changed
 * with the one in use: what that one no longer knows, or cannot read, is not
 * for this writer to lose.
 */
#ifndef COBIJO_RECORD_KEEP_H
#define COBIJO_RECORD_KEEP_H

#include "form/check.h"

/* Options that are offered no more stay where they stand: such a problem goes,
 * and the answer is what was given. */
void record_keep_codes(const struct form *form, const struct value *before,
                       const struct value *given, struct check_result *check,
                       struct arena *arena);
/* An answer that nobody touched and that the form in use cannot read. */
void record_keep_answer(const struct value *before, struct str key,
                        struct check_result *check, struct arena *arena);
/* Answers to questions that the form has no more; in rows as long as none has
 * gone. */
void record_keep_unknown(const struct form *form, const struct value *before,
                         struct value *after, struct arena *arena);
/* Can the form in use take the answer as it stands? */
bool record_reads(const struct question *question, const struct value *answer,
                  struct arena *arena);

#endif
