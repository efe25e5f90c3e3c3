/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* display.c - what a page shows of a form: which questions, which choices,
 * and an answer in words. */
#include "form/check.h"

#include "core/date.h"
#include "form/clean.h"
#include "form/expr/eval.h"
#include "form/names.h"

bool question_relevant(const struct question *question,
                       const struct expr_scope *scope)
{
    struct expr_scope here = *scope;
    struct err err = {0};

    for (; question; question = question->parent) {
        if (!question->relevant)
            continue;
        here.node = question;
        if (!expr_true(question->relevant, &here, true, &err))
            return false;
    }
    return true;
}

/* An answer as a choice: several are kept apart by spaces, so those inside one
 * become such as do not part words. */
static struct str choice_name(struct arena *arena, struct str text,
                              bool several)
{
    struct buf out;

    if (!several || str_find_char(text, ' ') == SIZE_MAX)
        return text;
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == ' ')
            buf_puts(&out, "\xc2\xa0");
        else
            buf_putc(&out, text.at[i]);
    }
    return buf_str(&out);
}

static struct texts one_for_all(struct arena *arena, size_t languages,
                                struct str text)
{
    struct str *all = ARENA_ARRAY(arena, struct str, languages + 1);

    for (size_t i = 0; all && i < languages; i++)
        all[i] = text;
    return (struct texts){all};
}

/* The answers of a repeat, once each. */
static size_t row_choices(const struct question *question,
                          const struct expr_scope *scope,
                          const struct choice ***choice)
{
    struct arena *arena = scope->arena;
    bool several = question->type != QUESTION_SELECT_ONE;
    size_t languages = scope->form ? scope->form->language_count : 1;
    struct expr_result rows = {0};
    struct names *seen;
    struct choice *made;
    struct err err = {0};
    size_t count = 0;

    if (expr_eval(question->choice_rows, scope, &rows, &err) ||
        rows.type != EXPR_NODES)
        return 0;
    seen = names_new(arena, rows.count + 1);
    made = ARENA_ARRAY(arena, struct choice, rows.count + 1);
    *choice = ARENA_ARRAY(arena, const struct choice *, rows.count + 1);
    for (size_t i = 0; seen && made && *choice && i < rows.count; i++) {
        struct str text = str_trim(expr_node_text(&rows, i));

        if (text.size == 0 || !names_add(seen, 0, text, i))
            continue;
        made[count] =
            (struct choice){.name = choice_name(arena, text, several),
                            .label = one_for_all(arena, languages, text)};
        (*choice)[count] = &made[count];
        count++;
    }
    return count;
}

size_t question_choices(const struct question *question,
                        const struct expr_scope *scope,
                        const struct choice ***choice)
{
    const struct choice_list *list = question->choices;
    struct expr_scope here = *scope;

    *choice = ARENA_ARRAY(scope->arena, const struct choice *,
                          list ? list->count + 1 : 1);
    if (!*choice || (!list && !question->choice_rows))
        return 0;
    here.node = question;
    if (question->choice_rows)
        return row_choices(question, &here, choice);
    if (question->choice_filter)
        return expr_choices(question->choice_filter, &here, list, *choice);
    for (size_t i = 0; i < list->count; i++)
        (*choice)[i] = &list->choice[i];
    return list->count;
}

struct value *check_result_value(const struct check_result *result,
                                 struct arena *arena)
{
    struct value *out = value_object(arena), *list = value_list(arena);

    value_put(out, arena, "answers", result->answers);
    for (size_t i = 0; i < result->count; i++) {
        const struct check_problem *problem = &result->problem[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "path", problem->path);
        value_put_text(item, arena, "message", problem->err.message);
        value_put_str(item, arena, "text", problem->text);
        value_add(list, arena, item);
    }
    value_put(out, arena, "problems", list);
    return out;
}

static void put_reference(struct buf *out, struct str reference,
                          const struct expr_scope *scope)
{
    struct expr_result result = {0};
    struct expr *expr = NULL;
    struct err err = {0};

    if (!expr_parse_late(scope->arena, reference, &expr, &err) &&
        !expr_eval(expr, scope, &result, &err))
        buf_put(out, expr_to_text(&result, scope->arena));
}

bool text_reference(struct str *rest, struct str *before, struct str *reference)
{
    size_t at = str_find(*rest, STR("${")), end;

    end = at < SIZE_MAX ? str_find_char(str_slice(*rest, at, rest->size), '}')
                        : SIZE_MAX;
    if (end == SIZE_MAX)
        return false;
    *before = str_slice(*rest, 0, at);
    *reference = str_slice(*rest, at, at + end + 1);
    *rest = str_slice(*rest, at + end + 1, rest->size);
    return true;
}

struct str text_fill(struct str text, const struct expr_scope *scope)
{
    struct str before, reference;
    struct buf out;

    if (str_find(text, STR("${")) == SIZE_MAX)
        return text;
    buf_init(&out, scope->arena);
    while (text_reference(&text, &before, &reference)) {
        buf_put(&out, before);
        put_reference(&out, reference, scope);
    }
    buf_put(&out, text);
    return buf_str(&out);
}

static struct str display_date(struct arena *arena, struct str text)
{
    struct date date;

    if (!date_parse(text, &date))
        return text;
    if (date.day)
        return str_format(arena, "%02d/%02d/%04d", date.day, date.month,
                          date.year);
    if (date.month)
        return str_format(arena, "%02d/%04d", date.month, date.year);
    return str_format(arena, "%04d", date.year);
}

/* Canonical instants are local already: 2026-11-22T14:30:00-06:00. */
static struct str display_instant(struct arena *arena, struct str text)
{
    if (text.size < 16 || text.at[10] != 'T')
        return display_date(arena, text);
    return str_format(arena, "%.*s %.*s",
                      STR_ARGS(display_date(arena, str_slice(text, 0, 10))),
                      STR_ARGS(str_slice(text, 11, 16)));
}

static struct str display_choices(const struct form *form,
                                  const struct question *question,
                                  struct str text, struct str language,
                                  struct arena *arena)
{
    struct str rest = text, item;
    struct buf out;

    buf_init(&out, arena);
    while (next_item(&rest, &item)) {
        const struct choice *choice;
        struct str label = STR_NULL;

        if (question->type == QUESTION_SELECT_ONE) {
            item = text;
            rest = STR_NULL;
        }
        choice = choice_find(question->choices, item);
        if (choice)
            label = texts_in(form, choice->label, language);
        if (out.size > 0)
            buf_puts(&out, ", ");
        buf_put(&out, label.size > 0 ? label : item);
    }
    return buf_str(&out);
}

/* The answers of a row, one after another. */
static struct str display_row(const struct form *form,
                              const struct question *group,
                              const struct value *row, struct str language,
                              struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = group->index + 1; i < group->end; i++) {
        const struct question *question = form->question[i];
        struct str text;

        if (question->repeat != group)
            continue;
        text = answer_display(form, question, value_get_str(row, question->key),
                              language, arena);
        if (text.size == 0)
            continue;
        if (out.size > 0)
            buf_puts(&out, ", ");
        buf_put(&out, text);
    }
    return buf_str(&out);
}

struct str answer_display(const struct form *form,
                          const struct question *question,
                          const struct value *answer, struct str language,
                          struct arena *arena)
{
    struct str text = value_as_text(answer, arena);
    struct buf out;

    if (value_type(answer) == VALUE_NULL)
        return STR("");
    if (value_type(answer) == VALUE_LIST && question->type == QUESTION_REPEAT) {
        buf_init(&out, arena);
        for (size_t i = 0; i < value_count(answer); i++) {
            if (i > 0)
                buf_puts(&out, "; ");
            buf_put(&out, display_row(form, question, value_at(answer, i),
                                      language, arena));
        }
        return buf_str(&out);
    }
    if (question_is_select(question))
        return display_choices(form, question, text, language, arena);
    if (question->type == QUESTION_DATE || question->type == QUESTION_TODAY) {
        if (str_find(question->appearance, STR("year")) < SIZE_MAX)
            text = str_slice(
                text, 0,
                str_find(question->appearance, STR("month-")) < SIZE_MAX ? 7
                                                                         : 4);
        return display_date(arena, text);
    }
    if (question->type == QUESTION_DATETIME ||
        question->type == QUESTION_START || question->type == QUESTION_END)
        return display_instant(arena, text);
    return text;
}
