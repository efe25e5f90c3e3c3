/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live_tell.c - what a page is told after an answer: only of questions that
 * were reached, and there only what changed. */
#include "form/live_tell.h"

#include "form/expr/eval.h"

struct telling {
    struct live *live;
    struct arena *arena;
    struct value *relevant, *values, *errors, *choices, *counts;
};

/* outer.0.inner.1.key */
static struct str input_name(const struct telling *t, const struct frame *frame,
                             const struct question *question)
{
    struct str name = question->key;

    for (; frame->level.repeat; frame = (const struct frame *)frame->level.up)
        name = str_format(t->arena, "%.*s.%zu.%.*s",
                          STR_ARGS(frame->level.repeat->key), frame->number - 1,
                          STR_ARGS(name));
    return name;
}

static struct str problem_of(const struct telling *t, const struct frame *frame,
                             const struct question *question)
{
    struct check_result *result = &t->live->checking.result;
    const struct check_problem *problem;

    result->count = 0;
    if (frame->level.repeat && live_blank(t->live, frame))
        return STR("");
    check_look(&t->live->checking, frame, question);
    if (!result->count)
        return STR("");
    problem = &result->problem[0];
    return problem->text.size ? problem->text
                              : err_text(&problem->err, NULL, t->arena);
}

static struct value *choices_of(const struct telling *t,
                                const struct frame *frame,
                                const struct question *question)
{
    const struct choice **choice;
    const struct form *form = t->live->form;
    struct value *list = value_list(t->arena);
    const struct expr_scope *scope =
        check_scope(&t->live->checking, frame, question);
    size_t count = question_choices(question, scope, &choice);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_list(t->arena);

        value_add(item, t->arena, value_string(t->arena, choice[i]->name));
        value_add(item, t->arena,
                  value_string(t->arena,
                               text_fill(texts_in(form, choice[i]->label,
                                                  t->live->options.language),
                                         scope)));
        value_add(list, t->arena, item);
    }
    return list;
}

static struct str value_told(const struct telling *t, const struct frame *frame,
                             const struct question *question)
{
    struct str text = frame->level.text[question->index - frame->level.first];

    if (!question_is_select(question))
        return text;
    return answer_display(t->live->form, question, value_string(t->arena, text),
                          t->live->options.language, t->arena);
}

static void tell_count(const struct telling *t, const struct frame *frame,
                       const struct question *repeat, struct str name)
{
    size_t wanted = check_rows_wanted(&t->live->checking, frame, repeat);

    if (wanted < SIZE_MAX)
        value_set(t->counts, t->arena, name,
                  value_int(t->arena, (int64_t)wanted));
}

static void tell(const struct telling *t, struct frame *frame,
                 const struct question *question, unsigned use)
{
    size_t slot = question->index - frame->level.first;
    unsigned char state = frame->state[slot];
    struct str name = input_name(t, frame, question);
    bool relevant = (state & ANSWER_RELEVANT) != 0;
    bool all = t->live->loading;

    frame->state[slot] &= (unsigned char)~(LIVE_TEXT | LIVE_RELEVANT);
    if (all || (state & LIVE_RELEVANT))
        value_set(t->relevant, t->arena, name, value_bool(t->arena, relevant));
    if (question->calculation && (all || (state & LIVE_TEXT)))
        value_set(t->values, t->arena, name,
                  value_string(t->arena, value_told(t, frame, question)));
    if (relevant && question->repeat_count)
        tell_count(t, frame, question, name);
    if (!question_has_value(question) || question->calculation)
        return;
    value_set(t->errors, t->arena, name,
              value_string(t->arena, problem_of(t, frame, question)));
    if (relevant && (question->choice_filter || question->choice_rows) &&
        (all || (state & LIVE_RELEVANT) || (use & GRAPH_CHOICE_FILTER)))
        value_set(t->choices, t->arena, name, choices_of(t, frame, question));
}

const struct value *live_tell(struct live *live)
{
    struct arena *arena = &live->work;
    struct value *out = value_object(arena);
    struct telling t = {live,
                        arena,
                        value_object(arena),
                        value_object(arena),
                        value_object(arena),
                        value_object(arena),
                        value_object(arena)};

    live->reached = 0;
    for (size_t i = 0; i < live->form->question_count; i++) {
        const struct question *question = live->form->question[i];
        unsigned use = live->use[i];
        const struct frame_list *list;

        if (!live->loading && !use)
            continue;
        list = frames_of(&live->checking, question->repeat);
        for (size_t j = 0; j < list->count; j++)
            tell(&t, list->frame[j], question, use);
        live->reached++;
    }
    value_put(out, arena, "relevant", t.relevant);
    value_put(out, arena, "values", t.values);
    value_put(out, arena, "errors", t.errors);
    value_put(out, arena, "choices", t.choices);
    value_put(out, arena, "counts", t.counts);
    return arena_failed(arena) || arena_failed(&live->kept) ? NULL : out;
}
