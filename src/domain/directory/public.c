/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public.c - writes the tables public_*: a function of the record, called by
 * the store in the transaction of its entry and by a rebuild. What a place may
 * tell is public_guard.c's to say.
 */
#include "domain/directory/directory_private.h"

#include <math.h>

#include "core/clock.h"
#include "core/date.h"
#include "core/utf8.h"
#include "domain/person/words.h"

enum { NEEDS_MAX = 48, LANGUAGES_MAX = 12, NOWHERE = 999 };

/* One record on its way into the tables. */
struct publishing {
    const struct directory *directory;
    struct db *db;
    struct str site;
    const struct fold *fold;
    const struct value *answers;
    struct arena *arena;
    struct err *err;
    struct guarded guarded;
    struct str organization;
    struct value *services;
    struct str key[NEEDS_MAX];
    size_t keys;
    double lat, lon;
    int64_t due;
    unsigned flags;
    bool fresh;   /* nothing of it stands in the tables */
    bool nowhere; /* an imported service without a location */
};

static struct str answer(const struct publishing *publishing, const char *name)
{
    return value_text_of(publishing->answers, name);
}

static struct str text_or_empty(struct str text)
{
    return text.at ? text : STR("");
}

static bool is(const struct publishing *publishing, const char *name,
               const char *code)
{
    return str_equal_c(answer(publishing, name), code);
}

/* --- ids ------------------------------------------------------------------ */

struct str directory_uuid(const struct host *host, struct arena *arena,
                          struct str a, struct str b)
{
    struct str part[4] = {STR("directory\n"), a, STR("\n"), b};
    unsigned char h[32];

    host->hash(host->context, part, 4, h);
    h[6] = (unsigned char)((h[6] & 0x0f) | 0x80); /* version 8 */
    h[8] = (unsigned char)((h[8] & 0x3f) | 0x80);
    return str_format(arena,
                      "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                      "%02x%02x%02x%02x%02x%02x",
                      h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8],
                      h[9], h[10], h[11], h[12], h[13], h[14], h[15]);
}

static bool is_uuid(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                   (c >= 'A' && c <= 'F');

        if (dash ? c != '-' : !hex)
            return false;
    }
    return text.size == 36;
}

struct str directory_id(const struct host *host, struct arena *arena,
                        struct str text)
{
    if (is_uuid(text))
        return utf8_lower(arena, text);
    return directory_uuid(host, arena, STR("id"), text);
}

/* --- keys of "near me" ---------------------------------------------------- */

static void key_add(struct publishing *publishing, struct str key)
{
    for (size_t i = 0; i < publishing->keys; i++)
        if (str_equal(publishing->key[i], key))
            return;
    if (key.size && publishing->keys < NEEDS_MAX)
        publishing->key[publishing->keys++] = key;
}

static void need_add(struct publishing *publishing, struct str code)
{
    const struct catalog_table *table =
        catalog_table(publishing->directory->catalog, "service");
    size_t row = catalog_find(table, code);
    struct str rest, sector;

    key_add(publishing, code);
    if (row == SIZE_MAX)
        return;
    rest = catalog_cell(table, row, "sectors");
    while (words_next(&rest, &sector))
        key_add(publishing, sector);
}

struct str directory_usual_need(const struct catalog *catalog,
                                struct str place_type)
{
    const struct catalog_table *table = catalog_table(catalog, "service");

    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "place_type"), place_type))
            return catalog_cell(table, row, "name");
    return STR("");
}

/* --- where ---------------------------------------------------------------- */

static double degrees(const struct publishing *publishing, const char *name)
{
    double number;

    return str_to_double(answer(publishing, name), &number) && isfinite(number)
               ? number
               : NOWHERE;
}

/* The point of a municipality, where the catalogue has them. */
static void rough_position(struct publishing *publishing)
{
    const struct catalog_table *table =
        catalog_table(publishing->directory->catalog, "municipality");
    struct str wanted =
        utf8_fold(publishing->arena, answer(publishing, "municipality"), false);

    publishing->lat = publishing->lon = NOWHERE;
    for (size_t row = 0; table && wanted.size && row < table->rows; row++) {
        if (!str_equal(catalog_cell(table, row, "admin1"),
                       answer(publishing, "admin1")) ||
            !str_equal(utf8_fold(publishing->arena,
                                 catalog_label(table, row, "label", STR("es")),
                                 false),
                       wanted))
            continue;
        str_to_double(catalog_cell(table, row, "lat"), &publishing->lat);
        str_to_double(catalog_cell(table, row, "lon"), &publishing->lon);
        publishing->flags |= PUBLIC_APPROXIMATE;
        return;
    }
}

static void find_position(struct publishing *publishing)
{
    if (publishing->guarded.protected) {
        publishing->lat = publishing->lon = NOWHERE;
    } else if (publishing->guarded.rough) {
        rough_position(publishing);
    } else {
        publishing->lat = degrees(publishing, "lat");
        publishing->lon = degrees(publishing, "lon");
    }
    if (cell_of(publishing->lat, publishing->lon) == CELL_NONE)
        publishing->lat = publishing->lon = NOWHERE;
}

/* --- the body ------------------------------------------------------------- */

/* An answer that passed the guard, when there is one. */
static void tell(struct publishing *publishing, struct value *body,
                 const char *name, struct str text)
{
    text = guarded_text(&publishing->guarded, text);
    if (text.size)
        value_put_str(body, publishing->arena, name, text);
}

static void tell_each(struct publishing *publishing, struct value *body,
                      const struct value *from, const char *const *name)
{
    for (; *name; name++)
        tell(publishing, body, *name, value_text_of(from, *name));
}

static void tell_phones(struct publishing *publishing, struct value *body)
{
    static const char *const field[] = {"extension", "type", "note", NULL};
    const struct value *phones = value_get(publishing->answers, "phones");
    struct value *list = value_list(publishing->arena);

    for (size_t i = 0; i < value_count(phones); i++) {
        const struct value *phone = value_at(phones, i);
        struct str told = value_text_of(phone, "public");
        struct value *item = value_object(publishing->arena);

        if (publishing->guarded.protected ? !str_equal_c(told, "yes")
                                          : str_equal_c(told, "no"))
            continue;
        if (!value_text_of(phone, "number").size)
            continue;
        value_put_str(item, publishing->arena, "number",
                      value_text_of(phone, "number"));
        tell_each(publishing, item, phone, field);
        value_add(list, publishing->arena, item);
    }
    if (value_count(list))
        value_put(body, publishing->arena, "phones", list);
}

static void tell_service(struct publishing *publishing,
                         const struct value *service, size_t number)
{
    static const char *const field[] = {
        "name", "description", "fees",        "eligibility", "documents",
        "wait", "area",        "application", "note",        NULL};
    const struct host *host = publishing->directory->host;
    struct arena *arena = publishing->arena;
    struct value *item = value_object(arena);
    struct str place = publishing->fold->id;
    struct str id = value_text_of(service, "hsds_id");
    struct str at = value_text_of(service, "hsds_at");

    if (!id.size || publishing->guarded.rough)
        id = directory_uuid(host, arena, place,
                            str_format(arena, "service %zu", number));
    if (!at.size || publishing->guarded.rough)
        at = directory_uuid(host, arena, place,
                            str_format(arena, "at %zu", number));
    value_put_str(item, arena, "id", directory_id(host, arena, id));
    value_put_str(item, arena, "at", directory_id(host, arena, at));
    value_put_str(item, arena, "code", value_text_of(service, "service_code"));
    value_put_str(item, arena, "cost", value_text_of(service, "cost"));
    tell_each(publishing, item, service, field);
    if (!publishing->guarded.protected)
        tell(publishing, item, "url", value_text_of(service, "url"));
    need_add(publishing, value_text_of(service, "service_code"));
    value_add(publishing->services, arena, item);
}

static void tell_services(struct publishing *publishing, struct value *body)
{
    const struct value *services = value_get(publishing->answers, "services");
    struct str usual = directory_usual_need(publishing->directory->catalog,
                                            answer(publishing, "place_type"));

    publishing->services = value_list(publishing->arena);
    for (size_t i = 0; i < value_count(services); i++)
        tell_service(publishing, value_at(services, i), i);
    if (!value_count(publishing->services)) {
        struct value *service = value_object(publishing->arena);

        value_put_str(service, publishing->arena, "service_code", usual);
        tell_service(publishing, service, 0);
    }
    value_put(body, publishing->arena, "services", publishing->services);
}

/* Bands of free places, with the instant until which they hold. */
static void tell_free(struct publishing *publishing, struct value *body)
{
    struct upkeep upkeep;
    int64_t at = 0;

    upkeep_of(publishing->directory->catalog, answer(publishing, "place_type"),
              &upkeep);
    if (publishing->guarded.protected ||
        !answer(publishing, "free_band").size ||
        !instant_parse(answer(publishing, "free_at"), &at))
        return;
    value_put_str(body, publishing->arena, "free_band",
                  answer(publishing, "free_band"));
    value_put_int(body, publishing->arena, "free_at", at);
    value_put_int(body, publishing->arena, "free_until",
                  at + upkeep.free_hours * 3600000);
}

static struct str name_told(const struct publishing *publishing)
{
    if (publishing->guarded.name_told)
        return answer(publishing, "name");
    return catalog_name(publishing->directory->catalog, "place_type",
                        answer(publishing, "place_type"), STR("es"));
}

static struct str municipality_told(const struct publishing *publishing)
{
    return publishing->guarded.municipality_told
               ? answer(publishing, "municipality")
               : STR("");
}

static struct value *body_of(struct publishing *publishing)
{
    static const char *const field[] = {
        "description",  "operator",   "consulate_of",
        "status",       "who",        "age_min",
        "age_max",      "languages",  "hours",
        "accessible",   "hours_note", "accessible_note",
        "how_referred", "country",    NULL};
    static const char *const open[] = {"whatsapp", "email", "website", NULL};
    static const char *const exact[] = {"address", "postal_code",
                                        "transportation", NULL};
    const struct guarded *guarded = &publishing->guarded;
    struct value *body = value_object(publishing->arena);

    value_put_bool(body, publishing->arena, "protected", guarded->protected);
    value_put_bool(body, publishing->arena, "name_told", guarded->name_told);
    value_put_str(body, publishing->arena, "municipality",
                  text_or_empty(municipality_told(publishing)));
    tell_each(publishing, body, publishing->answers, field);
    if (guarded->name_told) {
        value_put_str(body, publishing->arena, "name",
                      answer(publishing, "name"));
        tell(publishing, body, "alternate_name",
             answer(publishing, "alternate_name"));
    }
    find_position(publishing);
    if (publishing->lat < NOWHERE) {
        value_put(body, publishing->arena, "lat",
                  value_number(publishing->arena, publishing->lat));
        value_put(body, publishing->arena, "lon",
                  value_number(publishing->arena, publishing->lon));
    }
    if (!guarded->protected)
        tell_each(publishing, body, publishing->answers, open);
    if (!guarded->rough)
        tell_each(publishing, body, publishing->answers, exact);
    tell(publishing, body, "without_documents",
         answer(publishing, "accepts_without_docs"));
    tell(publishing, body, "verified_on", answer(publishing, "verified_on"));
    tell(publishing, body, "verified_how", answer(publishing, "verified_how"));
    tell_phones(publishing, body);
    tell_services(publishing, body);
    tell_free(publishing, body);
    return body;
}

/* --- for whom ------------------------------------------------------------- */

static void find_flags(struct publishing *publishing)
{
    static const struct {
        const char *who;
        unsigned flags;
    } row[] = {
        {"any", PUBLIC_WOMEN | PUBLIC_CHILDREN | PUBLIC_MEN},
        {"mujeres", PUBLIC_WOMEN},
        {"hombres", PUBLIC_MEN},
        {"familias", PUBLIC_WOMEN | PUBLIC_CHILDREN | PUBLIC_MEN},
        {"NNA", PUBLIC_CHILDREN},
        {"LGBT", PUBLIC_LGBT},
    };
    const struct value *services = publishing->services;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (words_have(answer(publishing, "who"), str_of(row[i].who)))
            publishing->flags |= row[i].flags;
    if (is(publishing, "accessible", "yes"))
        publishing->flags |= PUBLIC_ACCESSIBLE;
    if (is(publishing, "accepts_without_docs", "yes"))
        publishing->flags |= PUBLIC_NO_DOCUMENTS;
    if (is(publishing, "status", "paused"))
        publishing->flags |= PUBLIC_PAUSED;
    if (publishing->guarded.protected)
        publishing->flags |= PUBLIC_PROTECTED;
    if (answer(publishing, "hours").size)
        publishing->flags |= PUBLIC_HAS_HOURS;
    for (size_t i = 0; i < value_count(services); i++)
        if (str_equal_c(value_text_of(value_at(services, i), "cost"), "gratis"))
            publishing->flags |= PUBLIC_FREE_OF_CHARGE;
}

/* --- rows ----------------------------------------------------------------- */

static enum error forget(struct publishing *publishing)
{
    struct db *db = publishing->db;
    struct str site = publishing->site, id = publishing->fold->id;
    struct err *err = publishing->err;
    enum error error = db_run(
        db, NULL, err, "DELETE FROM public_place WHERE site = $1 AND id = $2",
        "tt", site, id);

    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM public_near WHERE site = $1 AND place = $2",
                       "tt", site, id);
    if (!error)
        error =
            db_run(db, NULL, err,
                   "DELETE FROM public_service WHERE site = $1 AND place = $2",
                   "tt", site, id);
    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM public_word WHERE site = $1 AND place = $2",
                       "tt", site, id);
    return error;
}

/* What an import brought, with the body as it was then: hsds.h. */
static struct str more_of(struct publishing *publishing,
                          struct value *(*body)(struct publishing *))
{
    struct publishing *then = ARENA_NEW(publishing->arena, struct publishing);
    struct str text = answer(publishing, "hsds");
    const struct value *brought = NULL;
    struct err ignored = {0};
    struct value *more;
    struct buf out;

    if (!then || !text.size || publishing->guarded.rough ||
        value_parse(publishing->arena, text, &brought, &ignored))
        return STR("");
    publishing->nowhere = value_to_bool(value_get(brought, "nowhere"), false);
    *then = *publishing;
    then->answers = value_get(brought, "was");
    then->keys = 0;
    more = value_copy(brought, publishing->arena);
    value_put(more, publishing->arena, "was", body(then));
    buf_init(&out, publishing->arena);
    value_write(more, &out);
    return buf_str(&out);
}

static enum error write_place(struct publishing *publishing,
                              const struct value *body)
{
    struct arena *arena = publishing->arena;
    struct str name = name_told(publishing);
    struct str municipality = municipality_told(publishing);
    struct buf text;

    buf_init(&text, arena);
    value_write(body, &text);
    return db_run(
        publishing->db, NULL, publishing->err,
        "INSERT INTO public_place (site, id, organization, name, folded, "
        "place_type, admin1, municipality, lat, lon, flags, languages, hours, "
        "due, changed, body, more) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
        "$9, $10, $11, $12, $13, $14, $15, $16, $17)",
        "ttttttttddittiitt", publishing->site, publishing->fold->id,
        publishing->organization, text_or_empty(name),
        utf8_fold(arena, name, false),
        text_or_empty(answer(publishing, "place_type")),
        text_or_empty(answer(publishing, "admin1")),
        utf8_fold(arena, municipality, false), publishing->lat, publishing->lon,
        (int64_t)publishing->flags,
        text_or_empty(answer(publishing, "languages")),
        text_or_empty(answer(publishing, "hours")), publishing->due,
        clock_instant(publishing->fold->clock), buf_str(&text),
        more_of(publishing, body_of));
}

/* Four keys in one statement, or one: PostgreSQL is asked less often. */
#define NEAR(key) "($1, " key ", $2, $3, $4, $5, $6, $7, $8)"
#define NEAR_INTO                                                              \
    "INSERT INTO public_near (site, key, cell, place, lat, lon, flags, due,"   \
    " hours) VALUES "
#define NEAR_AGAIN " ON CONFLICT (site, key, cell, place) DO NOTHING"

static enum error write_near(const struct publishing *publishing,
                             const struct str *key, size_t keys)
{
    static const char four[] =
        NEAR_INTO NEAR("$9") ", " NEAR("$10") ", " NEAR("$11") ", " NEAR("$12")
            NEAR_AGAIN;
    static const char one[] = NEAR_INTO NEAR("$9") NEAR_AGAIN;
    const struct publishing *of = publishing;
    int64_t cell = cell_of(of->lat, of->lon);
    struct str hours =
        hours_short(of->arena, text_or_empty(answer(of, "hours")));
    enum error error = ERROR_NONE;

    for (; !error && keys >= 4; keys -= 4, key += 4)
        error = db_run(of->db, NULL, of->err, four, "titddiittttt", of->site,
                       cell, of->fold->id, of->lat, of->lon, (int64_t)of->flags,
                       of->due, hours, key[0], key[1], key[2], key[3]);
    for (; !error && keys; keys--, key++)
        error = db_run(of->db, NULL, of->err, one, "titddiitt", of->site, cell,
                       of->fold->id, of->lat, of->lon, (int64_t)of->flags,
                       of->due, hours, *key);
    return error;
}

static enum error write_keys(struct publishing *publishing)
{
    struct str *key = ARENA_ARRAY(publishing->arena, struct str,
                                  publishing->keys * (LANGUAGES_MAX + 1));
    size_t keys = 0;

    if (!key)
        return err_memory(publishing->err);
    for (size_t i = 0; i < publishing->keys; i++) {
        struct str rest = answer(publishing, "languages"), language;
        size_t languages = 0;

        key[keys++] = publishing->key[i];
        while (languages++ < LANGUAGES_MAX && words_next(&rest, &language))
            if (!str_equal_c(language, "spa"))
                key[keys++] = str_format(publishing->arena, "%.*s/%.*s",
                                         STR_ARGS(publishing->key[i]),
                                         STR_ARGS(language));
    }
    return write_near(publishing, key, keys);
}

static enum error write_services(struct publishing *publishing)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < value_count(publishing->services) && !error; i++) {
        const struct value *service = value_at(publishing->services, i);

        error =
            db_run(publishing->db, NULL, publishing->err,
                   "INSERT INTO public_service (site, id, place, number, "
                   "spot, need, organization) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   "tttittt", publishing->site, value_text_of(service, "id"),
                   publishing->fold->id, (int64_t)i,
                   publishing->nowhere ? STR("") : value_text_of(service, "at"),
                   text_or_empty(value_text_of(service, "code")),
                   publishing->organization);
    }
    return error;
}

void word_set_add(struct word_set *set, struct str text)
{
    enum { MOST = sizeof(set->word) / sizeof(set->word[0]), LONGEST = 24 };
    struct str folded = utf8_fold(set->arena, text, false);
    size_t from = 0;

    for (size_t i = 0; i <= folded.size; i++) {
        unsigned char c = i < folded.size ? (unsigned char)folded.at[i] : ' ';
        struct str word = str_slice(folded, from, i);
        size_t known = 0;

        if (c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            continue;
        from = i + 1;
        if (word.size < 2)
            continue;
        if (word.size > LONGEST)
            word = str_slice(word, 0, LONGEST);
        while (known < set->count && !str_equal(set->word[known], word))
            known++;
        if (known == set->count && set->count < MOST)
            set->word[set->count++] = word;
    }
}

void word_set_postcode(struct word_set *set, struct str code)
{
    struct str folded = utf8_fold(set->arena, code, false);
    struct buf out;

    buf_init(&out, set->arena);
    buf_putc(&out, '=');
    for (size_t i = 0; i < folded.size && out.size < 24; i++)
        if (folded.at[i] != ' ' && folded.at[i] != '-')
            buf_putc(&out, folded.at[i]);
    buf_putc(&out, '=');
    if (buf_str(&out).size > 2 &&
        set->count < sizeof(set->word) / sizeof(set->word[0]))
        set->word[set->count++] = buf_str(&out);
}

/* Eight in one statement, then each. */
static enum error write_word_set(const struct publishing *publishing,
                                 const struct word_set *set)
{
    static const char eight[] =
        "INSERT INTO public_word (site, word, place) VALUES"
        " ($1, $3, $2), ($1, $4, $2), ($1, $5, $2), ($1, $6, $2),"
        " ($1, $7, $2), ($1, $8, $2), ($1, $9, $2), ($1, $10, $2)"
        " ON CONFLICT (site, word, place) DO NOTHING";
    static const char one[] =
        "INSERT INTO public_word (site, word, place) VALUES ($1, $3, $2)"
        " ON CONFLICT (site, word, place) DO NOTHING";
    const struct str *word = set->word;
    struct str site = publishing->site, id = publishing->fold->id;
    size_t left = set->count;
    enum error error = ERROR_NONE;

    for (; !error && left >= 8; left -= 8, word += 8)
        error = db_run(publishing->db, NULL, publishing->err, eight,
                       "tttttttttt", site, id, word[0], word[1], word[2],
                       word[3], word[4], word[5], word[6], word[7]);
    for (; !error && left; left--, word++)
        error = db_run(publishing->db, NULL, publishing->err, one, "ttt", site,
                       id, *word);
    return error;
}

static enum error write_words(struct publishing *publishing,
                              const struct value *body)
{
    const struct catalog *catalog = publishing->directory->catalog;
    struct word_set set = {.arena = publishing->arena};

    /* list.c looks for the town among the words: never one too many */
    word_set_add(&set, municipality_told(publishing));
    word_set_add(&set, name_told(publishing));
    word_set_add(&set, value_text_of(body, "alternate_name"));
    word_set_add(&set,
                 catalog_name(catalog, "place_type",
                              answer(publishing, "place_type"), STR("es")));
    word_set_postcode(&set, value_text_of(body, "postal_code"));
    for (size_t i = 0; i < value_count(publishing->services); i++) {
        const struct value *service = value_at(publishing->services, i);
        struct str code = value_text_of(service, "code");

        word_set_add(&set, value_text_of(service, "name"));
        word_set_add(&set, catalog_name(catalog, "service", code, STR("es")));
        word_set_add(&set, catalog_name(catalog, "service", code, STR("en")));
    }
    return write_word_set(publishing, &set);
}

/* Telephones that keep the directory learn that it is public no longer. */
static enum error note_gone(struct publishing *publishing, bool told)
{
    struct db *db = publishing->db;

    if (told)
        return db_run(db, NULL, publishing->err,
                      "DELETE FROM public_gone WHERE site = $1 AND id = $2",
                      "tt", publishing->site, publishing->fold->id);
    return db_run(db, NULL, publishing->err,
                  "INSERT INTO public_gone (site, id, changed)"
                  " SELECT site, id, CAST($3 AS BIGINT) FROM public_place"
                  " WHERE site = $1 AND id = $2"
                  " ON CONFLICT (site, id) DO UPDATE SET"
                  " changed = excluded.changed",
                  "tti", publishing->site, publishing->fold->id,
                  clock_instant(publishing->fold->clock));
}

static enum error put_place(struct publishing *publishing)
{
    const struct value *body;
    bool told = str_equal_c(publishing->fold->state, "open") &&
                place_is_public(publishing->answers) &&
                !place_type_detains(publishing->directory->catalog,
                                    answer(publishing, "place_type"));
    enum error error = note_gone(publishing, told);

    if (!error && !publishing->fresh)
        error = forget(publishing);
    if (error || !told)
        return error;
    guarded_init(&publishing->guarded, publishing->arena, publishing->answers);
    publishing->organization =
        publishing->guarded.protected
            ? STR("")
            : text_or_empty(answer(publishing, "organization"));
    publishing->due =
        upkeep_due(publishing->directory->catalog, publishing->answers);
    key_add(publishing, STR("*"));
    body = body_of(publishing);
    find_flags(publishing);
    error = write_place(publishing, body);
    if (!error)
        error = write_keys(publishing);
    if (!error)
        error = write_services(publishing);
    return error ? error : write_words(publishing, body);
}

static struct value *organization_body(struct publishing *publishing)
{
    static const char *const field[] = {"name",        "alternate_name",
                                        "description", "email",
                                        "website",     "legal_status",
                                        "year",        "parent",
                                        "verified_on", NULL};
    struct value *body = value_object(publishing->arena);

    tell_each(publishing, body, publishing->answers, field);
    tell_phones(publishing, body);
    return body;
}

static enum error put_organization(struct publishing *publishing)
{
    struct buf text;
    enum error error = ERROR_NONE;

    if (!publishing->fresh)
        error = db_run(
            publishing->db, NULL, publishing->err,
            "DELETE FROM public_organization WHERE site = $1 AND id = $2", "tt",
            publishing->site, publishing->fold->id);
    if (error || !str_equal_c(publishing->fold->state, "open") ||
        is(publishing, "public", "no") || !answer(publishing, "name").size)
        return error;
    buf_init(&text, publishing->arena);
    value_write(organization_body(publishing), &text);
    return db_run(
        publishing->db, NULL, publishing->err,
        "INSERT INTO public_organization (site, id, name, folded, "
        "changed, body, more) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        "ttttitt", publishing->site, publishing->fold->id,
        answer(publishing, "name"),
        utf8_fold(publishing->arena, answer(publishing, "name"), false),
        clock_instant(publishing->fold->clock), buf_str(&text),
        more_of(publishing, organization_body));
}

static enum error put(void *context, struct db *db, struct str site,
                      const struct fold *fold, bool fresh, struct arena *arena,
                      struct err *err)
{
    bool place = str_equal_c(fold->kind, "place");
    struct publishing *publishing;

    if (!place && !str_equal_c(fold->kind, "organization"))
        return ERROR_NONE;
    publishing = ARENA_NEW(arena, struct publishing);
    if (!publishing)
        return err_memory(err);
    publishing->directory = context;
    publishing->db = db;
    publishing->site = site;
    publishing->fold = fold;
    publishing->answers = fold->answers;
    publishing->arena = arena;
    publishing->err = err;
    publishing->fresh = fresh;
    return place ? put_place(publishing) : put_organization(publishing);
}

static enum error clear(void *context, struct db *db, struct err *err)
{
    enum error error = db_run(db, NULL, err, "DELETE FROM public_place", "");

    (void)context;
    if (!error)
        error = db_run(db, NULL, err, "DELETE FROM public_near", "");
    if (!error)
        error = db_run(db, NULL, err, "DELETE FROM public_service", "");
    if (!error)
        error = db_run(db, NULL, err, "DELETE FROM public_word", "");
    if (!error)
        error = db_run(db, NULL, err, "DELETE FROM public_organization", "");
    return error;
}

const struct aside *directory_aside(struct arena *arena,
                                    const struct catalog *catalog,
                                    const struct host *host)
{
    struct directory *directory = ARENA_NEW(arena, struct directory);
    struct aside *aside = ARENA_NEW(arena, struct aside);

    if (!directory || !aside)
        return NULL;
    *directory = (struct directory){catalog, host};
    *aside = (struct aside){directory, put, clear};
    return aside;
}
