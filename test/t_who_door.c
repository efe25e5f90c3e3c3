/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_who_door.c - through app_respond: a session that is half open, that must
 * set up a second step or that is locked gets no page at all, whatever route it
 * tries; cookies and their flags; a cookie that somebody planted; what ends
 * when a password changes. Everybody is made up.
 */
#include "domain/account/lock.h"
#include "domain/account/second.h"
#include "domain/policy.h"
#include "door.h"
#include "tap.h"
#include "web/route.h"

static struct task somebody(struct test_door *door, const char *name,
                            struct str *id)
{
    struct task task;
    struct err err = {0};
    bool found;

    task_init(&task, &door->app.office, door->db, &door->arena);
    task_as_system(&task);
    db_get_text(door->db, &door->arena, id, &found, &err,
                "SELECT credential.user_id FROM credential"
                " WHERE credential.name = $1",
                "t", str_of(name));
    return task;
}

/* --- what a session that is not open gets --------------------------------- */

/* :parameters filled with something that is there or not. */
static const char *path_of(struct test_door *door, const char *pattern)
{
    struct buf out;
    const char *c = pattern;

    buf_init(&out, &door->arena);
    while (*c) {
        if (*c == ':' || *c == '*') {
            buf_puts(&out, strstr(pattern, ":kind") == c ? "person" : "x");
            while (*c && *c != '/')
                c++;
        } else {
            buf_putc(&out, *c++);
        }
    }
    return str_c(&door->arena, buf_str(&out));
}

/* Every row with a right, GET and POST, HTML and JSON: nothing but the way
 * on. */
static void walk(struct tap *tap, struct test_door *door, const char *cookie,
                 const char *csrf, const char *way, unsigned let)
{
    char wanted[64];
    int asked = 0, wrong = 0;

    snprintf(wanted, sizeof wanted, "%s?next=", way);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        bool get = strcmp(route->method, "GET") == 0, good;
        int status;

        if (route->right == RIGHT_NONE || (route->flags & let))
            continue;
        for (int json = 0; json < 2; json++) {
            door_say(door, "cookie", cookie);
            door_say(door, "x-csrf-token", csrf);
            door_say(door, "accept", json ? "application/json" : "text/html");
            status =
                door_ask(door, route->method, path_of(door, route->path), "");
            good = get && !json
                       ? status == 303 &&
                             (str_starts(str_of(door_header(door, "Location")),
                                         str_of(wanted)) ||
                              strcmp(door_header(door, "Location"), way) == 0)
                       : status == 401;
            asked++;
            if (!good && ++wrong < 8)
                printf("# %s %s: %d %s\n", route->method, route->path, status,
                       door_header(door, "Location"));
        }
    }
    tap_ok(tap, asked > 150 && !wrong, "%s: %d requests, %d open", way, asked,
           wrong);
}

/* --- through the pages ---------------------------------------------------- */

static struct str between(struct test_door *door, const char *start, char end)
{
    struct str body = door->response.body, mark = str_of(start), text;
    size_t at = str_find(body, mark);
    struct str rest;

    if (at == SIZE_MAX)
        return STR("");
    rest = str_slice(body, at + mark.size, body.size);
    str_cut(&rest, end, &text);
    return str_copy(&door->arena, text);
}

static const char *code_now(struct test_door *door, struct str key)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const struct host *host = door->app.office.host;
    unsigned char bytes[TOTP_SECRET] = {0};
    unsigned hold = 0;
    int bits = 0;
    size_t size = 0;
    char *out = arena_alloc(&door->arena, 7);

    for (size_t i = 0; i < key.size && size < sizeof bytes; i++) {
        const char *at = strchr(letter, key.at[i]);

        if (key.at[i] == ' ' || !at)
            continue;
        hold = hold << 5 | (unsigned)(at - letter);
        bits += 5;
        if (bits >= 8)
            bytes[size++] = (unsigned char)(hold >> (bits -= 8));
    }
    hotp(host->sealer, (struct str){(char *)bytes, sizeof bytes},
         (uint64_t)(host->now(host->context) / 1000 / TOTP_SECONDS), out);
    return out;
}

static int post(struct test_door *door, const char *cookie, const char *path,
                const char *format, const char *a, const char *b)
{
    struct str body = str_format(&door->arena, format, a, b);

    door_say(door, "cookie", cookie);
    return door_ask(door, "POST", path, str_c(&door->arena, body));
}

static int look(struct test_door *door, const char *cookie, const char *path)
{
    door_say(door, "cookie", cookie);
    return door_ask(door, "GET", path, "");
}

static void check_half(struct tap *tap, struct test_door *door)
{
    const char *open, *half, *csrf;
    struct str key;

    door_log_in(door, "ana");
    open = door_cookie(door, "cobijo");
    look(door, open, "/profile/second");
    key = between(door, "data-secret>", '<');
    csrf = door_csrf(door);
    tap_is_int(
        tap,
        post(door, open, "/profile/second", "_csrf=%s&code=%s", csrf, "000000"),
        422, "a wrong code is told");
    tap_is_int(tap,
               post(door, open, "/profile/second", "_csrf=%s&code=%s", csrf,
                    code_now(door, key)),
               200, "the right one shows the recovery codes");
    tap_ok(tap, strcmp(door_cookie(door, "cobijo"), open) != 0,
           "and changes the cookie");
    tap_is_int(tap, look(door, open, "/today"), 303, "the old one is dead");
    door->later += 60000;
    door_log_in(door, "ana");
    half = door_cookie(door, "cobijo");
    tap_ok(
        tap,
        str_starts(str_of(door_header(door, "Location")), STR("/login/second")),
        "the next login is sent to the second step");
    tap_is_int(tap, look(door, half, "/login/second?next=/person"), 200,
               "which is there");
    csrf = door_csrf(door);
    walk(tap, door, half, csrf, "/login/second", 0);
    tap_is_int(
        tap,
        post(door, half, "/login/second", "code=%s%s", code_now(door, key), ""),
        403, "without its token the code is not looked at");
    tap_is_int(tap,
               post(door, half, "/login/second", "_csrf=%s&code=%s", csrf,
                    code_now(door, key)),
               303, "the code comes in");
    tap_is_int(tap, look(door, door_cookie(door, "cobijo"), "/today"), 200,
               "and the day is there");
    tap_is_int(tap, look(door, half, "/today"), 303,
               "the half cookie stays what it was: nothing");
}

static void set_rule(struct test_door *door, const char *name,
                     const char *value)
{
    struct str id = STR("");
    struct task task = somebody(door, "ana", &id);
    struct err err = {0};

    policy_set(&task, str_of(name), str_of(value), STR("prueba"), &err);
}

static void check_enrol(struct tap *tap, struct test_door *door)
{
    const char *cookie, *csrf;

    set_rule(door, "second_factor_roles", "intake");
    door_log_in(door, "bea");
    cookie = door_cookie(door, "cobijo");
    tap_ok(tap,
           str_starts(str_of(door_header(door, "Location")),
                      STR("/profile/second")),
           "who must have a second step is sent to set it up");
    tap_is_int(tap, look(door, cookie, "/profile/second"), 200, "there");
    tap_ok(tap,
           str_find(door->response.body, STR("href=\"/person\"")) == SIZE_MAX,
           "without a menu");
    csrf = door_csrf(door);
    walk(tap, door, cookie, csrf, "/profile/second", ROUTE_ENROL);
    tap_is_int(tap,
               post(door, cookie, "/profile/second", "_csrf=%s&code=%s", csrf,
                    code_now(door, between(door, "data-secret>", '<'))),
               422, "a code of no key is none");
    set_rule(door, "second_factor_roles", "");
}

static void check_locked(struct tap *tap, struct test_door *door)
{
    const char *cookie, *csrf;

    door_log_in(door, "bea");
    cookie = door_cookie(door, "cobijo");
    look(door, cookie, "/profile");
    csrf = door_csrf(door);
    tap_is_int(tap,
               post(door, cookie, "/profile/pin",
                    "_csrf=%s&pin=194763"
                    "&present=%s",
                    csrf, "no+es+esta"),
               422, "a PIN wants the password");
    tap_is_int(tap,
               post(door, cookie, "/profile/pin",
                    "_csrf=%s&pin=194763"
                    "&present=%s",
                    csrf, "una+frase+inventada"),
               303, "a PIN");
    tap_is_int(tap, post(door, cookie, "/lock", "_csrf=%s%s", "x", ""), 403,
               "no other page locks");
    tap_is_int(
        tap,
        post(door, cookie, "/lock", "_csrf=%s&next=%s", csrf, "//evil.example"),
        303, "locked");
    tap_is(tap, door_header(door, "Location"), "/lock?next=%2Ftoday",
           "and nowhere else");
    walk(tap, door, cookie, csrf, "/lock", 0);
    tap_is_int(tap, look(door, cookie, "/lock"), 200, "the lock");
    tap_ok(tap,
           str_find(door->response.body, STR("href=\"/person")) == SIZE_MAX,
           "shows no menu");
    tap_is_int(
        tap,
        post(door, cookie, "/unlock", "pin=%s&next=%s", "194764", "/tally"),
        422, "a wrong PIN");
    door_say(door, "origin", "https://evil.example");
    door_say(door, "host", "127.0.0.1:8080");
    tap_is_int(tap, post(door, cookie, "/unlock", "pin=%s%s", "194763", ""),
               403, "not from another site");
    tap_is_int(
        tap,
        post(door, cookie, "/unlock", "pin=%s&next=%s", "194763", "/tally"),
        303, "the right one");
    tap_is(tap, door_header(door, "Location"), "/tally",
           "goes on where she was");
    door->later += 11 * 60000;
    tap_is_int(tap, look(door, cookie, "/person?q=secreto"), 303,
               "without script the next request finds the lock");
    tap_is(tap, door_header(door, "Location"), "/lock?next=%2Fperson",
           "and the address keeps no search");
}

static void check_cookies(struct tap *tap, struct test_door *door)
{
    const char *plain, *strict, *device, *first, *second, *csrf;
    char both[256];

    door->later += 3600000;
    door_log_in(door, "dora");
    plain = door_cookie_line(door, "cobijo");
    device = door_cookie_line(door, "cobijo_device");
    tap_ok(tap,
           strstr(plain, "HttpOnly") && strstr(plain, "SameSite=Lax") &&
               strstr(plain, "Path=/") && !strstr(plain, "Domain") &&
               strstr(device, "HttpOnly") && strstr(device, "SameSite=Lax"),
           "cookies are for this site and no script");
    door->app.secure = true;
    door_log_in(door, "dora");
    strict = door_cookie_line(door, "__Host-cobijo");
    tap_ok(tap,
           strstr(strict, "; Secure") && strstr(strict, "HttpOnly") &&
               strstr(strict, "Path=/") && !*door_cookie_line(door, "cobijo") &&
               *door_cookie_line(door, "__Host-cobijo_device"),
           "over TLS they are bound to the host");
    first = door_cookie(door, "__Host-cobijo");
    tap_is_int(tap, look(door, first, "/today"), 200, "and come in");
    snprintf(both, sizeof both, "%s", first + strlen("__Host-"));
    tap_is_int(tap, look(door, both, "/today"), 303,
               "the other name is not looked at there");
    door->app.secure = false;
    door_say(door, "cookie", "cobijo=planted; cobijo_device=planted");
    door_log_in(door, "dora");
    tap_ok(tap,
           !strstr(door_cookie_line(door, "cobijo"), "planted") &&
               !strstr(door_cookie_line(door, "cobijo_device"), "planted"),
           "what somebody planted is not taken over");
    first = door_cookie(door, "cobijo");
    door_log_in(door, "dora");
    second = door_cookie(door, "cobijo");
    tap_ok(tap,
           strcmp(first, second) != 0 && look(door, first, "/today") == 200 &&
               look(door, second, "/today") == 200,
           "two machines, two sessions");
    tap_is(tap, door_header(door, "Cache-Control"), "no-store",
           "no page is kept by a browser");
    look(door, second, "/profile");
    csrf = door_csrf(door);
    tap_is_int(tap,
               post(door, second, "/profile/password",
                    "_csrf=%s&present=%s&password=otra+frase+inventada"
                    "&again=otra+frase+inventada",
                    csrf, "una+frase+inventada"),
               303, "a new password");
    tap_ok(tap,
           look(door, first, "/today") == 303 &&
               look(door, second, "/today") == 303,
           "ends all sessions");
    post(door, "", "/login", "name=%s&password=%s", "dora",
         "otra+frase+inventada");
    tap_is_int(tap, look(door, door_cookie(door, "cobijo"), "/today"), 200,
               "the new one comes in");
}

/* The session that changed it goes on under a new cookie. */
static void check_goes_on(struct tap *tap, struct test_door *door)
{
    const char *cookie, *csrf, *fresh;

    post(door, "", "/login", "name=%s&password=%s", "dora",
         "otra+frase+inventada");
    cookie = door_cookie(door, "cobijo");
    look(door, cookie, "/profile");
    csrf = door_csrf(door);
    post(door, cookie, "/profile/password",
         "_csrf=%s&present=%s&password=una+frase+inventada"
         "&again=una+frase+inventada",
         csrf, "otra+frase+inventada");
    fresh = door_cookie(door, "cobijo");
    tap_ok(tap,
           *fresh && strcmp(fresh, cookie) != 0 &&
               look(door, fresh, "/today") == 200,
           "who changed it stays in, under another cookie");
    look(door, fresh, "/today");
    csrf = door_csrf(door);
    tap_is_int(tap, post(door, fresh, "/logout", "_csrf=%s%s", csrf, ""), 303,
               "out");
    tap_ok(tap,
           strstr(door_cookie_line(door, "cobijo"), "Max-Age=0") &&
               look(door, fresh, "/today") == 303,
           "and the cookie is gone on both sides");
}

static void check_invited(struct tap *tap, struct test_door *door)
{
    const char *cookie, *csrf;
    struct str path, full;

    door_log_in(door, "jefa");
    cookie = door_cookie(door, "cobijo");
    look(door, cookie, "/user/invite");
    csrf = door_csrf(door);
    tap_is_int(
        tap,
        post(door, cookie, "/user/invite", "_csrf=%s&role=%s", csrf, "intake"),
        200, "an invitation");
    path = str_join(&door->arena, STR("/invitation/"),
                    between(door, "/invitation/", '<'));
    full = path;
    tap_is_int(tap, door_ask(door, "GET", str_c(&door->arena, full), ""), 200,
               "its page needs no account");
    tap_ok(tap,
           strcmp(door_header(door, "Referrer-Policy"), "no-referrer") == 0 &&
               strcmp(door_header(door, "Cache-Control"), "no-store") == 0,
           "and tells its address to nobody");
    tap_is_int(tap,
               post(door, "", str_c(&door->arena, full),
                    "name=cira&password=%s&again=%s", "una+frase+inventada",
                    "otra"),
               422, "two passwords that differ");
    tap_is_int(tap,
               post(door, "", str_c(&door->arena, full),
                    "name=cira&password=%s&again=%s", "una+frase+inventada",
                    "una+frase+inventada"),
               303, "chosen");
    tap_is_int(tap, look(door, door_cookie(door, "cobijo"), "/today"), 200,
               "she is in");
    tap_is_int(tap, door_ask(door, "GET", str_c(&door->arena, full), ""), 404,
               "the link is spent");
    tap_is_int(tap, door_ask(door, "GET", "/invitation/x", ""), 404,
               "like one that never was");
}

static bool people_in(struct test_door *door)
{
    static const char *const people[][2] = {{"jefa", "admin"},
                                            {"ana", "admin"},
                                            {"bea", "intake"},
                                            {"dora", "supervisor"}};
    struct err err = {0};

    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        struct str id = STR("");
        struct task task = somebody(door, "", &id);

        if (account_add(&task, str_of(people[i][0]), STR(""),
                        str_of(people[i][1]), STR(DOOR_SECRET), NULL, &err))
            return false;
    }
    return true;
}

int main(void)
{
    static struct test_door door;
    struct tap tap = {0};

    if (tap_ok(&tap, door_open(&door) && people_in(&door),
               "a house in memory")) {
        check_half(&tap, &door);
        check_enrol(&tap, &door);
        check_locked(&tap, &door);
        check_cookies(&tap, &door);
        check_goes_on(&tap, &door);
        check_invited(&tap, &door);
    }
    door_close(&door);
    return tap_done(&tap);
}
