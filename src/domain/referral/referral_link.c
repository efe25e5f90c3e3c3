/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_link.c - the receiver's door: a secret link, made anew when it is
 * lost, that opens one referral as long as what it was sent upon stands; or
 * the account of somebody who belongs to the receiving place, who is let in
 * on the same conditions and sees the same package.
 */
#include "core/date.h"
#include "domain/access/room.h"
#include "domain/referral/referral_private.h"
#include "domain/person/words.h"

/* A sending that is repeated this soon is the same click, or a page that got
 * lost on its way; later somebody may already have the link. */
static const int64_t repeat_ms = (int64_t)10 * 60 * 1000;

enum { RECEIVED_SHOWN = 100 };

static const char answerable[] = "ENVIADA RECIBIDA ACEPTADA AGENDADA "
                                 "SIN_RESPUESTA VENCIDA";

struct str referral_new_link(struct task *task, struct value *system)
{
    const struct host *host = task->office->host;
    struct str token;

    if (!task->office->public_url.size)
        return STR("");
    token = host_secret(host, task->arena);
    value_put_str(system, task->arena, "link_hash",
                  host_hash_hex(host, task->arena, token));
    return str_format(task->arena, "%.*s/r/%.*s",
                      STR_ARGS(task->office->public_url), STR_ARGS(token));
}

enum error referral_awaits(const struct value *answers, struct err *err)
{
    if (words_have(STR(answerable), value_text_of(answers, "state")) &&
        !value_text_of(answers, "link_revoked_at").size)
        return ERROR_NONE;
    return err_set(err, ERROR_CONFLICT,
                   N_("Esta referencia no espera respuesta."), NULL, NULL,
                   NULL);
}

/* A new link is no use if it ends before it can be opened, and nobody has
 * opened it yet. */
static void renew_link(struct task *task, const struct value *answers,
                       struct value *system)
{
    int64_t least = task->now + REFERRAL_LINK_MS, expires = 0;

    value_put_str(system, task->arena, "link_opened_at", STR(""));
    if (!instant_parse(value_text_of(answers, "link_expires"), &expires) ||
        expires < least)
        value_put_str(system, task->arena, "link_expires",
                      instant_text(task->arena, least));
}

static enum error link_anew(struct task *task, const struct record *referral,
                            struct str *link, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct referral_ground ground;
    struct change change;
    struct str made;
    bool repeated;
    enum error error = referral_may_leave(task, referral, &ground, err);

    if (error != ERROR_NONE)
        return error;
    made = referral_new_link(task, system);
    renew_link(task, referral->answers, system);
    change_init(&change, task);
    if ((error = referral_change(task, &change, referral->id,
                                 value_object(task->arena), system, err)) ||
        (error = change_commit(&change, &repeated, err)))
        return error;
    *link = made;
    return ERROR_NONE;
}

enum error referral_relink(struct task *task, struct str referral,
                           struct str *link, struct err *err)
{
    struct record record;
    enum error error = referral_read(task, referral, &record, err);

    if (error != ERROR_NONE)
        return error;
    error = referral_awaits(record.answers, err);
    return error ? error : link_anew(task, &record, link, err);
}

enum error referral_send_again(struct task *task, const struct record *referral,
                               struct str *link, struct err *err)
{
    const struct value *answers = referral->answers;
    int64_t sent = 0;

    *link = STR("");
    if (words_have(STR("CANCELADA CERRADA"), value_text_of(answers, "state")))
        return err_set(err, ERROR_CONFLICT,
                       N_("Esta referencia no espera respuesta."), NULL, NULL,
                       NULL);
    if (!str_equal_c(value_text_of(answers, "state"), "ENVIADA") ||
        value_text_of(answers, "link_opened_at").size ||
        !value_text_of(answers, "link_hash").size ||
        !instant_parse(value_text_of(answers, "sent_at"), &sent) ||
        task->now - sent > repeat_ms)
        return ERROR_NONE;
    return link_anew(task, referral, link, err);
}

/* -- who is let in --------------------------------------------------------- */

static bool ended(const struct task *task, const struct value *answers)
{
    int64_t expires;

    if (value_text_of(answers, "link_revoked_at").size ||
        words_have(STR("BORRADOR CONSENTIDA CANCELADA CERRADA"),
                   value_text_of(answers, "state")))
        return true;
    return instant_parse(value_text_of(answers, "link_expires"), &expires) &&
           expires < task->now;
}

/* What closes it also counts when it comes after the sending: a withdrawn
 * consent, a profile that shuts the receiver out. *open false, and no error
 * but those of the store. */
enum error referral_is_open(struct task *task, const struct record *referral,
                            bool *open, struct err *err)
{
    struct referral_ground ground;
    struct err why = {0};
    enum error error;

    *open = false;
    if (ended(task, referral->answers))
        return ERROR_NONE;
    error = referral_may_leave(task, referral, &ground, &why);
    if (error_status(error) >= 500) {
        *err = why;
        return error;
    }
    *open = error == ERROR_NONE;
    return ERROR_NONE;
}

/* A link outlives the hiding of whom it is about: the referral may stand in
 * any room of the house, and the task goes there. */
static enum error enter_by_link(struct task *task, struct str hash,
                                struct err *err)
{
    struct str home = office_home(task->office), site = home;
    bool found = false;
    const char *sql = project_sql(
        &task->office->log, task->db, task->arena,
        "SELECT {referral}._site FROM {referral} WHERE {referral}._site IN"
        " (SELECT CAST($1 AS TEXT) UNION SELECT room.id FROM room"
        " WHERE room.site = $1) AND {referral.link_hash} = $2 LIMIT 1",
        err);
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error = db_get_text(task->db, task->arena, &site, &found, err, sql, "tt",
                        home, hash);
    return error ? error : task_enter_room(task, home, site, err);
}

enum error referral_by_link(struct task *task, struct str token,
                            struct str *referral, struct err *err)
{
    struct db_value hash = {
        .type = 't',
        .t = host_hash_hex(task->office->host, task->arena, token)};
    struct record_filter filter = {.kind = STR("referral"),
                                   .where = "{link_hash} = $3",
                                   .value = &hash,
                                   .value_count = 1,
                                   .limit = 1};
    struct record *record;
    size_t count;
    bool open = false;
    enum error error = enter_by_link(task, hash.t, err);

    if (!error)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    if (error != ERROR_NONE)
        return error;
    if (count == 0)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Este enlace no existe. Revise que esté completo o "
                          "llame a quien se lo dio."),
                       NULL, NULL, NULL);
    if ((error = referral_is_open(task, &record[0], &open, err)) != ERROR_NONE)
        return error;
    if (!open)
        return err_set(err, ERROR_GONE,
                       N_("Este enlace ya no sirve: venció o fue retirado. "
                          "Llame a quien se lo dio."),
                       NULL, NULL, NULL);
    *referral = record[0].id;
    task->actor = (struct actor){
        .id = str_format(task->arena, "link:%.*s", STR_ARGS(record[0].id))};
    return ERROR_NONE;
}

static enum error not_hers(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("Esta referencia no está abierta para su organización: "
                      "no se le envió, venció o fue retirada."),
                   NULL, NULL, NULL);
}

static bool may_answer(const struct task *task)
{
    return task->actor.place.size &&
           role_has(task->actor.role, RIGHT_REFERRAL_ANSWER);
}

enum error referral_by_place(struct task *task, struct str referral,
                             struct err *err)
{
    struct record record;
    bool open = false;
    enum error error;

    if (!may_answer(task))
        return not_hers(err);
    error = referral_read(task, referral, &record, err);
    if (error == ERROR_NOT_FOUND) { /* in the same words as another's */
        err_clear(err);
        return not_hers(err);
    }
    if (error == ERROR_NONE &&
        str_equal(value_text_of(record.answers, "to_place"), task->actor.place))
        error = referral_is_open(task, &record, &open, err);
    return error == ERROR_NONE && !open ? not_hers(err) : error;
}

/* The first thing that is shared of her: an alias, a name, a code. */
static struct str title_of(const struct value *package)
{
    static const char *const fields[] = {"alias", "name", "case_code"};
    const struct value *shared = value_get(package, "fields");

    for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
        for (size_t i = 0; i < value_count(shared); i++)
            if (str_equal_c(value_text_of(value_at(shared, i), "field"),
                            fields[k]))
                return value_text_of(value_at(shared, i), "text");
    return STR("");
}

static enum error add_received(struct task *task, const struct record *referral,
                               struct value *items, struct err *err)
{
    struct value *package = NULL, *item = value_object(task->arena);
    const struct value *request;
    bool open = false;
    enum error error = referral_is_open(task, referral, &open, err);

    if (error != ERROR_NONE || !open)
        return error;
    error = referral_package(task, referral->id, &package, err);
    if (error != ERROR_NONE)
        return error;
    request = value_get(package, "request");
    value_put_str(item, task->arena, "id", referral->id);
    value_put_str(
        item, task->arena, "href",
        str_format(task->arena, "/received/%.*s", STR_ARGS(referral->id)));
    value_put_str(item, task->arena, "title", title_of(package));
    value_put_str(item, task->arena, "service",
                  value_text_of(request, "service_code_text"));
    value_put_str(item, task->arena, "urgency",
                  value_text_of(request, "urgency"));
    value_put_str(item, task->arena, "state", value_text_of(request, "state"));
    value_put_str(item, task->arena, "state_label",
                  value_text_of(request, "state_text"));
    value_put_str(item, task->arena, "due",
                  value_text_of(referral->answers, "due_next"));
    value_add(items, task->arena, item);
    return ERROR_NONE;
}

enum error referral_received(struct task *task, struct value **items,
                             struct err *err)
{
    struct db_value place = {.type = 't', .t = task->actor.place};
    struct record_filter filter = {
        .kind = STR("referral"),
        .where = "{to_place} = $3 AND {state} NOT IN ('BORRADOR','CONSENTIDA',"
                 "'CANCELADA','CERRADA')",
        .value = &place,
        .value_count = 1,
        .order = "{urgency}, {sent_at} DESC, _id",
        .limit = RECEIVED_SHOWN};
    struct value *out = value_list(task->arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (may_answer(task))
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; error == ERROR_NONE && i < count; i++)
        error = add_received(task, &record[i], out, err);
    if (error == ERROR_NONE)
        *items = out;
    return error;
}

enum error referral_opened(struct task *task, struct str referral,
                           struct err *err)
{
    struct value *system = value_object(task->arena);
    struct record record;
    struct change change;
    bool repeated;
    enum error error = referral_read(task, referral, &record, err);

    if (error != ERROR_NONE ||
        value_text_of(record.answers, "link_opened_at").size)
        return error;
    value_put_str(system, task->arena, "link_opened_at",
                  instant_text(task->arena, task->now));
    change_init(&change, task);
    error = referral_change(task, &change, referral, value_object(task->arena),
                            system, err);
    if (error != ERROR_NONE)
        return error;
    change_expect(&change, record.clock); /* the first time, and only it */
    return change_commit(&change, &repeated, err);
}
