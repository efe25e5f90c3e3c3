/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_hidden.c - a hidden person and one that never was are the same to all who
 * are no members of her room: status, headers, bytes and database statements,
 * for every route that takes an id, every role, HTML and JSON, both databases.
 * What is asked twice is asked with the same random bytes, so that nothing
 * need be masked but the id itself. Everybody in it is made up.
 */
#include "domain/access/room.h"
#include "domain/person/hide.h"
#include "domain/report/report.h"
#include "domain_fixture.h"
#include "store/trace.h"
#include "web/route.h"

enum { HERS_MAX = 40, ROLES = 9, SHOTS_MAX = 400 };

struct house {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    struct db *db;
    struct arena request, scratch;
    struct arena *keep; /* where what was answered is kept */
    struct response response;
    struct str token[ROLES];
    uint64_t seed;
    struct str her, companion, group, room, member, other, link;
    struct {
        struct str kind, id;
    } hers[HERS_MAX];
    size_t count;
    size_t asked, wrong;
};

static const char *const roles[ROLES] = {
    "admin",         "supervisor", "case_worker", "intake", "health",
    "child_officer", "reporter",   "observer",    "partner"};

/* One answer with all that could tell. */
struct shot {
    int status;
    struct str text; /* headers, body, statements */
    size_t statements;
};

static size_t lines_of(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

struct asking {
    const char *method, *path, *body, *type;
    struct str token, cookie;
    bool json;
};

static struct shot ask(struct house *house, const struct asking *asking)
{
    struct header header[6];
    struct trace *trace = store_trace(house->app.office.store);
    struct str rest = str_of(asking->path);
    struct shot shot = {0};
    struct request request = {.arena = &house->request,
                              .method = str_of(asking->method),
                              .body = str_of(asking->body),
                              .address = STR("127.0.0.1"),
                              .header = header};
    struct buf out;

    if (asking->token.size)
        header[request.headers++] = (struct header){
            STR("authorization"),
            str_join(house->keep, STR("Bearer "), asking->token)};
    if (asking->cookie.size)
        header[request.headers++] =
            (struct header){STR("cookie"), str_join(house->keep, STR("cobijo="),
                                                    asking->cookie)};
    header[request.headers++] =
        (struct header){STR("accept"), asking->json ? STR("application/json")
                                                    : STR("text/html")};
    header[request.headers++] = (struct header){
        STR("content-type"),
        str_of(asking->type   ? asking->type
               : asking->json ? "application/json"
                              : "application/x-www-form-urlencoded")};
    arena_clear(&house->request);
    str_cut(&rest, '?', &request.path);
    request.query = rest;
    house->fixture->seed = house->seed;
    trace_clear(trace);
    app_respond(&house->app, house->db, &request, &house->response);
    house->asked++;
    shot.status = house->response.status;
    buf_init(&out, house->keep);
    for (size_t i = 0; i < house->response.headers; i++) {
        buf_put(&out, house->response.header[i].name);
        buf_puts(&out, ": ");
        buf_put(&out, house->response.header[i].value);
        buf_putc(&out, '\n');
    }
    buf_put(&out, house->response.body);
    buf_puts(&out, "\n--\n");
    buf_puts(&out, trace_text(trace));
    shot.text = buf_str(&out);
    shot.statements = lines_of(trace_text(trace));
    return shot;
}

static struct str replaced(struct arena *arena, struct str text, struct str a,
                           struct str b)
{
    struct buf out;
    size_t at;

    buf_init(&out, arena);
    while (a.size && (at = str_find(text, a)) != SIZE_MAX) {
        buf_put(&out, str_slice(text, 0, at));
        buf_put(&out, b);
        text = str_slice(text, at + a.size, text.size);
    }
    buf_put(&out, text);
    return buf_str(&out);
}

static bool same_shot(const struct shot *a, const struct shot *b)
{
    return a->status == b->status && a->statements == b->statements &&
           str_equal(a->text, b->text);
}

static void say_different(const struct asking *asking, const struct shot *a,
                          const struct shot *b)
{
    size_t at = 0, from;

    while (at < a->text.size && at < b->text.size &&
           a->text.at[at] == b->text.at[at])
        at++;
    from = at > 60 ? at - 60 : 0;
    printf("# %s %s%s: %d/%d, %zu/%zu statements\n", asking->method,
           asking->path, asking->json ? " (JSON)" : "", a->status, b->status,
           a->statements, b->statements);
    printf("# hidden: %.*s\n", STR_ARGS(str_slice(a->text, from, at + 60)));
    printf("# never:  %.*s\n", STR_ARGS(str_slice(b->text, from, at + 60)));
}

/* The same request with her id and with one that never was. */
static void compare(struct house *house, struct asking asking, struct str her,
                    struct str never)
{
    struct arena *arena = &house->scratch;
    struct asking other = asking;
    struct shot hidden, absent;

    arena_clear(arena);
    house->keep = arena;
    other.path = str_c(arena, replaced(arena, str_of(asking.path), her, never));
    other.body = str_c(arena, replaced(arena, str_of(asking.body), her, never));
    hidden = ask(house, &asking); /* once to warm up */
    hidden = ask(house, &asking);
    absent = ask(house, &other);
    absent.text = replaced(arena, absent.text, never, her);
    if (same_shot(&hidden, &absent))
        return;
    if (house->wrong++ < 8)
        say_different(&asking, &hidden, &absent);
}

static struct str fill(struct house *house, const char *pattern,
                       struct str kind, struct str id)
{
    struct str rest = str_of(pattern), part;
    struct buf out;

    buf_init(&out, &house->fixture->arena);
    str_cut(&rest, '/', &part);
    while (str_cut(&rest, '/', &part)) {
        buf_putc(&out, '/');
        if (str_equal_c(part, ":id"))
            buf_put(&out, id);
        else if (str_equal_c(part, ":kind"))
            buf_put(&out, kind);
        else if (part.size && part.at[0] == ':')
            buf_puts(&out, "1");
        else
            buf_put(&out, part);
    }
    return buf_str(&out);
}

static void compare_all(struct house *house, const char *method,
                        struct str path, const char *body, struct str her)
{
    struct str never = host_uuid(&house->fixture->host, &house->fixture->arena);

    house->seed = house->fixture->seed;
    for (size_t r = 0; r < ROLES; r++)
        for (int json = 0; json < 2; json++) {
            struct asking asking = {.method = method,
                                    .path = str_c(&house->fixture->arena, path),
                                    .body = json && *body ? "{}" : body,
                                    .token = house->token[r],
                                    .json = json};

            compare(house, asking, her, never);
        }
    house->fixture->seed = house->seed + 1;
}

/* Does the path begin with a word that is the record's kind? */
static bool about(const char *pattern, struct str kind)
{
    return str_starts(str_of(pattern + 1), kind) &&
           pattern[1 + kind.size] == '/';
}

static void check_routes(struct house *house)
{
    size_t routes = 0;

    house->asked = house->wrong = 0;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        struct str pattern = str_of(route->path);
        bool kinds = str_find(pattern, STR(":kind")) != SIZE_MAX;
        const char *body =
            strcmp(route->method, "POST") == 0 ? "reason=x&name=x" : "";

        if (str_find(pattern, STR(":id")) == SIZE_MAX)
            continue;
        routes++;
        for (size_t j = 0; j < house->count; j++)
            if (kinds || about(route->path, house->hers[j].kind) ||
                str_equal(house->hers[j].id, house->her))
                compare_all(house, route->method,
                            fill(house, route->path, house->hers[j].kind,
                                 house->hers[j].id),
                            body, house->hers[j].id);
    }
    tap_ok(house->tap, house->wrong == 0,
           "%zu routes that take an id, %d roles, HTML and JSON: hidden "
           "is as never was (%zu requests)",
           routes, ROLES, house->asked);
}

/* Ids in queries and bodies. */
static void check_fields(struct house *house)
{
    static const struct {
        const char *method, *path, *body;
    } row[] = {
        {"GET", "/person/new?with=@", ""},
        {"GET", "/person/$/merge?other=@", ""},
        {"POST", "/person/$/merge", "other=@&reason=igual"},
        {"GET", "/record/need/new?person=@", ""},
        {"GET", "/record/arrival/new?person=@", ""},
        {"GET", "/record/arrival?person=@", ""},
        {"GET", "/record/consent?subject=@", ""},
        {"GET", "/compare/vulnerability?person=@", ""},
        {"POST", "/record/journey", "person=@"},
        {"GET", "/entity/person/integrity?id=@", ""},
        {"GET", "/person?q=@", ""},
        {"POST", "/form/need/check", "person=@"},
        {"GET", "/room/@", ""},
        {"POST", "/room/@", "add=@"},
        {"POST", "/room/@/enter", "password=x&reason=x"},
    };
    struct arena *arena = &house->fixture->arena;

    house->asked = house->wrong = 0;
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        struct str path =
            replaced(arena, str_of(row[i].path), STR("@"), house->her);
        struct str body =
            replaced(arena, str_of(row[i].body), STR("@"), house->her);

        path = replaced(arena, path, STR("$"), house->companion);
        compare_all(house, row[i].method, path, str_c(arena, body), house->her);
        if (str_starts(path, STR("/room")))
            compare_all(house, row[i].method,
                        replaced(arena, path, house->her, house->room),
                        row[i].body, house->room);
    }
    tap_ok(house->tap, house->wrong == 0,
           "ids in queries and bodies, and a room's address (%zu requests)",
           house->asked);
}

/* --- before she came and after she was hidden ----------------------------- */

static const struct {
    const char *method, *path, *body, *type;
} searches[] = {
    {"GET", "/person?q=Xochiquetzal", "", NULL},
    {"GET", "/person?q=xochi", "", NULL},
    {"GET", "/person?q=Quintanar", "", NULL},
    {"GET", "/person?q=5512345678", "", NULL},
    {"GET", "/person?q=QX-0001", "", NULL},
    {"GET", "/today", "", NULL},
    {"GET", "/inbox", "", NULL},
    {"GET", "/record/person", "", NULL},
    {"GET", "/record/arrival", "", NULL},
    {"GET", "/record/attachment", "", NULL},
    {"GET", "/record/referral", "", NULL},
    {"GET", "/record/group", "", NULL},
    {"GET", "/entity/person.csv", "", NULL},
    {"GET", "/formList", "", NULL},
    {"GET", "/report/monthly/records?indicator=REG-01", "", NULL},
    {"POST", "/person/match",
     "given_names=Xochiquetzal&first_surname=Quintanar", NULL},
    {"POST", "/person/new",
     "given_names=Xochiquetzal&first_surname=Quintanar&case_code=QX-0001"
     "&sex=none",
     NULL},
    {"POST", "/import",
     "--b\r\nContent-Disposition: form-data; name=\"file\"; "
     "filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n"
     "nombres,primer apellido,fecha de nacimiento\r\n"
     "Xochiquetzal,Quintanar,1990-04-05\r\n\r\n--b--\r\n",
     "multipart/form-data; boundary=b"},
};
enum { SEARCHES = sizeof(searches) / sizeof(*searches) };

static void shoot_all(struct house *house, uint64_t seed, struct shot *shot)
{
    house->seed = seed;
    house->keep = &house->fixture->arena;
    for (size_t i = 0; i < SEARCHES; i++)
        for (size_t r = 0; r < ROLES; r++)
            for (size_t json = 0; json < 2; json++) {
                struct asking asking = {.method = searches[i].method,
                                        .path = searches[i].path,
                                        .body = searches[i].body,
                                        .type = searches[i].type,
                                        .token = house->token[r],
                                        .json = json};

                if (json && searches[i].body[0] && !searches[i].type)
                    asking.body = "{\"given_names\":\"Xochiquetzal\","
                                  "\"first_surname\":\"Quintanar\","
                                  "\"sex\":\"none\"}";
                ask(house, &asking);
                shot[(i * ROLES + r) * 2 + json] = ask(house, &asking);
            }
}

static void compare_shots(struct house *house, const struct shot *before,
                          const struct shot *after, const char *what)
{
    house->wrong = 0;
    for (size_t i = 0; i < SEARCHES * ROLES * 2; i++)
        if (!same_shot(&after[i], &before[i])) {
            struct asking asking = {.method = searches[i / ROLES / 2].method,
                                    .path = searches[i / ROLES / 2].path,
                                    .json = i % 2};

            if (house->wrong++ < 8) {
                printf("# %s\n", roles[i / 2 % ROLES]);
                say_different(&asking, &after[i], &before[i]);
            }
        }
    tap_ok(house->tap, house->wrong == 0, "%s (%d requests)", what,
           SEARCHES * ROLES * 2);
}

/* --- who is there --------------------------------------------------------- */

static struct task member_task(struct house *house, struct str id,
                               const char *name)
{
    struct fixture *fixture = house->fixture;
    struct task task;

    task_init(&task, &house->app.office, house->db, &fixture->arena);
    task.actor.id = id;
    task.actor.name = str_of(name);
    task.actor.role =
        catalog_role(house->app.office.catalog, STR("supervisor"));
    return task;
}

static void make_people(struct house *house)
{
    struct fixture *fixture = house->fixture;
    struct task admin = fixture_task(fixture, "admin");
    struct err err = {0};
    enum error error = ERROR_NONE;

    for (size_t r = 0; r < ROLES && !error; r++)
        error = account_token_add(&admin, str_of(roles[r]), str_of(roles[r]),
                                  &house->token[r], &err);
    if (!error)
        error =
            account_add(&admin, STR("marta"), STR("Marta"), STR("supervisor"),
                        STR("una frase larga"), &house->member, &err);
    if (!error)
        error =
            account_add(&admin, STR("ines"), STR("Inés"), STR("case_worker"),
                        STR("otra frase larga"), &house->other, &err);
    if (error)
        fixture_say(&err);
    tap_is_int(house->tap, error, ERROR_NONE, "accounts");
    house->companion =
        fixture_person(fixture, "{'given_names':'Ana','first_surname':'Solis',"
                                "'birth_date':'1988-02-02','sex':'M'}");
}

/* Her file: what a person's file holds. */
static void make_her(struct house *house, bool family)
{
    struct fixture *fixture = house->fixture;
    struct arena *arena = &fixture->arena;
    char text[400];

    house->her = fixture_person(
        fixture, "{'given_names':'Xochiquetzal','first_surname':'Quintanar',"
                 "'birth_date':'1990-04-05','sex':'M'}");
    snprintf(
        text, sizeof(text),
        "{'person':'%s','arrived_on':'2026-11-22','arrival_type':'estancia'}",
        str_c(arena, house->her));
    fixture_record(fixture, "arrival", text);
    snprintf(text, sizeof(text), "{'person':'%s','departure_country':'HND'}",
             str_c(arena, house->her));
    fixture_record(fixture, "journey", text);
    if (!family)
        return;
    snprintf(text, sizeof(text),
             "{'group_type':'familia','head_person':'%s','members':"
             "[{'person':'%s'},{'person':'%s'}]}",
             str_c(arena, house->her), str_c(arena, house->her),
             str_c(arena, house->companion));
    house->group = fixture_record(fixture, "group", text);
}

static void list_hers(struct house *house)
{
    struct err err = {0};
    struct rows rows;

    house->count = 0;
    db_query(house->db, &rows, &err,
             "SELECT kind, id FROM record WHERE site = $1 AND subject = $2"
             " AND kind <> 'group' ORDER BY id",
             "tt", house->app.office.base, house->her);
    while (rows_next(&rows) && house->count < HERS_MAX) {
        struct arena *arena = &house->fixture->arena;

        house->hers[house->count].kind = str_copy(arena, rows_text(&rows, 0));
        house->hers[house->count++].id = str_copy(arena, rows_text(&rows, 1));
    }
    rows_end(&rows);
}

static int64_t number(struct house *house, const char *sql, struct str a)
{
    struct err err = {0};
    int64_t value = -1;

    db_get_int(house->db, &value, NULL, &err, sql, "tt", house->app.office.base,
               a);
    if (err.code)
        fixture_say(&err);
    return value;
}

static enum error hide(struct house *house)
{
    struct task task = member_task(house, house->member, "marta");
    struct moved moved;
    struct err err = {0};
    enum error error = ERROR_NONE;

    if (!house->room.size)
        error =
            room_make(&task, STR("Azul"), &house->other, 1, &house->room, &err);
    if (!error)
        error = person_hide(&task, house->her, house->room, STR("la buscan"),
                            &moved, &err);
    if (error)
        fixture_say(&err);
    return error;
}

static struct str monthly(struct house *house)
{
    struct task task = member_task(house, house->member, "marta");
    struct value *report = NULL;
    struct period period = {fixture_day("2026-11-01"),
                            fixture_day("2026-11-30")};
    struct err err = {0};
    struct buf out;

    buf_init(&out, &house->fixture->arena);
    if (report_monthly(&task, period, &report, &err))
        fixture_say(&err);
    else
        value_write(report, &out);
    return buf_str(&out);
}

static void check_inside(struct house *house)
{
    struct tap *tap = house->tap;
    struct task task = member_task(house, house->other, "ines");
    struct record record = {0};
    struct entry *entry = NULL;
    struct err err = {0};
    size_t count = 0;

    tap_is_int(
        tap, task_enter_room(&task, house->app.office.base, house->room, &err),
        ERROR_NONE, "a member goes in");
    tap_is_int(tap,
               record_read(&task.office->log, house->db, STR("person"),
                           house->her, task.arena, &record, &err),
               ERROR_NONE, "and finds her under the same id");
    log_history(&task.office->log, house->db, house->her, task.arena, &entry,
                &count, &err);
    log_life(entry, &count);
    tap_ok(tap,
           count > 0 && entry[0].body &&
               str_equal_c(entry[0].author, "system") &&
               !str_equal(entry[0].site, house->app.office.base),
           "what was said of her has its author and time");
    tap_is_int(tap,
               record_read(&task.office->log, house->db, STR("user"),
                           house->other, task.arena, &record, &err),
               ERROR_NONE, "accounts are the house's");
}

static void check_traces(struct house *house)
{
    struct tap *tap = house->tap;
    struct log_fault fault;
    struct err err = {0};
    int64_t entries = 0;
    struct str site = house->app.office.base;

    tap_is_int(tap,
               log_verify(&house->app.office.log, house->db,
                          &house->fixture->arena, &entries, &fault, &err),
               ERROR_NONE, "both chains verify");
    tap_is_int(tap,
               number(house,
                      "SELECT COUNT(*) FROM record WHERE site = $1"
                      " AND (id = $2 OR subject = $2)",
                      house->her),
               0, "no row of the register names her");
    tap_is_int(tap,
               number(house,
                      "SELECT COUNT(*) FROM entry_body b JOIN entry e ON"
                      " e.site = b.site AND e.id = b.id WHERE e.site = $1"
                      " AND e.record = $2 AND e.op <> 'erase'",
                      house->her),
               0, "no body of hers stays in the house");
    {
        struct rows rows;
        size_t naming = 0;

        db_query(house->db, &rows, &err,
                 "SELECT b.bytes FROM entry_body b WHERE b.site = $1", "t",
                 site);
        while (rows_next(&rows))
            naming +=
                str_find(rows_bytes(&rows, 0), house->her) != SIZE_MAX ||
                str_find(rows_bytes(&rows, 0), STR("Xochiquetzal")) != SIZE_MAX;
        rows_end(&rows);
        tap_is_int(tap, (long long)naming, 0,
                   "no body in the house holds her id or her name");
    }
}

static void check_rebuild(struct house *house)
{
    struct str before = monthly(house);
    struct err err = {0};
    int64_t entries = 0;
    struct db *writer = NULL;

    if (!store_connect(house->app.office.store, true, &writer, &err))
        tap_is_int(house->tap,
                   log_rebuild(&house->app.office.log, writer, &entries, &err),
                   ERROR_NONE, "a rebuild");
    if (writer)
        db_close(writer);
    tap_ok(house->tap, str_equal(before, monthly(house)),
           "leaves the figures as they were");
    check_traces(house);
}

static void erase_her(struct house *house, const char *what)
{
    struct task task = fixture_task(house->fixture, "system");
    struct change change;
    struct err err = {0};

    change_init(&change, &task);
    change_add(&change, STR("person"), house->her, OP_ERASE, NULL, house->her);
    tap_is_int(house->tap, change_commit(&change, NULL, &err), ERROR_NONE,
               what);
}

/* A create under her id is as new as under any. */
static void check_create(struct house *house)
{
    struct arena *arena = &house->fixture->arena;
    struct str never = host_uuid(&house->fixture->host, arena);
    struct str text = STR("given_names=Rosa&first_surname=Luna&sex=M&_record=");
    struct asking asking = {
        .method = "POST", .path = "/record/person", .token = house->token[2]};
    struct shot first, hidden, absent;

    house->keep = arena;
    house->seed = house->fixture->seed;
    asking.body = str_c(
        arena, str_join(arena, text, host_uuid(&house->fixture->host, arena)));
    first = ask(house, &asking); /* warms up */
    house->seed += 7919;
    asking.body = str_c(arena, str_join(arena, text, house->her));
    hidden = ask(house, &asking);
    house->seed += 7919;
    asking.body = str_c(arena, str_join(arena, text, never));
    absent = ask(house, &asking);
    house->fixture->seed = house->seed + 7919;
    tap_ok(house->tap,
           first.status == absent.status && hidden.status == absent.status,
           "a record made under her id: status %d and %d", hidden.status,
           absent.status);
    /* a data key of an erased owner leaves an empty row: doc/rooms.md */
    printf("# %zu and %zu statements\n", hidden.statements, absent.statements);
    erase_her(house, "which is taken back");
}

static void check_back(struct house *house)
{
    struct task task = member_task(house, house->member, "marta");
    struct record record = {0};
    struct moved moved = {0};
    struct err err = {0};

    task_enter_room(&task, house->app.office.base, house->room, &err);
    tap_is_int(house->tap,
               person_bring_back(&task, house->her, STR("ya no la buscan"),
                                 &moved, &err),
               ERROR_NONE, "she is brought back");
    if (err.code)
        fixture_say(&err);
    tap_is_int(house->tap,
               record_read(&house->app.office.log, house->db, STR("person"),
                           house->her, task.arena, &record, &err),
               ERROR_NONE, "and stands in the house under her id");
    tap_ok(house->tap,
           str_equal_c(value_text_of(record.answers, "given_names"),
                       "Xochiquetzal"),
           "with her name");
    erase_her(house, "another erasure");
}

static void check_family(struct house *house)
{
    struct record record = {0};
    struct entry *entry = NULL;
    struct err err = {0};
    size_t count = 0, naming = 0;

    record_read(&house->app.office.log, house->db, STR("group"), house->group,
                &house->fixture->arena, &record, &err);
    tap_is_int(house->tap,
               (long long)value_count(value_get(record.answers, "members")), 1,
               "the family stays, without her");
    tap_ok(house->tap, !value_text_of(record.answers, "head_person").size,
           "and nobody heads it");
    log_history(&house->app.office.log, house->db, house->group,
                &house->fixture->arena, &entry, &count, &err);
    for (size_t i = 0; i < count; i++) {
        struct buf out;

        buf_init(&out, &house->fixture->arena);
        if (entry[i].body)
            value_write(entry[i].body, &out);
        naming += str_find(buf_str(&out), house->her) != SIZE_MAX;
    }
    tap_is_int(house->tap, (long long)naming, 0, "nor does its past name her");
}

static bool open_house(struct house *house)
{
    struct office_options options = {.host = &house->fixture->host,
                                     .store_url = house->fixture->url,
                                     .files = &house->fixture->files,
                                     .site_key =
                                         house->fixture->office.site_key,
                                     .store_key = fixture_store_key,
                                     .trace = STR("record")};
    struct err err = {0};

    house->app.strict = true;
    arena_init(&house->request, NULL);
    arena_init(&house->scratch, NULL);
    if (!app_open(&house->app, &options, &err) &&
        !store_connect(house->app.office.store, false, &house->db, &err))
        return true;
    fixture_say(&err);
    return false;
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct house house = {.tap = tap, .fixture = fixture};
    struct shot *before =
        ARENA_ARRAY(&fixture->arena, struct shot, SEARCHES * ROLES * 2);
    struct shot *after =
        ARENA_ARRAY(&fixture->arena, struct shot, SEARCHES * ROLES * 2);
    struct str figures;
    uint64_t seed, next;

    if (!open_house(&house)) {
        tap_ok(tap, false, "the house opens");
        return;
    }
    make_people(&house);
    seed = fixture->seed;
    shoot_all(&house, seed + 1, before);
    fixture->seed = seed + 1000003;
    make_her(&house, false);
    figures = monthly(&house);
    tap_is_int(tap, hide(&house), ERROR_NONE, "a person is hidden");
    tap_ok(tap, figures.size && str_equal(figures, monthly(&house)),
           "published figures count her");
    next = fixture->seed;
    shoot_all(&house, seed + 1, after);
    fixture->seed = next + 1000003;
    compare_shots(&house, before, after,
                  "searches, lists, matches, import: as before she came");
    check_back(&house);
    make_her(&house, true);
    list_hers(&house);
    tap_ok(tap, house.count >= 3, "a whole file: %zu records", house.count);
    tap_is_int(tap, hide(&house), ERROR_NONE, "it goes into the room");
    check_family(&house);
    check_inside(&house);
    check_traces(&house);
    check_routes(&house);
    check_fields(&house);
    check_create(&house);
    check_rebuild(&house);
    db_close(house.db);
    app_close(&house.app);
    arena_release(&house.request);
    arena_release(&house.scratch);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    return fixture_main(check);
}
