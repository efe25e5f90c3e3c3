/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_hsds.c - the API of HSDS 3.0 (schema/openapi.json of openreferral's
 * specification): for anybody and any program, JSON whatever is asked, no
 * cookie. Its root is /hsds, because "/" answers a page for people. What is
 * told is made of the public tables alone (domain/directory/hsds.h).
 */
#include "domain/directory/hsds.h"

#include "core/date.h"
#include "web/page.h"

static enum error answer(struct view *view, enum error error,
                         const struct value *value)
{
    struct buf out;

    if (error)
        return error;
    buf_init(&out, view->task.arena);
    value_write(value, &out);
    view_body(view, "application/json; charset=utf-8", buf_str(&out));
    return ERROR_NONE;
}

/* JSON for programs of any origin, what went wrong, too. */
static void for_programs(struct view *view)
{
    view->json = true;
    response_header(view->response, "Access-Control-Allow-Origin", STR("*"));
}

/* The same question for the page after this one. */
static struct str next_link(struct view *view, const struct value *page)
{
    struct str rest = view->request->query, part;
    struct buf out;

    buf_init(&out, view->task.arena);
    buf_puts(&out, "<?");
    while (rest.size && str_cut(&rest, '&', &part))
        if (!str_starts(part, STR("page=")))
            buf_printf(&out, "%.*s&", STR_ARGS(part));
    buf_printf(&out, "page=%lld>; rel=\"next\"",
               (long long)value_to_int(value_get(page, "page_number"), 1) + 1);
    return buf_str(&out);
}

/* format=ndjson: an object on each line; where to go on is a header. */
static enum error answer_lines(struct view *view, const struct value *page)
{
    const struct value *contents = value_get(page, "contents");
    struct arena *arena = view->task.arena;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(contents); i++) {
        value_write(value_at(contents, i), &out);
        buf_putc(&out, '\n');
    }
    if (!value_to_bool(value_get(page, "last_page"), true))
        response_header(view->response, "Link", next_link(view, page));
    view_body(view, "application/x-ndjson; charset=utf-8", buf_str(&out));
    return ERROR_NONE;
}

static bool yes(const struct view *view, const char *name)
{
    return str_equal_c(view_query(view, name), "true");
}

static enum error say_wrong(struct view *view, const char *name)
{
    return err_set(&view->err, ERROR_INPUT,
                   N_("El parámetro {1} no se entiende."), name, NULL, NULL);
}

static enum error read_number(struct view *view, const char *name,
                              int64_t *number)
{
    struct str text = view_query(view, name);

    if (text.size && (!str_to_int(text, number) || *number < 1))
        return say_wrong(view, name);
    return ERROR_NONE;
}

static enum error read_query(struct view *view, struct hsds_query *query)
{
    struct str after = view_query(view, "modified_after");
    struct str format = view_query(view, "format");
    bool lines = str_equal_c(format, "ndjson");
    struct date date;
    enum error error;

    *query = (struct hsds_query){
        .search = view_query(view, "search"),
        .taxonomy_term_id = view_query(view, "taxonomy_term_id"),
        .taxonomy_id = view_query(view, "taxonomy_id"),
        .organization_id = view_query(view, "organization_id"),
        .postcode = view_query(view, "postcode"),
        .parent_id = view_query(view, "parent_id"),
        .full = yes(view, "full") || yes(view, "full_service"),
        .minimal = yes(view, "minimal"),
        .top_only = yes(view, "top_only")};
    error = read_number(view, "page", &query->page);
    if (!error)
        error = read_number(view, "per_page", &query->per_page);
    if (!error && view_query(view, "proximity").size) /* from what? */
        error = say_wrong(view, "proximity");
    if (!error && format.size && !lines && !str_equal_c(format, "json"))
        error = say_wrong(view, "format");
    if (lines && !query->per_page)
        query->per_page = HSDS_PAGE_MOST;
    if (error || !after.size || instant_parse(after, &query->modified_after))
        return error;
    if (!date_parse_whole(after, &date))
        return say_wrong(view, "modified_after");
    query->modified_after = date_to_day(date) * 86400000;
    return ERROR_NONE;
}

static enum error list(struct view *view, enum hsds_kind kind)
{
    struct hsds_query query;
    struct value *page = NULL;
    enum error error;

    for_programs(view);
    error = read_query(view, &query);
    if (!error)
        error = hsds_list(&view->task, kind, &query, &page, &view->err);
    if (!error && str_equal_c(view_query(view, "format"), "ndjson"))
        return answer_lines(view, page);
    return answer(view, error, page);
}

static enum error one(struct view *view, enum hsds_kind kind)
{
    struct value *object = NULL;
    enum error error =
        hsds_one(&view->task, kind, view->param[0], &object, &view->err);

    for_programs(view);
    return answer(view, error, object);
}

enum error hsds_page(struct view *view)
{
    struct value *object = value_object(view->task.arena);

    for_programs(view);
    value_put_text(object, view->task.arena, "version", "3.0");
    value_put_text(object, view->task.arena, "profile",
                   "https://docs.openreferral.org/en/3.0/hsds/");
    value_put_text(object, view->task.arena, "openapi_url",
                   "https://raw.githubusercontent.com/openreferral/"
                   "specification/3.0/schema/openapi.json");
    return answer(view, ERROR_NONE, object);
}

enum error hsds_services_page(struct view *view)
{
    return list(view, HSDS_SERVICE);
}

enum error hsds_service_page(struct view *view)
{
    return one(view, HSDS_SERVICE);
}

enum error hsds_organizations_page(struct view *view)
{
    return list(view, HSDS_ORGANIZATION);
}

enum error hsds_organization_page(struct view *view)
{
    return one(view, HSDS_ORGANIZATION);
}

enum error hsds_spots_page(struct view *view)
{
    return list(view, HSDS_SERVICE_AT_LOCATION);
}

enum error hsds_spot_page(struct view *view)
{
    return one(view, HSDS_SERVICE_AT_LOCATION);
}

enum error hsds_taxonomies_page(struct view *view)
{
    return list(view, HSDS_TAXONOMY);
}

enum error hsds_taxonomy_page(struct view *view)
{
    return one(view, HSDS_TAXONOMY);
}

enum error hsds_terms_page(struct view *view)
{
    return list(view, HSDS_TAXONOMY_TERM);
}

enum error hsds_term_page(struct view *view)
{
    return one(view, HSDS_TAXONOMY_TERM);
}
