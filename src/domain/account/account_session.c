/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_session.c - sessions: opened, found again by their cookie, ended.
 *
 * The cookie is 32 random bytes; the table holds its hash, so who reads the
 * table cannot come in. A session is never raised: each proof (password, code,
 * passkey, PIN of another person) makes a new one with a new cookie and ends
 * the one before, so a cookie that somebody planted is worth nothing.
 */
#include "domain/account/account_inside.h"
#include "domain/account/duress.h"
#include "domain/account/flow.h"
#include "domain/access/room.h"
#include "domain/account/second.h"
#include "domain/bound.h"
#include "domain/policy.h"

static const struct {
    const char *name;
    enum session_state state;
} state_table[] = {
    {"open", SESSION_OPEN},
    {"half", SESSION_HALF},
    {"enrol", SESSION_ENROL},
};

const char *session_state_name(enum session_state state)
{
    for (size_t i = 0; i < sizeof state_table / sizeof state_table[0]; i++)
        if (state_table[i].state == state)
            return state_table[i].name;
    return "half";
}

/* What is not known opens nothing. */
static enum session_state state_of(struct str name)
{
    for (size_t i = 0; i < sizeof state_table / sizeof state_table[0]; i++)
        if (str_equal_c(name, state_table[i].name))
            return state_table[i].state;
    return SESSION_HALF;
}

enum error say_session_over(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("Su sesión terminó. Entre otra vez con su cuenta."), NULL,
                   NULL, NULL);
}

enum error session_user(struct task *task, struct str id,
                        struct session *session, struct err *err)
{
    struct record record = {0};
    struct err own = {0};
    struct actor *who = &session->who;
    enum error error;

    error = record_read(&task->office->log, task->db, STR("user"), id,
                        task->arena, &record, &own);
    if (error == ERROR_NOT_FOUND ||
        (!error &&
         (str_equal_c(value_text_of(record.answers, "active"), "no") ||
          str_equal_c(record.state, "erased"))))
        return say_session_over(err);
    if (error) {
        *err = own;
        return error;
    }
    who->id = record.id;
    who->name = value_text_of(record.answers, "name");
    who->display = value_text_of(record.answers, "display_name");
    who->place = value_text_of(record.answers, "place");
    who->role = catalog_role(task->office->catalog,
                             value_text_of(record.answers, "role"));
    session->language = value_text_of(record.answers, "interface_language");
    return who->role ? ERROR_NONE : say_session_over(err);
}

/* The real account says who may come in; in a decoy what was changed inside
 * shows: the name and the language, or that she was put to rest. */
static enum error session_owner(struct task *task, struct str house,
                                struct str user, struct session *session,
                                struct err *err)
{
    struct task inside = *task;
    struct session there = {0};
    struct err own = {0};
    bool apart = false;
    enum error error;

    inside.office = office_room(task->office, task->arena, task->office->base,
                                task->office->base);
    if (!inside.office)
        return err_memory(err);
    error = session_user(&inside, user, session, err);
    if (!error && !str_equal(house, task->office->base))
        error = duress_apart(task, house, &apart, err);
    if (error || !apart)
        return error;
    inside.office = office_room(task->office, task->arena, house, house);
    if (!inside.office)
        return err_memory(err);
    error = session_user(&inside, user, &there, &own);
    if (error) {
        *err = own;
        return error;
    }
    session->who.display = there.who.display;
    session->language = there.language;
    return ERROR_NONE;
}

enum error sessions_drop(struct db *db, const struct task *task,
                         struct str user, struct err *err)
{
    return db_run(db, NULL, err,
                  "DELETE FROM session WHERE site = $1 AND user_id = $2"
                  " AND (site = $3 OR " SESSION_HOUSE " = $3)",
                  "ttt", task->office->base, user, office_home(task->office));
}

/* --- opening ----------------------------------------------------------------
 */

/* The session this browser had: another person's with a PIN waits for her
 * turn, every other one ends. So does an older one of the same person here. */
static enum error leave_before(struct db *db, const struct opening *opening,
                               struct err *err)
{
    const struct session *made = opening->session;
    struct str site = opening->task->office->base;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM session WHERE site = $1 AND id = $2"
                   " AND (user_id = $3 OR state <> 'open'"
                   " OR NOT " SESSION_HAS_PIN ")",
                   "ttt", site, opening->visit->before, made->who.id);
    if (!error)
        error = db_run(db, NULL, err,
                       "UPDATE session SET locked = $3 WHERE site = $1"
                       " AND id = $2 AND locked = 0",
                       "tti", site, opening->visit->before, opening->task->now);
    if (!error && made->device.size)
        error = db_run(db, NULL, err,
                       "DELETE FROM session WHERE site = $1 AND device = $2"
                       " AND user_id = $3",
                       "ttt", site, made->device, made->who.id);
    return error;
}

/* Where the session works: the decoy house that a password for duress opened
 * (and no later step leaves), or the store's own. */
static enum error write_house(struct db *db, const struct opening *opening,
                              struct err *err)
{
    const struct session *made = opening->session;
    const struct task *task = opening->task;
    struct str site = task->office->base;
    enum error error = ERROR_NONE;

    if (opening->other.size)
        error =
            db_run(db, NULL, err,
                   "INSERT INTO credential_other (site, user_id, hash,"
                   " room) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (site, user_id) DO NOTHING",
                   "tttt", site, made->who.id, opening->other, opening->decoy);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO session_room (site, id, home, room, used)"
                       " VALUES ($1, $2, $3, $3, $4)",
                       "ttti", site, made->id, opening->house, task->now);
    if (!error && opening->duress)
        error = db_run(db, NULL, err,
                       "INSERT INTO duress_use (site, id, user_id, at, seen)"
                       " VALUES ($1, $2, $3, $4, 0)",
                       "ttti", site, made->id, made->who.id, task->now);
    return error;
}

/* So many of one user at once, open and waiting ones apart: who knows no more
 * than her password ends none of those she works in. */
static enum error end_oldest(struct db *db, const struct opening *opening,
                             struct err *err)
{
    const struct session *made = opening->session;
    bool open = made->state == SESSION_OPEN;

    return db_run(
        db, NULL, err,
        "DELETE FROM session WHERE site = $1 AND user_id = $2"
        " AND id <> $3 AND (state = 'open') = (1 = $4) AND id NOT IN"
        " (SELECT s.id FROM session s WHERE s.site = $1 AND s.user_id = $2"
        " AND s.id <> $3 AND (s.state = 'open') = (1 = $4)"
        " ORDER BY s.used DESC, s.created DESC LIMIT $5)",
        "tttii", opening->task->office->base, made->who.id, made->id,
        (int64_t)open,
        (int64_t)(open ? SESSIONS_MOST : HALF_SESSIONS_MOST) - 1);
}

static enum error write_session(struct db *db, void *context, struct err *err)
{
    const struct opening *opening = context;
    const struct session *made = opening->session;
    const struct task *task = opening->task;
    struct str site = task->office->base;
    enum error error = ERROR_NONE;

    if (opening->also)
        error = opening->also(db, opening->also_context, err);
    if (!error)
        error = write_house(db, opening, err);
    if (!error)
        error = leave_before(db, opening, err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO session (site, id, user_id, csrf, created,"
                       " used, state, method, device, agent, locked, tries)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0,"
                       " 0)",
                       "ttttiitttt", site, made->id, made->who.id, made->csrf,
                       opening->created, task->now,
                       str_of(session_state_name(made->state)), made->method,
                       made->device, opening->visit->agent);
    if (!error && made->device.size) /* so many take turns on one machine */
        error = db_run(db, NULL, err,
                       "DELETE FROM session WHERE site = $1 AND device = $2"
                       " AND id NOT IN (SELECT s.id FROM session s"
                       " WHERE s.site = $1 AND s.device = $2"
                       " ORDER BY s.used DESC, s.created DESC LIMIT $3)",
                       "tti", site, made->device, opening->most);
    return error ? error : end_oldest(db, opening, err);
}

static int64_t session_end(const struct session *session, int64_t created,
                           int64_t used)
{
    int64_t last = created + (int64_t)ACCOUNT_SESSION_MINUTES * MINUTE_MS;
    int64_t idle = used + (int64_t)ACCOUNT_IDLE_MINUTES * MINUTE_MS;

    if (session->state == SESSION_HALF)
        last = created + (int64_t)HALF_MINUTES * MINUTE_MS;
    else if (session->lock_minutes) /* the PIN stands before it */
        idle = last;
    return idle < last ? idle : last;
}

/* What a password alone comes to. */
static enum error state_wanted(struct opening *opening, struct err *err)
{
    struct session *made = opening->session;
    struct task inside = *opening->task; /* where she will be */
    bool has = false, must = false;
    enum error error;

    made->state = SESSION_OPEN;
    if (strcmp(opening->method, "password") != 0)
        return ERROR_NONE;
    error = task_enter_room(&inside, opening->house, opening->house, err);
    if (!error)
        error = second_has(&inside, made->who.id, &has, err);
    if (!error && !has)
        error = second_wanted(&inside, made->who.role, &must, err);
    if (!error && has)
        made->state = SESSION_HALF;
    else if (!error && must)
        made->state = SESSION_ENROL;
    return error;
}

enum error session_open(struct opening *opening, struct str user,
                        struct err *err)
{
    struct task *task = opening->task;
    const struct host *host = task->office->host;
    struct session *made = opening->session;
    enum error error;

    if (!opening->house.size)
        opening->house = office_home(task->office);
    *made = (struct session){0};
    error = session_owner(task, opening->house, user, made, err);
    if (!error)
        error = state_wanted(opening, err);
    if (!error)
        error = policy_number(task, "device_people", &opening->most, err);
    if (error)
        return error;
    if (made->state == SESSION_OPEN)
        made->actor = made->who;
    if (!opening->created)
        opening->created = task->now;
    made->cookie = host_secret(host, task->arena);
    made->csrf = host_secret(host, task->arena);
    made->id = host_hash_hex(host, task->arena, made->cookie);
    made->method = str_of(opening->method);
    made->device =
        opening->visit->device.size
            ? host_hash_hex(host, task->arena, opening->visit->device)
            : STR("");
    made->expires = session_end(made, opening->created, task->now);
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, write_session, opening, err);
    if (error)
        *made = (struct session){0};
    return error;
}

enum error account_open_session(struct task *task, struct str user,
                                const char *method, const struct visit *visit,
                                struct session *session, struct err *err)
{
    struct opening opening = {
        .task = task, .visit = visit, .method = method, .session = session};

    return session_open(&opening, user, err);
}

enum error account_open_decoy(struct task *task, struct str user,
                              struct str decoy, const struct visit *visit,
                              struct session *session, struct err *err)
{
    struct opening opening = {.task = task,
                              .visit = visit,
                              .method = "passkey",
                              .session = session,
                              .house = decoy,
                              .duress = true};

    return session_open(&opening, user, err);
}

/* --- found again ------------------------------------------------------------
 */

/* One row of the table session. */
struct session_row {
    struct str site, id, user;
    int64_t created, used, now, locked;
    int64_t room_used;
    bool pin;
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
                     " session.used, session.state, session.method,"
                     " session.device, session.locked,"
                     " (SELECT count(*) FROM pin"
                     " WHERE pin.site = COALESCE(r.home, $1)"
                     " AND pin.user_id = session.user_id),"
                     " COALESCE(r.home, $1), COALESCE(r.room, $1),"
                     " COALESCE(r.used, 0),"
                     " (SELECT COUNT(*) FROM room_member m WHERE m.site ="
                     " COALESCE(r.home, $1) AND m.user_id = session.user_id)"
                     " FROM session LEFT JOIN session_room r"
                     " ON r.site = session.site AND r.id = session.id"
                     " WHERE session.site = $1 AND session.id = $2",
                     "tt", row->site, row->id);
    if (error)
        return error;
    if (rows_next(&rows)) {
        row->user = str_copy(task->arena, rows_text(&rows, 0));
        session->csrf = str_copy(task->arena, rows_text(&rows, 1));
        row->created = rows_int(&rows, 2);
        row->used = rows_int(&rows, 3);
        session->state = state_of(rows_text(&rows, 4));
        session->method = str_copy(task->arena, rows_text(&rows, 5));
        session->device = str_copy(task->arena, rows_text(&rows, 6));
        row->locked = rows_int(&rows, 7);
        row->pin = rows_int(&rows, 8) > 0;
        session->home = str_copy(task->arena, rows_text(&rows, 9));
        session->room = str_copy(task->arena, rows_text(&rows, 10));
        row->room_used = rows_int(&rows, 11);
        session->rooms = rows_int(&rows, 12) > 0;
    }
    return rows_end(&rows);
}

/* An open session that nobody used for so long asks for the PIN. The instant
 * of the last use is noted in steps, so it may be so much late. */
static enum error look_at_lock(struct task *task, struct session_row *row,
                               struct session *found, struct err *err)
{
    int64_t minutes = 0;
    enum error error;

    if (!row->pin)
        return ERROR_NONE;
    error = policy_number(task, "lock_minutes", &minutes, err);
    if (error)
        return error;
    found->lock_minutes = (int)minutes;
    if (found->state == SESSION_OPEN &&
        (row->locked ||
         task->now - row->used > minutes * MINUTE_MS + ACCOUNT_TOUCH_MS))
        found->state = SESSION_LOCKED;
    return ERROR_NONE;
}

static enum error touch_room(struct db *db, void *context, struct err *err)
{
    const struct session_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE session_room SET used = $3"
                  " WHERE site = $1 AND id = $2",
                  "tti", row->site, row->id, row->now);
}

/* Who was idle in a room stands outside it again, and so does a session that
 * is not open. */
static void look_at_room(struct task *task, struct session_row *row,
                         struct session *session)
{
    struct err ignored = {0};

    if (str_equal(session->room, session->home))
        return;
    if (session->state != SESSION_OPEN ||
        task->now - row->room_used > (int64_t)ROOM_IDLE_MINUTES * MINUTE_MS)
        session->room = session->home;
    else if (task->now - row->room_used > MINUTE_MS)
        office_change(task->office, touch_room, row, &ignored);
}

/* Noted now and then only; a store that cannot write still reads. */
static void note_use(struct task *task, struct session_row *row,
                     struct session *found)
{
    int64_t step = row->pin ? ACCOUNT_TOUCH_MS : (int64_t)5 * MINUTE_MS;
    struct err ignored = {0};

    if (found->state != SESSION_LOCKED && task->now - row->used > step &&
        !office_change(task->office, touch_session, row, &ignored))
        found->expires = session_end(found, row->created, task->now);
}

enum error account_session(struct task *task, struct str cookie,
                           struct session *session, struct err *err)
{
    struct session found = {0};
    struct session_row row = {
        .site = task->office->base,
        .id = host_hash_hex(task->office->host, task->arena, cookie),
        .now = task->now};
    enum error error = read_session(task, &row, &found, err);

    if (!error && !row.user.size)
        return say_session_over(err);
    if (!error)
        error = look_at_lock(task, &row, &found, err);
    if (error)
        return error;
    found.id = row.id;
    found.expires = session_end(&found, row.created, row.used);
    if (task->now >= found.expires)
        return say_session_over(err);
    error = session_owner(task, found.home, row.user, &found, err);
    if (error)
        return error;
    if (found.state == SESSION_OPEN)
        found.actor = found.who;
    look_at_room(task, &row, &found);
    note_use(task, &row, &found);
    *session = found;
    return ERROR_NONE;
}

enum error account_logout(struct task *task, struct str cookie, struct err *err)
{
    struct session_row row = {
        .site = task->office->base,
        .id = host_hash_hex(task->office->host, task->arena, cookie)};

    return office_change(task->office, end_session, &row, err);
}

/* --- swept away --------------------------------------------------------------
 */

static enum error sweep(struct db *db, void *context, struct err *err)
{
    static const int64_t day_ms = (int64_t)24 * 60 * MINUTE_MS;
    const struct task *task = context;
    struct str site = task->office->base;
    enum error error;

    error = db_run(db, NULL, err,
                   "DELETE FROM session WHERE site = $1 AND (created < $2"
                   " OR (state = 'half' AND created < $3)"
                   " OR (used < $4 AND NOT " SESSION_HAS_PIN "))",
                   "tiii", site,
                   task->now - (int64_t)ACCOUNT_SESSION_MINUTES * MINUTE_MS,
                   task->now - (int64_t)HALF_MINUTES * MINUTE_MS,
                   task->now - (int64_t)ACCOUNT_IDLE_MINUTES * MINUTE_MS);
    if (!error)
        error =
            db_run(db, NULL, err,
                   "DELETE FROM throttle"
                   " WHERE site = $1 AND touched < $2 AND good < $3",
                   "tii", site, task->now - day_ms, task->now - 90 * day_ms);
    if (!error) /* where somebody came in well is forgotten last */
        error = db_run(db, NULL, err,
                       "DELETE FROM throttle WHERE site = $1 AND key IN"
                       " (SELECT t.key FROM throttle t WHERE t.site = $1"
                       " ORDER BY t.good DESC, t.touched DESC, t.key"
                       " LIMIT 1000000 OFFSET $2)",
                       "ti", site, (int64_t)THROTTLE_MOST);
    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM invitation"
                       " WHERE site = $1 AND expires < $2",
                       "ti", site, task->now - 30 * day_ms);
    if (!error)
        error = db_run(db, NULL, err,
                       "DELETE FROM session_room WHERE site = $1"
                       " AND NOT EXISTS (SELECT 1 FROM session WHERE"
                       " session.site = $1 AND session.id = session_room.id)",
                       "t", site);
    if (!error)
        error = flow_sweep(db, task, err);
    return error;
}

enum error account_sweep(struct task *task, struct err *err)
{
    return office_change(task->office, sweep, task, err);
}
