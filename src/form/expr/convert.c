/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* convert.c - XPath's conversions between text, number and truth.
 *
 * ODK's twist: a text that is an ISO date or instant has a number, its days
 * since 1970, so that dates can be compared and subtracted.
 */
#include <math.h>

#include "core/date.h"
#include "form/expr/eval.h"

static const double day_ms = 86400000.0;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* XPath's Number: digits with an optional point and minus, no exponent. */
static bool is_plain_number(struct str text)
{
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (is_digit(text.at[i]))
            digits++;
        else if (text.at[i] == '.')
            points++;
        else if (text.at[i] != '-' || i > 0)
            return false;
    }
    return digits > 0 && points <= 1;
}

static bool plain_number(struct str text, double *number)
{
    if (!is_plain_number(text))
        return false;
    if (text.at[text.size - 1] == '.')
        text.size--;
    return str_to_double(text, number);
}

/* An instant without offset is local time as it stands. */
static bool local_instant(struct str text, double *number)
{
    char utc[40];
    int64_t instant;
    size_t size = text.size;

    if (size + 2 > sizeof utc || size < 16)
        return false;
    memcpy(utc, text.at, size);
    utc[size] = 'Z';
    if (!instant_parse((struct str){utc, size + 1}, &instant))
        return false;
    *number = (double)instant / day_ms;
    return true;
}

static bool date_number(struct str text, bool dated, int utc_offset,
                        double *number)
{
    struct date date;
    int64_t instant;

    if (text.size == 10 || (dated && text.size < 10)) {
        if (!date_parse(text, &date))
            return false;
        *number = (double)date_to_day(date);
        return true;
    }
    if (text.size < 16)
        return false;
    if (instant_parse(text, &instant)) {
        *number = ((double)instant + utc_offset * 1000.0) / day_ms;
        return true;
    }
    return local_instant(text, number);
}

double text_to_number(struct str text, bool dated, int utc_offset)
{
    double number;

    text = str_trim(text);
    if (text.size == 0)
        return NAN;
    if (dated && date_number(text, dated, utc_offset, &number))
        return number;
    if (plain_number(text, &number))
        return number;
    if (is_digit(text.at[0]) && date_number(text, false, utc_offset, &number))
        return number;
    return NAN;
}

/* 1.5e-07 as 0.00000015: XPath has no exponents. */
static struct str without_exponent(struct arena *arena, const char *text)
{
    const char *mark = strchr(text, 'e');
    struct buf out;
    char digits[32];
    size_t count = 0;
    long exponent = mark ? strtol(mark + 1, NULL, 10) : 0;
    long point = 1;

    if (!mark)
        return str_copy(arena, str_of(text));
    buf_init(&out, arena);
    for (const char *c = text; c < mark && count < sizeof digits; c++) {
        if (*c == '-')
            buf_putc(&out, '-');
        else if (*c != '.')
            digits[count++] = *c;
    }
    point += exponent;
    if (point <= 0)
        buf_puts(&out, "0.");
    for (; point < 0; point++)
        buf_putc(&out, '0');
    for (size_t i = 0; i < count; i++) {
        if (point > 0 && (long)i == point)
            buf_putc(&out, '.');
        buf_putc(&out, digits[i]);
    }
    for (long i = (long)count; i < point; i++)
        buf_putc(&out, '0');
    return buf_str(&out);
}

struct str number_to_text(struct arena *arena, double number)
{
    char text[40];

    if (isnan(number))
        return STR("NaN");
    if (isinf(number))
        return number > 0 ? STR("Infinity") : STR("-Infinity");
    if (number == floor(number) && fabs(number) < 1e15) {
        if (number >= 0 && number < 10) {
            static const char digit[] = "0123456789";

            return (struct str){digit + (int)number, 1};
        }
        snprintf(text, sizeof text, "%lld", (long long)number);
        return str_copy(arena, str_of(text));
    }
    for (int precision = 15; precision <= 17; precision++) {
        double again = 0;

        snprintf(text, sizeof text, "%.*g", precision, number);
        if (str_to_double(str_of(text), &again) && again == number)
            break;
    }
    return without_exponent(arena, text);
}

void result_text(struct expr_result *result, struct str text)
{
    result->type = EXPR_STRING;
    result->text = text.at ? text : STR("");
}

void result_number(struct expr_result *result, double number)
{
    result->type = EXPR_NUMBER;
    result->number = number;
}

void result_truth(struct expr_result *result, bool truth)
{
    result->type = EXPR_BOOL;
    result->truth = truth;
}

struct str expr_node_text(const struct expr_result *result, size_t index)
{
    if (index >= result->count)
        return STR("");
    if (result->tree)
        return node_text(result->tree[index], result->arena);
    return result->node[index].at ? result->node[index] : STR("");
}

struct str expr_to_text(const struct expr_result *result, struct arena *arena)
{
    switch (result->type) {
    case EXPR_STRING:
        return result->text;
    case EXPR_NUMBER:
        return number_to_text(arena, result->number);
    case EXPR_BOOL:
        return result->truth ? STR("true") : STR("false");
    case EXPR_NODES:
        return expr_node_text(result, 0);
    }
    return STR("");
}

struct str result_to_text(struct eval *eval, const struct expr_result *result)
{
    return expr_to_text(result, eval->arena);
}

double expr_to_number(const struct expr_result *result)
{
    switch (result->type) {
    case EXPR_STRING:
        return text_to_number(result->text, false, result->utc_offset);
    case EXPR_NUMBER:
        return result->number;
    case EXPR_BOOL:
        return result->truth ? 1 : 0;
    case EXPR_NODES:
        return result->count ? text_to_number(expr_node_text(result, 0),
                                              result->dated, result->utc_offset)
                             : NAN;
    }
    return NAN;
}

/* One node is as true as its text; XPath's rule (any node is true) would make
 * every question true, answered or not. */
bool expr_to_bool(const struct expr_result *result)
{
    switch (result->type) {
    case EXPR_STRING:
        return result->text.size > 0;
    case EXPR_NUMBER:
        return result->number != 0 && !isnan(result->number);
    case EXPR_BOOL:
        return result->truth;
    case EXPR_NODES:
        return result->count > 1 ||
               (result->count == 1 && expr_node_text(result, 0).size > 0);
    }
    return false;
}
