/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_view.c - a record for reading: label and text of what has an answer,
 * in the order of the form. What the reader may not see has been taken out
 * by record_get already and is not looked for here; what is sensitive is
 * covered until it is asked for.
 */
#include "domain/record/record_keep.h"
#include "domain/score/score.h"
#include "web/form/label_text.h"
#include "web/kind.h"

static struct str why_text(struct view *view, struct str code)
{
    static const char *const reason[][2] = {{"ND", N_("No se preguntó")},
                                            {"NR", N_("No quiso responder")},
                                            {"DK", N_("No sabe")},
                                            {"NA", N_("No aplica")}};

    for (size_t i = 0; i < sizeof reason / sizeof reason[0]; i++)
        if (str_equal_c(code, reason[i][0]))
            return view_say(view, reason[i][1]);
    return STR("");
}

/* The keys asked for in this request: "*" for all. */
static bool revealed(struct view *view, struct str key)
{
    struct str wanted = value_text_of(view->page, "revealed");

    return str_equal_c(wanted, "*") ||
           (wanted.size > 0 && str_equal(wanted, key));
}

/* answers: of the record, or of the row in which it stands. */
static struct value *line_new(struct view *view, const struct form *form,
                              const struct question *question,
                              const struct value *answers)
{
    struct value *line = value_object(view->task.arena);
    const struct label_text of = {
        .view = view,
        .form = form,
        .question = question,
        .scope = {.arena = view->task.arena, .form = form, .answers = answers},
        .mask = true};
    struct str label = label_text(
        &of, texts_in(form, question->label, view->task.language), NULL);

    value_put_str(line, view->task.arena, "key", question->key);
    value_put_str(line, view->task.arena, "label",
                  label.size ? label : question->name);
    value_put_bool(line, view->task.arena, "sensitive", false);
    value_put_bool(line, view->task.arena, "heading", false);
    value_put_bool(line, view->task.arena, "rows", false);
    value_put_bool(line, view->task.arena, "missing", false);
    value_put_bool(line, view->task.arena, "href", false);
    value_put_bool(line, view->task.arena, "text", false);
    value_put_bool(line, view->task.arena, "file", false);
    return line;
}

/* In its own version or in the one in use. */
static bool is_sensitive(struct view *view, const struct form *form,
                         const struct question *question)
{
    const struct question *now =
        question->repeat ? NULL
                         : form_find(forms_find(view->app->office.forms,
                                                form->name, STR_NULL),
                                     question->key);

    return str_equal_c(question->class, "SEN") ||
           (now && str_equal_c(now->class, "SEN"));
}

static void line_answer(struct view *view, const struct form *form,
                        const struct question *question,
                        const struct value *answer, struct value *line)
{
    struct arena *arena = view->task.arena;

    if (is_sensitive(view, form, question) && !revealed(view, question->key)) {
        value_put_bool(line, arena, "sensitive", true);
        return;
    }
    if (question->ref.size > 0) {
        value_put_str(line, arena, "text",
                      ref_text(view, question->ref, value_text(answer)));
        value_put_str(line, arena, "href",
                      str_equal_c(question->ref, "person")
                          ? view_format(view, "/person/%.*s",
                                        STR_ARGS(value_text(answer)))
                          : view_format(view, "/record/%.*s/%.*s",
                                        STR_ARGS(question->ref),
                                        STR_ARGS(value_text(answer))));
        return;
    }
    if (question_is_file(question)) {
        value_put(line, arena, "file",
                  file_shown(view, question, value_text(answer)));
        return;
    }
    value_put_str(
        line, arena, "text",
        answer_display(form, question, answer, view->task.language, arena));
}

/* Scores stand above the answers; a calculation without a title is only a
 * step on the way to one. */
static bool shown_elsewhere(const struct form *form,
                            const struct question *question)
{
    struct str name;

    if (score_role(question, &name) != SCORE_NONE)
        return true;
    return question->type == QUESTION_CALCULATE && form_has_score(form) &&
           !question->label.text;
}

static bool has_answer(const struct value *answer)
{
    return value_text(answer).size > 0 || value_count(answer) > 0;
}

static void add_lines(struct view *view, const struct form *form,
                      const struct question *first, const struct value *answers,
                      struct value *list);

static void add_rows(struct view *view, const struct form *form,
                     const struct question *repeat, const struct value *answers,
                     struct value *list)
{
    struct arena *arena = view->task.arena;
    const struct value *rows = value_get_str(answers, repeat->key);
    struct value *line = line_new(view, form, repeat, answers);
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(rows); i++) {
        struct value *row = value_object(arena);
        struct value *lines = value_list(arena);

        add_lines(view, form, repeat->child, value_at(rows, i), lines);
        value_put(row, arena, "lines", lines);
        value_add(out, arena, row);
    }
    value_put(line, arena, "rows", out);
    value_add(list, arena, line);
}

static void add_lines(struct view *view, const struct form *form,
                      const struct question *first, const struct value *answers,
                      struct value *list)
{
    for (const struct question *child = first; child; child = child->next) {
        const struct value *answer = value_get_str(answers, child->key);
        struct str why =
            value_text(value_get_str(value_get(answers, "_why"), child->key));
        struct value *line;

        if (shown_elsewhere(form, child))
            continue;
        if (child->type == QUESTION_GROUP) {
            add_lines(view, form, child->child, answers, list);
            continue;
        }
        if (child->type != QUESTION_REPEAT &&
            texts_in(form, child->label, view->task.language).size == 0)
            continue; /* a step of a rule, nothing to read */
        if (!role_reads(view->task.actor.role, child) ||
            (!has_answer(answer) && why.size == 0) ||
            (!question_has_value(child) && child->type != QUESTION_REPEAT))
            continue;
        if (child->type == QUESTION_REPEAT) {
            add_rows(view, form, child, answers, list);
            continue;
        }
        line = line_new(view, form, child, answers);
        if (has_answer(answer)) {
            line_answer(view, form, child, answer, line);
        } else {
            value_put_bool(line, view->task.arena, "missing", true);
            value_put_str(line, view->task.arena, "text", why_text(view, why));
        }
        value_add(list, view->task.arena, line);
    }
}

struct value *record_view(struct view *view, const struct form *form,
                          const struct value *answers)
{
    struct value *list = value_list(view->task.arena);

    add_lines(view, form, form->first, answers, list);
    return list;
}

/* --- what the shown version does not ask ---------------------------------- */

/* The shown version has the question and cannot read what stands there. */
static bool is_unreadable(struct view *view, const struct question *here,
                          const struct question *there,
                          const struct value *answer)
{
    return question_has_value(here) && !question_is_select(here) &&
           !record_reads(here, answer, view->task.arena) &&
           record_reads(there, answer, view->task.arena);
}

/* Members of an object of answers that `then` asks and `form` does not. */
static struct value *past_members(struct view *view, const struct form *form,
                                  const struct question *repeat,
                                  const struct form *then,
                                  const struct question *then_repeat,
                                  const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        const struct question *here = form_find_in(form, repeat, key);
        const struct question *there = form_find_in(then, then_repeat, key);
        struct value *rows = value_list(arena);
        bool any = false;

        if (!there)
            continue;
        if (!here || is_unreadable(view, here, there, answer)) {
            value_set(out, arena, key, answer);
            continue;
        }
        if (here->type != QUESTION_REPEAT || there->type != QUESTION_REPEAT)
            continue;
        for (size_t k = 0; k < value_count(answer); k++) {
            struct value *row = past_members(view, form, here, then, there,
                                             value_at(answer, k));

            any = any || value_count(row);
            value_add(rows, arena, row);
        }
        if (any)
            value_set(out, arena, key, rows);
    }
    return out;
}

struct value *record_past(struct view *view, const struct form *form,
                          const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct value *rest = value_copy(answers, arena);
    const struct form **version = NULL;
    size_t count =
        forms_of_kind(view->app->office.forms, form->name, arena, &version);

    for (size_t i = 0; i < count; i++) {
        struct value *past;

        if (version[i] == form)
            continue;
        past = past_members(view, form, NULL, version[i], NULL, rest);
        add_lines(view, version[i], version[i]->first, past, list);
        for (size_t k = 0; k < value_count(past); k++)
            value_remove(rest, value_name_at(past, k));
    }
    return list;
}
