/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_list.c - one HSDS object by its id, and pages of them. */
#include "core/utf8.h"
#include "domain/directory/directory_private.h"
#include "domain/directory/hsds.h"

enum { USUAL = 50, MOST = HSDS_PAGE_MOST, SPOTS_MOST = 200, WORDS = 4 };

/* A row of public_service. */
struct offered {
    struct str id, place, spot;
    size_t number;
};

static struct str site_of(const struct task *task)
{
    return log_site(&task->office->log, STR("place"));
}

static enum error none_such(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("No hay nada con ese identificador en el directorio."),
                   NULL, NULL, NULL);
}

static size_t read_offered(struct rows *rows, struct arena *arena,
                           struct offered *list, size_t most)
{
    size_t count = 0;

    while (count < most && rows_next(rows))
        list[count++] =
            (struct offered){.id = str_copy(arena, rows_text(rows, 0)),
                             .place = str_copy(arena, rows_text(rows, 1)),
                             .number = (size_t)rows_int(rows, 2),
                             .spot = str_copy(arena, rows_text(rows, 3))};
    return count;
}

/* --- what hangs on a service ---------------------------------------------- */

static void put_organization(struct task *task, struct value *object,
                             struct str id, bool whole)
{
    struct public_organization organization;
    struct err ignored = {0};

    if (id.size && !directory_organization(task, id, &organization, &ignored))
        value_put(object, task->arena, "organization",
                  hsds_organization(task, &organization, whole));
}

static struct value *whole_spot(struct task *task,
                                const struct public_place *place,
                                const struct offered *offered)
{
    struct value *spot = hsds_spot(task, place, offered->number, true);

    value_put(spot, task->arena, "location", hsds_location(task, place));
    return spot;
}

static enum error put_spots(struct task *task, struct value *service,
                            struct str id, struct err *err)
{
    struct offered *list = ARENA_ARRAY(task->arena, struct offered, SPOTS_MOST);
    struct value *spots = value_list(task->arena);
    struct rows rows;
    size_t count;
    enum error error;

    if (!list)
        return err_memory(err);
    db_query(task->db, &rows, err,
             "SELECT id, place, number, spot FROM public_service"
             " WHERE site = $1 AND id = $2 ORDER BY place, number LIMIT $3",
             "tti", site_of(task), id, (int64_t)SPOTS_MOST);
    count = read_offered(&rows, task->arena, list, SPOTS_MOST);
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        struct public_place place;

        error = directory_place(task, list[i].place, &place, err);
        if (!error && hsds_has_location(task, &place))
            value_add(spots, task->arena, whole_spot(task, &place, &list[i]));
    }
    if (!error && value_count(spots))
        value_put(service, task->arena, "service_at_locations", spots);
    return error;
}

static enum error whole_service(struct task *task,
                                const struct public_place *place,
                                const struct offered *offered,
                                struct value **service, struct err *err)
{
    *service = hsds_service(task, place, offered->number, true);
    put_organization(task, *service, place->organization, true);
    return put_spots(task, *service, offered->id, err);
}

/* --- one ------------------------------------------------------------------ */

static enum error find_offered(struct task *task, const char *sql,
                               struct str id, struct offered *offered,
                               struct public_place *place, struct err *err)
{
    struct rows rows;
    size_t count;
    enum error error;

    db_query(task->db, &rows, err, sql, "tt", site_of(task), id);
    count = read_offered(&rows, task->arena, offered, 1);
    error = rows_end(&rows);
    if (!error && !count)
        error = none_such(err);
    return error ? error : directory_place(task, offered->place, place, err);
}

static const char service_sql[] =
    "SELECT id, place, number, spot FROM public_service"
    " WHERE site = $1 AND id = $2 ORDER BY place, number LIMIT 1";

static enum error one_service(struct task *task, struct str id,
                              struct value **object, struct err *err)
{
    struct offered offered;
    struct public_place place;
    enum error error =
        find_offered(task, service_sql, id, &offered, &place, err);

    return error ? error : whole_service(task, &place, &offered, object, err);
}

static enum error one_spot(struct task *task, struct str id,
                           struct value **object, struct err *err)
{
    struct offered offered;
    struct public_place place;
    struct value *service;
    enum error error =
        find_offered(task,
                     "SELECT id, place, number, spot FROM public_service"
                     " WHERE site = $1 AND spot = $2"
                     " ORDER BY place, number LIMIT 1",
                     id, &offered, &place, err);

    if (error)
        return error;
    if (!hsds_has_location(task, &place))
        return none_such(err);
    *object = whole_spot(task, &place, &offered);
    service = hsds_service(task, &place, offered.number, true);
    put_organization(task, service, place.organization, true);
    value_put(*object, task->arena, "service", service);
    return ERROR_NONE;
}

/* An organization's places and services, the latter by id and name. */
static enum error put_run(struct task *task, struct value *object,
                          struct str id, bool whole, struct err *err)
{
    struct offered *list = ARENA_ARRAY(task->arena, struct offered, SPOTS_MOST);
    struct value *services = value_list(task->arena);
    struct value *locations = value_list(task->arena);
    struct str last = STR_NULL;
    struct rows rows;
    size_t count;
    enum error error;

    if (!list)
        return err_memory(err);
    db_query(task->db, &rows, err,
             "SELECT id, place, number, spot FROM public_service"
             " WHERE site = $1 AND organization = $2"
             " ORDER BY id, place, number LIMIT $3",
             "tti", site_of(task), id, (int64_t)SPOTS_MOST);
    count = read_offered(&rows, task->arena, list, SPOTS_MOST);
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        struct public_place place;
        bool again = false;

        error = directory_place(task, list[i].place, &place, err);
        if (error)
            break;
        for (size_t k = 0; k < i; k++)
            again = again || str_equal(list[k].place, list[i].place);
        if (!again && hsds_has_location(task, &place))
            value_add(locations, task->arena, hsds_location(task, &place));
        if (str_equal(last, list[i].id))
            continue;
        last = list[i].id;
        value_add(services, task->arena,
                  hsds_service(task, &place, list[i].number, whole));
    }
    if (value_count(locations))
        value_put(object, task->arena, "locations", locations);
    if (value_count(services))
        value_put(object, task->arena, "services", services);
    return error;
}

static enum error one_organization(struct task *task, struct str id, bool whole,
                                   struct value **object, struct err *err)
{
    struct public_organization organization;
    enum error error = directory_organization(task, id, &organization, err);

    if (error)
        return error;
    *object = hsds_organization(task, &organization, true);
    return put_run(task, *object, id, whole, err);
}

static const struct value *with_id(const struct value *list, struct str id)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text_of(value_at(list, i), "id"), id))
            return value_at(list, i);
    return NULL;
}

enum error hsds_one(struct task *task, enum hsds_kind kind, struct str id,
                    struct value **object, struct err *err)
{
    const struct value *found;

    switch (kind) {
    case HSDS_SERVICE:
        return one_service(task, id, object, err);
    case HSDS_ORGANIZATION:
        return one_organization(task, id, false, object, err);
    case HSDS_SERVICE_AT_LOCATION:
        return one_spot(task, id, object, err);
    case HSDS_TAXONOMY:
    case HSDS_TAXONOMY_TERM:
        break;
    }
    found = with_id(
        kind == HSDS_TAXONOMY ? hsds_taxonomies(task) : hsds_terms(task), id);
    if (!found)
        return none_such(err);
    *object = value_copy(found, task->arena);
    return ERROR_NONE;
}

/* --- pages ---------------------------------------------------------------- */

struct paging {
    struct task *task;
    const struct hsds_query *query;
    struct str site, need, organization;
    struct str from[WORDS], to[WORDS]; /* the last one is a postal code */
    int64_t number, size, total;
    bool needs; /* only services that have one */
    struct value *contents;
    struct err *err;
};

static void paging_init(struct paging *paging, struct task *task,
                        const struct hsds_query *query, struct err *err)
{
    struct word_set set = {.arena = task->arena};

    *paging = (struct paging){.task = task, .query = query, .err = err};
    paging->site = site_of(task);
    paging->number = query->page > 0 ? query->page : 1;
    paging->size = query->per_page > 0 ? query->per_page : USUAL;
    if (paging->size > MOST)
        paging->size = MOST;
    if (paging->number > INT32_MAX / MOST)
        paging->number = INT32_MAX / MOST;
    paging->contents = value_list(task->arena);
    word_set_add(&set, str_slice(query->search, 0, 200));
    if (set.count > WORDS - 1)
        set.count = WORDS - 1;
    while (set.count < WORDS - 1)
        set.word[set.count++] = STR("");
    word_set_postcode(&set, query->postcode);
    if (query->postcode.size && set.count < WORDS)
        set.word[set.count++] = STR("="); /* which no place has */
    for (size_t i = 0; i < WORDS; i++) {
        struct str word = i < set.count ? set.word[i] : STR("");

        paging->from[i] = word;
        paging->to[i] = str_join(task->arena, word, STR("\xf4\x8f\xbf\xbf"));
    }
    paging->organization =
        query->organization_id.at ? query->organization_id : STR("");
    paging->need = STR("");
}

/* The code of a term of ours, and whether it is a kind of place. */
static bool term_code(struct paging *paging, struct str id)
{
    const struct value *term = with_id(hsds_terms(paging->task), id);

    paging->need = term ? value_text_of(term, "code") : STR("-");
    return term != NULL;
}

#define HAS_WORD(from, to)                                                     \
    " AND (" from " = '' OR EXISTS (SELECT 1 FROM public_word"                 \
    " WHERE public_word.site = $1 AND public_word.place = public_place.id"     \
    " AND public_word.word >= " from " AND public_word.word < " to "))"

/* $13: of spots, those of a place that is somewhere (public.c); $14: those with
 * a need */
#define OFFERED_WHERE                                                          \
    " FROM public_service JOIN public_place"                                   \
    " ON public_place.site = $1 AND public_place.id = public_service.place"    \
    " WHERE public_service.site = $1"                                          \
    " AND ($2 = '' OR public_service.organization = $2)"                       \
    " AND ($3 = '' OR public_service.need = $3"                                \
    " OR public_place.place_type = $3 OR EXISTS (SELECT 1 FROM public_near"    \
    " WHERE public_near.site = $1 AND public_near.place = public_place.id"     \
    " AND public_near.key = $3))"                                              \
    " AND public_place.changed >= $4"                                          \
    " AND ($13 = 0 OR public_service.spot <> '')"                              \
    " AND ($14 = 0 OR public_service.need <> '')" HAS_WORD("$5", "$6")         \
        HAS_WORD("$7", "$8") HAS_WORD("$9", "$10") HAS_WORD("$11", "$12")

#define OFFERED_TYPES "tttittttttttii"
#define OFFERED_ARGS(paging, spots)                                            \
    paging->site, paging->organization, paging->need,                          \
        paging->query->modified_after, paging->from[0], paging->to[0],         \
        paging->from[1], paging->to[1], paging->from[2], paging->to[2],        \
        paging->from[3], paging->to[3], (int64_t)(spots),                      \
        (int64_t)paging->needs

static enum error count_rows(struct paging *paging, bool spots)
{
    return db_get_int(
        paging->task->db, &paging->total, NULL, paging->err,
        spots ? "SELECT COUNT(*)" OFFERED_WHERE
              : "SELECT COUNT(DISTINCT public_service.id)" OFFERED_WHERE,
        OFFERED_TYPES, OFFERED_ARGS(paging, spots));
}

static enum error find_rows(struct paging *paging, bool spots,
                            struct offered *list, size_t *count)
{
    struct rows rows;

    db_query(paging->task->db, &rows, paging->err,
             spots ? "SELECT public_service.id, public_service.place,"
                     " public_service.number, public_service.spot" OFFERED_WHERE
                     " ORDER BY public_service.spot, public_service.place,"
                     " public_service.number LIMIT $15 OFFSET $16"
                   : "SELECT public_service.id, MIN(public_service.place), 0, "
                     "''" OFFERED_WHERE " GROUP BY public_service.id"
                     " ORDER BY public_service.id LIMIT $15 OFFSET $16",
             OFFERED_TYPES "ii", OFFERED_ARGS(paging, spots), paging->size,
             (paging->number - 1) * paging->size);
    *count =
        read_offered(&rows, paging->task->arena, list, (size_t)paging->size);
    return rows_end(&rows);
}

static enum error add_service(struct paging *paging, struct str id)
{
    struct task *task = paging->task;
    struct offered first, *offered = &first;
    struct public_place place;
    struct value *service = NULL, *brief;
    enum error error =
        find_offered(task, service_sql, id, &first, &place, paging->err);

    if (error)
        return error;
    if (paging->query->full) {
        error = whole_service(task, &place, offered, &service, paging->err);
    } else {
        service = hsds_service(task, &place, offered->number, false);
        put_organization(task, service, place.organization, false);
    }
    if (!error && paging->query->minimal) {
        brief = value_object(task->arena);
        value_put(brief, task->arena, "id", value_get(service, "id"));
        value_put(brief, task->arena, "name", value_get(service, "name"));
        value_put(brief, task->arena, "status", value_get(service, "status"));
        value_put(brief, task->arena, "last_modified",
                  value_get(service, "last_modified"));
        service = brief;
    }
    if (!error)
        value_add(paging->contents, task->arena, service);
    return error;
}

static enum error add_spot(struct paging *paging, const struct offered *offered)
{
    struct task *task = paging->task;
    struct public_place place;
    struct value *spot, *location, *service = NULL;
    enum error error =
        directory_place(task, offered->place, &place, paging->err);

    if (error)
        return error;
    if (paging->query->full) {
        error = one_spot(task, offered->spot, &spot, paging->err);
        if (!error)
            value_add(paging->contents, task->arena, spot);
        return error;
    }
    spot = hsds_spot(task, &place, offered->number, false);
    location = hsds_location(task, &place);
    value_remove(location, STR("languages"));
    for (const char *const *at =
             (const char *const[]){"addresses", "contacts", "accessibility",
                                   "phones", "schedules", "attributes",
                                   "metadata", NULL};
         *at; at++)
        value_remove(location, str_of(*at));
    value_put(spot, task->arena, "location", location);
    service = hsds_service(task, &place, offered->number, false);
    put_organization(task, service, place.organization, false);
    value_put(spot, task->arena, "service", service);
    value_add(paging->contents, task->arena, spot);
    return ERROR_NONE;
}

static enum error list_offered(struct paging *paging, bool spots)
{
    struct offered *list =
        ARENA_ARRAY(paging->task->arena, struct offered, MOST);
    size_t count = 0;
    enum error error;

    if (!list)
        return err_memory(paging->err);
    if (paging->query->taxonomy_term_id.size)
        term_code(paging, paging->query->taxonomy_term_id);
    else if (paging->query->taxonomy_id.size &&
             !with_id(hsds_taxonomies(paging->task),
                      paging->query->taxonomy_id))
        paging->need = STR("-");
    paging->needs = str_equal(paging->query->taxonomy_id,
                              hsds_taxonomy_id(paging->task, "need"));
    error = count_rows(paging, spots);
    if (!error)
        error = find_rows(paging, spots, list, &count);
    for (size_t i = 0; i < count && !error; i++)
        error = spots ? add_spot(paging, &list[i])
                      : add_service(paging, list[i].id);
    return error;
}

/* What is searched for, anywhere in a name: a pattern of LIKE. */
static struct str somewhere_in(struct arena *arena, struct str text)
{
    struct str folded = utf8_fold(arena, str_trim(text), false);
    struct buf out;

    buf_init(&out, arena);
    buf_putc(&out, '%');
    for (size_t i = 0; i < folded.size && i < 200; i++) {
        if (folded.at[i] == '%' || folded.at[i] == '_' || folded.at[i] == '!')
            buf_putc(&out, '!');
        buf_putc(&out, folded.at[i]);
    }
    if (folded.size)
        buf_putc(&out, '%');
    return buf_str(&out);
}

#define NAMED_SO                                                               \
    " FROM public_organization WHERE site = $1 AND folded LIKE $2 ESCAPE '!'"

static enum error list_organizations(struct paging *paging)
{
    struct task *task = paging->task;
    struct str like = somewhere_in(task->arena, paging->query->search);
    struct str *id = ARENA_ARRAY(task->arena, struct str, MOST);
    struct rows rows;
    size_t count = 0;
    enum error error;

    if (!id)
        return err_memory(paging->err);
    error = db_get_int(task->db, &paging->total, NULL, paging->err,
                       "SELECT COUNT(*)" NAMED_SO, "tt", paging->site, like);
    if (error)
        return error;
    db_query(task->db, &rows, paging->err,
             "SELECT id" NAMED_SO " ORDER BY folded, id LIMIT $3 OFFSET $4",
             "ttii", paging->site, like, paging->size,
             (paging->number - 1) * paging->size);
    while (count < MOST && rows_next(&rows))
        id[count++] = str_copy(task->arena, rows_text(&rows, 0));
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        struct public_organization organization;
        struct value *object = NULL;

        if (paging->query->full)
            error = one_organization(task, id[i], true, &object, paging->err);
        else
            error =
                directory_organization(task, id[i], &organization, paging->err);
        if (!error && !object)
            object = hsds_organization(task, &organization, false);
        if (!error)
            value_add(paging->contents, task->arena, object);
    }
    return error;
}

static bool term_wanted(const struct hsds_query *query,
                        const struct value *term)
{
    if (query->taxonomy_id.size &&
        !str_equal(value_text_of(term, "taxonomy_id"), query->taxonomy_id))
        return false;
    if (query->parent_id.size &&
        !str_equal(value_text_of(term, "parent_id"), query->parent_id))
        return false;
    return !query->top_only || !value_text_of(term, "parent_id").size;
}

/* Few enough to be made whole. */
static enum error list_terms(struct paging *paging, const struct value *all)
{
    int64_t from = (paging->number - 1) * paging->size;
    struct arena *arena = paging->task->arena;
    struct str wanted =
        utf8_fold(arena, str_trim(paging->query->search), false);

    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *term = value_at(all, i);
        struct str name = utf8_fold(arena, value_text_of(term, "name"), false);

        if (!term_wanted(paging->query, term) ||
            (wanted.size && str_find(name, wanted) == SIZE_MAX))
            continue;
        if (paging->total >= from && paging->total < from + paging->size)
            value_add(paging->contents, arena, term);
        paging->total++;
    }
    return ERROR_NONE;
}

static struct value *page_of(const struct paging *paging)
{
    struct arena *arena = paging->task->arena;
    struct value *page = value_object(arena);
    int64_t pages = (paging->total + paging->size - 1) / paging->size;
    size_t count = value_count(paging->contents);

    value_put_int(page, arena, "total_items", paging->total);
    value_put_int(page, arena, "total_pages", pages);
    value_put_int(page, arena, "page_number", paging->number);
    value_put_int(page, arena, "size", (int64_t)count);
    value_put_bool(page, arena, "first_page", paging->number == 1);
    value_put_bool(page, arena, "last_page", paging->number >= pages);
    value_put_bool(page, arena, "empty", count == 0);
    value_put(page, arena, "contents", paging->contents);
    return page;
}

enum error hsds_list(struct task *task, enum hsds_kind kind,
                     const struct hsds_query *query, struct value **page,
                     struct err *err)
{
    struct paging paging;
    enum error error = ERROR_NONE;

    paging_init(&paging, task, query, err);
    switch (kind) {
    case HSDS_SERVICE:
        error = list_offered(&paging, false);
        break;
    case HSDS_SERVICE_AT_LOCATION:
        error = list_offered(&paging, true);
        break;
    case HSDS_ORGANIZATION:
        error = list_organizations(&paging);
        break;
    case HSDS_TAXONOMY:
        error = list_terms(&paging, hsds_taxonomies(task));
        break;
    case HSDS_TAXONOMY_TERM:
        error = list_terms(&paging, hsds_terms(task));
        break;
    }
    if (!error)
        *page = page_of(&paging);
    return error;
}
