/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_screening.c - what a person's record adds to the answers of a screening,
 * and what a screening leaves behind. The rules themselves are tried in
 * t_screening_cases.c.
 *
 * have / have not: words that must, or must not, be among what fired: codes,
 * profiles with their state after a colon; ?CODE is pending.
 */
#include "domain/casework/screening.h"
#include "test/domain_fixture.h"

static const struct {
    const char *name, *person, *answers, *have, *have_not;
} cases[] = {
    {"age in dispute counts as a child",
     "'age_years':'19',"
     "'age_source':'en_disputa'",
     "'q04_with':'sola'", "F06 NNA_NA:presumed", ""},
    {"an adult alone is no child", "'age_years':'30'", "'q04_with':'sola'", "",
     "F06 NNA_NA ?F06 ?NNA_NA"},
    {"unknown age and alone: pending, not fired", "'alias':'X'",
     "'q04_with':'sola'", "?F06", "F06"},
    {"F10: 20 working days and no claim", "'age_years':'40'",
     "'q07_fear':'yes','q08_entry':'2026-09-01','q09_procedure':'ninguno'",
     "F10 SOLREF:presumed", ""},
    {"F10 not yet after ten days", "'age_years':'40'",
     "'q07_fear':'yes','q08_entry':'2026-11-10','q09_procedure':'ninguno'",
     "SOLREF:presumed", "F10"},
    {"refused is not no: fear stays pending", "'age_years':'24'",
     "'_why':{'q07_fear':'NR'}", "?SOLREF", "SOLREF:presumed"},
    {"not applicable settles it", "'age_years':'24','sex':'H'",
     "'_why':{'q13_pregnant':'NA'}", "", "?MUJ_EMB MUJ_EMB"},
    {"older person", "'birth_date':'1950'", "", "PMAY:presumed", ""},
    {"outside the Americas", "'nationality':'GHA','age_years':'24'", "",
     "EXTRA:presumed", ""},
    {"stateless by nationality", "'nationality':'XXA','age_years':'24'", "",
     "APATR:presumed", ""},
    {"several profiles stand together",
     "'age_years':'16','sex':'M','nationality':'HND'",
     "'q04_with':'sola','q07_fear':'yes','q13_pregnant':'embarazada'",
     "NNA_NA:presumed SOLREF:presumed MUJ_EMB:presumed F06", ""},
};

static bool fired_word(const struct screening_outcome *outcome, struct str word)
{
    struct str state = word, code;
    bool pending = word.size && word.at[0] == '?';

    if (pending)
        state = str_slice(word, 1, word.size);
    str_cut(&state, ':', &code);
    for (size_t i = 0; i < outcome->findings; i++) {
        const struct finding *finding = &outcome->finding[i];

        if (finding->pending == pending && str_equal(finding->code, code) &&
            (str_is_null(state) || str_equal(finding->state, state) ||
             (str_equal_c(state, "indicios") && !pending &&
              !str_equal_c(finding->state, "confirmed"))))
            return true; /* presumed says what indicios would, and more */
    }
    return false;
}

static void check_words(struct tap *tap, const char *name,
                        const struct screening_outcome *outcome,
                        const char *words, bool want)
{
    struct str rest = str_of(words), word;

    while (str_cut(&rest, ' ', &word)) {
        if (word.size)
            tap_ok(tap, fired_word(outcome, word) == want, "%s: %s%.*s", name,
                   want ? "" : "not ", STR_ARGS(word));
    }
}

static void check_case(struct tap *tap, struct fixture *fixture, size_t i)
{
    struct task task = fixture_task(fixture, "system");
    const struct form *form =
        forms_find(fixture->office.forms, STR("screening"), STR_NULL);
    struct str person_text = str_format(task.arena, "{%s}", cases[i].person);
    struct str text =
        str_format(task.arena, "{'mode':'individual'%s%s}",
                   *cases[i].answers ? "," : "", cases[i].answers);
    const struct value *person =
        fixture_json(fixture, str_c(task.arena, person_text));
    struct value *answers =
        value_copy(fixture_json(fixture, str_c(task.arena, text)), task.arena);
    struct screening_outcome outcome = {0};
    struct err err = {0};

    screening_prepare(&task, form, answers, person);
    tap_ok(tap,
           screening_evaluate(&task, form, answers, person, task.arena,
                              &outcome, &err) == ERROR_NONE,
           "%s", cases[i].name);
    fixture_say(&err);
    check_words(tap, cases[i].name, &outcome, cases[i].have, true);
    check_words(tap, cases[i].name, &outcome, cases[i].have_not, false);
}

static size_t count_records(struct fixture *fixture, const char *kind,
                            struct str person, const char *field,
                            const char *wanted)
{
    struct task task = fixture_task(fixture, "system");
    struct record_filter filter = {.kind = str_of(kind), .subject = person};
    struct record *record;
    struct err err = {0};
    size_t count = 0, found = 0;

    if (record_list(&fixture->office.log, fixture->db, &filter, false,
                    task.arena, &record, &count, &err) != ERROR_NONE)
        fixture_say(&err);
    for (size_t i = 0; i < count; i++)
        found += str_equal_c(value_text_of(record[i].answers, field), wanted);
    return found;
}

static struct str screen(struct fixture *fixture, struct task *task,
                         struct str person, struct str id, const char *json,
                         enum error *error)
{
    struct value *input = value_copy(fixture_json(fixture, json), task->arena);
    struct saved saved = {0};

    value_put_str(input, task->arena, "person", person);
    *error = fixture_save(task, "screening", id, input, &saved);
    return saved.id;
}

/* Flags once, profiles added and never replaced, indicios wait. */
static void check_traces(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "supervisor");
    struct str person = fixture_person(
        fixture, "{'given_names':'Ejemplo','age_years':'16','sex':'M',"
                 "'nationality':'HND'}");
    struct standing_profile *profile;
    struct err err = {0};
    enum error error;
    size_t count;
    struct str id = screen(fixture, &task, person, STR_NULL,
                           "{'mode':'individual','q04_with':'sola'}", &error);

    tap_ok(tap, error == ERROR_NONE, "a screening is saved");
    tap_is_int(tap, (int)count_records(fixture, "flag", person, "code", "F06"),
               1, "it raised F06");
    screen(fixture, &task, person, id, "{'q07_fear':'yes'}", &error);
    tap_ok(tap, error == ERROR_NONE, "its next step is saved");
    tap_is_int(tap, (int)count_records(fixture, "flag", person, "code", "F06"),
               1, "F06 is not raised twice");
    tap_is_int(tap,
               (int)count_records(fixture, "profile", person, "code", "SOLREF"),
               1, "the next step added a profile");
    tap_is_int(tap,
               (int)count_records(fixture, "profile", person, "code", "NNA_NA"),
               1, "and kept the first");
    screen(fixture, &task, person, STR_NULL,
           "{'mode':'individual','q04_with':'madre_padre','q07_fear':'no'}",
           &error);
    profile_list(&task, person, &profile, &count, &err);
    tap_ok(tap, count >= 3, "a later screening takes nothing away");
    tap_ok(tap,
           str_starts(str_of(fixture_answer(fixture, "screening", id,
                                            "instrument_version")),
                      STR("2026")),
           "the version of the instrument is kept");
    tap_is(tap, fixture_answer(fixture, "screening", id, "urgency"), "U1",
           "its urgency is the most urgent finding");
}

/* The questions for trained people are asked by them, whoever began, and what
 * was answered stays when somebody else corrects the rest. */
/* When it began and when its last screen was reached. */
static void check_times(struct tap *tap, struct fixture *fixture, struct str id)
{
    struct task task;
    struct str first;
    struct err err = {0};

    tap_ok(tap, *fixture_answer(fixture, "screening", id, "started_at"),
           "a screening knows when it began");
    tap_is(tap, fixture_answer(fixture, "screening", id, "finished_at"), "",
           "and is not finished by being saved");
    fixture->now += 240000;
    task = fixture_task(fixture, "case_worker");
    tap_ok(tap, screening_finish(&task, id, &err) == ERROR_NONE,
           "the last screen is reached");
    fixture_say(&err);
    first = str_of(fixture_answer(fixture, "screening", id, "finished_at"));
    tap_ok(tap, first.size > 0, "that is when it ended");
    fixture->now += 60000;
    task = fixture_task(fixture, "case_worker");
    screening_finish(&task, id, &err);
    tap_ok(tap,
           str_equal_c(first,
                       fixture_answer(fixture, "screening", id, "finished_at")),
           "a later correction does not move it");
}

static void check_trained(struct tap *tap, struct fixture *fixture)
{
    struct task intake = fixture_task(fixture, "intake");
    struct task worker = fixture_task(fixture, "case_worker");
    struct str person = fixture_person(
        fixture, "{'given_names':'Ejemplo','age_years':'25','sex':'M'}");
    enum error error;
    struct str id = screen(
        fixture, &intake, person, STR_NULL,
        "{'mode':'individual','private':'yes','q17_private':'yes'}", &error);

    tap_ok(tap, error == ERROR_NONE, "begun at the reception");
    tap_is(tap, fixture_answer(fixture, "screening", id, "interviewer_role"),
           "intake", "by whom is known");
    screen(fixture, &worker, person, id,
           "{'vbg1_harmed':'yes','vbg2_when':'lt72','vbg2_type':'violacion'}",
           &error);
    tap_ok(tap, error == ERROR_NONE, "a trained worker goes on");
    tap_is(tap, fixture_answer(fixture, "screening", id, "vbg2_when"), "lt72",
           "what she hears is kept");
    tap_is_int(tap, (int)count_records(fixture, "flag", person, "code", "F03"),
               1, "and raises its flag");
    screen(fixture, &intake, person, id, "{'q02_medical':'no'}", &error);
    tap_is(tap, fixture_answer(fixture, "screening", id, "vbg2_when"), "lt72",
           "it stays when the reception corrects something else");
    tap_is(tap, fixture_answer(fixture, "screening", id, "interviewer_role"),
           "case_worker", "the trained one counts");
    check_times(tap, fixture, id);
}

static void check_review(struct tap *tap, struct fixture *fixture)
{
    struct task worker = fixture_task(fixture, "case_worker");
    struct task boss = fixture_task(fixture, "supervisor");
    struct str person =
        fixture_person(fixture, "{'given_names':'Ejemplo','age_years':'22'}");
    struct standing_profile *profile;
    struct err err = {0};
    enum error error;
    size_t count = 0;

    screen(fixture, &boss, person, STR_NULL,
           "{'mode':'individual','q11_paid':'debe','t4_debt':'yes',"
           "'t6_threats':'yes','t1_deceived':'no','t2_moved':'no',"
           "'t7_unpaid':'no','t8_forced':'no','t10_child_exploited':'no'}",
           &error);
    profile_list(&boss, person, &profile, &count, &err);
    for (size_t i = 0; i < count; i++) {
        if (!str_equal_c(profile[i].code, "TRATA"))
            continue;
        tap_is(tap,
               fixture_answer(fixture, "profile", profile[i].record,
                              "waits_for_supervisor"),
               "yes", "indicios wait for a supervisor");
        err_clear(&err);
        tap_ok(tap,
               profile_decide(&worker, profile[i].record, STR("ruled_out"),
                              STR_NULL, STR("prueba"), &err) == ERROR_FORBIDDEN,
               "a case worker cannot decide");
        err_clear(&err);
        tap_ok(tap,
               profile_decide(&boss, profile[i].record, STR("confirmed"),
                              STR_NULL, STR_NULL, &err) == ERROR_INPUT,
               "nobody confirms without naming the authority");
        err_clear(&err);
        tap_ok(tap,
               profile_decide(&boss, profile[i].record, STR("presumed"),
                              STR_NULL, STR_NULL, &err) == ERROR_NONE,
               "a supervisor decides");
        fixture_say(&err);
        tap_is(tap,
               fixture_answer(fixture, "profile", profile[i].record,
                              "waits_for_supervisor"),
               "no", "and it waits no more");
        return;
    }
    tap_ok(tap, false, "TRATA indicios were added");
}

/* Written elsewhere before its writer had seen what stands here. */
static void late(struct fixture *fixture, const char *kind, struct str id,
                 int64_t seen, const char *json)
{
    struct task task = fixture_task(fixture, "system");
    struct change change;
    struct err err = {0};

    change_init(&change, &task);
    change_add(&change, str_of(kind), id, OP_UPDATE,
               fixture_json(fixture, json), STR_NULL);
    change.entry[0].base = seen;
    change_commit(&change, NULL, &err);
    fixture_say(&err);
}

static int64_t clock_of(struct fixture *fixture, const char *kind,
                        struct str id)
{
    struct task task = fixture_task(fixture, "system");
    struct record record = {0};
    struct err err = {0};

    record_read(&fixture->office.log, fixture->db, str_of(kind), id, task.arena,
                &record, &err);
    fixture_say(&err);
    return record.clock;
}

/* What two people wrote without seeing each other, put together. */
static void check_merges(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *first, *late, *stands;
    } row[] = {
        {"{'state':'confirmed','authority':'Fiscalía (ejemplo)'}",
         "{'state':'presumed'}", "confirmed"},
        {"{'state':'presumed'}",
         "{'state':'confirmed','authority':'Fiscalía (ejemplo)'}", "confirmed"},
        {"{'state':'ruled_out','why':'otra persona'}", "{'state':'presumed'}",
         "ruled_out"},
        {"{'state':'ruled_out','why':'otra persona'}",
         "{'state':'confirmed','authority':'Fiscalía (ejemplo)'}", "confirmed"},
    };
    struct task boss = fixture_task(fixture, "supervisor");
    struct str person =
        fixture_person(fixture, "{'given_names':'Ejemplo','age_years':'22'}");
    struct str id;
    struct saved saved;
    int64_t seen;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        id = fixture_record(
            fixture, "profile",
            str_c(boss.arena, str_format(boss.arena,
                                         "{'person':'%.*s','code':'TRATA',"
                                         "'state':'indicios'}",
                                         STR_ARGS(person))));
        seen = clock_of(fixture, "profile", id);
        fixture_save(&boss, "profile", id, fixture_json(fixture, row[i].first),
                     &saved);
        late(fixture, "profile", id, seen, row[i].late);
        tap_is(tap, fixture_answer(fixture, "profile", id, "state"),
               row[i].stands, "a profile keeps the stronger of two");
    }
    id = fixture_record(
        fixture, "need",
        str_c(boss.arena, str_format(boss.arena,
                                     "{'person':'%.*s','sector':'SALUD',"
                                     "'severity':'2','detail':'tos'}",
                                     STR_ARGS(person))));
    seen = clock_of(fixture, "need", id);
    fixture_save(&boss, "need", id,
                 fixture_json(fixture, "{'severity':'4','met':'no',"
                                       "'detail':'fiebre'}"),
                 &saved);
    late(fixture, "need", id, seen,
         "{'severity':'3','met':'si','detail':'dolor'}");
    tap_is(tap, fixture_answer(fixture, "need", id, "severity"), "4",
           "a need keeps the graver of two");
    tap_is(tap, fixture_answer(fixture, "need", id, "detail"), "fiebre\ndolor",
           "and what both wrote");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(tap, fixture, i);
    check_traces(tap, fixture);
    check_trained(tap, fixture);
    check_review(tap, fixture);
    check_merges(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
