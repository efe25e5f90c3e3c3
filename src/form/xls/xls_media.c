/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_media.c - the pictures, sounds and films that a form names. */
#include "form/media_file.h"
#include "form/xls/xls_read.h"

bool xls_text_is_media(enum xls_text_kind kind)
{
    return kind == XLS_TEXT_IMAGE || kind == XLS_TEXT_BIG_IMAGE ||
           kind == XLS_TEXT_AUDIO || kind == XLS_TEXT_VIDEO;
}

/* seen NULL: only counts. */
static size_t gather(const struct xls_texts *texts, struct names *seen,
                     struct str *name, size_t count)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct str file = media_file_name(texts->text[i].text);

        if (!xls_text_is_media(texts->text[i].kind) || !media_file_is(file))
            continue;
        if (seen && !names_add(seen, 0, file, count))
            continue;
        if (seen)
            name[count] = file;
        count++;
    }
    return count;
}

static size_t gather_all(const struct xls *xls, struct names *seen,
                         struct str *name)
{
    size_t count = 0;

    for (size_t i = 0; i < xls->nodes; i++)
        count = gather(&xls->node[i]->texts, seen, name, count);
    for (size_t i = 0; i < xls->lists; i++)
        for (size_t j = 0; j < xls->list[i].count; j++)
            count = gather(&xls->list[i].choice[j].texts, seen, name, count);
    return count;
}

size_t xls_media_files(const struct xls *xls, struct str **name)
{
    size_t count = gather_all(xls, NULL, NULL);
    struct names *seen = names_new(xls->arena, count + 1);

    *name = ARENA_ARRAY(xls->arena, struct str, count + 1);
    return *name && seen ? gather_all(xls, seen, *name) : 0;
}
