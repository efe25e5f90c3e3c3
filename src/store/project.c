/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* project.c - keeps the tables what the log says.
 *
 * A new record is written straight from its entry; an entry whose writer had
 * seen the record's last state is laid on what the tables hold; everything
 * else folds the record again from all its entries. The three give the same
 * bytes, which t_project proves. A record is projected with the form version
 * of its last entry.
 */
#include "store/project.h"

#include "store/apply.h"
#include "store/aside.h"
#include "store/driver.h"
#include "store/tables.h"

enum error record_standing(struct db *db, struct str site, struct str id,
                           struct arena *arena, struct standing *standing,
                           struct err *err)
{
    struct rows rows;

    *standing = (struct standing){0};
    db_query(db, &rows, err,
             "SELECT kind, state, clock, number FROM record "
             "WHERE site = $1 AND id = $2",
             "tt", site, id);
    if (rows_next(&rows)) {
        standing->exists = true;
        standing->kind = str_copy(arena, rows_text(&rows, 0));
        standing->state = str_copy(arena, rows_text(&rows, 1));
        standing->clock = rows_int(&rows, 2);
        standing->number = rows_int(&rows, 3);
    }
    return rows_end(&rows);
}

/* --- one record ----------------------------------------------------------- */

struct projecting {
    const struct log *log;
    struct db *db;
    struct str site;
    struct arena *arena;
    struct err *err;
    bool rebuilding;
};

/* Forms are entries without a table: whoever keeps them reads the log. Who
 * saw what stands in a table of its own (seen.h). */
static bool has_table(struct str kind)
{
    return !str_equal_c(kind, "form") && !str_equal_c(kind, "seen") &&
           !str_equal_c(kind, "alarm");
}

/* The form of that version, or the newest when it is not to be had. */
static enum error form_for(const struct projecting *projecting, struct str kind,
                           struct str version, const struct form **form)
{
    const struct log *log = projecting->log;

    *form = log->form(log->context, kind, version);
    if (!*form)
        *form = log->form(log->context, kind, STR(""));
    if (!*form)
        return err_set(projecting->err, ERROR_INTERNAL,
                       N_("No se conoce el formulario {1}."),
                       str_c(projecting->arena, kind), NULL, NULL);
    return ERROR_NONE;
}

static enum error tables_for(const struct projecting *projecting,
                             const struct form *form,
                             const struct form_tables **tables)
{
    enum error error = tables_of(projecting->db, form->name, &form->version,
                                 tables, projecting->err);

    if (error || *tables)
        return error;
    error = project_install(projecting->db, form, projecting->err);
    if (!error)
        error = tables_of(projecting->db, form->name, &form->version, tables,
                          projecting->err);
    return error;
}

static enum error write_tokens(const struct projecting *projecting,
                               const struct fold *fold, int64_t number,
                               bool fresh)
{
    enum error (*const write)(struct db *, struct str, struct str, int64_t,
                              const struct search_token *, size_t,
                              struct err *) = projecting->rebuilding
                                                  ? search_put
                                              : fresh ? search_add
                                                      : search_replace;
    const struct log *log = projecting->log;
    struct search_token *token = NULL;
    size_t count = 0;

    if (!log->tokens || !str_equal_c(fold->kind, "person"))
        return ERROR_NONE;
    if (!str_equal_c(fold->state, "erased"))
        count = log->tokens(log->tokens_context, projecting->arena,
                            fold->answers, &token);
    return write(projecting->db, projecting->site, fold->id, number, token,
                 count, projecting->err);
}

static enum error write_register(const struct projecting *projecting,
                                 const struct fold *fold, int64_t number)
{
    return db_run(projecting->db, NULL, projecting->err,
                  "INSERT INTO record "
                  "(site, id, kind, subject, clock, state, number) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                  "ON CONFLICT (site, id) DO UPDATE SET "
                  "kind = excluded.kind, subject = excluded.subject, "
                  "clock = excluded.clock, state = excluded.state",
                  "ttttiti", projecting->site, fold->id, fold->kind,
                  fold->subject, fold->clock, fold->state, number);
}

/* What others keep of it in tables of their own. */
static enum error write_aside(const struct projecting *projecting,
                              const struct fold *fold, bool fresh)
{
    const struct aside *aside = projecting->log->aside;

    if (!aside)
        return ERROR_NONE;
    return aside->put(aside->context, projecting->db, projecting->site, fold,
                      fresh, projecting->arena, projecting->err);
}

static enum error write_fold(const struct projecting *projecting,
                             struct fold *fold, const struct form *form,
                             int64_t number, bool fresh)
{
    const struct form_tables *tables = NULL;
    enum error error = tables_for(projecting, form, &tables);

    if (error)
        return error;
    fold->version = form->version;
    error = rows_write(projecting->db, tables, projecting->site, fold, fresh,
                       projecting->arena, projecting->err);
    if (!error)
        error = write_tokens(projecting, fold, number, fresh);
    return error ? error : write_aside(projecting, fold, fresh);
}

/* The form version that the last entry was written with. */
static struct str last_version(const struct entry *entry, size_t count)
{
    struct str version = STR("");

    for (size_t i = 0; i < count; i++)
        if (entry[i].op != OP_SHARE && entry[i].form_version.size)
            version = entry[i].form_version;
    return version;
}

/* The seq of the first entry to arrive that makes a record. */
static int64_t first_number(const struct entry *entry, size_t count)
{
    int64_t number = INT64_MAX;

    for (size_t i = 0; i < count; i++)
        if (entry[i].op != OP_SHARE && entry[i].seq < number)
            number = entry[i].seq;
    return number;
}

/* An erased record leaves no row: it is as if it had never been. But where the
 * erase says what stays for the figures (arco/residue.c), that does. */
static enum error forget(const struct projecting *projecting, struct str kind,
                         struct str record)
{
    const struct form_tables *tables = NULL;
    struct standing standing = {0};
    struct db *db = projecting->db;
    enum error error =
        record_standing(db, projecting->site, record, projecting->arena,
                        &standing, projecting->err);

    if (error || !standing.exists)
        return error;
    error = db_run(db, NULL, projecting->err,
                   "DELETE FROM record WHERE site = $1 AND id = $2", "tt",
                   projecting->site, record);
    if (!error)
        error = tables_of(db, kind, NULL, &tables, projecting->err);
    for (size_t i = 0; !error && tables && i < tables->count; i++)
        error = db_run(db, NULL, projecting->err, tables->table[i].clear, "tt",
                       projecting->site, record);
    if (!error && projecting->log->aside) {
        struct fold gone = {.id = record, .kind = kind, .state = STR("erased")};

        error = write_aside(projecting, &gone, false);
    }
    if (error || !str_equal_c(kind, "person") || !projecting->log->tokens)
        return error;
    return search_replace(db, projecting->site, record, standing.number, NULL,
                          0, projecting->err);
}

static enum error refold(const struct projecting *projecting, struct str record,
                         bool empty)
{
    struct entry *entry;
    const struct form *form;
    struct fold fold;
    struct str kind;
    size_t count, all;
    int64_t number;
    enum error error =
        log_entries(projecting->log, projecting->db, projecting->site, record,
                    projecting->arena, &entry, &count, projecting->err);

    if (error || !count || !has_table(entry[0].kind))
        return error;
    kind = entry[0].kind;
    all = count;
    log_life(entry, &count); /* leaves the list alone when nothing stands */
    if (!count)
        count = all;
    error =
        form_for(projecting, entry[0].kind, last_version(entry, count), &form);
    if (!error)
        error = fold_entries(form, entry, count, projecting->arena, &fold,
                             projecting->err);
    if (error || str_is_null(fold.state))
        return error; /* only shares: no record */
    if (str_equal_c(fold.state, "erased") && !value_count(fold.answers))
        return empty ? ERROR_NONE : forget(projecting, kind, record);
    number = first_number(entry, count);
    error = write_register(projecting, &fold, number);
    return error ? error : write_fold(projecting, &fold, form, number, empty);
}

enum error project_refold(const struct log *log, struct db *db, struct str site,
                          struct str record, struct arena *arena,
                          struct err *err)
{
    struct projecting projecting = {log, db, site, arena, err, true};

    return refold(&projecting, record, true);
}

enum error project_again(const struct log *log, struct db *db, struct str site,
                         struct str record, struct arena *arena,
                         struct err *err)
{
    struct projecting projecting = {log, db, site, arena, err, false};

    return refold(&projecting, record, false);
}

static enum error apply_create(const struct projecting *projecting,
                               const struct entry *entry)
{
    const struct form *form;
    struct fold fold;
    bool added = false;
    enum error error =
        form_for(projecting, entry->kind, entry->form_version, &form);

    if (!error)
        error = fold_entries(form, entry, 1, projecting->arena, &fold,
                             projecting->err);
    if (!error)
        error = db_insert(projecting->db, &added, projecting->err,
                          "INSERT INTO record "
                          "(site, id, kind, subject, clock, state, number) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                          "ON CONFLICT (site, id) DO NOTHING",
                          "ttttiti", entry->site, fold.id, fold.kind,
                          fold.subject, fold.clock, fold.state, entry->seq);
    if (error)
        return error;
    if (!added)
        return refold(projecting, entry->record, false);
    return write_fold(projecting, &fold, form, entry->seq, true);
}

/* Lays the entry on what the tables hold; *done false when it cannot. */
static enum error apply_next(const struct projecting *projecting,
                             const struct entry *entry,
                             const struct standing *standing, bool *done)
{
    const struct form_tables *tables = NULL;
    const struct form *form;
    struct fold fold;
    enum error error =
        tables_of(projecting->db, entry->kind, &entry->form_version, &tables,
                  projecting->err);

    *done = false;
    if (error || !tables)
        return error;
    error = rows_read(projecting->db, tables, projecting->site, entry->record,
                      projecting->arena, &fold, projecting->err);
    if (!error)
        error = form_for(projecting, entry->kind, entry->form_version, &form);
    if (error || !fold_is_next(&fold, entry) ||
        !str_equal(fold.version, entry->form_version) ||
        !str_equal(fold.version, form->version))
        return error;
    fold_next(&fold, entry, projecting->arena);
    *done = true;
    error = write_register(projecting, &fold, standing->number);
    return error ? error
                 : write_fold(projecting, &fold, form, standing->number, false);
}

enum error project_entry(const struct log *log, struct db *db,
                         const struct entry *entry,
                         const struct standing *standing, struct arena *arena,
                         struct err *err)
{
    struct projecting projecting = {log, db, entry->site, arena, err, false};
    bool done = false;
    enum error error = ERROR_NONE;

    if (entry->op == OP_SHARE || !has_table(entry->kind))
        return ERROR_NONE;
    if (!standing)
        return apply_create(&projecting, entry);
    if (standing->exists && entry->clock > standing->clock &&
        entry->base >= standing->clock && !entry->erased &&
        (entry->op == OP_UPDATE || entry->op == OP_CLOSE))
        error = apply_next(&projecting, entry, standing, &done);
    if (error || done)
        return error;
    return refold(&projecting, entry->record, !standing->exists);
}

enum error project_apply(const struct log *log, struct db *db,
                         const struct entry *entry, struct arena *arena,
                         struct err *err)
{
    struct standing standing;
    enum error error = ERROR_NONE;

    if (entry->op == OP_CREATE)
        return project_entry(log, db, entry, NULL, arena, err);
    error =
        record_standing(db, entry->site, entry->record, arena, &standing, err);
    return error ? error : project_entry(log, db, entry, &standing, arena, err);
}

enum error project_clear(const struct log *log, struct db *db, struct err *err)
{
    static const char *const fixed[] = {
        "DELETE FROM record", "DELETE FROM token", "DELETE FROM token_set",
        "DELETE FROM log_node"};
    const char **names = NULL;
    struct arena arena;
    size_t count = 0;
    enum error error;

    arena_init(&arena, NULL);
    error = tables_names(db, &arena, &names, &count, err);
    if (!error && log->aside)
        error = log->aside->clear(log->aside->context, db, err);
    for (size_t i = 0; i < 4 && !error; i++)
        error = db_run(db, NULL, err, fixed[i], "");
    for (size_t i = 0; i < count && !error; i++)
        error = db_run(
            db, NULL, err,
            str_c(&arena, str_format(&arena, "DELETE FROM %s", names[i])), "");
    arena_release(&arena);
    return error;
}
