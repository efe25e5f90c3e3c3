/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_save.c - a submission kept: its record, the entities it makes or
 * changes, its attachments, all in one transaction or not at all.
 *
 * The row of table submission is the claim on an instanceID: whoever comes
 * second with the same XML is told that it is here, with another XML that it
 * is not the same. Bytes of attachments stand in table blob; a record of kind
 * attachment says in the log whose they are and what their hash is.
 */
#include "domain/openrosa/openrosa.h"

#include "domain/record/attach.h"
#include "domain/record/media.h"
#include "domain/record/record_diff.h"

/* What stands in the table about an instanceID. */
struct standing {
    bool found;
    bool fresh; /* nor is there its entry or its record */
    struct str sha256, kind, record, entry, replaced;
};

struct submitting {
    struct task *task;
    const struct openrosa_post *post;
    struct openrosa_saved *saved;
    struct openrosa_instance instance;
    struct standing standing, before; /* before: of deprecatedID */
    struct str sha256, entry, subject;
    struct change change;
    size_t keeps;
};

/* --- the table ------------------------------------------------------------ */

/* All that is asked about a submission before it is read further, at once. */
static enum error find_instance(struct task *task, struct str instance,
                                struct str entry, struct standing *standing,
                                struct err *err)
{
    struct arena *arena = task->arena;
    struct rows rows;
    enum error error =
        db_query(task->db, &rows, err,
                 "SELECT submission.sha256, submission.kind,"
                 " submission.record, submission.entry, submission.replaced,"
                 " entry.seq, record.number FROM (SELECT 1 AS one) AS one"
                 " LEFT JOIN submission ON submission.site = $1"
                 " AND submission.instance = $2"
                 " LEFT JOIN entry ON entry.site = $1 AND entry.id = $3"
                 " LEFT JOIN record ON record.site = $1 AND record.id = $4",
                 "tttt", task->office->log.site, instance, entry,
                 openrosa_record(task, instance));

    *standing = (struct standing){0};
    if (error)
        return error;
    if (rows_next(&rows)) {
        standing->found = !rows_null(&rows, 0);
        standing->fresh =
            !standing->found && rows_null(&rows, 5) && rows_null(&rows, 6);
        standing->sha256 = str_copy(arena, rows_text(&rows, 0));
        standing->kind = str_copy(arena, rows_text(&rows, 1));
        standing->record = str_copy(arena, rows_text(&rows, 2));
        standing->entry = str_copy(arena, rows_text(&rows, 3));
        standing->replaced = str_copy(arena, rows_text(&rows, 4));
    }
    return rows_end(&rows);
}

static enum error say_changed(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Este envío ya llegó con otro contenido y no se cambió. "
                      "Para corregirlo, edítelo como una versión nueva."),
                   NULL, NULL, NULL);
}

static enum error say_edited(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Lo que se corrige ya fue corregido por otro envío. "
                      "Descargue la versión de ahora y corrija esa."),
                   NULL, NULL, NULL);
}

static enum error claim(struct db *db, struct submitting *submitting,
                        struct err *err)
{
    const struct task *task = submitting->task;
    const struct openrosa_instance *instance = &submitting->instance;
    struct str site = task->office->log.site;
    int64_t changed = 0;
    bool added = false;
    enum error error;

    error = db_insert(db, &added, err,
                      "INSERT INTO submission (site, instance, sha256, kind,"
                      " record, entry, author, received, waiting, replaced)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')"
                      " ON CONFLICT (site, instance) DO NOTHING",
                      "tttttttii", site, instance->id, submitting->sha256,
                      instance->form->name, submitting->saved->record,
                      submitting->entry, task->actor.id, task->now,
                      (int64_t)submitting->saved->waiting);
    if (!error && !added)
        return say_changed(err);
    if (error || !instance->deprecated.size)
        return error;
    error = db_run(db, &changed, err,
                   "UPDATE submission SET replaced = $3 WHERE site = $1"
                   " AND instance = $2 AND replaced = ''",
                   "ttt", site, instance->deprecated, instance->id);
    return !error && !changed ? say_edited(err) : error;
}

/* Runs in the writer's transaction, maybe twice. */
static enum error keep(struct db *db, void *context, struct err *err)
{
    struct submitting *submitting = context;
    const struct task *task = submitting->task;
    struct str site = task->office->log.site;
    enum error error = ERROR_NONE;

    if (!submitting->standing.found)
        error = claim(db, submitting, err);
    else
        error = db_run(db, NULL, err,
                       "UPDATE submission SET waiting = $3 WHERE site = $1"
                       " AND instance = $2",
                       "tti", site, submitting->instance.id,
                       (int64_t)submitting->saved->waiting);
    return error;
}

/* --- an edit -------------------------------------------------------------- */

/* The record's answers as they were after an entry: what the telephone had
 * before it. */
static const struct value *answers_at(struct task *task,
                                      const struct entry *entry, size_t count,
                                      int64_t clock)
{
    struct value *answers = value_object(task->arena);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0;
             entry[i].clock <= clock && j < value_count(entry[i].body); j++)
            value_set(answers, task->arena, value_name_at(entry[i].body, j),
                      value_at(entry[i].body, j));
    return answers;
}

/* What the telephone emptied: asked by the form, answered before, not now. */
static bool emptied(const struct submitting *submitting, struct str key)
{
    const struct question *question = form_find(submitting->instance.form, key);

    return question && !question->system && !question->calculation &&
           !question->repeat &&
           role_reads_all(role_widest(submitting->task->actor.role,
                                      submitting->instance.form->name),
                          question) &&
           !value_get_str(submitting->instance.answers, key);
}

/* Only what the edit changed is written: what others changed since stays. */
static enum error find_edit(struct submitting *submitting, struct save *save,
                            struct err *err)
{
    struct task *task = submitting->task;
    const struct value *now = submitting->instance.answers, *then;
    struct value *input = value_object(task->arena);
    struct entry *entry = NULL;
    size_t count = 0;
    enum error error =
        log_history(&task->office->log, task->db, submitting->before.record,
                    task->arena, &entry, &count, err);

    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        if (str_equal(entry[i].id, submitting->before.entry))
            save->base = entry[i].clock;
    then = answers_at(task, entry, count, save->base);
    for (size_t i = 0; i < value_count(now); i++)
        if (!answer_same(value_at(now, i),
                         value_get_str(then, value_name_at(now, i))))
            value_set(input, task->arena, value_name_at(now, i),
                      value_at(now, i));
    for (size_t i = 0; i < value_count(then); i++)
        if (!answer_is_empty(value_at(then, i)) &&
            emptied(submitting, value_name_at(then, i)))
            value_set(input, task->arena, value_name_at(then, i),
                      value_null(task->arena));
    save->id = submitting->before.record;
    save->create = save->fresh = false;
    save->behind = true;
    save->input = input;
    return ERROR_NONE;
}

static enum error check_deprecated(struct submitting *submitting,
                                   struct err *err)
{
    enum error error =
        find_instance(submitting->task, submitting->instance.deprecated,
                      STR(""), &submitting->before, err);

    if (error)
        return error;
    if (!submitting->before.found)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("El envío corrige a otro que aquí no está."), NULL,
                       NULL, NULL);
    if (submitting->before.replaced.size ||
        !str_equal(submitting->before.kind, submitting->instance.form->name))
        return say_edited(err);
    return ERROR_NONE;
}

/* --- the record and its entities ------------------------------------------ */

static enum error prepare_record(struct submitting *submitting, struct err *err)
{
    struct task *task = submitting->task;
    const struct openrosa_instance *instance = &submitting->instance;
    struct save save = {.kind = instance->form->name,
                        .id = openrosa_record(task, instance->id),
                        .entry = submitting->entry,
                        .create = true,
                        .files_apart = true,
                        .fresh = submitting->standing.fresh,
                        .places = true,
                        .version = instance->version,
                        .input = instance->answers};
    struct saved saved = {0};
    enum error error = ERROR_NONE;

    if (instance->sealed) { /* of_kind's right was asked when it was read */
        save.system = instance->answers;
        save.input = value_object(task->arena);
        save.trusted = true;
        submitting->saved->sealed = true;
    }
    if (instance->deprecated.size)
        error = find_edit(submitting, &save, err);
    if (!error)
        error = record_prepare(task, &submitting->change, &save, &saved, err);
    submitting->saved->problem = saved.problem;
    submitting->saved->problems = saved.problems;
    if (error)
        return error;
    submitting->saved->record = saved.id;
    submitting->saved->repeated = saved.repeated;
    if (!saved.repeated)
        submitting->subject =
            answers_subject(instance->form, saved.after, saved.id);
    return ERROR_NONE;
}

/* Made by a telephone that may have been offline: base is told only. */
static enum error prepare_entity(struct submitting *submitting,
                                 const struct openrosa_entity *entity,
                                 struct err *err)
{
    struct task *task = submitting->task;
    struct save save = {.kind = entity->list,
                        .id = entity->id,
                        .entry = task_uuid(task, submitting->entry,
                                           str_format(task->arena, "%.*s\n%.*s",
                                                      STR_ARGS(entity->list),
                                                      STR_ARGS(entity->id))),
                        .create = entity->create,
                        .input = entity->answers,
                        .behind = true,
                        .base = entity->base};
    struct saved saved = {0};
    bool known = false;
    enum error error = ERROR_NONE;

    if (entity->create && entity->update) {
        error = record_known(task, &submitting->change, entity->list,
                             entity->id, &known, err);
        save.create = !known;
    }
    if (save.create)
        save.base = 0;
    if (!error)
        error = record_prepare(task, &submitting->change, &save, &saved, err);
    if (saved.problems) {
        submitting->saved->problem = saved.problem;
        submitting->saved->problems = saved.problems;
    }
    return error;
}

/* --- attachments ---------------------------------------------------------- */

static const struct openrosa_part *part_named(const struct openrosa_post *post,
                                              struct str name)
{
    for (size_t i = 0; i < post->parts; i++)
        if (str_equal(post->part[i].name, name) ||
            str_equal(post->part[i].field, name))
            return &post->part[i];
    return NULL;
}

static void add_attachment(struct submitting *submitting, struct str file,
                           struct str type, struct str bytes, struct str sha256)
{
    struct attach_to to = {submitting->instance.form->name,
                           submitting->saved->record,
                           submitting->subject,
                           submitting->instance.id,
                           submitting->entry,
                           STR("")};

    attach_add(&submitting->change, &to, file, type, bytes, sha256);
    submitting->keeps++;
}

/* Without metadata; what is damaged is better kept so than lost, and what is
 * encrypted is not touched. */
static struct str kept_bytes(const struct submitting *submitting,
                             struct str bytes)
{
    struct str bare = submitting->instance.sealed
                          ? bytes
                          : media_bare(submitting->task->arena, bytes);

    return bare.at ? bare : bytes;
}

/* Files that the instance names: here already, in this post, or waited for. */
static enum error prepare_files(struct submitting *submitting, struct err *err)
{
    struct task *task = submitting->task;
    const struct openrosa_instance *instance = &submitting->instance;
    struct record *there = NULL;
    size_t count = 0, used = 0;
    enum error error = ERROR_NONE;

    submitting->saved->ignored = submitting->post->parts;
    if (!instance->files)
        return ERROR_NONE;
    if (submitting->standing.found || instance->deprecated.size)
        error =
            attach_list(task, submitting->saved->record, &there, &count, err);
    for (size_t i = 0; !error && i < instance->files; i++) {
        const struct openrosa_part *part =
            part_named(submitting->post, instance->file[i]);
        const struct record *old =
            attach_named(there, count, instance->file[i]);
        struct str sha256, bytes;

        if (!part) {
            submitting->saved->waiting += !old;
            continue;
        }
        used++;
        bytes = kept_bytes(submitting, part->bytes);
        sha256 = host_hash_hex(task->office->host, task->arena, bytes);
        if (!old)
            add_attachment(submitting, instance->file[i], part->type, bytes,
                           sha256);
        else if (!str_equal(value_text_of(old->answers, "sha256"), sha256))
            error = err_set(err, ERROR_CONFLICT,
                            N_("El archivo {1} ya llegó con otro contenido y "
                               "no se cambió."),
                            str_c(task->arena, instance->file[i]), NULL, NULL);
    }
    submitting->saved->ignored -= used;
    return error;
}

/* --- the whole ------------------------------------------------------------ */

/* *lost: somebody sent the same instance at the same time. */
static enum error submit_again(struct submitting *submitting, bool *lost,
                               struct err *err)
{
    const struct standing *standing = &submitting->standing;
    struct task *task = submitting->task;
    struct record record = {0};
    enum error error;

    if (!str_equal(standing->sha256, submitting->sha256) ||
        !str_equal(standing->kind, submitting->instance.form->name))
        return say_changed(err);
    submitting->saved->repeated = true;
    submitting->saved->record = standing->record;
    if (!submitting->post->parts && !submitting->instance.files)
        return ERROR_NONE;
    error = record_read(&task->office->log, task->db, standing->kind,
                        standing->record, task->arena, &record, err);
    if (error)
        return error;
    if (str_equal_c(record.state, "erased"))
        return ERROR_NONE; /* its files are not wanted any more */
    submitting->subject = record.subject;
    error = prepare_files(submitting, err);
    if (error || !submitting->keeps)
        return error;
    change_then(&submitting->change, keep, submitting);
    return change_commit(&submitting->change, lost, err);
}

static enum error submit_new(struct submitting *submitting, bool *lost,
                             struct err *err)
{
    const struct openrosa_instance *instance = &submitting->instance;
    enum error error = ERROR_NONE;

    if (instance->deprecated.size)
        error = check_deprecated(submitting, err);
    if (!error)
        error = prepare_record(submitting, err);
    if (error || submitting->saved->repeated)
        return error;
    for (size_t i = 0; !error && i < instance->entities; i++)
        error = prepare_entity(submitting, &instance->entity[i], err);
    if (!error)
        error = prepare_files(submitting, err);
    if (error)
        return error;
    change_then(&submitting->change, keep, submitting);
    error = change_commit(&submitting->change, lost, err);
    *lost = *lost || error == ERROR_CONFLICT;
    return error;
}

static enum error submit_once(struct task *task,
                              const struct openrosa_post *post,
                              struct openrosa_saved *saved, bool *lost,
                              struct err *err)
{
    struct submitting submitting = {.task = task, .post = post, .saved = saved};
    enum error error;

    *saved = (struct openrosa_saved){0};
    if (post->parts > OPENROSA_FILES_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("El envío trae demasiados archivos."), NULL, NULL,
                       NULL);
    error = openrosa_read(task, post->xml, &submitting.instance, err);
    if (error)
        return error;
    saved->form = submitting.instance.form;
    if (!str_equal(submitting.instance.version, saved->form->version))
        saved->unknown = submitting.instance.version;
    change_init(&submitting.change, task);
    submitting.sha256 =
        host_hash_hex(task->office->host, task->arena, post->xml);
    submitting.entry =
        task_uuid(task, submitting.instance.id, submitting.sha256);
    error = find_instance(task, submitting.instance.id, submitting.entry,
                          &submitting.standing, err);
    if (error)
        return error;
    return submitting.standing.found ? submit_again(&submitting, lost, err)
                                     : submit_new(&submitting, lost, err);
}

enum error openrosa_submit(struct task *task, const struct openrosa_post *post,
                           struct openrosa_saved *saved, struct err *err)
{
    struct err own = {0};
    bool lost = false;
    enum error error = submit_once(task, post, saved, &lost, &own);

    if (lost) { /* now it stands there and can be compared */
        own = (struct err){0};
        error = submit_once(task, post, saved, &lost, &own);
    }
    if (error)
        *err = own;
    return error;
}

/* --- reading an attachment ------------------------------------------------ */

enum error openrosa_attachment(struct task *task, struct str kind,
                               struct str record, struct str name,
                               struct openrosa_part *part, struct err *err)
{
    const struct record *found = NULL;
    struct record whose = {0}, *there = NULL;
    struct blob blob;
    size_t count = 0;
    enum error error = record_get(task, kind, record, &whose, err);

    if (!error && attach_is_answer(task, kind, whose.answers, name))
        error = attach_list(task, record, &there, &count, err);
    if (error)
        return error;
    found = attach_named(there, count, name);
    if (!found)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("El archivo no está aquí o aún no llegó."), NULL,
                       NULL, NULL);
    *part = (struct openrosa_part){
        .name = name, .type = value_text_of(found->answers, "media_type")};
    blob = attach_blob(task, found);
    error = blob_read(&task->office->log, task->db, &blob, task->arena,
                      &part->bytes, err);
    if (!error && !part->bytes.at)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("El archivo no está aquí o aún no llegó."), NULL,
                        NULL, NULL);
    return error;
}
