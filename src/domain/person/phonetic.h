/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* phonetic.h - how a name sounds, for people who write it as they hear it.
 *
 * One key says how a Spanish ear hears the word: v/b, s/c/z, silent h, ll/y,
 * g/j/x, qu/k, n-tilde. Where a letter can sound two ways (Xavier/Javier,
 * Jhon/Yon, Wilmer/Guilmer, Muñoz/Munoz) there is a second key, and a third
 * when the word looks French or Kreyol (Toussaint/Tousen). Two words sound
 * alike when they share a key.
 */
#ifndef COBIJO_PHONETIC_H
#define COBIJO_PHONETIC_H

#include "core/str.h"

enum { PHONETIC_KEYS = 3, PHONETIC_SIZE = 28 };

struct phonetic {
    char key[PHONETIC_KEYS][PHONETIC_SIZE]; /* [0] the plain reading */
    size_t count;
};

/* word: one word, any case and accents. A word without Latin letters gets no
 * key. */
void phonetic_of(struct arena *arena, struct str word,
                 struct phonetic *phonetic);
bool phonetic_equal(const struct phonetic *a, const struct phonetic *b);

/* How alike two words are written, 0 to 1 (Jaro-Winkler over bytes of folded
 * text). */
double similar_jaro_winkler(struct str a, struct str b);
/* Insertions, deletions, changes and swaps of neighbours; stops at limit. */
int similar_edits(struct str a, struct str b, int limit);

#endif
