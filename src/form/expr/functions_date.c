/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_date.c - dates and instants: ISO texts that count as days.
 *
 * A day number keeps its fraction: the time of that day in the scope's place.
 */
#include <math.h>

#include "core/date.h"
#include "form/expr/eval.h"

/* A moment in the place the expression is evaluated for. */
struct moment {
    struct date date; /* month and day 0 when not known */
    bool timed;
    int ms; /* of the day */
    int offset;
};

enum { DAY_MS = 86400000 };

static struct moment moment_from_days(double days, int offset)
{
    double day = floor(days);
    struct moment moment = {.offset = offset};

    moment.date = date_from_day((int64_t)day);
    moment.ms = (int)((days - day) * DAY_MS + 0.5);
    if (moment.ms >= DAY_MS) {
        moment.date = date_from_day((int64_t)day + 1);
        moment.ms = 0;
    }
    moment.timed = moment.ms != 0;
    return moment;
}

static bool days_in_range(double days)
{
    return days > -719162 && days < 2932897; /* years 1 to 9999 */
}

static bool moment_from_text(struct str text, int offset, struct moment *moment)
{
    double days;

    text = str_trim(text);
    if (text.size <= 10) {
        *moment = (struct moment){.offset = offset};
        return text.size > 0 && date_parse(text, &moment->date);
    }
    days = text_to_number(text, false, offset);
    if (!days_in_range(days) || text.size < 16)
        return false;
    *moment = moment_from_days(days, offset);
    moment->timed = true;
    return true;
}

/* From an argument: a text, or a number of days. */
static bool moment_of_value(struct eval *eval, const struct expr_result *value,
                            struct moment *moment)
{
    int offset = eval->scope->utc_offset;
    double days;

    if (value->type == EXPR_BOOL)
        return false;
    if (value->type != EXPR_NUMBER) {
        struct str text = result_to_text(eval, value);

        if (text.size == 4 && !value->dated) /* 1998: a number or a year? */
            return false;
        return moment_from_text(text, offset, moment);
    }
    days = expr_to_number(value);
    if (!days_in_range(days))
        return false;
    *moment = moment_from_days(days, offset);
    return true;
}

static bool moment_of(struct eval *eval, const struct expr *expr,
                      struct moment *moment)
{
    struct expr_result value = {0};

    eval_node(eval, expr, &value);
    return moment_of_value(eval, &value, moment);
}

/* As moment_of; what is there and is no date is an error, as in JavaRosa. */
static bool moment_wanted(struct eval *eval, const struct expr *call,
                          struct expr_result *value, struct moment *moment)
{
    bool nothing;

    eval_node(eval, call->arg[0], value);
    if (moment_of_value(eval, value, moment))
        return true;
    nothing = value->type == EXPR_NUMBER
                  ? isnan(value->number)
                  : value->type != EXPR_BOOL &&
                        str_trim(result_to_text(eval, value)).size == 0;
    if (!nothing)
        eval_fail(eval, call,
                  N_("La función del carácter {1} necesita una fecha."));
    return false;
}

static struct str moment_text(struct arena *arena, const struct moment *moment)
{
    int offset = moment->offset, second = moment->ms / 1000;
    char sign = offset < 0 ? '-' : '+';

    if (offset < 0)
        offset = -offset;
    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d:%02d",
                      moment->date.year, moment->date.month, moment->date.day,
                      second / 3600, second / 60 % 60, second % 60,
                      moment->ms % 1000, sign, offset / 3600, offset / 60 % 60);
}

void expr_function_today(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    const struct expr_scope *scope = eval->scope;

    (void)call;
    result_text(result,
                date_text(eval->arena, date_from_day(instant_day(
                                           scope->now, scope->utc_offset))));
}

void expr_function_now(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    const struct expr_scope *scope = eval->scope;
    struct moment moment = moment_from_days(
        (double)instant_day(scope->now, scope->utc_offset), scope->utc_offset);
    int64_t ms = scope->now % 1000;

    (void)call;
    moment.ms = instant_second(scope->now, scope->utc_offset) * 1000 +
                (int)(ms < 0 ? ms + 1000 : ms);
    result_text(result, moment_text(eval->arena, &moment));
}

/* The day, whatever the time. */
void expr_function_date(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    struct expr_result value = {0};
    struct moment moment;

    if (!moment_wanted(eval, call, &value, &moment))
        return;
    result_text(result, date_text(eval->arena, moment.date));
}

/* A number is an instant: days since 1970 in UTC, as decimal-date-time()
 * gives them. */
void expr_function_date_time(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    int offset = eval->scope->utc_offset;
    struct expr_result value = {0};
    struct moment moment;

    if (!moment_wanted(eval, call, &value, &moment))
        return;
    if (value.type == EXPR_NUMBER) {
        moment = moment_from_days(value.number + offset / 86400.0, offset);
        moment.timed = true;
    }
    result_text(result, moment.timed ? moment_text(eval->arena, &moment)
                                     : date_text(eval->arena, moment.date));
}

/* --- format-date -----------------------------------------------------------
 */

struct calendar {
    const char *language;
    const char *month[12];
    const char *weekday[7]; /* from Monday */
};

static const struct calendar calendars[] = {
    {"es",
     {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct",
      "nov", "dic"},
     {"lun", "mar", "mié", "jue", "vie", "sáb", "dom"}},
    {"en",
     {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
      "Nov", "Dec"},
     {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}},
    {"fr",
     {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.",
      "oct.", "nov.", "déc."},
     {"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."}},
    {"pt",
     {"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out",
      "nov", "dez"},
     {"seg", "ter", "qua", "qui", "sex", "sáb", "dom"}},
};

static const struct calendar *calendar_of(struct str language)
{
    struct str primary = str_slice(language, 0, str_find_char(language, '-'));

    for (size_t i = 0; i < sizeof calendars / sizeof calendars[0]; i++)
        if (str_equal_c(primary, calendars[i].language))
            return &calendars[i];
    return &calendars[0];
}

static void put_date_part(struct buf *out, char letter,
                          const struct moment *moment,
                          const struct calendar *calendar)
{
    struct date date = moment->date;

    if (letter == 'Y')
        buf_printf(out, "%04d", date.year);
    else if (letter == 'y')
        buf_printf(out, "%02d", date.year % 100);
    else if (letter == 'm')
        buf_printf(out, "%02d", date.month);
    else if (letter == 'n')
        buf_printf(out, "%d", date.month);
    else if (letter == 'd')
        buf_printf(out, "%02d", date.day);
    else if (letter == 'e')
        buf_printf(out, "%d", date.day);
    else if (letter == 'b' && date.month)
        buf_puts(out, calendar->month[date.month - 1]);
    else if (letter == 'a' && date.day)
        buf_puts(out, calendar->weekday[date_weekday(date_to_day(date))]);
}

static bool put_time_part(struct buf *out, char letter,
                          const struct moment *moment)
{
    int second = moment->ms / 1000;

    if (letter == 'H')
        buf_printf(out, "%02d", second / 3600);
    else if (letter == 'h')
        buf_printf(out, "%d", second / 3600);
    else if (letter == 'M')
        buf_printf(out, "%02d", second / 60 % 60);
    else if (letter == 'S')
        buf_printf(out, "%02d", second % 60);
    else if (letter == '3')
        buf_printf(out, "%03d", moment->ms % 1000);
    else
        return false;
    return true;
}

static void format_moment(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    const struct calendar *calendar = calendar_of(eval->scope->language);
    struct moment moment;
    struct str format = eval_text(eval, call->arg[1]);
    struct buf out;

    if (!moment_of(eval, call->arg[0], &moment))
        return;
    buf_init(&out, eval->arena);
    for (size_t i = 0; i < format.size; i++) {
        char c = format.at[i];

        if (c != '%' || i + 1 == format.size) {
            buf_putc(&out, c);
            continue;
        }
        c = format.at[++i];
        if (c == '%')
            buf_putc(&out, c);
        else if (strchr("YymndebaHhMS3", c) == NULL) {
            eval_fail(eval, call,
                      N_("El formato de fecha del carácter {1} usa un signo "
                         "que no existe: se admiten %Y %y %m %n %b %d %e %a "
                         "%H %h %M %S %3."));
            return;
        } else if (!put_time_part(&out, c, &moment))
            put_date_part(&out, c, &moment, calendar);
    }
    result_text(result, buf_str(&out));
}

void expr_function_format_date(struct eval *eval, const struct expr *call,
                               struct expr_result *result)
{
    format_moment(eval, call, result);
}

void expr_function_format_date_time(struct eval *eval, const struct expr *call,
                                    struct expr_result *result)
{
    format_moment(eval, call, result);
}

/* Days since 1970 in UTC; a text without offset is local. A number in a text
 * is no date: JavaRosa refuses it, and so do we. */
void expr_function_decimal_date_time(struct eval *eval, const struct expr *call,
                                     struct expr_result *result)
{
    struct expr_result value = {0};
    double days;
    struct str text;

    eval_node(eval, call->arg[0], &value);
    days = expr_to_number(&value);
    if (value.type == EXPR_STRING && !isnan(days)) {
        text = str_trim(value.text);
        if (str_find_char(str_slice(text, 1, text.size), '-') == SIZE_MAX) {
            eval_fail(eval, call,
                      N_("La función del carácter {1} necesita una fecha."));
            return;
        }
    }
    result_number(result, days - eval->scope->utc_offset / 86400.0);
}

static bool two_digits(struct str text, size_t at, int below, double *value)
{
    if (text.size < at + 2 || text.at[at] < '0' || text.at[at] > '9' ||
        text.at[at + 1] < '0' || text.at[at + 1] > '9')
        return false;
    *value = (text.at[at] - '0') * 10 + (text.at[at + 1] - '0');
    return *value < below;
}

/* +hh:mm, -hh:mm or Z: seconds east of UTC. */
static bool zone_seconds(struct str zone, double *seconds)
{
    double hours, minutes;

    if (zone.size == 0)
        return true;
    if (str_equal_c(zone, "Z")) {
        *seconds = 0;
        return true;
    }
    if (zone.size != 6 || (zone.at[0] != '+' && zone.at[0] != '-') ||
        zone.at[3] != ':' || !two_digits(zone, 1, 24, &hours) ||
        !two_digits(zone, 4, 60, &minutes))
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (zone.at[0] == '-' ? -1 : 1);
    return true;
}

/* hh:mm[:ss[.mmm]][zone] as a fraction of the day in the scope's place. */
void expr_function_decimal_time(struct eval *eval, const struct expr *call,
                                struct expr_result *result)
{
    struct str text = str_trim(eval_text(eval, call->arg[0]));
    double hour, minute, second = 0, zone = eval->scope->utc_offset, day;
    size_t at = 5;

    result_number(result, NAN);
    if (!two_digits(text, 0, 24, &hour) || text.size < 5 || text.at[2] != ':' ||
        !two_digits(text, 3, 60, &minute))
        return;
    if (text.size > 5 && text.at[5] == ':') {
        if (!two_digits(text, 6, 60, &second))
            return;
        at = 8;
        if (at < text.size && text.at[at] == '.')
            for (at++;
                 at < text.size && text.at[at] >= '0' && text.at[at] <= '9';
                 at++)
                ;
    }
    if (!zone_seconds(str_slice(text, at, text.size), &zone))
        return;
    day =
        (hour * 3600 + minute * 60 + second - zone + eval->scope->utc_offset) /
        86400;
    result_number(result, day - floor(day));
}
