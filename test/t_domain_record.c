/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_record.c - saving records: rights, checks, compartments, what an
 * entry holds, sending twice, two people editing one file.
 */
#include "domain_fixture.h"

static enum error save_as(struct fixture *fixture, const char *role,
                          struct save save, const char *json,
                          struct saved *saved, struct err *err)
{
    struct task task = fixture_task(fixture, role);

    *err = (struct err){0};
    save.input = fixture_json(fixture, json);
    return record_save(&task, &save, saved, err);
}

static size_t history(struct fixture *fixture, struct str id,
                      struct entry **entry)
{
    struct err err = {0};
    size_t count = 0;

    if (log_history(&fixture->office.log, fixture->db, id, &fixture->arena,
                    entry, &count, &err))
        fixture_say(&err);
    return count;
}

static void check_rights(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *role, *kind;
        enum error error;
    } row[] = {
        {"", "person", ERROR_FORBIDDEN},
        {"reporter", "person", ERROR_FORBIDDEN},
        {"observer", "person", ERROR_FORBIDDEN},
        {"intake", "person", ERROR_NONE},
        {"health", "person", ERROR_NONE},
        {"system", "person", ERROR_NONE},
        {"intake", "user", ERROR_FORBIDDEN},
        {"intake", "place", ERROR_FORBIDDEN},
        {"admin", "no_such_kind", ERROR_NOT_FOUND},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct save save = {.kind = str_of(row[i].kind)};
        struct saved saved;
        struct err err;
        enum error error =
            save_as(fixture, row[i].role, save,
                    "{'given_names':'Prueba','sex':'M'}", &saved, &err);

        if (!tap_ok(tap, error == row[i].error, "%s saves %s: %s",
                    row[i].role[0] ? row[i].role : "nobody", row[i].kind,
                    error_name(row[i].error)))
            fixture_say(&err);
    }
}

static void check_problems(struct tap *tap, struct fixture *fixture)
{
    struct save save = {
        .kind = STR("person"), .id = STR("new-1"), .create = true};
    struct entry *entry;
    struct saved saved;
    struct err err;

    tap_ok(tap,
           save_as(fixture, "intake", save,
                   "{'given_names':'Ana','age_years':'200','sex':'X',"
                   "'no_such':'1'}",
                   &saved, &err) == ERROR_INPUT,
           "wrong answers are refused");
    tap_is_int(tap, (long long)saved.problems, 3, "all of them at once");
    tap_is(tap, err.arg[0], "3", "and counted");
    tap_is_int(tap, (long long)history(fixture, STR("new-1"), &entry), 0,
               "nothing is written");
}

static void check_merge(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person")};
    struct saved saved;
    struct entry *entry = NULL;
    struct err err;
    size_t count;

    save_as(fixture, "intake", save,
            "{'given_names':' Ana ','first_surname':'Prueba','sex':'M',"
            "'merged_into':'x','_why':{'second_surname':'ND'}}",
            &saved, &err);
    save.id = str_copy(&fixture->arena, saved.id);
    tap_is(tap, fixture_answer(fixture, "person", save.id, "given_names"),
           "Ana", "answers are tidied");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "merged_into"), "",
           "what the program sets, no page sets");
    tap_ok(tap, fixture_answer(fixture, "person", save.id, "case_code")[0],
           "the program has set a code");
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'first_surname':'Ejemplo'}", &saved,
            &err);
    tap_is(tap, fixture_answer(fixture, "person", save.id, "given_names"),
           "Ana", "fields not given stay");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "first_surname"),
           "Ejemplo", "the given one changes");
    count = history(fixture, save.id, &entry);
    if (tap_is_int(tap, (long long)count, 2, "two entries")) {
        tap_is_int(tap, (long long)value_count(entry[1].body), 1,
                   "the second holds one field");
        tap_is(tap, str_c(&fixture->arena, entry[1].author), "user-intake",
               "and who wrote it");
        tap_is(tap, str_c(&fixture->arena, entry[1].subject),
               str_c(&fixture->arena, save.id), "about the person");
    }
    save_as(fixture, "intake", save, "{'first_surname':'Ejemplo'}", &saved,
            &err);
    tap_is_int(tap, (long long)history(fixture, save.id, &entry), 2,
               "the same again is no entry");
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'first_surname':''}", &saved, &err);
    tap_is(tap, fixture_answer(fixture, "person", save.id, "first_surname"), "",
           "an empty answer empties");
}

/* Pages give new records their ids; one that stands is not written over. */
static void check_taken(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(fixture, "{'given_names':'Ana'}");
    struct save save = {.kind = STR("profile"),
                        .create = true,
                        .id = STR("taken-1"),
                        .entry = STR("taken-entry")};
    char json[200];
    struct saved saved;
    struct err err;

    snprintf(json, sizeof(json),
             "{'person':'%.*s','code':'TRATA','state':'presumed'}",
             STR_ARGS(person));
    tap_ok(tap, !save_as(fixture, "case_worker", save, json, &saved, &err),
           "a new record under an id of the page's");
    tap_ok(tap,
           !save_as(fixture, "case_worker", save, json, &saved, &err) &&
               saved.repeated,
           "sent again it is the same");
    save.entry = STR("");
    snprintf(json, sizeof(json),
             "{'person':'%.*s','code':'PMAY','state':'presumed'}",
             STR_ARGS(person));
    tap_ok(tap,
           save_as(fixture, "intake", save, json, &saved, &err) ==
               ERROR_CONFLICT,
           "another new one under that id is refused");
    save.kind = STR("need");
    snprintf(json, sizeof(json), "{'person':'%.*s','sector':'ALIM'}",
             STR_ARGS(person));
    tap_ok(tap,
           save_as(fixture, "intake", save, json, &saved, &err) ==
               ERROR_CONFLICT,
           "so is one of another kind");
    tap_is(tap, fixture_answer(fixture, "profile", STR("taken-1"), "code"),
           "TRATA", "nothing has changed");
}

static const char *why_of(struct fixture *fixture, struct str id,
                          const char *field)
{
    struct record record = {0};
    struct err err = {0};

    record_read(&fixture->office.log, fixture->db, STR("person"), id,
                &fixture->arena, &record, &err);
    return str_c(&fixture->arena,
                 value_text_of(value_get(record.answers, "_why"), field));
}

static void check_reasons(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person")};
    struct saved saved;
    struct err err;

    save_as(fixture, "intake", save,
            "{'given_names':'Rosa','_why':{'second_surname':'ND',"
            "'birth_date':'NR'}}",
            &saved, &err);
    save.id = saved.id;
    tap_is(tap, why_of(fixture, save.id, "second_surname"), "ND",
           "why there is no answer");
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'second_surname':'Prueba'}", &saved,
            &err);
    tap_is(tap, why_of(fixture, save.id, "second_surname"), "",
           "an answer takes the reason away");
    tap_is(tap, why_of(fixture, save.id, "birth_date"), "NR",
           "other reasons stay");
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'_why':{'second_surname':'NR'}}", &saved,
            &err);
    tap_is(tap, why_of(fixture, save.id, "second_surname"), "NR",
           "a reason takes the answer's place");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "second_surname"),
           "", "which goes");
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'_why':{'second_surname':''}}", &saved,
            &err);
    tap_is(tap, why_of(fixture, save.id, "second_surname"), "",
           "a reason can be taken back");
}

static void check_compartments(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person")};
    struct task intake, health;
    struct record record = {0};
    struct saved saved;
    struct err err;

    save_as(fixture, "health", save, "{'given_names':'Luz','wg_ver':'3'}",
            &saved, &err);
    save.id = saved.id;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'wg_ver':'1'}", &saved, &err) ==
               ERROR_FORBIDDEN,
           "a field of a closed compartment is refused");
    tap_ok(tap, strstr(err.arg[0], "ver") != NULL, "and named: %s", err.arg[0]);
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'wg_ver':''}", &saved, &err) ==
               ERROR_FORBIDDEN,
           "emptying it is writing, too");
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'_why':{'wg_ver':'NR'}}", &saved,
                   &err) == ERROR_FORBIDDEN,
           "so is a reason");
    fixture->now += 1000;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'alias':'Lucero'}", &saved,
                   &err) == ERROR_NONE,
           "the rest may be written");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "wg_ver"), "3",
           "what was not seen stays");
    intake = fixture_task(fixture, "intake");
    health = fixture_task(fixture, "health");
    record_get(&intake, STR("person"), save.id, &record, &err);
    tap_ok(tap, !value_get(record.answers, "wg_ver"),
           "it is absent from what intake reads");
    tap_is(tap, str_c(&fixture->arena, value_text_of(record.answers, "alias")),
           "Lucero", "the rest is there");
    record_get(&health, STR("person"), save.id, &record, &err);
    tap_is(tap, str_c(&fixture->arena, value_text_of(record.answers, "wg_ver")),
           "3", "health reads it");
    intake = fixture_task(fixture, "reporter");
    tap_ok(tap,
           record_get(&intake, STR("person"), save.id, &record, &err) ==
               ERROR_FORBIDDEN,
           "who may not read persons reads nothing");
}

static void check_repeats(struct tap *tap, struct fixture *fixture)
{
    struct str a = fixture_person(fixture, "{'given_names':'A'}");
    struct str b = fixture_person(fixture, "{'given_names':'B'}");
    struct save save = {.kind = STR("group")};
    struct saved saved;
    struct err err;
    char json[512];

    snprintf(json, sizeof(json),
             "{'head_person':'%.*s','keep_apart':[{'person_a':'%.*s',"
             "'person_b':'%.*s','reason':'violencia'}]}",
             STR_ARGS(a), STR_ARGS(a), STR_ARGS(b));
    tap_ok(tap,
           save_as(fixture, "intake", save, json, &saved, &err) ==
               ERROR_FORBIDDEN,
           "closed fields inside rows are refused");
    tap_ok(tap,
           save_as(fixture, "case_worker", save, json, &saved, &err) ==
               ERROR_NONE,
           "who may, writes them");
    save.id = saved.id;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'keep_apart':[]}", &saved,
                   &err) == ERROR_FORBIDDEN,
           "rows that hide something are not replaced unseen");
}

static void check_twice(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person"), .entry = STR("entry-1")};
    struct saved first, second;
    struct entry *entry;
    struct err err;

    save_as(fixture, "intake", save, "{'given_names':'Dos'}", &first, &err);
    fixture->now += 60000;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'given_names':'Dos'}", &second,
                   &err) == ERROR_NONE,
           "the same page sent again is success");
    tap_ok(tap, second.repeated && !first.repeated, "and known as such");
    tap_is(tap, str_c(&fixture->arena, second.id),
           str_c(&fixture->arena, first.id), "of the same record");
    tap_ok(tap, second.clock == first.clock, "with the same clock");
    tap_is_int(tap, (long long)history(fixture, first.id, &entry), 1,
               "nothing was added");
    save.kind = STR("tally");
    tap_ok(tap,
           save_as(fixture, "intake", save, "{}", &second, &err) ==
               ERROR_CONFLICT,
           "an entry of another kind is not ours");
    save.kind = STR("person");
    save.id = STR("somebody-else");
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'given_names':'Dos'}", &second,
                   &err) == ERROR_CONFLICT,
           "nor one of another record");
}

static void check_two_editors(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person")};
    struct saved saved;
    struct err err;
    int64_t seen;

    save_as(fixture, "intake", save,
            "{'given_names':'Eva','phone':'5511223344'}", &saved, &err);
    save.id = saved.id;
    seen = saved.clock;
    tap_ok(tap, seen != 0, "a save tells the record's clock");
    fixture->now += 1000;
    save.base = seen;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'alias':'Evita'}", &saved,
                   &err) == ERROR_NONE,
           "the first editor saves");
    fixture->now += 1000;
    tap_ok(tap,
           save_as(fixture, "health", save, "{'alias':'La Eva'}", &saved,
                   &err) == ERROR_CONFLICT,
           "the second is told");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "alias"), "Evita",
           "and overwrites nothing");
    save.base = 0;
    tap_ok(tap,
           save_as(fixture, "health", save, "{'alias':'La Eva'}", &saved,
                   &err) == ERROR_NONE,
           "who does not ask replaces");
    tap_is(tap, fixture_answer(fixture, "person", save.id, "alias"), "La Eva",
           "the last one stands");
}

static void check_conflicts(struct tap *tap, struct fixture *fixture)
{
    struct save save = {.kind = STR("person")};
    struct saved saved;
    struct record record = {0};
    struct err err;

    save_as(fixture, "intake", save, "{'given_names':'Iris'}", &saved, &err);
    save.id = saved.id;
    fixture->now += 1000;
    save_as(fixture, "intake", save, "{'given_names':'Iris Ana'}", &saved,
            &err);
    record_read(&fixture->office.log, fixture->db, save.kind, save.id,
                &fixture->arena, &record, &err);
    tap_is_int(tap, (long long)value_count(record.conflicts), 0,
               "a correction by who has seen the record is no conflict");
}

static void check_subject(struct tap *tap, struct fixture *fixture)
{
    struct str a = fixture_person(fixture, "{'given_names':'A'}");
    struct str b = fixture_person(fixture, "{'given_names':'B'}");
    struct save save = {.kind = STR("need")};
    struct saved saved;
    struct entry *entry = NULL;
    struct err err;
    char json[256];

    tap_ok(tap,
           save_as(fixture, "intake", save,
                   "{'person':'nobody','sector':'ALIM'}", &saved,
                   &err) == ERROR_INPUT,
           "a need of nobody is refused");
    snprintf(json, sizeof(json), "{'person':'%.*s','sector':'ALIM'}",
             STR_ARGS(a));
    save_as(fixture, "intake", save, json, &saved, &err);
    save.id = saved.id;
    history(fixture, save.id, &entry);
    tap_ok(tap, entry && str_equal(entry[0].subject, a),
           "the subject is the person");
    snprintf(json, sizeof(json), "{'person':'%.*s'}", STR_ARGS(b));
    tap_ok(tap,
           save_as(fixture, "intake", save, json, &saved, &err) == ERROR_INPUT,
           "it cannot be moved to another");
}

static enum error refuse(struct db *db, void *context, struct err *err)
{
    (void)db;
    (void)context;
    return err_set(err, ERROR_BLOCKED, "no", NULL, NULL, NULL);
}

static void check_change(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct save save = {.kind = STR("person"), .trusted = true};
    struct saved first, second;
    struct entry *entry;
    struct change change;
    struct err err = {0};
    bool repeated;

    change_init(&change, &task);
    save.input = fixture_json(fixture, "{'given_names':'Uno'}");
    record_prepare(&task, &change, &save, &first, &err);
    save.input = fixture_json(fixture, "{'given_names':'Dos'}");
    record_prepare(&task, &change, &save, &second, &err);
    tap_ok(tap, change_commit(&change, &repeated, &err) == ERROR_NONE,
           "two records in one change");
    tap_is(tap, fixture_answer(fixture, "person", second.id, "given_names"),
           "Dos", "both are there");
    change_init(&change, &task);
    record_prepare(&task, &change, &save, &first, &err);
    save.id = second.id;
    save.input = fixture_json(fixture, "{'alias':'Segundo'}");
    save.base = 12345;
    tap_ok(tap,
           record_prepare(&task, &change, &save, &second, &err) ==
               ERROR_CONFLICT,
           "a base that is not true is seen at once");
    err_clear(&err);
    change_add(&change, STR("person"), save.id, OP_UPDATE,
               fixture_json(fixture, "{'alias':'Segundo'}"), save.id);
    change_expect(&change, 12345);
    tap_ok(tap, change_commit(&change, &repeated, &err) == ERROR_CONFLICT,
           "and when it is written");
    tap_is_int(tap, (long long)history(fixture, first.id, &entry), 0,
               "then nothing of the change is");
    err_clear(&err);
    change_init(&change, &task);
    save =
        (struct save){.kind = STR("person"),
                      .trusted = true,
                      .input = fixture_json(fixture, "{'given_names':'Tres'}")};
    record_prepare(&task, &change, &save, &first, &err);
    change_also(&change, refuse, NULL);
    tap_ok(tap, change_commit(&change, &repeated, &err) == ERROR_BLOCKED,
           "a step can refuse");
    tap_is_int(tap, (long long)history(fixture, first.id, &entry), 0,
               "and nothing is written");
}

/* A value that was right when it was written may be wrong today. */
static void check_old_problems(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(fixture, "{'given_names':'Vera'}");
    struct save save = {.kind = STR("consent")};
    struct saved saved;
    struct err err;
    char json[256];

    snprintf(json, sizeof(json),
             "{'person':'%.*s','purpose':'referencia','given':'yes',"
             "'data_scope':'identidad','expires':'2026-11-23'}",
             STR_ARGS(person));
    if (save_as(fixture, "intake", save, json, &saved, &err))
        fixture_say(&err);
    save.id = saved.id;
    fixture->now += (int64_t)5 * 86400000;
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'block_list':'INM PRENSA'}",
                   &saved, &err) == ERROR_NONE,
           "an old answer does not stand in the way of a new one");
    tap_ok(tap,
           save_as(fixture, "intake", save, "{'expires':'2026-11-24'}", &saved,
                   &err) == ERROR_INPUT,
           "but a new answer must be right today");
    fixture->now -= (int64_t)5 * 86400000;
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_rights(tap, fixture);
    check_problems(tap, fixture);
    check_merge(tap, fixture);
    check_taken(tap, fixture);
    check_reasons(tap, fixture);
    check_compartments(tap, fixture);
    check_repeats(tap, fixture);
    check_twice(tap, fixture);
    check_two_editors(tap, fixture);
    check_conflicts(tap, fixture);
    check_subject(tap, fixture);
    check_change(tap, fixture);
    check_old_problems(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
