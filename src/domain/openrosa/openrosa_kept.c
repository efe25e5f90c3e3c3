/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_kept.c - the shelf of openrosa_kept.h.
 *
 * XForms hang in a list that only grows, at its head, so that nobody who reads
 * waits. Hashes are a few slots behind a lock that is held for as long as
 * forty bytes are copied. A form that is published is another struct form:
 * nothing of the old one is found for it.
 */
#include "domain/openrosa/openrosa_kept.h"

#include <stdatomic.h>

#include "domain/openrosa/openrosa.h"
#include "domain/record/form_media.h"
#include "form/list_file.h"
#include "form/media_file.h"
#include "form/xform/xform.h"

enum { HASHES = 64, HASH_SIZE = 48, CHAINS = 64 };

struct item {
    struct openrosa_kept kept;
    const struct role *role; /* what it may do may show in its XForm */
    size_t kinds; /* how many there were: it may list records of any */
    struct item *next;
    struct arena rows;  /* of a form with entities: what xls points to */
    struct arena arena; /* holds this struct, too */
};

/* The hash of a kind's entity list, as a role sees it, at an end of the log. */
struct list_hash {
    const struct form *kind;
    const struct role *role;
    int64_t seq;
    char text[HASH_SIZE];
    size_t size;
};

struct openrosa_shelf {
    _Atomic(struct item *) chain[CHAINS]; /* by form */
    atomic_flag lock;                     /* of what follows */
    struct list_hash hash[HASHES];
    size_t next; /* the slot that is given up next */
};

struct openrosa_shelf *openrosa_shelf_new(struct arena *arena)
{
    struct openrosa_shelf *shelf = ARENA_NEW(arena, struct openrosa_shelf);

    for (size_t i = 0; shelf && i < CHAINS; i++)
        atomic_init(&shelf->chain[i], NULL);
    if (shelf)
        atomic_flag_clear(&shelf->lock);
    return shelf;
}

void openrosa_shelf_release(struct openrosa_shelf *shelf)
{
    for (size_t i = 0; shelf && i < CHAINS; i++) {
        struct item *item = atomic_exchange(&shelf->chain[i], NULL);

        while (item) {
            struct item *next = item->next;
            struct arena arena = item->arena;

            arena_release(&item->rows);
            arena_release(&arena);
            item = next;
        }
    }
}

/* --- an XForm ------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* A list that is a sheet of the form, as the file it was. */
static struct str list_text(struct arena *arena, const struct xls_book *book,
                            struct str name)
{
    const struct xls_table *sheet = xls_book_table(book, name);
    struct table table = {.name = name};

    for (size_t i = 0; sheet && i < sheet->rows; i++)
        table_add(arena, &table, sheet->row[i].number, sheet->row[i].cell,
                  sheet->row[i].count);
    return sheet ? list_file_write(arena, &table) : STR_NULL;
}

static void keep_names(struct openrosa_kept *kept, const struct xls *xls,
                       struct arena *arena)
{
    struct str *media = NULL;
    size_t count = xls_media_files(xls, &media);
    size_t room = xls->instances + count + 1;

    kept->node = ARENA_ARRAY(arena, struct str, xls->nodes + 1);
    kept->file = ARENA_ARRAY(arena, struct str, room);
    kept->text = ARENA_ARRAY(arena, struct str, room);
    if (!kept->node || !kept->file || !kept->text)
        return;
    for (size_t i = 0; i < xls->nodes; i++)
        if (xls->node[i]->name.size)
            kept->node[kept->nodes++] = str_copy(arena, xls->node[i]->name);
    qsort(kept->node, kept->nodes, sizeof(*kept->node), compare_names);
    for (size_t i = 0; i < xls->instances; i++) {
        struct str name = xls_instance_file(&xls->instance[i]);

        if (!list_file_is(name))
            continue;
        kept->file[kept->files] = str_copy(arena, name);
        kept->text[kept->files++] = list_text(arena, xls->book, name);
    }
    for (size_t i = 0; i < count; i++) {
        struct str bytes = media_file_find(arena, kept->form->source, media[i]);

        if (!bytes.size || !form_media_type(media[i], bytes))
            continue;
        kept->file[kept->files] = str_copy(arena, media[i]);
        kept->text[kept->files++] = bytes;
    }
}

static void keep_problem(struct openrosa_kept *kept,
                         const struct form_problems *problems,
                         const struct err *err)
{
    if (err->code)
        kept->problem = *err;
    else if (problems->count)
        kept->problem = problems->problem[0].err;
    if (!kept->problem.code)
        kept->problem.code = ERROR_INPUT;
}

/* Reads the form in item->rows; what is kept of it is copied. The rows stay
 * only where a submission needs them. */
static void item_fill(struct item *item, const struct task *task,
                      struct arena *arena)
{
    struct openrosa_kept *kept = &item->kept;
    struct form_problems problems = {0};
    struct xls_book book = {0};
    struct err err = {0};
    struct xls *xls = NULL;

    if (xls_book_csv(&item->rows, kept->form->source, &book, &err) &&
        openrosa_for_phone(task, kept->form, &item->rows, &book))
        xls = xls_read(&item->rows, &book, STR("data"), kept->form->name,
                       &problems);
    if (!xls) {
        keep_problem(kept, &problems, &err);
        return;
    }
    kept->xml = str_copy(arena, xform_write(xls));
    kept->hash = openrosa_hash(arena, kept->xml);
    keep_names(kept, xls, arena);
    if (xls->entity_count)
        kept->xls = xls;
}

static struct item *item_make(const struct form *form, const struct task *task)
{
    struct arena arena;
    struct item *item;
    bool failed;

    arena_init(&arena, NULL);
    item = ARENA_NEW(&arena, struct item);
    if (!item)
        return NULL;
    arena_init(&item->rows, NULL);
    item->kept.form = form;
    item->role = task->actor.role;
    item_fill(item, task, &arena);
    failed = arena_failed(&arena) || arena_failed(&item->rows);
    if (failed || !item->kept.xls)
        arena_release(&item->rows);
    if (failed) {
        arena_release(&arena);
        return NULL;
    }
    item->arena = arena;
    return item;
}

static void item_free(struct item *item)
{
    struct arena arena = item->arena;

    arena_release(&item->rows);
    arena_release(&arena);
}

static struct item *item_find(struct item *item, const struct form *form,
                              const struct role *role, size_t kinds)
{
    while (item && (item->kept.form != form || item->role != role ||
                    item->kinds != kinds))
        item = item->next;
    return item;
}

const struct openrosa_kept *openrosa_kept(const struct task *asks,
                                          const struct form *form)
{
    /* a form holds nobody's answers: it asks what the role may ever ask */
    struct task wide = *asks;
    const struct task *task = &wide;
    _Atomic(struct item *) *chain =
        &task->office->shelf->chain[((uintptr_t)form >> 6) % CHAINS];
    const struct role *role = role_widest(asks->actor.role, form->name);
    struct item *first = atomic_load(chain), *made;
    const struct form **list = NULL;
    size_t kinds = forms_list(task->office->forms, task->arena, &list);
    struct item *found = item_find(first, form, role, kinds);

    wide.actor.role = role;
    if (found)
        return &found->kept;
    made = item_make(form, task);
    if (!made)
        return NULL;
    made->kinds = kinds;
    do { /* perhaps somebody was faster */
        found = item_find(first, form, role, kinds);
        made->next = first;
    } while (!found && !atomic_compare_exchange_weak(chain, &first, made));
    if (found)
        item_free(made);
    return found ? &found->kept : &made->kept;
}

bool openrosa_kept_has(const struct openrosa_kept *kept, struct str node)
{
    return kept->nodes && bsearch(&node, kept->node, kept->nodes,
                                  sizeof(*kept->node), compare_names);
}

/* --- hashes of lists ------------------------------------------------------ */

static void shelf_lock(struct openrosa_shelf *shelf)
{
    while (atomic_flag_test_and_set(&shelf->lock))
        ;
}

static void shelf_unlock(struct openrosa_shelf *shelf)
{
    atomic_flag_clear(&shelf->lock);
}

static struct list_hash *hash_slot(struct openrosa_shelf *shelf,
                                   const struct form *kind,
                                   const struct role *role)
{
    for (size_t i = 0; i < HASHES; i++)
        if (shelf->hash[i].kind == kind && shelf->hash[i].role == role)
            return &shelf->hash[i];
    return NULL;
}

static enum error log_end(struct task *task, int64_t *seq, struct err *err)
{
    *seq = 0;
    return db_get_int(task->db, seq, NULL, err,
                      "SELECT site_head.seq FROM site_head"
                      " WHERE site_head.site = $1",
                      "t", task->office->log.site);
}

static enum error written_since(struct task *task, struct str kind,
                                int64_t from, int64_t to, bool *written,
                                struct err *err)
{
    int64_t one = 0;

    *written = false;
    if (from == to)
        return ERROR_NONE;
    return db_get_int(task->db, &one, written, err,
                      "SELECT 1 FROM entry WHERE entry.site = $1"
                      " AND entry.seq > $2 AND entry.seq <= $3"
                      " AND entry.kind = $4 LIMIT 1",
                      "tiit", task->office->log.site, from, to, kind);
}

/* What stands in a reserved room is not kept for who is outside. */
static bool is_kept(const struct task *task)
{
    return str_equal(task->office->log.site, task->office->base);
}

enum error openrosa_hash_find(struct task *task, const struct form *kind,
                              struct arena *arena, struct str *hash,
                              int64_t *seq, struct err *err)
{
    struct openrosa_shelf *shelf = task->office->shelf;
    struct list_hash was = {0}, *slot;
    bool written = true;
    enum error error = log_end(task, seq, err);

    *hash = STR_NULL;
    if (error || !is_kept(task))
        return error;
    shelf_lock(shelf);
    slot = hash_slot(shelf, kind, task->actor.role);
    if (slot)
        was = *slot;
    shelf_unlock(shelf);
    if (error || !was.size)
        return error;
    error = written_since(task, kind->name, was.seq, *seq, &written, err);
    if (error || written)
        return error;
    *hash = str_copy(arena, (struct str){was.text, was.size});
    if (was.seq < *seq)
        openrosa_hash_keep(task, kind, *seq, *hash);
    return ERROR_NONE;
}

void openrosa_hash_keep(const struct task *task, const struct form *kind,
                        int64_t seq, struct str hash)
{
    struct openrosa_shelf *shelf = task->office->shelf;
    struct list_hash *slot;

    if (!hash.size || hash.size > HASH_SIZE || !is_kept(task))
        return;
    shelf_lock(shelf);
    slot = hash_slot(shelf, kind, task->actor.role);
    if (!slot)
        slot = &shelf->hash[shelf->next++ % HASHES];
    if (slot->kind != kind || slot->role != task->actor.role ||
        slot->seq <= seq) {
        slot->kind = kind;
        slot->role = task->actor.role;
        slot->seq = seq;
        slot->size = hash.size;
        memcpy(slot->text, hash.at, hash.size);
    }
    shelf_unlock(shelf);
}
