/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* points.h - between paper_points.c, which finds out what choices count, and
 * paper_score.c, which prints it.
 */
#ifndef COBIJO_PAPER_POINTS_H
#define COBIJO_PAPER_POINTS_H

#include "domain/score/score.h"
#include "web/paper/paper_private.h"

enum { POINTS_SCORES_MAX = 26 }; /* a letter each */

/* A calculation, and what every choice adds to it. */
struct sum {
    const struct question *question;
    double **part;    /* by question->index, then by choice; NULL: not in it */
    double base;      /* what it is without any answer */
    bool adds, other; /* other: it also looks at what has no choices */
};

struct box {
    const struct question *question;
    enum score_role role;
    struct sum *sum, *above, *below; /* below: a quotient */
    double scale;                    /* 100 for per cent */
    struct str formula;              /* "A + B", or empty */
    size_t held;                     /* sheets that the quotient was right of */
    bool few;                        /* with few answers it has no value */
    char letter;                     /* its points are printed beside it */
};

struct points {
    const struct papering *papering;
    struct sum *sum;
    size_t sums;
    struct box box[POINTS_SCORES_MAX];
    size_t boxes;
    size_t work;
};

/* Does any choice count in it? */
bool sum_counts(const struct sum *sum, const struct form *form);

#endif
