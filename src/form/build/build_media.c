/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_media.c - pictures, sounds and films of a question or a choice: those
 * that came along with the form. One that did not is told, and the form works
 * without it. */
#include "form/build/build.h"
#include "form/media_file.h"

static bool is_here(const struct building *building, struct str name)
{
    return xls_book_table(building->xls->book, name) != NULL;
}

static struct texts names_of(const struct building *building,
                             const struct xls_texts *texts,
                             enum xls_text_kind kind)
{
    struct texts found = build_texts(building, texts, kind);
    struct str *name = (struct str *)(uintptr_t)found.text;

    for (size_t i = 0; name && i < building->form->language_count; i++) {
        name[i] = media_file_name(name[i]);
        if (name[i].size && !is_here(building, name[i]))
            name[i] = STR_NULL;
    }
    return found;
}

/* Is any there? Those that are not are told. */
static bool look(struct building *building, const struct xls_texts *texts,
                 const char *sheet, size_t row)
{
    bool any = false;

    for (size_t i = 0; i < texts->count; i++) {
        const struct xls_text *text = &texts->text[i];
        struct str name = media_file_name(text->text);

        if (!xls_text_is_media(text->kind) || !name.size)
            continue;
        if (is_here(building, name))
            any = true;
        else if (!arena_failed(building->arena))
            xls_problem(building->xls, XLS_FORM_MEDIA,
                        (struct xls_place){sheet, row,
                                           text->column ? text->column->header
                                                        : STR("")},
                        name, STR(""), STR(""));
    }
    return any;
}

const struct form_media *build_media(struct building *building,
                                     const struct xls_texts *texts,
                                     const char *sheet, size_t row)
{
    struct form_media *media;

    if (!look(building, texts, sheet, row))
        return NULL;
    media = ARENA_NEW(building->arena, struct form_media);
    if (!media)
        return NULL;
    media->image = names_of(building, texts, XLS_TEXT_IMAGE);
    media->big_image = names_of(building, texts, XLS_TEXT_BIG_IMAGE);
    media->audio = names_of(building, texts, XLS_TEXT_AUDIO);
    media->video = names_of(building, texts, XLS_TEXT_VIDEO);
    return media;
}
