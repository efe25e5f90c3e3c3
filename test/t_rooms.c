/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_rooms.c - through the door: a member goes into her room and out, nobody
 * else finds it; a password for duress opens an empty house from which the
 * real one cannot be reached; the glass opens one file, for a time.
 */
#include "domain/access/decide.h"
#include "domain/access/glass.h"
#include "domain/access/room.h"
#include "domain/account/lock.h"
#include "domain/account/oidc.h"
#include "domain/account/second.h"
#include "domain/person/hide.h"
#include "domain/record/forms.h"
#include "domain_fixture.h"
#include "web/route.h"

static const int64_t minute = (int64_t)60 * 1000;

struct visitor {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    struct db *db;
    struct arena request;
    struct response response;
    struct str cookie, csrf;
    struct str marta, ines, person, room;
};

/* One request of the browser that holds door->cookie. */
static int ask(struct visitor *door, const char *method, const char *path,
               const char *body)
{
    struct arena *arena = &door->fixture->arena;
    struct header header[4];
    struct str rest = str_of(path), text = str_of(body);
    struct request request = {.arena = &door->request,
                              .method = str_of(method),
                              .address = STR("127.0.0.1"),
                              .header = header};

    header[request.headers++] = (struct header){
        STR("content-type"), STR("application/x-www-form-urlencoded")};
    if (door->cookie.size)
        header[request.headers++] = (struct header){
            STR("cookie"), str_join(arena, STR("cobijo="), door->cookie)};
    if (door->csrf.size && text.size)
        text = str_format(arena, "%.*s&_csrf=%.*s", STR_ARGS(text),
                          STR_ARGS(door->csrf));
    request.body = text;
    str_cut(&rest, '?', &request.path);
    request.query = rest;
    arena_clear(&door->request);
    app_respond(&door->app, door->db, &request, &door->response);
    return door->response.status;
}

static bool says(const struct visitor *door, const char *text)
{
    return str_find(door->response.body, str_of(text)) != SIZE_MAX;
}

/* Logs in and keeps cookie and token; the page that followed is Today. */
static bool new_cookie(struct visitor *door)
{
    struct response *response = &door->response;
    bool found = false;

    for (size_t i = 0; i < response->headers; i++) {
        struct str value = response->header[i].value, first;

        if (!str_equal_nocase(response->header[i].name, STR("Set-Cookie")) ||
            !str_starts(value, STR("cobijo=")))
            continue;
        str_cut(&value, ';', &first);
        door->cookie =
            str_copy(&door->fixture->arena, str_slice(first, 7, first.size));
        found = true;
    }
    return found;
}

/* The cookie of the last answer, if it set one, and the token of Today. */
static int take_cookie(struct visitor *door)
{
    struct arena *arena = &door->fixture->arena;
    struct str mark = STR("data-csrf=\""), page;
    int status = door->response.status;
    size_t at;

    if (!new_cookie(door))
        return status;
    status = ask(door, "GET", "/today", "");
    page = door->response.body;
    at = str_find(page, mark);
    if (at != SIZE_MAX) {
        struct str token = str_slice(page, at + mark.size, page.size);

        door->csrf =
            str_copy(arena, str_slice(token, 0, str_find_char(token, '"')));
    }
    return status;
}

static int log_in(struct visitor *door, const char *name, const char *password)
{
    struct arena *arena = &door->fixture->arena;

    door->cookie = door->csrf = STR("");
    ask(door, "POST", "/login",
        str_c(arena, str_format(arena, "name=%s&password=%s", name, password)));
    return take_cookie(door);
}

/* @ stands for the id. */
static const char *path_of(struct visitor *door, const char *format,
                           struct str id)
{
    struct str rest = str_of(format), first;

    str_cut(&rest, '@', &first);
    return str_c(&door->fixture->arena,
                 str_format(&door->fixture->arena, "%.*s%.*s%.*s",
                            STR_ARGS(first), STR_ARGS(id), STR_ARGS(rest)));
}

static bool open_door(struct visitor *door)
{
    struct office_options options = {.host = &door->fixture->host,
                                     .store_url = door->fixture->url,
                                     .files = &app_files,
                                     .site_key = door->fixture->office.site_key,
                                     .store_key = fixture_store_key};
    struct err err = {0};

    door->app.strict = true;
    arena_init(&door->request, NULL);
    if (!app_open(&door->app, &options, &err) &&
        !store_connect(door->app.office.store, false, &door->db, &err))
        return true;
    fixture_say(&err);
    return false;
}

static void make_accounts(struct visitor *door)
{
    struct task admin = fixture_task(door->fixture, "admin");
    struct str rosa;
    struct err err = {0};
    enum error error =
        account_add(&admin, STR("marta"), STR("Marta"), STR("supervisor"),
                    STR("una-frase-larga"), &door->marta, &err);

    if (!error)
        error =
            account_add(&admin, STR("ines"), STR("Ines"), STR("case_worker"),
                        STR("otra-frase-larga"), &door->ines, &err);
    if (!error)
        error = account_add(&admin, STR("rosa"), STR("Rosa"), STR("intake"),
                            STR("tercera-frase-larga"), &rosa, &err);
    if (!error)
        error = account_add(&admin, STR("jefa"), STR("Jefa"), STR("admin"),
                            STR("cuarta-frase-larga"), &rosa, &err);
    if (error)
        fixture_say(&err);
    tap_is_int(door->tap, error, ERROR_NONE, "accounts");
    door->person = fixture_person(
        door->fixture,
        "{'given_names':'Xochiquetzal','first_surname':'Quintanar',"
        "'sex':'M'}");
}

/* --- a room --------------------------------------------------------------- */

/* What stands in the house, whoever writes it where: its form says so. */
static void check_once(struct visitor *door, struct tap *tap)
{
    static const char *const once[] = {
        "user",         "place", "organization",    "place_report",
        "place_change", "alert", "alert_recipient", "notice",
        "policy_change"};
    static const char *const not_once[] = {"person", "help_request", "form",
                                           "no such kind", ""};
    struct log log = door->fixture->office.log;
    bool good = true;

    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        good = good && forms_once(log.context, str_of(once[i]));
    tap_ok(tap, good, "what is of the house is so by its form");
    for (size_t i = 0; i < sizeof not_once / sizeof *not_once; i++)
        good = good && !forms_once(log.context, str_of(not_once[i]));
    tap_ok(tap, good, "and nothing else");
    log.home = STR("house");
    log.site = STR("room");
    tap_ok(tap,
           str_equal_c(log_site(&log, STR("alert")), "house") &&
               str_equal_c(log_site(&log, STR("form")), "house") &&
               str_equal_c(log_site(&log, STR("person")), "room"),
           "so it stands there, and a person in the room");
}

static void check_room(struct visitor *door)
{
    struct tap *tap = door->tap;
    struct arena *arena = &door->fixture->arena;
    size_t at;

    tap_is_int(tap, log_in(door, "marta", "una-frase-larga"), 200, "Marta");
    tap_ok(tap, says(door, "href=\"/room\""), "may make rooms");
    tap_is_int(tap,
               ask(door, "POST", "/room",
                   path_of(door, "label=Azul&member=@", door->ines)),
               303, "makes one");
    for (size_t i = 0; i < door->response.headers; i++)
        if (str_equal_nocase(door->response.header[i].name, STR("Location"))) {
            struct str to = door->response.header[i].value;

            at = str_find_char(to, '?');
            door->room = str_copy(arena, str_slice(to, 6, at));
        }
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/person/@/hide", door->person),
                   path_of(door, "to=@&reason=la+buscan", door->room)),
               303, "hides a person");
    tap_is_int(tap,
               ask(door, "GET", path_of(door, "/person/@", door->person), ""),
               404, "who is not there any more, not for Marta outside");
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/room/@/enter", door->room),
                   "password=equivocada&reason=ver"),
               422, "a wrong password does not open the room");
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/room/@/enter", door->room),
                   "password=una-frase-larga&reason="),
               422, "nor does no reason");
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/room/@/enter", door->room),
                   "password=una-frase-larga&reason=visita"),
               303, "password and reason do");
    tap_is_int(tap,
               ask(door, "GET", path_of(door, "/person/@", door->person), ""),
               200, "inside she is there");
    tap_ok(tap, says(door, "/room/leave") && says(door, "Azul"),
           "a banner says where one is");
    tap_ok(tap,
           ask(door, "GET", "/person?q=Xochiquetzal", "") == 200 &&
               says(door, "Quintanar"),
           "search finds her inside");
    tap_is_int(tap, ask(door, "POST", "/room/leave", "a=b"), 303, "out again");
    tap_ok(tap,
           ask(door, "GET", "/person?q=Xochiquetzal", "") == 200 &&
               !says(door, "Quintanar"),
           "and search finds nobody");
    ask(door, "POST", path_of(door, "/room/@/enter", door->room),
        "password=una-frase-larga&reason=visita");
    door->fixture->now += 16 * minute;
    tap_is_int(tap,
               ask(door, "GET", path_of(door, "/person/@", door->person), ""),
               404, "who was idle stands outside");
    tap_is_int(tap, log_in(door, "rosa", "tercera-frase-larga"), 200, "Rosa");
    tap_ok(tap, !says(door, "href=\"/room\""), "has no rooms");
    tap_is_int(tap, ask(door, "GET", "/room", ""), 404, "nor their page");
    tap_is_int(tap, ask(door, "GET", path_of(door, "/room/@", door->room), ""),
               404, "nor this one's");
}

/* --- duress --------------------------------------------------------------- */

/* What the real house has beside people: each with a name of its own. */
static void fill_house(struct visitor *door)
{
    static const char *const row[] = {
        "INSERT INTO passkey VALUES ($1, 'llavereal', $2, 'asa', 'localhost',"
        " $3, 0, 0, 'Nogal', 1, 1, 0, 0)",
        "INSERT INTO oidc_provider VALUES ($1, 'jacaranda', 'Jacaranda',"
        " 'https://jacaranda.test', 'c', $2, $2, '', '', 0, '', 0)",
        "INSERT INTO oidc_subject VALUES ($1, 'https://jacaranda.test',"
        " 'Framboyan', $2, $2, 1, 0)",
        "INSERT INTO alarm VALUES ($1, 'alarmareal', 'people', $2, 1, 4711, 1,"
        " 0, '', 'Ahuehuete')",
        "INSERT INTO glass VALUES ($1, 'vidrioreal', $2, $2, 'Encino',"
        " 'attend', 1, '', 0, 0, 0)",
        "INSERT INTO log_peer VALUES ($1, 'witness', 'Guayacan', 'k', 1, 0, $2,"
        " 0, '')",
        "INSERT INTO checkpoint VALUES ($1, 1, 1, $2, 'Capulin')"};
    struct tap *tap = door->tap;
    struct str base = door->app.office.base, none = STR("x");
    struct db *writer = NULL;
    struct err err = {0};

    tap_is_int(tap, ask(door, "POST", "/device", "name=Ocote7&role=intake"),
               200, "a telephone");
    tap_is_int(tap,
               ask(door, "POST", "/user/invite", "role=intake&display=Cedro"),
               200, "an invitation");
    tap_is_int(tap,
               ask(door, "POST", "/policy",
                   "name=glass_minutes&value=37&why=Mezquite"),
               303, "a policy");
    store_connect(door->app.office.store, true, &writer, &err);
    for (size_t i = 0; !err.code && i < sizeof(row) / sizeof(*row); i++)
        if (strstr(row[i], "$3"))
            db_run(writer, NULL, &err, row[i], "ttb", base, door->marta, none);
        else if (strstr(row[i], "provider") || strstr(row[i], "'witness'") ||
                 strstr(row[i], "checkpoint"))
            db_run(writer, NULL, &err, row[i], "tb", base, none);
        else
            db_run(writer, NULL, &err, row[i], "tt", base, door->marta);
    if (err.code)
        fixture_say(&err);
    tap_is_int(tap, err.code, ERROR_NONE, "keys, providers, alarms, witnesses");
    if (writer)
        db_close(writer);
}

/* Any word of the real house, and which page says it. */
static bool tells(struct visitor *door, const char *page)
{
    static const char *const word[] = {
        "Zamudio", "Marta",     "Ines",     "Azul",      "Ocote7",
        "Cedro",   "Mezquite",  "Nogal",    "Jacaranda", "Framboyan",
        "Encino",  "Ahuehuete", "Guayacan", "Capulin",   "4711"};

    for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
        if (says(door, word[i])) {
            printf("# %s tells %s\n", page, word[i]);
            return true;
        }
    return false;
}

/* All that could be changed in the real house, as one text. */
static struct str state_of(struct visitor *door)
{
    static const char *const sql[] = {
        "SELECT COUNT(*) FROM entry WHERE site = $1 AND kind <> 'seen'",
        "SELECT COUNT(*) FROM credential WHERE site = $1",
        "SELECT COUNT(*) FROM credential_other WHERE site = $1",
        "SELECT SUM(changed) FROM credential WHERE site = $1",
        "SELECT COUNT(*) FROM session WHERE site = $1",
        "SELECT COUNT(*) + SUM(revoked) FROM device WHERE site = $1",
        "SELECT COUNT(*) + SUM(revoked) FROM passkey WHERE site = $1",
        "SELECT COUNT(*) + SUM(used) FROM invitation WHERE site = $1",
        "SELECT COUNT(*) + SUM(closed) FROM alarm WHERE site = $1",
        "SELECT COUNT(*) + SUM(seen) + SUM(until) FROM glass WHERE site = $1",
        "SELECT COUNT(*) + SUM(seen) FROM duress_use WHERE site = $1",
        "SELECT COUNT(*) FROM room_member WHERE site = $1",
        "SELECT COUNT(*) FROM oidc_subject WHERE site = $1",
        "SELECT COUNT(*) FROM log_peer WHERE site = $1",
        "SELECT COUNT(*) FROM checkpoint WHERE site = $1",
        "SELECT SUM(changed) FROM policy WHERE site = $1"};
    struct buf out;

    buf_init(&out, &door->fixture->arena);
    for (size_t i = 0; i < sizeof(sql) / sizeof(*sql); i++) {
        int64_t number = -1;
        struct err err = {0};

        db_get_int(door->db, &number, NULL, &err,
                   str_c(&door->fixture->arena,
                         str_format(&door->fixture->arena,
                                    "SELECT CAST((%s) AS BIGINT)", sql[i])),
                   "t", door->app.office.base);
        if (err.code)
            fixture_say(&err);
        buf_printf(&out, "%lld ", (long long)number);
    }
    return buf_str(&out);
}

/* A route with an id in every place that begins with a colon. */
static struct str route_with(struct visitor *door, const char *pattern,
                             const char *kind, struct str id)
{
    struct str rest = str_of(pattern + 1), part;
    struct buf out;

    buf_init(&out, &door->fixture->arena);
    while (str_cut(&rest, '/', &part)) {
        buf_putc(&out, '/');
        if (str_equal_c(part, ":kind"))
            buf_puts(&out, kind);
        else if (part.size && part.at[0] == ':')
            buf_put(&out, id);
        else
            buf_put(&out, part);
    }
    return buf_str(&out);
}

/* Every route there is, from within a decoy, by whoever administers it, with
 * ids of the real house: no page tells, nothing there changes. */
static void check_decoy_routes(struct visitor *door, struct str visible)
{
    struct str id[] = {visible,          door->person,      door->marta,
                       door->ines,       door->room,        STR("llavereal"),
                       STR("jacaranda"), STR("alarmareal"), STR("vidrioreal")};
    struct tap *tap = door->tap;
    struct str before = state_of(door), after;
    size_t asked = 0, telling = 0, broken = 0;

    for (size_t r = 0; r < route_count; r++) {
        const struct route *route = &route_table[r];
        bool post = strcmp(route->method, "POST") == 0;
        bool many = strchr(route->path, ':') != NULL;

        /* without an id a post is of one's own session */
        if (post && !many)
            continue;
        for (size_t i = 0; i < (many ? sizeof(id) / sizeof(*id) : 1); i++) {
            const char *kind = i == 2 || i == 3 ? "user" : "person";
            const char *path =
                str_c(&door->fixture->arena,
                      route_with(door, route->path, kind, id[i]));
            int status = ask(door, route->method, path,
                             post ? "reason=x&why=x&sure=yes&name=x&to=x" : "");

            asked++;
            telling += tells(door, path);
            if (status >= 500 && status != 503) {
                printf("# %s %s: %d\n", route->method, path, status);
                broken++;
            }
        }
    }
    tap_ok(tap, asked > 300 && !telling,
           "no route tells of it (%zu requests with its ids)", asked);
    tap_ok(tap, !broken, "nor fails");
    after = state_of(door);
    tap_ok(tap, str_equal(before, after), "nor changes it");
    if (!str_equal(before, after))
        printf("# before %.*s\n# after  %.*s\n", STR_ARGS(before),
               STR_ARGS(after));
}

static void check_duress(struct visitor *door)
{
    static const char *const page[] = {
        "/today",  "/person",    "/record/person",  "/inbox",
        "/room",   "/user",      "/profile",        "/profile/session",
        "/device", "/import",    "/report/monthly", "/form",
        "/policy", "/log/alarm", "/glass",          "/record/user",
        "/log",    "/connect",   "/rights",         "/retention",
        "/tally",  "/compare",   "/user/invite",    "/export"};
    struct tap *tap = door->tap;
    struct str own;
    size_t telling = 0, failing = 0;
    struct str visible = fixture_person(
        door->fixture, "{'given_names':'Petronila','first_surname':'Zamudio',"
                       "'sex':'M'}");

    log_in(door, "jefa", "cuarta-frase-larga");
    tap_is_int(tap,
               ask(door, "POST", "/profile/other",
                   "present=cuarta-frase-larga&second=cuarta-frase-larga"
                   "&again=cuarta-frase-larga"),
               422, "the second password is not the first");
    tap_is_int(tap,
               ask(door, "POST", "/profile/other",
                   "present=cuarta-frase-larga&second=me-tienen-aqui"
                   "&again=me-tienen-aqui"),
               303, "a second password");
    tap_ok(tap,
           log_in(door, "jefa", "cuarta-frase-larga") == 200 &&
               ask(door, "GET", "/person?q=Petronila", "") == 200 &&
               says(door, "Zamudio"),
           "the first opens the house");
    own = door->cookie;
    fill_house(door);
    tap_is_int(tap, log_in(door, "jefa", "me-tienen-aqui"), 200,
               "the second opens a day, too");
    for (size_t i = 0; i < sizeof(page) / sizeof(*page); i++) {
        int status = ask(door, "GET", page[i], "");

        failing += status != 200 && !(status == 404 && i == 4);
        if (status != 200)
            printf("# %s %d\n", page[i], status);
        telling += tells(door, page[i]);
    }
    tap_ok(tap, !failing, "every page opens");
    tap_ok(tap, !telling, "and none tells of the house");
    check_decoy_routes(door, visible);
    tap_is_int(tap, ask(door, "GET", path_of(door, "/person/@", visible), ""),
               404, "a known address leads nowhere");
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/room/@/enter", door->room),
                   "password=me-tienen-aqui&reason=x"),
               404, "nor does a room's");
    tap_is_int(tap,
               ask(door, "POST", "/profile/password",
                   "present=me-tienen-aqui&password=otra-vez-aqui-no"
                   "&again=otra-vez-aqui-no"),
               303, "its password can be changed");
    tap_is_int(tap, log_in(door, "jefa", "otra-vez-aqui-no"), 200,
               "and the new one opens");
    tap_ok(tap,
           ask(door, "GET", "/person?q=Petronila", "") == 200 &&
               !says(door, "Zamudio"),
           "the empty day again");
    tap_ok(tap,
           log_in(door, "jefa", "cuarta-frase-larga") == 200 &&
               says(door, "/duress/"),
           "the first still opens the house, which tells that it was used");
    (void)own;
}

/* --- how one comes in, seen from a decoy ---------------------------------- */

static const char totp_secret[] = "12345678901234567890";

/* Luz has all there is: a second step, codes, a PIN, a passkey, an account of
 * an institution. */
static void equip(struct visitor *door, struct str luz)
{
    static const char *const row[] = {
        "INSERT INTO totp VALUES ($1, $2, '', $3, $3, 1, 0)",
        "INSERT INTO passkey VALUES ($1, 'llavedeluz', $2, 'asaluz',"
        " 'localhost', $3, 0, 0, 'Sauce', 1, 1, 0, 0)",
        "INSERT INTO oidc_subject SELECT $1, 'https://olmo.test', 'Luz', $2,"
        " $2, 1, 0 WHERE CAST($3 AS TEXT) <> ''"};
    struct task task = fixture_task(door->fixture, "admin");
    struct str code[RECOVERY_CODES];
    struct db *writer = NULL;
    struct err err = {0};

    task.actor.id = luz;
    pin_set(&task, STR("493817"), &err);
    recovery_renew(&task, code, &err);
    store_connect(door->app.office.store, true, &writer, &err);
    for (size_t i = 0; !err.code && i < sizeof(row) / sizeof(*row); i++)
        db_run(writer, NULL, &err, row[i], i < 2 ? "ttb" : "ttt",
               door->app.office.base, luz, str_of(totp_secret));
    if (err.code)
        fixture_say(&err);
    tap_is_int(door->tap, err.code, ERROR_NONE, "all ways in");
    if (writer)
        db_close(writer);
}

/* Every row of the real house that says how she comes in. */
static struct str ways_of(struct visitor *door, struct str luz)
{
    static const char *const sql[] = {
        "SELECT secret, confirmed FROM totp WHERE site = $1 AND user_id = $2",
        "SELECT hash, used FROM recovery_code WHERE site = $1"
        " AND user_id = $2 ORDER BY number",
        "SELECT hash, changed FROM pin WHERE site = $1 AND user_id = $2",
        "SELECT id, revoked FROM passkey WHERE site = $1 AND user_id = $2"
        " ORDER BY id",
        "SELECT subject, created FROM oidc_subject WHERE site = $1"
        " AND user_id = $2 ORDER BY subject",
        "SELECT hash, changed FROM credential WHERE site = $1"
        " AND user_id = $2",
        "SELECT id, created FROM session WHERE site = $1 AND user_id = $2"
        " AND EXISTS (SELECT 1 FROM session_room r WHERE r.site = $1"
        " AND r.id = session.id AND r.home = $1) ORDER BY id"};
    struct buf out;

    buf_init(&out, &door->fixture->arena);
    for (size_t i = 0; i < sizeof(sql) / sizeof(*sql); i++) {
        struct rows rows;
        struct err err = {0};

        if (db_query(door->db, &rows, &err, sql[i], "tt", door->app.office.base,
                     luz)) {
            fixture_say(&err);
            continue;
        }
        buf_printf(&out, "%zu:", i);
        while (rows_next(&rows))
            buf_printf(&out, "%.*s %lld,", STR_ARGS(rows_text(&rows, 0)),
                       (long long)rows_int(&rows, 1));
        rows_end(&rows);
    }
    return buf_str(&out);
}

static void answer_second(struct visitor *door)
{
    struct str secret = {totp_secret, sizeof totp_secret - 1};
    struct str mark = STR("name=\"_csrf\" value=\""), body;
    char code[7];
    size_t at;

    ask(door, "GET", "/login/second", "");
    body = door->response.body;
    at = str_find(body, mark);
    if (at != SIZE_MAX)
        door->csrf =
            str_copy(&door->fixture->arena,
                     str_slice(body, at + mark.size,
                               at + mark.size +
                                   str_find_char(str_slice(body, at + mark.size,
                                                           body.size),
                                                 '"')));
    hotp(door->fixture->host.sealer, secret,
         (uint64_t)(door->fixture->now / 30000), code);
    ask(door, "POST", "/login/second",
        str_c(&door->fixture->arena,
              str_format(&door->fixture->arena, "code=%s", code)));
    take_cookie(door);
    door->fixture->now += minute; /* a code is taken once */
}

/* log_in and, when that is asked for, the code of her telephone. */
static bool come_in(struct visitor *door, const char *password, bool *asked)
{
    int status = log_in(door, "luz", password);

    *asked = status == 303;
    if (*asked)
        answer_second(door);
    return ask(door, "GET", "/today", "") == 200;
}

static size_t forms_in(const struct visitor *door)
{
    struct str rest = door->response.body;
    size_t count = 0, at;

    while ((at = str_find(rest, STR("<form"))) != SIZE_MAX) {
        count++;
        rest = str_slice(rest, at + 1, rest.size);
    }
    return count;
}

/* In the decoy, all that takes something away from her account. */
static void take_away(struct visitor *door, struct str luz)
{
    static const struct {
        const char *path, *body;
        int status;
    } row[] = {{"/profile/second/codes", "present=me-obligan-aqui", 200},
               {"/profile/second/remove", "present=me-obligan-aqui", 303},
               {"/profile/pin", "present=me-obligan-aqui&remove=yes", 303},
               {"/profile/passkey/llavedeluz/revoke", "sure=yes", 303},
               {"/profile", "display_name=Otra&interface_language=en", 303},
               {"/profile/other",
                "present=me-obligan-aqui&second=y-otra-mas-aqui"
                "&again=y-otra-mas-aqui",
                303},
               {"/profile/session/end", "sure=yes", 303},
               {"/user/@/session/end", "sure=yes", 303},
               {"/profile/password",
                "present=me-obligan-aqui&password=me-obligan-mas"
                "&again=me-obligan-mas",
                303}};

    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        tap_is_int(door->tap,
                   ask(door, "POST",
                       strchr(row[i].path, '@')
                           ? path_of(door, row[i].path, luz)
                           : row[i].path,
                       row[i].body),
                   row[i].status, row[i].path);
        take_cookie(door);
    }
}

/* An account made in a decoy and linked there, and one's own linked there to
 * somebody else's subject: neither comes in by the real door. */
static void link_inside(struct visitor *door, struct str luz)
{
    struct task inside = fixture_task(door->fixture, "admin"), outside;
    struct str decoy = STR(""), user = STR(""), made = STR("");
    struct err err = {0};

    outside = inside;
    inside.actor.id = luz;
    db_get_text(door->db, &door->fixture->arena, &decoy, NULL, &err,
                "SELECT room FROM credential_other WHERE user_id = $1", "t",
                luz);
    task_enter_room(&inside, decoy, decoy, &err);
    tap_is_int(door->tap,
               account_add(&inside, STR("intruso"), STR("x"), STR("admin"),
                           STR("palabras-de-un-intruso"), &made, &err),
               ERROR_NONE, "an account made in a decoy");
    tap_is_int(door->tap,
               oidc_link_add(&inside, STR("https://olmo.test"), STR("intruso"),
                             made, &err),
               ERROR_NONE, "is linked there");
    tap_is_int(door->tap,
               oidc_link_add(&inside, STR("https://olmo.test"), STR("ajeno"),
                             luz, &err),
               ERROR_NONE, "and so is her own");
    tap_is_int(door->tap,
               oidc_subject(&outside, STR("https://olmo.test"), STR("intruso"),
                            &user, &err),
               ERROR_NOT_FOUND, "who is linked there is nobody outside");
    err_clear(&err);
    tap_ok(door->tap,
           oidc_subject(&outside, STR("https://olmo.test"), STR("ajeno"), &user,
                        &err) == ERROR_NOT_FOUND &&
               !user.size,
           "nor does that subject come in as her");
    err_clear(&err);
    tap_is_int(
        door->tap,
        oidc_link_remove(&inside, STR("https://olmo.test"), STR("Luz"), &err),
        ERROR_NOT_FOUND, "her real link is not there to be taken");
    tap_is_int(door->tap, log_in(door, "intruso", "palabras-de-un-intruso"),
               401, "nor does the password of the made one open anything");
}

static void check_ways(struct visitor *door)
{
    struct tap *tap = door->tap;
    struct task admin = fixture_task(door->fixture, "admin");
    struct str luz = STR(""), before, after, real;
    struct err err = {0};
    size_t forms;
    bool asked = false;

    if (account_add(&admin, STR("luz"), STR("Luz"), STR("admin"),
                    STR("luz-de-una-frase"), &luz, &err))
        fixture_say(&err);
    tap_ok(tap, come_in(door, "luz-de-una-frase", &asked) && !asked, "Luz");
    tap_is_int(tap,
               ask(door, "POST", "/profile/other",
                   "present=luz-de-una-frase&second=me-obligan-aqui"
                   "&again=me-obligan-aqui"),
               303, "has a password for duress");
    equip(door, luz);
    tap_ok(tap, come_in(door, "luz-de-una-frase", &asked) && asked,
           "her own asks for a code");
    ask(door, "GET", "/profile", "");
    forms = forms_in(door);
    tap_ok(tap, says(door, "Sauce") && says(door, "Quitar el PIN"),
           "her account shows what she has");
    real = door->cookie;
    before = ways_of(door, luz);
    tap_ok(tap, come_in(door, "me-obligan-aqui", &asked) && asked,
           "the one for duress asks for it, too");
    ask(door, "GET", "/profile", "");
    tap_ok(tap,
           says(door, "Sauce") && says(door, "Quitar el PIN") &&
               forms_in(door) == forms,
           "and her account looks the same there");
    take_away(door, luz);
    ask(door, "GET", "/profile", "");
    tap_ok(tap,
           !says(door, "Quitar el PIN") && says(door, "Otra") &&
               says(door, "lang=\"en\""),
           "what was done there shows there");
    tap_ok(tap, come_in(door, "me-obligan-mas", &asked) && !asked,
           "and lasts: no code is asked for");
    tap_is_int(tap,
               ask(door, "POST", path_of(door, "/user/@/second", luz), "why=x"),
               303, "an administrator of the decoy takes all away");
    link_inside(door, luz);
    after = ways_of(door, luz);
    tap_ok(tap, before.size > 200 && str_equal(before, after),
           "of the real account nothing has changed");
    if (!str_equal(before, after))
        printf("# before %.*s\n# after  %.*s\n", STR_ARGS(before),
               STR_ARGS(after));
    door->cookie = real;
    tap_ok(tap,
           ask(door, "GET", "/profile", "") == 200 && says(door, "Luz") &&
               says(door, "Quitar el PIN") && says(door, "lang=\"es\""),
           "her real session goes on as it was");
    tap_ok(tap, come_in(door, "luz-de-una-frase", &asked) && asked,
           "and so does her real password, with its code");
}

/* --- glass ---------------------------------------------------------------- */

static struct task as(struct visitor *door, struct str id, const char *role)
{
    struct task task;

    task_init(&task, &door->app.office, door->db, &door->fixture->arena);
    task.actor.id = id;
    task.actor.role = catalog_role(door->app.office.catalog, str_of(role));
    return task;
}

static void check_glass(struct visitor *door)
{
    struct tap *tap = door->tap;
    struct str person = fixture_person(
        door->fixture, "{'given_names':'Ejemplo','first_surname':'Caso',"
                       "'sex':'H'}");
    struct task worker = as(door, door->ines, "case_worker");
    struct task chief = as(door, door->marta, "supervisor");
    struct task late;
    struct glass *glass = NULL;
    struct err err = {0};
    size_t count = 0;
    bool opened = true;

    tap_is_int(
        tap, glass_ask(&worker, person, STR("attend"), STR(""), &opened, &err),
        ERROR_INPUT, "no glass without a reason");
    err_clear(&err);
    tap_is_int(tap,
               glass_ask(&worker, door->person, STR("attend"), STR("urge"),
                         &opened, &err),
               ERROR_NOT_FOUND, "none of a hidden person");
    err_clear(&err);
    tap_is_int(
        tap,
        glass_ask(&worker, person, STR("attend"), STR("urge"), &opened, &err),
        ERROR_NONE, "a reason");
    tap_ok(tap, !opened && !glass_open(&worker, person),
           "waits for another person");
    tap_is_int(tap, glass_notices(&chief, &glass, &count, &err), ERROR_NONE,
               "the supervisor");
    tap_is_int(tap, (long long)count, 1, "is told");
    tap_is_int(tap, glass_approve(&worker, glass[0].id, &err), ERROR_FORBIDDEN,
               "who asked does not allow it");
    err_clear(&err);
    tap_is_int(tap, glass_approve(&chief, glass[0].id, &err), ERROR_NONE,
               "another does");
    tap_ok(tap, glass_open(&worker, person), "it is open");
    tap_ok(tap,
           !glass_open(&chief, person) && !glass_open(&worker, door->marta),
           "to her, and that file only");
    tap_is_int(tap, glass_approve(&chief, glass[0].id, &err), ERROR_CONFLICT,
               "it is not allowed twice");
    err_clear(&err);
    tap_is_int(tap, glass_seen(&chief, glass[0].id, &err), ERROR_NONE,
               "it was seen");
    glass_notices(&chief, &glass, &count, &err);
    tap_is_int(tap, (long long)count, 0, "and is told no more");
    door->fixture->now += 61 * minute;
    late = as(door, door->ines, "case_worker");
    tap_ok(tap, !glass_open(&late, person), "after its time it is closed");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct visitor door = {.tap = tap, .fixture = fixture};

    if (!open_door(&door)) {
        tap_ok(tap, false, "the door opens");
        return;
    }
    check_once(&door, tap);
    make_accounts(&door);
    check_room(&door);
    check_duress(&door);
    check_ways(&door);
    check_glass(&door);
    db_close(door.db);
    app_close(&door.app);
    arena_release(&door.request);
}

int main(void)
{
    return fixture_main(check);
}
