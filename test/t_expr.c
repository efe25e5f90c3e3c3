/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Expressions: the triples of test/expr (expression, answers, result)
 * and the public vectors of JavaRosa and Enketo in the ODK subset, all of
 * them. What is known to differ stands with its reason in
 * test/expr/differences.tsv; one that begins to hold must leave that list. */
#include <math.h>
#include <stdlib.h>

#include "form/expr/eval.h"
#include "form/expr/regex.h"
#include "form/expr/tree.h"
#include "form/read/xml_tree.h"
#include "form/xlsform.h"

#include "file.h"
#include "tap.h"

static const char *const vectors = "../shared/standards/expressions/";

/* 2026-11-22T18:00:00Z, noon in Mexico */
static const int64_t noon = 1795370400000;

static const char *result_text_of(struct arena *arena,
                                  const struct expr_result *result)
{
    static const char *const type[] = {"text", "number", "", "nodes"};
    struct buf out;

    if (result->type == EXPR_BOOL)
        return result->truth ? "true" : "false";
    buf_init(&out, arena);
    buf_puts(&out, type[result->type]);
    if (result->type == EXPR_NODES) {
        for (size_t i = 0; i < result->count; i++)
            buf_printf(&out, "%c%.*s", i ? '|' : ' ',
                       STR_ARGS(expr_node_text(result, i)));
    } else {
        struct str text = expr_to_text(result, arena);

        if (text.size)
            buf_printf(&out, " %.*s", STR_ARGS(text));
    }
    return str_c(arena, buf_str(&out));
}

/* --- triples ---------------------------------------------------------------
 */

struct triples {
    struct tap *tap;
    struct arena *arena;
    const char *file;
    const struct form *form;
    struct expr_scope scope;
};

static void set_form(struct triples *triples, struct str text)
{
    struct form_problems problems = {0};

    triples->form = xlsform_read(triples->arena, text, NULL, &problems);
    for (size_t i = 0; i < problems.count; i++)
        printf("# form of %s: row %zu %.*s: %s\n", triples->file,
               problems.problem[i].row, STR_ARGS(problems.problem[i].column),
               str_c(triples->arena,
                     err_text(&problems.problem[i].err, NULL, triples->arena)));
    tap_ok(triples->tap, triples->form != NULL, "%s: its form is read",
           triples->file);
    triples->scope.form = triples->form;
}

/* "@node key", "@row repeat 2", "@language en", "@now ms", "@offset s" */
static void directive(struct triples *triples, struct str line)
{
    struct str word, value = line;

    str_cut(&value, ' ', &word);
    if (str_equal_c(word, "@form")) {
        struct str path =
            str_format(triples->arena, "test/expr/%.*s", STR_ARGS(value));

        set_form(triples,
                 file_read(triples->arena, str_c(triples->arena, path)));
    } else if (str_equal_c(word, "@node")) {
        triples->scope.node =
            triples->form ? form_find_name(triples->form, NULL, value) : NULL;
    } else if (str_equal_c(word, "@row")) {
        int64_t row = 0;

        str_to_int(value, &row);
        triples->scope.position = (size_t)row;
    } else if (str_equal_c(word, "@language")) {
        triples->scope.language = value;
    } else {
        tap_ok(triples->tap, false, "%s: directive %.*s", triples->file,
               STR_ARGS(line));
    }
}

static void run_triple(struct triples *triples, const struct str line[3])
{
    struct arena *arena = triples->arena;
    struct expr_scope scope = triples->scope;
    const struct expr *expr = NULL;
    const struct value *answers = NULL;
    struct expr_result result = {0};
    struct err err = {0};
    const char *got;

    if (!str_equal_c(line[1], "-") &&
        value_parse(arena, line[1], &answers, &err)) {
        tap_ok(triples->tap, false, "%s: answers %.*s", triples->file,
               STR_ARGS(line[1]));
        return;
    }
    scope.answers = answers;
    if (value_type(answers) == VALUE_STRING) {
        scope.current = value_text(answers);
        scope.answers = NULL;
    }
    if (scope.position && scope.node && scope.node->repeat)
        scope.row = value_at(value_get_str(answers, scope.node->repeat->key),
                             scope.position - 1);
    if (expr_parse(arena, line[0], &expr, &err))
        got =
            str_c(arena, str_format(arena, "refused %s",
                                    str_c(arena, err_text(&err, NULL, arena))));
    else if (expr_eval(expr, &scope, &result, &err))
        got = "error";
    else
        got = result_text_of(arena, &result);
    if (str_equal_c(line[2], "refused"))
        tap_ok(triples->tap, str_starts(str_of(got), STR("refused")),
               "%s: %.*s", triples->file, STR_ARGS(line[0]));
    else
        tap_is(triples->tap, got, str_c(arena, line[2]),
               str_c(arena, str_format(arena, "%s: %.*s", triples->file,
                                       STR_ARGS(line[0]))));
}

static void run_file(struct tap *tap, const char *name)
{
    struct arena arena;
    struct triples triples = {.tap = tap, .arena = &arena, .file = name};
    struct str rest, line, three[3];
    int count = 0;

    arena_init(&arena, NULL);
    triples.scope = (struct expr_scope){.arena = &arena,
                                        .language = STR("es"),
                                        .now = noon,
                                        .utc_offset = -21600};
    rest = file_read(&arena,
                     str_c(&arena, str_format(&arena, "test/expr/%s", name)));
    while (str_cut(&rest, '\n', &line)) {
        if (count == 0 && (line.size == 0 || line.at[0] == '#'))
            continue;
        if (count == 0 && line.at[0] == '@') {
            directive(&triples, line);
            continue;
        }
        three[count++] = line;
        if (count == 3) {
            run_triple(&triples, three);
            count = 0;
        }
    }
    tap_ok(tap, count == 0, "%s: ends after a whole triple", name);
    arena_release(&arena);
}

/* --- vectors ---------------------------------------------------------------
 */

struct tally {
    struct tap *tap;
    struct str differences;
    int held, differ, known, beyond, beyond_held;
};

static bool number_is(const struct value *record, double got)
{
    const struct value *want = value_get(record, "expected");
    double factor = value_to_double(value_get(record, "round_factor"), 0);
    double number = value_to_double(want, 0);
    struct str text = value_text(want);

    if (str_equal_c(text, "NaN"))
        return isnan(got);
    if (str_equal_c(text, "Infinity"))
        return isinf(got) && got > 0;
    if (str_equal_c(text, "-Infinity"))
        return isinf(got) && got < 0;
    if (text.size)
        str_to_double(text, &number);
    if (factor > 0)
        return fabs(round(got * factor) / factor - number) < 1e-9;
    return fabs(got - number) <= 1e-9 * (1 + fabs(number));
}

/* The place of a node as the vectors write it: /a[1]/b[2]/@id. */
static void put_place(struct buf *out, const struct node *node)
{
    static const char *const kinds[] = {
        "", "", "", "text()", "comment()", "processing-instruction()"};
    const struct node *before;
    int index = 1;

    if (!node->parent)
        return;
    put_place(out, node->parent);
    if (node->kind == NODE_ATTRIBUTE) {
        buf_printf(out, "/@%.*s", STR_ARGS(node->name));
        return;
    }
    for (before = node->previous; before; before = before->previous)
        index +=
            before->kind == node->kind &&
            (node->kind != NODE_ELEMENT || str_equal(before->name, node->name));
    if (node->kind == NODE_ELEMENT)
        buf_printf(out, "/%.*s[%d]", STR_ARGS(node->name), index);
    else
        buf_printf(out, "/%s[%d]", kinds[node->kind], index);
}

static bool nodes_are(const struct value *want,
                      const struct expr_result *result, struct arena *arena)
{
    if (result->type != EXPR_NODES || result->count != value_count(want))
        return false;
    for (size_t i = 0; i < result->count; i++) {
        struct buf out;

        buf_init(&out, arena);
        put_place(&out, result->tree[i]);
        if (out.size == 0)
            buf_putc(&out, '/');
        if (!str_equal(buf_str(&out), value_text(value_at(want, i))))
            return false;
    }
    return true;
}

static bool result_is(const struct value *record,
                      const struct expr_result *result, struct arena *arena)
{
    struct str type = value_text_of(record, "type");
    const struct value *want = value_get(record, "expected");
    const struct regex *regex = NULL;
    struct err err = {0};

    if (str_equal_c(type, "boolean"))
        return expr_to_bool(result) == value_to_bool(want, false);
    if (str_equal_c(type, "number"))
        return number_is(record, expr_to_number(result));
    if (str_equal_c(type, "nodeset"))
        return nodes_are(want, result, arena);
    if (str_equal_c(type, "string-length"))
        return (int64_t)expr_to_text(result, arena).size ==
               value_to_int(want, -1);
    if (str_equal_c(type, "regex-match"))
        return regex_compile(arena, value_text(want), &regex, &err) ==
                   ERROR_NONE &&
               regex_search(regex, arena, expr_to_text(result, arena));
    return str_equal(expr_to_text(result, arena), value_as_text(want, arena));
}

static bool is_known(const struct tally *tally, struct str id)
{
    struct str rest = tally->differences, line, first;

    while (str_cut(&rest, '\n', &line))
        if (str_cut(&line, '\t', &first) && str_equal(first, id))
            return true;
    return false;
}

static void count_one(struct tally *tally, const struct value *record,
                      bool holds, const char *got)
{
    struct str id = value_text_of(record, "id");
    bool known = is_known(tally, id);

    if (!value_to_bool(value_get(record, "in_odk_subset"), true)) {
        tally->beyond++;
        tally->beyond_held += holds;
        if (!holds)
            printf("# beyond: %.*s %.*s\n", STR_ARGS(id),
                   STR_ARGS(value_text_of(record, "expr")));
        return;
    }
    if (holds)
        tally->held++;
    else
        tally->differ++;
    if (holds && known) {
        tap_ok(tally->tap, false, "%.*s holds now: take it off the list",
               STR_ARGS(id));
    } else if (known) {
        tally->known++;
    } else if (!holds) {
        tap_ok(tally->tap, false, "%.*s: %.*s", STR_ARGS(id),
               STR_ARGS(value_text_of(record, "expr")));
        printf("# got %s\n", got);
    }
}

/* The document of a record, and where "." is in it. */
static bool read_document(const struct value *record, struct expr_scope *scope)
{
    struct str xml = value_text_of(record, "xml");
    struct str context = value_text_of(record, "context");
    struct node_builder builder = {.arena = scope->arena};
    struct expr_result result = {0};
    const struct expr *path = NULL;
    struct err err = {0};

    if (xml.size == 0)
        return true;
    if (xml_tree_read(&builder, xml, &scope->document, &err))
        return false;
    if (context.size == 0 || str_equal_c(context, "/"))
        return true;
    scope->every_name = true;
    if (expr_parse(scope->arena, context, &path, &err) ||
        expr_eval(path, scope, &result, &err) || result.count == 0)
        return false;
    scope->every_name = false;
    scope->place = result.tree[0];
    return true;
}

static void some_random(void *context, void *bytes, size_t size)
{
    unsigned char *at = bytes;

    (void)context;
    for (size_t i = 0; i < size; i++)
        at[i] = (unsigned char)rand();
}

static void run_record(struct tally *tally, const struct value *record)
{
    bool wants_error = str_equal_c(value_text_of(record, "type"), "error");
    struct str zone = value_text_of(record, "timezone");
    struct host host = {.random = some_random};
    struct expr_scope scope = {
        .now = noon, .language = STR("en"), .host = &host};
    struct expr *expr = NULL;
    struct expr_result result = {0};
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    scope.arena = &arena;
    scope.utc_offset = str_equal_c(zone, "America/Phoenix") ? -25200 : 0;
    if (!read_document(record, &scope))
        count_one(tally, record, false, "its document");
    else if (expr_parse_late(&arena, value_text_of(record, "expr"), &expr,
                             &err) ||
             expr_eval(expr, &scope, &result, &err))
        count_one(tally, record, wants_error,
                  str_c(&arena, err_text(&err, NULL, &arena)));
    else
        count_one(tally, record,
                  !wants_error && result_is(record, &result, &arena),
                  result_text_of(&arena, &result));
    arena_release(&arena);
}

static void run_chance(struct tap *tap)
{
    static const char *const cases[] = {
        "string-length(uuid()) = 36",
        "regex(uuid(), '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]')",
        "string-length(uuid(7)) = 7",
        "uuid() != uuid()",
        "random() >= 0 and random() < 1",
        "random() != random()"};
    struct host host = {.random = some_random};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct expr_scope scope = {.host = &host};
        const struct expr *expr = NULL;
        struct err err = {0};
        struct arena arena;

        arena_init(&arena, NULL);
        scope.arena = &arena;
        tap_ok(tap,
               !expr_parse(&arena, str_of(cases[i]), &expr, &err) &&
                   expr_true(expr, &scope, false, &err),
               "%s", cases[i]);
        arena_release(&arena);
    }
}

/* least: how many have been reached; fewer is a failure. */
static void run_vectors(struct tap *tap, const char *name, int least)
{
    const struct value *records = NULL;
    struct tally tally = {.tap = tap};
    struct err err = {0};
    struct arena arena;
    struct str text;

    arena_init(&arena, NULL);
    text = file_read(&arena,
                     str_c(&arena, str_format(&arena, "%s%s", vectors, name)));
    tally.differences = file_read(&arena, "test/expr/differences.tsv");
    if (!text.at) {
        tap_skip(tap, name, "../shared is not here");
        arena_release(&arena);
        return;
    }
    value_parse(&arena, text, &records, &err);
    for (size_t i = 0; i < value_count(records); i++)
        run_record(&tally, value_at(records, i));
    printf("# %s: %d of %d in the ODK subset hold, %d differ (%d of them "
           "listed); beyond it %d of %d hold\n",
           name, tally.held, tally.held + tally.differ, tally.differ,
           tally.known, tally.beyond_held, tally.beyond);
    tap_ok(tap, tally.held >= least && tally.differ == tally.known,
           "%s: %d hold", name, tally.held);
    arena_release(&arena);
}

/* As Enketo and JavaRosa shuffle six nodes. */
static void run_randomize(struct tap *tap)
{
    static const struct {
        int64_t seed;
        const char *order;
    } cases[] = {
        {42, "AFCBDE"}, {-42, "EDAFBC"}, {1, "BFEACD"}, {11111111, "ACDBFE"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t order[6];
        char got[7] = {0};

        randomize_order(cases[i].seed, 6, order);
        for (size_t j = 0; j < 6; j++)
            got[j] = (char)('A' + order[j]);
        tap_is(tap, got, cases[i].order, "randomize");
    }
}

int main(void)
{
    const char *name[TEST_FILES_MAX];
    struct tap tap = {0};
    struct arena arena;
    size_t count;

    arena_init(&arena, NULL);
    count = file_names(&arena, "test/expr", ".txt", name);
    for (size_t i = 0; i < count; i++)
        run_file(&tap, name[i]);
    run_randomize(&tap);
    run_chance(&tap);
    run_vectors(&tap, "javarosa.json", 120);
    run_vectors(&tap, "enketo.json", 563);
    arena_release(&arena);
    return tap_done(&tap);
}
