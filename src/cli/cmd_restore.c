/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_restore.c - a backup becomes a store again, here or on another machine,
 * in SQLite or PostgreSQL whichever it came from.
 *
 * Everything is read once to see that it is whole before anything is made. An
 * SQLite file is then built beside its place, its log verified, and only then
 * renamed; PostgreSQL is filled in one transaction. Whoever was erased since
 * the backup (the ledger of the keys file that stands here, and the backup's
 * own) is erased again before anybody can look.
 */
#include "cli/command.h"

#include "domain/access/room.h"
#include "domain/outreach/help.h"
#include "domain/record/record.h"
#include "store/dump.h"
#include "sys/backup.h"
#include "sys/safe_file.h"

#include <sys/stat.h>
#include <unistd.h>

enum { LEDGERS = 2 }; /* of the keys file that stands here, and of its copy */

struct restoring {
    struct command_line *line;
    struct backup *backup;
    struct str keys;     /* the backup's keys file */
    struct house house;  /* opened by it: path is beside its place */
    const char *url;     /* where the store is built */
    const char *built;   /* its file, or NULL */
    struct keyring here; /* the keys file that stands here, of this house */
    bool has_here;       /* and nobody changed it */
    struct keyring ledger[LEDGERS]; /* of this house, whoever wrote it */
    size_t ledgers;
    struct keyring in_backup;
    int64_t rows, entries, erased;
};

static enum error say_exists(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Ahí ya hay un almacén y no se toca. Restaure con "
                      "--store en otro lugar, o mueva antes el que está."),
                   NULL, NULL, NULL);
}

static enum error say_spoilt(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("La copia de respaldo está cortada o alguien la "
                      "cambió: no se restauró nada. Use otra copia."),
                   NULL, NULL, NULL);
}

static const char *with(struct restoring *work, const char *path,
                        const char *ending)
{
    struct arena *arena = &work->line->arena;

    return str_c(arena, str_format(arena, "%s%s", path, ending));
}

/* --- the key -------------------------------------------------------------- */

static enum error open_paper(struct restoring *work, struct err *err)
{
    const char *path[2] = {command_option(work->line, "--paper"), NULL};
    struct share share[2];
    struct str text;
    enum error error = command_file(work->line, path[0], &text, err);

    for (int i = 0; !error && i < 2; i++)
        error = share_read(&text, &share[i], err);
    if (error == ERROR_NOT_FOUND)
        error = err_set(err, ERROR_INPUT,
                        N_("Hacen falta dos hojas: escriba las cuatro líneas "
                           "de cada una, nada más."),
                        NULL, NULL, NULL);
    if (!error)
        error = house_open_shares(&work->house, &share[0], &share[1], err);
    work->house.host->sealer->wipe(share, sizeof(share));
    return error;
}

static enum error open_house(struct restoring *work, struct err *err)
{
    struct command_line *line = work->line;
    const char *user = command_option(line, "--user");
    struct str password;

    if (command_option(line, "--paper"))
        return open_paper(work, err);
    if (!command_option(line, "--password-file") &&
        !command_flag(line, "--password-stdin"))
        return house_take(&work->house)
                   ? ERROR_NONE
                   : err_set(
                         err, ERROR_INPUT,
                         N_("Para abrir la copia hace falta una contraseña "
                            "(--user y --password-stdin; sin --user, la "
                            "frase de paso) o dos hojas (--paper ARCHIVO)."),
                         NULL, NULL, NULL);
    if (command_password(line, &password, err))
        return err->code;
    return house_open_password(&work->house, user, password, err);
}

/* The backup's keys are laid beside the place of the store's; those that stand
 * there already and are of this house know more. */
static enum error lay_keys(struct restoring *work, struct err *err)
{
    struct command_line *line = work->line;
    struct house *target = &line->house, *house = &work->house;
    enum error error;

    if (keyring_read(&work->in_backup, &line->arena, work->keys,
                     &(struct err){0}))
        return say_spoilt(err);
    if (!target->path) { /* PostgreSQL: named by the house */
        memcpy(target->id, work->in_backup.id, sizeof(target->id));
        target->path = house_state_path(target);
    }
    *house = (struct house){.host = target->host, .keeper = house_keeper};
    house->keeper.context = house;
    arena_init(&house->arena, NULL);
    house->path = with(work, target->path, ".restoring");
    house->file = target->file;
    house->kept = true;
    house->store_sealed = target->file != NULL;
    memcpy(house->id, work->in_backup.id, sizeof(house->id));
    error = safe_folders(house->path, err);
    if (!error)
        error = safe_write(house->path, work->keys, err);
    if (!error)
        error = open_house(work, err);
    if (!error &&
        !keyring_true(&work->in_backup, house->host->sealer, house->key))
        error = say_spoilt(err);
    return error;
}

static bool read_ledger(struct restoring *work, const char *path,
                        struct keyring *ring)
{
    struct arena *arena = &work->line->arena;
    struct err ignored = {0};
    struct str text;

    return safe_read(path, arena, KEYRING_SIZE, &text, &ignored) ==
               ERROR_NONE &&
           keyring_read(ring, arena, text, &ignored) == ERROR_NONE &&
           strcmp(ring->id, work->house.id) == 0;
}

/* The keys that stand here stay when the site key made them. Whom their ledger
 * names was erased in any case, also when somebody changed the file or only its
 * copy is left: a line is an HMAC, which nobody makes without the key. */
static void read_here(struct restoring *work)
{
    const char *path = work->line->house.path;
    struct keyring *ring = work->ledger;

    if (read_ledger(work, path, &ring[0])) {
        work->here = ring[work->ledgers++];
        work->has_here = keyring_true(&work->here, work->house.host->sealer,
                                      work->house.key);
    }
    if (read_ledger(work, with(work, path, ".old"), &ring[work->ledgers]))
        work->ledgers++;
}

/* --- building ------------------------------------------------------------- */

struct filling {
    struct restoring *work;
    int64_t rows;
};

static enum error fill(struct db *db, void *context, struct err *err)
{
    struct filling *filling = context;
    struct restoring *work = filling->work;
    enum error error = backup_begin(work->backup, work->house.key, err);

    if (!error)
        error = dump_read(db, backup_get, work->backup, &filling->rows, err);
    return error ? error : backup_ended(work->backup, err);
}

/* Reads all of it and writes nothing. */
static enum error look_through(struct restoring *work, struct err *err)
{
    struct filling filling = {.work = work};
    enum error error = fill(NULL, &filling, err);

    work->rows = filling.rows;
    return error;
}

static enum error fill_store(struct restoring *work, struct err *err)
{
    struct store_options options = {.host = work->house.host,
                                    .key = work->house.store_key};
    struct filling filling = {.work = work};
    enum store_age age = STORE_EMPTY;
    int64_t number;
    struct store *store;
    struct db *db = NULL;
    enum error error = store_open(work->url, &options, &store, err);

    if (error)
        return error;
    error = store_connect(store, true, &db, err);
    if (!error)
        error = store_age(db, &age, &number, err);
    if (!error && age != STORE_EMPTY)
        error = say_exists(err);
    if (!error)
        error = store_setup(store, err);
    if (!error)
        error = db_begin(db, true, err);
    if (!error) {
        error = fill(db, &filling, err);
        if (error)
            db_rollback(db);
        else
            error = db_commit(db, err);
    }
    if (db)
        db_close(db);
    store_close(store);
    return error;
}

/* --- whom nobody brings back ---------------------------------------------- */

static bool is_erased(const struct restoring *work, struct str subject)
{
    const struct sealer *sealer = work->house.host->sealer;
    unsigned char who[32];

    bool erased;

    house_subject(&work->house, subject, who);
    erased = keyring_erased_has(&work->in_backup, sealer, who);
    for (size_t i = 0; i < work->ledgers; i++)
        erased = erased || keyring_erased_has(&work->ledger[i], sealer, who);
    return erased;
}

static enum error erase_subject(struct task *task, struct str subject,
                                struct err *err)
{
    struct change change;
    struct rows rows;
    size_t added = 0;
    enum error error;

    change_init(&change, task);
    /* her own record last: what is about her first */
    error = db_query(task->db, &rows, err,
                     "SELECT record.kind, record.id FROM record"
                     " WHERE record.site = $1 AND record.subject = $2"
                     " AND record.state <> 'erased'"
                     " ORDER BY CASE WHEN record.id = record.subject THEN 1"
                     " ELSE 0 END, record.id",
                     "tt", task->office->log.site, subject);
    while (!error && rows_next(&rows)) {
        change_add(&change, str_copy(task->arena, rows_text(&rows, 0)),
                   str_copy(task->arena, rows_text(&rows, 1)), OP_ERASE, NULL,
                   subject);
        added++;
    }
    if (rows_end(&rows) && !error)
        error = rows.error;
    if (added)
        help_drop_name(&change, subject);
    return error || !added ? error : change_commit(&change, NULL, err);
}

/* In the house, in a room or in a decoy house. */
static enum error erase_in(struct restoring *work, struct task *task,
                           struct err *err)
{
    struct buf list;
    struct str rest, subject;
    struct rows rows;
    enum error error;

    buf_init(&list, task->arena);
    error = db_query(task->db, &rows, err,
                     "SELECT DISTINCT entry.subject FROM entry"
                     " WHERE entry.site = $1",
                     "t", task->office->log.site);
    while (!error && rows_next(&rows))
        if (is_erased(work, rows_text(&rows, 0)))
            buf_printf(&list, "%.*s\n", STR_ARGS(rows_text(&rows, 0)));
    if (rows_end(&rows) && !error)
        error = rows.error;
    rest = buf_str(&list);
    while (!error && rest.size && str_cut(&rest, '\n', &subject)) {
        error = erase_subject(task, subject, err);
        work->erased++;
    }
    return error;
}

static enum error erase_again(struct restoring *work, struct task *task,
                              struct err *err)
{
    size_t known = work->in_backup.erased_count + work->in_backup.gone_count;
    size_t count = 0;
    struct room_site *site = NULL;
    enum error error;

    for (size_t i = 0; i < work->ledgers; i++)
        known += work->ledger[i].erased_count + work->ledger[i].gone_count;
    if (!known)
        return ERROR_NONE;
    error = room_all(task->office, task->db, task->arena, &site, &count, err);
    for (size_t i = 0; !error && i < count; i++) {
        error = task_enter_room(task, site[i].home, site[i].site, err);
        if (!error)
            error = erase_in(work, task, err);
    }
    return error;
}

/* Projections, erasures, and the log is true; the program as always. */
static enum error finish(struct restoring *work, struct err *err)
{
    struct command_line *line = work->line;
    struct office_options options = {.host = work->house.host,
                                     .store_url = work->url,
                                     .files = &line->files,
                                     .site_key = work->house.key,
                                     .store_key = work->house.store_key};
    struct log_fault fault = {0};
    struct app app = {0};
    struct task task;
    struct db *db = NULL;
    enum error error = app_open(&app, &options, err);

    if (error)
        return error;
    error = forms_rebuild(&app.office, NULL, err);
    if (!error)
        error = store_connect(app.office.store, false, &db, err);
    if (!error) {
        task_init(&task, &app.office, db, &line->arena);
        task_as_system(&task);
        error = erase_again(work, &task, err);
    }
    if (!error)
        error = log_verify(&app.office.log, db, &line->arena, &work->entries,
                           &fault, err);
    if (!error && fault.err.code) {
        *err = fault.err;
        error = fault.err.code;
    }
    if (db)
        db_close(db);
    app_close(&app);
    return error;
}

/* --- into place ----------------------------------------------------------- */

static enum error place_keys(struct restoring *work, struct err *err)
{
    struct house *target = &work->line->house;
    const char *path = target->path;
    enum error error = ERROR_NONE;

    if (work->has_here) { /* they know of later passwords and erasures */
        unlink(work->house.path);
        error = house_ledger(target, work->house.key, &work->in_backup, err);
    } else {
        if (safe_exists(path))
            error = safe_aside(path, "otra", err);
        if (!error)
            error = safe_rename(work->house.path, path, err);
    }
    for (size_t i = 0; !error && i < work->ledgers; i++)
        error = house_ledger(target, work->house.key, &work->ledger[i], err);
    return error;
}

static void clear(struct restoring *work)
{
    if (!work->built)
        return;
    unlink(work->built);
    unlink(with(work, work->built, "-wal"));
    unlink(with(work, work->built, "-shm"));
}

static enum error build(struct restoring *work, struct err *err)
{
    struct house *target = &work->line->house;
    enum error error = lay_keys(work, err);

    if (error)
        return error;
    read_here(work);
    error = look_through(work, err);
    work->url = work->line->store;
    if (target->file) {
        work->built = with(work, target->file, ".restoring");
        work->url = with(work, "sqlite:", work->built);
        clear(work);
    }
    if (!error)
        error = fill_store(work, err);
    if (!error)
        error = finish(work, err);
    if (!error)
        error = place_keys(work, err);
    if (!error && work->built)
        error = safe_rename(work->built, target->file, err);
    if (error)
        clear(work);
    return error;
}

/* Nothing of a store may be there. */
static enum error check_place(struct command_line *line, struct err *err)
{
    struct house *house = &line->house;
    struct stat about;

    if (command_house_find(line, err))
        return err->code;
    if (house->file ? !house->path ||
                          (stat(house->file, &about) == 0 && about.st_size > 0)
                    : house->id[0] != '\0')
        return say_exists(err);
    return ERROR_NONE;
}

int cmd_restore(struct command_line *line)
{
    struct restoring work = {.line = line};
    struct err err = {0};

    if (check_place(line, &err) ||
        backup_open(line->argument[0], &line->native.host, &line->arena,
                    &work.keys, &work.backup, &err))
        return command_fail(line, &err);
    build(&work, &err);
    if (work.house.path && safe_exists(work.house.path))
        unlink(work.house.path);
    if (!err.code)
        house_remember(&work.house);
    backup_free(work.backup);
    house_release(&work.house);
    if (err.code)
        return command_fail(line, &err);
    printf("%lld %.*s\n", (long long)work.entries,
           STR_ARGS(command_say(line, N_("entradas, bien"))));
    if (work.erased)
        printf("%lld %.*s\n", (long long)work.erased,
               STR_ARGS(command_say(line, N_("personas de la copia ya habían "
                                             "pedido que se borrara lo suyo: "
                                             "se borró otra vez"))));
    return COMMAND_OK;
}
