/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_frame.h - the working arrays of form_check: one frame for the record
 * and one for each row of a repeat. Nobody else's. */
#ifndef COBIJO_CHECK_FRAME_H
#define COBIJO_CHECK_FRAME_H

#include "form/check.h"
#include "form/expr/level.h"

enum { REPEAT_ROWS_MAX = 1000, CHECK_PROBLEMS_MAX = 500 };

enum answer_state { ANSWER_GIVEN = 1, ANSWER_RELEVANT = 2 };

struct frame {
    struct level level; /* first: a level of ours is a frame */
    size_t slots;
    size_t number;        /* of the row as it was given, from 1 */
    bool blank;           /* nothing was written in it */
    bool left;            /* … and it is one too many: no row */
    unsigned char *state; /* enum answer_state, by slot */
    struct str *raw;      /* answers as they were given, where these are kept
                             apart from level.text (live.c); else NULL */
    struct str *why;      /* reasons for no answer; NULL when there are none */
    const char **wrong;   /* msgids of what could not be cleaned, or NULL */
};

struct frame_list {
    struct frame **frame;
    size_t count, capacity;
};

struct checking {
    const struct form *form;
    const struct check_options *options;
    struct arena *arena;
    struct expr_scope scope;
    struct frame *top;
    struct frame_list record;   /* top alone */
    struct frame_list *repeats; /* all rows of a repeat, by its index */
    struct check_result result;
    size_t problem_room;
    struct err ignored; /* see ignored() */
};

/* check.c: relevance, calculation, default and cleaning of one question, then
 * what is wrong with its answer. The state is only added to. */
void check_settle(struct checking *checking, struct frame *frame,
                  const struct question *question);
void check_look(struct checking *checking, const struct frame *frame,
                const struct question *question);
/* How many rows repeat_count says; SIZE_MAX when it says nothing. */
size_t check_rows_wanted(struct checking *checking, const struct frame *frame,
                         const struct question *repeat);
/* The scope of a question in a row. */
const struct expr_scope *check_scope(struct checking *checking,
                                     const struct frame *frame,
                                     const struct question *question);
void check_begin(struct checking *checking, const struct form *form,
                 const struct check_options *options, struct arena *arena);

/* check_load.c. False when out of memory. */
struct frame *check_frame_new(struct checking *checking, struct frame *up,
                              const struct question *repeat);
bool check_list_add(struct arena *arena, struct frame_list *list,
                    struct frame *frame);
bool check_load(struct checking *checking, const struct value *input);
const struct frame_list *frames_of(const struct checking *checking,
                                   const struct question *repeat);
/* A problem at name in the row; NULL when out of memory or too many. */
struct check_problem *check_problem_new(struct checking *checking,
                                        const struct frame *frame,
                                        struct str name,
                                        const struct question *question);
void check_wrong(struct checking *checking, struct frame *frame, size_t slot,
                 const char *msgid);

#endif
