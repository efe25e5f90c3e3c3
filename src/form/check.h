/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check.h - a form at work on answers: which questions are relevant, what is
 * calculated, what is wrong. The page, the API, the import and (later) the
 * browser all pass through here.
 */
#ifndef COBIJO_CHECK_H
#define COBIJO_CHECK_H

#include "form/expr/expr.h"
#include "form/form.h"

struct check_problem {
    struct str path; /* key, or repeat[2]/key (1-based) */
    const struct question *question;
    struct err err;  /* or the form's own message in text */
    struct str text; /* constraint_message / required_message, if any */
};

struct check_result {
    struct value *answers; /* cleaned: NFC, trimmed, irrelevant ones removed,
                              calculations and defaults filled in, dates and
                              numbers in canonical form */
    struct check_problem *problem;
    size_t count;
};

struct check_options {
    struct str language;
    int64_t now;
    int utc_offset;
    bool defaults;           /* a new record: fill defaults */
    bool partial;            /* only the given keys are checked for "required":
                                updates, and drafts on their way */
    bool keep_system;        /* keep questions marked system as given; otherwise
                                they are removed from the input */
    bool places;             /* a row in which nothing was written keeps its
                                place before one in which something was */
    const struct host *host; /* random() and uuid(); NULL: they fail */
    void *context;           /* see expr_scope.lookup */
    bool (*lookup)(void *context, struct str name, struct str *text);
};

/* Order of things: rows of repeats in which nothing was written are dropped;
 * relevance, calculations and defaults are settled so that each question
 * comes after those it depends on; then constraints, filters and required
 * answers are looked at. What is given for a calculated question is not
 * taken. A reason in _why stands for a required answer. Dates may come as
 * day/month/year, decimals with a comma, instants in local time.
 *
 * Unknown members of the input are problems (ERROR_INPUT, path = the name),
 * as are wrong types and values that are not in the list. Never fails but
 * for memory. */
enum error form_check(const struct form *form, const struct value *input,
                      const struct check_options *options, struct arena *arena,
                      struct check_result *result, struct err *err);

/* {"answers": …, "problems": [{"path", "message", "text"}]}: the result as a
 * program reads it, and two hosts are held against each other. */
struct value *check_result_value(const struct check_result *result,
                                 struct arena *arena);

/* For a page: key -> true/false for every question and group, given answers
 * as they are; choice lists after their filter. */
bool question_relevant(const struct question *question,
                       const struct expr_scope *scope);
/* Pairs of (choice, shown) – the choices that pass the filter. */
size_t question_choices(const struct question *question,
                        const struct expr_scope *scope,
                        const struct choice ***choice);

/* Reads a form post (key=value pairs decoded into an object of lists of
 * strings or strings) into answers: joins select_multiple, the three parts of
 * a partial date (key.y, key.m, key.d), repeat rows (repeat.0.key) and
 * reasons (key.why). */
struct value *answers_from_fields(const struct form *form,
                                  const struct value *fields,
                                  struct arena *arena);

/* The answer's text for a reader: choice labels, dates as dd/mm/yyyy. */
struct str answer_display(const struct form *form,
                          const struct question *question,
                          const struct value *answer, struct str language,
                          struct arena *arena);

#endif
