/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_change.c - entries that become true together or not at all.
 *
 * The change may run more than once (serialization failures), on another
 * thread while the caller waits: each run works on a copy of the entries and
 * leaves stamps behind only when it ends well.
 */
#include "domain/record/record.h"

#include "core/keeper.h"
#include "domain/access/decide.h"
#include "domain/record/record_diff.h"

void change_init(struct change *change, struct task *task)
{
    *change = (struct change){.task = task};
}

/* Room for one more of size bytes; NULL when out of memory. */
static void *grow(struct arena *arena, void *block, size_t size, size_t count,
                  size_t *capacity)
{
    size_t more = *capacity ? *capacity * 2 : 8;

    if (count < *capacity)
        return block;
    block = arena_grow(arena, block, *capacity * size, more * size);
    if (block)
        *capacity = more;
    return block;
}

void change_add(struct change *change, struct str kind, struct str record,
                enum entry_op op, const struct value *answers,
                struct str subject)
{
    struct task *task = change->task;
    const struct office *office = task->office;
    const struct form *form = forms_find(office->forms, kind, STR_NULL);
    struct entry *entry = grow(task->arena, change->entry, sizeof(*entry),
                               change->count, &change->capacity);
    bool *expect = grow(task->arena, change->expect, sizeof(*expect),
                        change->count, &change->expect_capacity);

    if (!entry || !expect)
        return; /* change_commit finds the arena failed */
    change->entry = entry;
    change->expect = expect;
    expect[change->count] = false;
    entry += change->count++;
    *entry = (struct entry){0};
    entry->site = log_site(&office->log, kind);
    entry->node = office->log.node;
    entry->id = host_uuid(office->host, task->arena);
    entry->author = task->actor.id.size ? task->actor.id : STR("system");
    entry->kind = kind;
    entry->form_version = form ? form->version : STR("");
    entry->record = record;
    entry->subject =
        subject.size ? subject : answers_subject(form, answers, record);
    entry->op = op;
    entry->body = answers ? answers : value_object(task->arena);
}

void change_expect(struct change *change, int64_t base)
{
    if (!change->count)
        return;
    change->entry[change->count - 1].base = base;
    change->expect[change->count - 1] = base != 0;
}

static void add_step(struct change *change, struct change_step made)
{
    struct change_step *step =
        grow(change->task->arena, change->step, sizeof(*step), change->steps,
             &change->step_capacity);

    if (!step)
        return;
    change->step = step;
    step[change->steps++] = made;
}

void change_also(struct change *change, store_change run, void *context)
{
    add_step(change, (struct change_step){run, context, false});
}

void change_then(struct change *change, store_change run, void *context)
{
    add_step(change, (struct change_step){run, context, true});
}

struct commit {
    const struct change *change;
    int64_t *clock; /* of each entry, after the run that ended well */
    bool repeated;
};

/* An update that looked at nothing replaces what stands now. */
static enum error find_base(struct db *db, struct entry *entry, struct err *err)
{
    bool found = false;

    if (entry->op == OP_CREATE || entry->base)
        return ERROR_NONE;
    return db_get_int(db, &entry->base, &found, err,
                      "SELECT record.clock FROM record"
                      " WHERE record.site = $1 AND record.id = $2",
                      "tt", entry->site, entry->record);
}

/* Is the record of an entry named by one before it in the run? */
static bool named_before(const struct entry *entry, size_t from, size_t at)
{
    for (size_t i = from; i < at; i++)
        if (entry[at].op != OP_CREATE &&
            str_equal(entry[i].record, entry[at].record))
            return true;
    return false;
}

/* Entries from `from` that can be appended in one go; the first goes alone:
 * when it was there before, so was all the rest. */
static size_t run_end(const struct change *change, size_t from)
{
    size_t end = from + 1;

    while (from > 0 && end < change->count &&
           change->expect[end] == change->expect[from] &&
           !named_before(change->entry, from, end))
        end++;
    return end;
}

static enum error append_all(const struct change *change, struct db *db,
                             struct entry *entry, struct arena *arena,
                             bool *repeated, struct err *err)
{
    const struct log *log = &change->task->office->log;
    enum error error = ERROR_NONE;
    bool again = false;
    size_t end;

    for (size_t i = 0; !error && !*repeated && i < change->count; i = end) {
        struct append_options options = {.expect_base = change->expect_base ||
                                                        change->expect[i]};

        end = run_end(change, i);
        for (size_t j = i; !error && j < end; j++)
            error = find_base(db, &entry[j], err);
        if (!error)
            error = log_append(log, db, entry + i, end - i, options, arena,
                               &again, err);
        if (!error && i == 0)
            *repeated = again;
    }
    return error;
}

/* Steps must not refuse what they let pass the first time. */
static enum error was_sent(const struct change *change, struct db *db,
                           bool *sent, struct err *err)
{
    int64_t seq = 0;
    bool guards = false;

    for (size_t i = 0; i < change->steps; i++)
        guards = guards || !change->step[i].after;
    if (!guards || !change->count)
        return ERROR_NONE;
    return db_get_int(db, &seq, sent, err,
                      "SELECT entry.seq FROM entry WHERE entry.site = $1"
                      " AND entry.id = $2",
                      "tt", change->entry[0].site, change->entry[0].id);
}

static enum error run_steps(const struct change *change, struct db *db,
                            bool after, struct err *err)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < change->steps; i++)
        if (change->step[i].after == after)
            error = change->step[i].run(db, change->step[i].context, err);
    return error;
}

/* People who are gone for good: no older backup brings them back. Before the
 * commit, so that nobody is erased of whom that could not be noted; who is
 * noted and was not erased is asked for once more. */
static enum error note_erased(const struct change *change, struct arena *arena,
                              struct err *err)
{
    const struct keeper *keeper = change->task->office->keeper;
    struct str *gone;
    size_t count = 0;

    if (!keeper || !change->count)
        return ERROR_NONE;
    gone = ARENA_ARRAY(arena, struct str, change->count);
    if (!gone)
        return err_memory(err);
    for (size_t i = 0; i < change->count; i++)
        if (change->entry[i].op == OP_ERASE &&
            str_equal_c(change->entry[i].kind, "person"))
            gone[count++] = change->entry[i].record;
    return count ? keeper->erased(keeper->context, gone, count, err)
                 : ERROR_NONE;
}

static enum error commit_change(struct db *db, void *context, struct err *err)
{
    struct commit *commit = context;
    const struct change *change = commit->change;
    struct entry *copy;
    struct arena arena;
    bool repeated = false;
    enum error error = was_sent(change, db, &repeated, err);

    commit->repeated = repeated;
    if (!error && !repeated)
        error = run_steps(change, db, false, err);
    if (!error && !repeated && !change->count)
        error = run_steps(change, db, true, err);
    if (error || repeated || !change->count)
        return error;
    arena_init(&arena, NULL);
    copy = ARENA_ARRAY(&arena, struct entry, change->count);
    if (copy) {
        memcpy(copy, change->entry, change->count * sizeof(*copy));
        error = append_all(change, db, copy, &arena, &repeated, err);
    } else {
        error = err_memory(err);
    }
    if (!error && !repeated)
        error = run_steps(change, db, true, err);
    if (!error && !repeated)
        error = note_erased(change, &arena, err);
    for (size_t i = 0; !error && i < change->count; i++)
        commit->clock[i] = repeated ? 0 : copy[i].clock;
    commit->repeated = repeated;
    arena_release(&arena);
    return error;
}

enum error change_commit(struct change *change, bool *repeated, struct err *err)
{
    struct commit commit = {.change = change};
    enum error error;

    if (repeated)
        *repeated = false;
    if (arena_failed(change->task->arena))
        return err_memory(err);
    if (!change->count && !change->steps)
        return ERROR_NONE;
    commit.clock = ARENA_ARRAY(change->task->arena, int64_t, change->count + 1);
    if (!commit.clock)
        return err_memory(err);
    error = office_change(change->task->office, commit_change, &commit, err);
    decide_forget(change->task);
    for (size_t i = 0; !error && i < change->count; i++)
        change->entry[i].clock = commit.clock[i];
    if (!error && repeated)
        *repeated = commit.repeated;
    return error;
}
