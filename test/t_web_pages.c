/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_web_pages.c - app_respond as a browser and as a program meet it: every
 * page in strict rendering and every language, rights, tokens, bad input of
 * all kinds, the contract of /record/KIND. Everybody here is made up.
 */
#include "domain_fixture.h"

#include "domain/account/account.h"
#include "web/app.h"
#include "web/route.h"

struct site {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    char cookie[128], csrf[64], token[64];
};

struct ask {
    const char *method, *path, *query, *type, *body, *accept;
    bool program; /* with the token */
    bool nobody;  /* without the cookie */
    const char *csrf, *site;
};

struct answer_got {
    struct arena arena;
    struct response response;
};

static void add_header(struct header *header, size_t *count, const char *name,
                       const char *value)
{
    if (!value || !value[0])
        return;
    header[*count].name = str_of(name);
    header[(*count)++].value = str_of(value);
}

static void answer_free(struct answer_got *got)
{
    arena_release(&got->arena);
}

static struct answer_got ask(struct site *site, struct ask a)
{
    struct answer_got got;
    struct header header[8];
    struct request request = {.method = str_of(a.method),
                              .path = str_of(a.path),
                              .query = str_of(a.query ? a.query : ""),
                              .body = str_of(a.body ? a.body : ""),
                              .address = STR("127.0.0.1"),
                              .header = header};
    char cookie[160], bearer[96];

    arena_init(&got.arena, NULL);
    request.arena = &got.arena;
    snprintf(cookie, sizeof cookie, "cobijo=%s", site->cookie);
    snprintf(bearer, sizeof bearer, "Bearer %s", site->token);
    add_header(header, &request.headers, "content-type", a.type);
    add_header(header, &request.headers, "accept",
               a.accept ? a.accept : "text/html");
    add_header(header, &request.headers, "x-csrf-token", a.csrf);
    add_header(header, &request.headers, "sec-fetch-site", a.site);
    if (a.program)
        add_header(header, &request.headers, "authorization", bearer);
    else if (!a.nobody && site->cookie[0])
        add_header(header, &request.headers, "cookie", cookie);
    app_respond(&site->app, site->fixture->db, &request, &got.response);
    return got;
}

static struct str got_header(const struct answer_got *got, const char *name)
{
    for (size_t i = 0; i < got->response.headers; i++)
        if (str_equal_nocase(got->response.header[i].name, str_of(name)))
            return got->response.header[i].value;
    return STR("");
}

static bool got_text(const struct answer_got *got, const char *text)
{
    return str_find(got->response.body, str_of(text)) != SIZE_MAX;
}

static void status_is(struct site *site, struct ask a, int want,
                      const char *name)
{
    struct answer_got got = ask(site, a);

    if (!tap_ok(site->tap, got.response.status == want, "%s: %d", name, want))
        printf(
            "# got %d: %.*s\n", got.response.status,
            (int)(got.response.body.size < 400 ? got.response.body.size : 400),
            got.response.body.at ? got.response.body.at : "");
    answer_free(&got);
}

/* --- coming in
 * ------------------------------------------------------------------ */

static void keep(char *to, size_t room, struct str text)
{
    snprintf(to, room, "%.*s", STR_ARGS(text));
}

static bool log_in(struct site *site)
{
    struct answer_got got =
        ask(site, (struct ask){.method = "POST",
                               .path = "/login",
                               .type = "application/x-www-form-urlencoded",
                               .body = "name=marisol&password=tres+palabras+"
                                       "largas&next=%2Fperson",
                               .nobody = true});
    struct str cookie = got_header(&got, "set-cookie");
    size_t end = str_find_char(cookie, ';');
    bool ok;

    tap_is_int(site->tap, got.response.status, 303, "login goes on");
    tap_ok(site->tap, str_equal_c(got_header(&got, "location"), "/person"),
           "to the page that was asked for");
    tap_ok(site->tap,
           str_find(cookie, STR("HttpOnly")) != SIZE_MAX &&
               str_find(cookie, STR("SameSite")) != SIZE_MAX,
           "the cookie is HttpOnly and SameSite");
    keep(site->cookie, sizeof site->cookie, str_slice(cookie, 7, end));
    answer_free(&got);
    got = ask(site, (struct ask){.method = "GET", .path = "/person/new"});
    ok = got.response.status == 200;
    end = str_find(got.response.body, STR("data-csrf=\""));
    if (end != SIZE_MAX)
        keep(site->csrf, sizeof site->csrf,
             str_slice(got.response.body, end + 11, end + 11 + 43));
    answer_free(&got);
    return ok;
}

static bool site_open(struct site *site, struct tap *tap,
                      struct fixture *fixture)
{
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &app_files};
    struct task task = fixture_task(fixture, "system");
    struct err err = {0};
    struct str id, token;

    *site = (struct site){.tap = tap, .fixture = fixture};
    site->app.strict = true;
    if (app_open(&site->app, &options, &err) != ERROR_NONE) {
        fixture_say(&err);
        return false;
    }
    status_is(site, (struct ask){.method = "GET", .path = "/today"}, 303,
              "no account yet: to the first page");
    status_is(site, (struct ask){.method = "GET", .path = "/start"}, 200,
              "the first page");
    if (account_add(&task, STR("marisol"), STR("Marisol"), STR("admin"),
                    STR("tres palabras largas"), &id, &err) != ERROR_NONE ||
        account_token_add(&task, STR("programa"), STR("case_worker"), &token,
                          &err) != ERROR_NONE) {
        fixture_say(&err);
        return false;
    }
    keep(site->token, sizeof site->token, token);
    return true;
}

/* --- every page
 * -------------------------------------------------------------------- */

static void check_all_pages(struct site *site, const char *person)
{
    static const char *const language[] = {"lang=es", "lang=en"};

    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        char path[200];

        if (strcmp(route->method, "GET") != 0 || strchr(route->path, '*') ||
            !route->template || strstr(route->path, ":token"))
            continue;
        if (strcmp(route->path, "/person/:id") == 0 ||
            strcmp(route->path, "/person/:id/merge") == 0)
            snprintf(path, sizeof path, "/person/%s%s", person,
                     strcmp(route->path, "/person/:id") == 0 ? "" : "/merge");
        else if (strcmp(route->path, "/record/:kind") == 0)
            snprintf(path, sizeof path, "/record/person");
        else if (strcmp(route->path, "/record/:kind/new") == 0)
            snprintf(path, sizeof path, "/record/need/new");
        else if (strncmp(route->path, "/record/:kind/:id", 17) == 0)
            snprintf(path, sizeof path, "/record/person/%s%s", person,
                     route->path + 17);
        else if (strcmp(route->path, "/form/:kind") == 0)
            snprintf(path, sizeof path, "/form/person");
        else if (strchr(route->path, ':'))
            continue; /* has a test of its own */
        else if (strcmp(route->path, "/room") == 0)
            continue; /* not there for who has none: t_rooms.c */
        else
            snprintf(path, sizeof path, "%s", route->path);
        for (size_t k = 0; k < 2; k++) {
            struct answer_got got = ask(
                site, (struct ask){
                          .method = "GET", .path = path, .query = language[k]});
            bool good =
                got.response.status == 200 || got.response.status == 303;

            if (!tap_ok(site->tap, good, "%s?%s: %d", path, language[k],
                        got.response.status))
                printf("# %.300s\n", str_c(&got.arena, got.response.body));
            answer_free(&got);
        }
    }
}

static void check_table(struct site *site)
{
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];

        if (strcmp(route->method, "POST") != 0 ||
            (route->flags & ROUTE_NO_CSRF))
            continue;
        if (strchr(route->path, ':'))
            continue;
        status_is(site,
                  (struct ask){.method = "POST",
                               .path = route->path,
                               .type = "application/x-www-form-urlencoded",
                               .body = "a=1"},
                  403, route->path);
    }
}

/* --- the first half of the contract
 * ------------------------------------------------- */

static void check_headers(struct site *site)
{
    struct answer_got got =
        ask(site, (struct ask){.method = "GET", .path = "/today"});
    struct str policy = got_header(&got, "content-security-policy");

    tap_ok(site->tap,
           str_find(policy, STR("script-src 'self'")) != SIZE_MAX &&
               str_find(policy, STR("unsafe")) == SIZE_MAX &&
               str_find(policy, STR("frame-ancestors 'none'")) != SIZE_MAX,
           "a strict policy for content");
    tap_ok(site->tap,
           str_equal_c(got_header(&got, "cache-control"), "no-store"),
           "pages are not kept");
    tap_ok(site->tap,
           str_equal_c(got_header(&got, "x-content-type-options"), "nosniff"),
           "types are not guessed");
    tap_ok(site->tap,
           str_equal_c(got_header(&got, "referrer-policy"), "no-referrer"),
           "addresses are not passed on");
    tap_ok(site->tap, !got_text(&got, "style=\"") && !got_text(&got, "<style"),
           "no inline style");
    answer_free(&got);
}

static void check_methods(struct site *site)
{
    struct answer_got got;

    status_is(site, (struct ask){.method = "GET", .path = "/nothing/here"}, 404,
              "no such page");
    status_is(site, (struct ask){.method = "GET", .path = "/person/%zz"}, 400,
              "an address that does not parse");
    status_is(
        site,
        (struct ask){.method = "GET", .path = "/person", .query = "q=%FF"}, 400,
        "a query that is not UTF-8");
    status_is(site, (struct ask){.method = "DELETE", .path = "/person"}, 405,
              "a method nobody takes");
    got = ask(site, (struct ask){.method = "POST", .path = "/today"});
    tap_ok(site->tap,
           got.response.status == 405 &&
               str_equal_c(got_header(&got, "allow"), "GET"),
           "405 says what is allowed");
    answer_free(&got);
    status_is(site, (struct ask){.method = "HEAD", .path = "/today"}, 200,
              "HEAD");
    status_is(site,
              (struct ask){.method = "GET", .path = "/today", .nobody = true},
              303, "nobody is sent to log in");
    status_is(site,
              (struct ask){.method = "GET",
                           .path = "/today",
                           .nobody = true,
                           .accept = "application/json"},
              401, "a program is told");
    status_is(site,
              (struct ask){.method = "GET",
                           .path = "/user",
                           .program = true,
                           .accept = "application/json"},
              403, "a right that the role lacks");
    status_is(site,
              (struct ask){.method = "POST",
                           .path = "/person/new",
                           .type = "application/x-www-form-urlencoded",
                           .body = "given_names=X",
                           .csrf = site->csrf,
                           .site = "cross-site"},
              403, "from another site, even with the token");
}

static void check_bad_json(struct site *site)
{
    char deep[4096];
    char *big = malloc(ROUTE_BODY_MAX + 64);
    struct ask a = {.method = "POST",
                    .path = "/record/person",
                    .type = "application/json",
                    .accept = "application/json",
                    .program = true};

    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    a.body = deep;
    status_is(site, a, 400, "JSON too deep");
    a.body = "{\"given_names\":";
    status_is(site, a, 400, "JSON cut off");
    a.body = "{\"given_names\":\"\xff\"}";
    status_is(site, a, 400, "JSON not UTF-8");
    a.body = "[1]";
    status_is(site, a, 400, "JSON that is no object");
    a.body = "{\"no_such_field\":\"1\"}";
    status_is(site, a, 422, "an unknown field");
    a.body = "{\"given_names\":\"Ana\",\"age_years\":\"many\"}";
    status_is(site, a, 422, "a wrong type");
    a.body = "{\"given_names\":\"Ana\",\"sex\":\"X\"}";
    status_is(site, a, 422, "a choice that is not in the list");
    a.type = "text/plain";
    a.body = "x";
    status_is(site, a, 400, "a type nobody reads");
    if (!big)
        return;
    memset(big, 'a', ROUTE_BODY_MAX + 32);
    big[ROUTE_BODY_MAX + 32] = '\0';
    a.body = big;
    status_is(site, a, 413, "too large");
    free(big);
}

/* Creates, reads, changes, sends twice; id is kept for the pages. */
static void check_record(struct site *site, char id[37])
{
    struct ask a = {.method = "POST",
                    .path = "/record/person",
                    .type = "application/json",
                    .accept = "application/json",
                    .program = true,
                    .body = "{\"given_names\":\"Ana\",\"first_surname\":"
                            "\"Ejemplo\",\"age_years\":34,\"sex\":\"M\","
                            "\"_entry\":"
                            "\"01a20174-ca6a-784f-9fe8-73ee332bf1aa\"}"};
    struct answer_got got = ask(site, a);
    struct answer_got again;
    size_t at = str_find(got.response.body, STR("\"id\":\""));
    char path[120], body[300];

    tap_is_int(site->tap, got.response.status, 201, "created");
    id[0] = '\0';
    if (at != SIZE_MAX)
        keep(id, 37, str_slice(got.response.body, at + 6, at + 42));
    snprintf(path, sizeof path, "/record/person/%s", id);
    tap_ok(site->tap, str_equal_c(got_header(&got, "location"), path),
           "with a location");
    again = ask(site, a);
    tap_ok(site->tap, got_text(&again, id), "sent twice is the same record");
    answer_free(&again);
    answer_free(&got);
    status_is(site,
              (struct ask){.method = "GET",
                           .path = path,
                           .accept = "application/json",
                           .program = true},
              200, "read");
    got = ask(site, (struct ask){.method = "GET",
                                 .path = "/record/person",
                                 .query = "filter=first_surname:Ejemplo&"
                                          "order=-age_years",
                                 .accept = "application/json",
                                 .program = true});
    tap_ok(site->tap, got.response.status == 200 && got_text(&got, id),
           "listed with a filter and an order");
    answer_free(&got);
    status_is(site,
              (struct ask){.method = "GET",
                           .path = "/record/person",
                           .query = "filter=1%3D1:x",
                           .accept = "application/json",
                           .program = true},
              422, "a filter that is no question");
    a.path = path;
    a.body = "{\"alias\":\"Anita\"}";
    status_is(site, a, 200, "one answer changed");
    snprintf(body, sizeof body, "{\"alias\":\"Nita\",\"_base\":\"1\"}");
    a.body = body;
    got = ask(site, a);
    tap_ok(site->tap,
           got.response.status == 409 && got_text(&got, "\"conflict\"") &&
               got_text(&got, "Anita"),
           "overtaken: 409 with what stands there now");
    answer_free(&got);
    snprintf(path, sizeof path, "/record/person/%s/history", id);
    got = ask(site, (struct ask){.method = "GET",
                                 .path = path,
                                 .accept = "application/json",
                                 .program = true});
    tap_ok(site->tap, got.response.status == 200 && got_text(&got, "Anita"),
           "its history");
    answer_free(&got);
    status_is(site,
              (struct ask){.method = "GET",
                           .path = "/record/person/nobody",
                           .accept = "application/json",
                           .program = true},
              404, "no such record");
    status_is(site,
              (struct ask){.method = "GET",
                           .path = "/record/nothing",
                           .accept = "application/json",
                           .program = true},
              404, "no such kind");
}

/* A page that was sent twice: one person, one arrival. */
static void check_twice(struct site *site)
{
    struct ask a = {.method = "POST",
                    .path = "/person/new",
                    .type = "application/x-www-form-urlencoded",
                    .accept = "application/json",
                    .csrf = site->csrf,
                    .body = "given_names=Rosa&first_surname=Doble&sex=M&"
                            "family.0.given_names=Luis&family.0.age_years=3&"
                            "arrival.arrival_type=visita&consent.given=yes&"
                            "_entry=01a20174-ca6a-784f-9fe8-73ee332bf1bb"};
    struct answer_got first = ask(site, a), second = ask(site, a), found;
    size_t times = 0;
    struct str rest;

    tap_is_int(site->tap, first.response.status, 201, "a family registered");
    tap_ok(site->tap,
           second.response.status == 201 &&
               str_equal(first.response.body, second.response.body),
           "sent again: the same answer");
    found = ask(site, (struct ask){.method = "GET",
                                   .path = "/record/person",
                                   .query = "filter=first_surname:Doble",
                                   .accept = "application/json"});
    rest = found.response.body;
    for (size_t at; (at = str_find(rest, STR("\"subject\""))) != SIZE_MAX;
         rest = str_slice(rest, at + 1, rest.size))
        times++;
    tap_is_int(site->tap, (long long)times, 1, "and one person");
    answer_free(&found);
    answer_free(&second);
    answer_free(&first);
}

static void check_live(struct site *site)
{
    struct answer_got got =
        ask(site, (struct ask){.method = "POST",
                               .path = "/form/person/check",
                               .type = "application/x-www-form-urlencoded",
                               .body = "age_years=230&given_names=A",
                               .csrf = site->csrf});

    tap_ok(site->tap,
           got.response.status == 200 && got_text(&got, "\"age_years\":\"") &&
               got_text(&got, "\"age_source\":true"),
           "live help: what is wrong and what now makes sense");
    answer_free(&got);
}

static void check_faces(struct site *site)
{
    struct answer_got got = ask(site, (struct ask){.method = "GET",
                                                   .path = "/person",
                                                   .query = "q=%3Cscript%3E"});

    tap_ok(site->tap, got.response.status == 200 && !got_text(&got, "<script>"),
           "what is typed is escaped");
    answer_free(&got);
    got = ask(site, (struct ask){.method = "GET",
                                 .path = "/api",
                                 .accept = "application/json"});
    tap_ok(site->tap,
           got.response.status == 200 && got_text(&got, "\"3.1.0\"") &&
               got_text(&got, "/record/{kind}") &&
               got_text(&got, "given_names"),
           "the description of the API");
    answer_free(&got);
    got = ask(site, (struct ask){.method = "GET", .path = "/health"});
    tap_ok(site->tap,
           got.response.status == 200 && got_text(&got, "\"status\":\"ok\""),
           "health");
    answer_free(&got);
    got = ask(
        site,
        (struct ask){.method = "GET", .path = "/nothing", .query = "lang=en"});
    tap_ok(site->tap, got_text(&got, "This page does not exist"),
           "an error in the reader's language");
    answer_free(&got);
    got = ask(site, (struct ask){.method = "GET",
                                 .path = "/nothing",
                                 .query = "lang=ht",
                                 .nobody = true});
    tap_ok(site->tap,
           got.response.status == 404 &&
               got_text(&got, "Paj sa a pa egziste") &&
               got_text(&got, "id=\"exit\"") && !got_text(&got, "Cobijo"),
           "who is nobody is told on the public side");
    answer_free(&got);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct site site;
    char person[37];

    if (!site_open(&site, tap, fixture)) {
        tap_ok(tap, false, "the application opens");
        return;
    }
    tap_ok(tap, log_in(&site), "logged in");
    check_headers(&site);
    check_methods(&site);
    check_bad_json(&site);
    check_record(&site, person);
    check_twice(&site);
    check_live(&site);
    check_faces(&site);
    check_table(&site);
    check_all_pages(&site, person);
    app_close(&site.app);
}

int main(void)
{
    return fixture_main(check);
}
