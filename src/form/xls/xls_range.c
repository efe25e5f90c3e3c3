/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_range.c - the parameters of the type range: a scale from start to end. */
#include <math.h>

#include "form/xls/xls_read.h"

enum { START, END, STEP, TICK, PLACEHOLDER, NUMBERS };

static const char *const names[NUMBERS] = {"start", "end", "step",
                                           "tick_interval", "placeholder"};

struct range {
    struct xls *xls;
    struct xls_node *node;
    struct str text[NUMBERS];
    double number[NUMBERS];
    bool good;
};

static void tell(struct range *range, enum xls_problem problem, struct str arg1,
                 struct str arg2)
{
    range->good = false;
    xls_node_problem(range->xls, problem, range->node, "parameters", arg1,
                     arg2);
}

/* -3, 2.5: no exponent, no infinity. */
static bool is_decimal(struct str text, double *number)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (!(c >= '0' && c <= '9') && c != '.' &&
            !(i == 0 && (c == '-' || c == '+')))
            return false;
    }
    return str_to_double(text, number);
}

static bool multiple(double number, double of)
{
    double times = number / of;

    return fabs(times - round(times)) < 1e-9;
}

static bool between(const struct range *range, double number)
{
    double low = fmin(range->number[START], range->number[END]);
    double high = fmax(range->number[START], range->number[END]);

    return number >= low && number <= high;
}

static void numbers(struct range *range)
{
    static const char *const fallback[] = {"1", "10", "1"};

    for (size_t i = 0; i < NUMBERS; i++) {
        range->text[i] = xls_attribute_get(&range->node->parameter, names[i]);
        if (!range->text[i].at && i <= STEP)
            range->text[i] = str_of(fallback[i]);
        if (!range->text[i].at)
            continue;
        if (!is_decimal(range->text[i], &range->number[i]))
            tell(range, XLS_RANGE_001, str_of(names[i]), range->text[i]);
    }
}

static void spacing(struct range *range)
{
    double length = fabs(range->number[END] - range->number[START]);

    for (size_t i = STEP; i <= TICK; i++) {
        if (!range->text[i].at)
            continue;
        if (range->number[i] == 0)
            tell(range, XLS_RANGE_002, str_of(names[i]), STR(""));
        else if (fabs(range->number[i]) > length)
            tell(range, XLS_RANGE_003, str_of(names[i]), STR(""));
        else if (i == TICK && range->number[STEP] != 0 &&
                 !multiple(range->number[i], range->number[STEP]))
            tell(range, XLS_RANGE_004, str_of(names[i]), STR(""));
    }
    if (!range->text[PLACEHOLDER].at)
        return;
    if (!between(range, range->number[PLACEHOLDER]))
        tell(range, XLS_RANGE_005, str_of(names[PLACEHOLDER]), STR(""));
    else if (range->number[STEP] != 0 &&
             !multiple(range->number[PLACEHOLDER] - range->number[START],
                       range->number[STEP]))
        tell(range, XLS_RANGE_004, str_of(names[PLACEHOLDER]), STR(""));
}

static bool appearance_fits(struct str appearance)
{
    static const char *const fits[] = {"vertical", "no-ticks", NULL};
    struct str rest = appearance, word;

    if (appearance.size == 0)
        return true;
    while (str_cut(&rest, ' ', &word))
        if (word.size > 0 && !xls_one_of(word, fits))
            return false;
    return true;
}

static void labels_check(struct range *range, const struct xls_list *list,
                         bool no_ticks)
{
    size_t by = range->text[TICK].at ? TICK : STEP;

    if (no_ticks && list->count != 2)
        tell(range, XLS_RANGE_007, STR(""), STR(""));
    for (size_t i = 0; i < list->count; i++) {
        struct str name = list->choice[i].name;
        double number = 0;

        if (name.size == 0)
            continue; /* told where the choices are read */
        if (!is_decimal(name, &number))
            tell(range, XLS_RANGE_009, name, STR(""));
        else if (!between(range, number))
            tell(range, XLS_RANGE_010, name, STR(""));
        else if (no_ticks && number != range->number[START] &&
                 number != range->number[END])
            tell(range, XLS_RANGE_012, name, STR(""));
        else if (!no_ticks && range->number[by] != 0 &&
                 !multiple(number - range->number[START], range->number[by]))
            tell(range, XLS_RANGE_011, name, str_of(names[by]));
    }
}

static void labels(struct range *range, struct str appearance)
{
    struct str name =
        xls_attribute_get(&range->node->parameter, "tick_labelset");

    if (!name.at)
        return;
    range->node->list = xls_list_find(range->xls, name);
    range->node->list_name = name;
    if (!range->node->list) {
        tell(range, XLS_RANGE_006, name, STR(""));
        return;
    }
    if (range->good)
        labels_check(range, range->node->list,
                     str_find(appearance, STR("no-ticks")) < SIZE_MAX);
}

void xls_range(struct xls *xls, struct xls_node *node)
{
    static const char *const attribute[NUMBERS] = {
        "start", "end", "step", "odk:tick-interval", "odk:placeholder"};
    struct range range = {.xls = xls, .node = node, .good = true};
    struct str appearance = xls_attribute_get(&node->control, "appearance");
    bool ticks;

    numbers(&range);
    if (range.good)
        spacing(&range);
    ticks = range.text[TICK].at || range.text[PLACEHOLDER].at ||
            xls_attribute_get(&node->parameter, "tick_labelset").at;
    if (ticks && !appearance_fits(appearance))
        tell(&range, XLS_RANGE_008, appearance, STR(""));
    labels(&range, appearance);
    for (size_t i = 0; i < NUMBERS; i++) {
        if (!range.text[i].at)
            continue;
        xls_attribute_set(xls->arena, &node->control, str_of(attribute[i]),
                          range.text[i], NULL);
        if (str_find_char(range.text[i], '.') < SIZE_MAX)
            xls_attribute_set(xls->arena, &node->bind, STR("type"),
                              STR("decimal"), NULL);
    }
}
