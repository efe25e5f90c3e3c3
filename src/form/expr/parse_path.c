/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parse_path.c - paths: steps, axes, node tests, predicates.
 *
 * A path of names, . and .. can be tied to the questions of a form (bind.c)
 * and is answered from the answers as they are; any other is `general` and
 * walks a document tree (nodes.c).
 */
#include "form/expr/parse.h"

static struct expr_step *step_add(struct parser *parser, struct expr *path,
                                  struct expr_step step)
{
    struct expr_step *room;

    if (!path || parser->failed)
        return NULL;
    if (path->step_count >= EXPR_STEPS_MAX) {
        parse_fail(parser, path->place,
                   N_("La ruta que empieza en el carácter {1} es demasiado "
                      "larga."));
        return NULL;
    }
    room =
        parse_room(parser->arena, path->step, path->step_count, sizeof *room);
    if (!room) {
        parser->failed = true;
        return NULL;
    }
    path->step = room;
    room += path->step_count++;
    *room = step;
    if (step.kind == EXPR_STEP_AXIS || step.kind == EXPR_STEP_FILTER)
        path->general = true;
    return room;
}

static void step_simple(struct parser *parser, struct expr *path,
                        enum expr_step_kind kind, struct str name)
{
    static const enum expr_axis axis[] = {EXPR_AXIS_CHILD, EXPR_AXIS_SELF,
                                          EXPR_AXIS_PARENT, EXPR_AXIS_SELF,
                                          EXPR_AXIS_CHILD};

    step_add(parser, path,
             (struct expr_step){.kind = kind,
                                .axis = axis[kind],
                                .test = kind == EXPR_STEP_CHILD
                                            ? EXPR_TEST_NAME
                                            : EXPR_TEST_NODE,
                                .name = name});
}

static bool step_predicates(struct parser *parser, struct expr *path)
{
    while (!parser->failed && path && parse_accept(parser, TOKEN_OPEN_SQUARE)) {
        struct expr_step *step = &path->step[path->step_count - 1];
        struct expr *inner = parse_inner(parser);
        const struct expr **room;

        if (!inner)
            return false;
        room = parse_room(parser->arena, step->predicate, step->predicate_count,
                          sizeof *room);
        if (!room) {
            parser->failed = true;
            return false;
        }
        step->predicate = room;
        step->predicate[step->predicate_count++] = inner;
        if (step->predicate_count > 1)
            path->general = true; /* each counts what the one before left */
        path->predicates = true;
        if (path->height <= inner->height)
            path->height = inner->height + 1;
        if (!parse_accept(parser, TOKEN_CLOSE_SQUARE)) {
            parse_fail(parser, parser->token.at,
                       N_("Falta «]» en el carácter {1}."));
            return false;
        }
    }
    return !parser->failed;
}

static const struct test_name {
    const char *name;
    enum expr_test test;
} tests[] = {{"node", EXPR_TEST_NODE},
             {"text", EXPR_TEST_TEXT},
             {"comment", EXPR_TEST_COMMENT},
             {"processing-instruction", EXPR_TEST_INSTRUCTION}};

bool parse_is_test(struct str name)
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (str_equal_c(name, tests[i].name))
            return true;
    return false;
}

/* A name, *, or node() and its like, at the present token. */
static bool parse_test(struct parser *parser, struct expr_step *step)
{
    struct token token = parser->token;

    step->test = EXPR_TEST_NAME;
    if (parse_accept(parser, TOKEN_STAR))
        return true;
    if (token.kind != TOKEN_NAME) {
        parse_fail_here(parser);
        return false;
    }
    parse_advance(parser);
    step->name = token.text;
    if (parser->token.kind != TOKEN_OPEN)
        return !parser->failed;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (str_equal_c(token.text, tests[i].name)) {
            step->test = tests[i].test;
            step->name = STR_NULL;
            parse_advance(parser);
            if (step->test == EXPR_TEST_INSTRUCTION &&
                parser->token.kind == TOKEN_TEXT) {
                step->name = parser->token.text;
                parse_advance(parser);
            }
            if (parse_accept(parser, TOKEN_CLOSE))
                return true;
            break;
        }
    parse_fail_here(parser);
    return false;
}

static bool axis_of(struct str name, enum expr_axis *axis)
{
    static const char *const names[EXPR_AXIS_COUNT] = {"child",
                                                       "self",
                                                       "parent",
                                                       "attribute",
                                                       "descendant",
                                                       "descendant-or-self",
                                                       "ancestor",
                                                       "ancestor-or-self",
                                                       "following-sibling",
                                                       "preceding-sibling",
                                                       "following",
                                                       "preceding"};

    for (int i = 0; i < EXPR_AXIS_COUNT; i++)
        if (str_equal_c(name, names[i])) {
            *axis = (enum expr_axis)i;
            return true;
        }
    return false;
}

/* child::name, self::node() and parent::node() are the short forms. */
static bool step_named(struct parser *parser, struct expr *path,
                       struct expr_step step)
{
    bool node = step.test == EXPR_TEST_NODE;

    step.kind = EXPR_STEP_AXIS;
    if (step.axis == EXPR_AXIS_CHILD && step.test == EXPR_TEST_NAME &&
        step.name.size > 0 && !str_ends(step.name, STR("*")))
        step.kind = EXPR_STEP_CHILD;
    else if (step.axis == EXPR_AXIS_SELF && node)
        step.kind = EXPR_STEP_SELF;
    else if (step.axis == EXPR_AXIS_PARENT && node)
        step.kind = EXPR_STEP_PARENT;
    step_add(parser, path, step);
    return !parser->failed;
}

static bool parse_axis(struct parser *parser, struct expr *path)
{
    struct expr_step step = {.axis = EXPR_AXIS_CHILD};
    struct token name = parser->token;

    if (parse_accept(parser, TOKEN_AT)) {
        step.axis = EXPR_AXIS_ATTRIBUTE;
    } else if (name.kind == TOKEN_NAME && parse_ahead(parser) == TOKEN_AXIS) {
        if (!axis_of(name.text, &step.axis)) {
            parse_fail(parser, name.at,
                       N_("Esta parte de XPath no se admite (carácter {1}): "
                          "{2}"));
            return false;
        }
        parse_advance(parser);
        parse_advance(parser);
    }
    return parse_test(parser, &step) && step_named(parser, path, step);
}

static bool parse_step(struct parser *parser, struct expr *path)
{
    if (parse_accept(parser, TOKEN_DOT))
        step_simple(parser, path, EXPR_STEP_SELF, STR_NULL);
    else if (parse_accept(parser, TOKEN_DOUBLE_DOT))
        step_simple(parser, path, EXPR_STEP_PARENT, STR_NULL);
    else if (!parse_axis(parser, path))
        return false;
    return !parser->failed && step_predicates(parser, path);
}

/* // is /descendant-or-self::node()/ */
static void step_anywhere(struct parser *parser, struct expr *path)
{
    step_add(parser, path,
             (struct expr_step){.kind = EXPR_STEP_AXIS,
                                .axis = EXPR_AXIS_DESCENDANT_OR_SELF,
                                .test = EXPR_TEST_NODE});
}

static bool begins_step(enum token_kind kind)
{
    return kind == TOKEN_NAME || kind == TOKEN_STAR || kind == TOKEN_AT ||
           kind == TOKEN_DOT || kind == TOKEN_DOUBLE_DOT;
}

static struct expr *parse_steps(struct parser *parser, struct expr *path)
{
    while (!parser->failed && path) {
        if (parse_accept(parser, TOKEN_DOUBLE_SLASH))
            step_anywhere(parser, path);
        else if (!parse_accept(parser, TOKEN_SLASH))
            break;
        if (!parse_step(parser, path))
            return NULL;
    }
    return parser->failed ? NULL : path;
}

struct expr *parse_path(struct parser *parser, enum expr_root root)
{
    struct expr *path = parse_new(parser, EXPR_KIND_PATH, parser->token.at);

    if (!path)
        return NULL;
    path->root = root;
    if (root == EXPR_ROOT_NAME) {
        step_simple(parser, path, EXPR_STEP_CHILD, parser->token.text);
        parse_advance(parser);
        if (!step_predicates(parser, path))
            return NULL;
    } else if (root == EXPR_ROOT_CONTEXT) {
        if (!parse_step(parser, path))
            return NULL;
    } else if (parser->token.kind == TOKEN_SLASH &&
               !begins_step(parse_ahead(parser))) {
        parse_advance(parser); /* the document */
        path->general = true;
        return parser->failed ? NULL : path;
    }
    return parse_steps(parser, path);
}

/* instance('list')/root/item[…]/column, which needs no tree. */
static bool is_column_path(const struct expr *path)
{
    if (path->step_count != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (path->step[i].kind != EXPR_STEP_CHILD ||
            (i != 1 && path->step[i].predicate_count))
            return false;
    return str_equal_c(path->step[0].name, "root") &&
           str_equal_c(path->step[1].name, "item");
}

struct expr *parse_rooted(struct parser *parser, struct expr *call)
{
    struct expr *path = parse_new(parser, EXPR_KIND_PATH, call->place);

    if (!path)
        return NULL;
    if (str_equal_c(call->text, "current")) {
        path->root = EXPR_ROOT_CURRENT;
        step_simple(parser, path, EXPR_STEP_SELF, STR_NULL);
        return step_predicates(parser, path) ? parse_steps(parser, path) : NULL;
    }
    path->root = EXPR_ROOT_INSTANCE;
    if (call->arg_count != 1 || call->arg[0]->kind != EXPR_KIND_TEXT)
        return parse_fail(parser, call->place,
                          N_("En el carácter {1} escriba el nombre de la lista "
                             "entre comillas: instance('lista')."));
    path->text = call->arg[0]->text;
    path = parse_steps(parser, path);
    if (path && !is_column_path(path))
        path->general = true;
    return path;
}

struct expr *parse_filter(struct parser *parser, struct expr *node)
{
    struct expr *path;

    if (!node || (parser->token.kind != TOKEN_SLASH &&
                  parser->token.kind != TOKEN_DOUBLE_SLASH &&
                  parser->token.kind != TOKEN_OPEN_SQUARE))
        return node;
    path = parse_new(parser, EXPR_KIND_PATH, node->place);
    if (!parse_add(parser, path, node))
        return NULL;
    path->root = EXPR_ROOT_FILTER;
    step_simple(parser, path, EXPR_STEP_FILTER, STR_NULL);
    return step_predicates(parser, path) ? parse_steps(parser, path) : NULL;
}
