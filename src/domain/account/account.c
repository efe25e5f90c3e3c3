/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account.c - users and their passwords, tokens of programs.
 *
 * The user's record goes through the log like any other; its secret is
 * written in the same transaction, as an Argon2id hash made by the host.
 */
#include "domain/account/account_inside.h"

#include "core/utf8.h"
#include "domain/account/account_key.h"
#include "domain/access/decide.h"
#include "domain/access/room.h"
#include "domain/account/duress.h"
#include "domain/account/password.h"

static bool may_administer(const struct task *task)
{
    return role_has(task->actor.role, RIGHT_USER_ADMIN);
}

static enum error say_not_admin(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

enum error account_any(struct task *task, bool *any, struct err *err)
{
    int64_t one = 0;
    bool found = false;
    enum error error;

    error = db_get_int(task->db, &one, &found, err,
                       "SELECT 1 FROM credential WHERE credential.site = $1"
                       " LIMIT 1",
                       "t", task->office->base);
    if (!error)
        *any = found;
    return error;
}

static enum error check_password(struct task *task, struct str password,
                                 struct str name, struct str display,
                                 struct err *err)
{
    struct password_known known = {name, display, task->office->site_name};

    return password_fit(task->office->host, task->arena, password, &known, err);
}

static enum error hash_password(struct task *task, struct str password,
                                struct str *hash, struct err *err)
{
    const struct host *host = task->office->host;
    char out[128] = "";

    if (!host->password_hash)
        return err_set(err, ERROR_FORBIDDEN, N_("Aquí no se usan contraseñas."),
                       NULL, NULL, NULL);
    if (!host->password_hash(host->context, password, out))
        return err_memory(err);
    *hash = str_copy(task->arena, str_of(out));
    return ERROR_NONE;
}

/* A credential to be written with a change. */
struct credential {
    struct str site, name, user, hash;
    struct str other, decoy; /* a second hash, of what nobody knows */
    int64_t now;
    bool first; /* nobody was asked: nobody may have come meanwhile */
};

static enum error say_name_taken(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Ya hay una cuenta con ese nombre de usuario. Elija "
                      "otro."),
                   NULL, NULL, NULL);
}

static enum error add_credential(struct db *db, void *context, struct err *err)
{
    const struct credential *credential = context;
    int64_t taken = 0, any = 0;
    bool found = false;
    enum error error;

    error = db_get_int(db, &any, &found, err,
                       "SELECT count(*) FROM credential"
                       " WHERE credential.site = $1",
                       "t", credential->site);
    if (!error && credential->first && any)
        return say_not_admin(err);
    if (!error)
        error = db_get_int(db, &taken, &found, err,
                           "SELECT count(*) FROM credential"
                           " WHERE credential.site = $1"
                           " AND credential.name = $2",
                           "tt", credential->site, credential->name);
    if (!error && taken)
        return say_name_taken(err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO credential"
                       " (site, name, user_id, hash, changed)"
                       " VALUES ($1, $2, $3, $4, $5)",
                       "tttti", credential->site, credential->name,
                       credential->user, credential->hash, credential->now);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO credential_other"
                       " (site, user_id, hash, room) VALUES ($1, $2, $3, $4)"
                       " ON CONFLICT (site, user_id) DO NOTHING",
                       "tttt", credential->site, credential->user,
                       credential->other, credential->decoy);
    return error;
}

/* The first wrong answer, in one sentence. */
static enum error say_problem(struct task *task, const struct form *form,
                              const struct saved *saved, struct err *err)
{
    const struct check_problem *problem = saved->problem;
    struct str label, text;

    if (!saved->problems)
        return err->code;
    err_clear(err); /* the first failure would win */
    label = problem->question
                ? texts_in(form, problem->question->label, task->language)
                : problem->path;
    text = problem->text.size
               ? problem->text
               : err_text(&problem->err, task->translator, task->arena);
    return err_set(err, ERROR_INPUT, N_("{1}: {2}"), str_c(task->arena, label),
                   str_c(task->arena, text), NULL);
}

static const struct value *user_answers(struct task *task, struct str name,
                                        const struct account_new *made)
{
    struct str display = str_trim(made->display);
    struct value *input = value_object(task->arena);

    value_put_str(input, task->arena, "name", name);
    value_put_str(input, task->arena, "display_name",
                  display.size ? display : name);
    value_put_str(input, task->arena, "role", made->role);
    if (made->place.size)
        value_put_str(input, task->arena, "place", made->place);
    value_put_text(input, task->arena, "active", "yes");
    return input;
}

enum error account_make(struct task *task, const struct account_new *made,
                        struct str *id, struct err *err)
{
    struct credential credential = {
        .site = office_home(task->office),
        .name = utf8_lower(task->arena, str_trim(made->name)),
        .now = task->now,
        .first = !may_administer(task)};
    struct save save = {.kind = STR("user"), .trusted = true};
    struct saved saved;
    struct change change;
    bool any = false;
    enum error error = account_any(task, &any, err);

    if (!error && credential.first && any)
        error = say_not_admin(err);
    if (!error && !catalog_role(task->office->catalog, made->role))
        error = err_set(err, ERROR_INPUT,
                        N_("No existe la función {1}. Elija una de la lista."),
                        str_c(task->arena, made->role), NULL, NULL);
    if (!error)
        error = check_password(task, made->password, credential.name,
                               made->display, err);
    if (!error)
        error = hash_password(task, made->password, &credential.hash, err);
    if (!error)
        error =
            hash_password(task, host_secret(task->office->host, task->arena),
                          &credential.other, err);
    if (error)
        return error;
    credential.decoy = host_uuid(task->office->host, task->arena);
    save.input = user_answers(task, credential.name, made);
    change_init(&change, task);
    error = record_prepare(task, &change, &save, &saved, err);
    if (error == ERROR_INPUT)
        return say_problem(task,
                           forms_find(task->office->forms, save.kind, STR_NULL),
                           &saved, err);
    if (error)
        return error;
    credential.user = saved.id;
    change_also(&change, add_credential, &credential);
    if (made->also)
        change_also(&change, made->also, made->also_context);
    error = change_commit(&change, NULL, err);
    if (!error && id)
        *id = saved.id;
    /* after: the name of somebody else must not get this password */
    if (!error)
        error = account_key_put(task, credential.name, made->role,
                                made->password, false, err);
    return error;
}

enum error account_add(struct task *task, struct str name, struct str display,
                       struct str role, struct str password, struct str *id,
                       struct err *err)
{
    struct account_new made = {
        .name = name, .display = display, .role = role, .password = password};

    return account_make(task, &made, id, err);
}

struct new_password {
    const struct task *task;
    struct str site, user, hash;
    int64_t now;
    bool other; /* the one for duress */
};

static enum error write_password(struct db *db, void *context, struct err *err)
{
    const struct new_password *given = context;
    int64_t changed = 0;
    enum error error;

    if (given->other)
        error = db_run(db, &changed, err,
                       "UPDATE credential_other SET hash = $3"
                       " WHERE site = $1 AND user_id = $2",
                       "ttt", given->site, given->user, given->hash);
    else
        error =
            db_run(db, &changed, err,
                   "UPDATE credential SET hash = $3, changed = $4"
                   " WHERE site = $1 AND user_id = $2",
                   "ttti", given->site, given->user, given->hash, given->now);
    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND, N_("No se encontró esa cuenta."),
                        NULL, NULL, NULL);
    return error ? error : sessions_drop(db, given->task, given->user, err);
}

/* One's own two passwords must differ, or only one of them opens anything. */
static enum error check_different(struct task *task, struct str password,
                                  bool other, struct err *err)
{
    const struct host *host = task->office->host;
    struct str hash = STR("");
    enum error error =
        other ? db_get_text(task->db, task->arena, &hash, NULL, err,
                            "SELECT credential.hash FROM credential"
                            " WHERE site = $1 AND user_id = $2",
                            "tt", task->office->base, task->actor.id)
              : db_get_text(task->db, task->arena, &hash, NULL, err,
                            "SELECT hash FROM credential_other"
                            " WHERE site = $1 AND user_id = $2",
                            "tt", task->office->base, task->actor.id);

    if (error || !hash.size || !host->password_verify ||
        !host->password_verify(host->context, password,
                               str_c(task->arena, hash)))
        return error;
    return err_set(err, ERROR_INPUT,
                   N_("Esa contraseña no se puede usar. Escriba otra."), NULL,
                   NULL, NULL);
}

/* A decoy house knows its owner: the same account, in a log of its own. */
static enum error furnish_decoy(struct task *task, struct str decoy,
                                struct err *err)
{
    struct task inside = *task;
    struct record user = {0}, there = {0};
    struct change change;
    struct err own = {0};
    enum error error = record_read(&task->office->log, task->db, STR("user"),
                                   task->actor.id, task->arena, &user, err);

    if (error)
        return error;
    inside.office = office_room(task->office, task->arena, decoy, decoy);
    if (!inside.office)
        return err_memory(err);
    error = record_read(&inside.office->log, task->db, STR("user"), user.id,
                        task->arena, &there, &own);
    if (error != ERROR_NOT_FOUND) {
        if (error)
            *err = own;
        return error;
    }
    change_init(&change, &inside);
    change_add(&change, STR("user"), user.id, OP_CREATE, user.answers,
               user.subject);
    return change_commit(&change, NULL, err);
}

enum error account_set_duress(struct task *task, struct str password,
                              struct err *err)
{
    const struct office *office = task->office;
    struct new_password given = {.task = task,
                                 .site = office->base,
                                 .user = task->actor.id,
                                 .other = true};
    struct str decoy = STR("");
    bool inside = !str_equal(office_home(office), office->base);
    enum error error = check_password(task, password, task->actor.name,
                                      task->actor.display, err);

    if (!error)
        error = check_different(task, password, true, err);
    if (!error)
        error = hash_password(task, password, &given.hash, err);
    /* who came in with it may not learn that there is another: in a decoy it
     * costs the same and does nothing */
    if (!error)
        error = account_key_put(task, task->actor.name, task->actor.role->name,
                                password, !inside, err);
    if (error || inside)
        return error;
    error = db_get_text(task->db, task->arena, &decoy, NULL, err,
                        "SELECT room FROM credential_other"
                        " WHERE site = $1 AND user_id = $2",
                        "tt", given.site, given.user);
    if (!error && decoy.size)
        error = furnish_decoy(task, decoy, err);
    return error ? error : office_change(office, write_password, &given, err);
}

/* Her account may have been closed, or lost the right, while her new slot was
 * being made: then it goes as those before it went. */
static enum error key_stands(struct task *task, const struct record *before,
                             struct err *err)
{
    struct record now = {0};
    enum error error = record_read(&task->office->log, task->db, STR("user"),
                                   before->id, task->arena, &now, err);

    if (error || (str_equal(value_text_of(now.answers, "role"),
                            value_text_of(before->answers, "role")) &&
                  !str_equal_c(value_text_of(now.answers, "active"), "no")))
        return error;
    return account_key_follow(task, now.answers, now.answers, err);
}

enum error account_set_password(struct task *task, struct str user,
                                struct str password, struct err *err)
{
    struct str home = office_home(task->office);
    bool own = str_equal(task->actor.id, user);
    struct new_password given = {.task = task,
                                 .site = own ? task->office->base : home,
                                 .user = user,
                                 .now = task->now};
    struct record record = {0};
    enum error error = ERROR_NONE;

    given.other = own && !str_equal(home, task->office->base);

    if (!may_administer(task) && !str_equal(task->actor.id, user))
        error = say_not_admin(err);
    if (!error)
        error = record_read(&task->office->log, task->db, STR("user"), user,
                            task->arena, &record, err);
    if (!error)
        error = check_password(
            task, password, value_text_of(record.answers, "name"),
            value_text_of(record.answers, "display_name"), err);
    if (!error && own)
        error = check_different(task, password, given.other, err);
    if (!error)
        error = hash_password(task, password, &given.hash, err);
    /* before: when it cannot be kept, nothing has changed */
    if (!error)
        error = account_key_put(
            task,
            given.other ? task->actor.name
                        : value_text_of(record.answers, "name"),
            value_text_of(record.answers, "role"), password, given.other, err);
    if (!error)
        error = office_change(task->office, write_password, &given, err);
    return error ? error : key_stands(task, &record, err);
}

enum error account_set_profile(struct task *task, struct str display,
                               struct str language, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {.kind = STR("user"),
                        .id = task->actor.id,
                        .input = input,
                        .trusted = true};
    struct saved saved;
    enum error error;

    if (!task->actor.role || !task->actor.id.size)
        return err_set(err, ERROR_LOGIN,
                       N_("Primero hay que entrar con su cuenta."), NULL, NULL,
                       NULL);
    if (str_trim(display).size)
        value_put_str(input, task->arena, "display_name", display);
    if (language.size)
        value_put_str(input, task->arena, "interface_language", language);
    error = record_save(task, &save, &saved, err);
    if (error == ERROR_INPUT)
        error = say_problem(
            task, forms_find(task->office->forms, save.kind, STR_NULL), &saved,
            err);
    return error;
}

/* What a change of a user's record does to her secrets. */
struct renaming {
    struct task *task;
    struct str user, name;
    bool rest;      /* no longer active: her sessions end */
    bool was_admin; /* and she administers no more */
};

static enum error count_admins(const struct renaming *renaming, struct db *db,
                               size_t *others, struct err *err)
{
    const struct office *office = renaming->task->office;
    struct record_filter filter = {
        .kind = STR("user"),
        .where = "COALESCE({active}, 'yes') <> 'no'",
        .limit = 1000,
    };
    struct record *record = NULL;
    struct arena arena;
    size_t count = 0;
    enum error error;

    arena_init(&arena, NULL);
    error = record_list(&office->log, db, &filter, false, &arena, &record,
                        &count, err);
    *others = 0;
    for (size_t i = 0; !error && i < count; i++)
        if (!str_equal(record[i].id, renaming->user) &&
            role_has(catalog_role(office->catalog,
                                  value_text_of(record[i].answers, "role")),
                     RIGHT_USER_ADMIN))
            ++*others;
    arena_release(&arena);
    return error;
}

static enum error rename_credential(struct db *db, const struct renaming *step,
                                    struct err *err)
{
    struct str site = office_home(step->task->office);
    int64_t taken = 0;
    bool found = false;
    enum error error;

    error = db_get_int(db, &taken, &found, err,
                       "SELECT count(*) FROM credential"
                       " WHERE credential.site = $1 AND credential.name = $2"
                       " AND credential.user_id <> $3",
                       "ttt", site, step->name, step->user);
    if (!error && taken)
        error = say_name_taken(err);
    if (!error)
        error = db_run(db, NULL, err,
                       "UPDATE credential SET name = $3"
                       " WHERE site = $1 AND user_id = $2",
                       "ttt", site, step->user, step->name);
    return error;
}

static enum error change_user(struct db *db, void *context, struct err *err)
{
    const struct renaming *step = context;
    enum error error = rename_credential(db, step, err);
    size_t others = 1;

    if (!error && step->was_admin)
        error = count_admins(step, db, &others, err);
    if (!error && !others)
        error = err_set(err, ERROR_INPUT,
                        N_("Debe quedar al menos una persona activa que "
                           "administre las cuentas. Nombre antes a otra."),
                        NULL, NULL, NULL);
    if (!error && step->rest)
        error = sessions_drop(db, step->task, step->user, err);
    return error ? error : duress_keep(db, step->task, err);
}

static bool administers(const struct task *task, const struct value *user)
{
    return !str_equal_c(value_text_of(user, "active"), "no") &&
           role_has(
               catalog_role(task->office->catalog, value_text_of(user, "role")),
               RIGHT_USER_ADMIN);
}

/* Nobody gives herself more than she was given, and nobody of an authority that
 * detains or deports gets an account. */
static enum error check_standing(struct task *task, const struct save *save,
                                 const struct value *before,
                                 const struct value *after, struct err *err)
{
    struct str place = value_text_of(after, "place");
    bool enforcement = false;
    enum error error;

    if (before && str_equal(save->id, task->actor.id) &&
        (!str_equal(value_text_of(before, "role"),
                    value_text_of(after, "role")) ||
         !str_equal(value_text_of(before, "place"), place)))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Nadie cambia su propia función ni su lugar. Pida a "
                          "otra persona que administre que lo haga."),
                       NULL, NULL, NULL);
    error = place_is_enforcement(task, place, &enforcement, err);
    if (error || !enforcement)
        return error;
    return err_set(err, ERROR_BLOCKED,
                   N_("No se dan cuentas a una autoridad que detiene o "
                      "deporta."),
                   NULL, NULL, NULL);
}

enum error user_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err)
{
    struct renaming *step;
    enum error error = check_standing(task, save, before, after, err);

    if (error || !before)
        return error; /* account_add looks after the rest of the new ones */
    step = ARENA_NEW(task->arena, struct renaming);
    if (!step)
        return err_memory(err);
    step->task = task;
    step->user = save->id;
    step->name = value_text_of(after, "name");
    step->rest = str_equal_c(value_text_of(after, "active"), "no");
    step->was_admin = administers(task, before) && !administers(task, after);
    change_also(change, change_user, step);
    return account_key_follow(task, before, after, err);
}

/* A program's token to be written. */
struct new_token {
    struct str site, id, name, role;
    int64_t now;
};

static enum error write_token(struct db *db, void *context, struct err *err)
{
    const struct new_token *token = context;
    int64_t same = 0;
    bool found = false;
    enum error error;

    error = db_get_int(db, &same, &found, err,
                       "SELECT count(*) FROM access_token"
                       " WHERE access_token.site = $1"
                       " AND access_token.name = $2"
                       " AND access_token.revoked = 0",
                       "tt", token->site, token->name);
    if (!error && same)
        error = err_set(err, ERROR_CONFLICT,
                        N_("Ya hay una llave con ese nombre. Retírela antes o "
                           "elija otro nombre."),
                        NULL, NULL, NULL);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO access_token"
                       " (site, id, name, role, created, revoked)"
                       " VALUES ($1, $2, $3, $4, $5, 0)",
                       "tttti", token->site, token->id, token->name,
                       token->role, token->now);
    return error;
}

enum error account_token_add(struct task *task, struct str name,
                             struct str role, struct str *token,
                             struct err *err)
{
    struct new_token row = {.site = office_home(task->office),
                            .name = str_trim(name),
                            .role = role,
                            .now = task->now};
    struct str made;
    enum error error;

    if (!may_administer(task))
        return say_not_admin(err);
    if (!row.name.size || row.name.size > 80)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba un nombre para la llave, de hasta 80 "
                          "letras."),
                       NULL, NULL, NULL);
    if (!catalog_role(task->office->catalog, role))
        return err_set(err, ERROR_INPUT,
                       N_("No existe la función {1}. Elija una de la lista."),
                       str_c(task->arena, role), NULL, NULL);
    made = str_join(task->arena, STR("cbj_"),
                    host_secret(task->office->host, task->arena));
    row.id = host_hash_hex(task->office->host, task->arena, made);
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, write_token, &row, err);
    if (!error)
        *token = made;
    return error;
}

static enum error end_token(struct db *db, void *context, struct err *err)
{
    const struct new_token *token = context;
    int64_t changed = 0;
    enum error error;

    error = db_run(db, &changed, err,
                   "UPDATE access_token SET revoked = $3"
                   " WHERE site = $1 AND name = $2 AND revoked = 0",
                   "tti", token->site, token->name, token->now);
    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay una llave en uso con ese nombre."), NULL,
                        NULL, NULL);
    return error;
}

enum error account_token_revoke(struct task *task, struct str name,
                                struct err *err)
{
    struct new_token row = {
        .site = office_home(task->office), .name = name, .now = task->now};

    if (!may_administer(task))
        return say_not_admin(err);
    return office_change(task->office, end_token, &row, err);
}

enum error account_token(struct task *task, struct str token,
                         struct actor *actor, struct err *err)
{
    struct str id = host_hash_hex(task->office->host, task->arena, token);
    struct actor found = {0};
    struct rows rows;
    enum error error;

    error = db_query(task->db, &rows, err,
                     "SELECT access_token.name, access_token.role"
                     " FROM access_token WHERE access_token.site = $1"
                     " AND access_token.id = $2 AND access_token.revoked = 0",
                     "tt", task->office->base, id);
    if (error)
        return error;
    if (rows_next(&rows)) {
        found.name = str_copy(task->arena, rows_text(&rows, 0));
        found.role = catalog_role(task->office->catalog, rows_text(&rows, 1));
    }
    error = rows_end(&rows);
    if (error)
        return error;
    if (!found.role || !str_starts(token, STR("cbj_")))
        return err_set(err, ERROR_LOGIN,
                       N_("La llave no vale o fue retirada. Pida otra a quien "
                          "administra las cuentas."),
                       NULL, NULL, NULL);
    found.id = str_join(task->arena, STR("token:"), found.name);
    found.display = found.name;
    *actor = found;
    return ERROR_NONE;
}
