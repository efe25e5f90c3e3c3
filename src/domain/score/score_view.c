/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* score_view.c - scores as a tree for pages, programs and the command line.
 */
#include "domain/score/score_private.h"

#include "form/check.h"

static const char *const how_name[] = {"empty",   "sum",    "ratio",
                                       "answers", "closed", "kept"};
static const char *const role_name[] = {"total", "subtotal", "level",
                                        "complete", ""};

/* Whole numbers as such; at most six places, so that 0.1 + 0.2 is 0.3. */
static struct value *number_value(struct arena *arena, double number)
{
    double scaled = number * 1e6;
    int64_t whole;

    if (!(scaled > -1e15 && scaled < 1e15))
        return value_number(arena, number);
    whole = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    if (whole % 1000000 == 0)
        return value_int(arena, whole / 1000000);
    return value_number(arena, (double)whole / 1e6);
}

static struct str label_of(const struct scoring *scoring,
                           const struct question *question)
{
    struct str label =
        texts_in(scoring->form, question->label, scoring->reader->language);

    return label.size ? label : question->name;
}

static struct value *question_value(const struct scoring *scoring,
                                    const struct question *question)
{
    struct arena *arena = scoring->arena;
    struct value *out = value_object(arena);
    const struct value *answer =
        question->repeat ? NULL
                         : value_get_str(scoring->answers, question->key);

    value_put_str(out, arena, "key", question->key);
    value_put_str(out, arena, "label", label_of(scoring, question));
    value_put_str(out, arena, "answer",
                  answer ? answer_display(scoring->form, question, answer,
                                          scoring->reader->language, arena)
                         : STR(""));
    return out;
}

static bool sensitive(const struct score_part *part)
{
    for (size_t i = 0; i < part->questions; i++)
        if (str_equal_c(part->question[i]->class, "SEN"))
            return true;
    return false;
}

static bool answered(const struct scoring *scoring,
                     const struct question *question)
{
    return question->repeat ||
           value_get_str(scoring->answers, question->key) != NULL;
}

/* Questions of the part that were answered, or all when none was. */
static struct value *part_questions(const struct scoring *scoring,
                                    const struct score_part *part)
{
    struct value *list = value_list(scoring->arena);

    for (size_t i = 0; i < part->questions; i++)
        if (answered(scoring, part->question[i]))
            value_add(list, scoring->arena,
                      question_value(scoring, part->question[i]));
    return list;
}

static struct value *part_value(const struct scoring *scoring,
                                const struct score *score,
                                const struct score_part *part)
{
    struct arena *arena = scoring->arena;
    struct value *out = value_object(arena);
    const struct question *about = part->item ? part->item : part->question[0];

    value_put_str(out, arena, "key", about->key);
    value_put_str(out, arena, "label",
                  part->item || part->questions == 1
                      ? label_of(scoring, about)
                      : STR("")); /* no name of its own */
    value_put(out, arena, "points", number_value(arena, part->points));
    value_put(out, arena, "of",
              score->how == SCORE_RATIO && part->of != 0
                  ? number_value(arena, part->of)
                  : value_null(arena));
    value_put_bool(out, arena, "alone", part->alone);
    value_put_bool(out, arena, "sensitive", sensitive(part));
    value_put(out, arena, "questions", part_questions(scoring, part));
    return out;
}

/* A part that nobody answered and that counts nothing is not worth a line. */
static bool part_worth(const struct scoring *scoring,
                       const struct score_part *part)
{
    if (part->points != 0 || part->of != 0)
        return true;
    for (size_t i = 0; i < part->questions; i++)
        if (answered(scoring, part->question[i]))
            return true;
    return false;
}

/* Answers without which the score would be the same other one, together:
 * [{"value": …, "answers": […]}] */
static struct value *without_values(const struct scoring *scoring,
                                    const struct score *score)
{
    struct arena *arena = scoring->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < score->withouts; i++) {
        const struct score_without *without = &score->without[i];
        struct value *group = NULL, *answers = NULL, *one;

        for (size_t k = 0; !answers && k < value_count(list); k++) {
            group = (struct value *)value_at(list, k);
            if (str_equal(value_text_of(group, "value"), without->text))
                answers = value_get_mutable(group, "answers");
        }
        if (!answers) {
            group = value_object(arena);
            answers = value_list(arena);
            value_put_str(group, arena, "value", without->text);
            value_put(group, arena, "answers", answers);
            value_add(list, arena, group);
        }
        one = question_value(scoring, without->question);
        value_put_bool(one, arena, "sensitive",
                       str_equal_c(without->question->class, "SEN"));
        value_add(answers, arena, one);
    }
    return list;
}

static struct value *score_value(const struct scoring *scoring,
                                 const struct score *score)
{
    struct arena *arena = scoring->arena;
    struct value *out = value_object(arena), *parts = value_list(arena);
    bool counted = score->how == SCORE_SUM || score->how == SCORE_RATIO;
    double number;

    for (size_t i = 0; counted && i < score->parts; i++)
        if (part_worth(scoring, &score->part[i]))
            value_add(parts, arena,
                      part_value(scoring, score, &score->part[i]));
    value_put_str(out, arena, "key", score->question->key);
    value_put_text(out, arena, "role", role_name[score->role]);
    value_put_str(out, arena, "name", score->name);
    value_put_str(out, arena, "label", label_of(scoring, score->question));
    value_put(out, arena, "value",
              !score->value.size ? value_null(arena)
              : str_to_double(score->value, &number)
                  ? number_value(arena, number)
                  : value_string(arena, score->value));
    value_put_str(out, arena, "text", score->text);
    value_put_text(out, arena, "how", how_name[score->how]);
    value_put(out, arena, "obtained",
              counted ? number_value(arena, score->obtained)
                      : value_null(arena));
    value_put(out, arena, "possible",
              score->how == SCORE_RATIO ? number_value(arena, score->possible)
                                        : value_null(arena));
    value_put(out, arena, "constant", number_value(arena, score->constant));
    value_put_bool(out, arena, "limited", score->limited);
    value_put(out, arena, "parts", parts);
    value_put(out, arena, "without", without_values(scoring, score));
    return out;
}

struct value *scores_value(const struct form *form, const struct value *answers,
                           const struct scores *scores,
                           const struct score_reader *reader)
{
    struct scoring scoring = {.form = form,
                              .answers = answers,
                              .reader = reader,
                              .arena = reader->arena};
    struct arena *arena = reader->arena;
    struct value *out = value_object(arena);
    struct value *subtotals = value_list(arena), *levels = value_list(arena);

    value_put(out, arena, "total", value_null(arena));
    value_put(out, arena, "subtotals", subtotals);
    value_put(out, arena, "levels", levels);
    value_put(out, arena, "complete", value_null(arena));
    for (size_t i = 0; i < scores->count; i++) {
        const struct score *score = &scores->score[i];
        struct value *one = score_value(&scoring, score);

        if (score->role == SCORE_SUBTOTAL)
            value_add(subtotals, arena, one);
        else if (score->role == SCORE_LEVEL)
            value_add(levels, arena, one);
        else
            value_put(out, arena, role_name[score->role], one);
    }
    return out;
}
