/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* crash.c - a disk for SQLite that forgets what was not synced.
 *
 * A VFS over the usual one. Each file has an image in memory, which readers
 * see; xSync copies the sectors that changed to the real file. At the cut
 * every sector not yet synced reaches the real file or does not, as a
 * pseudo-random number says, and from then on every call fails, as after a
 * loss of power. Locks and shared memory pass through. One connection at a
 * time writes; the usual locks of SQLite see to that.
 */
#include "store/crash.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

struct image {
    struct image *next;
    const char *path;
    int users;
    sqlite3_file *real; /* where synced sectors go; NULL: nobody has it open */
    unsigned char *bytes;
    bool *dirty; /* per sector */
    int64_t size, capacity, durable;
};

struct crash {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char *name, *over; /* ours; the one that encrypts, above it */
    bool buffered;
    void (*note)(void *context, const char *what);
    void *context;
    struct image *images;
    sqlite3_mutex *mutex;
    int64_t steps, cut_at, room;
    uint64_t seed;
    bool cut;
};

struct crash_file {
    sqlite3_file base;
    struct crash *crash;
    struct image *image; /* NULL: passes through */
    bool wal;
    sqlite3_file *real;
};

static struct crash_file *of(sqlite3_file *file)
{
    return (struct crash_file *)file;
}

static uint64_t random_next(uint64_t *seed)
{
    uint64_t x = *seed += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* --- images --------------------------------------------------------------- */

static bool image_room(struct image *image, int64_t size)
{
    int64_t capacity = image->capacity ? image->capacity : 65536;
    unsigned char *bytes;
    bool *dirty;

    if (size <= image->capacity)
        return true;
    while (capacity < size)
        capacity *= 2;
    bytes = realloc(image->bytes, (size_t)capacity);
    if (!bytes)
        return false;
    image->bytes = bytes;
    dirty = realloc(image->dirty, (size_t)(capacity / SECTOR));
    if (!dirty)
        return false;
    image->dirty = dirty;
    memset(bytes + image->capacity, 0, (size_t)(capacity - image->capacity));
    memset(dirty + image->capacity / SECTOR, 0,
           (size_t)((capacity - image->capacity) / SECTOR));
    image->capacity = capacity;
    return true;
}

/* Copies a sector to the real file. */
static void image_put(struct image *image, int64_t sector)
{
    int64_t from = sector * SECTOR;
    int64_t size = image->size - from < SECTOR ? image->size - from : SECTOR;

    image->dirty[sector] = false;
    if (size > 0)
        image->real->pMethods->xWrite(image->real, image->bytes + from,
                                      (int)size, from);
}

static void image_sync(struct image *image)
{
    for (int64_t i = 0; i * SECTOR < image->size; i++)
        if (image->dirty[i])
            image_put(image, i);
    if (image->size < image->durable)
        image->real->pMethods->xTruncate(image->real, image->size);
    image->durable = image->size;
}

static void image_cut(struct image *image, uint64_t *seed)
{
    uint64_t kind = random_next(seed) % 4; /* 0 nothing, 1 all, else some */

    for (int64_t i = 0; i * SECTOR < image->size; i++) {
        if (!image->dirty[i])
            continue;
        if (kind == 1 || (kind > 1 && random_next(seed) % 2))
            image_put(image, i);
    }
}

/* Counts a write or a sync; true when the power is off. */
static bool step(struct crash *crash)
{
    if (crash->cut)
        return true;
    crash->steps++;
    if (!crash->cut_at || crash->steps < crash->cut_at)
        return false;
    crash->cut = true;
    for (struct image *image = crash->images; image; image = image->next)
        if (image->real)
            image_cut(image, &crash->seed);
    return true;
}

static void image_close(struct image *image)
{
    if (!image->real)
        return;
    image->real->pMethods->xClose(image->real);
    sqlite3_free(image->real);
    image->real = NULL;
}

/* Opens the real file a second time, for copying, and reads it whole. */
static bool image_load(struct crash *crash, struct image *image, int flags)
{
    sqlite3_int64 size = 0;

    image->real = sqlite3_malloc(crash->real->szOsFile);
    if (!image->real)
        return false;
    memset(image->real, 0, (size_t)crash->real->szOsFile);
    if (crash->real->xOpen(crash->real, image->path, image->real, flags,
                           NULL)) {
        sqlite3_free(image->real);
        image->real = NULL;
        return false;
    }
    image->real->pMethods->xFileSize(image->real, &size);
    if (!image_room(image, size)) {
        image_close(image);
        return false;
    }
    if (image->capacity) {
        memset(image->dirty, 0, (size_t)(image->capacity / SECTOR));
        memset(image->bytes, 0, (size_t)image->capacity);
        image->real->pMethods->xRead(image->real, image->bytes, (int)size, 0);
    }
    image->size = image->durable = size;
    return true;
}

static struct image *image_open(struct crash *crash, const char *path,
                                int flags)
{
    struct image *image;

    for (image = crash->images; image; image = image->next)
        if (strcmp(image->path, path) == 0)
            break;
    if (!image) {
        image = calloc(1, sizeof(*image));
        if (!image)
            return NULL;
        image->path = sqlite3_create_filename(path, "", "", 0, NULL);
        image->next = crash->images;
        crash->images = image;
    }
    if (!image->path || (!image->real && !image_load(crash, image, flags)))
        return NULL;
    image->users++;
    return image;
}

/* --- files ---------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
    struct crash_file *file = of(base);
    struct image *image = file->image;
    int code;

    sqlite3_mutex_enter(file->crash->mutex);
    if (image && --image->users == 0) {
        if (!file->crash->cut) /* the system writes it some day */
            image_sync(image);
        image_close(image);
    }
    code = file->real->pMethods->xClose(file->real);
    sqlite3_free(file->real);
    sqlite3_mutex_leave(file->crash->mutex);
    return code;
}

static int file_read(sqlite3_file *base, void *out, int size,
                     sqlite3_int64 from)
{
    struct crash_file *file = of(base);
    struct image *image = file->image;
    int64_t have;

    if (!image)
        return file->real->pMethods->xRead(file->real, out, size, from);
    if (file->crash->cut)
        return SQLITE_IOERR_READ;
    sqlite3_mutex_enter(file->crash->mutex);
    have = image->size - from;
    have = have < 0 ? 0 : have > size ? size : have;
    if (have)
        memcpy(out, image->bytes + from, (size_t)have);
    sqlite3_mutex_leave(file->crash->mutex);
    if (have == size)
        return SQLITE_OK;
    memset((char *)out + have, 0, (size_t)(size - have));
    return SQLITE_IOERR_SHORT_READ;
}

static bool no_room(struct crash *crash, int64_t growth)
{
    if (crash->room < 0 || growth <= 0)
        return false;
    if (growth > crash->room)
        return true;
    crash->room -= growth;
    return false;
}

static int image_write(struct crash_file *file, const void *bytes, int size,
                       sqlite3_int64 from)
{
    struct image *image = file->image;

    if (step(file->crash))
        return SQLITE_IOERR_WRITE;
    if (no_room(file->crash, from + size - image->size))
        return SQLITE_FULL;
    if (!image_room(image, from + size))
        return SQLITE_IOERR_NOMEM;
    if (from > image->size)
        memset(image->bytes + image->size, 0, (size_t)(from - image->size));
    memcpy(image->bytes + from, bytes, (size_t)size);
    if (from + size > image->size)
        image->size = from + size;
    for (int64_t i = from / SECTOR; i * SECTOR < from + size; i++)
        image->dirty[i] = true;
    return SQLITE_OK;
}

static int file_write(sqlite3_file *base, const void *bytes, int size,
                      sqlite3_int64 from)
{
    struct crash_file *file = of(base);
    int code;

    if (!file->image)
        return file->real->pMethods->xWrite(file->real, bytes, size, from);
    sqlite3_mutex_enter(file->crash->mutex);
    code = image_write(file, bytes, size, from);
    sqlite3_mutex_leave(file->crash->mutex);
    return code;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct crash_file *file = of(base);
    int code = SQLITE_OK;

    if (!file->image)
        return file->real->pMethods->xTruncate(file->real, size);
    sqlite3_mutex_enter(file->crash->mutex);
    if (step(file->crash))
        code = SQLITE_IOERR_TRUNCATE;
    else if (size < file->image->size)
        file->image->size = size;
    sqlite3_mutex_leave(file->crash->mutex);
    return code;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct crash_file *file = of(base);
    int code = SQLITE_OK;

    if (file->image) {
        sqlite3_mutex_enter(file->crash->mutex);
        if (step(file->crash))
            code = SQLITE_IOERR_FSYNC;
        else
            image_sync(file->image);
        sqlite3_mutex_leave(file->crash->mutex);
    } else {
        code = file->real->pMethods->xSync(file->real, flags);
    }
    if (!code)
        file->crash->note(file->crash->context,
                          file->wal ? "SYNC wal" : "SYNC file");
    return code;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct crash_file *file = of(base);

    if (!file->image)
        return file->real->pMethods->xFileSize(file->real, size);
    if (file->crash->cut)
        return SQLITE_IOERR_FSTAT;
    *size = file->image->size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int lock)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xLock(file->real, lock);
}

static int file_unlock(sqlite3_file *base, int lock)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xUnlock(file->real, lock);
}

static int file_reserved(sqlite3_file *base, int *answer)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xCheckReservedLock(file->real, answer);
}

static int file_control(sqlite3_file *base, int what, void *argument)
{
    struct crash_file *file = of(base);

    if (file->image &&
        (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE))
        return SQLITE_OK;
    return file->real->pMethods->xFileControl(file->real, what, argument);
}

static int file_sector(sqlite3_file *base)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xSectorSize(file->real);
}

static int file_features(sqlite3_file *base)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xDeviceCharacteristics(file->real);
}

static int file_shm_map(sqlite3_file *base, int page, int size, int extend,
                        void volatile **at)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xShmMap(file->real, page, size, extend, at);
}

static int file_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xShmLock(file->real, offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    struct crash_file *file = of(base);

    file->real->pMethods->xShmBarrier(file->real);
}

static int file_shm_unmap(sqlite3_file *base, int delete)
{
    struct crash_file *file = of(base);

    return file->real->pMethods->xShmUnmap(file->real, delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_features,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* --- the VFS -------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base,
                    int flags, int *out_flags)
{
    struct crash *crash = vfs->pAppData;
    struct crash_file *file = of(base);
    int code;

    memset(file, 0, sizeof(*file));
    if (crash->cut)
        return SQLITE_CANTOPEN;
    file->crash = crash;
    file->wal = (flags & SQLITE_OPEN_WAL) != 0;
    file->real = sqlite3_malloc(crash->real->szOsFile);
    if (!file->real)
        return SQLITE_NOMEM;
    memset(file->real, 0, (size_t)crash->real->szOsFile);
    code = crash->real->xOpen(crash->real, path, file->real, flags, out_flags);
    if (code) {
        sqlite3_free(file->real);
        return code;
    }
    base->pMethods = &methods;
    if (crash->buffered && path &&
        flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL |
                 SQLITE_OPEN_MAIN_JOURNAL)) {
        sqlite3_mutex_enter(crash->mutex);
        file->image = image_open(crash, path, flags);
        sqlite3_mutex_leave(crash->mutex);
        if (!file->image)
            return SQLITE_NOMEM;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    struct crash *crash = vfs->pAppData;

    if (crash->cut)
        return SQLITE_IOERR_DELETE;
    return crash->real->xDelete(crash->real, path, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags,
                      int *answer)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xAccess(crash->real, path, flags, answer);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size,
                         char *out)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xFullPathname(crash->real, path, size, out);
}

static int vfs_random(sqlite3_vfs *vfs, int size, char *out)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xRandomness(crash->real, size, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xSleep(crash->real, microseconds);
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *out)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xGetLastError(crash->real, size, out);
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *now)
{
    struct crash *crash = vfs->pAppData;

    return crash->real->xCurrentTimeInt64(crash->real, now);
}

struct crash *crash_new(const char *name, bool volatile_writes,
                        void (*note)(void *context, const char *what),
                        void *context)
{
    struct crash *crash = calloc(1, sizeof(*crash));
    sqlite3_vfs *real = sqlite3_vfs_find("unix"); /* below the encryption */

    if (!real)
        real = sqlite3_vfs_find(NULL);
    if (!crash || !real) {
        free(crash);
        return NULL;
    }
    crash->name = sqlite3_mprintf("%s", name);
    crash->real = real;
    crash->buffered = volatile_writes;
    crash->note = note;
    crash->context = context;
    crash->room = -1;
    crash->mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    crash->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct crash_file),
        .mxPathname = real->mxPathname,
        .zName = crash->name,
        .pAppData = crash,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_random,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    sqlite3_vfs_register(&crash->vfs, 0);
    crash->over = crash->name;
#ifdef SQLITE3MC_VERSION_STRING
    if (sqlite3mc_vfs_create(crash->name, 0) == SQLITE_OK)
        crash->over = sqlite3_mprintf("multipleciphers-%s", crash->name);
#endif
    return crash;
}

const char *crash_vfs(const struct crash *crash)
{
    return crash->over;
}

void crash_free(struct crash *crash)
{
    if (!crash)
        return;
    if (crash->over != crash->name) {
#ifdef SQLITE3MC_VERSION_STRING
        sqlite3mc_vfs_destroy(crash->over);
#endif
        sqlite3_free(crash->over);
    }
    sqlite3_vfs_unregister(&crash->vfs);
    while (crash->images) {
        struct image *next = crash->images->next;

        sqlite3_free_filename(crash->images->path);
        image_close(crash->images);
        free(crash->images->bytes);
        free(crash->images->dirty);
        free(crash->images);
        crash->images = next;
    }
    sqlite3_mutex_free(crash->mutex);
    sqlite3_free(crash->name);
    free(crash);
}

void crash_cut(struct crash *crash, int64_t n, uint64_t seed)
{
    crash->cut_at = crash->steps + n;
    crash->seed = seed;
}

bool crash_was_cut(const struct crash *crash)
{
    return crash->cut;
}

int64_t crash_steps(const struct crash *crash)
{
    return crash->steps;
}

void crash_room(struct crash *crash, int64_t bytes)
{
    crash->room = bytes;
}
