/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clean.h - one answer, from what was typed to its canonical text. */
#ifndef COBIJO_CLEAN_H
#define COBIJO_CLEAN_H

#include "form/form.h"

/* system: what the program keeps for itself */
enum { ANSWER_CHARACTERS_MAX = 10000, SYSTEM_CHARACTERS_MAX = 1 << 20 };

/* NULL and *out ("" for no answer), or the msgid of what is wrong. Lists are
 * looked into (choices), filters are not. */
const char *answer_clean(const struct question *question, struct str typed,
                         int utc_offset, struct arena *arena, struct str *out);
bool date_is_partial(const struct question *question);
/* The next item of a space-separated list; false at the end. */
bool next_item(struct str *rest, struct str *item);
/* A number in `parameters` (start=0 end=10 step=1), or the fallback. */
double parameter_number(const struct question *question, const char *name,
                        double fallback);
/* An instant as local time with its offset. */
struct str local_time(struct arena *arena, int64_t instant, int utc_offset);

#endif
