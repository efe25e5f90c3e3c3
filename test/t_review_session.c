/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_review_session.c - the door, through app_respond: the first account, the
 * session's cookie, requests that another site sends, where one is sent on to.
 */
#include "domain/account/account.h"
#include "door.h"
#include "tap.h"

static void check_start(struct tap *tap, struct test_door *door)
{
    static const char body[] =
        "name=ana&password=una+frase+inventada&again=una+frase+inventada";

    static const struct {
        const char *header, *value;
    } row[] = {{"host", "evil.example"},
               {"host", "127.evil.example"},
               {"host", "localhost.evil.example:8080"},
               {"x-forwarded-for", "203.0.113.9"},
               {"sec-fetch-site", "cross-site"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int status;

        door_say(door, row[i].header, row[i].value);
        status = door_ask(door, "POST", "/start", body);
        tap_ok(tap, status == 403, "first account with %s %s: %d",
               row[i].header, row[i].value, status);
    }
    door_say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, door_ask(door, "POST", "/start", body), 303,
               "from this machine it is made");
    door_say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, door_ask(door, "POST", "/start", body), 403, "once");
}

static void check_cookie(struct tap *tap, struct test_door *door)
{
    const char *old, *fresh, *all;

    door_say(door, "cookie", "cobijo=chosen-by-somebody-else");
    door_log_in(door, "ana");
    old = door_cookie(door, "cobijo");
    all = door_header(door, "Set-Cookie");
    tap_ok(tap,
           door->response.status == 303 && *old &&
               !strstr(old, "chosen-by-somebody-else"),
           "logging in makes a cookie of its own");
    tap_ok(tap,
           strstr(all, "HttpOnly") && strstr(all, "SameSite=Lax") &&
               !strstr(all, "Secure"),
           "for this site only");
    door_log_in(door, "ana");
    fresh = door_cookie(door, "cobijo");
    tap_ok(tap, strcmp(old, fresh) != 0, "a new one each time");
    door->app.secure = true;
    door_ask(door, "GET", "/login?lang=en", "");
    tap_ok(tap, strstr(door_header(door, "Set-Cookie"), "Secure"),
           "with TLS the language's cookie is Secure");
    door_log_in(door, "ana");
    tap_ok(tap, strstr(door_header(door, "Set-Cookie"), "; Secure"),
           "and the session's");
    tap_ok(tap, *door_header(door, "Strict-Transport-Security"),
           "and HSTS is said");
    door->app.secure = false;
    door_say(door, "x-forwarded-proto", "https");
    door_log_in(door, "ana");
    tap_ok(tap, strstr(door_header(door, "Set-Cookie"), "; Secure"),
           "also behind a program that speaks TLS for us");
}

static void check_csrf(struct tap *tap, struct test_door *door)
{
    const char *cookie, *token, *other;
    struct str body;

    door_log_in(door, "ana");
    other = door_cookie(door, "cobijo");
    door_say(door, "cookie", other);
    door_ask(door, "GET", "/tally", "");
    token = door_csrf(door);
    door_log_in(door, "ana");
    cookie = door_cookie(door, "cobijo");
    body = str_format(&door->arena, "_csrf=%s&display_name=Ana", token);
    door_say(door, "cookie", cookie);
    tap_is_int(tap, door_ask(door, "POST", "/profile", "display_name=Ana"), 403,
               "no token, no change");
    door_say(door, "cookie", cookie);
    tap_is_int(tap,
               door_ask(door, "POST", "/profile", str_c(&door->arena, body)),
               403, "another session's token does not serve");
    door_say(door, "cookie", cookie);
    door_ask(door, "GET", "/profile", "");
    token = door_csrf(door);
    body = str_format(&door->arena, "_csrf=%s&display_name=Ana", token);
    door_say(door, "cookie", cookie);
    door_say(door, "origin", "https://evil.example");
    door_say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap,
               door_ask(door, "POST", "/profile", str_c(&door->arena, body)),
               403, "nor does one's own, sent by another site");
    door_say(door, "cookie", cookie);
    door_say(door, "origin", "http://127.0.0.1:8080");
    door_say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap,
               door_ask(door, "POST", "/profile", str_c(&door->arena, body)),
               303, "one's own page may");
    door_say(door, "cookie", cookie);
    door_say(door, "x-csrf-token", token);
    tap_is_int(tap, door_ask(door, "POST", "/logout", ""), 303, "out");
    door_say(door, "cookie", cookie);
    door_ask(door, "GET", "/today", "");
    tap_ok(tap, strstr(door_header(door, "Location"), "/login"),
           "and the cookie is nobody's");
    door_say(door, "cookie", other);
    tap_is_int(tap, door_ask(door, "GET", "/today", ""), 200,
               "the other session stays");
}

static void check_next(struct tap *tap, struct test_door *door)
{
    static const struct {
        const char *next, *location;
    } row[] = {{"/person", "/person"},
               {"//evil.example", "/today"},
               {"/%5Cevil.example", "/today"},
               {"https://evil.example", "/today"},
               {"javascript:alert(1)", "/today"},
               {"", "/today"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str body =
            str_format(&door->arena, "name=ana&next=%s&password=%s",
                       row[i].next, "una+frase+inventada");

        door_ask(door, "POST", "/login", str_c(&door->arena, body));
        tap_is(tap, door_header(door, "Location"), row[i].location,
               row[i].next);
    }
    door_ask(
        door, "POST", "/login",
        "name=ana&next=/x%0d%0aSet-Cookie:a=b&password=una+frase+inventada");
    tap_ok(tap,
           !strstr(door_header(door, "Location"), "\n") &&
               !strstr(door_header(door, "Set-Cookie"), "a=b"),
           "a line end makes no header");
}

static void check_headers(struct tap *tap, struct test_door *door)
{
    static const char *const path[] = {"/login", "/r/abc", "/person", "/api",
                                       "/health"};

    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        door_ask(door, "GET", path[i], "");
        tap_ok(tap,
               strstr(door_header(door, "Content-Security-Policy"),
                      "script-src "
                      "'self';") &&
                   !strstr(door_header(door, "Content-Security-Policy"),
                           "unsafe") &&
                   strcmp(door_header(door, "X-Content-Type-Options"),
                          "nosniff") == 0 &&
                   strcmp(door_header(door, "Referrer-Policy"),
                          "no-referrer") == 0 &&
                   strcmp(door_header(door, "Cache-Control"), "no-store") == 0,
               "%s tells the browser to be careful", path[i]);
    }
}

static void check_throttle(struct tap *tap, struct test_door *door)
{
    int status = 0;

    for (int i = 0; i < 12 && status != 429; i++)
        status =
            door_ask(door, "POST", "/login", "name=nadie&password=equivocada");
    tap_is_int(tap, status, 429, "guessing has to wait");
    tap_ok(tap, *door_header(door, "Retry-After"), "and is told how long");
}

int main(void)
{
    static struct test_door door;
    struct tap tap = {0};

    if (tap_ok(&tap, door_open(&door), "a house in memory")) {
        check_start(&tap, &door);
        check_cookie(&tap, &door);
        check_csrf(&tap, &door);
        check_next(&tap, &door);
        check_headers(&tap, &door);
        check_throttle(&tap, &door);
    }
    door_close(&door);
    return tap_done(&tap);
}
