/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase_find.c - where a person stands: her files, every record about her in
 * the log, sealed submissions that became hers, groups that name her, imports
 * that still hold her row.
 */
#include "domain/arco/erase_private.h"
#include "domain/person/merge.h"

bool erasing_is_hers(const struct erasing *erasing, struct str id)
{
    for (size_t i = 0; i < erasing->files; i++)
        if (str_equal(erasing->file[i], id))
            return true;
    return false;
}

static bool has_item(const struct erasing *erasing, struct str id)
{
    for (size_t i = 0; i < erasing->items; i++)
        if (str_equal(erasing->item[i].id, id))
            return true;
    return false;
}

static void add_item(struct erasing *erasing, struct str kind, struct str id,
                     struct str subject)
{
    struct arena *arena = erasing->task->arena;
    size_t more = erasing->capacity ? erasing->capacity * 2 : 64;

    if (has_item(erasing, id))
        return;
    if (erasing->items == erasing->capacity) {
        erasing->item = arena_grow(arena, erasing->item,
                                   erasing->capacity * sizeof *erasing->item,
                                   more * sizeof *erasing->item);
        erasing->capacity = more;
    }
    if (erasing->item)
        erasing->item[erasing->items++] =
            (struct erase_item){str_copy(arena, kind), str_copy(arena, id),
                                str_copy(arena, subject)};
}

/* Groups are written anew (erase_group.c); attachments go by the sweep, which
 * drops their bytes, too. */
static bool goes_by_itself(struct str kind)
{
    return str_equal_c(kind, "attachment") || str_equal_c(kind, "group");
}

static enum error find_records(struct erasing *erasing, struct str subject,
                               struct err *err)
{
    struct task *task = erasing->task;
    struct rows rows;

    if (db_query(task->db, &rows, err,
                 "SELECT DISTINCT entry.kind, entry.record FROM entry"
                 " JOIN record ON record.site = entry.site AND"
                 " record.id = entry.record"
                 " WHERE entry.site = $1 AND entry.subject = $2"
                 " AND record.state <> 'erased'"
                 " ORDER BY entry.kind, entry.record",
                 "tt", task->office->log.site, subject))
        return rows_end(&rows);
    while (rows_next(&rows))
        if (!goes_by_itself(rows_text(&rows, 0)))
            add_item(erasing, rows_text(&rows, 0), rows_text(&rows, 1),
                     subject);
    return rows_end(&rows);
}

/* Encrypted submissions that were opened and became a record of hers: what was
 * sent lies there still, and whoever holds the form's key could read it. */
static enum error find_sealed(struct erasing *erasing, struct err *err)
{
    struct task *task = erasing->task;
    struct db_value value = {.type = 't'};
    struct record_filter filter = {.kind = STR("sealed"),
                                   .where = "{opened_record} = $3",
                                   .value = &value,
                                   .value_count = 1};
    size_t items = erasing->items;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < items && !error; i++) {
        struct record *record = NULL;
        size_t count = 0;

        value.t = erasing->item[i].id;
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
        for (size_t k = 0; k < count && !error; k++)
            add_item(erasing, STR("sealed"), record[k].id, record[k].subject);
    }
    return error;
}

static enum error groups_by(struct erasing *erasing, const char *text,
                            struct str person, struct err *err)
{
    struct task *task = erasing->task;
    struct rows rows;
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena, text, err);

    if (!sql)
        return err->code;
    if (db_query(task->db, &rows, err, sql, "tt", task->office->log.site,
                 person))
        return rows_end(&rows);
    while (rows_next(&rows)) {
        struct str id = str_copy(task->arena, rows_text(&rows, 0));
        struct str *grown;
        bool known = false;

        for (size_t i = 0; i < erasing->groups; i++)
            known = known || str_equal(erasing->group[i], id);
        if (known)
            continue;
        grown = arena_grow(task->arena, erasing->group,
                           erasing->groups * sizeof *grown,
                           (erasing->groups + 1) * sizeof *grown);
        if (!grown)
            break;
        erasing->group = grown;
        erasing->group[erasing->groups++] = id;
    }
    return rows_end(&rows);
}

static enum error find_groups(struct erasing *erasing, struct err *err)
{
    static const char *const query[] = {
        "SELECT {group}._id FROM {group} WHERE {group}._site = $1"
        " AND {group.head_person} = $2 AND {group}._state <> 'erased'",
        "SELECT DISTINCT m._record FROM {group.members} m WHERE m._site = $1"
        " AND m.{group.members.person} = $2",
        "SELECT DISTINCT m._record FROM {group.relations} m WHERE m._site = $1"
        " AND (m.{group.relations.person_a} = $2"
        " OR m.{group.relations.person_b} = $2)",
        "SELECT DISTINCT m._record FROM {group.separated_member} m"
        " WHERE m._site = $1 AND m.{group.separated_member.person} = $2",
        "SELECT DISTINCT m._record FROM {group.keep_apart} m"
        " WHERE m._site = $1 AND (m.{group.keep_apart.person_a} = $2"
        " OR m.{group.keep_apart.person_b} = $2)",
    };
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < sizeof query / sizeof *query && !error; i++)
        for (size_t k = 0; k < erasing->files && !error; k++)
            error = groups_by(erasing, query[i], erasing->file[k], err);
    return error;
}

static enum error is_there(struct erasing *erasing, struct err *err)
{
    struct task *task = erasing->task;
    struct record record;
    enum error error = record_read(&task->office->log, task->db, STR("person"),
                                   erasing->person, task->arena, &record, err);

    if (!error && str_equal_c(record.state, "erased"))
        error = err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                        NULL, NULL, NULL);
    return error;
}

enum error erasing_find(struct erasing *erasing, struct err *err)
{
    struct task *task = erasing->task;
    enum error error = is_there(erasing, err);

    if (!error)
        error = person_resolve(task, erasing->person, &erasing->person, err);
    if (!error)
        error = person_ids(task, erasing->person, &erasing->file,
                           &erasing->files, err);
    for (size_t i = 0; i < erasing->files && !error; i++)
        error = find_records(erasing, erasing->file[i], err);
    if (!error)
        error = find_sealed(erasing, err);
    return error ? error : find_groups(erasing, err);
}

enum error erasing_waits(struct erasing *erasing, const char **waits,
                         struct err *err)
{
    struct task *task = erasing->task;
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena,
                    "SELECT 1 FROM {person} JOIN import_job ON"
                    " import_job.site = {person}._site AND"
                    " import_job.batch = {person.import_batch}"
                    " WHERE {person}._site = $1 AND {person}._id = $2",
                    err);
    enum error error = sql ? ERROR_NONE : err->code;
    int64_t one = 0;
    bool found = false;

    *waits = NULL;
    for (size_t i = 0; i < erasing->files && !error && !found; i++)
        error = db_get_int(task->db, &one, &found, err, sql, "tt",
                           task->office->log.site, erasing->file[i]);
    if (!error && found)
        *waits = N_("Su renglón está en una importación que no ha terminado. "
                    "Termínela o deshágala primero; después se borra.");
    return error;
}
