/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* words.h - lists of codes with a space between them, as select_multiple
 * keeps them.
 */
#ifndef COBIJO_WORDS_H
#define COBIJO_WORDS_H

#include "core/str.h"

/* The next word of *rest; false at the end. Runs of spaces count once. */
bool words_next(struct str *rest, struct str *word);
bool words_have(struct str list, struct str word);
/* Is every word of part in list? (the empty list is part of any) */
bool words_within(struct str part, struct str list);
size_t words_count(struct str list);
/* Words of both, words of a that are in b. */
struct str words_union(struct arena *arena, struct str a, struct str b);
struct str words_common(struct arena *arena, struct str a, struct str b);

#endif
