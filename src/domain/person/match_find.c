/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match_find.c - brings the candidates of match.c from the token table: union
 * of passes (two words of the name, given name with year, telephone, birth
 * date), as linkage.md 2.9 says, bounded by the table itself. */
#include "core/date.h"
#include "domain/access/decide.h"
#include "domain/person/match.h"
#include "domain/person/merge.h"
#include "domain/person/person_find.h"
#include "domain/person/person_token.h"

enum {
    WANTS_MAX = 32, /* what the token table takes */
    PAIRS_MAX = 16,
    CANDIDATES = 100,
    TWIN_CANDIDATES = 16, /* who shares most comes first */
    YEARS_MAX = 4
};

struct wanting {
    struct arena *arena;
    struct search_want want[WANTS_MAX];
    size_t count;
};

static void want(struct wanting *wanting, char class, struct str text)
{
    if (!text.size || wanting->count == WANTS_MAX)
        return;
    for (size_t i = 0; i < wanting->count; i++)
        if (wanting->want[i].token.class == class &&
            str_equal(wanting->want[i].token.text, text))
            return;
    wanting->want[wanting->count++] =
        (struct search_want){.token = {class, text}};
}

static void want_pairs(struct wanting *wanting, const struct name_rules *rules,
                       const struct name_word *word, size_t count)
{
    struct token_list list = {.arena = wanting->arena};
    struct str key[5][WORD_KEYS_MAX];
    size_t used = count < 5 ? count : 5, keys[5];

    for (size_t i = 0; i < used; i++)
        keys[i] = word_keys(rules, wanting->arena, &word[i], key[i]);
    for (size_t i = 0; i < used; i++)
        for (size_t j = i + 1; j < used; j++)
            for (size_t k = 0; k < keys[i]; k++)
                for (size_t l = 0; l < keys[j]; l++)
                    token_add_pair(&list, key[i][k].at, key[j][l].at);
    for (size_t i = 0; i < list.count && i < PAIRS_MAX; i++)
        want(wanting, 'q', list.token[i].text);
}

static void want_words(struct wanting *wanting, const struct name_rules *rules,
                       const struct name_word *word, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str leader[4], key[WORD_KEYS_MAX];
        size_t classes = name_classes(rules, word[i].text, leader);
        size_t keys = word_keys(rules, wanting->arena, &word[i], key);

        for (size_t j = 0; j < keys; j++)
            want(wanting, 'p', key[j]);
        for (size_t j = 0; j < classes; j++)
            want(wanting, 'p', str_join(wanting->arena, STR("@"), leader[j]));
    }
}

/* Whole, and as the tokens keep the ends of longer ones. */
static void want_phone(struct wanting *wanting, struct str phone)
{
    want(wanting, 't', phone);
    if (phone.size > 10)
        want(wanting, 't', str_slice(phone, phone.size - 10, phone.size));
    if (phone.size > 8)
        want(wanting, 't', str_slice(phone, phone.size - 8, phone.size));
}

static void want_birth(struct wanting *wanting, const struct match_facts *facts,
                       struct str birth)
{
    if (birth.size == 10 && facts->birth_date.size) {
        want(wanting, 'd', birth);
        want(wanting, 'd',
             str_format(wanting->arena, "%.4s-%.2s-%.2s", birth.at,
                        birth.at + 8, birth.at + 5));
    }
    if (facts->year_high - facts->year_low >= YEARS_MAX)
        return;
    for (size_t i = 0; facts->year_high && i < facts->givens; i++)
        for (int year = facts->year_low; year <= facts->year_high; year++)
            want(wanting, 'q',
                 str_format(wanting->arena, "%s %d",
                            facts->given[i].sound.key[0], year));
}

struct matching {
    struct task *task;
    struct str id;
    const struct name_rules *rules;
    struct match_weights weights;
    struct match_facts draft;
    struct name_word word[NAME_WORDS_MAX];
    size_t words;
    struct wanting wanting;
    struct match *all;
    size_t count;
};

static enum error compare_candidate(struct matching *matching, struct str id,
                                    struct err *err)
{
    struct task *task = matching->task;
    struct match match = {.id = id};
    struct match_facts facts;
    struct value *answers = NULL;
    bool found = false;
    enum error error = person_read_few(task, id, &answers, NULL, &found, err);

    if (!error && found && matching->draft.documents)
        error = person_read_documents(task, id, answers, err);
    if (error || !found)
        return error;
    match_facts_of(matching->rules, task->arena, answers, task_day(task),
                   &facts);
    match_compare(matching->rules, &matching->weights, &matching->draft, &facts,
                  &match);
    if (match.zone == MATCH_UNLIKELY)
        return ERROR_NONE;
    if (value_text_of(answers, "merged_into").size) {
        error = person_resolve(task, id, &match.id, err);
        if (!error)
            error =
                person_read_few(task, match.id, &answers, NULL, &found, err);
        if (error || !found)
            return error;
    }
    match.answers = answers;
    if (matching->id.size && str_equal(match.id, matching->id))
        return ERROR_NONE;
    for (size_t i = 0; i < matching->count; i++) {
        if (!str_equal(matching->all[i].id, match.id))
            continue;
        if (matching->all[i].score < match.score)
            matching->all[i] = match;
        return ERROR_NONE;
    }
    matching->all[matching->count++] = match;
    return ERROR_NONE;
}

static int compare_matches(const void *a, const void *b)
{
    const struct match *one = a, *two = b;

    if (one->zone != two->zone)
        return one->zone < two->zone ? 1 : -1;
    if (one->score < two->score || one->score > two->score)
        return one->score < two->score ? 1 : -1;
    return str_compare(one->id, two->id);
}

/* Asks the table for what is wanted now, and forgets it. */
static enum error ask(struct matching *matching, size_t limit, struct err *err)
{
    struct task *task = matching->task;
    struct wanting *wanting = &matching->wanting;
    struct search_hit *candidate = NULL;
    size_t candidates = 0;
    enum error error = ERROR_NONE;

    if (wanting->count)
        error = search_candidates(task->db, task->office->log.site,
                                  wanting->want, wanting->count, 1, limit,
                                  task->arena, &candidate, &candidates, err);
    for (size_t i = 0; !error && i < candidates; i++)
        error = compare_candidate(matching, candidate[i].record, err);
    wanting->count = 0;
    return error;
}

/* What tells most: telephone, document, birth, two words of the name. */
static void want_most(struct matching *matching, const struct value *draft)
{
    struct wanting *wanting = &matching->wanting;

    for (size_t i = 0; i < 2; i++)
        want_phone(wanting, matching->draft.phone[i]);
    for (size_t i = 0; i < matching->draft.documents; i++)
        want(wanting, 'c', matching->draft.document[i].number);
    want_birth(wanting, &matching->draft, value_text_of(draft, "birth_date"));
    want_pairs(wanting, matching->rules, matching->word, matching->words);
}

/* NULL: err says why. */
static struct matching *begin(struct task *task, const struct value *draft,
                              struct err *err)
{
    struct matching *matching = ARENA_NEW(task->arena, struct matching);

    if (matching)
        matching->all = ARENA_ARRAY(task->arena, struct match, 2 * CANDIDATES);
    if (!matching || !matching->all) {
        err_memory(err);
        return NULL;
    }
    matching->task = task;
    matching->rules = task_names(task);
    matching->wanting.arena = task->arena;
    match_weights_read(catalog_table(task->office->catalog, "match_weight"),
                       &matching->weights);
    match_facts_of(matching->rules, task->arena, draft, task_day(task),
                   &matching->draft);
    matching->words =
        person_words(matching->rules, task->arena, draft, matching->word);
    want_most(matching, draft);
    return matching;
}

/* Whoever is not hers to see is not proposed. */
static void drop_others(struct matching *matching)
{
    size_t kept = 0;

    for (size_t i = 0; i < matching->count; i++) {
        struct record record = {.kind = STR("person"),
                                .id = matching->all[i].id,
                                .subject = matching->all[i].id};

        if (decide_read(matching->task, &record))
            matching->all[kept++] = matching->all[i];
    }
    matching->count = kept;
}

/* Single words are asked for only when that proposed nobody. */
enum error person_matches(struct task *task, const struct value *draft,
                          struct str id, size_t limit, struct match **match,
                          size_t *count, struct err *err)
{
    struct matching *matching = begin(task, draft, err);
    enum error error;

    if (!matching)
        return err->code;
    matching->id = id;
    error = ask(matching, CANDIDATES, err);
    if (!error && !matching->count) {
        want_words(&matching->wanting, matching->rules, matching->word,
                   matching->words);
        error = ask(matching, CANDIDATES, err);
    }
    if (error)
        return error;
    drop_others(matching);
    qsort(matching->all, matching->count, sizeof *matching->all,
          compare_matches);
    *match = matching->all;
    *count = matching->count < limit ? matching->count : limit;
    return ERROR_NONE;
}

bool match_is_twin(const struct match *match)
{
    if (match->zone == MATCH_PROBABLE)
        return true;
    for (size_t i = 0; i < match->steps; i++)
        if (match->step[i].level == MATCH_DOCUMENT_SAME)
            return true;
    return false;
}

enum error person_twin(struct task *task, const struct value *draft,
                       struct match *match, bool *found, struct err *err)
{
    struct matching *matching = begin(task, draft, err);
    enum error error;

    *found = false;
    if (!matching)
        return err->code;
    error = ask(matching, TWIN_CANDIDATES, err);
    for (size_t i = 0; !error && i < matching->count; i++) {
        const struct match *one = &matching->all[i];

        if (!match_is_twin(one) || (*found && one->score <= match->score))
            continue;
        *match = *one;
        *found = true;
    }
    return error;
}
