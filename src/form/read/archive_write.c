/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* archive_write.c - files as one zip, which archive.c reads again. It tells no
 * time, so that the same files are the same bytes.
 */
#include <zip.h>

#include "form/read/read.h"

enum { NO_DAY = 1 << 5 | 1 }; /* 1 January 1980, where DOS begins */

static bool add_all(zip_t *zip, const struct packed *packed,
                    struct arena *arena)
{
    for (size_t i = 0; i < packed->count; i++) {
        struct str bytes = packed->file[i].bytes;
        zip_source_t *source = zip_source_buffer(zip, bytes.at, bytes.size, 0);
        zip_int64_t at =
            source ? zip_file_add(zip, str_c(arena, packed->file[i].name),
                                  source, ZIP_FL_ENC_UTF_8)
                   : -1;

        if (at < 0) {
            zip_source_free(source);
            return false;
        }
        if (zip_file_set_dostime(zip, (zip_uint64_t)at, 0, NO_DAY, 0))
            return false;
    }
    return true;
}

static bool take_out(zip_source_t *source, struct arena *arena,
                     struct str *bytes)
{
    zip_stat_t about;
    char *out;

    if (zip_source_stat(source, &about) || !(about.valid & ZIP_STAT_SIZE) ||
        zip_source_open(source))
        return false;
    out = arena_alloc(arena, (size_t)about.size + 1);
    if (out &&
        zip_source_read(source, out, about.size) != (zip_int64_t)about.size)
        out = NULL;
    zip_source_close(source);
    *bytes = (struct str){out, (size_t)about.size};
    return out != NULL;
}

enum error write_archive(struct arena *arena, const struct packed *packed,
                         struct str *bytes, struct err *err)
{
    zip_error_t said;
    zip_source_t *source;
    zip_t *zip;
    bool whole = false;

    zip_error_init(&said);
    source = zip_source_buffer_create(NULL, 0, 0, &said);
    zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, &said) : NULL;
    zip_error_fini(&said);
    if (!zip) {
        zip_source_free(source);
        return err_memory(err);
    }
    zip_source_keep(source);
    if (!add_all(zip, packed, arena) || zip_close(zip))
        zip_discard(zip);
    else
        whole = take_out(source, arena, bytes);
    zip_source_free(source);
    return whole ? ERROR_NONE : err_memory(err);
}
