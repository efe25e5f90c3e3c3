/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* score_private.h - between score.c, score_parts.c and score_view.c. */
#ifndef COBIJO_SCORE_PRIVATE_H
#define COBIJO_SCORE_PRIVATE_H

#include "domain/score/score.h"

struct scoring {
    const struct form *form;
    const struct value *answers;
    const struct score_reader *reader;
    struct arena *arena;
    /* score_leaves: the round in which a question was last seen, calculations
     * still to be looked into, where those seen lie */
    size_t *seen;
    const struct question **stack;
    size_t round, low, high;
};

/* Every question that is asked (not calculated) on which the calculation
 * rests, through other calculations; each once, in the order of the form. */
size_t score_leaves(struct scoring *scoring, const struct expr *expr,
                    const struct question *node, const struct question ***leaf);
/* The number of an expression; NAN when it has none. */
double score_number(const struct scoring *scoring, const struct expr *expr,
                    const struct question *node);
/* Takes score->question's calculation apart: false when it is neither a sum
 * nor a quotient of sums. */
bool score_take_apart(struct scoring *scoring, struct score *score);

#endif
