/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match.c - the comparison itself: two sets of facts, a list of steps, a sum.
 * Reads no store; person_matches in match_find.c brings the candidates.
 *
 * A second surname that is missing says nothing; surnames in the other order
 * or only the second one say a little less; a given name that differs or a
 * birth date that contradicts keeps a pair out of "probable" whatever else
 * agrees, because twins and a father with his son's name are not one person.
 */
#include "domain/match.h"

#include <math.h>

#include "core/date.h"
#include "core/utf8.h"
#include "domain/age.h"
#include "domain/person_token.h"

static const struct {
    const char *field, *level;
    double weight;
    const char *text;
} levels[] = {
#define MATCH_LEVEL(name, field, level, weight, text)                          \
    {field, level, weight, text},
#include "domain/match.def"
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

const char *match_level_field(enum match_level level)
{
    return levels[level].field;
}

/* --- facts --------------------------------------------------------------- */

static double share_of(const struct name_rules *rules,
                       const struct name_word *word, bool surname)
{
    const struct name_entry *entry = name_entry_find(rules, word->text);
    double share;

    if (!entry)
        entry = name_entry_like(rules, &word->sound);
    share = entry ? (surname ? entry->surname : entry->given) : 0;
    return share > 0.0004 ? share : 0.0004;
}

static void make_part(const struct name_rules *rules, struct arena *arena,
                      const struct name_word *word, size_t count, bool surname,
                      struct match_part *part)
{
    struct str joined = word[0].text;

    memset(part, 0, sizeof *part);
    part->share = share_of(rules, &word[0], surname);
    part->sound = word[0].sound;
    part->word[0] = word[0].text;
    for (size_t i = 1; i < count; i++) {
        double share = share_of(rules, &word[i], surname);

        joined = str_join(arena, joined, word[i].text);
        part->share = share < part->share ? share : part->share;
        if (i < 3)
            part->word[i] = word[i].text;
    }
    part->text = joined;
    if (count > 1)
        phonetic_of(arena, joined, &part->sound);
}

static void name_facts(const struct name_rules *rules, struct arena *arena,
                       const struct value *answers, struct match_facts *facts)
{
    static const char *const surname[] = {"first_surname", "second_surname"};
    struct name_word word[NAME_WORDS_MAX];
    size_t count =
        name_words(rules, arena, value_text_of(answers, "given_names"),
                   NAME_GIVEN, word, MATCH_PARTS);

    for (size_t i = 0; i < count; i++)
        make_part(rules, arena, &word[i], 1, false,
                  &facts->given[facts->givens++]);
    for (size_t i = 0; i < 2; i++) {
        count = name_words(rules, arena, value_text_of(answers, surname[i]),
                           NAME_FIRST, word, NAME_WORDS_MAX);
        if (count)
            make_part(rules, arena, word, count, true,
                      &facts->surname[facts->surnames++]);
    }
    facts->alias =
        utf8_fold(arena, str_trim(value_text_of(answers, "alias")), false);
}

static void birth_facts(const struct value *answers, int64_t day,
                        struct match_facts *facts)
{
    struct str birth = value_text_of(answers, "birth_date");
    struct date today = date_from_day(day), date;
    int low, high;

    if (date_parse(birth, &date)) {
        facts->year_low = facts->year_high = date.year;
        if (!birth_is_year_only(birth))
            facts->birth_date = birth;
        return;
    }
    low = age_on_day(answers, day, true);
    high = age_on_day(answers, day, false);
    if (high < 0)
        return;
    facts->year_low = today.year - high - 1;
    facts->year_high = today.year - low;
    if (str_equal_c(value_text_of(answers, "age_source"), "estimada")) {
        facts->year_low -= 2;
        facts->year_high += 2;
    }
}

static struct str last_digits(struct arena *arena, struct str phone)
{
    struct str digits = phone_digits(arena, phone);

    if (digits.size < 7)
        return STR_NULL;
    return digits.size > 8 ? str_slice(digits, digits.size - 8, digits.size)
                           : digits;
}

void match_facts_of(const struct name_rules *rules, struct arena *arena,
                    const struct value *answers, int64_t day,
                    struct match_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    name_facts(rules, arena, answers, facts);
    birth_facts(answers, day, facts);
    facts->sex = value_text_of(answers, "sex");
    facts->nationality = value_text_of(answers, "nationality");
    facts->place = utf8_fold(
        arena, str_trim(value_text_of(answers, "birth_place_text")), false);
    facts->contact = utf8_fold(
        arena, str_trim(value_text_of(answers, "contact_person")), false);
    facts->phone[0] = last_digits(arena, value_text_of(answers, "phone"));
    facts->phone[1] = last_digits(arena, value_text_of(answers, "whatsapp"));
    facts->documents = value_get(answers, "documents");
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

static enum likeness likeness(const struct name_rules *rules,
                              const struct match_part *a,
                              const struct match_part *b, bool given)
{
    size_t shorter = a->text.size < b->text.size ? a->text.size : b->text.size;
    double similar;
    bool one_edit;

    if (str_equal(a->text, b->text))
        return LIKE_SAME;
    if (shorter > 1 && phonetic_equal(&a->sound, &b->sound))
        return LIKE_SOUND;
    if (given && name_same_class(rules, a->text, b->text))
        return LIKE_CLASS;
    if (shares_word(a, b))
        return LIKE_CLOSE;
    if (shorter < 3)
        return LIKE_NOT;
    if (shorter < 4)
        return similar_edits(a->text, b->text, 1) <= 1 ? LIKE_NEAR : LIKE_NOT;
    similar = similar_jaro_winkler(a->text, b->text);
    one_edit = similar_edits(a->text, b->text, 1) <= 1;
    if (similar >= 0.92 || (one_edit && shorter >= 6))
        return LIKE_CLOSE;
    return similar >= 0.85 || one_edit ? LIKE_NEAR : LIKE_NOT;
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
        MATCH_GIVEN_DIFFERENT, MATCH_GIVEN_NEAR,  MATCH_GIVEN_CLOSE,
        MATCH_GIVEN_NICKNAME,  MATCH_GIVEN_SOUND, MATCH_GIVEN_EXACT};

    return level[like];
}

static enum match_level surname_level(enum likeness like, bool second)
{
    static const enum match_level level[2][6] = {
        {MATCH_FIRST_DIFFERENT, MATCH_FIRST_NEAR, MATCH_FIRST_CLOSE,
         MATCH_FIRST_CLOSE, MATCH_FIRST_SOUND, MATCH_FIRST_EXACT},
        {MATCH_SECOND_DIFFERENT, MATCH_SECOND_NEAR, MATCH_SECOND_CLOSE,
         MATCH_SECOND_CLOSE, MATCH_SECOND_SOUND, MATCH_SECOND_EXACT}};

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

static enum match_level birth_level(const struct match_facts *a,
                                    const struct match_facts *b)
{
    bool exact = a->year_low == a->year_high && b->year_low == b->year_high;
    int apart = years_apart(a, b);

    if (a->birth_date.size && b->birth_date.size) {
        if (str_equal(a->birth_date, b->birth_date))
            return MATCH_BIRTH_EXACT;
        if (day_month_swapped(a->birth_date, b->birth_date))
            return MATCH_BIRTH_SWAPPED;
        if (similar_edits(a->birth_date, b->birth_date, 1) <= 1)
            return MATCH_BIRTH_DIGIT;
        if (!apart)
            return MATCH_BIRTH_YEAR_ONLY;
        return apart == 1 ? MATCH_BIRTH_YEAR_NEAR : MATCH_BIRTH_DIFFERENT;
    }
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

static void compare_phone(struct sum *sum, const struct match_facts *a,
                          const struct match_facts *b)
{
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            if (!a->phone[i].size || !str_equal(a->phone[i], b->phone[j]))
                continue;
            add_level(sum, MATCH_PHONE_SAME);
            return;
        }
    }
}

static void compare_documents(struct sum *sum, const struct value *a,
                              const struct value *b)
{
    for (size_t i = 0; i < value_count(a); i++) {
        struct str number = value_text_of(value_at(a, i), "doc_number");
        struct str type = value_text_of(value_at(a, i), "doc_type");

        for (size_t j = 0; number.size > 3 && j < value_count(b); j++) {
            const struct value *row = value_at(b, j);

            if (!str_equal_nocase(number, value_text_of(row, "doc_number")) ||
                !str_equal(type, value_text_of(row, "doc_type")))
                continue;
            add_level(sum, MATCH_DOCUMENT_SAME);
            return;
        }
    }
}

static bool has_step(const struct sum *sum, enum match_level level)
{
    for (size_t i = 0; i < sum->steps; i++)
        if (sum->step[i].level == level)
            return true;
    return false;
}

static enum match_zone zone_of(const struct sum *sum)
{
    bool against = has_step(sum, MATCH_GIVEN_DIFFERENT) ||
                   has_step(sum, MATCH_BIRTH_DIFFERENT);

    if (sum->score >= sum->weights->probable && !against)
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
    compare_documents(&sum, a->documents, b->documents);
    if (a->contact.size && str_equal(a->contact, b->contact))
        add_level(&sum, MATCH_CONTACT_SAME);
    memcpy(match->step, sum.step, sizeof match->step);
    match->steps = sum.steps;
    match->score = sum.score;
    match->zone = zone_of(&sum);
}

/* --- for the page -------------------------------------------------------- */

static void put_reasons(struct value *view, const struct match *match,
                        struct arena *arena,
                        const struct translator *translator)
{
    struct value *reasons = value_list(arena);
    bool used[MATCH_STEPS_MAX] = {false};

    for (size_t n = 0; n < match->steps; n++) {
        size_t best = SIZE_MAX;

        for (size_t i = 0; i < match->steps; i++)
            if (!used[i] && match->step[i].weight > 1.9 &&
                (best == SIZE_MAX ||
                 match->step[i].weight > match->step[best].weight))
                best = i;
        if (best == SIZE_MAX)
            break;
        used[best] = true;
        value_add(
            reasons, arena,
            value_string(arena,
                         translate(translator, str_of(match_level_text(
                                                   match->step[best].level)))));
    }
    value_put(view, arena, "reasons", reasons);
}

struct value *match_view(const struct match *match, struct arena *arena,
                         const struct translator *translator)
{
    static const char *const zone[] = {"unlikely", "possible", "probable"};
    struct value *view = value_object(arena);
    struct value *steps = value_list(arena);

    value_put_str(view, arena, "id", match->id);
    value_put_text(view, arena, "zone", zone[match->zone]);
    value_put_bool(view, arena, "probable", match->zone == MATCH_PROBABLE);
    value_put(view, arena, "score",
              value_number(arena, floor(match->score * 10 + 0.5) / 10));
    for (size_t i = 0; i < match->steps; i++) {
        struct value *step = value_object(arena);
        enum match_level level = match->step[i].level;

        value_put_text(step, arena, "field", levels[level].field);
        value_put_text(step, arena, "level", levels[level].level);
        value_put(
            step, arena, "weight",
            value_number(arena, floor(match->step[i].weight * 10 + 0.5) / 10));
        value_put_str(step, arena, "text",
                      translate(translator, str_of(levels[level].text)));
        value_add(steps, arena, step);
    }
    value_put(view, arena, "steps", steps);
    put_reasons(view, match, arena, translator);
    return view;
}
