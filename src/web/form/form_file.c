/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_file.c - questions answered with a photo, a recording, a drawing or a
 * file. On the page such a question is three fields: KEY, the name of what is
 * kept; KEY.file, a new one; KEY.drop, "take it away". A browser never gives a
 * file back, so after a problem it has to be chosen again: the page says so,
 * and with script draft.js puts it back by itself.
 */
#include "web/form/widget.h"

#include "domain/record/attach.h"
#include "form/clean.h"

/* --- what came ------------------------------------------------------------ */

/* bag.1.photo as check.h names it: bag[2]/photo */
static struct str path_of(struct arena *arena, struct str name)
{
    struct str rest = name, part;
    struct buf out;

    buf_init(&out, arena);
    while (str_cut(&rest, '.', &part)) {
        int64_t index;

        if (out.size && str_to_int(part, &index) && !str_is_null(rest))
            buf_printf(&out, "[%lld]/", (long long)index + 1);
        else
            buf_put(&out, part);
    }
    return buf_str(&out);
}

/* The question of a field that ends in .file or .drop; *name without it. */
static const struct question *file_question(const struct form *form,
                                            struct str *name)
{
    const struct question *repeat = NULL, *found;
    struct str rest, part;

    if (!str_ends(*name, STR(".file")) && !str_ends(*name, STR(".drop")))
        return NULL;
    name->size -= 5;
    rest = *name;
    while ((found = form_find_in(form, repeat, rest)) == NULL) {
        if (!str_cut(&rest, '.', &part))
            return NULL;
        repeat = form_find_in(form, repeat, part);
        if (!repeat || repeat->type != QUESTION_REPEAT ||
            !str_cut(&rest, '.', &part) || str_is_null(rest))
            return NULL;
    }
    return question_is_file(found) ? found : NULL;
}

static void take_file(struct view *view, const struct question *question,
                      struct str name, const struct value *part,
                      struct value *kept)
{
    struct attached *file = &view->file[view->files];
    struct str bytes = value_text_of(part, "bytes");

    if (bytes.size == 0)
        return; /* no file was chosen */
    *file = (struct attached){.question = question,
                              .path = path_of(view->task.arena, name),
                              .kept = value_text(value_get_str(kept, name)),
                              .type = value_text_of(part, "type"),
                              .bytes = bytes};
    attach_read(&view->task, file);
    view->files++;
    value_set(kept, view->task.arena, name,
              value_string(view->task.arena, file->name));
}

const struct value *fields_without_files(struct view *view,
                                         const struct form *form,
                                         const struct value *fields)
{
    struct arena *arena = view->task.arena;
    struct value *kept = value_object(arena);
    size_t count = value_count(fields), found = 0;

    for (size_t i = 0; i < count; i++) {
        struct str name = value_name_at(fields, i);

        if (file_question(form, &name))
            found++;
        else
            value_set(kept, arena, value_name_at(fields, i),
                      value_at(fields, i));
    }
    view->files = 0;
    view->file = found ? ARENA_ARRAY(arena, struct attached, found) : NULL;
    for (size_t i = 0; view->file && i < count; i++) {
        struct str name = value_name_at(fields, i);
        const struct question *question = file_question(form, &name);
        const struct value *value = value_at(fields, i);

        if (question && value_type(value) == VALUE_OBJECT)
            take_file(view, question, name, value, kept);
        else if (question && value_text(value).size)
            value_set(kept, arena, name, value_string(arena, STR("")));
    }
    return kept;
}

/* --- what is asked -------------------------------------------------------- */

/* One that came with this request and could not be saved with the rest. */
static const struct attached *file_came(const struct widgets *w,
                                        struct str value)
{
    for (size_t i = 0; i < w->view->files; i++)
        if (str_equal(w->view->file[i].name, value))
            return &w->view->file[i];
    return NULL;
}

void files_of(struct view *view, struct str kind, struct str record)
{
    value_put_str(view->page, view->task.arena, "file_base",
                  view_format(view, "/record/%.*s/%.*s/file/", STR_ARGS(kind),
                              STR_ARGS(record)));
}

struct value *file_shown(struct view *view, const struct question *question,
                         struct str name)
{
    struct arena *arena = view->task.arena;
    struct str base = value_text_of(view->page, "file_base");
    struct value *kept = value_object(arena);

    value_put_str(kept, arena, "file", name);
    put_text_or_false(
        view, kept, "href",
        base.size ? str_join(arena, base, path_escape(arena, name)) : STR(""));
    value_put_bool(kept, arena, "is_image", question->type == QUESTION_IMAGE);
    value_put_bool(kept, arena, "is_audio", question->type == QUESTION_AUDIO);
    value_put_bool(kept, arena, "is_video", question->type == QUESTION_VIDEO);
    return kept;
}

static const char *accepted(const struct question *question)
{
    if (question->type == QUESTION_IMAGE)
        return "image/*";
    if (question->type == QUESTION_AUDIO)
        return "audio/*";
    return question->type == QUESTION_VIDEO ? "video/*" : NULL;
}

static const char *drawn(const struct question *question)
{
    static const char *const way[] = {"signature", "draw", "annotate"};

    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
        if (question->type == QUESTION_IMAGE && appears(question, way[i]))
            return way[i];
    return NULL;
}

void widget_file(struct widgets *w, struct value *widget,
                 const struct question *question, struct str value)
{
    const struct attached *came = file_came(w, value);
    const char *accept = accepted(question), *way = drawn(question);
    double most = parameter_number(question, "max-pixels", 2048);

    widget_flag(w, widget, "is_field");
    widget_flag(w, widget, "is_file");
    if (came) {
        value = came->kept;
        value_put_str(widget, w->arena, "value", value);
        widget_flag(w, widget, "again");
    }
    if (value.size)
        value_put(widget, w->arena, "kept",
                  file_shown(w->view, question, value));
    if (accept)
        value_put_text(widget, w->arena, "accept", accept);
    if (way)
        value_put_text(widget, w->arena, "drawn", way);
    else if (question->type == QUESTION_AUDIO)
        widget_flag(w, widget, "recorded");
    /* "new": the camera and no old photo */
    if (question->type == QUESTION_IMAGE || question->type == QUESTION_VIDEO) {
        if (appears(question, "new-front") || appears(question, "selfie"))
            value_put_text(widget, w->arena, "capture", "user");
        else if (appears(question, "new"))
            value_put_text(widget, w->arena, "capture", "environment");
    }
    value_put_str(widget, w->arena, "pixels",
                  str_format(w->arena, "%.0f", most < 16 ? 2048 : most));
    value_put_bool(w->view->page, w->arena, "multipart", true);
    if (way) /* file.js asks for it */
        page_script(w->view, "js/draw.js");
    page_script(w->view, "js/file.js");
    page_script(w->view, "js/keep.js");
    if (question->type == QUESTION_AUDIO)
        w->view->microphone = true;
}
