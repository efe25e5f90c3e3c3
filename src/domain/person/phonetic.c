/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* phonetic.c - the rules of sound, in three passes: the letters that matter,
 * the silent h, then one rule per letter. It knows no names, only letters. g
 * and j are one sound here: clerks swap them in any place, and few names
 * differ by them alone.
 */
#include "domain/person/phonetic.h"

#include "core/utf8.h"

enum { LETTERS_MAX = 48 };

/* '~' stands for n-tilde and every spelling of its sound. */
struct letters {
    char at[LETTERS_MAX + 4]; /* room to look ahead: zeros */
    size_t count;
};

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

static bool is_soft(char c)
{
    return c == 'e' || c == 'i' || c == 'y';
}

/* a-z and '~'; a c with cedilla is an s before the accents go. */
static void letters_of(struct arena *arena, struct str word,
                       struct letters *letters)
{
    struct str lower = utf8_lower(arena, word);

    for (size_t at = 0; at < lower.size;) {
        size_t from = at;
        uint32_t code = utf8_next(lower, &at);
        struct str one;

        if (code == 0xE7) {
            one = STR("s");
        } else if (code == 0xF1) {
            one = STR("~");
        } else if (code < 0x80) {
            one = str_slice(lower, from, at);
        } else {
            one = utf8_fold(arena, str_slice(lower, from, at), false);
        }
        for (size_t i = 0; i < one.size; i++)
            if (letters->count < LETTERS_MAX &&
                ((one.at[i] >= 'a' && one.at[i] <= 'z') || one.at[i] == '~'))
                letters->at[letters->count++] = one.at[i];
    }
}

/* Takes the h away except where it makes another sound with its neighbour:
 * ch (C; before a consonant k: Christian), sh (S), ph (f), lh (l l), nh (~). */
static void drop_silent_h(struct letters *letters)
{
    struct letters out = {0};

    for (size_t i = 0; i < letters->count; i++) {
        char c = letters->at[i];
        bool before_h = letters->at[i + 1] == 'h';
        char after = before_h ? letters->at[i + 2] : '\0';

        if (c == 'h')
            continue;
        if (before_h && c == 'c' && (after == 'r' || after == 'l')) {
            out.at[out.count++] = 'k';
        } else if (before_h && (c == 'c' || c == 's')) {
            out.at[out.count++] = c == 'c' ? 'C' : 'S';
        } else if (before_h && c == 'p') {
            out.at[out.count++] = 'f';
        } else if (before_h && c == 'n' && is_vowel(after) && i > 0) {
            out.at[out.count++] = '~';
        } else if (before_h && c == 'l' && is_vowel(after) && i > 0) {
            out.at[out.count++] = 'l';
            if (out.count < LETTERS_MAX)
                out.at[out.count++] = 'l';
        } else {
            out.at[out.count++] = c;
        }
        if (out.count >= LETTERS_MAX)
            break;
    }
    *letters = out;
}

struct sound {
    char *out;
    size_t count;
    bool other; /* the second reading */
};

/* Double letters sound once. */
static void put(struct sound *sound, char c)
{
    if (sound->count && sound->out[sound->count - 1] == c)
        return;
    if (sound->count + 1 < PHONETIC_SIZE)
        sound->out[sound->count++] = c;
}

/* y, ll and a semi-vowel i: a consonant before a vowel, else the vowel i. */
static void put_y(struct sound *sound, char next, bool always)
{
    char last = sound->count ? sound->out[sound->count - 1] : '\0';

    if (is_vowel(next) && (always || !last || is_vowel(last)))
        put(sound, 'y');
    else
        put(sound, 'i');
}

static size_t sound_c(struct sound *sound, const char *at)
{
    if (at[1] == 'c' && is_soft(at[2]))
        return 1; /* acc+e: the second c says it */
    put(sound, is_soft(at[1]) ? 's' : 'k');
    return at[1] == 'k' ? 2 : 1;
}

static size_t sound_g(struct sound *sound, const char *at)
{
    if (at[1] == 'n' && sound->count && is_vowel(at[2])) {
        put(sound, '~');
        return at[2] == 'i' && is_vowel(at[3]) ? 3 : 2;
    }
    if (at[1] == 'u' && (at[2] == 'e' || at[2] == 'i')) {
        put(sound, 'g');
        return 2;
    }
    if (is_soft(at[1]) && sound->other && !sound->count) {
        put(sound, 'y');
        return at[1] == 'i' && is_vowel(at[2]) ? 2 : 1; /* Giovani, Yovani */
    }
    put(sound, 'g');
    return 1;
}

static size_t sound_n(struct sound *sound, const char *at)
{
    if ((at[1] == 'i' || at[1] == 'y') && is_vowel(at[2])) {
        put(sound, '~');
        return 2;
    }
    put(sound, at[1] && strchr("bpvm", at[1]) ? 'm' : 'n'); /* Enma, Emma */
    return 1;
}

/* Says the letter at *at; returns how many letters were taken. */
static size_t sound_letter(struct sound *sound, const char *at)
{
    switch (at[0]) {
    case 'v':
        put(sound, 'b');
        return 1;
    case 'w':
        put(sound, sound->other ? 'g' : 'b');
        return 1;
    case 'z':
        put(sound, 's');
        return 1;
    case 'S': /* Sharles, Charles; Shiloj, Xiloj */
        put(sound, sound->other ? 's' : 'C');
        return 1;
    case 'x':
        put(sound, sound->other ? 'g' : 's');
        return 1;
    case 'c':
        return sound_c(sound, at);
    case 'q':
        put(sound, 'k');
        return at[1] == 'u' && is_soft(at[2]) ? 2 : 1;
    case 'g':
        return sound_g(sound, at);
    case 'j':
        put(sound, sound->other && !sound->count ? 'y' : 'g');
        return 1;
    case 'l':
        if (at[1] != 'l')
            break;
        put_y(sound, at[2], true);
        return 2;
    case 'y':
        put_y(sound, at[1], false);
        return 1;
    case 'i':
        put_y(sound, at[1], false);
        return 1;
    case 'n':
        return sound_n(sound, at);
    case 'm':
        put(sound, at[1] ? 'm' : 'n'); /* Miriam, Mirian */
        return 1;
    case '~':
        put(sound, sound->other ? 'n' : '~');
        return 1;
    default:
        break;
    }
    put(sound, at[0]);
    return 1;
}

static void spanish_key(const struct letters *letters, bool other, char *key)
{
    struct sound sound = {key, 0, other};
    size_t i = 0;

    while (i < letters->count)
        i += sound_letter(&sound, letters->at + i);
    if (sound.count > 4 &&
        (key[sound.count - 1] == 's' || key[sound.count - 1] == 'd'))
        sound.count--;
    key[sound.count] = '\0';
}

/* --- French and Kreyol -------------------------------------------------- */

static bool looks_french(const struct letters *letters)
{
    const char *at = letters->at;
    size_t n = letters->count;

    for (size_t i = 1; i + 1 < n; i++)
        if (at[i] == 'w' && !is_vowel(at[i - 1]) && is_vowel(at[i + 1]))
            return true; /* Lwi */
    if (n < 4)
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        if ((at[i] == 'o' && (at[i + 1] == 'u' || at[i + 1] == 'i')) ||
            (at[i] == 'a' && (at[i + 1] == 'u' || at[i + 1] == 'i')) ||
            (at[i] == 'e' && at[i + 1] == 'a' && at[i + 2] == 'n') ||
            (at[i] == 'i' && at[i + 1] == 'e' && at[i + 2] == 'r'))
            return true;
    }
    return strchr("tdxp", at[n - 1]) != NULL ||
           (at[n - 1] == 'e' && at[n - 2] == at[n - 3]) ||
           (at[n - 1] == 'e' && at[n - 2] == 'n' && at[n - 3] == 'i');
}

static bool starts(const char *at, const char *with)
{
    return strncmp(at, with, strlen(with)) == 0;
}

/* Vowels written with several letters. */
static size_t french_vowel(struct sound *sound, const char *at)
{
    static const struct {
        const char *written, *said;
    } vowel[] = {{"eau", "o"}, {"ean", "an"}, {"au", "o"}, {"ou", "u"},
                 {"oi", "ua"}, {"ai", "e"},   {"ei", "e"}, {"ie", "ie"}};

    for (size_t i = 0; i < sizeof vowel / sizeof vowel[0]; i++) {
        if (!starts(at, vowel[i].written))
            continue;
        for (const char *c = vowel[i].said; *c; c++)
            put(sound, *c);
        return strlen(vowel[i].written);
    }
    return 0;
}

/* An e that is written and hardly said: Wid(e)line, Mad(e)leine. */
static bool is_mute_e(const char *at, size_t i)
{
    return at[i] == 'e' && i > 1 && !is_vowel(at[i - 1]) && at[i + 1] &&
           !is_vowel(at[i + 1]) && is_vowel(at[i + 2]);
}

static void french_key(const struct letters *letters, char *key)
{
    struct sound sound = {key, 0, false};
    size_t n = letters->count, i = 0;
    const char *at = letters->at;

    if (n > 3 && at[n - 1] == 'e' &&
        (at[n - 2] == 'n' || at[n - 2] == at[n - 3]))
        n--;
    else if (n > 3 && strchr("tdsxzp", at[n - 1]))
        n--;
    while (i < n) {
        size_t taken = french_vowel(&sound, at + i);

        if (!taken && at[i] == 'w') {
            put(&sound, 'u');
            taken = 1;
        } else if (!taken && at[i] == 'y') {
            put(&sound, 'i');
            taken = 1;
        } else if (!taken && at[i] == 'i') {
            put(&sound, 'i');
            taken = 1;
        } else if (!taken && is_mute_e(at, i)) {
            taken = 1;
        }
        i += taken ? taken : sound_letter(&sound, at + i);
    }
    key[sound.count] = '\0';
}

static void add_key(struct phonetic *phonetic, const char *key)
{
    if (!key[0] || phonetic->count == PHONETIC_KEYS)
        return;
    for (size_t i = 0; i < phonetic->count; i++)
        if (strcmp(phonetic->key[i], key) == 0)
            return;
    memcpy(phonetic->key[phonetic->count++], key, PHONETIC_SIZE);
}

void phonetic_of(struct arena *arena, struct str word,
                 struct phonetic *phonetic)
{
    struct letters letters = {0};
    char key[PHONETIC_SIZE] = "";

    memset(phonetic, 0, sizeof *phonetic);
    letters_of(arena, word, &letters);
    drop_silent_h(&letters);
    spanish_key(&letters, false, key);
    add_key(phonetic, key);
    memset(key, 0, sizeof key);
    spanish_key(&letters, true, key);
    add_key(phonetic, key);
    if (looks_french(&letters)) {
        memset(key, 0, sizeof key);
        french_key(&letters, key);
        add_key(phonetic, key);
    }
}

bool phonetic_equal(const struct phonetic *a, const struct phonetic *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (strcmp(a->key[i], b->key[j]) == 0)
                return true;
    return false;
}

/* --- how alike it is written -------------------------------------------- */

static size_t jaro_matches(struct str a, struct str b, bool *in_a, bool *in_b)
{
    size_t longer = a.size > b.size ? a.size : b.size;
    size_t reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
    size_t matches = 0;

    for (size_t i = 0; i < a.size; i++) {
        size_t from = i > reach ? i - reach : 0;
        size_t to = i + reach + 1 < b.size ? i + reach + 1 : b.size;

        for (size_t j = from; j < to; j++) {
            if (in_b[j] || a.at[i] != b.at[j])
                continue;
            in_a[i] = in_b[j] = true;
            matches++;
            break;
        }
    }
    return matches;
}

double similar_jaro_winkler(struct str a, struct str b)
{
    bool in_a[LETTERS_MAX] = {false}, in_b[LETTERS_MAX] = {false};
    size_t matches, swapped = 0, prefix = 0;
    double jaro, m;

    a = str_slice(a, 0, LETTERS_MAX);
    b = str_slice(b, 0, LETTERS_MAX);
    matches = jaro_matches(a, b, in_a, in_b);
    if (!matches)
        return a.size == b.size && !a.size ? 1.0 : 0.0;
    for (size_t i = 0, j = 0; i < a.size; i++) {
        if (!in_a[i])
            continue;
        while (!in_b[j])
            j++;
        swapped += a.at[i] != b.at[j++];
    }
    m = (double)matches;
    jaro = (m / (double)a.size + m / (double)b.size +
            (m - (double)(swapped / 2)) / m) /
           3;
    while (prefix < 4 && prefix < a.size && prefix < b.size &&
           a.at[prefix] == b.at[prefix])
        prefix++;
    return jaro + (double)prefix * 0.1 * (1 - jaro);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int similar_edits(struct str a, struct str b, int limit)
{
    int row[3][LETTERS_MAX + 1]; /* before last, last, this */

    a = str_slice(a, 0, LETTERS_MAX);
    b = str_slice(b, 0, LETTERS_MAX);
    if (a.size > b.size + (size_t)limit || b.size > a.size + (size_t)limit)
        return limit + 1;
    for (size_t j = 0; j <= b.size; j++)
        row[1][j] = (int)j;
    for (size_t i = 1; i <= a.size; i++) {
        row[2][0] = (int)i;
        for (size_t j = 1; j <= b.size; j++) {
            int same = a.at[i - 1] == b.at[j - 1] ? 0 : 1;
            int cost = least(least(row[1][j], row[2][j - 1]) + 1,
                             row[1][j - 1] + same);

            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
                a.at[i - 2] == b.at[j - 1])
                cost = least(cost, row[0][j - 2] + 1);
            row[2][j] = cost;
        }
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][b.size];
}
