/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ask.c - asks whoever runs a place whether its entry still holds.
 *
 * The link is the place's id, the round and the last day, and a MAC of them
 * under a subkey of the site key: nothing that opens it is kept. A newer round
 * ends the older links.
 */
#include "core/base64.h"
#include "core/utf8.h"
#include "core/date.h"
#include "core/seal.h"
#include "domain/delivery/delivery.h"
#include "domain/directory/directory_private.h"
#include "domain/directory/upkeep.h"
#include "domain/person/words.h"
#include "domain/record/record.h"

enum { BATCH = 100, MAC = 16, DAY_MS = 86400000, TEXT_MOST = 2000 };

const char *const directory_owner_fields[] = {
    "hours",   "hours_note", "address",   "municipality", "whatsapp", "email",
    "website", "status",     "languages", "description",  "phone_1",  NULL};

static struct str site_of(const struct task *task)
{
    return log_site(&task->office->log, STR("place"));
}

/* --- the link ------------------------------------------------------------- */

static enum error sign(const struct task *task, struct str text,
                       unsigned char mac[32], struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[SEAL_KEY];

    if (!sealer || !task->office->site_key)
        return err_set(err, ERROR_CONFLICT,
                       N_("Esta casa no tiene llave: sin ella no se firman "
                          "enlaces."),
                       NULL, NULL, NULL);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_MAC, key);
    sealer->mac(key, str_join(task->arena, STR("directory ask\n"), text), mac);
    sealer->wipe(key, sizeof(key));
    return ERROR_NONE;
}

static enum error token_of(const struct task *task, struct str place,
                           int64_t round, int64_t day, struct str *token,
                           struct err *err)
{
    struct str text = str_format(task->arena, "%.*s.%lld.%lld", STR_ARGS(place),
                                 (long long)round, (long long)day);
    unsigned char mac[32];
    struct buf out;
    enum error error = sign(task, text, mac, err);

    if (error)
        return error;
    buf_init(&out, task->arena);
    buf_put(&out, text);
    buf_putc(&out, '.');
    base64_write_url(&out, (struct str){(const char *)mac, MAC});
    *token = buf_str(&out);
    return ERROR_NONE;
}

/* A row of directory_ask. */
struct asked {
    bool there;
    int64_t round, made, expires, answered;
};

static enum error read_asked(struct task *task, struct str place,
                             struct asked *asked, struct err *err)
{
    struct rows rows;

    *asked = (struct asked){0};
    db_query(task->db, &rows, err,
             "SELECT round, made, expires, answered FROM directory_ask"
             " WHERE site = $1 AND place = $2",
             "tt", site_of(task), place);
    if (rows_next(&rows))
        *asked = (struct asked){true, rows_int(&rows, 0), rows_int(&rows, 1),
                                rows_int(&rows, 2), rows_int(&rows, 3)};
    return rows_end(&rows);
}

static enum error no_link(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND, N_("No encontramos este enlace."),
                   NULL, NULL, NULL);
}

static enum error read_token(struct task *task, struct str token,
                             struct str *place, int64_t *round, struct err *err)
{
    struct str rest = token, id, number, day, wanted = STR("");
    int64_t last = 0;
    enum error error;

    if (token.size > 200 || !str_cut(&rest, '.', &id) ||
        !str_cut(&rest, '.', &number) || !str_cut(&rest, '.', &day) ||
        !str_to_int(number, round) || !str_to_int(day, &last))
        return no_link(err);
    error = token_of(task, id, *round, last, &wanted, err);
    if (error)
        return error;
    if (!host_equal_secret(wanted, token))
        return no_link(err);
    if (last < task_day(task))
        return err_set(err, ERROR_GONE, N_("Este enlace ya venció."), NULL,
                       NULL, NULL);
    *place = str_copy(task->arena, id);
    return ERROR_NONE;
}

/* --- questions ------------------------------------------------------------ */

struct asking {
    struct str site, place, email;
    int64_t now, expires;
};

static enum error write_ask(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;

    return db_run(
        db, NULL, err,
        "INSERT INTO directory_ask (site, place, round, email, made, expires,"
        " mailed, answered) VALUES ($1, $2, 1, $3, $4, $5, 0, 0)"
        " ON CONFLICT (site, place) DO UPDATE SET"
        " round = directory_ask.round + 1, email = excluded.email,"
        " made = excluded.made, expires = excluded.expires, mailed = 0,"
        " answered = 0",
        "tttii", asking->site, asking->place, asking->email, asking->now,
        asking->expires);
}

static enum error ask(struct task *task, struct str place, struct err *err)
{
    struct asking asking = {.site = site_of(task),
                            .place = place,
                            .email = STR(""),
                            .now = task->now};
    struct record record;
    struct upkeep upkeep;
    enum error error = record_read(&task->office->log, task->db, STR("place"),
                                   place, task->arena, &record, err);

    if (error)
        return error;
    upkeep_of(task->office->catalog,
              value_text_of(record.answers, "place_type"), &upkeep);
    if (value_text_of(record.answers, "email").size)
        asking.email = value_text_of(record.answers, "email");
    asking.expires = task->now + upkeep.link_days * DAY_MS;
    return office_change(task->office, write_ask, &asking, err);
}

enum error directory_ask_tick(struct task *task, size_t *made, struct err *err)
{
    struct str *place = ARENA_ARRAY(task->arena, struct str, BATCH);
    struct rows rows;
    size_t count = 0;
    enum error error;

    *made = 0;
    if (!place)
        return err_memory(err);
    if (!task->office->site_key)
        return ERROR_NONE;
    /* the longest wait of all kinds is looked at here, each kind's own below */
    db_query(task->db, &rows, err,
             "SELECT public_place.id FROM public_place"
             " LEFT JOIN directory_ask ON directory_ask.site = $1"
             " AND directory_ask.place = public_place.id"
             " WHERE public_place.site = $1 AND public_place.due <= $2"
             " AND (directory_ask.place IS NULL"
             " OR (directory_ask.answered > 0 AND directory_ask.made < $3)"
             " OR directory_ask.expires < $4)"
             " ORDER BY public_place.due, public_place.id LIMIT $5",
             "tiiii", site_of(task), task_day(task),
             task->now - (int64_t)30 * DAY_MS, task->now, (int64_t)BATCH);
    while (count < BATCH && rows_next(&rows))
        place[count++] = str_copy(task->arena, rows_text(&rows, 0));
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        error = ask(task, place[i], err);
        *made += !error;
    }
    return error;
}

static enum error may_write(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_PLACE_WRITE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite cambiar el directorio."), NULL,
                   NULL, NULL);
}

static enum error link_of(struct task *task, struct str place,
                          const struct asked *asked, struct str *link,
                          struct err *err)
{
    struct str token = STR("");
    enum error error =
        token_of(task, place, asked->round,
                 instant_day(asked->expires, task->utc_offset), &token, err);

    if (!error)
        *link = str_format(task->arena, "%.*s/d/%.*s",
                           STR_ARGS(task->office->public_url), STR_ARGS(token));
    return error;
}

enum error directory_ask_link(struct task *task, struct str place,
                              struct str *link, struct err *err)
{
    struct asked asked = {0};
    enum error error = may_write(task, err);

    if (!error)
        error = read_asked(task, place, &asked, err);
    if (!error && (!asked.there || asked.answered ||
                   asked.expires < task->now + DAY_MS)) {
        error = ask(task, place, err);
        if (!error)
            error = read_asked(task, place, &asked, err);
    }
    return error ? error : link_of(task, place, &asked, link, err);
}

/* --- e-mail --------------------------------------------------------------- */

static enum error write_mailed(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;

    return db_run(db, NULL, err,
                  "UPDATE directory_ask SET mailed = $3"
                  " WHERE site = $1 AND place = $2",
                  "tti", asking->site, asking->place, asking->now);
}

/* The letter; a place that is public no longer gets none. */
static enum error write_letter(struct task *task, const struct asking *asking,
                               struct message *letter, struct err *err)
{
    struct public_place place;
    struct asked asked;
    struct err said = {0};
    struct str link = STR("");
    enum error error = directory_place(task, asking->place, &place, err);

    if (!error)
        error = read_asked(task, asking->place, &asked, err);
    if (!error)
        error = link_of(task, asking->place, &asked, &link, err);
    if (error)
        return error;
    err_set(&said, ERROR_INPUT,
            N_("¿Sigue igual «{1}»? Confírmelo en un minuto, sin cuenta: {2}"),
            str_c(task->arena, place.name), str_c(task->arena, link), NULL);
    *letter = (struct message){
        .channel = STR("email"),
        .recipient = asking->email,
        .subject =
            translate(task->translator,
                      STR(N_("¿Siguen bien sus datos en el directorio?"))),
        .body = err_text(&said, task->translator, task->arena),
        .about = str_format(task->arena, "%.*s/%lld", STR_ARGS(asking->place),
                            (long long)asked.round),
        .until = asked.expires};
    return ERROR_NONE;
}

static enum error post_letter(struct task *task, struct asking *asking,
                              struct err *err)
{
    struct message letter;
    struct change change;
    enum error error = write_letter(task, asking, &letter, err);

    if (error && error != ERROR_NOT_FOUND)
        return error;
    change_init(&change, task);
    if (!error)
        delivery_add(&change, &letter);
    err_clear(err);
    change_then(&change, write_mailed, asking);
    return change_commit(&change, NULL, err);
}

enum error directory_ask_mail(struct task *task, size_t *posted,
                              struct err *err)
{
    struct asking *list = ARENA_ARRAY(task->arena, struct asking, BATCH);
    struct rows rows;
    size_t count = 0;
    enum error error;

    *posted = 0;
    if (!list)
        return err_memory(err);
    if (!task->office->public_url.size || !task->office->site_key)
        return ERROR_NONE;
    db_query(task->db, &rows, err,
             "SELECT place, email FROM directory_ask WHERE site = $1"
             " AND mailed = 0 AND answered = 0 AND email <> ''"
             " AND expires > $2 ORDER BY made, place LIMIT $3",
             "tii", site_of(task), task->now, (int64_t)BATCH);
    while (count < BATCH && rows_next(&rows))
        list[count++] =
            (struct asking){.site = site_of(task),
                            .place = str_copy(task->arena, rows_text(&rows, 0)),
                            .email = str_copy(task->arena, rows_text(&rows, 1)),
                            .now = task->now};
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        error = post_letter(task, &list[i], err);
        *posted += !error;
    }
    return error;
}

/* --- her answer ----------------------------------------------------------- */

/* Of a protected place the link tells and takes these alone. */
#define CLOSED_FIELDS "hours hours_note status languages"

static struct value *owner_view(struct task *task, const struct value *answers)
{
    struct value *view = value_object(task->arena);
    const struct value *phone = value_at(value_get(answers, "phones"), 0);
    bool closed = place_is_protected(answers);

    value_put_str(view, task->arena, "name",
                  closed ? catalog_name(task->office->catalog, "place_type",
                                        value_text_of(answers, "place_type"),
                                        task->language)
                         : value_text_of(answers, "name"));
    for (size_t i = 0; directory_owner_fields[i]; i++) {
        const char *name = directory_owner_fields[i];
        struct str text = value_text_of(answers, name);

        if (strcmp(name, "phone_1") == 0)
            text = value_text_of(phone, "number");
        if (closed && !words_have(STR(CLOSED_FIELDS), str_of(name)))
            continue; /* a link may be passed on */
        value_put_str(view, task->arena, name, text.at ? text : STR(""));
    }
    return view;
}

static enum error opened(struct task *task, struct str token, struct str *place,
                         struct record *record, struct err *err)
{
    struct asked asked;
    int64_t round = 0;
    enum error error = read_token(task, token, place, &round, err);

    if (!error)
        error = read_asked(task, *place, &asked, err);
    if (!error && (!asked.there || asked.round != round))
        error = err_set(err, ERROR_GONE,
                        N_("Este enlace ya no sirve: hay uno más nuevo."), NULL,
                        NULL, NULL);
    if (!error)
        error = record_read(&task->office->log, task->db, STR("place"), *place,
                            task->arena, record, err);
    return error;
}

enum error directory_ask_open(struct task *task, struct str token,
                              struct str *place, const struct value **answers,
                              struct err *err)
{
    struct record record;
    enum error error = opened(task, token, place, &record, err);

    if (!error)
        *answers = owner_view(task, record.answers);
    return error;
}

/* What differs from what stands, cut to a sensible length. */
static struct value *real_change(struct task *task, const struct value *change,
                                 const struct value *standing)
{
    struct value *out = value_object(task->arena);

    for (size_t i = 0; directory_owner_fields[i]; i++) {
        const char *name = directory_owner_fields[i];
        const struct value *given = value_get(change, name);
        struct str text = str_slice(str_trim(value_text(given)), 0, TEXT_MOST);

        if (given && value_get(standing, name) &&
            !str_equal(text, value_text_of(standing, name)))
            value_put_str(out, task->arena, name, text);
    }
    return out;
}

static enum error add_change(struct task *task, struct change *change,
                             struct str place, const struct value *fields,
                             struct str note, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct saved saved;
    struct save save = {.kind = STR("place_change"),
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct buf text;

    buf_init(&text, task->arena);
    value_write(fields, &text);
    value_put_str(input, task->arena, "note", utf8_cut(note, TEXT_MOST));
    value_put_str(system, task->arena, "place", place);
    value_put_str(system, task->arena, "change", buf_str(&text));
    value_put_text(system, task->arena, "state", "waiting");
    return record_prepare(task, change, &save, &saved, err);
}

/* What shows at once: still so, and the band of free places. */
static enum error add_confirmation(struct task *task, struct change *change,
                                   struct str place,
                                   const struct owner_answer *answer,
                                   struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct saved saved;
    struct save save = {.kind = STR("place"),
                        .id = place,
                        .input = input,
                        .system = system,
                        .trusted = true};

    if (answer->same) {
        value_put_str(input, task->arena, "verified_on",
                      date_text(task->arena, date_from_day(task_day(task))));
        value_put_text(input, task->arena, "verified_how", "owner");
    }
    if (answer->free_band.size) {
        value_put_str(input, task->arena, "free_band", answer->free_band);
        value_put_str(system, task->arena, "free_at",
                      instant_text(task->arena, task->now));
    }
    return record_prepare(task, change, &save, &saved, err);
}

static enum error write_answered(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;

    return db_run(db, NULL, err,
                  "UPDATE directory_ask SET answered = $3"
                  " WHERE site = $1 AND place = $2",
                  "tti", asking->site, asking->place, asking->now);
}

enum error directory_ask_answer(struct task *task, struct str token,
                                const struct owner_answer *answer,
                                struct err *err)
{
    struct task work = *task;
    struct str place = STR("");
    struct asking asking = {.site = site_of(task), .now = task->now};
    struct record record;
    struct change change;
    const struct value *fields;
    enum error error = opened(task, token, &place, &record, err);

    if (error)
        return error;
    task_as_system(&work);
    work.actor.id = STR("link:directory");
    asking.place = place;
    fields =
        real_change(task, answer->change, owner_view(task, record.answers));
    if (!answer->same && !answer->free_band.size && !value_count(fields) &&
        !str_trim(answer->note).size)
        return err_set(err, ERROR_INPUT,
                       N_("Diga si todo sigue igual o qué cambió."), NULL, NULL,
                       NULL);
    change_init(&change, &work);
    if (answer->same || answer->free_band.size)
        error = add_confirmation(&work, &change, place, answer, err);
    if (!error && (value_count(fields) || str_trim(answer->note).size))
        error = add_change(&work, &change, place, fields, answer->note, err);
    if (!error && (answer->same || value_count(fields)))
        change_also(&change, write_answered, &asking);
    return error ? error : change_commit(&change, NULL, err);
}
