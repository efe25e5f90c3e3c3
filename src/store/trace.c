/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace.c - a driver around another: records, fails when told, and for
 * SQLite puts crash.c's disk underneath. Tests only.
 */
#include "store/trace.h"

#include <sqlite3.h>

#include "store/crash.h"
#include "store/driver.h"

struct trace {
    struct store inner;
    struct crash *crash; /* NULL on PostgreSQL */
    sqlite3_mutex *mutex;
    char *text;
    size_t size, capacity;
    int64_t fail_in; /* 0: never */
    enum trace_failure failure;
    bool lost;
    char vfs[40];
};

struct trace_db {
    struct db base;
    struct db *inner;
};

static struct db *inner(struct db *db)
{
    return ((struct trace_db *)db)->inner;
}

struct trace *store_trace(const struct store *store)
{
    return store->trace;
}

const char *trace_text(const struct trace *trace)
{
    return trace->text ? trace->text : "";
}

void trace_clear(struct trace *trace)
{
    sqlite3_mutex_enter(trace->mutex);
    trace->size = 0;
    if (trace->text)
        trace->text[0] = '\0';
    sqlite3_mutex_leave(trace->mutex);
}

void trace_note(struct trace *trace, const char *text)
{
    size_t size = strlen(text);
    char *grown;

    sqlite3_mutex_enter(trace->mutex);
    if (trace->size + size + 2 > trace->capacity) {
        grown = realloc(trace->text, trace->capacity * 2 + size + 1024);
        if (grown) {
            trace->text = grown;
            trace->capacity = trace->capacity * 2 + size + 1024;
        }
    }
    if (trace->size + size + 2 <= trace->capacity) {
        memcpy(trace->text + trace->size, text, size);
        trace->size += size;
        trace->text[trace->size++] = '\n';
        trace->text[trace->size] = '\0';
    }
    sqlite3_mutex_leave(trace->mutex);
}

void trace_fail(struct trace *trace, int64_t n, enum trace_failure failure)
{
    trace->fail_in = n;
    trace->failure = failure;
}

void trace_cut(struct trace *trace, int64_t n, uint64_t seed)
{
    if (trace->crash)
        crash_cut(trace->crash, n, seed);
}

bool trace_was_cut(const struct trace *trace)
{
    return trace->crash && crash_was_cut(trace->crash);
}

int64_t trace_steps(const struct trace *trace)
{
    return trace->crash ? crash_steps(trace->crash) : 0;
}

void trace_room(struct trace *trace, int64_t bytes)
{
    if (trace->crash)
        crash_room(trace->crash, bytes);
}

/* --- the store ------------------------------------------------------------ */

static void heard(void *context, const char *what)
{
    trace_note(context, what);
}

static bool has_word(struct str words, const char *word)
{
    struct str part;

    while (str_cut(&words, ',', &part))
        if (str_equal_c(str_trim(part), word))
            return true;
    return false;
}

enum error trace_open(struct store *store, struct str words, struct err *err)
{
    struct trace *trace = calloc(1, sizeof(*trace));
    enum error error;

    if (!trace || sqlite3_initialize()) {
        free(trace);
        return err_memory(err);
    }
    trace->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    trace->inner = *store;
    if (store->driver == &sqlite_driver) {
        snprintf(trace->vfs, sizeof(trace->vfs), "crash-%p", (void *)trace);
        trace->crash =
            crash_new(trace->vfs, has_word(words, "crash"), heard, trace);
        trace->inner.vfs = trace->crash ? crash_vfs(trace->crash) : trace->vfs;
    }
    error = trace->inner.driver->open(&trace->inner, err);
    if (error) {
        crash_free(trace->crash);
        sqlite3_mutex_free(trace->mutex);
        free(trace);
        return error;
    }
    store->driver = &trace_driver;
    store->trace = trace;
    return ERROR_NONE;
}

const struct driver *trace_driver_under(const struct trace *trace)
{
    return trace->inner.driver;
}

static enum error trace_open_again(struct store *store, struct err *err)
{
    (void)store;
    (void)err;
    return ERROR_NONE;
}

static void trace_close(struct store *store)
{
    struct trace *trace = store->trace;

    trace->inner.driver->close(&trace->inner);
    crash_free(trace->crash);
    sqlite3_mutex_free(trace->mutex);
    free(trace->text);
    free(trace);
}

static enum error trace_connect(struct store *store, bool writing,
                                struct db **db, struct err *err)
{
    struct trace_db *made = calloc(1, sizeof(*made));
    enum error error;

    if (!made)
        return err_memory(err);
    made->base =
        (struct db){.driver = &trace_driver, .store = store, .fresh = -1};
    error = store->trace->inner.driver->connect(&store->trace->inner, writing,
                                                &made->inner, err);
    if (error) {
        free(made);
        return error;
    }
    *db = &made->base;
    return ERROR_NONE;
}

static void trace_disconnect(struct db *db)
{
    inner(db)->driver->disconnect(inner(db));
    free(db);
}

/* --- operations ----------------------------------------------------------- */

/* Notes the operation and says whether it must fail. */
static enum error operation(struct db *db, const char *verb, const char *sql,
                            struct err *err)
{
    struct trace *trace = db->store->trace;
    char line[64];
    size_t size;

    size = (size_t)snprintf(line, sizeof(line), "%s%s%.40s", verb,
                            *sql ? " " : "", sql);
    if (size >= sizeof(line))
        size = sizeof(line) - 1;
    for (size_t i = 0; i < size; i++)
        if (line[i] == '\n' || line[i] == '(')
            line[i] = '\0';
    trace_note(trace, line);
    if (trace->fail_in && --trace->fail_in == 0) {
        trace_note(trace, "FAIL");
        if (trace->failure == TRACE_FULL)
            return err_detail(err, ERROR_STORE, STORE_FULL, "trace: full");
        if (trace->failure == TRACE_DISK)
            return err_detail(err, ERROR_STORE, STORE_DISK, "trace: disk");
        trace->lost = true;
    }
    if (trace->lost)
        return err_detail(err, ERROR_STORE, STORE_LOST, "trace: lost");
    return ERROR_NONE;
}

static void follow(struct db *db)
{
    db->retry = inner(db)->retry;
}

static enum error trace_query(struct db *db, struct rows *rows, const char *sql,
                              const struct db_value *value, size_t count)
{
    enum error error = operation(db, "query", sql, rows->err);

    if (error)
        return error;
    error = inner(db)->driver->query(inner(db), rows, sql, value, count);
    follow(db);
    return error;
}

static enum error trace_run(struct db *db, int64_t *changed, const char *sql,
                            const struct db_value *value, size_t count,
                            struct err *err)
{
    enum error error = operation(db, "run", sql, err);

    if (error)
        return error;
    inner(db)->deferring = db->deferring;
    error = inner(db)->driver->run(inner(db), changed, sql, value, count, err);
    follow(db);
    return error;
}

static enum error trace_script(struct db *db, const char *sql, struct err *err)
{
    enum error error = operation(db, "script", sql, err);

    return error ? error : inner(db)->driver->script(inner(db), sql, err);
}

static enum error trace_begin(struct db *db, bool writing, struct err *err)
{
    enum error error;

    db->store->trace->lost = false;
    error = operation(db, writing ? "begin write" : "begin read", "", err);
    if (error)
        return error;
    inner(db)->retry = false;
    error = inner(db)->driver->begin(inner(db), writing, err);
    follow(db);
    if (!error) {
        inner(db)->depth = 1;
        inner(db)->writing = writing;
    }
    return error;
}

static enum error trace_commit(struct db *db, struct err *err)
{
    enum error error = operation(db, "commit", "", err);

    if (error)
        return error;
    error = inner(db)->driver->commit(inner(db), err);
    follow(db);
    if (!error) {
        inner(db)->depth = 0;
        trace_note(db->store->trace, "committed");
    }
    return error;
}

static void trace_rollback(struct db *db)
{
    trace_note(db->store->trace, "rollback");
    inner(db)->driver->rollback(inner(db));
    inner(db)->depth = 0;
}

static bool trace_standing(struct db *db)
{
    return !db->store->trace->lost && inner(db)->driver->standing(inner(db));
}

static enum error trace_erasing(struct db *db, bool on, struct err *err)
{
    return inner(db)->driver->erasing(inner(db), on, err);
}

/* Rows belong to the inner driver from the start; the functions that read
 * them are never reached through this table. */
const struct driver trace_driver = {
    .dialect = "trace",
    .open = trace_open_again,
    .close = trace_close,
    .connect = trace_connect,
    .disconnect = trace_disconnect,
    .query = trace_query,
    .run = trace_run,
    .script = trace_script,
    .begin = trace_begin,
    .commit = trace_commit,
    .rollback = trace_rollback,
    .standing = trace_standing,
    .erasing = trace_erasing,
};
