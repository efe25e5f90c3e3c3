/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_web_request.c - headers, cookies, urlencoded and multipart bodies, among
 * them the ones that nobody should send.
 */
#include "tap.h"
#include "web/request.h"

static struct str json(struct arena *arena, const struct value *value)
{
    struct buf out;

    buf_init(&out, arena);
    value_write(value, &out);
    return buf_str(&out);
}

static void check_fields(struct tap *tap)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
    } row[] = {
        {"", "{}"},
        {"a=1&b=2", "{\"a\":\"1\",\"b\":\"2\"}"},
        {"a=1&a=2&a=3", "{\"a\":[\"1\",\"2\",\"3\"]}"},
        {"q=Jos%C3%A9+Luis", "{\"q\":\"José Luis\"}"},
        {"a", "{\"a\":\"\"}"},
        {"a=b=c", "{\"a\":\"b=c\"}"},
        {"&&a=1&", "{\"a\":\"1\"}"},
        {"a=%", NULL},
        {"a=%4", NULL},
        {"a=%zz", NULL},
        {"a=%00", NULL},
        {"a=%FF", NULL},
        {"a=%C0%AF", NULL},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct arena arena;
        struct err err = {0};
        const struct value *fields = NULL;
        enum error error;

        arena_init(&arena, NULL);
        error = fields_parse(&arena, str_of(row[i].text), &fields, &err);
        if (!row[i].want)
            tap_ok(tap, error == ERROR_SYNTAX, "refused: %s", row[i].text);
        else
            tap_is(tap, str_c(&arena, json(&arena, fields)), row[i].want,
                   row[i].text);
        arena_release(&arena);
    }
}

static void check_many(struct tap *tap)
{
    struct arena arena;
    struct err err = {0};
    const struct value *fields = NULL;
    struct buf text;

    arena_init(&arena, NULL);
    buf_init(&text, &arena);
    for (int i = 0; i < REQUEST_FIELDS_MAX + 1; i++)
        buf_puts(&text, "a=1&");
    tap_ok(tap,
           fields_parse(&arena, buf_str(&text), &fields, &err) ==
               ERROR_TOO_LARGE,
           "too many fields are refused");
    arena_release(&arena);
}

static void check_multipart(struct tap *tap)
{
    static const struct {
        const char *type, *body, *want, *name;
    } row[] = {
        {"multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
         "--X\r\nContent-Disposition: form-data; name=\"f\"; "
         "filename=\"r.csv\"\r\nContent-Type: text/csv\r\n\r\nx,y\r\n"
         "--X--\r\n",
         "{\"a\":\"1\",\"f\":{\"name\":\"r.csv\",\"type\":\"text/csv\","
         "\"bytes\":\"x,y\"}}",
         "a field and a file"},
        {"multipart/form-data; boundary=\"q q\"",
         "--q q\r\ncontent-disposition: form-data; name=a\r\n\r\n\r\n"
         "--q q--",
         "{\"a\":\"\"}", "quoted boundary, empty value"},
        {"multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", NULL,
         "cut off"},
        {"multipart/form-data; boundary=X", "hello", NULL, "no boundary"},
        {"multipart/form-data", "--X--", NULL, "boundary not told"},
        {"multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n--X--", NULL,
         "no name"},
        {"multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--X--",
         NULL, "not UTF-8"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct arena arena;
        struct err err = {0};
        const struct value *fields = NULL;
        enum error error;

        arena_init(&arena, NULL);
        error = multipart_parse(&arena, str_of(row[i].type),
                                str_of(row[i].body), &fields, &err);
        if (!row[i].want)
            tap_ok(tap, error == ERROR_SYNTAX, "multipart refused: %s",
                   row[i].name);
        else
            tap_is(tap, str_c(&arena, json(&arena, fields)), row[i].want,
                   row[i].name);
        arena_release(&arena);
    }
}

static void check_headers(struct tap *tap)
{
    struct header header[] = {
        {STR("accept"), STR("text/html")},
        {STR("cookie"), STR("lang=en; cobijo=abc=; x")},
    };
    struct request request = {.header = header, .headers = 2};
    struct response response = {0};
    struct arena arena;
    struct str decoded;

    arena_init(&arena, NULL);
    tap_is(tap, str_c(&arena, request_header(&request, "Accept")), "text/html",
           "a header, whatever its case");
    tap_is(tap, str_c(&arena, request_cookie(&request, "cobijo")),
           "abc=", "a cookie");
    tap_ok(tap, str_is_null(request_cookie(&request, "other")),
           "no such cookie");
    response_header(&response, "Location", STR("/x\r\nSet-Cookie: a=b"));
    tap_is_int(tap, (long long)response.headers, 0, "a header cannot be split");
    tap_ok(tap,
           percent_decode(&arena, STR("a%2Fb+c"), false, &decoded) &&
               str_equal(decoded, STR("a/b+c")),
           "a path keeps its plus signs");
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    check_fields(&tap);
    check_many(&tap);
    check_multipart(&tap);
    check_headers(&tap);
    return tap_done(&tap);
}
