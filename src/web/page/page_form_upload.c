/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_form_upload.c - a spreadsheet becomes a draft: the form, and the lists
 * of choices, pictures and sounds that it names and that are files of their
 * own.
 */
#include "web/page/form_draft_view.h"

#include "core/csv.h"
#include "domain/record/form_media.h"
#include "form/list_file.h"
#include "form/media_file.h"
#include "web/page/form_sheets.h"

static enum error upload_fill(struct view *view)
{
    struct arena *arena = view->task.arena;

    view_title(view, N_("Agregar un formulario"));
    view->widgets = true; /* css/widgets.css */
    value_put_int(view->data, arena, "errors", 0);
    value_put_int(view->data, arena, "warnings", 0);
    value_put(view->data, arena, "problems", value_list(arena));
    value_put(view->data, arena, "sheets", value_list(arena));
    value_put_bool(view->page, arena, "replace", false);
    value_put_bool(view->page, arena, "upload_again", true);
    value_put_bool(view->page, arena, "draft_kind", false);
    return drafts_put(view);
}

enum error form_upload_page(struct view *view)
{
    return upload_fill(view);
}

/* The file, or the text of one, as it would be kept. */
static enum error uploaded_form(struct view *view, struct form_draft *draft)
{
    const struct value *file = value_get(view->fields, "file");
    struct str bytes = value_text_of(file, "bytes");
    enum error error;

    draft->file_name = value_text_of(file, "name");
    if (bytes.size == 0) {
        bytes = view_field(view, "source");
        draft->file_name = view_field(view, "file_name");
    }
    if (bytes.size == 0)
        return err_set(&view->err, ERROR_INPUT,
                       N_("Elija un archivo .xlsx, .xls o .csv con las hojas "
                          "survey, choices y settings."),
                       NULL, NULL, NULL);
    error = form_text(view->app->office.host, view->task.arena, bytes,
                      &draft->source, &view->err);
    if (error == ERROR_NONE)
        draft->source = csv_decode(view->task.arena, draft->source, NULL);
    return error;
}

static enum error list_add(struct view *view, const struct value *file,
                           struct tables *lists)
{
    struct str bytes = value_text_of(file, "bytes");
    struct str name = value_text_of(file, "name");

    if (bytes.size == 0)
        return ERROR_NONE; /* the field was left empty */
    if (media_file_is(name))
        return form_media_take(view->task.arena, name, bytes, lists,
                               &view->err);
    return list_file_read(view->app->office.host, view->task.arena, name, bytes,
                          lists, &view->err);
}

/* The lists and media that come in files of their own. */
static enum error uploaded_lists(struct view *view, struct tables *lists)
{
    const struct value *file = value_get(view->fields, "list");
    enum error error = ERROR_NONE;

    if (value_type(file) != VALUE_LIST)
        return list_add(view, file, lists);
    for (size_t i = 0; error == ERROR_NONE && i < value_count(file); i++)
        error = list_add(view, value_at(file, i), lists);
    return error;
}

/* A form with its lists, or lists for the draft that she looks at. */
static enum error uploaded_source(struct view *view, struct form_draft *draft)
{
    struct str name = view_field(view, "_draft");
    struct tables lists = {0};
    bool found = false;
    enum error error = uploaded_lists(view, &lists);

    if (error == ERROR_NONE && lists.count && name.size &&
        value_text_of(value_get(view->fields, "file"), "bytes").size == 0)
        error = form_draft_find(&view->task, name, draft, &found, &view->err);
    if (error == ERROR_NONE && !found)
        error = uploaded_form(view, draft);
    if (error == ERROR_NONE && lists.count)
        draft->source =
            list_files_join(view->task.arena, draft->source, &lists);
    return error == ERROR_NONE ? media_files_check(draft->source, &view->err)
                               : error;
}

/* Words that are addresses below /form and no kinds. */
static bool is_reserved(struct str name)
{
    return str_equal_c(name, "upload") || str_equal_c(name, "form");
}

static enum error say_no_name(struct view *view, struct str name)
{
    return name.size
               ? err_set(&view->err, ERROR_INPUT,
                         N_("Un formulario no puede llamarse «{1}»: escriba "
                            "otro nombre en form_id de la hoja settings."),
                         str_c(view->task.arena, name), NULL, NULL)
               : err_set(&view->err, ERROR_INPUT,
                         N_("Falta el nombre del formulario: escríbalo en la "
                            "columna form_id de la hoja settings y súbala otra "
                            "vez. Mientras tanto no se guardó nada."),
                         NULL, NULL, NULL);
}

/* Somebody else's draft is not overwritten unasked. */
static enum error ask_replace(struct view *view, const struct form_draft *draft)
{
    struct arena *arena = view->task.arena;
    struct form_draft other;
    struct value *replace;
    bool found = false;
    enum error error =
        form_draft_find(&view->task, draft->name, &other, &found, &view->err);

    if (error != ERROR_NONE || !found ||
        str_equal(other.author, view->task.actor.id) ||
        str_equal(other.source, draft->source) ||
        view_field(view, "_replace").size)
        return error;
    replace = value_object(arena);
    value_put_str(replace, arena, "source", draft->source);
    value_put_str(replace, arena, "file_name", draft->file_name);
    value_put_str(replace, arena, "href",
                  view_format(view, "/form/%.*s/draft",
                              STR_ARGS(path_escape(arena, draft->name))));
    value_put(view->page, arena, "replace", replace);
    value_put_bool(view->page, arena, "upload_again", false);
    return err_set(
        &view->err, ERROR_CONFLICT,
        N_("Ya hay un borrador de «{1}» que subió {2} ({3}). Mírelo, "
           "o ponga el suyo en su lugar."),
        str_c(arena, draft->name),
        str_c(arena, ref_text(view, STR("user"), other.author)),
        str_c(arena, when_text(view, other.saved)));
}

/* Keeps the upload; *name is where it is kept. */
static enum error upload_keep(struct view *view, struct str *name)
{
    struct form_draft draft = {0};
    struct form_problems problems = {0};
    const struct form *form = NULL;
    enum error error = uploaded_source(view, &draft);

    if (error != ERROR_NONE)
        return error;
    form = forms_read(&view->app->office, view->task.arena, draft.source,
                      &problems);
    form_problems_sort(&problems);
    draft.name = form_sheet_name(view, draft.source, &draft.version);
    if (form) {
        draft.name = form->name;
        draft.version = form->version;
    }
    draft_put_problems(view, draft.source, &problems);
    if (draft.name.size == 0 || is_reserved(draft.name))
        return say_no_name(view, draft.name);
    error = ask_replace(view, &draft);
    *name = draft.name;
    return error == ERROR_NONE
               ? form_draft_keep(&view->task, &draft, &view->err)
               : error;
}

enum error form_upload_post(struct view *view)
{
    struct draft_view draft;
    struct str name = STR("");
    enum error error = upload_fill(view);

    if (error == ERROR_NONE)
        error = upload_keep(view, &name);
    if (error != ERROR_NONE)
        return view_again(view, "form_upload", error);
    if (view_field(view, "_install").size)
        return draft_publish(view, name);
    view_redirect(view,
                  view_format(view, "/form/%.*s/draft",
                              STR_ARGS(path_escape(view->task.arena, name))));
    if (!view->json)
        return ERROR_NONE;
    error = draft_open(view, name, &draft);
    return error == ERROR_NONE ? draft_fill(view, &draft) : error;
}
