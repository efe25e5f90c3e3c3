/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* watch.c - see watch.h. Looks at the header of the WAL index, 48 bytes that
 * stand there twice, which all connections of all processes map and each commit
 * writes before it returns (sqlite.org/walformat.html). The pointer comes from
 * SQLite: opening the file here and closing it again would drop this process's
 * locks.
 */
#include "store/watch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = 48 / sizeof(uint32_t),
    PART = 32768 /* of the index, as SQLite maps it */
};

struct watch {
    sqlite3_mutex *mutex;
    void *kept; /* the opener's */
    _Atomic(const volatile uint32_t *) header;
};

bool watch_new(struct store *store)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch)
        watch->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    if (!watch || !watch->mutex) {
        free(watch);
        return false;
    }
    store->watch = watch;
    return true;
}

void *watch_free(struct store *store)
{
    struct watch *watch = store->watch;
    void *kept = watch ? watch->kept : NULL;

    if (!watch)
        return NULL;
    sqlite3_mutex_free(watch->mutex);
    free(watch);
    store->watch = NULL;
    return kept;
}

static const volatile uint32_t *map(sqlite3 *handle)
{
    sqlite3_file *file = NULL;
    void volatile *part = NULL;

    if (!handle ||
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER,
                             &file) ||
        !file || !file->pMethods || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, PART, 0, &part))
        return NULL;
    return part;
}

static const volatile uint32_t *
header_of(struct store *store, struct watch *watch, watch_opener open)
{
    const volatile uint32_t *header = atomic_load(&watch->header);

    if (header)
        return header;
    sqlite3_mutex_enter(watch->mutex);
    header = atomic_load(&watch->header);
    if (!header) {
        header = map(open(store, &watch->kept));
        atomic_store(&watch->header, header);
    }
    sqlite3_mutex_leave(watch->mutex);
    return header;
}

bool watch_look(struct store *store, watch_opener open, uint64_t *number)
{
    struct watch *watch = store->watch;
    const volatile uint32_t *header =
        watch ? header_of(store, watch, open) : NULL;
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
