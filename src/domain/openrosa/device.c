/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* device.c - making, finding and withdrawing the telephones of device.h. */
#include "domain/openrosa/device.h"

#include "domain/access/room.h"
#include "domain/bound.h"

#include "form/expr/digest.h"

enum {
    NAME_MAX_BYTES = 60,
    SECRET_LETTERS = 24,
    GROUP_LETTERS = 4,
    WRONG_FREE = 20,
    WRONG_WAIT_MAX_SECONDS = 60,
    SEEN_MINUTES = 15
};

static bool may_administer(const struct task *task)
{
    return role_has(task->actor.role, RIGHT_USER_ADMIN) ||
           str_equal_c(task->actor.id, "system");
}

static enum error say_not_admin(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Solo quien administra las cuentas puede hacer esto."),
                   NULL, NULL, NULL);
}

/* Letters that can be told apart when read from paper: 24 x log2(31) bits. */
static struct str fresh_secret(struct task *task)
{
    static const char letter[] = "abcdefghjkmnpqrstuvwxyz23456789";
    const struct host *host = task->office->host;
    struct buf out;
    size_t made = 0;

    buf_init(&out, task->arena);
    while (made < SECRET_LETTERS) {
        unsigned char random[SECRET_LETTERS];

        host->random(host->context, random, sizeof random);
        for (size_t i = 0; i < sizeof random && made < SECRET_LETTERS; i++) {
            if (random[i] >= 248) /* 8 x 31: no letter is likelier */
                continue;
            if (made > 0 && made % GROUP_LETTERS == 0)
                buf_putc(&out, '-');
            buf_putc(&out, letter[random[i] % 31]);
            made++;
        }
    }
    return buf_str(&out);
}

static struct str ha1_of(struct task *task, struct str name, struct str secret)
{
    unsigned char digest[DIGEST_MAX];
    struct buf out;
    size_t size =
        digest_of(DIGEST_MD5,
                  str_format(task->arena, "%.*s:" DEVICE_REALM ":%.*s",
                             STR_ARGS(name), STR_ARGS(secret)),
                  digest);

    buf_init(&out, task->arena);
    buf_put_hex(&out, digest, size);
    return buf_str(&out);
}

static enum error write_device(struct db *db, void *context, struct err *err)
{
    struct device *device = ((void **)context)[0];
    const struct task *task = ((void **)context)[1];
    int64_t same = 0;
    bool found = false;
    enum error error;

    error = db_get_int(db, &same, &found, err,
                       "SELECT count(*) FROM device WHERE device.site = $1"
                       " AND device.name = $2 AND device.revoked = 0",
                       "tt", office_home(task->office), device->name);
    if (!error && same)
        error = err_set(err, ERROR_CONFLICT,
                        N_("Ya hay un teléfono con ese nombre. Retírelo antes "
                           "o elija otro nombre."),
                        NULL, NULL, NULL);
    if (!error)
        error = db_get_int(db, &same, &found, err,
                           "SELECT count(*) FROM device WHERE device.site = $1"
                           " AND device.revoked = 0",
                           "t", office_home(task->office));
    if (!error)
        error = bound_check(same, DEVICES_MOST,
                            N_("Ya hay {1} teléfonos en uso. Retire los que "
                               "sobran antes de añadir otro."),
                            err);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO device (site, id, name, role, ha1,"
                       " made_by, created, used, revoked)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)",
                       "tttttti", office_home(task->office), device->id,
                       device->name, device->role, device->ha1, device->made_by,
                       device->created);
    return error;
}

/* A name is the user of a digest: no colon, quote or control character. */
static bool name_fits(struct str name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 127 ||
            strchr(":\"\\/", name.at[i]))
            return false;
    return name.size > 0 && name.size <= NAME_MAX_BYTES;
}

enum error device_add(struct task *task, struct str name, struct str role,
                      struct str *secret, struct str *id, struct err *err)
{
    struct device device = {.name = str_trim(name),
                            .role = role,
                            .made_by = task->actor.id,
                            .created = task->now};
    void *context[2] = {&device, task};
    struct str made;
    enum error error;

    if (!may_administer(task))
        return say_not_admin(err);
    if (!name_fits(device.name))
        return err_set(err, ERROR_INPUT,
                       N_("Escriba un nombre para el teléfono, sin espacios ni "
                          "los signos : \" \\ /, de hasta 60 letras. Por "
                          "ejemplo: brigada-1"),
                       NULL, NULL, NULL);
    if (!catalog_role(task->office->catalog, role))
        return err_set(err, ERROR_INPUT,
                       N_("No existe la función {1}. Elija una de la lista."),
                       str_c(task->arena, role), NULL, NULL);
    made = fresh_secret(task);
    device.id = host_hash_hex(task->office->host, task->arena, made);
    device.ha1 = ha1_of(task, device.name, made);
    if (arena_failed(task->arena))
        return err_memory(err);
    error = office_change(task->office, write_device, context, err);
    if (!error) {
        *secret = made;
        *id = device.id;
    }
    return error;
}

#define DEVICE_COLUMNS                                                         \
    "SELECT device.id, device.name, device.role, device.ha1, device.made_by,"  \
    " device.created, device.used, device.revoked FROM device"

static void device_read(struct arena *arena, const struct rows *rows,
                        struct device *device)
{
    device->id = str_copy(arena, rows_text(rows, 0));
    device->name = str_copy(arena, rows_text(rows, 1));
    device->role = str_copy(arena, rows_text(rows, 2));
    device->ha1 = str_copy(arena, rows_text(rows, 3));
    device->made_by = str_copy(arena, rows_text(rows, 4));
    device->created = rows_int(rows, 5);
    device->used = rows_int(rows, 6);
    device->revoked = rows_int(rows, 7);
}

enum error device_list(struct task *task, struct device **device, size_t *count,
                       struct err *err)
{
    struct device *list = ARENA_ARRAY(task->arena, struct device, DEVICES_MOST);
    struct rows rows;
    size_t found = 0;
    enum error error;

    if (!may_administer(task))
        return say_not_admin(err);
    if (!list)
        return err_memory(err);
    error = db_query(task->db, &rows, err,
                     DEVICE_COLUMNS " WHERE device.site = $1"
                                    " ORDER BY device.created DESC, device.id"
                                    " LIMIT 500",
                     "t", office_home(task->office));
    if (error)
        return error;
    while (found < DEVICES_MOST && rows_next(&rows))
        device_read(task->arena, &rows, &list[found++]);
    error = rows_end(&rows);
    if (!error) {
        *device = list;
        *count = found;
    }
    return error;
}

static enum error end_device(struct db *db, void *context, struct err *err)
{
    const struct str *id = ((void **)context)[0];
    const struct task *task = ((void **)context)[1];
    int64_t changed = 0;
    enum error error;

    error = db_run(db, &changed, err,
                   "UPDATE device SET revoked = $3, ha1 = ''"
                   " WHERE site = $1 AND id = $2 AND revoked = 0",
                   "tti", office_home(task->office), *id, task->now);
    if (!error && !changed)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No hay un teléfono en uso con esa llave."), NULL,
                        NULL, NULL);
    return error;
}

enum error device_revoke(struct task *task, struct str id, struct err *err)
{
    void *context[2] = {&id, task};

    if (!may_administer(task))
        return say_not_admin(err);
    return office_change(task->office, end_device, context, err);
}

static enum error say_unknown(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("La llave de este teléfono no vale o fue retirada. Pida "
                      "otra a quien administra las cuentas."),
                   NULL, NULL, NULL);
}

struct seen {
    const struct device *device;
    const struct task *task;
};

static enum error touch_device(struct db *db, void *context, struct err *err)
{
    const struct device *device = ((struct seen *)context)->device;
    const struct task *task = ((struct seen *)context)->task;

    return db_run(db, NULL, err,
                  "UPDATE device SET used = $3 WHERE site = $1 AND id = $2",
                  "tti", office_home(task->office), device->id, task->now);
}

void device_seen(struct task *task, const struct device *device)
{
    struct seen seen = {device, task};
    struct err ignored = {0};

    if (task->now - device->used > SEEN_MINUTES * 60000)
        office_change(task->office, touch_device, &seen, &ignored);
}

static enum error device_find(struct task *task, bool by_name, struct str key,
                              struct device *device, struct actor *actor,
                              struct err *err)
{
    struct actor found = {0};
    struct rows rows;
    enum error error;

    *device = (struct device){0};
    error = db_query(task->db, &rows, err,
                     by_name ? DEVICE_COLUMNS " WHERE device.site = $1 AND"
                                              " device.name = $2 AND"
                                              " device.revoked = 0"
                             : DEVICE_COLUMNS " WHERE device.site = $1 AND"
                                              " device.id = $2 AND"
                                              " device.revoked = 0",
                     "tt", office_home(task->office), key);
    if (error)
        return error;
    if (rows_next(&rows))
        device_read(task->arena, &rows, device);
    error = rows_end(&rows);
    if (error)
        return error;
    found.role = catalog_role(task->office->catalog, device->role);
    if (!device->id.size || !found.role)
        return say_unknown(err);
    found.id = str_join(task->arena, STR("device:"), device->name);
    found.name = found.display = device->name;
    *actor = found;
    return ERROR_NONE;
}

enum error device_by_secret(struct task *task, struct str secret,
                            struct device *device, struct actor *actor,
                            struct err *err)
{
    if (secret.size > 100)
        return say_unknown(err);
    return device_find(task, false,
                       host_hash_hex(task->office->host, task->arena, secret),
                       device, actor, err);
}

enum error device_by_name(struct task *task, struct str name,
                          struct device *device, struct actor *actor,
                          struct err *err)
{
    return device_find(task, true, name, device, actor, err);
}

/* --- guessing is slowed down ---------------------------------------------- */

struct wrong {
    struct str site, key;
    int64_t now, failures, until;
};

static enum error wrong_read(struct db *db, struct wrong *wrong,
                             struct err *err)
{
    struct rows rows;
    enum error error =
        db_query(db, &rows, err,
                 "SELECT throttle.failures, throttle.until FROM throttle"
                 " WHERE throttle.site = $1 AND throttle.key = $2",
                 "tt", wrong->site, wrong->key);

    if (error)
        return error;
    wrong->failures = wrong->until = 0;
    if (rows_next(&rows)) {
        wrong->failures = rows_int(&rows, 0);
        wrong->until = rows_int(&rows, 1);
    }
    return rows_end(&rows);
}

static enum error wrong_count(struct db *db, void *context, struct err *err)
{
    struct wrong *wrong = context;
    int64_t wait = 0, over;
    enum error error = wrong_read(db, wrong, err);

    if (error)
        return error;
    over = wrong->failures + 1 - WRONG_FREE;
    if (over > 0)
        wait = over < 6 ? (int64_t)1 << over : WRONG_WAIT_MAX_SECONDS;
    return db_run(db, NULL, err,
                  "INSERT INTO throttle"
                  " (site, key, failures, until, touched, good)"
                  " VALUES ($1, $2, $3, $4, $5, 0)"
                  " ON CONFLICT (site, key) DO UPDATE SET"
                  " failures = excluded.failures, until = excluded.until,"
                  " touched = excluded.touched",
                  "ttiii", wrong->site, wrong->key, wrong->failures + 1,
                  wrong->now + wait * 1000, wrong->now);
}

enum error device_wrong(struct task *task, struct str address, struct err *err)
{
    struct wrong wrong = {
        .site = office_home(task->office),
        .key = host_hash_hex(task->office->host, task->arena,
                             str_join(task->arena, STR("device\n"), address)),
        .now = task->now};
    char seconds[24];
    enum error error = wrong_read(task->db, &wrong, err);

    if (error)
        return error;
    if (wrong.until > task->now) {
        snprintf(seconds, sizeof(seconds), "%lld",
                 (long long)((wrong.until - task->now + 999) / 1000));
        return err_set(err, ERROR_TOO_MANY,
                       N_("Demasiados intentos. Espere {1} segundos y pruebe "
                          "otra vez."),
                       seconds, NULL, NULL);
    }
    error = office_change(task->office, wrong_count, &wrong, err);
    return error ? error : say_unknown(err);
}
