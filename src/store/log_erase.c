/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* log_erase.c - the only file that deletes bodies of entries and data keys.
 *
 * Whoever owns data keys (a person, a group) is erased with everything that
 * was said under them, whatever record it stands in: the keys first, so that
 * copies of the bytes elsewhere are of no use, then the bytes, then what the
 * tables made of them. Older bodies that are not sealed go the same way.
 */
#include "store/erase.h"

#include "store/apply.h"
#include "store/blob.h"
#include "store/driver.h"
#include "store/sealing.h"

/* Does the record have a key of its own, whatever stands in data_key? */
static bool is_owner(const struct log *log, const struct entry *entry)
{
    return str_equal(
        sealing_owner(log, entry->kind, entry->record, entry->subject),
        entry->record);
}

static enum error delete_bodies(const struct log *log, struct db *db,
                                const struct entry *entry, struct err *err)
{
    enum error error =
        db_run(db, NULL, err,
               "DELETE FROM entry_body WHERE site = $1 AND id IN "
               "(SELECT id FROM entry WHERE site = $1 AND record = $2 "
               "AND id <> $3)",
               "ttt", entry->site, entry->record, entry->id);

    if (!error)
        error = data_key_destroy(log, db, entry->site, entry->record,
                                 is_owner(log, entry), err);
    return error ? error : blob_drop_all(log, db, entry->record, err);
}

enum error erase_bodies(const struct log *log, struct db *db,
                        const struct entry *entry, struct err *err)
{
    struct err second = {0};
    enum error error = db->driver->erasing(db, true, err);

    if (error)
        return error;
    error = delete_bodies(log, db, entry, err);
    db->driver->erasing(db, false, &second);
    return error;
}

/* --- other records -------------------------------------------------------- */

struct other {
    struct str record, kind;
};

enum { AT_ONCE = 200 };

static enum error list_others(struct db *db, const struct entry *entry,
                              struct str after, struct other *other,
                              size_t *count, struct arena *arena,
                              struct err *err)
{
    struct rows rows;

    *count = 0;
    db_query(db, &rows, err,
             "SELECT record, MIN(kind) FROM entry "
             "WHERE site = $1 AND subject = $2 AND record > $3 "
             "AND record <> $2 GROUP BY record ORDER BY record LIMIT $4",
             "ttti", entry->site, entry->record, after, (int64_t)AT_ONCE);
    while (*count < AT_ONCE && rows_next(&rows))
        other[(*count)++] =
            (struct other){str_copy(arena, rows_text(&rows, 0)),
                           str_copy(arena, rows_text(&rows, 1))};
    return rows_end(&rows);
}

static enum error delete_other(struct db *db, const struct entry *entry,
                               const struct other *other, struct err *err)
{
    struct err second = {0};
    enum error error = db->driver->erasing(db, true, err);

    if (error)
        return error;
    error = db_run(db, NULL, err,
                   "DELETE FROM entry_body WHERE site = $1 AND id IN "
                   "(SELECT id FROM entry WHERE site = $1 AND record = $2 "
                   "AND subject = $3 AND op <> 'erase')",
                   "ttt", entry->site, other->record, entry->record);
    db->driver->erasing(db, false, &second);
    return error;
}

enum error erase_others(const struct log *log, struct db *db,
                        const struct entry *entry, struct arena *arena,
                        struct err *err)
{
    struct other *other = ARENA_ARRAY(arena, struct other, AT_ONCE);
    struct str after = STR("");
    size_t count = AT_ONCE;
    enum error error = other ? ERROR_NONE : err_memory(err);

    while (!error && count == AT_ONCE) {
        error = list_others(db, entry, after, other, &count, arena, err);
        for (size_t i = 0; i < count && !error; i++) {
            after = other[i].record;
            if (!str_equal(sealing_owner(log, other[i].kind, other[i].record,
                                         entry->record),
                           entry->record))
                continue;
            error = delete_other(db, entry, &other[i], err);
            if (!error)
                error = project_again(log, db, entry->site, other[i].record,
                                      arena, err);
        }
    }
    return error;
}
