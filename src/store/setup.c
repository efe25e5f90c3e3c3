/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* setup.c - makes the fixed tables of a store, or finds them made.
 *
 * sql/schema.sql may run again over what exists, so an upgrade that only adds
 * is a longer schema.sql, a new number here and a new line in sql/schema.sum
 * (`make lint` tells when it was forgotten). A store of a newer program is
 * refused, an older one brought up to date when it is opened.
 */
#include "sql/schema.h"
#include "sql/statistics.h"
#include "store/driver.h"

enum { SCHEMA_NUMBER = 7 };

/* 0 when there is no schema yet. */
static enum error schema_number(struct db *db, bool *made, int64_t *number,
                                struct err *err)
{
    const char *ask =
        strcmp(store_dialect(db->store), "sqlite") == 0
            ? "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'store_meta'"
            : "SELECT COUNT(*) FROM pg_class "
              "WHERE oid = to_regclass('store_meta')";
    struct arena arena;
    struct str text = STR("0");
    int64_t count = 0;
    enum error error = db_get_int(db, &count, NULL, err, ask, "");

    *made = count > 0;
    *number = 0;
    if (error || !count)
        return error;
    arena_init(&arena, NULL);
    error =
        db_get_text(db, &arena, &text, NULL, err,
                    "SELECT value FROM store_meta WHERE name = 'schema'", "");
    if (!error)
        str_to_int(text, number);
    arena_release(&arena);
    return error;
}

static enum error say_newer(int64_t number, struct err *err)
{
    char has[24], can[24];

    snprintf(has, sizeof(has), "%lld", (long long)number);
    snprintf(can, sizeof(can), "%d", SCHEMA_NUMBER);
    return err_set(err, ERROR_STORE,
                   N_("Los datos son de una versión más nueva de Cobijo "
                      "(estructura {1}; este programa conoce hasta la {2}). "
                      "Actualice el programa."),
                   has, can, NULL);
}

enum error store_age(struct db *db, enum store_age *age, int64_t *number,
                     struct err *err)
{
    bool made;
    enum error error = schema_number(db, &made, number, err);

    if (error)
        return error;
    if (*number > SCHEMA_NUMBER)
        return say_newer(*number, err);
    *age = !made                     ? STORE_EMPTY
           : *number < SCHEMA_NUMBER ? STORE_OLDER
                                     : STORE_CURRENT;
    return ERROR_NONE;
}

static enum error make(struct db *db, struct err *err)
{
    const struct driver *driver = store_driver(db->store);
    char number[12];
    enum error error;

    snprintf(number, sizeof(number), "%d", SCHEMA_NUMBER);
    error = db_script(db, sql_schema, err);
    if (!error)
        error = db->driver->script(db, driver->guards, err);
    if (!error && strcmp(driver->dialect, "sqlite") == 0)
        error = db->driver->script(db, sql_statistics, err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO store_meta (name, value) "
                       "VALUES ('schema', $1) ON CONFLICT (name) "
                       "DO UPDATE SET value = excluded.value",
                       "t", str_of(number));
    return error;
}

static enum error setup_in(struct db *db, struct err *err)
{
    const struct driver *driver = store_driver(db->store);
    bool made;
    int64_t number;
    enum error error = ERROR_NONE;

    if (driver->lock)
        error = db->driver->script(db, driver->lock, err);
    if (!error)
        error = schema_number(db, &made, &number, err);
    if (error)
        return error;
    if (number > SCHEMA_NUMBER)
        return say_newer(number, err);
    return number == SCHEMA_NUMBER ? ERROR_NONE : make(db, err);
}

enum error store_setup(struct store *store, struct err *err)
{
    struct db *db;
    enum error error = store_connect(store, true, &db, err);

    if (error)
        return error;
    error = db_begin(db, true, err);
    if (!error) {
        error = setup_in(db, err);
        if (error)
            db_rollback(db);
        else
            error = db_commit(db, err);
    }
    db_close(db);
    return error;
}
