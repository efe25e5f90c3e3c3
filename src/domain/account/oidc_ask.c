/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oidc_ask.c - the way to an identity provider and back: where it is
 * (discovery), what it signs with (JWKS), and the code that is changed for a
 * token. What it answers is kept in its row for an hour, so that a login asks
 * one thing of it; a key that we do not know is asked for at most once a
 * minute.
 */
#include "domain/account/oidc.h"

#include "core/base64.h"
#include "core/fetch.h"
#include "domain/account/jose.h"

enum { MINUTE = 60000, CODE_MAX = 4096 };

static const char purpose_oidc[] = "oidc";

/* What we need of the discovery document. */
struct endpoints {
    struct str authorization, token, jwks;
    bool post;   /* the secret goes into the body */
    bool issuer; /* it says who it is when it sends somebody back */
};

static enum error say_refused(struct err *err, const char *detail)
{
    return err_detail(err, ERROR_LOGIN,
                      N_("La institución no confirmó quién es usted, o su "
                         "respuesta no era para este sitio. Empiece otra vez "
                         "o entre con su contraseña."),
                      detail);
}

static enum error say_strange(struct err *err, const char *detail)
{
    return err_detail(err, ERROR_BUSY,
                      N_("El servidor de la institución no contesta o no "
                         "contesta bien. Pruebe otra vez en unos minutos, o "
                         "entre con su contraseña."),
                      detail);
}

static enum error ask(struct task *task, const struct fetch *fetch,
                      const struct value **answer, struct str *text,
                      struct err *err)
{
    const struct fetcher *fetcher = task->office->host->fetcher;
    struct fetched fetched = {0};
    struct err ignored = {0};
    enum error error;

    if (!fetcher)
        return say_strange(err, "no way out");
    error = fetcher->fetch(task->arena, fetch, &fetched, err);
    if (error)
        return error;
    if (fetched.status != 200)
        return say_strange(err, "not status 200");
    if (value_parse(task->arena, fetched.body, answer, &ignored) ||
        value_type(*answer) != VALUE_OBJECT)
        return say_strange(err, "no JSON");
    if (text)
        *text = fetched.body;
    return ERROR_NONE;
}

/* --- discovery ------------------------------------------------------------ */

/* Of an https issuer everything is https; of one on this machine, for trying
 * things out, everything is there. */
static bool endpoint_fits(struct str url, struct str issuer)
{
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] <= ' ' || strchr("\"<>\\#@", url.at[i]))
            return false;
    if (fetch_is_loopback(issuer))
        return fetch_is_loopback(url);
    return str_starts(url, STR("https://")) && url.size > 8;
}

static bool list_has(const struct value *list, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal_c(value_text(value_at(list, i)), text))
            return true;
    return false;
}

static bool endpoints_read(const struct value *said, struct str issuer,
                           struct endpoints *out)
{
    const struct value *challenge =
        value_get(said, "code_challenge_methods_supported");
    const struct value *secret =
        value_get(said, "token_endpoint_auth_methods_supported");

    out->authorization = value_text_of(said, "authorization_endpoint");
    out->token = value_text_of(said, "token_endpoint");
    out->jwks = value_text_of(said, "jwks_uri");
    out->post = secret && !list_has(secret, "client_secret_basic") &&
                list_has(secret, "client_secret_post");
    out->issuer = value_to_bool(
        value_get(said, "authorization_response_iss_parameter_supported"),
        false);
    return str_equal(value_text_of(said, "issuer"), issuer) &&
           endpoint_fits(out->authorization, issuer) &&
           endpoint_fits(out->token, issuer) &&
           endpoint_fits(out->jwks, issuer) &&
           (!challenge || list_has(challenge, "S256"));
}

static enum error discover(struct task *task, struct oidc_provider *provider,
                           struct endpoints *out, struct err *err)
{
    struct str issuer = provider->issuer;
    struct fetch fetch = {.authority = provider->authority,
                          .most = OIDC_ANSWER_MAX};
    const struct value *said = NULL;
    struct err ignored = {0};
    enum error error;

    if (task->now - provider->discovered < OIDC_KEPT_MINUTES * MINUTE &&
        !value_parse(task->arena, provider->discovery, &said, &ignored) &&
        endpoints_read(said, issuer, out))
        return ERROR_NONE;
    while (str_ends(issuer, STR("/")))
        issuer.size--;
    fetch.url =
        str_join(task->arena, issuer, STR("/.well-known/openid-configuration"));
    error = ask(task, &fetch, &said, &provider->discovery, err);
    if (error)
        return error;
    if (!endpoints_read(said, provider->issuer, out))
        return say_strange(err, "discovery does not fit");
    provider->discovered = task->now;
    return oidc_keep_discovery(task, provider, err);
}

/* --- the way there -------------------------------------------------------- */

static struct str challenge_of(const struct task *task, struct str verifier)
{
    const struct host *host = task->office->host;
    char hash[32];
    struct buf out;

    host->hash(host->context, &verifier, 1, (unsigned char *)hash);
    buf_init(&out, task->arena);
    base64_write_url(&out, (struct str){hash, sizeof hash});
    return buf_str(&out);
}

static void put_field(struct buf *out, const char *name, struct str value)
{
    if (out->size > 0 && out->at[out->size - 1] != '?')
        buf_putc(out, '&');
    buf_puts(out, name);
    buf_putc(out, '=');
    buf_put_url(out, value);
}

static struct str address_of(struct task *task,
                             const struct oidc_provider *provider,
                             const struct endpoints *at, struct str redirect,
                             const struct flow *flow)
{
    struct buf out;

    buf_init(&out, task->arena);
    buf_put(&out, at->authorization);
    if (str_find_char(at->authorization, '?') == SIZE_MAX)
        buf_putc(&out, '?');
    put_field(&out, "response_type", STR("code"));
    put_field(&out, "scope", STR("openid"));
    put_field(&out, "client_id", provider->client);
    put_field(&out, "redirect_uri", redirect);
    put_field(&out, "state", flow->id);
    put_field(&out, "nonce", flow->nonce);
    put_field(&out, "code_challenge", challenge_of(task, flow->verifier));
    put_field(&out, "code_challenge_method", STR("S256"));
    return buf_str(&out);
}

enum error oidc_start(struct task *task, const struct oidc_start *start,
                      struct str *url, struct err *err)
{
    const struct host *host = task->office->host;
    struct oidc_provider provider;
    struct endpoints at;
    struct flow invitation = {.purpose = oidc_purpose_invite,
                              .id = start->invitation};
    struct flow flow = {.purpose = purpose_oidc,
                        .binding = start->binding,
                        .address = start->address,
                        .provider = start->provider,
                        .next = start->next,
                        .nonce = host_secret(host, task->arena),
                        .verifier = host_secret(host, task->arena)};
    enum error error = oidc_find(task, start->provider, &provider, err);

    if (!error && !start->binding.size)
        error = say_refused(err, "no binding");
    if (!error && start->invitation.size) {
        error = flow_look(task, &invitation, err);
        flow.user = host_hash_hex(host, task->arena, start->invitation);
    }
    if (!error)
        error = discover(task, &provider, &at, err);
    if (!error)
        error = flow_add(task, &flow, err);
    if (!error)
        *url = address_of(task, &provider, &at, start->redirect, &flow);
    return error;
}

/* --- and back ------------------------------------------------------------- */

static enum error
change_code(struct task *task, const struct oidc_provider *provider,
            const struct endpoints *at, const struct oidc_return *back,
            const struct flow *flow, struct str *token, struct err *err)
{
    struct arena *arena = task->arena;
    struct fetch fetch = {.url = at->token,
                          .authority = provider->authority,
                          .most = OIDC_ANSWER_MAX};
    const struct value *said = NULL;
    struct buf form, user, password;
    bool basic = provider->secret.size > 0 && !at->post;
    enum error error;

    buf_init(&form, arena);
    buf_init(&user, arena);
    buf_init(&password, arena);
    put_field(&form, "grant_type", STR("authorization_code"));
    put_field(&form, "code", back->code);
    put_field(&form, "redirect_uri", back->redirect);
    put_field(&form, "code_verifier", flow->verifier);
    if (!basic)
        put_field(&form, "client_id", provider->client);
    if (!basic && provider->secret.size > 0)
        put_field(&form, "client_secret", provider->secret);
    fetch.form = buf_str(&form);
    if (basic) {
        buf_put_url(&user, provider->client);
        buf_put_url(&password, provider->secret);
        fetch.user = buf_str(&user);
        fetch.password = buf_str(&password);
    }
    error = ask(task, &fetch, &said, NULL, err);
    if (!error)
        *token = value_text_of(said, "id_token");
    return error;
}

static enum error read_keys(struct task *task, struct oidc_provider *provider,
                            const struct endpoints *at, bool again,
                            const struct value **jwks, struct err *err)
{
    struct fetch fetch = {.url = at->jwks,
                          .authority = provider->authority,
                          .most = OIDC_JWKS_MAX};
    struct err ignored = {0};
    enum error error;

    if (!again &&
        task->now - provider->jwks_read < OIDC_KEPT_MINUTES * MINUTE &&
        !value_parse(task->arena, provider->jwks, jwks, &ignored))
        return ERROR_NONE;
    error = ask(task, &fetch, jwks, &provider->jwks, err);
    if (error)
        return error;
    provider->jwks_read = task->now;
    return oidc_keep_jwks(task, provider, err);
}

static enum error open_token(struct task *task, struct oidc_provider *provider,
                             const struct endpoints *at, struct str token,
                             const struct value **claims, struct err *err)
{
    const struct verifier *verifier = task->office->host->verifier;
    const struct value *jwks = NULL;
    enum jose_result result;
    enum error error = read_keys(task, provider, at, false, &jwks, err);

    if (error)
        return error;
    result = jose_open(task->arena, verifier, token, jwks, claims);
    if (result == JOSE_UNKNOWN_KEY &&
        task->now - provider->jwks_read >= OIDC_KEYS_AGAIN_SECONDS * 1000) {
        error = read_keys(task, provider, at, true, &jwks, err);
        if (error)
            return error;
        result = jose_open(task->arena, verifier, token, jwks, claims);
    }
    return result == JOSE_GOOD ? ERROR_NONE
                               : say_refused(err, "token not signed by them");
}

/* Whom an invitation was for, from now on; then she is let in. */
static enum error take_invitation(struct task *task, struct str hash,
                                  struct str issuer, struct oidc_who *who,
                                  struct err *err)
{
    struct flow invitation = {.purpose = oidc_purpose_invite, .hash = hash};
    enum error error = flow_look(task, &invitation, err);

    if (!error)
        error = oidc_link_by(task, &invitation, issuer, who->subject, err);
    if (!error) {
        who->user = invitation.user;
        who->linked = true;
    }
    return error;
}

static enum error who_is(struct task *task,
                         const struct oidc_provider *provider,
                         const struct flow *flow, struct oidc_who *who,
                         struct err *err)
{
    struct err none = {0};
    enum error error;

    if (flow->user.size)
        return take_invitation(task, flow->user, provider->issuer, who, err);
    error =
        oidc_subject(task, provider->issuer, who->subject, &who->user, &none);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE; /* the page says so */
    if (error)
        *err = none;
    return error;
}

static enum error check_return(const struct oidc_return *back,
                               const struct oidc_provider *provider,
                               const struct endpoints *at, struct err *err)
{
    if (back->error.size)
        return say_refused(err, "the provider said no");
    if ((back->issuer.size || at->issuer) &&
        !str_equal(back->issuer, provider->issuer))
        return say_refused(err, "another issuer sent her back");
    if (!back->code.size || back->code.size > CODE_MAX)
        return say_refused(err, "no code");
    return ERROR_NONE;
}

enum error oidc_finish(struct task *task, const struct oidc_return *back,
                       struct oidc_who *who, struct err *err)
{
    struct flow flow = {
        .purpose = purpose_oidc, .id = back->state, .binding = back->binding};
    struct oidc_provider provider;
    struct jose_wanted wanted = {.now = task->now};
    const struct value *claims = NULL;
    struct endpoints at;
    struct str token = STR("");
    enum error error;

    *who = (struct oidc_who){0};
    if (!task->office->host->verifier || !back->binding.size)
        return say_refused(err, "another browser");
    error = flow_take(task, &flow, err);
    if (!error)
        error = oidc_find(task, flow.provider, &provider, err);
    if (!error)
        error = discover(task, &provider, &at, err);
    if (!error)
        error = check_return(back, &provider, &at, err);
    if (!error)
        error = change_code(task, &provider, &at, back, &flow, &token, err);
    if (!error)
        error = open_token(task, &provider, &at, token, &claims, err);
    if (error)
        return error;
    wanted.issuer = provider.issuer;
    wanted.audience = provider.client;
    wanted.nonce = flow.nonce;
    if (!jose_claims_fit(claims, &wanted))
        return say_refused(err, "claims do not fit");
    who->subject = value_text_of(claims, "sub");
    who->label = provider.label;
    who->next = flow.next;
    return who_is(task, &provider, &flow, who, err);
}
