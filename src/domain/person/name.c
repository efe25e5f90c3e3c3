/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* name.c - splits names into roles and words into what can be compared.
 *
 * A split is the likeliest way to give each unit (a word with its particles)
 * a role, from the shares in name_word.csv and from how many given names and
 * surnames people have where the person comes from. It never throws away a
 * word.
 */
#include "domain/person/name.h"

#include <math.h>

#include "core/utf8.h"
#include "core/value.h"

enum { UNITS_MAX = 10 };

struct unit {
    struct str text;       /* as written */
    struct str word;       /* folded main word */
    bool particle;         /* begins with de, del … */
    double given, surname; /* log likelihoods */
};

enum name_custom name_custom_of(struct str nationality)
{
    static const char *const one[] = {
        "HTI", "CMR", "USA", "CAN", "BLZ", "JAM", "FRA", "COD", "COG", "GHA",
        "NGA", "SEN", "SOM", "ERI", "IND", "BGD", "NPL", "CHN", "TTO", "GUY"};

    if (str_equal_c(nationality, "BRA") || str_equal_c(nationality, "PRT") ||
        str_equal_c(nationality, "AGO"))
        return NAME_PORTUGUESE;
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++)
        if (str_equal_c(nationality, one[i]))
            return NAME_ONE;
    return NAME_SPANISH;
}

/* --- tidy ---------------------------------------------------------------- */

static bool is_letter(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= 0xAA && code != 0xAB && code != 0xBB && code != 0xBF &&
            code != 0xD7 && code != 0xF7 && code < 0x2000) ||
           (code > 0x2E7F && code != 0xFFFD);
}

static bool has_letter(struct str text)
{
    for (size_t at = 0; at < text.size;)
        if (is_letter(utf8_next(text, &at)))
            return true;
    return false;
}

static bool is_particle(const struct name_rules *rules, struct str folded)
{
    const struct name_entry *entry = name_entry_find(rules, folded);

    return entry && entry->kind == NAME_WORD_PARTICLE;
}

static void put_capitalised(struct arena *arena, struct str word,
                            struct buf *out)
{
    struct str lower = utf8_lower(arena, word);
    bool start = true;

    for (size_t at = 0; at < lower.size;) {
        size_t from = at;
        uint32_t code = utf8_next(lower, &at);
        struct str letter = str_slice(lower, from, at);

        buf_put(out,
                start && is_letter(code) ? utf8_upper(arena, letter) : letter);
        start = code == '-' || code == '(' || code == '"' ||
                (code == '\'' && from == 1); /* O'Brien, D'Angelo */
    }
}

static bool is_one_case(struct arena *arena, struct str text)
{
    return str_equal(text, utf8_upper(arena, text)) ||
           str_equal(text, utf8_lower(arena, text));
}

static bool is_edge_sign(char c)
{
    return strchr(" \t\r\n.,;:*-_/\\#\"", c) != NULL;
}

static struct str trim_signs(struct str text)
{
    while (text.size && is_edge_sign(text.at[0]))
        text = str_slice(text, 1, text.size);
    while (text.size && is_edge_sign(text.at[text.size - 1]) &&
           text.at[text.size - 1] != '.')
        text.size--;
    return text;
}

struct str name_tidy(const struct name_rules *rules, struct arena *arena,
                     struct str text)
{
    struct buf out;
    bool one_case;

    text = trim_signs(utf8_nfc(arena, text));
    one_case = is_one_case(arena, text);
    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;) {
        struct str word;
        size_t from;

        while (at < text.size && strchr(" \t\r\n", text.at[at]))
            at++;
        for (from = at; at < text.size && !strchr(" \t\r\n", text.at[at]);)
            at++;
        word = str_slice(text, from, at);
        if (!word.size)
            break;
        if (out.size)
            buf_putc(&out, ' ');
        if (!one_case)
            buf_put(&out, word);
        else if (at < text.size &&
                 is_particle(rules, utf8_fold(arena, word, false)))
            buf_put(&out, utf8_lower(arena, word));
        else
            put_capitalised(arena, word, &out);
    }
    return buf_str(&out);
}

/* --- units --------------------------------------------------------------- */

static struct str plain_word(struct arena *arena, struct str word)
{
    struct str folded = utf8_fold(arena, word, false);

    while (folded.size && strchr(".,", folded.at[folded.size - 1]))
        folded.size--;
    return folded;
}

static bool joins_back(struct str folded)
{
    return str_equal_c(folded, "y") || str_equal_c(folded, "e");
}

/* Words with their particles: "de la Cruz", "Ortega y Gasset", "San Juan". */
static size_t cut_units(const struct name_rules *rules, struct arena *arena,
                        struct str text, struct unit unit[UNITS_MAX])
{
    struct str rest = text, part;
    const char *from = NULL;
    bool particle = false, back = false;
    size_t count = 0;

    while (str_cut(&rest, ' ', &part)) {
        struct str folded = plain_word(arena, part);
        const struct name_entry *entry = name_entry_find(rules, folded);
        bool more = rest.at && rest.size;

        if (!part.size)
            continue;
        if (entry && entry->kind == NAME_WORD_ABBREVIATION &&
            !entry->expansion.size)
            continue; /* Sr., Jr. */
        if (!from)
            from = part.at;
        if (more && entry &&
            (entry->kind == NAME_WORD_PARTICLE ||
             entry->kind == NAME_WORD_SAINT)) {
            particle |= entry->kind == NAME_WORD_PARTICLE;
            back |= joins_back(folded) && count > 0;
            continue;
        }
        if ((back && count) || count == UNITS_MAX) {
            struct unit *last = &unit[count - 1];

            last->text.size = (size_t)(part.at + part.size - last->text.at);
        } else {
            unit[count++] = (struct unit){
                .text = {from, (size_t)(part.at + part.size - from)},
                .word = folded,
                .particle = particle};
        }
        from = NULL;
        particle = back = false;
    }
    return count;
}

static double log_share(double share)
{
    return log(share + 0.00005);
}

static const struct name_entry *known(const struct name_rules *rules,
                                      struct arena *arena, struct str word)
{
    const struct name_entry *entry = name_entry_find(rules, word);
    struct phonetic sound;

    if (entry && entry->kind == NAME_WORD_ABBREVIATION)
        entry = name_entry_find(rules, entry->expansion);
    if (entry)
        return entry;
    phonetic_of(arena, word, &sound);
    return name_entry_like(rules, &sound);
}

/* Guédez, Yáñez: a surname, if nothing else is known of it. */
static bool ends_as_surname(struct str word)
{
    return word.size > 4 && str_ends(word, STR("ez"));
}

static void weigh_units(const struct name_rules *rules, struct arena *arena,
                        struct unit *unit, size_t count)
{
    char sex = '\0';

    for (size_t i = 0; i < count; i++) {
        struct str word = unit[i].word;
        size_t dash = str_find_char(word, '-');
        const struct name_entry *entry = known(rules, arena, word);
        double given = entry ? entry->given : 0;
        double surname = entry ? entry->surname : 0;

        if (!entry && dash != SIZE_MAX) {
            entry = known(rules, arena, str_slice(word, 0, dash));
            given = entry ? entry->given : 0;
            surname = entry ? entry->surname : 0;
        }
        if (!entry && ends_as_surname(word))
            surname = 0.0005;
        if (i && sex && entry && entry->sex && entry->sex != sex)
            given /= 10; /* Marta Domingo: a surname */
        if (unit[i].particle && entry && entry->devotion && i) {
            given = 0.01; /* María del Carmen */
            surname /= 10;
        } else if (unit[i].particle) {
            given = 0;
            surname += 0.001;
        }
        if (!i && entry)
            sex = entry->sex;
        unit[i].given = log_share(given);
        unit[i].surname = log_share(surname);
    }
}

static double prior_surnames(enum name_custom custom, size_t surnames)
{
    static const double prior[3][4] = {{0.005, 0.33, 0.65, 0.015},
                                       {0.005, 0.44, 0.50, 0.055},
                                       {0.005, 0.93, 0.06, 0.005}};

    return log(prior[custom][surnames < 4 ? surnames : 3] /
               (surnames > 3 ? 100 : 1));
}

static double prior_given(size_t given)
{
    static const double prior[4] = {0.001, 0.46, 0.48, 0.06};

    return log(prior[given < 4 ? given : 3] / (given > 3 ? 100 : 1));
}

struct split {
    size_t first;  /* units in the first part */
    bool reversed; /* surnames come first */
    double score, second;
};

static void consider(struct split *best, size_t first, bool reversed,
                     double score)
{
    if (score > best->score) {
        best->second = best->score;
        best->score = score;
        best->first = first;
        best->reversed = reversed;
    } else if (score > best->second) {
        best->second = score;
    }
}

static struct split best_split(const struct unit *unit, size_t count,
                               enum name_custom custom)
{
    struct split best = {1, false, -1e9, -1e9};

    for (size_t first = 1; first < count; first++) {
        double score =
            prior_given(first) + prior_surnames(custom, count - first);
        double reversed =
            prior_surnames(custom, first) + prior_given(count - first) - 4;

        for (size_t i = 0; i < count; i++) {
            score += i < first ? unit[i].given : unit[i].surname;
            reversed += i < first ? unit[i].surname : unit[i].given;
        }
        consider(&best, first, false, score);
        consider(&best, first, true, reversed);
    }
    return best;
}

static struct str span(const struct unit *unit, size_t from, size_t to)
{
    if (from >= to)
        return STR_NULL;
    return (struct str){unit[from].text.at,
                        (size_t)(unit[to - 1].text.at + unit[to - 1].text.size -
                                 unit[from].text.at)};
}

static void set_surnames(const struct unit *unit, size_t from, size_t to,
                         struct name *name)
{
    name->first_surname = span(unit, from, from + 1 < to ? from + 1 : to);
    name->second_surname = span(unit, from + 1, to);
}

void name_split_surnames(struct arena *arena, struct str surnames,
                         enum name_custom custom,
                         const struct name_rules *rules, struct name *name)
{
    struct unit unit[UNITS_MAX] = {0};
    struct str text = name_tidy(rules, arena, surnames);
    size_t count = cut_units(rules, arena, text, unit);

    set_surnames(unit, 0, count, name);
    if (custom == NAME_PORTUGUESE && count > 1)
        name->note = N_("El apellido de la madre va primero");
}

/* What clerks write in brackets that nobody is called. */
static bool is_remark(struct arena *arena, struct str text)
{
    static const char *const remark[] = {
        "menor",     "bebe",       "nino",   "nina",        "hijo",
        "hija",      "mama",       "papa",   "madre",       "padre",
        "esposo",    "esposa",     "pareja", "hermano",     "hermana",
        "titular",   "finado",     "finada", "fallecio",    "fallecido",
        "fallecida", "embarazada", "de",     "acompanante", "nna",
        "repetido",  "repetida",   "salio",  "nuevo",       "nueva",
        "no",        "ver",        "lgbt",   "trans"};
    struct str rest = utf8_fold(arena, text, false), word;

    while (str_cut(&rest, ' ', &word))
        for (size_t i = 0; i < sizeof remark / sizeof remark[0]; i++)
            if (str_equal_c(word, remark[i]))
                return true;
    return !has_letter(text);
}

/* An alias in brackets or quotes: José «Chepe» López. */
static struct str take_alias(struct arena *arena, struct str full,
                             struct str *alias)
{
    size_t open = str_find_char(full, '('), close;
    char end = ')';

    if (open == SIZE_MAX) {
        open = str_find_char(full, '"');
        end = '"';
    }
    if (open == SIZE_MAX)
        return full;
    close = str_find_char(str_slice(full, open + 1, full.size), end);
    if (close == SIZE_MAX)
        return full;
    *alias = str_slice(full, open + 1, open + 1 + close);
    if (end == ')' && is_remark(arena, *alias))
        *alias = STR_NULL;
    return str_format(arena, "%.*s %.*s", STR_ARGS(str_slice(full, 0, open)),
                      STR_ARGS(str_slice(full, open + close + 2, full.size)));
}

static void split_units(const struct unit *unit, size_t count,
                        enum name_custom custom, struct name *name)
{
    struct split best;

    if (count == 1) {
        name->given = unit[0].text;
        name->note = N_("Usa un solo nombre");
        return;
    }
    best = best_split(unit, count, custom);
    name->unsure = best.score - best.second < 0.7;
    if (best.reversed) {
        set_surnames(unit, 0, best.first, name);
        name->given = span(unit, best.first, count);
        name->unsure = true;
    } else {
        name->given = span(unit, 0, best.first);
        set_surnames(unit, best.first, count, name);
    }
    if (custom == NAME_PORTUGUESE && name->second_surname.size)
        name->note = N_("El apellido de la madre va primero");
}

bool name_split(const struct name_rules *rules, struct arena *arena,
                struct str full, enum name_custom custom, struct name *name)
{
    struct unit unit[UNITS_MAX] = {0};
    struct str text = name_tidy(rules, arena, full);
    size_t comma, count;

    memset(name, 0, sizeof *name);
    if (!has_letter(text))
        return false;
    text = name_tidy(rules, arena, take_alias(arena, text, &name->alias));
    comma = str_find_char(text, ',');
    if (comma != SIZE_MAX) {
        struct str surnames = str_trim(str_slice(text, 0, comma));
        struct str given = str_trim(str_slice(text, comma + 1, text.size));

        name_split_surnames(arena, surnames, custom, rules, name);
        name->given = name_tidy(rules, arena, given);
        return true;
    }
    count = cut_units(rules, arena, text, unit);
    if (!count)
        return false;
    weigh_units(rules, arena, unit, count);
    split_units(unit, count, custom, name);
    return true;
}

/* --- showing ------------------------------------------------------------- */

struct str name_full(struct arena *arena, const struct value *answers)
{
    static const char *const part[] = {"given_names", "first_surname",
                                       "second_surname"};
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < 3; i++) {
        struct str text = value_text_of(answers, part[i]);

        if (!text.size)
            continue;
        if (out.size)
            buf_putc(&out, ' ');
        buf_put(&out, text);
    }
    return out.size ? buf_str(&out) : STR_NULL;
}

struct str name_of_person(struct arena *arena, const struct value *answers)
{
    struct str alias = value_text_of(answers, "alias");
    struct str full = name_full(arena, answers);

    return alias.size ? alias : full;
}

/* --- words --------------------------------------------------------------- */

static bool is_word_sign(uint32_t code)
{
    return is_letter(code) || (code >= '0' && code <= '9') || code == '\'' ||
           code == 0x2019 || code == '`';
}

/* Next run of letters; apostrophes stand inside words (K'iche'). */
static bool next_word(struct str text, size_t *at, struct str *word)
{
    size_t from = *at, to;

    while (*at < text.size) {
        from = *at;
        if (is_word_sign(utf8_next(text, at)))
            break;
        from = *at;
    }
    for (to = *at; *at < text.size; to = *at)
        if (!is_word_sign(utf8_next(text, at)))
            break;
    *word = str_slice(text, from, to);
    return from < to;
}

static struct str without_apostrophes(struct arena *arena, struct str folded)
{
    struct buf out;

    if (str_find_char(folded, '\'') == SIZE_MAX)
        return folded;
    buf_init(&out, arena);
    for (size_t i = 0; i < folded.size; i++)
        if (folded.at[i] != '\'' && folded.at[i] != '`')
            buf_putc(&out, folded.at[i]);
    return buf_str(&out);
}

/* delacruz is cruz too. */
static struct str without_particles(struct str folded)
{
    static const char *const head[] = {"dela", "delos", "delas"};

    for (size_t i = 0; i < 3; i++) {
        size_t size = strlen(head[i]);

        if (folded.size >= size + 4 && str_starts(folded, str_of(head[i])))
            return str_slice(folded, size, folded.size);
    }
    return STR_NULL;
}

static void make_word(struct arena *arena, struct str raw, struct str folded,
                      struct str particles, struct name_word *word)
{
    struct str bare = without_particles(folded);

    if (bare.size) {
        word->text = bare;
        word->joined = folded;
        phonetic_of(arena, bare, &word->sound);
        return;
    }
    word->text = folded;
    if (particles.size)
        word->joined = str_join(arena, particles, folded);
    phonetic_of(arena, raw, &word->sound);
}

/* Jean-Baptiste is written jeanbaptiste too, and D'Souza d souza. */
static struct str hangs_on(struct str text, size_t from,
                           const struct name_word *before)
{
    if (from && text.at[from - 1] == '-')
        return before->text;
    return before->text.size == 1 && strchr("dol", before->text.at[0])
               ? before->text
               : STR_NULL;
}

size_t name_words(const struct name_rules *rules, struct arena *arena,
                  struct str text, enum name_role role, struct name_word *word,
                  size_t capacity)
{
    struct str raw, particles = STR_NULL;
    size_t at = 0, count = 0;

    while (count < capacity && next_word(text, &at, &raw)) {
        struct str folded =
            without_apostrophes(arena, utf8_fold(arena, raw, false));
        const struct name_entry *entry = name_entry_find(rules, folded);
        size_t from = (size_t)(raw.at - text.at);
        bool last = at >= text.size;

        if (entry && entry->kind == NAME_WORD_ABBREVIATION) {
            if (!entry->expansion.size)
                continue;
            raw = folded = entry->expansion;
        }
        if (entry && !last &&
            (entry->kind == NAME_WORD_PARTICLE ||
             entry->kind == NAME_WORD_SAINT)) {
            particles = str_join(arena, particles, folded);
            continue;
        }
        memset(&word[count], 0, sizeof word[count]);
        word[count].role = role;
        if (!particles.size && count)
            particles = hangs_on(text, from, &word[count - 1]);
        make_word(arena, raw, folded, particles, &word[count]);
        particles = STR_NULL;
        count++;
    }
    return count;
}
