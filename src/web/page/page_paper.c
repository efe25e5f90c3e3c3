/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_paper.c - a form on paper, in the program: to look at, to print, and to
 * come back to from the code at the foot of a filled sheet. A sheet of an
 * older version says what changed since.
 */
#include "web/page.h"
#include "web/paper/paper.h"

static struct str address_of(struct view *view, const struct form *form)
{
    return view_format(view, "%.*s/form/%.*s/paper?version=%.*s",
                       STR_ARGS(view_base(view)),
                       STR_ARGS(path_escape(view->task.arena, form->name)),
                       STR_ARGS(path_escape(view->task.arena, form->version)));
}

static void put_languages(struct view *view, const struct form *form,
                          struct str language)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; form->language_count > 1 && i < form->language_count;
         i++) {
        struct value *item = value_object(arena);

        if (!form->language[i].size)
            continue;
        value_put_str(item, arena, "code", form->language[i]);
        value_put_str(item, arena, "name", language_name(form->language[i]));
        value_put_str(item, arena, "href",
                      query_with(view, "language", form->language[i]));
        value_put_bool(item, arena, "current",
                       str_equal(form->language[i], language));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "languages", list);
}

/* The questions that one form asks and the other does not. */
static struct str missing_in(struct view *view, const struct form *form,
                             const struct form *other, struct str language)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str label = texts_in(form, question->label, language);

        if (!question_has_value(question) || question->system ||
            question->calculation || !label.size ||
            form_find_in(other, NULL, question->key) || question->repeat)
            continue;
        buf_printf(&out, "%s«%.*s»", out.size ? ", " : "", STR_ARGS(label));
    }
    return buf_str(&out);
}

static void put_older(struct view *view, const struct form *form,
                      struct str language)
{
    const struct form *now =
        forms_find(view->app->office.forms, form->name, STR_NULL);
    bool older = now && now != form && !view_query(view, "draft").size;

    put_text_or_false(view, view->page, "older",
                      older ? now->version : STR(""));
    put_text_or_false(view, view->page, "gone",
                      older ? missing_in(view, form, now, language) : STR(""));
    put_text_or_false(view, view->page, "new",
                      older ? missing_in(view, now, form, language) : STR(""));
}

/* Where a filled sheet is typed in, for those who may. */
static void put_capture(struct view *view, const struct form *form)
{
    bool may = !view_query(view, "draft").size &&
               role_has(view->task.actor.role, right_to_write(form->name));

    put_text_or_false(
        view, view->page, "capture",
        !may                                ? STR("")
        : str_equal_c(form->name, "person") ? STR("/person/new")
        : str_equal_c(form->name, "screening")
            ? STR("/person")
            : view_format(view, "/record/%.*s/new", STR_ARGS(form->name)));
}

/* The words around the questions follow the questions, where there is such a
 * language. */
static void speak(struct view *view, struct str language)
{
    for (size_t i = 0; i < view->app->languages; i++)
        if (!view->app->language[i].outside &&
            str_equal(view->app->language[i].code, language)) {
            view->task.language = language;
            view->task.translator = view->app->language[i].translator;
        }
}

enum error paper_page(struct view *view)
{
    const struct form *form = view_form_asked(view);
    struct str asked = view_query(view, "language");
    struct paper paper = {.arena = view->task.arena,
                          .form = form,
                          .host = view->app->office.host,
                          .now = view->task.now,
                          .utc_offset = view->task.utc_offset,
                          .site = view->app->office.site_name};
    const struct value *data;

    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    paper.language =
        paper_language(form, asked.size ? asked : view->task.language);
    put_languages(view, form, paper.language);
    speak(view, paper.language);
    paper.translator = view->task.translator;
    paper.address = address_of(view, form);
    data = paper_value(&paper);
    for (size_t i = 0; i < value_count(data); i++)
        value_set(view->data, view->task.arena, value_name_at(data, i),
                  value_at(data, i));
    put_older(view, form, paper.language);
    put_capture(view, form);
    value_put_bool(view->page, view->task.arena, "screen", true);
    value_put_bool(view->page, view->task.arena, "style", false);
    view_title(view, N_("Hoja de papel"));
    return ERROR_NONE;
}
