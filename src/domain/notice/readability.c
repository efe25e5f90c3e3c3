/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* readability.c - words, sentences and syllables, and the two formulas.
 *
 * Spanish, Szigriszt Pazos 1993: 206.835 - 62.3 x syllables per word - words
 * per sentence, with the bands of the INFLESZ scale (Barrio Cantalejo 2008).
 * English, Flesch 1948: 206.835 - 1.015 x words per sentence - 84.6 x
 * syllables per word. A line end after a list item or heading ends a sentence.
 */
#include "domain/notice/readability.h"

#include "core/utf8.h"

enum { LITTLE = 20 }; /* words; below, a score says nothing */

/* --- letters
 * ------------------------------------------------------------------ */

static uint32_t lower(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
        return c + 32;
    return c;
}

static bool is_letter(uint32_t c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) ||
           c == 0x153;
}

enum vowel { CONSONANT, WEAK, STRONG };

/* i, u and ü are weak, with an accent (í, ú) strong. */
static enum vowel vowel_of(uint32_t c)
{
    switch (c) {
    case 'i':
    case 'u':
    case 0xFC:
        return WEAK;
    case 'a':
    case 'e':
    case 'o':
    case 0xE1:
    case 0xE9:
    case 0xED:
    case 0xF3:
    case 0xFA:
        return STRONG;
    default:
        return CONSONANT;
    }
}

enum { WORD_MOST = 64 };

static size_t letters_of(struct str word, uint32_t letter[WORD_MOST])
{
    size_t count = 0, at = 0;

    while (at < word.size && count < WORD_MOST)
        letter[count++] = lower(utf8_next(word, &at));
    return count;
}

/* Two strong vowels are two syllables; a weak one joins its neighbour. The u
 * of que, qui, gue, gui is silent; a y at the end is a vowel. */
size_t syllables_spanish(struct str word)
{
    uint32_t letter[WORD_MOST];
    size_t size = letters_of(word, letter), count = 0;
    enum vowel before = CONSONANT;

    for (size_t i = 0; i < size; i++) {
        enum vowel vowel = vowel_of(letter[i]);
        bool front =
            i + 1 < size && (letter[i + 1] == 'e' || letter[i + 1] == 'i' ||
                             letter[i + 1] == 0xE9 || letter[i + 1] == 0xED);

        if (letter[i] == 'y' && i + 1 == size)
            vowel = WEAK;
        if (letter[i] == 'u' && i > 0 &&
            (letter[i - 1] == 'q' || letter[i - 1] == 'g') && front)
            vowel = CONSONANT;
        if (letter[i] == 'h' && before != CONSONANT && i + 1 < size)
            continue; /* silent: ahí, prohíbe */
        if (vowel != CONSONANT &&
            (before == CONSONANT || (before == STRONG && vowel == STRONG)))
            count++;
        before = vowel;
    }
    return count ? count : 1;
}

static bool is_vowel_english(uint32_t c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* Groups of vowels, without a silent e at the end ("le" after a consonant and
 * the ending "ed" after t or d are heard). */
size_t syllables_english(struct str word)
{
    uint32_t letter[WORD_MOST];
    size_t size = letters_of(word, letter), count = 0;
    bool inside = false;

    for (size_t i = 0; i < size; i++) {
        bool vowel = is_vowel_english(letter[i]);

        count += vowel && !inside;
        inside = vowel;
    }
    if (size > 2 && letter[size - 1] == 'e' &&
        !is_vowel_english(letter[size - 2]) &&
        !(letter[size - 2] == 'l' && !is_vowel_english(letter[size - 3])))
        count--;
    if (size > 3 && letter[size - 1] == 'd' && letter[size - 2] == 'e' &&
        !is_vowel_english(letter[size - 3]) && letter[size - 3] != 't' &&
        letter[size - 3] != 'd')
        count--;
    return count > 0 && count < WORD_MOST ? count : 1;
}

/* --- counting
 * ------------------------------------------------------------------ */

struct counting {
    struct readability *out;
    bool spanish;
    size_t sentence; /* words of the one that is being read */
};

static void sentence_ends(struct counting *counting)
{
    struct readability *out = counting->out;

    if (!counting->sentence)
        return;
    out->sentences++;
    if (counting->sentence > out->longest)
        out->longest = counting->sentence;
    counting->sentence = 0;
}

static void word_counts(struct counting *counting, struct str word,
                        size_t letters)
{
    struct readability *out = counting->out;

    out->words++;
    out->letters += letters;
    out->syllables +=
        counting->spanish ? syllables_spanish(word) : syllables_english(word);
    counting->sentence++;
}

/* Does a new block begin after this line end? */
static bool block_follows(struct str text, size_t at)
{
    while (at < text.size && (text.at[at] == ' ' || text.at[at] == '\t'))
        at++;
    return at >= text.size || strchr("\n\r#-*+0123456789|>", text.at[at]);
}

/* The address of a link is none of the text: ](…) is passed over. */
static size_t past_address(struct str text, size_t at)
{
    size_t end;

    if (at + 1 >= text.size || text.at[at] != ']' || text.at[at + 1] != '(')
        return at;
    end = str_find_char(str_slice(text, at, text.size), ')');
    return end == SIZE_MAX ? at : at + end;
}

static void count(struct counting *counting, struct str text)
{
    size_t at = 0, start = 0, letters = 0;
    bool heading = false, fresh = true;

    while (at < text.size) {
        size_t here = at;
        uint32_t c = utf8_next(text, &at);

        if (is_letter(c)) {
            start = letters ? start : here;
            letters++;
            fresh = false;
            continue;
        }
        if (letters && (c == '\'' || c == 0x2019))
            continue;
        if (letters)
            word_counts(counting, str_slice(text, start, here), letters);
        letters = 0;
        heading = heading || (fresh && c == '#');
        if (c == '.' || c == '!' || c == '?' || c == ':' || c == ';' ||
            (c == '\n' && (heading || block_follows(text, at))))
            sentence_ends(counting);
        if (c == '\n')
            heading = false;
        fresh = c == '\n' || (fresh && c == ' ');
        at = c == ']' ? past_address(text, here) + 1 : at;
    }
    if (letters)
        word_counts(counting, str_slice(text, start, text.size), letters);
    sentence_ends(counting);
}

static enum reading_ease ease_of(double score, bool spanish)
{
    static const double inflesz[] = {80, 65, 55, 40},
                        flesch[] = {80, 70, 60, 50};
    const double *band = spanish ? inflesz : flesch;
    int at = 0;

    while (at < 4 && score <= band[at])
        at++;
    return (enum reading_ease)(READING_VERY_EASY + at);
}

void readability_of(struct str text, struct str language,
                    struct readability *out)
{
    struct counting counting = {.out = out,
                                .spanish = str_equal_c(language, "es")};
    double per_word;

    *out = (struct readability){0};
    count(&counting, text);
    if (!out->words || !out->sentences)
        return;
    out->sentence_size = (double)out->words / (double)out->sentences;
    out->word_size = (double)out->letters / (double)out->words;
    per_word = (double)out->syllables / (double)out->words;
    if (out->words < LITTLE)
        return;
    if (counting.spanish)
        out->score = 206.835 - 62.3 * per_word - out->sentence_size;
    else if (str_equal_c(language, "en"))
        out->score = 206.835 - 1.015 * out->sentence_size - 84.6 * per_word;
    else
        return;
    out->ease = ease_of(out->score, counting.spanish);
}
