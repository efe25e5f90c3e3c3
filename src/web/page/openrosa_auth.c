/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_auth.c - which telephone asks.
 *
 * Digest is RFC 7616 with MD5 and qop=auth, as ODK Collect speaks it. A nonce
 * is an instant and its hash under a key that this process made up: nothing is
 * kept per client, a nonce lives ten minutes, an old one is answered with
 * stale=true and the client tries again by itself. Basic passwords are asked
 * for and taken over TLS only.
 */
#include "web/page/openrosa.h"

#include "core/base64.h"
#include "domain/openrosa/device.h"
#include "form/expr/digest.h"
#include "web/page.h"

enum { NONCE_MINUTES = 10, NONCE_SIZE = 16 + 32, PASSWORD_MAX = 200 };

bool openrosa_route(const struct route *route)
{
    return route && (route->flags & ROUTE_OPENROSA) != 0;
}

/* --- nonces --------------------------------------------------------------- */

static struct str nonce_at(struct view *view, int64_t instant)
{
    const struct host *host = view->app->office.host;
    struct str stamp = view_format(view, "%016llx", (long long)instant);
    struct str part[2] = {
        {(const char *)view->app->nonce_key, sizeof view->app->nonce_key},
        stamp};
    unsigned char hash[32];
    struct buf out;

    host->hash(host->context, part, 2, hash);
    buf_init(&out, view->task.arena);
    buf_put(&out, stamp);
    buf_put_hex(&out, hash, 16);
    return buf_str(&out);
}

enum nonce { NONCE_GOOD, NONCE_STALE, NONCE_FOREIGN };

static enum nonce nonce_check(struct view *view, struct str nonce)
{
    int64_t instant = 0;

    if (nonce.size != NONCE_SIZE)
        return NONCE_FOREIGN;
    for (size_t i = 0; i < 16; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = nonce.at[i] ? strchr(digits, nonce.at[i]) : NULL;

        if (!digit || (i == 0 && digit - digits > 7))
            return NONCE_FOREIGN;
        instant = instant * 16 + (digit - digits);
    }
    if (!host_equal_secret(nonce, nonce_at(view, instant)))
        return NONCE_FOREIGN;
    return view->task.now - instant > (int64_t)NONCE_MINUTES * 60000
               ? NONCE_STALE
               : NONCE_GOOD;
}

/* --- digest --------------------------------------------------------------- */

struct digest {
    struct str user, realm, nonce, uri, qop, nc, cnonce, response, algorithm;
};

/* name=value or name="value", separated by commas; quotes may hold commas. */
static bool digest_parameter(struct str *rest, struct str *name,
                             struct str *value)
{
    size_t at = str_find_char(*rest, '=');

    if (at == SIZE_MAX)
        return false;
    *name = str_trim(str_slice(*rest, 0, at));
    *rest = str_trim(str_slice(*rest, at + 1, rest->size));
    if (rest->size && rest->at[0] == '"') {
        size_t end = str_find_char(str_slice(*rest, 1, rest->size), '"');

        if (end == SIZE_MAX)
            return false;
        *value = str_slice(*rest, 1, end + 1);
        *rest = str_slice(*rest, end + 2, rest->size);
        at = str_find_char(*rest, ',');
    } else {
        at = str_find_char(*rest, ',');
        *value = str_trim(str_slice(*rest, 0, at));
    }
    *rest = at == SIZE_MAX ? STR("")
                           : str_trim(str_slice(*rest, at + 1, rest->size));
    return true;
}

static void digest_read(struct str rest, struct digest *digest)
{
    struct str name, value;

    *digest = (struct digest){0};
    while (rest.size && digest_parameter(&rest, &name, &value)) {
        struct {
            const char *name;
            struct str *to;
        } field[] = {{"username", &digest->user},
                     {"realm", &digest->realm},
                     {"nonce", &digest->nonce},
                     {"uri", &digest->uri},
                     {"qop", &digest->qop},
                     {"nc", &digest->nc},
                     {"cnonce", &digest->cnonce},
                     {"response", &digest->response},
                     {"algorithm", &digest->algorithm}};

        for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
            if (str_equal_nocase(name, str_of(field[i].name)))
                *field[i].to = value;
    }
}

static struct str md5_hex(struct view *view, struct str text)
{
    unsigned char digest[DIGEST_MAX];
    size_t size = digest_of(DIGEST_MD5, text, digest);
    struct buf out;

    buf_init(&out, view->task.arena);
    buf_put_hex(&out, digest, size);
    return buf_str(&out);
}

/* As it was sent: path and query. */
static bool uri_is_ours(struct view *view, struct str uri)
{
    struct str path = view->request->path;

    if (!str_starts(uri, STR("/"))) { /* absolute: http://host/path */
        size_t at = str_find(uri, STR("://"));

        if (at == SIZE_MAX)
            return false;
        uri = str_slice(uri, at + 3, uri.size);
        at = str_find_char(uri, '/');
        uri = at == SIZE_MAX ? STR("/") : str_slice(uri, at, uri.size);
    }
    if (str_is_null(view->request->query) || !view->request->query.size)
        return str_equal(uri, path) ||
               str_equal(uri, str_join(view->task.arena, path, STR("?")));
    return str_equal(uri, view_format(view, "%.*s?%.*s", STR_ARGS(path),
                                      STR_ARGS(view->request->query)));
}

static struct str digest_answer(struct view *view, const struct digest *digest,
                                struct str ha1)
{
    struct str ha2 = md5_hex(view, view_format(view, "%.*s:%.*s",
                                               STR_ARGS(view->request->method),
                                               STR_ARGS(digest->uri)));

    return md5_hex(view,
                   view_format(view, "%.*s:%.*s:%.*s:%.*s:%.*s:%.*s",
                               STR_ARGS(ha1), STR_ARGS(digest->nonce),
                               STR_ARGS(digest->nc), STR_ARGS(digest->cnonce),
                               STR_ARGS(digest->qop), STR_ARGS(ha2)));
}

static enum error say_login(struct view *view)
{
    return err_set(&view->err, ERROR_LOGIN,
                   N_("Primero hay que entrar: con la llave del teléfono, su "
                      "nombre y su contraseña."),
                   NULL, NULL, NULL);
}

static enum error wrong(struct view *view)
{
    view->err = (struct err){0};
    view->task.actor = (struct actor){0};
    return device_wrong(&view->task, view->request->address, &view->err);
}

static enum error by_digest(struct view *view, struct str parameters,
                            bool *stale)
{
    struct digest digest;
    struct device device = {0};
    struct actor actor = {0};
    struct err err = {0};
    enum error error;

    digest_read(parameters, &digest);
    if (!str_equal_c(digest.qop, "auth") || digest.nc.size != 8 ||
        !digest.cnonce.size || !str_equal_c(digest.realm, DEVICE_REALM) ||
        (digest.algorithm.size &&
         !str_equal_nocase(digest.algorithm, STR("MD5"))) ||
        !uri_is_ours(view, digest.uri))
        return wrong(view);
    if (nonce_check(view, digest.nonce) != NONCE_GOOD) {
        *stale = true; /* ours of long ago or of before a start */
        return say_login(view);
    }
    error = device_by_name(&view->task, digest.user, &device, &actor, &err);
    if (error && error != ERROR_LOGIN) {
        view->err = err;
        return error;
    }
    if (error || !device.ha1.size ||
        !host_equal_secret(digest_answer(view, &digest, device.ha1),
                           digest.response))
        return wrong(view);
    view->task.actor = actor;
    device_seen(&view->task, &device);
    return ERROR_NONE;
}

/* --- the secret itself ---------------------------------------------------- */

static enum error by_secret(struct view *view, struct str secret,
                            struct str name)
{
    struct device device = {0};
    struct actor actor = {0};
    struct err err = {0};
    bool program = str_starts(secret, STR("cbj_")); /* cobijo token add */
    enum error error =
        program ? account_token(&view->task, secret, &actor, &err)
                : device_by_secret(&view->task, secret, &device, &actor, &err);

    if (program)
        device.name = actor.name;
    if (error && error != ERROR_LOGIN) {
        view->err = err;
        return error;
    }
    if (error || (!str_is_null(name) && !str_equal(name, device.name)))
        return wrong(view);
    view->task.actor = actor;
    if (!program)
        device_seen(&view->task, &device);
    return ERROR_NONE;
}

static enum error by_basic(struct view *view, struct str text)
{
    struct str both, name;
    struct buf plain;

    if (!over_tls(view))
        return err_set(&view->err, ERROR_LOGIN,
                       N_("Una contraseña así solo se acepta por una conexión "
                          "cifrada (https)."),
                       NULL, NULL, NULL);
    buf_init(&plain, view->task.arena);
    if (text.size > PASSWORD_MAX || !base64_read(&plain, text) ||
        str_find_char(buf_str(&plain), ':') == SIZE_MAX)
        return wrong(view);
    both = buf_str(&plain);
    str_cut(&both, ':', &name);
    return by_secret(view, both, name);
}

/* --- who is there --------------------------------------------------------- */

static bool scheme_is(struct str header, const char *scheme, struct str *rest)
{
    size_t size = strlen(scheme);

    if (header.size <= size || header.at[size] != ' ' ||
        !str_equal_nocase(str_slice(header, 0, size), str_of(scheme)))
        return false;
    *rest = str_trim(str_slice(header, size + 1, header.size));
    return true;
}

static void ask_for_credentials(struct view *view, bool stale)
{
    response_header(view->response, "WWW-Authenticate",
                    view_format(view,
                                "Digest realm=\"" DEVICE_REALM
                                "\", qop=\"auth\", "
                                "nonce=\"%.*s\", algorithm=MD5%s",
                                STR_ARGS(nonce_at(view, view->task.now)),
                                stale ? ", stale=true" : ""));
    if (over_tls(view))
        response_header(view->response, "WWW-Authenticate",
                        STR("Basic realm=\"" DEVICE_REALM "\""));
}

static enum error visitor(struct view *view, struct session *session,
                          bool *stale)
{
    struct str header = request_header(view->request, "authorization"), rest;

    if (str_starts(str_of(view->route->path), STR("/key/")))
        return by_secret(view, view->param[0], STR_NULL);
    if (scheme_is(header, "digest", &rest))
        return by_digest(view, rest, stale);
    if (scheme_is(header, "basic", &rest))
        return by_basic(view, rest);
    if (scheme_is(header, "bearer", &rest))
        return by_secret(view, rest, STR_NULL);
    return visitor_find(view, session);
}

enum error openrosa_visitor(struct view *view, struct session *session)
{
    struct str version = request_header(view->request, "x-openrosa-version");
    bool stale = false;
    enum error error = ERROR_NONE;

    if (version.size && !str_equal_c(version, "1.0"))
        return err_set(&view->err, ERROR_SYNTAX,
                       N_("Solo se habla la versión 1.0 de OpenRosa."), NULL,
                       NULL, NULL);
    error = visitor(view, session, &stale);
    if (!error && !view->task.actor.role)
        error = say_login(view);
    if (error == ERROR_LOGIN)
        ask_for_credentials(view, stale);
    /* what came with credentials of its own cannot be forged by a page */
    if (!error && !view->session)
        view->bearer = true;
    return error;
}
