/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_casefile.c - opening, closing and taking up again: one at a time,
 * with a reason, by who may.
 */
#include "domain/casework/casefile.h"
#include "domain_fixture.h"

static struct str make_person(struct fixture *fixture, const char *json)
{
    fixture->now += 1000;
    return fixture_person(fixture, json);
}

static enum error open_file(struct fixture *fixture, struct str person,
                            bool again, struct saved *saved)
{
    struct task task = fixture_task(fixture, "case_worker");
    struct err err = {0};
    enum error error =
        casefile_open(&task, person, STR_NULL, again, saved, &err);

    if (error)
        fixture_say(&err);
    fixture->now += 1000;
    return error;
}

static enum error close_file(struct fixture *fixture, const char *role,
                             struct str id, const char *reason)
{
    struct task task = fixture_task(fixture, role);
    struct saved saved = {0};
    struct err err = {0};
    enum error error = casefile_close(&task, id, 0, str_of(reason),
                                      STR("nota de prueba"), &saved, &err);

    fixture->now += 1000;
    if (error)
        printf("# %s\n", err.message);
    return error;
}

static const char *state_of(struct fixture *fixture, struct str id)
{
    struct record record = {0};
    struct err err = {0};

    record_read(&fixture->office.log, fixture->db, STR("casefile"), id,
                &fixture->arena, &record, &err);
    return str_c(&fixture->arena, record.state);
}

static void check_life(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        make_person(fixture, "{'given_names':'Adulta','birth_date':'1980'}");
    struct task task;
    struct record record = {0};
    struct saved first, again, saved;
    struct err err = {0};
    bool found = true;

    task = fixture_task(fixture, "case_worker");
    casefile_of_person(&task, person, &record, &found, &err);
    tap_ok(tap, !found, "no file at first");
    tap_ok(tap, !open_file(fixture, person, false, &first), "opened");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "status"),
           "abierto", "it is open");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "opened"),
           "2026-11-22", "since today");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "manager"),
           "user-case_worker", "who opened it is responsible");
    open_file(fixture, person, false, &again);
    tap_ok(tap, again.repeated && str_equal(again.id, first.id),
           "opening what is open is the same file");
    tap_ok(tap, close_file(fixture, "case_worker", first.id, "") == ERROR_INPUT,
           "closing says why");
    tap_ok(tap,
           close_file(fixture, "case_worker", first.id, "OBJ") == ERROR_NONE,
           "closed");
    tap_is(tap, state_of(fixture, first.id), "closed", "its state");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "closed_on"),
           "2026-11-22", "its day");
    tap_is(tap,
           fixture_answer(fixture, "casefile", first.id, "close_approved_by"),
           "", "nobody had to approve");
    casefile_of_person(&task, person, &record, &found, &err);
    tap_ok(tap, !found, "no open file");
    task = fixture_task(fixture, "case_worker");
    tap_ok(tap,
           !casefile_reopen(&task, first.id, 0, STR("volvió"), &saved, &err),
           "taken up again");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "status"),
           "reabierto", "as reopened");
    tap_is(tap, state_of(fixture, first.id), "open", "its state");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "close_reason"),
           "", "the reason is history");
    tap_is(tap, fixture_answer(fixture, "casefile", first.id, "notes"),
           "volvió", "why is noted");
    close_file(fixture, "case_worker", first.id, "CNT");
    open_file(fixture, person, true, &again);
    tap_ok(tap, str_equal(again.id, first.id), "the old file is taken up");
    close_file(fixture, "case_worker", first.id, "CNT");
    open_file(fixture, person, false, &again);
    tap_ok(tap, !str_equal(again.id, first.id), "or a new one is opened");
    err_clear(&err);
    task = fixture_task(fixture, "case_worker");
    tap_ok(tap,
           casefile_reopen(&task, first.id, 0, STR(""), &saved, &err) ==
               ERROR_CONFLICT,
           "never two open ones");
}

static void check_plan(struct tap *tap, struct fixture *fixture)
{
    struct str person = make_person(fixture, "{'given_names':'Plan'}");
    struct task task;
    struct saved file, saved;

    open_file(fixture, person, false, &file);
    task = fixture_task(fixture, "case_worker");
    fixture_save(&task, "casefile", file.id,
                 fixture_json(fixture, "{'plan':'Uno'}"), &saved);
    fixture->now += 1000;
    task = fixture_task(fixture, "case_worker");
    fixture_save(&task, "casefile", file.id,
                 fixture_json(fixture, "{'plan':'Dos','risk':'U1'}"), &saved);
    tap_is(tap, fixture_answer(fixture, "casefile", file.id, "plan_version"),
           "2", "versions of the plan are counted");
}

static void check_protected(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *name, *person, *profile, *state;
        bool protects;
    } row[] = {
        {"an adult", "{'given_names':'A','age_years':'30'}", NULL, NULL, false},
        {"a child", "{'given_names':'B','age_years':'12'}", NULL, NULL, true},
        {"perhaps a child",
         "{'given_names':'C','age_years':'19','age_source':'en_disputa'}", NULL,
         NULL, true},
        {"a survivor", "{'given_names':'D','age_years':'30'}", "VBG",
         "presumed", true},
        {"signs of trafficking", "{'given_names':'E','age_years':'30'}",
         "TRATA", "indicios", true},
        {"an older woman", "{'given_names':'F','age_years':'70'}", "PMAY",
         "presumed", false},
        {"a survivor ruled out", "{'given_names':'G','age_years':'30'}", "VBG",
         "ruled_out", false},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct str person = make_person(fixture, row[i].person);
        struct saved file;
        char json[256];

        if (row[i].profile) {
            snprintf(json, sizeof(json),
                     "{'person':'%.*s','code':'%s','state':'%s'%s}",
                     STR_ARGS(person), row[i].profile, row[i].state,
                     strcmp(row[i].state, "ruled_out") == 0 ? ",'why':'prueba'"
                                                            : "");
            fixture_record(fixture, "profile", json);
        }
        open_file(fixture, person, false, &file);
        tap_ok(tap,
               close_file(fixture, "case_worker", file.id, "OBJ") ==
                   (row[i].protects ? ERROR_FORBIDDEN : ERROR_NONE),
               "a worker closes the file of %s: %s", row[i].name,
               row[i].protects ? "no" : "yes");
        if (!row[i].protects)
            continue;
        tap_is(tap, fixture_answer(fixture, "casefile", file.id, "status"),
               "abierto", "it stays open");
        tap_ok(tap, !close_file(fixture, "supervisor", file.id, "OBJ"),
               "a supervisor closes it");
        tap_is(
            tap,
            fixture_answer(fixture, "casefile", file.id, "close_approved_by"),
            "user-supervisor", "and that is written");
    }
}

static void check_ask(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        make_person(fixture, "{'given_names':'Nina','age_years':'9'}");
    struct task task;
    struct saved file, saved;
    struct err err = {0};

    open_file(fixture, person, false, &file);
    task = fixture_task(fixture, "case_worker");
    tap_ok(tap, !casefile_ask_close(&task, file.id, &saved, &err),
           "a worker asks for closing");
    tap_is(tap, fixture_answer(fixture, "casefile", file.id, "close_asked_by"),
           "user-case_worker", "the supervisor sees who");
}

static void check_missing(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        make_person(fixture, "{'given_names':'Perdida','age_years':'40'}");
    struct saved file;
    char json[512];
    struct str referral;

    open_file(fixture, person, false, &file);
    tap_ok(tap,
           close_file(fixture, "case_worker", file.id, "DESAP") ==
               ERROR_FORBIDDEN,
           "a missing person's file is not closed by a worker");
    tap_ok(tap,
           close_file(fixture, "supervisor", file.id, "DESAP") == ERROR_BLOCKED,
           "nor by a supervisor without a search");
    snprintf(json, sizeof(json),
             "{'person':'%.*s','service_code':'PR5','to_type':'CLB',"
             "'to_name':'Comisión de prueba','state':'BORRADOR',"
             "'urgency':'U1','child_opinion':''}",
             STR_ARGS(person));
    referral = fixture_record(fixture, "referral", json);
    tap_ok(tap,
           close_file(fixture, "supervisor", file.id, "DESAP") == ERROR_BLOCKED,
           "a draft is no search");
    if (referral.size) {
        struct task task = fixture_task(fixture, "system");
        struct change change;
        struct err err = {0};

        change_init(&change, &task);
        change_add(&change, STR("referral"), referral, OP_UPDATE,
                   fixture_json(fixture, "{'state':'ENVIADA'}"), person);
        change_commit(&change, NULL, &err);
    }
    tap_ok(tap, !close_file(fixture, "supervisor", file.id, "DESAP"),
           "with a search sent, it is");
}

/* Two workers open a file at once: the second is told. */
static void check_race(struct tap *tap, struct fixture *fixture)
{
    struct str person = make_person(fixture, "{'given_names':'Carrera'}");
    struct task task = fixture_task(fixture, "case_worker");
    struct save save = {.kind = STR("casefile"), .entry = STR("open-1")};
    struct change one, two, same;
    struct saved first, second, third;
    struct err err = {0};
    bool repeated = false;
    char json[128];

    snprintf(json, sizeof(json), "{'person':'%.*s'}", STR_ARGS(person));
    save.input = fixture_json(fixture, json);
    change_init(&one, &task);
    change_init(&two, &task);
    change_init(&same, &task);
    record_prepare(&task, &one, &save, &first, &err);
    record_prepare(&task, &same, &save, &third, &err);
    save.entry = STR("open-2");
    record_prepare(&task, &two, &save, &second, &err);
    tap_ok(tap, !change_commit(&one, &repeated, &err), "the first opens it");
    tap_ok(tap, !change_commit(&same, &repeated, &err) && repeated,
           "the same page sent twice at once is success");
    tap_ok(tap, change_commit(&two, &repeated, &err) == ERROR_CONFLICT,
           "another is told that there is one");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_life(tap, fixture);
    check_plan(tap, fixture);
    check_protected(tap, fixture);
    check_ask(tap, fixture);
    check_missing(tap, fixture);
    check_race(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
