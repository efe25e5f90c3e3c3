/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms_install.c - a version of a form comes into use: checked against what
 * is in use, written to the log with its columns in one transaction, then hung
 * into memory. Who installs at the same moment, in this process or another,
 * finds the log longer than it was when she decided, and decides again.
 */
#include "domain/record/forms_private.h"

#include "store/project.h"

enum { ATTEMPTS = 14, LATE_MOST = 4 };
enum { PAUSE_FIRST = 20, PAUSE_MOST = 400 }; /* ms */

static void keep_refused(struct forms *forms, struct forms_snapshot *snapshot,
                         struct arena *arena)
{
    struct forms_snapshot *previous = atomic_load(&forms->refused);

    do {
        snapshot->previous = previous;
        snapshot->arena = *arena;
    } while (
        !atomic_compare_exchange_weak(&forms->refused, &previous, snapshot));
}

/* Table and entry of one form, in the caller's transaction. */
static enum error append_form(const struct office *office, struct db *db,
                              const struct forms_item *item, struct str author,
                              struct arena *arena, struct err *err)
{
    struct value *body = value_object(arena);
    struct entry entry = {0};
    struct append_options options = {0};
    bool repeated = false;
    enum error error;

    value_put_str(body, arena, "name", item->form->name);
    value_put_str(body, arena, "version", item->form->version);
    value_put_str(body, arena, "source", item->form->source);
    if (item->shipped)
        value_put_bool(body, arena, "shipped", true);
    entry.site = office->log.site;
    entry.node = office->log.node;
    entry.id = host_uuid(office->host, arena);
    entry.author = author.size ? author : STR("system");
    entry.kind = STR("form");
    entry.form_version = item->form->version;
    entry.record = entry.subject = item->record;
    entry.op = OP_UPDATE;
    entry.body = body;
    if (arena_failed(arena))
        return err_memory(err);
    error = project_install(db, item->form, err);
    return error ? error
                 : log_append(&office->log, db, &entry, 1, options, arena,
                              &repeated, err);
}

struct install {
    struct office *office;
    const struct forms_order *order;
    struct forms_item item;
    int64_t seen; /* what the decision to install rests on */
    bool late;    /* somebody else installed a form meanwhile */
};

static enum error install_change(struct db *db, void *context, struct err *err)
{
    struct install *install = context;
    const struct forms_order *order = install->order;
    struct arena arena;
    int64_t seq;
    enum error error = forms_last_entry(install->office, db, &seq, err);

    install->late = !error && seq != install->seen;
    if (install->late)
        return err_set(err, ERROR_CONFLICT,
                       N_("Otra persona instaló un formulario en este momento. "
                          "Vuelva a intentarlo."),
                       NULL, NULL, NULL);
    arena_init(&arena, NULL);
    if (!error)
        error = append_form(install->office, db, &install->item, order->author,
                            &arena, err);
    if (!error && order->also)
        error = order->also(db, order->also_context, err);
    arena_release(&arena);
    return error;
}

static enum error index_change(struct db *db, void *context, struct err *err)
{
    const struct install *install = context;

    return project_index(db, install->item.form, err);
}

/* A table that is being read is asked for again and again, with room between
 * for the others. */
static enum error change_patiently(struct office *office, store_change change,
                                   void *context, struct err *err)
{
    const struct host *host = office->host;
    int pause = PAUSE_FIRST;
    enum error error = ERROR_BUSY;

    for (int i = 0; i < ATTEMPTS && error == ERROR_BUSY; i++) {
        if (i && !host->pause)
            break;
        if (i)
            host->pause(host->context, pause);
        if (i && pause < PAUSE_MOST)
            pause *= 2;
        err_clear(err);
        error = office_change(office, change, context, err);
    }
    if (error == ERROR_BUSY)
        err_set(err, ERROR_BUSY,
                N_("Alguien está leyendo la tabla de este formulario desde "
                   "hace rato, quizá un informe largo. No se cambió nada: "
                   "espere un momento y publique otra vez."),
                NULL, NULL, NULL);
    return error;
}

/* Is this version there already? *done when there is nothing to do. */
static enum error check_version(const struct forms_snapshot *snapshot,
                                const struct form *form, bool *done,
                                struct err *err)
{
    const struct forms_item *same =
        forms_item_of(snapshot, form->name, form->version);
    char name[64], version[64];

    *done = same && str_equal(same->form->source, form->source);
    if (!same || *done)
        return ERROR_NONE;
    snprintf(name, sizeof(name), "%.*s", STR_ARGS(form->name));
    snprintf(version, sizeof(version), "%.*s", STR_ARGS(form->version));
    return err_set(err, ERROR_CONFLICT,
                   N_("Ya hay una versión {2} del formulario {1} con otro "
                      "contenido. Cambie la versión en la hoja settings y "
                      "vuelva a instalarlo."),
                   name, version, NULL);
}

/* Is the version in use still the one she looked at? */
static enum error check_base(const struct forms_snapshot *snapshot,
                             const struct form *form,
                             const struct forms_order *order, struct err *err)
{
    const struct forms_item *used =
        forms_item_of(snapshot, form->name, STR_NULL);
    struct str now = used ? used->form->version : STR("");
    char version[64];

    if (str_is_null(order->base) || str_equal(now, order->base))
        return ERROR_NONE;
    snprintf(version, sizeof(version), "%.*s", STR_ARGS(now));
    return err_set(
        err, ERROR_CONFLICT,
        N_("Mientras usted revisaba, otra persona publicó la versión "
           "{1}. Mire los cambios contra ella y publique otra vez."),
        version, NULL, NULL);
}

/* One attempt on what memory knows of the log; the snapshot and its arena are
 * taken over unless install->late. */
static enum error install_once(struct install *install, bool *done,
                               struct err *err)
{
    struct office *office = install->office;
    const struct forms_snapshot *now = forms_snapshot_of(office->forms);
    const struct form *form = install->item.form;
    const struct forms_item *elder = forms_item_of(now, form->name, STR_NULL);
    enum error error = check_version(now, form, done, err);

    if (error || *done)
        return error;
    error = check_base(now, form, install->order, err);
    if (error)
        return error;
    install->item.record = elder ? elder->record : install->item.record;
    install->seen = atomic_load(&office->forms->seen);
    return change_patiently(office, install_change, install, err);
}

static enum error install_read(struct install *install, struct db *db,
                               bool *done, struct err *err)
{
    enum error error = ERROR_NONE;

    for (int i = 0; i < LATE_MOST; i++) {
        err_clear(err);
        error = forms_load(install->office, db, err);
        if (!error)
            error = install_once(install, done, err);
        if (!install->late)
            break;
    }
    return error;
}

enum error forms_publish(struct office *office, struct db *db,
                         const struct forms_order *order,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err)
{
    struct install install = {
        .office = office, .order = order, .item = {.shipped = order->shipped}};
    struct arena arena;
    struct forms_snapshot *snapshot = forms_snapshot_new(&arena);
    struct err ignored = {0};
    enum error error;
    bool done = false;

    install.item.form =
        forms_read_with(&arena, order->csv, files, false, problems);
    install.item.record = host_uuid(office->host, &arena);
    if (!snapshot || arena_failed(&arena)) {
        arena_release(&arena);
        return err_memory(err);
    }
    if (install.item.form)
        error = install_read(&install, db, &done, err);
    else
        error = forms_say_problems(problems, STR("nuevo"), &arena, err);
    if (error || done) {
        keep_refused(office->forms, snapshot, &arena);
        return error;
    }
    error = forms_swap(office->forms, snapshot, &arena, &install.item, 1, err);
    if (error) {
        arena_release(&arena);
        return error;
    }
    /* only makes finding fast: the next version comes by again */
    change_patiently(office, index_change, &install, &ignored);
    return ERROR_NONE;
}

enum error forms_install(struct office *office, struct db *db, struct str csv,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err)
{
    struct forms_order order = {.csv = csv};

    return forms_publish(office, db, &order, files, problems, err);
}

enum error forms_install_newer(struct office *office, struct db *db,
                               struct str csv, struct err *err)
{
    struct forms_order order = {.csv = csv, .shipped = true};
    struct form_problems problems = {0};

    return forms_publish(office, db, &order, office->files, &problems, err);
}

/* Reads one shipped file into *item and stores it. */
static enum error install_file(struct office *office, struct db *db,
                               const struct form_files *files, struct str name,
                               struct arena *arena, struct forms_item *item,
                               struct err *err)
{
    struct form_problems problems = {0};
    struct str path = str_join(arena, STR("forms/"), name);
    struct str csv = files->file(files->context, path);

    if (str_is_null(csv))
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Falta el archivo {1}. Vuelva a instalar Cobijo."),
                       str_c(arena, path), NULL, NULL);
    item->form = forms_read_with(arena, csv, files, false, &problems);
    if (!item->form)
        return arena_failed(arena)
                   ? err_memory(err)
                   : forms_say_problems(&problems, name, arena, err);
    item->record = host_uuid(office->host, arena);
    item->shipped = true;
    return append_form(office, db, item, STR_NULL, arena, err);
}

enum error forms_install_shipped(struct office *office, struct db *db,
                                 const struct form_files *files,
                                 struct err *err)
{
    struct str rest = files->file(files->context, STR("forms/INDEX"));
    struct str line;
    enum error error = ERROR_NONE;

    if (!rest.size)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Falta el archivo {1}. Vuelva a instalar Cobijo."),
                       "forms/INDEX", NULL, NULL);
    while (!error && str_cut(&rest, '\n', &line)) {
        struct forms_item item = {0};
        struct forms_snapshot *snapshot;
        struct arena arena;
        struct str name = str_trim(line);

        if (str_starts(name, STR("forms/")))
            name = str_slice(name, 6, name.size);
        if (!str_ends(name, STR(".csv")))
            continue;
        snapshot = forms_snapshot_new(&arena);
        error = snapshot
                    ? install_file(office, db, files, name, &arena, &item, err)
                    : err_memory(err);
        if (!error)
            error = forms_swap(office->forms, snapshot, &arena, &item, 1, err);
        if (error)
            arena_release(&arena);
    }
    return error;
}

/* --- everything again ----------------------------------------------------- */

struct rebuilding {
    struct office *office;
    int64_t entries;
};

/* A restored store has the tables that its records need; pages ask for those
 * of kinds that nobody used yet, too. */
static enum error rebuild_change(struct db *db, void *context, struct err *err)
{
    struct rebuilding *rebuilding = context;
    const struct form **form = NULL;
    struct arena arena;
    size_t count;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    count = forms_every(rebuilding->office->forms, &arena, &form);
    if (arena_failed(&arena))
        error = err_memory(err);
    for (size_t i = 0; i < count && !error; i++) {
        error = project_install(db, form[i], err);
        if (!error)
            error = project_index(db, form[i], err);
    }
    arena_release(&arena);
    return error ? error
                 : log_rebuild(&rebuilding->office->log, db,
                               &rebuilding->entries, err);
}

enum error forms_rebuild(struct office *office, int64_t *entries,
                         struct err *err)
{
    struct rebuilding rebuilding = {.office = office};
    enum error error = office_change(office, rebuild_change, &rebuilding, err);

    if (!error && entries)
        *entries = rebuilding.entries;
    return error;
}
