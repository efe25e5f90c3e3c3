/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host_wasm.c - struct host over the imports "host.…" that the page gives, and
 * the VFS that SQLite asks for although the store lives in memory.
 */
#include "wasm/host_wasm.h"

#include <sqlite3.h>

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

IMPORT(now) int64_t js_now(void);
IMPORT(random) void js_random(void *bytes, size_t size);
IMPORT(hash) void js_hash(const void *bytes, size_t size, void *out);
IMPORT(utc_offset)
int js_utc_offset(const void *zone, size_t size, int64_t instant);
IMPORT(log) void js_log(int level, const void *text, size_t size);

static int64_t now(void *context)
{
    (void)context;
    return js_now();
}

static void random_bytes(void *context, void *bytes, size_t size)
{
    (void)context;
    js_random(bytes, size);
}

static void hash(void *context, const struct str *part, size_t count,
                 unsigned char out[32])
{
    struct arena arena;
    struct buf all;

    (void)context;
    if (count == 1) {
        js_hash(part->at, part->size, out);
        return;
    }
    arena_init(&arena, NULL);
    buf_init(&all, &arena);
    for (size_t i = 0; i < count; i++)
        buf_put(&all, part[i]);
    js_hash(buf_str(&all).at, all.size, out);
    arena_release(&arena);
}

static int utc_offset(void *context, struct str zone, int64_t instant)
{
    (void)context;
    return js_utc_offset(zone.at, zone.size, instant);
}

static void log_event(void *context, enum host_level level, const char *event,
                      const struct value *fields)
{
    struct arena arena;
    struct buf line;

    (void)context;
    arena_init(&arena, NULL);
    buf_init(&line, &arena);
    buf_puts(&line, event);
    buf_putc(&line, ' ');
    value_write(fields, &line);
    js_log((int)level, buf_str(&line).at, line.size);
    arena_release(&arena);
}

const struct host host_wasm = {.now = now,
                               .random = random_bytes,
                               .hash = hash,
                               .utc_offset = utc_offset,
                               .log = log_event};

/* --- what SQLite asks of an operating system ------------------------------ */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                    int flags, int *out)
{
    (void)vfs, (void)name, (void)flags, (void)out;
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    memset(out, 7, (size_t)size);
    return size;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *time)
{
    (void)vfs;
    *time = 210866760000000 + js_now(); /* Julian day of 1970, in ms */
    return SQLITE_OK;
}

int sqlite3_os_init(void);
int sqlite3_os_end(void);

int sqlite3_os_init(void)
{
    static sqlite3_vfs vfs = {.iVersion = 2,
                              .szOsFile = sizeof(sqlite3_file),
                              .mxPathname = 128,
                              .zName = "none",
                              .xOpen = vfs_open,
                              .xFullPathname = vfs_path,
                              .xRandomness = vfs_random,
                              .xCurrentTimeInt64 = vfs_time};

    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void)
{
    return SQLITE_OK;
}

/* One thread: SQLite was built without mutexes, the crash VFS of the tests
 * asks for them all the same. */
sqlite3_mutex *sqlite3_mutex_alloc(int type)
{
    (void)type;
    return NULL;
}

void sqlite3_mutex_free(sqlite3_mutex *mutex)
{
    (void)mutex;
}

void sqlite3_mutex_enter(sqlite3_mutex *mutex)
{
    (void)mutex;
}

void sqlite3_mutex_leave(sqlite3_mutex *mutex)
{
    (void)mutex;
}
