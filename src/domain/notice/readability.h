/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* readability.h - how hard a text is to read, by counting: for its author, as
 * a hint and no more (doc/public.md has the formulas and where they are from).
 */
#ifndef COBIJO_READABILITY_H
#define COBIJO_READABILITY_H

#include "core/str.h"

enum reading_ease {
    READING_NONE, /* no formula for this language, or too little text */
    READING_VERY_EASY,
    READING_EASY,
    READING_NORMAL,
    READING_HARD,
    READING_VERY_HARD
};

struct readability {
    size_t sentences, words, syllables, letters;
    double score; /* Spanish: Szigriszt-Pazos; English: Flesch. 0 to 100 and
                     beyond, more is easier */
    enum reading_ease ease;
    size_t longest;       /* words of the longest sentence */
    double sentence_size; /* words in a sentence */
    double word_size;     /* letters in a word */
};

/* text: CommonMark; marks of it are not counted. */
void readability_of(struct str text, struct str language,
                    struct readability *readability);
/* Syllables of one word, for tests. */
size_t syllables_spanish(struct str word);
size_t syllables_english(struct str word);

#endif
