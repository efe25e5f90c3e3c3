/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* XML as a document tree: what is read, and that hostile documents and
 * expressions end soon with a reason. */
#include <time.h>

#include "form/expr/tree.h"
#include "form/read/xml_tree.h"

#include "tap.h"

static const char *read_as(struct arena *arena, struct str text,
                           const struct node **document)
{
    struct node_builder builder = {.arena = arena};
    struct err err = {0};

    if (xml_tree_read(&builder, text, document, &err))
        return str_c(arena, err_text(&err, NULL, arena));
    return "read";
}

static const char *eval_as(struct arena *arena, const struct node *document,
                           const char *text)
{
    struct expr_scope scope = {.arena = arena, .document = document};
    struct expr_result result = {0};
    const struct expr *expr = NULL;
    struct err err = {0};

    if (expr_parse(arena, str_of(text), &expr, &err) ||
        expr_eval(expr, &scope, &result, &err))
        return str_c(arena, err_text(&err, NULL, arena));
    return str_c(arena, expr_to_text(&result, arena));
}

static void run_read(struct tap *tap)
{
    static const char text[] =
        "\n<?xml version='1.0'?>\n<f:a xmlns:f='urn:f' xmlns='urn:d' "
        "id='1' f:k='2'><b xmlns=''>x<![CDATA[<y>]]>&#233;</b><!--c-->"
        "<?p q?><c> t </c></f:a>";
    static const char *const cases[][2] = {
        {"/f:a/b", "x<y>é"},
        {"namespace-uri(/f:a)", "urn:f"},
        {"namespace-uri(/f:a/b)", ""},
        {"namespace-uri(/f:a/c)", "urn:d"},
        {"namespace-uri(/f:a/@f:k)", "urn:f"},
        {"/f:a/@id", "1"},
        {"count(//@*)", "2"},
        {"string(//comment())", "c"},
        {"string(//processing-instruction('p'))", "q"},
        {"count(/f:a/node())", "4"},
        {"local-name(/*)", "a"},
        {"name(/f:*)", "f:a"},
        {"string-length(/f:a/c)", "3"}};
    const struct node *document = NULL;
    struct arena arena;

    arena_init(&arena, NULL);
    tap_is(tap, read_as(&arena, str_of(text), &document), "read", "a document");
    for (size_t i = 0; document && i < sizeof cases / sizeof cases[0]; i++)
        tap_is(tap, eval_as(&arena, document, cases[i][0]), cases[i][1],
               cases[i][0]);
    arena_release(&arena);
}

static void run_xform(struct tap *tap)
{
    static const char text[] =
        "<h:html xmlns:h='http://www.w3.org/1999/xhtml' "
        "xmlns='http://www.w3.org/2002/xforms'><h:head><model><itext>"
        "<translation lang='es' default='true()'><text id='q'><value>¿Qué?"
        "</value></text></translation><translation lang='en'><text id='q'>"
        "<value>What?</value></text></translation></itext>"
        "<instance id='l'><root><item><name>1</name><label>Uno</label></item>"
        "<item><name>2</name><label>Dos</label></item></root></instance>"
        "</model></h:head></h:html>";
    static const char *const cases[][2] = {
        {"instance('l')/root/item[name = 2]/label", "Dos"},
        {"count(instance('l')/root/item)", "2"},
        {"pulldata('l', 'label', 'name', '1')", "Uno"},
        {"jr:itext('q')", "¿Qué?"},
        {"jr:itext('nothing')", "nothing"},
        {"instance('no')/root",
         "No hay ninguna lista ni instancia llamada «no»."}};
    const struct node *document = NULL;
    struct arena arena;

    arena_init(&arena, NULL);
    tap_is(tap, read_as(&arena, str_of(text), &document), "read", "an XForm");
    for (size_t i = 0; document && i < sizeof cases / sizeof cases[0]; i++)
        tap_is(tap, eval_as(&arena, document, cases[i][0]), cases[i][1],
               cases[i][0]);
    arena_release(&arena);
}

static struct str repeated(struct arena *arena, const char *open, size_t count,
                           const char *close)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        buf_puts(&out, open);
    for (size_t i = 0; i < count; i++)
        buf_puts(&out, close);
    return buf_str(&out);
}

static void tap_like(struct tap *tap, const char *got, const char *part,
                     const char *name)
{
    tap_ok(tap, strstr(got, part) != NULL, "%s: %s", name, got);
}

static void run_hostile(struct tap *tap)
{
    static const char laughs[] =
        "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]><l>&c;</l>";
    static const char outside[] =
        "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>";
    const struct node *document = NULL;
    struct arena arena;
    struct buf many;

    arena_init(&arena, NULL);
    tap_like(tap, read_as(&arena, str_of(laughs), &document), "entidades",
             "a billion laughs");
    tap_like(tap, read_as(&arena, str_of(outside), &document), "entidades",
             "a file from outside");
    tap_like(tap,
             read_as(&arena, repeated(&arena, "<a>", 1000, "</a>"), &document),
             "niveles", "1,000 levels");
    tap_is(tap,
           read_as(&arena, repeated(&arena, "<a>", 200, "</a>"), &document),
           "read", "200 levels");
    tap_like(tap, read_as(&arena, STR("<a>\n<b>\n</a>"), &document), "línea 3",
             "the line of a mistake");
    tap_like(tap, read_as(&arena, STR(""), &document), "línea", "nothing");
    buf_init(&many, &arena);
    buf_puts(&many, "<a");
    for (int i = 0; i < 2000; i++)
        buf_printf(&many, " a%d=''", i);
    buf_puts(&many, "/>");
    tap_like(tap, read_as(&arena, buf_str(&many), &document), "grande",
             "2,000 attributes");
    tap_ok(tap, document != NULL, "what was read before is left alone");
    arena_release(&arena);
}

static void run_work(struct tap *tap)
{
    static const char *const cases[] = {
        "count(//*[//*[//*[//*]]])", "count(//*/preceding::*/following::*)",
        "//* = //*[. != 'x']", "count(//a[count(//a[. = current()]) > 9])"};
    const struct node *document = NULL;
    struct arena arena, work;
    struct buf text;

    arena_init(&arena, NULL);
    arena_init(&work, NULL);
    buf_init(&text, &arena);
    buf_puts(&text, "<r>");
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "<a>%d</a>", i);
    buf_puts(&text, "</r>");
    read_as(&arena, buf_str(&text), &document);
    for (size_t i = 0; document && i < sizeof cases / sizeof cases[0]; i++) {
        clock_t began = clock();
        const char *got = eval_as(&work, document, cases[i]);

        tap_ok(tap, strstr(got, "trabajo") != NULL || strlen(got) < 12,
               "%s: %s", cases[i], got);
        printf("# %.2f s, %zu kB\n", (double)(clock() - began) / CLOCKS_PER_SEC,
               work.total / 1024);
        arena_clear(&work);
    }
    arena_release(&work);
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    run_read(&tap);
    run_xform(&tap);
    run_hostile(&tap);
    run_work(&tap);
    return tap_done(&tap);
}
