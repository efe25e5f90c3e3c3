/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* glass.c - asking, allowing, telling. decide.c asks glass_open. */
#include "domain/access/glass.h"

#include "domain/access/decide.h"
#include "domain/bound.h"
#include "domain/policy.h"

enum { GLASS_SHOWN = 200, GLASS_REASON_MAX = 400 };
enum { DAY_MS = 24 * 60 * 60 * 1000 };

bool glass_helps(const struct role *role)
{
    return role && role_has(role, RIGHT_PERSON_READ) &&
           (role->reach == REACH_ASSIGNED ||
            (role->assigned & ~role->compartments));
}

/* In doubt it is closed. */
bool glass_open(struct task *task, struct str subject)
{
    int64_t one = 0;
    bool found = false;
    struct err ignored = {0};

    if (!task->actor.id.size || !glass_helps(task->actor.role))
        return false;
    return db_get_int(task->db, &one, &found, &ignored,
                      "SELECT 1 FROM glass WHERE site = $1 AND subject = $2"
                      " AND user_id = $3 AND opened > 0 AND until > $4"
                      " LIMIT 1",
                      "ttti", task->office->log.site, subject, task->actor.id,
                      task->now) == ERROR_NONE &&
           found;
}

/* --- asking and allowing -------------------------------------------------- */

struct asking {
    struct str site;
    struct glass glass;
};

static enum error write_glass(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;
    const struct glass *glass = &asking->glass;
    int64_t waiting = 0;
    bool found = false;
    enum error error = db_get_int(
        db, &waiting, &found, err,
        "SELECT count(*) FROM glass WHERE glass.site = $1"
        " AND glass.user_id = $2 AND glass.opened = 0 AND glass.asked > $3",
        "tti", asking->site, glass->user, glass->asked - DAY_MS);

    if (!error)
        error = bound_check(waiting, GLASSES_MOST,
                            N_("Ya pidió {1} veces hoy y nadie ha contestado. "
                               "Hable con quien coordina."),
                            err);
    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO glass (site, id, subject, user_id, reason,"
                  " purpose, asked, approved_by, opened, until, seen)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, 0)",
                  "ttttttiii", asking->site, glass->id, glass->subject,
                  glass->user, glass->reason, glass->purpose, glass->asked,
                  glass->opened, glass->until);
}

static enum error say_not_found(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                   NULL, NULL, NULL);
}

static enum error check_asking(struct task *task, const struct glass *glass,
                               struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "purpose");
    struct want want = {
        .kind = STR("person"), .record = glass->subject, .ask = true};
    const struct role *role;
    enum error error = decide_or_refuse(task, &want, &role, err);

    if (error)
        return error;
    if (!glass->reason.size || glass->reason.size > GLASS_REASON_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba por qué necesita verlo, en una o dos "
                          "frases."),
                       NULL, NULL, NULL);
    if (!table || catalog_find(table, glass->purpose) == SIZE_MAX)
        return err_set(err, ERROR_INPUT, N_("Elija para qué lo necesita."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static enum error read_policy(struct task *task, bool *second, int64_t *length,
                              struct err *err)
{
    struct str text = STR("yes");
    int64_t minutes = 0;
    enum error error = policy_text(task, "glass_second", &text, err);

    if (!error)
        error = policy_number(task, "glass_minutes", &minutes, err);
    *second = !str_equal_c(text, "no"); /* what is not understood: yes */
    *length = minutes * 60 * 1000;
    return error;
}

enum error glass_ask(struct task *task, struct str subject, struct str purpose,
                     struct str reason, bool *opened, struct err *err)
{
    struct asking asking = {.site = task->office->log.site,
                            .glass = {.subject = subject,
                                      .user = task->actor.id,
                                      .reason = str_trim(reason),
                                      .purpose = purpose,
                                      .asked = task->now}};
    bool second = true;
    int64_t length = 0;
    enum error error = check_asking(task, &asking.glass, err);

    if (!error)
        error = read_policy(task, &second, &length, err);
    if (error)
        return error;
    asking.glass.id = host_uuid(task->office->host, task->arena);
    if (!second) {
        asking.glass.opened = task->now;
        asking.glass.until = task->now + length;
    }
    *opened = !second;
    return office_change(task->office, write_glass, &asking, err);
}

static enum error write_approval(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;
    const struct glass *glass = &asking->glass;
    int64_t changed = 0;
    enum error error =
        db_run(db, &changed, err,
               "UPDATE glass SET approved_by = $3, opened = $4, until = $5"
               " WHERE site = $1 AND id = $2 AND opened = 0"
               " AND user_id <> $3",
               "tttii", asking->site, glass->id, glass->approved_by,
               glass->opened, glass->until);

    if (error || changed)
        return error;
    return err_set(err, ERROR_CONFLICT,
                   N_("No se puede permitir: ya se decidió, o la pidió usted. "
                      "Tiene que ser otra persona."),
                   NULL, NULL, NULL);
}

static enum error check_assign(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_CASE_ASSIGN))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                   NULL);
}

enum error glass_approve(struct task *task, struct str id, struct err *err)
{
    struct asking asking = {.site = task->office->log.site,
                            .glass = {.id = id,
                                      .approved_by = task->actor.id,
                                      .opened = task->now}};
    bool second;
    int64_t length = 0;
    enum error error = check_assign(task, err);

    if (!error)
        error = read_policy(task, &second, &length, err);
    asking.glass.until = task->now + length;
    return error ? error
                 : office_change(task->office, write_approval, &asking, err);
}

/* --- reading -------------------------------------------------------------- */

#define GLASS_COLUMNS                                                          \
    "SELECT g.id, g.subject, g.user_id, g.reason, g.purpose, g.approved_by,"   \
    " g.asked, g.opened, g.until, g.seen FROM glass g WHERE g.site = $1"

static enum error take_rows(struct task *task, struct rows *rows,
                            struct glass **glass, size_t *count)
{
    struct arena *arena = task->arena;

    while (*count < GLASS_SHOWN && rows_next(rows))
        (*glass)[(*count)++] =
            (struct glass){str_copy(arena, rows_text(rows, 0)),
                           str_copy(arena, rows_text(rows, 1)),
                           str_copy(arena, rows_text(rows, 2)),
                           str_copy(arena, rows_text(rows, 3)),
                           str_copy(arena, rows_text(rows, 4)),
                           str_copy(arena, rows_text(rows, 5)),
                           rows_int(rows, 6),
                           rows_int(rows, 7),
                           rows_int(rows, 8),
                           rows_int(rows, 9)};
    return rows_end(rows);
}

enum error glass_list(struct task *task, struct glass **glass, size_t *count,
                      struct err *err)
{
    struct rows rows;
    enum error error = check_assign(task, err);

    *count = 0;
    *glass = ARENA_ARRAY(task->arena, struct glass, GLASS_SHOWN);
    if (error)
        return error;
    if (!*glass)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     GLASS_COLUMNS " ORDER BY g.asked DESC, g.id LIMIT $2",
                     "ti", task->office->log.site, (int64_t)GLASS_SHOWN);
    return error ? error : take_rows(task, &rows, glass, count);
}

/* $2: she; $3: 1 when she assigns files, and so answers for those that nobody
 * has. */
static const char notices_sql[] = GLASS_COLUMNS
    " AND ((g.opened > 0 AND g.seen = 0 AND g.user_id <> $2 AND"
    " (EXISTS (SELECT 1 FROM {casefile} c WHERE c._site = $1"
    " AND c._subject = g.subject AND c._state = 'open'"
    " AND c.{casefile.manager} = $2)"
    " OR ($3 = 1 AND NOT EXISTS (SELECT 1 FROM {casefile} c"
    " WHERE c._site = $1 AND c._subject = g.subject AND c._state = 'open'"
    " AND COALESCE(c.{casefile.manager}, '') <> ''))))"
    " OR (g.opened = 0 AND $3 = 1 AND g.user_id <> $2))"
    " ORDER BY g.asked DESC, g.id LIMIT $4";

enum error glass_notices(struct task *task, struct glass **glass, size_t *count,
                         struct err *err)
{
    const char *sql = project_sql(&task->office->log, task->db, task->arena,
                                  notices_sql, err);
    int64_t assigns = role_has(task->actor.role, RIGHT_CASE_ASSIGN);
    struct rows rows;
    enum error error;

    *count = 0;
    *glass = ARENA_ARRAY(task->arena, struct glass, GLASS_SHOWN);
    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    if (!*glass)
        return err_memory(err);
    error = db_query(task->db, &rows, err, sql, "ttii", task->office->log.site,
                     task->actor.id, assigns, (int64_t)GLASS_SHOWN);
    return error ? error : take_rows(task, &rows, glass, count);
}

static enum error write_seen(struct db *db, void *context, struct err *err)
{
    const struct asking *asking = context;

    return db_run(db, NULL, err,
                  "UPDATE glass SET seen = $3 WHERE site = $1 AND id = $2",
                  "tti", asking->site, asking->glass.id, asking->glass.seen);
}

enum error glass_seen(struct task *task, struct str id, struct err *err)
{
    struct asking asking = {.site = task->office->log.site,
                            .glass = {.id = id, .seen = task->now}};
    struct glass *glass = NULL;
    size_t count = 0;
    enum error error = glass_notices(task, &glass, &count, err);

    for (size_t i = 0; !error && i < count; i++)
        if (str_equal(glass[i].id, id) && glass[i].opened)
            return office_change(task->office, write_seen, &asking, err);
    return error ? error : say_not_found(err);
}
