/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sqlite_watch.c - has anybody committed? A connection of its own, for its view
 * of the WAL index, which all connections of all processes map. Each commit
 * writes the index's header, 48 bytes that stand there twice
 * (sqlite.org/walformat.html); so a look costs no lock and no system call. The
 * pointer comes from SQLite, because opening the file here and closing it again
 * would drop this process's locks.
 */
#include "store/sqlite_watch.h"

#include <stdatomic.h>

enum { WAL_HEADER = 48, WAL_INDEX_PART = 32768 };

struct watch {
    sqlite3_mutex *mutex;
    struct connection *connection;
    _Atomic(const volatile uint32_t *) header; /* NULL: not asked for yet */
};

static const volatile uint32_t *watch_open(struct store *store,
                                           struct watch *watch)
{
    struct err ignored = {0};
    sqlite3_file *file = NULL;
    void volatile *part = NULL;

    if (!watch->connection &&
        connection_open(store, false, &watch->connection, &ignored))
        return NULL;
    if (sqlite3_file_control(watch->connection->handle, "main",
                             SQLITE_FCNTL_FILE_POINTER, &file) ||
        !file || !file->pMethods || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, WAL_INDEX_PART, 0, &part))
        return NULL;
    return part;
}

static const volatile uint32_t *watch_header(struct store *store,
                                             struct watch *watch)
{
    const volatile uint32_t *header = atomic_load(&watch->header);

    if (header)
        return header;
    sqlite3_mutex_enter(watch->mutex);
    header = atomic_load(&watch->header);
    if (!header) {
        header = watch_open(store, watch);
        atomic_store(&watch->header, header);
    }
    sqlite3_mutex_leave(watch->mutex);
    return header;
}

bool sqlite_watch_look(struct store *store, uint64_t *number)
{
    enum { WORDS = WAL_HEADER / sizeof(uint32_t) };
    struct watch *watch = store->watch;
    const volatile uint32_t *header = watch ? watch_header(store, watch) : NULL;
    uint32_t first[WORDS], second[WORDS];

    if (!header)
        return false;
    for (size_t i = 0; i < WORDS; i++)
        first[i] = header[i];
    atomic_thread_fence(memory_order_seq_cst);
    for (size_t i = 0; i < WORDS; i++)
        second[i] = header[WORDS + i];
    if (memcmp(first, second, sizeof first) != 0)
        return false; /* somebody is committing */
    *number = str_hash((struct str){(const char *)first, sizeof first});
    return true;
}

void sqlite_watch_close(struct watch *watch)
{
    if (!watch)
        return;
    if (watch->connection)
        connection_close(watch->connection);
    sqlite3_mutex_free(watch->mutex);
    free(watch);
}

enum error sqlite_watch_make(struct store *store, struct err *err)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch)
        watch->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    if (!watch || !watch->mutex) {
        free(watch);
        return err_memory(err);
    }
    store->watch = watch;
    return ERROR_NONE;
}
