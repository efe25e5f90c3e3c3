/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public.c - see public.h. The style and the script of the public side are in
 * each page: on a telephone with one bar of signal a second request costs more
 * than the two kilobytes. The policy names both by their hash, computed when
 * the program starts, so nothing else that stands in a page can be one.
 */
#include "web/public/public.h"

#include "core/base64.h"
#include "domain/notice/usage.h"
#include "domain/policy.h"
#include "web/page.h"
#include "web/public/find.h"
#include "web/public/larder.h"

static struct str inline_text(const char *path)
{
    const struct asset *asset = asset_find(str_of(path));

    return asset ? (struct str){(const char *)asset->bytes, asset->size}
                 : STR("");
}

/* 'sha256-…' as a policy writes it. */
static void put_hash(const struct host *host, struct buf *out, const char *path)
{
    struct str text = inline_text(path);
    unsigned char hash[32];

    host->hash(host->context, &text, 1, hash);
    buf_puts(out, " 'sha256-");
    base64_write(out, hash, sizeof hash);
    buf_putc(out, '\'');
}

void public_open(struct app *app)
{
    struct buf out;

    buf_init(&out, &app->arena);
    buf_puts(&out, "default-src 'none'; style-src 'self'");
    put_hash(app->office.host, &out, "css/public.css");
    buf_puts(&out, "; script-src 'self'");
    put_hash(app->office.host, &out, "js/public.js");
    buf_puts(&out, "; img-src 'self' data:; media-src 'self'; "
                   "connect-src 'self'; manifest-src 'self'; "
                   "worker-src 'self'; form-action 'self'; base-uri 'none'; "
                   "frame-ancestors 'none'");
    app->public_policy = buf_str(&out);
    if (app->door) /* a closed house has little to keep */
        return;
    app->larder = larder_new(&app->arena);
    search_key_make(app);
}

bool view_public(const struct view *view)
{
    return view->route && (view->route->flags & ROUTE_PUBLIC) != 0;
}

bool public_known(const char *path)
{
    for (size_t i = 0; i < route_count; i++)
        if (strcmp(route_table[i].path, path) == 0)
            return true;
    return false;
}

struct str public_country(const struct view *view)
{
    struct str country = view->app->office.country;

    return country.size ? country : STR("MEX");
}

/* --- language --------------------------------------------------------------
 */

/* The address keeps only a language that there is. */
static bool asked_for(const struct view *view)
{
    return str_equal_nocase(view_query(view, "lang"), view->task.language);
}

struct str public_path(struct view *view, struct str path)
{
    if (!asked_for(view))
        return path;
    return view_format(view, "%.*s%slang=%.*s", STR_ARGS(path),
                       str_find_char(path, '?') == SIZE_MAX ? "?" : "&",
                       STR_ARGS(view->task.language));
}

/* Where a translation of the names is too long for a small screen. */
static struct str short_name(struct str code)
{
    return str_equal_c(code, "ht") ? STR("Kreyòl") : language_name(code);
}

static void put_languages(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < view->app->languages; i++) {
        struct str code = view->app->language[i].code;
        struct value *item = value_object(arena);

        value_put_str(item, arena, "code", code);
        value_put_str(item, arena, "name", short_name(code));
        value_put_str(item, arena, "href", query_with(view, "lang", code));
        value_put_bool(item, arena, "current",
                       str_equal(code, view->task.language));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "languages", list);
}

/* --- around the page --------------------------------------------------------
 */

/* Where the button leads: what the house set, else what is shipped. Only an
 * address of the web can be one. */
static struct str exit_address(struct view *view)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "policy");
    struct str shipped =
        catalog_cell(table, catalog_find(table, STR("public_exit")), "value");
    struct str address = STR("");
    struct err ignored = {0};

    if (view->task.db && policy_text(&view->task, "public_exit", &address,
                                     &ignored) != ERROR_NONE)
        address = STR("");
    return str_starts(address, STR("https://")) ? address : shipped;
}

static void put_absent(struct view *view, const char *name)
{
    if (!value_get(view->page, name))
        value_put_bool(view->page, view->task.arena, name, false);
}

void public_furnish(struct view *view)
{
    struct arena *arena = view->task.arena;

    value_put_str(view->page, arena, "lang", view->task.language);
    value_put_str(view->page, arena, "path", view->request->path);
    value_put_str(view->page, arena, "site", view->app->office.site_name);
    value_put_str(view->page, arena, "keep", public_path(view, STR("")));
    value_put_str(view->page, arena, "exit", exit_address(view));
    value_put_str(view->page, arena, "style", inline_text("css/public.css"));
    value_put_str(view->page, arena, "script", inline_text("js/public.js"));
    value_put_bool(view->page, arena, "home",
                   str_equal_c(view->request->path, "/"));
    put_languages(view);
    public_banner_put(view);
    put_absent(view, "problem");
    put_absent(view, "problems");
    put_absent(view, "said");
    put_absent(view, "scripts"); /* addresses of more scripts of ours */
    put_absent(view, "head");    /* a page's own lines, as false or {…} */
}

/* --- headers
 * ------------------------------------------------------------------ */

static struct header *header_of(struct response *response, const char *name)
{
    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_c(response->header[i].name, name))
            return &response->header[i];
    return NULL;
}

void public_forget(struct view *view)
{
    if (!header_of(view->response, "Cache-Control"))
        response_header(view->response, "Cache-Control", STR("no-store"));
}

static void drop_cookies(struct response *response)
{
    size_t kept = 0;

    for (size_t i = 0; i < response->headers; i++)
        if (!str_equal_c(response->header[i].name, "Set-Cookie"))
            response->header[kept++] = response->header[i];
    response->headers = kept;
}

/* A page that came whole may be shown again for a minute, and is sent again
 * only when it changed. */
void public_headers(struct view *view)
{
    struct response *response = view->response;

    drop_cookies(response);
    if (view->route->handler == home_page) /* sends on who is known */
        response_header(response, "Vary", STR("Cookie"));
    response_header(response, "Content-Security-Policy",
                    view->app->public_policy);
    if (!view->counted.size)
        view->counted = str_of(view->route->path);
    if (response->status == 200 && !view->json)
        usage_count(&view->task, view->counted, view->counted_area);
    if (response->status != 200 || header_of(response, "Cache-Control") ||
        !str_equal_c(view->request->method, "GET"))
        return;
    response_header(response, "Cache-Control",
                    view_format(view, "private, max-age=%d", PUBLIC_SECONDS));
    if (!response->body.size)
        return;
    response_header(response, "ETag",
                    view_format(view, "\"%.16s\"",
                                host_hash_hex(view->app->office.host,
                                              view->task.arena, response->body)
                                    .at));
    response->kept = (view->route->flags & ROUTE_KEPT) != 0 && !view->json;
    response->counted = view->counted;
}
