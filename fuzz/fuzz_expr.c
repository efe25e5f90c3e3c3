/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An expression, parsed, its names listed, evaluated over a small form with
 * and without answers and over a document, and told in SQL. */
#include "core/utf8.h"
#include "form/expr/node.h"
#include "form/expr/sql.h"
#include "form/expr/tree.h"
#include "form/xlsform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char survey[] =
    "survey,,,\n,type,name,label\n,text,a,A\n,integer,b,B\n"
    ",select_multiple l,c,C\n,date,d,D\n,begin_repeat,r,R\n,text,x,X\n"
    ",begin_repeat,s,S\n,text,y,Y\n,end_repeat,,\n,end_repeat,,\n"
    "choices,,,,\n,list_name,name,label,col\n,l,p,P,1\n,l,q,Q,2\n"
    "settings,\n,form_id\n,f\n";

static const char answers[] =
    "{\"a\":\"text\",\"b\":\"3\",\"c\":\"p q\",\"d\":\"2026-11\","
    "\"r\":[{\"x\":\"1\",\"s\":[{\"y\":\"2\"},{\"y\":\"\"}]},{\"x\":\"4\"}]}";

static void evaluate(const struct expr *expr, struct expr_scope *scope)
{
    struct expr_result result = {0};
    struct err err = {0};

    if (expr_eval(expr, scope, &result, &err)) {
        if (!err.code)
            abort();
        return;
    }
    if (utf8_invalid(expr_to_text(&result, scope->arena)) != SIZE_MAX &&
        !arena_failed(scope->arena))
        abort();
    expr_to_number(&result);
    expr_to_bool(&result);
}

/* <data id="d"><a>1</a><r n="1"><x>2</x>…</r>…<!-- c --></data> */
static const struct node *document(struct arena *arena)
{
    struct node_builder builder = {.arena = arena};
    struct node *top =
        node_add(&builder, NULL, NODE_DOCUMENT, STR_NULL, STR_NULL);
    struct node *data =
        node_add(&builder, top, NODE_ELEMENT, STR("data"), STR_NULL);

    if (!data)
        return NULL;
    node_add(&builder, data, NODE_ATTRIBUTE, STR("id"), STR("d"));
    node_add_text(&builder, data, STR("a"), STR("1"));
    for (int i = 0; i < 3; i++) {
        struct node *row =
            node_add(&builder, data, NODE_ELEMENT, STR("r"), STR_NULL);

        if (!row)
            return top;
        node_add(&builder, row, NODE_ATTRIBUTE, STR("n"), STR("1"));
        node_add_text(&builder, row, STR("x"), STR("2"));
        node_add_text(&builder, row, STR("p:y"), STR("2026-11-22"));
        node_add(&builder, row, NODE_TEXT, STR_NULL, STR(" tail "));
    }
    node_add(&builder, data, NODE_COMMENT, STR_NULL, STR("c"));
    node_add(&builder, data, NODE_INSTRUCTION, STR("t"), STR("i"));
    return top;
}

static void on_used(void *context, const struct question *question)
{
    const struct form *form = context;

    if (form->question[question->index] != question)
        abort();
}

static void translate(struct expr *expr, const struct form *form,
                      struct arena *arena)
{
    struct expr_binding binding = {
        .form = form, .context = (void *)(uintptr_t)form, .used = on_used};

    expr_bind(expr, &binding);
    expr_uses(expr, &binding);
    for (int dialect = 0; dialect < 2; dialect++) {
        struct sql_options options = {.dialect = (enum sql_dialect)dialect,
                                      .form = form,
                                      .now = 1795370400000};
        struct expr_sql sql = {0};
        struct err err = {0};

        if (expr_to_sql(expr, &options, arena, &sql, &err)) {
            if (!err.code)
                abort();
        } else if (sql.text.size == 0 || sql.text.size > 2 * SQL_SIZE_MAX) {
            abort();
        }
    }
}

/* As cobijo form eval does. */
static void over_document(struct str text, struct arena *arena)
{
    struct expr_scope scope = {
        .arena = arena, .now = 1795370400000, .document = document(arena)};
    struct expr *expr = NULL;
    struct err err = {0};

    if (expr_parse_late(arena, text, &expr, &err)) {
        if (!err.code || !err.message)
            abort();
        return;
    }
    evaluate(expr, &scope);
    scope.place =
        scope.document ? node_top(scope.document)->last->previous : NULL;
    evaluate(expr, &scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct form_problems problems = {0};
    const struct value *tree = NULL;
    struct expr *expr = NULL;
    struct expr_scope scope = {.now = 1795370400000, .utc_offset = -21600};
    struct err err = {0};
    struct arena arena;
    struct str *name;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    scope.arena = &arena;
    over_document(text, &arena);
    if (expr_parse_tree(&arena, text, &expr, &err)) {
        if (!err.code || !err.message)
            abort();
        arena_release(&arena);
        return 0;
    }
    expr_references(expr, &arena, &name);
    evaluate(expr, &scope);
    scope.form = xlsform_read(&arena, str_of(survey), NULL, &problems);
    value_parse(&arena, str_of(answers), &tree, &err);
    scope.answers = tree;
    evaluate(expr, &scope);
    if (scope.form) {
        scope.node = form_find_name(scope.form, NULL, STR("x"));
        scope.row = value_at(value_get(tree, "r"), 0);
        scope.position = 1;
        evaluate(expr, &scope);
        translate(expr, scope.form, &arena);
    }
    arena_release(&arena);
    return 0;
}
