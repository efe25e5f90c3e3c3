/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_condition.c - when a question is asked, for people: "Solo si la 10
 * (¿Viaja con niños?) es «Sí»".
 *
 * What hangs on one question with few choices is not read off the expression
 * but tried: every choice, and no answer; so any expression can be said that
 * looks at one such question, and it is right. The rest is said where its
 * shape allows; otherwise the sentence names the questions to look at.
 */
#include "web/paper/paper_private.h"

#include "form/expr/tree.h"

enum { TRIED_MAX = PAPER_ANNEX_MAX, NAMED_MAX = 8, LABEL_MAX = 60 };

struct saying {
    const struct papering *papering;
    const struct question *node; /* whose condition it is */
    bool labels;                 /* beside the numbers */
};

static bool say(const struct saying *saying, const struct expr *expr,
                struct buf *out, int level);

/* --- naming a question --------------------------------------------------- */

static struct str shortened(struct arena *arena, struct str text)
{
    size_t end = LABEL_MAX;

    if (text.size <= LABEL_MAX)
        return text;
    while (end > 0 && text.at[end] != ' ')
        end--;
    while (end > 0 && strchr(" ,.;:", text.at[end - 1]))
        end--;
    return str_join(arena, str_slice(text, 0, end), STR("…"));
}

/* False: nobody who reads the paper could know it. */
static bool name_of(const struct saying *saying,
                    const struct question *question, struct str *name)
{
    const struct papering *papering = saying->papering;
    struct str label = paper_text(papering, question->label);
    size_t number = papering->number[question->index];

    if (!number && !label.size)
        return false;
    label = shortened(papering->arena, label);
    if (!number)
        *name = paper_fill(papering, N_("el dato «{1}»"), label, STR(""));
    else if (saying->labels && label.size)
        *name = paper_fill(papering, N_("la {1} ({2})"),
                           str_format(papering->arena, "%zu", number), label);
    else
        *name = paper_fill(papering, N_("la {1}"),
                           str_format(papering->arena, "%zu", number), STR(""));
    return true;
}

/* A plain ${name} that leads to one question seen from here. */
static const struct question *question_at(const struct saying *saying,
                                          const struct expr *expr)
{
    const struct question *question;

    if (expr->kind != EXPR_KIND_PATH || expr->root != EXPR_ROOT_NAME ||
        expr->step_count != 1 || expr->predicates)
        return NULL;
    question = form_find_name(saying->papering->form, saying->node,
                              expr_path_name(expr));
    if (question && question->repeat &&
        question->repeat != saying->node->repeat)
        return NULL;
    return question;
}

/* --- one question, tried ------------------------------------------------- */

/* Chance, the day and the rows around it are not in the answers tried. */
static bool steady(const struct expr *expr)
{
    static const char *const moving[] = {"today",    "now",  "random", "uuid",
                                         "position", "once", "current"};

    if (expr->kind == EXPR_KIND_CALL && !expr->function)
        return false;
    for (size_t i = 0;
         expr->kind == EXPR_KIND_CALL && i < sizeof moving / sizeof moving[0];
         i++)
        if (strcmp(expr->function->name, moving[i]) == 0)
            return false;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!steady(expr->arg[i]))
            return false;
    return true;
}

static bool one_question(const struct saying *saying, const struct expr *expr,
                         const struct question **found)
{
    if (expr->kind == EXPR_KIND_PATH) {
        const struct question *question = question_at(saying, expr);

        if (!question || (*found && *found != question))
            return false;
        *found = question;
        return true;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!one_question(saying, expr->arg[i], found))
            return false;
    return true;
}

/* The select_one question, asked on paper, that alone decides; or NULL. */
static const struct question *decided_by(const struct saying *saying,
                                         const struct expr *expr)
{
    const struct question *question = NULL;

    if (!steady(expr) || !one_question(saying, expr, &question) || !question ||
        question->type != QUESTION_SELECT_ONE || !question->choices ||
        question->choices->count > TRIED_MAX ||
        !saying->papering->number[question->index])
        return NULL;
    return question;
}

/* all: every one of the expressions must hold, else one of them. */
static bool tried(const struct saying *saying, const struct expr *const *expr,
                  size_t count, bool all, const struct question *question,
                  struct str answer)
{
    const struct paper *paper = saying->papering->paper;
    struct expr_scope scope = {.form = paper->form,
                               .node = saying->node,
                               .position = 1,
                               .language = paper->language,
                               .now = paper->now,
                               .utc_offset = paper->utc_offset};
    struct arena arena; /* of this try: there may be many */
    struct value *answers;
    struct err err = {0};
    bool holds = all;

    arena_init(&arena, NULL);
    answers = value_object(&arena);
    scope.arena = &arena;
    scope.answers = answers;
    scope.row = question->repeat ? answers : NULL;
    if (answer.size)
        value_set(answers, &arena, question->key, value_string(&arena, answer));
    for (size_t i = 0; holds == all && i < count; i++)
        holds = expr_true(expr[i], &scope, false, &err);
    arena_release(&arena);
    return holds;
}

/* «A», «B» o «C» */
static struct str listed(const struct saying *saying,
                         const struct question *question, const bool *which,
                         bool wanted, const char *last)
{
    const struct papering *papering = saying->papering;
    size_t left = 0;
    bool first = true;
    struct buf out;

    buf_init(&out, papering->arena);
    for (size_t i = 0; i < question->choices->count; i++)
        left += which[i] == wanted;
    for (size_t i = 0; i < question->choices->count; i++) {
        if (which[i] != wanted)
            continue;
        if (!first)
            buf_put(&out, left == 1 ? paper_say(papering, last) : STR(", "));
        first = false;
        left--;
        buf_puts(&out, "«");
        buf_put(&out, choice_label(papering, &question->choices->choice[i]));
        buf_puts(&out, "»");
    }
    return buf_str(&out);
}

static bool say_tried(const struct saying *saying,
                      const struct expr *const *expr, size_t count, bool all,
                      const struct question *question, struct buf *out)
{
    const struct papering *papering = saying->papering;
    bool yes[TRIED_MAX] = {false};
    bool empty = tried(saying, expr, count, all, question, STR(""));
    size_t choices = question->choices->count, holds = 0;
    struct str name, is;

    if (!name_of(saying, question, &name))
        return false;
    for (size_t i = 0; i < choices; i++) {
        yes[i] = tried(saying, expr, count, all, question,
                       question->choices->choice[i].name);
        holds += yes[i];
    }
    if (holds == 0 && !empty)
        return false; /* never */
    if (holds == choices && empty)
        return false; /* always */
    if (holds == choices)
        is = paper_fill(papering, N_("{1} tiene respuesta"), name, STR(""));
    else if (holds == 0)
        is = paper_fill(papering, N_("{1} no tiene respuesta"), name, STR(""));
    else if (empty && choices - holds <= holds && choices - holds <= NAMED_MAX)
        is = paper_fill(papering, N_("{1} no es {2}"), name,
                        listed(saying, question, yes, false, N_(" ni ")));
    else if (empty && holds <= NAMED_MAX)
        is = paper_fill(papering, N_("{1} es {2} o no tiene respuesta"), name,
                        listed(saying, question, yes, true, N_(" o ")));
    else if (!empty && holds <= NAMED_MAX &&
             (holds <= choices - holds || holds <= 3))
        is = paper_fill(papering, N_("{1} es {2}"), name,
                        listed(saying, question, yes, true, N_(" o ")));
    else if (!empty && choices - holds <= NAMED_MAX)
        is = paper_fill(papering, N_("{1} tiene respuesta y no es {2}"), name,
                        listed(saying, question, yes, false, N_(" ni ")));
    else
        return false;
    buf_put(out, is);
    return true;
}

/* --- what is marked in a list -------------------------------------------- */

/* selected(${several}, 'code'), maybe denied */
static const struct question *marked(const struct saying *saying,
                                     const struct expr *expr,
                                     const struct choice **choice, bool *denied)
{
    const struct question *question;

    *denied = false;
    while (expr->kind == EXPR_KIND_CALL && expr->function &&
           strcmp(expr->function->name, "not") == 0) {
        *denied = !*denied;
        expr = expr->arg[0];
    }
    if (expr->kind != EXPR_KIND_CALL || !expr->function ||
        strcmp(expr->function->name, "selected") != 0 ||
        expr->arg[1]->kind != EXPR_KIND_TEXT)
        return NULL;
    question = question_at(saying, expr->arg[0]);
    if (!question || question->type != QUESTION_SELECT_MULTIPLE ||
        !question->choices)
        return NULL;
    *choice = choice_find(question->choices, expr->arg[1]->text);
    return *choice ? question : NULL;
}

/* --- comparisons --------------------------------------------------------- */

static bool literal(const struct expr *expr, struct arena *arena,
                    struct str *text)
{
    struct buf out;

    if (expr->kind == EXPR_KIND_TEXT) {
        *text = expr->text;
        return true;
    }
    if (expr->kind != EXPR_KIND_NUMBER)
        return false;
    buf_init(&out, arena);
    buf_put_double(&out, expr->number);
    *text = buf_str(&out);
    return true;
}

static enum expr_operator turned(enum expr_operator operation)
{
    switch (operation) {
    case EXPR_LESS:
        return EXPR_GREATER;
    case EXPR_LESS_EQUAL:
        return EXPR_GREATER_EQUAL;
    case EXPR_GREATER:
        return EXPR_LESS;
    case EXPR_GREATER_EQUAL:
        return EXPR_LESS_EQUAL;
    default:
        return operation;
    }
}

static const char *comparison(enum expr_operator operation)
{
    switch (operation) {
    case EXPR_EQUAL:
        return N_("{1} es igual a {2}");
    case EXPR_NOT_EQUAL:
        return N_("{1} no es igual a {2}");
    case EXPR_LESS:
        return N_("{1} es menos de {2}");
    case EXPR_LESS_EQUAL:
        return N_("{1} es {2} o menos");
    case EXPR_GREATER:
        return N_("{1} es más de {2}");
    case EXPR_GREATER_EQUAL:
        return N_("{1} es {2} o más");
    default:
        return NULL;
    }
}

/* count-selected(${several}) > 0 */
static const struct question *marks_of(const struct saying *saying,
                                       const struct expr *expr)
{
    const struct question *question;

    if (expr->kind != EXPR_KIND_CALL || !expr->function ||
        strcmp(expr->function->name, "count-selected") != 0)
        return NULL;
    question = question_at(saying, expr->arg[0]);
    return question && question->type == QUESTION_SELECT_MULTIPLE ? question
                                                                  : NULL;
}

/* Does the type compare as its written form reads? */
static bool comparable(const struct question *question,
                       enum expr_operator operation, bool number)
{
    switch (question->type) {
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_RANGE:
        return number;
    case QUESTION_CALCULATE:
    case QUESTION_HIDDEN:
        return number; /* a text is a code that nobody reads */
    case QUESTION_TEXT:
        return !number && operation <= EXPR_NOT_EQUAL;
    default:
        return false;
    }
}

/* ${needed} = 'yes', where needed is if(…, 'yes', 'no'): the condition. */
static const struct expr *behind(const struct saying *saying,
                                 const struct expr *expr)
{
    const struct question *question = question_at(saying, expr->arg[0]);
    const struct expr *inner = question ? question->calculation : NULL;

    if (expr->operation != EXPR_EQUAL || expr->arg[1]->kind != EXPR_KIND_TEXT ||
        !inner || inner->kind != EXPR_KIND_CALL || !inner->function ||
        strcmp(inner->function->name, "if") != 0 ||
        inner->arg[1]->kind != EXPR_KIND_TEXT ||
        inner->arg[2]->kind != EXPR_KIND_TEXT || question->repeat ||
        question->relevant ||
        !str_equal(inner->arg[1]->text, expr->arg[1]->text) ||
        str_equal(inner->arg[2]->text, expr->arg[1]->text))
        return NULL;
    return inner->arg[0];
}

static bool say_comparison(const struct saying *saying, const struct expr *expr,
                           struct buf *out)
{
    const struct papering *papering = saying->papering;
    enum expr_operator operation = expr->operation;
    const struct expr *left = expr->arg[0], *right;
    const struct question *question, *other;
    struct str name, text;

    if (expr->arg_count != 2)
        return false;
    right = expr->arg[1];
    if (left->kind == EXPR_KIND_TEXT || left->kind == EXPR_KIND_NUMBER) {
        left = expr->arg[1];
        right = expr->arg[0];
        operation = turned(operation);
    }
    if (!comparison(operation))
        return false;
    question = marks_of(saying, left);
    if (question && right->kind == EXPR_KIND_NUMBER &&
        name_of(saying, question, &name) &&
        literal(right, papering->arena, &text)) {
        if (right->number == 0 && operation == EXPR_GREATER) {
            buf_put(out, paper_fill(papering, N_("en {1} hay algo marcado"),
                                    name, STR("")));
            return true;
        }
        name = paper_fill(papering, N_("el número de marcas en {1}"), name,
                          STR(""));
        buf_put(out, paper_fill(papering, comparison(operation), name, text));
        return true;
    }
    question = question_at(saying, left);
    if (!question || !name_of(saying, question, &name))
        return false;
    if (literal(right, papering->arena, &text)) {
        if (text.size == 0 && operation <= EXPR_NOT_EQUAL) {
            buf_put(out, paper_fill(papering,
                                    operation == EXPR_EQUAL
                                        ? N_("{1} no tiene respuesta")
                                        : N_("{1} tiene respuesta"),
                                    name, STR("")));
            return true;
        }
        if (!comparable(question, operation, right->kind == EXPR_KIND_NUMBER))
            return false;
        if (right->kind == EXPR_KIND_TEXT)
            text = str_format(papering->arena, "«%.*s»", STR_ARGS(text));
    } else {
        other = question_at(saying, right);
        if (!other || other->type != question->type ||
            !saying->papering->number[question->index] ||
            !comparable(question, operation, true) ||
            !name_of(saying, other, &text))
            return false;
    }
    buf_put(out, paper_fill(papering, comparison(operation), name, text));
    return true;
}

/* --- and, or, not -------------------------------------------------------- */

/* The codes of one list marked by several arguments: «A» o «B». */
static bool say_marked(const struct saying *saying,
                       const struct expr *const *expr, size_t count, bool all,
                       const struct question *question, struct buf *out)
{
    const struct papering *papering = saying->papering;
    bool denied = false, which[PAPER_ANNEX_MAX] = {false};
    const struct choice *choice = NULL;
    struct str name;

    if (question->choices->count > PAPER_ANNEX_MAX ||
        !name_of(saying, question, &name))
        return false;
    for (size_t i = 0; i < count; i++) {
        marked(saying, expr[i], &choice, &denied);
        which[choice - question->choices->choice] = true;
    }
    buf_put(out, paper_fill(papering,
                            denied ? N_("en {1} no marcó {2}")
                                   : N_("en {1} marcó {2}"),
                            name,
                            listed(saying, question, which, true,
                                   denied ? N_(" ni ")
                                   : all  ? N_(" y ")
                                          : N_(" o "))));
    return true;
}

/* Arguments that say something of the same question become one part. */
struct bundle {
    const struct question *question;
    bool marks, denied;
};

static struct bundle bundle_of(const struct saying *saying,
                               const struct expr *expr)
{
    struct bundle bundle = {.question = decided_by(saying, expr)};
    const struct choice *choice;

    if (bundle.question)
        return bundle;
    bundle.question = marked(saying, expr, &choice, &bundle.denied);
    bundle.marks = bundle.question != NULL;
    return bundle;
}

/* «marked A» or «marked B» may be one; «not A or not B» may not. */
static bool joins(struct bundle a, struct bundle b, bool all)
{
    return a.question && a.question == b.question && a.marks == b.marks &&
           a.denied == b.denied && (!a.marks || !a.denied || all);
}

static bool say_bundle(const struct saying *saying,
                       const struct expr *const *expr, size_t count, bool all,
                       struct bundle bundle, struct buf *out)
{
    return bundle.marks
               ? say_marked(saying, expr, count, all, bundle.question, out)
               : say_tried(saying, expr, count, all, bundle.question, out);
}

static bool say_several(const struct saying *saying, const struct expr *expr,
                        struct buf *out, int level)
{
    struct arena *arena = saying->papering->arena;
    bool all = expr->operation == EXPR_AND, first = true;
    struct bundle *bundle = ARENA_ARRAY(arena, struct bundle, expr->arg_count);
    bool *done = ARENA_ARRAY(arena, bool, expr->arg_count);
    const struct expr **same =
        ARENA_ARRAY(arena, const struct expr *, expr->arg_count);

    if (!bundle || !done || !same)
        return false;
    for (size_t i = 0; i < expr->arg_count; i++)
        bundle[i] = bundle_of(saying, expr->arg[i]);
    for (size_t i = 0; i < expr->arg_count; i++) {
        size_t count = 0;

        if (done[i])
            continue;
        for (size_t k = i; k < expr->arg_count; k++)
            if (k == i || joins(bundle[i], bundle[k], all)) {
                done[k] = true;
                same[count++] = expr->arg[k];
            }
        if (!first)
            buf_put(out, paper_say(saying->papering,
                                   all ? N_(" y además ") : N_(" o bien ")));
        first = false;
        if (bundle[i].question
                ? !say_bundle(saying, same, count, all, bundle[i], out)
                : !say(saying, same[0], out, level + 1))
            return false;
    }
    return true;
}

static bool say_joined(const struct saying *saying, const struct expr *expr,
                       struct buf *out, int level)
{
    bool bracket = level > 0;

    if (bracket)
        buf_putc(out, '(');
    if (!say_several(saying, expr, out, level))
        return false;
    if (bracket)
        buf_putc(out, ')');
    return true;
}

static bool say(const struct saying *saying, const struct expr *expr,
                struct buf *out, int level)
{
    struct bundle bundle = bundle_of(saying, expr);
    const struct expr *inner;
    struct buf text;

    if (level > 6)
        return false;
    if (bundle.question)
        return say_bundle(saying, &expr, 1, true, bundle, out);
    if (expr->kind == EXPR_KIND_OPERATOR && expr->arg_count == 2 &&
        (inner = behind(saying, expr)))
        return say(saying, inner, out, level);
    if (expr->kind == EXPR_KIND_OPERATOR)
        return expr->operation == EXPR_OR || expr->operation == EXPR_AND
                   ? say_joined(saying, expr, out, level)
                   : say_comparison(saying, expr, out);
    if (expr->kind != EXPR_KIND_CALL || !expr->function ||
        strcmp(expr->function->name, "not") != 0)
        return false;
    buf_init(&text, saying->papering->arena);
    if (!say(saying, expr->arg[0], &text, 0))
        return false;
    buf_put(out, paper_fill(saying->papering, N_("no es cierto que ({1})"),
                            buf_str(&text), STR("")));
    return true;
}

/* --- the whole ----------------------------------------------------------- */

struct str paper_condition(const struct papering *papering,
                           const struct question *question)
{
    struct saying saying = {papering, question, true};

    if (!question->relevant)
        return STR("");
    for (int tries = 0; tries < 2; tries++) {
        struct buf out;

        buf_init(&out, papering->arena);
        if (!say(&saying, question->relevant, &out, 0))
            break;
        if (out.size <=
            (saying.labels ? PAPER_SENTENCE_MAX / 2 : PAPER_SENTENCE_MAX))
            return paper_fill(papering, N_("Solo si {1}."), buf_str(&out),
                              STR(""));
        saying.labels = false;
    }
    return paper_pointed(papering, question);
}
