/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_score.c - scores of small made-up forms: every shape that is taken apart,
 * those that are not, and what is wrong with a form.
 */
#include "domain/score/score.h"
#include "form/check.h"
#include "form/xlsform.h"

#include "tap.h"

#define HEAD                                                                   \
    "survey\n,type,name,label,calculation,relevant,"                           \
    "bind::cobijo:compartment,bind::cobijo:score\n"                            \
    ",integer,a,A,,,,\n,integer,b,B,,,,\n,integer,c,C,,,health,\n"
#define TAIL                                                                   \
    "choices\n,list_name,name,label\n,band,low,Low\n,band,high,High\n"         \
    "settings\n,form_id,form_title,version\n,try,Try,1\n"

struct tried {
    struct arena arena;
    const struct form *form;
    struct value *answers;
    struct scores scores;
    struct err err;
    enum error error;
};

static const struct value *json(struct arena *arena, const char *text)
{
    const struct value *value = NULL;
    struct err err = {0};
    char *copy = (char *)(uintptr_t)str_c(arena, str_of(text));

    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    value_parse(arena, str_of(copy), &value, &err);
    return value;
}

static struct score_reader reader_of(struct arena *arena,
                                     const struct role *role)
{
    return (struct score_reader){.role = role,
                                 .language = STR("es"),
                                 .now = 1795320000000,
                                 .arena = arena};
}

static void try_form(struct tried *tried, const char *rows, const char *answers,
                     const struct role *role)
{
    struct check_options options = {
        .language = STR("es"), .now = 1795320000000, .partial = true};
    struct form_problems problems = {0};
    struct form_files files = {0};
    struct check_result result = {0};
    struct score_reader reader;
    struct str csv;

    *tried = (struct tried){0};
    arena_init(&tried->arena, NULL);
    csv = str_format(&tried->arena, "%s%s%s", HEAD, rows, TAIL);
    tried->form = xlsform_read(&tried->arena, csv, &files, &problems);
    for (size_t i = 0; i < problems.count; i++)
        printf("# row %zu: %s\n", problems.problem[i].row,
               problems.problem[i].err.message);
    if (!tried->form) /* as a form from before words were looked at */
        tried->form = xlsform_read_kept(&tried->arena, csv, &files, &problems);
    if (!tried->form)
        return;
    form_check(tried->form, json(&tried->arena, answers), &options,
               &tried->arena, &result, &tried->err);
    tried->answers = result.answers;
    reader = reader_of(&tried->arena, role);
    tried->error = scores_read(tried->form, tried->answers, &reader,
                               &tried->scores, &tried->err);
}

static const char *const how_name[] = {"empty",   "sum",    "ratio",
                                       "answers", "closed", "kept"};

/* "sum 5: a=2 b=3", "ratio 5/8: a=2/4 a+b=3/4", "answers: a->1" */
static const char *said(struct tried *tried, size_t index)
{
    const struct score *score = &tried->scores.score[index];
    struct buf out;

    if (!tried->form || index >= tried->scores.count)
        return "(none)";
    buf_init(&out, &tried->arena);
    buf_puts(&out, how_name[score->how]);
    if (score->how == SCORE_SUM)
        buf_printf(&out, " %g", score->obtained);
    if (score->how == SCORE_RATIO)
        buf_printf(&out, " %g/%g", score->obtained, score->possible);
    if (score->limited)
        buf_puts(&out, " limited");
    if (score->constant != 0)
        buf_printf(&out, " +%g", score->constant);
    for (size_t i = 0; i < score->parts; i++) {
        const struct score_part *part = &score->part[i];

        buf_putc(&out, ' ');
        for (size_t k = 0; k < part->questions; k++)
            buf_printf(&out, "%s%.*s", k ? "+" : "",
                       STR_ARGS(part->question[k]->key));
        buf_printf(&out, "%s=%g", part->alone ? "" : "*", part->points);
        if (score->how == SCORE_RATIO)
            buf_printf(&out, "/%g", part->of);
    }
    for (size_t i = 0; i < score->withouts; i++)
        buf_printf(&out, " %.*s->%.*s",
                   STR_ARGS(score->without[i].question->key),
                   STR_ARGS(score->without[i].text));
    return str_c(&tried->arena, buf_str(&out));
}

static void check_shapes(struct tap *tap)
{
    static const struct {
        const char *name, *calculation, *answers, *said;
    } row[] = {
        {"a sum", "${a} + ${b}", "{'a':'2','b':'3'}", "sum 5 a=2 b=3"},
        {"minus, a factor, a divisor, a constant",
         "2 * ${a} - ${b} * 3 + ${c} div 2 + 7", "{'a':'2','b':'3','c':'4'}",
         "sum 4 +7 a=4 b=-9 c=2"},
        {"negation", "-(${a} + ${b})", "{'a':'2','b':'3'}", "sum -5 a=-2 b=-3"},
        {"one term of two answers, and one that is in two terms",
         "if(${a} > ${b}, 5, 1) + ${a}", "{'a':'2','b':'3'}",
         "sum 3 a+b*=1 a*=2"},
        {"terms of the same answers are one part", "${a} + ${a} + ${b}",
         "{'a':'2','b':'3'}", "sum 7 a=4 b=3"},
        {"a least and a most", "min(10, max(0, ${a} - ${b}))",
         "{'a':'30','b':'3'}", "sum 27 limited a=30 b=-3"},
        {"a limit that does not cut", "min(10, max(0, ${a} - ${b}))",
         "{'a':'8','b':'3'}", "sum 5 a=8 b=-3"},
        {"rounding and a branch",
         "if(${a} = '', '', round((${a} + ${b}) * 0.5, 0))",
         "{'a':'2','b':'3'}", "sum 2.5 a=1 b=1.5"},
        {"a quotient of two sums",
         "round(100 * (${a} + ${b}) div (4 * (${a} >= 0) + 8 * (${b} >= 0)), "
         "1)",
         "{'a':'2','b':'3'}", "ratio 5/12 a=2/4 b=3/8"},
        {"no answer counts nothing",
         "100 * (if(${a} >= 0, ${a}, 0) + ${b}) div (4 * (${a} >= 0) + 8)",
         "{'b':'3'}", "ratio 3/8 a=0/0 b=3/0"},
        {"a product is no sum", "${a} * ${b}", "{'a':'2','b':'3'}",
         "answers a-> b->"},
        {"a mean of two quotients is no quotient",
         "${a} div ${b} + ${b} div ${a}", "{'a':'2','b':'4'}",
         "answers a-> b->"},
        {"nothing yet", "${a} + ${b}", "{'a':'2'}", "empty"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tried tried;
        char rows[400];

        snprintf(rows, sizeof rows, ",calculate,t,T,\"%s\",,,total\n",
                 row[i].calculation);
        try_form(&tried, rows, row[i].answers, NULL);
        tap_is(tap, said(&tried, 0), row[i].said, row[i].name);
        arena_release(&tried.arena);
    }
}

static void check_levels(struct tap *tap)
{
    static const char rows[] =
        ",calculate,part,Part,${a} + ${b},,,subtotal:part\n"
        ",calculate,t,T,${part} + ${c},,,total\n"
        ",select_one band,l,L,\"if(${t} > 5, 'high', 'low')\",,,level\n";
    struct tried tried;

    try_form(&tried, rows, "{'a':'2','b':'3','c':'4'}", NULL);
    tap_is(tap, said(&tried, 1), "sum 9 a=2 b=3 c=4",
           "a sum over another calculation");
    tap_is(tap, said(&tried, 2), "answers a->Low b->Low c->Low",
           "a level says what it would be without an answer");
    arena_release(&tried.arena);
    try_form(&tried, rows, "{'a':'2','b':'3','c':'-4'}", NULL);
    tap_is(tap, said(&tried, 2), "answers", "and is silent where it stays");
    arena_release(&tried.arena);
}

static void check_readers(struct tap *tap)
{
    static const char rows[] =
        ",calculate,open,O,${a} + ${b},,,subtotal:open\n"
        ",calculate,t,T,${open} + ${c},,,total\n"
        ",calculate,own,W,${c} * 2,,health,subtotal:own\n";
    struct role nobody = {.name = STR("nobody")};
    struct role health = {.name = STR("h"), .compartments = COMPARTMENT_HEALTH};
    struct tried tried;

    try_form(&tried, rows, "{'a':'2','b':'3','c':'4'}", &nobody);
    tap_is_int(tap, (long long)tried.scores.count, 2,
               "a closed score is left out");
    tap_is(tap, said(&tried, 0), "sum 5 a=2 b=3", "an open one is explained");
    tap_is(tap, said(&tried, 1), "closed",
           "one that looks at a closed answer is not taken apart");
    arena_release(&tried.arena);
    try_form(&tried, rows, "{'a':'2','b':'3','c':'4'}", &health);
    tap_is(tap, said(&tried, 2), "sum 8 c=8", "who may read it sees it");
    arena_release(&tried.arena);
}

/* What was saved stays, whatever the form would say now. */
static void check_kept(struct tap *tap)
{
    struct score_reader reader;
    struct tried tried;

    try_form(&tried, ",calculate,t,T,${a} + ${b},,,total\n",
             "{'a':'2','b':'3'}", NULL);
    value_put_str(tried.answers, &tried.arena, "t", STR("6"));
    reader = reader_of(&tried.arena, NULL);
    scores_read(tried.form, tried.answers, &reader, &tried.scores, &tried.err);
    tap_is(tap, said(&tried, 0), "kept",
           "a saved score is not worked out anew");
    arena_release(&tried.arena);
}

static void check_wrong(struct tap *tap)
{
    static const struct {
        const char *name, *rows;
    } row[] = {
        {"a word that is none", ",calculate,t,T,1,,,points\n"},
        {"a subtotal without a name", ",calculate,t,T,1,,,subtotal\n"},
        {"two totals", ",calculate,t,T,1,,,total\n,calculate,u,U,1,,,total\n"},
        {"a score that is asked", ",integer,t,T,,,,total\n"},
        {"a score in a repeat",
         ",begin_repeat,r,R,,,,\n,calculate,t,T,1,,,total\n"
         ",end_repeat,,,,,,\n"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tried tried;

        try_form(&tried, row[i].rows, "{'a':'2'}", NULL);
        tap_ok(tap, tried.form && tried.error == ERROR_INPUT, "%s is refused",
               row[i].name);
        arena_release(&tried.arena);
    }
}

/* Sums of sums that double and double, and a chain as long as a form. */
static void check_hostile(struct tap *tap)
{
    struct tried tried;
    struct arena arena;
    struct buf rows;

    arena_init(&arena, NULL);
    buf_init(&rows, &arena);
    buf_puts(&rows, ",calculate,d0,,${a},,,\n");
    for (int i = 1; i < 40; i++)
        buf_printf(&rows, ",calculate,d%d,,${d%d} + ${d%d},,,%s\n", i, i - 1,
                   i - 1, i == 39 ? "total" : "");
    try_form(&tried, str_c(&arena, buf_str(&rows)), "{'a':'1'}", NULL);
    tap_is(tap, said(&tried, 0), "answers a->",
           "a sum that doubles 39 times is not taken apart");
    arena_release(&tried.arena);
    buf_init(&rows, &arena);
    buf_puts(&rows, ",calculate,e0,,${a},,,\n");
    for (int i = 1; i < 4000; i++)
        buf_printf(&rows, ",calculate,e%d,,${e%d} + 1,,,%s\n", i, i - 1,
                   i == 3999 ? "total" : "");
    try_form(&tried, str_c(&arena, buf_str(&rows)), "{'a':'1'}", NULL);
    tap_is(tap, said(&tried, 0), "answers a->",
           "nor is a chain of 4,000 calculations");
    arena_release(&tried.arena);
    buf_init(&rows, &arena);
    for (int i = 0; i < 101; i++)
        buf_printf(&rows, ",calculate,f%d,F,${a} + %d,,,subtotal:f%d\n", i, i,
                   i);
    try_form(&tried, str_c(&arena, buf_str(&rows)), "{'a':'1'}", NULL);
    tap_ok(tap, tried.error == ERROR_INPUT, "101 scores are too many");
    arena_release(&tried.arena);
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    check_shapes(&tap);
    check_levels(&tap);
    check_readers(&tap);
    check_kept(&tap);
    check_wrong(&tap);
    check_hostile(&tap);
    return tap_done(&tap);
}
