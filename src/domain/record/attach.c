/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* attach.c - keeps what stands beside a record: photos, recordings, files. */
#include "domain/record/attach.h"

#include "domain/record/classes.h"
#include "domain/record/media.h"
#include "domain/record/record.h"

/* A file that is to be kept now. */
struct keeping {
    const struct log *log;
    struct blob blob;
    enum seal_class class;
    struct str bytes;
};

struct blob attach_blob(const struct task *task, const struct record *file)
{
    const struct log *log = &task->office->log;

    return (struct blob){
        sealing_owner(log, STR("attachment"), file->id, file->subject),
        value_text_of(file->answers, "sha256")};
}

static const char *unfit(const struct question *question, struct str type)
{
    if (question->type == QUESTION_IMAGE && str_equal_c(type, "image/heic"))
        return N_("Esa foto está en un formato (HEIC) del que no se puede "
                  "quitar el lugar. Guárdela como JPEG y elíjala otra vez.");
    if (question->type == QUESTION_IMAGE && !str_starts(type, STR("image/")))
        return N_("Ese archivo no es una foto. Elija una en JPEG, PNG o WebP.");
    if (question->type == QUESTION_AUDIO && !str_starts(type, STR("audio/")))
        return N_("Ese archivo no es una grabación de voz que se pueda oír "
                  "aquí. Elija una en MP3, M4A, OGG o WAV.");
    if (question->type == QUESTION_VIDEO && !str_starts(type, STR("video/")))
        return N_("Ese archivo no es un video que se pueda ver aquí. Elija uno "
                  "en MP4 o WebM.");
    return NULL;
}

/* photo-1f2e3d4c5b6a.jpg: the same bytes have the same name, sent once or
 * twice. Of the sender's own name nothing is kept: people name files after
 * people. */
void attach_read(const struct task *task, struct attached *file)
{
    struct str key = file->question->name, bare, hash;
    struct media media;
    struct str hint =
        file->question->type == QUESTION_AUDIO ? STR("audio/") : file->type;

    media = media_of(file->bytes, hint);
    file->type = str_of(media.type);
    file->wrong = unfit(file->question, file->type);
    bare = media_bare(task->arena, file->bytes);
    if (!bare.at && !file->wrong)
        file->wrong = N_("El archivo está dañado o llegó incompleto. Elíjalo "
                         "otra vez.");
    if (bare.at)
        file->bytes = bare;
    hash = host_hash_hex(task->office->host, task->arena, file->bytes);
    file->name =
        str_format(task->arena, "%.*s-%.*s.%s", STR_ARGS(str_slice(key, 0, 40)),
                   STR_ARGS(str_slice(hash, 0, 16)), media.ending);
}

enum error attach_list(struct task *task, struct str record,
                       struct record **attachment, size_t *count,
                       struct err *err)
{
    struct db_value value = {.type = 't', .t = record};
    struct record_filter filter = {.kind = STR("attachment"),
                                   .where = "{of_record} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .order = "_id",
                                   .limit = 1000};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, attachment, count, err);
}

const struct record *attach_named(const struct record *attachment, size_t count,
                                  struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(value_text_of(attachment[i].answers, "file_name"), name))
            return &attachment[i];
    return NULL;
}

bool attach_is_named(const struct form *form, const struct question *repeat,
                     const struct value *answers, const struct question *only,
                     struct str name)
{
    for (size_t i = 0; i < value_count(answers); i++) {
        const struct question *question =
            form_find_in(form, repeat, value_name_at(answers, i));
        const struct value *answer = value_at(answers, i);

        if (!question)
            continue;
        if (question_is_file(question) && (!only || question == only) &&
            str_equal(value_text(answer), name))
            return true;
        for (size_t j = 0;
             question->type == QUESTION_REPEAT && j < value_count(answer); j++)
            if (attach_is_named(form, question, value_at(answer, j), only,
                                name))
                return true;
    }
    return false;
}

bool attach_is_answer(const struct task *task, struct str kind,
                      const struct value *answers, struct str name)
{
    const struct form **form = NULL;
    size_t forms = forms_of_kind(task->office->forms, kind, task->arena, &form);

    for (size_t i = 0; i < forms; i++)
        if (attach_is_named(form[i], NULL, answers, NULL, name))
            return true;
    return false;
}

struct checking {
    struct task *task;
    const struct form *form;
    const struct save *save;
    const struct value *before;
    struct check_problem *problem;
    size_t count, room;
};

static void add_problem(struct checking *checking, struct str path,
                        const struct question *question, const char *msgid)
{
    struct check_problem *problem = &checking->problem[checking->count];

    if (checking->count == checking->room)
        return;
    *problem = (struct check_problem){.path = path, .question = question};
    err_set(&problem->err, ERROR_INPUT, msgid, NULL, NULL, NULL);
    checking->count++;
}

static bool came_along(const struct save *save, const struct question *question,
                       struct str name)
{
    for (size_t i = 0; i < save->files; i++)
        if (save->file[i].question == question &&
            str_equal(save->file[i].name, name))
            return true;
    return false;
}

static void check_names(struct checking *checking,
                        const struct question *repeat,
                        const struct value *answers, struct str path)
{
    struct arena *arena = checking->task->arena;

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct question *question =
            form_find_in(checking->form, repeat, key);
        const struct value *answer = value_at(answers, i);
        struct str name = value_text(answer);

        if (!question)
            continue;
        if (question_is_file(question) && name.size &&
            !came_along(checking->save, question, name) &&
            !attach_is_named(checking->form, NULL, checking->before, question,
                             name))
            add_problem(checking, str_join(arena, path, key), question,
                        N_("El archivo no llegó. Elíjalo otra vez."));
        for (size_t j = 0;
             question->type == QUESTION_REPEAT && j < value_count(answer); j++)
            check_names(checking, question, value_at(answer, j),
                        str_format(arena, "%.*s%.*s[%zu]/", STR_ARGS(path),
                                   STR_ARGS(key), j + 1));
    }
}

enum error attach_check(struct task *task, const struct form *form,
                        const struct save *save, const struct value *before,
                        struct check_result *check, struct err *err)
{
    struct checking checking = {task,
                                form,
                                save,
                                before,
                                NULL,
                                check->count,
                                check->count + save->files + 20};

    checking.problem =
        ARENA_ARRAY(task->arena, struct check_problem, checking.room);
    if (!checking.problem)
        return err_memory(err);
    if (check->count)
        memcpy(checking.problem, check->problem,
               check->count * sizeof(*check->problem));
    for (size_t i = 0; i < save->files; i++)
        if (save->file[i].wrong)
            add_problem(&checking, save->file[i].path, save->file[i].question,
                        save->file[i].wrong);
    if (!save->files_apart)
        check_names(&checking, NULL, check->answers, STR(""));
    check->problem = checking.problem;
    check->count = checking.count;
    return ERROR_NONE;
}

/* Runs in the writer's transaction, maybe twice. */
static enum error keep(struct db *db, void *context, struct err *err)
{
    const struct keeping *keeping = context;

    return blob_keep(keeping->log, db, &keeping->blob, keeping->class,
                     keeping->bytes, err);
}

void attach_add(struct change *change, const struct attach_to *to,
                struct str name, struct str type, struct str bytes,
                struct str sha256)
{
    struct task *task = change->task;
    const struct log *log = &task->office->log;
    struct arena *arena = task->arena;
    struct str id;
    struct value *answers = value_object(arena);
    struct keeping *keeping = ARENA_NEW(arena, struct keeping);
    size_t slot = change->count;
    struct str whose =
        str_format(arena, "%.*s\n%.*s\n%.*s", STR_ARGS(to->record),
                   STR_ARGS(name), STR_ARGS(to->entry));

    value_put_str(answers, arena, "of_kind", to->kind);
    value_put_str(answers, arena, "of_record", to->record);
    if (!str_equal(to->subject, to->record) || str_equal_c(to->kind, "person"))
        value_put_str(answers, arena, "person", to->subject);
    value_put_str(answers, arena, "file_name", name);
    value_put_str(answers, arena, "media_type", type);
    value_put_str(answers, arena, "size", str_format(arena, "%zu", bytes.size));
    value_put_str(answers, arena, "sha256", sha256);
    if (to->instance.size)
        value_put_str(answers, arena, "instance", to->instance);
    id = task_uuid(task, STR("attachment"), whose);
    change_add(change, STR("attachment"), id, OP_CREATE, answers, to->subject);
    if (change->count > slot)
        change->entry[slot].id = task_uuid(task, whose, sha256);
    if (!keeping)
        return;
    *keeping = (struct keeping){
        log,
        {sealing_owner(log, STR("attachment"), id, to->subject), sha256},
        class_of_answer(log->sealing,
                        forms_find(task->office->forms, to->kind, STR_NULL),
                        to->kind, to->question),
        bytes};
    change_then(change, keep, keeping);
}

enum error attach_all(struct change *change, const struct attach_to *to,
                      const struct form *form, const struct value *answers,
                      const struct attached *file, size_t files,
                      struct err *err)
{
    struct task *task = change->task;
    struct record *there = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (files)
        error = attach_list(task, to->record, &there, &count, err);
    for (size_t i = 0; !error && i < files; i++) {
        bool again = attach_named(there, count, file[i].name) ||
                     !attach_is_named(form, NULL, answers, file[i].question,
                                      file[i].name);

        for (size_t j = 0; j < i; j++)
            again = again || str_equal(file[j].name, file[i].name);
        if (!again) {
            struct attach_to one = *to;

            one.question = file[i].question->key;
            attach_add(
                change, &one, file[i].name, file[i].type, file[i].bytes,
                host_hash_hex(task->office->host, task->arena, file[i].bytes));
        }
    }
    return error;
}
