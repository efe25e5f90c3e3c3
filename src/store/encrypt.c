/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* encrypt.c - VACUUM INTO a file with a key, while the original is locked. */
#include "store/encrypt.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/driver.h"

static enum error say(sqlite3 *handle, int code, struct err *err)
{
    char detail[200];

    snprintf(detail, sizeof(detail), "sqlite %d: %s", code,
             sqlite3_errmsg(handle));
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
        return err_set(err, ERROR_BUSY,
                       N_("El servidor usa los datos: deténgalo y vuelva a "
                          "intentarlo."),
                       NULL, NULL, NULL);
    if ((code & 0xff) == SQLITE_FULL)
        return err_detail(err, ERROR_STORE, STORE_FULL, detail);
    return err_detail(err, ERROR_STORE, STORE_OTHER, detail);
}

/* file:PATH?cipher=aegis&hexkey=…, with what a URI reserves escaped. */
static char *target(const char *path, const unsigned char key[32])
{
    static const char digit[] = "0123456789abcdef";
    size_t size = 3 * strlen(path) + 160;
    char *uri = malloc(size), *at = uri;

    if (!uri)
        return NULL;
    at += snprintf(at, size, "file:");
    for (; *path; path++) {
        if (strchr("%?#'", *path) || (unsigned char)*path < 0x21) {
            *at++ = '%';
            *at++ = digit[(unsigned char)*path >> 4];
            *at++ = digit[*path & 15];
        } else {
            *at++ = *path;
        }
    }
    /* "raw:" and the key, both as hex digits */
    at += snprintf(at, 60, "?cipher=aegis&hexkey=7261773a");
    for (int i = 0; i < 32; i++) {
        *at++ = digit[key[i] >> 4];
        *at++ = digit[key[i] & 15];
    }
    *at = '\0';
    return uri;
}

static int copy_into(sqlite3 *handle, const char *copy,
                     const unsigned char key[32])
{
    char *uri = target(copy, key);
    sqlite3_stmt *statement = NULL;
    int code =
        uri ? sqlite3_prepare_v2(handle, "VACUUM INTO $1", -1, &statement, NULL)
            : SQLITE_NOMEM;

    if (!code)
        code = sqlite3_bind_text(statement, 1, uri, -1, SQLITE_STATIC);
    if (!code)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (uri)
        for (volatile char *at = uri; *at; at++)
            *at = 0;
    free(uri);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static bool sync_file(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && fsync(file) == 0;

    if (file >= 0)
        close(file);
    return done;
}

static int note_id(sqlite3 *handle, const char *keys_id)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle,
                                  "INSERT OR REPLACE INTO store_meta"
                                  " (name, value) VALUES ('keys', $1)",
                                  -1, &statement, NULL);

    if (!code)
        code = sqlite3_bind_text(statement, 1, keys_id, -1, SQLITE_STATIC);
    if (!code && sqlite3_step(statement) != SQLITE_DONE)
        code = sqlite3_errcode(handle);
    sqlite3_finalize(statement);
    return code;
}

enum error store_encrypt(const char *path, const char *copy,
                         const unsigned char key[32], const char *keys_id,
                         struct err *err)
{
    sqlite3 *handle = NULL;
    enum error error = ERROR_NONE;
    int code = sqlite3_open_v2(
        path, &handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI, NULL);

    unlink(copy);
    /* leaving WAL mode needs the file for oneself; what is in the log comes in,
     * and no file stays beside it */
    if (!code)
        code = sqlite3_exec(handle,
                            "PRAGMA locking_mode=EXCLUSIVE;"
                            "PRAGMA temp_store=MEMORY;"
                            "PRAGMA journal_mode=DELETE;"
                            "BEGIN EXCLUSIVE; COMMIT",
                            NULL, NULL, NULL);
    if (!code)
        code = note_id(handle, keys_id);
    if (!code)
        code = copy_into(handle, copy, key);
    if (code)
        error = say(handle, code, err);
    else if (!sync_file(copy))
        error = err_set(err, ERROR_STORE, STORE_DISK, NULL, NULL, NULL);
    sqlite3_close(handle);
    return error;
}
