/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_view.c - a form as widgets: the tree that templates/form.html walks.
 *
 * Every question becomes one object that names its input (key, or
 * repeat.0.key), its label, hint, value, error and which native control it
 * wants. Nothing here knows HTML, and nothing decides whether an answer is
 * right: that is form/check.c, whose problems arrive as an argument.
 */
#include "web/widget.h"

#include "core/date.h"

enum { REF_MOST = 300 };

/* What a template may ask of a question; all there, all false at first. */
static const char *const widget_flags[] = {
    "is_group",    "is_repeat",  "is_note",     "is_text",     "is_area",
    "is_number",   "is_date",    "is_partial",  "is_time",     "is_datetime",
    "is_radio",    "is_check",   "is_select",   "is_tick",     "is_output",
    "is_masked",   "is_field",   "is_set",      "is_long",     "label",
    "hint",        "why_asked",  "spoken",      "spoken_lang", "error",
    "described",   "focus",      "off",         "required",    "sensitive",
    "value",       "choices",    "questions",   "rows",        "reasons",
    "reason_set",  "reason_label", "year",      "month",       "day",
    "inputmode",   "type",       "step",        "autocomplete", "months",
    "row_label",  "more",        "is_fold",     "is_scale",    "is_ref",
    "ref_text",   "ref_href",    "open"};

static const struct {
    const char *code, *msgid;
} reason_table[] = {{"ND", N_("No se preguntó")},
                    {"NR", N_("No quiso responder")},
                    {"DK", N_("No sabe")},
                    {"NA", N_("No aplica")}};

static struct value *widget_new(struct widgets *w)
{
    struct value *widget = value_object(w->arena);

    for (size_t i = 0; i < sizeof widget_flags / sizeof widget_flags[0]; i++)
        value_put_bool(widget, w->arena, widget_flags[i], false);
    return widget;
}

static void put_flag(struct widgets *w, struct value *widget, const char *name)
{
    value_put_bool(widget, w->arena, name, true);
}

static void put_text(struct widgets *w, struct value *widget,
                     const char *name, struct str text)
{
    if (text.size > 0)
        value_put_str(widget, w->arena, name, text);
}

/* As the form's problems know it: repeat.0.key. */
static struct str inner_name(struct widgets *w,
                             const struct question *question)
{
    return w->prefix.size
               ? str_join(w->arena, w->prefix, question->key)
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

    if (open == SIZE_MAX || close == SIZE_MAX || close < open ||
        !str_to_int(str_slice(path, open + 1, close), &index))
        return path;
    return str_format(arena, "%.*s.%lld.%.*s",
                      STR_ARGS(str_slice(path, 0, open)),
                      (long long)index - 1,
                      STR_ARGS(str_slice(path, close + 2, path.size)));
}

static const struct check_problem *problem_of(struct widgets *w,
                                              struct str name)
{
    for (size_t i = 0; i < w->problems; i++)
        if (str_equal(problem_name(w->arena, w->problem[i].path), name))
            return &w->problem[i];
    return NULL;
}

/* --- one kind of control after the other ---------------------------------- */

/* In the second language; empty when the form has it only in the first. */
static struct str spoken_text(const struct widgets *w, struct texts texts,
                              struct str label)
{
    struct str text = w->spoken.size ? texts_in(w->form, texts, w->spoken)
                                     : STR("");

    return str_equal(text, label) ? STR("") : text;
}

static void add_choices(struct widgets *w, struct value *widget,
                        const struct question *question, struct str value,
                        struct str id)
{
    struct value *list = value_list(w->arena);
    const struct choice **choice = NULL;
    size_t count;

    w->scope.node = question;
    count = question_choices(question, &w->scope, &choice);
    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(w->arena);
        struct str label = texts_in(w->form, choice[i]->label,
                                    w->view->task.language);
        struct str rest = value, part;
        bool chosen = false;

        if (question->type == QUESTION_SELECT_ONE)
            chosen = str_equal(value, choice[i]->name);
        else
            while (!chosen && str_cut(&rest, ' ', &part))
                chosen = str_equal(part, choice[i]->name);
        value_put_str(item, w->arena, "name", choice[i]->name);
        value_put_str(item, w->arena, "label",
                      label.size ? label : choice[i]->name);
        value_put_bool(item, w->arena, "chosen", chosen);
        value_put_bool(item, w->arena, "said", false);
        put_text(w, item, "said", spoken_text(w, choice[i]->label, label));
        value_put_str(item, w->arena, "id",
                      str_format(w->arena, "%.*s-%zu", STR_ARGS(id), i));
        value_add(list, w->arena, item);
    }
    value_put(widget, w->arena, "choices", list);
}

static void widget_select(struct widgets *w, struct value *widget,
                          const struct question *question, struct str value,
                          struct str id)
{
    bool list = str_find(question->appearance, STR("minimal")) != SIZE_MAX;

    add_choices(w, widget, question, value, id);
    if (question->type != QUESTION_SELECT_ONE) {
        put_flag(w, widget, "is_check");
        put_flag(w, widget, "is_set");
        if (value_count(value_get(widget, "choices")) > 12)
            put_flag(w, widget, "is_long");
    } else if (list || value_count(value_get(widget, "choices")) > 7) {
        put_flag(w, widget, "is_select");
        put_flag(w, widget, "is_field");
        if (value_count(value_get(widget, "choices")) > 15)
            put_flag(w, widget, "is_long");
    } else {
        put_flag(w, widget, "is_radio");
        put_flag(w, widget, "is_set");
        if (value_count(value_get(widget, "choices")) <= 5 ||
            str_find(question->appearance, STR("likert")) != SIZE_MAX)
            put_flag(w, widget, "is_scale");
    }
}

static void add_months(struct widgets *w, struct value *widget, int chosen)
{
    static const char *const month[] = {
        N_("enero"),      N_("febrero"), N_("marzo"),     N_("abril"),
        N_("mayo"),       N_("junio"),   N_("julio"),     N_("agosto"),
        N_("septiembre"), N_("octubre"), N_("noviembre"), N_("diciembre")};
    struct value *list = value_list(w->arena);

    for (int i = 0; i < 12; i++) {
        struct value *item = value_object(w->arena);

        value_put_str(item, w->arena, "name",
                      str_format(w->arena, "%02d", i + 1));
        value_put_str(item, w->arena, "label", view_say(w->view, month[i]));
        value_put_bool(item, w->arena, "chosen", chosen == i + 1);
        value_add(list, w->arena, item);
    }
    value_put(widget, w->arena, "months", list);
}

/* What was typed into the three boxes, as far as it can be told apart. */
static void widget_partial(struct widgets *w, struct value *widget,
                           struct str value)
{
    struct str rest = value, part;
    int64_t month = 0;

    put_flag(w, widget, "is_partial");
    put_flag(w, widget, "is_set");
    if (str_cut(&rest, '-', &part))
        put_text(w, widget, "year", part);
    if (str_cut(&rest, '-', &part))
        str_to_int(part, &month);
    if (!str_is_null(rest))
        put_text(w, widget, "day", rest);
    add_months(w, widget, month >= 1 && month <= 12 ? (int)month : 0);
}

static void widget_input(struct widgets *w, struct value *widget,
                         const struct question *question)
{
    const char *type = "text";

    put_flag(w, widget, "is_field");
    switch (question->type) {
    case QUESTION_INTEGER:
    case QUESTION_RANGE:
        value_put_text(widget, w->arena, "inputmode", "numeric");
        break;
    case QUESTION_DECIMAL:
        value_put_text(widget, w->arena, "inputmode", "decimal");
        break;
    case QUESTION_DATE:
        type = "date";
        break;
    case QUESTION_TIME:
        type = "time";
        break;
    case QUESTION_DATETIME:
        type = "datetime-local";
        break;
    default:
        if (str_equal_c(question->search, "phone"))
            type = "tel";
        if (str_find(question->appearance, STR("multiline")) != SIZE_MAX) {
            put_flag(w, widget, "is_area");
            return;
        }
        break;
    }
    put_flag(w, widget, "is_text");
    value_put_text(widget, w->arena, "type", type);
}

static void add_reasons(struct widgets *w, struct value *widget,
                        struct str reason)
{
    struct value *list = value_list(w->arena), *options;

    for (size_t i = 0; i < sizeof reason_table / sizeof reason_table[0];
         i++) {
        struct value *item = value_object(w->arena);
        bool chosen = str_equal_c(reason, reason_table[i].code);
        struct str label = view_say(w->view, reason_table[i].msgid);

        value_put_text(item, w->arena, "name", reason_table[i].code);
        value_put_str(item, w->arena, "label", label);
        value_put_bool(item, w->arena, "chosen", chosen);
        if (chosen) {
            put_flag(w, widget, "reason_set");
            value_put_str(widget, w->arena, "reason_label", label);
        }
        value_add(list, w->arena, item);
    }
    options = value_object(w->arena);
    value_put(options, w->arena, "options", list);
    value_put(widget, w->arena, "reasons", options);
}

/* --- a question ----------------------------------------------------------- */

static void add_error(struct widgets *w, struct value *widget,
                      struct str name)
{
    const struct check_problem *problem = problem_of(w, name);

    if (!problem)
        return;
    value_put_str(widget, w->arena, "error", problem_text(w->view, problem));
    if (!w->focused)
        put_flag(w, widget, "focus");
    w->focused = true;
}

static void add_texts(struct widgets *w, struct value *widget,
                      const struct question *question, struct str id)
{
    struct str language = w->view->task.language;
    struct str label = texts_in(w->form, question->label, language);
    struct str hint = texts_in(w->form, question->hint, language);
    struct str why = texts_in(w->form, question->guidance_hint, language);
    struct buf described;

    buf_init(&described, w->arena);
    put_text(w, widget, "label", label.size ? label : question->name);
    if (hint.size == 0 && str_equal_c(question->ref, "person"))
        hint = view_say(w->view, N_("Escriba su código o su nombre "
                                    "completo."));
    put_text(w, widget, "hint", hint);
    if (str_equal_c(question->class, "SEN")) {
        put_flag(w, widget, "sensitive");
        if (why.size == 0)
            why = view_say(w->view,
                           N_("Se pregunta para cuidarle mejor. Puede no "
                              "contestar."));
    }
    put_text(w, widget, "why_asked", why);
    if (w->spoken.size > 0) {
        put_text(w, widget, "spoken", spoken_text(w, question->label, label));
        value_put_str(widget, w->arena, "spoken_lang", w->spoken);
    }
    if (hint.size)
        buf_printf(&described, "%.*s-hint ", STR_ARGS(id));
    if (why.size)
        buf_printf(&described, "%.*s-asked ", STR_ARGS(id));
    if (value_type(value_get(widget, "error")) == VALUE_STRING)
        buf_printf(&described, "%.*s-error ", STR_ARGS(id));
    put_text(w, widget, "described", str_trim(buf_str(&described)));
}

/* Houses and colleagues are few: they are chosen from a list. */
static bool ref_listed(const struct question *question)
{
    return str_equal_c(question->ref, "place") ||
           str_equal_c(question->ref, "user");
}

static void widget_ref_list(struct widgets *w, struct value *widget,
                            const struct question *question, struct str value)
{
    const struct view *view = w->view;
    struct record_filter filter = {
        .kind = question->ref, .order = "{name}, _id", .limit = REF_MOST};
    bool many = str_find(question->appearance, STR("multiple")) != SIZE_MAX;
    struct value *list = value_list(w->arena);
    struct record *record = NULL;
    struct err err = {0};
    size_t count = 0;

    if (record_list(&view->app->office.log, view->task.db, &filter, false,
                    w->arena, &record, &count, &err) != ERROR_NONE)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(w->arena);
        struct str name = value_text_of(record[i].answers, "display_name");

        if (name.size == 0)
            name = value_text_of(record[i].answers, "name");
        value_put_str(item, w->arena, "name", record[i].id);
        value_put_str(item, w->arena, "label", name);
        value_put_bool(item, w->arena, "said", false);
        value_put_bool(item, w->arena, "chosen",
                       str_find(value, record[i].id) != SIZE_MAX);
        value_put_str(item, w->arena, "id",
                      str_format(w->arena, "%.*s-%zu",
                                 STR_ARGS(value_text_of(widget, "id")), i));
        value_add(list, w->arena, item);
    }
    value_put(widget, w->arena, "choices", list);
    put_flag(w, widget, many ? "is_check" : "is_select");
    put_flag(w, widget, many ? "is_set" : "is_field");
    value_put_bool(widget, w->arena, "is_long", count > 12);
}

/* A link to another record is shown by its name and sent along unseen. */
static void widget_ref(struct widgets *w, struct value *widget,
                       const struct question *question, struct str value)
{
    bool person = str_equal_c(question->ref, "person");

    put_flag(w, widget, "is_ref");
    value_put_str(widget, w->arena, "ref_text",
                  ref_text(w->view, question->ref, value));
    value_put_str(widget, w->arena, "ref_href",
                  person ? str_format(w->arena, "/person/%.*s",
                                      STR_ARGS(value))
                         : str_format(w->arena, "/record/%.*s/%.*s",
                                      STR_ARGS(question->ref),
                                      STR_ARGS(value)));
}

static bool has_saved_answer(const struct value *answers,
                             const struct question *question)
{
    return value_text(value_get_str(answers, question->key)).size > 0;
}

static void widget_control(struct widgets *w, struct value *widget,
                           const struct question *question, struct str id)
{
    const struct value *row = w->row ? w->row : w->answers;
    const struct value *answer = value_get_str(row, question->key);
    struct str value = value_text(answer);

    if (str_is_null(value) && answer)
        value = value_as_text(answer, w->arena);
    if (w->mask && str_equal_c(question->class, "SEN") &&
        has_saved_answer(row, question)) {
        put_flag(w, widget, "is_masked");
        return;
    }
    if (question->type == QUESTION_DATETIME) /* the control knows no zone */
        value = str_slice(value, 0, 19);
    put_text(w, widget, "value", value);
    add_reasons(w, widget,
                value_text(value_get_str(value_get(row, "_why"),
                                         question->key)));
    if (ref_listed(question))
        widget_ref_list(w, widget, question, value);
    else if (question->ref.size > 0 && uuid_valid(value))
        widget_ref(w, widget, question, value);
    else if (question->type == QUESTION_ACKNOWLEDGE)
        put_flag(w, widget, "is_tick");
    else if (question->type == QUESTION_CALCULATE)
        put_flag(w, widget, "is_output");
    else if (question_is_select(question))
        widget_select(w, widget, question, value, id);
    else if (question->type == QUESTION_DATE &&
             str_find(question->appearance, STR("partial-date")) != SIZE_MAX)
        widget_partial(w, widget, value);
    else
        widget_input(w, widget, question);
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
        bool single = child->type != QUESTION_GROUP &&
                      child->type != QUESTION_REPEAT;
        struct value *widget = widget_question(w, child);

        if (!widget)
            continue;
        if (folded(child) && !single)
            put_flag(w, widget, "is_fold");
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

    inner.prefix = str_format(w->arena, "%.*s.%zu.", STR_ARGS(repeat->key),
                              index);
    inner.row = row;
    inner.scope.row = row;
    inner.scope.position = index + 1;
    add_children(&inner, questions, NULL, repeat->child);
    w->focused = inner.focused;
    value_put(item, w->arena, "questions", questions);
    value_put_int(item, w->arena, "number", (int64_t)index + 1);
    value_put_str(item, w->arena, "remove",
                  str_format(w->arena, "%.*s.%zu", STR_ARGS(repeat->key),
                             index));
    value_add(rows, w->arena, item);
}

static void widget_repeat(struct widgets *w, struct value *widget,
                          const struct question *question)
{
    const struct value *rows = value_get_str(w->answers, question->key);
    struct value *list = value_list(w->arena);

    put_flag(w, widget, "is_repeat");
    for (size_t i = 0; i < value_count(rows); i++)
        add_row(w, list, question, value_at(rows, i), i);
    value_put(widget, w->arena, "rows", list);
}

bool widget_wanted(const struct widgets *w, const struct question *question)
{
    bool titled = texts_in(w->form, question->label,
                           w->view->task.language).size > 0;

    if (question->system || !role_reads(w->view->task.actor.role, question))
        return false;
    if (question->ref.size > 0 && !ref_listed(question) &&
        !str_equal_c(question->ref, "person") &&
        value_text(value_get_str(w->row ? w->row : w->answers,
                                 question->key)).size == 0)
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

    put_flag(w, widget, "is_group");
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
    if (question->type == QUESTION_GROUP) {
        if (!widget_group(w, widget, question))
            return NULL;
    } else if (question->type == QUESTION_REPEAT) {
        widget_repeat(w, widget, question);
    } else if (question->type == QUESTION_NOTE) {
        put_flag(w, widget, "is_note");
    } else {
        widget_control(w, widget, question, id);
    }
    return widget;
}

/* --- the form ------------------------------------------------------------- */

void widgets_init(struct widgets *w, struct view *view,
                  const struct form *form, const struct value *answers)
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
    add_children(&w, list, more, form->first);
    value_put(top, arena, "questions", list);
    value_put_bool(top, arena, "more", false);
    put_more(&w, top, more);
    value_put_str(top, arena, "kind", form->name);
    value_put_str(top, arena, "version", form->version);
    value_put_str(top, arena, "title",
                  texts_in(form, form->title, view->task.language));
    if (part->problems > 0)
        value_put(view->page, arena, "problems", problem_list(view, form, part));
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
