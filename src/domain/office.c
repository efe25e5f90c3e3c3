/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* office.c - opening and closing the program's one office: store, site, forms
 * and catalogue. Knows no page and no kind of record.
 */
#include "domain/office.h"

#include <stdatomic.h>

#include "core/date.h"
#include "domain/directory/directory.h"
#include "domain/person/person_token.h"
#include "domain/outreach/help_limit.h"
#include "domain/proof/seen.h"
#include "domain/casework/screening.h"
#include "domain/notice/know.h"
#include "domain/notice/usage.h"
#include "domain/openrosa/openrosa_kept.h"
#include "domain/record/classes.h"
#include "domain/report/indicator.h"

/* Where changes go when the caller has no writer of its own: a connection
 * that one thread uses. */
struct office_writer {
    struct db *db;
};

static enum error write_at_once(void *context, store_change change,
                                void *change_context, struct err *err)
{
    struct office_writer *writer = context;
    struct err own = {0};
    struct store_job job = {
        .change = change, .context = change_context, .err = &own};

    store_run(writer->db, &job, 1);
    if (job.error)
        *err = own;
    return job.error;
}

enum error office_change(const struct office *office, store_change change,
                         void *context, struct err *err)
{
    enum error error =
        office->write(office->write_context, change, context, err);

    if (office->changes)
        atomic_fetch_add((atomic_ullong *)office->changes, 1);
    return error;
}

uint64_t office_version(const struct office *office)
{
    return office->changes ? atomic_load((atomic_ullong *)office->changes) : 0;
}

bool office_edition(const struct office *office, struct db *db,
                    uint64_t *edition)
{
    uint64_t others = 0;

    if (!store_changes(office->store, db, &others))
        return false;
    *edition = others + office_version(office) * 0x9e3779b97f4a7c15u;
    return true;
}

static enum error use_writer(struct office *office,
                             const struct office_options *options,
                             struct err *err)
{
    struct office_writer *writer;
    enum error error;

    office->write = options->write;
    office->write_context = options->write_context;
    if (office->write)
        return ERROR_NONE;
    writer = ARENA_NEW(&office->arena, struct office_writer);
    if (!writer)
        return err_memory(err);
    error = store_connect(office->store, true, &writer->db, err);
    if (!error) {
        office->write = write_at_once;
        office->write_context = writer;
    }
    return error;
}

static const unsigned char *salt_new(struct office *office)
{
    unsigned char *salt = ARENA_ARRAY(&office->arena, unsigned char, 32);

    if (salt)
        office->host->random(office->host->context, salt, 32);
    return salt;
}

static enum error office_init(struct office *office,
                              const struct office_options *options,
                              struct err *err)
{
    struct store_options store = {.host = options->host,
                                  .key = options->store_key,
                                  .trace = options->trace};

    *office = (struct office){0};
    office->host = options->host;
    office->site_key = options->site_key;
    office->keeper = options->keeper;
    office->files = options->files;
    arena_init(&office->arena, NULL);
    office->forms = forms_new(&office->arena);
    office->shelf = openrosa_shelf_new(&office->arena);
    office->seen = seen_shelf_new(&office->arena);
    office->help = help_limit_new(options->host, &office->arena);
    office->usage = usage_shelf_new(&office->arena);
    office->changes = ARENA_NEW(&office->arena, atomic_ullong);
    office->report_salt = salt_new(office);
    if (!office->forms || !office->shelf || !office->seen || !office->help ||
        !office->usage || !office->report_salt)
        return err_memory(err);
    office->log.host = options->host;
    office->log.site_key = options->site_key;
    office->log.form = forms_for_log;
    office->log.once = forms_once;
    office->log.context = office->forms;
    return store_open(options->store_url, &store, &office->store, err);
}

void office_close(struct office *office)
{
    struct err ignored = {0};

    if (office->write && office->log.store)
        seen_flush(office, &ignored);
    if (office->write == write_at_once) {
        struct office_writer *writer = office->write_context;

        db_close(writer->db);
    }
    openrosa_shelf_release(office->shelf);
    forms_release(office->forms);
    if (office->store)
        store_close(office->store);
    arena_release(&office->arena);
    *office = (struct office){0};
}

static void take_site(struct office *office, struct str id, struct str node)
{
    office->log.store = office->store;
    office->log.site = str_copy(&office->arena, id);
    office->log.node = str_copy(&office->arena, node);
    office->base = office->log.site;
}

static enum error say_no_site(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("Este almacén todavía no tiene una sede. Créela con "
                      "«cobijo init»."),
                   NULL, NULL, NULL);
}

static enum error read_site(struct office *office, struct db *db,
                            struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error;

    error = db_query(db, &rows, err,
                     "SELECT site.id, site.name, site.zone, site.country,"
                     " site.node FROM site ORDER BY site.id LIMIT 1",
                     "");
    if (error)
        return error;
    if (rows_next(&rows)) {
        found = true;
        office->site_name = str_copy(&office->arena, rows_text(&rows, 1));
        office->zone = str_copy(&office->arena, rows_text(&rows, 2));
        office->country = str_copy(&office->arena, rows_text(&rows, 3));
        take_site(office, rows_text(&rows, 0), rows_text(&rows, 4));
    }
    error = rows_end(&rows);
    return error || found ? error : say_no_site(err);
}

static void log_upgrade(const struct office *office, int64_t number)
{
    const struct host *host = office->host;
    struct arena arena;
    struct value *fields;

    if (!host->log)
        return;
    arena_init(&arena, NULL);
    fields = value_object(&arena);
    value_put_int(fields, &arena, "from", number);
    host->log(host->context, HOST_WARNING, "schema_upgraded", fields);
    arena_release(&arena);
}

/* A store that was never set up has no table to ask; one of an older program
 * is brought up to date first. */
static enum error find_site(struct office *office, struct db *db,
                            struct err *err)
{
    enum store_age age = STORE_EMPTY;
    int64_t number = 0;
    enum error error = store_age(db, &age, &number, err);

    if (!error && age == STORE_EMPTY)
        return say_no_site(err);
    if (!error && age == STORE_OLDER) {
        error = store_setup(office->store, err);
        if (!error)
            log_upgrade(office, number);
    }
    return error ? error : read_site(office, db, err);
}

/* What the tables of the catalogue mean to those who use them all day. */
static enum error read_rules(struct office *office, struct err *err)
{
    const struct name_rules *names;
    struct screening_rules *screening = NULL;
    enum error error;

    names = name_rules_read(&office->arena, office->catalog);
    office->log.tokens = person_tokens;
    office->log.tokens_context = (void *)(uintptr_t)names;
    office->log.aside =
        directory_aside(&office->arena, office->catalog, office->host);
    error =
        screening_rules_load(&office->arena, office->catalog, &screening, err);
    office->rules = screening;
    return error ? error
                 : classes_read(&office->arena, office->catalog,
                                &office->log.sealing, err);
}

static enum error found_here(struct office *office,
                             const struct office_options *options,
                             struct err *err);

enum error office_open(struct office *office,
                       const struct office_options *options, struct err *err)
{
    struct catalog *catalog = NULL;
    struct db *db = NULL;
    enum error error = office_init(office, options, err);

    if (!error && options->site.size)
        error = found_here(office, options, err);
    if (!error)
        error = store_connect(office->store, false, &db, err);
    if (!error)
        error = find_site(office, db, err);
    if (!error)
        error = catalog_load(&office->arena, options->files, &catalog, err);
    office->catalog = catalog;
    if (!error)
        error = know_load(&office->arena, office->host, options->files, catalog,
                          &office->know, err);
    if (!error)
        error = read_rules(office, err);
    if (!error)
        error = forms_load(office, db, err);
    if (!error)
        error = indicators_read(office, db, err);
    if (!error && !office->write)
        error = use_writer(office, options, err);
    if (!error && arena_failed(&office->arena))
        error = err_memory(err);
    if (db)
        db_close(db);
    if (error)
        office_close(office);
    return error;
}

struct founding {
    struct office *office;
    const struct office_options *options;
    struct str name, zone;
};

static enum error found_change(struct db *db, void *context, struct err *err)
{
    const struct founding *founding = context;
    struct office *office = founding->office;
    int64_t sites = 0;
    bool found = false;
    enum error error;

    error =
        db_get_int(db, &sites, &found, err, "SELECT count(*) FROM site", "");
    if (!error && sites)
        error = err_set(err, ERROR_CONFLICT,
                        N_("Este almacén ya tiene una sede. Use otro nombre "
                           "de archivo para empezar uno nuevo."),
                        NULL, NULL, NULL);
    if (!error)
        error = db_run(db, NULL, err,
                       "INSERT INTO site (id, name, zone, country, node)"
                       " VALUES ($1, $2, $3, $4, $5)",
                       "ttttt", office->log.site, founding->name,
                       founding->zone, office->country, office->log.node);
    if (!error && founding->options->keys_id)
        error = db_run(db, NULL, err,
                       "INSERT INTO store_meta (name, value)"
                       " VALUES ('keys', $1)",
                       "t", str_of(founding->options->keys_id));
    return error ? error
                 : forms_install_shipped(office, db, founding->options->files,
                                         err);
}

static enum error found(struct office *office,
                        const struct office_options *options, struct str name,
                        struct str zone, struct err *err)
{
    struct founding founding = {office, options, str_trim(name), zone};
    enum error error;

    if (!founding.name.size)
        return err_set(err, ERROR_INPUT, N_("Escriba el nombre de la sede."),
                       NULL, NULL, NULL);
    error = store_setup(office->store, err);
    if (error)
        return error;
    office->country = STR("MEX");
    take_site(office, host_uuid(options->host, &office->arena),
              host_uuid(options->host, &office->arena));
    error = use_writer(office, options, err);
    return error ? error : office_change(office, found_change, &founding, err);
}

static enum error found_here(struct office *office,
                             const struct office_options *options,
                             struct err *err)
{
    return found(office, options, options->site, options->zone, err);
}

enum error office_create(const struct office_options *options, struct str name,
                         struct str zone, struct err *err)
{
    struct office office;
    enum error error = office_init(&office, options, err);

    if (!error)
        error = found(&office, options, name, zone, err);
    office_close(&office);
    return error;
}

int64_t task_day(const struct task *task)
{
    return instant_day(task->now, task->utc_offset);
}

void task_init(struct task *task, const struct office *office, struct db *db,
               struct arena *arena)
{
    const struct host *host = office->host;

    *task = (struct task){0};
    task->office = office;
    task->db = db;
    task->arena = arena;
    task->now = host->now(host->context);
    task->utc_offset = host->utc_offset(host->context, office->zone, task->now);
    task->language = STR("es");
}

void task_as_system(struct task *task)
{
    static const struct role all = {
        .name = {"system", 6},
        .rights = ~(uint64_t)0,
        .compartments = COMPARTMENT_ALL,
        .reach = REACH_OWN,
    };

    task->actor = (struct actor){0};
    task->actor.id = STR("system");
    task->actor.name = STR("system");
    task->actor.display = STR("Cobijo");
    task->actor.role = &all;
}

struct str task_uuid(const struct task *task, struct str a, struct str b)
{
    struct str part[3] = {a, STR("\n"), b};
    unsigned char hash[32];
    const struct host *host = task->office->host;

    host->hash(host->context, part, 3, hash);
    hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x80); /* version 8 */
    hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80);
    return str_format(task->arena,
                      "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                      "%02x%02x%02x%02x%02x%02x",
                      hash[0], hash[1], hash[2], hash[3], hash[4], hash[5],
                      hash[6], hash[7], hash[8], hash[9], hash[10], hash[11],
                      hash[12], hash[13], hash[14], hash[15]);
}
