/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_matrix.c - every route of routes.def, by every role of role.csv, on files
 * of which nobody, she herself and somebody else is in charge, in both faces.
 *
 * What is right was written by hand, for people: test/data/matrix.csv (route x
 * role) and matrix_closed.csv (role x compartment). A route or a role without
 * a row fails. Words of matrix.csv:
 *   no    403          gone  404          any   everybody, no server error
 *   key   401, 429         yes   let in (it may say that there is no such
 * thing) all   any file     own   files of which nobody else is in charge;
 * other mail  what was referred to her place; other ones 404      ones are 404
 * Canaries, "Qz-what-whose-role-q", stand in every closed compartment and in
 * the names; each response is searched, headers too. Everybody is made up.
 */
#include <stdlib.h>

#include "domain/account/account.h"
#include "domain/arco/arco.h"
#include "domain_fixture.h"
#include "web/app.h"
#include "web/route.h"

enum { ROLES_MAX = 32, WRONG_SHOWN = 600 };
enum whose { FREE, MINE, OTHER, WHOSE };
static const char *const whose_name[] = {"free", "mine", "other"};

struct file_set {
    struct str person, screening, referral, flag, profile, casefile, probe;
    struct str request, given;
};

struct member {
    struct str role, id, cookie, csrf;
    bool mail;
    struct file_set file[WHOSE];
};

struct house {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    struct arena request;
    struct catalog_table expect, closed;
    struct member member[ROLES_MAX];
    size_t members;
    struct str place, batch;
    size_t wrong, asked, canaries;
};

/* --- the house ------------------------------------------------------------ */

static struct str text(struct house *house, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static struct str text(struct house *house, const char *format, ...)
{
    char buffer[4000];
    va_list list;

    va_start(list, format);
    vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    return str_copy(&house->fixture->arena, str_of(buffer));
}

static struct str make(struct house *house, const char *kind, struct str json)
{
    return fixture_record(house->fixture, kind,
                          str_c(&house->fixture->arena, json));
}

static void publish_probe(struct house *house)
{
    static const char csv[] =
        "survey\n,type,name,label::Español (es),bind::cobijo:class,"
        "bind::cobijo:compartment,bind::cobijo:ref\n"
        ",text,person,Persona,INT,,person\n"
        ",text,p_health,Uno,SEN,health,\n,text,p_violence,Dos,SEN,violence,\n"
        ",text,p_asylum,Tres,SEN,asylum,\n,text,p_child,Cuatro,SEN,child,\n"
        ",text,p_sogiesc,Cinco,SEN,sogiesc,\n,text,p_plain,Seis,INT,,\n"
        "settings\n,form_id,version,cobijo:subject\n,probe,1,person\n";
    struct forms_order order = {.csv = STR(csv), .author = STR("system")};
    struct form_problems problems = {0};
    struct err err = {0};

    tap_ok(house->tap,
           !forms_publish(&house->fixture->office, house->fixture->db, &order,
                          &house->fixture->files, &problems, &err),
           "a form with a question in each compartment");
}

/* A request about her data that was answered: its letter can be printed. */
static void ask_for_data(struct house *house, struct file_set *file)
{
    const struct arco_step step[] = {
        {.act = ARCO_IDENTIFY, .how = STR("le_conocemos")},
        {.act = ARCO_ANSWER, .decision = STR("procede")}};
    struct task task = fixture_task(house->fixture, "system");
    struct err err = {0};

    file->request = make(house, "rights_request",
                         text(house,
                              "{'person':'%.*s','type':'acceso',"
                              "'received_on':'2026-03-04'}",
                              STR_ARGS(file->person)));
    for (size_t i = 0; i < sizeof step / sizeof *step; i++)
        if (arco_step(&task, file->request, &step[i], &err))
            fixture_say(&err);
}

/* What another house gave: only the program writes it. */
static struct str add_given(struct house *house, struct str person,
                            const char *tag)
{
    struct task task = fixture_task(house->fixture, "system");
    struct value *system = value_object(&house->fixture->arena);
    struct value *input = value_object(&house->fixture->arena);
    struct save save = {.kind = STR("received"),
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct saved saved = {0};
    struct err err = {0};

    value_put_str(input, &house->fixture->arena, "person", person);
    value_put_str(system, &house->fixture->arena, "shared_identity",
                  text(house, "Qz-name-%s", tag));
    value_put_str(system, &house->fixture->arena, "shared_health",
                  text(house, "Qz-health-%s", tag));
    value_put_str(system, &house->fixture->arena, "shared_violence",
                  text(house, "Qz-violence-%s", tag));
    value_put_str(system, &house->fixture->arena, "shared_asylum",
                  text(house, "Qz-asylum-%s", tag));
    value_put_str(system, &house->fixture->arena, "shared_child",
                  text(house, "Qz-child-%s", tag));
    if (record_save(&task, &save, &saved, &err))
        fixture_say(&err);
    return saved.id;
}

static void fill_file(struct house *house, struct member *member,
                      enum whose whose)
{
    struct file_set *file = &member->file[whose];
    const char *tag = str_c(
        &house->fixture->arena,
        text(house, "%s-%.*s-q", whose_name[whose], STR_ARGS(member->role)));
    const char *id;

    file->person =
        make(house, "person",
             text(house,
                  "{'given_names':'Qz-name-%s','alias':'Qz-name-%s','sex':'M',"
                  "'nationality':'HND'}",
                  tag, tag));
    id = str_c(&house->fixture->arena, file->person);
    file->screening = make(
        house, "screening",
        text(house, "{'person':'%s','private':'yes','q07_fear':'yes'}", id));
    file->given = add_given(house, file->person, tag);
    file->flag =
        make(house, "flag", text(house, "{'person':'%s','code':'F07'}", id));
    file->profile = make(
        house, "profile",
        text(house, "{'person':'%s','code':'PMAY','state':'indicios'}", id));
    file->probe =
        make(house, "probe",
             text(house,
                  "{'person':'%s','p_health':'Qz-health-%s',"
                  "'p_violence':'Qz-violence-%s','p_asylum':'Qz-asylum-%s',"
                  "'p_child':'Qz-child-%s','p_sogiesc':'Qz-sogiesc-%s'}",
                  id, tag, tag, tag, tag, tag));
    make(house, "consent",
         text(house,
              "{'person':'%s','purpose':'referencia','given':'yes',"
              "'given_by':'titular','basis':'consentimiento_expreso',"
              "'data_scope':'identidad salud violencia asilo'}",
              id));
    file->referral = make(
        house, "referral",
        text(house,
             "{'person':'%s','to_place':'%.*s','to_name':'x','to_type':'HOSP',"
             "'urgency':'U2','share_fields':'alias','state':'ENVIADA',"
             "'health_note':'Qz-health-%s','child_opinion':'Qz-child-%s'}",
             id, STR_ARGS(whose == MINE ? house->place : STR("")), tag, tag));
    file->casefile = make(
        house, "casefile",
        text(house, "{'person':'%s','manager':'%.*s','status':'abierto'}", id,
             STR_ARGS(whose == MINE    ? member->id
                      : whose == OTHER ? STR("user-somebody-else")
                                       : STR(""))));
    ask_for_data(house, file);
}

static bool add_member(struct house *house, struct str role)
{
    struct fixture *fixture = house->fixture;
    struct task task = fixture_task(fixture, "system");
    struct member *member = &house->member[house->members++];
    struct str name = text(house, "u%zu", house->members);
    struct str password = STR("una frase larga");
    struct session session = {0};
    struct err err = {0};

    member->role = role;
    member->mail =
        catalog_role(house->app.office.catalog, role)->reach == REACH_REFERRED;
    if (account_add(&task, name, name, role, password, &member->id, &err)) {
        fixture_say(&err);
        return false;
    }
    if (member->mail) {
        struct value *input = value_object(&fixture->arena);
        struct save save = {.kind = STR("user"),
                            .id = member->id,
                            .input = input,
                            .trusted = true};
        struct saved saved;

        value_put_str(input, &fixture->arena, "place", house->place);
        if (record_save(&task, &save, &saved, &err))
            fixture_say(&err);
    }
    if (account_login(&task, name, password, name, &member->cookie, &session,
                      &err)) {
        fixture_say(&err);
        return false;
    }
    member->csrf = session.csrf;
    for (int whose = 0; whose < WHOSE; whose++)
        fill_file(house, member, (enum whose)whose);
    return true;
}

/* --- asking --------------------------------------------------------------- */

static struct response ask(struct house *house, const struct member *member,
                           const char *method, struct str path, bool json)
{
    struct header header[4] = {
        {STR("accept"), json ? STR("application/json") : STR("text/html")},
        {STR("content-type"), json ? STR("application/json")
                                   : STR("application/x-www-form-urlencoded")},
        {STR("cookie"),
         str_join(&house->request, STR("cobijo="), member->cookie)},
        {STR("x-csrf-token"), member->csrf}};
    struct request request = {.arena = &house->request,
                              .method = str_of(method),
                              .path = path,
                              .header = header,
                              .headers = 4,
                              .body = json ? STR("{}") : STR(""),
                              .address = STR("local")};
    struct response response;

    app_respond(&house->app, house->fixture->db, &request, &response);
    house->asked++;
    return response;
}

static struct str expected(const struct catalog_table *table, struct str row,
                           struct str column)
{
    size_t at = catalog_find(table, row);
    char name[40];

    snprintf(name, sizeof name, "%.*s", STR_ARGS(column));
    return at == SIZE_MAX ? STR_NULL : catalog_cell(table, at, name);
}

static void say_wrong(struct house *house, const struct member *member,
                      struct str route, enum whose whose, const char *what)
{
    if (house->wrong++ < WRONG_SHOWN)
        printf("# %.*s %.*s (%s): %s\n", STR_ARGS(member->role),
               STR_ARGS(route), whose_name[whose], what);
}

/* "Qz-what-whose-role-q": may this member read it? */
static bool may_read(const struct house *house, const struct member *member,
                     struct str canary)
{
    struct str what, whose, role, word;
    bool hers;

    str_cut(&canary, '-', &what); /* Qz */
    str_cut(&canary, '-', &what);
    str_cut(&canary, '-', &whose);
    str_cut(&canary, '-', &role);
    word = expected(&house->closed, member->role, what);
    hers = str_equal_c(whose, "mine")
               ? str_equal(role, member->role) || member->mail
               : str_equal_c(whose, "free") && !member->mail;
    return str_equal_c(word, "yes") || (str_equal_c(word, "mine") && hers);
}

static void search(struct house *house, const struct member *member,
                   struct str route, enum whose whose, struct str body)
{
    char what[200];

    for (;;) {
        size_t at = str_find(body, STR("Qz-")), end;

        if (at == SIZE_MAX)
            return;
        body = str_slice(body, at, body.size);
        end = str_find(body, STR("-q"));
        if (end == SIZE_MAX || end > 80)
            end = 3;
        house->canaries++;
        if (!may_read(house, member, str_slice(body, 0, end))) {
            snprintf(what, sizeof what, "tells %.*s", (int)end, body.at);
            say_wrong(house, member, route, whose, what);
        }
        body = str_slice(body, end, body.size);
    }
}

/* --- the matrix ----------------------------------------------------------- */

static struct str value_of(struct house *house, const struct member *member,
                           const char *path, struct str name, enum whose whose)
{
    const struct file_set *file = &member->file[whose];
    bool form =
        strncmp(path, "/form/", 6) == 0 || strncmp(path, "/xform/", 7) == 0;

    if (str_equal_c(name, ":kind"))
        return form ? STR("person") : STR("probe");
    if (str_equal_c(name, ":step") || str_equal_c(name, ":print"))
        return STR("1");
    if (str_equal_c(name, ":name"))
        return strncmp(path, "/report", 7) == 0 ? STR("monthly")
               : strstr(path, "/integrity")     ? STR("person")
               : strstr(path, "/entity")        ? STR("person.csv")
                                                : STR("x.png");
    if (!str_equal_c(name, ":id"))
        return STR("abcdefgh");
    if (strncmp(path, "/person", 7) == 0)
        return file->person;
    if (strncmp(path, "/screening", 10) == 0)
        return file->screening;
    if (strncmp(path, "/flag", 5) == 0)
        return file->flag;
    if (strncmp(path, "/review", 7) == 0)
        return file->profile;
    if (strncmp(path, "/referral", 9) == 0 ||
        strncmp(path, "/received", 9) == 0)
        return file->referral;
    if (strncmp(path, "/given", 6) == 0)
        return file->given;
    if (strncmp(path, "/casefile", 9) == 0)
        return file->casefile;
    if (strncmp(path, "/record", 7) == 0)
        return file->probe;
    if (strncmp(path, "/rights", 7) == 0)
        return file->request;
    return strncmp(path, "/import", 7) == 0 ? house->batch : STR("nobody");
}

static struct str path_of(struct house *house, const struct member *member,
                          const char *path, enum whose whose)
{
    struct str rest = str_of(path), part;
    struct buf out;

    buf_init(&out, &house->request);
    rest = str_slice(rest, 1, rest.size);
    while (str_cut(&rest, '/', &part)) {
        buf_putc(&out, '/');
        buf_put(&out, part.size && (part.at[0] == ':' || part.at[0] == '*')
                          ? value_of(house, member, path, part, whose)
                          : part);
    }
    return buf_str(&out);
}

static bool let_in(int status)
{
    return status && status < 500 && status != 401 && status != 403;
}

static bool fits(struct str word, enum whose whose, int status)
{
    if (str_equal_c(word, "no"))
        return status == 403;
    if (str_equal_c(word, "gone"))
        return status == 404;
    if (str_equal_c(word, "key"))
        return status == 401 || status == 429; /* tried too often */
    if (str_equal_c(word, "any"))
        return status && status < 500;
    if (str_equal_c(word, "yes"))
        return let_in(status);
    if (str_equal_c(word, "own") && whose == OTHER)
        return status == 404;
    if (str_equal_c(word, "mail") && whose != MINE)
        return status == 404;
    if (str_equal_c(word, "all") || str_equal_c(word, "own") ||
        str_equal_c(word, "mail"))
        return let_in(status) && status != 404;
    return false; /* a word that nobody knows */
}

static void check_one(struct house *house, const struct member *member,
                      const struct route *route, struct str name,
                      enum whose whose)
{
    struct str word = expected(&house->expect, name, member->role);
    char what[120];

    for (int json = 1; json >= 0; json--) {
        struct response response;

        arena_clear(&house->request);
        response = ask(house, member, route->method,
                       path_of(house, member, route->path, whose), json);
        if (!fits(word, whose, response.status)) {
            snprintf(what, sizeof what, "%.*s expected, %s: %d", STR_ARGS(word),
                     json ? "json" : "html", response.status);
            say_wrong(house, member, name, whose, what);
        }
        search(house, member, name, whose, response.body);
        for (size_t i = 0; i < response.headers; i++)
            search(house, member, name, whose, response.header[i].value);
    }
}

/* What takes a file out of the house comes after the rest, what ends the
 * session comes last. */
static int turn_of(const char *path)
{
    static const char *const end[] = {"/logout", "/lock", "/unlock",
                                      "/profile/other"};

    for (size_t i = 0; i < sizeof end / sizeof *end; i++)
        if (strcmp(path, end[i]) == 0)
            return 2;
    return strcmp(path, "/person/:id/hide") == 0 ||
           strcmp(path, "/person/:id/back") == 0;
}

static bool opens_file(const struct route *route)
{
    unsigned opens = route->flags & OPENS_MASK;

    return opens && opens != OPENS_NOBODY && strstr(route->path, ":id");
}

/* What shows nobody's file is asked once. */
static void check_member(struct house *house, const struct member *member)
{
    for (int turn = 0; turn < 3; turn++)
        for (int post = 0; post < 2; post++)
            for (size_t i = 0; i < route_count; i++) {
                const struct route *route = &route_table[i];
                struct str name =
                    text(house, "%s %s", route->method, route->path);
                int most = opens_file(route) ? WHOSE : 1;

                if (turn_of(route->path) != turn ||
                    (strcmp(route->method, "POST") == 0) != post)
                    continue;
                for (int whose = 0; whose < most; whose++)
                    check_one(house, member, route, name, (enum whose)whose);
            }
}

/* A second row of one address would never be asked, and hides which counts. */
static size_t told_twice(struct house *house)
{
    const struct catalog_table *expect = &house->expect;
    size_t twice = 0;

    for (size_t i = 0; i < route_count; i++)
        for (size_t k = i + 1; k < route_count; k++)
            if (strcmp(route_table[i].path, route_table[k].path) == 0 &&
                strcmp(route_table[i].method, route_table[k].method) == 0) {
                printf("# routes.def has %s %s twice\n", route_table[i].method,
                       route_table[i].path);
                twice++;
            }
    for (size_t i = 0; i < expect->rows; i++) {
        struct str name = catalog_cell(expect, i, "route");

        if (catalog_find(expect, name) != i) {
            printf("# matrix.csv has %.*s twice\n", STR_ARGS(name));
            twice++;
        }
    }
    return twice;
}

/* With a right and an id in the address, and no word about whose file. */
static size_t told_nothing(void)
{
    size_t silent = 0;

    for (size_t i = 0; i < route_count; i++)
        if (strstr(route_table[i].path, "/:id") &&
            route_table[i].right != RIGHT_NONE &&
            !(route_table[i].flags & OPENS_MASK)) {
            printf("# routes.def does not say whose file %s %s opens\n",
                   route_table[i].method, route_table[i].path);
            silent++;
        }
    return silent;
}

static void check_complete(struct house *house)
{
    const struct catalog_table *roles =
        catalog_table(house->app.office.catalog, "role");
    size_t missing = 0;

    for (size_t i = 0; i < route_count; i++) {
        struct str name =
            text(house, "%s %s", route_table[i].method, route_table[i].path);

        for (size_t k = 0; k < roles->rows; k++)
            if (!expected(&house->expect, name, catalog_cell(roles, k, "name"))
                     .size &&
                missing++ < 20)
                printf("# test/data/matrix.csv says nothing of %.*s for "
                       "%.*s\n",
                       STR_ARGS(name),
                       STR_ARGS(catalog_cell(roles, k, "name")));
    }
    for (size_t k = 0; k < roles->rows; k++)
        if (catalog_find(&house->closed, catalog_cell(roles, k, "name")) ==
            SIZE_MAX)
            missing++;
    tap_is_int(house->tap, (long long)missing, 0,
               "every route and every role has its row");
    tap_is_int(house->tap, (long long)told_twice(house), 0, "and only one");
    tap_is_int(house->tap, (long long)told_nothing(), 0,
               "every row with an id says whose file it opens");
}

static bool read_table(struct house *house, const char *name,
                       struct catalog_table *table)
{
    struct fixture *fixture = house->fixture;
    struct str csv = fixture->files.file(
        fixture->files.context,
        str_join(&fixture->arena, STR("test/data/"), str_of(name)));
    struct err err = {0};

    return tap_ok(house->tap,
                  csv.size && !catalog_read(&fixture->arena, str_of(name), csv,
                                            table, &err),
                  "%s", name);
}

static void check_all(struct house *house)
{
    const struct catalog_table *roles =
        catalog_table(house->app.office.catalog, "role");

    house->place = make(house, "place",
                        text(house, "{'name':'Hospital inventado',"
                                    "'place_type':'HOSP'}"));
    house->batch = make(house, "import_batch", text(house, "{}"));
    for (size_t i = 0; i < roles->rows && i < ROLES_MAX; i++)
        tap_ok(house->tap, add_member(house, catalog_cell(roles, i, "name")),
               "somebody who is %.*s",
               STR_ARGS(catalog_cell(roles, i, "name")));
    check_complete(house);
    for (size_t i = 0; i < house->members; i++) {
        size_t before = house->wrong;

        check_member(house, &house->member[i]);
        tap_ok(house->tap, house->wrong == before,
               "%.*s: every route as matrix.csv says (%zu are not)",
               STR_ARGS(house->member[i].role), house->wrong - before);
    }
    tap_ok(house->tap, house->canaries > 1000,
           "%zu requests, %zu canaries seen by those who may", house->asked,
           house->canaries);
}

/* Why a page failed; everybody here is made up. */
static void tell_failure(void *context, enum host_level level,
                         const char *event, const struct value *fields)
{
    const struct fixture *fixture = context;
    struct buf out;

    if (level != HOST_ERROR)
        return;
    buf_init(&out, (struct arena *)(uintptr_t)&fixture->arena);
    value_write(fields, &out);
    printf("# %s %.*s\n", event, STR_ARGS(buf_str(&out)));
}

static void check(struct tap *tap, struct fixture *fixture)
{
    static struct house house;
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .site_key = fixture->office.site_key,
                                     .files = &app_files};
    struct err err = {0};

    house = (struct house){.tap = tap, .fixture = fixture};
    arena_init(&house.request, NULL);
    house.app.strict = true;
    fixture->host.log = tell_failure;
    publish_probe(&house);
    if (read_table(&house, "matrix.csv", &house.expect) &&
        read_table(&house, "matrix_closed.csv", &house.closed) &&
        tap_ok(tap, !app_open(&house.app, &options, &err), "the program")) {
        check_all(&house);
        app_close(&house.app);
    }
    fixture_say(&err);
    arena_release(&house.request);
}

int main(void)
{
    return fixture_main(check);
}
