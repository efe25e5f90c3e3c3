/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store.h - one way to talk to SQLite and PostgreSQL.
 *
 * A store is a place (a file, a server); a db is one connection to it, used
 * by one thread at a time. SQL is literal text with $1 $2 …, the same for
 * both databases (doc/sql.md lists what to avoid); values are always bound.
 * Statements are prepared once per connection and kept by the address and
 * hash of their text.
 *
 * Binding: a string with one letter per parameter:
 *   i int64_t   d double   t struct str as text   b struct str as bytes
 *   T struct str as text, NULL when str_is_null   n NULL (no argument)
 *   I D B NULL of that type (no argument)
 */
#ifndef COBIJO_STORE_H
#define COBIJO_STORE_H

#include "core/err.h"
#include "core/host.h"

struct store; /* opaque: thread-safe */
struct db;    /* opaque: one thread at a time */

struct store_options {
    const struct host *host;
    struct str trace; /* tests: see trace.h; empty for none */
    /* SQLite: the raw key of the file, 32 bytes that outlive the store. NULL:
     * the file lies open. */
    const unsigned char *key;
};

/* url: sqlite:PATH, postgresql://…; `sqlite::memory:` for tests and the
 * browser (one shared database). Does not create tables (store_setup). */
enum error store_open(const char *url, const struct store_options *options,
                      struct store **store, struct err *err);
void store_close(struct store *store);
const char *store_dialect(const struct store *store); /* sqlite, postgresql */
const char *store_url(const struct store *store);     /* password removed */

enum error store_connect(struct store *store, bool writing, struct db **db,
                         struct err *err);
void db_close(struct db *db);
/* A number that is another one as soon as anybody, in this process or another,
 * has committed something; to compare with another number of the same store.
 * SQLite needs no db and takes microseconds, so it may be asked for on a thread
 * that must not wait. false: it cannot be told now (or only with a db). In
 * memory nobody else writes: 0. */
bool store_changes(struct store *store, struct db *db, uint64_t *number);
struct store *db_store(const struct db *db);

/* Rows of a query. Texts are valid until the next rows_next or rows_end. */
struct rows {
    struct db *db;
    void *statement; /* the driver's */
    size_t columns;
    int64_t place;
    enum error error;
    struct err *err;
};

enum error db_query(struct db *db, struct rows *rows, struct err *err,
                    const char *sql, const char *types, ...);
bool rows_next(struct rows *rows);      /* false at the end and on an error */
enum error rows_end(struct rows *rows); /* always; tells whether it failed */
bool rows_null(const struct rows *rows, size_t column);
int64_t rows_int(const struct rows *rows, size_t column);
double rows_double(const struct rows *rows, size_t column);
struct str rows_text(const struct rows *rows, size_t column);
struct str rows_bytes(const struct rows *rows, size_t column);
struct str rows_name(const struct rows *rows, size_t column);

/* Runs a statement without rows. *changed may be NULL. */
enum error db_run(struct db *db, int64_t *changed, struct err *err,
                  const char *sql, const char *types, ...);
/* INSERT … ON CONFLICT DO NOTHING of one row. *added: it was not there. In a
 * group of jobs (store_run) it may be said before it is known: when it then
 * was there after all, the group is undone and run again, asking each time. */
enum error db_insert(struct db *db, bool *added, struct err *err,
                     const char *sql, const char *types, ...);
/* Array forms for SQL whose columns come from a form. */
struct db_value {
    char type; /* a letter as above */
    int64_t i;
    double d;
    struct str t;
};
enum error db_query_values(struct db *db, struct rows *rows, struct err *err,
                           const char *sql, const struct db_value *value,
                           size_t count);
enum error db_run_values(struct db *db, struct err *err, const char *sql,
                         const struct db_value *value, size_t count);
/* One row, one column; found=false leaves the outputs alone. */
enum error db_get_int(struct db *db, int64_t *value, bool *found,
                      struct err *err, const char *sql, const char *types, ...);
enum error db_get_text(struct db *db, struct arena *arena, struct str *value,
                       bool *found, struct err *err, const char *sql,
                       const char *types, ...);
/* A script of statements without parameters: schema. Placeholders @BLOB@ and
 * @DOUBLE@ become the dialect's types; @INCLUDE(…)@ after a key is what its
 * index carries with it where rows lie elsewhere (PostgreSQL). */
enum error db_script(struct db *db, const char *sql, struct err *err);

/* Much is going to be written by this connection, or no more: it may keep more
 * pages in memory meanwhile (SQLite: 128 MB instead of 16). */
void db_bulk(struct db *db, bool on);

/* Until it is off, the plans of the statements of this connection, which must
 * only read, do not depend on their values: PostgreSQL, which for short ones
 * takes longer to plan than to run, plans each once. */
void db_steady(struct db *db, bool on);

enum error db_begin(struct db *db, bool writing, struct err *err);
enum error db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);
enum error db_savepoint(struct db *db, struct err *err);
enum error db_savepoint_release(struct db *db, struct err *err);
void db_savepoint_rollback(struct db *db);

/* A change within the writer's transaction. It may run again (after a
 * serialization failure, or when another job of its group failed), so it must
 * not keep state. */
typedef enum error (*store_change)(struct db *db, void *context,
                                   struct err *err);
struct store_job {
    store_change change;
    void *context;
    enum error error; /* out */
    struct err *err;  /* out */
};
/* Runs the jobs in one transaction and commits. A job that fails is rolled
 * back alone: the first attempt is made without savepoints, and when a job
 * fails all are run again, each in its own. A failed commit fails all that
 * had succeeded (ERROR_STORE). sys/writer.c groups what the threads bring. */
void store_run(struct db *writer, struct store_job *job, size_t count);

/* Creates or upgrades the fixed tables (sql/schema.sql) and the guards that
 * refuse UPDATE and DELETE on the log. */
enum error store_setup(struct store *store, struct err *err);
/* Which schema a store has. Newer than this program's: an error that says so.
 * Older: store_setup brings it up to date. */
enum store_age { STORE_EMPTY, STORE_OLDER, STORE_CURRENT };
enum error store_age(struct db *db, enum store_age *age, int64_t *number,
                     struct err *err);

#endif
