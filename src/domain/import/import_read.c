/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_read.c - one function per kind of cell. They look at text only; which
 * column means what is import_map.c's business, what becomes of a row is
 * import.c's. */
#include "domain/import/import_read.h"

#include "core/utf8.h"
#include "core/value.h"

enum { AGE_MAX = 120, PARTS_MAX = 6 };

/* --- words --------------------------------------------------------------- */

struct str cell_words(struct arena *arena, struct str text)
{
    struct str folded = utf8_fold(arena, text, false);
    struct buf out;
    bool gap = false;

    buf_init(&out, arena);
    for (size_t i = 0; i < folded.size; i++) {
        char c = folded.at[i];
        bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     (unsigned char)c >= 0x80;

        if (keeps && gap && out.size)
            buf_putc(&out, ' ');
        gap = !keeps;
        if (keeps)
            buf_putc(&out, c);
    }
    return buf_str(&out);
}

static bool is_one_of(struct str text, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (str_equal_c(text, list[i]))
            return true;
    return false;
}

bool cell_is_blank(struct arena *arena, struct str text)
{
    static const char *const blank[] = {
        "na",          "n a",         "sd",       "s d",        "nd",
        "n d",         "ns",          "nr",       "no sabe",    "nan",
        "null",        "none",        "sin dato", "sin datos",  "se desconoce",
        "desconocido", "desconocida", "no dijo",  "no informa", "pendiente",
        NULL};
    struct str words = cell_words(arena, text);

    return !words.size || is_one_of(words, blank);
}

bool cell_is_total(struct arena *arena, const struct catalog_table *totals,
                   struct str text)
{
    struct str words = cell_words(arena, text);

    if (!words.size)
        return false;
    for (size_t row = 0; totals && row < totals->rows; row++)
        if (str_equal(words, catalog_cell(totals, row, "word")))
            return true;
    return str_starts(words, STR("total de ")) ||
           str_starts(words, STR("total del "));
}

/* --- dates --------------------------------------------------------------- */

static int month_of(struct str word)
{
    static const char *const month[] = {
        "enero", "febrero", "marzo",      "abril",   "mayo",      "junio",
        "julio", "agosto",  "septiembre", "octubre", "noviembre", "diciembre"};
    static const char *const english[] = {"jan", "feb", "mar", "apr",
                                          "may", "jun", "jul", "aug",
                                          "sep", "oct", "nov", "dec"};

    for (int i = 0; i < 12; i++)
        if (word.size >= 3 && (str_starts(str_of(month[i]), word) ||
                               str_equal_c(word, english[i])))
            return i + 1;
    return str_equal_c(word, "setiembre") || str_equal_c(word, "set") ? 9 : 0;
}

/* Numbers and month names, signs and "de" between them left out. */
struct parts {
    int64_t number[PARTS_MAX];
    size_t figures[PARTS_MAX]; /* how many; 0 for a month's name */
    size_t count;
};

static bool read_parts(struct str words, struct parts *parts)
{
    struct str rest = words, word;

    while (str_cut(&rest, ' ', &word)) {
        int64_t number = 0;

        if (str_equal_c(word, "de") || str_equal_c(word, "del"))
            continue;
        if (parts->count == PARTS_MAX)
            return false;
        if (str_to_int(word, &number) && number >= 0) {
            parts->figures[parts->count] = word.size;
        } else {
            number = month_of(word);
            if (!number)
                return false;
        }
        parts->number[parts->count++] = number;
    }
    return true;
}

static bool is_year(const struct parts *parts, size_t i)
{
    return parts->figures[i] == 4 && parts->number[i] >= 1800 &&
           parts->number[i] < 2200;
}

static void set_year(struct cell_date *date, const struct parts *parts,
                     size_t i)
{
    date->date.year = (int)parts->number[i];
    date->short_year = parts->figures[i] == 2;
}

static bool set_parts(struct cell_date *date, const struct parts *parts)
{
    bool year_first = is_year(parts, 0);

    if (parts->count == 1 && year_first) {
        set_year(date, parts, 0);
        return true;
    }
    if (parts->count == 2 && (year_first || is_year(parts, 1))) {
        set_year(date, parts, year_first ? 0 : 1);
        date->date.month = (int)parts->number[year_first ? 1 : 0];
        return true;
    }
    if (parts->count != 3)
        return false;
    if (!year_first && !is_year(parts, 2) && parts->figures[2] != 2)
        return false;
    set_year(date, parts, year_first ? 0 : 2);
    date->date.month = (int)parts->number[1];
    date->date.day = (int)parts->number[year_first ? 2 : 0];
    return true;
}

/* 27oct1999 and 1998-12-31 00:00:00 */
static struct str without_time(struct str text)
{
    size_t space = str_find_char(text, ' '), t = str_find_char(text, 'T');

    if (space != SIZE_MAX && space >= 8 &&
        str_find_char(str_slice(text, space, text.size), ':') != SIZE_MAX)
        return str_slice(text, 0, space);
    return t == 10 ? str_slice(text, 0, t) : text;
}

enum cell cell_date(struct arena *arena, struct str text,
                    struct cell_date *date)
{
    struct parts parts = {0};
    struct cell_date read = {0};
    struct date probe;

    text = str_trim(text);
    if (cell_is_blank(arena, text))
        return CELL_EMPTY;
    if (!read_parts(cell_words(arena, without_time(text)), &parts) ||
        !parts.count || !set_parts(&read, &parts))
        return CELL_OPEN;
    probe = read.date;
    if (read.short_year)
        probe.year += probe.year % 4 ? 1900 : 2000; /* 29 February */
    if (!date_valid(probe) || (parts.count > 1 && !read.date.month) ||
        (parts.count > 2 && !read.date.day))
        return CELL_WRONG;
    *date = read;
    return CELL_OK;
}

static int age_in(struct cell_date date, int century, int64_t reference)
{
    struct date birth = date.date;

    birth.year += century;
    return date_age(birth, reference, false);
}

void cell_century(struct cell_date *date, int64_t reference, int age)
{
    int late, early, century = 1900;
    struct date birth;

    if (!date->short_year)
        return;
    birth = date->date;
    birth.year += 2000;
    late = age_in(*date, 2000, reference);
    early = age_in(*date, 1900, reference);
    if (date_to_day(birth) <= reference) {
        century = 2000;
        if (age >= 0 && abs(early - age) < abs(late - age))
            century = 1900;
    }
    date->date.year += century;
    date->short_year = false;
}

/* --- ages ---------------------------------------------------------------- */

static bool says_about(struct arena *arena, struct str text)
{
    static const char *const about[] = {"aprox",      "aproximadamente",
                                        "aproximado", "unos",
                                        "unas",       "como",
                                        "alrededor",  "cerca",
                                        "casi",       "approx",
                                        "about",      "mas",
                                        "ca",         NULL};
    struct str rest = cell_words(arena, text), word;

    while (str_cut(&rest, ' ', &word))
        if (is_one_of(word, about))
            return true;
    return text.size && (text.at[0] == '~' || text.at[text.size - 1] == '?');
}

/* Words allowed beside the number; a word of another kind opens the cell. */
static bool only_age_words(struct str words)
{
    static const char *const fine[] = {"aprox",      "aproximadamente",
                                       "aproximado", "unos",
                                       "unas",       "como",
                                       "alrededor",  "cerca",
                                       "de",         "casi",
                                       "approx",     "about",
                                       "ca",         "anos",
                                       "ano",        "a",
                                       "years",      "year",
                                       "old",        "entre",
                                       "y",          "meses",
                                       "mes",        "m",
                                       "dias",       "dia",
                                       "edad",       "cumplidos",
                                       "o",          NULL};
    struct str rest = words, word;
    int64_t number;

    while (str_cut(&rest, ' ', &word))
        if (!is_one_of(word, fine) && !str_to_int(word, &number))
            return false;
    return true;
}

static bool has_word(struct str words, const char *a, const char *b)
{
    struct str rest = words, word;

    while (str_cut(&rest, ' ', &word))
        if (str_equal_c(word, a) || str_equal_c(word, b))
            return true;
    return false;
}

static size_t read_numbers(struct str words, int64_t number[2])
{
    struct str rest = words, word;
    size_t count = 0;

    while (str_cut(&rest, ' ', &word))
        if (count < 2 && str_to_int(word, &number[count]))
            count++;
    return count;
}

enum cell cell_age(struct arena *arena, struct str text, struct cell_age *age)
{
    struct str words;
    int64_t number[2] = {0, 0};
    size_t count;
    bool months, years;

    text = str_trim(text);
    if (cell_is_blank(arena, text))
        return CELL_EMPTY;
    words = cell_words(arena, text);
    count = read_numbers(words, number);
    if (!count || !only_age_words(words))
        return CELL_OPEN;
    if (text.at[0] == '-' || number[0] > AGE_MAX * 12 ||
        number[1] > AGE_MAX * 12)
        return CELL_WRONG;
    years = has_word(words, "ano", "anos");
    months = has_word(words, "mes", "meses") || has_word(words, "dia", "dias");
    *age = (struct cell_age){.years = (int)number[0], .highest = -1};
    if (months && !years)
        age->years = has_word(words, "mes", "meses") ? age->years / 12 : 0;
    else if (count == 2 && !months)
        age->highest = (int)number[1];
    age->about = says_about(arena, text) || age->highest >= 0;
    if (age->highest >= 0 && age->highest < age->years)
        return CELL_OPEN;
    return age->years > AGE_MAX || age->highest > AGE_MAX ? CELL_WRONG
                                                          : CELL_OK;
}

/* --- codes --------------------------------------------------------------- */

static bool is_spelling_column(struct str name)
{
    return str_equal_c(name, "aliases") || str_equal_c(name, "iso2") ||
           str_equal_c(name, "bcp47") || str_starts(name, STR("demonym"));
}

struct spelling {
    struct str words, code;
};

struct spellings {
    struct arena *arena;
    struct spelling *at;
    size_t count, capacity;
};

static void add_spelling(struct spellings *list, struct str text,
                         struct str code)
{
    struct str words = cell_words(list->arena, text);

    if (!words.size)
        return;
    if (list->count == list->capacity) {
        size_t more = list->capacity ? list->capacity * 2 : 64;
        struct spelling *at =
            arena_grow(list->arena, list->at, list->capacity * sizeof *list->at,
                       more * sizeof *list->at);

        if (!at)
            return;
        list->at = at;
        list->capacity = more;
    }
    list->at[list->count++] = (struct spelling){words, code};
}

static int compare_spellings(const void *a, const void *b)
{
    const struct spelling *one = a, *two = b;
    int order = str_compare(one->words, two->words);

    return order ? order : str_compare(one->code, two->code);
}

/* Rows of catalog/import_value.csv: field, value, code. */
static void add_table(struct spellings *list,
                      const struct catalog_table *values, struct str field)
{
    for (size_t row = 0; values && row < values->rows; row++)
        if (str_equal(catalog_cell(values, row, "field"), field))
            add_spelling(list, catalog_cell(values, row, "value"),
                         catalog_cell(values, row, "code"));
}

struct spellings *spellings_make(struct arena *arena,
                                 const struct question *question,
                                 size_t languages,
                                 const struct catalog_table *values)
{
    struct spellings *list = ARENA_NEW(arena, struct spellings);
    size_t count = question && question->choices ? question->choices->count : 0;

    if (!list)
        return NULL;
    list->arena = arena;
    for (size_t i = 0; i < count; i++) {
        const struct choice *choice = &question->choices->choice[i];

        if (choice->name.size > 1) /* M is a code, but what did they mean? */
            add_spelling(list, choice->name, choice->name);
        for (size_t j = 0; choice->label.text && j < languages; j++)
            add_spelling(list, choice->label.text[j], choice->name);
        for (size_t j = 0; j < value_count(choice->extra); j++) {
            struct str rest = value_text(value_at(choice->extra, j)), part;

            if (!is_spelling_column(value_name_at(choice->extra, j)))
                continue;
            while (str_cut(&rest, ';', &part))
                add_spelling(list, part, choice->name);
        }
    }
    if (question)
        add_table(list, values, question->key);
    if (list->count)
        qsort(list->at, list->count, sizeof *list->at, compare_spellings);
    return list;
}

enum cell cell_choice(struct arena *arena, const struct spellings *list,
                      struct str text, struct str *code)
{
    struct str words = cell_words(arena, text);
    size_t low = 0, high = list ? list->count : 0;

    if (cell_is_blank(arena, text))
        return str_trim(text).size ? CELL_OPEN : CELL_EMPTY;
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (str_compare(list->at[middle].words, words) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!list || low == list->count || !str_equal(list->at[low].words, words))
        return CELL_OPEN;
    for (size_t i = low + 1;
         i < list->count && str_equal(list->at[i].words, words); i++)
        if (!str_equal(list->at[i].code, list->at[low].code))
            return CELL_OPEN; /* two choices are called that */
    *code = list->at[low].code;
    return CELL_OK;
}

/* --- telephones ---------------------------------------------------------- */

static const struct {
    const char *country, *prefix;
    size_t digits;
} dialling[] = {{"MEX", "52", 10}, {"USA", "1", 10},  {"CAN", "1", 10},
                {"GTM", "502", 8}, {"SLV", "503", 8}, {"HND", "504", 8},
                {"NIC", "505", 8}, {"CRI", "506", 8}, {"PAN", "507", 8},
                {"HTI", "509", 8}, {"COL", "57", 10}, {"VEN", "58", 10},
                {"ECU", "593", 9}, {"BRA", "55", 11}, {"CUB", "53", 8}};

/* A number that begins with a country's code and has its length. */
static bool has_country(struct str digits)
{
    for (size_t i = 0; i < sizeof dialling / sizeof dialling[0]; i++)
        if (str_starts(digits, str_of(dialling[i].prefix)) &&
            digits.size == strlen(dialling[i].prefix) + dialling[i].digits &&
            digits.size > 10)
            return true;
    return false;
}

static struct str local_prefix(struct str country, size_t digits)
{
    for (size_t i = 0; i < sizeof dialling / sizeof dialling[0]; i++)
        if (str_equal_c(country, dialling[i].country) &&
            digits == dialling[i].digits)
            return str_of(dialling[i].prefix);
    return STR_NULL;
}

enum cell cell_phone(struct arena *arena, struct str text,
                     struct str office_country, struct str *phone)
{
    struct buf out;
    struct str digits, prefix;
    bool international;

    text = str_trim(text);
    if (cell_is_blank(arena, text))
        return CELL_EMPTY;
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] >= '0' && text.at[i] <= '9')
            buf_putc(&out, text.at[i]);
        else if (!strchr("+-(). ", text.at[i]))
            return CELL_OPEN; /* two numbers, a name, a comment */
    }
    digits = buf_str(&out);
    international = text.at[0] == '+';
    if (!international && str_starts(digits, STR("00")) && digits.size > 10) {
        digits = str_slice(digits, 2, digits.size);
        international = true;
    }
    if (digits.size < 6 || digits.size > 15)
        return CELL_OPEN;
    prefix = local_prefix(office_country, digits.size);
    if (international || has_country(digits))
        *phone = str_join(arena, STR("+"), digits);
    else if (prefix.size)
        *phone =
            str_format(arena, "+%.*s%.*s", STR_ARGS(prefix), STR_ARGS(digits));
    else
        *phone = digits;
    return CELL_OK;
}
