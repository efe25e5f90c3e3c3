/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_directory.c - the public directory: what is told of a place and what never
 * is, the nearest, lists, upkeep. Every place in it is made up.
 */
#include <math.h>

#include "domain/directory/cell.h"
#include "domain/directory/directory.h"
#include "domain/directory/upkeep.h"
#include "test/domain_fixture.h"

/* Words that stand nowhere but in what a refuge must not tell. */
static const char *const secret[] = {
    "Xochiquetzal", "98765",      "664 555 0199", "6645550199",
    "casa-luna",    "32.5123456", "Casa Luna",    "Tecatitlan"};

struct trial {
    struct tap *tap;
    struct fixture *fixture;
    struct str refuge, shelter, kitchen;
};

static struct str json_of(struct fixture *fixture, const struct value *value)
{
    struct buf out;

    buf_init(&out, &fixture->arena);
    value_write(value, &out);
    return buf_str(&out);
}

/* What a word finds, in a language and from where: names and the reader's
 * words for kinds of place, services, needs, people and languages. */
static long found_by(struct trial *trial, const char *language,
                     const char *words, bool here)
{
    static const struct near_name name[] = {
        {{"Manje", 5}, {"ALIM", 4}, 0},
        {{"Dòmi", 5}, {"ALOJ", 4}, 0},
        {{"Moun LGBTIQ+", 12}, {"", 0}, PUBLIC_LGBT}};
    struct near_query query = {.here = here,
                               .lat = 32.53,
                               .lon = -117.03,
                               .words = str_of(words),
                               .name = name,
                               .names = 3};
    struct task task = fixture_task(trial->fixture, "");
    struct near_found found = {0};
    struct err err = {0};

    task.language = str_of(language);
    if (directory_near(&task, &query, &found, &err))
        fixture_say(&err);
    return (long)found.count;
}

static void check_language_words(struct trial *trial)
{
    static const struct {
        const char *language, *words;
        long list, near; /* the protected one has no position */
    } wanted[] = {
        {"ht", "akey", 1, 1},           /* kind: Sant akèy */
        {"ht", "AKÈY", 1, 1},           /* accents do not matter */
        {"ht", "nwit", 1, 1},           /* service: Yon nwit nan sant akèy */
        {"ht", "refij", 1, 0},          /* kind and service of the refuge */
        {"ht", "manje", 1, 1},          /* need, as the page calls it */
        {"ht", "domi", 2, 1},           /* and another */
        {"ht", "lgbtiq", 1, 1},         /* whom */
        {"ht", "kreyol", 2, 1},         /* what is spoken */
        {"ht", "kreyol ejemplo", 1, 1}, /* and what it is called */
        {"ht", "akey manje", 0, 0},     /* both */
        {"ht", "albergue", 1, 1},       /* Spanish still */
        {"ht", "shelter", 0, 0},        /* no other's language */
        {"en", "shelter", 1, 1},
        {"fr", "creole", 2, 1},
        {"pt", "abrigo", 1, 1},
        {"es", "abrigo", 0, 0}, /* a coat */
        {"es", "criollo", 2, 1},
        {"fr", "un refuge pour", 1, 0},
        {"fr", "nuit de refuge", 1, 1}, /* without the small words */
        {"ht", "ak", 0, 0},             /* too short to stand for a code */
    };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        long list = found_by(trial, wanted[i].language, wanted[i].words, false);
        long near = found_by(trial, wanted[i].language, wanted[i].words, true);

        tap_ok(trial->tap, list == wanted[i].list && near == wanted[i].near,
               "%s «%s»: %ld, %ld near", wanted[i].language, wanted[i].words,
               list, near);
    }
}

static void make_places(struct trial *trial)
{
    trial->refuge = fixture_record(
        trial->fixture, "place",
        "{'name':'Casa Luna','place_type':'REFUGIO','lat':'32.5123456',"
        "'lon':'-117.0456789','address':'Calle Xochiquetzal 45, Col. Ejemplo',"
        "'postal_code':'98765','municipality':'Tecatitlan','admin1':'MX-BCN',"
        "'description':'Estamos en la calle Xochiquetzal, pase.',"
        "'hours_note':'Llame al 664-555-0199 antes.',"
        "'how_referred':'Por medio del Centro de Justicia.',"
        "'website':'https://casa-luna.example/','email':'x@casa-luna.example',"
        "'whatsapp':'+52 664 555 0199','geo_precision':'hidden',"
        "'transportation':'A dos calles de Tecatitlan',"
        "'phones':[{'number':'664 555 0199'},"
        "{'number':'800 111 2233','public':'yes','note':'Línea de ayuda'}],"
        "'services':[{'service_code':'AL4','description':'Refugio y apoyo.',"
        "'note':'Vea www.casa-luna.example','url':'https://casa-luna.example'}"
        "],'who':'mujeres NNA','languages':'spa hat'}");
    trial->shelter = fixture_record(
        trial->fixture, "place",
        "{'name':'Albergue Árbol de Ejemplo','place_type':'ALB',"
        "'lat':'32.53','lon':'-117.03','address':'Calle Uno 1',"
        "'municipality':'Tijuana','admin1':'MX-BCN','hours':'24/7',"
        "'who':'familias LGBT','languages':'spa hat eng','accessible':'yes',"
        "'accepts_without_docs':'yes','verified_on':'2026-11-01',"
        "'services':[{'service_code':'AL1','cost':'gratis'},"
        "{'service_code':'SA1'}]}");
    trial->kitchen = fixture_record(
        trial->fixture, "place",
        "{'name':'Comedor de ejemplo','place_type':'COMEDOR','lat':'32.54',"
        "'lon':'-117.03','municipality':'Tijuana','admin1':'MX-BCN',"
        "'hours':'Mo-Fr 01:00-02:00','who':'any'}");
}

static struct near_found near(struct trial *trial,
                              const struct near_query *query)
{
    struct task task = fixture_task(trial->fixture, "");
    struct near_found found = {0};
    struct err err = {0};

    if (directory_near(&task, query, &found, &err))
        fixture_say(&err);
    return found;
}

static void check_near(struct trial *trial)
{
    struct near_query query = {.here = true, .lat = 32.5299, .lon = -117.0301};
    struct near_found found = near(trial, &query);

    tap_is_int(trial->tap, (long)found.count, 2,
               "two have a position; the refuge has none");
    tap_ok(trial->tap,
           found.count == 2 && str_equal(found.place[0].id, trial->shelter),
           "the nearest comes first");
    tap_ok(trial->tap,
           found.count == 2 && !found.place[0].stale && found.place[1].stale,
           "who was never assured is stale");
    tap_ok(trial->tap,
           found.count == 2 && fabs(found.place[1].km - 1.12) < 0.02,
           "kilometres are right");
    query.need = STR("SA1");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1, "by need");
    query.need = STR("ALIM");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "by sector, from the kind of a place that names no service");
    query.need = STR_NULL;
    query.open_now = true;
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1, "open now");
    query.open_now = false;
    query.flags = PUBLIC_WOMEN | PUBLIC_CHILDREN;
    tap_is_int(trial->tap, (long)near(trial, &query).count, 2,
               "for women with children");
    query.flags = PUBLIC_LGBT;
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1, "LGBTIQ+");
    query.flags = PUBLIC_ACCESSIBLE | PUBLIC_NO_DOCUMENTS;
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "accessible, without documents");
    query.flags = 0;
    query.language = STR("hat");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "in Haitian Creole");
    query.language = STR_NULL;
    query.words = STR("arbol");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "words without their accents");
    query.words = STR("ÁRB ejem");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "beginnings of words");
    query.words = STR_NULL;
    query.municipality = STR("TIJUANA");
    query.admin1 = STR("MX-BCN");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 2,
               "in a municipality, however written");
    query.admin1 = STR("MX-SON");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 0,
               "in a state where there is none");
}

static void check_list(struct trial *trial)
{
    struct near_query query = {.admin1 = STR("MX-BCN")};
    struct near_found found = near(trial, &query);

    tap_is_int(trial->tap, (long)found.count, 3, "a list has the refuge too");
    tap_ok(trial->tap,
           found.count == 3 && str_equal(found.place[0].id, trial->shelter),
           "stale ones come last");
    query.limit = 1;
    query.offset = 1;
    found = near(trial, &query);
    tap_ok(trial->tap, found.count == 1 && found.more, "pages");
    query = (struct near_query){.flags = PUBLIC_PROTECTED};
    found = near(trial, &query);
    tap_is_int(trial->tap, (long)found.count, 1, "protected ones by flag");
    query = (struct near_query){.need = STR("AL4"), .language = STR("hat")};
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "by need and language");
}

/* Everything that stands in the public tables, as text. */
static struct str public_text(struct trial *trial)
{
    static const char *const query[] = {
        "SELECT id || ' ' || organization || ' ' || name || ' ' || folded || "
        "' ' || municipality || ' ' || hours || ' ' || body || ' ' || more || "
        "' ' || CAST(lat AS TEXT) || ' ' || CAST(lon AS TEXT) "
        "FROM public_place",
        "SELECT key || ' ' || place || ' ' || CAST(lat AS TEXT) || ' ' || "
        "CAST(lon AS TEXT) || ' ' || CAST(cell AS TEXT) FROM public_near",
        "SELECT word || ' ' || place FROM public_word",
        "SELECT id || ' ' || place || ' ' || spot || ' ' || need || ' ' || "
        "organization FROM public_service",
        "SELECT id || body || more FROM public_organization"};
    struct buf out;

    buf_init(&out, &trial->fixture->arena);
    for (size_t i = 0; i < sizeof(query) / sizeof(query[0]); i++) {
        struct rows rows;
        struct err err = {0};

        db_query(trial->fixture->db, &rows, &err, query[i], "");
        while (rows_next(&rows)) {
            buf_put(&out, rows_text(&rows, 0));
            buf_putc(&out, '\n');
        }
        if (rows_end(&rows))
            fixture_say(&err);
    }
    return buf_str(&out);
}

static void no_secret(struct trial *trial, struct str text, const char *where)
{
    bool found = false;

    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        if (str_find(text, str_of(secret[i])) != SIZE_MAX) {
            printf("# %s is told\n", secret[i]);
            found = true;
        }
    tap_ok(trial->tap, text.size > 0 && !found, "%s tells no secret", where);
}

static void check_protected(struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "");
    struct public_place place;
    struct str text;
    struct err err = {0};

    no_secret(trial, public_text(trial), "the public tables");
    tap_ok(trial->tap,
           !directory_place(&task, trial->refuge, &place, &err) &&
               !place.located,
           "the refuge is in the directory, nowhere");
    text = json_of(trial->fixture, directory_place_view(&task, &place, true));
    no_secret(trial, text, "its entry");
    tap_ok(trial->tap,
           str_find(text, STR("800 111 2233")) != SIZE_MAX &&
               str_find(text, STR("Centro de Justicia")) != SIZE_MAX &&
               str_find(text, STR("Refugio y apoyo.")) != SIZE_MAX &&
               str_find(text, STR("Refugio para víctimas")) != SIZE_MAX,
           "but what it does, its public line and how one is referred");
}

static void check_changes(struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "system");
    struct near_query query = {.here = true, .lat = 32.53, .lon = -117.03};
    struct near_found found;
    struct saved saved;

    fixture_save(&task, "place", trial->shelter,
                 fixture_json(trial->fixture, "{'geo_precision':'hidden'}"),
                 &saved);
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "who hides is not near any more");
    fixture_save(&task, "place", trial->shelter,
                 fixture_json(trial->fixture, "{'geo_precision':'municipal'}"),
                 &saved);
    found = near(trial, &query);
    tap_ok(trial->tap,
           found.count == 2 && found.place[0].flags & PUBLIC_APPROXIMATE &&
               found.place[0].km > 2 && found.place[0].km < 8,
           "who tells the municipality only is where its seat is");
    tap_ok(trial->tap,
           str_find(public_text(trial), STR("Calle Uno")) == SIZE_MAX,
           "and its address is gone");
    fixture_save(
        &task, "place", trial->shelter,
        fixture_json(trial->fixture, "{'geo_precision':'exact','public':'no'}"),
        &saved);
    tap_is_int(trial->tap, (long)near(trial, &query).count, 1,
               "who is not public is not there");
    fixture_save(&task, "place", trial->shelter,
                 fixture_json(trial->fixture, "{'public':'yes'}"), &saved);
    tap_is_int(trial->tap, (long)near(trial, &query).count, 2,
               "and back again");
    fixture_record(trial->fixture, "place",
                   "{'name':'Estación','place_type':'INM','lat':'32.53',"
                   "'lon':'-117.03'}");
    tap_is_int(trial->tap, (long)near(trial, &query).count, 2,
               "a place that detains is not in it");
}

/* --- upkeep --------------------------------------------------------------- */

static enum error report(struct trial *trial, struct str place,
                         const char *what, const char *address)
{
    struct task task = fixture_task(trial->fixture, "");
    struct err err = {0};

    return directory_report(&task, place, str_of(what), STR("Está cerrado"),
                            str_of(address), &err);
}

static struct value *review(struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "supervisor");
    struct value *view = NULL;
    struct err err = {0};

    if (directory_review(&task, &view, &err))
        fixture_say(&err);
    return view;
}

static long waiting(struct trial *trial, const char *what)
{
    return (long)value_count(value_get(review(trial), what));
}

static void check_reports(struct trial *trial)
{
    struct task clerk = fixture_task(trial->fixture, "intake");
    struct task boss = fixture_task(trial->fixture, "supervisor");
    struct value *view = NULL;
    struct err err = {0};
    int64_t rows = 0;
    struct str id;
    enum error error = ERROR_NONE;

    tap_is_int(trial->tap,
               report(trial, trial->kitchen, "closed", "203.0.113.7"),
               ERROR_NONE, "anybody reports a mistake");
    for (int i = 0; i < 12 && !error; i++)
        error = report(trial, trial->kitchen, "phone", "203.0.113.7");
    tap_is_int(trial->tap, error, ERROR_TOO_MANY,
               "who floods is held back after five");
    tap_is_int(trial->tap,
               report(trial, trial->kitchen, "phone", "203.0.113.8"),
               ERROR_NONE, "others are not");
    tap_is_int(trial->tap, waiting(trial, "reports"), 2,
               "the same again is one");
    db_get_int(trial->fixture->db, &rows, NULL, &err,
               "SELECT COUNT(*) FROM throttle WHERE key LIKE '%203.0%'", "");
    tap_is_int(trial->tap, rows, 0, "no address is kept");
    for (int i = 0; i < 400 && error != ERROR_NONE; i++) {
        struct str address =
            str_format(&trial->fixture->arena, "198.51.100.%d", i);
        const char *from = str_c(&trial->fixture->arena, address);

        if (report(trial, trial->kitchen, "other", from) == ERROR_TOO_MANY)
            error = ERROR_NONE;
    }
    tap_is_int(trial->tap, error, ERROR_NONE,
               "many that flood are held back for the day");
    tap_is_int(trial->tap, waiting(trial, "reports"), 3,
               "and leave one report");
    trial->fixture->now += (int64_t)25 * 3600000;
    tap_is_int(trial->tap, report(trial, trial->kitchen, "x'; --", "1.2.3.4"),
               ERROR_INPUT, "only kinds that there are");
    tap_is_int(trial->tap, report(trial, STR("nowhere"), "closed", "1.2.3.4"),
               ERROR_NOT_FOUND, "only places that are public");
    tap_is_int(trial->tap, directory_review(&clerk, &view, &err),
               ERROR_FORBIDDEN, "review needs the right");
    err_clear(&err);
    id = value_text_of(value_at(value_get(review(trial), "reports"), 0), "id");
    tap_is_int(trial->tap, directory_decide(&boss, id, true, &err), ERROR_NONE,
               "a report is settled");
    err_clear(&err);
    tap_is_int(trial->tap, directory_decide(&boss, id, true, &err),
               ERROR_CONFLICT, "once");
    tap_is_int(trial->tap, waiting(trial, "reports"), 2, "and gone");
}

static struct str token_in(struct str link)
{
    size_t at = str_find(link, STR("/d/"));

    return at == SIZE_MAX ? STR("") : str_slice(link, at + 3, link.size);
}

static struct value *shown(struct trial *trial, struct str id)
{
    struct task task = fixture_task(trial->fixture, "");
    struct public_place place;
    struct err err = {0};

    return directory_place(&task, id, &place, &err)
               ? NULL
               : directory_place_view(&task, &place, true);
}

static void check_owner(struct trial *trial)
{
    struct task boss = fixture_task(trial->fixture, "supervisor");
    struct task nobody = fixture_task(trial->fixture, "");
    struct str link = STR(""), token, place = STR(""), older;
    const struct value *answers = NULL, *view;
    struct owner_answer answer = {.same = true, .free_band = STR("few")};
    struct err err = {0};
    char *forged;

    tap_is_int(trial->tap,
               directory_ask_link(&boss, trial->kitchen, &link, &err),
               ERROR_NONE, "a link for whoever runs it");
    token = token_in(link);
    tap_ok(trial->tap,
           !directory_ask_open(&nobody, token, &place, &answers, &err) &&
               str_equal(place, trial->kitchen),
           "opens the place");
    forged = (char *)(uintptr_t)str_c(&trial->fixture->arena, token);
    forged[token.size - 3] = forged[token.size - 3] == 'A' ? 'B' : 'A';
    tap_is_int(
        trial->tap,
        directory_ask_open(&nobody, str_of(forged), &place, &answers, &err),
        ERROR_NOT_FOUND, "a forged one does not");
    err_clear(&err);
    answer.change = value_object(&trial->fixture->arena);
    tap_is_int(trial->tap, directory_ask_answer(&nobody, token, &answer, &err),
               ERROR_NONE, "she says that all is as it was");
    view = shown(trial, trial->kitchen);
    tap_ok(trial->tap,
           !value_to_bool(value_get(view, "stale"), true) &&
               str_equal_c(value_text_of(view, "verified_how"), "owner"),
           "which shows at once");
    tap_is(trial->tap,
           str_c(&trial->fixture->arena,
                 value_text_of(value_get(view, "free"), "band")),
           "few", "and so does the band of free places");
    trial->fixture->now += (int64_t)13 * 3600000;
    tap_ok(trial->tap, !value_get(shown(trial, trial->kitchen), "free"),
           "which expires");
    answer = (struct owner_answer){
        .change = fixture_json(trial->fixture,
                               "{'hours':'24/7','address':'Calle Otra 2',"
                               "'geo_precision':'exact','public':'no'}")};
    nobody = fixture_task(trial->fixture, "");
    tap_is_int(trial->tap, directory_ask_answer(&nobody, token, &answer, &err),
               ERROR_NONE, "she changes something");
    tap_ok(trial->tap,
           str_find(json_of(trial->fixture, shown(trial, trial->kitchen)),
                    STR("Calle Otra")) == SIZE_MAX,
           "which does not show");
    tap_is_int(trial->tap, waiting(trial, "changes"), 1, "but waits");
    boss = fixture_task(trial->fixture, "supervisor");
    tap_is_int(trial->tap,
               directory_decide(
                   &boss,
                   value_text_of(
                       value_at(value_get(review(trial), "changes"), 0), "id"),
                   true, &err),
               ERROR_NONE, "is accepted");
    tap_ok(trial->tap,
           str_find(json_of(trial->fixture, shown(trial, trial->kitchen)),
                    STR("Calle Otra")) != SIZE_MAX,
           "and shows");
    older = token;
    tap_is_int(trial->tap,
               directory_ask_link(&boss, trial->kitchen, &link, &err),
               ERROR_NONE, "a newer link");
    tap_is_int(trial->tap,
               directory_ask_open(&nobody, older, &place, &answers, &err),
               ERROR_GONE, "ends the older");
    err_clear(&err);
    directory_ask_link(&boss, trial->refuge, &link, &err);
    tap_ok(trial->tap,
           !directory_ask_open(&nobody, token_in(link), &place, &answers, &err),
           "a refuge is asked, too");
    no_secret(trial, json_of(trial->fixture, answers), "its link");
    trial->fixture->now += (int64_t)90 * 86400000;
    nobody = fixture_task(trial->fixture, "");
    tap_is_int(
        trial->tap,
        directory_ask_open(&nobody, token_in(link), &place, &answers, &err),
        ERROR_GONE, "a link ends");
}

static void check_asking(struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "system");
    struct str to = STR(""), text = STR("");
    struct err err = {0};
    size_t made = 0, again = 0, posted = 0, twice = 0;

    trial->fixture->office.public_url = STR("https://casa.example");
    if (directory_ask_tick(&task, &made, &err) ||
        directory_ask_tick(&task, &again, &err))
        fixture_say(&err);
    tap_ok(trial->tap, made > 0 && again == 0,
           "those that are due are asked, once (%zu)", made);
    if (directory_ask_mail(&task, &posted, &err) ||
        directory_ask_mail(&task, &twice, &err) ||
        db_get_text(task.db, &trial->fixture->arena, &to, NULL, &err,
                    "SELECT recipient FROM outbox WHERE channel = 'email'",
                    "") ||
        db_get_text(task.db, &trial->fixture->arena, &text, NULL, &err,
                    "SELECT subject || body FROM outbox"
                    " WHERE channel = 'email'",
                    ""))
        fixture_say(&err);
    tap_ok(trial->tap,
           posted == 1 && str_equal_c(to, "x@casa-luna.example") &&
               str_find(text, STR("https://casa.example/d/")) != SIZE_MAX,
           "who has an address is written to");
    no_secret(trial, text, "the e-mail");
    tap_ok(trial->tap, twice == 0, "once");
    trial->fixture->office.public_url = STR("");
}

static enum error rebuild(struct db *db, void *context, struct err *err)
{
    return log_rebuild(context, db, NULL, err);
}

static void check_rebuild(struct trial *trial)
{
    struct office *office = &trial->fixture->office;
    struct str before = public_text(trial);
    struct err err = {0};

    if (office_change(office, rebuild, &office->log, &err))
        fixture_say(&err);
    tap_ok(trial->tap, public_text(trial).size == before.size,
           "a rebuild gives the same");
    if (directory_ensure(office, trial->fixture->db, &err))
        fixture_say(&err);
    tap_ok(trial->tap, public_text(trial).size == before.size,
           "and so does filling an older store");
}

static void check_cells(struct tap *tap)
{
    uint64_t seed = 7;
    int wrong = 0, ranged = 0;

    for (int i = 0; i < 20000; i++) {
        double lat, lon, to_lat, to_lon;
        int shift = (int)(i % (CELL_BITS + 1));
        struct block block;
        bool inside = false;
        int64_t cell;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        lat = (double)(seed >> 44) / 1048576.0 * 178 - 89;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        lon = (double)(seed >> 44) / 1048576.0 * 360 - 180;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        to_lat = lat + ((double)(seed >> 44) / 1048576.0 - 0.5) * 0.2;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        to_lon = lon + ((double)(seed >> 44) / 1048576.0 - 0.5) * 0.2;
        cell = cell_of(to_lat, to_lon);
        if (cell == CELL_NONE)
            continue;
        block_around(lat, lon, shift, &block);
        for (int k = 0; k < BLOCK_RUNS; k++)
            inside = inside || (cell >= block.from[k] && cell < block.to[k]);
        if (distance_km(lat, lon, to_lat, to_lon) < block.reach) {
            ranged++;
            wrong += !inside;
        }
    }
    tap_ok(tap, wrong == 0 && ranged > 1000,
           "what is nearer than a block reaches is in it (%d)", ranged);
    tap_ok(tap,
           cell_of(91, 0) == CELL_NONE && cell_of(0, 181) == CELL_NONE &&
               cell_of(NAN, 0) == CELL_NONE,
           "what is not on earth has no cell");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct trial trial = {.tap = tap, .fixture = fixture};

    check_cells(tap);
    make_places(&trial);
    check_near(&trial);
    check_language_words(&trial);
    check_list(&trial);
    check_protected(&trial);
    check_changes(&trial);
    check_rebuild(&trial);
    check_reports(&trial);
    check_owner(&trial);
    check_asking(&trial);
    no_secret(&trial, public_text(&trial),
              "after all of it, the public tables");
}

int main(void)
{
    return fixture_main(check);
}
