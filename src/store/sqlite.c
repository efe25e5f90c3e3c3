/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sqlite.c - the driver for SQLite.
 *
 * A file in WAL mode with synchronous=FULL, one connection per db; or
 * `sqlite::memory:`, where all dbs of the store share one connection, one
 * thread at a time (tests, the browser). An authorizer refuses to change or
 * drop the log and the data keys; erasing opens the one gap. Statements are
 * kept by the hash of their text.
 */
#include <errno.h>
#include <sqlite3.h>

#include "store/sqlite_watch.h"

enum { SLOTS = 512, KEPT_MAX = 384, BUSY_MS = 10000 };

struct statement {
    sqlite3_stmt *handle;
    uint64_t hash;
    bool busy, kept, erasing;
    size_t parameters;
    unsigned char number[]; /* which $n each parameter is, from 0 */
};

struct sqlite_db {
    struct db base;
    struct connection *connection;
    struct statement *slot[SLOTS];
    size_t kept;
};

static struct sqlite_db *own(struct db *db)
{
    return (struct sqlite_db *)db;
}

/* --- errors --------------------------------------------------------------- */

static enum error translate_code(int code, sqlite3 *handle, struct err *err)
{
    char detail[200];

    snprintf(detail, sizeof(detail), "sqlite %d: %s",
             handle ? sqlite3_extended_errcode(handle) : code,
             handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    switch (code & 0xff) {
    case SQLITE_FULL:
        return err_detail(err, ERROR_STORE, STORE_FULL, detail);
    case SQLITE_READONLY:
        return err_detail(err, ERROR_STORE, STORE_READONLY, detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_detail(err, ERROR_STORE, STORE_DAMAGED, detail);
    case SQLITE_IOERR:
        return err_detail(err, ERROR_STORE, STORE_DISK, detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_detail(err, ERROR_BUSY, STORE_BUSY, detail);
    case SQLITE_CONSTRAINT:
        if (handle &&
            sqlite3_extended_errcode(handle) == SQLITE_CONSTRAINT_TRIGGER)
            return err_detail(err, ERROR_STORE, STORE_GUARD, detail);
        return err_detail(err, ERROR_CONFLICT, STORE_UNIQUE, detail);
    case SQLITE_AUTH:
        return err_detail(err, ERROR_STORE, STORE_GUARD, detail);
    case SQLITE_NOMEM:
        return err_memory(err);
    default:
        return err_detail(err, ERROR_STORE, STORE_OTHER, detail);
    }
}

/* No place for the -wal and -shm files. */
static enum error cannot_write(int reason, struct err *err)
{
    return err_detail(err, ERROR_STORE,
                      reason == ENOSPC ? STORE_FULL : STORE_READONLY,
                      strerror(reason));
}

static enum error cannot_open(const char *path, sqlite3 *handle, int code,
                              struct err *err)
{
    int reason = handle ? sqlite3_system_errno(handle) : 0;

    if ((code & 0xff) != SQLITE_CANTOPEN)
        return translate_code(code, handle, err);
    if (reason == ENOENT)
        return err_set(err, ERROR_STORE, STORE_MISSING, path, NULL, NULL);
    if (reason == EROFS || reason == ENOSPC)
        return cannot_write(reason, err);
    return err_set(err, ERROR_STORE,
                   N_("No se puede abrir el archivo de datos {1}: compruebe "
                      "que exista y que se pueda escribir en su carpeta."),
                   path, NULL, NULL);
}

/* --- the guard ------------------------------------------------------------ */

static bool is_log(const char *table)
{
    return table && (sqlite3_stricmp(table, "entry") == 0 ||
                     sqlite3_stricmp(table, "entry_body") == 0 ||
                     sqlite3_stricmp(table, "data_key") == 0);
}

static int authorize(void *context, int action, const char *a, const char *b,
                     const char *database, const char *trigger)
{
    const struct connection *connection = context;

    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_UPDATE:
    case SQLITE_DROP_TABLE:
        return is_log(a) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_DELETE:
        if (!is_log(a) ||
            (connection->erasing && sqlite3_stricmp(a, "entry") != 0))
            return SQLITE_OK;
        return SQLITE_DENY;
    case SQLITE_ALTER_TABLE:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_INDEX:
        return is_log(b) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return sqlite3_stricmp(a, "writable_schema") == 0 && b ? SQLITE_DENY
                                                               : SQLITE_OK;
    default:
        return SQLITE_OK;
    }
}

/* --- connections ---------------------------------------------------------- */

static bool in_memory(const struct store *store)
{
    return strcmp(store->url, "sqlite::memory:") == 0;
}

/* The file is encrypted page by page, its WAL too (SQLite3 Multiple Ciphers,
 * AEGIS-256: bench/b_sealed.c says why). The key is raw: no derivation for each
 * connection. */
static int unlock(sqlite3 *handle, const unsigned char key[32])
{
#ifdef SQLITE3MC_VERSION_STRING
    unsigned char text[4 + 32] = "raw:";
    int code = sqlite3_exec(handle, "PRAGMA cipher='aegis'", NULL, NULL, NULL);

    memcpy(text + 4, key, 32);
    if (!code)
        code = sqlite3_key_v2(handle, "main", text, (int)sizeof(text));
    for (volatile unsigned char *at = text; at < text + sizeof(text); at++)
        *at = 0;
    return code;
#else
    (void)handle;
    (void)key;
    return SQLITE_MISUSE; /* the browser keeps no file */
#endif
}

static enum error pragmas(struct connection *connection, bool writing,
                          struct err *err)
{
    static const char common[] = "PRAGMA foreign_keys=ON;"
                                 "PRAGMA secure_delete=FAST;"
                                 "PRAGMA temp_store=MEMORY;"
                                 "PRAGMA recursive_triggers=ON;"
                                 "PRAGMA trusted_schema=OFF;";
    static const char writer[] = "PRAGMA journal_mode=WAL;"
                                 "PRAGMA synchronous=FULL;"
                                 "PRAGMA cache_size=-16000;"
                                 "PRAGMA wal_autocheckpoint=8000;"
                                 "PRAGMA journal_size_limit=67108864;";
    static const char reader[] = "PRAGMA query_only=ON;"
                                 "PRAGMA cache_size=-4000;";
    sqlite3 *handle = connection->handle;
    int code = sqlite3_exec(handle, common, NULL, NULL, NULL);

    /* plans do not look at parameters: else a statement is planned anew
     * whenever one is bound that a partial index might care for */
    if (!code)
        code = sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    if (!code && !connection->shared)
        code =
            sqlite3_exec(handle, writing ? writer : reader, NULL, NULL, NULL);
    /* reading the schema tells whether it is a database at all */
    if (!code)
        code = sqlite3_exec(handle, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL,
                            NULL, NULL);
    if (!code && writing && sqlite3_db_readonly(handle, "main") == 1)
        return err_set(err, ERROR_STORE, STORE_READONLY, NULL, NULL, NULL);
    if ((code & 0xff) == SQLITE_CANTOPEN) /* a file beside it */
        return cannot_write(sqlite3_system_errno(handle), err);
    return code ? translate_code(code, handle, err) : ERROR_NONE;
}

enum error connection_open(struct store *store, bool writing,
                           struct connection **connection, struct err *err)
{
    struct connection *made = calloc(1, sizeof(*made));
    const char *path = store->url + strlen("sqlite:");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
    char memory[64];
    enum error error;
    int code;

    if (!made)
        return err_memory(err);
    made->shared = in_memory(store);
    if (made->shared) {
        snprintf(memory, sizeof(memory), "file:/cobijo-%p?vfs=memdb",
                 (void *)store);
        path = memory;
        flags |= SQLITE_OPEN_URI | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    } else {
        flags |= SQLITE_OPEN_NOMUTEX;
        if (writing && !store->found) /* not again when somebody removed it */
            flags |= SQLITE_OPEN_CREATE;
    }
    code = sqlite3_open_v2(path, &made->handle, flags,
                           made->shared ? NULL : store->vfs);
    if (code) {
        error = cannot_open(path, made->handle, code, err);
    } else {
        sqlite3_busy_timeout(made->handle, BUSY_MS);
        if (store->key && !made->shared)
            code = unlock(made->handle, store->key);
        error = code ? translate_code(code, made->handle, err)
                     : pragmas(made, writing, err);
        if (error && store->key &&
            sqlite3_errcode(made->handle) == SQLITE_NOTADB) {
            err_clear(err);
            error =
                err_set(err, ERROR_STORE, STORE_OTHER_KEY, NULL, NULL, NULL);
        }
    }
    if (error) {
        sqlite3_close(made->handle);
        free(made);
        return error;
    }
    store->found = true;
    sqlite3_set_authorizer(made->handle, authorize, made);
    *connection = made;
    return ERROR_NONE;
}

void connection_close(struct connection *connection)
{
    sqlite3_close(connection->handle);
    free(connection);
}

static bool sqlite_changes(struct store *store, uint64_t *number)
{
    *number = 0;
    return in_memory(store) || sqlite_watch_look(store, number);
}

static enum error sqlite_open(struct store *store, struct err *err)
{
    struct connection *connection;
    enum error error;

    if (sqlite3_initialize())
        return err_memory(err);
    if (!in_memory(store))
        return sqlite_watch_make(store, err);
    error = connection_open(store, true, &connection, err);
    if (!error)
        store->own = connection;
    return error;
}

static void sqlite_close(struct store *store)
{
    sqlite_watch_close(store->watch);
    if (store->own)
        connection_close(store->own);
}

static enum error sqlite_connect(struct store *store, bool writing,
                                 struct db **db, struct err *err)
{
    struct sqlite_db *made = calloc(1, sizeof(*made));
    enum error error = ERROR_NONE;

    if (!made)
        return err_memory(err);
    made->base =
        (struct db){.driver = &sqlite_driver, .store = store, .fresh = -1};
    if (store->own)
        made->connection = store->own;
    else
        error = connection_open(store, writing, &made->connection, err);
    if (error) {
        free(made);
        return error;
    }
    *db = &made->base;
    return ERROR_NONE;
}

static void statement_free(struct statement *statement)
{
    sqlite3_finalize(statement->handle);
    free(statement);
}

/* Drops kept statements that nobody is reading from. */
static void forget(struct sqlite_db *db, bool only_erasing)
{
    struct statement *stay[SLOTS];
    size_t count = 0;

    for (size_t i = 0; i < SLOTS; i++) {
        struct statement *one = db->slot[i];

        db->slot[i] = NULL;
        if (!one)
            continue;
        if (one->busy || (only_erasing && !one->erasing))
            stay[count++] = one;
        else
            statement_free(one);
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = stay[i]->hash % SLOTS;

        while (db->slot[at])
            at = (at + 1) % SLOTS;
        db->slot[at] = stay[i];
    }
    db->kept = count;
}

static void sqlite_disconnect(struct db *base)
{
    struct sqlite_db *db = own(base);

    forget(db, false);
    if (!db->connection->shared)
        connection_close(db->connection);
    free(db);
}

/* --- statements ----------------------------------------------------------- */

static uint64_t hash_text(const char *sql)
{
    uint64_t hash = 0x9e3779b97f4a7c15u, word;
    size_t size = strlen(sql), i = 0;

    for (; i + 8 <= size; i += 8) {
        memcpy(&word, sql + i, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, sql + i, size - i);
    hash = (hash ^ word ^ size) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 29;
}

static struct statement *prepare(struct sqlite_db *db, const char *sql,
                                 uint64_t hash, struct err *err)
{
    sqlite3 *handle = db->connection->handle;
    struct statement *statement;
    sqlite3_stmt *made = NULL;
    int code = sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &made, NULL);
    int parameters = sqlite3_bind_parameter_count(made);

    if (code || !made) {
        translate_code(code ? code : SQLITE_MISUSE, handle, err);
        return NULL;
    }
    statement = calloc(1, sizeof(*statement) + (size_t)parameters * 2);
    if (!statement) {
        sqlite3_finalize(made);
        err_memory(err);
        return NULL;
    }
    statement->handle = made;
    statement->hash = hash;
    statement->erasing = db->connection->erasing;
    statement->parameters = (size_t)parameters;
    for (int i = 0; i < parameters; i++) {
        const char *name = sqlite3_bind_parameter_name(made, i + 1);
        long number = name && *name == '$' ? strtol(name + 1, NULL, 10) : 0;

        statement->number[2 * i] = (unsigned char)(number >> 8);
        statement->number[2 * i + 1] = (unsigned char)number;
    }
    return statement;
}

/* A statement ready to be bound: a kept one, or a new one. */
static struct statement *statement_take(struct sqlite_db *db, const char *sql,
                                        struct err *err)
{
    uint64_t hash = hash_text(sql);
    struct statement *statement;
    size_t at;
    bool taken = false;

    for (at = hash % SLOTS; db->slot[at]; at = (at + 1) % SLOTS) {
        if (db->slot[at]->hash != hash ||
            strcmp(sqlite3_sql(db->slot[at]->handle), sql) != 0)
            continue;
        if (!db->slot[at]->busy) {
            db->slot[at]->busy = true;
            return db->slot[at];
        }
        taken = true; /* in use: a second one that is not kept */
        break;
    }
    statement = prepare(db, sql, hash, err);
    if (!statement)
        return NULL;
    statement->busy = true;
    if (taken)
        return statement;
    if (db->kept >= KEPT_MAX) {
        forget(db, false);
        for (at = hash % SLOTS; db->slot[at]; at = (at + 1) % SLOTS)
            ;
    }
    if (db->kept < KEPT_MAX) {
        statement->kept = true;
        db->slot[at] = statement;
        db->kept++;
    }
    return statement;
}

static void statement_give(struct statement *statement)
{
    sqlite3_reset(statement->handle);
    statement->busy = false;
    if (!statement->kept)
        statement_free(statement);
}

static int bind_one(sqlite3_stmt *handle, int at, const struct db_value *value,
                    sqlite3_destructor_type keep)
{
    const char *text = value->t.at ? value->t.at : "";

    switch (value->type) {
    case 'i':
        return sqlite3_bind_int64(handle, at, value->i);
    case 'd':
        return sqlite3_bind_double(handle, at, value->d);
    case 'T':
        if (str_is_null(value->t))
            return sqlite3_bind_null(handle, at);
        return sqlite3_bind_text64(handle, at, text, value->t.size, keep,
                                   SQLITE_UTF8);
    case 't':
        return sqlite3_bind_text64(handle, at, text, value->t.size, keep,
                                   SQLITE_UTF8);
    case 'b':
        return sqlite3_bind_blob64(handle, at, text, value->t.size, keep);
    default:
        return sqlite3_bind_null(handle, at);
    }
}

static int bind(struct statement *statement, const struct db_value *value,
                size_t count, sqlite3_destructor_type keep)
{
    int code = SQLITE_OK;

    for (size_t i = 0; i < statement->parameters && !code; i++) {
        size_t number = (size_t)statement->number[2 * i] << 8 |
                        statement->number[2 * i + 1];

        if (number < 1 || number > count)
            return SQLITE_RANGE;
        code =
            bind_one(statement->handle, (int)i + 1, &value[number - 1], keep);
    }
    return code;
}

static enum error sqlite_query(struct db *base, struct rows *rows,
                               const char *sql, const struct db_value *value,
                               size_t count)
{
    struct sqlite_db *db = own(base);
    struct statement *statement;
    int code;

    rows->db = base;
    statement = statement_take(db, sql, rows->err);
    if (!statement)
        return rows->err && rows->err->code ? rows->err->code : ERROR_STORE;
    code = bind(statement, value, count, SQLITE_TRANSIENT);
    if (code) {
        statement_give(statement);
        return translate_code(code, NULL, rows->err);
    }
    rows->statement = statement;
    rows->columns = (size_t)sqlite3_column_count(statement->handle);
    return ERROR_NONE;
}

static sqlite3_stmt *reading(const struct rows *rows)
{
    return ((struct statement *)rows->statement)->handle;
}

static bool sqlite_next(struct rows *rows)
{
    int code = sqlite3_step(reading(rows));

    if (code == SQLITE_ROW) {
        rows->place++;
        return true;
    }
    if (code != SQLITE_DONE)
        rows->error =
            translate_code(code, own(rows->db)->connection->handle, rows->err);
    return false;
}

static enum error sqlite_end(struct rows *rows)
{
    statement_give(rows->statement);
    return rows->error;
}

static bool sqlite_is_null(const struct rows *rows, size_t column)
{
    return sqlite3_column_type(reading(rows), (int)column) == SQLITE_NULL;
}

static int64_t sqlite_integer(const struct rows *rows, size_t column)
{
    return sqlite3_column_int64(reading(rows), (int)column);
}

static double sqlite_real(const struct rows *rows, size_t column)
{
    return sqlite3_column_double(reading(rows), (int)column);
}

static struct str sqlite_text(const struct rows *rows, size_t column)
{
    sqlite3_stmt *handle = reading(rows);
    const unsigned char *text = sqlite3_column_text(handle, (int)column);

    if (!text)
        return STR_NULL;
    return (struct str){(const char *)text,
                        (size_t)sqlite3_column_bytes(handle, (int)column)};
}

static struct str sqlite_bytes(const struct rows *rows, size_t column)
{
    sqlite3_stmt *handle = reading(rows);
    const char *bytes = sqlite3_column_blob(handle, (int)column);

    if (!bytes)
        return sqlite_is_null(rows, column) ? STR_NULL : STR("");
    return (struct str){bytes,
                        (size_t)sqlite3_column_bytes(handle, (int)column)};
}

static struct str sqlite_name(const struct rows *rows, size_t column)
{
    return str_of(sqlite3_column_name(reading(rows), (int)column));
}

static enum error sqlite_run(struct db *base, int64_t *changed, const char *sql,
                             const struct db_value *value, size_t count,
                             struct err *err)
{
    struct sqlite_db *db = own(base);
    sqlite3 *handle = db->connection->handle;
    struct err spare = {0};
    struct statement *statement;
    enum error error = ERROR_NONE;
    int code;

    err = err ? err : &spare;
    statement = statement_take(db, sql, err);
    if (!statement)
        return err->code;
    code = bind(statement, value, count, SQLITE_STATIC);
    if (code) {
        error = translate_code(code, NULL, err);
    } else {
        do
            code = sqlite3_step(statement->handle);
        while (code == SQLITE_ROW);
        if (code != SQLITE_DONE)
            error = translate_code(code, handle, err);
        else if (changed)
            *changed = sqlite3_changes64(handle);
    }
    sqlite3_clear_bindings(statement->handle);
    statement_give(statement);
    return error;
}

static enum error sqlite_script(struct db *base, const char *sql,
                                struct err *err)
{
    sqlite3 *handle = own(base)->connection->handle;
    int code = sqlite3_exec(handle, sql, NULL, NULL, NULL);

    return code ? translate_code(code, handle, err) : ERROR_NONE;
}

/* --- transactions --------------------------------------------------------- */

static enum error plain(struct db *db, const char *sql, struct err *err)
{
    return sqlite_run(db, NULL, sql, NULL, 0, err);
}

/* Over a shared connection reading needs no transaction, and writing inside
 * another's writing is a savepoint. */
static enum error sqlite_begin(struct db *base, bool writing, struct err *err)
{
    struct connection *connection = own(base)->connection;
    enum error error;

    if (!connection->shared)
        return plain(base, writing ? "BEGIN IMMEDIATE" : "BEGIN", err);
    if (!writing)
        return ERROR_NONE;
    error = plain(base,
                  connection->nesting ? "SAVEPOINT shared" : "BEGIN IMMEDIATE",
                  err);
    if (!error)
        connection->nesting++;
    return error;
}

/* The write-ahead log still has the pages as they were before an erase. Who
 * reads meanwhile is not waited for long: the next one will do it. */
static void write_through(struct connection *connection)
{
    connection->erased = false;
    sqlite3_busy_timeout(connection->handle, 100);
    sqlite3_exec(connection->handle, "PRAGMA wal_checkpoint(TRUNCATE)", NULL,
                 NULL, NULL);
    sqlite3_busy_timeout(connection->handle, BUSY_MS);
}

static enum error sqlite_commit(struct db *base, struct err *err)
{
    struct connection *connection = own(base)->connection;
    enum error error;

    if (!connection->shared) {
        error = plain(base, "COMMIT", err);
        if (!error && connection->erased)
            write_through(connection);
        return error;
    }
    if (!base->writing)
        return ERROR_NONE;
    error = plain(
        base, connection->nesting > 1 ? "RELEASE SAVEPOINT shared" : "COMMIT",
        err);
    if (!error)
        connection->nesting--;
    return error;
}

static bool sqlite_standing(struct db *base)
{
    struct connection *connection = own(base)->connection;

    return !sqlite3_get_autocommit(connection->handle);
}

static void sqlite_rollback(struct db *base)
{
    struct connection *connection = own(base)->connection;
    struct err err = {0};

    connection->erased = false;
    if (connection->shared && !base->writing)
        return;
    if (connection->shared)
        connection->nesting--;
    if (!sqlite_standing(base))
        return;
    if (connection->shared && connection->nesting) {
        plain(base, "ROLLBACK TO SAVEPOINT shared", &err);
        plain(base, "RELEASE SAVEPOINT shared", &err);
    } else {
        plain(base, "ROLLBACK", &err);
    }
}

static enum error sqlite_erasing(struct db *base, bool on, struct err *err)
{
    struct sqlite_db *db = own(base);

    /* pages that become free are overwritten, too */
    int code = sqlite3_exec(db->connection->handle,
                            on ? "PRAGMA secure_delete=ON"
                               : "PRAGMA secure_delete=FAST",
                            NULL, NULL, NULL);

    db->connection->erasing = on;
    db->connection->erased = true;
    if (!on)
        forget(db, true);
    return code ? translate_code(code, db->connection->handle, err)
                : ERROR_NONE;
}

static void sqlite_bulk(struct db *base, bool on)
{
    struct connection *connection = own(base)->connection;

    if (!connection->shared)
        sqlite3_exec(connection->handle,
                     on ? "PRAGMA cache_size=-128000"
                        : "PRAGMA cache_size=-16000",
                     NULL, NULL, NULL);
}

static const char sqlite_guards[] =
    "CREATE TRIGGER IF NOT EXISTS entry_no_update BEFORE UPDATE ON entry "
    "BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;"
    "CREATE TRIGGER IF NOT EXISTS entry_no_delete BEFORE DELETE ON entry "
    "BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;"
    "CREATE TRIGGER IF NOT EXISTS entry_body_no_update "
    "BEFORE UPDATE ON entry_body "
    "BEGIN SELECT RAISE(ABORT, 'entry_body is append-only'); END;"
    "CREATE TRIGGER IF NOT EXISTS data_key_no_update "
    "BEFORE UPDATE ON data_key "
    "BEGIN SELECT RAISE(ABORT, 'data_key is append-only'); END;";

const struct driver sqlite_driver = {
    .dialect = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .query = sqlite_query,
    .next = sqlite_next,
    .end = sqlite_end,
    .is_null = sqlite_is_null,
    .integer = sqlite_integer,
    .real = sqlite_real,
    .text = sqlite_text,
    .bytes = sqlite_bytes,
    .name = sqlite_name,
    .run = sqlite_run,
    .script = sqlite_script,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .standing = sqlite_standing,
    .erasing = sqlite_erasing,
    .bulk = sqlite_bulk,
    .changes = sqlite_changes,
    .lock = NULL,
    .guards = sqlite_guards,
};
