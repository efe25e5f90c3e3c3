/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hide.c - moves a person's file between two sites of one store.
 *
 * All of it is done in the writer's transaction, reading included, so nothing
 * that is written meanwhile stays behind. Runs again from the start when the
 * transaction does.
 */
#include "domain/person/hide.h"

#include "domain/person/merge.h"
#include "domain/record/classes.h"
#include "domain/record/record.h"
#include "domain/proof/seen.h"
#include "store/blob.h"
#include "store/views.h"

enum { RECORDS_MAX = 5000 };

struct item {
    struct str id, kind, subject;
};

struct items {
    struct item *item;
    size_t count;
};

struct moving {
    struct task *task;
    struct log from, to;
    struct str person, reason;
    struct moved *moved;
    /* of one run */
    struct db *db;
    struct arena *arena;
    struct err *err;
    struct items hers;
};

/* --- what is hers --------------------------------------------------------- */

static bool is_hers(const struct moving *moving, struct str id)
{
    for (size_t i = 0; i < moving->hers.count; i++)
        if (str_equal(moving->hers.item[i].id, id))
            return true;
    return false;
}

static enum error take_item(struct moving *moving, struct str id,
                            struct str kind, struct str subject)
{
    struct items *hers = &moving->hers;

    if (is_hers(moving, id))
        return ERROR_NONE;
    if (hers->count == RECORDS_MAX)
        return err_set(moving->err, ERROR_TOO_LARGE,
                       N_("El expediente es demasiado grande para moverlo."),
                       NULL, NULL, NULL);
    hers->item[hers->count++] = (struct item){str_copy(moving->arena, id),
                                              str_copy(moving->arena, kind),
                                              str_copy(moving->arena, subject)};
    return ERROR_NONE;
}

static enum error take_rows(struct moving *moving, const char *sql,
                            struct str id)
{
    struct rows rows;
    enum error error = db_query(moving->db, &rows, moving->err, sql, "tt",
                                moving->from.site, id);

    if (error)
        return error;
    while (!error && rows_next(&rows))
        error = take_item(moving, rows_text(&rows, 0), rows_text(&rows, 1),
                          rows_text(&rows, 2));
    rows_end(&rows);
    return error ? error : rows.error;
}

static enum error take_merged(struct moving *moving, struct str id)
{
    const char *sql = project_sql(
        &moving->from, moving->db, moving->arena,
        "SELECT {person}._id, 'person', {person}._subject FROM {person}"
        " WHERE {person}._site = $1 AND {person.merged_into} = $2",
        moving->err);

    return sql ? take_rows(moving, sql, id) : moving->err->code;
}

/* Her files, those merged into them, and all records about any of these. A
 * family is not hers alone, even when she answers for it. */
static enum error find_hers(struct moving *moving)
{
    enum error error = take_rows(moving,
                                 "SELECT id, kind, subject FROM record"
                                 " WHERE site = $1 AND id = $2"
                                 " AND kind = 'person'",
                                 moving->person);

    if (!error && !moving->hers.count)
        return err_set(moving->err, ERROR_NOT_FOUND,
                       N_("No se encontró el registro."), NULL, NULL, NULL);
    for (size_t i = 0; !error && i < moving->hers.count; i++) {
        struct item item = moving->hers.item[i];

        error = take_rows(moving,
                          "SELECT id, kind, subject FROM record"
                          " WHERE site = $1 AND subject = $2"
                          " AND kind <> 'group'",
                          item.id);
        if (!error && str_equal_c(item.kind, "person"))
            error = take_merged(moving, item.id);
    }
    return error;
}

/* --- entries -------------------------------------------------------------- */

static enum error read_life(struct moving *moving, struct str record,
                            struct entry **entry, size_t *count)
{
    enum error error = log_history(&moving->from, moving->db, record,
                                   moving->arena, entry, count, moving->err);

    if (!error)
        log_life(*entry, count);
    return error;
}

/* The same thing said in another log, or again: a new entry, by the same
 * author at the same time. */
static struct entry said_again(const struct moving *moving,
                               const struct entry *old, const struct log *log)
{
    struct entry entry = *old;

    entry.site = log_site(log, old->kind);
    entry.seq = 0;
    entry.id = host_uuid(log->host, moving->arena);
    memset(entry.body_hash, 0, sizeof(entry.body_hash));
    return entry;
}

static enum error append(struct moving *moving, const struct log *log,
                         struct entry *entry)
{
    bool repeated = false;

    return log_append(log, moving->db, entry, 1, (struct append_options){0},
                      moving->arena, &repeated, moving->err);
}

/* Where the record was erased before, what is told again needs a beginning
 * that is later than the erase. */
static enum error announce(struct moving *moving, const struct log *log,
                           const struct entry *first)
{
    struct entry entry = {.site = log->site,
                          .author = STR("system"),
                          .kind = first->kind,
                          .form_version = first->form_version,
                          .record = first->record,
                          .subject = first->subject,
                          .op = OP_CREATE,
                          .body = value_object(moving->arena)};
    int64_t one = 0;
    bool erased = false;
    enum error error = db_get_int(
        moving->db, &one, &erased, moving->err,
        "SELECT 1 FROM entry WHERE entry.site = $1 AND entry.record = $2"
        " AND entry.op = 'erase' LIMIT 1",
        "tt", log->site, first->record);

    return error || !erased ? error : append(moving, log, &entry);
}

static enum error erase(struct moving *moving, const struct item *item)
{
    struct entry entry = {.site = moving->from.site,
                          .author = moving->task->actor.id,
                          .kind = item->kind,
                          .record = item->id,
                          .subject = item->subject,
                          .op = OP_ERASE};

    return append(moving, &moving->from, &entry);
}

static enum error check_free(struct moving *moving, struct str id)
{
    int64_t one = 0;
    bool there = false;
    enum error error = db_get_int(moving->db, &one, &there, moving->err,
                                  "SELECT 1 FROM record WHERE site = $1"
                                  " AND id = $2",
                                  "tt", moving->to.site, id);

    if (error || !there)
        return error;
    return err_set(moving->err, ERROR_CONFLICT,
                   N_("Del otro lado ya hay un registro con el mismo número. "
                      "Bórrelo antes de mover este."),
                   NULL, NULL, NULL);
}

static enum error copy_record(struct moving *moving, const struct item *item)
{
    struct entry *entry = NULL;
    size_t count = 0;
    enum error error = check_free(moving, item->id);

    if (!error)
        error = read_life(moving, item->id, &entry, &count);
    if (!error && count)
        error = announce(moving, &moving->to, &entry[0]);
    for (size_t i = 0; !error && i < count; i++) {
        struct entry again;

        if (!entry[i].body || entry[i].op == OP_ERASE)
            continue;
        again = said_again(moving, &entry[i], &moving->to);
        error = append(moving, &moving->to, &again);
        moving->moved->entries++;
    }
    moving->moved->records++;
    return error;
}

/* --- files and what stands beside the log --------------------------------- */

static struct blob blob_of(const struct log *log, const struct item *item,
                           const struct record *file)
{
    return (struct blob){
        sealing_owner(log, item->kind, item->id, item->subject),
        value_text_of(file->answers, "sha256")};
}

/* Opened on this side and closed on the other, before the keys go. */
static enum error copy_bytes(struct moving *moving, const struct item *item)
{
    struct record file = {0};
    struct blob blob;
    struct str kind, bytes = STR_NULL;
    enum seal_class class;
    enum error error = record_read(&moving->to, moving->db, item->kind,
                                   item->id, moving->arena, &file, moving->err);

    if (error)
        return error;
    kind = value_text_of(file.answers, "of_kind");
    class = class_of_answer(
        moving->to.sealing,
        forms_find(moving->task->office->forms, kind, STR_NULL), kind, STR(""));
    blob = blob_of(&moving->from, item, &file);
    error = blob_read(&moving->from, moving->db, &blob, moving->arena, &bytes,
                      moving->err);
    if (error || !bytes.at)
        return error;
    moving->moved->files++;
    return blob_keep(&moving->to, moving->db, &blob, class, bytes, moving->err);
}

/* Others' bytes, which may be the same picture, stay. */
static enum error drop_bytes(struct moving *moving, const struct item *item)
{
    struct record file = {0};
    struct blob blob;
    int64_t others = 0;
    const char *sql =
        project_sql(&moving->from, moving->db, moving->arena,
                    "SELECT COUNT(*) FROM {attachment} WHERE _site = $1"
                    " AND {attachment.sha256} = $2",
                    moving->err);
    enum error error =
        sql ? record_read(&moving->to, moving->db, item->kind, item->id,
                          moving->arena, &file, moving->err)
            : moving->err->code;

    if (error)
        return error;
    blob = blob_of(&moving->from, item, &file);
    error = db_get_int(moving->db, &others, NULL, moving->err, sql, "tt",
                       moving->from.site, blob.sha256);
    return error ? error
                 : blob_drop(&moving->from, moving->db, &blob, !others,
                             moving->err);
}

static enum error each_file(struct moving *moving,
                            enum error (*act)(struct moving *,
                                              const struct item *))
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < moving->hers.count; i++)
        if (str_equal_c(moving->hers.item[i].kind, "attachment"))
            error = act(moving, &moving->hers.item[i]);
    return error;
}

/* The file of another house from which she was registered. */
static enum error received_id(struct moving *moving, const struct item *item,
                              struct str *id)
{
    struct task task = *moving->task;
    struct record record = {0};
    enum error error =
        record_read(&moving->to, moving->db, item->kind, item->id,
                    moving->arena, &record, moving->err);

    task.arena = moving->arena;
    if (!error)
        *id =
            seen_received_id(&task, value_text_of(record.answers, "house_site"),
                             value_text_of(record.answers, "grant"));
    return error;
}

/* Who opened her file goes where the file goes, or the rule for look-ups of
 * files that nobody is in charge of would count them. */
static enum error move_seen(struct moving *moving)
{
    size_t count = moving->hers.count;
    struct str *id = ARENA_ARRAY(moving->arena, struct str, 2 * count + 1);
    enum error error = ERROR_NONE;

    if (!id)
        return err_memory(moving->err);
    for (size_t i = 0; i < moving->hers.count; i++)
        id[i] = moving->hers.item[i].id;
    for (size_t i = 0; i < moving->hers.count && !error; i++)
        if (str_equal_c(moving->hers.item[i].kind, "received"))
            error = received_id(moving, &moving->hers.item[i], &id[count++]);
    return error ? error
                 : views_move(&moving->from, &moving->to, moving->db, id, count,
                              moving->arena, moving->err);
}

/* Rows beside the log that name a record. */
static const char *const beside[] = {
    "UPDATE glass SET site = $2 WHERE site = $1 AND subject = $3",
    "UPDATE submission SET site = $2 WHERE site = $1 AND record = $3",
    "UPDATE decoy SET site = $2 WHERE site = $1 AND person = $3",
    "UPDATE grant_out SET site = $2 WHERE site = $1 AND referral = $3",
    "UPDATE grant_heard SET site = $2 WHERE site = $1 AND referral = $3",
};

static enum error move_beside(struct moving *moving)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < moving->hers.count; i++) {
        struct str id = moving->hers.item[i].id;

        for (size_t k = 0; !error && k < sizeof(beside) / sizeof(*beside); k++)
            error = db_run(moving->db, NULL, moving->err, beside[k], "ttt",
                           moving->from.site, moving->to.site, id);
        /* where somebody wanted to go after a login */
        if (!error)
            error = db_run(moving->db, NULL, moving->err,
                           "DELETE FROM login_flow WHERE site = $1"
                           " AND next LIKE $2",
                           "tt", office_home(moving->task->office),
                           str_format(moving->arena, "%%%.*s%%", STR_ARGS(id)));
    }
    return error;
}

/* --- others who name her -------------------------------------------------- */

/* Records of a kind, not hers, whose question holds one of her ids. */
static enum error find_naming(struct moving *moving, const struct form *form,
                              const struct question *question, struct str id,
                              struct items *found)
{
    struct str kind = form->name, key = question->key;
    struct str text =
        question->repeat
            ? str_format(moving->arena,
                         "SELECT DISTINCT m._record FROM {%.*s.%.*s} m"
                         " WHERE m._site = $1 AND m.{%.*s.%.*s.%.*s} = $2",
                         STR_ARGS(kind), STR_ARGS(question->repeat->key),
                         STR_ARGS(kind), STR_ARGS(question->repeat->key),
                         STR_ARGS(key))
            : str_format(moving->arena,
                         "SELECT r._id FROM {%.*s} r WHERE r._site = $1"
                         " AND r.{%.*s.%.*s} = $2",
                         STR_ARGS(kind), STR_ARGS(kind), STR_ARGS(key));
    const char *sql = project_sql(&moving->from, moving->db, moving->arena,
                                  str_c(moving->arena, text), moving->err);
    struct rows rows;
    enum error error;

    if (!sql && moving->err->code == ERROR_INTERNAL) {
        err_clear(moving->err); /* a form that nobody has filled in yet */
        return ERROR_NONE;
    }
    if (!sql)
        return moving->err->code;
    error = db_query(moving->db, &rows, moving->err, sql, "tt",
                     moving->from.site, id);
    while (!error && found->count < RECORDS_MAX && rows_next(&rows)) {
        struct str other = str_copy(moving->arena, rows_text(&rows, 0));
        bool known = is_hers(moving, other);

        for (size_t i = 0; i < found->count; i++)
            known = known || str_equal(found->item[i].id, other);
        if (!known)
            found->item[found->count++] = (struct item){other, kind, other};
    }
    return error ? error : rows_end(&rows);
}

/* Does the question name records of this kind? */
static bool may_name(const struct form *form, const struct question *question,
                     struct str kind)
{
    if (question->repeat && question->repeat->repeat)
        return false; /* no shipped form does */
    return str_equal(question->ref, kind) ||
           (str_equal_c(form->name, "person") && str_equal_c(kind, "person") &&
            str_equal_c(question->key, "twin_of"));
}

static enum error find_others(struct moving *moving, struct items *found)
{
    const struct form **form = NULL;
    size_t forms =
        forms_list(moving->task->office->forms, moving->arena, &form);
    enum error error = ERROR_NONE;

    found->item = ARENA_ARRAY(moving->arena, struct item, RECORDS_MAX);
    if (!found->item)
        return err_memory(moving->err);
    for (size_t f = 0; f < forms; f++)
        for (size_t q = 0; q < form[f]->question_count; q++)
            for (size_t i = 0; !error && i < moving->hers.count; i++)
                if (may_name(form[f], form[f]->question[q],
                             moving->hers.item[i].kind))
                    error = find_naming(moving, form[f], form[f]->question[q],
                                        moving->hers.item[i].id, found);
    return error;
}

/* A copy of what was said without any of her ids: an answer that is one is
 * emptied, a row that holds one goes. */
static struct value *without_her(const struct moving *moving,
                                 const struct value *body, bool *named)
{
    struct arena *arena = moving->arena;
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(body); i++) {
        struct str key = value_name_at(body, i);
        const struct value *answer = value_at(body, i);

        if (value_type(answer) == VALUE_LIST) {
            struct value *list = value_list(arena);

            for (size_t j = 0; j < value_count(answer); j++) {
                bool inside = false;
                const struct value *row = value_at(answer, j);

                if (value_type(row) == VALUE_OBJECT)
                    row = without_her(moving, row, &inside);
                else
                    inside = is_hers(moving, value_text(row));
                *named = *named || inside;
                if (!inside)
                    value_add(list, arena, row);
            }
            answer = list;
        } else if (is_hers(moving, value_text(answer))) {
            *named = true;
            answer = value_null(arena);
        }
        value_set(out, arena, key, answer);
    }
    return out;
}

/* A person's own record keeps its past: its keys are those of her whole file.
 * What it says of the other is emptied from now on. */
static enum error let_go(struct moving *moving, const struct item *item)
{
    struct record record = {0};
    struct value *body = value_object(moving->arena);
    struct entry entry = {.site = moving->from.site,
                          .author = STR("system"),
                          .kind = item->kind,
                          .record = item->id,
                          .subject = item->subject,
                          .op = OP_UPDATE,
                          .body = body};
    enum error error =
        record_read(&moving->from, moving->db, item->kind, item->id,
                    moving->arena, &record, moving->err);

    if (error)
        return error;
    entry.subject = record.subject;
    entry.form_version = record.form_version;
    entry.base = record.clock;
    for (size_t i = 0; i < value_count(record.answers); i++)
        if (is_hers(moving, value_text(value_at(record.answers, i))))
            value_set(body, moving->arena, value_name_at(record.answers, i),
                      value_null(moving->arena));
    return value_count(body) ? append(moving, &moving->from, &entry)
                             : ERROR_NONE;
}

/* Everything that was said of a family is said again without her: its past
 * tells no more than its present. */
static enum error say_again(struct moving *moving, struct item *item)
{
    struct entry *entry = NULL;
    size_t count = 0;
    bool named = false;
    enum error error = read_life(moving, item->id, &entry, &count);

    if (error || !count)
        return error;
    item->subject =
        is_hers(moving, entry[0].subject) ? item->id : entry[0].subject;
    error = erase(moving, item);
    entry[0].subject = item->subject;
    if (!error)
        error = announce(moving, &moving->from, &entry[0]);
    for (size_t i = 0; !error && i < count; i++) {
        struct entry again;

        if (!entry[i].body)
            continue;
        again = said_again(moving, &entry[i], &moving->from);
        again.body = without_her(moving, entry[i].body, &named);
        again.subject = item->subject;
        error = append(moving, &moving->from, &again);
    }
    return error;
}

/* A group of nobody but her goes along. */
static enum error is_alone(struct moving *moving, struct item *group,
                           bool *alone)
{
    struct record record = {0};
    const struct value *members;
    enum error error =
        record_read(&moving->from, moving->db, STR("group"), group->id,
                    moving->arena, &record, moving->err);

    members = value_get(record.answers, "members");
    *alone = !error;
    for (size_t i = 0; i < value_count(members); i++)
        if (!is_hers(moving, value_text_of(value_at(members, i), "person")))
            *alone = false;
    if (!error)
        group->subject = record.subject;
    return error;
}

static enum error free_others(struct moving *moving)
{
    struct items found = {0};
    enum error error = find_others(moving, &found);

    for (size_t i = 0; !error && i < found.count; i++) {
        bool alone = false;

        if (str_equal_c(found.item[i].kind, "group"))
            error = is_alone(moving, &found.item[i], &alone);
        if (error)
            break;
        error = alone ? take_item(moving, found.item[i].id, STR("group"),
                                  found.item[i].subject)
                : str_equal_c(found.item[i].kind, "person")
                    ? let_go(moving, &found.item[i])
                    : say_again(moving, &found.item[i]);
    }
    moving->moved->others = found.count;
    return error;
}

/* --- all of it ------------------------------------------------------------ */

static enum error note_why(struct moving *moving)
{
    struct str room = office_in_room(moving->task->office) ? moving->from.site
                                                           : moving->to.site;

    return db_run(moving->db, NULL, moving->err,
                  "INSERT INTO room_visit (site, id, user_id, reason, entered)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  "tttti", room, host_uuid(moving->from.host, moving->arena),
                  moving->task->actor.id, moving->reason, moving->task->now);
}

static enum error move_all(struct moving *moving)
{
    enum error error;

    moving->hers.item = ARENA_ARRAY(moving->arena, struct item, RECORDS_MAX);
    if (!moving->hers.item)
        return err_memory(moving->err);
    error = find_hers(moving);
    if (!error)
        error = free_others(moving);
    for (size_t i = 0; !error && i < moving->hers.count; i++)
        error = copy_record(moving, &moving->hers.item[i]);
    if (!error)
        error = each_file(moving, copy_bytes);
    for (size_t i = moving->hers.count; !error && i-- > 0;)
        error = erase(moving, &moving->hers.item[i]);
    if (!error)
        error = each_file(moving, drop_bytes);
    if (!error)
        error = move_seen(moving);
    if (!error)
        error = move_beside(moving);
    if (!error)
        error = note_why(moving);
    return !error && arena_failed(moving->arena) ? err_memory(moving->err)
                                                 : error;
}

static enum error move(struct db *db, void *context, struct err *err)
{
    struct moving *moving = context;
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    moving->db = db;
    moving->arena = &arena;
    moving->err = err;
    moving->hers = (struct items){0};
    *moving->moved = (struct moved){0};
    error = move_all(moving);
    moving->arena = NULL;
    moving->hers = (struct items){0};
    arena_release(&arena);
    return error;
}

static enum error move_person(struct task *task, struct str person,
                              struct str to, struct str reason,
                              struct moved *moved, struct err *err)
{
    struct str home = office_home(task->office), kept = person;
    const struct office *other =
        office_room(task->office, task->arena, home, to);
    struct moving moving = {.task = task,
                            .from = task->office->log,
                            .reason = str_trim(reason),
                            .moved = moved};
    struct record record = {0};
    enum error error;

    if (!other)
        return err_memory(err);
    moving.to = other->log;
    error = record_get(task, STR("person"), person, &record, err);
    if (!error)
        error = person_resolve(task, person, &kept, err);
    if (!error) /* what waits to be written */
        error = seen_flush(task->office, err);
    if (error)
        return error;
    if (!moving.reason.size)
        return err_set(err, ERROR_INPUT, N_("Escriba por qué."), NULL, NULL,
                       NULL);
    moving.person = kept;
    return office_change(task->office, move, &moving, err);
}

static enum error check_right(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_PERSON_HIDE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su cuenta no tiene permiso para esto."), NULL, NULL,
                   NULL);
}

enum error person_hide(struct task *task, struct str person, struct str room,
                       struct str reason, struct moved *moved, struct err *err)
{
    struct room found;
    enum error error = check_right(task, err);

    if (!error && office_in_room(task->office))
        error = err_set(err, ERROR_CONFLICT,
                        N_("Este expediente ya está en una sala."), NULL, NULL,
                        NULL);
    if (!error && !room.size)
        error =
            err_set(err, ERROR_INPUT, N_("Elija la sala."), NULL, NULL, NULL);
    if (!error)
        error = room_find(task, room, &found, err);
    return error ? error : move_person(task, person, room, reason, moved, err);
}

enum error person_bring_back(struct task *task, struct str person,
                             struct str reason, struct moved *moved,
                             struct err *err)
{
    enum error error = check_right(task, err);

    if (!error && !office_in_room(task->office))
        error = err_set(err, ERROR_CONFLICT,
                        N_("Este expediente no está en una sala."), NULL, NULL,
                        NULL);
    return error ? error
                 : move_person(task, person, office_home(task->office), reason,
                               moved, err);
}
