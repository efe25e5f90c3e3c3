/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* usage.c - the shelf of usage.h: rows behind a lock that is held for as long
 * as one is looked up. A reading about a state counts once for the page and
 * once for the page and state, and each of the two numbers has to pass the
 * threshold by itself.
 */
#include "domain/notice/usage.h"

#include "core/seal.h"
#include "domain/account/second.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TEXT = 48 };

struct row {
    char page[TEXT], area[16];
    int64_t day, count;
};

struct usage_shelf {
    atomic_flag lock;
    atomic_bool taken_up; /* what the server before left */
    size_t count;
    struct row row[USAGE_ROWS];
};

struct usage_shelf *usage_shelf_new(struct arena *arena)
{
    struct usage_shelf *shelf = ARENA_NEW(arena, struct usage_shelf);

    if (shelf)
        atomic_flag_clear(&shelf->lock);
    return shelf;
}

static void lock(struct usage_shelf *shelf)
{
    while (
        atomic_flag_test_and_set_explicit(&shelf->lock, memory_order_acquire))
        ;
}

static void unlock(struct usage_shelf *shelf)
{
    atomic_flag_clear_explicit(&shelf->lock, memory_order_release);
}

static void add(struct usage_shelf *shelf, int64_t day, struct str page,
                struct str area, int64_t count)
{
    struct row *row = NULL;

    lock(shelf);
    for (size_t i = 0; i < shelf->count && !row; i++)
        if (shelf->row[i].day == day && str_equal_c(page, shelf->row[i].page) &&
            str_equal_c(area, shelf->row[i].area))
            row = &shelf->row[i];
    if (!row && shelf->count < USAGE_ROWS) {
        row = &shelf->row[shelf->count++];
        *row = (struct row){.day = day};
        memcpy(row->page, page.at, page.size);
        if (area.size)
            memcpy(row->area, area.at, area.size);
    }
    if (row)
        row->count += count;
    unlock(shelf);
}

void usage_count(const struct task *task, struct str page, struct str area)
{
    struct usage_shelf *shelf = task->office->usage;
    const struct catalog_table *states =
        catalog_table(task->office->catalog, "admin1");

    if (!shelf || !page.size || page.size >= TEXT)
        return;
    add(shelf, task_day(task), page, STR(""), 1);
    if (area.size && area.size < sizeof shelf->row->area &&
        catalog_find(states, area) != SIZE_MAX)
        add(shelf, task_day(task), page, area, 1);
}

/* --- writing down
 * --------------------------------------------------------------- */

struct flushing {
    struct task *task;
    struct str site;
    struct row *row;
    size_t count;
};

static enum error flush_change(struct db *db, void *context, struct err *err)
{
    const struct flushing *flushing = context;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < flushing->count && !error; i++) {
        const struct row *row = &flushing->row[i];

        error = db_run(db, NULL, err,
                       "INSERT INTO usage_day (site, day, page, area, count)"
                       " VALUES ($1, $2, $3, $4, $5)"
                       " ON CONFLICT (site, day, page, area) DO UPDATE"
                       " SET count = usage_day.count + excluded.count",
                       "titti", flushing->site, row->day, str_of(row->page),
                       str_of(row->area), row->count);
    }
    return error;
}

/* Takes what is over off the shelf; what is less goes nowhere. */
static size_t take(struct usage_shelf *shelf, int64_t today, int64_t least,
                   struct row *out)
{
    size_t kept = 0, taken = 0;

    lock(shelf);
    for (size_t i = 0; i < shelf->count; i++) {
        const struct row *row = &shelf->row[i];

        if (row->day >= today)
            shelf->row[kept++] = *row;
        else if (row->count >= least)
            out[taken++] = *row;
    }
    shelf->count = kept;
    unlock(shelf);
    return taken;
}

/* --- left to the next server ---------------------------------------------- */

/* "day page area count" a line, sealed under a key of this alone. */
static struct str sealed_rows(const struct flushing *flushing)
{
    struct task *task = flushing->task;
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[32], *out;
    struct buf text;

    buf_init(&text, task->arena);
    for (size_t i = 0; i < flushing->count; i++) {
        const struct row *row = &flushing->row[i];

        buf_printf(&text, "%lld %s %s %lld\n", (long long)row->day, row->page,
                   row->area[0] ? row->area : "-", (long long)row->count);
    }
    out = arena_alloc(task->arena, SEAL_NONCE + text.size + SEAL_EXTRA);
    if (!out || !secret_key(task, SECRET_USAGE, key))
        return STR("");
    sealer->random(out, SEAL_NONCE);
    sealer->seal(key, out, flushing->site, buf_str(&text), out + SEAL_NONCE);
    sealer->wipe(key, sizeof key);
    return (struct str){(const char *)out, SEAL_NONCE + text.size + SEAL_EXTRA};
}

static enum error keep_change(struct db *db, void *context, struct err *err)
{
    const struct flushing *flushing = context;
    struct task *task = flushing->task;
    struct str sealed = sealed_rows(flushing);

    if (!sealed.size)
        return err_memory(err);
    return db_run(db, NULL, err,
                  "INSERT INTO usage_kept (site, id, sealed)"
                  " VALUES ($1, $2, $3)",
                  "ttb", flushing->site,
                  host_uuid(task->office->host, task->arena), sealed);
}

static void add_line(struct usage_shelf *shelf, struct str line)
{
    struct str day = STR(""), page = STR(""), area = STR("");
    int64_t number = 0, count = 0;

    if (!str_cut(&line, ' ', &day) || !str_cut(&line, ' ', &page) ||
        !str_cut(&line, ' ', &area) || !str_to_int(day, &number) ||
        !str_to_int(line, &count) || page.size >= TEXT || area.size >= 16)
        return;
    add(shelf, number, page, str_equal_c(area, "-") ? STR("") : area, count);
}

/* What another key sealed, or nobody, is forgotten. */
static void put_back(struct task *task, struct str sealed)
{
    const struct sealer *sealer = task->office->host->sealer;
    size_t size = sealed.size - SEAL_NONCE - SEAL_EXTRA;
    unsigned char key[32], *plain;
    struct str rest, line;
    bool opened;

    if (sealed.size <= SEAL_NONCE + SEAL_EXTRA ||
        !secret_key(task, SECRET_USAGE, key))
        return;
    plain = arena_alloc(task->arena, size);
    opened =
        plain &&
        sealer->open(key, (const unsigned char *)sealed.at, task->office->base,
                     str_slice(sealed, SEAL_NONCE, sealed.size), plain);
    sealer->wipe(key, sizeof key);
    rest = (struct str){(const char *)plain, opened ? size : 0};
    while (rest.size && str_cut(&rest, '\n', &line))
        add_line(task->office->usage, line);
}

struct taking {
    struct task *task;
    struct str *sealed;
    size_t count;
};

enum { KEPT_MOST = 100 };

static enum error take_change(struct db *db, void *context, struct err *err)
{
    struct taking *taking = context;
    struct rows rows;

    taking->count = 0;
    if (db_query(db, &rows, err,
                 "DELETE FROM usage_kept WHERE site = $1 RETURNING sealed", "t",
                 taking->task->office->base))
        return rows_end(&rows);
    while (rows_next(&rows))
        if (taking->count < KEPT_MOST)
            taking->sealed[taking->count++] =
                str_copy(taking->task->arena, rows_bytes(&rows, 0));
    return rows_end(&rows);
}

/* Once, when the key is there to open it. */
static enum error take_up(struct task *task, struct err *err)
{
    struct usage_shelf *shelf = task->office->usage;
    struct taking taking = {.task = task};
    enum error error;

    if (atomic_load(&shelf->taken_up) || !task->office->site_key ||
        !task->office->host->sealer)
        return ERROR_NONE;
    taking.sealed = ARENA_ARRAY(task->arena, struct str, KEPT_MOST);
    if (!taking.sealed)
        return err_memory(err);
    error = office_change(task->office, take_change, &taking, err);
    for (size_t i = 0; !error && i < taking.count; i++)
        put_back(task, taking.sealed[i]);
    if (!error)
        atomic_store(&shelf->taken_up, true);
    return error;
}

static bool anything(struct usage_shelf *shelf, int64_t today)
{
    bool any = false;

    lock(shelf);
    for (size_t i = 0; i < shelf->count && !any; i++)
        any = shelf->row[i].day < today;
    unlock(shelf);
    return any;
}

/* Days before `today` leave the shelf by a change; if it fails they are back.
 */
static enum error leave(struct task *task, int64_t today, int64_t least,
                        store_change change, struct err *err)
{
    struct usage_shelf *shelf = task->office->usage;
    struct flushing flushing = {.task = task, .site = task->office->base};
    enum error error = ERROR_NONE;

    if (!anything(shelf, today))
        return ERROR_NONE;
    flushing.row = malloc(sizeof(shelf->row));
    if (!flushing.row)
        return err_memory(err);
    flushing.count = take(shelf, today, least, flushing.row);
    if (flushing.count)
        error = office_change(task->office, change, &flushing, err);
    for (size_t i = 0; error && i < flushing.count; i++)
        add(shelf, flushing.row[i].day, str_of(flushing.row[i].page),
            str_of(flushing.row[i].area), flushing.row[i].count);
    free(flushing.row);
    return error;
}

enum error usage_flush(struct task *task, struct err *err)
{
    enum error error;

    if (!task->office->usage)
        return ERROR_NONE;
    error = take_up(task, err);
    return error ? error
                 : leave(task, task_day(task), USAGE_LEAST, flush_change, err);
}

enum error usage_keep(struct task *task, struct err *err)
{
    bool sealed = task->office->site_key && task->office->host->sealer;

    if (!task->office->usage)
        return ERROR_NONE;
    return leave(task, INT64_MAX, sealed ? 1 : USAGE_LEAST,
                 sealed ? keep_change : flush_change, err);
}

enum error usage_list(struct task *task, int64_t from_day, int64_t to_day,
                      struct str page, struct usage **usage, size_t *count,
                      struct err *err)
{
    struct rows rows;
    size_t room = 0;
    enum error error =
        db_query(task->db, &rows, err,
                 "SELECT day, page, area, count FROM usage_day"
                 " WHERE site = $1 AND day >= $2 AND day <= $3"
                 " AND (page = $4 OR $4 = '') ORDER BY day DESC, page, area",
                 "tiit", task->office->base, from_day, to_day, page);

    *usage = NULL;
    *count = 0;
    if (error)
        return error;
    while (rows_next(&rows)) {
        if (*count == room) {
            size_t more = room ? room * 2 : 64;

            *usage = arena_grow(task->arena, *usage, room * sizeof(**usage),
                                more * sizeof(**usage));
            room = more;
        }
        if (*usage)
            (*usage)[(*count)++] = (struct usage){
                rows_int(&rows, 0), str_copy(task->arena, rows_text(&rows, 1)),
                str_copy(task->arena, rows_text(&rows, 2)), rows_int(&rows, 3)};
    }
    error = rows_end(&rows);
    return !error && arena_failed(task->arena) ? err_memory(err) : error;
}
