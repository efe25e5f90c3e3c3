/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_open.c - a grant arrives: whose it is, whether it is for this house,
 * whether it still stands, and only then what it says.
 *
 * The key of another house is taken once, from a person who got it by another
 * way, and kept (log_peer, role house); a file that brings another key for the
 * same house is refused.
 */
#include "core/base64.h"
#include "core/date.h"
#include "core/fetch.h"
#include "domain/grant/grant_private.h"
#include "domain/proof/seen.h"
#include "store/sealing.h"

enum { CLOCK_MS = 24 * 3600 * 1000 }; /* how far two houses' clocks differ */

/* --- other houses --------------------------------------------------------- */

static enum error peer_key(struct task *task, struct str site, struct str *line,
                           bool *known, struct err *err)
{
    return db_get_text(task->db, task->arena, line, known, err,
                       "SELECT key FROM log_peer WHERE site = $1 "
                       "AND role = 'house' AND name = $2",
                       "tt", office_home(task->office), site);
}

struct knowing {
    struct task *task;
    struct str name, line;
};

static enum error put_peer(struct db *db, void *context, struct err *err)
{
    const struct knowing *knowing = context;
    static const char none[32];

    return db_run(db, NULL, err,
                  "INSERT INTO log_peer (site, role, name, key, added, size, "
                  "root, signed, note) VALUES ($1, 'house', $2, $3, $4, 0, "
                  "$5, 0, '') ON CONFLICT (site, role, name) DO NOTHING",
                  "tttib", office_home(knowing->task->office), knowing->name,
                  knowing->line, knowing->task->now, (struct str){none, 32});
}

static enum error other_key(const char *site, struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("De la casa «{1}» ya se conoce otra llave. Si de verdad "
                      "cambió de llave, confírmelo con ella en persona."),
                   site, NULL, NULL);
}

enum error grant_peer_add(struct task *task, struct str key, struct err *err)
{
    struct house_key house;
    struct knowing knowing = {.task = task};
    struct str line = STR_NULL;
    bool known = false;
    enum error error =
        house_key_parse(task->office->host, task->arena, key, &house, err);

    if (!error)
        error = peer_key(task, house.site, &line, &known, err);
    if (error)
        return error;
    knowing.name = house.site;
    knowing.line = house_key_text(task->arena, &house);
    if (known && !str_equal(line, knowing.line))
        return other_key(str_c(task->arena, house.site), err);
    return known ? ERROR_NONE
                 : office_change(task->office, put_peer, &knowing, err);
}

/* Is it the house that is known by this name? With a key for the first time. */
static enum error check_issuer(struct task *task,
                               const struct house_key *issuer, struct str name,
                               struct str given, struct err *err)
{
    struct str line = STR_NULL, hers = house_key_text(task->arena, issuer);
    bool known = false;
    enum error error = peer_key(task, issuer->site, &line, &known, err);

    if (error)
        return error;
    if (known)
        return str_equal(line, hers)
                   ? ERROR_NONE
                   : other_key(str_c(task->arena, issuer->site), err);
    if (!given.size)
        return err_set(err, ERROR_INPUT,
                       N_("Es la primera vez que llega algo de «{1}», con la "
                          "llave {2}. Pida a esa casa su línea, la que empieza "
                          "con «cobijo1+», por otro camino (en persona, por "
                          "teléfono) y escríbala en «Línea de la casa»."),
                       str_c(task->arena, name), issuer->id, NULL);
    if (!str_equal(str_trim(given), hers))
        return err_set(err, ERROR_CONFLICT,
                       N_("El archivo no lleva la llave que usted dio: no lo "
                          "firmó esa casa."),
                       NULL, NULL, NULL);
    return grant_peer_add(task, hers, err);
}

/* --- what is known here of a grant ---------------------------------------- */

struct arriving {
    struct task *task;
    struct grant grant;
    struct grant_seal seal;
    struct str head; /* hex */
    int64_t opened, withdrawn;
    struct str issuer, id, url;
};

static enum error read_row(struct arriving *one, struct err *err)
{
    struct task *task = one->task;
    struct str head = STR_NULL;
    struct rows rows;
    enum error error;

    db_query(task->db, &rows, err,
             "SELECT head, opened, withdrawn FROM grant_in WHERE site = $1 "
             "AND issuer = $2 AND id = $3",
             "ttt", office_home(task->office), one->issuer, one->id);
    if (rows_next(&rows)) {
        head = str_copy(task->arena, rows_text(&rows, 0));
        one->opened = rows_int(&rows, 1);
        one->withdrawn = rows_int(&rows, 2);
    }
    error = rows_end(&rows);
    if (!error && head.size && one->head.size && !str_equal(head, one->head))
        error = err_set(err, ERROR_CONFLICT,
                        N_("Con ese número ya llegó otro permiso de la misma "
                           "casa. No se abre; avise a esa casa."),
                        NULL, NULL, NULL);
    return error;
}

static enum error put_row(struct db *db, void *context, struct err *err)
{
    const struct arriving *one = context;

    return db_run(db, NULL, err,
                  "INSERT INTO grant_in (site, issuer, id, head, opened, "
                  "withdrawn) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT "
                  "(site, issuer, id) DO UPDATE SET withdrawn = CASE WHEN "
                  "grant_in.withdrawn > 0 THEN grant_in.withdrawn ELSE "
                  "excluded.withdrawn END",
                  "ttttii", office_home(one->task->office), one->issuer,
                  one->id, one->head, one->opened, one->withdrawn);
}

/* And where it is answered. */
static enum error put_opened(struct db *db, void *context, struct err *err)
{
    const struct arriving *one = context;
    enum error error = put_row(db, context, err);

    return error ? error
                 : db_run(db, NULL, err,
                          "INSERT INTO grant_door (site, issuer, id, name, "
                          "url) VALUES ($1, $2, $3, $4, $5) ON CONFLICT "
                          "(site, issuer, id) DO NOTHING",
                          "ttttt", office_home(one->task->office), one->issuer,
                          one->id, one->grant.name, one->url);
}

/* What was opened before there were doors gets one. */
static bool has_door(const struct arriving *one)
{
    struct grant_door door;
    struct err none = {0};

    return grant_door_find(one->task, one->issuer, one->id, &door, &none) ==
           ERROR_NONE;
}

/* --- a withdrawal --------------------------------------------------------- */

static enum error take_withdrawal(struct arriving *one,
                                  const struct grant_opening *opening,
                                  struct value **out, struct err *err)
{
    struct task *task = one->task;
    struct withdrawal said;
    enum error error = withdrawal_parse(task->office->host, task->arena,
                                        opening->file, &said, err);

    if (!error)
        error = check_issuer(task, &said.issuer, said.issuer.site, opening->key,
                             err);
    if (error)
        return error;
    one->issuer = said.issuer.site;
    one->id = said.id;
    one->head = STR("");
    one->withdrawn = said.at;
    *out = value_object(task->arena);
    value_put_str(*out, task->arena, "id", said.id);
    value_put_str(*out, task->arena, "issuer", said.issuer.site);
    value_put_str(*out, task->arena, "withdrawn",
                  instant_text(task->arena, said.at));
    error = office_change(task->office, put_row, one, err);
    return error ? error
                 : grant_marked(task, one->issuer, one->id, said.at, err);
}

/* --- a grant -------------------------------------------------------------- */

static enum error refuse(struct err *err, enum error code, const char *msgid)
{
    return err_set(err, code, msgid, NULL, NULL, NULL);
}

/* Everything that can be known before a key is used. */
static enum error check(struct arriving *one,
                        const struct grant_opening *opening, struct err *err)
{
    struct task *task = one->task;
    struct grant *grant = &one->grant;
    struct buf hex;
    enum error error;

    error =
        grant_parse(task->office->host, task->arena, opening->file, grant, err);
    if (!error)
        error =
            check_issuer(task, &grant->issuer, grant->name, opening->key, err);
    if (error)
        return error;
    if (!host_equal_secret(grant->receiver, str_of(one->seal.key.id)))
        return refuse(err, ERROR_FORBIDDEN,
                      N_("Este permiso es para otra casa: no se puede abrir "
                         "aquí."));
    if (grant->expires <= task->now)
        return refuse(err, ERROR_GONE,
                      N_("Este permiso ya venció. Si todavía hace falta, llame "
                         "a la casa que lo envió."));
    if (grant->issued > task->now + CLOCK_MS)
        return refuse(err, ERROR_INPUT,
                      N_("Este permiso dice que se dará después de hoy. Revise "
                         "la fecha de esta computadora."));
    buf_init(&hex, task->arena);
    buf_put_hex(&hex, grant->head, 32);
    one->head = buf_str(&hex);
    one->issuer = grant->issuer.site;
    one->id = grant->id;
    error = read_row(one, err);
    if (!error && one->withdrawn)
        error = refuse(err, ERROR_GONE,
                       N_("La casa que dio este permiso lo retiró. No lo use y "
                          "borre lo que haya copiado."));
    return error;
}

static bool open_part(const struct arriving *one, const struct grant_part *part,
                      const struct value **out)
{
    struct task *task = one->task;
    const struct host *host = task->office->host;
    const struct sealer *sealer = host->sealer;
    unsigned char key[64], bound[32], *plain;
    struct str sealed = part->sealed;
    struct err ignored = {0};
    bool good;

    plain = arena_alloc(task->arena, sealed.size);
    if (!plain)
        return false;
    good = sealer->unbox(
        one->seal.key.box, one->seal.box_secret,
        (struct str){(const char *)part->wrapped, GRANT_WRAPPED}, key);
    grant_bound(host, &one->grant, part->class, "key", bound);
    good = good && sealer->equal(bound, key + 32, 32);
    grant_bound(host, &one->grant, part->class, "part", bound);
    good = good && sealer->open(key, part->nonce,
                                (struct str){(char *)bound, 32}, sealed, plain);
    sealer->wipe(key, sizeof key);
    return good &&
           value_parse(task->arena,
                       (struct str){(char *)plain, sealed.size - SEAL_EXTRA},
                       out, &ignored) == ERROR_NONE;
}

/* Of an address that a file names, nothing but these two doors is asked. */
static bool url_is(struct str url, const struct grant *grant,
                   struct arena *arena, const char *door)
{
    struct str end =
        str_format(arena, "/grant/%.*s/%s", STR_ARGS(grant->id), door);

    return str_ends(url, end) && str_find_char(url, '?') == SIZE_MAX &&
           str_find_char(url, '#') == SIZE_MAX;
}

/* Where answers go; empty: they go by hand. */
static struct str answer_url(const struct grant *grant, struct arena *arena,
                             const struct value *other)
{
    struct str house = value_text_of(other, "house"), url = STR("");

    if (grant->fetched && url_is(grant->url, grant, arena, "keys"))
        url =
            str_format(arena, "%.*s/answer",
                       STR_ARGS(str_slice(grant->url, 0, grant->url.size - 5)));
    else if (house.size)
        url = str_format(arena, "%.*s/grant/%.*s/answer", STR_ARGS(house),
                         STR_ARGS(grant->id));
    return url_is(url, grant, arena, "answer") ? url : STR("");
}

static enum error open_all(const struct arriving *one, struct value *out,
                           struct err *err)
{
    const struct grant *grant = &one->grant;
    struct arena *arena = one->task->arena;
    struct value *classes = value_object(arena);

    for (size_t i = 0; i < grant->parts; i++) {
        const struct value *part = NULL;

        if (!open_part(one, &grant->part[i], &part))
            return refuse(err, ERROR_INPUT,
                          N_("Las llaves de este permiso no lo abren: son de "
                             "otro, o alguien lo cambió."));
        value_put(classes, arena, grant_class_name(grant->part[i].class), part);
    }
    value_put_str(out, arena, "id", grant->id);
    value_put_str(out, arena, "issuer", grant->issuer.site);
    value_put_str(out, arena, "from", grant->name);
    value_put_str(out, arena, "referral", grant->referral);
    value_put_str(out, arena, "person", grant->person);
    value_put_str(out, arena, "purpose", grant->purpose);
    value_put_str(out, arena, "basis", grant->basis);
    value_put_str(out, arena, "consent", grant->consent);
    value_put_str(out, arena, "scope", grant->scope);
    value_put_str(out, arena, "issued", instant_text(arena, grant->issued));
    value_put_str(out, arena, "expires", instant_text(arena, grant->expires));
    value_put_str(out, arena, "opened_before",
                  one->opened ? instant_text(arena, one->opened) : STR(""));
    value_put_str(out, arena, "answer_url",
                  answer_url(grant, arena,
                             value_get(classes, grant_class_name(SEAL_OTHER))));
    value_put(out, arena, "classes", classes);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

static void ask(struct arriving *one, struct str *url)
{
    struct task *task = one->task;
    unsigned char signature[SEAL_SIGNATURE];
    struct str at = instant_text(task->arena, task->now);
    struct buf out;

    task->office->host->sealer->sign(
        one->seal.sign_seed,
        grant_request_text(task->arena, one->grant.id, str_of(one->seal.key.id),
                           task->now),
        signature);
    buf_init(&out, task->arena);
    buf_printf(&out, "%.*s?at=", STR_ARGS(one->grant.url));
    buf_put_url(&out, at);
    buf_puts(&out, "&sign=");
    base64_write_url(&out, (struct str){(char *)signature, sizeof signature});
    *url = buf_str(&out);
}

static enum error fetch_keys(struct arriving *one, struct str *keys,
                             struct err *err)
{
    struct task *task = one->task;
    const struct fetcher *fetcher = task->office->host->fetcher;
    struct fetch fetch = {.most = GRANT_MAX};
    struct fetched fetched = {0};
    enum error error;

    if (!fetcher)
        return refuse(err, ERROR_INPUT,
                      N_("Las llaves de este permiso se piden a la casa que lo "
                         "dio, y aquí no hay red. Consiga el archivo de llaves "
                         "y elíjalo junto al permiso."));
    if (!url_is(one->grant.url, &one->grant, task->arena, "keys"))
        return refuse(err, ERROR_INPUT,
                      N_("La dirección de este permiso no es la de una casa "
                         "con Cobijo. Avise a la casa que lo dio."));
    ask(one, &fetch.url);
    error = fetcher->fetch(task->arena, &fetch, &fetched, err);
    if (error)
        return error;
    *keys = fetched.body;
    if (fetched.status == 200)
        return ERROR_NONE;
    return fetched.status == 410
               ? refuse(err, ERROR_GONE,
                        N_("La casa que dio este permiso lo retiró, o venció, "
                           "antes de que se abriera: ya no se puede leer."))
               : refuse(err, ERROR_NOT_FOUND,
                        N_("La casa que dio este permiso no entregó las "
                           "llaves. Llame a esa casa."));
}

static enum error begin(struct arriving *one,
                        const struct grant_opening *opening, struct err *err)
{
    enum error error = grant_seal_open(one->task, &one->seal, err);

    return error ? error : check(one, opening, err);
}

static enum error open_grant(struct arriving *one,
                             const struct grant_opening *opening,
                             struct value **out, struct err *err)
{
    struct task *task = one->task;
    struct str keys = opening->keys;
    enum error error = begin(one, opening, err);

    if (!error && one->grant.fetched && !keys.size)
        error = fetch_keys(one, &keys, err);
    if (!error && one->grant.fetched)
        error = grant_keys_parse(task->office->host, task->arena, keys,
                                 &one->grant, err);
    *out = value_object(task->arena);
    if (!error)
        error = open_all(one, *out, err);
    if (!error) /* or it is not shown */
        error = seen_received(task, one->issuer, one->id, err);
    if (error || (one->opened && has_door(one)))
        return error;
    one->opened = one->opened ? one->opened : task->now;
    one->url = value_text_of(*out, "answer_url");
    return office_change(task->office, put_opened, one, err);
}

enum error grant_open(struct task *task, const struct grant_opening *opening,
                      struct value **out, struct err *err)
{
    struct arriving one = {.task = task};
    enum error error = is_withdrawal(opening->file)
                           ? take_withdrawal(&one, opening, out, err)
                           : open_grant(&one, opening, out, err);

    grant_seal_wipe(task, &one.seal);
    return error;
}

enum error grant_ask(struct task *task, struct str file, struct str *url,
                     struct err *err)
{
    struct arriving one = {.task = task};
    struct grant_opening opening = {.file = file};
    enum error error = begin(&one, &opening, err);

    if (!error && !one.grant.fetched)
        error = refuse(err, ERROR_INPUT,
                       N_("Las llaves de este permiso van dentro del archivo: "
                          "no hay nada que pedir."));
    if (!error)
        ask(&one, url);
    grant_seal_wipe(task, &one.seal);
    return error;
}
