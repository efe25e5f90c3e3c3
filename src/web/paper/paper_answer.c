/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_answer.c - the room an answer needs: boxes a character wide, circles
 * and squares, lines, a scale, a list in the annex with boxes for its code.
 */
#include "web/paper/paper_private.h"

#include "form/expr/tree.h"

enum { CODE_MAX = 5, SCALE_MAX = 21, LINES_LONG = 6, BESIDE_MAX = 46 };

static bool looks(const struct question *question, const char *appearance)
{
    return str_find(question->appearance, str_of(appearance)) != SIZE_MAX;
}

bool paper_asks(const struct question *question)
{
    struct str readonly = value_text_of(question->extra, "readonly");

    if (!question_has_value(question) || question->system ||
        question->calculation)
        return false;
    if (question->readonly && !question->relevant &&
        (str_equal_c(readonly, "yes") || str_equal_c(readonly, "true()")))
        return false;
    if (question->ref.size && !str_equal_c(question->ref, "person") &&
        !str_equal_c(question->ref, "place") &&
        !str_equal_c(question->ref, "user"))
        return false; /* nobody knows the id of a record by heart */
    switch (question->type) {
    case QUESTION_HIDDEN:
    case QUESTION_START:
    case QUESTION_END:
    case QUESTION_TODAY:
    case QUESTION_USERNAME:
    case QUESTION_CALCULATE:
        return false;
    default:
        return true;
    }
}

bool paper_in_annex(const struct question *question)
{
    return question_is_select(question) && question->choices &&
           question->choices->count > PAPER_CHOICES_MAX &&
           question->choices->count <= PAPER_ANNEX_MAX;
}

/* --- boxes --------------------------------------------------------------- */

/* "dd/mm/aaaa": a box for each letter, what is none stands between. */
static void put_boxes(const struct papering *papering, struct value *item,
                      struct str pattern)
{
    struct value *list = value_list(papering->arena);

    for (size_t i = 0; i < pattern.size; i++) {
        struct value *box = value_object(papering->arena);
        char c = pattern.at[i];
        bool room = (c >= 'a' && c <= 'z') || c == '#';

        value_put_bool(box, papering->arena, "box", room);
        value_put_str(box, papering->arena, "text",
                      c == '#' ? STR("") : str_slice(pattern, i, i + 1));
        value_add(list, papering->arena, box);
    }
    value_put(item, papering->arena, "boxes", list);
}

static void put_digits(const struct papering *papering, struct value *item,
                       size_t digits)
{
    put_boxes(papering, item,
              str_slice(STR("####################"), 0, digits));
}

static void put_lines(const struct papering *papering, struct value *item,
                      int count)
{
    struct value *list = value_list(papering->arena);

    for (int i = 0; i < count; i++)
        value_add(list, papering->arena, value_int(papering->arena, i + 1));
    value_put(item, papering->arena, "lines", list);
}

/* --- what a constraint says in numbers ----------------------------------- */

struct limits {
    double least, most;
    bool has_least, has_most;
};

static bool is_self(const struct expr *expr)
{
    return expr->kind == EXPR_KIND_PATH && expr->root == EXPR_ROOT_CONTEXT &&
           expr->step_count == 1 && expr->step[0].kind == EXPR_STEP_SELF &&
           !expr->predicates;
}

static bool number_of(const struct expr *expr, double *number)
{
    if (expr->kind == EXPR_KIND_OPERATOR && expr->operation == EXPR_NEGATE &&
        expr->arg[0]->kind == EXPR_KIND_NUMBER) {
        *number = -expr->arg[0]->number;
        return true;
    }
    *number = expr->number;
    return expr->kind == EXPR_KIND_NUMBER;
}

/* What must hold in any case: the terms of `and`. */
static void find_limits(const struct expr *expr, struct limits *limits)
{
    double number;

    if (!expr || expr->kind != EXPR_KIND_OPERATOR)
        return;
    if (expr->operation == EXPR_AND) {
        for (size_t i = 0; i < expr->arg_count; i++)
            find_limits(expr->arg[i], limits);
        return;
    }
    if (!is_self(expr->arg[0]) || expr->arg_count < 2 ||
        !number_of(expr->arg[1], &number))
        return;
    if (expr->operation == EXPR_GREATER_EQUAL) {
        limits->least = number;
        limits->has_least = true;
    } else if (expr->operation == EXPR_LESS_EQUAL) {
        limits->most = number;
        limits->has_most = true;
    }
}

static struct str number_text(struct arena *arena, double number)
{
    struct buf out;

    buf_init(&out, arena);
    buf_put_double(&out, number);
    return buf_str(&out);
}

static void put_limits(const struct papering *papering, struct value *item,
                       const struct limits *limits)
{
    struct str least = number_text(papering->arena, limits->least);
    struct str most = number_text(papering->arena, limits->most);

    if (limits->has_least && limits->has_most)
        value_put_str(item, papering->arena, "range",
                      paper_fill(papering, N_("de {1} a {2}"), least, most));
    else if (limits->has_least)
        value_put_str(item, papering->arena, "range",
                      paper_fill(papering, N_("{1} o más"), least, STR("")));
    else if (limits->has_most)
        value_put_str(item, papering->arena, "range",
                      paper_fill(papering, N_("hasta {1}"), most, STR("")));
}

static void put_number(const struct papering *papering, struct value *item,
                       const struct question *question)
{
    struct limits limits = {0};
    size_t digits = 5;

    find_limits(question->constraint, &limits);
    put_limits(papering, item, &limits);
    if (limits.has_most && limits.most >= 1 && limits.most < 1e9)
        digits = (size_t)snprintf(NULL, 0, "%.0f", limits.most);
    if (question->type == QUESTION_DECIMAL)
        put_boxes(papering, item, STR("#####.##"));
    else
        put_digits(papering, item, digits + (limits.least < 0));
}

/* --- a scale ------------------------------------------------------------- */

static double parameter(const struct question *question, const char *name,
                        double fallback)
{
    struct str rest = question->parameters, part;
    double number;

    while (str_cut(&rest, ' ', &part)) {
        struct str value = part, key;

        if (str_cut(&value, '=', &key) && str_equal_c(str_trim(key), name) &&
            str_to_double(str_trim(value), &number))
            return number;
    }
    return fallback;
}

static void put_scale(const struct papering *papering, struct value *item,
                      const struct question *question)
{
    double start = parameter(question, "start", 0);
    double end = parameter(question, "end", 10);
    double step = parameter(question, "step", 1);
    struct limits limits = {start, end, true, true};
    struct value *list = value_list(papering->arena);

    if (step <= 0 || end < start || (end - start) / step > SCALE_MAX) {
        put_limits(papering, item, &limits);
        put_digits(papering, item, 6);
        return;
    }
    for (int i = 0; start + i * step <= end + step / 1000; i++) {
        struct value *mark = value_object(papering->arena);

        value_put_bool(mark, papering->arena, "round", true);
        value_put_str(mark, papering->arena, "label",
                      number_text(papering->arena, start + i * step));
        value_put_bool(mark, papering->arena, "points", false);
        value_add(list, papering->arena, mark);
    }
    value_put(item, papering->arena, "choices", list);
    value_put_bool(item, papering->arena, "row", true);
}

/* --- choices ------------------------------------------------------------- */

static void put_annex(struct papering *papering, struct value *item,
                      const struct question *question)
{
    size_t number = papering->number[question->index], at = 0, widest = 1;
    const struct choice_list *list = question->choices;
    bool many = question->type != QUESTION_SELECT_ONE;

    while (at < papering->annexes && papering->annex[at] != list)
        at++;
    if (at == papering->annexes) {
        papering->annex[papering->annexes] = list;
        papering->annex_used[papering->annexes++] = STR("");
    }
    papering->annex_used[at] = str_format(
        papering->arena, "%.*s%s%zu", STR_ARGS(papering->annex_used[at]),
        papering->annex_used[at].size ? ", " : "", number);
    for (size_t i = 0; i < list->count; i++)
        if (list->choice[i].name.size > widest)
            widest = list->choice[i].name.size;
    if (widest > CODE_MAX)
        widest = list->count > 99 ? 3 : 2;
    if (!many)
        put_digits(papering, item, widest);
    else
        put_lines(papering, item, 1);
    value_put_str(item, papering->arena, "annex",
                  str_format(papering->arena, "%zu", at + 1));
}

static void put_choices(struct papering *papering, struct value *item,
                        const struct question *question)
{
    struct value *list = value_list(papering->arena);
    bool round = question->type == QUESTION_SELECT_ONE;
    size_t longest = 0, all = 0, count = question->choices->count;

    for (size_t i = 0; i < count; i++) {
        const struct choice *choice = &question->choices->choice[i];
        struct value *one = value_object(papering->arena);
        struct str label = choice_label(papering, choice);
        struct str points = points_of(papering, question, choice->name);

        value_put_bool(one, papering->arena, "round", round);
        value_put_str(one, papering->arena, "label", label);
        value_put_bool(one, papering->arena, "points", false);
        if (points.size)
            value_put_str(one, papering->arena, "points", points);
        value_add(list, papering->arena, one);
        all += label.size + points.size + 4;
        if (label.size > longest)
            longest = label.size;
    }
    value_put(item, papering->arena, "choices", list);
    if (question->type == QUESTION_RANK)
        value_put_bool(item, papering->arena, "rank", true);
    else if (all <= BESIDE_MAX + 14 || looks(question, "likert"))
        value_put_bool(item, papering->arena, "row", true);
    else if (longest <= 40 || looks(question, "columns"))
        value_put_bool(item, papering->arena, "columns", true);
    if (all > BESIDE_MAX * 2 && !looks(question, "likert"))
        value_put_bool(item, papering->arena, "below", true);
}

static void put_select(struct papering *papering, struct value *item,
                       const struct question *question)
{
    if (!question->choices || question->choices->count == 0 ||
        question->choices->count > PAPER_ANNEX_MAX)
        put_lines(papering, item, 1);
    else if (paper_in_annex(question))
        put_annex(papering, item, question);
    else
        put_choices(papering, item, question);
}

/* --- words --------------------------------------------------------------- */

/* string-length(.) <= 20, among the terms of `and`; 0: no limit known */
static size_t length_most(const struct expr *expr)
{
    if (!expr || expr->kind != EXPR_KIND_OPERATOR)
        return 0;
    if (expr->operation == EXPR_AND) {
        for (size_t i = 0; i < expr->arg_count; i++)
            if (length_most(expr->arg[i]))
                return length_most(expr->arg[i]);
        return 0;
    }
    if (expr->operation != EXPR_LESS_EQUAL ||
        expr->arg[0]->kind != EXPR_KIND_CALL || !expr->arg[0]->function ||
        strcmp(expr->arg[0]->function->name, "string-length") != 0 ||
        expr->arg[1]->kind != EXPR_KIND_NUMBER)
        return 0;
    return (size_t)expr->arg[1]->number;
}

static void put_text(const struct papering *papering, struct value *item,
                     const struct question *question)
{
    size_t most = length_most(question->constraint);

    if (looks(question, "multiline")) {
        put_lines(papering, item, most && most <= 300 ? 3 : LINES_LONG);
        value_put_bool(item, papering->arena, "below", true);
    } else if (str_equal_c(question->search, "phone") ||
               looks(question, "tel") || looks(question, "numbers")) {
        put_digits(papering, item, 12);
    } else if (most > 0 && most <= 20) {
        put_digits(papering, item, most);
    } else {
        put_lines(papering, item, most > 200 ? 2 : 1);
    }
}

static void put_file(const struct papering *papering, struct value *item,
                     const struct question *question)
{
    bool drawn = looks(question, "signature") || looks(question, "draw");

    value_put_bool(item, papering->arena, drawn ? "sign" : "photo", true);
    value_put_bool(item, papering->arena, "below", drawn);
}

static void put_date(const struct papering *papering, struct value *item,
                     const struct question *question)
{
    if (question->type == QUESTION_TIME) {
        put_boxes(papering, item, STR("hh:mm"));
        return;
    }
    put_boxes(papering, item,
              question->type == QUESTION_DATETIME
                  ? paper_say(papering, N_("dd/mm/aaaa hh:mm"))
                  : paper_say(papering, N_("dd/mm/aaaa")));
    if (looks(question, "partial-date"))
        value_put_str(item, papering->arena, "range",
                      paper_say(papering, N_("si no sabe el día o el mes, "
                                             "déjelo en blanco")));
}

void paper_answer(struct papering *papering, struct value *item,
                  const struct question *question)
{
    switch (question->type) {
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
        put_number(papering, item, question);
        break;
    case QUESTION_RANGE:
        put_scale(papering, item, question);
        break;
    case QUESTION_DATE:
    case QUESTION_TIME:
    case QUESTION_DATETIME:
        put_date(papering, item, question);
        break;
    case QUESTION_SELECT_ONE:
    case QUESTION_SELECT_MULTIPLE:
    case QUESTION_RANK:
        put_select(papering, item, question);
        break;
    case QUESTION_GEOPOINT:
        value_put_bool(item, papering->arena, "point", true);
        break;
    case QUESTION_IMAGE:
    case QUESTION_AUDIO:
    case QUESTION_VIDEO:
    case QUESTION_FILE:
        put_file(papering, item, question);
        break;
    case QUESTION_ACKNOWLEDGE:
        value_put_bool(item, papering->arena, "tick", true);
        break;
    default:
        put_text(papering, item, question);
        break;
    }
}
