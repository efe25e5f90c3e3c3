/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_view.c - a form as widgets: the tree that templates/form.html walks.
 *
 * Every question becomes one object that names its input (key, or
 * repeat.0.key), its label, hint, value, error and which native control it
 * wants. Nothing here knows HTML, and nothing decides whether an answer is
 * right: that is form/check.c, whose problems arrive as an argument.
 */
#include "web/form/widget.h"

/* What a template may ask of a question; all there, all false at first. */
static const char *const widget_flags[] = {
    "is_group",   "is_repeat",    "is_note",    "is_text",       "is_area",
    "is_number",  "is_date",      "is_partial", "is_time",       "is_datetime",
    "is_radio",   "is_check",     "is_select",  "is_tick",       "is_output",
    "is_masked",  "is_field",     "is_set",     "is_long",       "label",
    "hint",       "why_asked",    "spoken",     "spoken_lang",   "error",
    "described",  "focus",        "off",        "required",      "sensitive",
    "value",      "choices",      "questions",  "rows",          "reasons",
    "reason_set", "reason_label", "year",       "month",         "day",
    "inputmode",  "type",         "step",       "autocomplete",  "months",
    "row_label",  "more",         "is_fold",    "is_ref",        "ref_text",
    "ref_href",   "open",         "counted",    "is_quick",      "layout",
    "is_table",   "is_bare",      "is_head",    "is_table_head", "is_rank",
    "places",     "is_range",     "start",      "end",           "upright",
    "ticks",      "grouped",      "asks_month", "asks_day",      "map",
    "is_file",    "kept",         "accept",     "capture",       "pixels",
    "drawn",      "recorded",     "again",      "label_parts",   "hint_parts",
    "media",      "image",        "big_image",  "audio",         "video",
    "pictures"};

/* The row a page copies when one more is asked for: no row is so far down. */
enum { ROW_BLANK = 1000 };

static struct value *widget_new(struct widgets *w)
{
    struct value *widget = value_object(w->arena);

    for (size_t i = 0; i < sizeof widget_flags / sizeof widget_flags[0]; i++)
        value_put_bool(widget, w->arena, widget_flags[i], false);
    return widget;
}

/* As the form's problems know it: repeat.0.key. */
static struct str inner_name(struct widgets *w, const struct question *question)
{
    return w->prefix.size ? str_join(w->arena, w->prefix, question->key)
                          : question->key;
}

struct str widget_name(struct widgets *w, const struct question *question)
{
    struct str name = inner_name(w, question);

    return w->base.size ? str_join(w->arena, w->base, name) : name;
}

struct str widget_id(struct arena *arena, struct str name)
{
    char *id = arena_alloc(arena, name.size + 3);

    if (!id)
        return STR("q");
    id[0] = 'q';
    id[1] = '-';
    for (size_t i = 0; i < name.size; i++) {
        char c = name.at[i];

        id[i + 2] = c == '.' || c == '/' || c == ' ' ? '-' : c;
    }
    return (struct str){id, name.size + 2};
}

/* repeat[2]/key as input name repeat.1.key */
struct str problem_name(struct arena *arena, struct str path)
{
    size_t open = str_find_char(path, '[');
    size_t close = str_find(path, STR("]/"));
    int64_t index = 0;
    struct str rest;

    if (open == SIZE_MAX || close == SIZE_MAX || close < open ||
        !str_to_int(str_slice(path, open + 1, close), &index))
        return path;
    rest = problem_name(arena, str_slice(path, close + 2, path.size));
    return str_format(arena, "%.*s.%lld.%.*s",
                      STR_ARGS(str_slice(path, 0, open)), (long long)index - 1,
                      STR_ARGS(rest));
}

static const struct check_problem *problem_of(struct widgets *w,
                                              struct str name)
{
    for (size_t i = 0; i < w->problems; i++)
        if (str_equal(problem_name(w->arena, w->problem[i].path), name))
            return &w->problem[i];
    return NULL;
}

/* --- a question ----------------------------------------------------------- */

static void add_error(struct widgets *w, struct value *widget, struct str name)
{
    const struct check_problem *problem = problem_of(w, name);

    if (!problem)
        return;
    value_put_str(widget, w->arena, "error", problem_text(w->view, problem));
    if (!w->focused)
        widget_flag(w, widget, "focus");
    w->focused = true;
}

/* A text of the question, and in a member of that name its parts where it
 * speaks of answers. */
static struct str text_of(struct widgets *w, struct value *widget,
                          const struct question *question, struct texts texts,
                          const char *parts_name)
{
    struct str parts;
    struct str text = widget_text(w, question, texts, &parts);

    widget_put(w, widget, parts_name, parts);
    if (parts.size)
        page_script(w->view, "js/texts.js");
    return text;
}

static void add_texts(struct widgets *w, struct value *widget,
                      const struct question *question, struct str id)
{
    struct str label =
        text_of(w, widget, question, question->label, "label_parts");
    struct str hint =
        text_of(w, widget, question, question->hint, "hint_parts");
    struct str why = widget_text(w, question, question->guidance_hint, NULL);
    struct buf described;

    buf_init(&described, w->arena);
    widget_put(w, widget, "label", label.size ? label : question->name);
    if (hint.size == 0 && str_equal_c(question->ref, "person"))
        hint = view_say(w->view, N_("Escriba su código o su nombre "
                                    "completo."));
    widget_put(w, widget, "hint", hint);
    if (str_equal_c(question->class, "SEN")) {
        widget_flag(w, widget, "sensitive");
        if (why.size == 0)
            why = view_say(w->view,
                           N_("Se pregunta para cuidarle mejor. Puede no "
                              "contestar."));
    }
    widget_put(w, widget, "why_asked", why);
    if (w->spoken.size > 0) {
        widget_put(w, widget, "spoken",
                   widget_spoken(w, question->label, label));
        value_put_str(widget, w->arena, "spoken_lang", w->spoken);
    }
    if (hint.size)
        buf_printf(&described, "%.*s-hint ", STR_ARGS(id));
    if (why.size)
        buf_printf(&described, "%.*s-asked ", STR_ARGS(id));
    if (value_type(value_get(widget, "error")) == VALUE_STRING)
        buf_printf(&described, "%.*s-error ", STR_ARGS(id));
    widget_put(w, widget, "described", str_trim(buf_str(&described)));
}

static bool always_required(const struct question *question)
{
    struct str text = value_text_of(question->extra, "required");

    if (!question->required)
        return false;
    return text.size == 0 || str_equal_c(text, "yes") ||
           str_equal_c(text, "true()") || str_equal_c(text, "true");
}

static struct value *widget_question(struct widgets *w,
                                     const struct question *question);

static bool folded(const struct question *question)
{
    return str_find(question->appearance, STR("more")) != SIZE_MAX;
}

/* Groups and repeats keep their place; single questions marked `more` are
 * gathered in a fold at the end (more may be NULL: everything in place). */
static void add_children(struct widgets *w, struct value *list,
                         struct value *more, const struct question *first)
{
    for (const struct question *child = first; child; child = child->next) {
        bool single =
            child->type != QUESTION_GROUP && child->type != QUESTION_REPEAT;
        struct value *widget = widget_question(w, child);

        if (!widget)
            continue;
        if (folded(child) && !single)
            widget_flag(w, widget, "is_fold");
        value_add(folded(child) && single && more ? more : list, w->arena,
                  widget);
    }
}

static void add_row(struct widgets *w, struct value *rows,
                    const struct question *repeat, const struct value *row,
                    size_t index)
{
    struct widgets inner = *w;
    struct value *item = value_object(w->arena);
    struct value *questions = value_list(w->arena);

    inner.prefix = str_format(w->arena, "%.*s%.*s.%zu.", STR_ARGS(w->prefix),
                              STR_ARGS(repeat->key), index);
    inner.row = row;
    inner.scope.row = row;
    inner.scope.position = index + 1;
    add_children(&inner, questions, NULL, repeat->child);
    w->focused = inner.focused;
    value_put(item, w->arena, "questions", questions);
    value_put_int(item, w->arena, "number", (int64_t)index + 1);
    value_put_str(item, w->arena, "remove",
                  str_format(w->arena, "%.*s%.*s.%zu", STR_ARGS(w->prefix),
                             STR_ARGS(repeat->key), index));
    value_add(rows, w->arena, item);
}

/* What repeat_count says, for a page that nobody thinks along with. */
static size_t rows_wanted(const struct widgets *w,
                          const struct question *repeat)
{
    enum { ROWS_SHOWN_MAX = 100 };
    struct expr_scope scope = w->scope;
    struct expr_result result = {0};
    struct err err = {0};
    double number;

    scope.node = repeat;
    if (!repeat->repeat_count ||
        expr_eval(repeat->repeat_count, &scope, &result, &err))
        return 0;
    number = expr_to_number(&result);
    return number >= 1 && number <= ROWS_SHOWN_MAX ? (size_t)number : 0;
}

static void widget_repeat(struct widgets *w, struct value *widget,
                          const struct question *question)
{
    const struct value *rows =
        value_get_str(w->row ? w->row : w->answers, question->key);
    struct value *list = value_list(w->arena), *blank = value_list(w->arena);
    size_t wanted = rows_wanted(w, question);
    bool focused;

    widget_flag(w, widget, "is_repeat");
    for (size_t i = 0; i < value_count(rows); i++)
        add_row(w, list, question, value_at(rows, i), i);
    for (size_t i = value_count(rows); i < wanted; i++)
        add_row(w, list, question, value_object(w->arena), i);
    value_put(widget, w->arena, "rows", list);
    focused = w->focused;
    add_row(w, blank, question, value_object(w->arena), ROW_BLANK);
    w->focused = focused;
    value_put(widget, w->arena, "blank", blank);
    if (question->repeat_count)
        widget_flag(w, widget, "counted");
}

bool widget_wanted(const struct widgets *w, const struct question *question)
{
    bool titled =
        texts_in(w->form, question->label, w->view->task.language).size > 0;

    if (question->system || !role_reads(w->view->task.actor.role, question) ||
        (w->base.size && question_is_file(question)))
        return false; /* files: on the record's own page */
    if (question->ref.size > 0 && !widget_ref_listed(question) &&
        !str_equal_c(question->ref, "person") &&
        value_text(value_get_str(w->row ? w->row : w->answers, question->key))
                .size == 0)
        return false; /* nobody knows the id of a record by heart */
    switch (question->type) {
    case QUESTION_HIDDEN:
    case QUESTION_START:
    case QUESTION_END:
    case QUESTION_TODAY:
    case QUESTION_USERNAME:
        return false;
    case QUESTION_CALCULATE:
        if (!titled)
            return false;
        break;
    default:
        break;
    }
    if (!w->only || question->type == QUESTION_GROUP || w->row)
        return true;
    for (size_t i = 0; w->only[i]; i++)
        if (str_equal_c(question->key, w->only[i]))
            return true;
    return false;
}

static bool any_error(const struct value *widget)
{
    const struct value *list = value_get(widget, "questions");
    bool found = value_type(value_get(widget, "error")) == VALUE_STRING;

    for (size_t i = 0; !found && i < value_count(list); i++)
        found = any_error(value_at(list, i));
    return found || (value_type(value_get(widget, "more")) == VALUE_OBJECT &&
                     any_error(value_get(widget, "more")));
}

/* {"questions": […], "open": bool}: a fold below the others. */
static void put_more(struct widgets *w, struct value *widget,
                     struct value *list)
{
    struct value *more;

    if (value_count(list) == 0)
        return;
    more = value_object(w->arena);
    value_put(more, w->arena, "questions", list);
    value_put_bool(more, w->arena, "more", false);
    value_put_bool(more, w->arena, "open", any_error(more));
    value_put(widget, w->arena, "more", more);
}

/* False: nothing of it is wanted. */
static bool widget_group(struct widgets *w, struct value *widget,
                         const struct question *question)
{
    struct value *list = value_list(w->arena);
    struct value *more = value_list(w->arena);

    widget_flag(w, widget, "is_group");
    add_children(w, list, more, question->child);
    if (value_count(list) + value_count(more) == 0)
        return false;
    value_put(widget, w->arena, "questions", list);
    put_more(w, widget, more);
    value_put_bool(widget, w->arena, "open", any_error(widget));
    return true;
}

static struct value *widget_question(struct widgets *w,
                                     const struct question *question)
{
    struct str name = widget_name(w, question);
    struct str id = widget_id(w->arena, name);
    struct value *widget;

    if (!widget_wanted(w, question))
        return NULL;
    widget = widget_new(w);
    value_put_str(widget, w->arena, "name", name);
    value_put_str(widget, w->arena, "input", name); /* choices have names */
    value_put_str(widget, w->arena, "id", id);
    w->scope.node = question;
    value_put_bool(widget, w->arena, "off",
                   !question_relevant(question, &w->scope));
    value_put_bool(widget, w->arena, "required", always_required(question));
    add_error(w, widget, inner_name(w, question));
    add_texts(w, widget, question, id);
    widget_media(w, widget, question->media);
    if (question->type == QUESTION_GROUP) {
        if (!widget_group(w, widget, question))
            return NULL;
    } else if (question->type == QUESTION_REPEAT) {
        widget_repeat(w, widget, question);
    } else if (question->type == QUESTION_NOTE) {
        widget_flag(w, widget, "is_note");
    } else {
        widget_control(w, widget, question, id);
    }
    return widget;
}

/* --- the form ------------------------------------------------------------- */

void widgets_init(struct widgets *w, struct view *view, const struct form *form,
                  const struct value *answers)
{
    *w = (struct widgets){.view = view,
                          .form = form,
                          .arena = view->task.arena,
                          .answers = answers};
    w->scope = (struct expr_scope){.arena = view->task.arena,
                                   .form = form,
                                   .answers = answers,
                                   .language = view->task.language,
                                   .now = view->task.now,
                                   .utc_offset = view->task.utc_offset};
}

static bool form_speaks(const struct form *form, struct str language)
{
    for (size_t i = 0; i < form->language_count; i++)
        if (str_equal(form->language[i], language))
            return true;
    return false;
}

/* page.readings: the other languages the questions can be read aloud in. */
static void put_readings(struct view *view, const struct form *form,
                         struct str spoken)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < form->language_count; i++) {
        struct value *item;

        if (form->language[i].size == 0 ||
            str_equal(form->language[i], view->task.language))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "code", form->language[i]);
        value_put_str(item, arena, "name", language_name(form->language[i]));
        value_put_str(item, arena, "href",
                      query_with(view, "read", form->language[i]));
        value_put_bool(item, arena, "current",
                       str_equal(form->language[i], spoken));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "readings", list);
}

struct value *form_view_part(struct view *view, const struct form *form,
                             const struct form_part *part)
{
    struct widgets w;
    struct arena *arena = view->task.arena;
    struct value *top = value_object(arena);
    struct value *list = value_list(arena), *more = value_list(arena);
    struct str spoken = view_query(view, "read");

    widgets_init(&w, view, form,
                 part->answers ? part->answers : value_object(arena));
    w.problem = part->problem;
    w.problems = part->problems;
    w.only = part->only;
    w.base = part->base;
    w.mask = value_to_bool(value_get(view->page, "mask"), false);
    if (spoken.size > 0 && form_speaks(form, spoken) &&
        !str_equal(spoken, view->task.language))
        w.spoken = spoken;
    put_readings(view, form, w.spoken);
    form_part_put(&w, part);
    add_children(&w, list, more, form->first);
    value_put(top, arena, "questions", list);
    value_put_bool(top, arena, "more", false);
    put_more(&w, top, more);
    value_put_str(top, arena, "kind", form->name);
    value_put_str(top, arena, "version", form->version);
    value_put_str(top, arena, "title",
                  texts_in(form, form->title, view->task.language));
    if (part->problems > 0)
        value_put(view->page, arena, "problems",
                  problem_list(view, form, part));
    return top;
}

struct value *form_view(struct view *view, const struct form *form,
                        const struct value *answers,
                        const struct check_problem *problem, size_t problems,
                        const char *const *only)
{
    struct form_part part = {answers, problem, problems, only, STR("")};

    return form_view_part(view, form, &part);
}
