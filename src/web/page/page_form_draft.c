/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_form_draft.c - the way of a form from a spreadsheet into use: its
 * problems seen beside its rows, what it would change against the version in
 * use, published or put away. Between two steps it is a draft in the store
 * (domain/record/form_draft.h); page_form_upload.c is how it comes there.
 * Pages and programs come through the same handlers.
 */
#include "web/page/form_draft_view.h"

#include "domain/access/room.h"
#include "domain/record/form_diff.h"
#include "web/page/form_sheets.h"

/* --- a draft, looked at --------------------------------------------------- */

static enum error say_gone(struct view *view)
{
    return err_set(&view->err, ERROR_NOT_FOUND,
                   N_("Ese borrador ya no está: alguien lo publicó o lo "
                      "descartó."),
                   NULL, NULL, NULL);
}

enum error draft_open(struct view *view, struct str name,
                      struct draft_view *draft)
{
    bool found = false;
    enum error error;

    *draft = (struct draft_view){0};
    error =
        form_draft_find(&view->task, name, &draft->draft, &found, &view->err);
    if (error == ERROR_NONE && !found)
        error = say_gone(view);
    if (error != ERROR_NONE)
        return error;
    draft->form = forms_read(&view->app->office, view->task.arena,
                             draft->draft.source, &draft->problems);
    form_problems_sort(&draft->problems);
    draft->used = forms_find(view->app->office.forms, name, STR_NULL);
    return ERROR_NONE;
}

static void put_count(struct view *view, const struct form_problems *problems)
{
    int64_t warnings = 0;

    for (size_t i = 0; i < problems->count; i++)
        warnings += problems->problem[i].warning;
    value_put_int(view->data, view->task.arena, "errors",
                  (int64_t)problems->count - warnings);
    value_put_int(view->data, view->task.arena, "warnings", warnings);
}

void draft_put_problems(struct view *view, struct str source,
                        const struct form_problems *problems)
{
    struct arena *arena = view->task.arena;

    put_count(view, problems);
    value_put(view->data, arena, "problems",
              form_problems_value(view, problems));
    value_put(view->data, arena, "sheets",
              form_sheets_value(view, source, problems));
}

/* Confirmed in this request: one id, or several. */
static bool is_confirmed(const struct view *view, struct str id)
{
    const struct value *given = value_get(view->fields, "confirm");

    for (size_t i = 0; i < value_count(given); i++)
        if (str_equal(value_text(value_at(given, i)), id))
            return true;
    return str_equal(value_text(given), id);
}

/* What the page asks of a change beside what programs get. */
static struct value *change_item(struct view *view, const struct value *change)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_copy(change, arena);
    const struct value *records = value_get(change, "records");
    const struct value *choices = value_get(change, "choices");
    struct value *list = value_list(arena);
    struct str grade = value_text_of(change, "grade");
    bool records_known = value_type(records) == VALUE_INT;

    for (size_t i = 0; i < value_count(choices); i++) {
        struct value *choice = value_copy(value_at(choices, i), arena);

        put_text_or_false(
            view, choice, "count",
            value_to_int(value_get(choice, "records"), 0) > 0
                ? value_as_text(value_get(choice, "records"), arena)
                : STR(""));
        value_add(list, arena, choice);
    }
    value_put(item, arena, "choices", list);
    value_put_bool(item, arena, "has_choices", value_count(list) > 0);
    put_text_or_false(view, item, "count",
                      records_known ? value_as_text(records, arena) : STR(""));
    put_text_or_false(view, item, "before", value_text_of(change, "before"));
    put_text_or_false(view, item, "after", value_text_of(change, "after"));
    value_put_bool(item, arena, "turned",
                   value_text_of(change, "before").size +
                           value_text_of(change, "after").size >
                       0);
    put_text_or_false(view, item, "why", value_text_of(change, "why"));
    value_put_bool(item, arena, "confirm", str_equal_c(grade, "confirm"));
    value_put_bool(item, arena, "confirmed",
                   is_confirmed(view, value_text_of(change, "id")));
    return item;
}

/* page.refused, page.asked, page.free: the changes by grade. */
static void put_changes(struct view *view, const struct value *diff)
{
    static const char *const grade[] = {"refused", "confirm", "free"};
    static const char *const name[] = {"refused", "asked", "free"};
    struct arena *arena = view->task.arena;
    const struct value *changes = value_get(diff, "changes");

    for (size_t k = 0; k < 3; k++) {
        struct value *list = value_list(arena), *part = value_object(arena);

        for (size_t i = 0; i < value_count(changes); i++)
            if (str_equal_c(value_text_of(value_at(changes, i), "grade"),
                            grade[k]))
                value_add(list, arena, change_item(view, value_at(changes, i)));
        value_put(part, arena, "changes", list);
        value_put_int(part, arena, "number", (int64_t)value_count(list));
        value_put_bool(part, arena, "many", value_count(list) > 12);
        if (value_count(list))
            value_put(view->page, arena, name[k], part);
        else
            value_put_bool(view->page, arena, name[k], false);
    }
    value_put_bool(view->page, arena, "unchanged", !value_count(changes));
}

static enum error put_diff(struct view *view, struct draft_view *draft)
{
    struct arena *arena = view->task.arena;
    struct value *diff;
    enum error error;

    value_put_bool(view->data, arena, "diff", false);
    value_put_bool(view->page, arena, "differs", false);
    if (!draft->form)
        return ERROR_NONE;
    draft->refused_by_version =
        form_version_check(view->app->office.forms, draft->form,
                           task_day(&view->task), &draft->same,
                           &draft->version_err) != ERROR_NONE;
    error = form_diff(&view->task, draft->used, draft->form, &draft->diff,
                      &view->err);
    if (error != ERROR_NONE)
        return error;
    diff = form_diff_value(&view->task, &draft->diff);
    value_put(view->data, arena, "diff", diff);
    value_put_bool(view->page, arena, "differs",
                   draft->used != NULL && !draft->same);
    put_changes(view, diff);
    return ERROR_NONE;
}

static void put_head(struct view *view, const struct draft_view *draft)
{
    struct arena *arena = view->task.arena;
    struct value *data = view->data, *page = view->page;
    const struct form_draft *kept = &draft->draft;
    struct str title = draft->form ? texts_in(draft->form, draft->form->title,
                                              view->task.language)
                                   : STR("");
    bool publishable = draft->form && !draft->same &&
                       !draft->refused_by_version && !draft->diff.refusals;

    value_put_str(data, arena, "name", kept->name);
    value_put_str(data, arena, "version",
                  draft->form ? draft->form->version : kept->version);
    value_put_str(data, arena, "title", title.size ? title : kept->name);
    value_put_str(data, arena, "used",
                  draft->used ? draft->used->version : STR(""));
    value_put_str(data, arena, "print", kept->print);
    value_put_bool(data, arena, "readable", draft->form != NULL);
    value_put_bool(data, arena, "same", draft->same);
    value_put_bool(data, arena, "publishable", publishable);
    put_text_or_false(
        view, data, "version_problem",
        draft->refused_by_version
            ? err_text(&draft->version_err, view->task.translator, arena)
            : STR(""));
    put_text_or_false(view, data, "file_name", kept->file_name);
    value_put_str(page, arena, "by",
                  str_equal_c(kept->author, "system")
                      ? STR("")
                      : ref_text(view, STR("user"), kept->author));
    value_put_str(page, arena, "when", when_text(view, kept->saved));
    value_put_str(page, arena, "href",
                  view_format(view, "/form/%.*s/draft",
                              STR_ARGS(path_escape(arena, kept->name))));
    value_put_bool(page, arena, "upload_again", !publishable && !draft->same);
    value_put_str(page, arena, "draft_kind", kept->name);
}

enum error draft_fill(struct view *view, struct draft_view *draft)
{
    struct arena *arena = view->task.arena;
    enum error error;

    view_title(view, N_("Borrador de formulario"));
    view->widgets = true; /* css/widgets.css */
    value_put_bool(view->page, arena, "refused", false);
    value_put_bool(view->page, arena, "asked", false);
    value_put_bool(view->page, arena, "free", false);
    value_put_bool(view->page, arena, "unchanged", false);
    draft_put_problems(view, draft->draft.source, &draft->problems);
    error = put_diff(view, draft);
    if (error == ERROR_NONE)
        put_head(view, draft);
    return error;
}

enum error form_draft_page(struct view *view)
{
    struct draft_view draft;
    enum error error = draft_open(view, view->param[0], &draft);

    return error == ERROR_NONE ? draft_fill(view, &draft) : error;
}

/* --- publishing ----------------------------------------------------------- */

/* Sent twice, or published by somebody else: is this very text in use? */
static enum error published_already(struct view *view)
{
    const struct form *used =
        forms_find(view->app->office.forms, view->param[0], STR_NULL);
    struct str print = view_field(view, "print");

    if (!used || print.size == 0 ||
        !str_starts(host_hash_hex(view->app->office.host, view->task.arena,
                                  used->source),
                    print))
        return view->err.code;
    err_clear(&view->err);
    value_put_str(view->data, view->task.arena, "name", used->name);
    value_put_str(view->data, view->task.arena, "version", used->version);
    view_redirect_said(
        view,
        view_format(view, "/form/%.*s",
                    STR_ARGS(path_escape(view->task.arena, used->name))),
        "form_published");
    return ERROR_NONE;
}

/* The draft stands as she looked at it, and nothing is in the way. */
static enum error may_publish(struct view *view, const struct draft_view *draft)
{
    struct str print = view_field(view, "print");
    char count[24];
    size_t open = 0;

    if (print.size && !str_equal(print, draft->draft.print))
        return err_set(&view->err, ERROR_CONFLICT,
                       N_("Mientras usted revisaba, se subió otro archivo. "
                          "Mírelo antes de publicar."),
                       NULL, NULL, NULL);
    if (!draft->form)
        return err_set(&view->err, ERROR_INPUT,
                       N_("El formulario tiene problemas. Corríjalos en la "
                          "hoja de cálculo y súbala otra vez."),
                       NULL, NULL, NULL);
    if (draft->refused_by_version) {
        view->err = draft->version_err;
        return view->err.code;
    }
    if (draft->diff.refusals)
        return err_set(&view->err, ERROR_CONFLICT,
                       N_("Hay cambios que no se pueden hacer. Corríjalos en "
                          "la hoja de cálculo y súbala otra vez."),
                       NULL, NULL, NULL);
    for (size_t i = 0; i < draft->diff.count; i++)
        open += draft->diff.change[i].grade == CHANGE_CONFIRM &&
                !is_confirmed(view, draft->diff.change[i].id);
    snprintf(count, sizeof count, "%zu", open);
    return open ? err_set(&view->err, ERROR_INPUT,
                          N_("Falta marcar que sabe lo que pasa con los "
                             "registros ({1})."),
                          count, NULL, NULL)
                : ERROR_NONE;
}

static enum error publish_now(struct view *view, struct draft_view *draft)
{
    struct office *office = &view->app->office;
    /* forms are the real house's */
    bool here = str_equal(office_home(view->task.office), office->base);
    struct form_draft_gone gone = {office_home(view->task.office),
                                   draft->draft.name, draft->draft.source};
    struct forms_order order = {
        .csv = draft->draft.source,
        .author = view->task.actor.id,
        .base = draft->used ? draft->used->version : STR(""),
        .also = form_draft_gone,
        .also_context = &gone,
    };
    struct form_problems problems = {0};

    if (!here)
        return err_set(&view->err, ERROR_BUSY,
                       N_("No se pudo publicar ahora. Pruebe más tarde."), NULL,
                       NULL, NULL);
    if (value_get(view->fields, "base"))
        order.base = view_field(view, "base");
    return forms_publish(office, view->task.db, &order, office->files,
                         &problems, &view->err);
}

enum error draft_publish(struct view *view, struct str name)
{
    struct draft_view draft;
    enum error error = draft_open(view, name, &draft);

    if (error == ERROR_NOT_FOUND)
        return published_already(view);
    if (error == ERROR_NONE)
        error = draft_fill(view, &draft);
    if (error != ERROR_NONE)
        return error;
    if (draft.same) {
        error = form_draft_drop(&view->task, name, &view->err);
        if (error == ERROR_NONE)
            view_redirect_said(view, STR("/form"), "form_same");
        return error;
    }
    error = may_publish(view, &draft);
    if (error == ERROR_NONE)
        error = publish_now(view, &draft);
    if (error == ERROR_CONFLICT) { /* what she looks at next is how it is now */
        struct err first = view->err;

        draft.used = forms_find(view->app->office.forms, name, STR_NULL);
        draft_fill(view, &draft);
        view->err = first;
    }
    if (error != ERROR_NONE)
        return view_again(view, "form_draft", error);
    view_redirect_said(
        view,
        view_format(view, "/form/%.*s",
                    STR_ARGS(path_escape(view->task.arena, name))),
        "form_published");
    return ERROR_NONE;
}

enum error form_publish_post(struct view *view)
{
    return draft_publish(view, view->param[0]);
}

enum error form_discard_post(struct view *view)
{
    enum error error = form_draft_drop(&view->task, view->param[0], &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, STR("/form"), "draft_dropped");
    return error;
}
