/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_login.c - passwords at the door, and how guessing is slowed down.
 *
 * Failures are counted four ways: by name and machine (its cookie), by name
 * and address, by name, by address. The attempt is counted before the password
 * is looked at, so that guesses sent side by side gain nothing. A name that has
 * logged in well on a machine or from an address is known there: only its own
 * failures there make it wait, so that nobody can lock a whole shelter out by
 * guessing, not even from the network of the shelter.
 */
#include "domain/account/account_inside.h"

#include "core/utf8.h"
#include "domain/access/room.h"
#include "domain/account/duress.h"

enum { FRESH_MS = 10 * 60 * 1000 };
enum { COUNT_DEVICE, COUNT_PAIR, COUNT_NAME, COUNT_ADDRESS, COUNTS };

/* Failures that cost nothing, and the longest wait in seconds. */
static const struct {
    char letter;
    int free, longest;
} policy[COUNTS] = {
    [COUNT_DEVICE] = {'d', 3, ACCOUNT_WAIT_MAX_SECONDS},
    [COUNT_PAIR] = {'p', 3, ACCOUNT_WAIT_MAX_SECONDS},
    [COUNT_NAME] = {'n', 10, ACCOUNT_WAIT_MAX_SECONDS},
    [COUNT_ADDRESS] = {'a', 20, 10},
};

struct attempt {
    struct str site, key[COUNTS]; /* an empty key is not counted */
    int64_t now;
    int64_t wait; /* ms, out: when refused */
};

struct counter {
    int64_t failures, until, good;
};

/* Keys are hashes: what people type as a name may be a password. */
static void make_keys(struct task *task, struct str name,
                      const struct visit *visit, struct attempt *attempt)
{
    struct str where[COUNTS] = {[COUNT_DEVICE] = visit->device,
                                [COUNT_PAIR] = visit->address,
                                [COUNT_ADDRESS] = visit->address};
    struct arena *arena = task->arena;

    for (int i = 0; i < COUNTS; i++) {
        struct str text = str_format(
            arena, "%c\n%.*s\n%.*s", policy[i].letter,
            STR_ARGS(i == COUNT_ADDRESS ? STR("") : name), STR_ARGS(where[i]));

        attempt->key[i] = i == COUNT_DEVICE && !visit->device.size
                              ? STR("")
                              : host_hash_hex(task->office->host, arena, text);
    }
    attempt->site = task->office->base;
    attempt->now = task->now;
}

static int64_t wait_after(int free, int longest, int64_t failures)
{
    int64_t over = failures - free, seconds = longest;

    if (over <= 0)
        return 0;
    if (over < 10 && (int64_t)1 << (over - 1) < seconds)
        seconds = (int64_t)1 << (over - 1);
    return seconds * SECOND_MS;
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

static enum error write_counter(struct db *db, struct str site, struct str key,
                                int64_t now, struct counter counter,
                                struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO throttle"
                  " (site, key, failures, until, touched, good)"
                  " VALUES ($1, $2, $3, $4, $5, $6)"
                  " ON CONFLICT (site, key) DO UPDATE SET"
                  " failures = excluded.failures, until = excluded.until,"
                  " touched = excluded.touched, good = excluded.good",
                  "ttiiii", site, key, counter.failures, counter.until, now,
                  counter.good);
}

/* Which counters make this attempt wait. */
static bool judges(const struct counter *counter, int i)
{
    if (counter[COUNT_DEVICE].good)
        return i == COUNT_DEVICE;
    if (counter[COUNT_PAIR].good)
        return i == COUNT_PAIR;
    return i != COUNT_DEVICE; /* anybody can make up a machine */
}

/* Refuses while a wait lasts; else counts a failure in advance. */
static enum error count_attempt(struct db *db, void *context, struct err *err)
{
    struct attempt *attempt = context;
    struct counter counter[COUNTS] = {{0, 0, 0}};
    enum error error = ERROR_NONE;

    attempt->wait = 0;
    for (int i = 0; !error && i < COUNTS; i++)
        if (attempt->key[i].size)
            error = read_counter(db, attempt->site, attempt->key[i],
                                 &counter[i], err);
    for (int i = 0; i < COUNTS; i++)
        if (judges(counter, i) &&
            counter[i].until - attempt->now > attempt->wait)
            attempt->wait = counter[i].until - attempt->now;
    if (error || attempt->wait)
        return error;
    for (int i = 0; !error && i < COUNTS; i++) {
        if (!attempt->key[i].size)
            continue;
        counter[i].failures++;
        counter[i].until =
            attempt->now +
            wait_after(policy[i].free, policy[i].longest, counter[i].failures);
        error = write_counter(db, attempt->site, attempt->key[i], attempt->now,
                              counter[i], err);
    }
    return error;
}

/* It was right: where she is is known from now on. */
static enum error forget_failures(struct db *db, void *context, struct err *err)
{
    const struct attempt *attempt = context;
    enum error error = ERROR_NONE;

    for (int i = 0; !error && i < COUNTS; i++)
        if (attempt->key[i].size)
            error = write_counter(
                db, attempt->site, attempt->key[i], attempt->now,
                (struct counter){.good = i == COUNT_PAIR || i == COUNT_DEVICE
                                             ? attempt->now
                                             : 0},
                err);
    return error;
}

static enum error say_wait(int64_t wait, struct err *err)
{
    char seconds[24];

    if (!wait)
        return ERROR_NONE;
    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)((wait + SECOND_MS - 1) / SECOND_MS));
    return err_set(err, ERROR_TOO_MANY,
                   N_("Demasiados intentos. Espere {1} segundos y pruebe otra "
                      "vez."),
                   seconds, NULL, NULL);
}

static enum error check_throttle(struct task *task, struct attempt *attempt,
                                 struct err *err)
{
    enum error error = office_change(task->office, count_attempt, attempt, err);

    return error ? error : say_wait(attempt->wait, err);
}

static enum error count_guess(struct db *db, void *context, struct err *err)
{
    struct guess *guess = context;
    struct counter counter = {0, 0, 0};
    enum error error = read_counter(db, guess->site, guess->key, &counter, err);

    guess->wait = counter.until > guess->now ? counter.until - guess->now : 0;
    if (error || guess->wait)
        return error;
    counter.failures++;
    counter.until =
        guess->now + wait_after(guess->free, guess->longest, counter.failures);
    return write_counter(db, guess->site, guess->key, guess->now, counter, err);
}

enum error guess_count(struct task *task, struct guess *guess, struct err *err)
{
    enum error error = office_change(task->office, count_guess, guess, err);

    return error ? error : say_wait(guess->wait, err);
}

enum error guess_clear(struct db *db, const struct guess *guess,
                       struct err *err)
{
    return write_counter(db, guess->site, guess->key, guess->now,
                         (struct counter){0, 0, 0}, err);
}

/* Every account has two hashes: the other is that of a password for duress,
 * or of what nobody knows. */
struct found_credential {
    struct str user, hash, other, decoy;
    bool is_other; /* which was given */
};

static enum error find_credential(struct task *task, struct str name,
                                  struct found_credential *found,
                                  struct err *err)
{
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT credential.user_id, credential.hash,"
                     " COALESCE(o.hash, ''), COALESCE(o.room, '')"
                     " FROM credential LEFT JOIN credential_other o"
                     " ON o.site = credential.site"
                     " AND o.user_id = credential.user_id"
                     " WHERE credential.site = $1 AND credential.name = $2",
                     "tt", task->office->base, name);
    if (error)
        return error;
    if (rows_next(&rows)) {
        found->user = str_copy(task->arena, rows_text(&rows, 0));
        found->hash = str_copy(task->arena, rows_text(&rows, 1));
        found->other = str_copy(task->arena, rows_text(&rows, 2));
        found->decoy = str_copy(task->arena, rows_text(&rows, 3));
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
                     "tt", task->office->base, task->actor.id);
    if (error)
        return error;
    if (rows_next(&rows))
        hash =
            str_join(task->arena, STR("cobijo draft 1 "), rows_text(&rows, 0));
    /* drafts of a room are not for outside it, nor the other way round */
    if (hash.size && !str_equal(task->office->log.site, task->office->base))
        hash = str_join(task->arena, hash, task->office->log.site);
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

/* Whose name and password these are. Both hashes are always looked at, so that
 * time does not tell which it was. */
static enum error look_at_password(struct task *task, struct attempt *attempt,
                                   struct str name, struct str password,
                                   struct found_credential *found,
                                   struct err *err)
{
    const struct host *host = task->office->host;
    bool own, other;
    enum error error;

    if (!host->password_hash || !host->password_verify)
        return err_set(err, ERROR_FORBIDDEN, N_("Aquí no se usan contraseñas."),
                       NULL, NULL, NULL);
    error = check_throttle(task, attempt, err);
    if (!error)
        error = find_credential(task, name, found, err);
    if (error)
        return error;
    own = verify(task, password, found->hash);
    other = verify(task, password, found->other);
    found->is_other = !own && other;
    return own || other ? ERROR_NONE : say_wrong(err);
}

/* An account of before has no second hash: it gets one that nobody knows. */
static enum error give_other(struct task *task,
                             const struct found_credential *found,
                             struct opening *opening, struct err *err)
{
    const struct host *host = task->office->host;
    char out[128];

    opening->duress = found->is_other;
    opening->house = found->is_other ? found->decoy : task->office->base;
    if (found->other.size)
        return ERROR_NONE;
    if (!host->password_hash(host->context, host_secret(host, task->arena),
                             out))
        return err_memory(err);
    opening->other = str_copy(task->arena, str_of(out));
    opening->decoy = host_uuid(host, task->arena);
    return ERROR_NONE;
}

enum error account_check_password(struct task *task, struct str name,
                                  struct str password,
                                  const struct visit *visit, struct err *err)
{
    struct attempt attempt;
    struct found_credential found = {0};
    enum error error;

    name = utf8_lower(task->arena, str_trim(name));
    make_keys(task, name, visit, &attempt);
    error = look_at_password(task, &attempt, name, password, &found, err);
    /* in a decoy house it is the password that opened it */
    if (!error && found.is_other ==
                      str_equal(office_home(task->office), task->office->base))
        error = say_wrong(err);
    return error ? error
                 : office_change(task->office, forget_failures, &attempt, err);
}

enum error account_beside(struct task *task, struct str name,
                          struct str password, const struct visit *visit,
                          struct actor *who, struct err *err)
{
    struct found_credential found = {0};
    struct session session = {0};
    enum error error = account_check_password(task, name, password, visit, err);

    name = utf8_lower(task->arena, str_trim(name));
    if (!error)
        error = find_credential(task, name, &found, err);
    if (!error)
        error = session_user(task, found.user, &session, err);
    if (!error)
        *who = session.who;
    return error;
}

enum error account_login_from(struct task *task, struct str name,
                              struct str password, const struct visit *visit,
                              struct session *session, struct err *err)
{
    struct attempt attempt;
    struct opening opening = {.task = task,
                              .visit = visit,
                              .method = "password",
                              .session = session,
                              .also = forget_failures,
                              .also_context = &attempt};
    struct found_credential found = {0};
    enum error error;

    name = utf8_lower(task->arena, str_trim(name));
    make_keys(task, name, visit, &attempt);
    error = look_at_password(task, &attempt, name, password, &found, err);
    if (!error)
        error = give_other(task, &found, &opening, err);
    if (!error && found.is_other)
        error = duress_mirror(task, found.user, found.decoy, err);
    if (error)
        return error;
    error = session_open(&opening, found.user, err);
    if (error == ERROR_LOGIN) { /* put to rest: nobody learns that */
        err_clear(err);
        return say_wrong(err);
    }
    return error;
}

enum error account_login(struct task *task, struct str name,
                         struct str password, struct str address,
                         struct str *cookie, struct session *session,
                         struct err *err)
{
    struct visit visit = {.address = address};
    enum error error =
        account_login_from(task, name, password, &visit, session, err);

    if (!error)
        *cookie = session->cookie;
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
                   "tt", task->office->base, session);

    if (error || (found && task->now - created < FRESH_MS))
        return error;
    return err_set(err, ERROR_INPUT,
                   N_("Salga y entre otra vez: esto se puede hacer en los diez "
                      "minutos siguientes."),
                   NULL, NULL, NULL);
}

enum error account_again(struct task *task, struct str session,
                         struct str password, const struct visit *visit,
                         struct err *err)
{
    struct found_credential found = {0};
    struct str name = utf8_lower(task->arena, task->actor.name);
    enum error error = find_credential(task, name, &found, err);

    if (error || !found.hash.size)
        return error ? error : check_fresh(task, session, err);
    error = account_check_password(task, name, password, visit, err);
    if (error != ERROR_LOGIN)
        return error;
    err_clear(err);
    return err_set(err, ERROR_INPUT, N_("La contraseña actual no es correcta."),
                   NULL, NULL, NULL);
}
