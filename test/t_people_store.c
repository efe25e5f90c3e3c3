/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_store.c - people in a store: registered, found, proposed as the
 * same, merged and parted again. */
#include "domain/import/import.h"
#include "domain/person/match.h"
#include "domain/person/merge.h"
#include "domain/person/person.h"
#include "domain/person/person_find.h"

#include "domain_fixture.h"

static const struct {
    const char *json;
} people[] = {
    {"{'given_names':'José Luis','first_surname':'Hernández',"
     "'second_surname':'Zelaya','birth_date':'1998-12-31','sex':'H',"
     "'nationality':'HND','phone':'+50498765432'}"},
    {"{'given_names':'María del Carmen','first_surname':'de la Cruz',"
     "'second_surname':'López','birth_date':'1985-03-04','sex':'M',"
     "'nationality':'MEX'}"},
    {"{'given_names':'Francisco','first_surname':'Cañas',"
     "'birth_date':'1990','sex':'H','nationality':'SLV'}"},
    {"{'given_names':'Wideline','first_surname':'Toussaint','sex':'M',"
     "'nationality':'HTI','age_years':'23','age_source':'estimada'}"},
    {"{'given_names':'Xavier','first_surname':'Villalobos',"
     "'second_surname':'Bracho','sex':'H','nationality':'VEN'}"},
    {"{'alias':'La Flaca','anonymity_level':'alias','sex':'M',"
     "'nationality':'HND','age_band':'18-24'}"},
    {"{'given_names':'Ana','first_surname':'Muñoz','birth_date':'2010-05-06',"
     "'sex':'M','nationality':'GTM','bracelet':'A-117'}"},
    {"{'given_names':'Jean Robert','first_surname':'Pierre','sex':'H',"
     "'nationality':'HTI','birth_date':'1991-07-14'}"},
};
enum { PEOPLE = sizeof people / sizeof people[0] };

/* typed, index in people, a reason it must give or NULL */
static const struct {
    const char *typed;
    int person;
    const char *reason;
} finds[] = {
    {"hernandez", 0, NULL},
    {"ernandes selaya", 0, "suena igual"},
    {"Zelaya José", 0, NULL},
    {"jose hern", 0, NULL},
    {"hdez zelaya", 0, NULL},
    {"98765432", 0, "mismo teléfono"},
    {"+504 9876 5432", 0, "mismo teléfono"},
    {"5432", 0, "mismo teléfono"},
    {"luis 1998", 0, "mismo año de nacimiento"},
    {"31/12/1998", 0, "misma fecha de nacimiento"},
    {"cruz lopez", 1, NULL},
    {"delacruz", 1, NULL},
    {"Ma. Carmen de la cruz", 1, NULL},
    {"pancho canas", 2, "nombre en otra forma (diminutivo)"},
    {"CAÑAS", 2, NULL},
    {"francisco javier bracho", 4, "suena igual"},
    {"tousen", 3, "suena igual"},
    {"wideline", 3, NULL},
    {"javier billalobos", 4, "suena igual"},
    {"bracho villalobos", 4, NULL},
    {"flaca", 5, NULL},
    {"munoz", 6, NULL},
    {"A-117", 6, "mismo código"},
    {"a117", 6, "mismo código"},
    {"pierre jean", 7, NULL},
    {"piere", 7, NULL},
    {"Villaloboz xabier", 4, "suena igual"},
};

static void check_find(struct tap *tap, struct fixture *fixture,
                       const struct str *id)
{
    for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
        struct task task = fixture_task(fixture, "system");
        struct find_hit *hit = NULL;
        size_t count = 0;
        struct err err = {0};
        bool reason = !finds[i].reason;

        if (person_find(&task, str_of(finds[i].typed), 10, &hit, &count, &err))
            fixture_say(&err);
        for (size_t j = 0; count && j < hit[0].reasons; j++)
            reason |= finds[i].reason &&
                      strcmp(hit[0].reason[j], finds[i].reason) == 0;
        tap_ok(
            tap, count && str_equal(hit[0].id, id[finds[i].person]) && reason,
            "'%s' finds her%s%s", finds[i].typed, finds[i].reason ? ": " : "",
            finds[i].reason ? finds[i].reason : "");
    }
}

static void check_find_nothing(struct tap *tap, struct fixture *fixture)
{
    static const char *const nothing[] = {"",     "  ",    "%",
                                          "zzqx", "'; --", "999999999"};

    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        struct task task = fixture_task(fixture, "system");
        struct find_hit *hit = NULL;
        size_t count = 9;
        struct err err = {0};

        tap_ok(
            tap,
            !person_find(&task, str_of(nothing[i]), 10, &hit, &count, &err) &&
                count == 0,
            "'%s' finds nobody", nothing[i]);
    }
}

static const struct {
    const char *draft;
    int person;
    enum match_zone zone;
} drafts[] = {
    {"{'given_names':'Jose','first_surname':'Ernandes','sex':'H',"
     "'birth_date':'1998-12-31','nationality':'HND'}",
     0, MATCH_PROBABLE},
    {"{'given_names':'Pancho','first_surname':'Canas','nationality':'SLV',"
     "'birth_date':'1990-06-07'}",
     2, MATCH_PROBABLE},
    {"{'given_names':'Javier','first_surname':'Bracho'}", 4, MATCH_POSSIBLE},
    {"{'given_names':'Pierre','first_surname':'Jean Robert',"
     "'birth_date':'1991-07-14','nationality':'HTI'}",
     7, MATCH_PROBABLE},
    {"{'given_names':'Karen','first_surname':'Smith'}", -1, MATCH_UNLIKELY},
    {"{'nationality':'HND'}", -1, MATCH_UNLIKELY},
};

static void check_matches(struct tap *tap, struct fixture *fixture,
                          const struct str *id)
{
    for (size_t i = 0; i < sizeof drafts / sizeof drafts[0]; i++) {
        struct task task = fixture_task(fixture, "system");
        struct match *match = NULL;
        size_t count = 0;
        struct err err = {0};

        if (person_matches(&task, fixture_json(fixture, drafts[i].draft),
                           STR(""), 5, &match, &count, &err))
            fixture_say(&err);
        if (drafts[i].person < 0) {
            tap_is_int(tap, (long long)count, 0, drafts[i].draft);
            continue;
        }
        tap_ok(tap,
               count && str_equal(match[0].id, id[drafts[i].person]) &&
                   match[0].zone == drafts[i].zone,
               "proposed: %s", drafts[i].draft);
        if (count)
            printf("# %.1f %d\n", match[0].score, match[0].zone);
    }
}

/* --- header, rule -----------------------------------------------------------
 */

static void check_header(struct tap *tap, struct fixture *fixture,
                         const struct str *id)
{
    struct task task = fixture_task(fixture, "system");
    struct person_header header;
    struct err err = {0};
    struct saved saved;

    tap_ok(tap, !person_header(&task, id[0], &header, &err), "a header");
    tap_is(tap, str_c(task.arena, header.name), "José Luis Hernández Zelaya",
           "her name");
    tap_is(tap, str_c(task.arena, header.age), "27 años", "her age");
    tap_is(tap, str_c(task.arena, header.nationality), "Honduras",
           "her nationality in words");
    tap_ok(tap, case_code_valid(task.arena, header.case_code), "her code %.*s",
           STR_ARGS(header.case_code));
    person_header(&task, id[3], &header, &err);
    tap_is(tap, str_c(task.arena, header.age), "unos 23 años", "an estimate");
    person_header(&task, id[5], &header, &err);
    tap_is(tap, str_c(task.arena, header.name), "La Flaca", "an alias");
    tap_is(tap, str_c(task.arena, header.age), "18 a 24 años", "an age band");
    person_header(&task, id[6], &header, &err);
    tap_ok(tap, header.child, "16 years is a child");
    tap_is(tap, fixture_answer(fixture, "person", id[3], "age_on"),
           "2026-11-22", "an age is true of its day");
    tap_ok(tap,
           fixture_save(&task, "person", STR_NULL,
                        fixture_json(fixture,
                                     "{'given_names':'Ana',"
                                     "'anonymity_level':'anonymous_count'}"),
                        &saved) == ERROR_INPUT,
           "no name for who gave none");
    tap_ok(tap,
           !fixture_save(&task, "person", STR_NULL,
                         fixture_json(fixture,
                                      "{'anonymity_level':'anonymous_count',"
                                      "'sex':'M','age_band':'30-39',"
                                      "'nationality':'CUB'}"),
                         &saved),
           "registered without a name");
}

static void check_codes(struct tap *tap, struct fixture *fixture)
{
    struct arena arena;
    size_t wrong = 0;
    bool valid = true;

    arena_init(&arena, NULL);
    for (int i = 0; i < 200; i++) {
        struct str code = case_code_new(&fixture->host, &arena);
        char *copy = (char *)(uintptr_t)str_c(&arena, code);

        valid &= code.size == 10 && case_code_valid(&arena, code);
        copy[i % 4] = copy[i % 4] == '7' ? '8' : '7';
        wrong += case_code_valid(&arena, str_of(copy)) &&
                 !str_equal(str_of(copy), code);
    }
    tap_ok(tap, valid, "codes are valid");
    tap_is_int(tap, (long long)wrong, 0, "a wrong sign is found");
    arena_release(&arena);
}

/* --- merging
 * ------------------------------------------------------------------ */

static int64_t subjects(struct fixture *fixture, struct str person)
{
    int64_t count = -1;
    bool found;
    struct err err = {0};

    db_get_int(fixture->db, &count, &found, &err,
               "SELECT count(*) FROM record WHERE subject = $1", "t", person);
    return count;
}

static void check_merge(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct task reader = fixture_task(fixture, "");
    struct str keep = fixture_person(
        fixture, "{'given_names':'Rosaura','first_surname':'Quijada'}");
    struct str other = fixture_person(
        fixture, "{'given_names':'Rosa Aura','first_surname':'Quixada'}");
    struct str kept = STR_NULL, *ids = NULL;
    struct find_hit *hit = NULL;
    size_t count = 0;
    struct err err = {0};
    struct saved saved;
    int64_t before;

    fixture_record(fixture, "arrival",
                   str_c(task.arena, str_format(task.arena,
                                                "{'person':'%.*s','arrived_on':"
                                                "'2026-11-01'}",
                                                STR_ARGS(other))));
    before = subjects(fixture, other);
    tap_ok(tap, person_merge(&task, keep, other, STR(" "), &err) == ERROR_INPUT,
           "a merge needs a reason");
    err_clear(&err);
    tap_ok(tap,
           person_merge(&task, keep, keep, STR("x"), &err) == ERROR_CONFLICT,
           "not into herself");
    err_clear(&err);
    tap_ok(tap,
           person_merge(&reader, keep, other, STR("x"), &err) ==
               ERROR_FORBIDDEN,
           "not by anybody");
    err_clear(&err);
    if (!tap_ok(tap,
                !person_merge(&task, keep, other, STR("Ella lo dijo"), &err),
                "merged"))
        fixture_say(&err);
    person_resolve(&task, other, &kept, &err);
    tap_ok(tap, str_equal(kept, keep), "the other leads to the kept");
    person_ids(&task, keep, &ids, &count, &err);
    tap_ok(tap, count == 2 && str_equal(ids[1], other),
           "her page shows the records of both");
    person_find(&task, STR("rosa aura quixada"), 10, &hit, &count, &err);
    tap_ok(tap,
           count == 1 && str_equal(hit[0].id, keep) && hit[0].merged_name.size,
           "found under the other name, as the kept one, once");
    tap_ok(tap,
           fixture_save(&task, "person", other,
                        fixture_json(fixture, "{'sex':'M'}"),
                        &saved) == ERROR_CONFLICT,
           "a merged file is not changed");
    tap_ok(tap,
           person_merge(&task, other, keep, STR("x"), &err) == ERROR_CONFLICT,
           "no circle");
    err_clear(&err);
    if (!tap_ok(tap, !person_unmerge(&task, other, STR("Eran dos"), &err),
                "parted again"))
        fixture_say(&err);
    person_resolve(&task, other, &kept, &err);
    tap_ok(tap, str_equal(kept, other), "the other stands for herself");
    tap_is_int(tap, subjects(fixture, other), before,
               "with every record she had");
    person_ids(&task, keep, &ids, &count, &err);
    tap_is_int(tap, (long long)count, 1, "the kept one is one again");
    person_find(&task, STR("quijada"), 10, &hit, &count, &err);
    tap_is_int(tap, (long long)count, 2, "both are found");
    tap_ok(tap, person_unmerge(&task, other, STR("x"), &err) == ERROR_CONFLICT,
           "parting twice is refused");
}

/* --- registering several
 * -------------------------------------------------------- */

static void check_family(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    const struct value *person[3] = {
        fixture_json(fixture, "{'given_names':'Elsa','first_surname':'Tojil',"
                              "'sex':'M','age_years':'30'}"),
        fixture_json(fixture, "{'given_names':'Beto','first_surname':'Tojil',"
                              "'age_years':'4'}"),
        fixture_json(fixture, "{'given_names':'Cati','first_surname':'Tojil',"
                              "'age_years':'300'}")};
    const struct str relation[3] = {STR_NULL, STR("hijo_a"), STR("hijo_a")};
    struct registration registration = {
        .person = person,
        .count = 3,
        .shared = fixture_json(fixture, "{'nationality':'GTM',"
                                        "'language_main':'mam'}"),
        .arrival = fixture_json(fixture, "{'arrived_on':'2026-11-22'}"),
        .group = fixture_json(fixture, "{'group_type':'familia'}"),
        .relation = relation,
        .entry = STR("01900000-0000-7000-8000-00000000aaaa")};
    struct registered registered;
    struct err err = {0};
    int64_t before = subjects(fixture, STR("none")), count = 0;
    bool found;

    (void)before;
    db_get_int(fixture->db, &before, &found, &err,
               "SELECT count(*) FROM record", "");
    tap_ok(tap,
           person_register(&task, &registration, &registered, &err) ==
                   ERROR_INPUT &&
               registered.wrong == 2 && registered.problems == 1,
           "one wrong age refuses the whole family");
    db_get_int(fixture->db, &count, &found, &err, "SELECT count(*) FROM record",
               "");
    tap_is_int(tap, count, before, "and nothing was written");
    err_clear(&err);
    person[2] =
        fixture_json(fixture, "{'given_names':'Cati','first_surname':'Tojil',"
                              "'age_years':'3'}");
    if (!tap_ok(tap, !person_register(&task, &registration, &registered, &err),
                "a family in one go"))
        fixture_say(&err);
    tap_is(tap,
           fixture_answer(fixture, "person", registered.person[1],
                          "language_main"),
           "mam", "what they share");
    tap_is(tap,
           fixture_answer(fixture, "group", registered.group, "arrival_size"),
           "3", "the group counts them");
    db_get_int(fixture->db, &count, &found, &err, "SELECT count(*) FROM record",
               "");
    tap_is_int(tap, count, before + 7,
               "three persons, three arrivals, a group");
    if (!tap_ok(tap,
                !person_register(&task, &registration, &registered, &err) &&
                    registered.repeated,
                "sent twice"))
        fixture_say(&err);
    db_get_int(fixture->db, &count, &found, &err, "SELECT count(*) FROM record",
               "");
    tap_is_int(tap, count, before + 7, "is the same family");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct str id[PEOPLE];

    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    for (size_t i = 0; i < PEOPLE; i++)
        id[i] = fixture_person(fixture, people[i].json);
    check_find(tap, fixture, id);
    check_find_nothing(tap, fixture);
    check_matches(tap, fixture, id);
    check_header(tap, fixture, id);
    check_codes(tap, fixture);
    check_merge(tap, fixture);
    check_family(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
