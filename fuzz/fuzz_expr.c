/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An expression, parsed, its names listed, evaluated over a small form with
 * and without answers. */
#include "core/utf8.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct form_problems problems = {0};
    const struct value *tree = NULL;
    const struct expr *expr = NULL;
    struct expr_scope scope = {.now = 1795370400000, .utc_offset = -21600};
    struct err err = {0};
    struct arena arena;
    struct str *name;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    scope.arena = &arena;
    if (expr_parse(&arena, text, &expr, &err)) {
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
    }
    arena_release(&arena);
    return 0;
}
