/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* views.c - batches of "who opened which file", tied to the log. */
#include "store/views.h"

/* Every part with its length before it, so that no two lists read alike. */
static void put_text(struct buf *out, struct str text)
{
    buf_put_int(out, (int64_t)text.size);
    buf_putc(out, ':');
    buf_put(out, text);
}

static void put_row(struct buf *out, const struct view_row *row)
{
    buf_put_int(out, row->minute);
    buf_putc(out, ' ');
    put_text(out, row->author);
    put_text(out, row->role);
    put_text(out, row->subject);
    put_text(out, row->what);
    buf_put_int(out, row->times);
    buf_putc(out, '\n');
}

static void begin(struct buf *out, struct arena *arena, struct str site,
                  struct str batch)
{
    buf_init(out, arena);
    buf_puts(out, "cobijo seen 1\n");
    put_text(out, site);
    put_text(out, batch);
    buf_putc(out, '\n');
}

static enum error add_rows(const struct log *log, struct db *db,
                           struct str batch, const struct view_row *row,
                           size_t count, struct err *err)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error; i++)
        error = db_run(db, NULL, err,
                       "INSERT INTO seen (site, batch, place, minute, author, "
                       "role, subject, what, times) "
                       "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                       "ttiitttti", log->site, batch, (int64_t)i, row[i].minute,
                       row[i].author, row[i].role, row[i].subject, row[i].what,
                       row[i].times);
    return error;
}

enum error views_append(const struct log *log, struct db *db,
                        const struct view_row *row, size_t count,
                        struct arena *arena, struct err *err)
{
    struct entry entry = {.kind = STR("seen"),
                          .author = STR("system"),
                          .op = OP_CREATE,
                          .id = host_uuid(log->host, arena)};
    struct append_options options = {0};
    struct buf text;
    enum error error;

    begin(&text, arena, log->site, entry.id);
    for (size_t i = 0; i < count; i++)
        put_row(&text, &row[i]);
    entry.record = entry.id;
    entry.subject = host_hash_hex(log->host, arena, buf_str(&text));
    if (arena_failed(arena))
        return err_memory(err);
    error = log_append(log, db, &entry, 1, options, arena, NULL, err);
    return error ? error : add_rows(log, db, entry.id, row, count, err);
}

enum error views_check(const struct host *host, struct db *db, struct str site,
                       struct str batch, struct str subject, bool *same,
                       struct err *err)
{
    struct arena arena;
    struct rows rows;
    struct buf text;

    arena_init(&arena, NULL);
    begin(&text, &arena, site, batch);
    db_query(db, &rows, err,
             "SELECT minute, author, role, subject, what, times FROM seen "
             "WHERE site = $1 AND batch = $2 ORDER BY place",
             "tt", site, batch);
    while (rows_next(&rows)) {
        struct view_row row = {.minute = rows_int(&rows, 0),
                               .author = rows_text(&rows, 1),
                               .role = rows_text(&rows, 2),
                               .subject = rows_text(&rows, 3),
                               .what = rows_text(&rows, 4),
                               .times = rows_int(&rows, 5)};

        put_row(&text, &row);
    }
    rows_end(&rows);
    *same = str_equal(host_hash_hex(host, &arena, buf_str(&text)), subject);
    if (!rows.error && arena_failed(&arena))
        rows.error = err_memory(err);
    arena_release(&arena);
    return rows.error;
}

/* --- to another log ------------------------------------------------------- */

struct view_rows {
    struct view_row *row;
    size_t count, room;
};

struct views_moving {
    const struct log *from;
    struct db *db;
    const struct str *subject;
    size_t count;
    struct view_rows hers, others;
    struct arena *arena;
    struct err *err;
};

static enum error keep_row(struct views_moving *moving, const struct rows *rows)
{
    struct arena *arena = moving->arena;
    struct view_row row = {.minute = rows_int(rows, 0),
                           .author = str_copy(arena, rows_text(rows, 1)),
                           .role = str_copy(arena, rows_text(rows, 2)),
                           .subject = str_copy(arena, rows_text(rows, 3)),
                           .what = str_copy(arena, rows_text(rows, 4)),
                           .times = rows_int(rows, 5)};
    struct view_rows *list = &moving->others;

    for (size_t i = 0; i < moving->count; i++)
        if (str_equal(row.subject, moving->subject[i]))
            list = &moving->hers;
    if (list->count == list->room) {
        size_t more = list->room ? 2 * list->room : 64;

        list->row = arena_grow(arena, list->row, list->room * sizeof(row),
                               more * sizeof(row));
        if (!list->row)
            return err_memory(moving->err);
        list->room = more;
    }
    list->row[list->count++] = row;
    return ERROR_NONE;
}

/* Reads a batch and erases it. */
static enum error take_batch(struct views_moving *moving, struct str batch)
{
    struct entry entry = {.kind = STR("seen"),
                          .author = STR("system"),
                          .record = batch,
                          .op = OP_ERASE};
    struct str site = moving->from->site;
    struct rows rows;
    enum error error = db_query(moving->db, &rows, moving->err,
                                "SELECT minute, author, role, subject, what, "
                                "times FROM seen "
                                "WHERE site = $1 AND batch = $2 ORDER BY place",
                                "tt", site, batch);

    while (!error && rows_next(&rows))
        error = keep_row(moving, &rows);
    rows_end(&rows);
    if (error || rows.error)
        return error ? error : rows.error;
    error = log_append(moving->from, moving->db, &entry, 1,
                       (struct append_options){0}, moving->arena, NULL,
                       moving->err);
    return error ? error
                 : db_run(moving->db, NULL, moving->err,
                          "DELETE FROM seen WHERE site = $1 AND batch = $2",
                          "tt", site, batch);
}

/* The first batch in which a subject stands; null: none any more. */
static enum error find_batch(struct views_moving *moving, struct str subject,
                             struct str *batch)
{
    bool found = false;
    enum error error =
        db_get_text(moving->db, moving->arena, batch, &found, moving->err,
                    "SELECT batch FROM seen WHERE site = $1 AND subject = $2 "
                    "LIMIT 1",
                    "tt", moving->from->site, subject);

    if (!found)
        *batch = STR_NULL;
    return error;
}

enum error views_move(const struct log *from, const struct log *to,
                      struct db *db, const struct str *subject, size_t count,
                      struct arena *arena, struct err *err)
{
    struct views_moving moving = {.from = from,
                                  .db = db,
                                  .subject = subject,
                                  .count = count,
                                  .arena = arena,
                                  .err = err};
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error; i++) {
        struct str batch = STR_NULL;

        error = find_batch(&moving, subject[i], &batch);
        while (!error && !str_is_null(batch)) {
            error = take_batch(&moving, batch);
            if (!error)
                error = find_batch(&moving, subject[i], &batch);
        }
    }
    if (!error && moving.others.count)
        error = views_append(from, db, moving.others.row, moving.others.count,
                             arena, err);
    if (!error && moving.hers.count)
        error = views_append(to, db, moving.hers.row, moving.hers.count, arena,
                             err);
    return error;
}
