/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* search.c - finds candidates by their tokens, within bounds.
 *
 * First the few people whose tokens are not in the index yet (tokens.c) are
 * read whole. Then, of each wanted token, the newest BOUND holders, in index
 * order. A list shorter than that is complete; for a longer one the tokens of
 * the candidates found elsewhere are looked up, so that a rare word finds its
 * person however common the other words are. A prefix is read as the first
 * few words that begin with it.
 */
#include "store/search.h"

#include "store/driver.h"

enum {
    BOUND = 400,      /* candidates read per token */
    WORDS = 24,       /* words read per prefix */
    LOOKED_UP = 200,  /* candidates whose other tokens are looked up */
    FRESH_MAX = 4096, /* not in the index yet; tokens.c keeps them to 600 */
    GROUP = 32,       /* per query of token_set */
    WANTS_MAX = 32
};

struct candidate {
    int64_t number;
    struct str record; /* null until looked up */
    uint32_t found;    /* bit per want */
    int rare;          /* how many of them from lists that were read whole */
};

struct finding {
    struct db *db;
    struct str site;
    const struct search_want *want;
    size_t wants;
    uint32_t cut; /* wants whose list was longer than BOUND */
    struct candidate *candidate;
    size_t count, capacity;
    size_t *slot; /* hash of number -> index + 1 */
    size_t slots;
    struct arena *arena;
    struct err *err;
};

/* --- candidates ----------------------------------------------------------- */

static size_t slot_of(const struct finding *finding, int64_t number)
{
    uint64_t hash = (uint64_t)number * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 20) % finding->slots;

    while (finding->slot[at] &&
           finding->candidate[finding->slot[at] - 1].number != number)
        at = (at + 1) % finding->slots;
    return at;
}

static bool grow(struct finding *finding)
{
    size_t old = finding->capacity, capacity = old ? old * 2 : 1024;
    size_t size = sizeof(*finding->candidate);

    finding->candidate = arena_grow(finding->arena, finding->candidate,
                                    old * size, capacity * size);
    finding->slots = capacity * 2;
    finding->slot = ARENA_ARRAY(finding->arena, size_t, finding->slots);
    if (!finding->candidate || !finding->slot)
        return false;
    finding->capacity = capacity;
    for (size_t i = 0; i < finding->count; i++)
        finding->slot[slot_of(finding, finding->candidate[i].number)] = i + 1;
    return true;
}

static struct candidate *candidate_of(struct finding *finding, int64_t number)
{
    size_t at;

    if (finding->count == finding->capacity && !grow(finding))
        return NULL;
    at = slot_of(finding, number);
    if (!finding->slot[at]) {
        finding->candidate[finding->count] =
            (struct candidate){.number = number};
        finding->slot[at] = ++finding->count;
    }
    return &finding->candidate[finding->slot[at] - 1];
}

/* Which of the wants a set of tokens holds. */
static uint32_t wanted(const struct finding *finding, struct str tokens)
{
    uint32_t bits = 0;
    struct str line;

    while (tokens.size && str_cut(&tokens, '\n', &line)) {
        struct str text = str_slice(line, 1, line.size);

        for (size_t i = 0; i < finding->wants; i++) {
            const struct search_want *want = &finding->want[i];

            if (!text.size || line.at[0] != want->token.class ||
                !want->token.text.size)
                continue;
            if (want->prefix ? str_starts(text, want->token.text)
                             : str_equal(text, want->token.text))
                bits |= (uint32_t)1 << i;
        }
    }
    return bits;
}

static enum error read_fresh(struct finding *finding)
{
    struct rows rows;

    db_query(finding->db, &rows, finding->err,
             "SELECT number, record, tokens FROM token_set "
             "WHERE site = $1 AND number > COALESCE("
             "(SELECT indexed FROM token_head WHERE site = $1), 0) "
             "ORDER BY number DESC LIMIT $2", /* or PostgreSQL reads all */
             "ti", finding->site, (int64_t)FRESH_MAX);
    while (rows_next(&rows)) {
        uint32_t bits = wanted(finding, rows_text(&rows, 2));
        struct candidate *candidate =
            bits ? candidate_of(finding, rows_int(&rows, 0)) : NULL;

        if (!candidate)
            continue;
        candidate->found = bits;
        candidate->record = str_copy(finding->arena, rows_text(&rows, 1));
    }
    return rows_end(&rows);
}

/* --- the index ------------------------------------------------------------ */

/* Adds how many were read to *read. */
static enum error read_word(struct finding *finding, size_t want,
                            struct str text, size_t *read)
{
    const struct search_token *token = &finding->want[want].token;
    struct rows rows;

    db_query(finding->db, &rows, finding->err,
             "SELECT number FROM token WHERE site = $1 AND class = $2 "
             "AND text = $3 ORDER BY number DESC LIMIT $4",
             "ttti", finding->site, (struct str){&token->class, 1}, text,
             (int64_t)(BOUND - *read));
    while (rows_next(&rows)) {
        struct candidate *candidate = candidate_of(finding, rows_int(&rows, 0));

        if (candidate)
            candidate->found |= (uint32_t)1 << want;
        ++*read;
    }
    return rows_end(&rows);
}

/* The first word from `from` on that begins with the prefix. */
static enum error next_word(struct finding *finding, size_t want,
                            struct str from, bool inclusive, struct str *word)
{
    const struct search_token *token = &finding->want[want].token;
    bool any = false;
    enum error error = db_get_text(
        finding->db, finding->arena, word, &any, finding->err,
        inclusive ? "SELECT text FROM token WHERE site = $1 AND class = $2 "
                    "AND text >= $3 ORDER BY site, class, text LIMIT 1"
                  : "SELECT text FROM token WHERE site = $1 AND class = $2 "
                    "AND text > $3 ORDER BY site, class, text LIMIT 1",
        "ttt", finding->site, (struct str){&token->class, 1}, from);

    if (!error && (!any || !str_starts(*word, token->text)))
        *word = STR_NULL;
    return error;
}

static enum error read_prefix(struct finding *finding, size_t want,
                              size_t *read)
{
    struct str word = finding->want[want].token.text;
    enum error error = next_word(finding, want, word, true, &word);

    for (int i = 0; !error && !str_is_null(word); i++) {
        if (i == WORDS || *read >= BOUND) {
            *read = BOUND; /* there are more words */
            break;
        }
        error = read_word(finding, want, word, read);
        if (!error)
            error = next_word(finding, want, word, false, &word);
    }
    return error;
}

static enum error read_want(struct finding *finding, size_t want)
{
    struct str text = finding->want[want].token.text;
    size_t read = 0;
    enum error error;

    if (!text.size)
        return ERROR_NONE;
    error = finding->want[want].prefix ? read_prefix(finding, want, &read)
                                       : read_word(finding, want, text, &read);
    if (read >= BOUND)
        finding->cut |= (uint32_t)1 << want;
    return error;
}

/* --- the best ------------------------------------------------------------- */

static int hits_of(const struct candidate *candidate)
{
    return __builtin_popcount(candidate->found);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int order = y->rare - x->rare;

    if (!order)
        order = hits_of(y) - hits_of(x);
    if (order)
        return order;
    return x->number > y->number ? -1 : x->number < y->number;
}

/* Looks up the records and all tokens of a group of candidates. */
static enum error look_up_group(struct finding *finding,
                                struct candidate **group, size_t count)
{
    static const char sql[] =
        "SELECT number, record, tokens FROM token_set "
        "WHERE site = $1 AND number IN "
        "($2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,"
        "$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33)";
    struct db_value value[GROUP + 1];
    struct rows rows;

    value[0] = (struct db_value){.type = 't', .t = finding->site};
    for (size_t i = 0; i < GROUP; i++)
        value[i + 1] = (struct db_value){
            .type = 'i', .i = group[i < count ? i : count - 1]->number};
    db_query_values(finding->db, &rows, finding->err, sql, value, GROUP + 1);
    while (rows_next(&rows)) {
        int64_t number = rows_int(&rows, 0);

        for (size_t i = 0; i < count; i++) {
            if (group[i]->number != number)
                continue;
            group[i]->found |= wanted(finding, rows_text(&rows, 2));
            group[i]->record = str_copy(finding->arena, rows_text(&rows, 1));
        }
    }
    return rows_end(&rows);
}

/* The first `count` candidates, those not looked up yet. */
static enum error look_up(struct finding *finding, size_t count)
{
    struct candidate *group[GROUP];
    size_t size = 0;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error; i++) {
        if (str_is_null(finding->candidate[i].record))
            group[size++] = &finding->candidate[i];
        if (size && (size == GROUP || i + 1 == count)) {
            error = look_up_group(finding, group, size);
            size = 0;
        }
    }
    return error;
}

static void sort(struct finding *finding)
{
    qsort(finding->candidate, finding->count, sizeof(*finding->candidate),
          compare_candidates);
}

/* Most promising first; slots are of no use from here on. */
static enum error settle(struct finding *finding, size_t limit)
{
    size_t count = finding->count < LOOKED_UP ? finding->count : LOOKED_UP;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < finding->count; i++)
        finding->candidate[i].rare =
            __builtin_popcount(finding->candidate[i].found & ~finding->cut);
    sort(finding);
    if (finding->cut)
        error = look_up(finding, count);
    for (size_t i = 0; i < finding->count; i++)
        finding->candidate[i].rare = 0; /* now only the hits count */
    sort(finding);
    if (!error)
        error =
            look_up(finding, finding->count < limit ? finding->count : limit);
    return error;
}

enum error search_candidates(struct db *db, struct str site,
                             const struct search_want *want, size_t count,
                             int least, size_t limit, struct arena *arena,
                             struct search_hit **hit, size_t *hits,
                             struct err *err)
{
    struct finding finding = {.db = db,
                              .site = site,
                              .want = want,
                              .wants = count < WANTS_MAX ? count : WANTS_MAX,
                              .arena = arena,
                              .err = err};
    struct search_hit *list;
    enum error error = read_fresh(&finding);
    size_t size = 0;

    for (size_t i = 0; i < finding.wants && !error; i++)
        error = read_want(&finding, i);
    if (!error && finding.count)
        error = settle(&finding, limit);
    if (error)
        return error;
    list = ARENA_ARRAY(arena, struct search_hit, finding.count + 1);
    if (!list || arena_failed(arena))
        return err_memory(err);
    for (size_t i = 0; i < finding.count && size < limit; i++) {
        const struct candidate *one = &finding.candidate[i];

        if (hits_of(one) >= least && !str_is_null(one->record))
            list[size++] =
                (struct search_hit){one->record, hits_of(one), one->number};
    }
    *hit = list;
    *hits = size;
    return ERROR_NONE;
}

enum error search_indexed(struct db *db, struct str site,
                          const struct search_token *token, bool *found,
                          struct err *err)
{
    int64_t number = 0;

    return db_get_int(db, &number, found, err,
                      "SELECT number FROM token WHERE site = $1 "
                      "AND class = $2 AND text = $3 LIMIT 1",
                      "ttt", site, (struct str){&token->class, 1}, token->text);
}
