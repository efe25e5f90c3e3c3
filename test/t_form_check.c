/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers against forms. Cases are text, in test/check: three lines each, the
 * answers given, the answers cleaned, the problems (path: message; or -).
 * Lines that begin with @ set the form (from test/check) and the options, or
 * choose another door: @fields, a page's fields; @display KEY. */
#include <time.h>

#include "form/check.h"
#include "form/xlsform.h"

#include "file.h"
#include "tap.h"

/* 2026-11-22T18:00:00Z, noon in Mexico */
static const int64_t noon = 1795370400000;

enum door { DOOR_CHECK, DOOR_FIELDS, DOOR_DISPLAY };

struct cases {
    struct tap *tap;
    struct arena *arena;
    const char *file;
    const struct form *form;
    struct check_options options;
    enum door door;
    struct str key;
};

static struct str list_file(void *context, struct str name)
{
    struct arena *arena = context;

    return file_read(arena, str_c(arena, str_format(arena, "test/check/%.*s",
                                                    STR_ARGS(name))));
}

static const struct form *form_from(struct arena *arena, struct str text)
{
    struct form_problems problems = {0};
    struct form_files files = {arena, list_file};
    const struct form *form = xlsform_read(arena, text, &files, &problems);

    for (size_t i = 0; i < problems.count; i++)
        printf("# row %zu %.*s: %s\n", problems.problem[i].row,
               STR_ARGS(problems.problem[i].column),
               str_c(arena, err_text(&problems.problem[i].err, NULL, arena)));
    return form;
}

static void directive(struct cases *cases, struct str line)
{
    struct str rest = line, word, path;

    str_cut(&rest, ' ', &word);
    cases->door = DOOR_CHECK;
    if (str_equal_c(word, "@form")) {
        path = str_format(cases->arena, "test/check/%.*s", STR_ARGS(rest));
        cases->form = form_from(
            cases->arena, file_read(cases->arena, str_c(cases->arena, path)));
        tap_ok(cases->tap, cases->form != NULL, "%.*s is read", STR_ARGS(path));
    } else if (str_equal_c(word, "@options")) {
        cases->options.defaults = str_find(rest, STR("defaults")) < SIZE_MAX;
        cases->options.partial = str_find(rest, STR("partial")) < SIZE_MAX;
        cases->options.keep_system = str_find(rest, STR("system")) < SIZE_MAX;
    } else if (str_equal_c(word, "@fields")) {
        cases->door = DOOR_FIELDS;
    } else if (str_equal_c(word, "@display")) {
        cases->door = DOOR_DISPLAY;
        cases->key = rest;
    }
}

static struct str problems_text(struct arena *arena,
                                const struct check_result *result)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < result->count; i++) {
        const struct check_problem *problem = &result->problem[i];

        if (i)
            buf_puts(&out, "; ");
        buf_put(&out, problem->path);
        buf_puts(&out, ": ");
        buf_put(&out, problem->text.size
                          ? problem->text
                          : err_text(&problem->err, NULL, arena));
    }
    if (!result->count)
        buf_putc(&out, '-');
    return buf_str(&out);
}

static void run_case(struct cases *cases, const struct str line[3])
{
    struct arena *arena = cases->arena;
    const struct value *input = NULL, *answers;
    struct check_result result = {0};
    struct err err = {0};
    struct str got, problems = STR("-");
    struct buf out;
    const char *name;

    name = str_c(arena,
                 str_format(arena, "%s: %.*s", cases->file, STR_ARGS(line[0])));
    if (value_parse(arena, line[0], &input, &err) || !cases->form) {
        tap_ok(cases->tap, false, "%s", name);
        return;
    }
    buf_init(&out, arena);
    if (cases->door == DOOR_FIELDS) {
        value_write(answers_from_fields(cases->form, input, arena), &out);
    } else if (cases->door == DOOR_DISPLAY) {
        buf_put(&out,
                answer_display(cases->form, form_find(cases->form, cases->key),
                               input, cases->options.language, arena));
    } else {
        if (form_check(cases->form, input, &cases->options, arena, &result,
                       &err)) {
            tap_ok(cases->tap, false, "%s", name);
            return;
        }
        answers = result.answers;
        value_write(answers, &out);
        problems = problems_text(arena, &result);
    }
    got = buf_str(&out);
    tap_is(cases->tap, str_c(arena, got), str_c(arena, line[1]), name);
    tap_is(cases->tap, str_c(arena, problems), str_c(arena, line[2]),
           "… its problems");
}

static void run_file(struct tap *tap, const char *name)
{
    struct arena arena;
    struct cases cases = {.tap = tap, .arena = &arena, .file = name};
    struct str rest, line, three[3];
    int count = 0;

    arena_init(&arena, NULL);
    cases.options = (struct check_options){
        .language = STR("es"), .now = noon, .utc_offset = -21600};
    rest = file_read(&arena,
                     str_c(&arena, str_format(&arena, "test/check/%s", name)));
    while (str_cut(&rest, '\n', &line)) {
        if (count == 0 && (line.size == 0 || line.at[0] == '#'))
            continue;
        if (count == 0 && line.at[0] == '@') {
            directive(&cases, line);
            continue;
        }
        three[count++] = line;
        if (count == 3) {
            run_case(&cases, three);
            count = 0;
        }
    }
    tap_ok(tap, count == 0, "%s: ends after a whole case", name);
    arena_release(&arena);
}

/* --- what no text can say --------------------------------------------------
 */

static void check_bytes(struct tap *tap)
{
    struct check_options options = {.language = STR("es"), .now = noon};
    struct check_result result = {0};
    struct err err = {0};
    struct arena arena;
    struct value *input;
    const struct form *form;
    char *text;

    arena_init(&arena, NULL);
    form = form_from(&arena, STR("survey,,\n,type,name,label\n"
                                 ",text,a,A\nsettings,\n,form_id\n,x\n"));
    input = value_object(&arena);
    value_put_str(input, &arena, "a", STR("bad \xff byte"));
    form_check(form, input, &options, &arena, &result, &err);
    tap_ok(tap, result.count == 1 && value_count(result.answers) == 0,
           "bytes that are not UTF-8 are refused");
    text = arena_alloc(&arena, 10001);
    memset(text, 'x', 10001);
    value_put_str(input, &arena, "a", (struct str){text, 10001});
    form_check(form, input, &options, &arena, &result, &err);
    tap_ok(tap, result.count == 1, "10,001 characters are too many");
    value_put_str(input, &arena, "a", (struct str){text, 10000});
    form_check(form, input, &options, &arena, &result, &err);
    tap_ok(tap, result.count == 0, "10,000 characters fit");
    value_put_str(input, &arena, "a", STR("a\r\nb\x01\x00 e\xcc\x81 "));
    form_check(form, input, &options, &arena, &result, &err);
    tap_is(tap, str_c(&arena, value_text_of(result.answers, "a")),
           "a\nb \xc3\xa9", "line ends, controls, NFC, trim");
    arena_release(&arena);
}

static bool knows_colour(void *context, struct str name, struct str *text)
{
    (void)context;
    if (!str_equal_c(name, "colour"))
        return false;
    *text = STR("red");
    return true;
}

static void check_lookup(struct tap *tap)
{
    struct check_options options = {
        .language = STR("es"), .now = noon, .lookup = knows_colour};
    struct check_result result = {0};
    struct err err = {0};
    struct arena arena;
    const struct form *form;

    arena_init(&arena, NULL);
    form = form_from(&arena, STR("survey,,\n,type,name,label,calculation\n"
                                 ",hidden,colour,,\n,calculate,c,,${colour}\n"
                                 "settings,\n,form_id\n,x\n"));
    form_check(form, value_object(&arena), &options, &arena, &result, &err);
    tap_is(tap, str_c(&arena, value_text_of(result.answers, "c")), "red",
           "lookup is asked before the answers");
    arena_release(&arena);
}

/* Rows that ask about their own repeat, and rows with nothing in them. */
static void check_rows(struct tap *tap)
{
    static const char *const want[] = {
        "[{\"p\":\"x\",\"same\":\"2\"},{\"p\":\"y\",\"same\":\"1\"},"
        "{\"p\":\"x\",\"same\":\"2\"}]",
        "[{\"p\":\"x\",\"same\":\"2\"},{\"same\":\"1\"},{\"p\":\"y\",\"same\":"
        "\"1\"},{\"p\":\"x\",\"same\":\"2\"}]"};
    struct arena arena;
    const struct form *form;
    const struct value *input = NULL;
    struct err err = {0};

    arena_init(&arena, NULL);
    form = form_from(
        &arena, STR("survey,,,,\n,type,name,label,calculation,constraint\n"
                    ",begin_repeat,m,M,,\n"
                    ",text,p,P,,count(../../m[p = current()/.]) < 2\n"
                    ",calculate,same,,count(../../m[p = current()/../p]),\n"
                    ",end_repeat,,,,\nsettings,\n,form_id\n,x\n"));
    value_parse(
        &arena,
        STR("{\"m\":[{\"p\":\"x\"},{},{\"p\":\"y\"},{\"p\":\"x\"},{}]}"),
        &input, &err);
    for (size_t i = 0; i < 2; i++) {
        struct check_options options = {
            .language = STR("es"), .now = noon, .places = i == 1};
        struct check_result result = {0};
        struct buf out;

        form_check(form, input, &options, &arena, &result, &err);
        buf_init(&out, &arena);
        value_write(value_get(result.answers, "m"), &out);
        tap_is(tap, str_c(&arena, buf_str(&out)), want[i],
               i ? "a blank row keeps its place before another"
                 : "a row counts those like it, by way of its own repeat");
        tap_ok(tap, result.count == 2, "both that are the same are told");
    }
    arena_release(&arena);
}

struct failing {
    size_t left;
};

static void *failing_resize(void *context, void *block, size_t size)
{
    struct failing *failing = context;

    if (size == 0) {
        free(block);
        return NULL;
    }
    if (failing->left == 0)
        return NULL;
    failing->left--;
    return realloc(block, size);
}

static void check_memory(struct tap *tap)
{
    struct check_options options = {
        .language = STR("es"), .now = noon, .defaults = true};
    struct failing failing = {SIZE_MAX};
    struct memory memory = {&failing, failing_resize};
    struct arena kept;
    const struct value *input = NULL;
    struct err err = {0};
    const struct form *form;
    bool done = false, told = true;

    arena_init(&kept, NULL);
    form = form_from(&kept, file_read(&kept, "test/check/visit.csv"));
    value_parse(&kept,
                STR("{\"name\":\"Ana\",\"needs\":[\"food\",\"bed\"],"
                    "\"born\":\"1/2/1990\",\"nothing\":1,"
                    "\"member\":[{\"m_name\":\"Eva\",\"m_age\":\"x\"}]}"),
                &input, &err);
    for (size_t limit = 0; limit < 1 << 20 && !done; limit += 100) {
        struct check_result result = {0};
        struct err wrong = {0};
        struct arena arena;

        arena_init(&arena, &memory);
        arena.limit = limit + 1;
        done = form_check(form, input, &options, &arena, &result, &wrong) ==
               ERROR_NONE;
        told = told && (done || wrong.code == ERROR_MEMORY);
        arena_release(&arena);
    }
    tap_ok(tap, done && told, "out of memory at any point is said");
    arena_release(&kept);
}

/* Sixty questions, a third with expressions. */
static struct str long_form(struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "survey,,,,,,,\n,type,name,label,relevant,constraint,"
                   "required,calculation\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&out, ",%s,q%d,Q,%s%d%s,%s,%s,%s%d%s\n",
                   i % 6 == 0   ? "integer"
                   : i % 6 == 1 ? "select_one yn"
                   : i % 6 == 2 ? "calculate"
                   : i % 6 == 3 ? "date"
                                : "text",
                   i, i % 6 == 4 ? "${q" : "", i % 6 == 4 ? i - 3 : 0,
                   i % 6 == 4 ? "} = 'yes'" : " = 0",
                   i % 6 == 0 ? ". >= 0 and . <= 120" : "",
                   i % 6 == 5 ? "yes" : "", i % 6 == 2 ? "${q" : "",
                   i % 6 == 2 ? i - 2 : 0, i % 6 == 2 ? "} * 2 + 1" : "");
    buf_puts(&out, "choices,,,\n,list_name,name,label\n,yn,yes,Y\n,yn,no,N\n"
                   "settings,\n,form_id\n,long\n");
    return buf_str(&out);
}

static void check_speed(struct tap *tap)
{
    struct check_options options = {.language = STR("es"), .now = noon};
    enum { ROUNDS = 100 };
    struct arena kept, arena;
    struct value *input;
    const struct form *form;
    struct timespec from, to;
    double micro, best = 1e9;

    arena_init(&kept, NULL);
    arena_init(&arena, NULL);
    form = form_from(&kept, long_form(&kept));
    input = value_object(&kept);
    for (int i = 0; i < 60; i++)
        if (i % 6 != 2)
            value_put_str(input, &kept,
                          str_c(&kept, str_format(&kept, "q%d", i)),
                          i % 6 == 0   ? STR("34")
                          : i % 6 == 1 ? STR("yes")
                          : i % 6 == 3 ? STR("22/11/2026")
                                       : STR("some words of an answer"));
    for (int i = 0; i < ROUNDS; i++) {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        for (int j = 0; j < 20; j++) {
            struct check_result result = {0};
            struct err err = {0};

            form_check(form, input, &options, &arena, &result, &err);
            arena_clear(&arena);
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        micro = ((double)(to.tv_sec - from.tv_sec) * 1e6 +
                 (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
                20;
        if (micro < best)
            best = micro;
    }
    printf("# 60 questions checked in %.1f microseconds\n", best);
    tap_ok(tap, best < 5000, "a check of 60 questions takes no time");
    arena_release(&arena);
    arena_release(&kept);
}

int main(void)
{
    const char *name[TEST_FILES_MAX];
    struct tap tap = {0};
    struct arena arena;
    size_t count;

    arena_init(&arena, NULL);
    count = file_names(&arena, "test/check", ".txt", name);
    for (size_t i = 0; i < count; i++)
        run_file(&tap, name[i]);
    if (!count) {
        tap_skip(&tap, "answers", "no folder test/check here");
        return tap_done(&tap);
    }
    check_bytes(&tap);
    check_lookup(&tap);
    check_rows(&tap);
    check_memory(&tap);
    check_speed(&tap);
    arena_release(&arena);
    return tap_done(&tap);
}
