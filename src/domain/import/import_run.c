/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_run.c - writes a plan and takes a batch back. Rows go in by hundreds,
 * each transaction whole; ids and entry ids come from the rows, so that what
 * was cut off in the middle goes on where it stopped. */
#include "core/date.h"
#include "core/utf8.h"
#include "domain/import/import_job.h"
#include "domain/import/import_private.h"
#include "domain/person/person.h"

enum error import_right(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_IMPORT_WRITE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite importar archivos."), NULL, NULL,
                   NULL);
}

static struct str derived(const struct running *running, const char *what,
                          struct str id)
{
    return import_uuid(running->task->office->host, running->task->arena, what,
                       id);
}

/* A row that was taken back may come in again with another file. */
static struct str derived_entry(const struct running *running, const char *what,
                                struct str id)
{
    return derived(running, what,
                   str_join(running->task->arena, running->batch, id));
}

/* What the program sets, apart from what was read. */
static struct value *take_system(struct running *running, struct value *answers)
{
    struct arena *arena = running->task->arena;
    struct value *system = value_object(arena);
    struct str said = value_text_of(answers, "age_on");

    if (said.size) {
        value_put_str(system, arena, "age_on", said);
        value_remove(answers, STR("age_on"));
    }
    value_put_str(system, arena, "import_batch", running->batch);
    return system;
}

static enum error save_part(struct running *running, struct change *change,
                            const struct save *save, size_t line,
                            struct err *err)
{
    struct saved saved;
    enum error error = record_prepare(running->task, change, save, &saved, err);
    char number[24];

    if (error != ERROR_INPUT)
        return error;
    snprintf(number, sizeof number, "%zu", line);
    return err_set(err, ERROR_INPUT,
                   N_("La línea {1} no se pudo guardar: {2}. No se importó "
                      "nada de su grupo de renglones."),
                   number,
                   saved.problems
                       ? str_c(running->task->arena, saved.problem[0].path)
                       : "",
                   NULL);
}

/* Who she may be already, for a worker to decide; the store knows more than
 * the file. An office's own form may not have the question. */
static enum error put_twin(struct running *running,
                           const struct import_row *row, struct value *system,
                           struct err *err)
{
    struct task *task = running->task, work = *task;
    const struct form *form =
        forms_find(task->office->forms, STR("person"), STR_NULL);
    struct match match = {0};
    struct arena scratch;
    bool found = false;
    enum error error;

    if (!form_find(form, STR("twin_of")))
        return ERROR_NONE;
    arena_init(&scratch, NULL);
    work.arena = &scratch;
    error = import_row_twin(&work, row, &match, &found, err);
    if (!error && (found || row->twin.size))
        value_put_str(system, task->arena, "twin_of",
                      str_copy(task->arena, found ? match.id : row->twin));
    arena_release(&scratch);
    return error;
}

static enum error add_row(struct running *running, struct change *change,
                          const struct import_row *row, struct err *err)
{
    struct arena *arena = running->task->arena;
    struct value *person = value_copy(row->person, arena);
    struct value *system = take_system(running, person), *arrival;
    struct save save = {.kind = STR("person"),
                        .id = row->id,
                        .entry = derived_entry(running, "entry", row->id),
                        .create = true,
                        .input = person,
                        .system = system,
                        .trusted = true};
    enum error error = put_twin(running, row, system, err);

    if (error)
        return error;
    value_put_str(system, arena, "import_row",
                  str_format(arena, "%zu", row->line));
    error = save_part(running, change, &save, row->line, err);
    if (error || !row->arrival)
        return error;
    arrival = value_copy(row->arrival, arena);
    value_put_str(arrival, arena, "person", row->id);
    save =
        (struct save){.kind = STR("arrival"),
                      .id = derived(running, "arrival", row->id),
                      .entry = derived_entry(running, "arrival entry", row->id),
                      .create = true,
                      .input = arrival,
                      .system = take_system(running, arrival),
                      .trusted = true};
    return save_part(running, change, &save, row->line, err);
}

/* --- families ------------------------------------------------------------- */

static bool stands(const struct import_row *row)
{
    return row->outcome == IMPORT_ADD || row->outcome == IMPORT_DUPLICATE;
}

bool import_families_link(const struct running *running,
                          struct families *families)
{
    const struct import_plan *plan = running->plan;

    families->first = ARENA_ARRAY(running->keep, size_t, plan->rows + 1);
    families->next = ARENA_ARRAY(running->keep, size_t, plan->rows + 1);
    if (!families->first || !families->next)
        return false;
    for (size_t i = plan->rows; i-- > 0;) {
        size_t head = plan->row[i].head;

        if (head == SIZE_MAX || !stands(&plan->row[i]) ||
            !stands(&plan->row[head]))
            continue;
        families->next[i] = families->first[head];
        families->first[head] = i + 1;
    }
    return true;
}

static void add_member(struct arena *arena, struct value *members,
                       struct str person, const char *relation)
{
    struct value *member = value_object(arena);

    value_put_str(member, arena, "person", person);
    if (relation)
        value_put_text(member, arena, "relation", relation);
    value_put_text(member, arena, "relation_verified", "declarada");
    value_add(members, arena, member);
}

static enum error group_known(struct running *running, struct str id,
                              bool *known, struct err *err)
{
    int64_t one = 0;

    return db_get_int(running->task->db, &one, known, err,
                      "SELECT 1 FROM record WHERE site = $1 AND id = $2", "tt",
                      running->task->office->log.site, id);
}

static enum error add_group(struct running *running, struct change *change,
                            const struct families *families, size_t head,
                            struct err *err)
{
    struct arena *arena = running->task->arena;
    const struct import_row *row = running->plan->row;
    struct value *group = value_object(arena), *members = value_list(arena);
    size_t size = 1;
    struct str id = derived(running, "group", row[head].id);
    struct save save;
    bool known = false;
    enum error error = group_known(running, id, &known, err);

    if (error || known)
        return error;
    add_member(arena, members, row[head].id, "titular");
    for (size_t i = families->first[head]; i; i = families->next[i - 1]) {
        add_member(arena, members, row[i - 1].id, NULL);
        size++;
    }
    value_put_text(group, arena, "group_type", "familia");
    value_put_str(group, arena, "head_person", row[head].id);
    value_put_str(group, arena, "arrival_size", str_format(arena, "%zu", size));
    value_put(group, arena, "members", members);
    save = (struct save){
        .kind = STR("group"),
        .id = id,
        .entry = derived_entry(running, "group entry", row[head].id),
        .create = true,
        .input = group,
        .trusted = true};
    error = save_part(running, change, &save, row[head].line, err);
    running->result->groups += !error;
    return error;
}

/* --- transactions --------------------------------------------------------- */

typedef enum error (*run_one)(struct running *running, struct change *change,
                              size_t row, const struct families *families,
                              bool *used, struct err *err);

static enum error run_person(struct running *running, struct change *change,
                             size_t row, const struct families *families,
                             bool *used, struct err *err)
{
    const struct import_row *one = &running->plan->row[row];

    (void)families;
    *used = one->outcome == IMPORT_ADD;
    return *used ? add_row(running, change, one, err) : ERROR_NONE;
}

static enum error run_group(struct running *running, struct change *change,
                            size_t row, const struct families *families,
                            bool *used, struct err *err)
{
    *used = families->first[row] != 0;
    return *used ? add_group(running, change, families, row, err) : ERROR_NONE;
}

enum error import_slice(struct running *running,
                        const struct families *families, size_t *row,
                        size_t *used, const struct change_step *also,
                        struct err *err)
{
    const struct import_plan *plan = running->plan;
    run_one one = families ? run_group : run_person;
    enum error error = ERROR_NONE;
    struct change change;
    size_t at = *row, most = *used, count = 0;

    change_init(&change, running->task);
    for (; !error && at < plan->rows && count < most; at++) {
        bool this_one = false;

        error = one(running, &change, at, families, &this_one, err);
        count += this_one;
    }
    *used = count;
    if (!error && also && count)
        change_also(&change, also->run, also->context);
    if (!error && change.count)
        error = change_commit(&change, NULL, err);
    arena_clear(running->task->arena);
    if (!error)
        *row = at;
    return error;
}

/* Rows in order, IMPORT_BATCH_ROWS of those used per transaction. */
static enum error run_all(struct running *running,
                          const struct families *families, size_t *done,
                          struct err *err)
{
    enum error error = ERROR_NONE;
    size_t row = 0;

    while (!error && row < running->plan->rows) {
        size_t used = IMPORT_BATCH_ROWS;

        error = import_slice(running, families, &row, &used, NULL, err);
        if (!error && done)
            *done += used;
    }
    return error;
}

/* --- the batch's own record ------------------------------------------------
 */

/* What must be looked at, as much as fits; hints can be had again. */
static struct str short_problems(struct task *task,
                                 const struct import_plan *plan)
{
    enum { ROOM = 9000 };
    struct str text = import_problem_lines(task, plan, true);
    size_t end = text.size < ROOM ? text.size : ROOM;

    if (end == text.size)
        return text;
    while (end && text.at[end - 1] != '\n')
        end--;
    return str_join(task->arena, str_slice(text, 0, end), STR("…"));
}

static void put_count(struct value *system, struct arena *arena,
                      const char *name, size_t count)
{
    value_put_str(system, arena, name, str_format(arena, "%zu", count));
}

static enum error save_batch(struct task *task, struct str batch,
                             const struct value *system, struct err *err)
{
    struct saved saved;
    struct save save = {.kind = STR("import_batch"),
                        .id = batch,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true};

    return record_save(task, &save, &saved, err);
}

enum error import_batch_open(struct task *task, const struct import_plan *plan,
                             struct str file_name, struct str batch,
                             const struct change_step *also, struct err *err)
{
    struct arena *arena = task->arena;
    struct value *system = value_object(arena);
    struct save save = {.kind = STR("import_batch"),
                        .id = batch,
                        .create = true,
                        .input = value_object(arena),
                        .system = system,
                        .trusted = true};
    struct change change;
    struct saved saved;
    enum error error;

    value_put_str(system, arena, "file_name", utf8_cut(file_name, 200));
    value_put_str(system, arena, "kind", plan->kind);
    value_put_str(system, arena, "file_hash", plan->file_hash);
    value_put_str(system, arena, "started_at", instant_text(arena, task->now));
    value_put_str(system, arena, "mapping",
                  import_map_write(arena, &plan->map));
    value_put_str(system, arena, "imported_by", task->actor.id);
    put_count(system, arena, "rows", plan->rows);
    put_count(system, arena, "known", plan->duplicates);
    put_count(system, arena, "refused", plan->refused);
    put_count(system, arena, "open_answers", plan->open);
    value_put_str(system, arena, "problems", short_problems(task, plan));
    change_init(&change, task);
    error = record_prepare(task, &change, &save, &saved, err);
    if (!error && also)
        change_also(&change, also->run, also->context);
    return error ? error : change_commit(&change, NULL, err);
}

enum error import_batch_end(struct task *task, struct str batch, size_t added,
                            struct err *err)
{
    struct value *system = value_object(task->arena);

    put_count(system, task->arena, "added", added);
    return save_batch(task, batch, system, err);
}

enum error import_run(struct task *task, const struct import_plan *plan,
                      struct str file_name, struct import_result *result,
                      struct err *err)
{
    struct arena scratch;
    struct task work = *task;
    struct families families = {0};
    struct running running = {
        .task = &work, .keep = task->arena, .plan = plan, .result = result};
    enum error error = import_right(task, err);

    *result = (struct import_result){0};
    if (error)
        return error;
    running.batch = host_uuid(task->office->host, task->arena);
    if (!import_families_link(&running, &families))
        return err_memory(err);
    arena_init(&scratch, NULL);
    work.arena = &scratch;
    if (plan->added) {
        result->batch = running.batch;
        error =
            import_batch_open(task, plan, file_name, running.batch, NULL, err);
        if (!error)
            error = run_all(&running, NULL, &result->added, err);
    }
    if (!error)
        error = run_all(&running, &families, NULL, err);
    arena_release(&scratch);
    if (!error && result->batch.size)
        error = import_batch_end(task, result->batch, result->added, err);
    return error;
}

/* --- taking it back ---------------------------------------------------------
 */

struct undoing {
    struct task *task;
    struct str *person;
    size_t persons;
};

static enum error batch_persons(struct task *task, struct str batch,
                                struct undoing *undoing, struct err *err)
{
    size_t capacity = 0;
    struct rows rows;
    const char *sql = project_sql(
        &task->office->log, task->db, task->arena,
        "SELECT {person}._id FROM {person} WHERE {person}._site = $1"
        " AND {person.import_batch} = $2 AND {person}._state <> 'erased'"
        " ORDER BY {person}._id",
        err);
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error = db_query(task->db, &rows, err, sql, "tt", task->office->log.site,
                     batch);
    if (error)
        return error;
    while (rows_next(&rows)) {
        if (undoing->persons == capacity) {
            size_t more = capacity ? capacity * 2 : 512;

            undoing->person = arena_grow(task->arena, undoing->person,
                                         capacity * sizeof(struct str),
                                         more * sizeof(struct str));
            if (!undoing->person)
                break;
            capacity = more;
        }
        undoing->person[undoing->persons++] =
            str_copy(task->arena, rows_text(&rows, 0));
    }
    return rows_end(&rows);
}

/* Did anybody add to her file, or change it, since? */
static enum error was_used(struct task *task, struct str person, bool *used,
                           struct err *err)
{
    struct str arrival =
        import_uuid(task->office->host, task->arena, "arrival", person);
    struct str group =
        import_uuid(task->office->host, task->arena, "group", person);
    int64_t entries = 0;
    bool found = false;
    enum error error = db_get_int(
        task->db, &entries, &found, err,
        "SELECT (SELECT count(*) FROM record WHERE site = $1"
        " AND subject = $2 AND id NOT IN ($2, $3, $4))"
        " + (SELECT count(*) FROM entry WHERE site = $1 AND record = $2"
        " AND seq > (SELECT number FROM record WHERE site = $1 AND id = $2))",
        "tttt", task->office->log.site, person, arrival, group);

    *used = !error && entries > 0;
    return error;
}

static enum error erase_record(struct task *task, struct change *change,
                               const char *kind, struct str id,
                               struct str subject, struct err *err)
{
    int64_t one = 0;
    bool known = false;
    enum error error =
        db_get_int(task->db, &one, &known, err,
                   "SELECT 1 FROM record WHERE site = $1 AND id = $2"
                   " AND state <> 'erased'",
                   "tt", task->office->log.site, id);

    if (!error && known)
        change_add(change, str_of(kind), id, OP_ERASE, NULL, subject);
    return error;
}

static enum error undo_person(struct task *task, struct change *change,
                              struct str person, struct import_undone *undone,
                              struct err *err)
{
    const struct host *host = task->office->host;
    bool used = false;
    enum error error = was_used(task, person, &used, err);

    if (error)
        return error;
    if (used) {
        undone->kept++;
        return ERROR_NONE;
    }
    error = erase_record(task, change, "group",
                         import_uuid(host, task->arena, "group", person),
                         person, err);
    if (!error)
        error = erase_record(task, change, "arrival",
                             import_uuid(host, task->arena, "arrival", person),
                             person, err);
    if (!error)
        change_add(change, STR("person"), person, OP_ERASE, NULL, person);
    undone->removed += !error;
    return error;
}

static enum error undo_all(struct task *task, const struct undoing *undoing,
                           struct import_undone *undone, struct err *err)
{
    struct arena scratch;
    struct task work = *task;
    enum error error = ERROR_NONE;
    size_t i = 0;

    arena_init(&scratch, NULL);
    work.arena = &scratch;
    while (!error && i < undoing->persons) {
        struct change change;

        change_init(&change, &work);
        for (size_t n = 0;
             !error && i < undoing->persons && n < IMPORT_BATCH_ROWS; i++, n++)
            error =
                undo_person(&work, &change, undoing->person[i], undone, err);
        if (!error && change.count)
            error = change_commit(&change, NULL, err);
        arena_clear(&scratch);
    }
    arena_release(&scratch);
    return error;
}

enum error import_undo(struct task *task, struct str batch,
                       struct import_undone *undone, struct err *err)
{
    struct undoing undoing = {.task = task};
    struct value *system = value_object(task->arena);
    struct record record;
    enum error error = import_right(task, err);

    *undone = (struct import_undone){0};
    if (!error)
        error = record_read(&task->office->log, task->db, STR("import_batch"),
                            batch, task->arena, &record, err);
    if (!error) /* nothing more comes in from now on */
        error = import_job_drop(task, batch, err);
    if (!error)
        error = batch_persons(task, batch, &undoing, err);
    if (!error)
        error = undo_all(task, &undoing, undone, err);
    if (error)
        return error;
    value_put_str(system, task->arena, "undone_at",
                  instant_text(task->arena, task->now));
    return save_batch(task, batch, system, err);
}
