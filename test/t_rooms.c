/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_rooms.c - through the door: a member goes into her room and out, nobody
 * else finds it; a password for duress opens an empty house from which the
 * real one cannot be reached; the glass opens one file, for a time.
 */
#include "domain/access/decide.h"
#include "domain/access/glass.h"
#include "domain/access/room.h"
#include "domain/person/hide.h"
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
static int log_in(struct visitor *door, const char *name, const char *password)
{
    struct arena *arena = &door->fixture->arena;
    struct response *response = &door->response;
    struct str mark = STR("data-csrf=\""), page;
    int status;
    size_t at;

    door->cookie = door->csrf = STR("");
    status = ask(
        door, "POST", "/login",
        str_c(arena, str_format(arena, "name=%s&password=%s", name, password)));
    for (size_t i = 0; i < response->headers; i++) {
        struct str value = response->header[i].value, first;

        if (!str_equal_nocase(response->header[i].name, STR("Set-Cookie")) ||
            !str_starts(value, STR("cobijo=")))
            continue;
        str_cut(&value, ';', &first);
        door->cookie = str_copy(arena, str_slice(first, 7, first.size));
    }
    if (!door->cookie.size)
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

static void check_duress(struct visitor *door)
{
    static const char *const page[] = {
        "/today",  "/person",    "/record/person",  "/inbox",
        "/room",   "/user",      "/profile",        "/profile/session",
        "/device", "/import",    "/report/monthly", "/form",
        "/policy", "/log/alarm", "/glass",          "/record/user"};
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
    tap_is_int(tap, log_in(door, "jefa", "me-tienen-aqui"), 200,
               "the second opens a day, too");
    for (size_t i = 0; i < sizeof(page) / sizeof(*page); i++) {
        int status = ask(door, "GET", page[i], "");

        failing += status != 200 && !(status == 404 && i == 4);
        if (status != 200)
            printf("# %s %d\n", page[i], status);
        if (says(door, "Zamudio") || says(door, "Marta") ||
            says(door, "Ines") || says(door, "Azul")) {
            printf("# %s tells\n", page[i]);
            telling++;
        }
    }
    tap_ok(tap, !failing, "every page opens");
    tap_ok(tap, !telling, "and none tells of the house");
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
    make_accounts(&door);
    check_room(&door);
    check_duress(&door);
    check_glass(&door);
    db_close(door.db);
    app_close(&door.app);
    arena_release(&door.request);
}

int main(void)
{
    return fixture_main(check);
}
