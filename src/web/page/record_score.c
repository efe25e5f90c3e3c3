/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_score.c - the scores of a record on its page: what they came to, and
 * under each one the answers that made it. data.score is what programs get
 * (domain/score/score.h); page.scores is the same for people, with what is
 * sensitive covered until it is asked for.
 */
#include "web/kind.h"

#include "domain/score/score.h"

struct showing {
    struct view *view;
    struct arena *arena;
    bool revealed; /* everything was asked for */
    bool covered;  /* something is covered */
};

static struct str say_two(struct showing *showing, const char *msgid,
                          const struct value *one, const struct value *two)
{
    struct arena *arena = showing->arena;
    struct err say = {0};

    err_set(&say, ERROR_INPUT, msgid, str_c(arena, value_as_text(one, arena)),
            two ? str_c(arena, value_as_text(two, arena)) : NULL, NULL);
    return err_text(&say, showing->view->task.translator, arena);
}

/* "2", "6 de 6" */
static struct str points_text(struct showing *showing, const struct value *part)
{
    const struct value *of = value_get(part, "of");

    if (value_type(of) == VALUE_NULL)
        return value_as_text(value_get(part, "points"), showing->arena);
    return say_two(showing, N_("{1} de {2}"), value_get(part, "points"), of);
}

/* The part's answers as lines: {label, answer}; of a part that is one
 * question the label already stands above. */
static struct value *part_answers(struct showing *showing,
                                  const struct value *part)
{
    struct arena *arena = showing->arena;
    const struct value *questions = value_get(part, "questions");
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(questions); i++) {
        const struct value *question = value_at(questions, i);
        struct value *line = value_object(arena);
        bool same = str_equal(value_text_of(question, "key"),
                              value_text_of(part, "key"));

        put_text_or_false(showing->view, line, "label",
                          same && value_count(questions) == 1
                              ? STR("")
                              : value_text_of(question, "label"));
        value_put_str(line, arena, "answer", value_text_of(question, "answer"));
        value_add(list, arena, line);
    }
    return list;
}

static bool is_covered(struct showing *showing, const struct value *item)
{
    bool covered = !showing->revealed &&
                   value_to_bool(value_get(item, "sensitive"), false);

    showing->covered = showing->covered || covered;
    return covered;
}

/* Parts that count nothing, and nobody says of what, go in one last line. */
static struct value *part_rows(struct showing *showing,
                               const struct value *parts, struct value *zero)
{
    struct arena *arena = showing->arena;
    struct value *rows = value_list(arena);

    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_at(parts, i);
        bool covered = is_covered(showing, part);
        struct value *row = value_object(arena);

        value_put_bool(row, arena, "covered", covered);
        put_text_or_false(showing->view, row, "label",
                          value_text_of(part, "label"));
        value_put_str(row, arena, "points", points_text(showing, part));
        value_put(row, arena, "answers", part_answers(showing, part));
        value_add(!covered &&
                          value_to_double(value_get(part, "points"), 1) == 0 &&
                          value_type(value_get(part, "of")) == VALUE_NULL
                      ? zero
                      : rows,
                  arena, row);
    }
    return rows;
}

static struct value *without_rows(struct showing *showing,
                                  const struct value *without)
{
    struct arena *arena = showing->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(without); i++) {
        const struct value *group = value_at(without, i);
        const struct value *answers = value_get(group, "answers");
        struct value *out = value_object(arena), *lines = value_list(arena);
        struct str value = value_text_of(group, "value");

        for (size_t k = 0; k < value_count(answers); k++)
            if (!is_covered(showing, value_at(answers, k)))
                value_add(lines, arena, value_at(answers, k));
        if (!value_count(lines))
            continue;
        if (!value.size)
            value = view_say(showing->view, N_("ninguno"));
        value_put_str(out, arena, "say",
                      view_say_with(showing->view,
                                    value_count(lines) == 1
                                        ? N_("Sin esta respuesta sería {1}:")
                                        : N_("Sin una de estas respuestas "
                                             "sería {1}:"),
                                    value));
        value_put(out, arena, "answers", lines);
        value_add(list, arena, out);
    }
    return list;
}

/* A sentence about the score, or false. */
static void put_note(struct showing *showing, struct value *out,
                     const struct value *score)
{
    struct str how = value_text_of(score, "how"), note = STR("");

    if (value_to_bool(value_get(score, "limited"), false))
        note = say_two(showing,
                       N_("sus partes suman {1}; el formulario pone un límite"),
                       value_get(score, "obtained"), NULL);
    else if (str_equal_c(how, "closed"))
        note = view_say(showing->view,
                        N_("Su función no permite ver de qué respuestas "
                           "sale."));
    else if (str_equal_c(how, "kept"))
        note = view_say(showing->view,
                        N_("Se calculó al guardar; con el formulario de hoy "
                           "saldría otra cosa."));
    put_text_or_false(showing->view, out, "note", note);
}

static struct value *show_score(struct showing *showing,
                                const struct value *score, bool sensitive)
{
    struct arena *arena = showing->arena;
    struct value *out = value_object(arena), *zero = value_list(arena);
    struct value *rows, *without;
    struct str text = value_text_of(score, "text");
    bool covered = sensitive && !showing->revealed && text.size;
    bool complete = str_equal_c(value_text_of(score, "role"), "complete");

    showing->covered = showing->covered || covered;
    rows =
        part_rows(showing, complete ? NULL : value_get(score, "parts"), zero);
    without =
        without_rows(showing, complete ? NULL : value_get(score, "without"));
    value_put_str(out, arena, "label", value_text_of(score, "label"));
    value_put_bool(out, arena, "main",
                   str_equal_c(value_text_of(score, "role"), "total"));
    put_text_or_false(showing->view, out, "text", text);
    value_put_bool(out, arena, "covered", covered);
    put_text_or_false(showing->view, out, "of",
                      str_equal_c(value_text_of(score, "how"), "ratio")
                          ? say_two(showing, N_("{1} de {2}"),
                                    value_get(score, "obtained"),
                                    value_get(score, "possible"))
                          : STR(""));
    put_note(showing, out, score);
    value_put(out, arena, "rows", rows);
    value_put_bool(out, arena, "counted", value_count(rows) > 0);
    value_put(out, arena, "zero", zero);
    value_put_bool(out, arena, "nothing", value_count(zero) > 0);
    value_put(out, arena, "without", without);
    value_put_bool(out, arena, "made",
                   !covered && value_count(rows) + value_count(zero) +
                                       value_count(without) >
                                   0);
    return out;
}

static const struct value *score_of(const struct value *scores, struct str key)
{
    static const char *const list[] = {"subtotals", "levels"};
    static const char *const single[] = {"total", "complete"};

    for (size_t i = 0; i < 2; i++) {
        const struct value *many = value_get(scores, list[i]);
        const struct value *one = value_get(scores, single[i]);

        if (str_equal(value_text_of(one, "key"), key))
            return one;
        for (size_t k = 0; k < value_count(many); k++)
            if (str_equal(value_text_of(value_at(many, k), "key"), key))
                return value_at(many, k);
    }
    return NULL;
}

/* The group that holds the total stands first. */
static struct value *total_first(struct arena *arena,
                                 const struct value *groups)
{
    struct value *list = value_list(arena);

    for (int total = 1; total >= 0; total--)
        for (size_t i = 0; i < value_count(groups); i++) {
            const struct value *scores =
                value_get(value_at(groups, i), "scores");
            bool has = false;

            for (size_t k = 0; k < value_count(scores); k++)
                has = has || value_to_bool(
                                 value_get(value_at(scores, k), "main"), false);
            if (has == (total == 1))
                value_add(list, arena, value_at(groups, i));
        }
    return list;
}

/* Scores that stand in one group of the form stand together. */
static struct value *score_groups(struct showing *showing,
                                  const struct form *form,
                                  const struct value *scores)
{
    struct arena *arena = showing->arena;
    struct value *groups = value_list(arena), *list = NULL;
    const struct question *group = NULL;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *score = score_of(scores, question->key);
        struct value *out;

        if (!score)
            continue;
        if (!list || question->parent != group) {
            group = question->parent;
            out = value_object(arena);
            list = value_list(arena);
            put_text_or_false(showing->view, out, "label",
                              group ? texts_in(form, group->label,
                                               showing->view->task.language)
                                    : STR(""));
            value_put(out, arena, "scores", list);
            value_add(groups, arena, out);
        }
        value_add(
            list, arena,
            show_score(showing, score, str_equal_c(question->class, "SEN")));
    }
    return total_first(arena, groups);
}

enum error record_score_put(struct view *view, const struct form *newest,
                            const struct record *record)
{
    const struct form *form =
        forms_find(view->app->office.forms, newest->name, record->form_version);

    return answers_score_put(view, form ? form : newest, record->answers);
}

enum error answers_score_put(struct view *view, const struct form *form,
                             const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct score_reader reader = {.role = view->task.actor.role,
                                  .language = view->task.language,
                                  .now = view->task.now,
                                  .utc_offset = view->task.utc_offset,
                                  .arena = arena};
    struct showing showing = {.view = view, .arena = arena};
    struct scores scores = {0};
    struct value *out;
    enum error error;

    value_put_bool(view->page, arena, "scores", false);
    value_put_bool(view->page, arena, "scores_covered", false);
    if (!form_has_score(form))
        return ERROR_NONE;
    error = scores_read(form, answers, &reader, &scores, &view->err);
    if (error != ERROR_NONE)
        return error;
    out = scores_value(form, answers, &scores, &reader);
    value_put(view->data, arena, "score", out);
    if (scores.count == 0)
        return ERROR_NONE;
    showing.revealed = str_equal_c(value_text_of(view->page, "revealed"), "*");
    value_put(view->page, arena, "scores", score_groups(&showing, form, out));
    value_put_bool(view->page, arena, "scores_covered", showing.covered);
    return ERROR_NONE;
}
