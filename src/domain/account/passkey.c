/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* passkey.c - registering passkeys and answering with them (passkey.h). Each
 * step of the W3C's two procedures that is ours stands here, in its order;
 * why an answer was not accepted is told to nobody.
 */
#include "domain/account/passkey.h"

#include "core/base64.h"
#include "core/utf8.h"
#include "domain/account/duress.h"
#include "domain/account/flow.h"
#include "domain/access/room.h"

enum { CLIENT_DATA_MAX = 4096, HASH = 32 };

static const char purpose_add[] = "passkey_add";
static const char purpose_login[] = "passkey_login";

static enum error say_refused(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("La llave de acceso no fue aceptada. Pruebe otra vez o "
                      "entre con su contraseña."),
                   NULL, NULL, NULL);
}

static enum error say_unusable(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("Esa llave de acceso no se puede usar aquí. Pruebe con "
                      "otro dispositivo u otro navegador."),
                   NULL, NULL, NULL);
}

static enum error say_no_name(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("Las llaves de acceso necesitan que esta dirección tenga "
                      "un nombre y use HTTPS. Hable con quien cuida el "
                      "servidor."),
                   NULL, NULL, NULL);
}

static const struct verifier *verifier_of(const struct task *task)
{
    return task->office->host->verifier;
}

/* --- reading -------------------------------------------------------------- */

#define PASSKEY_COLUMNS                                                        \
    "SELECT id, user_id, handle, rp, public_key, label, counter, created,"     \
    " used, revoked, cloned, backed FROM passkey"

static void passkey_row(struct arena *arena, const struct rows *rows,
                        struct passkey *passkey)
{
    passkey->id = str_copy(arena, rows_text(rows, 0));
    passkey->user = str_copy(arena, rows_text(rows, 1));
    passkey->handle = str_copy(arena, rows_text(rows, 2));
    passkey->rp = str_copy(arena, rows_text(rows, 3));
    passkey->key = str_copy(arena, rows_bytes(rows, 4));
    passkey->label = str_copy(arena, rows_text(rows, 5));
    passkey->counter = rows_int(rows, 6);
    passkey->created = rows_int(rows, 7);
    passkey->used = rows_int(rows, 8);
    passkey->revoked = rows_int(rows, 9);
    passkey->cloned = rows_int(rows, 10);
    passkey->backed = rows_int(rows, 11) != 0;
}

static enum error passkey_find(struct task *task, struct db *db,
                               struct str site, struct str id,
                               struct passkey *passkey, struct err *err)
{
    struct rows rows;
    enum error error;

    error =
        db_query(db, &rows, err, PASSKEY_COLUMNS " WHERE site = $1 AND id = $2",
                 "tt", site, id);
    if (error)
        return error;
    if (rows_next(&rows))
        passkey_row(task->arena, &rows, passkey);
    return rows_end(&rows);
}

static enum error check_own(const struct task *task, struct str user,
                            struct err *err)
{
    if (user.size && (str_equal(user, task->actor.id) ||
                      role_has(task->actor.role, RIGHT_USER_ADMIN)))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

enum error passkey_list(struct task *task, struct str user,
                        struct passkey **passkey, size_t *count,
                        struct err *err)
{
    struct passkey *list =
        ARENA_ARRAY(task->arena, struct passkey, PASSKEY_MOST * 5);
    struct rows rows;
    size_t found = 0;
    enum error error = check_own(task, user, err);

    if (!error && !list)
        error = err_memory(err);
    if (!error)
        error = db_query(task->db, &rows, err,
                         PASSKEY_COLUMNS " WHERE site = $1 AND user_id = $2"
                                         " ORDER BY created DESC, id"
                                         " LIMIT 100",
                         "tt", office_home(task->office), user);
    if (error)
        return error;
    while (rows_next(&rows))
        passkey_row(task->arena, &rows, &list[found++]);
    error = rows_end(&rows);
    if (!error) {
        *passkey = list;
        *count = found;
    }
    return error;
}

struct ending {
    const struct task *task;
    struct str id, user;
};

static enum error end_passkey(struct db *db, void *context, struct err *err)
{
    const struct ending *end = context;
    int64_t changed = 0;
    enum error error;

    error = db_run(db, &changed, err,
                   "UPDATE passkey SET revoked = $4"
                   " WHERE site = $1 AND id = $2 AND user_id = $3"
                   " AND revoked = 0",
                   "ttti", office_home(end->task->office), end->id, end->user,
                   end->task->now);
    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay una llave de acceso en uso con ese nombre."),
                        NULL, NULL, NULL);
    return error;
}

enum error passkey_revoke(struct task *task, struct str id, struct err *err)
{
    struct ending end = {.task = task, .id = id, .user = task->actor.id};
    struct passkey passkey = {0};
    enum error error = ERROR_NONE;

    if (role_has(task->actor.role, RIGHT_USER_ADMIN)) {
        error = passkey_find(task, task->db, office_home(task->office), id,
                             &passkey, err);
        end.user = passkey.user;
    }
    return error ? error : duress_change(task, end_passkey, &end, err);
}

/* --- what both procedures ask --------------------------------------------- */

static struct str base64url(struct arena *arena, struct str bytes)
{
    struct buf out;

    buf_init(&out, arena);
    base64_write_url(&out, bytes);
    return buf_str(&out);
}

static const struct value *client_read(struct task *task, struct str bytes)
{
    const struct value *client = NULL;
    struct err ignored = {0};

    if (bytes.size > CLIENT_DATA_MAX ||
        value_parse(task->arena, bytes, &client, &ignored) ||
        value_type(client) != VALUE_OBJECT)
        return NULL;
    return client;
}

/* The challenge is looked up by the one in client, so it is the one we gave. */
static bool client_fits(const struct value *client, const char *type,
                        const struct passkey_place *place)
{
    const struct value *across = value_get(client, "crossOrigin");

    return str_equal_c(value_text_of(client, "type"), type) &&
           str_equal(value_text_of(client, "origin"), place->origin) &&
           (!across || (value_type(across) == VALUE_BOOL &&
                        !value_to_bool(across, true))) &&
           !value_get(client, "topOrigin");
}

/* Made for our name, somebody was there and the device knows who. */
static bool authenticator_fits(const struct task *task,
                               const struct authenticator *said,
                               const struct passkey_place *place)
{
    const struct host *host = task->office->host;
    unsigned need = PASSKEY_FLAG_PRESENT | PASSKEY_FLAG_VERIFIED;
    char hash[HASH];

    host->hash(host->context, &place->rp, 1, (unsigned char *)hash);
    return host_equal_secret(said->rp_hash, (struct str){hash, HASH}) &&
           (said->flags & need) == need &&
           ((said->flags & PASSKEY_FLAG_BACKUP_POSSIBLE) ||
            !(said->flags & PASSKEY_FLAG_BACKED_UP));
}

/* --- registration --------------------------------------------------------- */

/* One handle for all her keys; in a decoy another than the real one, or a
 * device would put the key that is made there in the place of the real one. */
static enum error handle_of(struct task *task, const struct passkey *list,
                            size_t count, struct str *handle, struct err *err)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error; i++) {
        bool real = false;

        if (duress_inside(task))
            error = duress_is_real(task, list[i].handle, &real, err);
        if (!real)
            *handle = list[i].handle;
    }
    return error;
}

enum error passkey_offer(struct task *task, const struct passkey_place *place,
                         struct str session, struct passkey_offer *offer,
                         struct err *err)
{
    struct passkey *list = NULL;
    struct flow flow = {
        .purpose = purpose_add, .binding = session, .user = task->actor.id};
    size_t count = 0;
    enum error error;

    if (!verifier_of(task) || !place->rp.size)
        return say_no_name(err);
    if (!session.size)
        return say_refused(err);
    error = passkey_list(task, task->actor.id, &list, &count, err);
    if (error)
        return error;
    *offer = (struct passkey_offer){.known = list};
    error = handle_of(task, list, count, &flow.nonce, err);
    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        if (!list[i].revoked && str_equal(list[i].rp, place->rp))
            list[offer->count++] = list[i];
    if (!flow.nonce.size)
        flow.nonce = host_secret(task->office->host, task->arena);
    error = flow_add(task, &flow, err);
    offer->challenge = flow.id;
    offer->handle = flow.nonce;
    return error;
}

struct adding {
    const struct task *task;
    const struct passkey *passkey;
};

static enum error check_room(struct db *db, const struct adding *add,
                             struct err *err)
{
    struct str site = office_home(add->task->office);
    int64_t same = 0, own = 0;
    bool found = false;
    enum error error;

    error = db_get_int(db, &same, &found, err,
                       "SELECT count(*) FROM passkey"
                       " WHERE passkey.site = $1 AND passkey.id = $2",
                       "tt", site, add->passkey->id);
    if (!error && same)
        return say_unusable(err);
    if (!error)
        error = db_get_int(db, &own, &found, err,
                           "SELECT count(*) FROM passkey"
                           " WHERE passkey.site = $1 AND passkey.user_id = $2"
                           " AND passkey.revoked = 0",
                           "tt", site, add->passkey->user);
    if (!error && own >= PASSKEY_MOST)
        error = err_set(err, ERROR_INPUT,
                        N_("Ya tiene 20 llaves de acceso. Retire antes una que "
                           "no use."),
                        NULL, NULL, NULL);
    return error;
}

static enum error write_passkey(struct db *db, void *context, struct err *err)
{
    const struct adding *add = context;
    const struct passkey *made = add->passkey;
    enum error error = check_room(db, add, err);

    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO passkey (site, id, user_id, handle, rp,"
                  " public_key, counter, backed, label, created, used,"
                  " revoked, cloned) VALUES"
                  " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0)",
                  "tttttbiiti", office_home(add->task->office), made->id,
                  made->user, made->handle, made->rp, made->key, made->counter,
                  (int64_t)made->backed, made->label, made->created);
}

static bool attested(struct task *task, const struct passkey_place *place,
                     struct str attestation, struct authenticator *said)
{
    struct verify_key key;
    struct str format, data;

    return attestation_read(attestation, &format, &data) &&
           authenticator_read(data, said) && (said->flags & PASSKEY_FLAG_KEY) &&
           authenticator_fits(task, said, place) &&
           cose_key_read(verifier_of(task), said->key, &key);
}

static enum error check_label(struct str label, struct err *err)
{
    if (label.size && utf8_length(label) <= PASSKEY_LABEL_MAX)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("Escriba un nombre para la llave de acceso, de hasta 60 "
                      "letras. Por ejemplo: mi teléfono"),
                   NULL, NULL, NULL);
}

enum error passkey_add(struct task *task, const struct passkey_place *place,
                       struct str session, const struct passkey_new *made,
                       struct str *id, struct err *err)
{
    const struct value *client = client_read(task, made->client_data);
    struct flow flow = {.purpose = purpose_add,
                        .id = value_text_of(client, "challenge"),
                        .binding = session};
    struct passkey passkey = {.user = task->actor.id,
                              .rp = place->rp,
                              .label = str_trim(made->label),
                              .created = task->now};
    struct adding add = {task, &passkey};
    struct authenticator said;
    enum error error;

    if (!verifier_of(task) || !place->rp.size)
        return say_no_name(err);
    if (!session.size || !client)
        return say_unusable(err);
    error = check_label(passkey.label, err);
    if (!error)
        error = flow_take(task, &flow, err);
    if (error)
        return error;
    if (!str_equal(flow.user, task->actor.id) ||
        !client_fits(client, "webauthn.create", place) ||
        !attested(task, place, made->attestation, &said))
        return say_unusable(err);
    passkey.id = base64url(task->arena, said.id);
    passkey.handle = flow.nonce;
    passkey.key = said.key;
    passkey.counter = said.counter;
    passkey.backed = (said.flags & PASSKEY_FLAG_BACKUP_POSSIBLE) != 0;
    if (arena_failed(task->arena))
        return err_memory(err);
    error = duress_change(task, write_passkey, &add, err);
    if (!error && id)
        *id = passkey.id;
    return error;
}

/* --- login ---------------------------------------------------------------- */

enum error passkey_challenge(struct task *task, struct str binding,
                             struct str address, struct str *challenge,
                             struct err *err)
{
    struct flow flow = {
        .purpose = purpose_login, .binding = binding, .address = address};
    enum error error;

    if (!verifier_of(task) || !binding.size)
        return say_refused(err);
    error = flow_add(task, &flow, err);
    if (!error)
        *challenge = flow.id;
    return error;
}

struct hearing {
    struct task *task;
    struct str site, id;
    int64_t counter;
    bool cloned; /* out */
};

/* A counter that does not rise: two devices have the key. */
static enum error hear(struct db *db, void *context, struct err *err)
{
    struct hearing *heard = context;
    struct str site = heard->site;
    struct passkey kept = {.revoked = 1};
    enum error error =
        passkey_find(heard->task, db, site, heard->id, &kept, err);

    if (!error && kept.revoked)
        return say_refused(err);
    heard->cloned =
        (heard->counter || kept.counter) && heard->counter <= kept.counter;
    if (!error && heard->cloned)
        error =
            db_run(db, NULL, err,
                   "UPDATE passkey SET revoked = $3, cloned = $4"
                   " WHERE site = $1 AND id = $2",
                   "ttii", site, heard->id, heard->task->now, heard->task->now);
    else if (!error)
        error =
            db_run(db, NULL, err,
                   "UPDATE passkey SET counter = $3, used = $4"
                   " WHERE site = $1 AND id = $2",
                   "ttii", site, heard->id, heard->counter, heard->task->now);
    return error;
}

static bool answer_fits(struct task *task, const struct passkey_place *place,
                        const struct passkey *kept,
                        const struct passkey_answer *answer,
                        struct authenticator *said)
{
    const struct host *host = task->office->host;
    char hash[HASH];
    struct verify_key key;
    struct str text;

    host->hash(host->context, &answer->client_data, 1, (unsigned char *)hash);
    text =
        str_join(task->arena, answer->authenticator, (struct str){hash, HASH});
    return kept->id.size && !kept->revoked && str_equal(kept->rp, place->rp) &&
           answer->handle.size > 0 &&
           host_equal_secret(kept->handle, answer->handle) &&
           authenticator_read(answer->authenticator, said) &&
           authenticator_fits(task, said, place) &&
           kept->backed ==
               ((said->flags & PASSKEY_FLAG_BACKUP_POSSIBLE) != 0) &&
           cose_key_read(NULL, kept->key, &key) && text.size > HASH &&
           verifier_of(task)->verify(&key, VERIFY_DER, text, answer->signature);
}

static enum error say_cloned(struct task *task, struct err *err)
{
    const struct host *host = task->office->host;

    host->log(host->context, HOST_WARNING, "passkey_cloned",
              value_object(task->arena));
    return err_set(err, ERROR_LOGIN,
                   N_("Esta llave de acceso parece tener una copia y se "
                      "retiró. Entre con su contraseña y avise a quien "
                      "administra las cuentas."),
                   NULL, NULL, NULL);
}

/* Of this house, else of the decoy in which it was made. */
static enum error find_kept(struct task *task, struct hearing *heard,
                            struct passkey *kept, struct err *err)
{
    bool ended = false;
    enum error error;

    heard->site = office_home(task->office);
    error = passkey_find(task, task->db, heard->site, heard->id, kept, err);
    if (error || duress_inside(task))
        return error;
    if (kept->id.size) {
        error = duress_ended(task, kept->id, kept->user, &ended, err);
        if (!error && ended)
            *kept = (struct passkey){0};
        return error;
    }
    error = duress_passkey(task, heard->id, &heard->site, err);
    return error || !heard->site.size
               ? error
               : passkey_find(task, task->db, heard->site, heard->id, kept,
                              err);
}

enum error passkey_login(struct task *task, const struct passkey_place *place,
                         struct str binding,
                         const struct passkey_answer *answer,
                         struct passkey_owner *owner, struct err *err)
{
    const struct value *client = client_read(task, answer->client_data);
    struct flow flow = {.purpose = purpose_login,
                        .id = value_text_of(client, "challenge"),
                        .binding = binding};
    struct hearing heard = {.task = task, .id = answer->id};
    struct passkey kept = {0};
    struct authenticator said;
    enum error error;

    if (!verifier_of(task) || !place->rp.size || !binding.size || !client)
        return say_refused(err);
    error = flow_take(task, &flow, err);
    if (!error)
        error = find_kept(task, &heard, &kept, err);
    if (error)
        return error;
    if (!client_fits(client, "webauthn.get", place) ||
        !answer_fits(task, place, &kept, answer, &said))
        return say_refused(err);
    heard.counter = said.counter;
    error = office_change(task->office, hear, &heard, err);
    if (!error && heard.cloned)
        error = say_cloned(task, err);
    if (error)
        return error;
    owner->user = kept.user;
    owner->house =
        str_equal(heard.site, office_home(task->office)) ? STR("") : heard.site;
    return ERROR_NONE;
}
