/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* room.c - reserved rooms: who may enter which, and the way in and out.
 *
 * What a room is for the rest of the program is a copy of the office with
 * another site id; no other file knows more. A label is sealed with a key of
 * the site, where there is one, and says nothing about who is inside.
 */
#include "domain/access/room.h"

#include "core/seal.h"
#include "core/utf8.h"
#include "domain/bound.h"

/* --- the office of a room ------------------------------------------------- */

struct str office_home(const struct office *office)
{
    return office->log.home.size ? office->log.home : office->log.site;
}

bool office_in_room(const struct office *office)
{
    return !str_equal(office_home(office), office->log.site);
}

const struct office *office_room(const struct office *office,
                                 struct arena *arena, struct str home,
                                 struct str room)
{
    struct office *inside;

    if (str_equal(office->log.site, room) &&
        str_equal(office_home(office), home))
        return office;
    inside = ARENA_NEW(arena, struct office);
    if (!inside)
        return NULL;
    *inside = *office;
    inside->log.site = str_copy(arena, room);
    inside->log.home = str_equal(home, room) ? STR("") : str_copy(arena, home);
    return inside;
}

enum error task_enter_room(struct task *task, struct str home, struct str room,
                           struct err *err)
{
    const struct office *office =
        office_room(task->office, task->arena, home, room);

    if (!office || arena_failed(task->arena))
        return err_memory(err);
    task->office = office;
    return ERROR_NONE;
}

static enum error grow_sites(struct arena *arena, struct room_site **site,
                             size_t count, size_t *capacity)
{
    size_t more = *capacity ? *capacity * 2 : 16;

    if (count < *capacity)
        return ERROR_NONE;
    *site = arena_grow(arena, *site, *capacity * sizeof(**site),
                       more * sizeof(**site));
    *capacity = *site ? more : 0;
    return *site ? ERROR_NONE : ERROR_MEMORY;
}

/* A decoy house is nobody's room: it is its own home. */
enum error room_all(const struct office *office, struct db *db,
                    struct arena *arena, struct room_site **site, size_t *count,
                    struct err *err)
{
    size_t capacity = 0;
    struct rows rows;
    enum error error;

    *site = NULL;
    *count = 0;
    error = db_query(db, &rows, err,
                     "SELECT site_head.site, COALESCE(room.site,"
                     " site_head.site) FROM site_head LEFT JOIN room"
                     " ON room.id = site_head.site"
                     " WHERE site_head.site <> $1 ORDER BY site_head.site",
                     "t", office->base);
    if (error)
        return error;
    if (grow_sites(arena, site, 0, &capacity) == ERROR_NONE)
        (*site)[(*count)++] = (struct room_site){office->base, office->base};
    while (rows_next(&rows) && !grow_sites(arena, site, *count, &capacity))
        (*site)[(*count)++] =
            (struct room_site){str_copy(arena, rows_text(&rows, 0)),
                               str_copy(arena, rows_text(&rows, 1))};
    error = rows_end(&rows);
    return !error && arena_failed(arena) ? err_memory(err) : error;
}

enum error room_sites(struct task *task, struct str **site, size_t *count,
                      struct err *err)
{
    struct arena *arena = task->arena;
    struct str home = office_home(task->office), *list = NULL;
    size_t capacity = 0;
    struct rows rows;
    enum error error = db_query(task->db, &rows, err,
                                "SELECT room.id FROM room WHERE room.site = $1"
                                " ORDER BY room.id",
                                "t", home);

    *count = 0;
    if (error)
        return error;
    do {
        if (*count == capacity) {
            size_t more = capacity ? capacity * 2 : 8;

            list = arena_grow(arena, list, capacity * sizeof(*list),
                              more * sizeof(*list));
            if (!list)
                break;
            capacity = more;
        }
        list[*count] = *count ? str_copy(arena, rows_text(&rows, 0)) : home;
        ++*count;
    } while (rows_next(&rows));
    error = rows_end(&rows);
    *site = list;
    return !error && arena_failed(arena) ? err_memory(err) : error;
}

/* --- labels --------------------------------------------------------------- */

static const char sealed_mark[] = "sealed:";

static struct str label_seal(const struct office *office, struct arena *arena,
                             struct str room, struct str label)
{
    const struct sealer *sealer = office->host->sealer;
    size_t size = SEAL_NONCE + label.size + SEAL_EXTRA;
    unsigned char *bytes, key[SEAL_KEY];
    struct buf out;

    if (!sealer || !office->site_key)
        return label;
    bytes = arena_alloc(arena, size);
    if (!bytes)
        return STR("");
    sealer->random(bytes, SEAL_NONCE);
    site_key_derive(sealer, office->site_key, SITE_KEY_SECRET, key);
    sealer->seal(key, bytes, room, label, bytes + SEAL_NONCE);
    sealer->wipe(key, sizeof(key));
    buf_init(&out, arena);
    buf_puts(&out, sealed_mark);
    for (size_t i = 0; i < size; i++)
        buf_printf(&out, "%02x", bytes[i]);
    return buf_str(&out);
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* "" when it cannot be opened: the room has no name then. */
static struct str label_open(const struct office *office, struct arena *arena,
                             struct str room, struct str label)
{
    const struct sealer *sealer = office->host->sealer;
    size_t mark = sizeof(sealed_mark) - 1, size;
    unsigned char *bytes, *plain, key[SEAL_KEY];
    bool good;

    if (!str_starts(label, str_of(sealed_mark)))
        return label;
    size = (label.size - mark) / 2;
    if (!sealer || !office->site_key || size < SEAL_NONCE + SEAL_EXTRA)
        return STR("");
    bytes = arena_alloc(arena, size);
    plain = arena_alloc(arena, size);
    if (!bytes || !plain)
        return STR("");
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(digit(label.at[mark + 2 * i]) << 4 |
                                   digit(label.at[mark + 2 * i + 1]));
    site_key_derive(sealer, office->site_key, SITE_KEY_SECRET, key);
    good = sealer->open(
        key, bytes, room,
        (struct str){(const char *)bytes + SEAL_NONCE, size - SEAL_NONCE},
        plain);
    sealer->wipe(key, sizeof(key));
    return good ? (struct str){(const char *)plain,
                               size - SEAL_NONCE - SEAL_EXTRA}
                : STR("");
}

/* --- which there are ------------------------------------------------------ */

bool room_may_make(const struct task *task)
{
    return role_has(task->actor.role, RIGHT_PERSON_HIDE);
}

static enum error say_no_room(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND, N_("Esta página no existe."), NULL,
                   NULL, NULL);
}

#define ROOM_COLUMNS                                                           \
    "SELECT room.id, room.label, room.created, (SELECT COUNT(*)"               \
    " FROM room_member a WHERE a.site = room.site AND a.room = room.id)"       \
    " FROM room JOIN room_member m ON m.site = room.site"                      \
    " AND m.room = room.id AND m.user_id = $2 WHERE room.site = $1"

static void take_room(const struct task *task, const struct rows *rows,
                      struct room *room)
{
    struct arena *arena = task->arena;

    room->id = str_copy(arena, rows_text(rows, 0));
    room->label = label_open(task->office, arena, room->id,
                             str_copy(arena, rows_text(rows, 1)));
    room->created = rows_int(rows, 2);
    room->members = (size_t)rows_int(rows, 3);
}

enum error room_list(struct task *task, struct room **room, size_t *count,
                     struct err *err)
{
    enum { ROOMS_SHOWN = 200 };
    struct rows rows;
    enum error error;

    *count = 0;
    *room = ARENA_ARRAY(task->arena, struct room, ROOMS_SHOWN);
    if (!*room)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     ROOM_COLUMNS " ORDER BY room.created, room.id", "tt",
                     office_home(task->office), task->actor.id);
    if (error)
        return error;
    while (*count < ROOMS_SHOWN && rows_next(&rows))
        take_room(task, &rows, &(*room)[(*count)++]);
    return rows_end(&rows);
}

enum error room_find(struct task *task, struct str id, struct room *room,
                     struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error =
        db_query(task->db, &rows, err, ROOM_COLUMNS " AND room.id = $3", "ttt",
                 office_home(task->office), task->actor.id, id);

    if (error)
        return error;
    if (rows_next(&rows)) {
        found = true;
        take_room(task, &rows, room);
    }
    error = rows_end(&rows);
    return !error && !found ? say_no_room(err) : error;
}

enum error room_label(struct task *task, struct str *label, struct err *err)
{
    struct room room = {0};
    enum error error = room_find(task, task->office->log.site, &room, err);

    *label = room.label.size ? room.label : STR("·");
    return error;
}

enum error room_members(struct task *task, struct str id, struct str **user,
                        size_t *count, struct err *err)
{
    enum { MEMBERS_SHOWN = 200 };
    struct room room;
    struct rows rows;
    enum error error = room_find(task, id, &room, err);

    *count = 0;
    *user = ARENA_ARRAY(task->arena, struct str, MEMBERS_SHOWN);
    if (error)
        return error;
    if (!*user)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     "SELECT user_id FROM room_member WHERE site = $1"
                     " AND room = $2 ORDER BY added, user_id",
                     "tt", office_home(task->office), id);
    while (!error && *count < MEMBERS_SHOWN && rows_next(&rows))
        (*user)[(*count)++] = str_copy(task->arena, rows_text(&rows, 0));
    return error ? error : rows_end(&rows);
}

enum error room_visits(struct task *task, struct str id,
                       struct room_visit **visit, size_t *count,
                       struct err *err)
{
    enum { VISITS_SHOWN = 30 };
    struct arena *arena = task->arena;
    struct room room;
    struct rows rows;
    enum error error = room_find(task, id, &room, err);

    *count = 0;
    *visit = ARENA_ARRAY(arena, struct room_visit, VISITS_SHOWN);
    if (error)
        return error;
    if (!*visit)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     "SELECT user_id, reason, entered FROM room_visit"
                     " WHERE site = $1 ORDER BY entered DESC, id DESC LIMIT $2",
                     "ti", id, (int64_t)VISITS_SHOWN);
    while (!error && *count < VISITS_SHOWN && rows_next(&rows))
        (*visit)[(*count)++] = (struct room_visit){
            str_copy(arena, rows_text(&rows, 0)),
            str_copy(arena, rows_text(&rows, 1)), rows_int(&rows, 2)};
    return error ? error : rows_end(&rows);
}

/* --- making one, and who belongs ------------------------------------------ */

struct making {
    struct str site, room, label, maker;
    const struct str *member;
    size_t members;
    int64_t now;
};

static enum error put_member(struct db *db, const struct making *making,
                             struct str user, struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO room_member (site, room, user_id, added_by,"
                  " added) VALUES ($1, $2, $3, $4, $5)"
                  " ON CONFLICT (site, room, user_id) DO NOTHING",
                  "tttti", making->site, making->room, user, making->maker,
                  making->now);
}

static enum error make_room(struct db *db, void *context, struct err *err)
{
    const struct making *making = context;
    int64_t rooms = 0;
    bool found = false;
    enum error error = db_get_int(
        db, &rooms, &found, err,
        "SELECT count(*) FROM room WHERE room.site = $1 AND room.made_by = $2",
        "tt", making->site, making->maker);

    if (!error)
        error = bound_check(rooms, ROOMS_MOST,
                            N_("Ya hizo {1} salas reservadas. Use una de "
                               "ellas."),
                            err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO room (site, id, label, made_by, created)"
                       " VALUES ($1, $2, $3, $4, $5)",
                       "tttti", making->site, making->room, making->label,
                       making->maker, making->now);

    if (!error)
        error = put_member(db, making, making->maker, err);
    for (size_t i = 0; !error && i < making->members; i++)
        error = put_member(db, making, making->member[i], err);
    return error;
}

/* An account that is in use, and not her own. */
static enum error check_member(struct task *task, struct str user,
                               struct err *err)
{
    struct record record = {0};
    enum error error = record_read(&task->office->log, task->db, STR("user"),
                                   user, task->arena, &record, err);

    if (!error && !str_equal_c(value_text_of(record.answers, "active"), "no"))
        return ERROR_NONE;
    if (error && error != ERROR_NOT_FOUND)
        return error;
    err_clear(err);
    return err_set(err, ERROR_INPUT, N_("Elija cuentas en uso de la lista."),
                   NULL, NULL, NULL);
}

static enum error check_members(struct task *task, const struct str *member,
                                size_t members, struct err *err)
{
    size_t others = 0;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < members; i++) {
        error = check_member(task, member[i], err);
        others += !str_equal(member[i], task->actor.id);
    }
    if (!error && others + 1 < ROOM_MEMBERS_MIN)
        error = err_set(err, ERROR_INPUT,
                        N_("Elija al menos a otra persona: si una falta, "
                           "alguien más debe poder entrar."),
                        NULL, NULL, NULL);
    return error;
}

enum error room_make(struct task *task, struct str label,
                     const struct str *member, size_t members, struct str *id,
                     struct err *err)
{
    struct making making = {.site = office_home(task->office),
                            .maker = task->actor.id,
                            .member = member,
                            .members = members,
                            .now = task->now};
    enum error error = ERROR_NONE;

    label = str_trim(label);
    if (!room_may_make(task))
        return say_no_room(err);
    if (!label.size || utf8_length(label) > ROOM_LABEL_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba un nombre que no diga nada de nadie, de "
                          "hasta 60 letras: «Azul», «Archivo 3»."),
                       NULL, NULL, NULL);
    error = check_members(task, member, members, err);
    if (error)
        return error;
    making.room = host_uuid(task->office->host, task->arena);
    making.label = label_seal(task->office, task->arena, making.room, label);
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, make_room, &making, err);
    if (!error)
        *id = making.room;
    return error;
}

static enum error add_member(struct db *db, void *context, struct err *err)
{
    const struct making *making = context;

    return put_member(db, making, making->member[0], err);
}

enum error room_member_add(struct task *task, struct str id, struct str user,
                           struct err *err)
{
    struct making making = {.site = office_home(task->office),
                            .room = id,
                            .maker = task->actor.id,
                            .member = &user,
                            .members = 1,
                            .now = task->now};
    struct room room;
    enum error error = room_find(task, id, &room, err);

    if (!error)
        error = check_member(task, user, err);
    return error ? error
                 : office_change(task->office, add_member, &making, err);
}

/* Whoever is taken off stands outside at once. */
static enum error drop_member(struct db *db, void *context, struct err *err)
{
    const struct making *making = context;
    int64_t left = 0;
    enum error error =
        db_run(db, NULL, err,
               "DELETE FROM room_member WHERE site = $1 AND room = $2"
               " AND user_id = $3",
               "ttt", making->site, making->room, making->member[0]);

    if (!error)
        error = db_get_int(db, &left, NULL, err,
                           "SELECT COUNT(*) FROM room_member"
                           " WHERE site = $1 AND room = $2",
                           "tt", making->site, making->room);
    if (!error && left < ROOM_MEMBERS_MIN)
        return err_set(err, ERROR_INPUT,
                       N_("Deben quedar al menos dos personas. Agregue antes "
                          "a otra."),
                       NULL, NULL, NULL);
    if (!error)
        error = db_run(db, NULL, err,
                       "UPDATE session_room SET room = home WHERE room = $1"
                       " AND EXISTS (SELECT 1 FROM session WHERE"
                       " session.site = session_room.site AND session.id ="
                       " session_room.id AND session.user_id = $2)",
                       "tt", making->room, making->member[0]);
    return error;
}

enum error room_member_remove(struct task *task, struct str id, struct str user,
                              struct err *err)
{
    struct making making = {.site = office_home(task->office),
                            .room = id,
                            .member = &user,
                            .members = 1};
    struct room room;
    enum error error = room_find(task, id, &room, err);

    return error ? error
                 : office_change(task->office, drop_member, &making, err);
}

/* --- in and out ----------------------------------------------------------- */

struct entering {
    struct str base, session, home, room, visit, user, reason;
    int64_t now;
};

static enum error stand_in(struct db *db, const struct entering *entering,
                           struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO session_room (site, id, home, room, used)"
                  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site, id)"
                  " DO UPDATE SET home = excluded.home, room = excluded.room,"
                  " used = excluded.used",
                  "tttti", entering->base, entering->session, entering->home,
                  entering->room, entering->now);
}

static enum error enter_room(struct db *db, void *context, struct err *err)
{
    const struct entering *entering = context;
    enum error error =
        db_run(db, NULL, err,
               "INSERT INTO room_visit (site, id, user_id, reason, entered)"
               " VALUES ($1, $2, $3, $4, $5)",
               "tttti", entering->room, entering->visit, entering->user,
               entering->reason, entering->now);

    return error ? error : stand_in(db, entering, err);
}

static struct entering entering_of(const struct task *task,
                                   const struct session *session,
                                   struct str room)
{
    return (struct entering){.base = task->office->base,
                             .session = session->id,
                             .home = office_home(task->office),
                             .room = room,
                             .user = task->actor.id,
                             .now = task->now};
}

enum error room_enter(struct task *task, const struct session *session,
                      struct str id, struct str password,
                      const struct visit *visit, struct str reason,
                      struct err *err)
{
    struct entering entering = entering_of(task, session, id);
    struct room room;
    enum error error = room_find(task, id, &room, err);

    if (error)
        return error;
    entering.reason = str_trim(reason);
    entering.visit = host_uuid(task->office->host, task->arena);
    if (!entering.reason.size)
        return err_set(err, ERROR_INPUT, N_("Escriba para qué entra."), NULL,
                       NULL, NULL);
    error =
        account_check_password(task, task->actor.name, password, visit, err);
    if (error == ERROR_LOGIN) {
        err_clear(err);
        error = err_set(err, ERROR_INPUT, N_("La contraseña no es correcta."),
                        NULL, NULL, NULL);
    }
    return error ? error
                 : office_change(task->office, enter_room, &entering, err);
}

static enum error leave_room(struct db *db, void *context, struct err *err)
{
    return stand_in(db, context, err);
}

enum error room_leave(struct task *task, const struct session *session,
                      struct err *err)
{
    struct entering entering =
        entering_of(task, session, office_home(task->office));

    return office_change(task->office, leave_room, &entering, err);
}
