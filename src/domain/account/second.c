/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* second.c - see second.h: setting up, asking for and losing a second step. */
#include "domain/account/second.h"

#include "core/seal.h"
#include "core/utf8.h"
#include "domain/access/room.h"
#include "domain/account/account_inside.h"
#include "domain/account/duress.h"
#include "domain/policy.h"

struct totp_row {
    struct str key, nonce, secret; /* as kept */
    int64_t confirmed, step;
    bool found;
};

static enum error read_row(struct task *task, struct db *db, struct str user,
                           struct totp_row *row, struct err *err)
{
    struct rows rows;
    enum error error;

    *row = (struct totp_row){0};
    error = db_query(db, &rows, err,
                     "SELECT totp.key, totp.nonce, totp.secret,"
                     " totp.confirmed, totp.step FROM totp"
                     " WHERE totp.site = $1 AND totp.user_id = $2",
                     "tt", office_home(task->office), user);
    if (error)
        return error;
    if (rows_next(&rows)) {
        row->key = str_copy(task->arena, rows_text(&rows, 0));
        row->nonce = str_copy(task->arena, rows_bytes(&rows, 1));
        row->secret = str_copy(task->arena, rows_bytes(&rows, 2));
        row->confirmed = rows_int(&rows, 3);
        row->step = rows_int(&rows, 4);
        row->found = true;
    }
    return rows_end(&rows);
}

/* --- what she has ------------------------------------------------------------
 */

/* Counts rows of hers; where is the end of a constant statement. */
static enum error count_of(struct task *task, struct str user, const char *sql,
                           int64_t *count, struct err *err)
{
    bool found;

    return db_get_int(task->db, count, &found, err, sql, "tt",
                      office_home(task->office), user);
}

enum error second_has(struct task *task, struct str user, bool *has,
                      struct err *err)
{
    struct second second = {0};
    enum error error = second_read(task, user, NULL, &second, err);

    *has = error || second.totp || second.passkey;
    return error;
}

enum error second_wanted(struct task *task, const struct role *role,
                         bool *wanted, struct err *err)
{
    struct str roles = STR(""), part;
    enum error error = policy_text(task, "second_factor_roles", &roles, err);

    *wanted = error != ERROR_NONE;
    while (!error && str_cut(&roles, ' ', &part))
        if (role && part.size &&
            (str_equal_c(part, "all") || str_equal(part, role->name)))
            *wanted = true;
    return error;
}

enum error second_read(struct task *task, struct str user,
                       const struct role *role, struct second *second,
                       struct err *err)
{
    int64_t count = 0;
    enum error error;

    *second = (struct second){0};
    error = count_of(task, user,
                     "SELECT count(*) FROM totp WHERE totp.site = $1"
                     " AND totp.user_id = $2 AND totp.confirmed <> 0",
                     &count, err);
    second->totp = count > 0;
    if (!error)
        error = count_of(task, user,
                         "SELECT count(*) FROM recovery_code"
                         " WHERE recovery_code.site = $1"
                         " AND recovery_code.user_id = $2"
                         " AND recovery_code.used = 0",
                         &second->codes, err);
    if (!error && role)
        error = second_wanted(task, role, &second->demanded, err);
    return error;
}

/* --- the code of an authenticator --------------------------------------------
 */

struct str base32(struct arena *arena, const unsigned char *bytes, size_t size)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct buf out;
    unsigned hold = 0;
    int bits = 0;

    buf_init(&out, arena);
    for (size_t i = 0; i < size; i++) {
        hold = (hold << 8 | bytes[i]) & 0xffff;
        for (bits += 8; bits >= 5; bits -= 5)
            buf_putc(&out, letter[hold >> (bits - 5) & 31]);
    }
    if (bits)
        buf_putc(&out, letter[hold << (5 - bits) & 31]);
    return buf_str(&out);
}

void hotp(const struct sealer *sealer, struct str secret, uint64_t counter,
          char out[7])
{
    unsigned char text[8], mac[20];
    unsigned at;
    uint32_t number;

    for (int i = 0; i < 8; i++)
        text[i] = (unsigned char)(counter >> (56 - 8 * i));
    sealer->mac_sha1(secret, (struct str){(const char *)text, sizeof text},
                     mac);
    at = mac[19] & 15u;
    number = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
             (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    snprintf(out, 7, "%06u", (unsigned)(number % 1000000u));
    sealer->wipe(mac, sizeof mac);
}

static enum error say_no_sealer(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Aquí no se puede usar un segundo paso."), NULL, NULL,
                   NULL);
}

static enum error say_closed(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("La llave de la sede no está abierta. Pida a quien "
                      "administra que la abra."),
                   NULL, NULL, NULL);
}

static struct str bound_to(struct task *task, struct str user)
{
    return str_format(task->arena, "totp\n%.*s\n%.*s",
                      STR_ARGS(task->office->base), STR_ARGS(user));
}

/* The secret as kept: sealed where there is a site key. */
static enum error seal_secret(struct task *task, struct str user,
                              const unsigned char secret[TOTP_SECRET],
                              struct totp_row *row, struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    struct str plain = {(const char *)secret, TOTP_SECRET};
    unsigned char key[32], *nonce, *out;

    row->key = STR("");
    row->nonce = STR("");
    row->secret = str_copy(task->arena, plain);
    if (!task->office->site_key)
        return ERROR_NONE;
    nonce = arena_alloc(task->arena, SEAL_NONCE);
    out = arena_alloc(task->arena, TOTP_SECRET + SEAL_EXTRA);
    if (!nonce || !out || !secret_key(task, SECRET_TOTP, key))
        return err_memory(err);
    sealer->random(nonce, SEAL_NONCE);
    sealer->seal(key, nonce, bound_to(task, user), plain, out);
    sealer->wipe(key, sizeof key);
    row->key = STR("site");
    row->nonce = (struct str){(const char *)nonce, SEAL_NONCE};
    row->secret = (struct str){(const char *)out, TOTP_SECRET + SEAL_EXTRA};
    return ERROR_NONE;
}

static enum error open_secret(struct task *task, struct str user,
                              const struct totp_row *row,
                              unsigned char secret[TOTP_SECRET],
                              struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[32];
    bool good;

    if (!row->key.size) {
        if (row->secret.size != TOTP_SECRET)
            return say_closed(err);
        memcpy(secret, row->secret.at, TOTP_SECRET);
        return ERROR_NONE;
    }
    if (row->nonce.size != SEAL_NONCE ||
        row->secret.size != TOTP_SECRET + SEAL_EXTRA ||
        !secret_key(task, SECRET_TOTP, key))
        return say_closed(err);
    good = sealer->open(key, (const unsigned char *)row->nonce.at,
                        bound_to(task, user), row->secret, secret);
    sealer->wipe(key, sizeof key);
    return good ? ERROR_NONE : say_closed(err);
}

/* The step whose code this is, or 0. */
static int64_t step_of(const struct task *task,
                       const unsigned char secret[TOTP_SECRET], struct str code)
{
    struct str key = {(const char *)secret, TOTP_SECRET};
    int64_t now = task->now / SECOND_MS / TOTP_SECONDS, found = 0;
    char want[7];

    for (int64_t step = now - 1; step <= now + 1; step++) {
        hotp(task->office->host->sealer, key, (uint64_t)step, want);
        if (host_equal_secret(code, str_of(want)))
            found = step;
    }
    return found;
}

/* "123 456" and "abcd-EFGH" as they are kept. */
static struct str plain_code(struct task *task, struct str code)
{
    struct buf out;

    buf_init(&out, task->arena);
    code = utf8_lower(task->arena, code);
    for (size_t i = 0; i < code.size && i < 64; i++) {
        char c = code.at[i];

        if (c == ' ' || c == '-' || c == '\t')
            continue;
        buf_putc(&out, c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c);
    }
    return buf_str(&out);
}

/* --- setting up ----------------------------------------------------------- */

struct totp_change {
    struct str site, user;
    struct totp_row row;
    struct str hash[RECOVERY_CODES];
    int64_t now, step;
};

static enum error write_totp(struct db *db, void *context, struct err *err)
{
    const struct totp_change *change = context;

    return db_run(db, NULL, err,
                  "INSERT INTO totp (site, user_id, key, nonce, secret,"
                  " confirmed, step) VALUES ($1, $2, $3, $4, $5, 0, 0)"
                  " ON CONFLICT (site, user_id) DO NOTHING",
                  "tttbb", change->site, change->user, change->row.key,
                  change->row.nonce, change->row.secret);
}

static enum error need_person(const struct task *task, struct err *err)
{
    struct str id = task->actor.id;

    if (task->actor.role && id.size && !str_equal_c(id, "system") &&
        !str_starts(id, STR("token:")))
        return ERROR_NONE;
    return err_set(err, ERROR_LOGIN,
                   N_("Primero hay que entrar con su cuenta."), NULL, NULL,
                   NULL);
}

enum error totp_begin(struct task *task, struct str *secret, struct str *uri,
                      struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    struct totp_change change = {.site = office_home(task->office),
                                 .user = task->actor.id};
    unsigned char bytes[TOTP_SECRET];
    enum error error = need_person(task, err);
    struct buf out;

    if (!error && (!sealer || !sealer->mac_sha1))
        return say_no_sealer(err);
    if (!error)
        error = read_row(task, task->db, change.user, &change.row, err);
    if (!error && change.row.confirmed)
        error =
            err_set(err, ERROR_CONFLICT,
                    N_("Su cuenta ya pide un segundo paso."), NULL, NULL, NULL);
    if (!error && !change.row.found) {
        sealer->random(bytes, sizeof bytes);
        error = seal_secret(task, change.user, bytes, &change.row, err);
        if (!error)
            error = duress_change(task, write_totp, &change, err);
        if (!error)
            error = read_row(task, task->db, change.user, &change.row, err);
    }
    if (!error)
        error = open_secret(task, change.user, &change.row, bytes, err);
    if (error)
        return error;
    *secret = base32(task->arena, bytes, sizeof bytes);
    sealer->wipe(bytes, sizeof bytes);
    buf_init(&out, task->arena);
    buf_puts(&out, "otpauth://totp/Cobijo:");
    buf_put_url(&out, task->actor.name);
    buf_printf(&out, "?secret=%.*s&issuer=Cobijo", STR_ARGS(*secret));
    *uri = buf_str(&out);
    return ERROR_NONE;
}

/* Sixteen letters, 80 bits: "xxxx-xxxx-xxxx-xxxx". */
static struct str fresh_code(struct task *task)
{
    static const char letter[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char random[16];
    struct buf out;

    task->office->host->random(task->office->host->context, random,
                               sizeof random);
    buf_init(&out, task->arena);
    for (size_t i = 0; i < sizeof random; i++) {
        if (i && i % 4 == 0)
            buf_putc(&out, '-');
        buf_putc(&out, letter[random[i] & 31]);
    }
    return buf_str(&out);
}

static enum error make_codes(struct task *task, struct totp_change *change,
                             struct str *codes, struct err *err)
{
    enum error error = ERROR_NONE;

    for (int i = 0; !error && i < RECOVERY_CODES; i++) {
        codes[i] = fresh_code(task);
        error = secret_hash(task, SECRET_RECOVERY, plain_code(task, codes[i]),
                            &change->hash[i], err);
    }
    return error;
}

static enum error write_codes(struct db *db, void *context, struct err *err)
{
    const struct totp_change *change = context;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM recovery_code WHERE site = $1 AND user_id = $2",
                   "tt", change->site, change->user);
    for (int i = 0; !error && i < RECOVERY_CODES; i++)
        error = db_run(db, NULL, err,
                       "INSERT INTO recovery_code (site, user_id, number, hash,"
                       " used) VALUES ($1, $2, $3, $4, 0)",
                       "ttit", change->site, change->user, (int64_t)i,
                       change->hash[i]);
    return error;
}

static enum error say_wrong_code(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("Ese código no es correcto o ya se usó. Espere el "
                      "siguiente y escríbalo."),
                   NULL, NULL, NULL);
}

static enum error confirm(struct db *db, void *context, struct err *err)
{
    const struct totp_change *change = context;
    int64_t changed = 0;
    enum error error;

    error =
        db_run(db, &changed, err,
               "UPDATE totp SET confirmed = $3, step = $4"
               " WHERE site = $1 AND user_id = $2 AND confirmed = 0",
               "ttii", change->site, change->user, change->now, change->step);
    if (!error && !changed)
        error = say_wrong_code(err);
    return error ? error : write_codes(db, context, err);
}

static void throttle_of(const struct task *task, struct str user,
                        struct guess *guess)
{
    struct str text = str_format(task->arena, "second\n%.*s", STR_ARGS(user));

    if (duress_inside(task)) /* her real one is not slowed from a decoy */
        text = str_join(task->arena, text, office_home(task->office));
    *guess = (struct guess){
        .site = task->office->base,
        .key = host_hash_hex(task->office->host, task->arena, text),
        .now = task->now,
        .free = 5,
        .longest = 300,
    };
}

enum error totp_confirm(struct task *task, struct str code, struct str *codes,
                        struct err *err)
{
    struct totp_change change = {.site = office_home(task->office),
                                 .user = task->actor.id,
                                 .now = task->now};
    unsigned char secret[TOTP_SECRET];
    struct guess guess;
    enum error error = need_person(task, err);

    if (error)
        return error;
    if (!task->office->host->sealer)
        return say_no_sealer(err);
    throttle_of(task, change.user, &guess);
    error = guess_count(task, &guess, err);
    if (!error)
        error = read_row(task, task->db, change.user, &change.row, err);
    if (!error && (!change.row.found || change.row.confirmed))
        error = say_wrong_code(err);
    if (!error)
        error = open_secret(task, change.user, &change.row, secret, err);
    if (error)
        return error;
    change.step = step_of(task, secret, plain_code(task, code));
    task->office->host->sealer->wipe(secret, sizeof secret);
    if (!change.step)
        return say_wrong_code(err);
    error = make_codes(task, &change, codes, err);
    return error ? error : duress_change(task, confirm, &change, err);
}

enum error recovery_renew(struct task *task, struct str *codes, struct err *err)
{
    struct totp_change change = {.site = office_home(task->office),
                                 .user = task->actor.id};
    enum error error = need_person(task, err);

    if (!error)
        error = make_codes(task, &change, codes, err);
    return error ? error : duress_change(task, write_codes, &change, err);
}

/* --- the second step ------------------------------------------------------ */

struct answer {
    struct task *task;
    struct str site, user;
    struct guess guess;
    int64_t now, step; /* step 0: a recovery code */
    int64_t number;
    struct totp_row sealed; /* found: the secret lay open, now there is a key */
};

static enum error write_sealed(struct db *db, const struct answer *answer,
                               struct err *err)
{
    return db_run(db, NULL, err,
                  "UPDATE totp SET key = $3, nonce = $4, secret = $5"
                  " WHERE site = $1 AND user_id = $2 AND key = ''",
                  "tttbb", answer->site, answer->user, answer->sealed.key,
                  answer->sealed.nonce, answer->sealed.secret);
}

/* Taken once: of two who send the same code at once, one is late. */
static enum error take_code(struct db *db, void *context, struct err *err)
{
    const struct answer *answer = context;
    int64_t changed = 0;
    enum error error;

    if (answer->step)
        error = db_run(db, &changed, err,
                       "UPDATE totp SET step = $3 WHERE site = $1"
                       " AND user_id = $2 AND confirmed <> 0 AND step < $3",
                       "tti", answer->site, answer->user, answer->step);
    else
        error = db_run(db, &changed, err,
                       "UPDATE recovery_code SET used = $4 WHERE site = $1"
                       " AND user_id = $2 AND number = $3 AND used = 0",
                       "ttii", answer->site, answer->user, answer->number,
                       answer->now);
    if (!error && !changed)
        error = say_wrong_code(err);
    if (!error && answer->sealed.found)
        error = write_sealed(db, answer, err);
    if (!error && !answer->step) /* or it would come back at the next login */
        error = duress_keep(db, answer->task, err);
    return error ? error : guess_clear(db, &answer->guess, err);
}

static enum error find_recovery(struct task *task, struct str code,
                                struct answer *answer, bool *good,
                                struct err *err)
{
    struct str hash[RECOVERY_CODES];
    int64_t number[RECOVERY_CODES];
    struct rows rows;
    size_t count = 0;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT recovery_code.number, recovery_code.hash"
                     " FROM recovery_code WHERE recovery_code.site = $1"
                     " AND recovery_code.user_id = $2"
                     " AND recovery_code.used = 0",
                     "tt", answer->site, answer->user);
    if (error)
        return error;
    while (count < RECOVERY_CODES && rows_next(&rows)) {
        number[count] = rows_int(&rows, 0);
        hash[count++] = str_copy(task->arena, rows_text(&rows, 1));
    }
    error = rows_end(&rows);
    for (size_t i = 0; !error && !*good && i < count; i++)
        if (secret_fits(task, SECRET_RECOVERY, code, hash[i])) {
            answer->number = number[i];
            *good = true;
        }
    return error;
}

static enum error find_step(struct task *task, struct str code,
                            struct answer *answer, bool *good, struct err *err)
{
    unsigned char secret[TOTP_SECRET];
    struct totp_row row;
    enum error error = read_row(task, task->db, answer->user, &row, err);

    if (error || !row.confirmed)
        return error;
    error = open_secret(task, answer->user, &row, secret, err);
    if (error)
        return error;
    answer->step = step_of(task, secret, code);
    *good = answer->step > row.step;
    if (*good && !row.key.size && task->office->site_key) {
        error = seal_secret(task, answer->user, secret, &answer->sealed, err);
        answer->sealed.found = true;
    }
    task->office->host->sealer->wipe(secret, sizeof secret);
    return error;
}

enum error account_second(struct task *task, const struct session *half,
                          struct str code, const struct visit *visit,
                          struct session *session, struct err *err)
{
    struct answer answer = {.task = task,
                            .site = office_home(task->office),
                            .user = half->who.id,
                            .now = task->now};
    struct visit from = *visit;
    struct opening opening = {.task = task,
                              .visit = &from,
                              .session = session,
                              .also = take_code,
                              .also_context = &answer};
    bool good = false;
    enum error error;

    if (half->state != SESSION_HALF)
        return say_session_over(err);
    if (!task->office->host->sealer)
        return say_no_sealer(err);
    throttle_of(task, answer.user, &answer.guess);
    error = guess_count(task, &answer.guess, err);
    if (error)
        return error;
    code = plain_code(task, code);
    opening.method = code.size == 6 ? "totp" : "recovery";
    error = code.size == 6 ? find_step(task, code, &answer, &good, err)
                           : find_recovery(task, code, &answer, &good, err);
    if (!error && !good)
        error = say_wrong_code(err);
    if (error)
        return error;
    from.before = half->id;
    return session_open(&opening, answer.user, err);
}

/* --- given up and taken away ---------------------------------------------- */

static enum error drop_second(struct db *db, void *context, struct err *err)
{
    const struct answer *answer = context;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM totp WHERE site = $1 AND user_id = $2", "tt",
                   answer->site, answer->user);
    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM recovery_code"
                       " WHERE site = $1 AND user_id = $2",
                       "tt", answer->site, answer->user);
    return error;
}

enum error second_remove(struct task *task, struct err *err)
{
    struct answer answer = {.task = task,
                            .site = office_home(task->office),
                            .user = task->actor.id};
    bool wanted = false;
    enum error error = need_person(task, err);

    if (!error)
        error = second_wanted(task, task->actor.role, &wanted, err);
    if (!error && wanted)
        error = err_set(err, ERROR_INPUT,
                        N_("En esta casa su función necesita el segundo paso: "
                           "no se puede quitar."),
                        NULL, NULL, NULL);
    return error ? error : duress_change(task, drop_second, &answer, err);
}

static enum error drop_all(struct db *db, void *context, struct err *err)
{
    const struct answer *answer = context;
    enum error error = drop_second(db, context, err);

    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM pin WHERE site = $1 AND user_id = $2", "tt",
                       answer->site, answer->user);
    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM passkey WHERE site = $1 AND user_id = $2",
                       "tt", answer->site, answer->user);
    if (!error)
        error = sessions_drop(db, answer->task, answer->user, err);
    if (!error)
        error = duress_forget(db, answer->site, answer->user, err);
    return error ? error : duress_keep(db, answer->task, err);
}

enum error second_reset(struct task *task, struct str user, struct str why,
                        struct err *err)
{
    struct answer answer = {
        .task = task, .site = office_home(task->office), .user = user};
    struct value *noted = value_object(task->arena);
    struct save save = {.kind = STR("user"),
                        .id = user,
                        .input = value_object(task->arena),
                        .system = noted,
                        .trusted = true};
    struct saved saved;
    struct change change;
    enum error error;

    if (!role_has(task->actor.role, RIGHT_USER_ADMIN))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Solo quien administra las cuentas puede hacer "
                          "esto."),
                       NULL, NULL, NULL);
    if (!str_trim(why).size)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba por qué se quita el segundo paso: queda en "
                          "la historia de la cuenta."),
                       NULL, NULL, NULL);
    value_put_str(noted, task->arena, "second_reset", str_trim(why));
    change_init(&change, task);
    error = record_prepare(task, &change, &save, &saved, err);
    if (error)
        return error;
    change_also(&change, drop_all, &answer);
    return change_commit(&change, NULL, err);
}
