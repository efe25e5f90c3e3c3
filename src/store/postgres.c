/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* postgres.c - the driver for PostgreSQL.
 *
 * One libpq connection per db. Statements are prepared once, with parameter
 * types from the binding letters, and kept by their text; results come as
 * text. Transactions are REPEATABLE READ: log.c writes the site's head in
 * each, so two changes of a site cannot overlook each other, the second fails
 * with 40001 and store_run runs it again. After such a failure a connection
 * queues for the lock on site_head before its next transactions, which then
 * cannot fail that way. A connection that was lost while idle is made again
 * once.
 *
 * While db->deferring, statements whose outcome nobody waits for are sent
 * without waiting (libpq's pipeline); the next one that is waited for, or the
 * commit, brings their results and fails with the first that failed.
 */
#include "store/postgres_rows.h"

enum {
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    SLOTS = 512,
    KEPT_MAX = 384,
    EAGER = 64, /* transactions that queue after a serialization failure */
    FEW = 32,
    PENDING_MAX = 100 /* well below what fills a socket's buffers */
};

struct prepared {
    uint64_t hash;
    unsigned number;
    char sql[];
};

struct postgres_db {
    struct db base;
    PGconn *connection;
    struct prepared *slot[SLOTS];
    size_t kept;
    unsigned next_number;
    int eager;
    bool wanted, steady; /* plans as db_steady said, and as they are made */
    bool began_steady;   /* … when this transaction began: undone with it */
    bool pipeline;       /* libpq is in pipeline mode */
    int pending;         /* results that have not been read */
    bool promised[PENDING_MAX]; /* those that must tell of one row */
};

static struct postgres_db *own(struct db *db)
{
    return (struct postgres_db *)db;
}

/* --- errors --------------------------------------------------------------- */

static bool lost(const struct postgres_db *db)
{
    return PQstatus(db->connection) == CONNECTION_BAD;
}

static const struct {
    const char *state; /* SQLSTATE or its first letters */
    enum error error;
    const char *msgid;
} states[] = {
    {"40001", ERROR_BUSY, STORE_BUSY},
    {"40P01", ERROR_BUSY, STORE_BUSY},
    {"55P03", ERROR_BUSY, STORE_BUSY},
    {"57014", ERROR_BUSY, STORE_BUSY},
    {"23505", ERROR_CONFLICT, STORE_UNIQUE},
    {"53100", ERROR_STORE, STORE_FULL},
    {"25006", ERROR_STORE, STORE_READONLY},
    {"42501", ERROR_STORE, STORE_GUARD},
    {"P0001", ERROR_STORE, STORE_GUARD},
    {"58", ERROR_STORE, STORE_DISK},
    {"XX", ERROR_STORE, STORE_DAMAGED},
    {"57P", ERROR_STORE, STORE_LOST},
    {"08", ERROR_STORE, STORE_LOST},
};

/* The server's words may quote a value, so a data exception (22) or broken
 * constraint (23) is told by its code alone. */
static enum error translate_result(struct postgres_db *db,
                                   const PGresult *result, struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char detail[200];

    if (!state)
        state = "08000";
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
        db->base.retry = true;
        db->eager = EAGER;
    }
    if (state[0] == '2' && (state[1] == '2' || state[1] == '3'))
        primary = "";
    snprintf(detail, sizeof(detail), "postgresql %s: %s", state,
             primary ? primary : "");
    if (lost(db))
        return err_detail(err, ERROR_STORE, STORE_LOST, detail);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return err_detail(err, states[i].error, states[i].msgid, detail);
    return err_detail(err, ERROR_STORE, STORE_OTHER, detail);
}

static bool good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
           status == PGRES_EMPTY_QUERY;
}

/* Reads one result and the end that follows it; NULL when there is none. */
static PGresult *next_result(struct postgres_db *db)
{
    PGresult *result = PQgetResult(db->connection), *more;

    while (result && !lost(db) && (more = PQgetResult(db->connection)))
        PQclear(more);
    return result;
}

/* A row that was said to be new was there: run again, asking each time. */
static enum error broken_promise(struct postgres_db *db, struct err *err)
{
    db->base.retry = true;
    return err_set(err, ERROR_BUSY, STORE_BUSY, NULL, NULL, NULL);
}

/* Reads what was sent without waiting and, when own is not NULL, the result of
 * the statement sent last. Fails with the first that failed. */
static enum error finish(struct postgres_db *db, PGresult **own,
                         struct err *err)
{
    enum error error = ERROR_NONE;
    PGresult *result;
    int pending = db->pending;

    PQpipelineSync(db->connection);
    for (int i = 0; i < pending; i++, db->pending--) {
        result = next_result(db);
        if (!good(result) && !error)
            error = translate_result(db, result, err);
        else if (!error && db->promised[i] &&
                 strcmp(PQcmdTuples(result), "1") != 0)
            error = broken_promise(db, err);
        PQclear(result);
    }
    if (own) {
        *own = next_result(db);
        if (error) {
            PQclear(*own);
            *own = NULL;
        }
    }
    PQclear(PQgetResult(db->connection)); /* the sync itself */
    return error;
}

static enum error settle(struct postgres_db *db, struct err *err)
{
    enum error error = ERROR_NONE;

    if (!db->pipeline)
        return error;
    error = finish(db, NULL, err);
    PQexitPipelineMode(db->connection);
    db->pipeline = false;
    return error;
}

static enum error execute(struct postgres_db *db, const char *sql,
                          struct err *err)
{
    enum error error = settle(db, err);
    PGresult *result;

    if (error)
        return error;
    result = PQexec(db->connection, sql);
    if (!good(result))
        error = translate_result(db, result, err);
    PQclear(result);
    return error;
}

/* --- connections ---------------------------------------------------------- */

static void silent(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static void forget(struct postgres_db *db)
{
    for (size_t i = 0; i < SLOTS; i++) {
        free(db->slot[i]);
        db->slot[i] = NULL;
    }
    db->kept = 0;
}

static enum error greet(struct postgres_db *db, struct err *err)
{
    char detail[200];

    if (lost(db)) {
        snprintf(detail, sizeof(detail), "%s", PQerrorMessage(db->connection));
        detail[strcspn(detail, "\n")] = '\0';
        return err_detail(err, ERROR_STORE,
                          N_("No se puede conectar con la base de datos."),
                          detail);
    }
    PQsetNoticeReceiver(db->connection, silent, NULL);
    return execute(db,
                   "SET synchronous_commit = on; SET bytea_output = 'hex'; "
                   "SET standard_conforming_strings = on; "
                   "SET client_min_messages = error",
                   err);
}

static enum error postgres_open(struct store *store, struct err *err)
{
    (void)store;
    (void)err;
    return ERROR_NONE;
}

static void postgres_close(struct store *store)
{
    (void)store;
}

static void postgres_disconnect(struct db *base)
{
    struct postgres_db *db = own(base);

    forget(db);
    PQfinish(db->connection);
    free(db);
}

static enum error postgres_connect(struct store *store, bool writing,
                                   struct db **db, struct err *err)
{
    static const char *const names[] = {"connect_timeout", "client_encoding",
                                        "fallback_application_name", "dbname",
                                        NULL};
    const char *const values[] = {"10", "UTF8", "cobijo", store->url, NULL};
    struct postgres_db *made = calloc(1, sizeof(*made));
    enum error error;

    (void)writing;
    if (!made)
        return err_memory(err);
    made->base =
        (struct db){.driver = &postgres_driver, .store = store, .fresh = -1};
    made->connection = PQconnectdbParams(names, values, 1);
    error = greet(made, err);
    if (error) {
        postgres_disconnect(&made->base);
        return error;
    }
    *db = &made->base;
    return ERROR_NONE;
}

/* Outside of a transaction a lost connection is no harm: make it again. */
static bool reconnect(struct postgres_db *db)
{
    struct err err = {0};

    if (db->base.depth || !lost(db))
        return false;
    forget(db);
    PQreset(db->connection);
    db->steady = false;
    db->pipeline = false;
    db->pending = 0;
    return greet(db, &err) == ERROR_NONE;
}

static void postgres_steady(struct db *base, bool on)
{
    own(base)->wanted = on;
}

static enum error plan_as_wanted(struct postgres_db *db, struct err *err)
{
    enum error error;

    if (db->steady == db->wanted)
        return ERROR_NONE;
    error = execute(db,
                    db->wanted ? "SET plan_cache_mode = force_generic_plan"
                               : "SET plan_cache_mode = auto",
                    err);
    if (!error)
        db->steady = db->wanted;
    return error;
}

/* --- statements ----------------------------------------------------------- */

static uint64_t hash_text(const char *sql, const struct db_value *value,
                          size_t count)
{
    uint64_t hash = str_hash(str_of(sql));

    for (size_t i = 0; i < count; i++)
        hash = hash * 31 + (unsigned char)(value[i].type | 0x20);
    return hash;
}

static Oid type_of(char letter)
{
    switch (letter) {
    case 'i':
    case 'I':
        return OID_INT8;
    case 'd':
    case 'D':
        return OID_FLOAT8;
    case 't':
    case 'T':
        return OID_TEXT;
    case 'b':
    case 'B':
        return OID_BYTEA;
    default:
        return 0;
    }
}

/* The name of the prepared statement, prepared now if it must be. */
static enum error prepare(struct postgres_db *db, const char *sql,
                          const struct db_value *value, size_t count,
                          char name[24], struct err *err)
{
    uint64_t hash = hash_text(sql, value, count);
    struct prepared *made;
    Oid few[FEW], *types = few;
    PGresult *result;
    enum error error = ERROR_NONE;
    size_t at;

    for (at = hash % SLOTS; db->slot[at]; at = (at + 1) % SLOTS)
        if (db->slot[at]->hash == hash && strcmp(db->slot[at]->sql, sql) == 0) {
            snprintf(name, 24, "c%u", db->slot[at]->number);
            return ERROR_NONE;
        }
    error = settle(db, err);
    if (error)
        return error;
    if (db->kept >= KEPT_MAX) {
        error = execute(db, "DEALLOCATE ALL", err);
        if (error)
            return error;
        forget(db);
        at = hash % SLOTS;
    }
    made = malloc(sizeof(*made) + strlen(sql) + 1);
    if (count > FEW)
        types = malloc(count * sizeof(*types));
    if (!made || !types) {
        free(made);
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++)
        types[i] = type_of(value[i].type);
    made->hash = hash;
    made->number = ++db->next_number;
    memcpy(made->sql, sql, strlen(sql) + 1);
    snprintf(name, 24, "c%u", made->number);
    result = PQprepare(db->connection, name, sql, (int)count, types);
    if (good(result)) {
        db->slot[at] = made;
        db->kept++;
    } else {
        error = translate_result(db, result, err);
        free(made);
    }
    PQclear(result);
    if (types != few)
        free(types);
    return error;
}

struct sent {
    const char **at;
    int *size, *format;
    char *text; /* where numbers are written, texts end in NUL */
};

enum { NUMBER_SIZE = 32 };

static bool sent_init(struct sent *sent, const struct db_value *value,
                      size_t count)
{
    size_t size = 1;

    for (size_t i = 0; i < count; i++)
        size += value[i].type == 'i' || value[i].type == 'd'
                    ? NUMBER_SIZE
                    : value[i].t.size + 1;
    sent->at = calloc(count + 1, sizeof(*sent->at));
    sent->size = calloc(count + 1, sizeof(*sent->size));
    sent->format = calloc(count + 1, sizeof(*sent->format));
    sent->text = malloc(size);
    return sent->at && sent->size && sent->format && sent->text;
}

static void sent_release(struct sent *sent)
{
    free(sent->at);
    free(sent->size);
    free(sent->format);
    free(sent->text);
}

static void sent_fill(struct sent *sent, const struct db_value *value,
                      size_t count)
{
    char *text = sent->text;

    for (size_t i = 0; i < count; i++) {
        const struct db_value *one = &value[i];

        sent->format[i] = one->type == 'b';
        switch (one->type) {
        case 'i':
            sent->size[i] =
                snprintf(text, NUMBER_SIZE, "%lld", (long long)one->i);
            break;
        case 'd':
            sent->size[i] = snprintf(text, NUMBER_SIZE, "%.17g", one->d);
            break;
        case 'T':
            if (str_is_null(one->t))
                continue;
            /* fall through */
        case 't':
        case 'b':
            if (one->t.size)
                memcpy(text, one->t.at, one->t.size);
            text[one->t.size] = '\0';
            sent->size[i] = (int)one->t.size;
            break;
        default:
            continue;
        }
        sent->at[i] = text;
        text += sent->size[i] + 1;
    }
}

/* Sends without waiting; the result is read by finish. */
static enum error send_later(struct postgres_db *db, const char *name,
                             const struct sent *sent, size_t count,
                             struct err *err)
{
    if (!db->pipeline)
        db->pipeline = PQenterPipelineMode(db->connection) == 1;
    if (!db->pipeline ||
        !PQsendQueryPrepared(db->connection, name, (int)count, sent->at,
                             sent->size, sent->format, 0))
        return translate_result(db, NULL, err);
    return ERROR_NONE;
}

static enum error send_named(struct postgres_db *db, const char *name,
                             const struct sent *sent, size_t count,
                             PGresult **result, struct err *err)
{
    enum error error = ERROR_NONE;

    if (!db->pipeline) {
        *result = PQexecPrepared(db->connection, name, (int)count, sent->at,
                                 sent->size, sent->format, 0);
    } else {
        error = send_later(db, name, sent, count, err);
        if (!error)
            error = finish(db, result, err);
    }
    if (!error && !good(*result)) {
        error = translate_result(db, *result, err);
        PQclear(*result);
        *result = NULL;
    }
    return error;
}

/* result NULL: nobody waits for it. promised: it must change one row. */
static enum error send_once(struct postgres_db *db, const char *sql,
                            const struct db_value *value, size_t count,
                            PGresult **result, bool promised, struct err *err)
{
    struct sent sent = {0};
    char name[24];
    enum error error = plan_as_wanted(db, err);

    if (!error)
        error = prepare(db, sql, value, count, name, err);
    if (error)
        return error;
    if (!sent_init(&sent, value, count)) {
        sent_release(&sent);
        return err_memory(err);
    }
    sent_fill(&sent, value, count);
    if (result) {
        error = send_named(db, name, &sent, count, result, err);
    } else {
        error = send_later(db, name, &sent, count, err);
        if (!error) {
            db->promised[db->pending++] = promised;
            if (db->pending == PENDING_MAX)
                error = settle(db, err);
        }
    }
    sent_release(&sent);
    return error;
}

static enum error postgres_query(struct db *base, struct rows *rows,
                                 const char *sql, const struct db_value *value,
                                 size_t count)
{
    struct postgres_db *db = own(base);
    struct result *result = calloc(1, sizeof(*result));
    struct err err = {0};
    enum error error;

    rows->db = base;
    if (!result)
        return err_memory(rows->err);
    reconnect(db);
    error = send_once(db, sql, value, count, &result->rows, false, &err);
    if (error && reconnect(db)) {
        err_clear(&err);
        error = send_once(db, sql, value, count, &result->rows, false, &err);
    }
    if (error) {
        free(result);
        if (rows->err && !rows->err->code)
            *rows->err = err;
        return error;
    }
    result->row = -1;
    rows->statement = result;
    rows->columns = (size_t)PQnfields(result->rows);
    return ERROR_NONE;
}

static enum error postgres_run(struct db *base, int64_t *changed,
                               const char *sql, const struct db_value *value,
                               size_t count, struct err *err)
{
    struct postgres_db *db = own(base);
    PGresult *result = NULL;
    int64_t number = 0;
    enum error error;

    reconnect(db);
    if (base->deferring && !changed && base->depth)
        return send_once(db, sql, value, count, NULL, false, err);
    error = send_once(db, sql, value, count, &result, false, err);
    if (error)
        return error;
    if (changed) {
        str_to_int(str_of(PQcmdTuples(result)), &number);
        *changed = number;
    }
    PQclear(result);
    return ERROR_NONE;
}

static enum error postgres_promise(struct db *base, const char *sql,
                                   const struct db_value *value, size_t count,
                                   struct err *err)
{
    return send_once(own(base), sql, value, count, NULL, true, err);
}

static enum error postgres_script(struct db *base, const char *sql,
                                  struct err *err)
{
    reconnect(own(base));
    return execute(own(base), sql, err);
}

/* --- transactions --------------------------------------------------------- */

static enum error postgres_begin(struct db *base, bool writing, struct err *err)
{
    static const char write_sql[] = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    static const char read_sql[] =
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    static const char eager_sql[] = "BEGIN ISOLATION LEVEL REPEATABLE READ; "
                                    "LOCK TABLE site_head IN EXCLUSIVE MODE";
    struct postgres_db *db = own(base);
    const char *sql = writing ? write_sql : read_sql;
    struct err first = {0};
    enum error error;

    if (writing && db->eager > 0) {
        db->eager--;
        sql = eager_sql;
    }
    reconnect(db);
    error = plan_as_wanted(db, &first);
    if (!error)
        error = execute(db, sql, &first);
    if (error && reconnect(db)) {
        err_clear(&first);
        error = execute(db, sql, &first);
    }
    db->began_steady = db->steady;
    if (error && !lost(db))
        execute(db, "ROLLBACK", NULL);
    if (error && err && !err->code)
        *err = first;
    return error;
}

static enum error postgres_commit(struct db *base, struct err *err)
{
    struct postgres_db *db = own(base);
    enum error error = settle(db, err);
    PGresult *result;

    if (error)
        return error;
    result = PQexec(db->connection, "COMMIT");
    if (!good(result))
        error = translate_result(db, result, err);
    else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        error = err_detail(err, ERROR_STORE, STORE_OTHER,
                           "postgresql: COMMIT answered ROLLBACK");
    PQclear(result);
    return error;
}

static void postgres_rollback(struct db *base)
{
    struct postgres_db *db = own(base);
    struct err err = {0};

    settle(db, &err);              /* whatever failed is undone anyway */
    db->steady = db->began_steady; /* that too */
    if (!lost(db) && PQtransactionStatus(db->connection) != PQTRANS_IDLE)
        execute(db, "ROLLBACK", &err);
}

static bool postgres_standing(struct db *base)
{
    struct postgres_db *db = own(base);
    PGTransactionStatusType status = PQtransactionStatus(db->connection);

    return !lost(db) && (status == PQTRANS_INTRANS ||
                         status == PQTRANS_INERROR || status == PQTRANS_ACTIVE);
}

static enum error postgres_erasing(struct db *base, bool on, struct err *err)
{
    return execute(own(base),
                   on ? "SET LOCAL cobijo.erasing = 'on'"
                      : "SET LOCAL cobijo.erasing = 'off'",
                   err);
}

static const char postgres_guards[] =
    "CREATE OR REPLACE FUNCTION cobijo_append_only() RETURNS trigger "
    "LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_TABLE_NAME IN ('entry_body', 'data_key') AND "
    "TG_OP = 'DELETE' AND "
    "coalesce(current_setting('cobijo.erasing', true), '') = 'on' THEN "
    "RETURN OLD; END IF; "
    "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;"
    "CREATE OR REPLACE TRIGGER entry_append_only "
    "BEFORE UPDATE OR DELETE ON entry "
    "FOR EACH ROW EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_body_append_only "
    "BEFORE UPDATE OR DELETE ON entry_body "
    "FOR EACH ROW EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER entry_body_no_truncate "
    "BEFORE TRUNCATE ON entry_body "
    "FOR EACH STATEMENT EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER data_key_append_only "
    "BEFORE UPDATE OR DELETE ON data_key "
    "FOR EACH ROW EXECUTE FUNCTION cobijo_append_only();"
    "CREATE OR REPLACE TRIGGER data_key_no_truncate "
    "BEFORE TRUNCATE ON data_key "
    "FOR EACH STATEMENT EXECUTE FUNCTION cobijo_append_only();"
    "REVOKE UPDATE, TRUNCATE ON data_key FROM PUBLIC;"
    "REVOKE UPDATE, TRUNCATE ON data_key FROM CURRENT_USER;"
    "REVOKE UPDATE, DELETE, TRUNCATE ON entry FROM PUBLIC;"
    "REVOKE UPDATE, DELETE, TRUNCATE ON entry FROM CURRENT_USER;"
    "REVOKE UPDATE, TRUNCATE ON entry_body FROM PUBLIC;"
    "REVOKE UPDATE, TRUNCATE ON entry_body FROM CURRENT_USER;";

const struct driver postgres_driver = {
    .dialect = "postgresql",
    .open = postgres_open,
    .close = postgres_close,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .query = postgres_query,
    .next = postgres_next,
    .end = postgres_end,
    .is_null = postgres_is_null,
    .integer = postgres_integer,
    .real = postgres_real,
    .text = postgres_text,
    .bytes = postgres_bytes,
    .name = postgres_name,
    .run = postgres_run,
    .promise = postgres_promise,
    .script = postgres_script,
    .steady = postgres_steady,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .standing = postgres_standing,
    .erasing = postgres_erasing,
    /* the transactions that this one sees: any that ends changes it */
    .snapshot = "SELECT CAST(txid_current_snapshot() AS TEXT)",
    .lock = "SELECT pg_advisory_xact_lock(7163812048)",
    .guards = postgres_guards,
};
