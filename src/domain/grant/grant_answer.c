/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_answer.c - what comes back: the house that received a grant answers
 * over its own signature, and the house that gave it hears.
 *
 * Answers of one house to one grant are numbered. The giver notes each number
 * once, in the transaction that moves the referral; the same text again
 * changes nothing, an older number is told as what it is.
 */
#include "core/buf.h"
#include "core/date.h"
#include "core/fetch.h"
#include "domain/grant/grant_private.h"
#include "domain/person/words.h"
#include "domain/referral/referral_private.h"
#include "form/clean.h"

enum { CLOCK_MS = 24 * 3600 * 1000 }; /* how far two houses' clocks differ */

static const struct {
    const char *name;
    enum referral_answer kind;
    const char *state; /* it leads to; NULL: stays */
} kinds[] = {
    {"received", ANSWER_RECEIVED, "RECIBIDA"},
    {"accept", ANSWER_ACCEPT, "ACEPTADA"},
    {"decline", ANSWER_DECLINE, "RECHAZADA"},
    {"ask", ANSWER_ASK, NULL},
    {"schedule", ANSWER_SCHEDULE, "AGENDADA"},
    {"outcome", ANSWER_OUTCOME, "RETROALIMENTADA"},
    {"no_show", ANSWER_NO_SHOW, "NO_ASISTIO"},
};

bool grant_answer_named(struct str name, enum referral_answer *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_equal_c(name, kinds[i].name)) {
            *kind = kinds[i].kind;
            return true;
        }
    return false;
}

static size_t kind_named(struct str name)
{
    size_t i = 0;

    while (i < sizeof kinds / sizeof *kinds &&
           !str_equal_c(name, kinds[i].name))
        i++;
    return i;
}

/* --- the house that received ---------------------------------------------- */

static enum error read_replies(struct task *task, struct grant_door *door,
                               struct err *err)
{
    struct rows rows;
    size_t room = 0;

    db_query(task->db, &rows, err,
             "SELECT number, at, answer, posted, text FROM grant_reply "
             "WHERE site = $1 AND issuer = $2 AND id = $3 ORDER BY number DESC",
             "ttt", office_home(task->office), door->issuer, door->id);
    while (rows_next(&rows)) {
        if (door->replies == room) {
            size_t more = room ? room * 2 : 4;

            door->reply = arena_grow(task->arena, door->reply,
                                     room * sizeof(*door->reply),
                                     more * sizeof(*door->reply));
            room = more;
        }
        if (!door->reply)
            break;
        door->reply[door->replies++] = (struct grant_reply){
            .number = rows_int(&rows, 0),
            .at = rows_int(&rows, 1),
            .answer = str_copy(task->arena, rows_text(&rows, 2)),
            .posted = rows_int(&rows, 3) != 0,
            .text = str_copy(task->arena, rows_text(&rows, 4))};
    }
    if (rows_end(&rows))
        return rows.error;
    door->state = STR("ENVIADA");
    for (size_t i = door->replies; i-- > 0;) {
        size_t kind = kind_named(door->reply[i].answer);

        if (kind < sizeof kinds / sizeof *kinds && kinds[kind].state)
            door->state = str_of(kinds[kind].state);
        else if (str_equal_c(door->state, "ENVIADA"))
            door->state = STR("RECIBIDA"); /* who asks has it */
    }
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

enum error grant_door_find(struct task *task, struct str issuer, struct str id,
                           struct grant_door *door, struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error;

    *door = (struct grant_door){.issuer = issuer, .id = id};
    db_query(task->db, &rows, err,
             "SELECT name, url, issuer FROM grant_door WHERE site = $1 "
             "AND ($2 = '' OR issuer = $2) AND id = $3",
             "ttt", office_home(task->office), issuer, id);
    if (rows_next(&rows)) {
        found = true;
        door->name = str_copy(task->arena, rows_text(&rows, 0));
        door->url = str_copy(task->arena, rows_text(&rows, 1));
        door->issuer = str_copy(task->arena, rows_text(&rows, 2));
    }
    error = rows_end(&rows);
    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("Aquí no se ha abierto ese permiso. Abra primero el "
                           "archivo que mandó la otra casa."),
                        NULL, NULL, NULL);
    return error ? error : read_replies(task, door, err);
}

struct answering {
    struct task *task;
    const struct grant_door *door;
    struct house_answer said;
    struct str text;
    bool posted;
};

/* As the giver's form takes it: an instant. */
static enum error read_when(struct answering *one, const struct answer *answer,
                            struct err *err)
{
    struct task *task = one->task;
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    const struct question *question =
        form ? form_find(form, STR("appointment_at")) : NULL;
    struct str when = STR("");
    const char *wrong = answer->kind == ANSWER_SCHEDULE && question
                            ? answer_clean(question, answer->when,
                                           task->utc_offset, task->arena, &when)
                            : NULL;

    if (wrong)
        return err_set(err, ERROR_INPUT, wrong, NULL, NULL, NULL);
    if (when.size && !instant_parse(when, &one->said.when))
        return err_set(err, ERROR_INPUT,
                       N_("Escriba el día y la hora de la cita."), NULL, NULL,
                       NULL);
    return ERROR_NONE;
}

/* One line without what no line may hold. */
static struct str plain_line(struct arena *arena, struct str text, size_t most)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size && i < most; i++)
        buf_putc(&out, (unsigned char)text.at[i] < ' ' ? ' ' : text.at[i]);
    while (out.size && ((unsigned char)out.at[out.size - 1] & 0xc0) == 0x80 &&
           text.size > most)
        out.size--; /* not half a letter */
    if (text.size > most && out.size &&
        (unsigned char)out.at[out.size - 1] >= 0xc0)
        out.size--;
    return str_trim(buf_str(&out));
}

static struct str plain_prose(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= ' ' || text.at[i] == '\n')
            buf_putc(&out, text.at[i]);
    return buf_str(&out);
}

static enum error fill(struct answering *one, const struct answer *answer,
                       struct err *err)
{
    struct task *task = one->task;
    size_t kind = 0;

    while (kinds[kind].kind != answer->kind)
        kind++;
    one->said = (struct house_answer){
        .id = host_uuid(task->office->host, task->arena),
        .grant = one->door->id,
        .number = one->door->replies ? one->door->reply[0].number + 1 : 1,
        .at = task->now,
        .kind = str_of(kinds[kind].name),
        .reason = answer->reason,
        .outcome = answer->outcome,
        .by = plain_line(task->arena, answer->by, 180),
        .text = plain_prose(task->arena, answer->text)};
    if (one->said.text.size > ANSWER_TEXT_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("La nota es demasiado larga para una respuesta."),
                       NULL, NULL, NULL);
    return read_when(one, answer, err);
}

/* Signed, and read again as the giver will: what could not be read there is
 * not sent. Then into the box. */
static enum error box_up(struct answering *one, const struct house_key *giver,
                         const struct grant_seal *seal, struct err *err)
{
    struct task *task = one->task;
    const struct host *host = task->office->host;
    struct house_answer again;
    struct str text;
    unsigned char *box;
    enum error error;

    one->said.house = seal->key;
    text = grant_sign(host, task->arena, answer_text(task->arena, &one->said),
                      seal->sign_seed);
    error = answer_parse(host, task->arena, text, &again, err);
    if (error)
        return error;
    box = arena_alloc(task->arena, text.size + SEAL_BOX_EXTRA);
    if (!box)
        return err_memory(err);
    if (!host->sealer->box(giver->box, text, box))
        return err_set(err, ERROR_INPUT,
                       N_("La llave de esa casa no sirve para sellar una "
                          "respuesta. Llámele."),
                       NULL, NULL, NULL);
    one->text = boxed_answer_text(
        task->arena, one->said.grant,
        (struct str){(char *)box, text.size + SEAL_BOX_EXTRA});
    return ERROR_NONE;
}

static enum error put_reply(struct db *db, void *context, struct err *err)
{
    const struct answering *one = context;

    return db_run(db, NULL, err,
                  "INSERT INTO grant_reply (site, issuer, id, number, at, "
                  "answer, posted, text) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                  "$8) ON CONFLICT (site, issuer, id, number) DO UPDATE SET "
                  "posted = excluded.posted",
                  "tttiitit", office_home(one->task->office), one->door->issuer,
                  one->door->id, one->said.number, one->said.at, one->said.kind,
                  (int64_t)one->posted, one->text);
}

/* Into the file of who was registered from it, where that is in reach. */
static enum error mark_taken(struct answering *one, struct err *err)
{
    struct task *task = one->task;
    struct value *key = value_object(task->arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    value_put_str(key, task->arena, "issuer", one->door->issuer);
    value_put_str(key, task->arena, "id", one->door->id);
    error = grant_taken(task, key, &record, &count, err);
    for (size_t i = 0; i < count && !error; i++) {
        struct value *system = value_object(task->arena);
        struct save save = {.kind = STR("received"),
                            .id = record[i].id,
                            .system = system,
                            .trusted = true};
        struct saved saved;

        value_put_str(system, task->arena, "answered", one->said.kind);
        value_put_str(system, task->arena, "answered_at",
                      instant_text(task->arena, one->said.at));
        value_put_str(system, task->arena, "answered_by", one->said.by);
        error = record_save(task, &save, &saved, err);
    }
    return error;
}

/* To the giver's door. It is no error when nobody is there: the file goes by
 * hand then. */
static void post(struct answering *one, struct str *refused)
{
    struct task *task = one->task;
    const struct fetcher *fetcher = task->office->host->fetcher;
    struct fetch fetch = {.url = one->door->url, .most = ANSWER_MAX};
    struct fetched fetched = {0};
    struct err none = {0};
    struct buf form;

    *refused = STR("");
    if (!fetcher || !fetch.url.size)
        return;
    buf_init(&form, task->arena);
    buf_puts(&form, "answer=");
    buf_put_url(&form, one->text);
    fetch.form = buf_str(&form);
    if (fetcher->fetch(task->arena, &fetch, &fetched, &none))
        return;
    one->posted = fetched.status == 200;
    if (!one->posted && fetched.status >= 400 && fetched.status < 500)
        *refused = plain_line(task->arena, str_trim(fetched.body), 400);
}

static enum error peer(struct task *task, struct str site,
                       struct house_key *key, struct err *err)
{
    struct str line = STR("");
    bool known = false;
    enum error error = db_get_text(task->db, task->arena, &line, &known, err,
                                   "SELECT key FROM log_peer WHERE site = $1 "
                                   "AND role = 'house' AND name = $2",
                                   "tt", office_home(task->office), site);

    return error ? error
                 : house_key_parse(task->office->host, task->arena, line, key,
                                   err);
}

enum error grant_answer(struct task *task, const struct grant_door *door,
                        const struct answer *answer, struct grant_reply *reply,
                        struct str *refused, struct err *err)
{
    struct answering one = {.task = task, .door = door};
    struct house_key giver;
    struct grant_seal seal;
    enum error error = referral_answer_whole(answer, err);

    if (error || (error = peer(task, door->issuer, &giver, err)) ||
        (error = fill(&one, answer, err)) ||
        (error = grant_seal_open(task, &seal, err)))
        return error;
    error = box_up(&one, &giver, &seal, err);
    grant_seal_wipe(task, &seal);
    if (!error)
        error = office_change(task->office, put_reply, &one, err);
    if (!error)
        error = mark_taken(&one, err);
    if (error)
        return error;
    post(&one, refused);
    *reply = (struct grant_reply){.number = one.said.number,
                                  .at = one.said.at,
                                  .answer = one.said.kind,
                                  .posted = one.posted,
                                  .text = one.text};
    return one.posted ? office_change(task->office, put_reply, &one, err)
                      : ERROR_NONE;
}

/* --- the house that gave -------------------------------------------------- */

struct hearing {
    struct task *task;
    struct grant_given given;
    struct house_answer said;
    struct str hash;
    bool repeated;
};

static enum error refuse(struct err *err, enum error code, const char *msgid)
{
    return err_set(err, code, msgid, NULL, NULL, NULL);
}

/* Out of the box, and is it from the house that the grant was given to? */
static enum error unbox(struct hearing *hearing, struct str box,
                        struct err *err)
{
    struct task *task = hearing->task;
    const struct host *host = task->office->host;
    struct grant_seal seal;
    struct str text;
    unsigned char *plain = arena_alloc(task->arena, box.size);
    bool good;
    enum error error =
        plain ? grant_seal_open(task, &seal, err) : err_memory(err);

    if (error)
        return error;
    good = host->sealer->unbox(seal.key.box, seal.box_secret, box, plain);
    grant_seal_wipe(task, &seal);
    if (!good)
        return refuse(err, ERROR_FORBIDDEN,
                      N_("Esta respuesta es para otra casa, o alguien la "
                         "cambió."));
    text = (struct str){(char *)plain, box.size - SEAL_BOX_EXTRA};
    error = answer_parse(host, task->arena, text, &hearing->said, err);
    if (error)
        return error;
    hearing->hash = host_hash_hex(host, task->arena, text);
    if (!str_equal(house_key_text(task->arena, &hearing->said.house),
                   house_key_text(task->arena, &hearing->given.receiver)))
        return refuse(err, ERROR_FORBIDDEN,
                      N_("Esta respuesta no la firmó la casa a la que se dio "
                         "el permiso. Llame a esa casa."));
    return str_equal(hearing->said.grant, hearing->given.id)
               ? ERROR_NONE
               : refuse(err, ERROR_INPUT,
                        N_("Esta respuesta es de otro permiso."));
}

/* Noted before? Then nothing happens, or it comes too late. */
static enum error check_order(struct hearing *hearing, struct err *err)
{
    struct task *task = hearing->task;
    struct rows rows;
    int64_t last = 0;
    enum error error;

    db_query(task->db, &rows, err,
             "SELECT number, hash FROM grant_heard WHERE site = $1 "
             "AND id = $2 ORDER BY number",
             "tt", task->office->log.site, hearing->given.id);
    while (rows_next(&rows)) {
        last = rows_int(&rows, 0);
        if (last == hearing->said.number &&
            str_equal(rows_text(&rows, 1), hearing->hash))
            hearing->repeated = true;
    }
    error = rows_end(&rows);
    if (error || hearing->repeated || hearing->said.number > last)
        return error;
    return refuse(err, ERROR_CONFLICT,
                  N_("Esta respuesta es más vieja que la última que se anotó "
                     "de esa casa: ya no cuenta."));
}

static enum error check_time(const struct hearing *hearing, struct err *err)
{
    const struct house_answer *said = &hearing->said;

    if (hearing->given.withdrawn)
        return refuse(err, ERROR_GONE,
                      N_("Este permiso se retiró: sus respuestas ya no se "
                         "anotan. Si hace falta, llame a la otra casa."));
    if (said->at > hearing->task->now + CLOCK_MS ||
        said->at < hearing->given.issued - CLOCK_MS)
        return refuse(err, ERROR_INPUT,
                      N_("La fecha de esta respuesta no puede ser. Pida a esa "
                         "casa que revise la fecha de su computadora."));
    return ERROR_NONE;
}

static enum error put_heard(struct db *db, void *context, struct err *err)
{
    const struct hearing *hearing = context;

    return db_run(db, NULL, err,
                  "INSERT INTO grant_heard (site, id, number, referral, hash, "
                  "at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT "
                  "(site, id, number) DO NOTHING",
                  "ttitti", hearing->task->office->log.site, hearing->given.id,
                  hearing->said.number, hearing->given.referral, hearing->hash,
                  hearing->task->now);
}

static enum error respond(struct hearing *hearing, struct err *err)
{
    struct task *task = hearing->task;
    const struct house_answer *said = &hearing->said;
    struct answer answer = {
        .kind = kinds[kind_named(said->kind)].kind,
        .reason = said->reason,
        .outcome = said->outcome,
        .text = said->text,
        .when = said->when ? instant_text(task->arena, said->when) : STR(""),
        .by = said->by.size
                  ? str_format(task->arena, "%.*s · %.*s", STR_ARGS(said->by),
                               STR_ARGS(hearing->given.receiver_name))
                  : hearing->given.receiver_name,
        .also = put_heard,
        .context = hearing};

    return referral_respond(task, hearing->given.referral, &answer, err);
}

static enum error no_such(struct err *err)
{
    return refuse(err, ERROR_NOT_FOUND,
                  N_("Esta respuesta no es de ningún permiso que esta casa "
                     "haya dado aquí."));
}

enum error grant_hear(struct task *task, struct str referral, struct str boxed,
                      struct err *err)
{
    struct hearing hearing = {.task = task};
    struct str id, box;
    bool found = false;
    enum error error = boxed_answer_parse(task->arena, boxed, &id, &box, err);

    if (!error && !referral.size)
        error = grant_enter(task, id, err);
    if (!error)
        error = grant_find(task, task->db, id, &hearing.given, &found, err);
    if (error)
        return error;
    if (!found || !hearing.given.receiver.site.size ||
        (referral.size && !str_equal(hearing.given.referral, referral)))
        return no_such(err);
    error = unbox(&hearing, box, err);
    /* at the door, who has no right hears no more than of what is not there */
    if (error && error_status(error) < 500 && !referral.size) {
        err_clear(err);
        return no_such(err);
    }
    if (error || (error = check_order(&hearing, err)) || hearing.repeated ||
        (error = check_time(&hearing, err)))
        return error;
    if (!referral.size)
        task->actor =
            (struct actor){.id = str_format(task->arena, "grant:%s",
                                            hearing.given.receiver.id)};
    return respond(&hearing, err);
}
