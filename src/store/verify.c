/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* verify.c - proves the log whole, and makes the projections anew from it.
 * Both walk it in pages, so that memory does not grow with it.
 */
#include "core/merkle.h"
#include "store/apply.h"
#include "store/chain.h"
#include "store/driver.h"
#include "store/sealing.h"
#include "store/views.h"

enum { PAGE = 500 };

/* --- sites ---------------------------------------------------------------- */

/* The first site after `after` in the log or among the heads. */
static enum error next_site(struct db *db, struct str after,
                            struct arena *arena, struct str *site, bool *found,
                            struct err *err)
{
    return db_get_text(db, arena, site, found, err,
                       "SELECT site FROM "
                       "(SELECT MIN(site) AS site FROM entry WHERE site > $1 "
                       "UNION SELECT MIN(site) FROM site_head "
                       "WHERE site > $1) s "
                       "WHERE site IS NOT NULL ORDER BY site LIMIT 1",
                       "t", after);
}

struct walk {
    const struct log *log;
    struct db *db;
    struct str site;
    struct err *err;
    struct log_fault *fault;
    int64_t seq; /* the last one seen */
    unsigned char hash[32];
    int64_t entries;
    const struct log_point *point;
    size_t points;
    int64_t good; /* the largest size that a point vouches for */
    struct merkle tree;
};

/* --- verifying ------------------------------------------------------------ */

static enum error bad(struct walk *walk, int64_t seq, const char *msgid)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)seq);
    walk->fault->seq = seq;
    err_clear(&walk->fault->err);
    err_set(&walk->fault->err, ERROR_STORE, msgid, number, NULL, NULL);
    if (walk->err)
        *walk->err = walk->fault->err;
    return ERROR_STORE;
}

/* Whole in itself, but not the log that was signed. */
static enum error forked(struct walk *walk, int64_t size)
{
    char from[24], to[24];

    snprintf(from, sizeof(from), "%lld", (long long)walk->good + 1);
    snprintf(to, sizeof(to), "%lld", (long long)size);
    walk->fault->seq = walk->good + 1;
    walk->fault->last = size;
    err_clear(&walk->fault->err);
    err_set(&walk->fault->err, ERROR_STORE,
            N_("Entre la entrada {1} y la {2} la bitácora no es la que se "
               "firmó en un punto de control: se volvió a escribir."),
            from, to, NULL);
    if (walk->err)
        *walk->err = walk->fault->err;
    return ERROR_STORE;
}

/* It ends before a point: what is missing lies after the last good one. */
static enum error cut_short(struct walk *walk, int64_t size)
{
    char from[24], to[24], end[24];

    snprintf(from, sizeof(from), "%lld", (long long)walk->good + 1);
    snprintf(to, sizeof(to), "%lld", (long long)size);
    snprintf(end, sizeof(end), "%lld", (long long)walk->seq);
    walk->fault->seq = walk->good + 1;
    walk->fault->last = size;
    err_clear(&walk->fault->err);
    err_set(&walk->fault->err, ERROR_STORE,
            N_("Falta algo entre las entradas {1} y {2}: la bitácora termina "
               "en la {3}, y un punto de control firmado dice que llegó a la "
               "{2}."),
            from, to, end);
    if (walk->err)
        *walk->err = walk->fault->err;
    return ERROR_STORE;
}

/* The points of this size; at the end, those that the log never reached. */
static enum error check_points(struct walk *walk, bool end)
{
    bool reached = false;

    for (size_t i = 0; i < walk->points; i++) {
        const struct log_point *point = &walk->point[i];
        unsigned char root[32];

        if (!str_equal(point->site, walk->site) ||
            (end ? point->size <= walk->seq : point->size != walk->seq))
            continue;
        if (end)
            return cut_short(walk, point->size);
        merkle_root(&walk->tree, root);
        if (memcmp(root, point->root, 32) != 0)
            return forked(walk, point->size);
        reached = true;
    }
    if (reached)
        walk->good = walk->seq;
    return ERROR_NONE;
}

static enum error erased(struct walk *walk, const struct entry *entry,
                         bool *answer)
{
    int64_t one = 0;

    return db_get_int(walk->db, &one, answer, walk->err,
                      "SELECT 1 FROM entry WHERE site = $1 "
                      "AND record IN ($2, $3) AND op = 'erase' LIMIT 1",
                      "ttt", entry->site, entry->record, entry->subject);
}

/* An entry's body as it is stored. key: 1 there, 0 destroyed, -1 missing. */
struct stored {
    bool there, sealed, sound;
    bool odd; /* the entry's operation is one that there is not */
    int key;
    unsigned char hash[32];
};

static enum error check_body(struct walk *walk, const struct entry *entry,
                             const struct stored *stored)
{
    bool explained = false;
    enum error error;

    if (memcmp(entry->body_hash, stored->hash, 32) != 0 || !stored->sound)
        return bad(walk, entry->seq,
                   N_("El contenido de la entrada {1} de la bitácora fue "
                      "alterado."));
    if (!stored->sealed || stored->key > 0)
        return ERROR_NONE;
    error = erased(walk, entry, &explained);
    if (error || explained)
        return error;
    return bad(walk, entry->seq,
               N_("Falta la llave del contenido de la entrada {1} de la "
                  "bitácora y no hay un borrado que lo explique."));
}

static enum error check_entry(struct walk *walk, const struct entry *entry,
                              const struct stored *stored)
{
    const struct host *host = walk->log->host;
    unsigned char hash[32];
    bool explained = false;
    enum error error;

    if (entry->seq != walk->seq + 1)
        return bad(walk, walk->seq + 1,
                   N_("Falta la entrada {1} de la bitácora."));
    if (memcmp(entry->prev, walk->hash, 32) != 0)
        return bad(walk, entry->seq,
                   N_("La entrada {1} de la bitácora no sigue a la "
                      "anterior."));
    chain_hash(host, entry, hash);
    if (stored->odd || memcmp(entry->hash, hash, 32) != 0)
        return bad(walk, entry->seq,
                   N_("La entrada {1} de la bitácora fue alterada."));
    if (!stored->there) {
        error = erased(walk, entry, &explained);
        if (error || explained)
            return error;
        return bad(walk, entry->seq,
                   N_("Falta el contenido de la entrada {1} de la bitácora "
                      "y no hay un borrado que lo explique."));
    }
    return check_body(walk, entry, stored);
}

/* A batch that was erased, and is gone as a whole. */
static enum error taken_away(struct walk *walk, const struct entry *entry,
                             bool *answer)
{
    int64_t one = 0;

    return db_get_int(walk->db, &one, answer, walk->err,
                      "SELECT 1 FROM entry WHERE site = $1 AND record = $2 "
                      "AND kind = 'seen' AND op = 'erase' AND NOT EXISTS "
                      "(SELECT 1 FROM seen s WHERE s.site = $1 "
                      "AND s.batch = $3) LIMIT 1",
                      "ttt", entry->site, entry->record, entry->id);
}

/* What the entry stands for besides itself. */
static enum error check_beside(struct walk *walk, const struct entry *entry)
{
    bool same = true;
    enum error error;

    if (!str_equal_c(entry->kind, "seen") || entry->op == OP_ERASE)
        return ERROR_NONE;
    error = views_check(walk->log->host, walk->db, entry->site, entry->id,
                        entry->subject, &same, walk->err);
    if (!error && !same)
        error = taken_away(walk, entry, &same);
    if (error || same)
        return error;
    return bad(walk, entry->seq,
               N_("Lo que la entrada {1} anotó (quién vio qué expediente) fue "
                  "alterado."));
}

struct page {
    struct entry entry[PAGE];
    struct stored stored[PAGE];
    size_t count;
};

static struct stored stored_of(const struct host *host, const struct rows *rows,
                               struct arena *arena)
{
    struct stored stored = {.there = !rows_null(rows, ENTRY_WIDTH + 2)};
    struct body body;

    if (!stored.there)
        return stored;
    body.key = rows_text(rows, ENTRY_WIDTH);
    body.nonce = rows_bytes(rows, ENTRY_WIDTH + 1);
    body.bytes = rows_bytes(rows, ENTRY_WIDTH + 2);
    body_hash(host, &body, arena, stored.hash);
    stored.sound = body_is_sound(&body);
    stored.sealed = body.key.size > 0;
    stored.key = rows_null(rows, ENTRY_WIDTH + 3)  ? -1
                 : rows_int(rows, ENTRY_WIDTH + 3) ? 1
                                                   : 0;
    return stored;
}

static enum error read_page(struct walk *walk, struct page *page,
                            struct arena *arena)
{
    struct rows rows;

    page->count = 0;
    db_query(
        walk->db, &rows, walk->err,
        "SELECT " ENTRY_COLUMNS
        ", b.key, b.nonce, b.bytes, length(k.wrapped) FROM entry e " BODY_JOIN
        "WHERE e.site = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3",
        "tii", walk->site, walk->seq, (int64_t)PAGE);
    while (page->count < PAGE && rows_next(&rows)) {
        size_t at = page->count++;

        entry_fill(&rows, arena, &page->entry[at]);
        page->stored[at] = stored_of(walk->log->host, &rows, arena);
        page->stored[at].odd = !str_equal_c(rows_text(&rows, 10),
                                            entry_op_name(page->entry[at].op));
    }
    return rows_end(&rows);
}

/* The end of the chain must be where the head says. */
static enum error check_head(struct walk *walk)
{
    struct rows rows;
    int64_t seq = -1;
    bool same = false;

    db_query(walk->db, &rows, walk->err,
             "SELECT seq, hash FROM site_head WHERE site = $1", "t",
             walk->site);
    if (rows_next(&rows)) {
        struct str hash = rows_bytes(&rows, 1);

        seq = rows_int(&rows, 0);
        same = hash.size == 32 && memcmp(hash.at, walk->hash, 32) == 0;
    }
    if (rows_end(&rows))
        return rows.error;
    if (seq == walk->seq && same)
        return ERROR_NONE;
    return bad(walk, walk->seq + 1,
               N_("La bitácora no termina donde debe: falta o sobra la "
                  "entrada {1}."));
}

static enum error step(struct walk *walk, const struct entry *entry)
{
    unsigned char leaf[32];

    walk->seq = entry->seq;
    memcpy(walk->hash, entry->hash, 32);
    walk->entries++;
    merkle_leaf(walk->log->host, chain_bytes(entry->hash), leaf);
    merkle_add(&walk->tree, leaf);
    return check_points(walk, false);
}

static enum error check_site(struct walk *walk, struct page *page)
{
    struct arena arena;
    enum error error;

    walk->seq = 0;
    walk->good = 0;
    walk->tree.host = walk->log->host;
    walk->tree.size = 0;
    memset(walk->hash, 0, sizeof(walk->hash));
    arena_init(&arena, NULL);
    do {
        arena_clear(&arena);
        error = read_page(walk, page, &arena);
        if (!error && arena_failed(&arena))
            error = err_memory(walk->err);
        for (size_t i = 0; i < page->count && !error; i++) {
            error = check_entry(walk, &page->entry[i], &page->stored[i]);
            if (!error)
                error = check_beside(walk, &page->entry[i]);
            if (!error)
                error = step(walk, &page->entry[i]);
        }
    } while (!error && page->count == PAGE);
    arena_release(&arena);
    if (!error)
        error = check_head(walk);
    return error ? error : check_points(walk, true);
}

static enum error check_orphans(struct walk *walk)
{
    int64_t count = 0;
    enum error error = db_get_int(
        walk->db, &count, NULL, walk->err,
        "SELECT COUNT(*) FROM entry_body b WHERE NOT EXISTS "
        "(SELECT 1 FROM entry e WHERE e.site = b.site AND e.id = b.id)",
        "");

    if (error)
        return error;
    if (count)
        return bad(walk, 0, N_("Hay contenidos sin entrada en la bitácora."));
    error = db_get_int(walk->db, &count, NULL, walk->err,
                       "SELECT COUNT(*) FROM seen s WHERE NOT EXISTS "
                       "(SELECT 1 FROM entry e WHERE e.site = s.site "
                       "AND e.id = s.batch AND e.kind = 'seen')",
                       "");
    if (error || !count)
        return error;
    return bad(walk, 0,
               N_("Hay lecturas de expedientes sin entrada en la bitácora."));
}

/* A data key without anything that it could have closed is of no harm, but one
 * that was destroyed has an erase. */
static enum error check_keys(struct walk *walk)
{
    int64_t count = 0;
    enum error error = db_get_int(
        walk->db, &count, NULL, walk->err,
        "SELECT COUNT(*) FROM data_key k WHERE length(k.wrapped) = 0 "
        "AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.site = k.site "
        "AND e.record = substr(k.name, 1, length(k.name) - 7) "
        "AND e.op = 'erase')",
        "");

    if (error || !count)
        return error;
    return bad(walk, 0,
               N_("Se destruyó una llave y no hay un borrado que lo "
                  "explique."));
}

enum error log_verify(const struct log *log, struct db *db, struct arena *arena,
                      int64_t *entries, struct log_fault *fault,
                      struct err *err)
{
    return log_verify_points(log, db, arena, NULL, 0, entries, fault, err);
}

/* A site of which nothing is left, while somebody signed that it had a log. */
static enum error check_lost(struct walk *walk, const struct log_point *point)
{
    bool found = false;
    int64_t one = 0;
    enum error error = db_get_int(walk->db, &one, &found, walk->err,
                                  "SELECT seq FROM site_head WHERE site = $1",
                                  "t", point->site);

    if (error || found || !point->size)
        return error;
    walk->seq = walk->good = 0;
    return cut_short(walk, point->size);
}

enum error log_verify_points(const struct log *log, struct db *db,
                             struct arena *arena, const struct log_point *point,
                             size_t points, int64_t *entries,
                             struct log_fault *fault, struct err *err)
{
    struct log_fault spare;
    struct walk walk = {.log = log,
                        .db = db,
                        .err = err,
                        .fault = fault ? fault : &spare,
                        .point = point,
                        .points = points};
    struct page *page = malloc(sizeof(*page));
    bool found = true;
    enum error error = ERROR_NONE;

    *walk.fault = (struct log_fault){0};
    walk.site = STR("");
    if (!page)
        return err_memory(err);
    while (!error && found) {
        error = next_site(db, walk.site, arena, &walk.site, &found, err);
        if (!error && found)
            error = check_site(&walk, page);
    }
    for (size_t i = 0; i < points && !error; i++)
        error = check_lost(&walk, &point[i]);
    if (!error)
        error = check_orphans(&walk);
    if (!error)
        error = check_keys(&walk);
    free(page);
    if (entries)
        *entries = walk.entries;
    return error;
}

/* --- rebuilding ----------------------------------------------------------- */

/* The records after `*last`, a page of them. */
static enum error next_records(struct walk *walk, struct str last,
                               struct str *record, size_t *count,
                               struct arena *arena)
{
    struct rows rows;

    *count = 0;
    db_query(walk->db, &rows, walk->err,
             "SELECT DISTINCT record FROM entry "
             "WHERE site = $1 AND record > $2 ORDER BY record LIMIT $3",
             "tti", walk->site, last, (int64_t)PAGE);
    while (*count < PAGE && rows_next(&rows))
        record[(*count)++] = str_copy(arena, rows_text(&rows, 0));
    return rows_end(&rows);
}

static enum error rebuild_site(struct walk *walk)
{
    struct arena arena, one, kept;
    struct str *record, last = STR("");
    size_t count = 0;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    arena_init(&one, NULL);
    arena_init(&kept, NULL);
    do {
        arena_clear(&arena);
        record = ARENA_ARRAY(&arena, struct str, PAGE);
        if (!record) {
            error = err_memory(walk->err);
            break;
        }
        error = next_records(walk, last, record, &count, &arena);
        for (size_t i = 0; i < count && !error; i++) {
            arena_clear(&one);
            error = project_refold(walk->log, walk->db, walk->site, record[i],
                                   &one, walk->err);
        }
        arena_clear(&kept);
        if (count)
            last = str_copy(&kept, record[count - 1]);
    } while (!error && count == PAGE);
    arena_release(&kept);
    arena_release(&one);
    arena_release(&arena);
    return error ? error : search_reindex(walk->db, walk->site, walk->err);
}

static enum error rebuild_all(struct walk *walk, struct arena *arena)
{
    bool found = true;
    enum error error = project_clear(walk->log, walk->db, walk->err);

    walk->site = STR("");
    while (!error && found) {
        error = next_site(walk->db, walk->site, arena, &walk->site, &found,
                          walk->err);
        if (!error && found)
            error = rebuild_site(walk);
    }
    if (!error)
        error = db_get_int(walk->db, &walk->entries, NULL, walk->err,
                           "SELECT COUNT(*) FROM entry", "");
    return error;
}

enum error log_rebuild(const struct log *log, struct db *db, int64_t *entries,
                       struct err *err)
{
    struct walk walk = {.log = log, .db = db, .err = err};
    struct arena arena;
    bool begun = db->depth == 0;
    enum error error = begun ? db_begin(db, true, err) : ERROR_NONE;

    if (error)
        return error;
    arena_init(&arena, NULL);
    error = rebuild_all(&walk, &arena);
    arena_release(&arena);
    if (begun && error)
        db_rollback(db);
    else if (begun)
        error = db_commit(db, err);
    if (!error && entries)
        *entries = walk.entries;
    return error;
}
