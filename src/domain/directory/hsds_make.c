/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_make.c - rows of the public tables as HSDS objects.
 *
 * Each object is made from the body of a row. Where an import brought the
 * object, the same is made from what the import read then; members that came
 * out differently were changed here and replace those of the original, all
 * others stay as they came.
 */
#include "domain/directory/hsds.h"

#include "core/date.h"
#include "domain/directory/directory_private.h"
#include "domain/person/words.h"

struct making {
    struct task *task;
    struct arena *arena;
    const struct public_place *place;
    const struct value *body;
    struct value *out;
};

static void put(struct making *making, const char *name, struct str text)
{
    if (text.size)
        value_put_str(making->out, making->arena, name, text);
}

static struct str told(const struct making *making, const char *name)
{
    return value_text_of(making->body, name);
}

/* The id of a part that has none of its own. */
static struct str part_id(const struct making *making, const char *part,
                          size_t number)
{
    return directory_uuid(making->task->office->host, making->arena,
                          making->place->id,
                          str_format(making->arena, "%s %zu", part, number));
}

static struct value *item_new(const struct making *making, const char *part,
                              size_t number)
{
    struct value *item = value_object(making->arena);

    value_put_str(item, making->arena, "id", part_id(making, part, number));
    return item;
}

static void item_put(const struct making *making, struct value *item,
                     const char *name, struct str text)
{
    if (text.size)
        value_put_str(item, making->arena, name, text);
}

static void put_list(struct making *making, const char *name,
                     const struct value *list)
{
    if (value_count(list))
        value_put(making->out, making->arena, name, list);
}

/* An address of the web as schemas want it; not told when it is none. */
static void put_uri(struct making *making, const char *name, struct str text)
{
    text = str_trim(text);
    if (text.size && str_find(text, STR("://")) == SIZE_MAX)
        text = str_join(making->arena, STR("https://"), text);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f ||
            strchr("<>\"{}|\\^`", text.at[i]))
            return;
    if (str_starts(text, STR("https://")) || str_starts(text, STR("http://")))
        put(making, name, text);
}

static void put_email(struct making *making, struct str text)
{
    size_t at = str_find_char(text, '@');

    for (size_t i = 0; i < text.size; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= 'A' && text.at[i] <= 'Z') ||
              (text.at[i] >= '0' && text.at[i] <= '9') ||
              strchr("@._+-", text.at[i])))
            return;
    if (at != SIZE_MAX && at > 0)
        put(making, "email", text);
}

/* --- parts ---------------------------------------------------------------- */

static void put_languages(struct making *making, const char *part)
{
    const struct catalog *catalog = making->task->office->catalog;
    struct value *list = value_list(making->arena);
    struct str rest = told(making, "languages"), code;

    while (words_next(&rest, &code)) {
        struct value *item = item_new(making, part, value_count(list));

        item_put(making, item, "name",
                 catalog_name(catalog, "language", code, STR("es")));
        item_put(making, item, "code", code);
        value_add(list, making->arena, item);
    }
    put_list(making, "languages", list);
}

static void put_phones(struct making *making)
{
    const struct value *phones = value_get(making->body, "phones");
    struct value *list = value_list(making->arena);

    for (size_t i = 0; i < value_count(phones); i++) {
        const struct value *phone = value_at(phones, i);
        struct value *item = item_new(making, "phone", i);
        int64_t extension;

        item_put(making, item, "number", value_text_of(phone, "number"));
        if (str_to_int(value_text_of(phone, "extension"), &extension))
            value_put_int(item, making->arena, "extension", extension);
        item_put(making, item, "type", value_text_of(phone, "type"));
        item_put(making, item, "description", value_text_of(phone, "note"));
        value_add(list, making->arena, item);
    }
    put_list(making, "phones", list);
}

/* Mo-Fr,Su as MO,TU,WE,TH,FR,SU; empty when it is not understood. */
static struct str by_day(const struct making *making, struct str text)
{
    static const char *const day[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
    static const char *const local[] = {"Lu", "Ma", "Mi", "Ju",
                                        "Vi", "Sa", "Do"};
    static const char *const upper[] = {"MO", "TU", "WE", "TH",
                                        "FR", "SA", "SU"};
    bool on[7] = {false};
    struct str rest = text, part;
    struct buf out;

    while (str_cut(&rest, ',', &part)) {
        struct str from, to = str_trim(part);
        int first = -1, last = -1;

        str_cut(&to, '-', &from);
        if (str_is_null(to))
            to = from;
        for (int i = 0; i < 7; i++) {
            if (str_equal_nocase(from, str_of(day[i])) ||
                str_equal_nocase(from, str_of(local[i])))
                first = i;
            if (str_equal_nocase(to, str_of(day[i])) ||
                str_equal_nocase(to, str_of(local[i])))
                last = i;
        }
        if (first < 0 || last < 0)
            return STR("");
        for (int i = first;; i = (i + 1) % 7) {
            on[i] = true;
            if (i == last)
                break;
        }
    }
    buf_init(&out, making->arena);
    for (int i = 0; i < 7; i++)
        if (on[i])
            buf_printf(&out, "%s%s", out.size ? "," : "", upper[i]);
    return buf_str(&out);
}

static bool is_time(struct str text)
{
    return text.size == 5 && text.at[2] == ':' && text.at[0] >= '0' &&
           text.at[0] <= '2' && text.at[3] <= '5';
}

static void add_schedule(struct making *making, struct value *list,
                         struct str days, struct str span)
{
    struct value *item = item_new(making, "schedule", value_count(list));
    struct str opens, closes = str_trim(span);

    str_cut(&closes, '-', &opens);
    value_put_text(item, making->arena, "freq", "WEEKLY");
    item_put(making, item, "byday", days);
    if (is_time(opens) && is_time(closes)) {
        item_put(making, item, "opens_at",
                 str_join(making->arena, opens, STR(":00")));
        item_put(making, item, "closes_at",
                 str_equal_c(closes, "24:00")
                     ? STR("23:59:59")
                     : str_join(making->arena, closes, STR(":00")));
    }
    item_put(making, item, "description", told(making, "hours"));
    value_add(list, making->arena, item);
}

static void put_schedules(struct making *making)
{
    struct value *list = value_list(making->arena);
    struct str rest = told(making, "hours"), rule;

    if (str_equal_c(str_trim(rest), "24/7"))
        rest = STR("Mo-Su 00:00-24:00");
    while (rest.size && str_cut(&rest, ';', &rule)) {
        struct str days = str_trim(rule), spans, span;
        size_t space = str_find_char(days, ' ');

        spans = space == SIZE_MAX ? STR("00:00-24:00")
                                  : str_slice(days, space + 1, days.size);
        days = by_day(making, str_slice(days, 0, space));
        if (!days.size || str_equal_nocase(str_trim(spans), STR("off")))
            continue;
        while (str_cut(&spans, ',', &span))
            add_schedule(making, list, days, span);
    }
    put_list(making, "schedules", list);
}

static struct str country_2(const struct making *making)
{
    const struct catalog_table *table =
        catalog_table(making->task->office->catalog, "country");
    size_t row = catalog_find(table, told(making, "country"));
    struct str code =
        row == SIZE_MAX ? STR("") : catalog_cell(table, row, "iso2");

    return code.size ? code : told(making, "country");
}

static struct str or_empty(struct str text)
{
    return text.at ? text : STR("");
}

static void put_address(struct making *making)
{
    const struct catalog *catalog = making->task->office->catalog;
    struct arena *arena = making->arena;
    struct value *list = value_list(arena);
    struct value *item = item_new(making, "address", 0);
    struct str state = making->place->admin1;

    if (!told(making, "address").size)
        return;
    if (state.size)
        state = catalog_name(catalog, "admin1", state, STR("es"));
    value_put_str(item, arena, "address_1", told(making, "address"));
    value_put_str(item, arena, "city", or_empty(told(making, "municipality")));
    value_put_str(item, arena, "state_province", or_empty(state));
    value_put_str(item, arena, "postal_code",
                  or_empty(told(making, "postal_code")));
    value_put_str(item, arena, "country", or_empty(country_2(making)));
    value_put_text(item, arena, "address_type", "physical");
    value_add(list, arena, item);
    put_list(making, "addresses", list);
}

static void put_accessibility(struct making *making)
{
    struct value *list = value_list(making->arena);
    struct value *item = item_new(making, "accessibility", 0);
    struct str yes = told(making, "accessible");

    if (!yes.size && !told(making, "accessible_note").size)
        return;
    if (yes.size)
        value_put_text(item, making->arena, "description",
                       str_equal_c(yes, "yes") ? "Con silla de ruedas"
                                               : "Sin acceso en silla de "
                                                 "ruedas");
    item_put(making, item, "details", told(making, "accessible_note"));
    value_add(list, making->arena, item);
    put_list(making, "accessibility", list);
}

/* An attribute that names a term of ours. */
static void add_term(struct making *making, struct value *list,
                     const char *taxonomy, struct str code, struct str link)
{
    struct value *term =
        code.size ? hsds_term(making->task, taxonomy, code) : NULL;
    struct value *item = item_new(making, taxonomy, 0);

    if (!term)
        return;
    value_put_str(item, making->arena, "link_id", link);
    value_put_text(item, making->arena, "link_entity", "service");
    value_put(item, making->arena, "taxonomy_term_id", value_get(term, "id"));
    value_put(item, making->arena, "taxonomy_term", term);
    value_add(list, making->arena, item);
}

/* --- made, and laid over the original ------------------------------------- */

static bool body_read(struct making *making, struct str text)
{
    struct err ignored = {0};

    return text.size &&
           !value_parse(making->arena, text, &making->body, &ignored);
}

/* What an import brought: {"location", "services": [], "spots": [], "was"}. */
static const struct value *brought(const struct making *making)
{
    const struct value *more = NULL;
    struct err ignored = {0};

    if (making->place->more.size)
        value_parse(making->arena, making->place->more, &more, &ignored);
    return more;
}

/* The original with the members that are not made as they were then. */
static struct value *laid_over(const struct making *making,
                               const struct value *original,
                               const struct value *was, const struct value *now)
{
    struct value *out;

    if (value_type(original) != VALUE_OBJECT)
        return value_copy(now, making->arena);
    out = value_copy(original, making->arena);
    for (size_t i = 0; i < value_count(now); i++) {
        struct str name = value_name_at(now, i);

        if (!value_equal(value_at(now, i), value_get_str(was, name)))
            value_set(out, making->arena, name, value_at(now, i));
    }
    for (size_t i = 0; i < value_count(was); i++)
        if (!value_get_str(now, value_name_at(was, i)))
            value_remove(out, value_name_at(was, i));
    return out;
}

typedef struct value *(*maker)(struct making *making, size_t number);

static struct value *made(struct task *task, const struct public_place *place,
                          maker make, size_t number,
                          const struct value *original)
{
    struct making making = {.task = task, .arena = task->arena, .place = place};
    struct value *now, *was = NULL;
    const struct value *then = value_get(brought(&making), "was");

    if (!body_read(&making, place->body))
        return value_object(task->arena);
    now = make(&making, number);
    if (value_type(original) == VALUE_OBJECT && then) {
        making.body = then;
        was = make(&making, number);
    }
    return laid_over(&making, was ? original : NULL, was, now);
}

static const struct value *original_of(struct task *task,
                                       const struct public_place *place,
                                       const char *what, size_t number)
{
    struct making making = {.task = task, .arena = task->arena, .place = place};
    const struct value *part = value_get(brought(&making), what);

    return value_type(part) == VALUE_LIST ? value_at(part, number) : part;
}

/* --- objects -------------------------------------------------------------- */

static struct str name_of(const struct making *making)
{
    if (told(making, "name").size)
        return told(making, "name");
    return catalog_name(making->task->office->catalog, "place_type",
                        making->place->place_type, STR("es"));
}

/* HSDS cannot say that a position is roughly so: then it has none. */
static void put_degrees(struct making *making, const char *name,
                        const char *in_hsds)
{
    const struct value *number = value_get(making->body, name);

    if (number && !(making->place->flags & PUBLIC_APPROXIMATE))
        value_put(making->out, making->arena, in_hsds, number);
}

static struct value *make_location(struct making *making, size_t number)
{
    (void)number;
    making->out = value_object(making->arena);
    value_put_str(making->out, making->arena, "id", making->place->id);
    value_put_text(making->out, making->arena, "location_type", "physical");
    put(making, "name", name_of(making));
    put(making, "alternate_name", told(making, "alternate_name"));
    put(making, "description", told(making, "description"));
    put(making, "transportation", told(making, "transportation"));
    put_uri(making, "url", told(making, "website"));
    put_degrees(making, "lat", "latitude");
    put_degrees(making, "lon", "longitude");
    put_languages(making, "language");
    put_address(making);
    put_accessibility(making);
    put_phones(making);
    put_schedules(making);
    return making->out;
}

struct value *hsds_location(struct task *task, const struct public_place *place)
{
    return made(task, place, make_location, 0,
                original_of(task, place, "location", 0));
}

bool hsds_has_location(struct task *task, const struct public_place *place)
{
    struct making making = {.task = task, .arena = task->arena, .place = place};
    const struct value *more = brought(&making);

    return !value_to_bool(value_get(more, "nowhere"), false);
}

static void put_years(struct making *making, const char *from, const char *name)
{
    double years;

    if (str_to_double(told(making, from), &years))
        value_put(making->out, making->arena, name,
                  value_number(making->arena, years));
}

/* A line each, or what stands between commas. */
static void put_documents(struct making *making, const struct value *service,
                          size_t number)
{
    struct value *list = value_list(making->arena);
    struct str rest = value_text_of(service, "documents"), line;

    while (rest.size && str_cut(&rest, '\n', &line)) {
        struct value *item;

        line = str_trim(line);
        if (!line.size)
            continue;
        item = item_new(making, "document", number * 100 + value_count(list));
        item_put(making, item, "document", line);
        value_add(list, making->arena, item);
    }
    put_list(making, "required_documents", list);
}

static void put_cost(struct making *making, const struct value *service,
                     size_t number)
{
    struct value *list = value_list(making->arena);
    struct value *item = item_new(making, "cost", number);
    struct str cost = value_text_of(service, "cost");

    if (!cost.size)
        return;
    value_put_text(item, making->arena, "option",
                   str_equal_c(cost, "gratis") ? "Gratis"
                   : str_equal_c(cost, "bajo") ? "Cuota baja"
                                               : "De pago");
    if (str_equal_c(cost, "gratis"))
        value_put_int(item, making->arena, "amount", 0);
    value_add(list, making->arena, item);
    put_list(making, "cost_options", list);
}

static void put_area(struct making *making, const struct value *service,
                     size_t number)
{
    struct value *list = value_list(making->arena);
    struct value *item = item_new(making, "area", number);

    if (!value_text_of(service, "area").size)
        return;
    item_put(making, item, "name", value_text_of(service, "area"));
    value_add(list, making->arena, item);
    put_list(making, "service_areas", list);
}

static const char *status_of(const struct making *making)
{
    return str_equal_c(told(making, "status"), "paused") ? "temporarily closed"
                                                         : "active";
}

static void put_service_name(struct making *making, const struct value *service)
{
    const struct catalog *catalog = making->task->office->catalog;
    struct str name = value_text_of(service, "name");
    struct str code = value_text_of(service, "code");

    if (!name.size && code.size)
        name = catalog_name(catalog, "service", code, STR("es"));
    if (!name.size)
        name = catalog_name(catalog, "place_type", making->place->place_type,
                            STR("es"));
    put(making, "name", name);
}

static struct value *make_service(struct making *making, size_t number)
{
    const struct value *service =
        value_at(value_get(making->body, "services"), number);
    struct value *terms = value_list(making->arena);
    struct str id = value_text_of(service, "id");
    struct str apply = value_text_of(service, "application");

    making->out = value_object(making->arena);
    put(making, "id", id);
    put_service_name(making, service);
    put(making, "description", value_text_of(service, "description"));
    put_uri(making, "url", value_text_of(service, "url"));
    put_email(making, told(making, "email"));
    value_put_text(making->out, making->arena, "status", status_of(making));
    put(making, "application_process",
        apply.size ? apply : told(making, "how_referred"));
    put(making, "fees_description", value_text_of(service, "fees"));
    put(making, "wait_time", value_text_of(service, "wait"));
    put(making, "eligibility_description",
        value_text_of(service, "eligibility"));
    put_years(making, "age_min", "minimum_age");
    put_years(making, "age_max", "maximum_age");
    put(making, "assured_date", told(making, "verified_on"));
    put(making, "alert", value_text_of(service, "note"));
    put_area(making, service, number);
    put_cost(making, service, number);
    put_documents(making, service, number);
    add_term(making, terms, "need", value_text_of(service, "code"), id);
    add_term(making, terms, "kind", making->place->place_type, id);
    put_list(making, "attributes", terms);
    return making->out;
}

/* Members of a service that a list does not have. */
static void drop_lists(struct value *object)
{
    static const char *const member[] = {"phones",
                                         "schedules",
                                         "service_areas",
                                         "languages",
                                         "funding",
                                         "cost_options",
                                         "contacts",
                                         "attributes",
                                         "required_documents",
                                         "metadata",
                                         "locations",
                                         "organization_identifiers",
                                         "programs",
                                         "addresses",
                                         "accessibility",
                                         "service_at_locations"};

    for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++)
        value_remove(object, str_of(member[i]));
}

struct value *hsds_service(struct task *task, const struct public_place *place,
                           size_t number, bool whole)
{
    struct value *service = made(task, place, make_service, number,
                                 original_of(task, place, "services", number));

    if (!value_get(service, "last_modified"))
        value_put_str(service, task->arena, "last_modified",
                      instant_text(task->arena, place->changed));
    if (!whole)
        drop_lists(service);
    return service;
}

static struct value *make_spot(struct making *making, size_t number)
{
    const struct value *service =
        value_at(value_get(making->body, "services"), number);

    making->out = value_object(making->arena);
    put(making, "id", value_text_of(service, "at"));
    return making->out;
}

struct value *hsds_spot(struct task *task, const struct public_place *place,
                        size_t number, bool whole)
{
    struct value *spot = made(task, place, make_spot, number,
                              original_of(task, place, "spots", number));

    if (!whole)
        drop_lists(spot);
    return spot;
}

static struct value *make_organization(struct making *making, size_t number)
{
    int64_t year;

    (void)number;
    making->out = value_object(making->arena);
    value_put_str(making->out, making->arena, "id", making->place->id);
    put(making, "name", told(making, "name"));
    put(making, "alternate_name", told(making, "alternate_name"));
    value_put_str(making->out, making->arena, "description",
                  told(making, "description").size ? told(making, "description")
                                                   : told(making, "name"));
    put_email(making, told(making, "email"));
    put_uri(making, "website", told(making, "website"));
    put(making, "legal_status", told(making, "legal_status"));
    if (str_to_int(told(making, "year"), &year))
        value_put_int(making->out, making->arena, "year_incorporated", year);
    put(making, "parent_organization_id", told(making, "parent"));
    put_phones(making);
    return making->out;
}

struct value *hsds_organization(struct task *task,
                                const struct public_organization *organization,
                                bool whole)
{
    struct public_place place = {.id = organization->id,
                                 .name = organization->name,
                                 .body = organization->body,
                                 .more = organization->more};
    struct value *object = made(task, &place, make_organization, 0,
                                original_of(task, &place, "organization", 0));

    if (!whole)
        drop_lists(object);
    return object;
}
