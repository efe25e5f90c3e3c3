/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match.c - the comparison itself: two sets of facts, a list of steps, a sum.
 * Reads no store; person_matches in match_find.c brings the candidates.
 *
 * A second surname that is missing says nothing; surnames in the other order
 * or only the second one say a little less; a given name that differs or a
 * birth date that contradicts keeps a pair out of "probable" whatever else
 * agrees, because twins and a father with his son's name are not one person.
 */
#include "domain/person/match.h"

#include <math.h>

static const struct {
    const char *field, *level;
    double weight;
    const char *text;
} levels[] = {
#define MATCH_LEVEL(name, field, level, weight, text)                          \
    {field, level, weight, text},
#include "domain/person/match.def"
#undef MATCH_LEVEL
};

void match_weights_read(const struct catalog_table *table,
                        struct match_weights *weights)
{
    for (size_t i = 0; i < MATCH_LEVEL_COUNT; i++)
        weights->level[i] = levels[i].weight;
    weights->possible = 9;
    weights->probable = 18;
    for (size_t row = 0; table && row < table->rows; row++) {
        struct str field = catalog_cell(table, row, "field");
        struct str level = catalog_cell(table, row, "level");
        double weight = 0;

        if (!str_to_double(catalog_cell(table, row, "weight"), &weight))
            continue;
        if (str_equal_c(field, "zone") && str_equal_c(level, "possible"))
            weights->possible = weight;
        if (str_equal_c(field, "zone") && str_equal_c(level, "probable"))
            weights->probable = weight;
        for (size_t i = 0; i < MATCH_LEVEL_COUNT; i++)
            if (str_equal_c(field, levels[i].field) &&
                str_equal_c(level, levels[i].level))
                weights->level[i] = weight;
    }
}

const char *match_level_text(enum match_level level)
{
    return levels[level].text;
}

const char *match_level_name(enum match_level level)
{
    return levels[level].level;
}

const char *match_level_field(enum match_level level)
{
    return levels[level].field;
}

/* --- names --------------------------------------------------------------- */

struct sum {
    const struct name_rules *rules;
    const struct match_weights *weights;
    struct match_step step[MATCH_STEPS_MAX];
    size_t steps;
    double score;
};

static void add(struct sum *sum, enum match_level level, double weight)
{
    if (sum->steps < MATCH_STEPS_MAX)
        sum->step[sum->steps++] = (struct match_step){level, weight};
    sum->score += weight;
}

static void add_level(struct sum *sum, enum match_level level)
{
    add(sum, level, sum->weights->level[level]);
}

enum likeness {
    LIKE_NOT,
    LIKE_OTHER, /* alike, but each is a name of its own: Karla, Karina */
    LIKE_NEAR,
    LIKE_CLOSE,
    LIKE_CLASS,
    LIKE_SOUND,
    LIKE_SAME
};

static bool shares_word(const struct match_part *a, const struct match_part *b)
{
    if (!a->word[1].size && !b->word[1].size)
        return false;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            if (a->word[i].size > 3 && str_equal(a->word[i], b->word[j]))
                return true;
    return false;
}

/* M. and María: says little, contradicts nothing. */
static bool is_initial(const struct match_part *a, const struct match_part *b)
{
    return (a->text.size == 1 || b->text.size == 1) &&
           a->text.at[0] == b->text.at[0];
}

static enum likeness spelling(const struct match_part *a,
                              const struct match_part *b, size_t shorter)
{
    double similar;
    bool one_edit;

    if (shorter < 3)
        return LIKE_NOT;
    one_edit = similar_edits(a->text, b->text, 1) <= 1;
    if (shorter < 4 && !one_edit)
        return LIKE_NOT;
    similar = shorter < 4 ? 0 : similar_jaro_winkler(a->text, b->text);
    if (similar < 0.85 && !one_edit)
        return LIKE_NOT;
    if (a->known && b->known)
        return LIKE_OTHER;
    return similar >= 0.92 || (one_edit && shorter >= 6) ? LIKE_CLOSE
                                                         : LIKE_NEAR;
}

static enum likeness likeness(const struct name_rules *rules,
                              const struct match_part *a,
                              const struct match_part *b, bool given)
{
    size_t shorter = a->text.size < b->text.size ? a->text.size : b->text.size;

    if (str_equal(a->text, b->text))
        return LIKE_SAME;
    if (shorter > 1 && phonetic_equal(&a->sound, &b->sound))
        return LIKE_SOUND;
    if (given && name_same_class(rules, a->text, b->text))
        return LIKE_CLASS;
    if (shares_word(a, b))
        return LIKE_CLOSE;
    return given && is_initial(a, b) ? LIKE_NEAR : spelling(a, b, shorter);
}

/* The level's weight, but no more than the name's rarity tells. */
static double rarity(const struct sum *sum, enum match_level level,
                     const struct match_part *a, const struct match_part *b)
{
    double share = a->share > b->share ? a->share : b->share;
    double most = log2(0.9 / share);
    double weight = sum->weights->level[level];

    return weight > most ? most : weight;
}

static enum match_level given_level(enum likeness like)
{
    static const enum match_level level[] = {
        MATCH_GIVEN_DIFFERENT, MATCH_GIVEN_OTHER,    MATCH_GIVEN_NEAR,
        MATCH_GIVEN_CLOSE,     MATCH_GIVEN_NICKNAME, MATCH_GIVEN_SOUND,
        MATCH_GIVEN_EXACT};

    return level[like];
}

static enum match_level surname_level(enum likeness like, bool second)
{
    static const enum match_level level[2][7] = {
        {MATCH_FIRST_DIFFERENT, MATCH_FIRST_DIFFERENT, MATCH_FIRST_NEAR,
         MATCH_FIRST_CLOSE, MATCH_FIRST_CLOSE, MATCH_FIRST_SOUND,
         MATCH_FIRST_EXACT},
        {MATCH_SECOND_DIFFERENT, MATCH_SECOND_DIFFERENT, MATCH_SECOND_NEAR,
         MATCH_SECOND_CLOSE, MATCH_SECOND_CLOSE, MATCH_SECOND_SOUND,
         MATCH_SECOND_EXACT}};

    return level[second][like];
}

struct pairing {
    size_t i, j;
    enum likeness like;
    double weight;
};

static struct pairing best_given(const struct sum *sum,
                                 const struct match_facts *a,
                                 const struct match_facts *b, size_t skip_i,
                                 size_t skip_j)
{
    struct pairing best = {0, 0, LIKE_NOT, -100};

    for (size_t i = 0; i < a->givens; i++) {
        for (size_t j = 0; j < b->givens; j++) {
            enum likeness like;
            double weight;

            if (i == skip_i || j == skip_j)
                continue;
            like = likeness(sum->rules, &a->given[i], &b->given[j], true);
            weight =
                rarity(sum, given_level(like), &a->given[i], &b->given[j]) -
                (i > 0 ? 0.4 : 0) - (j > 0 ? 0.4 : 0);
            if (weight > best.weight)
                best = (struct pairing){i, j, like, weight};
        }
    }
    return best;
}

static void compare_given(struct sum *sum, const struct match_facts *a,
                          const struct match_facts *b)
{
    struct pairing best, other;

    if (!a->givens || !b->givens)
        return;
    best = best_given(sum, a, b, SIZE_MAX, SIZE_MAX);
    add(sum, given_level(best.like), best.weight);
    if (a->givens < 2 || b->givens < 2)
        return;
    other = best_given(sum, a, b, best.i, best.j);
    add_level(sum, other.like >= LIKE_NEAR ? MATCH_OTHER_SAME
                                           : MATCH_OTHER_DIFFERENT);
}

static void add_surname(struct sum *sum, const struct match_part *a,
                        const struct match_part *b, bool second)
{
    enum match_level level =
        surname_level(likeness(sum->rules, a, b, false), second);

    add(sum, level, rarity(sum, level, a, b));
}

/* One way to lay the surnames side by side: first of a on `to` of b. */
static void lay_surnames(struct sum *sum, const struct match_facts *a,
                         const struct match_facts *b, size_t from, size_t to)
{
    add_surname(sum, &a->surname[from], &b->surname[to], false);
    if (a->surnames == 2 && b->surnames == 2)
        add_surname(sum, &a->surname[1 - from], &b->surname[1 - to], true);
    else if (a->surnames != b->surnames)
        add_level(sum, MATCH_SECOND_MISSING);
    if (from == to)
        return;
    add_level(sum, a->surnames == 2 && b->surnames == 2 ? MATCH_ORDER_SURNAMES
                                                        : MATCH_ORDER_ONLY);
}

static void compare_surnames(struct sum *sum, const struct match_facts *a,
                             const struct match_facts *b)
{
    struct sum best = *sum;
    bool any = false;

    for (size_t from = 0; from < a->surnames; from++) {
        for (size_t to = 0; to < b->surnames; to++) {
            struct sum way = *sum;

            if (from == 1 && a->surnames == b->surnames)
                continue; /* the same as (0, 1 - to) */
            lay_surnames(&way, a, b, from, to);
            if (!any || way.score > best.score)
                best = way;
            any = true;
        }
    }
    *sum = best;
}

/* Clerks and French custom write the surname where the given name goes. */
static void turn_roles(struct match_facts *facts)
{
    struct match_facts old = *facts;

    facts->givens = old.surnames;
    for (size_t i = 0; i < old.surnames; i++)
        facts->given[i] = old.surname[i];
    facts->surnames = old.givens < 2 ? old.givens : 2;
    for (size_t i = 0; i < facts->surnames; i++)
        facts->surname[i] = old.given[i];
}

static void compare_names(struct sum *sum, const struct match_facts *a,
                          const struct match_facts *b)
{
    struct sum plain = *sum, turned = *sum;
    struct match_facts other = *a;

    compare_given(&plain, a, b);
    compare_surnames(&plain, a, b);
    *sum = plain;
    if (plain.score > 6 || !a->surnames || !a->givens)
        return;
    turn_roles(&other);
    compare_given(&turned, &other, b);
    compare_surnames(&turned, &other, b);
    add_level(&turned, MATCH_ORDER_ROLES);
    if (turned.score > plain.score + 2)
        *sum = turned;
}

/* --- the rest ------------------------------------------------------------ */

static bool day_month_swapped(struct str a, struct str b)
{
    return str_equal(str_slice(a, 0, 4), str_slice(b, 0, 4)) &&
           str_equal(str_slice(a, 5, 7), str_slice(b, 8, 10)) &&
           str_equal(str_slice(a, 8, 10), str_slice(b, 5, 7));
}

static int years_apart(const struct match_facts *a, const struct match_facts *b)
{
    if (a->year_low > b->year_high)
        return a->year_low - b->year_high;
    if (b->year_low > a->year_high)
        return b->year_low - a->year_high;
    return 0;
}

static bool same_part(struct str a, struct str b, size_t from, size_t to)
{
    return str_equal(str_slice(a, from, to), str_slice(b, from, to));
}

/* Two whole dates. Two that agree in nothing but about the year are no slip of
 * the pen: they speak against. */
static enum match_level dates_level(struct str a, struct str b, int apart)
{
    bool month = same_part(a, b, 5, 7), day = same_part(a, b, 8, 10);

    if (str_equal(a, b))
        return MATCH_BIRTH_EXACT;
    if (day_month_swapped(a, b))
        return MATCH_BIRTH_SWAPPED;
    if (similar_edits(a, b, 1) <= 1)
        return MATCH_BIRTH_DIGIT;
    if (month && day && apart <= 2)
        return MATCH_BIRTH_DAY_SAME;
    if (!apart && (month || day))
        return MATCH_BIRTH_YEAR_ONLY;
    return apart <= 1 ? MATCH_BIRTH_CLOSE : MATCH_BIRTH_DIFFERENT;
}

static enum match_level birth_level(const struct match_facts *a,
                                    const struct match_facts *b)
{
    bool exact = a->year_low == a->year_high && b->year_low == b->year_high;
    int apart = years_apart(a, b);

    if (a->birth_date.size && b->birth_date.size)
        return dates_level(a->birth_date, b->birth_date, apart);
    if (exact && !apart)
        return MATCH_BIRTH_YEAR;
    if (exact)
        return apart == 1 ? MATCH_BIRTH_YEAR_NEAR : MATCH_BIRTH_DIFFERENT;
    return apart <= 1 ? MATCH_AGE_NEAR : MATCH_AGE_DIFFERENT;
}

static void compare_text(struct sum *sum, struct str a, struct str b,
                         enum match_level same, enum match_level different)
{
    if (a.size && b.size)
        add_level(sum, str_equal(a, b) ? same : different);
}

/* One ends with the other: +50498765432 and 98765432. */
static bool same_phone(struct str a, struct str b)
{
    return a.size && b.size &&
           (a.size < b.size ? str_ends(b, a) : str_ends(a, b));
}

static void compare_phone(struct sum *sum, const struct match_facts *a,
                          const struct match_facts *b)
{
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            if (!same_phone(a->phone[i], b->phone[j]))
                continue;
            add_level(sum, MATCH_PHONE_SAME);
            return;
        }
    }
}

/* A person has one CURP for life, and as a rule one identity number of one
 * country; passports and permits change. */
static bool is_for_life(const struct match_document *document)
{
    return str_equal_c(document->type, "CURP") ||
           (str_equal_c(document->type, "identidad") && document->country.size);
}

static bool may_compare(const struct match_document *a,
                        const struct match_document *b)
{
    return str_equal(a->type, b->type) &&
           (!a->country.size || !b->country.size ||
            str_equal(a->country, b->country));
}

static void compare_documents(struct sum *sum, const struct match_facts *a,
                              const struct match_facts *b)
{
    bool other = false;

    for (size_t i = 0; i < a->documents; i++) {
        for (size_t j = 0; j < b->documents; j++) {
            const struct match_document *one = &a->document[i];
            const struct match_document *two = &b->document[j];

            if (!may_compare(one, two))
                continue;
            if (str_equal(one->number, two->number)) {
                add_level(sum, MATCH_DOCUMENT_SAME);
                return;
            }
            other |= is_for_life(one) && is_for_life(two) &&
                     similar_edits(one->number, two->number, 1) > 1;
        }
    }
    if (other)
        add_level(sum, MATCH_DOCUMENT_OTHER);
}

static bool has_step(const struct sum *sum, enum match_level level)
{
    for (size_t i = 0; i < sum->steps; i++)
        if (sum->step[i].level == level)
            return true;
    return false;
}

static bool has_any(const struct sum *sum, const enum match_level *level,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_step(sum, level[i]))
            return true;
    return false;
}
#define HAS_ANY(sum, list) has_any(sum, list, sizeof(list) / sizeof((list)[0]))

/* What keeps a pair out of "probable" however much agrees: twins, siblings,
 * a son with his father's name, a couple with one telephone. */
static bool is_against(const struct sum *sum)
{
    static const enum match_level never[] = {
        MATCH_GIVEN_DIFFERENT, MATCH_GIVEN_OTHER,     MATCH_OTHER_DIFFERENT,
        MATCH_FIRST_DIFFERENT, MATCH_BIRTH_DIFFERENT, MATCH_AGE_DIFFERENT,
        MATCH_DOCUMENT_OTHER};
    static const enum match_level unlike[] = {MATCH_GIVEN_NEAR,
                                              MATCH_GIVEN_CLOSE};
    static const enum match_level date[] = {
        MATCH_BIRTH_EXACT, MATCH_BIRTH_SWAPPED, MATCH_BIRTH_DIGIT};

    if (HAS_ANY(sum, never))
        return true;
    if (HAS_ANY(sum, unlike) && has_step(sum, MATCH_SEX_DIFFERENT))
        return true;
    return has_step(sum, MATCH_SECOND_DIFFERENT) && !HAS_ANY(sum, date);
}

/* A given name and one surname never do alone, nor one of them with a date:
 * it takes all three. */
static bool is_anchored(const struct sum *sum)
{
    static const enum match_level given[] = {
        MATCH_GIVEN_EXACT, MATCH_GIVEN_SOUND, MATCH_GIVEN_NICKNAME,
        MATCH_GIVEN_CLOSE, MATCH_GIVEN_NEAR};
    static const enum match_level surname[] = {
        MATCH_FIRST_EXACT, MATCH_FIRST_SOUND, MATCH_FIRST_CLOSE,
        MATCH_FIRST_NEAR};
    static const enum match_level more[] = {
        MATCH_OTHER_SAME,      MATCH_SECOND_EXACT, MATCH_SECOND_SOUND,
        MATCH_SECOND_CLOSE,    MATCH_BIRTH_EXACT,  MATCH_BIRTH_SWAPPED,
        MATCH_BIRTH_DIGIT,     MATCH_BIRTH_YEAR,   MATCH_BIRTH_DAY_SAME,
        MATCH_BIRTH_YEAR_ONLY, MATCH_AGE_NEAR,     MATCH_PHONE_SAME,
        MATCH_DOCUMENT_SAME,   MATCH_CONTACT_SAME};

    return HAS_ANY(sum, given) && HAS_ANY(sum, surname) && HAS_ANY(sum, more);
}

static enum match_zone zone_of(const struct sum *sum)
{
    if (sum->score >= sum->weights->probable && !is_against(sum) &&
        is_anchored(sum))
        return MATCH_PROBABLE;
    return sum->score >= sum->weights->possible ? MATCH_POSSIBLE
                                                : MATCH_UNLIKELY;
}

void match_compare(const struct name_rules *rules,
                   const struct match_weights *weights,
                   const struct match_facts *a, const struct match_facts *b,
                   struct match *match)
{
    struct sum sum = {.rules = rules, .weights = weights};

    compare_names(&sum, a, b);
    if (a->alias.size && str_equal(a->alias, b->alias))
        add_level(&sum, MATCH_ALIAS_SAME);
    if (a->year_high && b->year_high)
        add_level(&sum, birth_level(a, b));
    compare_text(&sum, a->sex, b->sex, MATCH_SEX_SAME, MATCH_SEX_DIFFERENT);
    compare_text(&sum, a->nationality, b->nationality, MATCH_NATION_SAME,
                 MATCH_NATION_DIFFERENT);
    compare_text(&sum, a->place, b->place, MATCH_PLACE_SAME,
                 MATCH_PLACE_DIFFERENT);
    compare_phone(&sum, a, b);
    compare_documents(&sum, a, b);
    if (a->contact.size && str_equal(a->contact, b->contact))
        add_level(&sum, MATCH_CONTACT_SAME);
    memcpy(match->step, sum.step, sizeof match->step);
    match->steps = sum.steps;
    match->score = sum.score;
    match->zone = zone_of(&sum);
}
