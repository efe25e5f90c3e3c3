/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_review_session.c - the door, through app_respond: the first account, the
 * session's cookie, requests that another site sends, where one is sent on to.
 */
#include "domain/account/account.h"
#include "sys/host_native.h"
#include "tap.h"
#include "web/app.h"

struct way_in {
    struct host_native native;
    struct app app;
    struct db *db;
    struct arena request, arena;
    struct response response;
    struct header header[8];
    size_t headers;
};

static void no_log(void *context, enum host_level level, const char *event,
                   const struct value *fields)
{
    (void)context, (void)level, (void)event, (void)fields;
}

static void say(struct way_in *door, const char *name, const char *value)
{
    door->header[door->headers++] =
        (struct header){str_of(name), str_of(value)};
}

/* One request with the headers said before; they are forgotten after it. */
static int ask(struct way_in *door, const char *method, const char *path,
               const char *body)
{
    struct request request = {.arena = &door->request,
                              .method = str_of(method),
                              .body = str_of(body),
                              .address = STR("127.0.0.1"),
                              .header = door->header,
                              .headers = door->headers};
    struct str rest = str_of(path);

    arena_clear(&door->request);
    str_cut(&rest, '?', &request.path);
    request.query = rest;
    app_respond(&door->app, door->db, &request, &door->response);
    door->headers = 0;
    return door->response.status;
}

static const char *got(struct way_in *door, const char *name)
{
    const struct response *response = &door->response;

    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_nocase(response->header[i].name, str_of(name)))
            return str_c(&door->arena, response->header[i].value);
    return "";
}

/* "cobijo=…" of the answer, as a browser sends it back. */
static const char *cookie_of(struct way_in *door)
{
    const struct response *response = &door->response;

    for (size_t i = 0; i < response->headers; i++) {
        struct str value = response->header[i].value, first;

        if (!str_equal_nocase(response->header[i].name, STR("Set-Cookie")) ||
            !str_starts(value, STR("cobijo=")))
            continue;
        str_cut(&value, ';', &first);
        return str_c(&door->arena, first);
    }
    return "";
}

static const char *csrf_of(struct way_in *door)
{
    struct str body = door->response.body,
               mark = STR("name=\"_csrf\" value=\"");
    size_t at = str_find(body, mark);
    struct str rest = str_slice(body, at + mark.size, body.size), token;

    if (at == SIZE_MAX)
        return "";
    str_cut(&rest, '"', &token);
    return str_c(&door->arena, token);
}

static void check_start(struct tap *tap, struct way_in *door)
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

        say(door, row[i].header, row[i].value);
        status = ask(door, "POST", "/start", body);
        tap_ok(tap, status == 403, "first account with %s %s: %d",
               row[i].header, row[i].value, status);
    }
    say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, ask(door, "POST", "/start", body), 303,
               "from this machine it is made");
    say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, ask(door, "POST", "/start", body), 403, "once");
}

static void log_in(struct way_in *door, const char *name)
{
    struct str body = str_format(&door->arena, "name=%s&password=%s", name,
                                 "una+frase+inventada");

    ask(door, "POST", "/login", str_c(&door->arena, body));
}

static void check_cookie(struct tap *tap, struct way_in *door)
{
    const char *old, *fresh, *all;

    say(door, "cookie", "cobijo=chosen-by-somebody-else");
    log_in(door, "ana");
    old = cookie_of(door);
    all = got(door, "Set-Cookie");
    tap_ok(tap,
           door->response.status == 303 && *old &&
               !strstr(old, "chosen-by-somebody-else"),
           "logging in makes a cookie of its own");
    tap_ok(tap,
           strstr(all, "HttpOnly") && strstr(all, "SameSite=Lax") &&
               !strstr(all, "Secure"),
           "for this site only");
    log_in(door, "ana");
    fresh = cookie_of(door);
    tap_ok(tap, strcmp(old, fresh) != 0, "a new one each time");
    door->app.secure = true;
    ask(door, "GET", "/login?lang=en", "");
    tap_ok(tap, strstr(got(door, "Set-Cookie"), "Secure"),
           "with TLS the language's cookie is Secure");
    log_in(door, "ana");
    tap_ok(tap, strstr(got(door, "Set-Cookie"), "; Secure"),
           "and the session's");
    tap_ok(tap, *got(door, "Strict-Transport-Security"), "and HSTS is said");
    door->app.secure = false;
    say(door, "x-forwarded-proto", "https");
    log_in(door, "ana");
    tap_ok(tap, strstr(got(door, "Set-Cookie"), "; Secure"),
           "also behind a program that speaks TLS for us");
}

static void check_csrf(struct tap *tap, struct way_in *door)
{
    const char *cookie, *token, *other;
    struct str body;

    log_in(door, "ana");
    other = cookie_of(door);
    say(door, "cookie", other);
    ask(door, "GET", "/tally", "");
    token = csrf_of(door);
    log_in(door, "ana");
    cookie = cookie_of(door);
    body = str_format(&door->arena, "_csrf=%s&display_name=Ana", token);
    say(door, "cookie", cookie);
    tap_is_int(tap, ask(door, "POST", "/profile", "display_name=Ana"), 403,
               "no token, no change");
    say(door, "cookie", cookie);
    tap_is_int(tap, ask(door, "POST", "/profile", str_c(&door->arena, body)),
               403, "another session's token does not serve");
    say(door, "cookie", cookie);
    ask(door, "GET", "/profile", "");
    token = csrf_of(door);
    body = str_format(&door->arena, "_csrf=%s&display_name=Ana", token);
    say(door, "cookie", cookie);
    say(door, "origin", "https://evil.example");
    say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, ask(door, "POST", "/profile", str_c(&door->arena, body)),
               403, "nor does one's own, sent by another site");
    say(door, "cookie", cookie);
    say(door, "origin", "http://127.0.0.1:8080");
    say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, ask(door, "POST", "/profile", str_c(&door->arena, body)),
               303, "one's own page may");
    say(door, "cookie", cookie);
    say(door, "x-csrf-token", token);
    tap_is_int(tap, ask(door, "POST", "/logout", ""), 303, "out");
    say(door, "cookie", cookie);
    ask(door, "GET", "/today", "");
    tap_ok(tap, strstr(got(door, "Location"), "/login"),
           "and the cookie is nobody's");
    say(door, "cookie", other);
    tap_is_int(tap, ask(door, "GET", "/today", ""), 200,
               "the other session stays");
}

static void check_next(struct tap *tap, struct way_in *door)
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

        ask(door, "POST", "/login", str_c(&door->arena, body));
        tap_is(tap, got(door, "Location"), row[i].location, row[i].next);
    }
    ask(door, "POST", "/login",
        "name=ana&next=/x%0d%0aSet-Cookie:a=b&password=una+frase+inventada");
    tap_ok(tap,
           !strstr(got(door, "Location"), "\n") &&
               !strstr(got(door, "Set-Cookie"), "a=b"),
           "a line end makes no header");
}

static void check_headers(struct tap *tap, struct way_in *door)
{
    static const char *const path[] = {"/login", "/r/abc", "/nowhere", "/api",
                                       "/health"};

    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        ask(door, "GET", path[i], "");
        tap_ok(tap,
               strstr(got(door, "Content-Security-Policy"), "script-src "
                                                            "'self';") &&
                   !strstr(got(door, "Content-Security-Policy"), "unsafe") &&
                   strcmp(got(door, "X-Content-Type-Options"), "nosniff") ==
                       0 &&
                   strcmp(got(door, "Referrer-Policy"), "no-referrer") == 0 &&
                   strcmp(got(door, "Cache-Control"), "no-store") == 0,
               "%s tells the browser to be careful", path[i]);
    }
}

static void check_throttle(struct tap *tap, struct way_in *door)
{
    int status = 0;

    for (int i = 0; i < 12 && status != 429; i++)
        status = ask(door, "POST", "/login", "name=nadie&password=equivocada");
    tap_is_int(tap, status, 429, "guessing has to wait");
    tap_ok(tap, *got(door, "Retry-After"), "and is told how long");
}

static bool door_open(struct way_in *door)
{
    struct office_options options = {.host = &door->native.host,
                                     .store_url = "sqlite::memory:",
                                     .files = &app_files,
                                     .site = STR("Casa inventada"),
                                     .zone = STR("America/Mexico_City")};
    struct err err = {0};

    arena_init(&door->arena, NULL);
    arena_init(&door->request, NULL);
    if (!host_native_init(&door->native))
        return false;
    door->native.host.log = no_log;
    door->app.strict = true;
    return !app_open(&door->app, &options, &err) &&
           !store_connect(door->app.office.store, false, &door->db, &err);
}

int main(void)
{
    static struct way_in door;
    struct tap tap = {0};

    if (tap_ok(&tap, door_open(&door), "a house in memory")) {
        check_start(&tap, &door);
        check_cookie(&tap, &door);
        check_csrf(&tap, &door);
        check_next(&tap, &door);
        check_headers(&tap, &door);
        check_throttle(&tap, &door);
        db_close(door.db);
        app_close(&door.app);
    }
    host_native_release(&door.native);
    arena_release(&door.arena);
    arena_release(&door.request);
    return tap_done(&tap);
}
