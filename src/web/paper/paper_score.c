/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_score.c - points on the sheet: beside each choice, and the box where
 * they are added up.
 */
#include "web/paper/points.h"

#include <math.h>

struct str points_of(const struct papering *papering,
                     const struct question *question, struct str choice)
{
    const struct points *points = papering->points;
    const struct choice *found =
        question->choices ? choice_find(question->choices, choice) : NULL;
    struct buf out;

    buf_init(&out, papering->arena);
    for (size_t i = 0; points && found && i < points->boxes; i++) {
        const struct box *box = &points->box[i];
        const double *part =
            box->letter ? box->sum->part[question->index] : NULL;
        double number = part ? part[found - question->choices->choice] : 0;

        if (number == 0)
            continue;
        buf_printf(&out, "%s%c ", out.size ? ", " : "", box->letter);
        buf_put_double(&out, round(number * 1e6) / 1e6);
    }
    return buf_str(&out);
}

struct str points_most(const struct papering *papering,
                       const struct question *question)
{
    const struct points *points = papering->points;
    struct buf out;

    buf_init(&out, papering->arena);
    for (size_t i = 0; points && i < points->boxes; i++) {
        const struct box *box = &points->box[i];
        const double *part = box->below && box->letter
                                 ? box->below->part[question->index]
                                 : NULL;
        double most = 0;

        for (size_t k = 0; part && k < question->choices->count; k++)
            most = fmax(most, part[k]);
        if (most == 0)
            continue;
        buf_printf(&out, "%s%c/", out.size ? ", " : "", box->letter);
        buf_put_double(&out, round(most * 1e6) / 1e6);
    }
    return buf_str(&out);
}

static void put_levels(const struct papering *papering, struct value *item,
                       const struct question *question)
{
    struct value *list = value_list(papering->arena);

    for (size_t i = 0; question->choices && i < question->choices->count; i++) {
        struct value *level = value_object(papering->arena);

        value_put_str(level, papering->arena, "label",
                      choice_label(papering, &question->choices->choice[i]));
        value_add(list, papering->arena, level);
    }
    value_put(item, papering->arena, "levels", list);
}

struct value *points_boxes(const struct papering *papering)
{
    struct arena *arena = papering->arena;
    const struct points *points = papering->points;
    struct value *list = value_list(arena);

    for (size_t i = 0; points && i < points->boxes; i++) {
        const struct box *box = &points->box[i];
        struct value *item = value_object(arena);
        struct str label = paper_text(papering, box->question->label);
        bool by_hand = box->letter || box->formula.size;

        value_put_str(item, arena, "label",
                      label.size ? label : box->question->name);
        value_put_bool(item, arena, "level", box->role == SCORE_LEVEL);
        value_put_bool(item, arena, "by_hand", by_hand);
        value_put_bool(item, arena, "ratio", by_hand && box->below);
        value_put_bool(item, arena, "percent", box->scale == 100);
        value_put_bool(item, arena, "few", by_hand && box->few);
        value_put_bool(item, arena, "divisor", false);
        if (by_hand && box->below && !sum_counts(box->below, papering->form))
            value_put(item, arena, "divisor",
                      value_number(arena, box->below->base));
        value_put_bool(item, arena, "other", by_hand && box->sum->other);
        value_put_bool(item, arena, "program",
                       !by_hand && box->role != SCORE_LEVEL);
        value_put_bool(item, arena, "letter", false);
        value_put_bool(item, arena, "formula", false);
        if (box->letter)
            value_put_str(item, arena, "letter",
                          str_format(arena, "%c", box->letter));
        if (box->formula.size)
            value_put_str(item, arena, "formula", box->formula);
        put_levels(papering, item, box->question);
        value_add(list, arena, item);
    }
    return list;
}
