/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_decide.c - the one decision, and the ways around it that people try: a
 * file of somebody else, opened, merged or taken; a role of one's own raised;
 * a receiver who may not have it. t_matrix walks the pages. Everybody is made
 * up.
 */
#include "domain/access/decide.h"
#include "domain/account/account.h"
#include "domain/person/merge.h"
#include "domain/policy.h"
#include "domain/referral/referral.h"
#include "domain/report/export.h"
#include "domain_fixture.h"

static struct decision ask(struct task *task, enum act act, const char *kind,
                           struct str subject, const char *purpose)
{
    struct want want = {.act = act,
                        .kind = str_of(kind),
                        .record = subject,
                        .subject = subject,
                        .purpose = str_of(purpose)};
    struct decision decision;
    struct err err = {0};

    if (decide(task, &want, &decision, &err))
        fixture_say(&err);
    return decision;
}

static bool opens(struct task *task, struct str person, unsigned compartment)
{
    struct decision decision = ask(task, ACT_READ, "person", person, "");

    return decision.allowed && (decision.role->compartments & compartment);
}

static struct str file_of(struct fixture *fixture, struct str person,
                          const char *manager)
{
    return fixture_record(
        fixture, "casefile",
        str_c(&fixture->arena,
              str_format(&fixture->arena,
                         "{'person':'%.*s','manager':'%s','status':'abierto'}",
                         STR_ARGS(person), manager)));
}

static void check_deny(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(fixture, "{'alias':'Prueba'}");
    struct task worker = fixture_task(fixture, "case_worker");
    struct task nobody = fixture_task(fixture, "");
    struct task dpo = fixture_task(fixture, "dpo");
    struct task system = fixture_task(fixture, "system");
    struct role made_up = {
        .name = STR("king"), .rights = ~(uint64_t)0, .reach = REACH_OWN};
    struct task king = fixture_task(fixture, "");

    king.actor.role = &made_up;
    king.actor.id = STR("user-king");
    tap_ok(tap, ask(&worker, ACT_READ, "person", person, "").allowed,
           "a case worker reads a person");
    tap_ok(tap, !ask(&worker, ACT_COUNT, "person", person, "").allowed,
           "an act that does not exist is refused");
    tap_ok(tap, !ask(&worker, ACT_READ, "spaceship", person, "").allowed,
           "a kind that does not exist is refused");
    tap_ok(tap, !ask(&worker, ACT_READ, "person", person, "curiosity").allowed,
           "a purpose that does not exist is refused");
    tap_ok(tap, !ask(&worker, ACT_READ, "person", person, "house").allowed,
           "a purpose of the house opens nobody's file");
    tap_ok(tap,
           !ask(&worker, ACT_EXPORT, "person", person, "hand_over").allowed,
           "a role that the purpose does not name is refused");
    tap_ok(tap, !ask(&nobody, ACT_READ, "person", person, "").allowed,
           "nobody reads nothing");
    tap_ok(tap, !ask(&king, ACT_READ, "person", person, "").allowed,
           "a role with every right and no row reads nothing");
    tap_ok(tap, !ask(&dpo, ACT_READ, "person", person, "").allowed,
           "data protection reads no file");
    tap_ok(tap, ask(&system, ACT_READ, "person", person, "").allowed,
           "the program does its work");
}

static void check_hands(struct tap *tap, struct fixture *fixture)
{
    struct str free = fixture_person(fixture, "{'alias':'Libre'}");
    struct str mine = fixture_person(fixture, "{'alias':'Mía'}");
    struct str other = fixture_person(fixture, "{'alias':'Ajena'}");
    struct str file = file_of(fixture, other, "user-ana");
    struct task worker = fixture_task(fixture, "case_worker");
    struct task child = fixture_task(fixture, "child_officer");
    struct task boss = fixture_task(fixture, "supervisor");
    struct saved saved = {0};
    struct err err = {0}, none = {0};
    struct record record;
    const struct value *take =
        fixture_json(fixture, "{'manager':'user-case_worker'}");

    file_of(fixture, mine, "user-case_worker");
    tap_ok(tap, opens(&worker, mine, COMPARTMENT_VIOLENCE),
           "violence in a file of her own");
    tap_ok(tap, opens(&worker, free, COMPARTMENT_VIOLENCE),
           "and in one that nobody has: the first evening works");
    tap_ok(tap,
           !opens(&worker, other, COMPARTMENT_VIOLENCE) &&
               opens(&worker, other, COMPARTMENT_CHILD),
           "not in somebody else's, where the rest is open");
    tap_ok(tap, !opens(&worker, mine, COMPARTMENT_HEALTH),
           "health not even in her own");
    tap_ok(tap,
           !ask(&child, ACT_READ, "person", other, "").allowed &&
               ask(&child, ACT_READ, "person", other, "").hidden,
           "for a child officer the file of another is not there");
    tap_is_int(tap, record_get(&child, STR("person"), other, &record, &err),
               ERROR_NOT_FOUND, "nor is the record");
    tap_ok(tap,
           record_get(&child, STR("person"), STR("no-such"), &record, &none) ==
                   ERROR_NOT_FOUND &&
               !strcmp(err.message, none.message),
           "in the same words as one that never was");
    err_clear(&err);
    tap_is_int(tap, fixture_save(&worker, "casefile", file, take, &saved),
               ERROR_FORBIDDEN, "nobody takes the file of another");
    tap_is_int(
        tap,
        fixture_save(&worker, "casefile", file,
                     fixture_json(fixture, "{'team':'user-case_worker'}"),
                     &saved),
        ERROR_FORBIDDEN, "nor joins its team");
    tap_is_int(
        tap,
        fixture_save(
            &worker, "casefile", STR_NULL,
            fixture_json(fixture, str_c(&fixture->arena,
                                        str_format(&fixture->arena,
                                                   "{'person':'%.*s','manager':"
                                                   "'user-ana'}",
                                                   STR_ARGS(free)))),
            &saved),
        ERROR_FORBIDDEN, "nor gives one to a colleague");
    tap_is_int(tap, person_merge(&worker, mine, other, STR("x"), &err),
               ERROR_NONE, "two files are merged");
    decide_forget(&worker);
    tap_ok(tap, !opens(&worker, other, COMPARTMENT_VIOLENCE),
           "which does not open the file of the other");
    tap_is_int(tap, fixture_save(&boss, "casefile", file, take, &saved),
               ERROR_NONE, "the supervisor assigns it");
    decide_forget(&worker);
    tap_ok(tap, opens(&worker, other, COMPARTMENT_VIOLENCE), "and it opens");
    tap_ok(tap, !glass_open(&worker, other), "no glass is broken");
}

static void check_interview(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(fixture, "{'alias':'Entrevistada'}");
    struct task worker = fixture_task(fixture, "case_worker");
    struct task other = fixture_task(fixture, "case_worker");
    const struct value *told = fixture_json(
        fixture, str_c(&fixture->arena,
                       str_format(&fixture->arena,
                                  "{'person':'%.*s','private':'yes',"
                                  "'q02_medical':'yes','sal1_treatment':'yes'}",
                                  STR_ARGS(person))));
    struct saved saved = {0};
    struct record record = {0};
    struct err err = {0};

    other.actor.id = STR("user-another");
    tap_is_int(tap, fixture_save(&worker, "screening", STR_NULL, told, &saved),
               ERROR_NONE, "she asks of health in an interview of her own");
    record_get(&worker, STR("screening"), saved.id, &record, &err);
    tap_is(
        tap,
        str_c(&fixture->arena, value_text_of(record.answers, "sal1_treatment")),
        "yes", "and reads what she was told");
    record_get(&other, STR("screening"), saved.id, &record, &err);
    tap_ok(tap, !value_get(record.answers, "sal1_treatment"),
           "a colleague does not");
    fixture_say(&err);
}

static void check_receivers(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        fixture_person(fixture, "{'alias':'Reservada','nationality':'HND'}");
    struct str consulate =
        fixture_record(fixture, "place",
                       "{'name':'Consulado inventado','place_type':'CONS',"
                       "'consulate_of':'HND'}");
    struct str agents = fixture_record(
        fixture, "place", "{'name':'Agentes inventados','place_type':'INM'}");
    struct task karla = fixture_task(fixture, "consulate");
    struct task agent = fixture_task(fixture, "supervisor");
    struct str referral;
    struct arena *arena = &fixture->arena;

    karla.actor.place = consulate;
    agent.actor.place = agents;
    fixture_record(
        fixture, "consent",
        str_c(arena,
              str_format(arena,
                         "{'person':'%.*s','purpose':'referencia','given':"
                         "'yes','given_by':'titular','basis':"
                         "'consentimiento_expreso','data_scope':'identidad'}",
                         STR_ARGS(person))));
    referral = fixture_record(
        fixture, "referral",
        str_c(arena,
              str_format(arena,
                         "{'person':'%.*s','to_place':'%.*s','to_type':'CONS',"
                         "'urgency':'U2','share_fields':'alias',"
                         "'state':'ENVIADA'}",
                         STR_ARGS(person), STR_ARGS(consulate))));
    tap_ok(tap, ask(&karla, ACT_READ, "referral", referral, "answer").allowed,
           "a consulate reads what was referred to it");
    tap_ok(tap,
           !ask(&karla, ACT_READ, "person", person, "").allowed &&
               !ask(&karla, ACT_LIST, "person", STR(""), "").allowed,
           "and no person, nor a list of nationals");
    fixture_record(fixture, "profile",
                   str_c(arena, str_format(arena,
                                           "{'person':'%.*s','code':'SOLREF',"
                                           "'state':'indicios'}",
                                           STR_ARGS(person))));
    tap_ok(tap, !ask(&karla, ACT_READ, "referral", referral, "answer").allowed,
           "signs of asylum close it, also after it was sent");
    tap_ok(tap, !ask(&agent, ACT_READ, "person", person, "").allowed,
           "nobody of an enforcement authority reads, whatever the role");
}

static void check_accounts(struct tap *tap, struct fixture *fixture)
{
    struct task system = fixture_task(fixture, "system");
    struct task admin = fixture_task(fixture, "admin");
    struct str id = STR_NULL, second = STR_NULL;
    struct saved saved = {0};
    struct err err = {0};
    struct str agents = fixture_record(fixture, "place",
                                       "{'name':'Agentes','place_type':'INM'}");
    const struct value *up = fixture_json(fixture, "{'role':'supervisor'}");
    struct value *place = value_object(&fixture->arena);

    account_add(&system, STR("jefa"), STR("Jefa"), STR("admin"),
                STR("una frase larga"), &id, &err);
    account_add(&system, STR("otra"), STR("Otra"), STR("intake"),
                STR("una frase larga"), &second, &err);
    fixture_say(&err);
    admin.actor.id = id;
    tap_is_int(tap, fixture_save(&admin, "user", id, up, &saved),
               ERROR_FORBIDDEN, "nobody raises her own role");
    tap_is_int(tap, fixture_save(&admin, "user", second, up, &saved),
               ERROR_NONE, "she raises somebody else's");
    value_put_str(place, &fixture->arena, "place", agents);
    tap_is_int(tap, fixture_save(&admin, "user", second, place, &saved),
               ERROR_BLOCKED, "no account for those who detain");
}

static enum error take_out(struct task *task, const char *purpose,
                           const char *reason, struct exported *file,
                           struct err *err)
{
    struct export_order order = {.kind = STR("person"),
                                 .purpose = str_of(purpose),
                                 .reason = str_of(reason)};

    return export_run(task, &order, file, err);
}

static void check_export(struct tap *tap, struct fixture *fixture)
{
    struct task boss = fixture_task(fixture, "supervisor");
    struct task worker = fixture_task(fixture, "case_worker");
    struct exported file = {0};
    struct err err = {0};
    struct str yes =
        fixture_person(fixture, "{'given_names':'Qz-si','nationality':'HND'}");

    fixture_person(fixture, "{'given_names':'Qz-no','nationality':'GTM'}");
    fixture_record(
        fixture, "consent",
        str_c(&fixture->arena,
              str_format(&fixture->arena,
                         "{'person':'%.*s','purpose':'investigacion',"
                         "'given':'yes','given_by':'titular',"
                         "'basis':'consentimiento_expreso',"
                         "'data_scope':'identidad'}",
                         STR_ARGS(yes))));
    tap_is_int(
        tap,
        take_out(&worker, "statistics", "porque quiero verlo", &file, &err),
        ERROR_FORBIDDEN, "who has no right exports nothing");
    err_clear(&err);
    tap_is_int(tap, take_out(&boss, "statistics", "x", &file, &err),
               ERROR_INPUT, "a reason is wanted");
    err_clear(&err);
    tap_is_int(
        tap, take_out(&boss, "statistics", "informe del consejo", &file, &err),
        ERROR_NONE, "statistics");
    fixture_say(&err);
    tap_ok(tap,
           file.rows > 1 && str_find(file.csv, STR("Qz-")) == SIZE_MAX &&
               str_find(file.csv, STR("given_names")) == SIZE_MAX &&
               str_find(file.csv, STR("age_band")) != SIZE_MAX,
           "without a name, not even a column for it");
    tap_ok(tap,
           str_find(file.csv, file.id) != SIZE_MAX &&
               str_find(file.name, str_slice(file.id, file.id.size - 12,
                                             file.id.size)) != SIZE_MAX &&
               file.csv.at[0] != '#',
           "its number stands in the file and its name");
    tap_is(tap, fixture_answer(fixture, "export", file.id, "purpose"),
           "statistics", "and in the log");
    tap_is_int(tap,
               take_out(&boss, "research", "estudio aprobado", &file, &err),
               ERROR_NONE, "research");
    tap_ok(tap,
           file.rows == 1 && str_find(file.csv, STR("Qz-si")) != SIZE_MAX &&
               str_find(file.csv, STR("Qz-no")) == SIZE_MAX,
           "only who allowed it");
}

/* Where the house wants two people, one alone takes out nothing. */
static void check_two(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *name, *password;
        enum error error;
        const char *what;
    } row[] = {
        {"", "", ERROR_INPUT, "nobody beside her: nothing"},
        {"jefa2", "la palabra de jefa dos", ERROR_INPUT, "nor she herself"},
        {"segunda", "esta no es su palabra", ERROR_INPUT, "nor a wrong word"},
        {"nadie", "la palabra de nadie", ERROR_INPUT, "nor nobody"},
        {"recepcion", "la palabra de recepcion", ERROR_INPUT,
         "nor who may not do it herself"},
        {"Segunda", "la palabra de segunda", ERROR_NONE,
         "somebody else who may: the file"}};
    struct task system = fixture_task(fixture, "system"),
                boss = fixture_task(fixture, "supervisor");
    struct visit visit = {.address = STR("local")};
    struct exported file = {0};
    struct str own = STR(""), second = STR(""), other;
    struct err err = {0};

    account_add(&system, STR("jefa2"), STR("Jefa"), STR("supervisor"),
                STR("la palabra de jefa dos"), &own, &err);
    account_add(&system, STR("segunda"), STR("Segunda"), STR("supervisor"),
                STR("la palabra de segunda"), &second, &err);
    account_add(&system, STR("recepcion"), STR("R"), STR("intake"),
                STR("la palabra de recepcion"), &other, &err);
    boss.actor.id = own;
    boss.actor.name = STR("jefa2");
    tap_is_int(
        tap,
        policy_set(&system, STR("export_second"), STR("quizá"), STR("x"), &err),
        ERROR_INPUT, "yes or no");
    err_clear(&err);
    tap_is_int(tap,
               policy_set(&system, STR("export_second"), STR("yes"),
                          STR("acuerdo del consejo"), &err),
               ERROR_NONE, "two people");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct export_order order = {.kind = STR("person"),
                                     .purpose = STR("statistics"),
                                     .reason = STR("informe del consejo"),
                                     .second = str_of(row[i].name),
                                     .password = str_of(row[i].password),
                                     .visit = &visit};

        err_clear(&err);
        tap_is_int(tap, export_run(&boss, &order, &file, &err), row[i].error,
                   row[i].what);
    }
    tap_is(tap, fixture_answer(fixture, "export", file.id, "seconded_by"),
           str_c(&fixture->arena, second), "and both stand in the log");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_deny(tap, fixture);
    check_hands(tap, fixture);
    check_interview(tap, fixture);
    check_receivers(tap, fixture);
    check_accounts(tap, fixture);
    check_export(tap, fixture);
    check_two(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
