/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Value trees and JSON. */
#include "core/value.h"

#include <math.h>

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *write_json(struct arena *arena, const struct value *value)
{
    struct buf out;

    buf_init(&out, arena);
    value_write(value, &out);
    return str_c(arena, buf_str(&out));
}

static void check_build(struct tap *tap, struct arena *arena)
{
    struct value *object = value_object(arena), *list = value_list(arena);

    value_put_int(object, arena, "edad", 33);
    value_put_text(object, arena, "nombre", "Ana");
    value_put_bool(object, arena, "activo", true);
    value_put(object, arena, "nada", NULL);
    value_put(object, arena, "lista", list);
    value_add(list, arena, value_number(arena, 2.5));
    value_add(list, arena, NULL);
    value_put_int(object, arena, "edad", 34);
    tap_is(tap, write_json(arena, object),
           "{\"edad\":34,\"nombre\":\"Ana\",\"activo\":true,\"nada\":null,"
           "\"lista\":[2.5,null]}",
           "order of insertion, second value wins");
    tap_ok(tap, value_remove(object, STR("nombre")), "remove");
    tap_ok(tap, !value_remove(object, STR("nombre")), "once");
    tap_is_int(tap, (long long)value_count(object), 4, "count");
    tap_is(tap, str_c(arena, value_name_at(object, 1)), "activo", "name at");
    tap_is(tap, write_json(arena, value_copy(object, arena)),
           write_json(arena, object), "copy");
    tap_ok(tap, value_equal(value_copy(object, arena), object), "equal");
    value_put_int(value_get_mutable(object, "lista"), arena, "x", 1);
    tap_is_int(tap, (long long)value_count(list), 2, "a list has no members");
}

static void check_nothing(struct tap *tap, struct arena *arena)
{
    struct value *text = value_string(arena, STR("5"));

    value_set(NULL, arena, STR("x"), text);
    value_add(NULL, arena, text);
    tap_ok(tap, !value_get(NULL, "x") && !value_get(text, "x"), "no members");
    tap_ok(tap, !value_at(NULL, 0) && !value_at(text, 0), "no items");
    tap_is_int(tap, value_to_int(text, -1), -1, "text is not a number");
    tap_ok(tap, value_to_bool(NULL, true), "fallback");
    tap_ok(tap, str_is_null(value_text(value_int(arena, 1))),
           "a number is not text");
    tap_ok(tap, str_is_null(value_name_at(text, 0)), "no names");
    tap_is_int(tap, value_type(NULL), VALUE_NULL, "NULL is null");
    tap_is(tap, write_json(arena, NULL), "null", "NULL written");
    tap_ok(tap, value_equal(NULL, value_null(arena)), "NULL equals null");
    tap_is(tap, str_c(arena, value_as_text(value_int(arena, -3), arena)), "-3",
           "scalar as text");
    tap_is(tap, str_c(arena, value_as_text(value_bool(arena, 0), arena)),
           "false", "boolean as text");
    tap_is(tap, write_json(arena, value_number(arena, INFINITY)), "null",
           "no infinity in JSON");
}

static void check_many(struct tap *tap, struct arena *arena)
{
    struct value *object = value_object(arena);
    bool found = true;

    for (int i = 0; i < 5000; i++)
        value_set(object, arena, str_format(arena, "m%d", i),
                  value_int(arena, i));
    for (int i = 0; i < 5000; i++)
        value_set(object, arena, str_format(arena, "m%d", i),
                  value_int(arena, i + 1));
    tap_is_int(tap, (long long)value_count(object), 5000, "5000 members");
    tap_ok(tap, value_remove(object, STR("m77")), "remove among many");
    for (int i = 0; i < 5000; i++)
        found = found &&
                value_to_int(value_get_str(object, str_format(arena, "m%d", i)),
                             -1) == (i == 77 ? -1 : i + 1);
    tap_ok(tap, found, "all found with the index");
    tap_is(tap, str_c(arena, value_name_at(object, 77)), "m78", "order kept");
}

static void check_parse(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *json, *want; /* want NULL: refused */
    } cases[] = {
        {"null", "null"},
        {" [ ] ", "[]"},
        {"{}", "{}"},
        {"\xef\xbb\xbf[1]", "[1]"},
        {"[1,-2,3.0,1e2,0.5]", "[1,-2,3,100,0.5]"},
        {"9223372036854775807", "9223372036854775807"},
        {"12345678901234567890", "1.2345678901234567e+19"},
        {"{\"a\":1,\"b\":{\"c\":[true,false]},\"a\":2}",
         "{\"a\":2,\"b\":{\"c\":[true,false]}}"},
        {"\"\\u00f1\\ud834\\udd1e\\n\\/\\\"\"", "\"ñ𝄞\\n/\\\"\""},
        {"\"\"", "\"\""},
        {"", NULL},
        {"[1,]", NULL},
        {"[1 2]", NULL},
        {"{\"a\" 1}", NULL},
        {"{\"a\":1,}", NULL},
        {"{a:1}", NULL},
        {"[1]x", NULL},
        {"01", NULL},
        {"-", NULL},
        {"1.", NULL},
        {".5", NULL},
        {"1e", NULL},
        {"+1", NULL},
        {"1e999", NULL},
        {"NaN", NULL},
        {"tru", NULL},
        {"\"abc", NULL},
        {"\"a\nb\"", NULL},
        {"\"\\x\"", NULL},
        {"\"\\u12g4\"", NULL},
        {"\"\\ud834\"", NULL},
        {"\"\\ud834\\u0041\"", NULL},
        {"\"\\udd1e\"", NULL},
        {"\"\\u0000\"", NULL},
        {"\"\xff\"", NULL},
        {"[", NULL},
        {"{\"a\":", NULL},
        {"\"\\", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct value *value = NULL;
        struct err err = {0};
        enum error error =
            value_parse(arena, str_of(cases[i].json), &value, &err);

        if (cases[i].want)
            tap_is(tap, error ? err.detail : write_json(arena, value),
                   cases[i].want, cases[i].json);
        else
            tap_ok(tap,
                   error == ERROR_SYNTAX && err.code == error && !value &&
                       err.message,
                   "refused: case %zu", i);
    }
}

static void check_depth(struct tap *tap, struct arena *arena)
{
    char deep[2 * VALUE_DEPTH_MAX + 2];
    const struct value *value = NULL;
    struct err err = {0};
    size_t half = VALUE_DEPTH_MAX;

    memset(deep, '[', half);
    memset(deep + half, ']', half);
    tap_ok(tap, !value_parse(arena, (struct str){deep, 2 * half}, &value, &err),
           "depth at the limit");
    memset(deep, '[', half + 1);
    memset(deep + half + 1, ']', half + 1);
    tap_ok(tap,
           value_parse(arena, (struct str){deep, 2 * half + 2}, &value, &err) ==
               ERROR_SYNTAX,
           "one more is refused");
    tap_is(tap, err.detail, "nested too deeply", "and says why");
}

static void check_place(struct tap *tap, struct arena *arena)
{
    const struct value *value = NULL;
    struct err err = {0};

    value_parse(arena, STR("{\n  \"a\": x}"), &value, &err);
    tap_is(tap, err.arg[0], "2", "line of the error");
    tap_is(tap, err.arg[1], "8", "column of the error");
    tap_ok(tap,
           value_parse(arena, (struct str){"", VALUE_SIZE_MAX + 1}, &value,
                       NULL) == ERROR_TOO_LARGE,
           "size limit");
}

static void check_pretty(struct tap *tap, struct arena *arena)
{
    const struct value *value = NULL;
    struct buf out;

    buf_init(&out, arena);
    value_parse(arena, STR("{\"a\":[1,{}],\"b\":{\"c\":[]}}"), &value, NULL);
    value_write_pretty(value, &out);
    tap_is(tap, str_c(arena, buf_str(&out)),
           "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n"
           "  }\n}\n",
           "pretty");
}

static void check_equal(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"1.5", "1.5", true},
        {"1", "\"1\"", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":null}", "{}", false},
        {"[1,2]", "[2,1]", false},
        {"[1,[2]]", "[1,[2]]", true},
        {"null", "false", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct value *a = NULL, *b = NULL;

        value_parse(arena, str_of(cases[i].a), &a, NULL);
        value_parse(arena, str_of(cases[i].b), &b, NULL);
        tap_ok(tap,
               value_equal(a, b) == cases[i].equal &&
                   value_equal(b, a) == cases[i].equal,
               "%s and %s", cases[i].a, cases[i].b);
    }
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_build(&tap, &arena);
    check_nothing(&tap, &arena);
    check_many(&tap, &arena);
    check_parse(&tap, &arena);
    check_depth(&tap, &arena);
    check_place(&tap, &arena);
    check_pretty(&tap, &arena);
    check_equal(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
