/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_rows.c - places out of rows: those of a CSV (import_csv.c), and the
 * points of a GeoJSON with their properties.
 */
#include "domain/directory/import_private.h"

#include "core/utf8.h"

struct str row_cell(const struct row *row, const char *field)
{
    return str_trim(value_text_of(row->cells, field));
}

static struct str cell(const struct row *row, const char *field)
{
    return row_cell(row, field);
}

static void copy_cell(const struct row *row, struct value *answers,
                      const char *field)
{
    if (cell(row, field).size)
        value_put_str(answers, row->sink->work.arena, field, cell(row, field));
}

static void code_cell(const struct row *row, struct value *answers,
                      const char *field, const char *as, bool several)
{
    struct sink *sink = row->sink;
    struct arena *arena = sink->work.arena;
    struct str text = cell(row, field), rest = text, code;

    if (!text.size)
        return;
    code = several ? spelled_codes(sink->spelled, arena, as, text, &rest)
                   : spelled_code(sink->spelled, arena, as, text);
    if (code.size)
        value_put_str(answers, arena, field, code);
    if (several ? rest.size > 0 : !code.size)
        sink_hint(sink, row->where, N_("no se entiende: {1}"), rest);
}

/* Rows of a repeat as our own export writes them: JSON. */
static bool put_rows(const struct row *row, struct value *answers,
                     const char *field, const char *as)
{
    struct arena *arena = row->sink->work.arena;
    const struct value *list = NULL;
    struct err said = {0};

    if (!str_starts(cell(row, field), STR("[{")))
        return false;
    if (value_parse(arena, cell(row, field), &list, &said))
        sink_hint(row->sink, row->where, N_("no se entiende: {1}"),
                  str_slice(cell(row, field), 0, 40));
    else
        value_put(answers, arena, as, list);
    return true;
}

static void put_phones(const struct row *row, struct value *answers)
{
    struct arena *arena = row->sink->work.arena;
    struct value *list = value_list(arena);
    struct str rest = cell(row, "phone"), part;

    if (put_rows(row, answers, "phone", "phones"))
        return;
    while (rest.size && str_cut(&rest, ';', &part)) {
        struct value *phone = value_object(arena);

        if (!str_trim(part).size)
            continue;
        value_put_str(phone, arena, "number", str_trim(part));
        value_add(list, arena, phone);
    }
    if (value_count(list))
        value_put(answers, arena, "phones", list);
}

static void add_service(const struct row *row, struct value *list,
                        struct str text)
{
    struct sink *sink = row->sink;
    struct arena *arena = sink->work.arena;
    struct value *service = value_object(arena);
    struct str code = spelled_code(sink->spelled, arena, "service_code", text);
    struct str cost =
        spelled_code(sink->spelled, arena, "cost", cell(row, "cost"));

    if (code.size)
        value_put_str(service, arena, "service_code", code);
    else
        value_put_str(service, arena, "name", text);
    if (cost.size)
        value_put_str(service, arena, "cost", cost);
    copy_cell(row, service, "documents");
    copy_cell(row, service, "eligibility");
    value_add(list, arena, service);
}

static void put_services(const struct row *row, struct value *answers)
{
    struct arena *arena = row->sink->work.arena;
    struct value *list = value_list(arena);
    struct str rest = cell(row, "services"), part;

    if (put_rows(row, answers, "services", "services"))
        return;
    while (rest.size && str_cut(&rest, ';', &part))
        if (str_trim(part).size)
            add_service(row, list, str_trim(part));
    if (value_count(list))
        value_put(answers, arena, "services", list);
}

/* Made of the file's id and the name, or of name and place. */
static struct str id_of(const struct row *row, const struct value *answers)
{
    struct arena *arena = row->sink->work.arena;
    const struct host *host = row->sink->task->office->host;
    struct str id = cell(row, "id"), name = cell(row, "name");
    struct str made = directory_id(host, arena, id), beside;

    if (id.size && str_equal(made, utf8_lower(arena, id)))
        return made; /* a UUID */
    beside = id.size
                 ? id
                 : str_format(arena, "%.*s|%.*s|%.*s",
                              STR_ARGS(cell(row, "municipality")),
                              STR_ARGS(value_text_of(answers, "admin1")),
                              STR_ARGS(value_text_of(answers, "place_type")));
    return directory_uuid(host, arena, utf8_fold(arena, name, false), beside);
}

/* A record of the directory; a name alone is not enough to find one. */
static void put_organization(const struct row *row, struct value *answers)
{
    const struct host *host = row->sink->task->office->host;
    struct arena *arena = row->sink->work.arena;
    struct str text = cell(row, "organization_name");

    if (text.size &&
        str_equal(directory_id(host, arena, text), utf8_lower(arena, text)))
        value_put_str(answers, arena, "organization", utf8_lower(arena, text));
    else if (text.size && !row->sink->organization_told) {
        row->sink->organization_told = true;
        sink_hint(row->sink, row->where,
                  N_("el nombre de la organización no entra; se enlaza por su "
                     "identificador: {1}"),
                  text);
    }
}

/* What the program keeps by itself: it comes from our own export alone. */
static struct value *system_of(const struct row *row)
{
    static const char *const system[] = {"free_at", "hsds_id", "hsds", NULL};
    struct value *object = value_object(row->sink->work.arena);

    for (const char *const *at = system; *at; at++)
        copy_cell(row, object, *at);
    return object;
}

/* What the id is made of, beside the name and the municipality. */
static void put_first(const struct row *row, struct value *answers)
{
    copy_cell(row, answers, "name");
    code_cell(row, answers, "place_type", "place_type", false);
    code_cell(row, answers, "admin1", "admin1", false);
    code_cell(row, answers, "consulate_of", "country", false);
    if (!value_text_of(answers, "place_type").size)
        value_put_text(answers, row->sink->work.arena, "place_type", "OTRO");
    import_consulate(row->sink, row->where, answers);
}

struct str row_id(const struct row *row)
{
    struct value *answers = value_object(row->sink->work.arena);

    put_first(row, answers);
    return id_of(row, answers);
}

enum error row_put(const struct row *row)
{
    static const char *const plain[] = {
        "description", "address", "municipality", "postal_code", "website",
        "whatsapp", "email", "hours", "lat", "lon", "source", "notes",
        "verified_on", "transportation",
        /* as our own export has them; the form looks at the codes */
        "alternate_name", "age_min", "age_max", "accessible_note", "hours_note",
        "free_band", "how_referred", "contact_name", "house_key",
        "verified_how", "verified_by", NULL};
    static const char *const yes_no[] = {
        "accessible", "accepts_without_docs", "is_enforcement",
        "public",     "name_public",          "municipality_public",
        NULL};
    struct sink *sink = row->sink;
    struct arena *arena = sink->work.arena;
    struct value *answers = value_object(arena);
    struct sunk sunk = {.kind = "place",
                        .where = row->where,
                        .answers = answers,
                        .system = system_of(row)};

    if (cell(row, "_state").size && !str_equal_c(cell(row, "_state"), "open")) {
        struct err said = {0};

        err_set(&said, ERROR_INPUT, N_("Está cerrado: no entra."), NULL, NULL,
                NULL);
        sink_refuse(sink, row->where, &said);
        return ERROR_NONE;
    }
    put_first(row, answers);
    for (const char *const *at = plain; *at; at++)
        copy_cell(row, answers, *at);
    code_cell(row, answers, "country", "country", false);
    code_cell(row, answers, "status", "status", false);
    code_cell(row, answers, "languages", "languages", true);
    code_cell(row, answers, "who", "who", true);
    code_cell(row, answers, "operator", "operator", false);
    for (const char *const *at = yes_no; *at; at++)
        code_cell(row, answers, *at, "yn", false);
    code_cell(row, answers, "geo_precision", "geo_precision", false);
    if (cell(row, "geo_precision").size &&
        !value_text_of(answers, "geo_precision").size)
        value_put_text(answers, arena, "geo_precision", "hidden");
    put_organization(row, answers);
    put_phones(row, answers);
    put_services(row, answers);
    sunk.id = id_of(row, answers);
    return sink_put(sink, &sunk);
}

/* --- GeoJSON -------------------------------------------------------------- */

static void put_point(struct row *row, const struct value *geometry)
{
    const struct value *at = value_get(geometry, "coordinates");
    struct arena *arena = row->sink->work.arena;

    if (!str_equal_c(value_text_of(geometry, "type"), "Point") ||
        value_count(at) < 2) {
        sink_hint(row->sink, row->where,
                  N_("no es un punto y queda sin posición: {1}"),
                  value_text_of(geometry, "type"));
        return;
    }
    value_put_str(row->cells, arena, "lon",
                  value_as_text(value_at(at, 0), arena));
    value_put_str(row->cells, arena, "lat",
                  value_as_text(value_at(at, 1), arena));
}

static enum error take_feature(struct sink *sink, const struct value *feature,
                               size_t number)
{
    struct arena *arena = sink->work.arena;
    const struct value *properties = value_get(feature, "properties");
    struct row row = {.sink = sink,
                      .where = str_format(arena, "features[%zu]", number),
                      .cells = value_object(arena)};
    const struct value *id = value_get(feature, "id");

    for (size_t i = 0; i < value_count(properties); i++) {
        struct str field =
            heading_field(sink->task, arena, value_name_at(properties, i));
        const struct value *answer = value_at(properties, i);
        enum value_type type = value_type(answer);

        if (field.size && type != VALUE_NULL && type != VALUE_LIST &&
            type != VALUE_OBJECT && !value_get_str(row.cells, field))
            value_set(row.cells, arena, field,
                      value_string(arena, value_as_text(answer, arena)));
    }
    if (id && !value_get(row.cells, "id"))
        value_put_str(row.cells, arena, "id", value_as_text(id, arena));
    put_point(&row, value_get(feature, "geometry"));
    return row_put(&row);
}

enum error import_geojson(struct sink *sink, const struct value *json)
{
    const struct value *features = value_get(json, "features");
    enum error error = ERROR_NONE;

    if (str_equal_c(value_text_of(json, "type"), "Feature"))
        return take_feature(sink, json, 0);
    for (size_t i = 0; !error && i < value_count(features); i++) {
        error = sink_next(sink);
        if (!error)
            error = take_feature(sink, value_at(features, i), i);
    }
    return error;
}
