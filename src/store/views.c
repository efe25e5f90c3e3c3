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
