/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parse.c - from tokens to the tree, by recursive descent.
 *
 * Knows XPath's grammar as far as forms use it and which functions exist; it
 * does not know any form: names are tied to questions later (bind.c). What of
 * XPath is not here (//, attributes, other axes, unions) is refused with a
 * message, never misread.
 */
#include "form/expr/lex.h"
#include "core/utf8.h"
#include "form/expr/regex.h"
#include "form/expr/tree.h"

struct parser {
    struct arena *arena;
    struct lexer lexer;
    struct token token; /* the one to be read next */
    struct err *err;
    int depth;
    bool failed;
};

static struct expr *parse_level(struct parser *parser, int level);

static struct expr *fail(struct parser *parser, size_t at, const char *msgid)
{
    if (!parser->failed)
        lex_error(&parser->lexer, at, msgid, parser->err);
    parser->failed = true;
    parser->token.kind = TOKEN_END;
    return NULL;
}

static struct expr *fail_here(struct parser *parser)
{
    if (parser->token.kind == TOKEN_END)
        return fail(parser, parser->token.at,
                    N_("La expresión está incompleta: falta algo en el "
                       "carácter {1}."));
    return fail(parser, parser->token.at,
                N_("La expresión no se entiende en el carácter {1}: {2}"));
}

static void advance(struct parser *parser)
{
    if (parser->failed)
        return;
    parser->token = lex_next(&parser->lexer, parser->err);
    if (parser->token.kind == TOKEN_WRONG) {
        parser->failed = true;
        parser->token.kind = TOKEN_END;
    }
}

static bool accept(struct parser *parser, enum token_kind kind)
{
    if (parser->failed || parser->token.kind != kind)
        return false;
    advance(parser);
    return true;
}

static struct expr *node_new(struct parser *parser, enum expr_kind kind,
                             size_t at)
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

/* Grows an array whose capacity is the next power of two. */
static void *room_for_one(struct arena *arena, void *array, size_t count,
                          size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    return arena_grow(arena, array, count * size,
                      (count ? count * 2 : 1) * size);
}

static bool node_add(struct parser *parser, struct expr *node, struct expr *arg)
{
    struct expr **room;

    if (!node || !arg) {
        parser->failed = true;
        return false;
    }
    room = room_for_one(parser->arena, node->arg, node->arg_count,
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
        fail(parser, node->place,
             N_("La expresión tiene demasiados niveles en el carácter {1}."));
        return false;
    }
    return true;
}

static bool enter(struct parser *parser)
{
    if (++parser->depth <= EXPR_DEPTH_MAX)
        return true;
    fail(parser, parser->token.at,
         N_("La expresión tiene demasiados niveles en el carácter {1}."));
    return false;
}

/* A whole expression inside brackets, arguments or predicates. */
static struct expr *parse_inner(struct parser *parser)
{
    struct expr *node;

    if (!enter(parser))
        return NULL;
    node = parse_level(parser, 0);
    parser->depth--;
    return node;
}

static struct expr_step *step_add(struct parser *parser, struct expr *path,
                                  enum expr_step_kind kind, struct str name)
{
    struct expr_step *room;

    if (!path)
        return NULL;
    if (path->step_count >= EXPR_STEPS_MAX) {
        fail(parser, path->place,
             N_("La ruta que empieza en el carácter {1} es demasiado larga."));
        return NULL;
    }
    room = room_for_one(parser->arena, path->step, path->step_count,
                        sizeof(struct expr_step));
    if (!room) {
        parser->failed = true;
        return NULL;
    }
    path->step = room;
    room += path->step_count++;
    *room = (struct expr_step){.kind = kind, .name = name};
    return room;
}

static bool step_predicates(struct parser *parser, struct expr *path)
{
    while (!parser->failed && path && accept(parser, TOKEN_OPEN_SQUARE)) {
        struct expr_step *step = &path->step[path->step_count - 1];
        struct expr *inner = parse_inner(parser);
        const struct expr **room;

        if (!inner)
            return false;
        room = room_for_one(parser->arena, step->predicate,
                            step->predicate_count, sizeof *room);
        if (!room) {
            parser->failed = true;
            return false;
        }
        step->predicate = room;
        step->predicate[step->predicate_count++] = inner;
        path->predicates = true;
        if (path->height <= inner->height)
            path->height = inner->height + 1;
        if (!accept(parser, TOKEN_CLOSE_SQUARE)) {
            fail(parser, parser->token.at, N_("Falta «]» en el carácter {1}."));
            return false;
        }
    }
    return !parser->failed;
}

/* self::node(), parent::node(), child::name */
static bool parse_axis(struct parser *parser, struct expr *path,
                       struct token axis)
{
    struct token test = parser->token;
    bool any;

    if (test.kind != TOKEN_NAME && test.kind != TOKEN_STAR) {
        fail_here(parser);
        return false;
    }
    advance(parser);
    any = test.kind == TOKEN_STAR || str_equal_c(test.text, "node");
    if (str_equal_c(test.text, "node") &&
        (!accept(parser, TOKEN_OPEN) || !accept(parser, TOKEN_CLOSE))) {
        fail_here(parser);
        return false;
    }
    if (str_equal_c(axis.text, "self") && any)
        step_add(parser, path, EXPR_STEP_SELF, STR_NULL);
    else if (str_equal_c(axis.text, "parent") && any)
        step_add(parser, path, EXPR_STEP_PARENT, STR_NULL);
    else if (str_equal_c(axis.text, "child"))
        step_add(parser, path, any ? EXPR_STEP_ANY : EXPR_STEP_CHILD,
                 any ? STR_NULL : test.text);
    else
        fail(parser, axis.at,
             N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
    return !parser->failed;
}

static bool parse_step(struct parser *parser, struct expr *path)
{
    struct token token = parser->token;

    if (accept(parser, TOKEN_DOT))
        step_add(parser, path, EXPR_STEP_SELF, STR_NULL);
    else if (accept(parser, TOKEN_DOUBLE_DOT))
        step_add(parser, path, EXPR_STEP_PARENT, STR_NULL);
    else if (accept(parser, TOKEN_STAR))
        step_add(parser, path, EXPR_STEP_ANY, STR_NULL);
    else if (accept(parser, TOKEN_NAME)) {
        if (accept(parser, TOKEN_AXIS)) {
            if (!parse_axis(parser, path, token))
                return false;
        } else if (parser->token.kind == TOKEN_OPEN) {
            fail(parser, token.at,
                 N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
        } else {
            step_add(parser, path, EXPR_STEP_CHILD, token.text);
        }
    } else {
        fail_here(parser);
    }
    return !parser->failed && step_predicates(parser, path);
}

static struct expr *parse_steps(struct parser *parser, struct expr *path)
{
    while (!parser->failed && accept(parser, TOKEN_SLASH))
        if (!parse_step(parser, path))
            return NULL;
    if (parser->token.kind == TOKEN_DOUBLE_SLASH)
        fail(parser, parser->token.at,
             N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
    return parser->failed ? NULL : path;
}

static struct expr *parse_path(struct parser *parser, enum expr_root root)
{
    struct expr *path = node_new(parser, EXPR_KIND_PATH, parser->token.at);

    if (!path)
        return NULL;
    path->root = root;
    if (root == EXPR_ROOT_NAME) {
        step_add(parser, path, EXPR_STEP_CHILD, parser->token.text);
        advance(parser);
        if (!step_predicates(parser, path))
            return NULL;
    } else if (root == EXPR_ROOT_CONTEXT) {
        if (!parse_step(parser, path))
            return NULL;
    }
    return parse_steps(parser, path);
}

/* The second argument of jr:choice-name is a path written as a text. */
static bool parse_choice_path(struct parser *parser, struct expr *call)
{
    struct expr *literal = call->arg[1];
    struct parser inner = {.arena = parser->arena, .err = parser->err};
    struct expr *path;

    if (literal->kind == EXPR_KIND_PATH)
        return true;
    if (literal->kind == EXPR_KIND_TEXT) {
        inner.lexer.text = literal->text;
        inner.depth = parser->depth;
        advance(&inner);
        path = parse_inner(&inner);
        if (path && !inner.failed && inner.token.kind == TOKEN_END &&
            path->kind == EXPR_KIND_PATH) {
            path->place = literal->place;
            call->arg[1] = path;
            return true;
        }
    }
    fail(parser, call->place,
         N_("En el carácter {1}, jr:choice-name necesita una respuesta y el "
            "nombre de su pregunta entre comillas: "
            "jr:choice-name(${sexo}, '${sexo}')."));
    return false;
}

static bool check_call(struct parser *parser, struct expr *call)
{
    const struct expr_function *function = call->function;
    int count = (int)call->arg_count;

    if (count < function->min ||
        (function->max >= 0 && count > function->max)) {
        fail(parser, call->place,
             N_("La función del carácter {1} recibe más o menos datos de los "
                "que necesita: {2}"));
        return false;
    }
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

/* current()/.. and instance('list')/root/item begin paths. */
static struct expr *parse_rooted(struct parser *parser, struct expr *call)
{
    struct expr *path = node_new(parser, EXPR_KIND_PATH, call->place);

    if (!path)
        return NULL;
    if (str_equal_c(call->text, "current")) {
        path->root = EXPR_ROOT_CURRENT;
        step_add(parser, path, EXPR_STEP_SELF, STR_NULL);
        return parse_steps(parser, path);
    }
    path->root = EXPR_ROOT_INSTANCE;
    if (call->arg_count != 1 || call->arg[0]->kind != EXPR_KIND_TEXT)
        return fail(parser, call->place,
                    N_("En el carácter {1} escriba el nombre de la lista "
                       "entre comillas: instance('lista')."));
    path->text = call->arg[0]->text;
    path = parse_steps(parser, path);
    if (path && (path->step_count < 3 || path->step_count > 3))
        return fail(parser, call->place,
                    N_("En el carácter {1} escriba la ruta completa: "
                       "instance('lista')/root/item[…]/columna."));
    return path;
}

static struct expr *parse_call(struct parser *parser, struct token name)
{
    struct expr *call = node_new(parser, EXPR_KIND_CALL, name.at);
    bool instance = str_equal_c(name.text, "instance");

    if (!call)
        return NULL;
    call->text = name.text;
    call->function = expr_function_find(name.text);
    if (!call->function && !instance)
        return fail(parser, name.at,
                    N_("No existe la función del carácter {1}: {2}"));
    advance(parser); /* ( */
    if (parser->token.kind != TOKEN_CLOSE) {
        do {
            if (!node_add(parser, call, parse_inner(parser)))
                return NULL;
        } while (accept(parser, TOKEN_COMMA));
    }
    if (!accept(parser, TOKEN_CLOSE))
        return fail(parser, parser->token.at,
                    N_("Falta «)» en el carácter {1}."));
    if (!instance && !check_call(parser, call))
        return NULL;
    if (instance || call->function->id == EXPR_FUNCTION_current)
        return parse_rooted(parser, call);
    return call;
}

static struct expr *parse_name(struct parser *parser)
{
    struct lexer lexer = parser->lexer;
    struct token name = parser->token, after;
    struct err ignored = {0};

    after = lex_next(&lexer, &ignored);
    if (after.kind != TOKEN_OPEN)
        return parse_path(parser, EXPR_ROOT_CONTEXT);
    advance(parser);
    return parse_call(parser, name);
}

static struct expr *parse_group(struct parser *parser)
{
    struct expr *node;

    advance(parser);
    node = parse_inner(parser);
    if (!node)
        return NULL;
    if (!accept(parser, TOKEN_CLOSE))
        return fail(parser, parser->token.at,
                    N_("Falta «)» en el carácter {1}."));
    return node;
}

static struct expr *parse_literal(struct parser *parser, enum expr_kind kind)
{
    struct expr *node = node_new(parser, kind, parser->token.at);

    if (!node)
        return NULL;
    node->text = parser->token.text;
    node->number = parser->token.number;
    advance(parser);
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
        node = parse_group(parser);
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
        node = parse_path(parser, EXPR_ROOT_CONTEXT);
        break;
    case TOKEN_SLASH:
        node = parse_path(parser, EXPR_ROOT_DOCUMENT);
        break;
    case TOKEN_DOUBLE_SLASH:
        return fail(parser, parser->token.at,
                    N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
    case TOKEN_END:
    case TOKEN_CLOSE:
    case TOKEN_OPEN_SQUARE:
    case TOKEN_CLOSE_SQUARE:
    case TOKEN_COMMA:
    case TOKEN_AXIS:
    case TOKEN_OPERATOR:
    case TOKEN_WRONG:
        return fail_here(parser);
    }
    if (node && (parser->token.kind == TOKEN_SLASH ||
                 parser->token.kind == TOKEN_OPEN_SQUARE))
        return fail(parser, parser->token.at,
                    N_("Esta parte de XPath no se admite (carácter {1}): {2}"));
    return node;
}

static struct expr *parse_unary(struct parser *parser)
{
    struct expr *node;
    size_t at = parser->token.at;

    if (parser->token.kind != TOKEN_OPERATOR ||
        parser->token.operation != EXPR_SUBTRACT)
        return parse_primary(parser);
    advance(parser);
    if (!enter(parser))
        return NULL;
    node = node_new(parser, EXPR_KIND_OPERATOR, at);
    if (node) {
        node->operation = EXPR_NEGATE;
        if (!node_add(parser, node, parse_unary(parser)))
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
        advance(parser);
        right = parse_level(parser, own + 1);
        if (!right)
            return NULL;
        if (left->kind != EXPR_KIND_OPERATOR ||
            !operator_chains(token.operation) ||
            (int)left->operation != token.operation) {
            node = node_new(parser, EXPR_KIND_OPERATOR, token.at);
            if (!node)
                return NULL;
            node->operation = (enum expr_operator)token.operation;
            if (!node_add(parser, node, left))
                return NULL;
        }
        if (!node_add(parser, node, right))
            return NULL;
        left = node;
    }
    return parser->failed ? NULL : left;
}

enum error expr_parse_tree(struct arena *arena, struct str text,
                           struct expr **expr, struct err *err)
{
    struct parser parser = {.arena = arena, .err = err};
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
    advance(&parser);
    root = parser.failed ? NULL : parse_inner(&parser);
    if (root && parser.token.kind != TOKEN_END)
        root = fail_here(&parser);
    if (arena_failed(arena))
        return err_memory(err);
    if (!root || parser.failed)
        return err && err->code ? err->code : ERROR_SYNTAX;
    *expr = root;
    return ERROR_NONE;
}

enum error expr_parse(struct arena *arena, struct str text,
                      const struct expr **expr, struct err *err)
{
    struct expr *tree = NULL;
    enum error error = expr_parse_tree(arena, text, &tree, err);

    if (!error)
        *expr = tree;
    return error;
}
