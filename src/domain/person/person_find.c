/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_find.c - turns what was typed into wanted tokens, asks the token
 * table, and puts the candidates in order by comparing words. */
#include "domain/person/person_find.h"

#include "core/date.h"
#include "domain/access/decide.h"
#include "core/utf8.h"
#include "domain/person/merge.h"
#include "domain/person/person_token.h"

enum {
    WANTS_MAX = 32, /* what the token table takes */
    CANDIDATES = 80,
    PAIR_KEYS = 4,
    NUMBERS_MAX = 4,
    CODE_MAX = 20, /* a CURP has 18 */
    QUERY_SIZE = 200
};

struct query {
    struct arena *arena;
    const struct name_rules *rules;
    struct name_word word[NAME_WORDS_MAX];
    size_t words;
    bool open_end;                  /* the last word may go on */
    struct str digits[NUMBERS_MAX]; /* telephones, codes: no signs */
    size_t numbers;
    struct str code;  /* the whole text as a code, or empty */
    struct str birth; /* ISO date or year, or empty */
    struct search_want want[WANTS_MAX];
    size_t wants;
};

/* --- reading the query --------------------------------------------------- */

static void want(struct query *query, char class, struct str text, bool prefix)
{
    if (!text.size)
        return;
    for (size_t i = 0; i < query->wants; i++)
        if (query->want[i].token.class == class &&
            query->want[i].prefix == prefix &&
            str_equal(query->want[i].token.text, text))
            return;
    if (query->wants < WANTS_MAX)
        query->want[query->wants++] =
            (struct search_want){.token = {class, text}, .prefix = prefix};
}

static void want_word(struct query *query, const struct name_word *word,
                      bool last)
{
    struct str leader[4], key[WORD_KEYS_MAX];
    size_t classes = name_classes(query->rules, word->text, leader);
    size_t keys = word_keys(query->rules, query->arena, word, key);
    bool prefix = last && query->open_end && word->text.size >= 2;

    want(query, 'n', word->text, prefix);
    if (word->joined.size)
        want(query, 'n', word->joined, prefix);
    for (size_t i = 0; i < keys; i++)
        want(query, 'p', key[i],
             prefix && word->text.size >= 3 && i < word->sound.count);
    for (size_t i = 0; i < classes; i++)
        want(query, 'p', str_join(query->arena, STR("@"), leader[i]), false);
}

static void want_pair(struct query *query, const struct name_word *a,
                      const struct name_word *b)
{
    struct token_list list = {.arena = query->arena};
    struct str one[WORD_KEYS_MAX], two[WORD_KEYS_MAX];
    size_t ones = word_keys(query->rules, query->arena, a, one);
    size_t twos = word_keys(query->rules, query->arena, b, two);

    for (size_t i = 0; i < ones; i++)
        for (size_t j = 0; j < twos; j++)
            token_add_pair(&list, one[i].at, two[j].at);
    for (size_t i = 0; i < list.count && i < PAIR_KEYS; i++)
        want(query, 'q', list.token[i].text, false);
}

static void want_pairs(struct query *query)
{
    size_t used = query->words < 4 ? query->words : 4;

    for (size_t i = 0; query->birth.size && i < used; i++)
        want(query, 'q',
             str_format(query->arena, "%s %.4s", query->word[i].sound.key[0],
                        query->birth.at),
             false);
    for (size_t i = 0; i < used; i++)
        for (size_t j = i + 1; j < used; j++)
            want_pair(query, &query->word[i], &query->word[j]);
}

static void want_words(struct query *query)
{
    for (size_t i = 0; i < query->words; i++)
        want_word(query, &query->word[i], i + 1 == query->words);
}

static void want_numbers(struct query *query)
{
    for (size_t i = 0; i < query->numbers; i++) {
        struct str digits = query->digits[i];

        want(query, 'c', digits, digits.size > 3);
        if (digits.size < 4)
            continue;
        want(query, 't', digits, true);
        if (digits.size > 8)
            want(query, 't', str_slice(digits, digits.size - 8, digits.size),
                 false);
        if (digits.size > 10)
            want(query, 't', str_slice(digits, digits.size - 10, digits.size),
                 false);
    }
    if (query->code.size > 2)
        want(query, 'c', query->code, true);
    if (query->birth.size == 10)
        want(query, 'd', query->birth, false);
}

/* 31/12/1998 or 1998-12-31 or 1998, standing alone between spaces. */
static struct str birth_of(struct arena *arena, struct str part)
{
    struct date date = {0};
    int64_t day = 0, month = 0, year = 0;
    size_t one = str_find_char(part, '/'), two;

    if (one == SIZE_MAX) {
        if ((part.size == 4 || part.size == 10) && date_parse(part, &date) &&
            date.year >= 1900 && date.year < 2100)
            return part;
        return STR_NULL;
    }
    two = str_find_char(str_slice(part, one + 1, part.size), '/');
    if (two == SIZE_MAX)
        return STR_NULL;
    two += one + 1;
    if (!str_to_int(str_slice(part, 0, one), &day) ||
        !str_to_int(str_slice(part, one + 1, two), &month) ||
        !str_to_int(str_slice(part, two + 1, part.size), &year))
        return STR_NULL;
    date = (struct date){(int)year, (int)month, (int)day};
    return year >= 1900 && year < 2100 && date_valid(date)
               ? date_text(arena, date)
               : STR_NULL;
}

static bool has_digit(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9')
            return true;
    return false;
}

static bool is_phone_sign(char c)
{
    return (c >= '0' && c <= '9') || strchr("+-(). ", c) != NULL;
}

static bool all_phone_signs(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_phone_sign(text.at[i]))
            return false;
    return true;
}

static void add_number(struct query *query, struct str part)
{
    struct str plain = code_plain(query->arena, part);

    if (plain.size && query->numbers < NUMBERS_MAX)
        query->digits[query->numbers++] = plain;
}

static void read_query(struct query *query, struct str text)
{
    struct buf names;
    struct str rest, part;

    text = str_slice(text, 0, QUERY_SIZE);
    query->open_end = text.size && text.at[text.size - 1] != ' ';
    text = str_trim(text);
    buf_init(&names, query->arena);
    if (all_phone_signs(text) && has_digit(text))
        add_number(query, text); /* 504 9876 5432 is one number */
    for (rest = text; str_cut(&rest, ' ', &part);) {
        struct str birth = birth_of(query->arena, part);

        if (birth.size)
            query->birth = birth;
        if (!has_digit(part)) {
            buf_put(&names, part);
            buf_putc(&names, ' ');
        } else if (!all_phone_signs(text) && (!birth.size || birth.size == 4)) {
            add_number(query, part); /* a telephone, a code, a document */
        }
    }
    if (has_digit(text) || case_code_valid(query->arena, text))
        query->code = code_plain(query->arena, text);
    if (query->code.size > CODE_MAX)
        query->code = STR_NULL;
    query->words =
        name_words(query->rules, query->arena, str_trim(buf_str(&names)),
                   NAME_GIVEN, query->word, NAME_WORDS_MAX);
}

/* --- order and reasons --------------------------------------------------- */

enum word_like {
    WORD_NOT,
    WORD_NEAR,
    WORD_CLASS,
    WORD_SOUND,
    WORD_PREFIX,
    WORD_SAME
};

static bool sounds_like_start(const struct phonetic *start,
                              const struct phonetic *whole)
{
    for (size_t i = 0; i < start->count; i++)
        for (size_t j = 0; j < whole->count; j++)
            if (strlen(start->key[i]) > 2 &&
                strncmp(start->key[i], whole->key[j], strlen(start->key[i])) ==
                    0)
                return true;
    return false;
}

static enum word_like word_like(const struct query *query, size_t at,
                                const struct name_word *word)
{
    const struct name_word *asked = &query->word[at];
    bool last = at + 1 == query->words && query->open_end;

    if (str_equal(asked->text, word->text) ||
        (asked->joined.size && (str_equal(asked->joined, word->joined) ||
                                str_equal(asked->joined, word->text))) ||
        (word->joined.size && str_equal(asked->text, word->joined)))
        return WORD_SAME;
    if (last && str_starts(word->text, asked->text))
        return WORD_PREFIX;
    if (phonetic_equal(&asked->sound, &word->sound))
        return WORD_SOUND;
    if (name_same_class(query->rules, asked->text, word->text))
        return WORD_CLASS;
    if (last && sounds_like_start(&asked->sound, &word->sound))
        return WORD_SOUND;
    if (asked->text.size > 3 &&
        (similar_edits(asked->text, word->text, 1) <= 1 ||
         similar_jaro_winkler(asked->text, word->text) >= 0.92))
        return WORD_NEAR;
    return WORD_NOT;
}

static void add_reason(struct find_hit *hit, const char *reason)
{
    for (size_t i = 0; i < hit->reasons; i++)
        if (hit->reason[i] == reason)
            return;
    if (hit->reasons < FIND_REASONS)
        hit->reason[hit->reasons++] = reason;
}

static const char *const find_reason[] = {
    N_("suena igual"),
    N_("nombre en otra forma (diminutivo)"),
    N_("escrito de modo parecido"),
    N_("mismo teléfono"),
    N_("mismo código"),
    N_("mismo documento"),
    N_("misma fecha de nacimiento"),
    N_("mismo año de nacimiento")};
enum {
    BY_SOUND,
    BY_CLASS,
    BY_NEAR,
    BY_PHONE,
    BY_CODE,
    BY_PAPER,
    BY_BIRTH,
    BY_YEAR
};

static double score_words(const struct query *query,
                          const struct name_word *word, size_t words,
                          struct find_hit *hit)
{
    static const double worth[] = {-2.5, 1, 1.8, 2, 2.5, 3};
    bool taken[NAME_WORDS_MAX] = {false};
    double score = 0;

    for (size_t i = 0; i < query->words; i++) {
        enum word_like best = WORD_NOT;
        size_t at = SIZE_MAX;

        for (size_t j = 0; j < words; j++) {
            enum word_like like =
                taken[j] ? WORD_NOT : word_like(query, i, &word[j]);

            if (like > best) {
                best = like;
                at = j;
            }
        }
        if (at != SIZE_MAX)
            taken[at] = true;
        score += worth[best];
        if (best == WORD_SOUND || best == WORD_CLASS || best == WORD_NEAR)
            add_reason(hit, find_reason[best == WORD_SOUND   ? BY_SOUND
                                        : best == WORD_CLASS ? BY_CLASS
                                                             : BY_NEAR]);
    }
    return score;
}

static bool phone_fits(const struct query *query, struct str phone)
{
    struct str digits = phone_digits(query->arena, phone);

    for (size_t i = 0; digits.size && i < query->numbers; i++) {
        struct str asked = query->digits[i];

        if (asked.size < 4)
            continue;
        if (asked.size > 8)
            asked = str_slice(asked, asked.size - 8, asked.size);
        if (str_find(digits, asked) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool is_asked(const struct query *query, struct str code)
{
    if (!code.size)
        return false;
    if (query->code.size > 2 && str_starts(code, query->code))
        return true;
    for (size_t i = 0; i < query->numbers; i++)
        if (query->digits[i].size > 3 ? str_starts(code, query->digits[i])
                                      : str_equal(code, query->digits[i]))
            return true;
    return false;
}

static bool code_fits(const struct query *query, const struct value *answers)
{
    static const char *const field[] = {"case_code", "bracelet", "external_id"};

    for (size_t i = 0; i < 3; i++)
        if (is_asked(query, code_plain(query->arena,
                                       value_text_of(answers, field[i]))))
            return true;
    return false;
}

static bool document_fits(const struct query *query,
                          const struct value *documents)
{
    for (size_t i = 0; i < value_count(documents); i++) {
        struct str number = code_plain(
            query->arena, value_text_of(value_at(documents, i), "doc_number"));

        if (number.size >= DOCUMENT_LEAST && is_asked(query, number))
            return true;
    }
    return false;
}

/* Could it be the number of a document? Only then are they read. */
static bool asks_document(const struct query *query)
{
    bool long_one = query->code.size >= DOCUMENT_LEAST;

    for (size_t i = 0; i < query->numbers; i++)
        long_one |= query->digits[i].size >= DOCUMENT_LEAST;
    return long_one;
}

static double score_numbers(const struct query *query,
                            const struct value *answers, struct find_hit *hit)
{
    struct str birth = value_text_of(answers, "birth_date");
    double score = 0;

    if (phone_fits(query, value_text_of(answers, "phone")) ||
        phone_fits(query, value_text_of(answers, "whatsapp"))) {
        add_reason(hit, find_reason[BY_PHONE]);
        score += 6;
    }
    if (code_fits(query, answers)) {
        add_reason(hit, find_reason[BY_CODE]);
        score += 8;
    }
    if (document_fits(query, value_get(answers, "documents"))) {
        add_reason(hit, find_reason[BY_PAPER]);
        score += 8;
    }
    if (query->birth.size == 10 && str_equal(birth, query->birth)) {
        add_reason(hit, find_reason[BY_BIRTH]);
        score += 5;
    } else if (query->birth.size && str_equal(str_slice(birth, 0, 4),
                                              str_slice(query->birth, 0, 4))) {
        add_reason(hit, find_reason[BY_YEAR]);
        score += 2;
    }
    return score;
}

static void score_hit(const struct query *query, const struct value *answers,
                      struct find_hit *hit)
{
    struct name_word word[NAME_WORDS_MAX];
    size_t words = person_words(query->rules, query->arena, answers, word);

    hit->score = score_words(query, word, words, hit) +
                 score_numbers(query, answers, hit);
}

static int compare_hits(const void *a, const void *b)
{
    const struct find_hit *one = a, *two = b;

    if (one->score < two->score || one->score > two->score)
        return one->score < two->score ? 1 : -1;
    if (one->clock != two->clock)
        return one->clock < two->clock ? 1 : -1;
    return str_compare(one->id, two->id);
}

struct finding {
    struct task *task;
    struct query query;
    struct find_hit hit[2 * CANDIDATES];
    struct str seen[2 * CANDIDATES]; /* records that were read */
    size_t hits, seens;
};

static bool was_seen(struct finding *finding, struct str record)
{
    for (size_t i = 0; i < finding->seens; i++)
        if (str_equal(finding->seen[i], record))
            return true;
    if (finding->seens < 2 * CANDIDATES)
        finding->seen[finding->seens++] = record;
    return false;
}

static void keep_hit(struct finding *finding, const struct find_hit *hit)
{
    for (size_t i = 0; i < finding->hits; i++) {
        if (!str_equal(finding->hit[i].id, hit->id))
            continue;
        if (finding->hit[i].score < hit->score)
            finding->hit[i] = *hit;
        return;
    }
    if (finding->hits < 2 * CANDIDATES)
        finding->hit[finding->hits++] = *hit;
}

/* Reads one candidate, follows its merge, keeps it unless its person is there
 * with a better score. */
static enum error take_candidate(struct finding *finding, struct str id,
                                 struct err *err)
{
    struct task *task = finding->task;
    struct find_hit hit = {.id = id};
    struct value *answers = NULL;
    bool found = false;
    enum error error;

    if (was_seen(finding, id))
        return ERROR_NONE;
    error = person_read_few(task, id, &answers, &hit.clock, &found, err);
    if (!error && found && asks_document(&finding->query))
        error = person_read_documents(task, id, answers, err);
    if (error || !found)
        return error;
    score_hit(&finding->query, answers, &hit);
    if (hit.score <= 0)
        return ERROR_NONE;
    if (value_text_of(answers, "merged_into").size) {
        hit.merged_name = name_of_person(task->arena, answers);
        error = person_resolve(task, id, &hit.id, err);
        if (!error)
            error = person_read_few(task, hit.id, &answers, &hit.clock, &found,
                                    err);
        if (error || !found)
            return error;
    }
    hit.answers = answers;
    keep_hit(finding, &hit);
    return ERROR_NONE;
}

/* Asks the table for what is wanted now, and forgets it. */
static enum error ask(struct finding *finding, struct err *err)
{
    struct task *task = finding->task;
    struct query *query = &finding->query;
    struct search_hit *candidate = NULL;
    size_t candidates = 0;
    enum error error = ERROR_NONE;

    if (query->wants)
        error = search_candidates(task->db, task->office->log.site, query->want,
                                  query->wants, 1, CANDIDATES, task->arena,
                                  &candidate, &candidates, err);
    for (size_t i = 0; !error && i < candidates; i++)
        error = take_candidate(finding, candidate[i].record, err);
    query->wants = 0;
    return error;
}

/* Enough people whose name has all the words that were typed? */
static bool is_enough(const struct finding *finding, size_t limit)
{
    double all_words = 1.8 * (double)finding->query.words;
    size_t count = 0;

    for (size_t i = 0; i < finding->hits; i++)
        count += finding->hit[i].score >= all_words;
    return count >= limit;
}

/* Whoever is not hers to see is not found. */
static void drop_others(struct finding *finding)
{
    size_t kept = 0;

    for (size_t i = 0; i < finding->hits; i++) {
        struct record record = {.kind = STR("person"),
                                .id = finding->hit[i].id,
                                .subject = finding->hit[i].id};

        if (decide_read(finding->task, &record))
            finding->hit[kept++] = finding->hit[i];
    }
    finding->hits = kept;
}

/* First what tells most: codes, telephones, two words of a name. Single words
 * are asked for only when that is not enough: with common names it is, and
 * with rare ones their lists are short. */
enum error person_find(struct task *task, struct str text, size_t limit,
                       struct find_hit **hit, size_t *count, struct err *err)
{
    struct finding *finding = ARENA_NEW(task->arena, struct finding);
    struct query *query;
    enum error error;

    if (!finding)
        return err_memory(err);
    finding->task = task;
    query = &finding->query;
    query->arena = task->arena;
    query->rules = task_names(task);
    read_query(query, text);
    want_numbers(query);
    want_pairs(query);
    error = ask(finding, err);
    if (!error && !is_enough(finding, limit)) {
        want_words(query);
        error = ask(finding, err);
    }
    if (error)
        return error;
    drop_others(finding);
    qsort(finding->hit, finding->hits, sizeof *finding->hit, compare_hits);
    *hit = finding->hit;
    *count = finding->hits < limit ? finding->hits : limit;
    return ERROR_NONE;
}

struct value *person_find_view(struct task *task, const struct find_hit *hit,
                               size_t count)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct person_header header;
        struct value *view, *reasons = value_list(arena);

        person_header_of(task, hit[i].id, hit[i].answers, &header);
        view = person_header_view(task, &header);
        for (size_t j = 0; j < hit[i].reasons; j++)
            value_add(reasons, arena,
                      value_string(arena, translate(task->translator,
                                                    str_of(hit[i].reason[j]))));
        value_put(view, arena, "reasons", reasons);
        value_put_str(view, arena, "merged_name", hit[i].merged_name);
        value_add(list, arena, view);
    }
    return list;
}
