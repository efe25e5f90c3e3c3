/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parse.h - what the two halves of the parser share: parse.c has operators,
 * functions and literals, parse_path.c has paths. Nobody else's. */
#ifndef COBIJO_EXPR_PARSE_H
#define COBIJO_EXPR_PARSE_H

#include "form/expr/lex.h"
#include "form/expr/tree.h"

struct parser {
    struct arena *arena;
    struct lexer lexer;
    struct token token; /* the one to be read next */
    struct err *err;
    int depth;
    bool late; /* see expr_parse_late */
    bool failed;
};

/* NULL, with err filled by the first of them. */
struct expr *parse_fail(struct parser *parser, size_t at, const char *msgid);
struct expr *parse_fail_here(struct parser *parser);
void parse_advance(struct parser *parser);
bool parse_accept(struct parser *parser, enum token_kind kind);
struct expr *parse_new(struct parser *parser, enum expr_kind kind, size_t at);
bool parse_add(struct parser *parser, struct expr *node, struct expr *arg);
/* Grows an array whose capacity is the next power of two. */
void *parse_room(struct arena *arena, void *array, size_t count, size_t size);
/* A whole expression inside brackets, arguments or predicates. */
struct expr *parse_inner(struct parser *parser);
/* The token after the next. */
enum token_kind parse_ahead(const struct parser *parser);

/* A path from the present token on; for EXPR_ROOT_NAME that is ${name}. */
struct expr *parse_path(struct parser *parser, enum expr_root root);
/* current()/… and instance('x')/… after their call has been read. */
struct expr *parse_rooted(struct parser *parser, struct expr *call);
/* What follows an expression: […] and /…; the expression itself if nothing. */
struct expr *parse_filter(struct parser *parser, struct expr *node);
/* node() and its like, which look like calls. */
bool parse_is_test(struct str name);

#endif
