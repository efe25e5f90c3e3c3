/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms.c - the list of forms in use.
 *
 * A snapshot is one sorted array; whoever installs makes a new one in an
 * arena of its own and hangs it before the old one, which stays for those
 * who still read it. Nobody waits for anybody. What is durable in the log
 * comes before what is visible in memory.
 */
#include "domain/record/forms_private.h"

enum { REFRESH_MS = 1000 };

struct forms *forms_new(struct arena *arena)
{
    struct forms *forms = ARENA_NEW(arena, struct forms);

    if (forms) {
        atomic_init(&forms->now, NULL);
        atomic_init(&forms->refused, NULL);
        atomic_init(&forms->seen, 0);
        atomic_init(&forms->looked, 0);
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

struct forms_snapshot *forms_snapshot_new(struct arena *arena)
{
    arena_init(arena, NULL);
    return ARENA_NEW(arena, struct forms_snapshot);
}

struct forms_snapshot *forms_snapshot_of(const struct forms *forms)
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

const struct forms_item *forms_item_of(const struct forms_snapshot *snapshot,
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
        forms_item_of(forms_snapshot_of(forms), name, version);

    return item ? item->form : NULL;
}

bool forms_shipped(const struct forms *forms, struct str name)
{
    const struct forms_item *item =
        forms_item_of(forms_snapshot_of(forms), name, STR_NULL);

    return item && item->shipped;
}

bool forms_have(const struct forms *forms, struct str source)
{
    const struct forms_snapshot *snapshot = forms_snapshot_of(forms);

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

/* Any version: what was once is not twice because a later form forgot it. */
bool forms_once(void *context, struct str kind)
{
    const struct forms_snapshot *snapshot = forms_snapshot_of(context);

    for (size_t i = snapshot ? lower_bound(snapshot, kind) : 0;
         snapshot && i < snapshot->count &&
         str_equal(snapshot->item[i].form->name, kind);
         i++)
        if (str_equal_c(
                value_text_of(snapshot->item[i].form->settings, "cobijo:once"),
                "yes"))
            return true;
    return false;
}

size_t forms_list(const struct forms *forms, struct arena *arena,
                  const struct form ***form)
{
    const struct forms_snapshot *snapshot = forms_snapshot_of(forms);
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

size_t forms_every(const struct forms *forms, struct arena *arena,
                   const struct form ***form)
{
    const struct forms_snapshot *snapshot = forms_snapshot_of(forms);
    size_t count = snapshot ? snapshot->count : 0;

    *form = ARENA_ARRAY(arena, const struct form *, count);
    for (size_t i = 0; *form && i < count; i++)
        (*form)[i] = snapshot->item[i].form;
    return *form ? count : 0;
}

size_t forms_of_kind(const struct forms *forms, struct str name,
                     struct arena *arena, const struct form ***form)
{
    const struct forms_snapshot *snapshot = forms_snapshot_of(forms);
    size_t first = snapshot ? lower_bound(snapshot, name) : 0, end = first;

    while (snapshot && end < snapshot->count &&
           str_equal(snapshot->item[end].form->name, name))
        end++;
    *form = ARENA_ARRAY(arena, const struct form *, end - first + 1);
    for (size_t i = first; *form && i < end; i++)
        (*form)[end - 1 - i] = snapshot->item[i].form;
    return *form ? end - first : 0;
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

enum error forms_swap(struct forms *forms, struct forms_snapshot *snapshot,
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
            if (!forms_item_of(previous, item[i].form->name,
                               item[i].form->version)) /* somebody was faster */
                insert_item(snapshot, item[i]);
        snapshot->arena = *arena;
    } while (!atomic_compare_exchange_weak(&forms->now, &previous, snapshot));
    return ERROR_NONE;
}

/* A form names its lists as NAME.csv; they stand in catalog/ or forms/. */
static struct str find_list(void *context, struct str name)
{
    static const char *const folder[] = {"site/", "catalog/", "forms/", ""};
    const struct form_files *files = context;
    struct str text = STR_NULL;
    char path[256];

    /* the site's own roles stand in for the shipped ones, and no other list */
    for (size_t i = str_equal_c(name, "role.csv") ? 0 : 1;
         i < 4 && str_is_null(text); i++) {
        int size =
            snprintf(path, sizeof(path), "%s%.*s", folder[i], STR_ARGS(name));

        if (size > 0 && (size_t)size < sizeof(path))
            text =
                files->file(files->context, (struct str){path, (size_t)size});
    }
    return text;
}

const struct form *forms_read_with(struct arena *arena, struct str csv,
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

const struct form *forms_read(const struct office *office, struct arena *arena,
                              struct str csv, struct form_problems *problems)
{
    return forms_read_with(arena, csv, office->files, false, problems);
}

enum error forms_say_problems(const struct form_problems *problems,
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

enum error forms_last_entry(const struct office *office, struct db *db,
                            int64_t *seq, struct err *err)
{
    bool found = false;

    *seq = 0;
    return db_get_int(db, seq, &found, err,
                      "SELECT entry.seq FROM entry WHERE entry.site = $1"
                      " AND entry.kind = 'form'"
                      " ORDER BY entry.seq DESC LIMIT 1",
                      "t", office->log.site);
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

/* A version that nothing can be made of is left out: the others go on. */
static void tell_unreadable(const struct loading *load, struct str name,
                            struct str version)
{
    const struct host *host = load->office->host;
    struct value *fields = value_object(load->arena);

    value_put_str(fields, load->arena, "form", name);
    value_put_str(fields, load->arena, "version", version);
    if (host->log)
        host->log(host->context, HOST_ERROR, "form_unreadable", fields);
}

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
            forms_item_of(forms_snapshot_of(load->office->forms), name,
                          version))
            continue;
        form = forms_read_with(load->arena, source, load->office->files, true,
                               &problems);
        if (!form && arena_failed(load->arena))
            return err_memory(err);
        if (!form) {
            tell_unreadable(load, name, version);
            continue;
        }
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
    struct forms_snapshot *old = forms_snapshot_of(office->forms), *snapshot;
    struct arena arena;
    struct loading load = {.office = office, .db = db, .arena = &arena};
    int64_t seq = 0, seen = atomic_load(&office->forms->seen);
    enum error error;

    snapshot = forms_snapshot_new(&arena);
    error =
        snapshot ? forms_last_entry(office, db, &seq, err) : err_memory(err);
    if (!error)
        error = list_records(&load, err);
    if (!error && load.entries > (old ? old->count : 0)) {
        load.item = ARENA_ARRAY(&arena, struct forms_item, load.entries);
        if (!load.item)
            error = err_memory(err);
        for (size_t i = 0; !error && i < load.records; i++)
            error = load_versions(&load, load.record[i], err);
    }
    if (!error && load.count)
        error = forms_swap(office->forms, snapshot, &arena, load.item,
                           load.count, err);
    if (error || !load.count)
        arena_release(&arena);
    while (!error && seen < seq &&
           !atomic_compare_exchange_weak(&office->forms->seen, &seen, seq))
        ;
    return error;
}

enum error forms_catch_up(struct office *office, struct db *db, int64_t now,
                          struct err *err)
{
    struct forms *forms = office->forms;
    int64_t looked = atomic_load(&forms->looked), seq = 0;
    enum error error;

    if ((looked <= now && now - looked < REFRESH_MS) ||
        !atomic_compare_exchange_strong(&forms->looked, &looked, now))
        return ERROR_NONE;
    error = forms_last_entry(office, db, &seq, err);
    return !error && seq > atomic_load(&forms->seen)
               ? forms_load(office, db, err)
               : error;
}
