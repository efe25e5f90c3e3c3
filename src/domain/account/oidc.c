/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oidc.c - the providers of oidc.h. A provider's secret is sealed with a
 * subkey of the site key where there is one, bound to site and name.
 */
#include "domain/account/oidc.h"

#include "core/fetch.h"
#include "core/seal.h"
#include "domain/access/room.h"

enum { NAME_MAX_BYTES = 40, TEXT_MAX_BYTES = 400, AUTHORITY_MAX = 64 * 1024 };

enum error oidc_check_admin(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_USER_ADMIN) ||
        str_equal_c(task->actor.id, "system"))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

/* --- the secret ----------------------------------------------------------- */

static struct str bound_to(const struct task *task, struct str name)
{
    return str_format(task->arena, "oidc\n%.*s\n%.*s",
                      STR_ARGS(office_home(task->office)), STR_ARGS(name));
}

static enum error secret_seal(struct task *task, struct str name,
                              struct str plain, struct str *sealed,
                              struct str *nonce, struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[SEAL_KEY], *out, *random;

    *sealed = plain;
    *nonce = STR("");
    if (!sealer || !task->office->site_key || !plain.size)
        return ERROR_NONE;
    out = arena_alloc(task->arena, plain.size + SEAL_EXTRA);
    random = arena_alloc(task->arena, SEAL_NONCE);
    if (!out || !random)
        return err_memory(err);
    sealer->random(random, SEAL_NONCE);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SECRET, key);
    sealer->seal(key, random, bound_to(task, name), plain, out);
    sealer->wipe(key, sizeof key);
    *sealed = (struct str){(char *)out, plain.size + SEAL_EXTRA};
    *nonce = (struct str){(char *)random, SEAL_NONCE};
    return ERROR_NONE;
}

static enum error secret_open(struct task *task, struct str name,
                              struct str sealed, struct str nonce,
                              struct str *plain, struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[SEAL_KEY], *out;
    bool good;

    *plain = sealed;
    if (!nonce.size)
        return ERROR_NONE;
    out = arena_alloc(task->arena, sealed.size + 1);
    good = out && sealer && task->office->site_key &&
           nonce.size == SEAL_NONCE && sealed.size >= SEAL_EXTRA;
    if (good) {
        site_key_derive(sealer, task->office->site_key, SITE_KEY_SECRET, key);
        good = sealer->open(key, (const unsigned char *)nonce.at,
                            bound_to(task, name), sealed, out);
        sealer->wipe(key, sizeof key);
    }
    if (!good)
        return err_set(err, ERROR_FORBIDDEN,
                       N_("El secreto del proveedor de identidad no se abre "
                          "con la llave de este sitio. Guárdelo otra vez con "
                          "cobijo oidc set."),
                       NULL, NULL, NULL);
    *plain = (struct str){(char *)out, sealed.size - SEAL_EXTRA};
    return ERROR_NONE;
}

/* --- providers ------------------------------------------------------------ */

static bool name_fits(struct str name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.at[i]))
            return false;
    return name.size > 0 && name.size <= NAME_MAX_BYTES;
}

static bool url_fits(struct str url)
{
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] <= ' ' ||
            strchr("\"<>\\^`{|}?#@", url.at[i]))
            return false;
    return url.size < TEXT_MAX_BYTES &&
           ((str_starts(url, STR("https://")) && url.size > 8) ||
            fetch_is_loopback(url));
}

static enum error check_provider(const struct oidc_provider *provider,
                                 struct err *err)
{
    if (!name_fits(provider->name))
        return err_set(
            err, ERROR_INPUT,
            N_("El nombre lleva minúsculas, números y guiones, hasta "
               "40. Por ejemplo: universidad"),
            NULL, NULL, NULL);
    if (!url_fits(provider->issuer))
        return err_set(err, ERROR_INPUT,
                       N_("El emisor (issuer) es una dirección que empieza con "
                          "https:// y no lleva ? ni #."),
                       NULL, NULL, NULL);
    if (!provider->client.size || provider->client.size > TEXT_MAX_BYTES ||
        provider->secret.size > TEXT_MAX_BYTES ||
        provider->label.size > TEXT_MAX_BYTES)
        return err_set(
            err, ERROR_INPUT,
            N_("Falta el cliente (client_id) que dio la institución, "
               "o un dato es demasiado largo."),
            NULL, NULL, NULL);
    if (provider->authority.size > AUTHORITY_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("El archivo de certificados es demasiado grande."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

struct setting {
    const struct task *task;
    const struct oidc_provider *provider;
    struct str secret, nonce;
};

static enum error write_provider(struct db *db, void *context, struct err *err)
{
    const struct setting *set = context;
    const struct oidc_provider *provider = set->provider;
    struct str site = office_home(set->task->office);
    int64_t count = 0;
    bool found = false;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM oidc_provider WHERE site = $1 AND name = $2",
                   "tt", site, provider->name);
    if (!error)
        error = db_get_int(db, &count, &found, err,
                           "SELECT count(*) FROM oidc_provider"
                           " WHERE oidc_provider.site = $1",
                           "t", site);
    if (!error && count >= OIDC_PROVIDERS_MAX)
        error = err_set(err, ERROR_INPUT,
                        N_("Ya hay 10 proveedores de identidad. Quite uno "
                           "antes."),
                        NULL, NULL, NULL);
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO oidc_provider (site, name, label, issuer,"
                  " client, secret, nonce, authority, discovery, discovered,"
                  " jwks, jwks_read)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, '', 0)",
                  "tttttbbt", site, provider->name,
                  provider->label.size ? provider->label : provider->name,
                  provider->issuer, provider->client, set->secret, set->nonce,
                  provider->authority);
}

enum error oidc_set(struct task *task, const struct oidc_provider *provider,
                    struct err *err)
{
    struct oidc_provider whole = *provider;
    struct setting set = {.task = task, .provider = &whole};
    enum error error = oidc_check_admin(task, err);

    if (str_is_null(whole.secret))
        whole.secret = STR("");
    if (str_is_null(whole.authority))
        whole.authority = STR("");
    if (!error)
        error = check_provider(&whole, err);
    if (!error)
        error = secret_seal(task, whole.name, whole.secret, &set.secret,
                            &set.nonce, err);
    return error ? error
                 : office_change(task->office, write_provider, &set, err);
}

static enum error drop_provider(struct db *db, void *context, struct err *err)
{
    const struct setting *set = context;
    int64_t changed = 0;
    enum error error =
        db_run(db, &changed, err,
               "DELETE FROM oidc_provider WHERE site = $1 AND name = $2", "tt",
               office_home(set->task->office), set->provider->name);

    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay un proveedor de identidad con ese nombre."),
                        NULL, NULL, NULL);
    return error;
}

enum error oidc_remove(struct task *task, struct str name, struct err *err)
{
    struct oidc_provider provider = {.name = name};
    struct setting set = {.task = task, .provider = &provider};
    enum error error = oidc_check_admin(task, err);

    return error ? error
                 : office_change(task->office, drop_provider, &set, err);
}

enum error oidc_list(struct task *task, struct oidc_provider **provider,
                     size_t *count, struct err *err)
{
    struct oidc_provider *list =
        ARENA_ARRAY(task->arena, struct oidc_provider, OIDC_PROVIDERS_MAX);
    struct rows rows;
    size_t found = 0;
    enum error error;

    if (!list)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     "SELECT name, label, issuer, client FROM oidc_provider"
                     " WHERE site = $1 ORDER BY name LIMIT 10",
                     "t", office_home(task->office));
    if (error)
        return error;
    while (rows_next(&rows)) {
        list[found].name = str_copy(task->arena, rows_text(&rows, 0));
        list[found].label = str_copy(task->arena, rows_text(&rows, 1));
        list[found].issuer = str_copy(task->arena, rows_text(&rows, 2));
        list[found++].client = str_copy(task->arena, rows_text(&rows, 3));
    }
    error = rows_end(&rows);
    if (!error) {
        *provider = list;
        *count = found;
    }
    return error;
}

enum error oidc_find(struct task *task, struct str name,
                     struct oidc_provider *provider, struct err *err)
{
    struct arena *arena = task->arena;
    struct str sealed = STR(""), nonce = STR("");
    struct rows rows;
    enum error error;

    *provider = (struct oidc_provider){0};
    error = db_query(task->db, &rows, err,
                     "SELECT name, label, issuer, client, secret, nonce,"
                     " authority, discovery, jwks, discovered, jwks_read"
                     " FROM oidc_provider WHERE site = $1 AND name = $2",
                     "tt", office_home(task->office), name);
    if (error)
        return error;
    if (rows_next(&rows)) {
        provider->name = str_copy(arena, rows_text(&rows, 0));
        provider->label = str_copy(arena, rows_text(&rows, 1));
        provider->issuer = str_copy(arena, rows_text(&rows, 2));
        provider->client = str_copy(arena, rows_text(&rows, 3));
        sealed = str_copy(arena, rows_bytes(&rows, 4));
        nonce = str_copy(arena, rows_bytes(&rows, 5));
        provider->authority = str_copy(arena, rows_text(&rows, 6));
        provider->discovery = str_copy(arena, rows_text(&rows, 7));
        provider->jwks = str_copy(arena, rows_text(&rows, 8));
        provider->discovered = rows_int(&rows, 9);
        provider->jwks_read = rows_int(&rows, 10);
    }
    error = rows_end(&rows);
    if (!error && !provider->name.size)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay un proveedor de identidad con ese nombre."),
                        NULL, NULL, NULL);
    return error
               ? error
               : secret_open(task, name, sealed, nonce, &provider->secret, err);
}

static enum error write_discovery(struct db *db, void *context, struct err *err)
{
    const struct setting *set = context;

    return db_run(db, NULL, err,
                  "UPDATE oidc_provider SET discovery = $3, discovered = $4"
                  " WHERE site = $1 AND name = $2",
                  "ttti", office_home(set->task->office), set->provider->name,
                  set->provider->discovery, set->provider->discovered);
}

enum error oidc_keep_discovery(struct task *task,
                               const struct oidc_provider *provider,
                               struct err *err)
{
    struct setting set = {.task = task, .provider = provider};

    return office_change(task->office, write_discovery, &set, err);
}

static enum error write_jwks(struct db *db, void *context, struct err *err)
{
    const struct setting *set = context;

    return db_run(db, NULL, err,
                  "UPDATE oidc_provider SET jwks = $3, jwks_read = $4"
                  " WHERE site = $1 AND name = $2",
                  "ttti", office_home(set->task->office), set->provider->name,
                  set->provider->jwks, set->provider->jwks_read);
}

enum error oidc_keep_jwks(struct task *task,
                          const struct oidc_provider *provider, struct err *err)
{
    struct setting set = {.task = task, .provider = provider};

    return office_change(task->office, write_jwks, &set, err);
}
