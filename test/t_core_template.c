/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Templates: what is ours (translation, strict names, truth, limits); the
 * public specification is t_core_mustache.c. */
#include "core/template.h"

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char catalogue[] = "msgid \"Hola, {{nombre}}\"\n"
                                "msgstr \"Hello, {{nombre}}\"\n"
                                "msgid \"Sí {{#b}}claro{{/b}}\"\n"
                                "msgstr \"Yes {{#b}}sure{{/b}}\"\n"
                                "msgid \"roto\"\n"
                                "msgstr \"{{#a}}broken\"\n";

struct fixture {
    struct arena *arena;
    struct template_set *set;
    struct err err;
};

static void start(struct fixture *fixture, struct arena *arena)
{
    struct translator *english = NULL;

    *fixture = (struct fixture){.arena = arena};
    translator_read(arena, STR("en"), str_of(catalogue), &english, NULL);
    fixture->set = template_set_new(arena, english);
}

static const char *render(struct fixture *fixture, const char *source,
                          const char *json, bool strict)
{
    struct template_options options = {.strict = strict};
    const struct value *data = NULL;
    struct buf out;

    buf_init(&out, fixture->arena);
    err_clear(&fixture->err);
    value_parse(fixture->arena, str_of(json), &data, &fixture->err);
    template_add(fixture->set, STR("page"), str_of(source), &fixture->err);
    if (!fixture->err.code)
        template_render(fixture->set, template_find(fixture->set, STR("page")),
                        data, options, &out, &fixture->err);
    if (fixture->err.code)
        buf_printf(&out, "!%s,%s,%s", fixture->err.arg[0], fixture->err.arg[1],
                   fixture->err.arg[2]);
    return str_c(fixture->arena, buf_str(&out));
}

static void check_cases(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *source, *json, *want;
        bool strict;
    } cases[] = {
        /* translation */
        {"<p>{{#_}}Hola,\n   {{nombre}}{{/_}}</p>", "{\"nombre\":\"<A>\"}",
         "<p>Hello, &lt;A&gt;</p>", true},
        {"{{#_}} Sí {{#b}}claro{{/b}} {{/_}}", "{\"b\":true}", "Yes sure",
         true},
        {"{{#_}}Sin   traducir {{x}}{{/_}}", "{\"x\":1}", "Sin traducir 1",
         true},
        {"  {{#_}}\n  a\n  {{/_}}\n  {{#b}}\n  c\n  {{/b}}\n", "{\"b\":true}",
         "  a\n  c\n", true},
        {"{{#a}}{{#_}}Hola, {{nombre}}{{/_}};{{/a}}",
         "{\"a\":[{\"nombre\":1},{\"nombre\":2}]}", "Hello, 1;Hello, 2;", true},
        {"{{#_}}roto{{/_}}", "{}", "!page,1,a", false},
        {"x\n{{#_}}abierto", "{}", "!page,2,", false},
        {"{{#_}}{{#a}}x{{/_}}{{/a}}", "{}", "!page,1,a", false},
        /* truth */
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":0}", "no", true},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"\"}", "no", true},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"0\"}", "yes", true},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":{}}", "yes", true},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":-0.5}", "yes", true},
        {"{{#a}}{{.}}{{/a}}", "{\"a\":\"b\"}", "b", true},
        /* values */
        {"{{a}} {{{a}}}", "{\"a\":[1,\"x\"]}", "[1,&quot;x&quot;] [1,\"x\"]",
         true},
        {"{{a}} {{b}} {{c}} {{d}}",
         "{\"a\":true,\"b\":2.50,\"c\":null,\"d\":-3}", "true 2.5  -3", true},
        /* strict names */
        {"{{a}}", "{}", "", false},
        {"{{a}}", "{}", "!page,a,", true},
        {"{{#a}}{{/a}}", "{}", "!page,a,", true},
        {"{{^a}}{{/a}}", "{}", "!page,a,", true},
        {"x{{a.b}}", "{\"a\":{}}", "x!page,a.b,", true},
        {"x{{a.b}}", "{\"a\":null}", "x", true},
        {"{{#a}}{{b}}{{/a}}", "{\"a\":{},\"b\":1}", "1", true},
        {"{{>nothing}}", "{}", "", false},
        {"{{>nothing}}", "{}", "!page,nothing,", true},
        /* what does not compile */
        {"a\n{{#a}}", "{}", "!page,2,a", false},
        {"{{/a}}", "{}", "!page,1,a", false},
        {"{{#a}}{{#b}}{{/a}}{{/b}}", "{}", "!page,1,a", false},
        {"\n\n{{a", "{}", "!page,3,", false},
        {"{{}}", "{}", "!page,1,", false},
        {"{{#}}{{/}}", "{}", "!page,1,", false},
        {"{{a..b}}", "{}", "!page,1,a..b", false},
        {"{{a.}}", "{}", "!page,1,a.", false},
        {"{{=x=}}", "{}", "!page,1,x", false},
        {"{{{a}}", "{}", "!page,1,", false},
        {"{{=<% %>=}}<%a%> {{a}}<%={{ }}=%>{{a}}", "{\"a\":1}", "1 {{a}}1",
         true},
    };
    struct fixture fixture;
    char name[24];

    start(&fixture, arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(name, sizeof(name), "case %zu", i);
        tap_is(
            tap,
            render(&fixture, cases[i].source, cases[i].json, cases[i].strict),
            cases[i].want, name);
    }
}

static void check_indent(struct tap *tap, struct arena *arena)
{
    struct fixture fixture;

    start(&fixture, arena);
    template_add(fixture.set, STR("inner"), STR("<i>\n{{x}}\n</i>\n"), NULL);
    template_add(fixture.set, STR("outer"),
                 STR("<o>\n  {{>inner}}\n{{#x}}\nx\n{{/x}}\ny {{>inner}}\n"),
                 NULL);
    tap_is(tap, render(&fixture, " {{>outer}}\n", "{\"x\":\"1\\n2\"}", true),
           " <o>\n   <i>\n   1\n2\n   </i>\n x\n y <i>\n1\n2\n</i>\n\n",
           "indentation adds up, data is left alone");
}

static void check_limits(struct tap *tap, struct arena *arena)
{
    struct fixture fixture;
    struct buf source;

    start(&fixture, arena);
    render(&fixture, "{{>page}}", "{}", false);
    tap_is(tap, fixture.err.message,
           "La plantilla {1} se anida demasiado en {2}.",
           "a partial that includes itself");
    buf_init(&source, arena);
    for (int i = 0; i <= TEMPLATE_DEPTH_MAX; i++)
        buf_puts(&source, "{{#a}}");
    for (int i = 0; i <= TEMPLATE_DEPTH_MAX; i++)
        buf_puts(&source, "{{/a}}");
    err_clear(&fixture.err);
    tap_is_int(
        tap,
        template_add(fixture.set, STR("deep"), buf_str(&source), &fixture.err),
        ERROR_INTERNAL, "too many sections");
    tap_ok(tap, !template_find(fixture.set, STR("deep")), "is not added");
    tap_ok(tap, !template_find(fixture.set, STR("other")), "nor unknown ones");
    tap_is_int(tap,
               template_render(fixture.set, NULL, NULL,
                               (struct template_options){0}, &source, NULL),
               ERROR_INTERNAL, "no template");
}

static void check_set(struct tap *tap, struct arena *arena)
{
    struct fixture fixture;
    bool found = true;

    start(&fixture, arena);
    for (int i = 0; i < 500; i++)
        template_add(fixture.set, str_format(arena, "t%d", i),
                     str_format(arena, "%d{{>t%d}}", i, i + 1), NULL);
    for (int i = 0; i < 500; i++)
        found =
            found && template_find(fixture.set, str_format(arena, "t%d", i));
    tap_ok(tap, found, "500 templates are found");
    tap_is(tap, render(&fixture, "{{>t497}}", "{}", false), "497498499",
           "partials named before they exist");
    template_add(fixture.set, STR("t499"), STR("new"), NULL);
    tap_is(tap, render(&fixture, "{{>t497}}", "{}", false), "497498new",
           "a template added again replaces the old");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_cases(&tap, &arena);
    check_indent(&tap, &arena);
    check_limits(&tap, &arena);
    check_set(&tap, &arena);
    tap_ok(&tap, !arena_failed(&arena), "memory sufficed");
    arena_release(&arena);
    return tap_done(&tap);
}
