/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tree.h - the parsed expression, open to those that walk it: the evaluator,
 * the binder and the translator to SQL.
 *
 * A tree never changes after expr_parse and expr_bind. `or`, `and` and `+`
 * have two or more arguments (a long score is one node, not a tall tree);
 * the other operators have two, negation one. No tree is taller than
 * EXPR_DEPTH_MAX.
 */
#ifndef COBIJO_EXPR_TREE_H
#define COBIJO_EXPR_TREE_H

#include "form/expr/expr.h"

struct regex;

enum expr_kind {
    EXPR_KIND_TEXT,    /* text */
    EXPR_KIND_NUMBER,  /* number */
    EXPR_KIND_PATH,    /* ${name} and every path: root, step */
    EXPR_KIND_CALL,    /* function, arg */
    EXPR_KIND_OPERATOR /* operation, arg */
};

enum expr_operator {
    EXPR_OR,
    EXPR_AND,
    EXPR_EQUAL,
    EXPR_NOT_EQUAL,
    EXPR_LESS,
    EXPR_LESS_EQUAL,
    EXPR_GREATER,
    EXPR_GREATER_EQUAL,
    EXPR_ADD,
    EXPR_SUBTRACT,
    EXPR_MULTIPLY,
    EXPR_DIVIDE,
    EXPR_MODULO,
    EXPR_NEGATE,
    EXPR_UNION
};

/* Where a path begins. The first step of ${name} is that name. */
enum expr_root {
    EXPR_ROOT_NAME,     /* ${name}: anywhere in the form */
    EXPR_ROOT_DOCUMENT, /* /data/…: the first step is the form itself */
    EXPR_ROOT_CONTEXT,  /* . .. x: from the question, row or choice */
    EXPR_ROOT_CURRENT,  /* current()/…: from the question, in a predicate */
    EXPR_ROOT_INSTANCE, /* instance('list')/…: list, text */
    EXPR_ROOT_FILTER /* (…)[…]/…: arg[0], its predicates in the first step */
};

enum expr_step_kind {
    EXPR_STEP_CHILD,  /* a child of that name */
    EXPR_STEP_SELF,   /* . */
    EXPR_STEP_PARENT, /* .. */
    EXPR_STEP_FILTER, /* the set as a whole: only its predicates */
    EXPR_STEP_AXIS    /* any other: axis, test, name */
};

enum expr_axis {
    EXPR_AXIS_CHILD,
    EXPR_AXIS_SELF,
    EXPR_AXIS_PARENT,
    EXPR_AXIS_ATTRIBUTE,
    EXPR_AXIS_DESCENDANT,
    EXPR_AXIS_DESCENDANT_OR_SELF,
    EXPR_AXIS_ANCESTOR,
    EXPR_AXIS_ANCESTOR_OR_SELF,
    EXPR_AXIS_FOLLOWING_SIBLING,
    EXPR_AXIS_PRECEDING_SIBLING,
    EXPR_AXIS_FOLLOWING,
    EXPR_AXIS_PRECEDING,
    EXPR_AXIS_COUNT
};

enum expr_test {
    EXPR_TEST_NAME, /* name, or any when it is empty; prefix:* */
    EXPR_TEST_NODE,
    EXPR_TEST_TEXT,
    EXPR_TEST_COMMENT,
    EXPR_TEST_INSTRUCTION /* name: its target, or empty */
};

struct expr_step {
    enum expr_step_kind kind;
    enum expr_axis axis; /* of every kind but FILTER */
    enum expr_test test;
    struct str name;
    const struct expr **predicate;
    size_t predicate_count;
    const struct question *question; /* set by expr_bind; NULL: the form */
};

enum expr_function_id {
#define EXPR_FUNCTION(id, name, min, max) EXPR_FUNCTION_##id,
#include "form/expr/functions.def"
#undef EXPR_FUNCTION
    EXPR_FUNCTION_COUNT
};

struct eval;
typedef void expr_function_run(struct eval *eval, const struct expr *call,
                               struct expr_result *result);

struct expr_function {
    const char *name;
    enum expr_function_id id;
    int min, max; /* arguments; max -1: any number */
    expr_function_run *run;
};

struct expr {
    enum expr_kind kind;
    enum expr_operator operation;
    int height;
    size_t place;      /* byte of the text it was parsed from */
    struct str source; /* that text, on the root alone */
    struct str text;
    double number;
    const struct expr_function *function; /* NULL: refused, a msgid */
    const char *refused;
    struct expr **arg;
    size_t arg_count;
    enum expr_root root;
    struct expr_step *step;
    size_t step_count;
    bool predicates;                /* some step has one */
    bool general;                   /* needs a document tree (nodes.c) */
    const struct form *form;        /* that it was bound to, or NULL */
    const struct choice_list *list; /* of EXPR_ROOT_INSTANCE, when bound */
    const struct regex *regex;      /* of regex() with a literal pattern */
};

enum { EXPR_STEPS_MAX = 32 };

/* As expr_parse, for those that bind afterwards. */
enum error expr_parse_tree(struct arena *arena, struct str text,
                           struct expr **expr, struct err *err);
/* Without hint.c, for what was read before. */
enum error expr_parse_plain(struct arena *arena, struct str text,
                            struct expr **expr, struct err *err);
/* The same, but a function that does not exist, or that has too few or too
 * many arguments, is an error only where it is evaluated: XPath engines do so,
 * and a form that comes from elsewhere may hold such a branch. */
enum error expr_parse_late(struct arena *arena, struct str text,
                           struct expr **expr, struct err *err);

const struct expr_function *expr_function_find(struct str name);

/* Which questions a path's steps stand for, seen from node (NULL: the form
 * itself). False when some name is not there; out has step_count places. */
bool expr_resolve(const struct form *form, const struct question *node,
                  const struct expr *path, const struct question **out);

/* Ties every path of the tree to the questions of a form, so that evaluating
 * need not search. `columns`: bare names are a choice's columns (a
 * choice_filter). unknown is called for each path that leads nowhere. */
struct expr_binding {
    const struct form *form;
    const struct question *node;
    const struct question *start; /* what current() is, in a predicate */
    bool columns, inside;         /* inside: of a predicate */
    void *context;
    void (*unknown)(void *context, const struct expr *path);
    void (*used)(void *context, const struct question *question);
};
void expr_bind(struct expr *expr, const struct expr_binding *binding);

/* The same walk without tying: binding->used for every question that the
 * expression may read, once for each place. The tree is not changed. */
void expr_uses(const struct expr *expr, const struct expr_binding *binding);
void expr_use_path(const struct expr *path, const struct expr_binding *binding);

/* The name a path is known by: the last one in it, or "". */
struct str expr_path_name(const struct expr *path);

#endif
