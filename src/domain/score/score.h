/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* score.h - what an instrument adds up to, and which answers made it. The
 * record's page, the API and `cobijo form score` all ask here, so they agree.
 *
 * The form says what is a score, in the column bind::cobijo:score of the
 * question that calculates it:
 *
 *     total            the score of the whole instrument, at most one
 *     subtotal:NAME    of a part of it
 *     level            what the score means (a select_one with a
 *     level:NAME       calculation, so that it has labels), of all or a part
 *     complete         how much of it was answered
 *
 * Two words more are no scores but say when: `review` on the day on which it
 * is to be done again, `occasion` on the choice that says which time this is.
 *
 * Where points come from is read off the calculation itself. A sum (also one
 * spread over several calculations) is taken apart into its terms, and a term
 * is put down to the answers it looks at: what such a part counts is exactly
 * its term. A quotient of two sums gives each part its points "of" what it
 * could count. Nothing else is called points: there `without` says what the
 * value would be had an answer not been given. A score that looks at answers
 * closed to the reader is not taken apart for her.
 */
#ifndef COBIJO_SCORE_H
#define COBIJO_SCORE_H

#include "domain/access/access.h"
#include "form/expr/expr.h"

enum score_role {
    SCORE_TOTAL,
    SCORE_SUBTOTAL,
    SCORE_LEVEL,
    SCORE_COMPLETE,
    SCORE_NONE
};

enum score_how {
    SCORE_EMPTY,   /* nothing to score yet */
    SCORE_SUM,     /* parts add up to `obtained` */
    SCORE_RATIO,   /* parts add up to `obtained` of `possible` */
    SCORE_ANSWERS, /* neither: see without */
    SCORE_CLOSED,  /* the reader may not see some of the answers */
    SCORE_KEPT     /* as it was saved; today's form would say otherwise */
};

/* One term, or all terms that look at exactly the same answers. */
struct score_part {
    const struct question **question;
    size_t questions;
    const struct question *item; /* the calculation it stands for, or NULL */
    double points, of;           /* of: only of a SCORE_RATIO */
    bool alone;                  /* one question that no other part looks at */
};

/* What the value would be without one answer. */
struct score_without {
    const struct question *question;
    struct str text; /* as for a reader; empty: there would be none */
};

struct score {
    const struct question *question;
    enum score_role role;
    struct str name; /* of subtotal:NAME, level:NAME */
    enum score_how how;
    struct str value, text; /* the answer; the same for a reader */
    double obtained, possible;
    double constant; /* what the sum holds without any answer */
    bool limited;    /* cut by a least or a most: the parts say more */
    struct score_part *part;
    size_t parts;
    struct score_without *without;
    size_t withouts;
};

struct scores {
    struct score *score; /* in the order of the form */
    size_t count;
};

struct score_reader {
    const struct role *role; /* NULL: everything may be seen */
    struct str language;
    int64_t now;
    int utc_offset;
    struct arena *arena;
};

/* The role that the form gives a question; *name after the colon. */
enum score_role score_role(const struct question *question, struct str *name);
bool form_has_score(const struct form *form);
/* The questions that say when; NULL: none. */
const struct question *form_review(const struct form *form);
const struct question *form_occasion(const struct form *form);
/* answers: as form_check or record_get gave them. Scores whose question the
 * reader may not see are left out. ERROR_INPUT: a word in the form's column
 * that is none of the above, or a score inside a repeat. */
enum error scores_read(const struct form *form, const struct value *answers,
                       const struct score_reader *reader, struct scores *scores,
                       struct err *err);
/* {"total": {…}|null, "subtotals": […], "levels": […], "complete": {…}|null}
 * with members of every score always there; numbers as numbers. */
struct value *scores_value(const struct form *form, const struct value *answers,
                           const struct scores *scores,
                           const struct score_reader *reader);

#endif
