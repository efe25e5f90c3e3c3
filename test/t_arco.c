/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_arco.c - requests and their clocks, opposition, the copy without others,
 * retention by the clock, and every path that lets data out: without consent
 * or a ground of the law, nothing leaves.
 */
#include "core/date.h"
#include "domain/arco/arco.h"
#include "domain/arco/copy.h"
#include "domain/arco/erase.h"
#include "domain/arco/notice.h"
#include "domain/arco/retention.h"
#include "domain/openrosa/openrosa.h"
#include "domain/referral/consent.h"
#include "domain/referral/referral.h"
#include "domain/report/export.h"
#include "canary.h"

struct bench {
    struct tap *tap;
    struct fixture *fixture;
    struct str person;
    bool sent;
};

static struct str make(struct bench *bench, const char *kind,
                       const char *format, struct str id)
{
    struct task task = fixture_task(bench->fixture, "system");

    bench->fixture->now += 1000;
    return fixture_record(
        bench->fixture, kind,
        str_c(task.arena, str_format(task.arena, format, STR_ARGS(id))));
}

static enum error step(struct bench *bench, const char *role, struct str id,
                       struct arco_step step)
{
    struct task task = fixture_task(bench->fixture, role);
    struct err err = {0};

    bench->fixture->now += 1000;
    task.now = bench->fixture->now;
    return arco_step(&task, id, &step, &err);
}

static bool state_is(struct bench *bench, struct str id, const char *state)
{
    return strcmp(fixture_answer(bench->fixture, "rights_request", id, "state"),
                  state) == 0;
}

static struct arco_step act(enum arco_act what)
{
    return (struct arco_step){.act = what,
                              .how = STR("le_conocemos"),
                              .why = STR(""),
                              .decision = STR("procede"),
                              .note = STR("")};
}

/* -- the way of a request -------------------------------------------------- */

static void check_steps(struct bench *bench)
{
    struct tap *tap = bench->tap;
    struct str id = make(bench, "rights_request",
                         "{'person':'%.*s','type':'cancelacion',"
                         "'received_on':'2026-11-20','words':'bórrenme'}",
                         bench->person);
    struct arco_step one = act(ARCO_ANSWER);

    tap_ok(tap, state_is(bench, id, "recibida"), "received");
    tap_is(tap,
           fixture_answer(bench->fixture, "rights_request", id, "due_answer"),
           "2026-12-18", "20 working days, holidays apart");
    tap_ok(tap, step(bench, "supervisor", id, one) == ERROR_CONFLICT,
           "nothing is answered before identity is checked");
    one = act(ARCO_IDENTIFY);
    one.how = STR("papeleta");
    one.code = STR("NO-ES");
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_BLOCKED,
           "a wrong code is not she");
    one.how = STR("respuestas");
    one.knowledge = fixture_json(bench->fixture, "{'birth_date':'3/2/1991',"
                                                 "'first_surname':'otra'}");
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_BLOCKED,
           "one right and one wrong answer neither");
    one.knowledge = fixture_json(bench->fixture, "{'birth_date':'03/02/1991',"
                                                 "'first_surname':'PEREZ'}");
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_NONE,
           "two right ones are, however written");
    tap_ok(tap, step(bench, "intake", id, act(ARCO_EXTEND)) == ERROR_INPUT,
           "no extension without a reason");
    one = act(ARCO_EXTEND);
    one.why = STR("hay que buscar en papel");
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_NONE, "with one, once");
    tap_is(tap,
           fixture_answer(bench->fixture, "rights_request", id, "due_answer"),
           "2027-01-05", "10 working days more");
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_CONFLICT,
           "and not a second time");
    one = act(ARCO_ANSWER);
    one.decision = STR("no_procede");
    tap_ok(tap, step(bench, "case_worker", id, one) == ERROR_INPUT,
           "no refusal without a reason of the law");
    tap_ok(tap, step(bench, "supervisor", id, act(ARCO_ANSWER)) == ERROR_NONE,
           "granted");
    tap_ok(tap,
           step(bench, "supervisor", id, act(ARCO_EFFECT)) == ERROR_CONFLICT,
           "a cancellation is not ticked as done");
    tap_ok(tap,
           step(bench, "supervisor", id, act(ARCO_APPROVE)) == ERROR_BLOCKED,
           "who decided does not approve");
    tap_ok(tap,
           step(bench, "case_worker", id, act(ARCO_APPROVE)) == ERROR_FORBIDDEN,
           "nor who may not");
    {
        struct task task = fixture_task(bench->fixture, "admin");
        struct err err = {0};
        struct str erasure;

        tap_ok(tap, arco_erase(&task, id, &erasure, &err) == ERROR_BLOCKED,
               "unapproved, nothing is erased");
    }
    tap_ok(tap,
           step(bench, "admin", id, act(ARCO_WITHDRAW)) == ERROR_NONE &&
               state_is(bench, id, "retirada"),
           "she may withdraw it until the last moment");
}

/* Codes and answers are not tried until one fits: not in another request, nor
 * by another worker. */
static void check_guesses(struct bench *bench)
{
    static const char json[] =
        "{'person':'%.*s','type':'acceso','received_on':'2026-11-20'}";
    struct tap *tap = bench->tap;
    struct str id = make(bench, "rights_request", json, bench->person);
    struct str other = make(bench, "rights_request", json, bench->person);
    struct arco_step one = act(ARCO_IDENTIFY);
    int blocked = 0;

    one.how = STR("respuestas");
    one.knowledge = fixture_json(bench->fixture, "{'birth_date':'1/1/1990',"
                                                 "'first_surname':'PEREZ'}");
    for (int i = 0; i < 7; i++)
        blocked += step(bench, "intake", id, one) == ERROR_BLOCKED;
    tap_is_int(tap, blocked, 7, "some wrong answers are only wrong");
    one.knowledge = fixture_json(bench->fixture, "{'birth_date':'03/02/1991',"
                                                 "'first_surname':'PEREZ'}");
    tap_ok(tap, step(bench, "case_worker", other, one) == ERROR_TOO_MANY,
           "then even right ones wait, in another request, by another worker");
    bench->fixture->now += (int64_t)16 * 60 * 1000;
    tap_ok(tap, step(bench, "intake", id, one) == ERROR_NONE, "after it, not");
    one.how = STR("papeleta");
    one.code = STR("NO-ES");
    tap_ok(tap, step(bench, "intake", other, one) == ERROR_BLOCKED,
           "and what was right begins it anew");
}

static void check_letters(struct bench *bench)
{
    static const char *const types[] = {
        "acceso", "rectificacion", "cancelacion", "oposicion", "portabilidad"};
    struct task task = fixture_task(bench->fixture, "supervisor");
    size_t bad = 0;

    for (size_t i = 0; i < 5 * 3 * 2; i++) {
        struct value *answers = value_object(task.arena);
        struct record record = {.answers = answers};
        struct str text;

        value_put_str(answers, task.arena, "type", str_of(types[i % 5]));
        value_put_str(answers, task.arena, "decision",
                      i / 5 % 3 == 0   ? STR("procede")
                      : i / 5 % 3 == 1 ? STR("procede_parte")
                                       : STR("no_procede"));
        value_put_str(answers, task.arena, "refusal", STR("ya_se_hizo"));
        value_put_str(answers, task.arena, "received_on", STR("2026-11-20"));
        text =
            arco_letter(&task, &record, NULL, i / 15 ? STR("en") : STR("es"));
        bad += text.size < 60 || str_find_char(text, '{') != SIZE_MAX ||
               (i / 5 % 3 == 2 && str_find(text, STR("2025")) == SIZE_MAX);
    }
    tap_is_int(bench->tap, (int64_t)bad, 0,
               "each right has its letters in both languages; a refusal says "
               "where to complain");
}

/* -- paths ----------------------------------------------------------------- */

struct path {
    const char *name;
    enum error (*run)(struct bench *bench, struct str referral,
                      struct err *err);
};

static enum error by_sending(struct bench *bench, struct str referral,
                             struct err *err)
{
    struct task task = fixture_task(bench->fixture, "case_worker");
    struct str link;
    enum error error = referral_send(&task, referral, &link, err);

    /* sent a second time nothing happens, and there is no link */
    return !error && bench->sent && !link.size ? ERROR_BLOCKED : error;
}

static enum error by_relink(struct bench *bench, struct str referral,
                            struct err *err)
{
    struct task task = fixture_task(bench->fixture, "case_worker");
    struct str link;

    return referral_relink(&task, referral, &link, err);
}

static enum error by_package(struct bench *bench, struct str referral,
                             struct err *err)
{
    struct task task = fixture_task(bench->fixture, "system");
    struct value *package = NULL;
    enum error error = referral_package(&task, referral, &package, err);

    if (!error && !value_count(value_get(package, "fields")))
        return ERROR_BLOCKED; /* nothing of hers in it */
    return error;
}

static enum error by_account(struct bench *bench, struct str referral,
                             struct err *err)
{
    struct task task = fixture_task(bench->fixture, "partner");

    task.actor.place = STR("00000000-0000-7000-8000-000000000001");
    return referral_by_place(&task, referral, err);
}

static const struct path paths[] = {{"sending with a link", by_sending},
                                    {"a new link", by_relink},
                                    {"the package (slip, page)", by_package},
                                    {"a partner's account", by_account}};

static void check_closed(struct bench *bench, struct str referral,
                         const char *when)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct err err = {0};
        enum error error = paths[i].run(bench, referral, &err);

        tap_ok(bench->tap, error != ERROR_NONE && error_status(error) < 500,
               "%s: %s is refused", when, paths[i].name);
    }
}

static void check_paths(struct bench *bench)
{
    struct str person = fixture_person(
        bench->fixture, "{'given_names':'Ejemplo','alias':'Ej','sex':'M'}");
    struct str referral =
        make(bench, "referral",
             "{'person':'%.*s','urgency':'U2','service_code':'LE1',"
             "'to_name':'Clínica (ejemplo)','to_type':'ONG-LEGAL',"
             "'share_fields':'name'}",
             person);
    struct task task = fixture_task(bench->fixture, "case_worker");
    struct consent_want want = {.purpose = STR("referencia")};
    struct consent consent;
    struct str id, request;
    struct err err = {0};
    bool found = true;

    check_closed(bench, referral, "without consent");
    id = make(bench, "consent",
              "{'person':'%.*s','given':'yes','given_by':'titular',"
              "'basis':'consentimiento_expreso','purpose':'referencia',"
              "'data_scope':'identidad'}",
              person);
    tap_ok(bench->tap, by_sending(bench, referral, &err) == ERROR_NONE,
           "with consent it goes");
    bench->sent = true;
    request = make(bench, "rights_request",
                   "{'person':'%.*s','type':'oposicion',"
                   "'purposes':'referencia','received_on':'2026-11-20'}",
                   person);
    tap_ok(bench->tap,
           !consent_active(&task, person, &want, &consent, &found, &err) &&
               !found,
           "opposed: no consent answers for it any more");
    check_closed(bench, referral, "opposed");
    step(bench, "supervisor", request, act(ARCO_WITHDRAW));
    found = false;
    task = fixture_task(bench->fixture, "case_worker");
    tap_ok(bench->tap,
           !consent_active(&task, person, &want, &consent, &found, &err) &&
               found,
           "the opposition taken back, it does");
    consent_revoke(&task, id, &err);
    check_closed(bench, referral, "withdrawn");
}

/* -- the copy -------------------------------------------------------------- */

static void check_copy(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct value *copy = NULL;
    struct err err = {0};
    struct buf json, csv;

    make(bench, "followup",
         "{'person':'%.*s','date':'2026-11-20','mode':'tercero',"
         "'situation':'TERCEROSECRETO','next_date':'2026-12-20'}",
         bench->person);
    make(bench, "need",
         "{'person':'%.*s','sector':'LEGAL','detail':'PALABRASSUYAS'}",
         bench->person);
    if (copy_make(&task, bench->person, &copy, &err))
        fixture_say(&err);
    buf_init(&json, task.arena);
    buf_init(&csv, task.arena);
    value_write_pretty(copy, &json);
    copy_csv(copy, &csv);
    tap_ok(bench->tap,
           str_find(buf_str(&json), STR("PALABRASSUYAS")) != SIZE_MAX &&
               str_find(buf_str(&csv), STR("PALABRASSUYAS")) != SIZE_MAX,
           "the copy holds her words, in both files");
    tap_ok(bench->tap,
           str_find(buf_str(&json), STR("TERCEROSECRETO")) == SIZE_MAX &&
               str_find(buf_str(&json), STR("PARIENTE")) == SIZE_MAX &&
               str_find(buf_str(&csv), STR("PARIENTE")) == SIZE_MAX,
           "neither what another told nor her relative's name");
    task = fixture_task(bench->fixture, "intake");
    copy_make(&task, bench->person, &copy, &err);
    tap_ok(bench->tap, value_get(copy, "closed") != NULL,
           "it says how much this reader could not see");
}

/* -- retention ------------------------------------------------------------- */

static int64_t due_count(struct bench *bench, const char *rule,
                         const char *what)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct value *list = NULL;
    struct err err = {0};

    if (retention_look(&task, &list, &err))
        fixture_say(&err);
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal_c(value_text_of(value_at(list, i), "rule"), rule))
            return value_to_int(value_get(value_at(list, i), what), -1);
    return -1;
}

static void check_retention(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;
    struct str closed =
        fixture_person(fixture, "{'given_names':'RETENIDAUNO','sex':'M'}");
    struct str held =
        fixture_person(fixture, "{'given_names':'RETENIDADOS','sex':'M'}");
    struct str run = STR("");
    struct task task;
    struct err err = {0};
    size_t left = 9;

    make(bench, "casefile",
         "{'person':'%.*s','opened':'2026-10-01','status':'cerrado',"
         "'closed_on':'2026-11-01','close_reason':'OBJ'}",
         closed);
    make(bench, "casefile",
         "{'person':'%.*s','opened':'2026-10-01','status':'cerrado',"
         "'closed_on':'2026-11-01','close_reason':'OBJ',"
         "'legal_hold':'yes','legal_hold_why':'juicio'}",
         held);
    tap_is_int(bench->tap, due_count(bench, "caso_cerrado", "count"), 0,
               "nobody is due in the same month");
    fixture->now += (int64_t)1200 * 86400000; /* three years and more */
    tap_is_int(bench->tap, due_count(bench, "caso_cerrado", "count"), 1,
               "three years later one is");
    tap_is_int(bench->tap, due_count(bench, "caso_cerrado", "held"), 1,
               "and one is held by a legal process");
    task = fixture_task(fixture, "supervisor");
    if (retention_plan(&task, STR("caso_cerrado"), &run, &err))
        fixture_say(&err);
    tap_ok(bench->tap,
           retention_step(&task, run, &left, &err) == ERROR_CONFLICT,
           "nothing runs before it is approved");
    err_clear(&err);
    tap_ok(bench->tap, retention_approve(&task, run, &err) == ERROR_BLOCKED,
           "who proposed does not approve");
    task = fixture_task(fixture, "admin");
    tap_ok(bench->tap,
           !retention_approve(&task, run, &err) &&
               !retention_step(&task, run, &left, &err) && !left,
           "another one does, and it runs");
    tap_is_int(bench->tap, canary_count(fixture, "RETENIDAUNO", true), 0,
               "nothing of whose time was over is left");
    tap_ok(bench->tap, canary_count(fixture, "RETENIDADOS", false) > 0,
           "who is held stays");
}

static void check_notice(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "system");
    struct str id = STR("");
    struct value *list = NULL;
    struct value *system = value_object(task.arena);
    struct save save = {.kind = STR("erase_notice"),
                        .input = value_object(task.arena),
                        .system = system};
    struct saved saved;
    struct err err = {0};
    bool done = true;

    value_put_str(system, task.arena, "state", STR("open"));
    value_put_str(system, task.arena, "asked_at",
                  instant_text(task.arena, task.now));
    value_put_str(
        system, task.arena, "link_hash",
        host_hash_hex(task.office->host, task.arena, STR("un-secreto")));
    if (record_save(&task, &save, &saved, &err))
        fixture_say(&err);
    tap_ok(bench->tap,
           notice_by_link(&task, STR("otro"), &id, &done, &err) ==
               ERROR_NOT_FOUND,
           "a wrong link is nobody's");
    err_clear(&err);
    tap_ok(bench->tap,
           !notice_by_link(&task, STR("un-secreto"), &id, &done, &err) && !done,
           "the receiver's link opens the erase request");
    tap_ok(bench->tap, !notice_done(&task, id, STR("la clínica"), &err),
           "she says that it was erased");
    if (err.code)
        fixture_say(&err);
    task = fixture_task(bench->fixture, "admin");
    tap_ok(bench->tap,
           !notice_list(&task, &list, &err) && value_count(list) == 0,
           "and it is off the list");
}

/* -- erased is nowhere ----------------------------------------------------- */

/* How many of the roads by which data leave in bulk, or on paper, hold her
 * name: the list for telephones and its answer about one record, the file of
 * an export, her copy. */
static int roads_with(struct bench *bench, struct str person, const char *name)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct str list = STR(""), word = str_of(name);
    struct exported file = {0};
    struct value *copy = NULL;
    const struct export_order order = {.kind = STR("person"),
                                       .purpose = STR("hand_over"),
                                       .reason = STR("entrega al consejo")};
    struct err err = {0}, ignored = {0};
    struct buf json;
    bool there = false;
    int roads = 0;

    if (openrosa_entities(&task, STR("person"), &list, &err) ||
        openrosa_entity_there(&task, STR("person"), person, &there, &err) ||
        export_run(&task, &order, &file, &err))
        fixture_say(&err);
    roads += str_find(list, person) != SIZE_MAX;
    roads += there;
    roads += str_find(file.csv, word) != SIZE_MAX;
    if (copy_make(&task, person, &copy, &ignored) == ERROR_NONE) {
        buf_init(&json, task.arena);
        value_write(copy, &json);
        roads += str_find(buf_str(&json), word) != SIZE_MAX;
    }
    roads +=
        str_find(list, word) != SIZE_MAX &&
        str_find(list, person) == SIZE_MAX; /* her name under another's id */
    return roads;
}

static void check_nowhere(struct bench *bench)
{
    struct str person = fixture_person(
        bench->fixture, "{'given_names':'NINGUNLUGAR','sex':'M'}");
    struct erase_order order = {.person = person,
                                .cause = STR("solicitud"),
                                .folio = STR("2026-NOWHER")};
    struct task task = fixture_task(bench->fixture, "system");
    struct str erasure = STR("");
    struct err err = {0};

    tap_is_int(bench->tap, roads_with(bench, person, "NINGUNLUGAR"), 4,
               "she is on the list for telephones, in an export, in a copy");
    if (erase_person(&task, &order, &erasure, &err))
        fixture_say(&err);
    tap_is_int(bench->tap, roads_with(bench, person, "NINGUNLUGAR"), 0,
               "erased, she is on none of these roads");
}

/* A place of the directory is told by its name, before and after. */
static void check_receiver(struct bench *bench)
{
    struct str place = make(
        bench, "place", "{'name':'CLINICAPRUEBA','place_type':'CS'}", STR(""));
    struct value *answers = value_object(&bench->fixture->arena);

    value_put_str(answers, &bench->fixture->arena, "to_place", place);
    value_put_text(answers, &bench->fixture->arena, "to_name", "");
    {
        struct task task = fixture_task(bench->fixture, "system");

        tap_ok(bench->tap,
               str_equal_c(receiver_name(&task, answers), "CLINICAPRUEBA"),
               "a receiver of the directory has its name");
    }
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct bench bench = {.tap = tap, .fixture = fixture};

    bench.person = fixture_person(
        fixture, "{'given_names':'Ana','first_surname':'Pérez','sex':'M',"
                 "'birth_date':'1991-02-03','contact_person':'PARIENTE'}");
    check_steps(&bench);
    check_guesses(&bench);
    check_letters(&bench);
    check_notice(&bench);
    check_paths(&bench);
    check_copy(&bench);
    check_nowhere(&bench);
    check_receiver(&bench);
    check_retention(&bench);
}

int main(void)
{
    return fixture_main(check);
}
