/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_form.c - the forms in use: what they ask, and putting in a new one
 * (or a new version) from a spreadsheet. Every problem is named by sheet, row
 * and column; looking at what would happen comes before doing it.
 */
#include "web/page.h"

#include "core/csv.h"
#include "form/table.h"

static struct value *form_item(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    int64_t questions = 0;

    for (size_t i = 0; i < form->question_count; i++)
        if (question_has_value(form->question[i]))
            questions++;
    value_put_str(item, arena, "name", form->name);
    value_put_str(item, arena, "title",
                  texts_in(form, form->title, view->task.language));
    value_put_str(item, arena, "version", form->version);
    value_put_int(item, arena, "questions", questions);
    value_put_str(item, arena, "href",
                  view_format(view, "/form/%.*s", STR_ARGS(form->name)));
    value_put_str(item, arena, "records",
                  view_format(view, "/record/%.*s", STR_ARGS(form->name)));
    value_put_bool(item, arena, "readable",
                   role_has(view->task.actor.role, right_to_read(form->name)));
    return item;
}

enum error form_list_page(struct view *view)
{
    const struct form **form = NULL;
    size_t count = forms_list(view->app->office.forms, view->task.arena, &form);
    struct value *list = value_list(view->task.arena);

    view_title(view, N_("Formularios"));
    for (size_t i = 0; i < count; i++)
        value_add(list, view->task.arena, form_item(view, form[i]));
    value_put(view->data, view->task.arena, "forms", list);
    return ERROR_NONE;
}

static const char *const type_name[] = {
#define QUESTION_TYPE(name, text, bind, has_value) text,
#include "form/question_types.def"
#undef QUESTION_TYPE
};

/* What the form asks, as a flat list for people. */
static struct value *question_item(struct view *view, const struct form *form,
                                   const struct question *question)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *choices = value_list(arena);

    value_put_str(item, arena, "key", question->key);
    value_put_str(item, arena, "label",
                  texts_in(form, question->label, view->task.language));
    value_put_text(item, arena, "type", type_name[question->type]);
    value_put_bool(item, arena, "heading",
                   question->type == QUESTION_GROUP ||
                       question->type == QUESTION_REPEAT);
    value_put_bool(item, arena, "sensitive",
                   str_equal_c(question->class, "SEN"));
    for (size_t i = 0;
         question->choices && i < question->choices->count && i < 60; i++) {
        struct value *choice = value_object(arena);

        value_put_str(choice, arena, "name", question->choices->choice[i].name);
        value_put_str(choice, arena, "label",
                      texts_in(form, question->choices->choice[i].label,
                               view->task.language));
        value_add(choices, arena, choice);
    }
    value_put(item, arena, "choices", choices);
    return item;
}

enum error form_page(struct view *view)
{
    const struct form *form =
        forms_find(view->app->office.forms, view->param[0], STR_NULL);
    struct arena *arena = view->task.arena;
    struct value *list, *item;

    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    view_title(view, N_("Formulario"));
    item = form_item(view, form);
    for (size_t i = 0; i < value_count(item); i++)
        value_set(view->data, arena, value_name_at(item, i), value_at(item, i));
    list = value_list(arena);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (question->type == QUESTION_CALCULATE ||
            question->type == QUESTION_HIDDEN || question->system)
            continue;
        value_add(list, arena, question_item(view, form, question));
    }
    value_put(view->data, arena, "list", list);
    return ERROR_NONE;
}

/* --- a new form ----------------------------------------------------------- */

static void put_form_problems(struct view *view,
                              const struct form_problems *problems)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "sheet", problem->sheet);
        value_put_int(item, arena, "row", (int64_t)problem->row);
        value_put_str(item, arena, "column", problem->column);
        value_put_bool(item, arena, "warning", problem->warning);
        value_put_str(item, arena, "text",
                      err_text(&problem->err, view->task.translator, arena));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "problems", list);
}

static void upload_fill(struct view *view)
{
    struct arena *arena = view->task.arena;

    view_title(view, N_("Agregar un formulario"));
    value_put(view->data, arena, "problems", value_list(arena));
    value_put_bool(view->data, arena, "checked", false);
    value_put_str(view->page, arena, "source", view_field(view, "source"));
}

enum error form_upload_page(struct view *view)
{
    upload_fill(view);
    return ERROR_NONE;
}

/* The file, or what was pasted (or checked a moment ago), as text. */
static enum error uploaded_source(struct view *view, struct str *source)
{
    const struct value *file = value_get(view->fields, "file");
    struct str bytes = value_text_of(file, "bytes");
    enum error error;

    if (bytes.size == 0)
        bytes = view_field(view, "source");
    error = form_text(view->app->office.host, view->task.arena, bytes, source,
                      &view->err);
    if (error == ERROR_NONE)
        *source = csv_decode(view->task.arena, *source, NULL);
    return error;
}

static enum error upload_check(struct view *view, struct str source)
{
    struct form_problems problems = {0};
    const struct form *form = xlsform_read(view->task.arena, source,
                                           view->app->office.files, &problems);

    put_form_problems(view, &problems);
    value_put_str(view->page, view->task.arena, "source", source);
    if (!form)
        return err_set(&view->err, ERROR_INPUT,
                       N_("El formulario tiene problemas. Corríjalos en la "
                          "hoja de cálculo y súbala otra vez."),
                       NULL, NULL, NULL);
    value_put(view->data, view->task.arena, "checked", form_item(view, form));
    return ERROR_NONE;
}

enum error form_upload_post(struct view *view)
{
    struct form_problems problems = {0};
    struct str source;
    enum error error = uploaded_source(view, &source);

    upload_fill(view);
    if (error == ERROR_NONE && source.size == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Elija un archivo .xlsx, .xls o .csv con las hojas "
                           "survey, choices y settings."),
                        NULL, NULL, NULL);
    if (error == ERROR_NONE)
        error = upload_check(view, source);
    if (error != ERROR_NONE)
        return view_again(view, "form_upload", error);
    if (view_field(view, "_install").size == 0)
        return ERROR_NONE; /* only looked at */
    error = forms_install(&view->app->office, view->task.db, source,
                          view->app->office.files, &problems, &view->err);
    if (error != ERROR_NONE) {
        if (problems.count > 0)
            put_form_problems(view, &problems);
        return view_again(view, "form_upload", error);
    }
    view_redirect_said(view, STR("/form"), "form_installed");
    return ERROR_NONE;
}
