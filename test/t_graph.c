/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which answers a form's expressions read, what a change reaches, and how a
 * cycle is told. */
#include <time.h>

#include "form/graph.h"
#include "form/xlsform.h"

#include "tap.h"

static const char survey[] =
    "survey,,,,,,,\n"
    ",type,name,label,relevant,calculation,constraint,choice_filter\n"
    ",integer,a,A,,,. > 0,\n"
    ",calculate,twice,T,,${a} * 2,,\n"
    ",integer,b,B,${twice} > 4,,. < ${a},\n"
    ",begin_group,g,G,${b} = 3,,,\n"
    ",text,inside,I,,,,\n"
    ",end_group,,,,,,\n"
    ",begin_repeat,r,R,,,,\n"
    ",integer,x,X,,,,\n"
    ",calculate,y,Y,,../x + ${a},,\n"
    ",end_repeat,,,,,,\n"
    ",calculate,sum,S,,sum(${y}) + count(${r}[x > 1]),,\n"
    ",calculate,wild,W,,count(/data/g/*),,\n"
    ",select_one l,c,C,,,,col = ${b}\n"
    ",text,last,L,,,,\n"
    "choices,,,,\n,list_name,name,label,col\n,l,p,P,1\n,l,q,Q,2\n"
    "settings,\n,form_id\n,f\n";

static const struct form *read_form(struct tap *tap, struct arena *arena,
                                    const char *text)
{
    struct form_problems problems = {0};
    const struct form *form =
        xlsform_read(arena, str_of(text), NULL, &problems);

    for (size_t i = 0; i < problems.count; i++)
        printf("# %s\n",
               str_c(arena, err_text(&problems.problem[i].err, NULL, arena)));
    tap_ok(tap, form != NULL, "the form is read");
    return form;
}

static const char *names_of(struct arena *arena, const struct graph_edge *edge,
                            size_t count)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%.*s:%u", i ? " " : "",
                   STR_ARGS(edge[i].question->name), edge[i].use);
    return str_c(arena, buf_str(&out));
}

static void run_small(struct tap *tap)
{
    static const struct {
        const char *name, *reads, *reached;
    } cases[] = {
        {"a", "", "a:48 twice:2 b:17 g:1 inside:1 y:2 sum:2 wild:2 c:128"},
        {"twice", "a:2", "twice:48 b:1 g:1 inside:1 wild:2 c:128"},
        {"b", "twice:1 a:16", "b:48 g:1 inside:1 wild:2 c:128"},
        {"x", "", "x:48 y:2 sum:2"},
        {"sum", "y:2 r:2 x:2", "sum:48"},
        {"wild", "inside:2", "wild:48"},
        {"c", "b:128", "c:48"},
        {"last", "", "last:48"}};
    struct arena arena;
    const struct form *form;
    const struct graph *graph;

    arena_init(&arena, NULL);
    form = read_form(tap, &arena, survey);
    graph = form ? graph_new(form, &arena) : NULL;
    for (size_t i = 0; graph && i < sizeof cases / sizeof cases[0]; i++) {
        const struct question *q =
            form_find_name(form, NULL, str_of(cases[i].name));
        const struct graph_edge *edge;
        size_t count = graph_reads(graph, q, &edge);

        tap_is(tap, names_of(&arena, edge, count), cases[i].reads,
               cases[i].name);
        count = graph_reached(graph, q, &arena, &edge);
        tap_is(tap, names_of(&arena, edge, count), cases[i].reached,
               cases[i].name);
    }
    arena_release(&arena);
}

static void run_cycle(struct tap *tap)
{
    static const char text[] =
        "survey,,,,\n,type,name,label,calculation\n"
        ",calculate,a,A,${b}\n,calculate,b,B,${c} + 1\n,calculate,c,C,${a}\n"
        "settings,\n,form_id\n,f\n";
    struct form_problems problems = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    xlsform_read(&arena, str_of(text), NULL, &problems);
    tap_ok(tap, problems.errors == 1, "one problem");
    if (problems.count)
        tap_is(tap,
               str_c(&arena, err_text(&problems.problem[0].err, NULL, &arena)),
               "«c» depende de sí misma: a → b → c → a. Quite una de esas "
               "referencias.",
               "its path");
    arena_release(&arena);
}

/* 1,000 questions in chains of ten. */
static void run_large(struct tap *tap)
{
    struct arena arena, work;
    const struct form *form;
    const struct graph *graph;
    const struct graph_edge *edge;
    size_t count = 0;
    clock_t began;
    struct buf text;

    arena_init(&arena, NULL);
    arena_init(&work, NULL);
    buf_init(&text, &arena);
    buf_puts(&text, "survey,,,,\n,type,name,label,calculation\n");
    for (int i = 0; i < 1000; i++)
        if (i % 10)
            buf_printf(&text, ",calculate,q%d,Q,${q%d} + 1\n", i, i - 1);
        else
            buf_printf(&text, ",integer,q%d,Q,\n", i);
    buf_puts(&text, "settings,\n,form_id\n,f\n");
    form = read_form(tap, &arena, str_c(&arena, buf_str(&text)));
    graph = form ? graph_new(form, &arena) : NULL;
    began = clock();
    for (size_t i = 0; graph && i < 100; i++) {
        arena_clear(&work);
        count = graph_reached(graph, form->question[500], &work, &edge);
    }
    printf("# %.1f us for what a change in 1,000 questions reaches\n",
           (double)(clock() - began) * 1e6 / CLOCKS_PER_SEC / 100);
    tap_ok(tap, count == 10, "a chain of ten");
    arena_release(&work);
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    run_small(&tap);
    run_cycle(&tap);
    run_large(&tap);
    return tap_done(&tap);
}
