/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* render.c - from a filled view to bytes.
 *
 * Chooses language and face, renders the template in strict mode where tests
 * ask for it, turns an error into the contract's JSON or into a page that
 * says what to do next, and puts the headers that every answer carries. It
 * decides nothing about rights or data.
 */
#include "web/render.h"

#include "core/template.h"
#include "web/page/openrosa.h"
#include "web/page.h"
#include "web/public/public.h"

/* outside: on a public page, where more languages are spoken. */
static const struct language *language_find(const struct app *app,
                                            struct str tag, bool outside)
{
    struct str rest = tag, primary;

    if (!str_cut(&rest, '-', &primary))
        return NULL;
    for (size_t i = 0; i < app->languages; i++)
        if (str_equal_nocase(app->language[i].code, primary) &&
            (outside || !app->language[i].outside))
            return &app->language[i];
    return NULL;
}

/* Accept-Language in its order; q values of 0 are the only ones heeded. */
static const struct language *language_accepted(const struct view *view)
{
    struct str rest = request_header(view->request, "accept-language");
    struct str part;

    while (str_cut(&rest, ',', &part)) {
        struct str range = part, tag;
        const struct language *language;

        str_cut(&range, ';', &tag);
        if (str_starts(str_trim(range), STR("q=0")) &&
            !str_starts(str_trim(range), STR("q=0.")))
            continue;
        language = language_find(view->app, str_trim(tag), view_public(view));
        if (language)
            return language;
    }
    return NULL;
}

void view_language(struct view *view)
{
    const struct language *language = NULL;
    struct str asked = view_query(view, "lang");
    bool outside = view_public(view);

    if (asked.size > 0) {
        language = language_find(view->app, asked, outside);
        if (language && !outside)
            view_cookie(view, "lang", language->code, LANGUAGE_SECONDS);
    }
    if (!language && !outside)
        language = language_find(view->app,
                                 request_cookie(view->request, "lang"), false);
    if (!language && view->session)
        language = language_find(view->app, view->session->language, false);
    if (!language)
        language = language_accepted(view);
    if (!language && view->app->languages > 0)
        language = &view->app->language[0];
    if (!language)
        return;
    view->task.language = language->code;
    view->task.translator = language->translator;
}

bool wants_json(const struct view *view)
{
    struct str accept = request_header(view->request, "accept");
    struct str type = request_header(view->request, "content-type");
    size_t json = str_find(accept, STR("application/json"));
    size_t html = str_find(accept, STR("text/html"));

    if (json != SIZE_MAX)
        return html == SIZE_MAX || json < html;
    if (html != SIZE_MAX)
        return false;
    return view->bearer || str_starts(type, STR("application/json"));
}

#define CSP_REST                                                               \
    "img-src 'self' data:; media-src 'self' blob:; font-src 'self'; "          \
    "connect-src 'self'; "                                                     \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

static bool has_header(const struct response *response, const char *name)
{
    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_c(response->header[i].name, name))
            return true;
    return false;
}

/* form.wasm is the only code that is compiled in a page, and only where there
 * is a form to fill in. */
static void security_headers(struct view *view)
{
    struct response *response = view->response;

    if (view_public(view))
        public_headers(view);
    else
        response_header(
            response, "Content-Security-Policy",
            view->forms ? STR("default-src 'none'; style-src 'self'; "
                              "script-src 'self' 'wasm-unsafe-eval'; " CSP_REST)
                        : STR("default-src 'none'; style-src 'self'; "
                              "script-src 'self'; " CSP_REST));
    response_header(response, "X-Content-Type-Options", STR("nosniff"));
    response_header(response, "Referrer-Policy", STR("no-referrer"));
    response_header(response, "X-Frame-Options", STR("DENY"));
    response_header(response, "Cross-Origin-Opener-Policy", STR("same-origin"));
    response_header(response, "Cross-Origin-Resource-Policy",
                    STR("same-origin"));
    response_header(response, "Permissions-Policy",
                    view->microphone
                        ? STR("camera=(), microphone=(self), "
                              "geolocation=(self)")
                        : STR("camera=(), microphone=(), geolocation=(self)"));
    if (view->app->secure)
        response_header(response, "Strict-Transport-Security",
                        STR("max-age=31536000"));
    if (!has_header(response, "Cache-Control"))
        response_header(response, "Cache-Control", STR("no-store"));
}

void view_body(struct view *view, const char *type, struct str body)
{
    response_header(view->response, "Content-Type", str_of(type));
    view->response->body = body;
    if (view->response->status == 0)
        view->response->status = 200;
}

static void body_json(struct view *view, const struct value *value)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    value_write(value, &out);
    buf_putc(&out, '\n');
    view_body(view, "application/json; charset=utf-8", buf_str(&out));
}

static struct value *error_fields(struct view *view)
{
    struct value *fields = value_object(view->task.arena);

    for (size_t i = 0; i < view->problems; i++) {
        const struct check_problem *problem = &view->problem[i];

        if (!value_get_str(fields, problem->path))
            value_set(
                fields, view->task.arena, problem->path,
                value_string(view->task.arena, problem_text(view, problem)));
    }
    return fields;
}

static void error_json(struct view *view, enum error error)
{
    struct arena *arena = view->task.arena;
    struct value *outer = value_object(arena), *inner = value_object(arena);
    const struct value *current = value_get(view->data, "current");

    value_put_text(inner, arena, "code", error_name(error));
    value_put_str(inner, arena, "message",
                  err_text(&view->err, view->task.translator, arena));
    value_put(inner, arena, "fields", error_fields(view));
    if (current)
        value_put(inner, arena, "current", current);
    value_put(outer, arena, "error", inner);
    body_json(view, outer);
}

/* The page's tree: the data of both faces and, under "page", what only HTML
 * needs. */
static struct value *page_tree(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *tree = value_object(arena);

    for (size_t i = 0; i < value_count(view->data); i++)
        value_set(tree, arena, value_name_at(view->data, i),
                  value_at(view->data, i));
    view_furnish(view);
    value_put(tree, arena, "page", view->page);
    return tree;
}

static const struct template_set *templates_of(const struct view *view)
{
    for (size_t i = 0; i < view->app->languages; i++)
        if (str_equal(view->app->language[i].code, view->task.language))
            return view->app->language[i].templates;
    return NULL;
}

static bool render_template(struct view *view, const char *name,
                            struct err *err)
{
    const struct template_set *set = templates_of(view);
    const struct template *template =
        set ? template_find(set, str_of(name)) : NULL;
    struct template_options options = {.strict = view->app->strict};
    struct buf out;

    if (!template) {
        err_detail(err, ERROR_INTERNAL, N_("Falta una página del programa."),
                   name);
        return false;
    }
    buf_init(&out, view->task.arena);
    if (template_render(set, template, page_tree(view), options, &out, err) !=
        ERROR_NONE)
        return false;
    if (arena_failed(view->task.arena)) {
        err_memory(err);
        return false;
    }
    view_body(view, "text/html; charset=utf-8", buf_str(&out));
    return true;
}

static void log_failure(struct view *view, const struct err *err)
{
    const struct host *host = view->app->office.host;
    struct value *fields = value_object(view->task.arena);

    value_put_text(fields, view->task.arena, "code", error_name(err->code));
    value_put_text(fields, view->task.arena, "detail", err->detail);
    value_put_text(fields, view->task.arena, "message",
                   err->message ? err->message : "");
    if (host && host->log)
        host->log(host->context, HOST_ERROR, "request_failed", fields);
}

/* Nothing else worked: no template, perhaps no memory. */
static void error_bare(struct view *view)
{
    view->response->status = 503;
    view_body(view, "text/plain; charset=utf-8",
              STR("Algo no funcionó. Espere un momento e inténtelo otra "
                  "vez.\nSomething did not work. Wait a moment and try "
                  "again.\n"));
}

static void error_page(struct view *view, enum error error)
{
    struct arena *arena = view->task.arena;
    int status = error_status(error);
    struct err err = {0};

    view->data = value_object(arena);
    view_title(view, N_("No se pudo"));
    value_put_int(view->data, arena, "status", status);
    value_put_str(view->data, arena, "message",
                  err_text(&view->err, view->task.translator, arena));
    value_put_bool(view->data, arena, "login", error == ERROR_LOGIN);
    value_put_bool(view->data, arena, "ours", status >= 500);
    retry_put(view, error);
    if (!render_template(view, view_public(view) ? "public_error" : "error",
                         &err)) {
        log_failure(view, &err);
        error_bare(view);
    }
}

static void render_error(struct view *view, enum error error)
{
    struct err err = {0};

    if (view->err.code == ERROR_NONE)
        err_set(&view->err, error, N_("No se pudo hacer."), NULL, NULL, NULL);
    view->response->status = error_status(error);
    if (error == ERROR_TOO_MANY && view->err.arg[0][0])
        response_header(view->response, "Retry-After",
                        str_copy(view->task.arena, str_of(view->err.arg[0])));
    if (error_status(error) >= 500)
        log_failure(view, &view->err);
    if (view->response->status == 503)
        response_header(view->response, "Retry-After", STR("5"));
    if (openrosa_route(view->route)) {
        openrosa_error(view, error);
        return;
    }
    if (view->json) {
        error_json(view, error);
        return;
    }
    if (view->template) {
        if (render_template(view, view->template, &err))
            return;
        log_failure(view, &err);
    }
    error_page(view, error);
}

static void render_done(struct view *view)
{
    struct err err = {0};

    if (view->response->status == 0)
        view->response->status = 200;
    if (view->json) {
        body_json(view, view->data);
        return;
    }
    if (render_template(view, view->template, &err))
        return;
    view->err = err;
    view->template = NULL;
    render_error(view, err.code);
}

void render_view(struct view *view, enum error error)
{
    struct response *response = view->response;
    bool written = response->body.at != NULL || response->asset != NULL;

    if (error != ERROR_NONE) {
        render_error(view, error);
    } else if (response->status == 204 ||
               (response->status >= 300 && response->status < 400)) {
        view_body(view, "text/plain; charset=utf-8", STR(""));
    } else if (!written &&
               (view->template || view->json || response->status == 0)) {
        /* a route without a template has this face only */
        view->json = view->json || !view->template;
        render_done(view);
    }
    if (arena_failed(view->task.arena))
        error_bare(view);
    security_headers(view);
    if (openrosa_route(view->route))
        openrosa_headers(view);
    response_header(response, "Vary",
                    view_public(view) ? STR("Accept, Accept-Language")
                                      : STR("Accept, Accept-Language, Cookie"));
}
