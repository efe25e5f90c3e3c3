/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* safe_file.c - writes beside, syncs, renames. */
#include "sys/safe_file.h"

#include "core/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static enum error say_failed(const char *path, struct err *err)
{
    char why[160];

    snprintf(why, sizeof(why), "%s", strerror(errno));
    if (errno == ENOSPC || errno == EDQUOT)
        return err_set(err, ERROR_STORE,
                       N_("No queda espacio en el disco para {1}: libere "
                          "espacio y vuelva a intentarlo."),
                       path, NULL, NULL);
    return err_set(err, ERROR_STORE, N_("No se puede escribir {1}: {2}"), path,
                   why, NULL);
}

static enum error folder_sync(const char *path, struct err *err)
{
    char folder[PATH_ROOM];
    const char *slash = strrchr(path, '/');
    int file, failed;

    if (!slash)
        snprintf(folder, sizeof(folder), ".");
    else
        snprintf(folder, sizeof(folder), "%.*s",
                 (int)(slash == path ? 1 : slash - path), path);
    file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return say_failed(folder, err);
    failed = fsync(file);
    close(file);
    /* some file systems have no such thing */
    return failed && errno != EINVAL ? say_failed(folder, err) : ERROR_NONE;
}

static bool write_all(int file, struct str text)
{
    while (text.size) {
        ssize_t wrote = write(file, text.at, text.size);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text = str_slice(text, (size_t)wrote, text.size);
    }
    return fsync(file) == 0;
}

enum error safe_write(const char *path, struct str text, struct err *err)
{
    char beside[PATH_ROOM];
    enum error error = ERROR_NONE;
    int file;

    if ((size_t)snprintf(beside, sizeof(beside), "%s.tmp-XXXXXX", path) >=
        sizeof(beside)) {
        errno = ENAMETOOLONG;
        return say_failed(path, err);
    }
    file = mkstemp(beside); /* 0600 */
    if (file < 0)
        return say_failed(path, err);
    if (!write_all(file, text))
        error = say_failed(path, err);
    close(file);
    if (!error)
        error = safe_rename(beside, path, err);
    if (error)
        unlink(beside);
    return error;
}

enum error safe_read(const char *path, struct arena *arena, size_t most,
                     struct str *text, struct err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    struct buf buf;
    char piece[8192];
    ssize_t got;

    if (file < 0 && errno == ENOENT)
        return err_set(err, ERROR_NOT_FOUND, N_("No existe {1}."), path, NULL,
                       NULL);
    if (file < 0 || fstat(file, &about) || !S_ISREG(about.st_mode)) {
        enum error error =
            err_set(err, ERROR_STORE, N_("No se puede leer {1}: {2}"), path,
                    file < 0 ? strerror(errno) : "?", NULL);

        if (file >= 0)
            close(file);
        return error;
    }
    buf_init(&buf, arena);
    while ((got = read(file, piece, sizeof(piece))) > 0 && buf.size <= most)
        buf_add(&buf, piece, (size_t)got);
    close(file);
    if (got < 0 || buf.size > most)
        return err_set(err, ERROR_STORE, N_("No se puede leer {1}: {2}"), path,
                       got < 0 ? strerror(errno) : "> max", NULL);
    *text = buf_str(&buf);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

enum error safe_rename(const char *from, const char *to, struct err *err)
{
    if (rename(from, to))
        return say_failed(to, err);
    return folder_sync(to, err);
}

bool safe_exists(const char *path)
{
    struct stat about;

    return lstat(path, &about) == 0;
}

enum error safe_aside(const char *path, const char *after, struct err *err)
{
    char to[PATH_ROOM];

    snprintf(to, sizeof(to), "%s.%s", path, after);
    for (int i = 2; safe_exists(to) && i < 10000; i++)
        snprintf(to, sizeof(to), "%s.%s%d", path, after, i);
    return safe_rename(path, to, err);
}

enum error safe_folders(const char *path, struct err *err)
{
    char folder[PATH_ROOM];

    snprintf(folder, sizeof(folder), "%s", path);
    for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        if (mkdir(folder, 0700) && errno != EEXIST)
            return say_failed(folder, err);
        *at = '/';
    }
    return ERROR_NONE;
}

int safe_lock(const char *path, struct err *err)
{
    char name[PATH_ROOM];
    int lock;

    snprintf(name, sizeof(name), "%s.lock", path);
    lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX)) {
        say_failed(name, err);
        if (lock >= 0)
            close(lock);
        return -1;
    }
    return lock;
}

void safe_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
