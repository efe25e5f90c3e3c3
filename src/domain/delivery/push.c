/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* push.c - Web Push (RFC 8030, 8291, 8292). Of a browser we keep an address at
 * its push service and the key it gave us; whose it is nobody knows. When the
 * service says that it is gone, so is the row.
 */
#include "core/base64.h"
#include "core/utf8.h"
#include "core/fetch.h"
#include "core/seal.h"
#include "domain/access/room.h"
#include "domain/delivery/delivery_private.h"
#include "domain/person/words.h"

#include <string.h>

enum { TOKEN_SECONDS = 12 * 3600, ENDPOINT_MAX = 1000 };

/* The house's number for ES256, of its own subkey. */
static bool push_secret(const struct task *task, unsigned char out[32])
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char subkey[32];

    if (!task->office->site_key || !sealer || !task->office->host->courier)
        return false;
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SIGN, subkey);
    sealer->derive(subkey, 1, "cobvapid", out);
    sealer->wipe(subkey, sizeof subkey);
    return true;
}

static struct str url64(struct arena *arena, const void *bytes, size_t size)
{
    struct buf out;

    buf_init(&out, arena);
    base64_write_url(&out, (struct str){bytes, size});
    return buf_str(&out);
}

struct str push_key(const struct task *task)
{
    const struct host *host = task->office->host;
    unsigned char secret[32], point[PUSH_POINT];
    bool good;

    if (!push_secret(task, secret))
        return STR("");
    good = host->courier->push_public(secret, point);
    host->sealer->wipe(secret, sizeof secret);
    return good ? url64(task->arena, point, sizeof point) : STR("");
}

/* --- subscribing ---------------------------------------------------------- */

static struct str origin_of(struct str url)
{
    size_t from = str_starts(url, STR("https://"))  ? 8
                  : str_starts(url, STR("http://")) ? 7
                                                    : 0;
    size_t end = from;

    while (end < url.size && url.at[end] != '/' && url.at[end] != '?')
        end++;
    return from ? str_slice(url, 0, end) : STR("");
}

/* A push service is a name on the internet; who subscribes must not make us
 * knock at doors inside. */
static bool endpoint_fits(struct str url, bool near)
{
    struct str host = origin_of(url);
    bool letter = false, dot = false;

    if (url.size > ENDPOINT_MAX)
        return false;
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] <= ' ' || strchr("\"<>\\#@", url.at[i]))
            return false;
    if (near && fetch_is_loopback(url))
        return true;
    if (!str_starts(url, STR("https://")))
        return false;
    host = str_slice(host, 8, host.size);
    for (size_t i = 0; i < host.size; i++) {
        char c = host.at[i];

        if (c == ':' || c == '[')
            return false; /* another port, or an address in digits */
        letter = letter || (c >= 'a' && c <= 'z');
        dot = dot || c == '.';
    }
    return letter && dot && !str_ends(host, STR(".local")) &&
           !str_ends(host, STR(".internal"));
}

static bool read_key(struct arena *arena, struct str text, size_t size,
                     unsigned char *out)
{
    struct buf bytes;

    buf_init(&bytes, arena);
    if (text.size > 200 || !base64_read(&bytes, text) || bytes.size != size)
        return false;
    memcpy(out, bytes.at, size);
    return true;
}

struct subscribing {
    struct str site, id;
    struct subscription wish;
    int64_t now;
};

static enum error write_subscription(struct db *db, void *context,
                                     struct err *err)
{
    const struct subscribing *s = context;
    int64_t all = 0, young = 0;
    bool found;
    enum error error = db_get_int(db, &all, &found, err,
                                  "SELECT count(*) FROM push_subscription"
                                  " WHERE push_subscription.site = $1",
                                  "t", s->site);

    if (!error)
        error = db_get_int(db, &young, &found, err,
                           "SELECT count(*) FROM push_subscription"
                           " WHERE push_subscription.site = $1"
                           " AND push_subscription.created > $2",
                           "ti", s->site, s->now - 60000);
    if (error)
        return error;
    if (all >= PUSH_SUBSCRIPTIONS_MAX || young >= PUSH_NEW_PER_MINUTE)
        return err_set(err, ERROR_TOO_MANY,
                       N_("Hay demasiadas suscripciones en este momento. "
                          "Pruebe otra vez más tarde."),
                       NULL, NULL, NULL);
    return db_run(db, NULL, err,
                  "INSERT INTO push_subscription (site, id, endpoint,"
                  " public_key, secret, areas, language, created)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                  " ON CONFLICT (site, id) DO UPDATE SET"
                  " public_key = excluded.public_key,"
                  " secret = excluded.secret, areas = excluded.areas,"
                  " language = excluded.language",
                  "ttttttti", s->site, s->id, s->wish.endpoint,
                  s->wish.public_key, s->wish.secret, s->wish.areas,
                  s->wish.language, s->now);
}

static struct str subscription_id(struct task *task, struct str endpoint)
{
    return task_uuid(task, STR("push"), endpoint);
}

enum error push_subscribe(struct task *task, const struct subscription *wish,
                          struct err *err)
{
    struct subscribing s = {
        .site = office_home(task->office), .wish = *wish, .now = task->now};
    unsigned char key[PUSH_POINT], secret[PUSH_SECRET];

    if (!endpoint_fits(wish->endpoint, wish->near) ||
        !read_key(task->arena, wish->public_key, PUSH_POINT, key) ||
        key[0] != 4 ||
        !read_key(task->arena, wish->secret, PUSH_SECRET, secret))
        return err_set(err, ERROR_INPUT,
                       N_("El navegador no dio una dirección de avisos que se "
                          "pueda usar."),
                       NULL, NULL, NULL);
    s.id = subscription_id(task, wish->endpoint);
    s.wish.areas = utf8_cut(wish->areas, 200);
    s.wish.language = utf8_cut(wish->language, 10);
    return office_change(task->office, write_subscription, &s, err);
}

static enum error delete_subscription(struct db *db, void *context,
                                      struct err *err)
{
    const struct subscribing *s = context;

    return db_run(db, NULL, err,
                  "DELETE FROM push_subscription WHERE site = $1 AND id = $2",
                  "tt", s->site, s->id);
}

static enum error forget_id(struct task *task, struct str id, struct err *err)
{
    struct subscribing s = {.site = office_home(task->office), .id = id};

    return office_change(task->office, delete_subscription, &s, err);
}

enum error push_forget(struct task *task, struct str endpoint, struct err *err)
{
    return forget_id(task, subscription_id(task, endpoint), err);
}

/* --- sending -------------------------------------------------------------- */

/* RFC 8292: who we are, for this service, for half a day. */
static struct str vapid(struct task *task, struct str endpoint,
                        const unsigned char secret[32], struct str subject)
{
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    const struct courier *courier = task->office->host->courier;
    struct arena *arena = task->arena;
    unsigned char signature[64], point[PUSH_POINT];
    struct buf claims;
    struct str signed_part;

    buf_init(&claims, arena);
    buf_puts(&claims, "{\"aud\":");
    buf_put_json(&claims, origin_of(endpoint));
    buf_printf(&claims, ",\"exp\":%lld,\"sub\":",
               (long long)(task->now / 1000 + TOKEN_SECONDS));
    buf_put_json(&claims,
                 subject.size ? subject : STR("mailto:cobijo@invalid"));
    buf_putc(&claims, '}');
    signed_part = str_format(arena, "%.*s.%.*s",
                             STR_ARGS(url64(arena, head, sizeof head - 1)),
                             STR_ARGS(url64(arena, claims.at, claims.size)));
    if (!courier->push_sign(secret, signed_part, signature) ||
        !courier->push_public(secret, point))
        return STR("");
    return str_format(arena, "Authorization: vapid t=%.*s.%.*s, k=%.*s",
                      STR_ARGS(signed_part),
                      STR_ARGS(url64(arena, signature, sizeof signature)),
                      STR_ARGS(url64(arena, point, sizeof point)));
}

struct target {
    struct str endpoint;
    unsigned char key[PUSH_POINT], auth[PUSH_SECRET];
};

static enum error read_target(struct task *task, struct str id,
                              struct target *target, struct err *err)
{
    struct str key = STR(""), auth = STR("");
    struct rows rows;
    bool found;
    enum error error = db_query(
        task->db, &rows, err,
        "SELECT push_subscription.endpoint, push_subscription.public_key,"
        " push_subscription.secret FROM push_subscription"
        " WHERE push_subscription.site = $1 AND push_subscription.id = $2",
        "tt", office_home(task->office), id);

    if (error)
        return error;
    found = rows_next(&rows);
    if (found) {
        target->endpoint = str_copy(task->arena, rows_text(&rows, 0));
        key = str_copy(task->arena, rows_text(&rows, 1));
        auth = str_copy(task->arena, rows_text(&rows, 2));
    }
    error = rows_end(&rows);
    if (error)
        return error;
    if (!found || !read_key(task->arena, key, PUSH_POINT, target->key) ||
        !read_key(task->arena, auth, PUSH_SECRET, target->auth))
        return err_detail(err, ERROR_GONE,
                          N_("Ese navegador ya no quiere avisos."), "gone");
    return ERROR_NONE;
}

static enum error judge(struct task *task, const struct outbox_row *row,
                        int status, struct err *err)
{
    char detail[24];
    enum error error;

    if (status >= 200 && status < 300)
        return ERROR_NONE;
    snprintf(detail, sizeof detail, "HTTP %d", status);
    if (status == 404 || status == 410) {
        error = forget_id(task, row->recipient, err);
        return error ? error
                     : err_detail(err, ERROR_GONE,
                                  N_("Ese navegador ya no quiere avisos."),
                                  detail);
    }
    return err_detail(err,
                      status == 429 || status >= 500 ? ERROR_BUSY : ERROR_INPUT,
                      N_("El servicio de avisos no tomó el mensaje."), detail);
}

enum error channel_push(struct task *task,
                        const struct delivery_settings *settings,
                        const struct outbox_row *row, struct err *err)
{
    const struct host *host = task->office->host;
    unsigned char secret[32], once[32], salt[PUSH_SALT];
    struct str plain = str_slice(row->body, 0, PUSH_PLAIN_MAX);
    char *out = arena_alloc(task->arena, plain.size + PUSH_EXTRA);
    bool near = settings && settings->push_near;
    struct target target;
    struct parcel parcel;
    struct str header[4] = {{0}};
    int status = 0;
    enum error error;

    if (!push_secret(task, secret))
        return err_detail(err, ERROR_BUSY,
                          N_("Ese canal no está configurado en esta casa."),
                          "not configured");
    error = read_target(task, row->recipient, &target, err);
    if (!error)
        header[0] = vapid(task, target.endpoint, secret,
                          settings ? settings->push_subject : STR(""));
    host->sealer->wipe(secret, sizeof secret);
    if (error || !out || !header[0].size)
        return error ? error : err_memory(err);
    header[1] = STR("Content-Encoding: aes128gcm");
    header[2] = STR("TTL: 3600");
    header[3] = STR("Urgency: high");
    host->random(host->context, once, sizeof once);
    host->random(host->context, salt, sizeof salt);
    if (!host->courier->push_seal(target.key, target.auth, once, salt, plain,
                                  (unsigned char *)out))
        return err_detail(err, ERROR_INPUT,
                          N_("El navegador no dio una dirección de avisos que "
                             "se pueda usar."),
                          "bad key");
    parcel = (struct parcel){.url = target.endpoint,
                             .method = STR("POST"),
                             .type = STR("application/octet-stream"),
                             .body = {out, plain.size + PUSH_EXTRA},
                             .header = header,
                             .headers = 4,
                             .near = near,
                             .far = !near};
    error = host->courier->post(task->arena, &parcel, &status, err);
    return error ? error : judge(task, row, status, err);
}
