/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seen.c - the shelf of seen.h: slots behind a lock that is held for as long
 * as a row is looked up or the slots are copied.
 */
#include "domain/proof/seen.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "domain/record/record.h"
#include "store/project.h"
#include "store/views.h"

enum { TEXT = 64, MINUTE_MS = 60000, RECEIVED_MOST = 50 };

struct slot {
    char site[40], author[TEXT], role[40], subject[40], what[TEXT];
    int64_t minute, times;
};

struct seen_shelf {
    atomic_flag lock;
    size_t count;
    int64_t since; /* instant of the oldest that waits; 0: none */
    struct slot slot[SEEN_ROWS];
};

struct seen_shelf *seen_shelf_new(struct arena *arena)
{
    struct seen_shelf *shelf = ARENA_NEW(arena, struct seen_shelf);

    if (shelf)
        atomic_flag_clear(&shelf->lock);
    return shelf;
}

static void lock(struct seen_shelf *shelf)
{
    while (
        atomic_flag_test_and_set_explicit(&shelf->lock, memory_order_acquire))
        ;
}

static void unlock(struct seen_shelf *shelf)
{
    atomic_flag_clear_explicit(&shelf->lock, memory_order_release);
}

/* --- noting --------------------------------------------------------------- */

static void keep(char *out, size_t room, struct str text)
{
    size_t size = text.size < room - 1 ? text.size : room - 1;

    if (size)
        memcpy(out, text.at, size);
    memset(out + size, 0, room - size);
}

static bool same(const struct slot *a, const struct slot *b)
{
    return a->minute == b->minute && strcmp(a->subject, b->subject) == 0 &&
           strcmp(a->author, b->author) == 0 && strcmp(a->what, b->what) == 0 &&
           strcmp(a->role, b->role) == 0 && strcmp(a->site, b->site) == 0;
}

/* false: no place left. */
static bool put(struct seen_shelf *shelf, const struct slot *slot, int64_t now)
{
    bool placed = false;

    lock(shelf);
    for (size_t i = shelf->count; i > 0 && !placed; i--)
        if (same(&shelf->slot[i - 1], slot)) {
            shelf->slot[i - 1].times += slot->times;
            placed = true;
        }
    if (!placed && shelf->count < SEEN_ROWS) {
        shelf->slot[shelf->count++] = *slot;
        placed = true;
    }
    if (placed && !shelf->since)
        shelf->since = now;
    unlock(shelf);
    return placed;
}

static enum error note(struct task *task, struct str subject, struct str what,
                       int64_t times, struct err *err)
{
    struct seen_shelf *shelf = task->office->seen;
    const struct actor *actor = &task->actor;
    struct slot slot;
    enum error error = ERROR_NONE;

    if (!shelf || str_equal_c(actor->id, "system"))
        return ERROR_NONE;
    keep(slot.site, sizeof(slot.site), task->office->log.site);
    keep(slot.author, sizeof(slot.author),
         actor->id.size ? actor->id : STR("nobody"));
    keep(slot.role, sizeof(slot.role),
         actor->role ? actor->role->name : STR(""));
    keep(slot.subject, sizeof(slot.subject), subject);
    keep(slot.what, sizeof(slot.what), what);
    slot.minute = task->now / MINUTE_MS;
    slot.times = times;
    for (int i = 0; i < 3 && !error && !put(shelf, &slot, task->now); i++)
        error = i < 2 ? seen_flush(task->office, err)
                      : err_set(err, ERROR_BUSY,
                                N_("No se pudo anotar quién abre este "
                                   "expediente, así que no se abre. Inténtelo "
                                   "otra vez."),
                                NULL, NULL, NULL);
    return error;
}

enum error seen_note(struct task *task, struct str subject, struct str what,
                     struct err *err)
{
    task->seen++;
    if (!subject.size || task->in_list)
        return ERROR_NONE;
    return note(task, subject, what, 1, err);
}

enum error seen_record(struct task *task, struct str kind, struct str record,
                       struct str subject, struct err *err)
{
    if (str_equal(subject, record) && !str_equal_c(kind, "person") &&
        !str_equal_c(kind, "group") && !str_equal_c(kind, "help_request"))
        return ERROR_NONE;
    return seen_note(task, subject, kind, err);
}

struct str seen_received_id(const struct task *task, struct str issuer,
                            struct str grant)
{
    return task_uuid(task, str_join(task->arena, STR("received "), issuer),
                     grant);
}

enum error seen_received(struct task *task, struct str issuer, struct str grant,
                         struct err *err)
{
    struct task alone = *task; /* one file, whatever page it stands on */
    enum error error;

    alone.in_list = false;
    error = seen_note(&alone, seen_received_id(task, issuer, grant),
                      STR("received"), err);
    task->seen = alone.seen;
    return error;
}

enum error seen_lookup(struct task *task, struct str what, int64_t times,
                       struct err *err)
{
    return note(task, STR(""), what, times, err);
}

int64_t seen_since(const struct office *office)
{
    struct seen_shelf *shelf = office->seen;
    int64_t since = 0;

    if (!shelf)
        return 0;
    lock(shelf);
    since = shelf->since;
    unlock(shelf);
    return since;
}

/* --- into the log --------------------------------------------------------- */

struct flushing {
    const struct office *office;
    struct slot *slot;
    size_t count;
};

static enum error one_site(const struct flushing *flushing, struct db *db,
                           const char *site, struct arena *arena,
                           struct err *err)
{
    struct view_row *row = ARENA_ARRAY(arena, struct view_row, flushing->count);
    struct log log = flushing->office->log;
    size_t count = 0;

    if (!row)
        return err_memory(err);
    log.site = str_of(site);
    for (size_t i = 0; i < flushing->count; i++) {
        const struct slot *slot = &flushing->slot[i];

        if (strcmp(slot->site, site) == 0)
            row[count++] = (struct view_row){
                slot->minute,          str_of(slot->author), str_of(slot->role),
                str_of(slot->subject), str_of(slot->what),   slot->times};
    }
    return views_append(&log, db, row, count, arena, err);
}

static enum error flush_change(struct db *db, void *context, struct err *err)
{
    const struct flushing *flushing = context;
    struct arena arena;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < flushing->count && !error; i++) {
        bool first = true;

        for (size_t k = 0; k < i && first; k++)
            first = strcmp(flushing->slot[k].site, flushing->slot[i].site) != 0;
        if (first)
            error = one_site(flushing, db, flushing->slot[i].site, &arena, err);
    }
    arena_release(&arena);
    return error;
}

/* What could not be written waits on, as far as there is room. */
static void give_back(struct seen_shelf *shelf, const struct flushing *flushing,
                      int64_t since)
{
    for (size_t i = 0; i < flushing->count; i++)
        put(shelf, &flushing->slot[i], since);
}

enum error seen_flush(const struct office *office, struct err *err)
{
    struct seen_shelf *shelf = office->seen;
    struct flushing flushing = {.office = office};
    int64_t since;
    enum error error;

    if (!seen_since(office))
        return ERROR_NONE;
    flushing.slot = malloc(sizeof(shelf->slot));
    if (!flushing.slot)
        return err_memory(err);
    lock(shelf);
    flushing.count = shelf->count;
    since = shelf->since;
    memcpy(flushing.slot, shelf->slot, flushing.count * sizeof(*shelf->slot));
    shelf->count = 0;
    shelf->since = 0;
    unlock(shelf);
    error = flushing.count ? office_change(office, flush_change, &flushing, err)
                           : ERROR_NONE;
    if (error)
        give_back(shelf, &flushing, since);
    free(flushing.slot);
    return error;
}

/* --- reading -------------------------------------------------------------- */

/* What people call her; a program, a link or somebody gone is its role. */
struct str seen_display(struct task *task, struct str author)
{
    struct record record = {0};
    struct err ignored = {0};
    struct str text;

    if (str_starts(author, STR("link")))
        return translate(task->translator,
                         STR(N_("La organización que recibió la referencia")));
    if (record_read(&task->office->log, task->db, STR("user"), author,
                    task->arena, &record, &ignored))
        return STR("");
    text = value_text_of(record.answers, "display_name");
    return text.size ? text : value_text_of(record.answers, "name");
}

struct seen_found {
    struct task *task;
    struct seen_row *row;
    size_t count, limit;
};

static int newer_first(const void *a, const void *b)
{
    const struct seen_row *x = a, *y = b;
    int order = (x->minute < y->minute) - (x->minute > y->minute);

    if (!order)
        order = str_compare(x->author, y->author);
    return order ? order : str_compare(x->what, y->what);
}

/* The newest of one subject beside those that are there. */
static enum error add_rows(struct seen_found *found, struct str subject,
                           struct err *err)
{
    struct arena *arena = found->task->arena;
    struct rows rows;

    db_query(found->task->db, &rows, err,
             "SELECT minute, author, role, what, "
             "CAST(SUM(times) AS BIGINT) FROM seen "
             "WHERE site = $1 AND subject = $2 "
             "GROUP BY minute, author, role, what "
             "ORDER BY minute DESC, author, what LIMIT $3",
             "tti", found->task->office->log.site, subject,
             (int64_t)found->limit);
    while (rows_next(&rows)) {
        struct seen_row row = {.minute = rows_int(&rows, 0),
                               .author = str_copy(arena, rows_text(&rows, 1)),
                               .role = str_copy(arena, rows_text(&rows, 2)),
                               .what = str_copy(arena, rows_text(&rows, 3)),
                               .times = rows_int(&rows, 4)};

        if (found->count == 2 * found->limit) { /* the oldest have no place */
            qsort(found->row, found->count, sizeof row, newer_first);
            found->count = found->limit;
        }
        found->row[found->count++] = row;
    }
    return rows_end(&rows);
}

static enum error add_received(struct seen_found *found, struct str person,
                               struct err *err)
{
    struct task *task = found->task;
    struct str id[RECEIVED_MOST];
    struct rows rows;
    size_t count = 0;
    const char *sql;
    enum error error;

    if (!forms_find(task->office->forms, STR("received"), STR_NULL))
        return ERROR_NONE; /* a store of before, not brought up to date */
    sql = project_sql(&task->office->log, task->db, task->arena,
                      "SELECT {received.house_site}, {received.grant} FROM "
                      "{received} WHERE {received}._site = $1 AND "
                      "{received}._subject = $2 ORDER BY {received}._id LIMIT "
                      "50",
                      err);
    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    db_query(task->db, &rows, err, sql, "tt", task->office->log.site, person);
    while (rows_next(&rows) && count < RECEIVED_MOST)
        id[count++] =
            seen_received_id(task, rows_text(&rows, 0), rows_text(&rows, 1));
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++)
        error = add_rows(found, id[i], err);
    return error;
}

enum error seen_list(struct task *task, struct str subject, size_t limit,
                     struct seen_row **row, size_t *count, struct err *err)
{
    struct seen_found found = {
        task, ARENA_ARRAY(task->arena, struct seen_row, 2 * limit), 0, limit};
    enum error error = seen_flush(task->office, err);

    *count = 0;
    *row = found.row;
    if (error || !found.row)
        return error ? error : err_memory(err);
    error = add_rows(&found, subject, err);
    if (!error)
        error = add_received(&found, subject, err);
    if (error)
        return error;
    qsort(found.row, found.count, sizeof *found.row, newer_first);
    *count = found.count < limit ? found.count : limit;
    for (size_t i = 0; i < *count; i++) {
        for (size_t k = 0; k < i && !(*row)[i].display.at; k++)
            if (str_equal((*row)[k].author, (*row)[i].author))
                (*row)[i].display = (*row)[k].display;
        if (!(*row)[i].display.at)
            (*row)[i].display = seen_display(task, (*row)[i].author);
    }
    return ERROR_NONE;
}

enum error seen_open_to(struct task *task, struct str person, bool *open,
                        struct err *err)
{
    struct rows rows;

    *open = role_has(task->actor.role, RIGHT_LOG_READ);
    if (*open)
        return ERROR_NONE;
    db_query(task->db, &rows, err,
             "SELECT r.id FROM record r WHERE r.site = $1 AND r.subject = $2 "
             "AND r.kind = 'casefile' AND r.state = 'open'",
             "tt", task->office->log.site, person);
    while (rows_next(&rows)) {
        struct str id = str_copy(task->arena, rows_text(&rows, 0));
        struct record record = {0};
        struct err ignored = {0};

        if (!record_read(&task->office->log, task->db, STR("casefile"), id,
                         task->arena, &record, &ignored) &&
            str_equal(value_text_of(record.answers, "manager"), task->actor.id))
            *open = true;
    }
    return rows_end(&rows);
}
