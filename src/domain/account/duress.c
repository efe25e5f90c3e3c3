/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* duress.c - see duress.h. */
#include "domain/account/duress.h"

#include "domain/access/room.h"

bool duress_inside(const struct task *task)
{
    return !str_equal(office_home(task->office), task->office->base);
}

enum error duress_apart(struct task *task, struct str decoy, bool *apart,
                        struct err *err)
{
    int64_t count = 0;
    enum error error = db_get_int(
        task->db, &count, NULL, err,
        "SELECT count(*) FROM decoy_own WHERE decoy_own.site = $1", "t", decoy);

    *apart = count > 0;
    return error;
}

struct mirror {
    struct str base, decoy, user;
};

/* site, decoy and user are $1, $2 and $3 of each. */
static enum error copy(struct db *db, void *context, struct err *err)
{
    static const char *const drop[] = {
        "DELETE FROM totp WHERE site = $1",
        "DELETE FROM recovery_code WHERE site = $1",
        "DELETE FROM pin WHERE site = $1",
        "DELETE FROM passkey WHERE site = $1"};
    static const char *const take[] = {
        "INSERT INTO totp (site, user_id, key, nonce, secret, confirmed, step)"
        " SELECT CAST($2 AS TEXT), user_id, key, nonce, secret, confirmed, step"
        " FROM totp WHERE site = $1 AND user_id = $3",
        "INSERT INTO recovery_code (site, user_id, number, hash, used)"
        " SELECT CAST($2 AS TEXT), user_id, number, hash, used"
        " FROM recovery_code WHERE site = $1 AND user_id = $3",
        "INSERT INTO pin (site, user_id, hash, changed)"
        " SELECT CAST($2 AS TEXT), user_id, hash, changed"
        " FROM pin WHERE site = $1 AND user_id = $3",
        "INSERT INTO passkey (site, id, user_id, handle, rp, public_key,"
        " counter, backed, label, created, used, revoked, cloned)"
        " SELECT CAST($2 AS TEXT), id, user_id, handle, rp, public_key,"
        " counter, backed, label, created, used, revoked, cloned"
        " FROM passkey WHERE site = $1 AND user_id = $3"};
    const struct mirror *mirror = context;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sizeof drop / sizeof *drop; i++)
        error = db_run(db, NULL, err, drop[i], "t", mirror->decoy);
    for (size_t i = 0; !error && i < sizeof take / sizeof *take; i++)
        error = db_run(db, NULL, err, take[i], "ttt", mirror->base,
                       mirror->decoy, mirror->user);
    return error;
}

enum error duress_mirror(struct task *task, struct str user, struct str decoy,
                         struct err *err)
{
    struct mirror mirror = {task->office->base, decoy, user};
    bool apart = true;
    enum error error = duress_apart(task, decoy, &apart, err);

    return error || apart ? error
                          : office_change(task->office, copy, &mirror, err);
}

enum error duress_keep(struct db *db, void *context, struct err *err)
{
    const struct task *task = context;

    if (!duress_inside(task))
        return ERROR_NONE;
    return db_run(db, NULL, err,
                  "INSERT INTO decoy_own (site) VALUES ($1)"
                  " ON CONFLICT (site) DO NOTHING",
                  "t", office_home(task->office));
}

struct own_change {
    struct task *task;
    store_change change;
    void *context;
};

static enum error change_and_keep(struct db *db, void *context, struct err *err)
{
    const struct own_change *own = context;
    enum error error = own->change(db, own->context, err);

    return error ? error : duress_keep(db, own->task, err);
}

enum error duress_change(struct task *task, store_change change, void *context,
                         struct err *err)
{
    struct own_change own = {task, change, context};

    return office_change(task->office, change_and_keep, &own, err);
}

enum error duress_forget(struct db *db, struct str site, struct str user,
                         struct err *err)
{
    return db_run(db, NULL, err,
                  "DELETE FROM decoy_own WHERE site IN (SELECT o.room"
                  " FROM credential_other o WHERE o.site = $1"
                  " AND o.user_id = $2)",
                  "tt", site, user);
}

enum error duress_passkey(struct task *task, struct str id, struct str *decoy,
                          struct err *err)
{
    bool found = false;

    *decoy = STR("");
    return db_get_text(task->db, task->arena, decoy, &found, err,
                       "SELECT p.site FROM credential_other o"
                       " JOIN decoy_own d ON d.site = o.room"
                       " JOIN passkey p ON p.site = o.room"
                       " AND p.user_id = o.user_id AND p.id = $2"
                       " WHERE o.site = $1",
                       "tt", task->office->base, id);
}

enum error duress_ended(struct task *task, struct str id, struct str user,
                        bool *ended, struct err *err)
{
    int64_t count = 0;
    enum error error =
        db_get_int(task->db, &count, NULL, err,
                   "SELECT count(*) FROM credential_other o"
                   " JOIN decoy_own d ON d.site = o.room"
                   " JOIN passkey p ON p.site = o.room"
                   " AND p.user_id = o.user_id AND p.id = $3"
                   " WHERE o.site = $1 AND o.user_id = $2 AND p.revoked > 0",
                   "ttt", task->office->base, user, id);

    *ended = count > 0;
    return error;
}

enum error duress_is_real(struct task *task, struct str handle, bool *real,
                          struct err *err)
{
    int64_t count = 0;
    enum error error =
        db_get_int(task->db, &count, NULL, err,
                   "SELECT count(*) FROM passkey"
                   " WHERE passkey.site = $1 AND passkey.handle = $2",
                   "tt", task->office->base, handle);

    *real = count > 0;
    return error;
}
