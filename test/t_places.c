/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_places.c - the directory on a telephone: where it has something, the whole
 * package, what changed, what is gone, and a refuge that is nowhere in it.
 * Every place in it is made up.
 */
#include "domain/directory/places.h"
#include "test/domain_fixture.h"

struct trial {
    struct tap *tap;
    struct fixture *fixture;
    struct str shelter, kitchen, refuge;
};

static const char *const secret[] = {"Xoconostle", "Zarzamora", "Tecatitlan",
                                     "32.51", "6645550199"};

static void make_places(struct trial *trial)
{
    trial->refuge = fixture_record(
        trial->fixture, "place",
        "{'name':'Casa Zarzamora','place_type':'REFUGIO','lat':'32.5123456',"
        "'lon':'-117.0456789','address':'Calle Xoconostle 45',"
        "'municipality':'Tecatitlan','admin1':'MX-BCN',"
        "'how_referred':'Por medio del Centro de Justicia.',"
        "'whatsapp':'6645550199','geo_precision':'hidden'}");
    trial->shelter = fixture_record(
        trial->fixture, "place",
        "{'name':'Albergue de Ejemplo','place_type':'ALB','lat':'32.53',"
        "'lon':'-117.03','municipality':'Tijuana','admin1':'MX-BCN',"
        "'hours':'24/7','languages':'spa hat','verified_on':'2026-11-01',"
        "'services':[{'service_code':'AL1'},{'service_code':'SA1'}],"
        "'phones':[{'number':'664 555 0100'}]}");
    trial->kitchen = fixture_record(
        trial->fixture, "place",
        "{'name':'Comedor de ejemplo','place_type':'COMEDOR','lat':'14.9',"
        "'lon':'-92.26','municipality':'Tapachula','admin1':'MX-CHP'}");
}

static const struct value *package(struct trial *trial, const char *admin1,
                                   struct str since)
{
    struct task task = fixture_task(trial->fixture, "");
    struct package_query query = {.admin1 = str_of(admin1), .since = since};
    struct value *package = NULL;
    struct err err = {0};

    if (directory_package(&task, &query, &package, &err))
        fixture_say(&err);
    return package;
}

static long places(const struct value *package)
{
    return (long)value_count(value_get(package, "places"));
}

static void check_towns(struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "");
    struct directory_town *town = NULL;
    struct err err = {0};
    size_t count = 0;

    tap_is_int(trial->tap, directory_towns(&task, &town, &count, &err),
               ERROR_NONE, "towns");
    tap_is_int(trial->tap, (long)count, 3,
               "two, and a state whose town is not told");
    tap_ok(trial->tap,
           count == 3 && town[0].municipality.size == 0 &&
               str_equal_c(town[1].name, "Tijuana") &&
               str_equal_c(town[2].admin1, "MX-CHP"),
           "by state and name");
    tap_ok(trial->tap, str_equal_c(directory_languages(&task), "hat"),
           "languages besides Spanish");
}

static void check_whole(struct trial *trial)
{
    const struct value *all = package(trial, "", STR(""));
    struct buf out;
    bool told = false;

    tap_is_int(trial->tap, places(all), 3, "the package has all");
    tap_ok(trial->tap, value_to_bool(value_get(all, "whole"), false),
           "and says so");
    tap_is_int(
        trial->tap, (long)value_count(value_at(value_get(all, "places"), 0)),
        (long)value_count(value_get(all, "columns")), "a column for each name");
    tap_is_int(trial->tap, places(package(trial, "MX-CHP", STR(""))), 1,
               "of one state");
    buf_init(&out, &trial->fixture->arena);
    value_write(all, &out);
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        told = told || str_find(buf_str(&out), str_of(secret[i])) != SIZE_MAX;
    tap_ok(trial->tap, !told, "nothing of a refuge's whereabouts");
    tap_ok(trial->tap,
           str_find(buf_str(&out), STR("Centro de Justicia")) != SIZE_MAX,
           "but how one is referred");
}

static void change(struct trial *trial, struct str id, const char *json)
{
    struct task task = fixture_task(trial->fixture, "supervisor");
    struct saved saved = {0};

    fixture_save(&task, "place", id, fixture_json(trial->fixture, json),
                 &saved);
}

static void check_changes(struct trial *trial)
{
    struct str since;
    const struct value *news, *row;

    trial->fixture->now += 60000;
    since = value_text_of(package(trial, "", STR("")), "v");
    news = package(trial, "", since);
    tap_is_int(trial->tap, places(news), 0, "nothing changed");
    tap_ok(trial->tap, !value_to_bool(value_get(news, "whole"), true),
           "and nothing else comes");
    tap_ok(trial->tap, str_equal(value_text_of(news, "v"), since),
           "the same edition");
    trial->fixture->now += 60000;
    change(trial, trial->shelter, "{'hours':'Mo-Fr 09:00-17:00'}");
    news = package(trial, "", since);
    row = value_at(value_get(news, "places"), 0);
    tap_is_int(trial->tap, places(news), 1, "one changed");
    tap_ok(trial->tap, str_equal(value_text(value_at(row, 0)), trial->shelter),
           "that one");
    trial->fixture->now += 60000;
    change(trial, trial->kitchen, "{'public':'no'}");
    news = package(trial, "", since);
    tap_is_int(trial->tap, places(news), 1, "who is gone is not a row");
    tap_ok(trial->tap,
           str_equal(value_text(value_at(value_get(news, "gone"), 0)),
                     trial->kitchen),
           "but told to be gone");
    tap_is_int(trial->tap, (long)value_to_int(value_get(news, "count"), 0), 2,
               "and counted out");
    trial->fixture->now += 60000;
    change(trial, trial->kitchen, "{'public':'yes'}");
    news = package(trial, "", since);
    tap_is_int(trial->tap, places(news), 2, "back again");
    tap_is_int(trial->tap, (long)value_count(value_get(news, "gone")), 0,
               "and not gone");
    fixture_record(trial->fixture, "place",
                   "{'name':'Nunca pública','place_type':'ALB',"
                   "'public':'no'}");
    news = package(trial, "", since);
    tap_is_int(trial->tap, (long)value_count(value_get(news, "gone")), 0,
               "what never was public is not named");
    tap_ok(trial->tap,
           value_to_bool(
               value_get(package(trial, "", STR("00000000.1700")), "whole"),
               false),
           "of other tables: all again");
}

static enum error rebuild(struct db *db, void *context, struct err *err)
{
    return log_rebuild(context, db, NULL, err);
}

static void check_rebuild(struct trial *trial)
{
    struct office *office = &trial->fixture->office;
    struct err err = {0};
    struct str since;

    trial->fixture->now += 60000;
    since = value_text_of(package(trial, "", STR("")), "v");
    if (office_change(office, rebuild, &office->log, &err))
        fixture_say(&err);
    tap_is_int(trial->tap, places(package(trial, "", since)), 0,
               "a rebuild changes nothing on telephones");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct trial trial = {.tap = tap, .fixture = fixture};

    make_places(&trial);
    check_towns(&trial);
    check_whole(&trial);
    check_changes(&trial);
    check_rebuild(&trial);
}

int main(void)
{
    return fixture_main(check);
}
