/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tokens.c - keeps the words that find people.
 *
 * A new person's tokens are one row of token_set, at the end of that table.
 * The index proper, token, takes them some hundreds of people at a time,
 * sorted, so that its pages are written once for many; token_head says how
 * far it has come, and search.c reads the rest in token_set. What token holds
 * thus follows from token_set and token_head alone, also after a rebuild.
 */
#include "store/driver.h"
#include "store/search.h"

enum {
    FRESH = 512,  /* records before the index takes them */
    CHUNK = 2000, /* records sorted together when reindexing */
    ROWS_MAX = 32 /* tokens per INSERT */
};

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
        list.line[list.count++] = (struct str){line, token[i].text.size + 1};
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

/* --- the index ------------------------------------------------------------ */

struct keeping {
    struct db *db;
    struct str site;
    struct arena *arena;
    struct err *err;
};

struct posting {
    struct str line;
    int64_t number;
};

static int compare_postings(const void *a, const void *b)
{
    const struct posting *x = a, *y = b;
    int order = str_compare(x->line, y->line);

    if (order)
        return order;
    return x->number < y->number ? -1 : x->number > y->number;
}

static const char *insert_sql(struct arena *arena, size_t rows)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_puts(&sql, "INSERT INTO token (site, class, text, number) VALUES ");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&sql, "%s($1, $%zu, $%zu, $%zu)", i ? ", " : "", 2 + 3 * i,
                   3 + 3 * i, 4 + 3 * i);
    buf_puts(&sql, " ON CONFLICT DO NOTHING");
    return str_c(arena, buf_str(&sql));
}

static enum error insert_postings(const struct keeping *keeping,
                                  const struct posting *posting, size_t count)
{
    const char *full = insert_sql(keeping->arena, ROWS_MAX);
    enum error error = ERROR_NONE;

    for (size_t from = 0; from < count && !error; from += ROWS_MAX) {
        struct db_value value[1 + 3 * ROWS_MAX];
        size_t rows = count - from < ROWS_MAX ? count - from : ROWS_MAX;
        size_t at = 0;

        value[at++] = (struct db_value){.type = 't', .t = keeping->site};
        for (size_t i = 0; i < rows; i++) {
            struct str line = posting[from + i].line;

            value[at++] =
                (struct db_value){.type = 't', .t = str_slice(line, 0, 1)};
            value[at++] = (struct db_value){.type = 't',
                                            .t = str_slice(line, 1, line.size)};
            value[at++] =
                (struct db_value){.type = 'i', .i = posting[from + i].number};
        }
        error = db_run_values(
            keeping->db, keeping->err,
            rows == ROWS_MAX ? full : insert_sql(keeping->arena, rows), value,
            at);
    }
    return error;
}

static enum error insert_lines(const struct keeping *keeping, int64_t number,
                               const struct list *list)
{
    struct posting *posting =
        ARENA_ARRAY(keeping->arena, struct posting, list->count + 1);

    if (!posting)
        return err_memory(keeping->err);
    for (size_t i = 0; i < list->count; i++)
        posting[i] = (struct posting){list->line[i], number};
    return insert_postings(keeping, posting, list->count);
}

static enum error delete_lines(const struct keeping *keeping, int64_t number,
                               const struct list *list)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < list->count && !error; i++) {
        struct str line = list->line[i];

        error = db_run(keeping->db, NULL, keeping->err,
                       "DELETE FROM token WHERE site = $1 AND class = $2 "
                       "AND text = $3 AND number = $4",
                       "ttti", keeping->site, str_slice(line, 0, 1),
                       str_slice(line, 1, line.size), number);
    }
    return error;
}

/* Reads the sets of up to CHUNK records after *from; *from moves. */
static enum error read_chunk(const struct keeping *keeping, int64_t *from,
                             int64_t to, struct posting **posting,
                             size_t *count, size_t *records)
{
    size_t capacity = 0;
    struct rows rows;

    *count = *records = 0;
    *posting = NULL;
    db_query(keeping->db, &rows, keeping->err,
             "SELECT number, tokens FROM token_set WHERE site = $1 "
             "AND number > $2 AND number <= $3 ORDER BY number LIMIT $4",
             "tiii", keeping->site, *from, to, (int64_t)CHUNK);
    while (rows_next(&rows)) {
        struct list list = list_from_text(
            str_copy(keeping->arena, rows_text(&rows, 1)), keeping->arena);

        *from = rows_int(&rows, 0);
        ++*records;
        if (*count + list.count > capacity) {
            size_t more = capacity * 2 + list.count + 1024;

            *posting = arena_grow(keeping->arena, *posting,
                                  capacity * sizeof(**posting),
                                  more * sizeof(**posting));
            if (!*posting)
                break;
            capacity = more;
        }
        for (size_t i = 0; i < list.count; i++)
            (*posting)[(*count)++] = (struct posting){list.line[i], *from};
    }
    if (rows_end(&rows))
        return rows.error;
    return arena_failed(keeping->arena) ? err_memory(keeping->err) : ERROR_NONE;
}

static enum error index_range(struct keeping *keeping, int64_t from, int64_t to)
{
    struct posting *posting;
    size_t count, records = 0;
    enum error error;

    do {
        arena_clear(keeping->arena);
        error = read_chunk(keeping, &from, to, &posting, &count, &records);
        if (!error && count) {
            qsort(posting, count, sizeof(*posting), compare_postings);
            error = insert_postings(keeping, posting, count);
        }
    } while (!error && records == CHUNK);
    return error;
}

static enum error indexed(const struct keeping *keeping, int64_t *number)
{
    *number = 0;
    return db_get_int(keeping->db, number, NULL, keeping->err,
                      "SELECT indexed FROM token_head WHERE site = $1", "t",
                      keeping->site);
}

enum error search_index(struct db *db, struct str site, struct err *err)
{
    struct arena arena;
    struct keeping keeping = {db, site, &arena, err};
    int64_t from = 0, to = 0;
    enum error error;

    arena_init(&arena, NULL);
    error = indexed(&keeping, &from);
    if (!error)
        error = db_get_int(db, &to, NULL, err,
                           "SELECT MAX(number) FROM token_set "
                           "WHERE site = $1",
                           "t", site);
    if (!error && to > from)
        error = index_range(&keeping, from, to);
    if (!error && to > from)
        error = db_run(db, NULL, err,
                       "INSERT INTO token_head (site, indexed) "
                       "VALUES ($1, $2) ON CONFLICT (site) "
                       "DO UPDATE SET indexed = excluded.indexed",
                       "ti", site, to);
    arena_release(&arena);
    if (!error)
        db->fresh = 0;
    return error;
}

enum error search_reindex(struct db *db, struct str site, struct err *err)
{
    struct arena arena;
    struct keeping keeping = {db, site, &arena, err};
    int64_t to = 0;
    enum error error;

    arena_init(&arena, NULL);
    error = indexed(&keeping, &to);
    if (!error && to)
        error = index_range(&keeping, 0, to);
    arena_release(&arena);
    return error;
}

/* --- a record's set ------------------------------------------------------- */

static enum error write_set(const struct keeping *keeping, struct str record,
                            int64_t number, const struct list *list)
{
    return db_run(keeping->db, NULL, keeping->err,
                  "INSERT INTO token_set (site, number, record, tokens) "
                  "VALUES ($1, $2, $3, $4) ON CONFLICT (site, number) "
                  "DO UPDATE SET tokens = excluded.tokens",
                  "titt", keeping->site, number, record,
                  list_text(list, keeping->arena));
}

enum error search_put(struct db *db, struct str site, struct str record,
                      int64_t number, const struct search_token *token,
                      size_t count, struct err *err)
{
    struct arena arena;
    struct keeping keeping = {db, site, &arena, err};
    enum error error = ERROR_NONE;
    struct list list;

    arena_init(&arena, NULL);
    list = list_of(token, count, &arena);
    if (list.count)
        error = write_set(&keeping, record, number, &list);
    if (!error && arena_failed(&arena))
        error = err_memory(err);
    arena_release(&arena);
    return error;
}

/* How many records wait; counted once per connection, then kept in mind. */
static enum error count_fresh(struct db *db, struct str site, struct err *err)
{
    int64_t count = 0;
    enum error error = db_get_int(
        db, &count, NULL, err,
        "SELECT COUNT(*) FROM token_set WHERE site = $1 AND number > "
        "COALESCE((SELECT indexed FROM token_head WHERE site = $1), 0)",
        "t", site);

    if (!error)
        db->fresh = count;
    return error;
}

enum error search_add(struct db *db, struct str site, struct str record,
                      int64_t number, const struct search_token *token,
                      size_t count, struct err *err)
{
    enum error error = search_put(db, site, record, number, token, count, err);

    if (error || !count)
        return error;
    if (db->fresh < 0)
        error = count_fresh(db, site, err);
    else
        db->fresh++;
    if (!error && db->fresh >= FRESH)
        error = search_index(db, site, err);
    return error;
}

static enum error replace(const struct keeping *keeping, struct str record,
                          int64_t number, const struct list *new)
{
    struct list old = {NULL, 0}, gone, added;
    struct str text = STR("");
    int64_t head = 0;
    enum error error = db_get_text(
        keeping->db, keeping->arena, &text, NULL, keeping->err,
        "SELECT tokens FROM token_set WHERE site = $1 AND number = $2", "ti",
        keeping->site, number);

    if (!error)
        error = indexed(keeping, &head);
    if (error)
        return error;
    old = list_from_text(text, keeping->arena);
    gone = list_minus(&old, new, keeping->arena);
    added = list_minus(new, &old, keeping->arena);
    if (arena_failed(keeping->arena))
        return err_memory(keeping->err);
    if (!gone.count && !added.count)
        return ERROR_NONE;
    if (number <= head) {
        error = delete_lines(keeping, number, &gone);
        if (!error)
            error = insert_lines(keeping, number, &added);
    }
    if (error)
        return error;
    if (new->count)
        return write_set(keeping, record, number, new);
    return db_run(keeping->db, NULL, keeping->err,
                  "DELETE FROM token_set WHERE site = $1 AND number = $2", "ti",
                  keeping->site, number);
}

enum error search_replace(struct db *db, struct str site, struct str record,
                          int64_t number, const struct search_token *token,
                          size_t count, struct err *err)
{
    struct arena arena;
    struct keeping keeping = {db, site, &arena, err};
    struct list list;
    enum error error;

    arena_init(&arena, NULL);
    list = list_of(token, count, &arena);
    error = arena_failed(&arena) ? err_memory(err)
                                 : replace(&keeping, record, number, &list);
    arena_release(&arena);
    return error;
}
