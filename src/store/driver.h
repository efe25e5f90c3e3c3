/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* driver.h - what a database must be able to do; only store/ includes it.
 *
 * sqlite.c, postgres.c and the wrapper trace.c each fill a const struct
 * driver. A driver's own structs begin with struct db. Values arrive checked:
 * one struct db_value per parameter, $1 first.
 */
#ifndef COBIJO_DRIVER_H
#define COBIJO_DRIVER_H

#include "store/store.h"

struct tables; /* tables.h: what this connection knows of the projections */
struct trace;  /* trace.h */

struct store {
    const struct driver *driver;
    const struct host *host;
    char *url;                /* as given: may hold a password */
    char *shown;              /* without it */
    const char *vfs;          /* SQLite: NULL for the usual one */
    const unsigned char *key; /* SQLite: raw key of the file, or NULL */
    struct trace *trace;
    void *own;          /* the driver's */
    void *watch;        /* SQLite: who looks whether somebody committed */
    _Atomic bool found; /* it was opened once: it must stay there */
};

/* The end of a site's chain as this transaction left it (log.c): its row is
 * locked until the transaction ends, so nobody else moves it. */
struct db_head {
    bool known;
    char site[40];
    int64_t seq, clock;
    unsigned char hash[32];
};

/* The data key that this transaction used last (data_key.c). */
struct db_key {
    bool known;
    char site[40], name[96];
    unsigned char key[32];
};

struct db {
    const struct driver *driver;
    struct store *store;
    int depth;      /* 0, 1 in a transaction, one more per savepoint */
    bool writing;   /* what db_begin was told */
    bool retry;     /* a serialization failure: the transaction may be rerun */
    bool promising; /* db_insert may say yes before it knows (store_run) */
    bool deferring; /* outcomes of db_run need not be waited for (log.c) */
    bool broken;    /* a savepoint could not be undone: never commit */
    bool changed;   /* projection tables were made in this transaction */
    int64_t fresh;  /* people that the index has not taken; -1: not counted */
    struct tables *tables;
    struct db_head head;
    struct db_key key;
};

struct driver {
    const char *dialect;
    enum error (*open)(struct store *store, struct err *err);
    void (*close)(struct store *store);
    enum error (*connect)(struct store *store, bool writing, struct db **db,
                          struct err *err);
    void (*disconnect)(struct db *db);

    enum error (*query)(struct db *db, struct rows *rows, const char *sql,
                        const struct db_value *value, size_t count);
    bool (*next)(struct rows *rows);
    enum error (*end)(struct rows *rows);
    bool (*is_null)(const struct rows *rows, size_t column);
    int64_t (*integer)(const struct rows *rows, size_t column);
    double (*real)(const struct rows *rows, size_t column);
    struct str (*text)(const struct rows *rows, size_t column);
    struct str (*bytes)(const struct rows *rows, size_t column);
    struct str (*name)(const struct rows *rows, size_t column);

    enum error (*run)(struct db *db, int64_t *changed, const char *sql,
                      const struct db_value *value, size_t count,
                      struct err *err);
    /* Like run, of a statement that changes one row: later, nobody waits. When
     * it did not, the transaction fails and db->retry is set. NULL: cannot. */
    enum error (*promise)(struct db *db, const char *sql,
                          const struct db_value *value, size_t count,
                          struct err *err);
    enum error (*script)(struct db *db, const char *sql, struct err *err);
    enum error (*begin)(struct db *db, bool writing, struct err *err);
    enum error (*commit)(struct db *db, struct err *err);
    void (*rollback)(struct db *db);
    /* Is there still a transaction? A full disk may have ended it. */
    bool (*standing)(struct db *db);
    /* Opens or closes the one gap in the guards: DELETE on entry_body and
     * data_key, and what is deleted is overwritten. */
    enum error (*erasing)(struct db *db, bool on, struct err *err);
    /* db_bulk; NULL: nothing to do. */
    void (*bulk)(struct db *db, bool on);
    /* db_steady; NULL: nothing to do. */
    void (*steady)(struct db *db, bool on);
    /* store_changes: either a function or a query of one text. */
    bool (*changes)(struct store *store, uint64_t *number);
    const char *snapshot;
    const char *lock;   /* script: nobody else sets up meanwhile; or NULL */
    const char *guards; /* script: refuse changes of the log */
};

extern const struct driver sqlite_driver;
extern const struct driver postgres_driver;
extern const struct driver trace_driver;

/* The driver that does the work, under a trace or not. */
const struct driver *store_driver(const struct store *store);

/* The dialect's form of a script: types in CREATE and ALTER TABLE, STRICT,
 * placeholders. NULL when out of memory. */
char *script_translate(const char *sql, bool sqlite);

/* What the drivers say alike. */
#define STORE_FULL                                                             \
    N_("No queda espacio en el disco: no se guardó nada. Libere espacio y "   \
       "vuelva a intentarlo.")
#define STORE_READONLY                                                         \
    N_("No se puede guardar: el archivo de datos es de solo lectura.")
#define STORE_MISSING                                                          \
    N_("No existe el archivo de datos {1}. Si es la primera vez, créelo con " \
       "«cobijo init» o con ./start; si no, indique el suyo con --store.")
#define STORE_DAMAGED                                                          \
    N_("El archivo de datos está dañado o no es de Cobijo. Restaure la "     \
       "última copia de respaldo.")
#define STORE_OTHER_KEY                                                        \
    N_("El archivo de datos no se abre con estas llaves: es de otra casa o "   \
       "está dañado. Busque su archivo de llaves, o restaure la última "    \
       "copia de respaldo.")
#define STORE_DISK N_("El disco falló al leer o guardar los datos.")
#define STORE_BUSY                                                             \
    N_("Los datos están ocupados por otro proceso. Espere un momento y "      \
       "vuelva a intentarlo.")
#define STORE_LOST                                                             \
    N_("Se perdió la conexión con la base de datos. Lo último no se "       \
       "guardó; vuelva a intentarlo.")
#define STORE_UNIQUE N_("Ya existe un registro con esos datos.")
#define STORE_GUARD N_("La bitácora no se puede cambiar ni borrar.")
#define STORE_OTHER N_("La base de datos respondió con un error.")

#endif
