/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_choice.c - questions answered by choosing: lists, radio buttons, boxes,
 * scales, tables of them, an order, a number on a scale; and what the column
 * appearance makes of each. An appearance that nobody here knows changes
 * nothing.
 */
#include "web/form/widget.h"

#include "form/clean.h"

enum {
    COLUMNS_MOST = 10, /* cobijo.css and widgets.css know n1 to n10 */
    STARS_MOST = 20,
    STEPS_MOST = 200
};

bool appears(const struct question *question, const char *word)
{
    struct str rest = question->appearance, item;

    while (next_item(&rest, &item))
        if (str_equal_nocase(item, str_of(word)))
            return true;
    return false;
}

/* columns-3, w2: the number behind a word, or 0. */
static int appearance_number(const struct question *question, const char *word)
{
    struct str rest = question->appearance, item;
    int64_t number;

    while (next_item(&rest, &item))
        if (str_starts(item, str_of(word)) &&
            str_to_int(str_slice(item, strlen(word), item.size), &number) &&
            number >= 1)
            return number > COLUMNS_MOST ? COLUMNS_MOST : (int)number;
    return 0;
}

static void choice_put(struct widgets *w, struct value *list, struct str name,
                       struct str label, bool chosen, struct str id)
{
    struct value *item = value_object(w->arena);

    value_put_str(item, w->arena, "name", name);
    value_put_str(item, w->arena, "label", label);
    value_put_bool(item, w->arena, "chosen", chosen);
    value_put_bool(item, w->arena, "said", false);
    value_put_bool(item, w->arena, "image", false);
    value_put_str(
        item, w->arena, "id",
        str_format(w->arena, "%.*s-%zu", STR_ARGS(id), value_count(list)));
    value_add(list, w->arena, item);
}

static struct value *last_of(struct value *list)
{
    return (struct value *)(uintptr_t)value_at(list, value_count(list) - 1);
}

/* The label of a code in the newest version whose list has it. */
static struct str past_label(struct widgets *w, const struct question *question,
                             struct str code)
{
    const struct form **version = NULL;
    size_t count = forms_of_kind(w->view->app->office.forms, w->form->name,
                                 w->arena, &version);

    for (size_t i = 0; i < count && !question->repeat; i++) {
        const struct question *then = form_find(version[i], question->key);
        const struct choice *choice =
            then ? choice_find(then->choices, code) : NULL;

        if (choice)
            return texts_in(version[i], choice->label, w->view->task.language);
    }
    return STR("");
}

/* What the record says and the list offers no more: it stays, marked, until
 * somebody chooses something else. */
static void add_past_choices(struct widgets *w, struct value *list,
                             const struct question *question, struct str value,
                             struct str id)
{
    struct str rest = value, code;
    struct str past = str_join(w->arena, id, STR("-past"));

    while (value.size && question->choices && str_cut(&rest, ' ', &code)) {
        struct str label;

        if (question->type == QUESTION_SELECT_ONE) {
            code = value;
            rest = STR_NULL;
        }
        if (!code.size || choice_find(question->choices, code))
            continue;
        label = past_label(w, question, code);
        choice_put(w, list, code,
                   view_say_with(w->view, N_("{1} (ya no se ofrece)"),
                                 label.size ? label : code),
                   true, past);
    }
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
        struct str label = widget_text(w, question, choice[i]->label, NULL);
        struct str rest = value, part;
        bool chosen = false;

        if (question->type == QUESTION_SELECT_ONE)
            chosen = str_equal(value, choice[i]->name);
        else
            while (!chosen && str_cut(&rest, ' ', &part))
                chosen = str_equal(part, choice[i]->name);
        choice_put(w, list, choice[i]->name,
                   label.size ? label : choice[i]->name, chosen, id);
        widget_put(w, last_of(list), "said",
                   widget_spoken(w, choice[i]->label, label));
        widget_put(w, last_of(list), "image",
                   widget_image(w, choice[i]->media));
    }
    widget_pictures(w, widget, question);
    add_past_choices(w, list, question, value, id);
    value_put(widget, w->arena, "choices", list);
}

/* --- how choices lie ------------------------------------------------------ */

static bool wants_columns(const struct question *question)
{
    return str_find(question->appearance, STR("columns")) != SIZE_MAX ||
           str_find(question->appearance, STR("compact")) != SIZE_MAX ||
           appears(question, "horizontal");
}

static bool in_table(const struct question *question)
{
    return question->parent && question->parent->type == QUESTION_GROUP &&
           appears(question->parent, "table-list");
}

static int columns_wanted(const struct question *question)
{
    static const char *const word[] = {"columns-", "compact-", "quickcompact-"};
    int number = 0;

    for (size_t i = 0; !number && i < sizeof word / sizeof word[0]; i++)
        number = appearance_number(question, word[i]);
    return number;
}

/* The classes of the box around the choices. */
static void put_layout(struct widgets *w, struct value *widget,
                       const struct question *question, size_t count)
{
    const char *look = "";
    int number = columns_wanted(question);
    bool tiles = appears(question, "no-buttons");

    if (value_to_bool(value_get(widget, "is_table"), false)) {
        look = "list ";
        number = count > COLUMNS_MOST ? COLUMNS_MOST : (int)count;
    } else if (appears(question, "likert") && count <= 12 &&
               question->type == QUESTION_SELECT_ONE) {
        look = "likert ";
    } else if (number) {
        look = "columns ";
    } else if (appears(question, "columns-pack") ||
               appears(question, "horizontal-compact") ||
               appears(question, "compact") ||
               appears(question, "quickcompact")) {
        look = "pack ";
    } else if (wants_columns(question)) {
        look = "columns ";
    } else if (question->type == QUESTION_SELECT_ONE && count <= 5 && !tiles) {
        look = "scale ";
    }
    widget_put(w, widget, "layout",
               str_trim(number ? str_format(w->arena, "%sn%d%s", look, number,
                                            tiles ? " tiles" : "")
                               : str_format(w->arena, "%s%s", look,
                                            tiles ? "tiles" : "")));
}

/* Questions that share their choices as rows under one head. The head of a
 * table-list is that of its first row. */
static void put_table(struct widgets *w, struct value *widget,
                      const struct question *question)
{
    bool table = in_table(question);
    const struct question *first = table ? question->parent->child : NULL;

    while (first && first->type != QUESTION_SELECT_ONE &&
           first->type != QUESTION_SELECT_MULTIPLE)
        first = first->next;
    if (!table && !appears(question, "list-nolabel") &&
        !appears(question, "list"))
        return;
    widget_flag(w, widget, "is_table");
    if (!appears(question, "list"))
        widget_flag(w, widget, "is_bare");
    if (first == question)
        widget_flag(w, widget, "is_head");
    w->view->widgets = true;
}

static bool has_images(const struct question *question)
{
    const struct choice_list *list = question->choices;

    for (size_t i = 0; list && i < list->count; i++)
        if (list->choice[i].media && list->choice[i].media->image.text)
            return true;
    return false;
}

/* A list to choose from rather than buttons: because it is said, or because
 * they would be too many. */
static bool is_list(const struct question *question, size_t count)
{
    if (appears(question, "minimal") || appears(question, "autocomplete") ||
        appears(question, "search"))
        return true;
    if (has_images(question) && count <= 30)
        return false;
    return count > 7 && !(count <= 30 && (wants_columns(question) ||
                                          appears(question, "quick") ||
                                          appears(question, "no-buttons")));
}

static void widget_rank(struct widgets *w, struct value *widget,
                        struct str value)
{
    const struct value *choices = value_get(widget, "choices");
    struct value *places = value_list(w->arena);
    struct str rest = value, item;

    for (size_t i = 0; i < value_count(choices); i++) {
        struct value *place = value_object(w->arena);
        struct value *list = value_list(w->arena);
        struct str here = next_item(&rest, &item) ? item : STR("");

        for (size_t k = 0; k < value_count(choices); k++) {
            const struct value *one = value_at(choices, k);
            struct str name = value_text_of(one, "name");

            choice_put(w, list, name, value_text_of(one, "label"),
                       str_equal(name, here), STR(""));
        }
        value_put_int(place, w->arena, "place", (int64_t)i + 1);
        value_put(place, w->arena, "choices", list);
        value_add(places, w->arena, place);
    }
    value_put(widget, w->arena, "places", places);
    widget_flag(w, widget, "is_rank");
    widget_flag(w, widget, "is_set");
    page_script(w->view, "js/order.js");
}

/* How it looks is decided by the whole list where an answer filters it: it
 * must not change under the hand. */
void widget_select(struct widgets *w, struct value *widget,
                   const struct question *question, struct str value,
                   struct str id)
{
    size_t count;

    add_choices(w, widget, question, value, id);
    count = value_count(value_get(widget, "choices"));
    if (question->choice_filter && question->choices)
        count = question->choices->count;
    if (question->type == QUESTION_RANK) {
        widget_rank(w, widget, value);
        return;
    }
    if (appears(question, "label")) { /* the head of a table, no question */
        widget_flag(w, widget, "is_table");
        widget_flag(w, widget, "is_table_head");
        put_layout(w, widget, question, count);
        w->view->widgets = true;
        return;
    }
    put_table(w, widget, question);
    put_layout(w, widget, question, count);
    if (str_find(question->appearance, STR("columns")) != SIZE_MAX ||
        columns_wanted(question) || appears(question, "no-buttons"))
        w->view->widgets = true;
    if (question->type != QUESTION_SELECT_ONE) {
        widget_flag(w, widget, "is_check");
        widget_flag(w, widget, "is_set");
        if (count > 12 || appears(question, "minimal") ||
            appears(question, "autocomplete"))
            widget_flag(w, widget, "is_long");
    } else if (is_list(question, count) &&
               !value_to_bool(value_get(widget, "is_table"), false) &&
               !(appears(question, "likert") && count <= 12)) {
        widget_flag(w, widget, "is_select");
        widget_flag(w, widget, "is_field");
        if (count > 15 || appears(question, "autocomplete") ||
            appears(question, "search"))
            widget_flag(w, widget, "is_long");
    } else {
        widget_flag(w, widget, "is_radio");
        widget_flag(w, widget, "is_set");
        if (str_find(question->appearance, STR("quick")) != SIZE_MAX)
            widget_flag(w, widget, "is_quick");
    }
}

/* --- a number on a scale -------------------------------------------------- */

static struct str number_text(struct widgets *w, double number)
{
    return str_format(w->arena, "%.10g", number);
}

/* Its steps as choices: a list (picker) or stars (rating). */
static void add_steps(struct widgets *w, struct value *widget, struct str value,
                      const double scale[3])
{
    struct value *list = value_list(w->arena);
    struct str id = value_text_of(widget, "id");
    size_t most = (size_t)((scale[1] - scale[0]) / scale[2] + 1e-9);

    for (size_t i = 0; i <= most && i < STEPS_MOST; i++) {
        struct str text = number_text(w, scale[0] + (double)i * scale[2]);

        choice_put(w, list, text, text, str_equal(text, value), id);
    }
    value_put(widget, w->arena, "choices", list);
}

void widget_range(struct widgets *w, struct value *widget,
                  const struct question *question, struct str value)
{
    double scale[3] = {parameter_number(question, "start", 1),
                       parameter_number(question, "end", 10),
                       parameter_number(question, "step", 1)};
    double steps = (scale[1] - scale[0]) / scale[2];

    if (appears(question, "rating") && scale[2] == 1 && steps >= 0 &&
        steps < STARS_MOST) {
        add_steps(w, widget, value, scale);
        widget_flag(w, widget, "is_radio");
        widget_flag(w, widget, "is_set");
        value_put_text(widget, w->arena, "layout", "rating");
        w->view->widgets = true;
        return;
    }
    widget_flag(w, widget, "is_field");
    if (appears(question, "picker") && steps >= 0 && steps < STEPS_MOST) {
        add_steps(w, widget, value, scale);
        widget_flag(w, widget, "is_select");
        return;
    }
    widget_flag(w, widget, "is_text");
    widget_flag(w, widget, "is_range");
    value_put_text(widget, w->arena, "type", "text");
    value_put_text(widget, w->arena, "inputmode", "decimal");
    value_put_str(widget, w->arena, "start", number_text(w, scale[0]));
    value_put_str(widget, w->arena, "end", number_text(w, scale[1]));
    value_put_str(widget, w->arena, "step", number_text(w, scale[2]));
    value_put_bool(widget, w->arena, "upright", appears(question, "vertical"));
    value_put_bool(widget, w->arena, "ticks",
                   !appears(question, "no-ticks") && steps <= 20);
    page_script(w->view, "js/order.js");
}
