/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_catalog.c - tables of the catalogue from texts in memory, and the
 * roles and rights that stand in the real one.
 */
#include <stdio.h>

#include "core/csv.h"
#include "core/date.h"
#include "domain/access/access.h"
#include "domain/catalog.h"
#include "domain/person/words.h"
#include "tap.h"

struct file {
    const char *name, *text;
};

static struct str find_file(void *context, struct str name)
{
    for (const struct file *file = context; file->name; file++)
        if (str_equal_c(name, file->name))
            return str_of(file->text);
    return STR_NULL;
}

static const char role_text[] =
    "name,label::Español (es),label::English (en),rights,compartments,"
    "assigned,flags,asks,reach,unassigned\n"
    "nurse,Enfermería,Nurse,person.read  person.write,health,violence,,,own,\n"
    "chief,Jefatura,,person.read user.admin,health violence asylum child "
    "sogiesc,,,,own,open\n";

static struct catalog *load(struct arena *arena, struct file *file,
                            struct err *err)
{
    struct form_files files = {file, find_file};
    struct catalog *catalog = NULL;

    catalog_load(arena, &files, &catalog, err);
    return catalog;
}

static void check_tables(struct tap *tap, struct arena *arena)
{
    struct file file[] = {
        {"catalog/INDEX", "role.csv\ncatalog/fruit.csv\r\n\nREADME\n"
                          "holiday.csv\n"},
        {"catalog/role.csv", role_text},
        {"catalog/fruit.csv",
         "\xEF\xBB\xBFname,label::Español (es),label::English (en),colour\r\n"
         "apple,Manzana,Apple,\"red, or green\"\r\n"
         "fig,Higo\r\n"
         ",,,\r\n"
         "apple,Otra,Other,blue\r\n"},
        {"catalog/holiday.csv", "country,date\nMEX,2026-12-25\n"
                                "MEX,2026-01-01\nMEX,2026-12-25\n"
                                "GTM,2026-09-15\n"},
        {NULL, NULL}};
    struct err err = {0};
    struct catalog *catalog = load(arena, file, &err);
    const struct catalog_table *fruit = catalog_table(catalog, "fruit");
    const int64_t *day = NULL;

    if (!tap_ok(tap, fruit != NULL, "a table is read"))
        return;
    tap_is_int(tap, (long long)fruit->rows, 3, "blank rows are left out");
    tap_is_int(tap, (long long)catalog_find(fruit, STR("apple")), 0,
               "the first of two rows with one key");
    tap_is_int(tap, (long long)catalog_find(fruit, STR("fig")), 1, "found");
    tap_ok(tap, catalog_find(fruit, STR("plum")) == SIZE_MAX, "not found");
    tap_is(tap, str_c(arena, catalog_cell(fruit, 0, "colour")), "red, or green",
           "a cell");
    tap_ok(tap, str_is_null(catalog_cell(fruit, 1, "colour")),
           "a short row has no such cell");
    tap_ok(tap,
           str_is_null(catalog_cell(fruit, 9, "colour")) &&
               str_is_null(catalog_cell(fruit, 0, "taste")),
           "outside the table there is nothing");
    tap_is(tap, str_c(arena, catalog_label(fruit, 0, "label", STR("en"))),
           "Apple", "a label in English");
    tap_is(tap, str_c(arena, catalog_label(fruit, 0, "label", STR("en-GB"))),
           "Apple", "a region falls back on its language");
    tap_is(tap, str_c(arena, catalog_label(fruit, 1, "label", STR("en"))),
           "Higo", "a gap falls back on Spanish");
    tap_is(tap,
           str_c(arena, catalog_name(catalog, "fruit", STR("plum"), STR("es"))),
           "plum", "what has no name is called by its key");
    tap_is_int(tap, (long long)catalog_holidays(catalog, STR("MEX"), &day), 2,
               "holidays once each");
    tap_ok(tap, day && day[0] < day[1], "in order");
    tap_is_int(tap, (long long)catalog_holidays(catalog, STR("HND"), &day), 0,
               "a country without a table has none");
}

static void check_wrong(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *name, *index, *role, *holiday;
        enum error error;
        const char *arg;
    } row[] = {
        {"no index", "", "", "", ERROR_NOT_FOUND, "catalog/INDEX"},
        {"a file that is missing", "role.csv\nx.csv", role_text, "",
         ERROR_NOT_FOUND, "catalog/x.csv"},
        {"no roles", "holiday.csv", "", "country,date\n", ERROR_NOT_FOUND,
         "catalog/role.csv"},
        {"a right that does not exist", "role.csv",
         "name,rights,compartments,assigned,flags,asks,reach,unassigned\n"
         "chief,fly.high,,,,,own,\n",
         "", ERROR_INPUT, "chief"},
        {"a table that does not say who reaches what", "role.csv",
         "name,rights,compartments\nchief,person.read,\n", "", ERROR_INPUT,
         "role"},
        {"a reach that does not exist", "role.csv",
         "name,rights,compartments,assigned,flags,asks,reach,unassigned\n"
         "nurse,,,,,,own,\nchief,,,,,,everywhere,\n",
         "", ERROR_INPUT, "role.csv, 3, reach"},
        {"a compartment that does not exist", "role.csv",
         "name,rights,compartments,assigned,flags,asks,reach,unassigned\n"
         "chief,,helth,,,,own,\n",
         "", ERROR_INPUT, "role.csv, 2, compartments"},
        {"files that nobody can be in charge of", "role.csv",
         "name,rights,compartments,assigned,flags,asks,reach,unassigned\n"
         "chief,person.read,,,,,none,\n",
         "", ERROR_INPUT, "role.csv, 2, reach"},
        {"a row that is too long", "role.csv", "name,rights\na,,c\n", "",
         ERROR_INPUT, "catalog/role.csv"},
        {"a date that is none", "role.csv\nholiday.csv", role_text,
         "country,date\nMEX,25/12/2026\n", ERROR_INPUT, "catalog/holiday.csv"},
        {"a quote left open", "role.csv", "name,rights\n\"a,b\n", "",
         ERROR_INPUT, "2"},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct file file[] = {{"catalog/INDEX", row[i].index},
                              {"catalog/role.csv", row[i].role},
                              {"catalog/holiday.csv", row[i].holiday},
                              {NULL, NULL}};
        struct err err = {0};

        tap_ok(tap, !load(arena, file, &err) && err.code == row[i].error,
               "%s is refused", row[i].name);
        tap_is(tap, err.arg[0], row[i].arg, "and named");
    }
}

static void check_roles(struct tap *tap, struct arena *arena)
{
    struct file file[] = {{"catalog/INDEX", "role.csv"},
                          {"catalog/role.csv", role_text},
                          {NULL, NULL}};
    struct err err = {0};
    struct catalog *catalog = load(arena, file, &err);
    const struct role *nurse = catalog_role(catalog, STR("nurse"));
    struct question plain = {.name = STR("a")};
    struct question health = {.name = STR("b"), .compartment = STR("health")};
    struct question child = {.name = STR("c"), .compartment = STR("child")};
    struct question odd = {.name = STR("d"), .compartment = STR("secret")};
    struct question inside = {.name = STR("e"), .parent = &child};

    if (!tap_ok(tap, nurse != NULL, "a role"))
        return;
    tap_ok(tap,
           role_has(nurse, RIGHT_PERSON_WRITE) &&
               !role_has(nurse, RIGHT_USER_ADMIN),
           "its rights and no others");
    tap_ok(tap, role_has(nurse, RIGHT_LOGIN) && !role_has(NULL, RIGHT_LOGIN),
           "to be logged in is to have a role");
    tap_ok(tap, role_has(NULL, RIGHT_NONE), "nobody may what all may");
    tap_ok(tap, role_reads(nurse, &plain) && role_reads(nurse, &health),
           "open and own compartments are read");
    tap_ok(tap, !role_reads(nurse, &child) && !role_reads(nurse, &inside),
           "closed ones are not, nor what is inside them");
    tap_ok(tap, !role_reads(catalog_role(catalog, STR("chief")), &odd),
           "a compartment nobody knows is closed to all");
    tap_ok(tap, role_reads(NULL, &plain) && !role_reads(NULL, &health),
           "nobody reads what is open");
    tap_ok(tap, !catalog_role(catalog, STR("king")), "no such role");
}

static void check_kinds(struct tap *tap)
{
    static const struct {
        const char *kind;
        enum right read, write;
    } row[] = {
        {"person", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
        {"screening", RIGHT_PERSON_READ, RIGHT_SCREENING_WRITE},
        {"casefile", RIGHT_PERSON_READ, RIGHT_CASE_WRITE},
        {"referral", RIGHT_PERSON_READ, RIGHT_REFERRAL_WRITE},
        {"place", RIGHT_PLACE_READ, RIGHT_PLACE_WRITE},
        {"user", RIGHT_USER_ADMIN, RIGHT_USER_ADMIN},
        {"of their own", RIGHT_PERSON_READ, RIGHT_PERSON_WRITE},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        tap_ok(tap,
               right_to_read(str_of(row[i].kind)) == row[i].read &&
                   right_to_write(str_of(row[i].kind)) == row[i].write,
               "rights of kind %s", row[i].kind);
}

static void check_words(struct tap *tap, struct arena *arena)
{
    tap_ok(tap, words_within(STR(" b  a"), STR("a b c")), "within");
    tap_ok(tap, !words_within(STR("a d"), STR("a b c")), "not within");
    tap_ok(tap, words_within(STR(""), STR("")), "nothing is within nothing");
    tap_ok(tap, !words_have(STR("INM-TVRH"), STR("INM")), "whole words only");
    tap_is(tap, str_c(arena, words_union(arena, STR("a b"), STR("b c a d"))),
           "a b c d", "union");
    tap_is(tap, str_c(arena, words_common(arena, STR("a b c"), STR("c a"))),
           "a c", "common");
    tap_is_int(tap, (long long)words_count(STR("  a  b ")), 2, "count");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_tables(&tap, &arena);
    check_wrong(&tap, &arena);
    check_roles(&tap, &arena);
    check_kinds(&tap);
    check_words(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
