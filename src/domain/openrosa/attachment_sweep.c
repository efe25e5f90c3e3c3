/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* attachment_sweep.c - bytes of photos and recordings go when nothing refers to
 * them any more.
 *
 * Whoever erases or changes a record need not know of attachments: the sweep
 * reads the log from where it stopped (store_meta), looks at the attachments
 * of the records that were written to, erases those that are not wanted (an
 * entry of the log like any other) and deletes their bytes in the same
 * transaction. A file that no entry ever named (an audit trail, the parts of
 * an encrypted form) stays as long as its record.
 */
#include "domain/openrosa/openrosa.h"

#include "domain/record/attach.h"

enum { AT_ONCE = 20000, FILES = 200 }; /* entries, attachments in one go */

static const char place[] = "attachments_swept";

struct sweep {
    struct task *task;
    int64_t from, to; /* of the log */
    struct change change;
    struct blob *blob; /* of what is erased */
    struct str *whose; /* subject of each */
    size_t count;
    struct str place; /* where it is noted how far the log was read */
    struct str after; /* attachments up to this one were looked at */
};

static enum error find_range(struct sweep *sweep, struct err *err)
{
    struct task *task = sweep->task;
    const struct log *log = &task->office->log;
    struct str text = STR("0");
    int64_t head = 0;
    enum error error;

    /* each room has a place of its own */
    sweep->place =
        str_equal(log->site, task->office->base)
            ? str_of(place)
            : str_format(task->arena, "%s %.*s", place, STR_ARGS(log->site));
    error = db_get_text(task->db, task->arena, &text, NULL, err,
                        "SELECT value FROM store_meta WHERE name = $1", "t",
                        sweep->place);

    if (!error)
        error = db_get_int(task->db, &head, NULL, err,
                           "SELECT seq FROM site_head WHERE site = $1", "t",
                           task->office->log.site);
    if (!str_to_int(text, &sweep->from))
        sweep->from = 0;
    sweep->to = head < sweep->from + AT_ONCE ? head : sweep->from + AT_ONCE;
    return error;
}

/* Attachments of records that were written to, FILES at a time. */
static enum error list_files(struct sweep *sweep, struct record **file,
                             size_t *count, struct err *err)
{
    struct task *task = sweep->task;
    struct db_value value[] = {{.type = 'i', .i = sweep->from},
                               {.type = 'i', .i = sweep->to},
                               {.type = 't', .t = sweep->after}};
    struct record_filter filter = {
        .kind = STR("attachment"),
        .where = "_state <> 'erased' AND _id > $5 AND {of_record} IN"
                 " (SELECT entry.record FROM entry WHERE entry.site = $1"
                 " AND entry.seq > $3 AND entry.seq <= $4"
                 " AND entry.op <> 'create')",
        .value = value,
        .value_count = 3,
        .order = "_id",
        .limit = FILES};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, file, count, err);
}

static bool once_named(const struct task *task, struct str kind,
                       const struct entry *entry, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (attach_is_answer(task, kind, entry[i].body, name))
            return true;
    return false;
}

/* A record that is not there may come yet, unless it was erased. */
static enum error is_erased(struct task *task, struct str record,
                            struct str subject, bool *erased, struct err *err)
{
    int64_t one = 0;

    return db_get_int(task->db, &one, erased, err,
                      "SELECT 1 FROM entry WHERE entry.site = $1"
                      " AND entry.record IN ($2, $3) AND entry.op = 'erase'"
                      " LIMIT 1",
                      "ttt", task->office->log.site, record, subject);
}

/* Is the file of no use to its record any more? */
static enum error is_idle(struct sweep *sweep, const struct record *file,
                          bool *idle, struct err *err)
{
    struct task *task = sweep->task;
    const struct log *log = &task->office->log;
    struct str kind = value_text_of(file->answers, "of_kind");
    struct str id = value_text_of(file->answers, "of_record");
    struct str name = value_text_of(file->answers, "file_name");
    struct record record = {0};
    struct entry *entry = NULL;
    size_t count = 0;
    struct err own = {0};
    enum error error =
        record_read(log, task->db, kind, id, task->arena, &record, &own);

    *idle = false;
    if (error == ERROR_NOT_FOUND)
        return is_erased(task, id, file->subject, idle, err);
    if (error) {
        *err = own;
        return error;
    }
    if (attach_is_answer(task, kind, record.answers, name))
        return ERROR_NONE;
    error = log_history(log, task->db, id, task->arena, &entry, &count, err);
    *idle = !error && once_named(task, kind, entry, count, name);
    return error;
}

static enum error take_files(struct sweep *sweep, const struct record *file,
                             size_t count, struct err *err)
{
    enum error error = ERROR_NONE;

    sweep->blob = ARENA_ARRAY(sweep->task->arena, struct blob, count + 1);
    sweep->whose = ARENA_ARRAY(sweep->task->arena, struct str, count + 1);
    if (!sweep->blob || !sweep->whose)
        return err_memory(err);
    for (size_t i = 0; !error && i < count; i++) {
        bool idle = false;

        error = is_idle(sweep, &file[i], &idle, err);
        if (error || !idle)
            continue;
        sweep->whose[sweep->count] = file[i].subject;
        sweep->blob[sweep->count++] = attach_blob(sweep->task, &file[i]);
        change_add(&sweep->change, STR("attachment"), file[i].id, OP_ERASE,
                   NULL, file[i].subject);
    }
    return error;
}

/* Does another attachment have these bytes: of the same subject, of anybody? */
static enum error is_wanted(struct sweep *sweep, struct db *db, size_t i,
                            bool *own, bool *any, struct err *err)
{
    const struct log *log = &sweep->task->office->log;
    const char *sql =
        project_sql(log, db, sweep->task->arena,
                    "SELECT COUNT(CASE WHEN _subject = $3 THEN 1 END),"
                    " COUNT(*) FROM {attachment} WHERE _site = $1"
                    " AND {attachment.sha256} = $2 AND _state <> 'erased'",
                    err);
    struct rows rows;

    if (!sql)
        return err->code ? err->code : err_memory(err);
    db_query(db, &rows, err, sql, "ttt", log->site, sweep->blob[i].sha256,
             sweep->whose[i]);
    if (rows_next(&rows)) {
        *own = rows_int(&rows, 0) > 0;
        *any = rows_int(&rows, 1) > 0;
    }
    return rows_end(&rows);
}

/* After the entries, in their transaction: what is erased says nothing more. */
static enum error drop_bytes(struct db *db, void *context, struct err *err)
{
    struct sweep *sweep = context;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sweep->count; i++) {
        bool own = false, any = false;

        error = is_wanted(sweep, db, i, &own, &any, err);
        if (!error && !own)
            error = blob_drop(&sweep->task->office->log, db, &sweep->blob[i],
                              !any, err);
    }
    return error;
}

/* Bytes of before there were keys, of people who were erased meanwhile: their
 * attachments say nothing any more, so those that nobody names go. */
static enum error drop_orphans(struct db *db, void *context, struct err *err)
{
    const struct sweep *sweep = context;
    const struct log *log = &sweep->task->office->log;
    const char *sql = project_sql(
        log, db, sweep->task->arena,
        "DELETE FROM blob WHERE blob.site = $1"
        " AND blob.sha256 NOT LIKE '%:%' AND NOT EXISTS"
        " (SELECT 1 FROM {attachment} WHERE _site = $1"
        " AND {attachment.sha256} = blob.sha256 AND _state <> 'erased')",
        err);

    if (!sql)
        return err->code ? err->code : err_memory(err);
    return db_run(db, NULL, err, sql, "t", log->site);
}

/* Was somebody erased in this part of the log? */
static enum error any_erased(struct sweep *sweep, bool *any, struct err *err)
{
    int64_t one = 0;

    return db_get_int(sweep->task->db, &one, any, err,
                      "SELECT 1 FROM entry WHERE site = $1 AND seq > $2"
                      " AND seq <= $3 AND op = 'erase'"
                      " AND kind <> 'attachment' LIMIT 1",
                      "tii", sweep->task->office->log.site, sweep->from,
                      sweep->to);
}

static enum error note_place(struct db *db, void *context, struct err *err)
{
    const struct sweep *sweep = context;
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)sweep->to);
    return db_run(db, NULL, err,
                  "INSERT INTO store_meta (name, value) VALUES ($1, $2)"
                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                  "tt", sweep->place, str_of(text));
}

static enum error sweep_files(struct sweep *sweep, size_t *erased, bool *more,
                              struct err *err)
{
    struct record *file = NULL;
    size_t count = 0;
    enum error error = list_files(sweep, &file, &count, err);

    sweep->count = 0;
    change_init(&sweep->change, sweep->task);
    if (!error)
        error = take_files(sweep, file, count, err);
    if (error)
        return error;
    if (sweep->count) {
        change_then(&sweep->change, drop_bytes, sweep);
        error = change_commit(&sweep->change, NULL, err);
    }
    if (error)
        return error;
    *erased += sweep->count;
    *more = count == FILES;
    if (count)
        sweep->after = file[count - 1].id;
    return ERROR_NONE;
}

enum error attachments_sweep(struct task *task, size_t *erased, struct err *err)
{
    struct sweep sweep = {.task = task, .after = STR("")};
    bool more = true, gone = false;
    enum error error = find_range(&sweep, err);

    *erased = 0;
    if (error || sweep.from >= sweep.to)
        return error;
    while (!error && more)
        error = sweep_files(&sweep, erased, &more, err);
    if (!error)
        error = any_erased(&sweep, &gone, err);
    if (!error && gone)
        error = office_change(task->office, drop_orphans, &sweep, err);
    return error ? error : office_change(task->office, note_place, &sweep, err);
}
