/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ensure.c - makes the tables public_* for a store that had none: one that an
 * older program filled, or whose catalogue said other terms. What was made with
 * which catalogue stands in store_meta.
 */
#include "domain/directory/directory_private.h"
#include "store/project.h"

enum { PAGE = 200, MADE_BY = 2 }; /* raise with what public.c writes */

struct ensuring {
    struct office *office;
    struct str mark;
};

static struct str mark_of(const struct office *office, struct arena *arena)
{
    static const char *const table[] = {"upkeep", "service", "place_type",
                                        "municipality"};
    struct buf out;

    buf_init(&out, arena);
    buf_printf(&out, "%d", MADE_BY);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const struct catalog_table *rows =
            catalog_table(office->catalog, table[i]);

        for (size_t at = 0; rows && at < rows->rows * rows->columns; at++) {
            buf_put(&out, rows->cell[at]);
            buf_putc(&out, '\n');
        }
    }
    return host_hash_hex(office->host, arena, buf_str(&out));
}

static enum error put_again(struct ensuring *ensuring, struct db *db,
                            const char *kind, struct err *err)
{
    const struct office *office = ensuring->office;
    const struct aside *aside = office->log.aside;
    struct record_filter filter = {
        .kind = str_of(kind), .order = "_id", .limit = PAGE};
    struct arena arena;
    size_t count = 0;
    enum error error;

    arena_init(&arena, NULL);
    do {
        struct record *record = NULL;

        arena_clear(&arena);
        error = record_list(&office->log, db, &filter, true, &arena, &record,
                            &count, err);
        for (size_t i = 0; i < count && !error; i++) {
            struct fold fold = {
                .id = record[i].id,
                .kind = filter.kind,
                .state = record[i].state,
                .clock = record[i].clock,
                .answers = (struct value *)(uintptr_t)record[i].answers};

            error = aside->put(aside->context, db,
                               log_site(&office->log, filter.kind), &fold, true,
                               &arena, err);
        }
        filter.offset += count;
    } while (!error && count == PAGE);
    arena_release(&arena);
    return error;
}

static enum error make_again(struct db *db, void *context, struct err *err)
{
    struct ensuring *ensuring = context;
    const struct aside *aside = ensuring->office->log.aside;
    enum error error = aside->clear(aside->context, db, err);

    if (!error)
        error = put_again(ensuring, db, "organization", err);
    if (!error)
        error = put_again(ensuring, db, "place", err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO store_meta (name, value)"
                       " VALUES ('directory', $1)"
                       " ON CONFLICT (name) DO UPDATE SET"
                       " value = excluded.value",
                       "t", ensuring->mark);
    return error;
}

enum error directory_ensure(struct office *office, struct db *db,
                            struct err *err)
{
    struct ensuring ensuring = {.office = office};
    struct arena arena;
    struct str made = STR_NULL;
    bool found = false;
    enum error error;

    arena_init(&arena, NULL);
    ensuring.mark = mark_of(office, &arena);
    error = db_get_text(db, &arena, &made, &found, err,
                        "SELECT value FROM store_meta WHERE name = 'directory'",
                        "");
    if (!error && (!found || !str_equal(made, ensuring.mark)))
        error = office_change(office, make_again, &ensuring, err);
    arena_release(&arena);
    return error;
}
