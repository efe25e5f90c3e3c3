/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_media.c - pictures, sounds and films that a form brings along: their
 * addresses on a page, and the files themselves. */
#include "web/form/widget.h"

#include "domain/record/form_media.h"
#include "form/media_file.h"

static struct str href_of(struct widgets *w, struct texts texts)
{
    struct view *view = w->view;
    struct str name = texts_in(w->form, texts, view->task.language);

    return name.size
               ? view_format(view, "/form/%.*s/media/%.*s?version=%.*s%s",
                             STR_ARGS(path_escape(w->arena, w->form->name)),
                             STR_ARGS(path_escape(w->arena, name)),
                             STR_ARGS(path_escape(w->arena, w->form->version)),
                             form_is_draft(view, w->form) ? "&draft=yes" : "")
               : STR("");
}

struct str widget_image(struct widgets *w, const struct form_media *media)
{
    if (!media)
        return STR("");
    w->view->widgets = true; /* css/widgets.css */
    return href_of(w, media->image);
}

void widget_media(struct widgets *w, struct value *widget,
                  const struct form_media *media)
{
    if (!media)
        return;
    widget_flag(w, widget, "media");
    widget_put(w, widget, "image", href_of(w, media->image));
    widget_put(w, widget, "big_image", href_of(w, media->big_image));
    widget_put(w, widget, "audio", href_of(w, media->audio));
    widget_put(w, widget, "video", href_of(w, media->video));
    w->view->widgets = true;
}

void widget_pictures(struct widgets *w, struct value *widget,
                     const struct question *question)
{
    const struct choice_list *list = question->choices;
    struct value *all = value_object(w->arena);
    struct buf out;

    if (!question->choice_filter)
        return;
    for (size_t i = 0; list && i < list->count; i++) {
        struct str href = widget_image(w, list->choice[i].media);

        if (href.size)
            value_set(all, w->arena, list->choice[i].name,
                      value_string(w->arena, href));
    }
    if (!value_count(all))
        return;
    buf_init(&out, w->arena);
    value_write(all, &out);
    widget_put(w, widget, "pictures", buf_str(&out));
}

enum error form_media_page(struct view *view)
{
    const struct form *form = view_form_asked(view);
    struct str name = view->param[1];
    struct str bytes =
        form ? media_file_find(view->task.arena, form->source, name) : STR_NULL;
    const char *type = bytes.size ? form_media_type(name, bytes) : NULL;

    if (!type)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("El archivo no está aquí o aún no llegó."), NULL,
                       NULL, NULL);
    /* whatever it is, it runs nothing here */
    response_header(view->response, "Content-Security-Policy", STR("sandbox"));
    response_header(view->response, "Cache-Control",
                    form_is_draft(view, form) ||
                            !view_query(view, "version").size
                        ? STR("no-store")
                        : STR("private, max-age=31536000, immutable"));
    view_body(view, type, bytes);
    return ERROR_NONE;
}
