/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_draft.c - uploads that wait to be published. The log knows nothing of
 * them: what is not in use is no truth yet.
 */
#include "domain/record/form_draft.h"

#include "domain/access/room.h"
#include "domain/bound.h"

enum { PRINT_SIZE = 12 };

static struct str print_of(const struct task *task, struct str source)
{
    return str_slice(host_hash_hex(task->office->host, task->arena, source), 0,
                     PRINT_SIZE);
}

struct keeping {
    struct str site;
    const struct form_draft *draft;
};

static enum error keep_change(struct db *db, void *context, struct err *err)
{
    const struct keeping *keeping = context;
    const struct form_draft *draft = keeping->draft;
    int64_t others = 0;
    bool found = false;
    enum error error =
        db_get_int(db, &others, &found, err,
                   "SELECT count(*) FROM form_draft WHERE form_draft.site = $1"
                   " AND form_draft.name <> $2",
                   "tt", keeping->site, draft->name);

    if (!error)
        error = bound_check(others, DRAFTS_MOST,
                            N_("Ya hay {1} formularios a prueba. Publique o "
                               "descarte alguno antes."),
                            err);
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO form_draft"
                  " (site, name, version, source, file_name, author, saved)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7)"
                  " ON CONFLICT (site, name) DO UPDATE SET"
                  " version = excluded.version, source = excluded.source,"
                  " file_name = excluded.file_name, author = excluded.author,"
                  " saved = excluded.saved",
                  "ttttTti", keeping->site, draft->name, draft->version,
                  draft->source, draft->file_name, draft->author, draft->saved);
}

enum error form_draft_keep(struct task *task, struct form_draft *draft,
                           struct err *err)
{
    struct keeping keeping = {office_home(task->office), draft};

    draft->author = task->actor.id.size ? task->actor.id : STR("system");
    draft->saved = task->now;
    draft->print = print_of(task, draft->source);
    if (!draft->version.at)
        draft->version = STR("");
    if (!draft->file_name.at)
        draft->file_name = STR("");
    return office_change(task->office, keep_change, &keeping, err);
}

static void take_row(const struct rows *rows, struct arena *arena,
                     struct form_draft *draft)
{
    draft->name = str_copy(arena, rows_text(rows, 0));
    draft->version = str_copy(arena, rows_text(rows, 1));
    draft->file_name = str_copy(arena, rows_text(rows, 2));
    draft->author = str_copy(arena, rows_text(rows, 3));
    draft->saved = rows_int(rows, 4);
}

enum error form_draft_find(struct task *task, struct str name,
                           struct form_draft *draft, bool *found,
                           struct err *err)
{
    struct rows rows;
    enum error error =
        db_query(task->db, &rows, err,
                 "SELECT name, version, file_name, author, saved, source"
                 " FROM form_draft WHERE site = $1 AND name = $2",
                 "tt", office_home(task->office), name);

    *found = false;
    *draft = (struct form_draft){0};
    if (error)
        return error;
    if (rows_next(&rows)) {
        *found = true;
        take_row(&rows, task->arena, draft);
        draft->source = str_copy(task->arena, rows_text(&rows, 5));
        draft->print = print_of(task, draft->source);
    }
    return rows_end(&rows);
}

enum error form_draft_list(struct task *task, struct form_draft **draft,
                           size_t *count, struct err *err)
{
    struct form_draft *list = NULL;
    size_t room = 0;
    struct rows rows;
    enum error error = db_query(
        task->db, &rows, err,
        "SELECT name, version, file_name, author, saved FROM form_draft"
        " WHERE site = $1 ORDER BY name",
        "t", office_home(task->office));

    *count = 0;
    if (error)
        return error;
    while (rows_next(&rows)) {
        if (*count == room) {
            size_t more = room ? room * 2 : 8;

            list = arena_grow(task->arena, list, room * sizeof(*list),
                              more * sizeof(*list));
            if (!list)
                break;
            room = more;
        }
        list[*count] = (struct form_draft){0};
        take_row(&rows, task->arena, &list[(*count)++]);
    }
    *draft = list;
    return rows_end(&rows);
}

enum error form_draft_gone(struct db *db, void *context, struct err *err)
{
    const struct form_draft_gone *gone = context;

    return db_run(db, NULL, err,
                  "DELETE FROM form_draft WHERE site = $1 AND name = $2"
                  " AND source = $3",
                  "ttt", gone->site, gone->name, gone->source);
}

static enum error drop_change(struct db *db, void *context, struct err *err)
{
    const struct form_draft_gone *gone = context;

    return db_run(db, NULL, err,
                  "DELETE FROM form_draft WHERE site = $1 AND name = $2", "tt",
                  gone->site, gone->name);
}

enum error form_draft_drop(struct task *task, struct str name, struct err *err)
{
    struct form_draft_gone gone = {office_home(task->office), name, STR("")};

    return office_change(task->office, drop_change, &gone, err);
}
