/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A form while it is filled in: after any changes it says what it would say of
 * the same answers loaded at once, and what form_check says; a packed form is
 * the form; a filter over a list picks what it picks one by one; and a changed
 * answer among a thousand questions is worked through in time. */
#include <stdlib.h>
#include <time.h>

#include "form/expr/eval.h"
#include "form/live.h"
#include "form/pack.h"
#include "form/xlsform.h"

#include "file.h"
#include "tap.h"

static const int64_t now = 1795320000000;

static uint32_t random_state = 7;

static uint32_t any(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

static struct str catalog_file(void *context, struct str name)
{
    struct arena *arena = context;

    return file_read(
        arena, str_c(arena, str_format(arena, "catalog/%.*s", STR_ARGS(name))));
}

static const struct form *read_form(struct arena *arena, struct str text)
{
    struct form_problems problems = {0};
    struct form_files files = {arena, catalog_file};

    return xlsform_read(arena, text, &files, &problems);
}

static const char *json(struct arena *arena, const struct value *value)
{
    struct buf out;

    buf_init(&out, arena);
    value_write(value, &out);
    return str_c(arena, buf_str(&out));
}

/* --- random changes --------------------------------------------------------
 */

struct filling {
    const struct form *form;
    struct arena *arena;
    struct live live;
    struct value *fields; /* everything typed so far */
    struct value *told[3];
    size_t rows; /* per repeat, made at the start */
};

static const char *const part[] = {"relevant", "values", "errors"};

static struct str any_text(struct filling *f, const struct question *question)
{
    static const char *const text[] = {"",  "3",   "yes",        "no",
                                       "x", "200", "2001-02-03", "1998"};

    if (question->choices && question->choices->count && any(4))
        return question->choices
            ->choice[any((uint32_t)question->choices->count)]
            .name;
    if (any(3) == 0)
        return str_format(f->arena, "%u", any(120));
    return str_of(text[any(sizeof text / sizeof text[0])]);
}

static struct str any_name(struct filling *f, const struct question *question)
{
    struct str name = question->key;

    for (const struct question *up = question->repeat; up; up = up->repeat)
        name = str_format(f->arena, "%.*s.%u.%.*s", STR_ARGS(up->key),
                          any((uint32_t)f->rows), STR_ARGS(name));
    return name;
}

static void merge_told(struct filling *f, const struct value *told)
{
    for (size_t i = 0; i < 3; i++) {
        const struct value *from = value_get(told, part[i]);

        for (size_t k = 0; k < value_count(from); k++)
            value_set(f->told[i], f->arena,
                      str_copy(f->arena, value_name_at(from, k)),
                      value_copy(value_at(from, k), f->arena));
    }
}

static bool same_told(struct filling *f, const struct value *fresh)
{
    for (size_t i = 0; i < 3; i++) {
        const struct value *want = value_get(fresh, part[i]);

        for (size_t k = 0; k < value_count(want); k++) {
            struct str name = value_name_at(want, k);
            const struct value *got = value_get_str(f->told[i], name);

            if (value_equal(got, value_at(want, k)))
                continue;
            printf("# %s %.*s: %s, loaded at once %s\n", part[i],
                   STR_ARGS(name), json(f->arena, got),
                   json(f->arena, value_at(want, k)));
            return false;
        }
    }
    return true;
}

/* Answers of the record itself, and how many problems there are. */
static bool same_check(struct filling *f)
{
    struct check_options options = f->live.options;
    struct check_result result = {0};
    struct err err = {0};
    const struct value *answers =
        answers_from_fields(f->form, f->fields, f->arena);
    const struct frame *top = f->live.checking.top;
    size_t wrong = 0;

    if (form_check(f->form, answers, &options, f->arena, &result, &err))
        return false;
    for (size_t i = 0; i < f->form->question_count; i++) {
        const struct question *question = f->form->question[i];
        struct str want =
            value_text(value_get_str(result.answers, question->key));

        if (question->repeat || !question_has_value(question) ||
            str_equal(top->level.text[i], want))
            continue;
        printf("# %.*s: %.*s, checked %.*s\n", STR_ARGS(question->key),
               STR_ARGS(top->level.text[i]), STR_ARGS(want));
        return false;
    }
    for (size_t i = 0; i < value_count(f->told[2]); i++)
        wrong += value_text(value_at(f->told[2], i)).size > 0;
    if (wrong != result.count)
        printf("# %zu problems, checked %zu\n", wrong, result.count);
    return wrong == result.count;
}

static void begin_filling(struct filling *f)
{
    f->fields = value_object(f->arena);
    for (size_t i = 0; i < 3; i++)
        f->told[i] = value_object(f->arena);
    for (size_t i = 0; i < f->form->question_count; i++) {
        const struct question *question = f->form->question[i];

        for (size_t row = 0; row < f->rows; row++)
            if (!question->repeat && question_has_value(question))
                value_set(f->fields, f->arena, question->key,
                          value_string(f->arena, STR("")));
            else if (question_has_value(question) && !question->repeat->repeat)
                value_set(f->fields, f->arena,
                          str_format(f->arena, "%.*s.%zu.%.*s",
                                     STR_ARGS(question->repeat->key), row,
                                     STR_ARGS(question->key)),
                          value_string(f->arena, STR("")));
    }
    f->live.options.now = now;
    f->live.options.utc_offset = -21600;
    merge_told(f, live_load(&f->live,
                            answers_from_fields(f->form, f->fields, f->arena)));
}

static void change_one(struct filling *f)
{
    const struct question *question =
        f->form->question[any((uint32_t)f->form->question_count)];
    struct value *one = value_object(f->arena);
    struct str name, text;

    if (!question_has_value(question) || question->calculation)
        return;
    name = any_name(f, question);
    text = any_text(f, question);
    value_set(one, f->arena, name, value_string(f->arena, text));
    value_set(f->fields, f->arena, name, value_string(f->arena, text));
    merge_told(
        f, live_change(&f->live, answers_from_fields(f->form, one, f->arena)));
}

static void check_filling(struct tap *tap, const char *name,
                          const struct form *form, struct arena *arena)
{
    struct filling f = {.form = form, .arena = arena, .rows = 3};
    struct live fresh;
    bool good = true;

    live_init(&f.live, form, graph_new(form, arena), NULL);
    live_init(&fresh, form, f.live.graph, NULL);
    begin_filling(&f);
    for (int i = 0; good && i < 300; i++) {
        change_one(&f);
        if (i % 10 != 9)
            continue;
        fresh.options = f.live.options;
        good = same_told(&f, live_load(&fresh, answers_from_fields(
                                                   form, f.fields, arena))) &&
               same_check(&f);
    }
    tap_ok(tap, good, "%s: 300 changes, told as if loaded at once", name);
    live_release(&f.live);
    live_release(&fresh);
}

/* --- what is packed --------------------------------------------------------
 */

static void check_packed(struct tap *tap, const char *name,
                         const struct form *form, struct arena *arena)
{
    struct value *packed = form_pack(form, STR("en"), NULL, arena);
    const struct form *again = form_unpack(packed, arena);
    bool same = again && again->question_count == form->question_count;

    for (size_t i = 0; same && i < form->question_count; i++) {
        const struct question *a = form->question[i], *b = again->question[i];

        same = a->type == b->type && str_equal(a->key, b->key) &&
               a->end == b->end && !a->parent == !b->parent &&
               (!a->parent || a->parent->index == b->parent->index) &&
               !a->repeat == !b->repeat && !a->next == !b->next &&
               form->order[i]->index == again->order[i]->index;
    }
    tap_ok(tap, same, "%s: unpacked as it was packed", name);
}

static void run_shipped(struct tap *tap)
{
    static const char *const name[] = {
        "arrival",   "casefile", "consent", "flag",  "followup", "group",
        "journey",   "need",     "person",  "place", "profile",  "referral",
        "screening", "service",  "tally",   "user"};

    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        struct arena arena;
        const struct form *form;

        arena_init(&arena, NULL);
        form = read_form(
            &arena,
            file_read(&arena, str_c(&arena, str_format(&arena, "forms/%s.csv",
                                                       name[i]))));
        if (tap_ok(tap, form != NULL, "%s is read", name[i])) {
            check_packed(tap, name[i], form, &arena);
            check_filling(tap, name[i], form, &arena);
        }
        arena_release(&arena);
    }
}

/* --- nested rows, filters --------------------------------------------------
 */

static const char nested[] =
    "survey,,,,,,\n"
    ",type,name,label,relevant,calculation,constraint,choice_filter\n"
    ",begin_repeat,a,A,,,,\n"
    ",integer,x,X,,,. < 100,\n"
    ",begin_repeat,b,B,${x} > 1,,,\n"
    ",integer,y,Y,,,,\n"
    ",calculate,xy,P,,${x} * ${y},,\n"
    ",select_one l,c,C,${y} > 2,,,part = ${y} and name != 'q'\n"
    ",end_repeat,,,,,,\n"
    ",calculate,sum,S,,sum(${xy}),,\n"
    ",end_repeat,,,,,,\n"
    ",calculate,rows,R,,count(${a}),,\n"
    ",calculate,all,T,,sum(${sum}) + count(${b}),,\n"
    "choices,,,,\n,list_name,name,label,part\n,l,p,P,3\n,l,q,Q,3\n,l,r,R,4\n"
    "settings,\n,form_id\n,f\n";

static const char *changed(struct live *live, struct arena *arena,
                           const char *name, const char *text)
{
    struct value *one = value_object(arena);

    value_put_text(one, arena, name, text);
    return json(arena,
                live_change(live, answers_from_fields(live->form, one, arena)));
}

static void run_nested(struct tap *tap)
{
    struct arena arena;
    struct live live;
    const struct form *form;

    arena_init(&arena, NULL);
    form = read_form(&arena, str_of(nested));
    tap_ok(tap, form != NULL, "a form with rows in rows is read");
    live_init(&live, form, graph_new(form, &arena), NULL);
    changed(&live, &arena, "a.0.x", "3");
    changed(&live, &arena, "a.1.x", "1");
    tap_is(tap, changed(&live, &arena, "a.0.b.0.y", "4"),
           "{\"relevant\":{\"a.0.b.0.y\":true,\"a.0.b.0.xy\":true,"
           "\"a.0.b.0.c\":true},\"values\":{\"a.0.b.0.xy\":"
           "\"12\",\"a.0.sum\":\"12\",\"all\":\"13\"},\"errors\":{"
           "\"a.0.b.0.y\":\"\",\"a.0.b.0.c\":\"\"},\"choices\":{"
           "\"a.0.b.0.c\":[[\"r\",\"R\"]]},\"counts\":{}}",
           "an answer in a row of a row");
    tap_is(tap, changed(&live, &arena, "a.0.x", "1"),
           "{\"relevant\":{\"a.0.b\":false,\"a.0.b.0.y\":false,"
           "\"a.0.b.0.xy\":false,\"a.0.b.0.c\":false},\"values\":{"
           "\"a.0.b.0.xy\":\"\",\"a.0.sum\":\"0\",\"all\":\"0\"},\"errors\":{"
           "\"a.0.x\":\"\",\"a.1.x\":\"\",\"a.0.b.0.y\":\"\","
           "\"a.0.b.0.c\":\"\"},\"choices\":{},\"counts\":{}}",
           "rows that are not asked for count nowhere");
    changed(&live, &arena, "a.0.x", "2");
    tap_is(tap,
           json(&arena,
                value_string(&arena,
                             live.checking.top->level
                                 .text[form_find(form, STR("all"))->index])),
           "\"9\"", "and are there again");
    live_release(&live);
    arena_release(&arena);
}

static bool same_choices(const struct form *form, const char *part_text,
                         const char *text, struct arena *arena)
{
    const struct question *question = form_find(form, STR("c"));
    struct value *answers = value_object(arena);
    struct expr_scope scope = {.arena = arena,
                               .form = form,
                               .answers = answers,
                               .node = question,
                               .language = STR("es"),
                               .now = now};
    const struct choice **choice;
    struct err err = {0};
    size_t count, at = 0;

    value_put_text(answers, arena, "p", part_text);
    value_put_text(answers, arena, "n", text);
    count = question_choices(question, &scope, &choice);
    for (size_t i = 0; i < question->choices->count; i++) {
        const struct choice *one = &question->choices->choice[i];

        if (!expr_true_for_choice(question->choice_filter, &scope, one, &err))
            continue;
        if (at == count || choice[at++] != one)
            return false;
    }
    return at == count;
}

static void run_filters(struct tap *tap)
{
    static const char *const filter[] = {
        "part = ${p}",
        "${p} = part",
        "part = ${p} and other = ${n}",
        "part = ${p} or other = ${n}",
        "part = '3' and name != ${n}",
        "name = ${n}",
        "label = ${n}",
        "missing = ${p}",
        "part != ${p}",
        "part = number(${p})",
        "day = ${p}",
        "selected(${p}, part)",
        "part = ${n} and day = ${p} and other = 'x' and part = '3' and "
        "name = 'a'"};
    static const char *const text[] = {
        "", "3", "03", "x", "a", "A", "2020-01-02", "2020-01-02T00:00:00Z"};

    for (size_t i = 0; i < sizeof filter / sizeof filter[0]; i++) {
        struct arena arena;
        const struct form *form;
        bool good = true;

        arena_init(&arena, NULL);
        form = read_form(
            &arena,
            str_format(&arena,
                       "survey,,,,\n,type,name,label,choice_filter\n"
                       ",text,p,P,\n,text,n,N,\n,select_one l,c,C,\"%s\"\n"
                       "choices,,,,,,\n"
                       ",list_name,name,label,part,other,day,missing\n"
                       ",l,a,A,3,x,2020-01-02,\n,l,b,B,4,,2020-01-03,\n"
                       ",l,c,C,,x,,\n,l,d,x,3,3,2020-01-02,\n"
                       "settings,\n,form_id\n,f\n",
                       filter[i]));
        for (size_t k = 0; form && good && k < 64; k++)
            good = same_choices(form, text[k / 8], text[k % 8], &arena);
        tap_ok(tap, form && good, "a filter as one by one: %s", filter[i]);
        arena_release(&arena);
    }
}

/* --- a thousand questions --------------------------------------------------
 */

static struct str big_form(struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "survey,,,,,,,\n,type,name,label,relevant,constraint,"
                   "calculation,choice_filter\n");
    for (int i = 0; i < 1000; i++)
        if (i % 10 == 1 && i > 10)
            buf_printf(&out, ",calculate,q%d,,,,${q%d} + ${q%d},\n", i, i - 1,
                       i - 10);
        else if (i % 10 == 3)
            buf_printf(&out, ",text,q%d,Q,${q%d} > 5,,,\n", i, i - 3);
        else if (i % 10 == 5)
            buf_printf(&out, ",select_one l,q%d,Q,,,,part = ${q%d}\n", i,
                       i - 5);
        else
            buf_printf(&out, ",integer,q%d,Q,,. <= 1000 and . >= -%d,,\n", i,
                       i);
    buf_puts(&out, "choices,,,,\n,list_name,name,label,part\n");
    for (int i = 0; i < 10000; i++)
        buf_printf(&out, ",l,c%d,C,%d\n", i, i % 100);
    buf_puts(&out, "settings,\n,form_id\n,f\n");
    return buf_str(&out);
}

static double milliseconds(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static int number_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run_big(struct tap *tap)
{
    enum { ROUNDS = 101 };

    double took[ROUNDS], from;
    struct arena arena;
    struct live live;
    const struct form *form;

    arena_init(&arena, NULL);
    form = read_form(&arena, big_form(&arena));
    if (!tap_ok(tap, form != NULL, "a thousand questions are read"))
        return;
    live_init(&live, form, graph_new(form, &arena), NULL);
    from = milliseconds();
    live_load(&live, value_object(&arena));
    printf("# all answers: %.2f ms\n", milliseconds() - from);
    for (int i = 0; i < ROUNDS; i++) {
        struct value *one = value_object(&arena);

        value_put_text(one, &arena, "q10", i % 2 ? "7" : "3");
        from = milliseconds();
        live_change(&live, one);
        took[i] = milliseconds() - from;
    }
    qsort(took, ROUNDS, sizeof took[0], number_order);
    printf("# a changed answer that reaches %zu questions: %.3f ms\n",
           live.reached, took[ROUNDS / 2]);
#ifdef __OPTIMIZE__
#ifndef __SANITIZE_ADDRESS__
    tap_ok(tap, took[ROUNDS / 2] < 1, "a changed answer within a millisecond");
#endif
#endif
    live_release(&live);
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    run_nested(&tap);
    run_filters(&tap);
    run_shipped(&tap);
    run_big(&tap);
    return tap_done(&tap);
}
