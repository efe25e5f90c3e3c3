/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_job.c - long imports: the queue beside the log, and the next slice of
 * what waits in it. */
#include "domain/import/import_job.h"

#include "domain/bound.h"
#include "domain/import/import_private.h"
#include "store/sealing.h"

/* Who saves meanwhile waits for one slice at most: 0.1 s, on PostgreSQL 1 s. */
enum { SLICE_ROWS = 100 };

/* --- the table ------------------------------------------------------------ */

struct job_row {
    const struct log *log;
    struct str site, batch, text, map, user, role, why;
    int64_t done, total, now;
    size_t added; /* by this slice */
};

/* A file full of people waits here for minutes: closed. */
static enum error insert_job(struct db *db, void *context, struct err *err)
{
    const struct job_row *row = context;
    struct str text = STR(""), map = STR("");
    int64_t waiting = 0;
    bool found = false;
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    error = db_get_int(db, &waiting, &found, err,
                       "SELECT count(*) FROM import_job"
                       " WHERE import_job.site = $1",
                       "t", row->site);
    if (!error)
        error = bound_check(waiting, IMPORTS_MOST,
                            N_("Ya esperan {1} archivos por importar. Deje que "
                               "terminen, o quite los que se detuvieron."),
                            err);
    if (!error)
        error = sealing_text(row->log, db, "import", row->batch, row->text,
                             &arena, &text, err);
    if (!error)
        error = sealing_text(row->log, db, "import map", row->batch, row->map,
                             &arena, &map, err);
    if (!error)
        error =
            db_run(db, NULL, err,
                   "INSERT INTO import_job (site, batch, text, map, user_id,"
                   " role, done, total, started, why)"
                   " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, '')",
                   "ttttttii", row->site, row->batch, text, map, row->user,
                   row->role, row->total, row->now);
    arena_release(&arena);
    return error;
}

static enum error move_job(struct db *db, void *context, struct err *err)
{
    const struct job_row *row = context;
    int64_t changed = 0;
    enum error error =
        db_run(db, &changed, err,
               "UPDATE import_job SET done = $3 WHERE site = $1 AND batch = $2",
               "tti", row->site, row->batch, row->done);

    if (error || changed)
        return error;
    return err_set(err, ERROR_CONFLICT, N_("La importación se detuvo."), NULL,
                   NULL, NULL);
}

static enum error stop_job(struct db *db, void *context, struct err *err)
{
    const struct job_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE import_job SET why = $3"
                  " WHERE site = $1 AND batch = $2",
                  "ttt", row->site, row->batch, row->why);
}

static enum error delete_job(struct db *db, void *context, struct err *err)
{
    const struct job_row *row = context;

    return db_run(db, NULL, err,
                  "DELETE FROM import_job WHERE site = $1 AND batch = $2", "tt",
                  row->site, row->batch);
}

static struct job_row row_of(const struct task *task, struct str batch)
{
    return (struct job_row){.log = &task->office->log,
                            .site = task->office->log.site,
                            .batch = batch};
}

/* --- an error that is kept: message and arguments, a line each ------------ */

static struct str err_write(struct arena *arena, const struct err *err)
{
    return str_format(arena, "%s\n%s\n%s\n%s", err->message ? err->message : "",
                      err->arg[0], err->arg[1], err->arg[2]);
}

static void err_read(struct arena *arena, struct str text, struct err *err)
{
    struct str part[4] = {{0}};

    for (size_t i = 0; i < 4; i++)
        str_cut(&text, '\n', &part[i]);
    err_set(err, ERROR_INPUT, str_c(arena, part[0]), str_c(arena, part[1]),
            str_c(arena, part[2]), str_c(arena, part[3]));
}

/* --- for the pages -------------------------------------------------------- */

enum error import_job_add(struct task *task, const struct import_plan *plan,
                          struct str text, struct str map_csv,
                          struct str file_name, struct str *batch,
                          struct err *err)
{
    struct job_row row =
        row_of(task, host_uuid(task->office->host, task->arena));
    struct change_step also = {insert_job, &row, false};
    enum error error = import_right(task, err);

    if (error)
        return error;
    row.text = text;
    row.map = str_is_null(map_csv) ? STR("") : map_csv;
    row.user = task->actor.id;
    row.role = task->actor.role->name;
    row.total = (int64_t)plan->added;
    row.now = task->now;
    *batch = row.batch;
    return import_batch_open(task, plan, file_name, row.batch, &also, err);
}

enum error import_job_progress(struct task *task, struct str batch,
                               struct import_progress *progress, bool *found,
                               struct err *err)
{
    struct rows rows;
    enum error error = db_query(task->db, &rows, err,
                                "SELECT done, total, why FROM import_job"
                                " WHERE site = $1 AND batch = $2",
                                "tt", task->office->log.site, batch);

    *found = false;
    *progress = (struct import_progress){0};
    if (error)
        return error;
    if (rows_next(&rows)) {
        struct str why = str_copy(task->arena, rows_text(&rows, 2));

        *found = true;
        progress->done = (size_t)rows_int(&rows, 0);
        progress->total = (size_t)rows_int(&rows, 1);
        progress->stopped = why.size > 0;
        if (why.size)
            err_read(task->arena, why, &progress->why);
    }
    return rows_end(&rows);
}

enum error import_job_resume(struct task *task, struct str batch,
                             struct err *err)
{
    struct job_row row = row_of(task, batch);
    enum error error = import_right(task, err);

    row.why = STR("");
    return error ? error : office_change(task->office, stop_job, &row, err);
}

enum error import_job_drop(struct task *task, struct str batch, struct err *err)
{
    struct job_row row = row_of(task, batch);

    return office_change(task->office, delete_job, &row, err);
}

/* --- a slice -------------------------------------------------------------- */

void import_job_forget(struct import_job *job)
{
    if (job->active) {
        arena_release(&job->arena);
        arena_release(&job->scratch);
    }
    *job = (struct import_job){0};
}

static enum error open_row(struct task *task, struct arena *arena,
                           struct job_row *row, struct err *err)
{
    const struct log *log = &task->office->log;
    enum error error = sealing_text_open(log, task->db, "import", row->batch,
                                         row->text, arena, &row->text, err);

    return error ? error
                 : sealing_text_open(log, task->db, "import map", row->batch,
                                     row->map, arena, &row->map, err);
}

static enum error oldest(struct task *task, struct arena *arena,
                         struct job_row *row, bool *found, struct err *err)
{
    struct rows rows;
    enum error error = db_query(
        task->db, &rows, err,
        "SELECT batch, text, map, user_id, role, done FROM import_job"
        " WHERE site = $1 AND why = '' ORDER BY started, batch LIMIT 1",
        "t", task->office->log.site);

    *found = false;
    if (error)
        return error;
    if (rows_next(&rows)) {
        *found = true;
        row->batch = str_copy(arena, rows_text(&rows, 0));
        row->text = str_copy(arena, rows_text(&rows, 1));
        row->map = str_copy(arena, rows_text(&rows, 2));
        row->user = str_copy(arena, rows_text(&rows, 3));
        row->role = str_copy(arena, rows_text(&rows, 4));
        row->done = rows_int(&rows, 5);
    }
    if (rows_end(&rows))
        return rows.error;
    return *found ? open_row(task, arena, row, err) : ERROR_NONE;
}

/* Reads the file of the oldest import again: what is in is known by its id. */
static enum error take(struct task *task, struct import_job *job, bool *found,
                       struct err *err)
{
    struct job_row row = {0};
    enum error error;

    arena_init(&job->arena, NULL);
    arena_init(&job->scratch, NULL);
    job->active = true;
    error = oldest(task, &job->arena, &row, found, err);
    if (error || !*found)
        return error;
    job->task = *task;
    job->task.arena = &job->arena;
    /* the caller's office may be a room's that ends with its task */
    job->office = *task->office;
    job->office.log.site = str_copy(&job->arena, task->office->log.site);
    job->office.log.home = str_copy(&job->arena, task->office->log.home);
    job->task.office = &job->office;
    job->task.actor = (struct actor){
        .id = row.user, .role = catalog_role(task->office->catalog, row.role)};
    job->running = (struct running){.task = &job->task,
                                    .keep = &job->arena,
                                    .plan = &job->plan,
                                    .batch = row.batch,
                                    .result = &job->result};
    job->done = (size_t)row.done;
    error = import_right(&job->task, err);
    if (!error)
        error = import_plan(&job->task, STR("person"), row.text,
                            row.map.size ? row.map : STR_NULL, &job->plan, err);
    if (!error && !import_families_link(&job->running, &job->families))
        error = err_memory(err);
    return error;
}

static enum error finish(struct import_job *job, struct err *err)
{
    enum error error =
        import_batch_end(&job->task, job->running.batch, job->done, err);

    return error ? error : import_job_drop(&job->task, job->running.batch, err);
}

static enum error write_slice(struct task *task, struct import_job *job,
                              bool *over, struct err *err)
{
    struct job_row row = row_of(task, job->running.batch);
    struct change_step also = {move_job, &row, false};
    size_t used = SLICE_ROWS;
    enum error error;

    job->task.db = task->db;
    job->task.now = task->now;
    job->task.arena = &job->scratch;
    /* the step runs after the slice is known: never more than it holds */
    row.done = (int64_t)job->done;
    if (job->persons_in) {
        error = import_slice(&job->running, &job->families, &job->row, &used,
                             &also, err);
    } else {
        size_t begin = job->row, here = 0;

        for (; begin < job->plan.rows && here < SLICE_ROWS; begin++)
            here += job->plan.row[begin].outcome == IMPORT_ADD;
        row.done += (int64_t)here;
        error = import_slice(&job->running, NULL, &job->row, &used, &also, err);
        if (!error)
            job->done += used;
    }
    if (error)
        return error;
    if (job->row < job->plan.rows)
        return ERROR_NONE;
    job->row = 0;
    *over = job->persons_in;
    job->persons_in = true;
    return *over ? finish(job, err) : ERROR_NONE;
}

/* What cannot be mended by waiting stops the import; its page says why. */
static void give_up(struct task *task, struct import_job *job, struct err *err)
{
    struct job_row row = row_of(task, job->running.batch);
    struct err own = {0};

    if (error_status(err->code) >= 500 || job->running.batch.size == 0)
        return;
    row.why = err_write(&job->arena, err); /* nothing when it is gone */
    office_change(task->office, stop_job, &row, &own);
}

enum error import_job_step(struct task *task, struct import_job *job,
                           bool *more, struct err *err)
{
    bool found = true, over = false;
    enum error error = ERROR_NONE;

    *more = false;
    if (!job->active)
        error = take(task, job, &found, err);
    if (!error && found)
        error = write_slice(task, job, &over, err);
    *more = error ? error_status(error) < 500 : found;
    if (error)
        give_up(task, job, err);
    if (error || !found || over)
        import_job_forget(job);
    return error;
}
