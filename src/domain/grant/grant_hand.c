/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_hand.c - what becomes of a grant: its keys are handed over once she who
 * asks has shown that she is the receiver, it is withdrawn, it ends.
 *
 * Every answer is decided on what stands now: the consent, the referral, the
 * term. A grant that does not stand loses its keys and its file; there is no
 * other copy.
 */
#include "core/base64.h"
#include "core/date.h"
#include "domain/grant/grant_private.h"
#include "domain/person/words.h"
#include "domain/referral/referral_private.h"

/* --- rows ----------------------------------------------------------------- */

struct str grant_classes(struct arena *arena, const struct grant *grant)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < grant->parts; i++)
        buf_printf(&out, "%s%s", i ? " " : "",
                   grant_class_name(grant->part[i].class));
    return buf_str(&out);
}

void grant_fill(struct task *task, struct rows *rows, struct grant_given *given)
{
    struct arena *arena = task->arena;
    struct err ignored = {0};

    *given = (struct grant_given){
        .id = str_copy(arena, rows_text(rows, 0)),
        .referral = str_copy(arena, rows_text(rows, 1)),
        .receiver_name = str_copy(arena, rows_text(rows, 3)),
        .classes = str_copy(arena, rows_text(rows, 4)),
        .basis = str_copy(arena, rows_text(rows, 5)),
        .scope = str_copy(arena, rows_text(rows, 6)),
        .apart = rows_int(rows, 7) != 0,
        .issued = rows_int(rows, 8),
        .expires = rows_int(rows, 9),
        .fetched = rows_int(rows, 10),
        .withdrawn = rows_int(rows, 11),
        .file = str_copy(arena, rows_text(rows, 12)),
        .keys = str_copy(arena, rows_text(rows, 13))};
    /* a damaged line verifies nothing */
    house_key_parse(task->office->host, arena, rows_text(rows, 2),
                    &given->receiver, &ignored);
}

enum error grant_find(struct task *task, struct db *db, struct str id,
                      struct grant_given *given, bool *found, struct err *err)
{
    struct rows rows;

    *found = false;
    db_query(db, &rows, err,
             "SELECT " GRANT_COLUMNS " FROM grant_out WHERE site = $1 "
             "AND id = $2",
             "tt", task->office->log.site, id);
    if (rows_next(&rows)) {
        grant_fill(task, &rows, given);
        *found = true;
    }
    return rows_end(&rows);
}

void grant_note(struct task *task, struct change *change,
                const struct grant_given *given, const char *what)
{
    struct value *body = value_object(task->arena);

    value_put_text(body, task->arena, "grant", what);
    value_put_str(body, task->arena, "grant_id", given->id);
    value_put_str(body, task->arena, "to", given->receiver_name);
    value_put_text(body, task->arena, "key", given->receiver.id);
    value_put_str(body, task->arena, "classes", given->classes);
    value_put_str(body, task->arena, "basis", given->basis);
    change_add(change, STR("referral"), given->referral, OP_SHARE, body,
               STR(""));
}

/* --- does it stand? ------------------------------------------------------- */

enum error grant_stands(struct task *task, const struct grant_given *given,
                        bool *open, struct err *err)
{
    struct referral_ground ground;
    struct record referral;
    struct err why = {0};
    struct str now;
    enum error error;

    *open = false;
    if (given->withdrawn || given->expires <= task->now)
        return ERROR_NONE;
    error = referral_read(task, given->referral, &referral, &why);
    if (error == ERROR_NONE)
        error = referral_is_open(task, &referral, open, &why);
    if (error == ERROR_NONE && *open)
        error = referral_may_share(task, &referral, &ground, &why);
    if (error != ERROR_NONE || !*open) {
        *open = false;
        if (error_status(error) >= 500)
            *err = why;
        return error_status(error) >= 500 ? error : ERROR_NONE;
    }
    now = ground.by_consent ? ground.consent.data_scope : ground.data;
    *open = str_equal_c(given->scope, "-") || words_within(given->scope, now);
    return ERROR_NONE;
}

static enum error see_stopped(struct task *task, struct grant_given *given,
                              struct err *err)
{
    bool open = true;
    enum error error = ERROR_NONE;

    if (given->apart && !given->fetched)
        error = grant_stands(task, given, &open, err);
    given->stopped = !open;
    return error;
}

enum error grant_list(struct task *task, struct str referral,
                      struct grant_given **given, size_t *count,
                      struct err *err)
{
    struct rows rows;
    size_t room = 0;
    enum error error;

    *given = NULL;
    *count = 0;
    db_query(task->db, &rows, err,
             "SELECT " GRANT_COLUMNS " FROM grant_out WHERE site = $1 "
             "AND referral = $2 ORDER BY issued DESC, id DESC",
             "tt", task->office->log.site, referral);
    while (rows_next(&rows)) {
        if (*count == room) {
            size_t more = room ? room * 2 : 4;

            *given = arena_grow(task->arena, *given, room * sizeof(**given),
                                more * sizeof(**given));
            room = more;
        }
        if (!*given)
            break;
        grant_fill(task, &rows, &(*given)[(*count)++]);
    }
    if (rows_end(&rows))
        return rows.error;
    for (size_t i = 0; i < *count; i++)
        if ((error = see_stopped(task, &(*given)[i], err)))
            return error;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

static enum error gone(struct err *err)
{
    return err_set(err, ERROR_GONE,
                   N_("Este permiso fue retirado o venció antes de que se "
                      "abriera. Lo que traía ya no se puede leer. Si todavía "
                      "hace falta, llame a la casa que lo envió."),
                   NULL, NULL, NULL);
}

static enum error drop(struct task *task, struct db *db, struct str id,
                       struct err *err)
{
    return db_run(db, NULL, err,
                  "UPDATE grant_out SET keys = '', file = '' "
                  "WHERE site = $1 AND id = $2",
                  "tt", task->office->log.site, id);
}

struct acting {
    struct task *task;
    struct grant_given *given;
    bool gone;
};

static enum error drop_change(struct db *db, void *context, struct err *err)
{
    const struct acting *acting = context;

    return drop(acting->task, db, acting->given->id, err);
}

enum error grant_file(struct task *task, struct str referral, struct str *text,
                      struct err *err)
{
    struct grant_given *given;
    size_t count = 0;
    bool open = false;
    enum error error = grant_list(task, referral, &given, &count, err);

    if (error)
        return error;
    if (!count)
        return err_set(err, ERROR_CONFLICT,
                       N_("Todavía no se ha hecho ningún permiso sellado de "
                          "esta referencia."),
                       NULL, NULL, NULL);
    error = grant_stands(task, &given[0], &open, err);
    *text = given[0].file;
    return error ? error : open && given[0].file.size ? ERROR_NONE : gone(err);
}

/* --- handing the keys over ------------------------------------------------ */

static enum error not_hers(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("Aquí no hay llaves para quien las pide: el permiso no "
                      "existe, no es para su casa, o la petición caducó. "
                      "Vuelva a pedirlas."),
                   NULL, NULL, NULL);
}

static bool asks_well(struct task *task, const struct grant_given *given,
                      struct str at, struct str sign)
{
    const struct sealer *sealer = task->office->host->sealer;
    int64_t asked = 0;
    struct buf bytes;

    buf_init(&bytes, task->arena);
    return sealer && given->receiver.site.size && at.size < 40 &&
           sign.size < 100 && instant_parse(at, &asked) &&
           asked > task->now - GRANT_ASK_MS &&
           asked < task->now + GRANT_ASK_MS && base64_read_url(&bytes, sign) &&
           bytes.size == SEAL_SIGNATURE &&
           sealer->verify(given->receiver.sign,
                          grant_request_text(task->arena, given->id,
                                             str_of(given->receiver.id), asked),
                          (const unsigned char *)bytes.at);
}

/* A grant outlives the hiding of whom it is about, as a link does. */
enum error grant_enter(struct task *task, struct str id, struct err *err)
{
    struct str home = office_home(task->office), site = home;
    bool found = false;
    enum error error = db_get_text(
        task->db, task->arena, &site, &found, err,
        "SELECT site FROM grant_out WHERE site IN (SELECT CAST($1 AS TEXT) "
        "UNION SELECT room.id FROM room WHERE room.site = $1) AND id = $2",
        "tt", home, id);

    return error ? error : task_enter_room(task, home, site, err);
}

/* Nobody took it back in between: the row itself says so, in the writer's
 * transaction. */
static enum error mark(struct db *db, void *context, struct err *err)
{
    struct acting *acting = context;
    struct task *task = acting->task;
    int64_t changed = 0;
    enum error error =
        db_run(db, &changed, err,
               "UPDATE grant_out SET fetched = CASE WHEN fetched = 0 THEN $3 "
               "ELSE fetched END WHERE site = $1 AND id = $2 AND withdrawn = 0 "
               "AND expires > $3 AND keys <> ''",
               "tti", task->office->log.site, acting->given->id, task->now);

    acting->gone = changed != 1;
    return error ? error : acting->gone ? gone(err) : ERROR_NONE;
}

static enum error fetch(struct task *task, struct grant_given *given,
                        struct err *err)
{
    struct acting acting = {.task = task, .given = given};
    struct change change;

    if (given->fetched) /* again: told in the log once */
        return office_change(task->office, mark, &acting, err);
    change_init(&change, task);
    grant_note(task, &change, given, "fetched");
    change_also(&change, mark, &acting);
    return change_commit(&change, NULL, err);
}

enum error grant_hand_over(struct task *task, struct str id, struct str at,
                           struct str sign, struct str *text, struct err *err)
{
    struct grant_given given = {0};
    struct grant_seal seal;
    bool found = false, open = false;
    enum error error = grant_enter(task, id, err);

    if (!error)
        error = grant_find(task, task->db, id, &given, &found, err);
    if (error)
        return error;
    if (!asks_well(task, &given, at, sign) || !found || !given.apart)
        return not_hers(err);
    task->actor = (struct actor){
        .id = str_format(task->arena, "grant:%s", given.receiver.id)};
    if ((error = grant_stands(task, &given, &open, err)))
        return error;
    if (!open || !given.keys.size) {
        struct acting acting = {.task = task, .given = &given};

        error = office_change(task->office, drop_change, &acting, err);
        return error ? error : gone(err);
    }
    if ((error = grant_seal_open(task, &seal, err)))
        return error;
    if (!(error = fetch(task, &given, err)))
        *text = grant_sign(task->office->host, task->arena, given.keys,
                           seal.sign_seed);
    grant_seal_wipe(task, &seal);
    return error;
}

/* --- taking it back ------------------------------------------------------- */

static enum error take_back(struct db *db, void *context, struct err *err)
{
    const struct acting *acting = context;

    return db_run(db, NULL, err,
                  "UPDATE grant_out SET withdrawn = $3, keys = '', file = '' "
                  "WHERE site = $1 AND id = $2 AND withdrawn = 0",
                  "tti", acting->task->office->log.site, acting->given->id,
                  acting->task->now);
}

enum error grant_withdraw(struct task *task, struct str id, struct str *text,
                          struct err *err)
{
    struct grant_given given = {0};
    struct acting acting = {.task = task, .given = &given};
    struct withdrawal withdrawal = {0};
    struct grant_seal seal;
    struct change change;
    bool found = false;
    enum error error = grant_find(task, task->db, id, &given, &found, err);

    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND, N_("No existe ese permiso."),
                        NULL, NULL, NULL);
    if (error || (error = grant_seal_open(task, &seal, err)))
        return error;
    if (!given.withdrawn) {
        change_init(&change, task);
        grant_note(task, &change, &given, "withdrawn");
        change_also(&change, take_back, &acting);
        error = change_commit(&change, NULL, err);
    }
    withdrawal = (struct withdrawal){.id = given.id,
                                     .issuer = seal.key,
                                     .at = given.withdrawn ? given.withdrawn
                                                           : task->now};
    *text =
        grant_sign(task->office->host, task->arena,
                   withdrawal_text(task->arena, &withdrawal), seal.sign_seed);
    grant_seal_wipe(task, &seal);
    return error;
}

static enum error sweep(struct db *db, void *context, struct err *err)
{
    const struct task *task = context;

    return db_run(db, NULL, err,
                  "UPDATE grant_out SET keys = '', file = '' WHERE site = $1 "
                  "AND expires <= $2 AND file <> ''",
                  "ti", task->office->log.site, task->now);
}

enum error grant_sweep(struct task *task, struct err *err)
{
    int64_t count = 0;
    bool found = false;
    enum error error =
        db_get_int(task->db, &count, &found, err,
                   "SELECT COUNT(*) FROM grant_out WHERE site = $1 "
                   "AND expires <= $2 AND file <> ''",
                   "ti", task->office->log.site, task->now);

    if (error || !count)
        return error;
    return office_change(task->office, sweep, task, err);
}

/* --- what is told --------------------------------------------------------- */

struct str grant_told(const struct task *task, const struct grant_given *given)
{
    const char *msgid =
        given->withdrawn && given->apart && !given->fetched
            ? N_("Retirado antes de que se abriera: ya no se puede leer.")
        : given->withdrawn
            ? N_("Retirado. Lo que ya leyeron no se puede borrar de su "
                 "memoria; se les puede pedir que lo borren.")
        : !given->apart
            ? N_("Las llaves van dentro del archivo: desde que se entregó no "
                 "se puede saber si lo leyeron, ni impedirlo.")
        : given->fetched
            ? N_("Quien recibe ya tomó las llaves: lo que leyó no se puede "
                 "borrar de su memoria.")
        : given->expires <= task->now
            ? N_("Venció sin que nadie lo abriera: ya no se puede leer.")
        : given->stopped
            ? N_("Nadie lo abrió y ya no se puede leer: lo que la persona "
                 "permite cambió, o la referencia terminó.")
            : N_("Nadie ha tomado las llaves: si se retira el permiso, ya no "
                 "se podrá leer.");

    return translate(task->translator, str_of(msgid));
}
