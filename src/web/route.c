/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* route.c - the dispatcher: one road for every request.
 *
 * Finds the row of routes.def, asks who is there (session cookie or bearer
 * token), checks size, right and CSRF token, reads the body, runs the handler
 * and hands the result to render.c. No page checks any of this itself. Keeps
 * nothing between two requests.
 */
#include "domain/proof/seen.h"
#include "web/page/openrosa.h"
#include "web/closed.h"
#include "web/page.h"
#include "web/public/public.h"
#include "web/render.h"

#include "core/utf8.h"
#include "domain/access/room.h"

const struct route route_table[] = {
#define ROUTE(method, path, right, handler, template, flags)                   \
    {method, path, RIGHT_##right, handler, template, flags},
#include "web/routes.def"
#undef ROUTE
};
const size_t route_count = sizeof route_table / sizeof route_table[0];

enum match { MATCH_NO, MATCH_YES, MATCH_BAD };

/* Compares one path with one row's pattern; fills the parameters. */
static enum match path_match(struct arena *arena, const char *pattern,
                             struct str path, struct str param[4])
{
    struct str want = str_of(pattern), have = path, a, b;
    size_t count = 0;

    want = str_slice(want, 1, want.size);
    if (!str_starts(have, STR("/")))
        return MATCH_NO;
    have = str_slice(have, 1, have.size);
    while (str_cut(&want, '/', &a)) {
        if (str_equal(a, STR("*"))) {
            param[count] = have;
            return have.size > 0 ? MATCH_YES : MATCH_NO;
        }
        if (!str_cut(&have, '/', &b))
            return MATCH_NO;
        if (a.size > 0 && a.at[0] == ':') {
            if (b.size == 0)
                return MATCH_NO;
            if (count < 4 && !percent_decode(arena, b, false, &param[count++]))
                return MATCH_BAD;
        } else if (!str_equal(a, b)) {
            return MATCH_NO;
        }
    }
    return str_is_null(have) ? MATCH_YES : MATCH_NO;
}

static bool method_fits(const struct route *route, struct str method)
{
    return str_equal_c(method, route->method) ||
           (str_equal_c(method, "HEAD") &&
            str_equal_c(STR("GET"), route->method));
}

/* The row, or NULL with an error: no such path, or not with this method. */
static const struct route *route_find(struct view *view, struct err *err)
{
    struct str param[4] = {{0}};
    struct buf allow;

    buf_init(&allow, view->task.arena);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        enum match match = path_match(view->task.arena, route->path,
                                      view->request->path, param);

        if (match == MATCH_BAD) {
            err_set(err, ERROR_SYNTAX, N_("La dirección no está bien escrita."),
                    NULL, NULL, NULL);
            return NULL;
        }
        if (match == MATCH_NO)
            continue;
        if (method_fits(route, view->request->method)) {
            memcpy(view->param, param, sizeof param);
            return route;
        }
        if (str_find(buf_str(&allow), str_of(route->method)) != SIZE_MAX)
            continue;
        if (allow.size > 0)
            buf_puts(&allow, ", ");
        buf_puts(&allow, route->method);
    }
    if (allow.size > 0) {
        response_header(view->response, "Allow", buf_str(&allow));
        err_set(err, ERROR_METHOD,
                N_("Esta dirección no admite esa operación."), NULL, NULL,
                NULL);
    } else {
        err_set(err, ERROR_NOT_FOUND, N_("Esta página no existe."), NULL, NULL,
                NULL);
    }
    return NULL;
}

static struct str bearer_of(const struct request *request)
{
    struct str header = request_header(request, "authorization");

    if (header.size <= 7 ||
        !str_equal_nocase(str_slice(header, 0, 7), STR("bearer ")))
        return STR_NULL;
    return str_trim(str_slice(header, 7, header.size));
}

/* Who asks: a bearer token, or the session of the cookie, or nobody. */
enum error visitor_find(struct view *view, struct session *session)
{
    struct str token = bearer_of(view->request);
    struct str cookie = session_cookie(view);
    struct err err = {0};
    enum error error;

    if (view->bearer)
        return account_token(&view->task, token, &view->task.actor, &view->err);
    if (cookie.size == 0)
        return ERROR_NONE;
    error = account_session(&view->task, cookie, session, &err);
    if (error == ERROR_NONE) {
        view->session = session;
        view->task.actor = session->actor; /* nobody unless it is open */
        if (session->state == SESSION_ENROL && view->route &&
            (view->route->flags & ROUTE_ENROL) != 0)
            view->task.actor = session->who;
        return task_enter_room(&view->task, session->home, session->room,
                               &view->err);
    }
    if (error_status(error) < 500)
        return ERROR_NONE; /* an old cookie is nobody */
    view->err = err;
    return error;
}

/* Where somebody is sent who is not in: each state has one way on. */
static const char *way_in(const struct view *view)
{
    if (view->session && view->session->state == SESSION_HALF)
        return "/login/second";
    if (view->session && view->session->state == SESSION_ENROL)
        return "/profile/second";
    if (view->session && view->session->state == SESSION_LOCKED)
        return "/lock";
    return "/login";
}

static enum error send_to_login(struct view *view)
{
    bool any = true;
    struct buf path;

    if (account_any(&view->task, &any, &view->err) != ERROR_NONE)
        return view->err.code;
    buf_init(&path, view->task.arena);
    buf_puts(&path, any ? way_in(view) : "/start");
    if (any && view->request->path.size > 1) {
        buf_puts(&path, "?next=");
        buf_put_url(&path, view->request->path);
    }
    view_redirect(view, buf_str(&path));
    return ERROR_NONE;
}

static enum error login_wanted(struct view *view)
{
    if (!view->json && (str_equal_c(view->request->method, "GET") ||
                        str_equal_c(view->request->method, "HEAD")))
        return send_to_login(view);
    if (view->session && view->session->state == SESSION_LOCKED)
        return err_set(&view->err, ERROR_LOGIN,
                       N_("La pantalla está bloqueada: escriba su PIN en otra "
                          "pestaña y envíe otra vez."),
                       NULL, NULL, NULL);
    return err_set(&view->err, ERROR_LOGIN,
                   N_("Primero hay que entrar con su cuenta."), NULL, NULL,
                   NULL);
}

static enum error right_check(struct view *view, const struct route *route)
{
    const struct role *role = view->task.actor.role;
    bool held = role_has(role, route->right);

    if (held && (route->flags & ROUTE_READS_KIND) != 0)
        held = role_has(role, right_to_read(view->param[0]));
    if (held && (route->flags & ROUTE_WRITES_KIND) != 0)
        held = role_has(role, right_to_write(view->param[0]));
    if (held)
        return ERROR_NONE;
    if (!role)
        return login_wanted(view);
    return err_set(&view->err, ERROR_FORBIDDEN,
                   N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                   NULL);
}

/* A new record is about whom its fields name, or about nobody yet. */
static void want_new(struct view *view, struct want *want)
{
    const struct form *form =
        forms_find(view->app->office.forms, want->kind, STR_NULL);
    struct str key =
        form ? value_text_of(form->settings, "cobijo:subject") : STR_NULL;

    want->act = ACT_WRITE;
    if (!key.size)
        return;
    want->subject = value_text(value_get_str(view->fields, key));
    if (!want->subject.size)
        want->subject = value_text(value_get_str(view->query, key));
}

/* What is decided about a row whose word names one kind of record. */
static struct want want_of(const struct view *view, const struct route *route)
{
    static const char *const kind[] = {
        [OPENS_PERSON >> 16] = "person",
        [OPENS_SCREENING >> 16] = "screening",
        [OPENS_FLAG >> 16] = "flag",
        [OPENS_PROFILE >> 16] = "profile",
        [OPENS_REFERRAL >> 16] = "referral",
        [OPENS_CASEFILE >> 16] = "casefile",
        [OPENS_RECEIVED >> 16] = "referral",
        [OPENS_NEW_PERSON >> 16] = "person",
        [OPENS_INTERVIEW >> 16] = "person",
        [OPENS_CONSENT >> 16] = "consent",
        [OPENS_REQUEST >> 16] = "rights_request",
        [OPENS_GLASS >> 16] = "person",
        [OPENS_GIVEN >> 16] = "received",
        [OPENS_NOBODY >> 16] = NULL,
    };
    unsigned opens = route->flags & OPENS_MASK;
    struct want want = {.act = (enum act)((route->flags & DOES_MASK) >> 24),
                        .record = view->param[0],
                        .kind = view->param[0],
                        .ask = opens == OPENS_GLASS};

    if (kind[opens >> 16]) /* else :kind stands first in the path */
        want.kind = str_of(kind[opens >> 16]);
    else
        want.record = opens == OPENS_RECORD ? view->param[1] : STR("");
    if (opens == OPENS_RECEIVED)
        want.purpose = STR("answer");
    return want;
}

/* Whose file, for whom, to do what: the one decision, before the handler. */
static enum error file_check(struct view *view, const struct route *route)
{
    unsigned opens = route->flags & OPENS_MASK;
    struct want want = want_of(view, route);
    struct actor *actor = &view->task.actor;

    if (!opens || opens == OPENS_NOBODY)
        return ERROR_NONE;
    if (opens == OPENS_NEW_PERSON || opens == OPENS_FORM) {
        actor->role = role_widest(actor->role, want.kind);
        return ERROR_NONE;
    }
    if (opens == OPENS_NEW)
        want_new(view, &want);
    if (opens == OPENS_INTERVIEW) { /* is she there, and within reach? */
        if (decide_or_refuse(&view->task, &want, &actor->role, &view->err) !=
            ERROR_NONE)
            return view->err.code;
        want = (struct want){.act = ACT_WRITE,
                             .kind = STR("screening"),
                             .subject = view->param[0]};
    }
    return decide_or_refuse(&view->task, &want, &actor->role, &view->err);
}

static enum error csrf_check(struct view *view, const struct route *route)
{
    struct str sent = request_header(view->request, "x-csrf-token");

    if (view->bearer)
        return ERROR_NONE;
    /* even before there is a session that could carry a token */
    if (request_from_elsewhere(view->request))
        return err_set(&view->err, ERROR_FORBIDDEN,
                       N_("El envío viene de otro sitio y no se aceptó."), NULL,
                       NULL, NULL);
    if (route->flags & ROUTE_NO_CSRF)
        return ERROR_NONE;
    if (sent.size == 0)
        sent = view_field(view, "_csrf");
    if (view->session && sent.size > 0 &&
        host_equal_secret(sent, view->session->csrf))
        return ERROR_NONE;
    return err_set(&view->err, ERROR_FORBIDDEN,
                   N_("La página estaba abierta desde otra sesión. Vuelva "
                      "atrás, recargue y envíe otra vez."),
                   NULL, NULL, NULL);
}

static bool may_be_large(const struct view *view, const struct route *route)
{
    return (route->flags & ROUTE_LARGE) ||
           ((route->flags & ROUTE_FILES) &&
            str_starts(request_header(view->request, "content-type"),
                       STR("multipart/form-data")));
}

static enum error size_check(struct view *view, const struct route *route)
{
    size_t most = may_be_large(view, route)
                      ? request_body_max(view->request->path)
                      : (size_t)ROUTE_BODY_MAX;

    if (view->request->crowded)
        return err_set(&view->err, ERROR_BUSY,
                       N_("Llegan muchos archivos a la vez. Envíe otra vez en "
                          "unos minutos."),
                       NULL, NULL, NULL);
    if (!view->request->too_large && view->request->body.size <= most)
        return ERROR_NONE;
    if (route->flags & ROUTE_FILES)
        return err_set(&view->err, ERROR_TOO_LARGE,
                       N_("Lo enviado es demasiado grande: con sus archivos "
                          "puede pesar hasta 8 MB. Vuelva atrás, donde lo "
                          "escrito sigue, y elija archivos más pequeños."),
                       NULL, NULL, NULL);
    if (most == REQUEST_POST_MAX)
        return err_set(&view->err, ERROR_TOO_LARGE,
                       N_("El envío pasa de 64 MB. Mándelo por partes o con "
                          "archivos más pequeños."),
                       NULL, NULL, NULL);
    return err_set(&view->err, ERROR_TOO_LARGE,
                   N_("Lo enviado es demasiado grande."), NULL, NULL, NULL);
}

static enum error query_read(struct view *view)
{
    enum error error = fields_parse(view->task.arena, view->request->query,
                                    &view->query, &view->err);

    if (error != ERROR_NONE)
        view->query = value_object(view->task.arena);
    return error;
}

static enum error post_read(struct view *view, const struct route *route)
{
    enum error error =
        body_parse(view->task.arena, view->request, &view->fields, &view->err);

    return error == ERROR_NONE ? csrf_check(view, route) : error;
}

static bool needs_store(const struct route *route)
{
    return !route || (route->flags & ROUTE_NO_STORE) == 0;
}

/* Rows that show nothing of a person; every other is noted (seen.h). */
static bool impersonal(const struct view *view, const struct route *route)
{
    static const enum right right[] = {RIGHT_NONE,        RIGHT_LOGIN,
                                       RIGHT_USER_ADMIN,  RIGHT_FORM_ADMIN,
                                       RIGHT_PLACE_READ,  RIGHT_PLACE_WRITE,
                                       RIGHT_TALLY_WRITE, RIGHT_REPORT_READ,
                                       RIGHT_LOG_READ,    RIGHT_OUTREACH_WRITE};
    static const char *const kind[] = {"place", "user", "tally", "notice",
                                       "outreach"};
    bool listed = false;

    if (route->handler == today_page)
        return false;
    if (route->flags & (ROUTE_READS_KIND | ROUTE_WRITES_KIND)) {
        for (size_t i = 0; i < sizeof kind / sizeof *kind && !listed; i++)
            listed = str_equal_c(view->param[0], kind[i]);
        return listed;
    }
    for (size_t i = 0; i < sizeof right / sizeof *right && !listed; i++)
        listed = route->right == right[i];
    return listed;
}

/* Pages that name no file in their address are lists. */
static bool is_list(const struct route *route)
{
    return str_find(str_of(route->path), STR("/:id")) == SIZE_MAX;
}

/* Whoever opened a file by name was noted by record_get; a list is counted,
 * and a page that named nobody leaves a trace all the same. */
static enum error note_seen(struct view *view, const struct route *route)
{
    struct str what = str_of(route->path);

    if (impersonal(view, route) || view->response->status >= 300)
        return ERROR_NONE;
    if (!view->task.in_list && view->task.seen)
        return ERROR_NONE;
    if (view->task.in_list)
        what = view->request->path;
    return seen_lookup(&view->task, what, view->task.seen ? view->task.seen : 1,
                       &view->err);
}

static enum error route_run(struct view *view, const struct route *route)
{
    enum error error = size_check(view, route);

    if (error == ERROR_NONE)
        error = right_check(view, route);
    if (error == ERROR_NONE && view->response->status != 0)
        return ERROR_NONE; /* sent to the login */
    if (error == ERROR_NONE && str_equal_c(view->request->method, "POST"))
        error = post_read(view, route);
    if (error == ERROR_NONE)
        error = file_check(view, route);
    if (error != ERROR_NONE)
        return error;
    if (view->task.db) { /* what another process published; it may fail */
        struct err ignored = {0};

        forms_catch_up(&view->app->office, view->task.db, view->task.now,
                       &ignored);
    }
    view->task.in_list = is_list(route);
    error = route->handler(view);
    if (error == ERROR_NONE)
        error = note_seen(view, route);
    if (error == ERROR_NONE && !view->template)
        view->template = route->template;
    return error;
}

/* What a stranger finds where there is nothing: a public page. */
static const struct route nowhere = {
    .method = "GET", .path = "", .flags = ROUTE_PUBLIC};

static bool is_stranger(const struct view *view)
{
    return str_equal_c(view->request->method, "GET") && !view->app->door &&
           !view->bearer && !view->session;
}

/* lost: why there is no database; NULL when there is one. */
static enum error dispatch(struct view *view, struct session *session,
                           const struct err *lost)
{
    enum error query = query_read(view), visitor = ERROR_NONE;
    struct err err = {0};

    view->route = query ? NULL : route_find(view, &err);
    if (view->route)
        view->response->route = view->route->path;
    if (needs_store(view->route)) {
        view->bearer = bearer_of(view->request).size > 0;
        if (lost)
            view->err = *lost;
        if (view->app->door)
            visitor = ERROR_NONE; /* nobody is known yet */
        else if (lost)
            visitor = lost->code;
        else if (view_public(view))
            visitor = ERROR_NONE; /* nobody is asked for */
        else if (openrosa_route(view->route))
            visitor = openrosa_visitor(view, session);
        else
            visitor = visitor_find(view, session);
    }
    if (!view->route && !visitor && is_stranger(view))
        view->route = &nowhere;
    view_language(view);
    view->json = wants_json(view);
    if (view->app->door && needs_store(view->route) &&
        !(view->route && view->route->flags & ROUTE_CLOSED))
        return closed_answer(view);
    if (visitor != ERROR_NONE)
        return visitor;
    if (query != ERROR_NONE)
        return query;
    if (err.code) {
        view->err = err;
        return err.code;
    }
    return route_run(view, view->route);
}

static bool method_known(struct str method)
{
    return str_equal_c(method, "GET") || str_equal_c(method, "HEAD") ||
           str_equal_c(method, "POST");
}

static void respond(struct app *app, struct db *db, const struct err *lost,
                    const struct request *request, struct response *response)
{
    struct session session = {0};
    struct view view = {.app = app, .request = request, .response = response};
    enum error error;

    *response = (struct response){0};
    task_init(&view.task, &app->office, db, request->arena);
    view.task.actor = (struct actor){0};
    view.query = value_object(request->arena);
    view.fields = value_object(request->arena);
    view.data = value_object(request->arena);
    view.page = value_object(request->arena);
    if (method_known(request->method)) {
        error = dispatch(&view, &session, lost);
    } else {
        view_language(&view);
        view.json = wants_json(&view);
        error = err_set(&view.err, ERROR_METHOD,
                        N_("Esta dirección no admite esa operación."), NULL,
                        NULL, NULL);
    }
    render_view(&view, error);
}

void app_respond(struct app *app, struct db *db, const struct request *request,
                 struct response *response)
{
    respond(app, db, NULL, request, response);
}

void app_refuse(struct app *app, const struct err *err,
                const struct request *request, struct response *response)
{
    respond(app, NULL, err, request, response);
}
