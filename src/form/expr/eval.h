/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* eval.h - what the parts of the evaluator share.
 *
 * An error is kept in the evaluation and everything goes on with empty
 * values; expr_eval() looks once, at the end.
 */
#ifndef COBIJO_EXPR_EVAL_H
#define COBIJO_EXPR_EVAL_H

#include "form/expr/level.h"
#include "form/expr/tree.h"

/* Where a path begins. */
struct eval_context {
    const struct level *level;
    const struct question *node;
    const struct choice *choice; /* bare names are its columns */
    size_t position;
};

struct eval {
    const struct expr_scope *scope;
    struct arena *arena;
    struct eval_context now, start;
    struct err *err;
    enum error code;
};

void eval_node(struct eval *eval, const struct expr *expr,
               struct expr_result *result);
struct str eval_text(struct eval *eval, const struct expr *expr);
double eval_number(struct eval *eval, const struct expr *expr);
bool eval_truth(struct eval *eval, const struct expr *expr);
void eval_path(struct eval *eval, const struct expr *path,
               struct expr_result *result);
/* The question a path leads to, NULL when to none. */
const struct question *eval_target(struct eval *eval, const struct expr *path);
void eval_fail(struct eval *eval, const struct expr *expr, const char *msgid);

void result_text(struct expr_result *result, struct str text);
void result_number(struct expr_result *result, double number);
void result_truth(struct expr_result *result, bool truth);

struct str result_to_text(struct eval *eval, const struct expr_result *result);
/* XPath's number(), with ISO dates as days since 1970. */
double text_to_number(struct str text, bool dated, int utc_offset);
struct str number_to_text(struct arena *arena, double number);

/* For a choice_filter: bare names are the choice's columns. */
bool expr_true_for_choice(const struct expr *expr,
                          const struct expr_scope *scope,
                          const struct choice *choice, struct err *err);

#define EXPR_FUNCTION(id, name, min, max) expr_function_run expr_function_##id;
#include "form/expr/functions.def"
#undef EXPR_FUNCTION

#endif
