/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* expr.h - XLSForm expressions (XPath 1.0 subset + ODK functions).
 *
 * Parsed once into a tree that is evaluated here and will be translated to
 * SQL. The tree is open to its walkers (expr/tree.h); callers see this.
 */
#ifndef COBIJO_EXPR_H
#define COBIJO_EXPR_H

#include "core/host.h"
#include "core/value.h"
#include "form/form.h"

struct expr;
struct node;

enum { EXPR_DEPTH_MAX = 100, EXPR_SIZE_MAX = 64 * 1024 };

/* err->message names what is wrong, args: the place (1-based character) and
 * the text there. */
enum error expr_parse(struct arena *arena, struct str text,
                      const struct expr **expr, struct err *err);

/* Every ${name} and path of the expression, in order, for checking and for
 * dependency graphs. */
size_t expr_references(const struct expr *expr, struct arena *arena,
                       struct str **name);

/* What an evaluation sees. A name is looked up in `answers` (and, inside a
 * repeat, first in `row`); when `lookup` is set it is asked first and may
 * answer for any name (catalog signs, columns of an import, …). */
struct expr_scope {
    struct arena *arena;
    const struct form *form;     /* may be NULL */
    const struct value *answers; /* the whole record */
    const struct question *node; /* the question evaluated for, "." */
    const struct value *row;     /* the repeat's row it stands in, or NULL */
    size_t position;             /* 1-based index of row */
    struct str current;          /* the value of "." when node is NULL */
    struct str language;         /* for jr:choice-name and format-date */
    int64_t now;                 /* instant, ms */
    int utc_offset;              /* seconds east, for today() and now() */
    void *context;
    /* true when it knows the name; *text may be STR_NULL for no answer. */
    bool (*lookup)(void *context, struct str name, struct str *text);
    const struct level *level; /* check.c's own answers (expr/level.h) instead
                                  of answers and row; NULL elsewhere */
    const struct host *host;   /* random() and uuid(); NULL: they fail */
    /* A document (expr/node.h) instead of a form and its answers, and where
     * in it "." is. ${name} is still asked of the answers when there are. */
    const struct node *document, *place;
    bool every_name; /* html finds an XHTML element too; see name_fits() */
    /* A secondary instance that is no list of the form, or NULL. */
    const struct node *(*instance)(void *context, struct str name);
};

enum expr_type { EXPR_STRING, EXPR_NUMBER, EXPR_BOOL, EXPR_NODES };

struct expr_result {
    enum expr_type type;
    struct str text;                /* EXPR_STRING */
    double number;                  /* EXPR_NUMBER */
    bool truth;                     /* EXPR_BOOL */
    const struct str *node;         /* EXPR_NODES: their values … */
    const struct node *const *tree; /* … or the nodes of a document */
    size_t count;
    struct arena *arena;
    bool dated;     /* the nodes answer a date: "1998" is its first day */
    int utc_offset; /* for turning instants into days */
};

enum error expr_eval(const struct expr *expr, const struct expr_scope *scope,
                     struct expr_result *result, struct err *err);
/* The value of a node, by index. */
struct str expr_node_text(const struct expr_result *result, size_t index);
/* XPath conversions. Numbers print as XPath does: 3, 2.5, NaN. */
struct str expr_to_text(const struct expr_result *result, struct arena *arena);
double expr_to_number(const struct expr_result *result);
bool expr_to_bool(const struct expr_result *result);
/* Evaluate and convert; an error gives the fallback and fills *err. */
bool expr_true(const struct expr *expr, const struct expr_scope *scope,
               bool fallback, struct err *err);

#endif
