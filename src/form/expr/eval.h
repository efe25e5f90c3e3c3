/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* eval.h - what the parts of the evaluator share.
 *
 * An error is kept in the evaluation and everything goes on with empty
 * values; expr_eval() looks once, at the end.
 */
#ifndef COBIJO_EXPR_EVAL_H
#define COBIJO_EXPR_EVAL_H

#include "form/expr/level.h"
#include "form/expr/node.h"
#include "form/expr/tree.h"

/* Where a path begins. */
struct eval_context {
    const struct level *level;
    const struct question *node;
    const struct choice *choice; /* bare names are its columns */
    size_t position, size;       /* of what a predicate goes through */
    const struct node *tree;     /* where it stands in a document, or NULL */
};

struct list_tree;

/* Steps and comparisons of one evaluation, and bytes it may take from its
 * arena; more is a mistake or an attack. */
enum { EVAL_WORK_MAX = 5 * 1000 * 1000, EVAL_MEMORY_MAX = 64 << 20 };

struct eval {
    const struct expr_scope *scope;
    struct arena *arena;
    struct eval_context now, start;
    struct err *err;
    enum error code;
    size_t work, held;           /* held: by the arena, when it began */
    bool in_tree;                /* paths answer with nodes of a document */
    bool only_tree;              /* there is nothing else to ask */
    struct node_builder builder; /* of the trees made on the way */
    const struct node *answers;  /* the record as a document, once needed */
    struct list_tree *lists;
};

void eval_node(struct eval *eval, const struct expr *expr,
               struct expr_result *result);
struct str eval_text(struct eval *eval, const struct expr *expr);
double eval_number(struct eval *eval, const struct expr *expr);
bool eval_truth(struct eval *eval, const struct expr *expr);
void eval_path(struct eval *eval, const struct expr *path,
               struct expr_result *result);
/* "." or current(). */
void eval_self(struct eval *eval, enum expr_root root,
               struct expr_result *result);
/* The question a path leads to, NULL when to none. */
const struct question *eval_target(struct eval *eval, const struct expr *path);
void eval_fail(struct eval *eval, const struct expr *expr, const char *msgid);
/* Counts work; false, and an error, when it is too much. */
bool eval_work(struct eval *eval, size_t amount);
static inline bool eval_step(struct eval *eval)
{
    return ++eval->work <= EVAL_WORK_MAX ? !eval->code : eval_work(eval, 0);
}

/* nodes.c: paths over document trees. */
void eval_tree_path(struct eval *eval, const struct expr *path,
                    struct expr_result *result);
void eval_union(struct eval *eval, const struct expr *expr,
                struct expr_result *result);
/* Evaluates so that a path gives nodes of a document; false with an error
 * when it is no set of nodes. */
bool eval_tree_nodes(struct eval *eval, const struct expr *expr,
                     struct expr_result *result);
/* node_answers.c: the record and the lists as documents; NULL without. */
const struct node *eval_document(struct eval *eval);
const struct node *eval_place(struct eval *eval,
                              const struct eval_context *context);
const struct node *eval_instance_tree(struct eval *eval,
                                      const struct expr *path, struct str name);
/* path.c */
const struct choice_list *eval_list(const struct eval *eval,
                                    const struct expr *path, struct str name);
struct str eval_choice_column(struct eval *eval, const struct choice *choice,
                              struct str name);

void result_text(struct expr_result *result, struct str text);
void result_number(struct expr_result *result, double number);
void result_truth(struct expr_result *result, bool truth);

struct str result_to_text(struct eval *eval, const struct expr_result *result);
/* XPath's number(), with ISO dates as days since 1970. */
double text_to_number(struct str text, bool dated, int utc_offset);
struct str number_to_text(struct arena *arena, double number);

/* functions_secret.c: false with an error when the host has no chance. */
bool eval_random(struct eval *eval, const struct expr *call, void *bytes,
                 size_t size);
/* randomize(): order[i] is the index of what comes i-th (Park-Miller,
 * inside-out Fisher-Yates). */
void randomize_order(int64_t seed, size_t count, size_t *order);

/* For a choice_filter: bare names are the choice's columns. */
bool expr_true_for_choice(const struct expr *expr,
                          const struct expr_scope *scope,
                          const struct choice *choice, struct err *err);

/* choices.c: those of the list that pass, into out (room for all). */
size_t expr_choices(const struct expr *filter, const struct expr_scope *scope,
                    const struct choice_list *list, const struct choice **out);

#define EXPR_FUNCTION(id, name, min, max) expr_function_run expr_function_##id;
#include "form/expr/functions.def"
#undef EXPR_FUNCTION

#endif
