/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store.c - opens a store and hands every call to its driver.
 *
 * Also what is the same for every database: turning binding letters into
 * values, counting savepoints, and running jobs in groups. Knows no SQL but
 * SAVEPOINT, and no dialect.
 */
#include "store/driver.h"

#include <assert.h>
#include <stdarg.h>

#include "core/seal.h"
#include "store/tables.h"
#include "store/trace.h"

enum { PARAMETERS_MAX = 32, ATTEMPTS_MAX = 5, SAVEPOINTS = 8 };

/* --- the place ------------------------------------------------------------ */

static const struct driver *driver_for(const char *url)
{
    if (strncmp(url, "sqlite:", 7) == 0)
        return &sqlite_driver;
#ifndef COBIJO_NO_POSTGRES
    if (strncmp(url, "postgresql://", 13) == 0 ||
        strncmp(url, "postgres://", 11) == 0)
        return &postgres_driver;
#endif
    return NULL;
}

static char *text_dup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/* Cuts ":password" before the @ and a password= parameter out of a URI. */
static char *hide_password(const char *url)
{
    char *shown = text_dup(url);
    char *start = shown ? strstr(shown, "://") : NULL;
    char *at, *colon;

    if (!start)
        return shown;
    start += 3;
    at = strpbrk(start, "@/?");
    colon = at && *at == '@' ? memchr(start, ':', (size_t)(at - start)) : NULL;
    if (colon)
        memmove(colon, at, strlen(at) + 1);
    at = strstr(start, "password=");
    if (at) {
        char *end = strchr(at, '&');

        if (end)
            memmove(at, end + 1, strlen(end + 1) + 1);
        else
            at[-1] = '\0';
    }
    return shown;
}

enum error store_open(const char *url, const struct store_options *options,
                      struct store **store, struct err *err)
{
    const struct driver *driver = driver_for(url);
    struct store *made;
    enum error error;

    if (!driver)
        return err_set(err, ERROR_USAGE,
                       N_("La dirección de los datos debe empezar con sqlite: "
                          "o postgresql://: {1}"),
                       url, NULL, NULL);
    made = calloc(1, sizeof(*made));
    if (!made)
        return err_memory(err);
    made->driver = driver;
    made->host = options ? options->host : NULL;
    made->key = options ? options->key : NULL;
    made->url = text_dup(url);
    made->shown = hide_password(url);
    if (!made->url || !made->shown)
        error = err_memory(err);
    else if (options && options->trace.size)
        error = trace_open(made, options->trace, err);
    else
        error = driver->open(made, err);
    if (error) {
        free(made->url);
        free(made->shown);
        free(made);
        return error;
    }
    *store = made;
    return ERROR_NONE;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store->driver->close(store);
    free(store->url);
    free(store->shown);
    free(store);
}

const struct driver *store_driver(const struct store *store)
{
    return store->trace ? trace_driver_under(store->trace) : store->driver;
}

bool store_changes(struct store *store, struct db *db, uint64_t *number)
{
    const struct driver *driver = store_driver(store);
    struct err ignored = {0};
    struct rows rows;
    bool found;

    if (driver->changes)
        return driver->changes(store, number);
    if (!db)
        return false;
    db_query(db, &rows, &ignored, driver->snapshot, "");
    found = rows_next(&rows);
    if (found)
        *number = str_hash(rows_text(&rows, 0));
    return rows_end(&rows) == ERROR_NONE && found;
}

const char *store_dialect(const struct store *store)
{
    return store_driver(store)->dialect;
}

const char *store_url(const struct store *store)
{
    return store->shown;
}

enum error store_connect(struct store *store, bool writing, struct db **db,
                         struct err *err)
{
    return store->driver->connect(store, writing, db, err);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    if (db->depth)
        db_rollback(db);
    tables_forget(db);
    db->driver->disconnect(db);
}

struct store *db_store(const struct db *db)
{
    return db->store;
}

/* --- statements ----------------------------------------------------------- */

static size_t collect(struct db_value value[PARAMETERS_MAX], const char *types,
                      va_list args)
{
    size_t count = strlen(types);

    assert(count <= PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        value[i] = (struct db_value){.type = types[i]};
        switch (types[i]) {
        case 'i':
            value[i].i = va_arg(args, int64_t);
            break;
        case 'd':
            value[i].d = va_arg(args, double);
            break;
        case 't':
        case 'T':
        case 'b':
            value[i].t = va_arg(args, struct str);
            break;
        default:
            break;
        }
    }
    return count;
}

enum error db_query_values(struct db *db, struct rows *rows, struct err *err,
                           const char *sql, const struct db_value *value,
                           size_t count)
{
    enum error error;

    *rows = (struct rows){.db = db, .err = err};
    error = db->driver->query(db, rows, sql, value, count);
    rows->error = error;
    return error;
}

enum error db_query(struct db *db, struct rows *rows, struct err *err,
                    const char *sql, const char *types, ...)
{
    struct db_value value[PARAMETERS_MAX];
    va_list args;
    size_t count;

    va_start(args, types);
    count = collect(value, types, args);
    va_end(args);
    return db_query_values(db, rows, err, sql, value, count);
}

bool rows_next(struct rows *rows)
{
    return rows->statement && !rows->error && rows->db->driver->next(rows);
}

enum error rows_end(struct rows *rows)
{
    if (rows->statement)
        rows->db->driver->end(rows);
    rows->statement = NULL;
    return rows->error;
}

bool rows_null(const struct rows *rows, size_t column)
{
    return rows->db->driver->is_null(rows, column);
}

int64_t rows_int(const struct rows *rows, size_t column)
{
    return rows->db->driver->integer(rows, column);
}

double rows_double(const struct rows *rows, size_t column)
{
    return rows->db->driver->real(rows, column);
}

struct str rows_text(const struct rows *rows, size_t column)
{
    return rows->db->driver->text(rows, column);
}

struct str rows_bytes(const struct rows *rows, size_t column)
{
    return rows->db->driver->bytes(rows, column);
}

struct str rows_name(const struct rows *rows, size_t column)
{
    return rows->db->driver->name(rows, column);
}

enum error db_run(struct db *db, int64_t *changed, struct err *err,
                  const char *sql, const char *types, ...)
{
    struct db_value value[PARAMETERS_MAX];
    va_list args;
    size_t count;

    va_start(args, types);
    count = collect(value, types, args);
    va_end(args);
    return db->driver->run(db, changed, sql, value, count, err);
}

enum error db_insert(struct db *db, bool *added, struct err *err,
                     const char *sql, const char *types, ...)
{
    struct db_value value[PARAMETERS_MAX];
    int64_t changed = 0;
    va_list args;
    size_t count;
    enum error error;

    va_start(args, types);
    count = collect(value, types, args);
    va_end(args);
    *added = true;
    if (db->promising && db->driver->promise)
        return db->driver->promise(db, sql, value, count, err);
    error = db->driver->run(db, &changed, sql, value, count, err);
    *added = changed == 1;
    if (error || *added || !db->promising)
        return error;
    db->retry = true;
    return err_set(err, ERROR_BUSY, STORE_BUSY, NULL, NULL, NULL);
}

enum error db_run_values(struct db *db, struct err *err, const char *sql,
                         const struct db_value *value, size_t count)
{
    return db->driver->run(db, NULL, sql, value, count, err);
}

enum error db_get_int(struct db *db, int64_t *value, bool *found,
                      struct err *err, const char *sql, const char *types, ...)
{
    struct db_value values[PARAMETERS_MAX];
    struct rows rows;
    va_list args;
    size_t count;
    bool any = false;
    int64_t got = 0;

    va_start(args, types);
    count = collect(values, types, args);
    va_end(args);
    db_query_values(db, &rows, err, sql, values, count);
    if (rows_next(&rows) && !rows_null(&rows, 0)) {
        got = rows_int(&rows, 0);
        any = true;
    }
    if (rows_end(&rows))
        return rows.error;
    if (found)
        *found = any;
    if (any)
        *value = got;
    return ERROR_NONE;
}

enum error db_get_text(struct db *db, struct arena *arena, struct str *value,
                       bool *found, struct err *err, const char *sql,
                       const char *types, ...)
{
    struct db_value values[PARAMETERS_MAX];
    struct rows rows;
    va_list args;
    size_t count;
    bool any = false;
    struct str got = STR_NULL;

    va_start(args, types);
    count = collect(values, types, args);
    va_end(args);
    db_query_values(db, &rows, err, sql, values, count);
    if (rows_next(&rows) && !rows_null(&rows, 0)) {
        got = str_copy(arena, rows_text(&rows, 0));
        any = true;
    }
    if (rows_end(&rows))
        return rows.error;
    if (arena_failed(arena))
        return err_memory(err);
    if (found)
        *found = any;
    if (any)
        *value = got;
    return ERROR_NONE;
}

enum error db_script(struct db *db, const char *sql, struct err *err)
{
    char *text =
        script_translate(sql, strcmp(store_dialect(db->store), "sqlite") == 0);
    enum error error;

    if (!text)
        return err_memory(err);
    error = db->driver->script(db, text, err);
    free(text);
    return error;
}

void db_bulk(struct db *db, bool on)
{
    if (db->driver->bulk)
        db->driver->bulk(db, on);
}

void db_steady(struct db *db, bool on)
{
    if (db->driver->steady)
        db->driver->steady(db, on);
}

/* --- transactions --------------------------------------------------------- */

/* What was true in a transaction only. */
static void forget(struct db *db)
{
    const struct host *host = db->store->host;

    db->head.known = false;
    if (db->key.known && host && host->sealer)
        host->sealer->wipe(&db->key, sizeof(db->key));
    db->key.known = false;
}

enum error db_begin(struct db *db, bool writing, struct err *err)
{
    enum error error;

    assert(db->depth == 0);
    db->retry = db->broken = false;
    forget(db);
    error = db->driver->begin(db, writing, err);
    if (error)
        return error;
    db->depth = 1;
    db->writing = writing;
    return ERROR_NONE;
}

enum error db_commit(struct db *db, struct err *err)
{
    enum error error;

    assert(db->depth == 1);
    if (db->broken)
        error = err_set(err, ERROR_STORE, STORE_OTHER, NULL, NULL, NULL);
    else
        error = db->driver->commit(db, err);
    if (error) {
        db_rollback(db);
        return error;
    }
    db->depth = 0;
    db->changed = false;
    forget(db);
    return ERROR_NONE;
}

void db_rollback(struct db *db)
{
    if (!db->depth)
        return;
    db->driver->rollback(db);
    db->depth = 0;
    if (db->changed)
        tables_forget(db);
    db->changed = false;
    forget(db);
}

static const char *savepoint_sql(const struct db *db, int verb)
{
    static const char *const sql[3][SAVEPOINTS] = {
#define NAMES(verb)                                                            \
    {verb " c1", verb " c2", verb " c3", verb " c4",                           \
     verb " c5", verb " c6", verb " c7", verb " c8"}
        NAMES("SAVEPOINT"),
        NAMES("RELEASE SAVEPOINT"),
        NAMES("ROLLBACK TO SAVEPOINT"),
#undef NAMES
    };

    assert(db->depth >= 1 && db->depth <= SAVEPOINTS);
    return sql[verb][db->depth - 1];
}

enum error db_savepoint(struct db *db, struct err *err)
{
    enum error error =
        db->driver->run(db, NULL, savepoint_sql(db, 0), NULL, 0, err);

    if (!error)
        db->depth++;
    return error;
}

/* On failure the savepoint stands and is to be rolled back. */
enum error db_savepoint_release(struct db *db, struct err *err)
{
    enum error error;

    assert(db->depth > 1);
    db->depth--;
    error = db->driver->run(db, NULL, savepoint_sql(db, 1), NULL, 0, err);
    if (error)
        db->depth++;
    return error;
}

void db_savepoint_rollback(struct db *db)
{
    struct err err = {0};

    assert(db->depth > 1);
    db->depth--;
    forget(db);
    if (db->changed)
        tables_forget(db);
    if (!db->driver->standing(db))
        return;
    if (db->driver->run(db, NULL, savepoint_sql(db, 2), NULL, 0, &err) ||
        db->driver->run(db, NULL, savepoint_sql(db, 1), NULL, 0, &err))
        db->broken = true;
}

/* --- jobs ----------------------------------------------------------------- */

static void job_start(struct store_job *job)
{
    job->error = ERROR_NONE;
    err_clear(job->err);
}

static void job_fail(struct store_job *job, enum error error,
                     const struct err *err)
{
    if (job->error)
        return;
    job->error = error;
    if (job->err)
        *job->err = *err;
}

/* One job, in a savepoint when others must outlive its failure. */
static void job_run(struct db *db, struct store_job *job, bool guarded)
{
    struct err own = {0};
    struct err *err = job->err ? job->err : &own;

    job_start(job);
    if (guarded)
        job->error = db_savepoint(db, err);
    if (job->error)
        return;
    job->error = job->change(db, job->context, err);
    if (!guarded)
        return;
    if (!job->error)
        job->error = db_savepoint_release(db, err);
    if (job->error)
        db_savepoint_rollback(db);
}

enum outcome { DONE, AGAIN, GUARDED };

/* Savepoints cost a fifth of a registration, and jobs seldom fail: the first
 * attempt does without, and when a job fails all are run again with them. Nor
 * are rows often there already: the first attempt says they are not. */
static enum outcome attempt(struct db *db, struct store_job *job, size_t count,
                            bool guarded, bool promising)
{
    struct err err = {0};
    enum error error = db_begin(db, true, &err);
    size_t failed = 0, ran = 0;

    db->promising = promising;
    while (!error && ran < count && (guarded || !failed)) {
        struct store_job *one = &job[ran++];

        job_run(db, one, guarded);
        failed += one->error != ERROR_NONE;
        if (one->error && (db->retry || !db->driver->standing(db))) {
            error = one->error;
            err = one->err ? *one->err : (struct err){.code = error};
        }
    }
    db->promising = false;
    for (size_t i = ran; i < count; i++)
        job_start(&job[i]);
    if (!error && failed && !guarded && count > 1) {
        db_rollback(db);
        return GUARDED;
    }
    if (error || failed == count)
        db_rollback(db);
    else
        error = db_commit(db, &err);
    for (size_t i = 0; i < count && error; i++)
        job_fail(&job[i], error, &err);
    return db->retry ? AGAIN : DONE;
}

void store_run(struct db *writer, struct store_job *job, size_t count)
{
    bool guarded = false, promising = true;
    int left = ATTEMPTS_MAX;

    while (count && left > 0) {
        switch (attempt(writer, job, count, guarded, promising)) {
        case DONE:
            return;
        case GUARDED:
            guarded = true;
            promising = false;
            break;
        case AGAIN:
            promising = false;
            left--;
            break;
        }
    }
}
