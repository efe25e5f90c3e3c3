/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_private.h - between the files of this room. */
#ifndef COBIJO_PAPER_PRIVATE_H
#define COBIJO_PAPER_PRIVATE_H

#include "form/expr/expr.h"
#include "web/paper/paper.h"

enum {
    PAPER_CHOICES_MAX = 30,   /* beside a question; more go to the annex */
    PAPER_ANNEX_MAX = 400,    /* choices of a list that is printed at all */
    PAPER_SENTENCE_MAX = 360, /* bytes of a condition that is still read */
};

struct points;

struct papering {
    const struct paper *paper;
    struct arena *arena;
    const struct form *form;
    size_t *number; /* by question->index; 0: not asked on paper */
    size_t asked;
    const struct points *points;
    const struct choice_list **annex; /* lists printed at the end */
    size_t annexes;
    struct str *annex_used; /* numbers of the questions, by annex */
};

/* paper_words.c */
struct str paper_say(const struct papering *papering, const char *msgid);
/* {1} and {2} filled in. */
struct str paper_fill(const struct papering *papering, const char *msgid,
                      struct str one, struct str two);
/* A text of the form as it can be printed: ${name} is a blank. */
struct str paper_text(const struct papering *papering, struct texts texts);
struct str choice_label(const struct papering *papering,
                        const struct choice *choice);

/* paper_condition.c: "Solo si …", never wrong: what cannot be said exactly
 * names the questions it depends on. Empty: always. */
struct str paper_condition(const struct papering *papering,
                           const struct question *question);

/* paper_pointed.c: "Según la respuesta a la pregunta 7." */
struct str paper_pointed(const struct papering *papering,
                         const struct question *question);

/* paper_points.c, paper_score.c */
const struct points *points_read(const struct papering *papering);
/* "A 2", or empty. */
struct str points_of(const struct papering *papering,
                     const struct question *question, struct str choice);
/* What one can have at a question that is a part of a quotient: "de 6". */
struct str points_most(const struct papering *papering,
                       const struct question *question);
/* [{letter, label, sum, ratio, …}] for the box at the end. */
struct value *points_boxes(const struct papering *papering);

/* paper_answer.c: the room for an answer, into the question's object. */
void paper_answer(struct papering *papering, struct value *item,
                  const struct question *question);
/* A list that goes to the annex, and who asks for it. */
bool paper_in_annex(const struct question *question);
bool paper_asks(const struct question *question);

#endif
