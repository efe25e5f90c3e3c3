/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_make.c - a grant is given: what the referral's package says, sorted
 * by class, each class sealed with a random key of its own, the key wrapped for
 * the receiver, the whole signed.
 *
 * The keys are not derived from hers: a class key of her file would open all
 * that was ever written under it, and could not be taken back.
 */
#include "core/date.h"
#include "domain/grant/grant_private.h"
#include "domain/record/classes.h"
#include "domain/referral/referral_private.h"
#include "domain/person/words.h"

/* --- this house's keys ---------------------------------------------------- */

enum error grant_seal_open(const struct task *task, struct grant_seal *seal,
                           struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char subkey[32], box[32], sign[32];

    *seal = (struct grant_seal){0};
    if (!task->office->site_key || !sealer)
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Esta casa todavía no tiene llave propia: no puede "
                          "dar ni abrir permisos. Créela con «cobijo key "
                          "seal»."),
                       NULL, NULL, NULL);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SIGN, subkey);
    sealer->derive(subkey, 1, "cobgrant", seal->sign_seed);
    sealer->sign_public(seal->sign_seed, sign);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_BOX, subkey);
    sealer->box_keys(subkey, box, seal->box_secret);
    sealer->wipe(subkey, sizeof subkey);
    house_key_make(task->office->host, office_home(task->office), box, sign,
                   &seal->key);
    return ERROR_NONE;
}

void grant_seal_wipe(const struct task *task, struct grant_seal *seal)
{
    if (task->office->host->sealer)
        task->office->host->sealer->wipe(seal, sizeof *seal);
}

/* --- what goes into it ---------------------------------------------------- */

struct making {
    struct task *task;
    struct record referral;
    struct referral_ground ground;
    struct house_key receiver;
    struct str receiver_name;
    struct value *class[SEAL_CLASSES]; /* NULL: nothing of it */
    struct grant grant;
    struct grant_given given;
};

static struct value *class_of(struct making *making, enum seal_class class)
{
    struct arena *arena = making->task->arena;

    if (!making->class[class]) {
        making->class[class] = value_object(arena);
        value_put(making->class[class], arena, "fields", value_list(arena));
    }
    return making->class[class];
}

/* Fields by the class they have; the request is of no person, but its message
 * may tell. */
static void sort_package(struct making *making, const struct value *package)
{
    struct arena *arena = making->task->arena;
    const struct value *fields = value_get(package, "fields");
    const struct value *request = value_get(package, "request");
    struct value *other = class_of(making, SEAL_OTHER);
    struct value *rest = value_copy(request, arena);

    for (size_t i = 0; i < value_count(fields); i++) {
        enum seal_class class =
            seal_class_named(value_text_of(value_at(fields, i), "class"));
        struct value *list = class_of(making, class ? class : SEAL_STORY);

        value_add(value_get_mutable(list, "fields"), arena,
                  value_copy(value_at(fields, i), arena));
    }
    if (value_text_of(request, "message").size) {
        value_put_str(class_of(making, SEAL_STORY), arena, "message",
                      value_text_of(request, "message"));
        value_put_str(rest, arena, "message", STR(""));
        value_put_str(rest, arena, "message_text", STR(""));
    }
    value_put(other, arena, "request", rest);
    value_put_str(other, arena, "from", value_text_of(package, "from"));
    value_put_str(other, arena, "from_phone",
                  value_text_of(package, "from_phone"));
    value_put_str(other, arena, "reply_code",
                  value_text_of(making->referral.answers, "reply_code"));
    if (making->task->office->public_url.size)
        value_put_str(other, arena, "house", making->task->office->public_url);
}

/* How she was asked: for the row that the receiver writes of it. */
static enum error add_consent(struct making *making, struct err *err)
{
    static const char *const key[] = {"given_by",        "given_at",
                                      "expressed_how",   "notice_version",
                                      "notice_language", "expires"};
    struct task *task = making->task;
    struct value *said = value_object(task->arena);
    struct record record;
    enum error error;

    if (!making->ground.by_consent)
        return ERROR_NONE;
    error = record_read(&task->office->log, task->db, STR("consent"),
                        making->ground.consent.id, task->arena, &record, err);
    for (size_t i = 0; !error && i < sizeof key / sizeof *key; i++)
        if (value_text_of(record.answers, key[i]).size)
            value_put_str(said, task->arena, key[i],
                          value_text_of(record.answers, key[i]));
    if (!error)
        value_put(class_of(making, SEAL_OTHER), task->arena, "consent", said);
    return error;
}

static enum error read_receiver(struct making *making, struct err *err)
{
    struct task *task = making->task;
    struct record place;
    struct str id = value_text_of(making->referral.answers, "to_place"), key;
    enum error error;

    if (!id.size)
        return err_set(err, ERROR_INPUT,
                       N_("Esta referencia no es para un lugar del directorio: "
                          "sin la llave de quien recibe no se puede sellar "
                          "nada."),
                       NULL, NULL, NULL);
    error = record_read(&task->office->log, task->db, STR("place"), id,
                        task->arena, &place, err);
    if (error)
        return error;
    key = value_text_of(place.answers, "house_key");
    making->receiver_name = value_text_of(place.answers, "name");
    if (!key.size)
        return err_set(
            err, ERROR_INPUT,
            N_("En el directorio falta la llave de ese lugar. Pídala "
               "a esa casa («cobijo key public») y anótela; mientras "
               "tanto sirven el enlace y la hoja."),
            NULL, NULL, NULL);
    return house_key_parse(task->office->host, task->arena, key,
                           &making->receiver, err);
}

/* What of the consent it takes. Profiles show what each scope opens. */
static struct str scope_taken(struct task *task, const struct value *answers,
                              const struct referral_ground *ground)
{
    struct str all =
        ground->by_consent ? ground->consent.data_scope : ground->data;
    struct str scopes = referral_scopes(task, answers);

    if (words_have(value_text_of(answers, "share_fields"), STR("profiles")))
        scopes = all;
    return scopes;
}

/* Not later than her consent. */
static int64_t term(const struct making *making)
{
    const struct task *task = making->task;
    int64_t end = task->now + REFERRAL_LINK_MS, expires = 0;
    struct date day;

    if (instant_parse(value_text_of(making->referral.answers, "link_expires"),
                      &expires) &&
        expires > task->now)
        end = expires;
    if (making->ground.by_consent && making->ground.consent.expires.size &&
        date_parse_whole(making->ground.consent.expires, &day)) {
        expires = (date_to_day(day) + 1) * 86400000 -
                  (int64_t)task->utc_offset * 1000;
        end = expires < end ? expires : end;
    }
    return end;
}

static struct str or_none(struct str text)
{
    return text.size ? text : STR("-");
}

static enum error fill_head(struct making *making,
                            const struct grant_seal *seal, bool apart,
                            struct err *err)
{
    struct task *task = making->task;
    struct grant *grant = &making->grant;
    struct record person;
    enum error error =
        record_read(&task->office->log, task->db, STR("person"),
                    value_text_of(making->referral.answers, "person"),
                    task->arena, &person, err);

    if (error)
        return error;
    *grant = (struct grant){
        .id = host_uuid(task->office->host, task->arena),
        .issuer = seal->key,
        .name = task->office->site_name,
        .receiver = str_copy(task->arena, str_of(making->receiver.id)),
        .referral = making->referral.id,
        .person = or_none(value_text_of(person.answers, "case_code")),
        .purpose = STR("referencia"),
        .basis = str_of(making->ground.basis),
        .consent = or_none(making->ground.by_consent ? making->ground.consent.id
                                                     : STR("")),
        .scope = or_none(
            scope_taken(task, making->referral.answers, &making->ground)),
        .issued = task->now,
        .expires = term(making),
        .fetched = apart};
    if (apart)
        grant->url =
            str_format(task->arena, "%.*s/grant/%.*s/keys",
                       STR_ARGS(task->office->public_url), STR_ARGS(grant->id));
    for (int class = 1; class < SEAL_CLASSES; class ++)
        if (making->class[class])
            grant->part[grant->parts++].class = class;
    grant_head(task->office->host, task->arena, grant);
    return ERROR_NONE;
}

static bool seal_part(struct making *making, struct grant_part *part)
{
    struct task *task = making->task;
    const struct host *host = task->office->host;
    const struct sealer *sealer = host->sealer;
    unsigned char key[64], bound[32], *sealed;
    struct buf json;
    bool good;

    buf_init(&json, task->arena);
    value_write(making->class[part->class], &json);
    sealed = arena_alloc(task->arena, json.size + SEAL_EXTRA);
    if (!sealed || arena_failed(task->arena))
        return false;
    sealer->random(key, 32);
    sealer->random(part->nonce, SEAL_NONCE);
    grant_bound(host, &making->grant, part->class, "part", bound);
    sealer->seal(key, part->nonce, (struct str){(char *)bound, 32},
                 buf_str(&json), sealed);
    part->sealed = (struct str){(char *)sealed, json.size + SEAL_EXTRA};
    grant_bound(host, &making->grant, part->class, "key", key + 32);
    good = sealer->box(making->receiver.box,
                       (struct str){(char *)key, sizeof key}, part->wrapped);
    sealer->wipe(key, sizeof key);
    return good;
}

static enum error seal_all(struct making *making, const struct grant_seal *seal,
                           struct err *err)
{
    struct task *task = making->task;
    const struct host *host = task->office->host;
    struct grant *grant = &making->grant;
    struct grant_given *given = &making->given;

    for (size_t i = 0; i < grant->parts; i++)
        if (!seal_part(making, &grant->part[i]))
            return arena_failed(task->arena)
                       ? err_memory(err)
                       : err_set(err, ERROR_INPUT,
                                 N_("La llave de ese lugar no sirve para "
                                    "sellar. Pida otra vez su línea de «cobijo "
                                    "key public»."),
                                 NULL, NULL, NULL);
    *given = (struct grant_given){.id = grant->id,
                                  .referral = grant->referral,
                                  .receiver = making->receiver,
                                  .receiver_name = making->receiver_name,
                                  .classes = grant_classes(task->arena, grant),
                                  .basis = grant->basis,
                                  .scope = grant->scope,
                                  .apart = grant->fetched,
                                  .issued = grant->issued,
                                  .expires = grant->expires};
    given->file =
        grant_sign(host, task->arena, grant_text(host, task->arena, grant),
                   seal->sign_seed);
    if (grant->fetched)
        given->keys = grant_keys_text(task->arena, grant, grant->issued);
    if (arena_failed(task->arena))
        return err_memory(err);
    return given->file.size <= GRANT_MAX
               ? ERROR_NONE
               : err_set(err, ERROR_INPUT,
                         N_("Lo que se comparte es demasiado largo para un "
                            "permiso sellado."),
                         NULL, NULL, NULL);
}

/* --- writing it down ------------------------------------------------------ */

/* One that was not fetched yet makes way for the new one. */
static enum error put_row(struct db *db, void *context, struct err *err)
{
    const struct making *making = context;
    const struct grant_given *given = &making->given;
    struct task *task = making->task;
    struct str site = task->office->log.site;
    enum error error =
        db_run(db, NULL, err,
               "UPDATE grant_out SET withdrawn = $3, keys = '', file = '' "
               "WHERE site = $1 AND referral = $2 AND apart = 1 "
               "AND fetched = 0 AND withdrawn = 0",
               "tti", site, given->referral, task->now);

    if (error)
        return error;
    return db_run(
        db, NULL, err,
        "INSERT INTO grant_out (site, id, referral, receiver, receiver_name, "
        "classes, basis, scope, apart, issued, expires, fetched, withdrawn, "
        "file, keys) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, "
        "0, $12, $13)",
        "ttttttttiiitt", site, given->id, given->referral,
        house_key_text(task->arena, &given->receiver), given->receiver_name,
        given->classes, given->basis, given->scope, (int64_t)given->apart,
        given->issued, given->expires, given->file,
        given->keys.size ? given->keys : STR(""));
}

static enum error check_apart(const struct task *task, struct err *err)
{
    if (task->office->public_url.size)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("Esta casa no tiene una dirección en la red: las llaves "
                      "tienen que ir dentro del archivo."),
                   NULL, NULL, NULL);
}

enum error grant_make(struct task *task, struct str referral, bool apart,
                      struct str *id, struct err *err)
{
    struct making making = {.task = task};
    struct value *package = NULL;
    struct grant_seal seal = {0};
    struct change change;
    enum error error = apart ? check_apart(task, err) : ERROR_NONE;

    if (error ||
        (error = referral_read(task, referral, &making.referral, err)) ||
        (error = referral_awaits(making.referral.answers, err)) ||
        (error =
             referral_may_share(task, &making.referral, &making.ground, err)) ||
        (error = read_receiver(&making, err)) ||
        (error = referral_package(task, referral, &package, err)) ||
        (error = grant_seal_open(task, &seal, err)))
        return error;
    sort_package(&making, package);
    if (!(error = add_consent(&making, err)) &&
        !(error = fill_head(&making, &seal, apart, err)))
        error = seal_all(&making, &seal, err);
    grant_seal_wipe(task, &seal);
    if (error)
        return error;
    change_init(&change, task);
    grant_note(task, &change, &making.given, "given");
    change_also(&change, put_row, &making);
    *id = making.grant.id;
    return change_commit(&change, NULL, err);
}
