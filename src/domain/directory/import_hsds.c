/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_hsds.c - places and organizations out of nested HSDS objects.
 *
 * Whatever the file nests in what, links are gathered first: which service is
 * offered where. Then each location becomes a place with a row per service;
 * a service without a location becomes a place that is nowhere. The objects
 * themselves go along in `hsds`, so that an export gives them back.
 */
#include "domain/directory/import_private.h"

#include "core/date.h"
#include "core/utf8.h"

enum { ROWS_MOST = 60, NEST_MOST = 6 };

/* A service at a location; location NULL: nowhere. */
struct link {
    struct str id; /* the place's */
    const struct value *location, *service, *spot;
    struct str organization, where;
    struct link *next; /* of the same place */
    bool first;
};

struct gathering {
    struct sink *sink;
    struct arena *arena; /* the task's: trees live there, too */
    struct link *link;
    size_t count, capacity;
    const struct link **slot; /* by place */
    size_t slots;
};

static struct str id_in(const struct gathering *gathering,
                        const struct value *object)
{
    struct str id = value_as_text(value_get(object, "id"), gathering->arena);

    return id.size ? directory_id(gathering->sink->task->office->host,
                                  gathering->arena, id)
                   : STR("");
}

/* --- gathering ------------------------------------------------------------ */

static void add_link(struct gathering *gathering, struct link link)
{
    if (gathering->count == gathering->capacity) {
        size_t more = gathering->capacity ? gathering->capacity * 2 : 256;
        struct link *grown =
            arena_grow(gathering->arena, gathering->link,
                       gathering->capacity * sizeof(link), more * sizeof(link));

        if (!grown)
            return;
        gathering->link = grown;
        gathering->capacity = more;
    }
    gathering->link[gathering->count++] = link;
}

static void add_phones(struct value *answers, struct arena *arena,
                       const struct sink *sink, const struct value *phones,
                       bool typed)
{
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(phones); i++) {
        const struct value *phone = value_at(phones, i);
        struct value *item = value_object(arena);
        struct str number = str_trim(value_text_of(phone, "number"));
        struct str type = spelled_code(sink->spelled, arena, "phone_type",
                                       value_text_of(phone, "type"));

        if (number.size > 1 && number.at[0] == '"')
            number = str_trim(str_slice(number, 1, number.size - 1));
        if (!number.size)
            continue;
        value_put_str(item, arena, "number", number);
        value_put_str(item, arena, "extension",
                      value_as_text(value_get(phone, "extension"), arena));
        if (typed && type.size)
            value_put_str(item, arena, "type", type);
        value_put_str(item, arena, "note", value_text_of(phone, "description"));
        value_add(list, arena, item);
    }
    if (value_count(list))
        value_put(answers, arena, "phones", list);
}

static void copy_text(struct value *answers, struct arena *arena,
                      const char *as, const struct value *object,
                      const char *member)
{
    struct str text = str_trim(value_text_of(object, member));

    if (text.size)
        value_put_str(answers, arena, as, text);
}

/* Its record, unless the object only names it; the id either way. */
static enum error put_organization(struct gathering *gathering,
                                   const struct value *organization,
                                   struct str where, struct str *id)
{
    struct sink *sink = gathering->sink;
    struct sunk sunk = {.kind = "organization", .where = where};
    struct value *original;
    struct arena *arena;
    enum error error;

    *id = id_in(gathering, organization);
    if (!id->size || !value_text_of(organization, "name").size)
        return ERROR_NONE;
    error = sink_next(sink);
    if (error)
        return error;
    arena = sink->work.arena;
    sunk.id = *id;
    sunk.answers = value_object(arena);
    copy_text(sunk.answers, arena, "name", organization, "name");
    copy_text(sunk.answers, arena, "alternate_name", organization,
              "alternate_name");
    copy_text(sunk.answers, arena, "description", organization, "description");
    copy_text(sunk.answers, arena, "email", organization, "email");
    copy_text(sunk.answers, arena, "website", organization, "website");
    copy_text(sunk.answers, arena, "legal_status", organization,
              "legal_status");
    value_put_str(
        sunk.answers, arena, "year",
        value_as_text(value_get(organization, "year_incorporated"), arena));
    add_phones(sunk.answers, arena, sink, value_get(organization, "phones"),
               false);
    original = value_copy(organization, arena);
    value_remove(original, STR("services"));
    value_remove(original, STR("locations"));
    sunk.hsds = value_object(arena);
    value_put(sunk.hsds, arena, "organization", original);
    sunk.system = value_object(arena);
    value_put_str(sunk.system, arena, "hsds_id",
                  value_text_of(organization, "id"));
    return sink_put(sink, &sunk);
}

/* A list names services without saying where: it is known already. */
static enum error stands_somewhere(struct gathering *gathering, struct str id,
                                   bool *stands)
{
    struct task *task = &gathering->sink->work;
    int64_t one = 0;

    return db_get_int(task->db, &one, stands, gathering->sink->err,
                      "SELECT 1 FROM public_service WHERE site = $1"
                      " AND id = $2 AND place <> $3 LIMIT 1",
                      "ttt", log_site(&task->office->log, STR("place")), id,
                      directory_uuid(task->office->host, gathering->arena,
                                     STR("nowhere"), id));
}

static enum error take_service(struct gathering *gathering,
                               const struct value *service,
                               struct str organization, struct str where)
{
    const struct value *spots = value_get(service, "service_at_locations");
    const struct value *nested = value_get(service, "organization");
    struct str id = id_in(gathering, service);
    enum error error = ERROR_NONE;
    bool located = false;

    if (!id.size || !value_text_of(service, "name").size) {
        struct err said = {0};

        err_set(&said, ERROR_INPUT,
                N_("No es un servicio de HSDS: le falta id o name."), NULL,
                NULL, NULL);
        sink_refuse(gathering->sink, where, &said);
        return ERROR_NONE;
    }
    if (nested)
        error = put_organization(gathering, nested, where, &organization);
    else if (value_text_of(service, "organization_id").size)
        organization =
            directory_id(gathering->sink->task->office->host, gathering->arena,
                         value_text_of(service, "organization_id"));
    for (size_t i = 0; i < value_count(spots); i++) {
        const struct value *spot = value_at(spots, i);
        const struct value *location = value_get(spot, "location");

        if (!id_in(gathering, location).size)
            continue;
        located = true;
        add_link(gathering, (struct link){.id = id_in(gathering, location),
                                          .location = location,
                                          .service = service,
                                          .spot = spot,
                                          .organization = organization,
                                          .where = where});
    }
    if (!error && !located)
        error = stands_somewhere(gathering, id, &located);
    if (!error && !located)
        add_link(gathering,
                 (struct link){
                     .id = directory_uuid(gathering->sink->task->office->host,
                                          gathering->arena, STR("nowhere"), id),
                     .service = service,
                     .organization = organization,
                     .where = where});
    return error;
}

static struct str within(struct gathering *gathering, struct str where,
                         const char *member, size_t number)
{
    return str_format(gathering->arena, "%.*s%s%s[%zu]", STR_ARGS(where),
                      member[0] ? "." : "", member, number);
}

static enum error take_organization(struct gathering *gathering,
                                    const struct value *organization,
                                    struct str where)
{
    const struct value *services = value_get(organization, "services");
    const struct value *locations = value_get(organization, "locations");
    struct str id;
    enum error error = put_organization(gathering, organization, where, &id);

    for (size_t i = 0; i < value_count(services) && !error; i++)
        error = take_service(gathering, value_at(services, i), id,
                             within(gathering, where, "services", i));
    for (size_t i = 0; i < value_count(locations); i++) {
        const struct value *location = value_at(locations, i);

        if (id_in(gathering, location).size)
            add_link(gathering, (struct link){.id = id_in(gathering, location),
                                              .location = location,
                                              .organization = id,
                                              .where = within(gathering, where,
                                                              "locations", i)});
    }
    return error;
}

static enum error take_spot(struct gathering *gathering,
                            const struct value *spot, struct str where)
{
    const struct value *service = value_get(spot, "service");
    const struct value *location = value_get(spot, "location");
    struct str organization = STR("");
    enum error error = put_organization(
        gathering, value_get(service, "organization"), where, &organization);

    if (!error && id_in(gathering, location).size &&
        id_in(gathering, service).size)
        add_link(gathering, (struct link){.id = id_in(gathering, location),
                                          .location = location,
                                          .service = service,
                                          .spot = spot,
                                          .organization = organization,
                                          .where = where});
    return error;
}

static void take_location(struct gathering *gathering,
                          const struct value *location, struct str where)
{
    if (id_in(gathering, location).size)
        add_link(gathering, (struct link){.id = id_in(gathering, location),
                                          .location = location,
                                          .organization = STR(""),
                                          .where = where});
}

/* Taxonomies and terms have a name and a description as well; ours are those
 * of the catalogue. */
static bool is_organization(const struct value *json)
{
    static const char *const other[] = {
        "version",         "code",      "taxonomy", "taxonomy_id",
        "taxonomy_detail", "parent_id", "term_uri", NULL};

    for (const char *const *at = other; *at; at++)
        if (value_get(json, *at))
            return false;
    return value_text_of(json, "name").size && value_get(json, "description");
}

/* What an object is, is told by its members. */
static enum error take(struct gathering *gathering, const struct value *json,
                       struct str where, int depth)
{
    const struct value *list = value_get(json, "contents");
    enum error error = ERROR_NONE;
    struct err said = {0};

    if (value_type(json) == VALUE_LIST)
        list = json;
    if (list && depth < NEST_MOST) {
        for (size_t i = 0; i < value_count(list) && !error; i++)
            error = take(gathering, value_at(list, i),
                         within(gathering, where, "", i), depth + 1);
        return error;
    }
    if (value_get(json, "location") && value_get(json, "service"))
        return take_spot(gathering, json, where);
    if (value_get(json, "service_at_locations") || value_get(json, "status"))
        return take_service(gathering, json, STR(""), where);
    if (value_get(json, "location_type")) {
        take_location(gathering, json, where);
        return ERROR_NONE;
    }
    if (is_organization(json))
        return take_organization(gathering, json, where);
    err_set(&said, ERROR_INPUT,
            N_("No es un objeto de HSDS que se pueda traer: ni servicio, ni "
               "organización, ni lugar, ni servicio en un lugar."),
            NULL, NULL, NULL);
    sink_refuse(gathering->sink, where, &said);
    return ERROR_NONE;
}

/* --- one place ------------------------------------------------------------ */

struct placing {
    struct sink *sink;
    struct arena *arena;
    struct value *answers;
    const struct link *link; /* the first of the place */
};

static const char *const day_name[] = {"MO", "Mo", "TU", "Tu", "WE",
                                       "We", "TH", "Th", "FR", "Fr",
                                       "SA", "Sa", "SU", "Su"};

static bool put_days(struct buf *out, struct str days)
{
    struct str part;
    bool any = false;

    while (days.size && str_cut(&days, ',', &part))
        for (size_t i = 0; i < 14; i += 2)
            if (str_equal_c(str_trim(part), day_name[i])) {
                buf_printf(out, "%s%s", any ? "," : "", day_name[i + 1]);
                any = true;
            }
    return any;
}

/* Weekly ones that hold today, as hours.h writes them. */
static struct str hours_of(const struct placing *placing,
                           const struct value *schedules)
{
    struct str today =
        date_text(placing->arena, date_from_day(task_day(placing->sink->task)));
    struct buf out;

    buf_init(&out, placing->arena);
    for (size_t i = 0; i < value_count(schedules); i++) {
        const struct value *one = value_at(schedules, i);
        struct str opens = value_text_of(one, "opens_at");
        struct str closes = value_text_of(one, "closes_at");
        struct str until = value_text_of(one, "valid_to");
        size_t before = out.size;

        if (str_equal_c(value_text_of(one, "freq"), "MONTHLY") ||
            opens.size < 5 || closes.size < 5 ||
            (until.size && str_compare(until, today) < 0))
            continue;
        if (out.size)
            buf_puts(&out, "; ");
        if (!put_days(&out, value_text_of(one, "byday"))) {
            out.size = before;
            continue;
        }
        buf_printf(&out, " %.5s-%.5s", opens.at,
                   str_starts(closes, STR("23:59")) ? "24:00" : closes.at);
    }
    return buf_str(&out);
}

/* The first of them that has such a list. */
static const struct value *nearest(const struct link *link, const char *member)
{
    const struct value *of[] = {link->location, link->spot, link->service};

    for (size_t i = 0; i < 3; i++)
        if (value_count(value_get(of[i], member)))
            return value_get(of[i], member);
    return NULL;
}

static void put_hours(struct placing *placing)
{
    const struct value *schedules = nearest(placing->link, "schedules");
    struct str hours = hours_of(placing, schedules);

    if (hours.size)
        value_put_str(placing->answers, placing->arena, "hours", hours);
    else
        copy_text(placing->answers, placing->arena, "hours_note",
                  value_at(schedules, 0), "description");
}

static void put_languages(struct placing *placing)
{
    const struct value *languages = nearest(placing->link, "languages");
    struct buf out;

    buf_init(&out, placing->arena);
    for (size_t i = 0; i < value_count(languages); i++) {
        const struct value *one = value_at(languages, i);
        const struct spelled *spelled = placing->sink->spelled;
        struct str code = spelled_code(spelled, placing->arena, "languages",
                                       value_text_of(one, "code"));

        if (!code.size)
            code = spelled_code(spelled, placing->arena, "languages",
                                value_text_of(one, "name"));
        if (code.size)
            buf_printf(&out, "%s%.*s", out.size ? " " : "", STR_ARGS(code));
    }
    if (out.size)
        value_put_str(placing->answers, placing->arena, "languages",
                      buf_str(&out));
}

static void put_address(struct placing *placing)
{
    const struct value *address =
        value_at(value_get(placing->link->location, "addresses"), 0);
    const struct spelled *spelled = placing->sink->spelled;
    struct arena *arena = placing->arena;
    struct str one = str_trim(value_text_of(address, "address_1"));
    struct str two = str_trim(value_text_of(address, "address_2"));
    struct str state = spelled_code(spelled, arena, "admin1",
                                    value_text_of(address, "state_province"));
    struct str country = spelled_code(spelled, arena, "country",
                                      value_text_of(address, "country"));

    if (one.size)
        value_put_str(placing->answers, arena, "address",
                      two.size ? str_format(arena, "%.*s, %.*s", STR_ARGS(one),
                                            STR_ARGS(two))
                               : one);
    copy_text(placing->answers, arena, "municipality", address, "city");
    copy_text(placing->answers, arena, "postal_code", address, "postal_code");
    if (state.size)
        value_put_str(placing->answers, arena, "admin1", state);
    if (country.size)
        value_put_str(placing->answers, arena, "country", country);
}

static void put_degrees(struct placing *placing)
{
    const struct value *location = placing->link->location;
    double lat = value_to_double(value_get(location, "latitude"), 999);
    double lon = value_to_double(value_get(location, "longitude"), 999);

    if (!value_get(location, "latitude"))
        return;
    if (cell_of(lat, lon) == CELL_NONE) {
        sink_hint(
            placing->sink, placing->link->where,
            N_("la posición no existe y se deja fuera: {1}"),
            value_as_text(value_get(location, "latitude"), placing->arena));
        return;
    }
    value_put_str(
        placing->answers, placing->arena, "lat",
        value_as_text(value_number(placing->arena, lat), placing->arena));
    value_put_str(
        placing->answers, placing->arena, "lon",
        value_as_text(value_number(placing->arena, lon), placing->arena));
}

/* A code of ours among the terms that a service is filed under. */
static struct str term_code(const struct placing *placing,
                            const struct value *service, const char *field)
{
    const struct value *attributes = value_get(service, "attributes");
    const struct spelled *spelled = placing->sink->spelled;

    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct value *term =
            value_get(value_at(attributes, i), "taxonomy_term");
        struct str code = spelled_code(spelled, placing->arena, field,
                                       value_text_of(term, "code"));

        if (!code.size)
            code = spelled_code(spelled, placing->arena, field,
                                value_text_of(term, "name"));
        if (code.size)
            return code;
    }
    return spelled_code(spelled, placing->arena, field,
                        value_text_of(service, "name"));
}

static struct str lines_of(struct placing *placing, const struct value *list,
                           const char *member)
{
    struct buf out;

    buf_init(&out, placing->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        struct str line = str_trim(value_text_of(value_at(list, i), member));

        if (line.size)
            buf_printf(&out, "%s%.*s", out.size ? "\n" : "", STR_ARGS(line));
    }
    return buf_str(&out);
}

static void put_text(struct value *object, struct arena *arena,
                     const char *name, struct str text)
{
    if (text.size)
        value_put_str(object, arena, name, text);
}

static struct value *service_row(struct placing *placing,
                                 const struct link *link)
{
    static const char *const same[][2] = {
        {"name", "name"},
        {"description", "description"},
        {"fees", "fees_description"},
        {"eligibility", "eligibility_description"},
        {"application", "application_process"},
        {"wait", "wait_time"},
        {"url", "url"},
        {"note", "alert"}};
    const struct value *service = link->service;
    const struct value *cost = value_at(value_get(service, "cost_options"), 0);
    const struct value *amount = value_get(cost, "amount");
    struct arena *arena = placing->arena;
    const struct host *host = placing->sink->task->office->host;
    struct value *row = value_object(arena);

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        copy_text(row, arena, same[i][0], service, same[i][1]);
    put_text(row, arena, "service_code",
             term_code(placing, service, "service_code"));
    put_text(row, arena, "documents",
             lines_of(placing, value_get(service, "required_documents"),
                      "document"));
    put_text(row, arena, "area",
             lines_of(placing, value_get(service, "service_areas"), "name"));
    if (amount)
        value_put_text(row, arena, "cost",
                       value_to_double(amount, 1) > 0 ? "pago" : "gratis");
    value_put_str(row, arena, "hsds_id",
                  directory_id(host, arena,
                               value_as_text(value_get(service, "id"), arena)));
    if (value_get(link->spot, "id"))
        value_put_str(
            row, arena, "hsds_at",
            directory_id(host, arena,
                         value_as_text(value_get(link->spot, "id"), arena)));
    return row;
}

static struct value *without(struct placing *placing,
                             const struct value *object, const char *a,
                             const char *b)
{
    struct value *copy = object ? value_copy(object, placing->arena)
                                : value_null(placing->arena);

    if (object) {
        value_remove(copy, str_of(a));
        value_remove(copy, str_of(b));
    }
    return copy;
}

static bool linked_before(const struct link *first, const struct link *at)
{
    for (const struct link *one = first; one != at; one = one->next)
        if (one->service == at->service)
            return true;
    return false;
}

static void put_services(struct placing *placing, struct value *hsds)
{
    struct arena *arena = placing->arena;
    struct value *rows = value_list(arena), *services = value_list(arena);
    struct value *spots = value_list(arena);

    for (const struct link *link = placing->link; link; link = link->next) {
        if (!link->service || value_count(rows) == ROWS_MOST ||
            linked_before(placing->link, link))
            continue;
        value_add(rows, arena, service_row(placing, link));
        value_add(services, arena,
                  without(placing, link->service, "organization",
                          "service_at_locations"));
        value_add(spots, arena,
                  without(placing, link->spot, "location", "service"));
    }
    if (!value_count(rows))
        return;
    value_put(placing->answers, arena, "services", rows);
    value_put(hsds, arena, "services", services);
    value_put(hsds, arena, "spots", spots);
}

/* What HSDS says of a service, here the place's. */
static void put_first_service(struct placing *placing)
{
    const struct value *service = placing->link->service;
    struct arena *arena = placing->arena;
    struct str assured = value_text_of(service, "assured_date");
    struct str status = value_text_of(service, "status");
    struct date date;

    put_text(placing->answers, arena, "age_min",
             value_as_text(value_get(service, "minimum_age"), arena));
    put_text(placing->answers, arena, "age_max",
             value_as_text(value_get(service, "maximum_age"), arena));
    copy_text(placing->answers, arena, "email", service, "email");
    if (date_parse_whole(assured, &date) &&
        date_to_day(date) <= task_day(placing->sink->task))
        value_put_str(placing->answers, arena, "verified_on", assured);
    status = spelled_code(placing->sink->spelled, arena, "status", status);
    put_text(placing->answers, arena, "status", status);
    put_text(placing->answers, arena, "place_type",
             term_code(placing, service, "place_type"));
    import_consulate(placing->sink, placing->link->where, placing->answers);
}

static enum error put_place(struct gathering *gathering,
                            const struct link *link)
{
    struct sink *sink = gathering->sink;
    struct placing placing = {.sink = sink, .link = link};
    const struct value *location = link->location;
    const struct value *access;
    struct value *hsds;
    struct sunk sunk;
    enum error error = sink_next(sink);

    if (error)
        return error;
    placing.arena = sink->work.arena;
    placing.answers = value_object(placing.arena);
    hsds = value_object(placing.arena);
    copy_text(placing.answers, placing.arena, "name",
              location ? location : link->service, "name");
    if (!value_text_of(placing.answers, "name").size)
        copy_text(placing.answers, placing.arena, "name", link->service,
                  "name");
    copy_text(placing.answers, placing.arena, "alternate_name", location,
              "alternate_name");
    copy_text(placing.answers, placing.arena, "description", location,
              "description");
    copy_text(placing.answers, placing.arena, "transportation", location,
              "transportation");
    copy_text(placing.answers, placing.arena, "website", location, "url");
    put_degrees(&placing);
    put_address(&placing);
    put_first_service(&placing);
    put_services(&placing, hsds);
    put_languages(&placing);
    put_hours(&placing);
    add_phones(placing.answers, placing.arena, sink, nearest(link, "phones"),
               true);
    access = value_at(value_get(location, "accessibility"), 0);
    copy_text(placing.answers, placing.arena, "accessible_note", access,
              "description");
    if (link->organization.size)
        value_put_str(placing.answers, placing.arena, "organization",
                      link->organization);
    if (location)
        value_put(hsds, placing.arena, "location",
                  without(&placing, location, "services", "service"));
    else
        value_put_bool(hsds, placing.arena, "nowhere", true);
    sunk = (struct sunk){.kind = "place",
                         .id = link->id,
                         .where = link->where,
                         .answers = placing.answers,
                         .system = value_object(placing.arena),
                         .hsds = hsds};
    value_put_str(sunk.system, placing.arena, "hsds_id",
                  value_as_text(value_get(location, "id"), placing.arena));
    return sink_put(sink, &sunk);
}

/* Links of one place in a row, in the order of the file. */
static void chain(struct gathering *gathering)
{
    struct link **last;
    struct link **slot;

    gathering->slots = 64;
    while (gathering->slots < gathering->count * 2)
        gathering->slots *= 2;
    slot = ARENA_ARRAY(gathering->arena, struct link *, gathering->slots);
    last = ARENA_ARRAY(gathering->arena, struct link *, gathering->slots);
    for (size_t i = 0; slot && last && i < gathering->count; i++) {
        struct link *link = &gathering->link[i];
        size_t at = str_hash(link->id) & (gathering->slots - 1);

        while (slot[at] && !str_equal(slot[at]->id, link->id))
            at = (at + 1) & (gathering->slots - 1);
        if (slot[at])
            last[at]->next = link;
        else
            slot[at] = link;
        link->first = slot[at] == link;
        last[at] = link;
    }
}

enum error import_hsds_json(struct sink *sink, const struct value *json,
                            struct str where)
{
    struct gathering gathering = {.sink = sink, .arena = sink->task->arena};
    enum error error = take(&gathering, json, where, 0);

    if (!error)
        chain(&gathering);
    for (size_t i = 0; i < gathering.count && !error; i++)
        if (gathering.link[i].first)
            error = put_place(&gathering, &gathering.link[i]);
    return error;
}
