/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_passkey.c - coming in with a passkey, and one's own passkeys in "Mi
 * cuenta": list, add, revoke. The browser's part is ui/js/passkey.js; without
 * script there is the password.
 */
#include "web/page.h"

#include "core/base64.h"
#include "domain/account/passkey.h"
#include "web/page/signin.h"

static struct passkey_place place_of(struct view *view)
{
    return passkey_place(view->task.arena, view_base(view));
}

static void add_script(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list =
        (struct value *)(uintptr_t)value_get(view->page, "scripts");

    if (!list) {
        list = value_list(arena);
        value_put(view->page, arena, "scripts", list);
    }
    value_add(list, arena,
              value_string(arena, asset_href(view, "js/passkey.js")));
}

void passkey_login_put(struct view *view)
{
    bool possible = view->app->office.host->verifier && place_of(view).rp.size;

    value_put_bool(view->page, view->task.arena, "passkeys", possible);
    if (possible)
        add_script(view);
}

/* --- my account ----------------------------------------------------------- */

static struct value *passkey_item(struct view *view,
                                  const struct passkey *passkey)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "id", passkey->id);
    value_put_str(item, arena, "label", passkey->label);
    value_put_str(item, arena, "made", when_text(view, passkey->created));
    put_text_or_false(view, item, "used",
                      passkey->used ? when_text(view, passkey->used) : STR(""));
    put_text_or_false(view, item, "revoked",
                      passkey->revoked ? when_text(view, passkey->revoked)
                                       : STR(""));
    value_put_bool(item, arena, "cloned", passkey->cloned != 0);
    value_put_bool(item, arena, "backed", passkey->backed);
    return item;
}

enum error passkeys_put(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *all = value_object(arena), *list = value_list(arena);
    struct passkey *passkey = NULL;
    size_t count = 0;
    int64_t standing = 0;
    bool possible = view->app->office.host->verifier && place_of(view).rp.size;
    enum error error = passkey_list(&view->task, view->task.actor.id, &passkey,
                                    &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        value_add(list, arena, passkey_item(view, &passkey[i]));
        standing += passkey[i].revoked == 0;
    }
    value_put(all, arena, "list", list);
    value_put_int(all, arena, "standing", standing);
    value_put_bool(all, arena, "any", count > 0);
    value_put_bool(all, arena, "possible", possible);
    value_put(view->page, arena, "passkey", all);
    if (possible)
        add_script(view);
    return ERROR_NONE;
}

static struct value *algorithms(struct arena *arena)
{
    static const int64_t algorithm[] = {-8, -7, -257};
    struct value *list = value_list(arena);

    for (size_t i = 0; i < sizeof algorithm / sizeof algorithm[0]; i++) {
        struct value *item = value_object(arena);

        value_put_text(item, arena, "type", "public-key");
        value_put_int(item, arena, "alg", algorithm[i]);
        value_add(list, arena, item);
    }
    return list;
}

/* What navigator.credentials.create wants; bytes are base64url. */
static void put_offer(struct view *view, const struct passkey_place *place,
                      const struct passkey_offer *offer)
{
    struct arena *arena = view->task.arena;
    struct value *user = value_object(arena), *known = value_list(arena);

    for (size_t i = 0; i < offer->count; i++)
        value_add(known, arena, value_string(arena, offer->known[i].id));
    value_put_str(user, arena, "id", offer->handle);
    value_put_str(user, arena, "name", view->task.actor.name);
    value_put_str(user, arena, "display", view->task.actor.display);
    value_put(view->data, arena, "user", user);
    value_put_str(view->data, arena, "rp", place->rp);
    value_put_str(view->data, arena, "site", view->app->office.site_name);
    value_put_str(view->data, arena, "challenge", offer->challenge);
    value_put(view->data, arena, "algorithms", algorithms(arena));
    value_put(view->data, arena, "known", known);
}

/* Somebody may have left the table: the password is asked again. */
enum error passkey_offer_post(struct view *view)
{
    struct passkey_place place = place_of(view);
    struct passkey_offer offer = {0};
    struct visit visit = visit_of(view);
    enum error error = need_session(view);

    if (error != ERROR_NONE)
        return error;
    error = account_again(&view->task, view->session->id,
                          view_field(view, "present"), &visit, &view->err);
    if (error == ERROR_NONE)
        error = passkey_offer(&view->task, &place, view->session->id, &offer,
                              &view->err);
    if (error == ERROR_NONE)
        put_offer(view, &place, &offer);
    return error;
}

static struct str field_bytes(const struct view *view, const char *name)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    if (!base64_read_url(&out, view_field(view, name)))
        return STR("");
    return buf_str(&out);
}

enum error passkey_add_post(struct view *view)
{
    struct passkey_place place = place_of(view);
    struct passkey_new made = {.client_data = field_bytes(view, "client_data"),
                               .attestation = field_bytes(view, "attestation"),
                               .label = view_field(view, "label")};
    enum error error = need_session(view);

    if (error != ERROR_NONE)
        return error;
    error = passkey_add(&view->task, &place, view->session->id, &made, NULL,
                        &view->err);
    if (error == ERROR_NONE)
        value_put_text(view->data, view->task.arena, "location",
                       "/profile?said=passkey_added");
    return error;
}

enum error passkey_revoke_post(struct view *view)
{
    enum error error = passkey_revoke(&view->task, view->param[0], &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(view, STR("/profile"), "passkey_revoked");
    return error;
}

/* --- coming in ------------------------------------------------------------ */

static void signin_keep(struct view *view, const struct session *session,
                        struct str *next)
{
    session_keep(view, session);
    *next = session_next(view, session, next_path(*next));
}

enum error signin_open(struct view *view, struct str user, const char *method,
                       struct str *next)
{
    struct session session = {0};
    struct visit visit = visit_of(view);
    enum error error = account_open_session(&view->task, user, method, &visit,
                                            &session, &view->err);

    if (error == ERROR_NONE)
        signin_keep(view, &session, next);
    return error;
}

static enum error passkey_open(struct view *view,
                               const struct passkey_owner *owner,
                               struct str *next)
{
    struct session session = {0};
    struct visit visit = visit_of(view);
    enum error error;

    if (!owner->house.size)
        return signin_open(view, owner->user, "passkey", next);
    error = account_open_decoy(&view->task, owner->user, owner->house, &visit,
                               &session, &view->err);
    if (error == ERROR_NONE)
        signin_keep(view, &session, next);
    return error;
}

enum error passkey_challenge_post(struct view *view)
{
    struct passkey_place place = place_of(view);
    struct arena *arena = view->task.arena;
    struct str binding = host_secret(view->app->office.host, arena);
    struct str challenge = STR("");
    enum error error = passkey_challenge(
        &view->task, binding, view->request->address, &challenge, &view->err);

    if (error != ERROR_NONE)
        return error;
    view_cookie(view, SIGNIN_COOKIE, binding, SIGNIN_SECONDS);
    value_put_str(view->data, arena, "challenge", challenge);
    value_put_str(view->data, arena, "rp", place.rp);
    return ERROR_NONE;
}

enum error passkey_login_post(struct view *view)
{
    struct passkey_place place = place_of(view);
    struct passkey_answer answer = {
        .id = view_field(view, "id"),
        .handle = view_field(view, "handle"),
        .client_data = field_bytes(view, "client_data"),
        .authenticator = field_bytes(view, "authenticator"),
        .signature = field_bytes(view, "signature")};
    struct passkey_owner owner = {0};
    struct str next = view_field(view, "next");
    enum error error;

    error = passkey_login(&view->task, &place,
                          request_cookie(view->request, SIGNIN_COOKIE), &answer,
                          &owner, &view->err);
    if (error == ERROR_NONE)
        error = passkey_open(view, &owner, &next);
    if (error != ERROR_NONE)
        return error;
    view_cookie(view, SIGNIN_COOKIE, STR(""), 0);
    value_put_str(view->data, view->task.arena, "location", next);
    return ERROR_NONE;
}
