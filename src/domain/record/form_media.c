/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_media.c - which files a form may show. No SVG: it is a document that
 * can run something. */
#include "domain/record/form_media.h"

#include "domain/record/media.h"
#include "form/media_file.h"

const char *form_media_type(struct str name, struct str bytes)
{
    static const char *const types[] = {
        "image/png", "image/jpeg", "image/webp", "audio/mpeg", "audio/ogg",
        "audio/mp4", "audio/webm", "video/mp4",  "video/webm"};
    bool sound = media_file_sounds(name);
    struct media media = media_of(bytes, sound ? STR("audio/") : STR(""));

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i], media.type) == 0)
            return types[i];
    return NULL;
}

enum error form_media_take(struct arena *arena, struct str name,
                           struct str bytes, struct tables *tables,
                           struct err *err)
{
    struct str bare = bytes;

    if (bytes.size && bytes.size <= MEDIA_FILE_MAX) {
        if (form_media_type(name, bytes))
            bare = media_bare(arena, bytes);
        else
            bare = STR_NULL;
        if (str_is_null(bare))
            return err_set(
                err, ERROR_INPUT,
                N_("«{1}» no se puede mostrar en un formulario o está dañado. "
                   "Sirven PNG, JPEG, WebP, MP3, OGG, M4A, MP4 y WebM."),
                str_c(arena, name), NULL, NULL);
    }
    return media_file_add(arena, name, bare, tables, err);
}
