/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* CSV: rows, guessed separators, encodings, limits. */
#include "core/csv.h"

#include "core/buf.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Rows as LINE:<cell><cell>; */
static const char *show(struct arena *arena, struct str text, char separator,
                        struct err *err)
{
    struct csv csv;
    struct csv_row row;
    struct buf out;

    buf_init(&out, arena);
    csv_init(&csv, text, separator);
    while (csv_next(&csv, arena, &row, err)) {
        buf_printf(&out, "%zu:", row.line);
        for (size_t i = 0; i < row.count; i++)
            buf_printf(&out, "<%.*s>", STR_ARGS(row.cell[i]));
        buf_putc(&out, ';');
    }
    if (err->code)
        buf_printf(&out, "!%s", err->arg[0]);
    return str_c(arena, buf_str(&out));
}

static void check_rows(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *text, *want;
        char separator;
    } cases[] = {
        {"", "", ','},
        {"a,b\n1,2\n", "1:<a><b>;2:<1><2>;", ','},
        {"a,b\r\n1,2", "1:<a><b>;2:<1><2>;", ','},
        {"a,b\r1,2\r", "1:<a><b>;2:<1><2>;", ','},
        {"a;b,c", "1:<a><b,c>;", ';'},
        {",\n", "1:<><>;", ','},
        {"a,\n", "1:<a><>;", ','},
        {"\n\na\n\n\nb\n", "3:<a>;6:<b>;", ','},
        {"\"a,b\",\"c\"\"d\"\n", "1:<a,b><c\"d>;", ','},
        {"\"\"\"\"\n", "1:<\">;", ','},
        {"\"\",x", "1:<><x>;", ','},
        {"\"a\nb\",c\nd", "1:<a\nb><c>;3:<d>;", ','},
        {"\"a\r\nb\"\r\nd", "1:<a\r\nb>;3:<d>;", ','},
        {"a\"b,c", "1:<a\"b><c>;", ','},
        {"\"a\"b,c", "1:<ab><c>;", ','},
        {"\"a\" ,c", "1:<a><c>;", ','},
        {"\"a", "!1", ','},
        {"x\n\"a\n\n", "1:<x>;!2", ','},
        {"\"a\"\"", "!1", ','},
        {"sep=;\r\na;b\n", "2:<a><b>;", ';'},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};

        tap_is(tap,
               show(arena, str_of(cases[i].text), cases[i].separator, &err),
               cases[i].want, "rows");
    }
}

static void check_guess(struct tap *tap)
{
    static const struct {
        const char *text;
        char want;
    } cases[] = {
        {"a,b,c\n1,2,3\n", ','},
        {"a;b;c\n1,5;2,5;3,5\n", ';'},
        {"a\tb\n1\t2\n", '\t'},
        {"a|b\n", '|'},
        {"nombre\nAna\n", ','},
        {"", ','},
        {"\"a;b;c;d\",x\n\"e;f;g;h\",y\n", ','},
        {"nombre, apellido;edad\nAna;3\nEva;4\n", ';'},
        {"sep=|\na,b|c\n", '|'},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        tap_is_int(tap, csv_guess_separator(str_of(cases[i].text)),
                   cases[i].want, "separator");
}

static void check_decode(struct tap *tap, struct arena *arena)
{
    static const struct {
        struct str bytes;
        const char *want;
        bool latin1;
    } cases[] = {
        {{"a\xc3\xb1o", 4}, "año", false},
        {{"\xef\xbb\xbfhola", 7}, "hola", false},
        {{"a\xf1o", 3}, "año", true},
        {{"\xff\xfe"
          "a\0\xf1\0",
          6},
         "añ",
         false},
        {{"\xfe\xff\0a\0\xf1", 6}, "añ", false},
        {{"\xff\xfe\x34\xd8\x1e\xdd", 6}, "𝄞", false},
        {{"\xff\xfe\x34\xd8"
          "a\0",
          6},
         "\xef\xbf\xbd"
         "a",
         false},
        {{"\xff\xfe"
          "a",
          3},
         "",
         false},
        {{"", 0}, "", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool latin1 = !cases[i].latin1;
        struct str text = csv_decode(arena, cases[i].bytes, &latin1);

        tap_is(tap, str_c(arena, text), cases[i].want, "decoded");
        tap_ok(tap, latin1 == cases[i].latin1, "latin-1 told");
    }
    tap_is(tap, str_c(arena, csv_decode(arena, STR("x\xe1"), NULL)), "xá",
           "nobody asks");
}

static void check_limits(struct tap *tap, struct arena *arena)
{
    struct err err = {0};
    struct csv csv;
    struct csv_row row = {.count = 99};
    struct buf text;

    buf_init(&text, arena);
    for (int i = 0; i < CSV_CELLS_MAX; i++)
        buf_putc(&text, ',');
    csv_init(&csv, buf_str(&text), ',');
    tap_ok(tap, !csv_next(&csv, arena, &row, &err) && err.code == ERROR_INPUT,
           "too many cells");
    tap_is_int(tap, (long long)row.count, 99, "row untouched");
    err_clear(&err);
    buf_clear(&text);
    for (int i = 0; i <= CSV_CELL_SIZE_MAX; i++)
        buf_putc(&text, 'x');
    csv_init(&csv, buf_str(&text), ',');
    tap_ok(tap, !csv_next(&csv, arena, &row, &err) && err.code == ERROR_INPUT,
           "cell too large");
    tap_ok(tap, !csv_next(&csv, arena, &row, &err), "and it stops there");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_rows(&tap, &arena);
    check_guess(&tap);
    check_decode(&tap, &arena);
    check_limits(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
