/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* usage.c - the shelf of usage.h: rows behind a lock that is held for as long
 * as one is looked up. A reading about a state counts once for the page and
 * once for the page and state, and each of the two numbers has to pass the
 * threshold by itself.
 */
#include "domain/notice/usage.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TEXT = 48 };

struct row {
    char page[TEXT], area[16];
    int64_t day, count;
};

struct usage_shelf {
    atomic_flag lock;
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

/* Takes what is over off the shelf; what is too little goes nowhere. */
static size_t take(struct usage_shelf *shelf, int64_t today, struct row *out)
{
    size_t kept = 0, taken = 0;

    lock(shelf);
    for (size_t i = 0; i < shelf->count; i++) {
        const struct row *row = &shelf->row[i];

        if (row->day >= today)
            shelf->row[kept++] = *row;
        else if (row->count >= USAGE_LEAST)
            out[taken++] = *row;
    }
    shelf->count = kept;
    unlock(shelf);
    return taken;
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

enum error usage_flush(struct task *task, struct err *err)
{
    struct usage_shelf *shelf = task->office->usage;
    struct flushing flushing = {.site = task->office->base};
    enum error error = ERROR_NONE;

    if (!shelf || !anything(shelf, task_day(task)))
        return ERROR_NONE;
    flushing.row = malloc(sizeof(shelf->row));
    if (!flushing.row)
        return err_memory(err);
    flushing.count = take(shelf, task_day(task), flushing.row);
    if (flushing.count)
        error = office_change(task->office, flush_change, &flushing, err);
    for (size_t i = 0; error && i < flushing.count; i++)
        add(shelf, flushing.row[i].day, str_of(flushing.row[i].page),
            str_of(flushing.row[i].area), flushing.row[i].count);
    free(flushing.row);
    return error;
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
