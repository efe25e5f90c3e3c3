/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* archive.c - plain files out of a zip, for packages of several CSVs. What a
 * zip claims of itself is not believed: bytes are counted while they come.
 */
#include <zip.h>

#include "form/read/intake.h"
#include "form/read/read.h"

enum { ARCHIVE_PIECE = 64 << 10 };

struct unpacking {
    struct arena *arena;
    zip_t *zip;
    size_t total; /* bytes that came so far */
    struct err *err;
};

static enum error say_large(struct err *err)
{
    return err_set(err, ERROR_TOO_LARGE, N_("El archivo es demasiado grande."),
                   NULL, NULL, NULL);
}

static enum error say_damaged(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("El archivo zip está dañado o tiene contraseña."), NULL,
                   NULL, NULL);
}

static enum error unpack(struct unpacking *unpacking, zip_uint64_t index,
                         struct str *bytes)
{
    zip_file_t *file = zip_fopen_index(unpacking->zip, index, 0);
    char *piece = arena_alloc(unpacking->arena, ARCHIVE_PIECE);
    enum error error = ERROR_NONE;
    zip_int64_t read = 0;
    struct buf out;

    if (!file)
        return say_damaged(unpacking->err);
    buf_init(&out, unpacking->arena);
    while (piece && !error &&
           (read = zip_fread(file, piece, ARCHIVE_PIECE)) > 0) {
        unpacking->total += (size_t)read;
        if (unpacking->total > TABLE_TEXT_MAX)
            error = say_large(unpacking->err);
        else
            buf_add(&out, piece, (size_t)read);
    }
    if (!error && read < 0)
        error = say_damaged(unpacking->err);
    /* its checksum is told when it is closed */
    if (zip_fclose(file) && !error)
        error = say_damaged(unpacking->err);
    if (!error && arena_failed(unpacking->arena))
        error = err_memory(unpacking->err);
    *bytes = buf_str(&out);
    return error;
}

static struct str base_of(struct str path)
{
    size_t from = path.size;

    while (from > 0 && path.at[from - 1] != '/')
        from--;
    return str_slice(path, from, path.size);
}

static enum error unpack_all(struct unpacking *unpacking, struct str suffix,
                             struct packed *packed)
{
    zip_int64_t entries = zip_get_num_entries(unpacking->zip, 0);
    enum error error = ERROR_NONE;

    if (entries > READ_PARTS_MAX)
        return say_large(unpacking->err);
    for (zip_int64_t i = 0; !error && i < entries; i++) {
        const char *name = zip_get_name(unpacking->zip, (zip_uint64_t)i, 0);
        struct str base = base_of(str_of(name ? name : ""));

        /* what a Mac puts beside each file */
        if (!str_ends(base, suffix) || str_starts(base, STR("._")))
            continue;
        if (packed->count == PACKED_MOST)
            return say_large(unpacking->err);
        packed->file[packed->count].name = str_copy(unpacking->arena, base);
        error = unpack(unpacking, (zip_uint64_t)i,
                       &packed->file[packed->count++].bytes);
    }
    return error;
}

enum error read_archive(struct arena *arena, struct str bytes,
                        struct str suffix, struct packed *packed,
                        struct err *err)
{
    struct unpacking unpacking = {.arena = arena, .err = err};
    zip_source_t *source;
    zip_error_t said;
    enum error error;

    packed->count = 0;
    if (bytes.size > READ_FILE_MAX || !archive_few_parts(bytes))
        return say_large(err);
    zip_error_init(&said);
    source = zip_source_buffer_create(bytes.at, bytes.size, 0, &said);
    unpacking.zip =
        source ? zip_open_from_source(source, ZIP_RDONLY, &said) : NULL;
    zip_error_fini(&said);
    if (!unpacking.zip) {
        zip_source_free(source);
        return say_damaged(err);
    }
    error = unpack_all(&unpacking, suffix, packed);
    zip_discard(unpacking.zip);
    return error;
}
