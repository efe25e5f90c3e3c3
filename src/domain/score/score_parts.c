/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* score_parts.c - a calculation as a sum of terms, each put down to the
 * answers it looks at.
 *
 * Only shapes that make "counts 2 points" exactly true are taken apart: plus,
 * minus, a constant factor or divisor, a calculation that is itself such a
 * sum, one quotient of two sums at the top, and around it rounding, a choice
 * between two branches, a least or a most. Everything else is one term.
 */
#include "domain/score/score_private.h"

#include <math.h>

#include "form/expr/tree.h"

enum { SCORE_DEPTH_MAX = 50, SCORE_TERMS_MAX = 6000, SCORE_PARTS_MAX = 1000 };

/* --- what a calculation looks at ----------------------------------------- */

struct marking {
    struct scoring *scoring;
    size_t *height;
};

static void mark_question(void *context, const struct question *question)
{
    struct marking *marking = context;
    struct scoring *scoring = marking->scoring;

    if (!question || scoring->seen[question->index] == scoring->round)
        return;
    scoring->seen[question->index] = scoring->round;
    if (question->index < scoring->low)
        scoring->low = question->index;
    if (question->index >= scoring->high)
        scoring->high = question->index + 1;
    if (question->calculation)
        scoring->stack[(*marking->height)++] = question;
}

/* Marks what an expression may read and pushes the calculations among it. */
static void mark_references(struct scoring *scoring, const struct expr *expr,
                            const struct question *node, size_t *height)
{
    struct marking marking = {scoring, height};
    struct expr_binding binding = {.form = scoring->form,
                                   .node = node,
                                   .context = &marking,
                                   .used = mark_question};

    expr_uses(expr, &binding);
}

size_t score_leaves(struct scoring *scoring, const struct expr *expr,
                    const struct question *node, const struct question ***leaf)
{
    const struct question *const *question =
        (const struct question *const *)scoring->form->question;
    size_t height = 0, count = 0;

    scoring->round++;
    scoring->low = SIZE_MAX;
    scoring->high = 0;
    mark_references(scoring, expr, node, &height);
    while (height > 0) {
        const struct question *next = scoring->stack[--height];

        mark_references(scoring, next->calculation, next, &height);
    }
    *leaf = NULL;
    for (size_t i = scoring->low; i < scoring->high; i++)
        count +=
            scoring->seen[i] == scoring->round && !question[i]->calculation;
    *leaf = ARENA_ARRAY(scoring->arena, const struct question *, count + 1);
    count = 0;
    for (size_t i = scoring->low; *leaf && i < scoring->high; i++)
        if (scoring->seen[i] == scoring->round && !question[i]->calculation)
            (*leaf)[count++] = question[i];
    return count;
}

/* --- numbers ------------------------------------------------------------- */

static struct expr_scope scope_of(const struct scoring *scoring,
                                  const struct question *node)
{
    return (struct expr_scope){.arena = scoring->arena,
                               .form = scoring->form,
                               .answers = scoring->answers,
                               .node = node,
                               .language = scoring->reader->language,
                               .now = scoring->reader->now,
                               .utc_offset = scoring->reader->utc_offset};
}

double score_number(const struct scoring *scoring, const struct expr *expr,
                    const struct question *node)
{
    struct expr_scope scope = scope_of(scoring, node);
    struct expr_result result = {0};
    struct err err = {0};

    if (expr_eval(expr, &scope, &result, &err) != ERROR_NONE)
        return NAN;
    return expr_to_number(&result);
}

static bool holds(const struct scoring *scoring, const struct expr *expr,
                  const struct question *node)
{
    struct expr_scope scope = scope_of(scoring, node);
    struct err err = {0};

    return expr_true(expr, &scope, false, &err);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * (1 + fabs(a) + fabs(b));
}

/* --- shapes -------------------------------------------------------------- */

static bool is_operator(const struct expr *expr, enum expr_operator operation)
{
    return expr->kind == EXPR_KIND_OPERATOR && expr->operation == operation;
}

static bool is_call(const struct expr *expr, const char *name)
{
    return expr->kind == EXPR_KIND_CALL && expr->function &&
           str_equal_c(str_of(expr->function->name), name);
}

static bool is_constant(const struct scoring *scoring, const struct expr *expr,
                        double *number)
{
    struct str *name = NULL;

    if (expr->kind == EXPR_KIND_NUMBER) {
        *number = expr->number;
        return true;
    }
    if (expr->kind == EXPR_KIND_PATH || expr->kind == EXPR_KIND_CALL ||
        expr_references(expr, scoring->arena, &name) > 0)
        return false;
    *number = score_number(scoring, expr, NULL);
    return isfinite(*number);
}

/* A plain ${name} of a calculation that has a value. */
static const struct question *calculation_at(const struct scoring *scoring,
                                             const struct expr *expr,
                                             const struct question *node)
{
    const struct question *question;

    if (expr->kind != EXPR_KIND_PATH || expr->root != EXPR_ROOT_NAME ||
        expr->step_count != 1 || expr->predicates)
        return NULL;
    question = form_find_name(scoring->form, node, expr_path_name(expr));
    if (!question || !question->calculation || question->repeat ||
        !value_text(value_get_str(scoring->answers, question->key)).size)
        return NULL;
    return question;
}

/* A place in the calculations: an expression, whose it is, by how much it is
 * multiplied. */
struct place {
    const struct expr *expr;
    const struct question *node;
    double factor;
    int depth;
};

static struct place inside(struct place place, const struct expr *expr,
                           double factor)
{
    place.expr = expr;
    place.factor *= factor;
    place.depth++;
    return place;
}

/* min(30, x) and max(0, x): the one argument that is no constant. */
static const struct expr *limited_argument(const struct scoring *scoring,
                                           const struct expr *expr)
{
    const struct expr *found = NULL;
    double number;

    if (!is_call(expr, "min") && !is_call(expr, "max"))
        return NULL;
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (is_constant(scoring, expr->arg[i], &number))
            continue;
        if (found)
            return NULL;
        found = expr->arg[i];
    }
    return found;
}

/* Takes off what stands around a sum. */
static struct place unwrap(const struct scoring *scoring, struct place place,
                           bool *limited)
{
    while (place.depth < SCORE_DEPTH_MAX) {
        const struct expr *expr = place.expr, *inner;
        const struct question *question;

        if ((is_call(expr, "round") || is_call(expr, "number")) &&
            expr->arg_count > 0) {
            place = inside(place, expr->arg[0], 1);
        } else if (is_call(expr, "if") && expr->arg_count == 3) {
            bool yes = holds(scoring, expr->arg[0], place.node);

            place = inside(place, expr->arg[yes ? 1 : 2], 1);
        } else if ((inner = limited_argument(scoring, expr))) {
            if (!near(score_number(scoring, expr, place.node),
                      score_number(scoring, inner, place.node)))
                *limited = true;
            place = inside(place, inner, 1);
        } else if ((question = calculation_at(scoring, expr, place.node))) {
            place = inside(place, question->calculation, 1);
            place.node = question;
        } else {
            break;
        }
    }
    return place;
}

/* A constant factor or divisor goes into place.factor. */
static bool take_factor(const struct scoring *scoring, struct place *place)
{
    const struct expr *expr = place->expr;
    double number;

    if (is_operator(expr, EXPR_NEGATE)) {
        *place = inside(*place, expr->arg[0], -1);
        return true;
    }
    if (is_operator(expr, EXPR_DIVIDE)) {
        if (!is_constant(scoring, expr->arg[1], &number) || number == 0)
            return false;
        *place = inside(*place, expr->arg[0], 1 / number);
        return true;
    }
    if (!is_operator(expr, EXPR_MULTIPLY))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (is_constant(scoring, expr->arg[i], &number)) {
            *place = inside(*place, expr->arg[1 - i], number);
            return true;
        }
    return false;
}

/* --- a sum --------------------------------------------------------------- */

struct summing {
    struct scoring *scoring;
    struct score *score;
    size_t capacity, terms;
    bool of; /* the divisor: what could be had */
    bool failed;
};

static struct score_part *part_of(struct summing *summing,
                                  const struct question **leaf, size_t leaves,
                                  const struct question *item)
{
    struct score *score = summing->score;
    struct arena *arena = summing->scoring->arena;

    for (size_t i = 0; i < score->parts; i++) {
        struct score_part *part = &score->part[i];

        if (part->questions == leaves &&
            memcmp(part->question, leaf, leaves * sizeof *leaf) == 0) {
            if (!part->item)
                part->item = item;
            return part;
        }
    }
    if (score->parts == summing->capacity) {
        size_t room = summing->capacity ? summing->capacity * 2 : 16;
        struct score_part *grown =
            arena_grow(arena, score->part, score->parts * sizeof *grown,
                       room * sizeof *grown);

        if (!grown)
            return NULL;
        score->part = grown;
        summing->capacity = room;
    }
    score->part[score->parts] = (struct score_part){
        .question = leaf, .questions = leaves, .item = item};
    return &score->part[score->parts++];
}

/* The one titled calculation that a term looks at: what people call it. */
static const struct question *item_of(const struct scoring *scoring,
                                      const struct place *place)
{
    const struct question *item = NULL;
    struct str *name = NULL;
    size_t count = expr_references(place->expr, scoring->arena, &name);

    for (size_t i = 0; i < count; i++) {
        const struct question *question =
            form_find_name(scoring->form, place->node, name[i]);

        if (!question || !question->calculation || !question->label.text ||
            (item && item != question))
            return NULL;
        item = question;
    }
    return item;
}

static void add_term(struct summing *summing, struct place place)
{
    struct scoring *scoring = summing->scoring;
    const struct question **leaf = NULL;
    size_t leaves = score_leaves(scoring, place.expr, place.node, &leaf);
    double number =
        place.factor * score_number(scoring, place.expr, place.node);
    struct score_part *part;

    if (!isfinite(number)) {
        summing->failed = true;
        return;
    }
    if (summing->of)
        summing->score->possible += number;
    else
        summing->score->obtained += number;
    if (leaves == 0) {
        if (!summing->of)
            summing->score->constant += number;
        return;
    }
    part = part_of(summing, leaf, leaves,
                   leaves > 1 ? item_of(scoring, &place) : NULL);
    if (!part)
        summing->failed = true;
    else if (summing->of)
        part->of += number;
    else
        part->points += number;
}

static void add_terms(struct summing *summing, struct place place)
{
    const struct scoring *scoring = summing->scoring;
    const struct expr *expr = place.expr;
    const struct question *question;

    if (summing->failed)
        return;
    if (place.depth >= SCORE_DEPTH_MAX || summing->terms++ > SCORE_TERMS_MAX ||
        summing->score->parts > SCORE_PARTS_MAX) {
        summing->failed = true; /* sums of sums can double and double */
    } else if (is_operator(expr, EXPR_ADD)) {
        for (size_t i = 0; i < expr->arg_count; i++)
            add_terms(summing, inside(place, expr->arg[i], 1));
    } else if (is_operator(expr, EXPR_SUBTRACT)) {
        add_terms(summing, inside(place, expr->arg[0], 1));
        add_terms(summing, inside(place, expr->arg[1], -1));
    } else if (take_factor(scoring, &place)) {
        add_terms(summing, place);
    } else if ((question = calculation_at(scoring, expr, place.node))) {
        place = inside(place, question->calculation, 1);
        place.node = question;
        add_terms(summing, place);
    } else {
        add_term(summing, place);
    }
}

/* Which single questions stand in one part only. */
static void mark_alone(const struct scoring *scoring, struct score *score)
{
    size_t *uses =
        ARENA_ARRAY(scoring->arena, size_t, scoring->form->question_count + 1);

    if (!uses)
        return;
    for (size_t i = 0; i < score->parts; i++)
        for (size_t k = 0; k < score->part[i].questions; k++)
            uses[score->part[i].question[k]->index]++;
    for (size_t i = 0; i < score->parts; i++) {
        struct score_part *part = &score->part[i];

        part->alone =
            part->questions == 1 && uses[part->question[0]->index] == 1;
    }
}

bool score_take_apart(struct scoring *scoring, struct score *score)
{
    struct place top = {.expr = score->question->calculation,
                        .node = score->question,
                        .factor = 1};
    struct summing summing = {.scoring = scoring, .score = score};
    double scale, value;

    top = unwrap(scoring, top, &score->limited);
    value = score_number(scoring, top.expr, top.node);
    if (!is_operator(top.expr, EXPR_DIVIDE) || take_factor(scoring, &top)) {
        score->how = SCORE_SUM;
        add_terms(&summing, top);
        scale = 1;
    } else {
        struct place above = inside(top, top.expr->arg[0], 1);
        struct place below = inside(top, top.expr->arg[1], 1);

        score->how = SCORE_RATIO;
        while (take_factor(scoring, &above))
            ;
        scale = above.factor;
        above.factor = 1;
        add_terms(&summing, above);
        summing.of = true;
        add_terms(&summing, below);
        if (score->possible == 0)
            return false;
        scale /= score->possible;
    }
    mark_alone(scoring, score);
    if (score->how == SCORE_SUM && score->parts == 1 &&
        score->part[0].questions > 1)
        return false; /* one term: nothing was taken apart */
    return !summing.failed && near(value, scale * score->obtained);
}
