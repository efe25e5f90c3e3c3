/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Slices, buffers with their escaping, UTF-8. */
#include "core/base64.h"
#include "core/buf.h"
#include "core/str.h"
#include "core/utf8.h"

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void check_slices(struct tap *tap, struct arena *arena)
{
    struct str rest = STR("a,,b"), part;
    char parts[16] = "";

    while (str_cut(&rest, ',', &part))
        snprintf(parts + strlen(parts), sizeof(parts) - strlen(parts), "[%.*s]",
                 STR_ARGS(part));
    tap_is(tap, parts, "[a][][b]", "cut");
    tap_is_int(tap, (long long)str_find(STR("abcabd"), STR("abd")), 3, "find");
    tap_ok(tap, str_find(STR("abc"), STR("abcd")) == SIZE_MAX, "find longer");
    tap_ok(tap, str_find(STR("aaa"), STR("ab")) == SIZE_MAX, "find none");
    tap_is_int(tap, (long long)str_find(STR("abc"), STR("")), 0, "find empty");
    tap_is(tap, str_c(arena, str_trim(STR(" \t x y\n"))), "x y", "trim");
    tap_is(tap, str_c(arena, str_slice(STR("hola"), 2, 99)), "la", "slice");
    tap_is(tap, str_c(arena, str_slice(STR("hola"), 9, 3)), "", "slice none");
    tap_ok(tap, str_equal_nocase(STR("HoLa"), STR("hOlA")), "no case");
    tap_ok(tap, !str_equal_nocase(STR("[a"), STR("{a")), "only letters");
    tap_ok(tap, str_compare(STR("ab"), STR("abc")) < 0, "prefix sorts first");
    tap_ok(tap, str_compare(STR("b"), STR("abc")) > 0, "bytes decide");
    tap_ok(tap, str_equal(STR_NULL, STR("")), "null equals empty");
    tap_ok(tap, str_is_null(STR_NULL) && !str_is_null(STR("")),
           "and yet is null");
    tap_ok(tap, str_is_null(str_copy(arena, STR_NULL)), "copy keeps null");
    tap_is(tap, str_c(arena, str_join(arena, STR("ho"), STR("la"))), "hola",
           "join");
    tap_is(tap, str_c(arena, str_format(arena, "%0300d", 7)) + 295, "00007",
           "format beyond the small buffer");
    tap_ok(
        tap,
        str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")) &&
            str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")),
        "starts and ends");
    tap_ok(tap, str_hash(STR("12345678a")) != str_hash(STR("12345678b")),
           "hash sees the tail");
}

static void check_numbers(struct tap *tap)
{
    static const struct {
        const char *text;
        bool whole, decimal;
        double value;
    } cases[] = {
        {"0", true, true, 0},
        {"-12", true, true, -12},
        {"9223372036854775807", true, true, 9223372036854775807.0},
        {"-9223372036854775808", true, true, -9223372036854775808.0},
        {"9223372036854775808", false, true, 9223372036854775808.0},
        {"0.1", false, true, 0.1},
        {".5", false, true, 0.5},
        {"5.", false, true, 5},
        {"1e3", false, true, 1000},
        {"-2.5E-3", false, true, -0.0025},
        {"123456789.123456789", false, true, 123456789.123456789},
        {"1.7976931348623157e308", false, true, 1.7976931348623157e308},
        {"5e-324", false, true, 5e-324},
        {"1e-400", false, true, 0},
        {"0.30000000000000004", false, true, 0.30000000000000004},
        {"1e400", false, false, 0},
        {"", false, false, 0},
        {"-", false, false, 0},
        {".", false, false, 0},
        {"+1", false, false, 0},
        {" 1", false, false, 0},
        {"1 ", false, false, 0},
        {"1e", false, false, 0},
        {"0x10", false, false, 0},
        {"inf", false, false, 0},
        {"nan", false, false, 0},
        {"1,5", false, false, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str text = str_of(cases[i].text);
        int64_t whole = 77;
        double decimal = 77;
        bool as_int = str_to_int(text, &whole);
        bool as_double = str_to_double(text, &decimal);

        tap_ok(tap, as_int == cases[i].whole && (as_int || whole == 77),
               "\"%s\" as a whole number", cases[i].text);
        tap_ok(tap,
               as_double == cases[i].decimal &&
                   decimal == (as_double ? cases[i].value : 77),
               "\"%s\" as a number", cases[i].text);
    }
}

static void check_doubles(struct tap *tap, struct arena *arena)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {3, "3"},
        {-0.0, "0"},
        {2.5, "2.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e21, "1e+21"},
        {1.0 / 3, "0.3333333333333333"},
        {-1e-7, "-1e-07"},
        {123456789012345, "123456789012345"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;

        buf_init(&out, arena);
        buf_put_double(&out, cases[i].value);
        tap_is(tap, str_c(arena, buf_str(&out)), cases[i].text, cases[i].text);
    }
}

static void check_escape(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *name;
        void (*put)(struct buf *buf, struct str text);
        const char *text, *want;
    } cases[] = {
        {"html", buf_put_html, "<a href='x'>\"&</a>",
         "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&lt;/a&gt;"},
        {"html plain", buf_put_html, "año", "año"},
        {"url", buf_put_url, "a b/ñ&~-._", "a%20b%2F%C3%B1%26~-._"},
        {"json", buf_put_json, "a\"b\\c\n\t\x01/ñ",
         "\"a\\\"b\\\\c\\n\\t\\u0001/ñ\""},
        {"json not UTF-8", buf_put_json, "a\xffz", "\"a\\ufffdz\""},
        {"json with the replacement itself", buf_put_json, "\xef\xbf\xbd",
         "\"\xef\xbf\xbd\""},
        {"csv plain", buf_put_csv, "hola", "hola"},
        {"csv separator", buf_put_csv, "a,b", "\"a,b\""},
        {"csv quote", buf_put_csv, "a\"b", "\"a\"\"b\""},
        {"csv formula", buf_put_csv, "=1+1", "'=1+1"},
        {"csv formula and comma", buf_put_csv, "@a,b", "\"'@a,b\""},
        {"csv negative number", buf_put_csv, "-5.2", "-5.2"},
        {"csv dash", buf_put_csv, "-x", "'-x"},
        {"csv tab", buf_put_csv, "\tx", "\"'\tx\""},
        {"csv line", buf_put_csv, "a\nb", "\"a\nb\""},
        {"csv empty", buf_put_csv, "", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;

        buf_init(&out, arena);
        cases[i].put(&out, str_of(cases[i].text));
        tap_is(tap, str_c(arena, buf_str(&out)), cases[i].want, cases[i].name);
    }
}

static void check_buf(struct tap *tap, struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    tap_ok(tap, buf_str(&out).at != NULL, "an empty buffer is not null");
    buf_printf(&out, "%d-%s", 3, "x");
    buf_putc(&out, '!');
    buf_put_int(&out, INT64_MIN);
    buf_put_hex(&out, "\x0f\xa0", 2);
    tap_is(tap, str_c(arena, buf_str(&out)), "3-x!-92233720368547758080fa0",
           "adding");
    buf_clear(&out);
    buf_printf(&out, "%01000d", 1);
    tap_is_int(tap, (long long)buf_str(&out).size, 1000, "long printf");
    buf_puts(&out, NULL);
    buf_put(&out, STR_NULL);
    tap_is_int(tap, (long long)buf_str(&out).size, 1000, "null adds nothing");
}

/* RFC 4648, section 10 */
static void check_base64(struct tap *tap, struct arena *arena)
{
    static const char *const pair[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"\xfb\xff", "+/8="}};
    struct buf out;

    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        buf_init(&out, arena);
        base64_write(&out, pair[i][0], strlen(pair[i][0]));
        tap_is(tap, str_c(arena, buf_str(&out)), pair[i][1], "base64");
        buf_init(&out, arena);
        tap_ok(tap,
               base64_read(&out, str_of(pair[i][1])) &&
                   str_equal_c(buf_str(&out), pair[i][0]),
               "and back");
    }
    buf_init(&out, arena);
    tap_ok(tap,
           base64_read(&out, STR(" -_\n8 ")) &&
               str_equal_c(buf_str(&out), "\xfb\xff"),
           "spaces, and the alphabet of URLs");
    tap_ok(tap, !base64_read(&out, STR("Zm9*")), "any other sign is refused");
}

static void check_utf8(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *text;
        size_t invalid;
    } cases[] = {
        {"", SIZE_MAX},
        {"año 12345678 €𝄞", SIZE_MAX},
        {"a\x80", 1},
        {"12345678\xc0\x80", 8}, /* overlong */
        {"\xe0\x80\x80", 0},     /* overlong */
        {"\xed\xa0\x80", 0},     /* surrogate */
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xf0\x80\x80\x80", 0}, /* overlong */
        {"\xc3", 0},             /* cut */
        {"x\xe2\x82", 1},        /* cut */
        {"\xff", 0},
    };
    char out[4];
    size_t at = 0;
    struct str mixed = STR("\xf0\x9d\x84\x9e\xffz");

    for (size_t i = 0; i < COUNT(cases); i++)
        tap_ok(tap, utf8_invalid(str_of(cases[i].text)) == cases[i].invalid,
               "valid UTF-8, case %zu", i);
    tap_ok(tap, utf8_next(mixed, &at) == 0x1d11e && at == 4, "decode");
    tap_ok(tap, utf8_next(mixed, &at) == 0xfffd && at == 5, "decode wrong");
    tap_is_int(tap, (long long)utf8_length(STR("año€𝄞")), 5, "length");
    tap_is_int(tap, (long long)utf8_encode(0xd800, out), 3, "no surrogates");
    tap_is(tap, str_c(arena, utf8_from_latin1(arena, STR("a\xf1o \x80\x93"))),
           "año €“", "Windows-1252");
}

static void check_latin(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *text, *nfc, *fold, *keep, *lower, *upper;
    } cases[] = {
        {"Ñandú", "Ñandú", "nandu", "ñandu", "ñandú", "ÑANDÚ"},
        {"N\xcc\x83o", "Ño", "no", "ño", "n\xcc\x83o", "N\xcc\x83O"},
        {"Jose\xcc\x81", "José", "jose", "jose", "jose\xcc\x81",
         "JOSE\xcc\x81"},
        {"Straße Æon œuf", "Straße Æon œuf", "strasse aeon oeuf",
         "strasse aeon oeuf", "straße æon œuf", "STRAßE ÆON ŒUF"},
        {"O’Neill – Łódź", "O’Neill – Łódź", "o'neill - lodz", "o'neill - lodz",
         "o’neill – łódź", "O’NEILL – ŁÓDŹ"},
        /* marks in the wrong order; a letter with two */
        {"a\xcc\x81\xcc\xa3", "ạ\xcc\x81", "a", "a", "a\xcc\x81\xcc\xa3",
         "A\xcc\x81\xcc\xa3"},
        {"Nguye\xcc\x82\xcc\x83n", "Nguyễn", "nguyen", "nguyen",
         "nguye\xcc\x82\xcc\x83n", "NGUYE\xcc\x82\xcc\x83N"},
        {"õ", "õ", "o", "o", "õ", "Õ"},
        {"Ωμέγα", "Ωμέγα", "Ωμέγα", "Ωμέγα", "Ωμέγα", "Ωμέγα"},
        {"\xcc\x81x", "\xcc\x81x", "x", "x", "\xcc\x81x", "\xcc\x81X"},
        {"", "", "", "", "", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str text = str_of(cases[i].text);

        tap_is(tap, str_c(arena, utf8_nfc(arena, text)), cases[i].nfc, "nfc");
        tap_is(tap, str_c(arena, utf8_fold(arena, text, false)), cases[i].fold,
               "fold");
        tap_is(tap, str_c(arena, utf8_fold(arena, text, true)), cases[i].keep,
               "fold, n-tilde kept");
        tap_is(tap, str_c(arena, utf8_lower(arena, text)), cases[i].lower,
               "lower");
        tap_is(tap, str_c(arena, utf8_upper(arena, text)), cases[i].upper,
               "upper");
    }
}

/* A pile of marks must not take more than linear time or memory. */
static void check_pile(struct tap *tap, struct arena *arena)
{
    struct buf pile;

    buf_init(&pile, arena);
    buf_putc(&pile, 'a');
    for (int i = 0; i < 20000; i++)
        buf_puts(&pile, i % 2 ? "\xcc\x81" : "\xcc\xa3");
    tap_ok(tap, utf8_nfc(arena, buf_str(&pile)).size > 39000,
           "a pile of marks");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_slices(&tap, &arena);
    check_numbers(&tap);
    check_doubles(&tap, &arena);
    check_escape(&tap, &arena);
    check_buf(&tap, &arena);
    check_base64(&tap, &arena);
    check_utf8(&tap, &arena);
    check_latin(&tap, &arena);
    check_pile(&tap, &arena);
    tap_ok(&tap, !arena_failed(&arena), "memory sufficed");
    arena_release(&arena);
    return tap_done(&tap);
}
