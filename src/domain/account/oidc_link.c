/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oidc_link.c - which subject of which provider is which account, and the
 * invitations that make it so. A subject is one account at most.
 */
#include "domain/account/oidc.h"

#include "domain/record/record.h"
#include "domain/access/room.h"

enum { SUBJECT_MAX = 255 };

const char oidc_purpose_invite[] = "oidc_invite";

struct linking {
    const struct task *task;
    struct str issuer, subject, user, by;
    const struct flow *invitation; /* used up with it; or NULL */
};

static enum error check_user(struct task *task, struct str user,
                             struct err *err)
{
    struct record record = {0};
    enum error error = record_read(&task->office->log, task->db, STR("user"),
                                   user, task->arena, &record, err);

    if (!error && (str_equal_c(value_text_of(record.answers, "active"), "no") ||
                   str_equal_c(record.state, "erased")))
        error = err_set(err, ERROR_NOT_FOUND, N_("No se encontró esa cuenta."),
                        NULL, NULL, NULL);
    return error;
}

static enum error find_subject(struct db *db, struct arena *arena,
                               struct str site, struct str issuer,
                               struct str subject, struct str *user,
                               struct err *err)
{
    bool found = false;

    return db_get_text(db, arena, user, &found, err,
                       "SELECT user_id FROM oidc_subject"
                       " WHERE site = $1 AND issuer = $2 AND subject = $3",
                       "ttt", site, issuer, subject);
}

static enum error write_link(struct db *db, void *context, struct err *err)
{
    const struct linking *link = context;
    struct str site = office_home(link->task->office), user = STR("");
    enum error error = link->invitation
                           ? flow_end(db, link->task, link->invitation, err)
                           : ERROR_NONE;

    if (!error)
        error = find_subject(db, link->task->arena, site, link->issuer,
                             link->subject, &user, err);
    if (!error && user.size)
        error = err_set(err, ERROR_CONFLICT,
                        N_("Esa persona de la institución ya está vinculada "
                           "con una cuenta. Quite antes ese vínculo."),
                        NULL, NULL, NULL);
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO oidc_subject (site, issuer, subject, user_id,"
                  " linked_by, created, used)"
                  " VALUES ($1, $2, $3, $4, $5, $6, 0)",
                  "ttttti", site, link->issuer, link->subject, link->user,
                  link->by, link->task->now);
}

enum error oidc_link_add(struct task *task, struct str issuer,
                         struct str subject, struct str user, struct err *err)
{
    struct linking link = {.task = task,
                           .issuer = issuer,
                           .subject = str_trim(subject),
                           .user = user,
                           .by = task->actor.id};
    enum error error = oidc_check_admin(task, err);

    if (!error && (!link.subject.size || link.subject.size > SUBJECT_MAX))
        error = err_set(err, ERROR_INPUT,
                        N_("Falta el identificador (subject) que la "
                           "institución da a la persona."),
                        NULL, NULL, NULL);
    if (!error)
        error = check_user(task, user, err);
    return error ? error : office_change(task->office, write_link, &link, err);
}

enum error oidc_link_by(struct task *task, const struct flow *invitation,
                        struct str issuer, struct str subject, struct err *err)
{
    struct linking link = {.task = task,
                           .issuer = issuer,
                           .subject = subject,
                           .user = invitation->user,
                           .by = STR("invitation"),
                           .invitation = invitation};
    enum error error = check_user(task, invitation->user, err);

    return error ? error : office_change(task->office, write_link, &link, err);
}

static enum error drop_link(struct db *db, void *context, struct err *err)
{
    const struct linking *link = context;
    int64_t changed = 0;
    enum error error = db_run(db, &changed, err,
                              "DELETE FROM oidc_subject WHERE site = $1"
                              " AND issuer = $2 AND subject = $3",
                              "ttt", office_home(link->task->office),
                              link->issuer, link->subject);

    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay un vínculo con ese identificador."), NULL,
                        NULL, NULL);
    return error;
}

enum error oidc_link_remove(struct task *task, struct str issuer,
                            struct str subject, struct err *err)
{
    struct linking link = {.task = task, .issuer = issuer, .subject = subject};
    enum error error = oidc_check_admin(task, err);

    return error ? error : office_change(task->office, drop_link, &link, err);
}

enum error oidc_links(struct task *task, struct str user,
                      struct oidc_link **link, size_t *count, struct err *err)
{
    struct oidc_link *list =
        ARENA_ARRAY(task->arena, struct oidc_link, OIDC_LINKS_MAX);
    struct rows rows;
    size_t found = 0;
    enum error error = oidc_check_admin(task, err);

    if (!error && !list)
        error = err_memory(err);
    if (!error)
        error = db_query(task->db, &rows, err,
                         "SELECT issuer, subject, user_id, created, used"
                         " FROM oidc_subject WHERE site = $1 AND user_id = $2"
                         " ORDER BY created, subject LIMIT 100",
                         "tt", office_home(task->office), user);
    if (error)
        return error;
    while (rows_next(&rows)) {
        list[found].issuer = str_copy(task->arena, rows_text(&rows, 0));
        list[found].subject = str_copy(task->arena, rows_text(&rows, 1));
        list[found].user = str_copy(task->arena, rows_text(&rows, 2));
        list[found].created = rows_int(&rows, 3);
        list[found++].used = rows_int(&rows, 4);
    }
    error = rows_end(&rows);
    if (!error) {
        *link = list;
        *count = found;
    }
    return error;
}

static enum error touch_link(struct db *db, void *context, struct err *err)
{
    const struct linking *link = context;

    return db_run(db, NULL, err,
                  "UPDATE oidc_subject SET used = $4"
                  " WHERE site = $1 AND issuer = $2 AND subject = $3",
                  "ttti", office_home(link->task->office), link->issuer,
                  link->subject, link->task->now);
}

enum error oidc_subject(struct task *task, struct str issuer,
                        struct str subject, struct str *user, struct err *err)
{
    struct linking link = {.task = task, .issuer = issuer, .subject = subject};
    struct err ignored = {0};
    enum error error;

    *user = STR("");
    error = find_subject(task->db, task->arena, office_home(task->office),
                         issuer, subject, user, err);
    if (!error && !user->size)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay un vínculo con ese identificador."), NULL,
                        NULL, NULL);
    if (!error)
        office_change(task->office, touch_link, &link, &ignored);
    return error;
}

enum error oidc_invite(struct task *task, struct str user, struct str *token,
                       struct err *err)
{
    struct flow flow = {.purpose = oidc_purpose_invite,
                        .user = user,
                        .minutes = FLOW_INVITATION_HOURS * 60};
    enum error error = oidc_check_admin(task, err);

    if (!error)
        error = check_user(task, user, err);
    if (!error)
        error = flow_add(task, &flow, err);
    if (!error)
        *token = flow.id;
    return error;
}

enum error oidc_invitation(struct task *task, struct str token,
                           struct str *user, struct err *err)
{
    struct flow flow = {.purpose = oidc_purpose_invite, .id = token};
    enum error error = flow_look(task, &flow, err);

    if (!error)
        *user = flow.user;
    return error;
}
