/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms.c - the list of forms in use.
 *
 * A snapshot is one sorted array; whoever installs makes a new one in an
 * arena of its own and hangs it before the old one, which stays for those
 * who still read it. Nobody waits for anybody. What is durable in the log
 * comes before what is visible in memory.
 */
#include "domain/record/forms.h"

#include <stdatomic.h>

#include "domain/office.h"
#include "store/project.h"

struct forms_item {
    const struct form *form;
    struct str record; /* of the form's entries in the log */
    bool shipped;      /* came with the program, is not the site's own */
};

struct forms_snapshot {
    struct forms_snapshot *previous;
    struct forms_item *item; /* by name, then as installed */
    size_t count;
    struct arena arena; /* holds this struct, too */
};

struct forms {
    _Atomic(struct forms_snapshot *) now;
    _Atomic(struct forms_snapshot *) refused; /* keeps their problems */
};

struct forms *forms_new(struct arena *arena)
{
    struct forms *forms = ARENA_NEW(arena, struct forms);

    if (forms) {
        atomic_init(&forms->now, NULL);
        atomic_init(&forms->refused, NULL);
    }
    return forms;
}

static void release_chain(struct forms_snapshot *snapshot)
{
    while (snapshot) {
        struct forms_snapshot *previous = snapshot->previous;
        struct arena arena = snapshot->arena;

        arena_release(&arena);
        snapshot = previous;
    }
}

void forms_release(struct forms *forms)
{
    if (!forms)
        return;
    release_chain(atomic_exchange(&forms->now, NULL));
    release_chain(atomic_exchange(&forms->refused, NULL));
}

/* The arena moves into the struct at the end (snapshot_seal). */
static struct forms_snapshot *snapshot_new(struct arena *arena)
{
    arena_init(arena, NULL);
    return ARENA_NEW(arena, struct forms_snapshot);
}

static struct forms_snapshot *snapshot_of(const struct forms *forms)
{
    return forms ? atomic_load(&forms->now) : NULL;
}

/* The first item of a name; the end when there is none. */
static size_t lower_bound(const struct forms_snapshot *snapshot,
                          struct str name)
{
    size_t low = 0, high = snapshot->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (str_compare(snapshot->item[middle].form->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct forms_item *find_item(const struct forms_snapshot *snapshot,
                                          struct str name, struct str version)
{
    const struct forms_item *found = NULL;

    for (size_t i = snapshot ? lower_bound(snapshot, name) : 0;
         snapshot && i < snapshot->count; i++) {
        const struct forms_item *item = &snapshot->item[i];

        if (!str_equal(item->form->name, name))
            break;
        if (!version.size || str_equal(item->form->version, version))
            found = item;
    }
    return found;
}

const struct form *forms_find(const struct forms *forms, struct str name,
                              struct str version)
{
    const struct forms_item *item =
        find_item(snapshot_of(forms), name, version);

    return item ? item->form : NULL;
}

bool forms_shipped(const struct forms *forms, struct str name)
{
    const struct forms_item *item =
        find_item(snapshot_of(forms), name, STR_NULL);

    return item && item->shipped;
}

bool forms_have(const struct forms *forms, struct str source)
{
    const struct forms_snapshot *snapshot = snapshot_of(forms);

    for (size_t i = 0; snapshot && i < snapshot->count; i++)
        if (str_equal(snapshot->item[i].form->source, source))
            return true;
    return false;
}

const struct form *forms_for_log(void *context, struct str kind,
                                 struct str version)
{
    const struct form *form = forms_find(context, kind, version);

    return form || !version.size ? form : forms_find(context, kind, STR_NULL);
}

size_t forms_list(const struct forms *forms, struct arena *arena,
                  const struct form ***form)
{
    const struct forms_snapshot *snapshot = snapshot_of(forms);
    size_t count = 0;

    *form =
        ARENA_ARRAY(arena, const struct form *, snapshot ? snapshot->count : 0);
    for (size_t i = 0; *form && snapshot && i < snapshot->count; i++) {
        const struct form *item = snapshot->item[i].form;

        if (count && str_equal((*form)[count - 1]->name, item->name))
            count--; /* the newer version takes its place */
        (*form)[count++] = item;
    }
    return count;
}

/* Puts an item behind its elders into a snapshot with room for it. */
static void insert_item(struct forms_snapshot *snapshot, struct forms_item item)
{
    size_t at = snapshot->count;

    while (at &&
           str_compare(snapshot->item[at - 1].form->name, item.form->name) > 0)
        at--;
    memmove(snapshot->item + at + 1, snapshot->item + at,
            (snapshot->count - at) * sizeof(item));
    snapshot->item[at] = item;
    snapshot->count++;
}

/* Makes the snapshot (elders plus new items) the one in use. */
static enum error publish(struct forms *forms, struct forms_snapshot *snapshot,
                          struct arena *arena, const struct forms_item *item,
                          size_t count, struct err *err)
{
    struct forms_snapshot *previous = atomic_load(&forms->now);

    do {
        size_t elders = previous ? previous->count : 0;

        snapshot->previous = previous;
        snapshot->count = elders;
        snapshot->item = ARENA_ARRAY(arena, struct forms_item, elders + count);
        if (arena_failed(arena))
            return err_memory(err);
        if (elders)
            memcpy(snapshot->item, previous->item, elders * sizeof(*item));
        for (size_t i = 0; i < count; i++)
            if (!find_item(previous, item[i].form->name,
                           item[i].form->version)) /* somebody was faster */
                insert_item(snapshot, item[i]);
        snapshot->arena = *arena;
    } while (!atomic_compare_exchange_weak(&forms->now, &previous, snapshot));
    return ERROR_NONE;
}

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

/* A form names its lists as NAME.csv; they stand in catalog/ or forms/. */
static struct str find_list(void *context, struct str name)
{
    static const char *const folder[] = {"catalog/", "forms/", ""};
    const struct form_files *files = context;
    struct str text = STR_NULL;
    char path[256];

    for (size_t i = 0; i < 3 && str_is_null(text); i++) {
        int size =
            snprintf(path, sizeof(path), "%s%.*s", folder[i], STR_ARGS(name));

        if (size > 0 && (size_t)size < sizeof(path))
            text =
                files->file(files->context, (struct str){path, (size_t)size});
    }
    return text;
}

/* kept: it is in use since an earlier day. */
static const struct form *read_form(struct arena *arena, struct str csv,
                                    const struct form_files *files, bool kept,
                                    struct form_problems *problems)
{
    struct form_files reader = {0};
    struct form_files outer = *files;

    reader.context = &outer;
    reader.file = find_list;
    csv = str_copy(arena, csv);
    return kept ? xlsform_read_kept(arena, csv, &reader, problems)
                : xlsform_read(arena, csv, &reader, problems);
}

/* Table and entry of one form, in the caller's transaction. */
static enum error append_form(const struct office *office, struct db *db,
                              const struct forms_item *item,
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
    entry.author = STR("system");
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

static enum error say_problems(const struct form_problems *problems,
                               struct str file, struct arena *arena,
                               struct err *err)
{
    const struct form_problem *first = NULL;
    char where[128];

    for (size_t i = 0; i < problems->count && !first; i++)
        if (!problems->problem[i].warning)
            first = &problems->problem[i];
    if (!first)
        return err_set(err, ERROR_INPUT,
                       N_("El formulario {1} no se puede leer."),
                       str_c(arena, file), NULL, NULL);
    snprintf(where, sizeof(where), "%.*s, %zu", STR_ARGS(first->sheet),
             first->row);
    return err_set(err, ERROR_INPUT,
                   N_("El formulario {1} tiene errores; el primero está en "
                      "la hoja y fila {2}: {3}"),
                   str_c(arena, file), where,
                   str_c(arena, err_text(&first->err, NULL, arena)));
}

struct install {
    struct office *office;
    struct forms_item item;
};

static enum error install_change(struct db *db, void *context, struct err *err)
{
    struct install *install = context;
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    error = append_form(install->office, db, &install->item, &arena, err);
    arena_release(&arena);
    return error;
}

/* Is this version there already? *done when there is nothing to do. */
static enum error check_version(const struct forms_snapshot *snapshot,
                                const struct form *form, bool *done,
                                struct err *err)
{
    const struct forms_item *same =
        find_item(snapshot, form->name, form->version);
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

static enum error install_csv(struct office *office, struct db *db,
                              struct str csv, const struct form_files *files,
                              bool shipped, struct form_problems *problems,
                              struct err *err)
{
    struct install install = {office, {.shipped = shipped}};
    const struct forms_item *elder;
    struct arena arena;
    struct forms_snapshot *snapshot;
    enum error error;
    bool done = false;

    error = forms_load(office, db, err);
    if (error)
        return error;
    snapshot = snapshot_new(&arena);
    install.item.form = read_form(&arena, csv, files, false, problems);
    if (!snapshot || arena_failed(&arena)) {
        arena_release(&arena);
        return err_memory(err);
    }
    if (!install.item.form) {
        error = say_problems(problems, STR("nuevo"), &arena, err);
        keep_refused(office->forms, snapshot, &arena);
        return error;
    }
    error = check_version(snapshot_of(office->forms), install.item.form, &done,
                          err);
    if (error || done) {
        keep_refused(office->forms, snapshot, &arena);
        return error;
    }
    elder = find_item(snapshot_of(office->forms), install.item.form->name,
                      STR_NULL);
    install.item.record =
        elder ? elder->record : host_uuid(office->host, &arena);
    error = office_change(office, install_change, &install, err);
    if (!error)
        error = publish(office->forms, snapshot, &arena, &install.item, 1, err);
    if (error)
        arena_release(&arena);
    return error;
}

enum error forms_install(struct office *office, struct db *db, struct str csv,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err)
{
    return install_csv(office, db, csv, files, false, problems, err);
}

enum error forms_install_newer(struct office *office, struct db *db,
                               struct str csv, struct err *err)
{
    struct form_problems problems = {0};

    return install_csv(office, db, csv, office->files, true, &problems, err);
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
    item->form = read_form(arena, csv, files, false, &problems);
    if (!item->form)
        return arena_failed(arena) ? err_memory(err)
                                   : say_problems(&problems, name, arena, err);
    item->record = host_uuid(office->host, arena);
    item->shipped = true;
    return append_form(office, db, item, arena, err);
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
        snapshot = snapshot_new(&arena);
        error = snapshot
                    ? install_file(office, db, files, name, &arena, &item, err)
                    : err_memory(err);
        if (!error)
            error = publish(office->forms, snapshot, &arena, &item, 1, err);
        if (error)
            arena_release(&arena);
    }
    return error;
}

/* What a reading of the log collects. */
struct loading {
    const struct office *office;
    struct db *db;
    struct arena *arena;
    struct str *record;
    size_t records;
    size_t entries; /* of all records */
    struct forms_item *item;
    size_t count;
};

/* The versions of one form that memory does not have yet. */
static enum error load_versions(struct loading *load, struct str record,
                                struct err *err)
{
    struct entry *entry = NULL;
    size_t entries = 0;
    enum error error = log_history(&load->office->log, load->db, record,
                                   load->arena, &entry, &entries, err);

    for (size_t i = 0; !error && i < entries && load->count < load->entries;
         i++) {
        struct form_problems problems = {0};
        struct str name = value_text_of(entry[i].body, "name");
        struct str version = value_text_of(entry[i].body, "version");
        struct str source = value_text_of(entry[i].body, "source");
        const struct form *form;

        if (!source.size ||
            find_item(snapshot_of(load->office->forms), name, version))
            continue;
        form = read_form(load->arena, source, load->office->files, true,
                         &problems);
        if (!form)
            return arena_failed(load->arena)
                       ? err_memory(err)
                       : say_problems(&problems, name, load->arena, err);
        load->item[load->count++] = (struct forms_item){
            form, record,
            value_to_bool(value_get(entry[i].body, "shipped"), false)};
    }
    return error;
}

/* Record ids of the forms, and how many entries they have in all. */
static enum error list_records(struct loading *load, struct err *err)
{
    struct rows rows;
    size_t room = 0;
    enum error error;

    error = db_query(load->db, &rows, err,
                     "SELECT entry.record, count(*) FROM entry"
                     " WHERE entry.site = $1 AND entry.kind = 'form'"
                     " GROUP BY entry.record ORDER BY min(entry.seq)",
                     "t", load->office->log.site);
    if (error)
        return error;
    while (rows_next(&rows)) {
        if (load->records == room) {
            size_t more = room ? room * 2 : 32;

            load->record =
                arena_grow(load->arena, load->record, room * sizeof(struct str),
                           more * sizeof(struct str));
            if (!load->record)
                break;
            room = more;
        }
        load->record[load->records++] =
            str_copy(load->arena, rows_text(&rows, 0));
        load->entries += (size_t)rows_int(&rows, 1);
    }
    error = rows_end(&rows);
    return !error && arena_failed(load->arena) ? err_memory(err) : error;
}

enum error forms_load(struct office *office, struct db *db, struct err *err)
{
    struct forms_snapshot *old = snapshot_of(office->forms), *snapshot;
    struct arena arena;
    struct loading load = {.office = office, .db = db, .arena = &arena};
    enum error error;

    snapshot = snapshot_new(&arena);
    error = snapshot ? list_records(&load, err) : err_memory(err);
    if (!error && load.entries > (old ? old->count : 0)) {
        load.item = ARENA_ARRAY(&arena, struct forms_item, load.entries);
        if (!load.item)
            error = err_memory(err);
        for (size_t i = 0; !error && i < load.records; i++)
            error = load_versions(&load, load.record[i], err);
    }
    if (!error && load.count)
        error = publish(office->forms, snapshot, &arena, load.item, load.count,
                        err);
    if (error || !load.count)
        arena_release(&arena);
    return error;
}
