/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clean.c - what people type, made canonical: NFC and trimmed text, dates as
 * ISO whatever the order they came in, numbers with a point, choices that are
 * in the list. A value that cannot be understood is refused, never guessed.
 */
#include "form/clean.h"

#include <math.h>

#include "core/date.h"
#include "core/utf8.h"

static const double integer_max = 9007199254740991.0; /* exact in a double */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

/* --- text ------------------------------------------------------------------
 */

static struct str without_controls(struct str text, struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '\r' && (i + 1 == text.size || text.at[i + 1] != '\n'))
            c = '\n';
        if (!is_control(c))
            buf_putc(&out, c);
    }
    return buf_str(&out);
}

static const char *clean_text(struct str typed, size_t most,
                              struct arena *arena, struct str *out)
{
    bool ascii = true, controls = false;

    for (size_t i = 0; i < typed.size; i++) {
        ascii = ascii && (unsigned char)typed.at[i] < 0x80;
        controls = controls || is_control(typed.at[i]);
    }
    if (!ascii && utf8_invalid(typed) < SIZE_MAX)
        return N_("El texto tiene caracteres dañados; escríbalo otra vez.");
    if (controls)
        typed = without_controls(typed, arena);
    if (!ascii)
        typed = utf8_nfc(arena, typed);
    typed = str_trim(typed);
    if (typed.size > most && utf8_length(typed) > most)
        return N_("El texto es demasiado largo: caben 10 000 caracteres.");
    *out = typed;
    return NULL;
}

/* --- numbers ---------------------------------------------------------------
 */

/* [+-]digits[.,digits] as a double. */
static bool read_number(struct str text, struct arena *arena, double *number)
{
    char copy[64];
    size_t size = 0, digits = 0, points = 0;

    (void)arena;
    for (size_t i = 0; i < text.size && size + 1 < sizeof copy; i++) {
        char c = text.at[i];

        if (i == 0 && c == '+')
            continue;
        digits += is_digit(c);
        points += c == '.' || c == ',';
        if (!is_digit(c) && c != '.' && c != ',' && !(c == '-' && i == 0))
            return false;
        copy[size++] = c == ',' ? '.' : c;
    }
    if (size + 1 == sizeof copy || digits == 0 || points > 1)
        return false;
    if (size && copy[size - 1] == '.')
        size--;
    return str_to_double((struct str){copy, size}, number);
}

static struct str plain_number(struct arena *arena, double number)
{
    char text[64];
    size_t size;

    if (number == floor(number) && fabs(number) <= integer_max)
        return str_format(arena, "%.0f", number == 0 ? 0.0 : number);
    for (int places = 1; places <= 17; places++) {
        double again = 0;

        snprintf(text, sizeof text, "%.*f", places, number);
        if (str_to_double(str_of(text), &again) && again == number)
            break;
    }
    size = strlen(text);
    while (size && text[size - 1] == '0')
        size--;
    return str_copy(arena, (struct str){text, size});
}

static const char *clean_integer(struct str text, struct arena *arena,
                                 struct str *out)
{
    double number;

    if (!read_number(text, arena, &number) || number != floor(number))
        return N_("Escriba un número entero, por ejemplo 3.");
    if (fabs(number) > integer_max)
        return N_("El número es demasiado grande.");
    if (text.size == 1) /* already as it should be */
        *out = text;
    else
        *out = plain_number(arena, number);
    return NULL;
}

static const char *clean_decimal(struct str text, struct arena *arena,
                                 struct str *out)
{
    double number;

    if (!read_number(text, arena, &number))
        return N_("Escriba un número, por ejemplo 2.5.");
    if (fabs(number) > integer_max)
        return N_("El número es demasiado grande.");
    *out = plain_number(arena, number);
    return NULL;
}

double parameter_number(const struct question *question, const char *name,
                        double fallback)
{
    struct str rest = question->parameters, item;
    double number;

    while (next_item(&rest, &item)) {
        size_t at = str_find_char(item, '=');

        if (at < SIZE_MAX && str_equal_c(str_slice(item, 0, at), name) &&
            str_to_double(str_slice(item, at + 1, item.size), &number))
            return number;
    }
    return fallback;
}

static const char *clean_range(const struct question *question, struct str text,
                               struct arena *arena, struct str *out)
{
    double start = parameter_number(question, "start", 1), number, steps;

    if (!read_number(text, arena, &number))
        return N_("Escriba un número, por ejemplo 3.");
    steps = (number - start) / parameter_number(question, "step", 1);
    if (number < start || number > parameter_number(question, "end", 10) ||
        fabs(steps - floor(steps + 0.5)) > 1e-6)
        return N_("El número queda fuera de lo que admite esta pregunta.");
    *out = plain_number(arena, number);
    return NULL;
}

/* --- dates and times -------------------------------------------------------
 */

bool date_is_partial(const struct question *question)
{
    return str_find(question->appearance, STR("partial-date")) < SIZE_MAX;
}

/* Digits up to the next separator; false when there are none or too many. */
static bool date_number(struct str *rest, int *number, size_t *digits)
{
    size_t i = 0;

    *number = 0;
    while (i < rest->size && i < 4 && is_digit(rest->at[i]))
        *number = *number * 10 + (rest->at[i++] - '0');
    *digits = i;
    if (i == 0 || (i < rest->size && !strchr("/-.", rest->at[i])))
        return false;
    *rest = i < rest->size ? str_slice(*rest, i + 1, rest->size) : STR_NULL;
    return true;
}

/* 22/11/2026, 22-11-2026, 22.11.2026, 11/2026, 2026/11/22 */
static bool local_date(struct str text, struct date *date)
{
    struct str rest = text;
    int number[3] = {0};
    size_t digits[3] = {0}, count = 0;

    while (count < 3 && rest.at && rest.size > 0)
        if (!date_number(&rest, &number[count], &digits[count]))
            return false;
        else
            count++;
    if (rest.at)
        return false;
    if (count == 3 && digits[0] <= 2 && digits[1] <= 2 && digits[2] == 4)
        *date = (struct date){number[2], number[1], number[0]};
    else if (count == 3 && digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2)
        *date = (struct date){number[0], number[1], number[2]};
    else if (count == 2 && digits[0] <= 2 && digits[1] == 4)
        *date = (struct date){number[1], number[0], 0};
    else if (count == 2 && digits[0] == 4 && digits[1] <= 2)
        *date = (struct date){number[0], number[1], 0};
    else if (count == 1 && digits[0] == 4)
        *date = (struct date){number[0], 0, 0};
    else
        return false;
    /* 0 means not known to struct date; typed, it is no month and no day */
    for (size_t i = 0; i < count; i++)
        if (number[i] == 0)
            date->month = 99;
    return true;
}

static const char *clean_date(const struct question *question, struct str text,
                              struct arena *arena, struct str *out)
{
    bool partial = date_is_partial(question), good;
    struct date date;

    if (text.size == 10 && date_parse_whole(text, &date)) {
        *out = text;
        return NULL;
    }
    good = local_date(text, &date);
    /* month-year, year: what is not asked is the first */
    if (good && !date.day &&
        str_find(question->appearance, STR("year")) < SIZE_MAX &&
        (date.month ||
         str_find(question->appearance, STR("month-")) == SIZE_MAX)) {
        date.day = 1;
        date.month = date.month ? date.month : 1;
    }
    if (!good || (!partial && date.day == 0 && date.month <= 12))
        return partial ? N_("Escriba la fecha como día/mes/año, o solo el "
                            "mes y el año, o solo el año: 22/11/1998, "
                            "11/1998, 1998.")
                       : N_("Escriba la fecha como día/mes/año, por ejemplo "
                            "22/11/2026.");
    if (!date_valid(date))
        return N_("Esa fecha no existe; revise el día y el mes.");
    *out = date_text(arena, date);
    return NULL;
}

/* hh:mm[:ss[.fff]] at the front; what follows is left in *rest. */
static bool read_time(struct str text, int part[3], struct str *rest)
{
    size_t at = 0;
    int count = 0;

    part[2] = 0;
    while (count < 3) {
        size_t digits = 0;

        part[count] = 0;
        while (at < text.size && is_digit(text.at[at]) && digits < 2) {
            part[count] = part[count] * 10 + (text.at[at++] - '0');
            digits++;
        }
        if (digits == 0 || (count > 0 && digits != 2))
            return false;
        count++;
        if (at >= text.size || text.at[at] != ':')
            break;
        at++;
    }
    if (count == 3 && at < text.size && text.at[at] == '.')
        for (at++; at < text.size && is_digit(text.at[at]); at++)
            ;
    *rest = str_slice(text, at, text.size);
    return count >= 2 && part[0] < 24 && part[1] < 60 && part[2] < 60;
}

static const char *clean_time(struct str text, struct arena *arena,
                              struct str *out)
{
    struct str rest;
    int part[3];

    if (!read_time(text, part, &rest) ||
        (rest.size > 0 && rest.at[0] != 'Z' && rest.at[0] != '+' &&
         rest.at[0] != '-'))
        return N_("Escriba la hora como hora:minutos, por ejemplo 14:30.");
    *out = part[2]
               ? str_format(arena, "%02d:%02d:%02d", part[0], part[1], part[2])
               : str_format(arena, "%02d:%02d", part[0], part[1]);
    return NULL;
}

struct str local_time(struct arena *arena, int64_t instant, int utc_offset)
{
    struct date date = date_from_day(instant_day(instant, utc_offset));
    int second = instant_second(instant, utc_offset);
    int east = utc_offset < 0 ? -utc_offset : utc_offset;

    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
                      date.year, date.month, date.day, second / 3600,
                      second / 60 % 60, second % 60, utc_offset < 0 ? '-' : '+',
                      east / 3600, east / 60 % 60);
}

/* ISO with or without offset, or 22/11/2026 14:30. */
static const char *clean_instant(struct str text, int utc_offset,
                                 struct arena *arena, struct str *out)
{
    static const char *const wrong =
        N_("Escriba la fecha y la hora, por ejemplo 22/11/2026 14:30.");
    size_t split = str_find_char(text, ' ');
    struct date date;
    struct str rest;
    int64_t instant;
    int part[3];

    if (split == SIZE_MAX)
        split = str_find_char(text, 'T');
    if (instant_parse(text, &instant)) {
        *out = local_time(arena, instant, utc_offset);
        return NULL;
    }
    if (split == SIZE_MAX || !local_date(str_slice(text, 0, split), &date) ||
        !date_valid(date) || !date.day ||
        !read_time(str_trim(str_slice(text, split + 1, text.size)), part,
                   &rest) ||
        rest.size > 0)
        return wrong;
    instant = date_to_day(date) * 86400 + part[0] * 3600 + part[1] * 60 +
              part[2] - utc_offset;
    *out = local_time(arena, instant * 1000, utc_offset);
    return NULL;
}

/* --- choices and the rest --------------------------------------------------
 */

bool next_item(struct str *rest, struct str *item)
{
    size_t end = 0;

    *rest = str_trim(*rest);
    if (rest->size == 0)
        return false;
    while (end < rest->size && !strchr(" \t\r\n", rest->at[end]))
        end++;
    *item = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->size);
    return true;
}

static const char *const not_in_list = N_("Esa respuesta no está en la lista.");

/* Items of a list once each: in the list's order, or, ranked, as given. */
static const char *clean_several(const struct question *question,
                                 struct str text, struct arena *arena,
                                 struct str *out)
{
    const struct choice_list *list = question->choices;
    size_t count = list ? list->count : 0, ranks = 0;
    unsigned char *seen = ARENA_ARRAY(arena, unsigned char, count + 1);
    struct str rest = text, item;
    struct buf joined;

    if (question->choice_rows) {
        *out = text; /* looked into when the rows are known */
        return NULL;
    }
    if (!seen)
        return not_in_list;
    buf_init(&joined, arena);
    while (next_item(&rest, &item)) {
        const struct choice *choice = choice_find(list, item);
        size_t index = choice ? (size_t)(choice - list->choice) : 0;

        if (!choice)
            return not_in_list;
        if (question->type == QUESTION_RANK && !seen[index]) {
            if (ranks++)
                buf_putc(&joined, ' ');
            buf_put(&joined, item);
        }
        seen[index] = 1;
    }
    for (size_t i = 0; question->type != QUESTION_RANK && i < count; i++)
        if (seen[i]) {
            if (ranks++)
                buf_putc(&joined, ' ');
            buf_put(&joined, list->choice[i].name);
        }
    *out = buf_str(&joined);
    return NULL;
}

static const char *clean_place(struct str text, struct arena *arena,
                               struct str *out)
{
    static const double limit[] = {90, 180, 100000, 1e7};
    struct buf joined;
    struct str rest = text, item;
    size_t count = 0;

    buf_init(&joined, arena);
    while (next_item(&rest, &item)) {
        double number;

        if (str_ends(item, STR(",")))
            item.size--;
        if (count == 4 || !read_number(item, arena, &number) ||
            fabs(number) > limit[count])
            count = 5;
        if (count > 4)
            break;
        if (count++)
            buf_putc(&joined, ' ');
        buf_put(&joined, plain_number(arena, number));
    }
    if (count < 2 || count > 4)
        return N_("Escriba latitud y longitud, por ejemplo 14.9 -92.26.");
    *out = buf_str(&joined);
    return NULL;
}

static const char *clean_acknowledge(struct str text, struct str *out)
{
    static const char *const yes[] = {"ok", "yes", "true", "on", "1"};

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (str_equal_nocase(text, str_of(yes[i]))) {
            *out = STR("OK");
            return NULL;
        }
    return N_("Marque la casilla o déjela sin marcar.");
}

const char *answer_clean(const struct question *question, struct str typed,
                         int utc_offset, struct arena *arena, struct str *out)
{
    struct str text = STR("");
    const char *wrong = clean_text(
        typed, question->system ? SYSTEM_CHARACTERS_MAX : ANSWER_CHARACTERS_MAX,
        arena, &text);

    if (wrong)
        return wrong;
    *out = text;
    if (text.size == 0)
        return NULL;
    switch (question->type) {
    case QUESTION_INTEGER:
        return clean_integer(text, arena, out);
    case QUESTION_DECIMAL:
        return clean_decimal(text, arena, out);
    case QUESTION_RANGE:
        return clean_range(question, text, arena, out);
    case QUESTION_DATE:
    case QUESTION_TODAY:
        return clean_date(question, text, arena, out);
    case QUESTION_TIME:
        return clean_time(text, arena, out);
    case QUESTION_DATETIME:
    case QUESTION_START:
    case QUESTION_END:
        return clean_instant(text, utc_offset, arena, out);
    case QUESTION_SELECT_ONE:
        return question->choice_rows || choice_find(question->choices, text)
                   ? NULL
                   : not_in_list;
    case QUESTION_SELECT_MULTIPLE:
    case QUESTION_RANK:
        return clean_several(question, text, arena, out);
    case QUESTION_GEOPOINT:
        return clean_place(text, arena, out);
    case QUESTION_ACKNOWLEDGE:
        return clean_acknowledge(text, out);
    case QUESTION_IMAGE:
    case QUESTION_AUDIO:
    case QUESTION_VIDEO:
    case QUESTION_FILE:
    case QUESTION_TEXT:
    case QUESTION_NOTE:
    case QUESTION_CALCULATE:
    case QUESTION_HIDDEN:
    case QUESTION_USERNAME:
    case QUESTION_GROUP:
    case QUESTION_REPEAT:
        break;
    }
    return NULL;
}
