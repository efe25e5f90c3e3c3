/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_seen.c - who opened which file: the shelf, its batches in the log, and
 * every route of routes.def opened on a store full of invented people: a page
 * on which one of them stands leaves a row, and without the shelf it does not
 * (so this test can fail).
 */
#include "domain/account/account.h"
#include "domain/proof/seen.h"
#include "domain/demo/demo.h"
#include "domain_fixture.h"
#include "web/app.h"
#include "web/route.h"

enum { PEOPLE = 12 };

struct house {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    struct arena request;
    char token[64], partner[64];
    struct str person[64]; /* ids */
    size_t people;
    int pages, shown, noted, named, json;
};

static struct response ask(struct house *house, const char *path, bool json)
{
    struct header header[2];
    struct response response;
    char bearer[96];
    struct str rest = str_of(path);
    struct request request = {.arena = &house->request,
                              .method = STR("GET"),
                              .address = STR("127.0.0.1"),
                              .header = header,
                              .headers = 2};

    arena_clear(&house->request);
    snprintf(bearer, sizeof(bearer), "Bearer %s", house->token);
    header[0] = (struct header){STR("authorization"), str_of(bearer)};
    header[1] = (struct header){
        STR("accept"), str_of(json ? "application/json" : "text/html")};
    str_cut(&rest, '?', &request.path);
    request.query = rest.at ? rest : STR("");
    app_respond(&house->app, house->fixture->db, &request, &response);
    return response;
}

/* Rows in the table; those of subject only when it is given. */
static int64_t rows_of(struct house *house, struct str subject)
{
    struct err err = {0};
    int64_t count = -1;

    if (seen_flush(&house->app.office, &err))
        fixture_say(&err);
    db_get_int(house->fixture->db, &count, NULL, &err,
               "SELECT COALESCE(SUM(times), 0) FROM seen "
               "WHERE subject = $1 OR $1 = ''",
               "t", subject);
    return count;
}

static bool shows_somebody(const struct house *house, struct str body)
{
    for (size_t i = 0; i < house->people; i++)
        if (str_find(body, house->person[i]) != SIZE_MAX)
            return true;
    return false;
}

/* One page, both faces. subject: whose file the address names, or empty. */
static void open_page(struct house *house, const char *path, struct str subject)
{
    for (int json = 0; json < 2; json++) {
        int64_t before = rows_of(house, STR("")), after;
        int64_t own = subject.size ? rows_of(house, subject) : 0;
        struct response response = ask(house, path, json);

        house->fixture->now += 61000;
        house->pages++;
        house->json += json;
        if (response.status != 200 || response.body.size < 150 ||
            (!subject.size && !shows_somebody(house, response.body)))
            continue;
        house->shown++;
        after = rows_of(house, STR(""));
        if (after > before)
            house->noted++;
        else if (house->app.office.seen)
            printf("# %s %s was not noted\n", path, json ? "(JSON)" : "");
        if (!subject.size || rows_of(house, subject) > own)
            house->named++;
        else if (house->app.office.seen)
            printf("# %s %s was not noted for the person\n", path,
                   json ? "(JSON)" : "");
    }
}

/* --- addresses ------------------------------------------------------------ */

struct sample {
    char id[64], subject[64], kind[48];
};

static bool sample_of(struct house *house, const char *kind,
                      struct sample *sample)
{
    struct rows rows;
    struct err err = {0};
    bool found = false;

    db_query(house->fixture->db, &rows, &err,
             "SELECT id, subject, kind FROM record WHERE kind = $1 "
             "AND state <> 'erased' ORDER BY number LIMIT 1",
             "t", str_of(kind));
    if (rows_next(&rows)) {
        found = true;
        snprintf(sample->id, sizeof(sample->id), "%.*s",
                 STR_ARGS(rows_text(&rows, 0)));
        snprintf(sample->subject, sizeof(sample->subject), "%.*s",
                 STR_ARGS(rows_text(&rows, 1)));
        snprintf(sample->kind, sizeof(sample->kind), "%.*s",
                 STR_ARGS(rows_text(&rows, 2)));
    }
    rows_end(&rows);
    return found;
}

/* What :id of a path is: the word before it names the kind. */
static const char *kind_of_path(const char *path)
{
    static const char *const word[][2] = {
        {"/person/:id", "person"},     {"/screening/:id", "screening"},
        {"/flag/:id", "flag"},         {"/review/:id", "profile"},
        {"/referral/:id", "referral"}, {"/casefile/:id", "casefile"},
        {"/received/:id", "referral"}, {"/record/:kind/:id", NULL},
    };

    for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
        if (strncmp(path, word[i][0], strlen(word[i][0])) == 0)
            return word[i][1] ? word[i][1] : "*";
    return "";
}

static void fill_path(const char *pattern, const struct sample *sample,
                      char *out, size_t room)
{
    struct str rest = str_of(pattern), part;
    size_t size = 0;

    str_cut(&rest, '/', &part);
    out[0] = '\0';
    while (str_cut(&rest, '/', &part) && size < room) {
        const char *text = str_equal(part, STR(":id"))     ? sample->id
                           : str_equal(part, STR(":kind")) ? sample->kind
                           : str_equal(part, STR(":name")) ? sample->kind
                           : str_equal(part, STR(":step")) ? "1"
                                                           : NULL;

        size += (size_t)(text ? snprintf(out + size, room - size, "/%s", text)
                              : snprintf(out + size, room - size, "/%.*s",
                                         STR_ARGS(part)));
    }
}

static bool is_person(const struct house *house, const char *id)
{
    for (size_t i = 0; i < house->people; i++)
        if (str_equal_c(house->person[i], id))
            return true;
    return false;
}

static void open_route(struct house *house, const char *pattern,
                       const char *kind)
{
    struct sample sample = {.kind = "person"};
    bool named = strstr(pattern, ":id") != NULL;
    char path[300];

    if (*kind && !sample_of(house, kind, &sample))
        return;
    fill_path(pattern, &sample, path, sizeof(path));
    open_page(house, path,
              named && is_person(house, sample.subject) ? str_of(sample.subject)
                                                        : STR(""));
}

static void open_all(struct house *house, char (*kind)[48], size_t kinds)
{
    house->pages = house->shown = house->noted = house->named = 0;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];

        if (strcmp(route->method, "GET") != 0 || strchr(route->path, '*') ||
            strstr(route->path, ":token") ||
            strcmp(route->path, "/person/:id/seen") == 0)
            continue;
        if (strstr(route->path, ":kind"))
            for (size_t k = 0; k < kinds; k++)
                open_route(house, route->path, kind[k]);
        else
            open_route(house, route->path, kind_of_path(route->path));
    }
    open_page(house, "/person?q=a", STR(""));
    open_page(house, "/record/person?q=a", STR(""));
    open_page(house, "/report/monthly/records?indicator=people", STR(""));
    open_page(house, "/entity/person", STR(""));
}

/* --- the store ------------------------------------------------------------ */

static bool open_house(struct house *house, struct tap *tap,
                       struct fixture *fixture)
{
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .files = &app_files,
                                     .site_key = fixture->office.site_key,
                                     .store_key = fixture_store_key};
    struct task task = fixture_task(fixture, "system");
    struct demo_result result = {0};
    size_t cases = 0;
    struct err err = {0};
    struct str token, id;
    struct rows rows;

    *house = (struct house){.tap = tap, .fixture = fixture};
    arena_init(&house->request, NULL);
    if (account_add(&task, STR("marisol"), STR("Marisol"), STR("supervisor"),
                    STR("tres palabras largas"), &id, &err) ||
        account_token_add(&task, STR("todo"), STR("supervisor"), &token,
                          &err) ||
        demo_fill(&task, PEOPLE, 7, &result, &err) ||
        demo_cases(&task, &result, PEOPLE, &cases, &err) ||
        app_open(&house->app, &options, &err)) {
        fixture_say(&err);
        return false;
    }
    snprintf(house->token, sizeof(house->token), "%.*s", STR_ARGS(token));
    db_query(fixture->db, &rows, &err,
             "SELECT id FROM record WHERE kind = 'person'", "");
    while (rows_next(&rows) && house->people < 64)
        house->person[house->people++] =
            str_copy(&fixture->arena, rows_text(&rows, 0));
    rows_end(&rows);
    return house->people > 0;
}

static size_t all_kinds(struct house *house, char (*kind)[48], size_t room)
{
    struct rows rows;
    struct err err = {0};
    size_t count = 0;

    db_query(house->fixture->db, &rows, &err,
             "SELECT DISTINCT kind FROM record WHERE kind <> 'seen' "
             "ORDER BY kind",
             "");
    while (count < room && rows_next(&rows))
        snprintf(kind[count++], 48, "%.*s", STR_ARGS(rows_text(&rows, 0)));
    rows_end(&rows);
    return count;
}

static void check_routes(struct house *house)
{
    static char kind[64][48];
    struct seen_shelf *shelf = house->app.office.seen;
    struct tap *tap = house->tap;
    size_t kinds = all_kinds(house, kind, 64);
    int shown;

    open_all(house, kind, kinds);
    tap_ok(tap, house->shown > 40, "%d of %d pages show somebody, %zu kinds",
           house->shown, house->pages, kinds);
    tap_is_int(tap, house->noted, house->shown, "all of them are noted");
    tap_is_int(tap, house->named, house->shown,
               "and where the address names a file, for that file");
    shown = house->shown;
    house->app.office.seen = NULL;
    open_all(house, kind, kinds);
    tap_ok(tap, house->shown == shown && house->noted == 0,
           "without the shelf none would be (%d of %d)", house->noted, shown);
    house->app.office.seen = shelf;
}

/* --- the shelf ------------------------------------------------------------ */

static void check_shelf(struct house *house)
{
    struct tap *tap = house->tap;
    struct fixture *fixture = house->fixture;
    struct task task = fixture_task(fixture, "intake");
    struct str person = house->person[0];
    struct seen_row *row = NULL;
    struct log_fault fault = {0};
    struct err err = {0};
    int64_t entries = 0, rows = rows_of(house, STR("")), batches = 0;
    size_t count = 0, had;

    task.office = &house->app.office;
    seen_list(&task, person, 1000, &row, &had, &err);
    for (int i = 0; i < 5; i++)
        seen_note(&task, person, STR("person"), &err);
    tap_ok(tap, seen_since(task.office) == fixture->now, "what is noted waits");
    seen_list(&task, person, 1000, &row, &count, &err);
    tap_ok(tap, count == had + 1 && row[0].times == 5,
           "five looks within a minute are one row, times 5");
    tap_ok(tap, str_equal_c(row[0].role, "intake") && !seen_since(task.office),
           "and reading the list puts what waits into the log");
    for (int i = 0; i < 2000 && !err.code; i++) {
        char id[40];

        snprintf(id, sizeof(id), "018f0000-0000-7000-8000-%012d", i);
        seen_note(&task, str_of(id), STR("person"), &err);
    }
    tap_ok(tap, !err.code && rows_of(house, STR("")) == rows + 2005,
           "a full shelf empties itself: nothing is lost");
    tap_ok(tap,
           !log_verify(&task.office->log, fixture->db, &fixture->arena,
                       &entries, &fault, &err),
           "the log with its batches verifies");
    db_get_int(fixture->db, &batches, NULL, &err,
               "SELECT COUNT(*) FROM entry WHERE kind = 'seen'", "");
    tap_ok(tap, batches > 0 && batches < rows, "rows are written in batches");
}

static void check_open(struct house *house)
{
    struct tap *tap = house->tap;
    struct task intake = fixture_task(house->fixture, "intake");
    struct task supervisor = fixture_task(house->fixture, "supervisor");
    struct err err = {0};
    bool open = true;

    intake.office = supervisor.office = &house->app.office;
    seen_open_to(&intake, house->person[0], &open, &err);
    tap_ok(tap, !open, "not for everybody to see");
    seen_open_to(&supervisor, house->person[0], &open, &err);
    tap_ok(tap, open, "for a supervisor");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct house house;

    if (!tap_ok(tap, open_house(&house, tap, fixture), "a house"))
        return;
    check_routes(&house);
    check_shelf(&house);
    check_open(&house);
    app_close(&house.app);
    arena_release(&house.request);
}

int main(void)
{
    return fixture_main(check);
}
