/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parse.c - from tokens to the tree, by recursive descent.
 *
 * Knows XPath's grammar and which functions exist; it does not know any form:
 * names are tied to questions later (bind.c). What of XPath is not here
 * (variables, the namespace axis) is refused with a message, never misread.
 */
#include "form/expr/parse.h"

#include "core/utf8.h"
#include "form/expr/regex.h"

static struct expr *parse_level(struct parser *parser, int level);

struct expr *parse_fail(struct parser *parser, size_t at, const char *msgid)
{
    if (!parser->failed)
        lex_error(&parser->lexer, at, msgid, parser->err);
    parser->failed = true;
    parser->token.kind = TOKEN_END;
    return NULL;
}

struct expr *parse_fail_here(struct parser *parser)
{
    if (parser->token.kind == TOKEN_END)
        return parse_fail(parser, parser->token.at,
                          N_("La expresión está incompleta: falta algo en el "
                             "carácter {1}."));
    return parse_fail(
        parser, parser->token.at,
        N_("La expresión no se entiende en el carácter {1}: {2}"));
}

void parse_advance(struct parser *parser)
{
    if (parser->failed)
        return;
    parser->token = lex_next(&parser->lexer, parser->err);
    if (parser->token.kind == TOKEN_WRONG) {
        parser->failed = true;
        parser->token.kind = TOKEN_END;
    }
}

bool parse_accept(struct parser *parser, enum token_kind kind)
{
    if (parser->failed || parser->token.kind != kind)
        return false;
    parse_advance(parser);
    return true;
}

struct expr *parse_new(struct parser *parser, enum expr_kind kind, size_t at)
{
    struct expr *node = ARENA_NEW(parser->arena, struct expr);

    if (!node) {
        parser->failed = true;
        return NULL;
    }
    node->kind = kind;
    node->height = 1;
    node->place = at;
    return node;
}

void *parse_room(struct arena *arena, void *array, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    return arena_grow(arena, array, count * size,
                      (count ? count * 2 : 1) * size);
}

bool parse_add(struct parser *parser, struct expr *node, struct expr *arg)
{
    struct expr **room;

    if (!node || !arg) {
        parser->failed = true;
        return false;
    }
    room = parse_room(parser->arena, node->arg, node->arg_count,
                      sizeof(struct expr *));
    if (!room) {
        parser->failed = true;
        return false;
    }
    node->arg = room;
    node->arg[node->arg_count++] = arg;
    if (node->height <= arg->height)
        node->height = arg->height + 1;
    if (node->height > EXPR_DEPTH_MAX) {
        parse_fail(
            parser, node->place,
            N_("La expresión tiene demasiados niveles en el carácter {1}."));
        return false;
    }
    return true;
}

static bool enter(struct parser *parser)
{
    if (++parser->depth <= EXPR_DEPTH_MAX)
        return true;
    parse_fail(parser, parser->token.at,
               N_("La expresión tiene demasiados niveles en el carácter {1}."));
    return false;
}

struct expr *parse_inner(struct parser *parser)
{
    struct expr *node;

    if (!enter(parser))
        return NULL;
    node = parse_level(parser, 0);
    parser->depth--;
    return node;
}

/* The second argument of jr:choice-name is a path written as a text. */
static bool parse_choice_path(struct parser *parser, struct expr *call)
{
    struct expr *literal = call->arg[1];
    struct parser inner = {
        .arena = parser->arena, .err = parser->err, .late = parser->late};
    struct expr *path;

    if (literal->kind == EXPR_KIND_PATH)
        return true;
    if (literal->kind == EXPR_KIND_TEXT) {
        inner.lexer.text = literal->text;
        inner.depth = parser->depth;
        parse_advance(&inner);
        path = parse_inner(&inner);
        if (path && !inner.failed && inner.token.kind == TOKEN_END &&
            path->kind == EXPR_KIND_PATH) {
            path->place = literal->place;
            call->arg[1] = path;
            return true;
        }
    }
    parse_fail(
        parser, call->place,
        N_("En el carácter {1}, jr:choice-name necesita una respuesta y el "
           "nombre de su pregunta entre comillas: "
           "jr:choice-name(${sexo}, '${sexo}')."));
    return false;
}

/* A function that cannot be called: said now, or where it is evaluated. */
static bool refuse_call(struct parser *parser, struct expr *call,
                        const char *msgid)
{
    if (!parser->late) {
        parse_fail(parser, call->place, msgid);
        return false;
    }
    call->function = NULL;
    call->refused = msgid;
    return true;
}

static bool check_call(struct parser *parser, struct expr *call)
{
    const struct expr_function *function = call->function;
    int count = (int)call->arg_count;

    if (!function)
        return refuse_call(parser, call,
                           N_("No existe la función del carácter {1}: {2}"));
    if (count < function->min || (function->max >= 0 && count > function->max))
        return refuse_call(parser, call,
                           N_("La función del carácter {1} recibe más o menos "
                              "datos de los que necesita: {2}"));
    if (function->id == EXPR_FUNCTION_choice_name)
        return parse_choice_path(parser, call);
    if (function->id == EXPR_FUNCTION_regex &&
        call->arg[1]->kind == EXPR_KIND_TEXT &&
        regex_compile(parser->arena, call->arg[1]->text, &call->regex,
                      parser->err)) {
        parser->failed = true;
        return false;
    }
    return true;
}

static struct expr *parse_call(struct parser *parser)
{
    struct token name = parser->token;
    struct expr *call = parse_new(parser, EXPR_KIND_CALL, name.at);
    bool rooted =
        str_equal_c(name.text, "instance") || str_equal_c(name.text, "current");

    if (!call)
        return NULL;
    call->text = name.text;
    call->function = expr_function_find(name.text);
    if (!call->function && !parser->late && !rooted)
        return parse_fail(parser, name.at,
                          N_("No existe la función del carácter {1}: {2}"));
    parse_advance(parser);
    parse_advance(parser); /* ( */
    if (parser->token.kind != TOKEN_CLOSE) {
        do {
            if (!parse_add(parser, call, parse_inner(parser)))
                return NULL;
        } while (parse_accept(parser, TOKEN_COMMA));
    }
    if (!parse_accept(parser, TOKEN_CLOSE))
        return parse_fail(parser, parser->token.at,
                          N_("Falta «)» en el carácter {1}."));
    if (rooted)
        return parse_rooted(parser, call);
    return check_call(parser, call) ? call : NULL;
}

enum token_kind parse_ahead(const struct parser *parser)
{
    struct lexer lexer = parser->lexer;
    struct err ignored = {0};

    return lex_next(&lexer, &ignored).kind;
}

static struct expr *parse_name(struct parser *parser)
{
    if (parse_ahead(parser) != TOKEN_OPEN || parse_is_test(parser->token.text))
        return parse_path(parser, EXPR_ROOT_CONTEXT);
    return parse_filter(parser, parse_call(parser));
}

static struct expr *parse_group(struct parser *parser)
{
    struct expr *node;

    parse_advance(parser);
    node = parse_inner(parser);
    if (!node)
        return NULL;
    if (!parse_accept(parser, TOKEN_CLOSE))
        return parse_fail(parser, parser->token.at,
                          N_("Falta «)» en el carácter {1}."));
    return node;
}

static struct expr *parse_literal(struct parser *parser, enum expr_kind kind)
{
    struct expr *node = parse_new(parser, kind, parser->token.at);

    if (!node)
        return NULL;
    node->text = parser->token.text;
    node->number = parser->token.number;
    parse_advance(parser);
    return node;
}

static struct expr *parse_primary(struct parser *parser)
{
    struct expr *node = NULL;

    switch (parser->token.kind) {
    case TOKEN_NUMBER:
        node = parse_literal(parser, EXPR_KIND_NUMBER);
        break;
    case TOKEN_TEXT:
        node = parse_literal(parser, EXPR_KIND_TEXT);
        break;
    case TOKEN_OPEN:
        node = parse_filter(parser, parse_group(parser));
        break;
    case TOKEN_NAME:
        node = parse_name(parser);
        break;
    case TOKEN_REFERENCE:
        node = parse_path(parser, EXPR_ROOT_NAME);
        break;
    case TOKEN_DOT:
    case TOKEN_DOUBLE_DOT:
    case TOKEN_STAR:
    case TOKEN_AT:
        node = parse_path(parser, EXPR_ROOT_CONTEXT);
        break;
    case TOKEN_SLASH:
    case TOKEN_DOUBLE_SLASH:
        node = parse_path(parser, EXPR_ROOT_DOCUMENT);
        break;
    case TOKEN_END:
    case TOKEN_CLOSE:
    case TOKEN_OPEN_SQUARE:
    case TOKEN_CLOSE_SQUARE:
    case TOKEN_COMMA:
    case TOKEN_AXIS:
    case TOKEN_OPERATOR:
    case TOKEN_WRONG:
        return parse_fail_here(parser);
    }
    if (node && (parser->token.kind == TOKEN_SLASH ||
                 parser->token.kind == TOKEN_OPEN_SQUARE))
        return parse_fail(
            parser, parser->token.at,
            N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
    return node;
}

static struct expr *parse_union(struct parser *parser)
{
    struct expr *node = parse_primary(parser);

    while (node && !parser->failed && parser->token.kind == TOKEN_OPERATOR &&
           parser->token.operation == EXPR_UNION) {
        struct expr *both = parse_new(parser, EXPR_KIND_OPERATOR, node->place);

        parse_advance(parser);
        if (!both || !parse_add(parser, both, node) ||
            !parse_add(parser, both, parse_primary(parser)))
            return NULL;
        both->operation = EXPR_UNION;
        node = both;
    }
    return node;
}

static struct expr *parse_unary(struct parser *parser)
{
    struct expr *node;
    size_t at = parser->token.at;

    if (parser->token.kind != TOKEN_OPERATOR ||
        parser->token.operation != EXPR_SUBTRACT)
        return parse_union(parser);
    parse_advance(parser);
    if (!enter(parser))
        return NULL;
    node = parse_new(parser, EXPR_KIND_OPERATOR, at);
    if (node) {
        node->operation = EXPR_NEGATE;
        if (!parse_add(parser, node, parse_unary(parser)))
            node = NULL;
    }
    parser->depth--;
    return node;
}

enum { LEVEL_UNARY = 6 };

static int operator_level(int operation)
{
    switch ((enum expr_operator)operation) {
    case EXPR_OR:
        return 0;
    case EXPR_AND:
        return 1;
    case EXPR_EQUAL:
    case EXPR_NOT_EQUAL:
        return 2;
    case EXPR_LESS:
    case EXPR_LESS_EQUAL:
    case EXPR_GREATER:
    case EXPR_GREATER_EQUAL:
        return 3;
    case EXPR_ADD:
    case EXPR_SUBTRACT:
        return 4;
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
    case EXPR_MODULO:
        return 5;
    case EXPR_NEGATE:
    case EXPR_UNION:
        break;
    }
    return LEVEL_UNARY;
}

static bool operator_chains(int operation)
{
    return operation == EXPR_OR || operation == EXPR_AND ||
           operation == EXPR_ADD;
}

static struct expr *parse_level(struct parser *parser, int level)
{
    struct expr *left = parse_unary(parser);

    while (left && !parser->failed && parser->token.kind == TOKEN_OPERATOR) {
        struct token token = parser->token;
        int own = operator_level(token.operation);
        struct expr *right, *node = left;

        if (own < level)
            break;
        parse_advance(parser);
        right = parse_level(parser, own + 1);
        if (!right)
            return NULL;
        if (left->kind != EXPR_KIND_OPERATOR ||
            !operator_chains(token.operation) ||
            (int)left->operation != token.operation) {
            node = parse_new(parser, EXPR_KIND_OPERATOR, token.at);
            if (!node)
                return NULL;
            node->operation = (enum expr_operator)token.operation;
            if (!parse_add(parser, node, left))
                return NULL;
        }
        if (!parse_add(parser, node, right))
            return NULL;
        left = node;
    }
    return parser->failed ? NULL : left;
}

static enum error parse_all(struct arena *arena, struct str text, bool late,
                            struct expr **expr, struct err *err)
{
    struct parser parser = {.arena = arena, .err = err, .late = late};
    struct expr *root;

    if (text.size > EXPR_SIZE_MAX)
        return err_set(err, ERROR_SYNTAX,
                       N_("La expresión es demasiado larga."), NULL, NULL,
                       NULL);
    if (utf8_invalid(text) != SIZE_MAX)
        return err_set(err, ERROR_SYNTAX,
                       N_("La expresión no es texto UTF-8 válido."), NULL, NULL,
                       NULL);
    parser.lexer.text = text;
    parse_advance(&parser);
    root = parser.failed ? NULL : parse_inner(&parser);
    if (root && parser.token.kind != TOKEN_END)
        root = parse_fail_here(&parser);
    if (arena_failed(arena))
        return err_memory(err);
    if (!root || parser.failed)
        return err && err->code ? err->code : ERROR_SYNTAX;
    root->source = text;
    *expr = root;
    return ERROR_NONE;
}

enum error expr_parse_plain(struct arena *arena, struct str text,
                            struct expr **expr, struct err *err)
{
    return parse_all(arena, text, false, expr, err);
}

enum error expr_parse_late(struct arena *arena, struct str text,
                           struct expr **expr, struct err *err)
{
    return parse_all(arena, text, true, expr, err);
}
