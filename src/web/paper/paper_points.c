/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_points.c - what each choice counts, so that an instrument can be
 * summed by hand.
 *
 * Points are printed only where adding them gives what the program would: the
 * calculation is tried with every choice alone, and the sum of these is held
 * against whole sheets filled in at random. A quotient of two such sums is
 * said as one. Any other score is left to the program, and the box says so.
 */
#include "web/paper/points.h"

#include <math.h>

#include "form/expr/tree.h"

enum {
    POINTS_SHEETS = 12,        /* filled in at random */
    POINTS_WORK_MAX = 64000000 /* bytes of calculations worked out */
};

/* --- working it out ------------------------------------------------------ */

static bool has_choices(const struct question *question)
{
    return question_is_select(question) && question->choices &&
           question->type != QUESTION_RANK && !question->repeat &&
           question->choices->count <= PAPER_ANNEX_MAX;
}

/* Every calculation for these answers; NAN: it has no value. */
static void work_out(struct points *points, struct arena *arena,
                     struct value *answers, double *value)
{
    const struct paper *paper = points->papering->paper;
    const struct form *form = paper->form;
    struct expr_scope scope = {.arena = arena,
                               .form = form,
                               .answers = answers,
                               .language = paper->language,
                               .now = paper->now,
                               .utc_offset = paper->utc_offset};
    size_t at = 0;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->order[i];
        struct expr_result result = {0};
        struct err err = {0};
        struct str text;

        if (!question->calculation || question->repeat)
            continue;
        scope.node = question;
        points->work += 1 + question->calculation->source.size;
        if (expr_eval(question->calculation, &scope, &result, &err))
            continue;
        text = str_copy(arena, expr_to_text(&result, arena));
        value_set(answers, arena, question->key, value_string(arena, text));
    }
    for (at = 0; at < points->sums; at++) {
        struct str text =
            value_text(value_get_str(answers, points->sum[at].question->key));

        if (!str_to_double(text, &value[at]))
            value[at] = NAN; /* no answer */
    }
}

/* What has no value adds nothing. */
static double amount(double value)
{
    return isnan(value) ? 0 : value;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * (1 + fabs(a) + fabs(b));
}

/* --- which questions a calculation rests on ------------------------------ */

struct resting {
    struct points *points;
    struct sum *sum;
    bool *seen;
};

static void rests_on(void *context, const struct question *question)
{
    struct resting *resting = context;
    const struct papering *papering = resting->points->papering;
    struct expr_binding binding = {.form = papering->form,
                                   .node = question,
                                   .context = resting,
                                   .used = rests_on};

    if (!question || resting->seen[question->index])
        return;
    resting->seen[question->index] = true;
    if (question->calculation)
        expr_uses(question->calculation, &binding);
    else if (has_choices(question) && papering->number[question->index])
        resting->sum->part[question->index] =
            ARENA_ARRAY(papering->arena, double, question->choices->count + 1);
    else
        resting->sum->other = true;
}

static bool sum_begin(struct points *points, struct sum *sum,
                      const struct question *question)
{
    const struct papering *papering = points->papering;
    size_t count = papering->form->question_count + 1;
    struct resting resting = {points, sum,
                              ARENA_ARRAY(papering->arena, bool, count)};

    sum->question = question;
    sum->part = ARENA_ARRAY(papering->arena, double *, count);
    if (!sum->part || !resting.seen)
        return false;
    rests_on(&resting, question);
    sum->adds = true;
    return true;
}

/* --- trying -------------------------------------------------------------- */

static bool counts_somewhere(const struct points *points, size_t index)
{
    for (size_t i = 0; i < points->sums; i++)
        if (points->sum[i].part[index])
            return true;
    return false;
}

/* One answer is not enough for a quotient that wants more. */
static void note_few(struct points *points, const double *value)
{
    for (size_t i = 0; i < points->boxes; i++) {
        struct box *box = &points->box[i];

        if (box->below && isnan(value[box->sum - points->sum]) &&
            amount(value[box->below - points->sum]) != 0)
            box->few = true;
    }
}

static void try_alone(struct points *points, const double *empty, double *value)
{
    const struct form *form = points->papering->form;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (!has_choices(question) || !counts_somewhere(points, i))
            continue;
        for (size_t k = 0; k < question->choices->count; k++) {
            struct value *answers;
            struct arena arena;

            if (points->work > POINTS_WORK_MAX)
                return;
            arena_init(&arena, NULL);
            answers = value_object(&arena);
            value_set(answers, &arena, question->key,
                      value_string(&arena, question->choices->choice[k].name));
            work_out(points, &arena, answers, value);
            note_few(points, value);
            for (size_t s = 0; s < points->sums; s++)
                if (points->sum[s].part[i])
                    points->sum[s].part[i][k] =
                        amount(value[s]) - amount(empty[s]);
            arena_release(&arena);
        }
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* One choice of a select_one (or none), any of a select_multiple. */
static void fill_question(struct points *points, struct arena *arena,
                          struct value *answers,
                          const struct question *question, uint32_t *state,
                          double *expected)
{
    size_t count = question->choices->count;
    size_t one = next_random(state) % (count + 1);
    struct buf out;

    buf_init(&out, arena);
    for (size_t k = 0; k < count; k++) {
        if (question->type == QUESTION_SELECT_ONE ? k != one
                                                  : next_random(state) % 2)
            continue;
        if (out.size)
            buf_putc(&out, ' ');
        buf_put(&out, question->choices->choice[k].name);
        for (size_t s = 0; s < points->sums; s++)
            if (points->sum[s].part[question->index])
                expected[s] += points->sum[s].part[question->index][k];
    }
    if (out.size)
        value_set(answers, arena, question->key,
                  value_string(arena, buf_str(&out)));
}

/* To one decimal, or to none. */
static bool rounded(double exact, double is)
{
    return fabs(exact - is) <= (is == floor(is) ? 0.501 : 0.051);
}

/* A quotient is held against the same sheets. */
static void try_quotients(struct points *points, const double *value)
{
    for (size_t i = 0; i < points->boxes; i++) {
        struct box *box = &points->box[i];
        double above, below, is;

        if (!box->below)
            continue;
        above = amount(value[box->above - points->sum]);
        below = amount(value[box->below - points->sum]);
        is = value[box->sum - points->sum];
        if (below == 0)
            continue;
        if (isnan(is))
            continue; /* too little was answered */
        box->held++;
        if (!rounded(box->scale * above / below, is))
            box->below = NULL;
    }
}

static void try_sheets(struct points *points, const double *empty,
                       double *value, double *expected)
{
    const struct form *form = points->papering->form;
    uint32_t state = 20261122;

    for (int sheet = 0; sheet < POINTS_SHEETS; sheet++) {
        struct value *answers;
        struct arena arena;

        arena_init(&arena, NULL);
        answers = value_object(&arena);
        for (size_t s = 0; s < points->sums; s++)
            expected[s] = amount(empty[s]);
        for (size_t i = 0; i < form->question_count; i++)
            if (has_choices(form->question[i]) && counts_somewhere(points, i))
                fill_question(points, &arena, answers, form->question[i],
                              &state, expected);
        work_out(points, &arena, answers, value);
        for (size_t s = 0; s < points->sums; s++)
            if (!near(amount(value[s]), expected[s]))
                points->sum[s].adds = false;
        try_quotients(points, value);
        arena_release(&arena);
    }
}

/* --- boxes --------------------------------------------------------------- */

static struct sum *sum_of(const struct points *points,
                          const struct question *question)
{
    for (size_t i = 0; i < points->sums; i++)
        if (points->sum[i].question == question)
            return &points->sum[i];
    return NULL;
}

struct operands {
    const struct points *points;
    struct sum *sum[3];
    size_t count;
};

static void take_operand(void *context, const struct question *question)
{
    struct operands *operands = context;
    struct sum *sum = question ? sum_of(operands->points, question) : NULL;

    for (size_t i = 0; i < operands->count; i++)
        if (operands->sum[i] == sum)
            return;
    if (sum && operands->count < 3)
        operands->sum[operands->count++] = sum;
    else
        operands->count = 3; /* something else */
}

static bool has_number(const struct expr *expr, double number)
{
    if (expr->kind == EXPR_KIND_NUMBER && expr->number == number)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (has_number(expr->arg[i], number))
            return true;
    return false;
}

/* What looks like 100 * points div possible; try_sheets decides. The divisor
 * is the second one written. */
static void find_quotient(struct points *points, struct box *box)
{
    const struct question *question = box->question;
    struct operands operands = {.points = points};
    struct expr_binding binding = {.form = points->papering->form,
                                   .node = question,
                                   .context = &operands,
                                   .used = take_operand};
    size_t index;

    expr_uses(question->calculation, &binding);
    if (operands.count != 2)
        return;
    /* "if(possible > 0, …)" names the divisor first */
    index = operands.sum[0]->question->index < operands.sum[1]->question->index;
    box->above = operands.sum[index ? 0 : 1];
    box->below = operands.sum[index ? 1 : 0];
    box->scale = has_number(question->calculation, 100) ? 100 : 1;
}

bool sum_counts(const struct sum *sum, const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++)
        for (size_t k = 0;
             sum->part[i] && k < form->question[i]->choices->count; k++)
            if (sum->part[i][k] != 0)
                return true;
    return false;
}

/* Do they count some choice alike? Another score may look at the same
 * answers for another reason. */
static bool shares(const struct sum *a, const struct sum *b,
                   const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++)
        for (size_t k = 0;
             a->part[i] && b->part[i] && k < form->question[i]->choices->count;
             k++)
            if (b->part[i][k] != 0 && near(a->part[i][k], b->part[i][k]))
                return true;
    return false;
}

/* Do the lettered boxes before it add up to the same, for every choice?
 * below: the divisors of all of them. */
static bool adds_up(const struct points *points, size_t at, bool below)
{
    const struct box *box = &points->box[at];
    const struct form *form = points->papering->form;
    const struct sum *sum = below ? box->below : box->sum;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        for (size_t k = 0; sum->part[i] && k < question->choices->count; k++) {
            double rest = sum->part[i][k];

            for (size_t b = 0; b < at; b++) {
                const struct box *other = &points->box[b];
                const struct sum *part = below ? other->below : other->sum;

                if (other->letter && part &&
                    shares(box->sum, other->sum, form) && part->part[i])
                    rest -= part->part[i][k];
            }
            if (!near(rest, 0))
                return false;
        }
    }
    return true;
}

/* Is it the sum of boxes before it? Then it says "A + B". */
static void find_formula(struct points *points, size_t at)
{
    struct box *box = &points->box[at];
    const struct form *form = points->papering->form;
    struct buf out;

    if (!adds_up(points, at, false) ||
        (box->below && sum_counts(box->below, form) &&
         !adds_up(points, at, true)))
        return;
    buf_init(&out, points->papering->arena);
    for (size_t b = 0; b < at; b++) {
        const struct box *other = &points->box[b];

        if (other->letter && shares(box->sum, other->sum, form))
            buf_printf(&out, "%s%c", out.size ? " + " : "", other->letter);
    }
    box->formula = buf_str(&out);
}

static void give_letters(struct points *points)
{
    const struct form *form = points->papering->form;
    char letter = 'A';

    for (size_t i = 0; i < points->boxes; i++) {
        struct box *box = &points->box[i];

        if (box->below && box->held >= POINTS_SHEETS / 4 && box->above->adds &&
            box->below->adds &&
            (box->below->base == 0 || !sum_counts(box->below, form)))
            box->sum = box->above;
        else
            box->below = NULL;
        if (!box->sum->adds || box->sum->base != 0 ||
            !sum_counts(box->sum, form))
            continue;
        find_formula(points, i);
        if (!box->formula.size)
            box->letter = letter++;
    }
}

static bool add_sums(struct points *points)
{
    const struct form *form = points->papering->form;

    points->sum = ARENA_ARRAY(points->papering->arena, struct sum,
                              form->question_count + 1);
    for (size_t i = 0; points->sum && i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (!question->calculation || question->repeat)
            continue;
        if (!sum_begin(points, &points->sum[points->sums], question))
            return false;
        points->sums++;
    }
    for (size_t i = 0; points->sum && i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str name;
        struct box *box = &points->box[points->boxes];

        if (!question->calculation ||
            !value_text_of(question->extra, "bind::cobijo:score").size ||
            points->boxes == POINTS_SCORES_MAX)
            continue;
        box->question = question;
        box->role = score_role(question, &name);
        if (box->role > SCORE_LEVEL)
            continue; /* how much was answered is seen */
        box->sum = sum_of(points, question);
        if (box->sum && box->role <= SCORE_SUBTOTAL)
            find_quotient(points, box);
        if (box->sum)
            points->boxes++;
    }
    return points->sum != NULL;
}

/* Too much to try. */
static void leave_to_program(struct points *points)
{
    for (size_t i = 0; i < points->sums; i++)
        points->sum[i].adds = false;
}

const struct points *points_read(const struct papering *papering)
{
    struct points *points = arena_alloc(papering->arena, sizeof *points);
    double *empty, *value, *expected;
    struct arena arena;

    if (!points || !form_has_score(papering->form))
        return NULL;
    memset(points, 0, sizeof *points);
    points->papering = papering;
    if (!add_sums(points))
        return NULL;
    empty = ARENA_ARRAY(papering->arena, double, points->sums + 1);
    value = ARENA_ARRAY(papering->arena, double, points->sums + 1);
    expected = ARENA_ARRAY(papering->arena, double, points->sums + 1);
    if (!empty || !value || !expected)
        return NULL;
    arena_init(&arena, NULL);
    work_out(points, &arena, value_object(&arena), empty);
    arena_release(&arena);
    for (size_t i = 0; i < points->sums; i++)
        points->sum[i].base = amount(empty[i]);
    try_alone(points, empty, value);
    if (points->work <= POINTS_WORK_MAX)
        try_sheets(points, empty, value, expected);
    else
        leave_to_program(points);
    give_letters(points);
    return points;
}
