/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup.c - parts of 64 KiB through struct sealer's stream. */
#include "sys/backup.h"

#include "sys/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PART = 64 * 1024, FRONT_MAX = BACKUP_FRONT };

struct backup {
    const struct sealer *sealer;
    const struct host *host;
    char *path, *beside; /* beside: being written */
    FILE *file;
    struct seal_stream *stream;
    unsigned char bound[32];
    long start; /* of the stream's header */
    size_t filled, taken;
    bool last;
    unsigned char plain[PART];
    unsigned char sealed[PART + SEAL_STREAM_EXTRA];
};

static enum error say_disk(const char *path, struct err *err)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return err_set(err, ERROR_STORE,
                       N_("No queda espacio en el disco para {1}: libere "
                          "espacio y vuelva a intentarlo."),
                       path, NULL, NULL);
    return err_set(err, ERROR_STORE, N_("No se puede escribir {1}: {2}"), path,
                   strerror(errno), NULL);
}

static enum error say_spoilt(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("La copia de respaldo está cortada o alguien la cambió: "
                      "no se restauró nada. Use otra copia."),
                   NULL, NULL, NULL);
}

static struct backup *backup_alloc(const struct host *host, const char *path)
{
    struct backup *backup = calloc(1, sizeof(*backup));
    size_t size = strlen(path) + 16;

    if (!backup)
        return NULL;
    backup->host = host;
    backup->sealer = host->sealer;
    backup->path = malloc(size);
    backup->beside = malloc(size);
    if (!backup->path || !backup->beside) {
        backup_free(backup);
        return NULL;
    }
    snprintf(backup->path, size, "%s", path);
    snprintf(backup->beside, size, "%s.partial", path);
    return backup;
}

void backup_free(struct backup *backup)
{
    if (!backup)
        return;
    if (backup->stream)
        backup->sealer->stream_free(backup->stream);
    if (backup->file)
        fclose(backup->file);
    if (backup->beside && *backup->beside)
        unlink(backup->beside);
    free(backup->path);
    free(backup->beside);
    backup->sealer->wipe(backup->plain, sizeof(backup->plain));
    free(backup);
}

static void bind(struct backup *backup, struct str front, struct str keys)
{
    struct str part[2] = {front, keys};

    backup->host->hash(backup->host->context, part, 2, backup->bound);
}

static struct str bound_of(const struct backup *backup)
{
    return (struct str){(const char *)backup->bound, sizeof(backup->bound)};
}

static bool stream_start(struct backup *backup,
                         const unsigned char site_key[32],
                         unsigned char header[SEAL_STREAM_HEADER], bool write)
{
    const struct sealer *sealer = backup->sealer;
    unsigned char key[32];

    if (backup->stream)
        sealer->stream_free(backup->stream);
    site_key_derive(sealer, site_key, SITE_KEY_BACKUP, key);
    backup->stream = write ? sealer->stream_write(key, header)
                           : sealer->stream_read(key, header);
    sealer->wipe(key, sizeof(key));
    return backup->stream != NULL;
}

/* --- writing -------------------------------------------------------------- */

enum error backup_new(const char *path, struct house *house,
                      struct backup **out, struct err *err)
{
    unsigned char header[SEAL_STREAM_HEADER];
    struct backup *backup;
    struct arena arena;
    struct str keys, front;
    enum error error;
    int file;

    if (safe_exists(path))
        return err_set(err, ERROR_CONFLICT,
                       N_("Ya existe {1}: dé otro nombre a la copia."), path,
                       NULL, NULL);
    backup = backup_alloc(house->host, path);
    if (!backup)
        return err_memory(err);
    arena_init(&arena, NULL);
    error = safe_read(house->path, &arena, KEYRING_SIZE, &keys, err);
    unlink(backup->beside);
    file = open(backup->beside,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    backup->file = file < 0 ? NULL : fdopen(file, "wb");
    if (!error && !backup->file)
        error = say_disk(path, err);
    if (!error && !stream_start(backup, house->key, header, true))
        error = err_memory(err);
    if (!error) {
        front = str_format(&arena, "cobijo-backup 1 %zu\n", keys.size);
        bind(backup, front, keys);
        if (fwrite(front.at, 1, front.size, backup->file) != front.size ||
            fwrite(keys.at, 1, keys.size, backup->file) != keys.size ||
            fwrite(header, 1, sizeof(header), backup->file) != sizeof(header))
            error = say_disk(path, err);
    }
    arena_release(&arena);
    if (error)
        backup_free(backup);
    else
        *out = backup;
    return error;
}

static enum error part_write(struct backup *backup, bool last, struct err *err)
{
    struct str plain = {(const char *)backup->plain, backup->filled};
    size_t size = backup->filled + SEAL_STREAM_EXTRA;
    unsigned char length[4];

    backup->sealer->stream_push(backup->stream, bound_of(backup), plain, last,
                                backup->sealed);
    for (int i = 0; i < 4; i++)
        length[i] = (unsigned char)(size >> 8 * i);
    backup->filled = 0;
    if (fwrite(length, 1, 4, backup->file) != 4 ||
        fwrite(backup->sealed, 1, size, backup->file) != size)
        return say_disk(backup->path, err);
    return ERROR_NONE;
}

enum error backup_put(void *context, struct str bytes, struct err *err)
{
    struct backup *backup = context;

    while (bytes.size) {
        size_t room = PART - backup->filled;
        size_t some = bytes.size < room ? bytes.size : room;

        memcpy(backup->plain + backup->filled, bytes.at, some);
        backup->filled += some;
        bytes = str_slice(bytes, some, bytes.size);
        if (backup->filled == PART && part_write(backup, false, err))
            return err->code;
    }
    return ERROR_NONE;
}

enum error backup_done(struct backup *backup, struct err *err)
{
    enum error error = part_write(backup, true, err);

    if (!error &&
        (fflush(backup->file) != 0 || fsync(fileno(backup->file)) != 0))
        error = say_disk(backup->path, err);
    if (!error && safe_exists(backup->path)) {
        errno = EEXIST;
        error = say_disk(backup->path, err);
    }
    if (!error)
        error = safe_rename(backup->beside, backup->path, err);
    if (!error)
        *backup->beside = '\0';
    return error;
}

/* --- reading -------------------------------------------------------------- */

static enum error front_read(struct backup *backup, struct arena *arena,
                             struct str *keys, struct err *err)
{
    char text[FRONT_MAX + 1];
    size_t got = fread(text, 1, FRONT_MAX, backup->file), at, size;
    char *bytes;

    if (!backup_front((struct str){text, got}, &at, &size))
        return err_set(err, ERROR_INPUT,
                       N_("{1} no es una copia de respaldo de Cobijo."),
                       backup->path, NULL, NULL);
    bytes = arena_alloc(arena, size);
    if (!bytes)
        return err_memory(err);
    if (fseek(backup->file, (long)at, SEEK_SET) ||
        fread(bytes, 1, size, backup->file) != size)
        return say_spoilt(err);
    *keys = (struct str){bytes, size};
    bind(backup, (struct str){text, at}, *keys);
    backup->start = (long)(at + size);
    return ERROR_NONE;
}

enum error backup_open(const char *path, const struct host *host,
                       struct arena *arena, struct str *keys,
                       struct backup **out, struct err *err)
{
    struct backup *backup = backup_alloc(host, path);
    enum error error;

    if (!backup)
        return err_memory(err);
    *backup->beside = '\0';
    backup->file = fopen(path, "rbe");
    if (!backup->file)
        error = err_set(err, ERROR_INPUT, N_("No se puede leer {1}: {2}"), path,
                        strerror(errno), NULL);
    else
        error = front_read(backup, arena, keys, err);
    if (error)
        backup_free(backup);
    else
        *out = backup;
    return error;
}

enum error backup_begin(struct backup *backup, const unsigned char site_key[32],
                        struct err *err)
{
    unsigned char header[SEAL_STREAM_HEADER];

    backup->filled = backup->taken = 0;
    backup->last = false;
    if (fseek(backup->file, backup->start, SEEK_SET) ||
        fread(header, 1, sizeof(header), backup->file) != sizeof(header))
        return say_spoilt(err);
    if (!stream_start(backup, site_key, header, false))
        return err_memory(err);
    return ERROR_NONE;
}

static enum error part_read(struct backup *backup, struct err *err)
{
    unsigned char length[4];
    size_t size = 0;

    if (backup->last || fread(length, 1, 4, backup->file) != 4)
        return say_spoilt(err);
    for (int i = 0; i < 4; i++)
        size |= (size_t)length[i] << 8 * i;
    if (size < SEAL_STREAM_EXTRA || size > sizeof(backup->sealed) ||
        fread(backup->sealed, 1, size, backup->file) != size ||
        !backup->sealer->stream_pull(
            backup->stream, bound_of(backup),
            (struct str){(const char *)backup->sealed, size}, backup->plain,
            &backup->last))
        return say_spoilt(err);
    backup->filled = size - SEAL_STREAM_EXTRA;
    backup->taken = 0;
    return ERROR_NONE;
}

enum error backup_get(void *context, void *out, size_t size, struct err *err)
{
    struct backup *backup = context;
    char *to = out;

    while (size) {
        size_t left = backup->filled - backup->taken;
        size_t some = size < left ? size : left;

        if (!left) {
            if (part_read(backup, err))
                return err->code;
            continue;
        }
        memcpy(to, backup->plain + backup->taken, some);
        backup->taken += some;
        to += some;
        size -= some;
    }
    return ERROR_NONE;
}

enum error backup_ended(struct backup *backup, struct err *err)
{
    if (backup->taken == backup->filled && !backup->last &&
        part_read(backup, err))
        return err->code;
    if (!backup->last || backup->taken != backup->filled ||
        fgetc(backup->file) != EOF)
        return say_spoilt(err);
    return ERROR_NONE;
}
