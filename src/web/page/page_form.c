/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_form.c - the forms in use, their versions, and what they ask. How one
 * comes into use is page_form_draft.c.
 */
#include "web/page/form_draft_view.h"

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

enum error drafts_put(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct form_draft *draft = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (role_has(view->task.actor.role, RIGHT_FORM_ADMIN))
        error = form_draft_list(&view->task, &draft, &count, &view->err);
    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", draft[i].name);
        value_put_str(item, arena, "version", draft[i].version);
        put_text_or_false(view, item, "file_name", draft[i].file_name);
        value_put_str(item, arena, "href",
                      view_format(view, "/form/%.*s/draft",
                                  STR_ARGS(path_escape(arena, draft[i].name))));
        value_put_str(item, arena, "when", when_text(view, draft[i].saved));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "drafts", list);
    value_put_bool(view->page, arena, "has_drafts", value_count(list) > 0);
    return error;
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
    return drafts_put(view);
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

/* data.versions: newest first; the one that is shown is marked. */
static void put_versions(struct view *view, const struct form *shown)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    const struct form **form = NULL;
    size_t count =
        forms_of_kind(view->app->office.forms, shown->name, arena, &form);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "version", form[i]->version);
        value_put_str(
            item, arena, "href",
            view_format(view, "/form/%.*s?version=%.*s",
                        STR_ARGS(path_escape(arena, form[i]->name)),
                        STR_ARGS(path_escape(arena, form[i]->version))));
        value_put_bool(item, arena, "used", i == 0);
        value_put_bool(item, arena, "shown", form[i] == shown);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "versions", list);
    value_put_bool(view->page, arena, "many_versions", count > 1);
}

enum error form_page(struct view *view)
{
    const struct form *form = forms_find(
        view->app->office.forms, view->param[0], view_query(view, "version"));
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
    put_versions(view, form);
    return ERROR_NONE;
}
