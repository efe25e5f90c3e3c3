/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* invite.c - see invite.h. */
#include "domain/account/invite.h"
#include "domain/access/room.h"

#include "domain/account/account_inside.h"
#include "domain/bound.h"
#include "domain/policy.h"

struct invite_row {
    struct invitation invitation;
    struct str site;
    int64_t now;
};

static enum error write_invitation(struct db *db, void *context,
                                   struct err *err)
{
    const struct invite_row *row = context;
    const struct invitation *made = &row->invitation;
    int64_t open = 0;
    bool found = false;
    enum error error =
        db_get_int(db, &open, &found, err,
                   "SELECT count(*) FROM invitation WHERE invitation.site = $1"
                   " AND invitation.used = 0 AND invitation.expires > $2",
                   "ti", row->site, made->created);

    if (!error)
        error = bound_check(open, INVITATIONS_MOST,
                            N_("Ya hay {1} invitaciones abiertas. Retire las "
                               "que sobran antes de hacer otra."),
                            err);
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO invitation (site, id, role, display, place,"
                  " made_by, created, expires, used)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
                  "ttttttii", row->site, made->id, made->role, made->display,
                  made->place, made->made_by, made->created, made->expires);
}

static bool administers(const struct role *role)
{
    return role_has(role, RIGHT_USER_ADMIN);
}

static enum error say_not_admin(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

enum error invite_add(struct task *task, struct str role, struct str display,
                      struct str place, struct str *token, struct err *err)
{
    struct invite_row row = {.site = office_home(task->office)};
    struct invitation *made = &row.invitation;
    struct str secret;
    int64_t hours = 0;
    enum error error;

    if (!administers(task->actor.role))
        return say_not_admin(err);
    if (!catalog_role(task->office->catalog, role))
        return err_set(err, ERROR_INPUT,
                       N_("No existe la función {1}. Elija una de la lista."),
                       str_c(task->arena, role), NULL, NULL);
    if (display.size > 200)
        return err_set(err, ERROR_INPUT, N_("Ese nombre es demasiado largo."),
                       NULL, NULL, NULL);
    error = policy_number(task, "invitation_hours", &hours, err);
    if (error)
        return error;
    secret = host_secret(task->office->host, task->arena);
    made->id = host_hash_hex(task->office->host, task->arena, secret);
    made->role = role;
    made->display = str_trim(display);
    made->place = place;
    made->made_by = task->actor.id;
    made->created = task->now;
    made->expires = task->now + hours * 60 * MINUTE_MS;
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, write_invitation, &row, err);
    if (!error)
        *token = secret;
    return error;
}

#define COLUMNS                                                                \
    "SELECT invitation.id, invitation.role, invitation.display,"               \
    " invitation.place, invitation.made_by, invitation.created,"               \
    " invitation.expires FROM invitation WHERE invitation.site = $1"           \
    " AND invitation.used = 0 AND invitation.expires > $2"

static void take_row(struct task *task, const struct rows *rows,
                     struct invitation *out)
{
    out->id = str_copy(task->arena, rows_text(rows, 0));
    out->role = str_copy(task->arena, rows_text(rows, 1));
    out->display = str_copy(task->arena, rows_text(rows, 2));
    out->place = str_copy(task->arena, rows_text(rows, 3));
    out->made_by = str_copy(task->arena, rows_text(rows, 4));
    out->created = rows_int(rows, 5);
    out->expires = rows_int(rows, 6);
}

enum error invite_list(struct task *task, struct invitation **invitation,
                       size_t *count, struct err *err)
{
    struct rows rows;
    enum error error;

    *count = 0;
    *invitation = ARENA_ARRAY(task->arena, struct invitation, INVITATIONS_MOST);
    if (!*invitation)
        return err_memory(err);
    if (!administers(task->actor.role))
        return say_not_admin(err);
    error = db_query(task->db, &rows, err,
                     COLUMNS " ORDER BY invitation.created DESC", "ti",
                     office_home(task->office), task->now);
    if (error)
        return error;
    while (*count < INVITATIONS_MOST && rows_next(&rows))
        take_row(task, &rows, &(*invitation)[(*count)++]);
    return rows_end(&rows);
}

static enum error end_invitation(struct db *db, void *context, struct err *err)
{
    const struct invite_row *row = context;

    return db_run(db, NULL, err,
                  "UPDATE invitation SET used = $3 WHERE site = $1"
                  " AND id = $2 AND used = 0",
                  "tti", row->site, row->invitation.id, -row->now);
}

enum error invite_withdraw(struct task *task, struct str id, struct err *err)
{
    struct invite_row row = {.site = office_home(task->office),
                             .invitation = {.id = id},
                             .now = task->now};

    if (!administers(task->actor.role))
        return say_not_admin(err);
    return office_change(task->office, end_invitation, &row, err);
}

static enum error say_gone(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("Esta invitación ya no vale: se usó, venció o fue "
                      "retirada. Pida otra a quien la invitó."),
                   NULL, NULL, NULL);
}

/* Does who invited still administer? What the command line made is the
 * system's. */
static enum error check_maker(struct task *task, struct str made_by,
                              struct err *err)
{
    struct session maker = {0};
    struct err own = {0};
    enum error error;

    if (str_equal_c(made_by, "system"))
        return ERROR_NONE;
    error = session_user(task, made_by, &maker, &own);
    if (error && error != ERROR_LOGIN) {
        *err = own;
        return error;
    }
    return error || !administers(maker.who.role) ? say_gone(err) : ERROR_NONE;
}

enum error invite_find(struct task *task, struct str token,
                       struct invitation *invitation, struct err *err)
{
    struct str id = host_hash_hex(task->office->host, task->arena, token);
    struct rows rows;
    enum error error;

    *invitation = (struct invitation){0};
    error = db_query(task->db, &rows, err, COLUMNS " AND invitation.id = $3",
                     "tit", office_home(task->office), task->now, id);
    if (error)
        return error;
    if (rows_next(&rows))
        take_row(task, &rows, invitation);
    error = rows_end(&rows);
    if (!error && !invitation->id.size)
        error = say_gone(err);
    return error ? error : check_maker(task, invitation->made_by, err);
}

static enum error use_invitation(struct db *db, void *context, struct err *err)
{
    const struct invite_row *row = context;
    int64_t changed = 0;
    enum error error = db_run(db, &changed, err,
                              "UPDATE invitation SET used = $3"
                              " WHERE site = $1 AND id = $2 AND used = 0",
                              "tti", row->site, row->invitation.id, row->now);

    return error || changed ? error : say_gone(err);
}

enum error invite_accept(struct task *task, struct str token, struct str name,
                         struct str display, struct str password,
                         struct err *err)
{
    struct invite_row row = {.site = office_home(task->office),
                             .now = task->now};
    struct account_new made = {.name = name,
                               .password = password,
                               .also = use_invitation,
                               .also_context = &row};
    struct task as = *task;
    enum error error = invite_find(task, token, &row.invitation, err);

    if (error)
        return error;
    made.display = str_trim(display).size ? display : row.invitation.display;
    made.role = row.invitation.role;
    made.place = row.invitation.place;
    task_as_system(&as); /* the inviter's right, the inviter's name */
    as.actor.id = row.invitation.made_by;
    return account_make(&as, &made, NULL, err);
}
