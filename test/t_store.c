/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_store.c - the same on both databases: values, transactions, jobs, guards,
 * connections that are lost, scripts.
 */
#include "store/store.h"

#include <stdlib.h>

#include "store/driver.h"
#include "store_fixture.h"

static enum error run(struct fixture *fixture, const char *sql, struct err *err)
{
    *err = (struct err){0};
    return db_run(fixture->db, NULL, err, sql, "");
}

static int64_t count(struct fixture *fixture, const char *sql)
{
    int64_t value = -1;
    struct err err = {0};

    if (db_get_int(fixture->db, &value, NULL, &err, sql, ""))
        printf("# %s\n", err.detail);
    return value;
}

static const char table_sql[] =
    "CREATE TABLE thing (site TEXT NOT NULL, id BIGINT NOT NULL, text TEXT,\n"
    "  number @DOUBLE@, bytes @BLOB@, PRIMARY KEY (site, id)) @CLUSTERED@;\n"
    "-- a comment; with a semicolon\n"
    "CREATE TABLE plain (id BIGINT NOT NULL PRIMARY KEY, name TEXT "
    "DEFAULT 'a;b');\n"
    "INSERT INTO plain (id) VALUES (1);";

static void check_values(struct fixture *fixture)
{
    static const char sql[] =
        "INSERT INTO thing (site, id, text, number, bytes) "
        "VALUES ($1, $2, $3, $4, $5)";
    struct rows rows;
    struct err err = {0};
    int64_t changed = 0, value = 7;
    bool found = true;
    struct str text = STR("zzz");

    fixture_ok(fixture, db_script(fixture->db, table_sql, &err), &err,
               "a script of tables");
    fixture_ok(fixture,
               db_run(fixture->db, &changed, &err, sql, "titdb", STR("s"),
                      (int64_t)-5000000000, STR("ñandú"), 0.1,
                      ((struct str){"\0\xff'", 3})),
               &err, "binds every type");
    tap_is_int(fixture->tap, changed, 1, "one row changed");
    fixture_ok(fixture,
               db_run(fixture->db, NULL, &err, sql, "tiTDB", STR("s"),
                      (int64_t)2, STR_NULL),
               &err, "typed nulls");
    fixture_ok(fixture,
               db_run(fixture->db, NULL, &err, sql, "tinnb", STR("s"),
                      (int64_t)3, STR("")),
               &err, "untyped nulls, empty bytes");
    db_query(fixture->db, &rows, &err,
             "SELECT id, text, number, bytes, $2 AS again FROM thing "
             "WHERE site = $1 ORDER BY id",
             "tt", STR("s"), STR("x"));
    tap_ok(fixture->tap, rows_next(&rows), "a first row");
    tap_is_int(fixture->tap, rows_int(&rows, 0), -5000000000, "its number");
    tap_ok(fixture->tap, str_equal_c(rows_text(&rows, 1), "ñandú"), "text");
    tap_ok(fixture->tap, rows_double(&rows, 2) == 0.1, "double, exactly");
    tap_ok(fixture->tap,
           rows_bytes(&rows, 3).size == 3 &&
               memcmp(rows_bytes(&rows, 3).at, "\0\xff'", 3) == 0,
           "bytes");
    tap_ok(fixture->tap, str_equal_c(rows_name(&rows, 4), "again"), "name");
    tap_ok(fixture->tap, rows_next(&rows), "a second row");
    tap_ok(fixture->tap,
           rows_null(&rows, 1) && rows_null(&rows, 2) && rows_null(&rows, 3),
           "nulls are nulls");
    tap_ok(fixture->tap,
           rows_next(&rows) && !rows_null(&rows, 3) &&
               rows_bytes(&rows, 3).size == 0,
           "empty bytes are not null");
    tap_ok(fixture->tap, !rows_next(&rows), "no more rows");
    fixture_ok(fixture, rows_end(&rows), &err, "the query ends well");
    fixture_ok(fixture,
               db_get_int(fixture->db, &value, &found, &err,
                          "SELECT id FROM thing WHERE site = 'none'", ""),
               &err, "one value, absent");
    tap_ok(fixture->tap, !found && value == 7, "outputs left alone");
    fixture_ok(fixture,
               db_get_text(fixture->db, &fixture->arena, &text, &found, &err,
                           "SELECT name FROM plain", ""),
               &err, "one text");
    tap_ok(fixture->tap, str_equal_c(text, "a;b"), "a quoted semicolon");
}

static void check_order(struct fixture *fixture)
{
    struct err err = {0};
    struct rows rows;
    char got[64] = "";

    db_script(fixture->db, table_sql, &err);
    for (int i = 0; i < 6; i++) {
        static const char *const words[] = {"b", "Á", "a", "_", "B", "ñ"};

        db_run(fixture->db, NULL, &err,
               "INSERT INTO plain (id, name) VALUES ($1, $2)", "it",
               (int64_t)(i + 10), str_of(words[i]));
    }
    db_query(fixture->db, &rows, &err,
             "SELECT name FROM plain WHERE id >= 10 ORDER BY name", "");
    while (rows_next(&rows)) {
        size_t size = strlen(got);

        snprintf(got + size, sizeof(got) - size, "%.*s",
                 STR_ARGS(rows_text(&rows, 0)));
    }
    rows_end(&rows);
    tap_is(fixture->tap, got, "B_abÁñ", "texts sort by bytes");
}

static void check_transactions(struct fixture *fixture)
{
    struct err err = {0};
    struct db *other;

    db_script(fixture->db, table_sql, &err);
    fixture_ok(fixture, store_connect(fixture->store, false, &other, &err),
               &err, "a reading connection");
    fixture_ok(fixture, db_begin(fixture->db, true, &err), &err, "begin");
    run(fixture, "INSERT INTO plain (id) VALUES (2)", &err);
    db_savepoint(fixture->db, &err);
    run(fixture, "INSERT INTO plain (id) VALUES (3)", &err);
    db_savepoint(fixture->db, &err);
    run(fixture, "INSERT INTO plain (id) VALUES (4)", &err);
    db_savepoint_rollback(fixture->db);
    db_savepoint_release(fixture->db, &err);
    db_savepoint(fixture->db, &err);
    tap_is_int(fixture->tap,
               run(fixture, "INSERT INTO plain (id) VALUES (2)", &err),
               ERROR_CONFLICT, "a second key is a conflict");
    db_savepoint_rollback(fixture->db);
    err = (struct err){0};
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM plain"), 3,
               "what a savepoint undid is gone");
    {
        int64_t seen = -1;

        db_get_int(other, &seen, NULL, &err, "SELECT COUNT(*) FROM plain", "");
        tap_is_int(fixture->tap, seen, 1, "others do not see it yet");
    }
    fixture_ok(fixture, db_commit(fixture->db, &err), &err, "commit");
    db_begin(fixture->db, true, &err);
    run(fixture, "DELETE FROM plain", &err);
    db_rollback(fixture->db);
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM plain"), 3,
               "rollback");
    db_begin(other, false, &err);
    err = (struct err){0};
    tap_ok(fixture->tap,
           db_run(other, NULL, &err, "INSERT INTO plain (id) VALUES (9)", ""),
           "%s: a reader cannot write", fixture->dialect);
    db_rollback(other);
    db_close(other);
}

/* --- jobs ----------------------------------------------------------------- */

static enum error insert_job(struct db *db, void *context, struct err *err)
{
    return db_run(db, NULL, err, "INSERT INTO plain (id) VALUES ($1)", "i",
                  *(int64_t *)context);
}

static void check_jobs(struct fixture *fixture)
{
    int64_t id[5] = {10, 11, 1, 12, 11}; /* 1 exists, 11 twice */
    struct store_job job[5];
    struct err errs[5], err = {0};

    db_script(fixture->db, table_sql, &err);
    for (int i = 0; i < 5; i++)
        job[i] = (struct store_job){
            .change = insert_job, .context = &id[i], .err = &errs[i]};
    memset(errs, 0, sizeof(errs));
    store_run(fixture->db, job, 5);
    tap_ok(fixture->tap,
           !job[0].error && !job[1].error && !job[3].error &&
               job[2].error == ERROR_CONFLICT && job[4].error == ERROR_CONFLICT,
           "%s: a job that fails fails alone", fixture->dialect);
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM plain"), 4,
               "the others are kept");
    id[0] = 10;
    store_run(fixture->db, job, 1);
    tap_is_int(fixture->tap, job[0].error, ERROR_CONFLICT,
               "a lone job fails too");
    id[0] = 20;
    store_run(fixture->db, job, 1);
    tap_is_int(fixture->tap, job[0].error, ERROR_NONE, "and runs again");
}

/* Two connections change the same row: the second must be run again. */
struct race {
    struct fixture *fixture;
    struct db *other;
    int runs;
};

static enum error race_job(struct db *db, void *context, struct err *err)
{
    struct race *race = context;
    int64_t value = 0;
    enum error error = db_get_int(db, &value, NULL, err,
                                  "SELECT seq FROM site_head "
                                  "WHERE site = 'race'",
                                  "");

    if (race->runs++ == 0) {
        struct err other = {0};

        db_run(race->other, NULL, &other,
               "UPDATE site_head SET seq = seq + 1 WHERE site = 'race'", "");
    }
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "UPDATE site_head SET seq = $1 WHERE site = 'race'", "i",
                  value + 10);
}

static void check_race(struct fixture *fixture)
{
    struct race race = {.fixture = fixture};
    struct err err = {0};
    struct store_job job = {race_job, &race, ERROR_NONE, &err};

    if (strcmp(fixture->dialect, "sqlite") == 0)
        return; /* one writer at a time: nothing to race */
    db_run(fixture->db, NULL, &err,
           "INSERT INTO site_head (site, seq, hash, clock) "
           "VALUES ('race', 1, '', 0)",
           "");
    fixture_ok(fixture, store_connect(fixture->store, true, &race.other, &err),
               &err, "another connection");
    store_run(fixture->db, &job, 1);
    fixture_ok(fixture, job.error, &err, "a serialization failure is retried");
    tap_is_int(fixture->tap, race.runs, 2, "the job ran twice");
    tap_is_int(fixture->tap,
               count(fixture, "SELECT seq FROM site_head "
                              "WHERE site = 'race'"),
               12, "no change was overlooked");
    db_close(race.other);
}

/* --- guards --------------------------------------------------------------- */

static void check_guards(struct fixture *fixture)
{
    static const char *const refused[] = {
        "UPDATE entry SET author = 'x'",
        "DELETE FROM entry",
        "DELETE FROM entry WHERE seq = 1",
        "UPDATE entry_body SET bytes = ''",
        "DELETE FROM entry_body",
        "INSERT INTO entry SELECT * FROM entry WHERE TRUE "
        "ON CONFLICT (site, seq) DO UPDATE SET author = 'x'",
    };
    static const char *const sqlite_too[] = {
        "DROP TABLE entry",
        "DROP TABLE entry_body",
        "ALTER TABLE entry RENAME TO other",
        "DROP TRIGGER entry_no_update",
        "DROP INDEX entry_id",
        "REPLACE INTO entry SELECT * FROM entry",
        "PRAGMA writable_schema = 1"};
    struct entry entry = {.kind = STR("person"),
                          .record = STR("r1"),
                          .op = OP_CREATE,
                          .form_version = STR("1"),
                          .body = fixture_json(fixture, "{\"age\":\"3\"}")};
    struct err err = {0};

    fixture_person(fixture, "1");
    fixture_ok(fixture, fixture_append(fixture, &entry, false, NULL, &err),
               &err, "an entry");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        enum error error = run(fixture, refused[i], &err);

        tap_ok(fixture->tap, error == ERROR_STORE, "%s refuses %s",
               fixture->dialect, refused[i]);
        if (strcmp(err.message ? err.message : "", STORE_GUARD) != 0)
            printf("# %s (%s)\n", err.message, err.detail);
    }
    for (size_t i = 0; i < sizeof(sqlite_too) / sizeof(sqlite_too[0]) &&
                       strcmp(fixture->dialect, "sqlite") == 0;
         i++)
        tap_ok(fixture->tap, run(fixture, sqlite_too[i], &err) == ERROR_STORE,
               "sqlite refuses %s", sqlite_too[i]);
    if (strcmp(fixture->dialect, "postgresql") == 0)
        tap_ok(fixture->tap, run(fixture, "TRUNCATE entry CASCADE", &err),
               "postgresql refuses TRUNCATE");
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM entry"), 1,
               "the entry is still there");
}

/* The connection goes while entries are on their way. */
static void check_lost_append(struct fixture *fixture, struct db *other)
{
    struct entry entry = {.kind = STR("person"),
                          .form_version = STR("1"),
                          .record = STR("lost"),
                          .op = OP_CREATE};
    struct append_options options = {0};
    struct err err = {0};
    int64_t pid = 0;
    bool repeated;

    fixture_person(fixture, "1");
    db_begin(fixture->db, true, &err);
    db_get_int(fixture->db, &pid, NULL, &err, "SELECT pg_backend_pid()", "");
    fixture_ok(fixture,
               log_append(&fixture->log, fixture->db, &entry, 1, options,
                          &fixture->arena, &repeated, &err),
               &err, "an entry is on its way");
    db_get_int(other, &pid, NULL, &err,
               "SELECT pg_terminate_backend($1::int)::int FROM plain", "i",
               pid);
    tap_is_int(fixture->tap, db_commit(fixture->db, &err), ERROR_STORE,
               "the commit fails");
    err = (struct err){0};
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM entry"), 0,
               "nothing was kept");
    entry.id = STR_NULL;
    entry.clock = 0;
    fixture_ok(fixture, fixture_append(fixture, &entry, false, NULL, &err),
               &err, "and it goes on");
}

/* An error of a statement that nobody waited for comes out in the end. */
static void check_deferred(struct fixture *fixture)
{
    struct err err = {0};

    db_script(fixture->db, table_sql, &err);
    db_begin(fixture->db, true, &err);
    fixture->db->deferring = true;
    for (int64_t i = 100; i < 400; i++)
        db_run(fixture->db, NULL, &err, "INSERT INTO plain (id) VALUES ($1)",
               "i", i);
    fixture->db->deferring = false;
    tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM plain"), 301,
               "what nobody waited for was done");
    fixture_ok(fixture, db_commit(fixture->db, &err), &err, "commit");
    db_begin(fixture->db, true, &err);
    fixture->db->deferring = true;
    db_run(fixture->db, NULL, &err, "INSERT INTO plain (id) VALUES ($1)", "i",
           (int64_t)100);
    db_run(fixture->db, NULL, &err, "INSERT INTO plain (id) VALUES ($1)", "i",
           (int64_t)999);
    fixture->db->deferring = false;
    if (!err.code)
        db_commit(fixture->db, &err);
    tap_is_int(fixture->tap, err.code, ERROR_CONFLICT,
               "what failed is told at the commit at the latest");
    db_rollback(fixture->db);
    err = (struct err){0};
    if (strcmp(fixture->dialect, "postgresql") == 0)
        tap_is_int(fixture->tap, count(fixture, "SELECT COUNT(*) FROM plain"),
                   301, "and undone");
}

static void check_lost(struct fixture *fixture)
{
    struct err err = {0};
    struct db *other;
    int64_t pid = 0, id = 50;
    struct store_job job = {insert_job, &id, ERROR_NONE, &err};

    if (strcmp(fixture->dialect, "sqlite") == 0)
        return;
    db_script(fixture->db, table_sql, &err);
    store_connect(fixture->store, true, &other, &err);
    for (int attempt = 0; attempt < 2; attempt++) {
        db_get_int(fixture->db, &pid, NULL, &err, "SELECT pg_backend_pid()",
                   "");
        db_get_int(other, &pid, NULL, &err,
                   "SELECT pg_terminate_backend($1::int)::int FROM plain", "i",
                   pid);
        if (attempt == 0) {
            tap_is_int(fixture->tap,
                       count(fixture, "SELECT COUNT(*) FROM plain"), 1,
                       "an idle connection that was lost is made again");
            continue;
        }
        store_run(fixture->db, &job, 1);
        fixture_ok(fixture, job.error, &err, "... for a writing job too");
    }
    db_begin(fixture->db, true, &err);
    db_get_int(fixture->db, &pid, NULL, &err, "SELECT pg_backend_pid()", "");
    db_get_int(other, &pid, NULL, &err,
               "SELECT pg_terminate_backend($1::int)::int FROM plain", "i",
               pid);
    err = (struct err){0};
    tap_is_int(fixture->tap,
               db_run(fixture->db, NULL, &err,
                      "INSERT INTO plain (id) VALUES (60)", ""),
               ERROR_STORE, "lost within a transaction is an error");
    tap_is(fixture->tap, err.message, STORE_LOST, "with clear words");
    db_rollback(fixture->db);
    tap_is_int(fixture->tap,
               count(fixture, "SELECT COUNT(*) FROM plain WHERE id = 60"), 0,
               "and the next query works");
    check_lost_append(fixture, other);
    db_close(other);
}

static void check_memory(struct tap *tap)
{
    struct store *store = NULL;
    struct db *writer = NULL, *reader = NULL;
    struct err err = {0};
    int64_t value = 0;

    tap_ok(tap,
           !store_open("sqlite::memory:", NULL, &store, &err) &&
               !store_setup(store, &err) &&
               !store_connect(store, true, &writer, &err) &&
               !store_connect(store, false, &reader, &err),
           "a store in memory");
    db_begin(reader, false, &err);
    db_begin(writer, true, &err);
    db_run(writer, NULL, &err,
           "INSERT INTO store_meta (name, value) VALUES ('a', '1')", "");
    db_commit(writer, &err);
    db_get_int(reader, &value, NULL, &err,
               "SELECT COUNT(*) FROM store_meta WHERE name = 'a'", "");
    db_rollback(reader);
    tap_is_int(tap, value, 1, "all share it, readers do not stand in the way");
    db_get_int(writer, &value, NULL, &err,
               "SELECT COUNT(*) FROM store_meta WHERE name = 'a'", "");
    tap_is_int(tap, value, 1, "what was committed stays");
    db_close(reader);
    db_close(writer);
    store_close(store);
}

static void check_urls(struct tap *tap)
{
    static const char *const cases[][2] = {
        {"postgresql://ana:secreto@casa/b", "postgresql://ana@casa/b"},
        {"postgresql://ana@casa/b?password=x&a=b",
         "postgresql://ana@casa/b?a=b"},
        {"postgresql://casa/b?password=x", "postgresql://casa/b"},
        {"postgresql:///b?host=/tmp", "postgresql:///b?host=/tmp"},
        {"sqlite:a.db", "sqlite:a.db"},
    };
    struct store *store = NULL;
    struct err err = {0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        store_open(cases[i][0], NULL, &store, &err);
        tap_is(tap, store_url(store), cases[i][1], cases[i][0]);
        store_close(store);
    }
    tap_is_int(tap, store_open("mysql://x", NULL, &store, &err), ERROR_USAGE,
               "an unknown kind of store");
    err = (struct err){0};
    tap_ok(tap,
           !store_open("postgresql://127.0.0.1:1/x", NULL, &store, &err) &&
               store_setup(store, &err) == ERROR_STORE && err.message,
           "no server there");
    store_close(store);
}

int main(void)
{
    struct tap tap = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    fixture_each(&tap, "values", check_values);
    fixture_each(&tap, "order", check_order);
    fixture_each(&tap, "transactions", check_transactions);
    fixture_each(&tap, "jobs", check_jobs);
    fixture_each(&tap, "deferred statements", check_deferred);
    fixture_each(&tap, "race", check_race);
    fixture_each(&tap, "guards", check_guards);
    fixture_each(&tap, "lost connections", check_lost);
    check_memory(&tap);
    check_urls(&tap);
    return tap_done(&tap);
}
