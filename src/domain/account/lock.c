/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lock.c - see lock.h. A try is counted before the PIN is looked at, so that
 * guesses sent side by side gain nothing.
 */
#include "domain/account/lock.h"

#include "core/utf8.h"
#include "domain/account/account_inside.h"
#include "domain/access/room.h"
#include "domain/account/duress.h"
#include "domain/account/second.h"
#include "domain/policy.h"

struct pin_row {
    struct str site, user, hash;
    int64_t now;
};

static enum error read_pin(struct task *task, struct str user, struct str *hash,
                           struct err *err)
{
    bool found = false;
    enum error error;

    *hash = STR("");
    error = db_get_text(task->db, task->arena, hash, &found, err,
                        "SELECT pin.hash FROM pin WHERE pin.site = $1"
                        " AND pin.user_id = $2",
                        "tt", office_home(task->office), user);
    if (!found)
        *hash = STR("");
    return error;
}

enum error pin_has(struct task *task, struct str user, bool *has,
                   struct err *err)
{
    struct str hash;
    enum error error = read_pin(task, user, &hash, err);

    *has = !error && hash.size > 0;
    return error;
}

/* Six digits, and not those that everybody tries first. */
static enum error check_pin(struct str pin, struct err *err)
{
    bool same = true, up = true, down = true;

    for (size_t i = 0; i < pin.size; i++)
        if (pin.at[i] < '0' || pin.at[i] > '9')
            pin.size = 0;
    if (pin.size != PIN_DIGITS)
        return err_set(err, ERROR_INPUT, N_("El PIN son 6 cifras."), NULL, NULL,
                       NULL);
    for (size_t i = 1; i < pin.size; i++) {
        int step = pin.at[i] - pin.at[i - 1];

        same = same && step == 0;
        up = up && step == 1;
        down = down && step == -1;
    }
    if (same || up || down)
        return err_set(err, ERROR_INPUT,
                       N_("Ese PIN es demasiado fácil de adivinar. Elija "
                          "otro."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static enum error write_pin(struct db *db, void *context, struct err *err)
{
    const struct pin_row *row = context;

    return db_run(db, NULL, err,
                  "INSERT INTO pin (site, user_id, hash, changed)"
                  " VALUES ($1, $2, $3, $4) ON CONFLICT (site, user_id)"
                  " DO UPDATE SET hash = excluded.hash,"
                  " changed = excluded.changed",
                  "ttti", row->site, row->user, row->hash, row->now);
}

static enum error drop_pin(struct db *db, void *context, struct err *err)
{
    const struct pin_row *row = context;

    return db_run(db, NULL, err,
                  "DELETE FROM pin WHERE site = $1 AND user_id = $2", "tt",
                  row->site, row->user);
}

/* The same digits of two people have two hashes under one key, too. */
static struct str bound_pin(struct task *task, struct str user, struct str pin)
{
    return str_format(task->arena, "%.*s\n%.*s", STR_ARGS(user), STR_ARGS(pin));
}

enum error pin_set(struct task *task, struct str pin, struct err *err)
{
    struct pin_row row = {.site = office_home(task->office),
                          .user = task->actor.id,
                          .now = task->now};
    enum error error = check_pin(pin, err);

    if (!error && (!task->actor.role || !row.user.size))
        error = say_session_over(err);
    if (!error)
        error = secret_hash(task, SECRET_PIN, bound_pin(task, row.user, pin),
                            &row.hash, err);
    return error ? error : duress_change(task, write_pin, &row, err);
}

enum error pin_remove(struct task *task, struct err *err)
{
    struct pin_row row = {.site = office_home(task->office),
                          .user = task->actor.id};

    return duress_change(task, drop_pin, &row, err);
}

/* --- locked and unlocked -------------------------------------------------- */

struct lock_row {
    struct str site, id, user, device, house;
    int64_t now, most, tries;
    int64_t created;
    struct str method;
    bool found;
};

static enum error write_lock(struct db *db, void *context, struct err *err)
{
    const struct lock_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE session SET locked = $3 WHERE site = $1 AND id = $2"
                  " AND state = 'open' AND locked = 0",
                  "tti", row->site, row->id, row->now);
}

enum error session_lock(struct task *task, const struct session *session,
                        bool *locked, struct err *err)
{
    struct lock_row row = {
        .site = task->office->base, .id = session->id, .now = task->now};
    enum error error = ERROR_NONE;

    *locked = session->lock_minutes > 0;
    if (*locked && session->state == SESSION_OPEN)
        error = office_change(task->office, write_lock, &row, err);
    return error;
}

/* Counts a try; the session is over when there were too many. */
static enum error count_try(struct db *db, void *context, struct err *err)
{
    struct lock_row *row = context;
    bool found = false;
    enum error error;

    error = db_run(db, NULL, err,
                   "UPDATE session SET tries = tries + 1"
                   " WHERE site = $1 AND id = $2",
                   "tt", row->site, row->id);
    if (!error)
        error = db_get_int(db, &row->tries, &found, err,
                           "SELECT session.tries FROM session"
                           " WHERE session.site = $1 AND session.id = $2",
                           "tt", row->site, row->id);
    row->found = found;
    if (!error && found && row->tries > row->most)
        error = db_run(db, NULL, err,
                       "DELETE FROM session WHERE site = $1 AND id = $2", "tt",
                       row->site, row->id);
    return error;
}

static enum error say_too_many(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("El PIN se escribió mal demasiadas veces. Entre con su "
                      "contraseña."),
                   NULL, NULL, NULL);
}

static enum error end_one(struct db *db, void *context, struct err *err)
{
    const struct lock_row *row = context;

    return db_run(db, NULL, err,
                  "DELETE FROM session WHERE site = $1 AND id = $2", "tt",
                  row->site, row->id);
}

/* A PIN of before the site had a key is kept under it from now on. */
static enum error key_pin(struct task *task, struct str user, struct str pin,
                          struct str hash, struct err *err)
{
    struct pin_row row = {
        .site = office_home(task->office), .user = user, .now = task->now};
    enum error error;

    if (str_starts(hash, STR("key:")) || !task->office->site_key)
        return ERROR_NONE;
    error = secret_hash(task, SECRET_PIN, bound_pin(task, user, pin), &row.hash,
                        err);
    return error ? error : office_change(task->office, write_pin, &row, err);
}

static enum error try_pin(struct task *task, struct lock_row *row,
                          struct str pin, struct err *err)
{
    struct str hash;
    enum error error = policy_number(task, "pin_tries", &row->most, err);

    if (!error)
        error = read_pin(task, row->user, &hash, err);
    if (!error)
        error = office_change(task->office, count_try, row, err);
    if (error)
        return error;
    if (!hash.size || !row->found)
        return say_session_over(err);
    if (row->tries > row->most)
        return say_too_many(err);
    if (secret_fits(task, SECRET_PIN, bound_pin(task, row->user, pin), hash))
        return key_pin(task, row->user, pin, hash, err);
    if (row->tries == row->most) { /* that was the last one */
        error = office_change(task->office, end_one, row, err);
        return error ? error : say_too_many(err);
    }
    return err_set(err, ERROR_INPUT,
                   N_("Ese PIN no es correcto. Revíselo y pruebe otra vez."),
                   NULL, NULL, NULL);
}

static enum error write_unlock(struct db *db, void *context, struct err *err)
{
    const struct lock_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE session SET locked = 0, tries = 0, used = $3"
                  " WHERE site = $1 AND id = $2",
                  "tti", row->site, row->id, row->now);
}

enum error session_unlock(struct task *task, const struct session *session,
                          struct str pin, struct err *err)
{
    struct lock_row row = {.site = task->office->base,
                           .id = session->id,
                           .user = session->who.id,
                           .now = task->now};
    enum error error;

    if (session->state != SESSION_LOCKED)
        return say_session_over(err);
    error = try_pin(task, &row, pin, err);
    return error ? error : office_change(task->office, write_unlock, &row, err);
}

/* --- taking turns --------------------------------------------------------- */

enum { SEATS_MOST = 50 };

static int64_t born_after(const struct task *task)
{
    return task->now - (int64_t)ACCOUNT_SESSION_MINUTES * MINUTE_MS;
}

enum error seats_list(struct task *task, struct str device, struct str but,
                      struct seat **seat, size_t *count, struct err *err)
{
    struct str hash = host_hash_hex(task->office->host, task->arena, device);
    struct seat *list = ARENA_ARRAY(task->arena, struct seat, SEATS_MOST);
    struct rows rows;
    size_t found = 0;
    enum error error;

    *seat = list;
    *count = 0;
    if (!list)
        return err_memory(err);
    if (!device.size)
        return ERROR_NONE;
    error = db_query(task->db, &rows, err,
                     "SELECT session.user_id FROM session"
                     " WHERE session.site = $1 AND session.device = $2"
                     " AND session.state = 'open' AND session.created > $3"
                     " AND session.user_id <> $4"
                     " AND " SESSION_HOUSE " = $5"
                     " AND " SESSION_HAS_PIN " ORDER BY session.used DESC",
                     "ttitt", task->office->base, hash, born_after(task), but,
                     office_home(task->office));
    if (error)
        return error;
    while (found < SEATS_MOST && rows_next(&rows))
        list[found++].user = str_copy(task->arena, rows_text(&rows, 0));
    error = rows_end(&rows);
    for (size_t i = 0; !error && i < found; i++) {
        struct session who = {0};
        struct err own = {0};

        error = session_user(task, list[i].user, &who, &own);
        if (error == ERROR_LOGIN) { /* put to rest meanwhile */
            error = ERROR_NONE;
            continue;
        }
        if (error)
            *err = own;
        list[*count].user = list[i].user;
        list[*count].display =
            who.who.display.size ? who.who.display : who.who.name;
        ++*count;
    }
    return error;
}

static enum error find_seat(struct task *task, struct lock_row *row,
                            struct err *err)
{
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT session.id, session.created, session.method"
                     " FROM session"
                     " WHERE session.site = $1 AND session.device = $2"
                     " AND session.state = 'open' AND session.created > $3"
                     " AND session.user_id = $4"
                     " AND " SESSION_HOUSE " = $5"
                     " ORDER BY session.used DESC",
                     "ttitt", row->site, row->device, born_after(task),
                     row->user, office_home(task->office));
    if (error)
        return error;
    if (rows_next(&rows)) {
        row->id = str_copy(task->arena, rows_text(&rows, 0));
        row->created = rows_int(&rows, 1);
        row->method = str_copy(task->arena, rows_text(&rows, 2));
    }
    error = rows_end(&rows);
    return error || row->id.size ? error : say_session_over(err);
}

enum error seat_take(struct task *task, struct str user, struct str pin,
                     const struct visit *visit, struct session *session,
                     struct err *err)
{
    struct lock_row row = {
        .site = task->office->base,
        .user = user,
        .device = host_hash_hex(task->office->host, task->arena, visit->device),
        .now = task->now};
    struct opening opening = {.task = task,
                              .visit = visit,
                              .session = session,
                              .also = end_one,
                              .also_context = &row};
    enum error error = ERROR_NONE;

    if (!visit->device.size)
        return say_session_over(err);
    error = find_seat(task, &row, err);
    if (!error)
        error = try_pin(task, &row, pin, err);
    if (error)
        return error;
    opening.created = row.created; /* twelve hours after the password */
    opening.method = "pin";
    return session_open(&opening, user, err);
}

/* --- where an account is open --------------------------------------------- */

static enum error may_look(const struct task *task, struct str user,
                           struct err *err)
{
    if (task->actor.role && (str_equal(task->actor.id, user) ||
                             role_has(task->actor.role, RIGHT_USER_ADMIN)))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

enum error sessions_list(struct task *task, struct str user,
                         struct open_session **session, size_t *count,
                         struct err *err)
{
    struct open_session *list =
        ARENA_ARRAY(task->arena, struct open_session, SEATS_MOST);
    struct rows rows;
    enum error error = may_look(task, user, err);

    *session = list;
    *count = 0;
    if (error)
        return error;
    if (!list)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     "SELECT session.id, session.agent, session.method,"
                     " session.created, session.used, session.locked"
                     " FROM session WHERE session.site = $1"
                     " AND session.user_id = $2 AND session.state = 'open'"
                     " AND session.created > $3"
                     " AND " SESSION_HOUSE " = $4"
                     " ORDER BY session.used DESC, session.id",
                     "ttit", task->office->base, user, born_after(task),
                     office_home(task->office));
    if (error)
        return error;
    while (*count < SEATS_MOST && rows_next(&rows)) {
        struct open_session *one = &list[(*count)++];

        one->id = str_copy(task->arena, rows_text(&rows, 0));
        one->agent = str_copy(task->arena, rows_text(&rows, 1));
        one->method = str_copy(task->arena, rows_text(&rows, 2));
        one->created = rows_int(&rows, 3);
        one->used = rows_int(&rows, 4);
        one->locked = rows_int(&rows, 5) != 0;
    }
    return rows_end(&rows);
}

/* Only of the house that one is in: from a decoy nobody reaches the real
 * one's, nor the other way round. */
#define OF_THIS_HOUSE " AND " SESSION_HOUSE " = $4"

static enum error end_some(struct db *db, void *context, struct err *err)
{
    const struct lock_row *row = context;

    if (row->id.size)
        return db_run(db, NULL, err,
                      "DELETE FROM session WHERE site = $1 AND user_id = $2"
                      " AND id = $3" OF_THIS_HOUSE,
                      "tttt", row->site, row->user, row->id, row->house);
    return db_run(db, NULL, err,
                  "DELETE FROM session WHERE site = $1 AND user_id = $2"
                  " AND id <> $3" OF_THIS_HOUSE,
                  "tttt", row->site, row->user, row->device, row->house);
}

enum error sessions_end(struct task *task, struct str user, struct str id,
                        struct str keep, struct err *err)
{
    struct lock_row row = {.site = task->office->base,
                           .user = user,
                           .id = id,
                           .device = keep,
                           .house = office_home(task->office)};
    enum error error = may_look(task, user, err);

    return error ? error : office_change(task->office, end_some, &row, err);
}
