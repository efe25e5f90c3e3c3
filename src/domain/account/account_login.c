/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_login.c - logging in, sessions, and how guessing is slowed down.
 *
 * Failures are counted three ways: by name and address together, by name, by
 * address. The attempt is counted before the password is looked at, so that
 * guesses sent side by side gain nothing. A name that has logged in well from
 * an address is known there: only its own failures from there make it wait,
 * so that nobody can lock a whole shelter out by guessing.
 */
#include "domain/account/account.h"

#include "core/utf8.h"
#include "domain/account/flow.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };
static const int64_t day_ms = (int64_t)24 * 60 * MINUTE;

enum { COUNT_PAIR, COUNT_NAME, COUNT_ADDRESS, COUNTS };

/* Failures that cost nothing, and the longest wait in seconds. */
static const struct {
    char letter;
    int free, longest;
} policy[COUNTS] = {
    [COUNT_PAIR] = {'p', 3, ACCOUNT_WAIT_MAX_SECONDS},
    [COUNT_NAME] = {'n', 10, ACCOUNT_WAIT_MAX_SECONDS},
    [COUNT_ADDRESS] = {'a', 20, 10},
};

struct attempt {
    struct str site, key[COUNTS];
    int64_t now;
    int64_t wait; /* ms, out: when refused */
};

struct counter {
    int64_t failures, until, good;
};

/* Keys are hashes: what people type as a name may be a password. */
static void make_keys(struct task *task, struct str name, struct str address,
                      struct attempt *attempt)
{
    struct arena *arena = task->arena;

    for (int i = 0; i < COUNTS; i++) {
        struct str text =
            str_format(arena, "%c\n%.*s\n%.*s", policy[i].letter,
                       STR_ARGS(i == COUNT_ADDRESS ? STR("") : name),
                       STR_ARGS(i == COUNT_NAME ? STR("") : address));

        attempt->key[i] = host_hash_hex(task->office->host, arena, text);
    }
    attempt->site = task->office->log.site;
    attempt->now = task->now;
}

static int64_t wait_after(int count, int64_t failures)
{
    int64_t over = failures - policy[count].free;
    int64_t seconds = policy[count].longest;

    if (over <= 0)
        return 0;
    if (over < 8 && (int64_t)1 << (over - 1) < seconds)
        seconds = (int64_t)1 << (over - 1);
    return seconds * SECOND;
}

static enum error read_counter(struct db *db, struct str site, struct str key,
                               struct counter *counter, struct err *err)
{
    struct rows rows;
    enum error error;

    error = db_query(db, &rows, err,
                     "SELECT throttle.failures, throttle.until, throttle.good"
                     " FROM throttle WHERE throttle.site = $1"
                     " AND throttle.key = $2",
                     "tt", site, key);
    if (error)
        return error;
    if (rows_next(&rows)) {
        counter->failures = rows_int(&rows, 0);
        counter->until = rows_int(&rows, 1);
        counter->good = rows_int(&rows, 2);
    }
    return rows_end(&rows);
}

static enum error write_counter(struct db *db, const struct attempt *attempt,
                                int count, struct counter counter,
                                struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO throttle"
                  " (site, key, failures, until, touched, good)"
                  " VALUES ($1, $2, $3, $4, $5, $6)"
                  " ON CONFLICT (site, key) DO UPDATE SET"
                  " failures = excluded.failures, until = excluded.until,"
                  " touched = excluded.touched, good = excluded.good",
                  "ttiiii", attempt->site, attempt->key[count],
                  counter.failures, counter.until, attempt->now, counter.good);
}

/* Refuses while a wait lasts; else counts a failure in advance. */
static enum error count_attempt(struct db *db, void *context, struct err *err)
{
    struct attempt *attempt = context;
    struct counter counter[COUNTS] = {{0, 0, 0}};
    enum error error = ERROR_NONE;
    int counts;

    attempt->wait = 0;
    for (int i = 0; !error && i < COUNTS; i++)
        error =
            read_counter(db, attempt->site, attempt->key[i], &counter[i], err);
    counts = counter[COUNT_PAIR].good ? COUNT_PAIR + 1 : COUNTS;
    for (int i = 0; i < counts; i++)
        if (counter[i].until - attempt->now > attempt->wait)
            attempt->wait = counter[i].until - attempt->now;
    if (error || attempt->wait)
        return error;
    for (int i = 0; !error && i < COUNTS; i++) {
        counter[i].failures++;
        counter[i].until = attempt->now + wait_after(i, counter[i].failures);
        error = write_counter(db, attempt, i, counter[i], err);
    }
    return error;
}

static enum error check_throttle(struct task *task, struct attempt *attempt,
                                 struct err *err)
{
    enum error error = office_change(task->office, count_attempt, attempt, err);
    char seconds[24];

    if (error || !attempt->wait)
        return error;
    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)((attempt->wait + SECOND - 1) / SECOND));
    return err_set(err, ERROR_TOO_MANY,
                   N_("Demasiados intentos. Espere {1} segundos y pruebe otra "
                      "vez."),
                   seconds, NULL, NULL);
}

struct found_credential {
    struct str user, hash;
};

static enum error find_credential(struct task *task, struct str name,
                                  struct found_credential *found,
                                  struct err *err)
{
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT credential.user_id, credential.hash"
                     " FROM credential WHERE credential.site = $1"
                     " AND credential.name = $2",
                     "tt", task->office->log.site, name);
    if (error)
        return error;
    if (rows_next(&rows)) {
        found->user = str_copy(task->arena, rows_text(&rows, 0));
        found->hash = str_copy(task->arena, rows_text(&rows, 1));
    }
    return rows_end(&rows);
}

enum error account_draft_key(struct task *task, struct str *key,
                             struct err *err)
{
    struct str hash = STR("");
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT hash FROM credential WHERE site = $1"
                     " AND user_id = $2",
                     "tt", task->office->log.site, task->actor.id);
    if (error)
        return error;
    if (rows_next(&rows))
        hash =
            str_join(task->arena, STR("cobijo draft 1 "), rows_text(&rows, 0));
    *key = hash.size ? host_hash_hex(task->office->host, task->arena, hash)
                     : STR("");
    return rows_end(&rows);
}

/* As slow for a name that does not exist as for one that does. */
static bool verify(const struct task *task, struct str password,
                   struct str hash)
{
    const struct host *host = task->office->host;
    char out[128];

    if (hash.size)
        return host->password_verify(host->context, password,
                                     str_c(task->arena, hash));
    host->password_hash(host->context, password, out);
    return false;
}

static enum error say_wrong(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("El nombre de usuario o la contraseña no son correctos. "
                      "Revíselos y pruebe otra vez."),
                   NULL, NULL, NULL);
}

static enum error say_over(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("Su sesión terminó. Entre otra vez con su cuenta."), NULL,
                   NULL, NULL);
}

/* Who a user is now; ERROR_LOGIN when she may not come in any more. */
static enum error read_user(struct task *task, struct str id,
                            struct session *session, struct err *err)
{
    struct record record = {0};
    struct err own = {0};
    struct actor *actor = &session->actor;
    enum error error;

    error = record_read(&task->office->log, task->db, STR("user"), id,
                        task->arena, &record, &own);
    if (error == ERROR_NOT_FOUND ||
        (!error &&
         (str_equal_c(value_text_of(record.answers, "active"), "no") ||
          str_equal_c(record.state, "erased"))))
        return say_over(err);
    if (error) {
        *err = own;
        return error;
    }
    actor->id = record.id;
    actor->name = value_text_of(record.answers, "name");
    actor->display = value_text_of(record.answers, "display_name");
    actor->place = value_text_of(record.answers, "place");
    actor->role = catalog_role(task->office->catalog,
                               value_text_of(record.answers, "role"));
    session->language = value_text_of(record.answers, "interface_language");
    return actor->role ? ERROR_NONE : say_over(err);
}

static enum error clear_counters(struct db *db, void *context, struct err *err)
{
    const struct attempt *attempt = context;
    enum error error = ERROR_NONE;

    for (int i = 0; !error && i < COUNTS; i++)
        error = write_counter(
            db, attempt, i,
            (struct counter){.good = i == COUNT_PAIR ? attempt->now : 0}, err);
    return error;
}

struct new_session {
    struct attempt *attempt; /* NULL: no password was asked */
    struct str site, id, user, csrf;
    int64_t now;
};

static enum error write_session(struct db *db, void *context, struct err *err)
{
    const struct new_session *made = context;
    enum error error =
        made->attempt ? clear_counters(db, made->attempt, err) : ERROR_NONE;

    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO session"
                       " (site, id, user_id, csrf, created, used)"
                       " VALUES ($1, $2, $3, $4, $5, $6)",
                       "ttttii", made->site, made->id, made->user, made->csrf,
                       made->now, made->now);
    return error;
}

static int64_t session_end(int64_t created, int64_t used)
{
    int64_t last = created + (int64_t)ACCOUNT_SESSION_MINUTES * MINUTE;
    int64_t idle = used + (int64_t)ACCOUNT_IDLE_MINUTES * MINUTE;

    return idle < last ? idle : last;
}

static enum error open_session(struct task *task, struct str user,
                               struct attempt *attempt, struct str *cookie,
                               struct session *session, struct err *err)
{
    const struct host *host = task->office->host;
    struct str secret = host_secret(host, task->arena);
    struct session made = {0};
    struct new_session row = {.attempt = attempt,
                              .site = task->office->log.site,
                              .user = user,
                              .now = task->now};
    enum error error = read_user(task, user, &made, err);

    if (error)
        return error;
    made.csrf = host_secret(host, task->arena);
    made.id = host_hash_hex(host, task->arena, secret);
    made.expires = session_end(task->now, task->now);
    row.id = made.id;
    row.csrf = made.csrf;
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, write_session, &row, err);
    if (!error) {
        *session = made;
        *cookie = secret;
    }
    return error;
}

enum error account_open(struct task *task, struct str user,
                        enum account_method method, struct str *cookie,
                        struct session *session, struct err *err)
{
    (void)method; /* the table of sessions does not ask yet */
    return open_session(task, user, NULL, cookie, session, err);
}

enum error account_login(struct task *task, struct str name,
                         struct str password, struct str address,
                         struct str *cookie, struct session *session,
                         struct err *err)
{
    const struct host *host = task->office->host;
    struct found_credential found = {0};
    struct attempt attempt;
    enum error error;

    name = utf8_lower(task->arena, str_trim(name));
    if (!host->password_hash || !host->password_verify)
        return err_set(err, ERROR_FORBIDDEN, N_("Aquí no se usan contraseñas."),
                       NULL, NULL, NULL);
    make_keys(task, name, address, &attempt);
    error = check_throttle(task, &attempt, err);
    if (!error)
        error = find_credential(task, name, &found, err);
    if (error)
        return error;
    if (!verify(task, password, found.hash))
        return say_wrong(err);
    error = open_session(task, found.user, &attempt, cookie, session, err);
    if (error == ERROR_LOGIN) {
        err_clear(err);
        return say_wrong(err);
    }
    return error;
}

static enum error check_fresh(struct task *task, struct str session,
                              struct err *err)
{
    int64_t created = 0;
    bool found = false;
    enum error error =
        db_get_int(task->db, &created, &found, err,
                   "SELECT session.created FROM session"
                   " WHERE session.site = $1 AND session.id = $2",
                   "tt", task->office->log.site, session);

    if (error || (found && task->now - created < (int64_t)10 * MINUTE))
        return error;
    return err_set(err, ERROR_INPUT,
                   N_("Salga y entre otra vez: esto se puede hacer en los diez "
                      "minutos siguientes."),
                   NULL, NULL, NULL);
}

enum error account_again(struct task *task, struct str session,
                         struct str password, struct str address,
                         struct err *err)
{
    struct found_credential found = {0};
    struct str name = utf8_lower(task->arena, task->actor.name);
    struct attempt attempt;
    enum error error = find_credential(task, name, &found, err);

    if (error || !found.hash.size)
        return error ? error : check_fresh(task, session, err);
    make_keys(task, name, address, &attempt);
    error = check_throttle(task, &attempt, err);
    if (!error && (!str_equal(found.user, task->actor.id) ||
                   !verify(task, password, found.hash)))
        error = err_set(err, ERROR_INPUT,
                        N_("La contraseña actual no es correcta."), NULL, NULL,
                        NULL);
    return error ? error
                 : office_change(task->office, clear_counters, &attempt, err);
}

/* One row of the table session. */
struct session_row {
    struct str site, id, user;
    int64_t created, used, now;
};

static enum error touch_session(struct db *db, void *context, struct err *err)
{
    const struct session_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE session SET used = $3 WHERE site = $1 AND id = $2",
                  "tti", row->site, row->id, row->now);
}

static enum error end_session(struct db *db, void *context, struct err *err)
{
    const struct session_row *row = context;

    return db_run(db, NULL, err,
                  "DELETE FROM session WHERE site = $1 AND id = $2", "tt",
                  row->site, row->id);
}

static enum error read_session(struct task *task, struct session_row *row,
                               struct session *session, struct err *err)
{
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT session.user_id, session.csrf, session.created,"
                     " session.used FROM session"
                     " WHERE session.site = $1 AND session.id = $2",
                     "tt", row->site, row->id);
    if (error)
        return error;
    if (rows_next(&rows)) {
        row->user = str_copy(task->arena, rows_text(&rows, 0));
        session->csrf = str_copy(task->arena, rows_text(&rows, 1));
        row->created = rows_int(&rows, 2);
        row->used = rows_int(&rows, 3);
    }
    return rows_end(&rows);
}

enum error account_session(struct task *task, struct str cookie,
                           struct session *session, struct err *err)
{
    struct session found = {0};
    struct session_row row = {
        .site = task->office->log.site,
        .id = host_hash_hex(task->office->host, task->arena, cookie),
        .now = task->now};
    struct err ignored = {0};
    enum error error = read_session(task, &row, &found, err);

    if (error)
        return error;
    found.id = row.id;
    found.expires = session_end(row.created, row.used);
    if (!row.user.size || task->now >= found.expires)
        return say_over(err);
    error = read_user(task, row.user, &found, err);
    if (error)
        return error;
    /* Noted now and then only; a store that cannot write still reads. */
    if (task->now - row.used > (int64_t)5 * MINUTE &&
        !office_change(task->office, touch_session, &row, &ignored))
        found.expires = session_end(row.created, task->now);
    *session = found;
    return ERROR_NONE;
}

enum error account_logout(struct task *task, struct str cookie, struct err *err)
{
    struct session_row row = {
        .site = task->office->log.site,
        .id = host_hash_hex(task->office->host, task->arena, cookie)};

    return office_change(task->office, end_session, &row, err);
}

static enum error sweep(struct db *db, void *context, struct err *err)
{
    const struct task *task = context;
    struct str site = task->office->log.site;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM session"
                   " WHERE site = $1 AND (created < $2 OR used < $3)",
                   "tii", site,
                   task->now - (int64_t)ACCOUNT_SESSION_MINUTES * MINUTE,
                   task->now - (int64_t)ACCOUNT_IDLE_MINUTES * MINUTE);
    if (!error)
        error =
            db_run(db, NULL, err,
                   "DELETE FROM throttle"
                   " WHERE site = $1 AND touched < $2 AND good < $3",
                   "tii", site, task->now - day_ms, task->now - 90 * day_ms);
    if (!error)
        error = flow_sweep(db, task, err);
    return error;
}

enum error account_sweep(struct task *task, struct err *err)
{
    return office_change(task->office, sweep, task, err);
}
