/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cell.c - a number as the text its author sees: dates are numbers with a
 * format, so the format is read too, as far as telling whether it shows a
 * day, a time or both.
 */
#include "form/read/intake.h"

#include <math.h>

#include "core/date.h"

enum { DAY_1970 = 25569, DAY_1970_SINCE_1904 = 24107, SERIAL_MAX = 2958465 };

enum cell_kind cell_kind_builtin(unsigned id)
{
    if (id == 46)
        return CELL_DURATION;
    if ((id >= 18 && id <= 21) || id == 45 || id == 47)
        return CELL_TIME;
    if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) ||
        (id >= 50 && id <= 58))
        return CELL_DATE;
    return CELL_NUMBER;
}

/* The end of a [bracket]; elapsed when it holds only h, m or s. */
static size_t bracket_end(struct str code, size_t at, bool *elapsed)
{
    size_t end = at + 1;

    *elapsed = true;
    for (; end < code.size && code.at[end] != ']'; end++)
        if (!strchr("hHmMsS", code.at[end]) || code.at[end] == 0)
            *elapsed = false;
    *elapsed = *elapsed && end > at + 1;
    return end;
}

enum cell_kind cell_kind_code(struct str code)
{
    bool day = false, hour = false, month = false, elapsed = false;

    if (str_equal_nocase(str_trim(code), STR("general")))
        return CELL_NUMBER;
    for (size_t i = 0; i < code.size && code.at[i] != ';'; i++) {
        char c = code.at[i];
        bool span = false;

        if (c == '"') {
            for (i++; i < code.size && code.at[i] != '"'; i++)
                ;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '[') {
            i = bracket_end(code, i, &span);
            elapsed = elapsed || span;
        } else if (c == 'd' || c == 'D' || c == 'y' || c == 'Y') {
            day = true;
        } else if (c == 'h' || c == 'H' || c == 's' || c == 'S') {
            hour = true;
        } else if (c == 'm' || c == 'M') {
            /* minutes beside hours or seconds; AM/PM has its M behind an A */
            month = month || i == 0 || !strchr("aApP", code.at[i - 1]);
        }
    }
    if (elapsed)
        return CELL_DURATION;
    if (day || (month && !hour))
        return CELL_DATE;
    return hour ? CELL_TIME : CELL_NUMBER;
}

/* The shortest text that is the same number. */
static struct str plain(struct arena *arena, double number)
{
    char text[40];
    int size = 0;

    if (fabs(number) < 1e21 && number == floor(number))
        return number == 0 ? STR("0") : str_format(arena, "%.0f", number);
    for (int digits = 15; digits <= 17; digits++) {
        double back;

        size = snprintf(text, sizeof text, "%.*g", digits, number);
        if (str_to_double((struct str){text, (size_t)size}, &back) &&
            back == number)
            break;
    }
    if (fabs(number) < 1e-4 && fabs(number) > 1e-15) {
        /* an answer or a step of 1e-05 is no number where it is used */
        size = snprintf(text, sizeof text, "%.20f", number);
        while (size > 0 && text[size - 1] == '0')
            size--;
    }
    return str_copy(arena, (struct str){text, (size_t)size});
}

static struct str clock_text(struct arena *arena, int64_t second)
{
    return str_format(arena, "%02d:%02d:%02d", (int)(second / 3600),
                      (int)(second / 60 % 60), (int)(second % 60));
}

/* Excel's calendar of 1900 has a 29th of February; what stands before it is
 * one day behind. */
struct str cell_number(struct arena *arena, double number, enum cell_kind kind,
                       bool date1904)
{
    int64_t seconds, day;
    struct str date;

    if (kind == CELL_NUMBER || !(number >= 0 && number <= SERIAL_MAX))
        return isfinite(number) ? plain(arena, number) : STR("");
    seconds = (int64_t)floor(number * 86400 + 0.5);
    if (kind == CELL_DURATION)
        return clock_text(arena, seconds);
    day = seconds / 86400;
    seconds %= 86400;
    if (day == 0 && (kind == CELL_TIME || !date1904))
        return clock_text(arena, seconds);
    if (date1904)
        day -= DAY_1970_SINCE_1904;
    else
        day -= DAY_1970 - (day < 60);
    date = date_text(arena, date_from_day(day));
    if (seconds == 0 && kind == CELL_DATE)
        return date;
    return str_format(arena, "%.*sT%.*s", STR_ARGS(date),
                      STR_ARGS(clock_text(arena, seconds)));
}

struct str cell_error(unsigned code)
{
    switch (code) {
    case 0x00:
        return STR("#NULL!");
    case 0x07:
        return STR("#DIV/0!");
    case 0x0f:
        return STR("#VALUE!");
    case 0x17:
        return STR("#REF!");
    case 0x1d:
        return STR("#NAME?");
    case 0x24:
        return STR("#NUM!");
    default:
        return STR("#N/A");
    }
}
