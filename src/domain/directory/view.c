/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* view.c - an entry of the directory as pages and programs are told it: made
 * of a row of public_place and of nothing else.
 */
#include "domain/directory/directory_private.h"

#include <math.h>

#include "domain/person/words.h"

struct viewing {
    struct task *task;
    struct arena *arena;
    const struct public_place *place;
    const struct value *body;
    struct value *out;
};

static struct str label(const struct viewing *viewing, const char *table,
                        struct str code)
{
    return catalog_name(viewing->task->office->catalog, table, code,
                        viewing->task->language);
}

static void put(struct viewing *viewing, const char *name, struct str text)
{
    if (text.size)
        value_put_str(viewing->out, viewing->arena, name, text);
}

struct str directory_choice(const struct task *task, const char *kind,
                            const char *question, struct str code)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "place_choice");
    struct str key = str_join(task->arena, str_of(question), STR(" "));
    struct str told = catalog_label(
        table, catalog_find(table, str_join(task->arena, key, code)), "label",
        task->language);
    const struct form *form =
        forms_find(task->office->forms, str_of(kind), STR_NULL);
    const struct question *asked =
        form ? form_find(form, str_of(question)) : NULL;
    const struct choice *found =
        asked ? choice_find(asked->choices, code) : NULL;

    if (told.size)
        return told;
    return found ? texts_in(form, found->label, task->language) : code;
}

static struct str choice(const struct viewing *viewing, const char *question,
                         struct str code)
{
    return directory_choice(viewing->task, "place", question, code);
}

/* Codes with spaces as [{code, label}]. */
static void put_codes(struct viewing *viewing, const char *name,
                      const char *table, struct str codes)
{
    struct value *list = value_list(viewing->arena);
    struct str code;

    while (words_next(&codes, &code)) {
        struct value *item = value_object(viewing->arena);

        value_put_str(item, viewing->arena, "code", code);
        value_put_str(item, viewing->arena, "label",
                      table ? label(viewing, table, code)
                            : choice(viewing, name, code));
        value_add(list, viewing->arena, item);
    }
    if (value_count(list))
        value_put(viewing->out, viewing->arena, name, list);
}

static void put_where(struct viewing *viewing)
{
    const struct public_place *place = viewing->place;
    struct arena *arena = viewing->arena;

    put(viewing, "municipality", value_text_of(viewing->body, "municipality"));
    put(viewing, "admin1", place->admin1);
    if (place->admin1.size)
        put(viewing, "admin1_name", label(viewing, "admin1", place->admin1));
    put(viewing, "country", value_text_of(viewing->body, "country"));
    if (place->located) {
        value_put(viewing->out, arena, "lat", value_number(arena, place->lat));
        value_put(viewing->out, arena, "lon", value_number(arena, place->lon));
        value_put_bool(viewing->out, arena, "approximate",
                       (place->flags & PUBLIC_APPROXIMATE) != 0);
    }
    if (place->km >= 0)
        value_put(viewing->out, arena, "km",
                  value_number(arena, round(place->km * 10) / 10));
}

/* Bands of free places, while they hold. */
static void put_free(struct viewing *viewing)
{
    struct str band = value_text_of(viewing->body, "free_band");
    int64_t until = value_to_int(value_get(viewing->body, "free_until"), 0);
    struct value *item;

    if (!band.size || until <= viewing->task->now)
        return;
    item = value_object(viewing->arena);
    value_put_str(item, viewing->arena, "band", band);
    value_put_str(item, viewing->arena, "label",
                  choice(viewing, "free_band", band));
    value_put_int(item, viewing->arena, "at",
                  value_to_int(value_get(viewing->body, "free_at"), 0));
    value_put_int(item, viewing->arena, "until", until);
    value_put(viewing->out, viewing->arena, "free", item);
}

static void put_services(struct viewing *viewing, bool whole)
{
    static const char *const field[] = {
        "description", "fees",        "eligibility", "documents", "wait",
        "area",        "application", "note",        "url",       NULL};
    const struct value *services = value_get(viewing->body, "services");
    struct value *list = value_list(viewing->arena);

    for (size_t i = 0; i < value_count(services); i++) {
        const struct value *service = value_at(services, i);
        struct value *item = value_object(viewing->arena);
        struct str code = value_text_of(service, "code");
        struct str name = value_text_of(service, "name");
        struct str cost = value_text_of(service, "cost");

        if (!name.size)
            name = code.size ? label(viewing, "service", code)
                             : label(viewing, "place_type",
                                     viewing->place->place_type);
        value_put_str(item, viewing->arena, "id", value_text_of(service, "id"));
        value_put_str(item, viewing->arena, "code", code);
        value_put_str(item, viewing->arena, "name", name);
        if (cost.size)
            value_put_str(item, viewing->arena, "cost", cost);
        for (const char *const *at = field; whole && *at; at++)
            if (value_text_of(service, *at).size)
                value_put_str(item, viewing->arena, *at,
                              value_text_of(service, *at));
        value_add(list, viewing->arena, item);
    }
    value_put(viewing->out, viewing->arena, "services", list);
}

static void put_whole(struct viewing *viewing)
{
    static const char *const field[] = {"alternate_name",
                                        "description",
                                        "address",
                                        "postal_code",
                                        "transportation",
                                        "whatsapp",
                                        "email",
                                        "website",
                                        "hours_note",
                                        "age_min",
                                        "age_max",
                                        "accessible_note",
                                        NULL};
    const struct value *phones = value_get(viewing->body, "phones");

    for (const char *const *at = field; *at; at++)
        put(viewing, *at, value_text_of(viewing->body, *at));
    if (value_text_of(viewing->body, "operator").size)
        put_codes(viewing, "operator", NULL,
                  value_text_of(viewing->body, "operator"));
    if (value_count(phones))
        value_put(viewing->out, viewing->arena, "phones",
                  value_copy(phones, viewing->arena));
    put(viewing, "organization", viewing->place->organization);
}

static const char *open_word(enum hours_state state)
{
    return state == HOURS_OPEN     ? "yes"
           : state == HOURS_CLOSED ? "no"
                                   : "unknown";
}

static void put_head(struct viewing *viewing)
{
    const struct public_place *place = viewing->place;
    bool told = value_to_bool(value_get(viewing->body, "name_told"), true);
    struct str type = label(viewing, "place_type", place->place_type);

    put(viewing, "id", place->id);
    put(viewing, "name", told ? place->name : type);
    put(viewing, "place_type", place->place_type);
    put(viewing, "place_type_name", type);
    put(viewing, "hours", place->hours);
    value_put_text(viewing->out, viewing->arena, "open",
                   open_word(place->open));
    value_put_bool(viewing->out, viewing->arena, "paused",
                   (place->flags & PUBLIC_PAUSED) != 0);
    value_put_bool(viewing->out, viewing->arena, "protected",
                   (place->flags & PUBLIC_PROTECTED) != 0);
    value_put_bool(viewing->out, viewing->arena, "stale", place->stale);
    put(viewing, "verified_on", value_text_of(viewing->body, "verified_on"));
    put(viewing, "verified_how", value_text_of(viewing->body, "verified_how"));
    put(viewing, "without_documents",
        value_text_of(viewing->body, "without_documents"));
    put(viewing, "accessible", value_text_of(viewing->body, "accessible"));
    put(viewing, "how_referred", value_text_of(viewing->body, "how_referred"));
}

struct value *directory_place_view(struct task *task,
                                   const struct public_place *place, bool whole)
{
    struct viewing viewing = {
        .task = task, .arena = task->arena, .place = place};
    struct err ignored = {0};

    viewing.out = value_object(task->arena);
    value_parse(task->arena, place->body, &viewing.body, &ignored);
    put_head(&viewing);
    put_codes(&viewing, "who", NULL, value_text_of(viewing.body, "who"));
    put_codes(&viewing, "languages", "language", place->languages);
    put_where(&viewing);
    put_free(&viewing);
    put_services(&viewing, whole);
    if (whole)
        put_whole(&viewing);
    return viewing.out;
}

enum error directory_organization(struct task *task, struct str id,
                                  struct public_organization *organization,
                                  struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error;

    db_query(task->db, &rows, err,
             "SELECT name, body, more, changed FROM public_organization"
             " WHERE site = $1 AND id = $2",
             "tt", log_site(&task->office->log, STR("place")), id);
    if (rows_next(&rows)) {
        *organization = (struct public_organization){
            .id = id,
            .name = str_copy(task->arena, rows_text(&rows, 0)),
            .body = str_copy(task->arena, rows_text(&rows, 1)),
            .more = str_copy(task->arena, rows_text(&rows, 2)),
            .changed = rows_int(&rows, 3)};
        found = true;
    }
    error = rows_end(&rows);
    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("Esta organización no está en el directorio."), NULL,
                        NULL, NULL);
    return error;
}

struct value *directory_needs(struct task *task)
{
    const struct catalog *catalog = task->office->catalog;
    const struct catalog_table *table = catalog_table(catalog, "service");
    struct str site = log_site(&task->office->log, STR("place"));
    struct value *list = value_list(task->arena);

    for (size_t row = 0; table && row < table->rows; row++) {
        struct str code = catalog_cell(table, row, "name");
        struct value *item = value_object(task->arena);
        struct err ignored = {0};
        int64_t one = 0;
        bool found = false;

        db_get_int(task->db, &one, &found, &ignored,
                   "SELECT 1 FROM public_near WHERE site = $1 AND key = $2"
                   " LIMIT 1",
                   "tt", site, code);
        value_put_str(item, task->arena, "code", code);
        value_put_str(item, task->arena, "name",
                      catalog_label(table, row, "label", task->language));
        value_put_str(item, task->arena, "sector",
                      catalog_cell(table, row, "sector"));
        value_put_bool(item, task->arena, "offered", found);
        value_add(list, task->arena, item);
    }
    return list;
}
