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
#include <stdio.h>
#include <stdlib.h>

enum { TEXT = 48, OWN = 16, BLOCK = 2048 };

struct row {
    char page[TEXT], area[16];
    int64_t day, count;
    int64_t sealed; /* of count: what stands in our row of usage_kept */
};

struct tally {
    size_t count;
    struct row row[USAGE_ROWS];
};

struct usage_shelf {
    atomic_flag lock;
    bool taken_up; /* what the server before left */
    bool changed;  /* since it was sealed */
    int64_t sealed_at;
    char own[2 * OWN + 1]; /* our row of usage_kept; "" before the first */
    struct tally tally;
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

/* The row of it, made when there is none; NULL when it is full. */
static struct row *row_of(struct tally *tally, int64_t day, struct str page,
                          struct str area)
{
    struct row *row;

    for (size_t i = 0; i < tally->count; i++)
        if (tally->row[i].day == day && str_equal_c(page, tally->row[i].page) &&
            str_equal_c(area, tally->row[i].area))
            return &tally->row[i];
    if (tally->count == USAGE_ROWS)
        return NULL;
    row = &tally->row[tally->count++];
    *row = (struct row){.day = day};
    memcpy(row->page, page.at, page.size);
    if (area.size)
        memcpy(row->area, area.at, area.size);
    return row;
}

static void add(struct tally *tally, int64_t day, struct str page,
                struct str area, int64_t count)
{
    struct row *row = row_of(tally, day, page, area);

    if (row)
        row->count += count;
}

void usage_count(const struct task *task, struct str page, struct str area)
{
    struct usage_shelf *shelf = task->office->usage;
    const struct catalog_table *states =
        catalog_table(task->office->catalog, "admin1");
    bool known = area.size && area.size < sizeof shelf->tally.row->area &&
                 catalog_find(states, area) != SIZE_MAX;

    if (!shelf || !page.size || page.size >= TEXT)
        return;
    lock(shelf);
    add(&shelf->tally, task_day(task), page, STR(""), 1);
    if (known)
        add(&shelf->tally, task_day(task), page, area, 1);
    shelf->changed = true;
    unlock(shelf);
}

/* --- sealed rows ----------------------------------------------------------
 */

/* "day page area count" a line, sealed under a key of this alone. Filled up to
 * whole blocks: how many pages were read is not seen in its size. */
static struct str sealed_rows(struct task *task, const struct tally *tally)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[32], *out;
    struct buf text;

    buf_init(&text, task->arena);
    for (size_t i = 0; i < tally->count; i++) {
        const struct row *row = &tally->row[i];

        buf_printf(&text, "%lld %s %s %lld\n", (long long)row->day, row->page,
                   row->area[0] ? row->area : "-", (long long)row->count);
    }
    while (text.size % BLOCK)
        buf_putc(&text, '\n');
    out = arena_alloc(task->arena, SEAL_NONCE + text.size + SEAL_EXTRA);
    if (!out || !secret_key(task, SECRET_USAGE, key))
        return STR("");
    sealer->random(out, SEAL_NONCE);
    sealer->seal(key, out, task->office->base, buf_str(&text),
                 out + SEAL_NONCE);
    sealer->wipe(key, sizeof key);
    return (struct str){(const char *)out, SEAL_NONCE + text.size + SEAL_EXTRA};
}

static void add_line(struct tally *tally, struct str line)
{
    struct str day = STR(""), page = STR(""), area = STR("");
    int64_t number = 0, count = 0;

    if (!str_cut(&line, ' ', &day) || !str_cut(&line, ' ', &page) ||
        !str_cut(&line, ' ', &area) || !str_to_int(day, &number) ||
        !str_to_int(line, &count) || page.size >= TEXT || area.size >= 16)
        return;
    add(tally, number, page, str_equal_c(area, "-") ? STR("") : area, count);
}

/* What another key sealed, or nobody, is forgotten. */
static void unsealed(struct task *task, struct str sealed, struct tally *tally)
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
        add_line(tally, line);
}

/* --- written down --------------------------------------------------------- */

/* One change: days that are over, and the sealed row of the one that is not. */
struct settling {
    struct task *task;
    int64_t today, least;
    bool seal, take; /* take: rows of servers that are gone */
    char own[2 * OWN + 1];
    bool lost;          /* another server took our row */
    struct tally shelf; /* as it was */
    struct tally taken; /* of the servers before */
    struct tally all;   /* what is to be written */
};

/* Our own row goes, to be written again. When it is not there another server
 * has it, and it is that one's to count. */
static enum error drop_own(struct db *db, struct settling *settling,
                           struct err *err)
{
    struct rows rows;

    settling->lost = false;
    if (!settling->own[0])
        return ERROR_NONE;
    if (db_query(db, &rows, err,
                 "DELETE FROM usage_kept WHERE site = $1 AND id = $2"
                 " RETURNING id",
                 "tt", settling->task->office->base, str_of(settling->own)))
        return rows_end(&rows);
    settling->lost = !rows_next(&rows);
    return rows_end(&rows);
}

static enum error take_others(struct db *db, struct settling *settling,
                              struct err *err)
{
    struct rows rows;

    settling->taken.count = 0;
    if (!settling->take)
        return ERROR_NONE;
    if (db_query(db, &rows, err,
                 "DELETE FROM usage_kept WHERE site = $1 RETURNING sealed", "t",
                 settling->task->office->base))
        return rows_end(&rows);
    while (rows_next(&rows))
        unsealed(settling->task, rows_bytes(&rows, 0), &settling->taken);
    return rows_end(&rows);
}

static void add_up(struct settling *settling)
{
    struct tally *all = &settling->all;
    const struct tally *from[] = {&settling->shelf, &settling->taken};

    all->count = 0;
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < from[t]->count; i++) {
            const struct row *row = &from[t]->row[i];
            int64_t ours = row->count - (settling->lost ? row->sealed : 0);

            if (ours > 0)
                add(all, row->day, str_of(row->page), str_of(row->area), ours);
        }
}

/* A day that is over: what is less than the least goes nowhere. */
static enum error write_past(struct db *db, struct settling *settling,
                             struct err *err)
{
    struct tally *all = &settling->all;
    enum error error = ERROR_NONE;
    size_t kept = 0;

    for (size_t i = 0; i < all->count && !error; i++) {
        const struct row row = all->row[i];

        if (row.day >= settling->today)
            all->row[kept++] = row;
        else if (row.count >= settling->least)
            error = db_run(db, NULL, err,
                           "INSERT INTO usage_day (site, day, page, area,"
                           " count) VALUES ($1, $2, $3, $4, $5)"
                           " ON CONFLICT (site, day, page, area) DO UPDATE"
                           " SET count = usage_day.count + excluded.count",
                           "titti", settling->task->office->base, row.day,
                           str_of(row.page), str_of(row.area), row.count);
    }
    all->count = kept;
    return error;
}

static enum error write_own(struct db *db, struct settling *settling,
                            struct err *err)
{
    struct task *task = settling->task;
    unsigned char own[OWN];
    struct str sealed;

    if (!settling->seal || !settling->all.count)
        return ERROR_NONE;
    if (!settling->own[0]) { /* by chance: another kind of id tells the time */
        task->office->host->sealer->random(own, OWN);
        for (size_t i = 0; i < OWN; i++)
            snprintf(settling->own + 2 * i, 3, "%02x", own[i]);
    }
    sealed = sealed_rows(task, &settling->all);
    if (!sealed.size)
        return err_memory(err);
    return db_run(db, NULL, err,
                  "INSERT INTO usage_kept (site, id, sealed)"
                  " VALUES ($1, $2, $3)",
                  "ttb", task->office->base, str_of(settling->own), sealed);
}

static enum error settle_change(struct db *db, void *context, struct err *err)
{
    struct settling *settling = context;
    enum error error = drop_own(db, settling, err);

    if (!error)
        error = take_others(db, settling, err);
    if (error)
        return error;
    add_up(settling);
    error = write_past(db, settling, err);
    return error ? error : write_own(db, settling, err);
}

/* What was written leaves the shelf, or is known to be sealed; what was counted
 * meanwhile stays. */
static void settled(struct usage_shelf *shelf, const struct settling *settling)
{
    struct tally *tally = &shelf->tally;
    size_t kept = 0;

    memcpy(shelf->own, settling->own, sizeof shelf->own);
    shelf->sealed_at = settling->task->now;
    shelf->taken_up = shelf->taken_up || settling->take;
    for (size_t i = 0; i < settling->shelf.count; i++) {
        const struct row *was = &settling->shelf.row[i];
        struct row *row =
            row_of(tally, was->day, str_of(was->page), str_of(was->area));

        if (row && was->day < settling->today)
            row->count -= was->count;
        else if (row && settling->lost)
            row->count -= was->sealed;
    }
    for (size_t i = 0; i < settling->taken.count; i++) {
        const struct row *row = &settling->taken.row[i];

        if (row->day >= settling->today)
            add(tally, row->day, str_of(row->page), str_of(row->area),
                row->count);
    }
    for (size_t i = 0; i < settling->all.count && settling->seal; i++) {
        const struct row *all = &settling->all.row[i];
        struct row *row =
            row_of(tally, all->day, str_of(all->page), str_of(all->area));

        if (row)
            row->sealed = all->count;
    }
    for (size_t i = 0; i < tally->count; i++)
        if (tally->row[i].count)
            tally->row[kept++] = tally->row[i];
    tally->count = kept;
}

static enum error settle(struct task *task, int64_t today, struct err *err)
{
    struct usage_shelf *shelf = task->office->usage;
    struct settling *settling = calloc(1, sizeof *settling);
    enum error error;

    if (!settling)
        return err_memory(err);
    settling->task = task;
    settling->today = today;
    settling->least = USAGE_LEAST;
    settling->seal = task->office->site_key && task->office->host->sealer;
    lock(shelf);
    settling->take = settling->seal && !shelf->taken_up;
    memcpy(settling->own, shelf->own, sizeof settling->own);
    settling->shelf = shelf->tally;
    shelf->changed = false;
    unlock(shelf);
    error = office_change(task->office, settle_change, settling, err);
    lock(shelf);
    if (error)
        shelf->changed = true;
    else
        settled(shelf, settling);
    unlock(shelf);
    free(settling);
    return error;
}

/* Is there a day that is over, something new to be sealed after a while, or
 * something that a server left? */
static bool due(const struct task *task)
{
    struct usage_shelf *shelf = task->office->usage;
    bool seal = task->office->site_key && task->office->host->sealer, is_due;

    lock(shelf);
    is_due =
        seal &&
        (!shelf->taken_up ||
         (shelf->changed && (task->now - shelf->sealed_at >= USAGE_SEAL_MS ||
                             task->now < shelf->sealed_at)));
    for (size_t i = 0; i < shelf->tally.count && !is_due; i++)
        is_due = shelf->tally.row[i].day < task_day(task);
    unlock(shelf);
    return is_due;
}

enum error usage_flush(struct task *task, struct err *err)
{
    return task->office->usage && due(task) ? settle(task, task_day(task), err)
                                            : ERROR_NONE;
}

enum error usage_keep(struct task *task, struct err *err)
{
    bool sealed = task->office->site_key && task->office->host->sealer;

    if (!task->office->usage)
        return ERROR_NONE;
    return settle(task, sealed ? task_day(task) : INT64_MAX, err);
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
