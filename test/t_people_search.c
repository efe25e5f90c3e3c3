/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_search.c - what somebody types, and who must come first: names as
 * they are heard, half names, codes, telephones, documents. Everybody here is
 * made up. */
#include "domain/person/match.h"
#include "domain/person/person_find.h"

#include "domain_fixture.h"

static const char *const people[] = {
    /* 0 */ "{'given_names':'Wilmer Josué','first_surname':'Murillo',"
            "'second_surname':'Funes','birth_date':'1999-03-04','sex':'H',"
            "'nationality':'HND','phone':'+50498765432',"
            "'documents':[{'doc_type':'identidad','issuing_country':'HND',"
            "'doc_number':'0801-1999-12345'}]}",
    /* 1 */
    "{'given_names':'Catarina','first_surname':'Us',"
    "'second_surname':'Xo','sex':'M','nationality':'GTM'}",
    /* 2 */
    "{'given_names':'Jean-Baptiste','first_surname':'Saint-Louis',"
    "'sex':'H','nationality':'HTI','bracelet':'B-042'}",
    /* 3 */
    "{'given_names':'Preeti','first_surname':'D\\u2019Souza','sex':'M',"
    "'nationality':'IND','documents':[{'doc_type':'pasaporte',"
    "'issuing_country':'IND','doc_number':'Z 1234567'}]}",
    /* 4 */
    "{'given_names':'Micaela','first_surname':'Tz\\u2019oc',"
    "'second_surname':'K\\u2019ich','sex':'M','nationality':'GTM'}",
    /* 5 */
    "{'given_names':'MARÍA DE LOS ÁNGELES','first_surname':'PEÑA',"
    "'second_surname':'DE LEÓN','sex':'M','nationality':'MEX',"
    "'documents':[{'doc_type':'CURP',"
    "'doc_number':'PELA850203MCSXNN09'}]}",
    /* 6 */
    "{'given_names':'João Paulo','first_surname':'Conceição',"
    "'second_surname':'dos Santos','sex':'H','nationality':'BRA',"
    "'whatsapp':'+52 962 123 4567'}",
    /* 7 */
    "{'alias':'La Flaca','anonymity_level':'alias','sex':'M',"
    "'nationality':'HND','external_id':'F-2023/118'}",
    /* 8 */
    "{'given_names':'Guadalupe','first_surname':'Vázquez',"
    "'second_surname':'Jiménez','sex':'M','nationality':'MEX'}",
    /* 9 */
    "{'given_names':'José','first_surname':'García',"
    "'second_surname':'Murillo','sex':'H','nationality':'HND',"
    "'birth_date':'1985-01-20'}",
    /* 10 */
    "{'given_names':'José María','first_surname':'Garza','sex':'H',"
    "'nationality':'MEX'}",
    /* 11 */
    "{'given_names':'Ana','first_surname':'Li','sex':'M',"
    "'nationality':'CHN'}",
    /* 12 */
    "{'given_names':'Xiomara','first_surname':'Euceda','sex':'M',"
    "'nationality':'HND'}",
    /* 13 */
    "{'given_names':'Guerline','first_surname':'Toussaint','sex':'M',"
    "'nationality':'HTI'}",
};
enum { PEOPLE = sizeof people / sizeof people[0] };

static const struct {
    const char *typed;
    int person;
    const char *reason; /* that must be given, or NULL */
} finds[] = {
    /* any part, any order, any case */
    {"murillo funes", 0, NULL},
    {"FUNES WILMER", 0, NULL},
    {"wilm", 0, NULL},
    {"josue mur", 0, NULL},
    {"guilmer murrillo", 0, "suena igual"},
    {"wilmr funes", 0, NULL},
    {"jose garcia", 9, NULL},
    {"jose garza", 10, NULL},
    {"garcia murillo", 9, NULL},
    {"chepe garcia", 9, "nombre en otra forma (diminutivo)"},
    {"lupita vasques", 8, NULL},
    {"basquez gimenez", 8, "suena igual"},
    {"siomara euzeda", 12, "suena igual"},
    {"joao", 6, NULL},
    {"Joao Conceisao", 6, "suena igual"},
    {"santos joao", 6, NULL},
    {"gerlin tusen", 13, NULL},
    {"wilmer murillo funez", 0, NULL},
    /* two letters */
    {"us", 1, NULL},
    {"Us Xo", 1, NULL},
    {"catarina us", 1, NULL},
    {"XO", 1, NULL},
    {"ana li", 11, NULL},
    {"li", 11, NULL},
    /* hyphens, apostrophes, particles, titles */
    {"jean baptiste", 2, NULL},
    {"Jean-Baptiste", 2, NULL},
    {"jeanbaptiste", 2, NULL},
    {"saint louis", 2, NULL},
    {"saintlouis", 2, NULL},
    {"st louis", 2, NULL},
    {"d'souza", 3, NULL},
    {"D\xE2\x80\x99Souza", 3, NULL},
    {"dsouza", 3, NULL},
    {"souza preeti", 3, NULL},
    {"d souza", 3, NULL},
    {"tzoc", 4, NULL},
    {"Tz'oc", 4, NULL},
    {"Tz\xC2\xB4oc", 4, NULL},
    {"kich micaela", 4, NULL},
    {"maria de los angeles", 5, NULL},
    {"angeles peña", 5, NULL},
    {"pena de leon", 5, NULL},
    {"deleon maria", 5, NULL},
    {"Ma. Angeles Pena", 5, NULL},
    {"Sra. Xiomara Euceda", 12, NULL},
    {"Xiomara Euceda (menor)", 12, NULL},
    {"doña xiomara", 12, NULL},
    {"Lic. Wilmer Murillo", 0, NULL},
    {"flaca", 7, NULL},
    /* codes, telephones, documents, dates */
    {"B-042", 2, "mismo código"},
    {"b042", 2, "mismo código"},
    {"F-2023/118", 7, "mismo código"},
    {"f2023118", 7, "mismo código"},
    {"9876 5432", 0, "mismo teléfono"},
    {"00504 98765432", 0, "mismo teléfono"},
    {"962 123 45 67", 6, "mismo teléfono"},
    {"5219621234567", 6, "mismo teléfono"},
    {"0801-1999-12345", 0, "mismo documento"},
    {"0801199912345", 0, "mismo documento"},
    {"08011999", 0, "mismo documento"},
    {"z1234567", 3, "mismo documento"},
    {"Z-1234567", 3, "mismo documento"},
    {"pela850203mcsxnn09", 5, "mismo documento"},
    {"preeti Z1234567", 3, "mismo documento"},
    {"jose 1985", 9, "mismo año de nacimiento"},
    {"20/01/1985", 9, "misma fecha de nacimiento"},
    {"1985-01-20", 9, "misma fecha de nacimiento"},
};

static bool gives(const struct find_hit *hit, const char *reason)
{
    if (!reason)
        return true;
    for (size_t i = 0; i < hit->reasons; i++)
        if (strcmp(hit->reason[i], reason) == 0)
            return true;
    return false;
}

static void check_finds(struct tap *tap, struct fixture *fixture,
                        const struct str *id)
{
    for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
        struct task task = fixture_task(fixture, "system");
        struct find_hit *hit = NULL;
        size_t count = 0;
        struct err err = {0};
        bool ok;

        if (person_find(&task, str_of(finds[i].typed), 10, &hit, &count, &err))
            fixture_say(&err);
        ok = count && str_equal(hit[0].id, id[finds[i].person]) &&
             gives(&hit[0], finds[i].reason);
        tap_ok(tap, ok, "'%s' finds her first%s%s", finds[i].typed,
               finds[i].reason ? ": " : "",
               finds[i].reason ? finds[i].reason : "");
        for (size_t j = 0; !ok && j < count; j++)
            printf("# %.1f %.*s\n", hit[j].score,
                   STR_ARGS(name_full(task.arena, hit[j].answers)));
    }
}

/* Somebody at the desk shows the same paper, under another name. */
static void check_paper(struct tap *tap, struct fixture *fixture,
                        const struct str *id)
{
    struct task task = fixture_task(fixture, "system");
    struct match *match = NULL;
    size_t count = 0;
    struct err err = {0};
    bool said = false;

    if (person_matches(
            &task,
            fixture_json(fixture,
                         "{'given_names':'Wilmer','first_surname':'Cruz',"
                         "'documents':[{'doc_type':'identidad',"
                         "'issuing_country':'HND',"
                         "'doc_number':'0801 1999 12345'}]}"),
            STR(""), 5, &match, &count, &err))
        fixture_say(&err);
    for (size_t i = 0; count && i < match[0].steps; i++)
        said |= match[0].step[i].level == MATCH_DOCUMENT_SAME;
    tap_ok(tap, count && str_equal(match[0].id, id[0]) && said,
           "the same document brings her file, and says why");
    count = 0;
    if (person_matches(&task,
                       fixture_json(fixture, "{'given_names':'Wilmer',"
                                             "'phone':'98765432'}"),
                       STR(""), 5, &match, &count, &err))
        fixture_say(&err);
    said = false;
    for (size_t i = 0; count && i < match[0].steps; i++)
        said |= match[0].step[i].level == MATCH_PHONE_SAME;
    tap_ok(tap, count && str_equal(match[0].id, id[0]) && said,
           "so does the same telephone, written without its country");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct str id[PEOPLE];

    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    for (size_t i = 0; i < PEOPLE; i++)
        id[i] = fixture_person(fixture, people[i]);
    check_finds(tap, fixture, id);
    check_paper(tap, fixture, id);
}

int main(void)
{
    return fixture_main(check);
}
