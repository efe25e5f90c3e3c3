/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* search.c - the token table: kept up with the projection, read within bounds.
 *
 * Of each wanted token the newest BOUND holders are read, in index order. A
 * list shorter than that is complete; for a longer one the tokens of the
 * candidates found elsewhere are looked up (token_set), so that a rare word
 * finds its person however common the other words are. A prefix is read as
 * the first few words that begin with it.
 */
#include "store/search.h"

#include "store/driver.h"

enum {
    BOUND = 400,    /* candidates read per token */
    WORDS = 24,     /* words read per prefix */
    LOOKED_UP = 640, /* candidates whose other tokens are looked up */
    GROUP = 32,     /* per query of token_set */
    ROWS_MAX = 16,  /* tokens per INSERT */
    WANTS_MAX = 32
};

/* --- keeping -------------------------------------------------------------- */

struct list {
    struct str *line; /* class and text, sorted, each once */
    size_t count;
};

static int compare_lines(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void list_sort(struct list *list)
{
    size_t count = 0;

    qsort(list->line, list->count, sizeof(*list->line), compare_lines);
    for (size_t i = 0; i < list->count; i++)
        if (!i || !str_equal(list->line[i], list->line[count - 1]))
            list->line[count++] = list->line[i];
    list->count = count;
}

static struct list list_of(const struct search_token *token, size_t count,
                           struct arena *arena)
{
    struct list list = {ARENA_ARRAY(arena, struct str, count + 1), 0};

    for (size_t i = 0; list.line && i < count; i++) {
        char *line = arena_alloc(arena, token[i].text.size + 2);

        if (!line || !token[i].text.size)
            continue;
        line[0] = token[i].class;
        for (size_t j = 0; j < token[i].text.size; j++) {
            char c = token[i].text.at[j];

            line[j + 1] = c == '\n' || !c ? ' ' : c;
        }
        list.line[list.count++] =
            (struct str){line, token[i].text.size + 1};
    }
    if (list.line)
        list_sort(&list);
    return list;
}

static struct list list_from_text(struct str text, struct arena *arena)
{
    struct list list = {NULL, 0};
    struct str part;
    size_t lines = 1;

    for (size_t i = 0; i < text.size; i++)
        lines += text.at[i] == '\n';
    list.line = ARENA_ARRAY(arena, struct str, lines);
    while (list.line && text.size && str_cut(&text, '\n', &part))
        list.line[list.count++] = part;
    return list;
}

static struct str list_text(const struct list *list, struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_putc(&out, '\n');
        buf_put(&out, list->line[i]);
    }
    return out.size ? buf_str(&out) : STR("");
}

static bool list_has(const struct list *list, struct str line)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(list->line[i], line))
            return true;
    return false;
}

/* Lines of a that b has not. */
static struct list list_minus(const struct list *a, const struct list *b,
                              struct arena *arena)
{
    struct list out = {ARENA_ARRAY(arena, struct str, a->count + 1), 0};

    for (size_t i = 0; out.line && i < a->count; i++)
        if (!list_has(b, a->line[i]))
            out.line[out.count++] = a->line[i];
    return out;
}

struct keeping {
    struct db *db;
    struct str site, record;
    struct arena *arena;
    struct err *err;
};

static const char *insert_sql(struct arena *arena, size_t rows)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_puts(&sql,
             "INSERT INTO token (site, class, text, clock, record) VALUES ");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&sql, "%s($1, $%zu, $%zu, $2, $3)", i ? ", " : "",
                   4 + 2 * i, 5 + 2 * i);
    buf_puts(&sql, " ON CONFLICT DO NOTHING");
    return str_c(arena, buf_str(&sql));
}

static enum error insert_tokens(const struct keeping *keeping, int64_t clock,
                                const struct list *list)
{
    enum error error = ERROR_NONE;

    for (size_t from = 0; from < list->count && !error; from += ROWS_MAX) {
        struct db_value value[3 + 2 * ROWS_MAX];
        size_t rows = list->count - from, count = 3;

        rows = rows < ROWS_MAX ? rows : ROWS_MAX;
        value[0] = (struct db_value){.type = 't', .t = keeping->site};
        value[1] = (struct db_value){.type = 'i', .i = clock};
        value[2] = (struct db_value){.type = 't', .t = keeping->record};
        for (size_t i = 0; i < rows; i++) {
            struct str line = list->line[from + i];

            value[count++] = (struct db_value){
                .type = 't', .t = str_slice(line, 0, 1)};
            value[count++] = (struct db_value){
                .type = 't', .t = str_slice(line, 1, line.size)};
        }
        error = db_run_values(keeping->db, keeping->err,
                              insert_sql(keeping->arena, rows), value, count);
    }
    return error;
}

static enum error delete_tokens(const struct keeping *keeping, int64_t clock,
                                const struct list *list)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < list->count && !error; i++) {
        struct str line = list->line[i];

        error = db_run(keeping->db, NULL, keeping->err,
                       "DELETE FROM token WHERE site = $1 AND class = $2 "
                       "AND text = $3 AND clock = $4 AND record = $5",
                       "tttit", keeping->site, str_slice(line, 0, 1),
                       str_slice(line, 1, line.size), clock, keeping->record);
    }
    return error;
}

static enum error read_set(const struct keeping *keeping, int64_t *clock,
                           struct list *list)
{
    struct rows rows;

    db_query(keeping->db, &rows, keeping->err,
             "SELECT clock, tokens FROM token_set "
             "WHERE site = $1 AND record = $2",
             "tt", keeping->site, keeping->record);
    if (rows_next(&rows)) {
        *clock = rows_int(&rows, 0);
        *list = list_from_text(str_copy(keeping->arena, rows_text(&rows, 1)),
                               keeping->arena);
    }
    return rows_end(&rows);
}

static enum error replace(const struct keeping *keeping, int64_t clock,
                          const struct list *new, bool fresh)
{
    struct list old = {NULL, 0}, gone, added;
    int64_t old_clock = clock;
    enum error error = ERROR_NONE;

    if (!fresh)
        error = read_set(keeping, &old_clock, &old);
    if (error)
        return error;
    gone = old_clock == clock ? list_minus(&old, new, keeping->arena) : old;
    added = old_clock == clock ? list_minus(new, &old, keeping->arena) : *new;
    error = delete_tokens(keeping, old_clock, &gone);
    if (!error)
        error = insert_tokens(keeping, clock, &added);
    if (error || (!gone.count && !added.count))
        return error;
    if (!new->count)
        return db_run(keeping->db, NULL, keeping->err,
                      "DELETE FROM token_set WHERE site = $1 AND record = $2",
                      "tt", keeping->site, keeping->record);
    return db_run(keeping->db, NULL, keeping->err,
                  "INSERT INTO token_set (site, record, clock, tokens) "
                  "VALUES ($1, $2, $3, $4) ON CONFLICT (site, record) "
                  "DO UPDATE SET clock = excluded.clock, "
                  "tokens = excluded.tokens",
                  "ttit", keeping->site, keeping->record, clock,
                  list_text(new, keeping->arena));
}

static enum error keep(struct db *db, struct str site, struct str record,
                       int64_t clock, const struct list *list, bool fresh,
                       struct arena *arena, struct err *err)
{
    struct keeping keeping = {db, site, record, arena, err};

    return arena_failed(arena) ? err_memory(err)
                               : replace(&keeping, clock, list, fresh);
}

enum error search_add(struct db *db, struct str site, struct str record,
                      int64_t clock, const struct search_token *token,
                      size_t count, struct err *err)
{
    struct arena arena;
    struct list list;
    enum error error;

    arena_init(&arena, NULL);
    list = list_of(token, count, &arena);
    error = keep(db, site, record, clock, &list, true, &arena, err);
    arena_release(&arena);
    return error;
}

enum error search_replace(struct db *db, struct str site, struct str record,
                          int64_t clock, const struct search_token *token,
                          size_t count, struct err *err)
{
    struct arena arena;
    struct list list;
    enum error error;

    arena_init(&arena, NULL);
    list = list_of(token, count, &arena);
    error = keep(db, site, record, clock, &list, false, &arena, err);
    arena_release(&arena);
    return error;
}

/* --- finding -------------------------------------------------------------- */

struct candidate {
    struct str record;
    int64_t clock;
    uint32_t found; /* bit per want */
    int rare;       /* how many of them from lists that were read whole */
};

struct finding {
    struct db *db;
    struct str site;
    const struct search_want *want;
    size_t wants;
    uint32_t cut; /* wants whose list was longer than BOUND */
    struct candidate *candidate;
    size_t count, capacity;
    size_t *slot; /* hash of record -> index + 1 */
    size_t slots;
    struct arena *arena;
    struct err *err;
};

static size_t slot_of(const struct finding *finding, struct str record)
{
    size_t at = str_hash(record) % finding->slots;

    while (finding->slot[at] &&
           !str_equal(finding->candidate[finding->slot[at] - 1].record,
                      record))
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
        finding->slot[slot_of(finding, finding->candidate[i].record)] = i + 1;
    return true;
}

static void found(struct finding *finding, size_t want, struct str record,
                  int64_t clock)
{
    size_t at;

    if (finding->count == finding->capacity && !grow(finding))
        return;
    at = slot_of(finding, record);
    if (!finding->slot[at]) {
        finding->candidate[finding->count] = (struct candidate){
            .record = str_copy(finding->arena, record), .clock = clock};
        finding->slot[at] = ++finding->count;
    }
    finding->candidate[finding->slot[at] - 1].found |= (uint32_t)1 << want;
}

/* Adds how many were read to *read. */
static enum error read_word(struct finding *finding, size_t want,
                            struct str text, size_t *read)
{
    const struct search_token *token = &finding->want[want].token;
    struct rows rows;

    db_query(finding->db, &rows, finding->err,
             "SELECT record, clock FROM token WHERE site = $1 AND class = $2 "
             "AND text = $3 ORDER BY clock DESC, record DESC LIMIT $4",
             "ttti", finding->site, (struct str){&token->class, 1}, text,
             (int64_t)(BOUND - *read));
    while (rows_next(&rows)) {
        found(finding, want, rows_text(&rows, 0), rows_int(&rows, 1));
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

static enum error read_want(struct finding *finding, size_t want)
{
    const struct search_token *token = &finding->want[want].token;
    struct str word = token->text;
    size_t read = 0;
    enum error error = ERROR_NONE;

    if (!token->text.size)
        return ERROR_NONE;
    if (!finding->want[want].prefix) {
        error = read_word(finding, want, word, &read);
    } else {
        error = next_word(finding, want, word, true, &word);
        for (int i = 0; !error && !str_is_null(word); i++) {
            if (i == WORDS || read == BOUND) {
                read = BOUND; /* there are more words */
                break;
            }
            error = read_word(finding, want, word, &read);
            if (!error)
                error = next_word(finding, want, word, false, &word);
        }
    }
    if (read >= BOUND)
        finding->cut |= (uint32_t)1 << want;
    return error;
}

static int hits_of(const struct candidate *candidate)
{
    return __builtin_popcount(candidate->found);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int order = y->rare - x->rare;

    if (order)
        return order;
    order = hits_of(y) - hits_of(x);
    if (order)
        return order;
    if (x->clock != y->clock)
        return x->clock > y->clock ? -1 : 1;
    return str_compare(x->record, y->record);
}

static void mark(const struct finding *finding, struct candidate *candidate,
                 struct str tokens)
{
    struct str line;

    while (tokens.size && str_cut(&tokens, '\n', &line)) {
        struct str text = str_slice(line, 1, line.size);

        for (size_t i = 0; i < finding->wants; i++) {
            const struct search_want *want = &finding->want[i];

            if (line.size < 2 || line.at[0] != want->token.class ||
                !want->token.text.size)
                continue;
            if (want->prefix ? str_starts(text, want->token.text)
                             : str_equal(text, want->token.text))
                candidate->found |= (uint32_t)1 << i;
        }
    }
}

/* Looks up all tokens of up to GROUP candidates from `from` on. */
static enum error look_up(struct finding *finding, size_t from, size_t to)
{
    static const char sql[] =
        "SELECT record, tokens FROM token_set WHERE site = $1 AND record IN "
        "($2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,"
        "$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33)";
    struct db_value value[GROUP + 1];
    struct rows rows;

    value[0] = (struct db_value){.type = 't', .t = finding->site};
    for (size_t i = 0; i < GROUP; i++) {
        size_t at = from + i < to ? from + i : to - 1;

        value[i + 1] = (struct db_value){
            .type = 't', .t = finding->candidate[at].record};
    }
    db_query_values(finding->db, &rows, finding->err, sql, value, GROUP + 1);
    while (rows_next(&rows)) {
        struct str record = rows_text(&rows, 0);

        for (size_t i = from; i < to; i++)
            if (str_equal(finding->candidate[i].record, record))
                mark(finding, &finding->candidate[i], rows_text(&rows, 1));
    }
    return rows_end(&rows);
}

/* Most promising first; slots are of no use from here on. */
static enum error settle(struct finding *finding)
{
    size_t count = finding->count < LOOKED_UP ? finding->count : LOOKED_UP;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < finding->count; i++)
        finding->candidate[i].rare = __builtin_popcount(
            finding->candidate[i].found & ~finding->cut);
    qsort(finding->candidate, finding->count, sizeof(*finding->candidate),
          compare_candidates);
    if (!finding->cut)
        return ERROR_NONE;
    for (size_t i = 0; i < count && !error; i += GROUP)
        error = look_up(finding, i, i + GROUP < count ? i + GROUP : count);
    for (size_t i = 0; i < finding->count; i++)
        finding->candidate[i].rare = 0; /* now only the hits count */
    qsort(finding->candidate, finding->count, sizeof(*finding->candidate),
          compare_candidates);
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
    enum error error = ERROR_NONE;
    size_t size = 0;

    for (size_t i = 0; i < finding.wants && !error; i++)
        error = read_want(&finding, i);
    if (!error && finding.count)
        error = settle(&finding);
    if (error)
        return error;
    list = ARENA_ARRAY(arena, struct search_hit, finding.count + 1);
    if (!list || arena_failed(arena))
        return err_memory(err);
    for (size_t i = 0; i < finding.count && size < limit; i++) {
        const struct candidate *one = &finding.candidate[i];

        if (hits_of(one) >= least)
            list[size++] = (struct search_hit){one->record, hits_of(one),
                                               one->clock};
    }
    *hit = list;
    *hits = size;
    return ERROR_NONE;
}
