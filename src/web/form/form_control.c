/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_control.c - which native control a question wants, and what stands in
 * it: the parts of a date, places, reasons for no answer, other records.
 * Choices are in form_choice.c, files in form_file.c.
 */
#include "web/form/label_text.h"
#include "web/form/widget.h"

enum { REF_MOST = 300 };

static const struct {
    const char *code, *msgid;
} reason_table[] = {{"ND", N_("No se preguntó")},
                    {"NR", N_("No quiso responder")},
                    {"DK", N_("No sabe")},
                    {"NA", N_("No aplica")}};

void widget_flag(struct widgets *w, struct value *widget, const char *name)
{
    value_put_bool(widget, w->arena, name, true);
}

void widget_put(struct widgets *w, struct value *widget, const char *name,
                struct str text)
{
    if (text.size > 0)
        value_put_str(widget, w->arena, name, text);
}

struct str widget_text(const struct widgets *w, const struct question *question,
                       struct texts texts, struct str *parts)
{
    const struct label_text of = {.view = w->view,
                                  .form = w->form,
                                  .question = question,
                                  .scope = w->scope,
                                  .mask = w->mask};

    return label_text(&of, texts_in(w->form, texts, w->view->task.language),
                      parts);
}

struct str widget_spoken(const struct widgets *w, struct texts texts,
                         struct str label)
{
    struct str text =
        w->spoken.size ? texts_in(w->form, texts, w->spoken) : STR("");

    return str_equal(text, label) ? STR("") : text;
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

/* What was typed into the three boxes, as far as it can be told apart.
 * coarse: the day, or day and month, are not asked for. */
static void widget_partial(struct widgets *w, struct value *widget,
                           const struct question *question, struct str value)
{
    struct str rest = value, part;
    int64_t month = 0;

    widget_flag(w, widget, "is_partial");
    widget_flag(w, widget, "is_set");
    value_put_bool(widget, w->arena, "asks_month", !appears(question, "year"));
    value_put_bool(widget, w->arena, "asks_day",
                   !appears(question, "year") &&
                       !appears(question, "month-year"));
    if (str_cut(&rest, '-', &part))
        widget_put(w, widget, "year", part);
    if (str_cut(&rest, '-', &part))
        str_to_int(part, &month);
    if (!str_is_null(rest))
        widget_put(w, widget, "day", rest);
    add_months(w, widget, month >= 1 && month <= 12 ? (int)month : 0);
}

static bool in_parts(const struct question *question)
{
    return question->type == QUESTION_DATE &&
           (appears(question, "partial-date") ||
            appears(question, "no-calendar") ||
            appears(question, "month-year") || appears(question, "year"));
}

/* point, trace, shape: a place, several in a row, or around something. The
 * texts that XLSForm has for them are the answer; the map only helps. */
static bool widget_map(struct widgets *w, struct value *widget,
                       const struct question *question)
{
    struct str kind = value_text_of(question->extra, "type");
    const char *shape = NULL;

    if (question->type == QUESTION_GEOPOINT)
        shape = "point";
    else if (str_equal_c(kind, "geotrace"))
        shape = "trace";
    else if (str_equal_c(kind, "geoshape"))
        shape = "shape";
    if (!shape)
        return false;
    value_put_text(widget, w->arena, "map", shape);
    widget_flag(w, widget,
                question->type == QUESTION_GEOPOINT ? "is_text" : "is_area");
    value_put_text(widget, w->arena, "type", "text");
    page_script(w->view, "js/map.js");
    return true;
}

static void widget_words(struct widgets *w, struct value *widget,
                         const struct question *question)
{
    const char *type = "text", *mode = NULL;

    if (str_equal_c(question->search, "phone"))
        type = "tel";
    else if (appears(question, "url"))
        type = "url";
    else if (appears(question, "hidden-answer") || appears(question, "masked"))
        type = "password";
    else if (appears(question, "numbers"))
        mode = "numeric";
    if (appears(question, "multiline")) {
        widget_flag(w, widget, "is_area");
        return;
    }
    if (mode)
        value_put_text(widget, w->arena, "inputmode", mode);
    widget_flag(w, widget, "is_text");
    value_put_text(widget, w->arena, "type", type);
}

static void widget_input(struct widgets *w, struct value *widget,
                         const struct question *question)
{
    const char *type = "text";

    widget_flag(w, widget, "is_field");
    if (widget_map(w, widget, question))
        return;
    switch (question->type) {
    case QUESTION_INTEGER:
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
        widget_words(w, widget, question);
        return;
    }
    if (appears(question, "thousands-sep")) {
        widget_flag(w, widget, "grouped");
        page_script(w->view, "js/order.js");
    }
    widget_flag(w, widget, "is_text");
    value_put_text(widget, w->arena, "type", type);
}

static void add_reasons(struct widgets *w, struct value *widget,
                        struct str reason)
{
    struct value *list = value_list(w->arena), *options;

    for (size_t i = 0; i < sizeof reason_table / sizeof reason_table[0]; i++) {
        struct value *item = value_object(w->arena);
        bool chosen = str_equal_c(reason, reason_table[i].code);
        struct str label = view_say(w->view, reason_table[i].msgid);

        value_put_text(item, w->arena, "name", reason_table[i].code);
        value_put_str(item, w->arena, "label", label);
        value_put_bool(item, w->arena, "chosen", chosen);
        if (chosen) {
            widget_flag(w, widget, "reason_set");
            value_put_str(widget, w->arena, "reason_label", label);
        }
        value_add(list, w->arena, item);
    }
    options = value_object(w->arena);
    value_put(options, w->arena, "options", list);
    value_put(widget, w->arena, "reasons", options);
}

/* Houses and colleagues are few: they are chosen from a list. */
bool widget_ref_listed(const struct question *question)
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

    if (record_list(&view->task.office->log, view->task.db, &filter, false,
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
        value_put_bool(item, w->arena, "image", false);
        value_put_bool(item, w->arena, "chosen",
                       str_find(value, record[i].id) != SIZE_MAX);
        value_put_str(item, w->arena, "id",
                      str_format(w->arena, "%.*s-%zu",
                                 STR_ARGS(value_text_of(widget, "id")), i));
        value_add(list, w->arena, item);
    }
    value_put(widget, w->arena, "choices", list);
    widget_flag(w, widget, many ? "is_check" : "is_select");
    widget_flag(w, widget, many ? "is_set" : "is_field");
    value_put_bool(widget, w->arena, "is_long", count > 12);
}

/* A link to another record is shown by its name and sent along unseen. */
static void widget_ref(struct widgets *w, struct value *widget,
                       const struct question *question, struct str value)
{
    bool person = str_equal_c(question->ref, "person");

    widget_flag(w, widget, "is_ref");
    value_put_str(widget, w->arena, "ref_text",
                  ref_text(w->view, question->ref, value));
    value_put_str(widget, w->arena, "ref_href",
                  person
                      ? str_format(w->arena, "/person/%.*s", STR_ARGS(value))
                      : str_format(w->arena, "/record/%.*s/%.*s",
                                   STR_ARGS(question->ref), STR_ARGS(value)));
}

static bool has_saved_answer(const struct value *answers,
                             const struct question *question)
{
    return value_text(value_get_str(answers, question->key)).size > 0;
}

/* A calculated choice is read, not made. */
static void widget_chosen(struct widgets *w, struct value *widget,
                          const struct question *question,
                          const struct value *answer)
{
    widget_flag(w, widget, "is_output");
    widget_put(w, widget, "value",
               answer_display(w->form, question, answer, w->view->task.language,
                              w->arena));
}

/* Nothing calculated yet is nothing, not "false". */
static void widget_result(struct widgets *w, struct value *widget,
                          struct str value)
{
    widget_flag(w, widget, "is_output");
    value_put_str(widget, w->arena, "value", value.size ? value : STR(""));
}

void widget_control(struct widgets *w, struct value *widget,
                    const struct question *question, struct str id)
{
    const struct value *row = w->row ? w->row : w->answers;
    const struct value *answer = value_get_str(row, question->key);
    struct str value = value_text(answer);

    if (str_is_null(value) && answer)
        value = value_as_text(answer, w->arena);
    if (w->mask && str_equal_c(question->class, "SEN") &&
        has_saved_answer(row, question)) {
        widget_flag(w, widget, "is_masked");
        return;
    }
    if (question->type == QUESTION_DATETIME) /* the control knows no zone */
        value = str_slice(value, 0, 19);
    widget_put(w, widget, "value", value);
    add_reasons(
        w, widget,
        value_text(value_get_str(value_get(row, "_why"), question->key)));
    if (widget_ref_listed(question))
        widget_ref_list(w, widget, question, value);
    else if (question->ref.size > 0 && uuid_valid(value))
        widget_ref(w, widget, question, value);
    else if (question->type == QUESTION_ACKNOWLEDGE)
        widget_flag(w, widget, "is_tick");
    else if (question->type == QUESTION_CALCULATE)
        widget_result(w, widget, value);
    else if (question->calculation && question_is_select(question))
        widget_chosen(w, widget, question, answer);
    else if (question_is_select(question))
        widget_select(w, widget, question, value, id);
    else if (question->type == QUESTION_RANGE)
        widget_range(w, widget, question, value);
    else if (question_is_file(question))
        widget_file(w, widget, question, value);
    else if (in_parts(question))
        widget_partial(w, widget, question, value);
    else
        widget_input(w, widget, question);
}
