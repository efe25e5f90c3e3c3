/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notice.c - erase requests to receivers, and their answers. */
#include "domain/arco/notice.h"

#include "core/date.h"
#include "store/project.h"

struct str receiver_name(struct task *task, const struct value *answers)
{
    struct record record;
    struct err ignored = {0};
    struct str place = value_text_of(answers, "to_place");

    if (place.size &&
        record_read(&task->office->log, task->db, STR("place"), place,
                    task->arena, &record, &ignored) == ERROR_NONE)
        return value_text_of(record.answers, "name");
    return value_text_of(answers, "to_name");
}

void answers_copy(struct value *item, struct arena *arena,
                  const struct value *answers, const char *const *name,
                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        value_put_str(item, arena, name[i], value_text_of(answers, name[i]));
}

enum error notice_list(struct task *task, struct value **list, struct err *err)
{
    static const char *const copied[] = {"reply_code", "sent_on"};
    struct record_filter filter = {.kind = STR("erase_notice"),
                                   .where = "{state} = 'open'",
                                   .order = "{asked_at}, _id",
                                   .limit = 500};
    struct arena *arena = task->arena;
    struct value *out = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   arena, &record, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "to",
                      receiver_name(task, record[i].answers));
        answers_copy(item, arena, record[i].answers, copied, 2);
        value_add(out, arena, item);
    }
    *list = out;
    return error;
}

enum error notice_by_link(struct task *task, struct str token,
                          struct str *notice, bool *done, struct err *err)
{
    struct db_value hash = {
        .type = 't',
        .t = host_hash_hex(task->office->host, task->arena, token)};
    struct record_filter filter = {.kind = STR("erase_notice"),
                                   .where = "{link_hash} = $3",
                                   .value = &hash,
                                   .value_count = 1,
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    if (!error && !count)
        error = err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                        NULL, NULL, NULL);
    if (error)
        return error;
    *notice = record[0].id;
    *done = str_equal_c(value_text_of(record[0].answers, "state"), "done");
    task->actor = (struct actor){
        .id = str_format(task->arena, "link:%.*s", STR_ARGS(record[0].id))};
    return ERROR_NONE;
}

enum error notice_done(struct task *task, struct str notice, struct str by,
                       struct err *err)
{
    struct value *system = value_object(task->arena);
    struct save save = {.kind = STR("erase_notice"),
                        .id = notice,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true}; /* the route or the link decided */
    struct saved saved;

    value_put_str(system, task->arena, "state", STR("done"));
    value_put_str(system, task->arena, "done_at",
                  instant_text(task->arena, task->now));
    value_put_str(system, task->arena, "done_by",
                  str_trim(by).size ? str_trim(by) : task->actor.id);
    return record_save(task, &save, &saved, err);
}
