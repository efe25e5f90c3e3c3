/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* history.c - reading the log: a record's entries, a subject's timeline. */
#include "store/apply.h"
#include "store/chain.h"
#include "store/driver.h"

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

/* Rows of ENTRY_COLUMNS and the body's bytes into a list. */
static enum error collect(struct rows *rows, struct arena *arena,
                          struct entry **entry, size_t *count, struct err *err)
{
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
        if (!rows_null(rows, ENTRY_WIDTH))
            error = value_parse(arena,
                                str_copy(arena, rows_bytes(rows, ENTRY_WIDTH)),
                                &list[size].body, err);
        size++;
    }
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

enum error log_entries(struct db *db, struct str site, struct str record,
                       struct arena *arena, struct entry **entry, size_t *count,
                       struct err *err)
{
    struct rows rows;

    db_query(db, &rows, err,
             "SELECT " ENTRY_COLUMNS ", b.bytes FROM entry e "
             "LEFT JOIN entry_body b ON b.site = e.site AND b.id = e.id "
             "WHERE e.site = $1 AND e.record = $2 "
             "ORDER BY e.clock, e.node, e.id",
             "tt", site, record);
    return collect(&rows, arena, entry, count, err);
}

enum error log_history(const struct log *log, struct db *db, struct str record,
                       struct arena *arena, struct entry **entry, size_t *count,
                       struct err *err)
{
    enum error error =
        log_entries(db, log->site, record, arena, entry, count, err);

    if (!error && !*count && log->home.size) /* of an account, of a place */
        error = log_entries(db, log->home, record, arena, entry, count, err);
    return error;
}

/* By the order of arrival: a record that was erased and made again may say
 * what is older than its erase (person/hide.c). */
void log_life(struct entry *entry, size_t *count)
{
    int64_t erased = 0, begun = INT64_MAX;
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if (entry[i].op == OP_ERASE && entry[i].seq > erased)
            erased = entry[i].seq;
    if (!erased)
        return;
    for (size_t i = 0; i < *count; i++)
        if (entry[i].op == OP_CREATE && entry[i].seq > erased &&
            entry[i].seq < begun)
            begun = entry[i].seq;
    for (size_t i = 0; i < *count; i++)
        if (entry[i].seq >= begun)
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
             "SELECT " ENTRY_COLUMNS ", b.bytes FROM entry e "
             "LEFT JOIN entry_body b ON b.site = e.site AND b.id = e.id "
             "JOIN record r ON r.site = e.site AND r.id = e.record "
             "AND e.seq >= r.number "
             "WHERE e.site = $1 AND e.subject = $2 AND e.clock < $3 "
             "ORDER BY e.clock DESC, e.node DESC, e.id DESC LIMIT $4",
             "ttii", log->site, subject,
             before_clock > 0 ? before_clock : INT64_MAX,
             limit ? (int64_t)limit : (int64_t)50);
    return collect(&rows, arena, entry, count, err);
}
