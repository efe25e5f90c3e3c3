/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match_facts.c - what of a person's answers is compared, made once per
 * person: words of names with their sounds and how common they are, years in
 * which she can have been born, telephones and documents in one spelling. */
#include "core/date.h"
#include "core/utf8.h"
#include "domain/person/age.h"
#include "domain/person/match.h"
#include "domain/person/person_token.h"

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

/* Known as a given name, spelled as it is known. */
static bool is_known_given(const struct name_rules *rules, struct str word)
{
    const struct name_entry *entry = name_entry_find(rules, word);

    return entry && entry->given > 0;
}

static void make_part(const struct name_rules *rules, struct arena *arena,
                      const struct name_word *word, size_t count, bool surname,
                      struct match_part *part)
{
    struct str joined = word[0].text;

    memset(part, 0, sizeof *part);
    part->share = share_of(rules, &word[0], surname);
    part->sound = word[0].sound;
    part->known = !surname && is_known_given(rules, word[0].text);
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
        /* the older, the wider: 25 may be 22, 60 may be 54 */
        facts->year_low -= 1 + low / 10;
        facts->year_high += 1 + low / 10;
    }
}

/* One number however it was written: 00504 and +504, and Mexico's old 1 after
 * 52; shorter than 7 digits is no telephone. */
static struct str phone_plain(struct arena *arena, struct str phone)
{
    struct str digits = phone_digits(arena, phone);

    while (digits.size && digits.at[0] == '0')
        digits = str_slice(digits, 1, digits.size);
    if (digits.size == 13 && str_starts(digits, STR("521")))
        digits =
            str_format(arena, "52%.*s", (int)(digits.size - 3), digits.at + 3);
    return digits.size < 7 ? STR_NULL : digits;
}

/* Letters and digits of each number that is long enough to tell people apart,
 * behind its type. */
static void document_facts(struct arena *arena, const struct value *list,
                           struct match_facts *facts)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *row = value_at(list, i);
        struct str number = code_plain(arena, value_text_of(row, "doc_number"));

        if (number.size < DOCUMENT_LEAST || facts->documents == MATCH_DOCUMENTS)
            continue;
        facts->document[facts->documents++] = (struct match_document){
            .type = value_text_of(row, "doc_type"),
            .country = value_text_of(row, "issuing_country"),
            .number = number};
    }
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
    facts->phone[0] = phone_plain(arena, value_text_of(answers, "phone"));
    facts->phone[1] = phone_plain(arena, value_text_of(answers, "whatsapp"));
    document_facts(arena, value_get(answers, "documents"), facts);
}
