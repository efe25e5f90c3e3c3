/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lex.h - an expression cut into tokens. */
#ifndef COBIJO_EXPR_LEX_H
#define COBIJO_EXPR_LEX_H

#include "core/err.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,      /* text: what stands between the quotes */
    TOKEN_REFERENCE, /* text: the name in ${name} */
    TOKEN_NAME,      /* text; may hold - . : as in jr:choice-name, and
                        end in :* */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_SQUARE,
    TOKEN_CLOSE_SQUARE,
    TOKEN_COMMA,
    TOKEN_SLASH,
    TOKEN_DOUBLE_SLASH,
    TOKEN_DOT,
    TOKEN_DOUBLE_DOT,
    TOKEN_AXIS,     /* :: */
    TOKEN_STAR,     /* the wildcard */
    TOKEN_AT,       /* @ */
    TOKEN_OPERATOR, /* operation (enum expr_operator) */
    TOKEN_WRONG
};

struct token {
    enum token_kind kind;
    int operation;
    struct str text;
    double number;
    size_t at; /* byte where it begins */
};

struct lexer {
    struct str text;
    size_t at;
    bool operand; /* an operand has just ended: * is a product */
};

/* TOKEN_WRONG fills err. */
struct token lex_next(struct lexer *lexer, struct err *err);
/* err with {1} the 1-based character at byte at, {2} the text there. */
enum error lex_error(const struct lexer *lexer, size_t at, const char *msgid,
                     struct err *err);
size_t lex_place(struct str text, size_t at);

#endif
