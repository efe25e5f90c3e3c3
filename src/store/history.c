/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* history.c - reading the log: a record's entries, a subject's timeline. */
#include "store/apply.h"
#include "store/blob.h"
#include "store/chain.h"
#include "store/driver.h"
#include "store/fold.h"
#include "store/sealing.h"

static enum entry_op op_of(struct str name)
{
    for (enum entry_op op = OP_CREATE; op < OP_ERASE; op++)
        if (str_equal_c(name, entry_op_name(op)))
            return op;
    return OP_ERASE;
}

static void take_hash(const struct rows *rows, size_t column,
                      unsigned char out[32])
{
    struct str bytes = rows_bytes(rows, column);

    memset(out, 0, 32);
    if (bytes.size == 32)
        memcpy(out, bytes.at, 32);
}

void entry_fill(const struct rows *rows, struct arena *arena,
                struct entry *entry)
{
    *entry = (struct entry){
        .site = str_copy(arena, rows_text(rows, 0)),
        .seq = rows_int(rows, 1),
        .id = str_copy(arena, rows_text(rows, 2)),
        .node = str_copy(arena, rows_text(rows, 3)),
        .clock = rows_int(rows, 4),
        .author = str_copy(arena, rows_text(rows, 5)),
        .kind = str_copy(arena, rows_text(rows, 6)),
        .form_version = str_copy(arena, rows_text(rows, 7)),
        .record = str_copy(arena, rows_text(rows, 8)),
        .subject = str_copy(arena, rows_text(rows, 9)),
        .op = op_of(rows_text(rows, 10)),
        .base = rows_int(rows, 11),
    };
    take_hash(rows, 12, entry->body_hash);
    take_hash(rows, 13, entry->prev);
    take_hash(rows, 14, entry->hash);
}

/* --- bodies --------------------------------------------------------------- */

/* The entries of a record share a data key, mostly. Names of keys are those of
 * a site: its own is called the same in each. */
struct reader {
    const struct log *log;
    struct arena *arena;
    struct err *err;
    struct str site;
    struct data_key key;
};

static enum error damaged(const struct entry *entry, struct err *err)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)entry->seq);
    return err_set(err, ERROR_STORE,
                   N_("El contenido de la entrada {1} de la bitácora no se "
                      "puede abrir: está dañado o se cambió de lugar."),
                   number, NULL, NULL);
}

/* The data key of the row; *gone: destroyed. */
static enum error take_key(struct reader *reader, const struct rows *rows,
                           const struct entry *entry, struct str name,
                           bool *gone)
{
    struct str wrapped = rows_bytes(rows, ENTRY_WIDTH + 4);

    *gone = !str_is_null(wrapped) && !wrapped.size;
    if (*gone || (str_equal_c(name, reader->key.name) &&
                  str_equal(entry->site, reader->site)))
        return ERROR_NONE;
    if (!sealing_on(reader->log))
        return err_set(reader->err, ERROR_STORE, SEAL_LOCKED, NULL, NULL, NULL);
    reader->key.name[0] = '\0';
    if (name.size >= sizeof(reader->key.name) ||
        !data_key_unwrap(reader->log, entry->site, name,
                         rows_bytes(rows, ENTRY_WIDTH + 3), wrapped,
                         reader->key.key))
        return damaged(entry, reader->err);
    memcpy(reader->key.name, name.at, name.size);
    reader->key.name[name.size] = '\0';
    reader->site = entry->site;
    return ERROR_NONE;
}

static enum error read_plain(struct reader *reader, struct entry *entry,
                             struct str bytes)
{
    struct err err = {0};

    return value_parse(reader->arena, bytes, &entry->body, &err)
               ? damaged(entry, reader->err)
               : ERROR_NONE;
}

static enum error read_body(struct reader *reader, const struct rows *rows,
                            struct entry *entry)
{
    struct body body;
    bool gone = rows_null(rows, ENTRY_WIDTH + 2);
    enum error error = ERROR_NONE;

    if (!gone) {
        body.key = rows_text(rows, ENTRY_WIDTH);
        body.nonce = rows_bytes(rows, ENTRY_WIDTH + 1);
        body.bytes = rows_bytes(rows, ENTRY_WIDTH + 2);
        if (!body.key.size)
            return read_plain(reader, entry, body.bytes);
        error = take_key(reader, rows, entry, body.key, &gone);
    }
    if (!error && !gone &&
        !body_open(reader->log, entry, &body, reader->key.key, reader->arena,
                   &entry->body))
        error = damaged(entry, reader->err);
    entry->erased = gone;
    return error;
}

/* Rows of ENTRY_COLUMNS and BODY_COLUMNS into a list. */
static enum error collect(const struct log *log, struct rows *rows,
                          struct arena *arena, struct entry **entry,
                          size_t *count, struct err *err)
{
    struct reader reader = {.log = log, .arena = arena, .err = err};
    struct entry *list = NULL;
    size_t size = 0, capacity = 0;
    enum error error = ERROR_NONE;

    while (!error && rows_next(rows)) {
        if (size == capacity) {
            size_t more = capacity ? capacity * 2 : 8;

            list = arena_grow(arena, list, capacity * sizeof(*list),
                              more * sizeof(*list));
            if (!list)
                break;
            capacity = more;
        }
        entry_fill(rows, arena, &list[size]);
        error = read_body(&reader, rows, &list[size]);
        size++;
    }
    data_key_wipe(log, &reader.key);
    if (rows_end(rows))
        return rows->error;
    if (arena_failed(arena))
        return err_memory(err);
    if (error)
        return error;
    *entry = list;
    *count = size;
    return ERROR_NONE;
}

enum error log_entries(const struct log *log, struct db *db, struct str site,
                       struct str record, struct arena *arena,
                       struct entry **entry, size_t *count, struct err *err)
{
    struct rows rows;

    db_query(db, &rows, err,
             "SELECT " ENTRY_COLUMNS BODY_COLUMNS " FROM entry e " BODY_JOIN
             "WHERE e.site = $1 AND e.record = $2 "
             "ORDER BY e.clock, e.node, e.id",
             "tt", site, record);
    return collect(log, &rows, arena, entry, count, err);
}

enum error log_history(const struct log *log, struct db *db, struct str record,
                       struct arena *arena, struct entry **entry, size_t *count,
                       struct err *err)
{
    enum error error =
        log_entries(log, db, log->site, record, arena, entry, count, err);

    if (!error && !*count && log->home.size) /* of an account, of a place */
        error =
            log_entries(log, db, log->home, record, arena, entry, count, err);
    return error;
}

static bool is_later(const struct entry *a, const struct entry *b)
{
    return entry_compare(a, b) > 0;
}

/* The first create after the last erase. SIZE_MAX: none. */
static size_t find_begin(const struct entry *entry, size_t count,
                         const struct entry *erased)
{
    size_t begin = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (entry[i].op == OP_CREATE && is_later(&entry[i], erased) &&
            (begin == SIZE_MAX || is_later(&entry[begin], &entry[i])))
            begin = i;
    return begin;
}

/* A create after the erase begins another life. One that says nothing only
 * announces what is told again with its old times (person/hide.c): what came
 * in after it. */
void log_life(struct entry *entry, size_t *count)
{
    const struct entry *erased = NULL;
    struct entry begin;
    size_t at, kept = 0, creates = 0;

    for (size_t i = 0; i < *count; i++)
        if (entry[i].op == OP_ERASE && (!erased || is_later(&entry[i], erased)))
            erased = &entry[i];
    if (!erased)
        return;
    at = find_begin(entry, *count, erased);
    if (at == SIZE_MAX) {
        *count = 0;
        return;
    }
    begin = entry[at];
    for (size_t i = 0; i < *count; i++)
        creates += entry[i].op == OP_CREATE && entry[i].seq > begin.seq;
    for (size_t i = 0; i < *count; i++)
        if (entry[i].op != OP_ERASE &&
            (entry[i].seq > begin.seq || is_later(&entry[i], &begin) ||
             (entry[i].seq == begin.seq &&
              (!creates || value_count(begin.body)))))
            entry[kept++] = entry[i];
    *count = kept;
}

enum error log_timeline(const struct log *log, struct db *db,
                        struct str subject, int64_t before_clock, size_t limit,
                        struct arena *arena, struct entry **entry,
                        size_t *count, struct err *err)
{
    struct rows rows;

    db_query(db, &rows, err,
             "SELECT " ENTRY_COLUMNS BODY_COLUMNS " FROM entry e " BODY_JOIN
             "JOIN record r ON r.site = e.site AND r.id = e.record "
             "AND e.seq >= r.number "
             "WHERE e.site = $1 AND e.subject = $2 AND e.clock < $3 "
             "ORDER BY e.clock DESC, e.node DESC, e.id DESC LIMIT $4",
             "ttii", log->site, subject,
             before_clock > 0 ? before_clock : INT64_MAX,
             limit ? (int64_t)limit : (int64_t)50);
    return collect(log, &rows, arena, entry, count, err);
}

/* --- opening all of it ---------------------------------------------------- */

enum { PAGE = 500 };

static enum error check_keys(const struct log *log, struct db *db,
                             struct err *err)
{
    unsigned char key[SEAL_KEY];
    char bad[100] = "";
    struct rows rows;

    db_query(db, &rows, err, "SELECT site, name, nonce, wrapped FROM data_key",
             "");
    while (!bad[0] && rows_next(&rows)) {
        struct str name = rows_text(&rows, 1), wrapped = rows_bytes(&rows, 3);

        if (wrapped.size &&
            !data_key_unwrap(log, rows_text(&rows, 0), name,
                             rows_bytes(&rows, 2), wrapped, key))
            snprintf(bad, sizeof(bad), "%.*s",
                     (int)(name.size < 99 ? name.size : 99), name.at);
    }
    log->host->sealer->wipe(key, sizeof(key));
    if (rows_end(&rows))
        return rows.error;
    return bad[0] ? err_set(err, ERROR_STORE, SEAL_KEY_DAMAGED, bad, NULL, NULL)
                  : ERROR_NONE;
}

static enum error check_page(const struct log *log, struct db *db,
                             struct entry *last, size_t *count,
                             struct arena *arena, struct err *err)
{
    struct entry *entry = NULL;
    struct rows rows;
    enum error error;

    db_query(db, &rows, err,
             "SELECT " ENTRY_COLUMNS BODY_COLUMNS " FROM entry e " BODY_JOIN
             "WHERE (e.site = $1 AND e.seq > $2) OR e.site > $1 "
             "ORDER BY e.site, e.seq LIMIT $3",
             "tii", last->site, last->seq, (int64_t)PAGE);
    error = collect(log, &rows, arena, &entry, count, err);
    if (!error && *count)
        *last = entry[*count - 1];
    return error;
}

static enum error check_bodies(const struct log *log, struct db *db,
                               int64_t *opened, struct err *err)
{
    struct entry last = {.site = STR("")};
    struct arena arena, kept;
    size_t count = PAGE;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    arena_init(&kept, NULL);
    while (!error && count == PAGE) {
        arena_clear(&arena);
        error = check_page(log, db, &last, &count, &arena, err);
        arena_clear(&kept);
        last.site = str_copy(&kept, last.site);
        *opened += error ? 0 : (int64_t)count;
    }
    arena_release(&kept);
    arena_release(&arena);
    return error;
}

enum error sealing_check(const struct log *log, struct db *db, int64_t *opened,
                         int64_t *files, struct err *err)
{
    enum error error = sealing_on(log) ? check_keys(log, db, err) : ERROR_NONE;

    *opened = *files = 0;
    if (!error)
        error = check_bodies(log, db, opened, err);
    return error ? error : blob_check(log, db, files, err);
}
