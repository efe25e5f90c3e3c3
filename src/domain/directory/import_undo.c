/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_undo.c - takes an import of places back. Each entry that the import
 * wrote says of which batch it is (question import_batch), so a record knows
 * its last one. What the batch made is erased, what it changed becomes what it
 * was; but what somebody touched since, or refers to, stays and is counted.
 */
#include "domain/directory/import_private.h"

#include <stdlib.h>

#include "core/date.h"
#include "domain/record/record_diff.h"
#include "store/apply.h"
#include "store/project.h"

enum { UNDO_BATCH = 200 };

struct names {
    struct str *at;
    size_t count, room;
};

struct undoing {
    struct task *task; /* keeps */
    struct task work;
    struct str batch;
    struct names used; /* ids that some record names, sorted */
    struct place_undone *undone;
    struct err *err;
};

static void name_add(struct names *names, struct arena *arena, struct str id)
{
    if (names->count == names->room) {
        size_t more = names->room ? names->room * 2 : 256;
        struct str *grown =
            arena_grow(arena, names->at, names->room * sizeof(*grown),
                       more * sizeof(*grown));

        if (!grown)
            return; /* the arena says so */
        names->at = grown;
        names->room = more;
    }
    names->at[names->count++] = str_copy(arena, id);
}

static int compare(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool is_used(const struct undoing *undoing, struct str id)
{
    return undoing->used.count &&
           bsearch(&id, undoing->used.at, undoing->used.count, sizeof(id),
                   compare);
}

static enum error read_names(struct undoing *undoing, struct names *names,
                             const char *sql, struct str kind, struct str value)
{
    struct task *task = undoing->task;
    struct rows rows;

    sql = project_sql(&task->office->log, task->db, task->arena, sql,
                      undoing->err);
    if (!sql)
        return undoing->err->code ? undoing->err->code : ERROR_INTERNAL;
    db_query(task->db, &rows, undoing->err, sql, "tt",
             log_site(&task->office->log, kind), value);
    while (rows_next(&rows))
        name_add(names, task->arena, rows_text(&rows, 0));
    if (rows_end(&rows))
        return undoing->err->code;
    return arena_failed(task->arena) ? err_memory(undoing->err) : ERROR_NONE;
}

/* Which of them other records name, in whatever room (referral.to_place). */
static enum error find_used(struct undoing *undoing, const char *kind)
{
    const struct form **forms = NULL;
    size_t count =
        forms_list(undoing->task->office->forms, undoing->task->arena, &forms);
    enum error error = ERROR_NONE;

    undoing->used.count = 0;
    for (size_t i = 0; !error && i < count; i++) {
        const struct form *form = forms[i];

        for (size_t k = 0; !error && k < form->question_count; k++) {
            const struct question *question = form->question[k];
            struct arena *arena = undoing->task->arena;
            struct str sql;

            if (question->repeat || !question_has_value(question) ||
                !str_equal_c(question->ref, kind))
                continue;
            sql = str_format(
                arena,
                "SELECT DISTINCT {%.*s.%.*s} FROM {%.*s}"
                " WHERE {%.*s.%.*s} <> $2 AND {%.*s}._state <> 'erased'"
                " AND $1 <> ''",
                STR_ARGS(form->name), STR_ARGS(question->key),
                STR_ARGS(form->name), STR_ARGS(form->name),
                STR_ARGS(question->key), STR_ARGS(form->name));
            error = read_names(undoing, &undoing->used, str_c(arena, sql),
                               form->name, STR(""));
        }
    }
    if (undoing->used.count)
        qsort(undoing->used.at, undoing->used.count, sizeof(struct str),
              compare);
    return error;
}

/* --- one record ----------------------------------------------------------- */

static bool has_ours(const struct undoing *undoing, const struct entry *entry,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(value_text_of(entry[i].body, "import_batch"),
                      undoing->batch))
            return true;
    return false;
}

/* Is all that came from *first on the batch's? A later batch that was taken
 * back put its name there again: what stands between does not count. */
static bool is_ours(const struct undoing *undoing, const struct entry *entry,
                    size_t count, size_t *first)
{
    size_t at = count;

    while (at > 0) {
        struct str batch = value_text_of(entry[at - 1].body, "import_batch");

        if (!str_equal(batch, undoing->batch) &&
            !(batch.size && at < count && has_ours(undoing, entry, at - 1)))
            break;
        at--;
    }
    *first = at;
    return at < count && !has_ours(undoing, entry, at);
}

static enum error put_back(struct undoing *undoing, struct change *change,
                           const char *kind, struct str id,
                           const struct entry *entry, size_t first,
                           const struct record *record)
{
    struct arena *arena = undoing->work.arena;
    const struct form *form =
        forms_find(undoing->work.office->forms, str_of(kind), STR_NULL);
    struct fold before;
    enum error error =
        fold_entries(form, entry, first, arena, &before, undoing->err);

    if (error)
        return error;
    change_add(change, str_of(kind), id, OP_UPDATE,
               answers_diff(record->answers, before.answers, arena), id);
    change_expect(change, record->clock);
    undoing->undone->restored++;
    return ERROR_NONE;
}

static enum error undo_one(struct undoing *undoing, struct change *change,
                           const char *kind, struct str id)
{
    struct task *task = &undoing->work;
    const struct log *log = &task->office->log;
    struct entry *entry = NULL;
    struct record record;
    size_t count = 0, first = 0;
    enum error error = record_read(log, task->db, str_of(kind), id, task->arena,
                                   &record, undoing->err);

    if (!error)
        error = log_entries(log, task->db, log_site(log, str_of(kind)), id,
                            task->arena, &entry, &count, undoing->err);
    if (error)
        return error;
    if (!is_ours(undoing, entry, count, &first) ||
        (first == 0 && is_used(undoing, id))) {
        undoing->undone->kept++;
        return ERROR_NONE;
    }
    if (first > 0)
        return put_back(undoing, change, kind, id, entry, first, &record);
    change_add(change, str_of(kind), id, OP_ERASE, NULL, id);
    undoing->undone->removed++;
    return ERROR_NONE;
}

static enum error undo_kind(struct undoing *undoing, const char *kind)
{
    struct names names = {0};
    struct arena *scratch = undoing->work.arena;
    const char *sql =
        strcmp(kind, "place") == 0
            ? "SELECT {place}._id FROM {place} WHERE {place}._site = $1"
              " AND {place.import_batch} = $2 AND {place}._state <> 'erased'"
              " ORDER BY {place}._id"
            : "SELECT {organization}._id FROM {organization}"
              " WHERE {organization}._site = $1"
              " AND {organization.import_batch} = $2"
              " AND {organization}._state <> 'erased'"
              " ORDER BY {organization}._id";
    enum error error = find_used(undoing, kind);
    size_t i = 0;

    if (!error)
        error = read_names(undoing, &names, sql, str_of(kind), undoing->batch);
    while (!error && i < names.count) {
        struct change change;

        change_init(&change, &undoing->work);
        for (size_t n = 0; !error && i < names.count && n < UNDO_BATCH;
             i++, n++)
            error = undo_one(undoing, &change, kind, names.at[i]);
        if (!error && change.count)
            error = change_commit(&change, NULL, undoing->err);
        arena_clear(scratch);
    }
    return error;
}

bool place_import_is(struct task *task, struct str batch)
{
    struct record record;
    struct err ignored = {0};

    return !record_read(&task->office->log, task->db, STR("import_batch"),
                        batch, task->arena, &record, &ignored) &&
           str_equal_c(value_text_of(record.answers, "kind"), "place");
}

enum error place_import_undo(struct task *task, struct str batch,
                             struct place_undone *undone, struct err *err)
{
    struct undoing undoing = {.task = task,
                              .work = *task,
                              .batch = batch,
                              .undone = undone,
                              .err = err};
    struct value *system = value_object(task->arena);
    struct arena scratch;
    enum error error = place_import_right(task, err);

    *undone = (struct place_undone){0};
    if (error)
        return error;
    arena_init(&scratch, NULL);
    undoing.work.arena = &scratch;
    error = undo_kind(&undoing, "place");
    if (!error)
        error = undo_kind(&undoing, "organization");
    arena_release(&scratch);
    if (error)
        return error;
    value_put_str(system, task->arena, "undone_at",
                  instant_text(task->arena, task->now));
    return place_batch_save(task, batch, false, system, err);
}
