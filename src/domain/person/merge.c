/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* merge.c - merging and undoing it, and following merged_into. */
#include "domain/person/merge.h"

enum { CHAIN_MAX = 16, MERGED_MAX = 200 };

static enum error refuse(struct err *err, const char *msgid)
{
    return err_set(err, ERROR_CONFLICT, msgid, NULL, NULL, NULL);
}

static enum error read_target(struct task *task, struct str id,
                              struct str *target, bool *found, struct err *err)
{
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena,
                    "SELECT {person.merged_into} FROM {person}"
                    " WHERE {person}._site = $1 AND {person}._id = $2",
                    err);

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    return db_get_text(task->db, task->arena, target, found, err, sql, "tt",
                       task->office->log.site, id);
}

enum error person_resolve(struct task *task, struct str id, struct str *kept,
                          struct err *err)
{
    struct str at = id;

    for (int i = 0; i < CHAIN_MAX; i++) {
        struct str target = STR_NULL;
        bool found = false;
        enum error error = read_target(task, at, &target, &found, err);

        if (error)
            return error;
        if (!target.size || str_equal(target, at))
            break;
        at = target;
    }
    *kept = at;
    return ERROR_NONE;
}

static enum error merged_into(struct task *task, struct str into,
                              struct str *id, size_t *count, struct err *err)
{
    const char *sql = project_sql(
        &task->office->log, task->db, task->arena,
        "SELECT {person}._id FROM {person} WHERE {person}._site = $1"
        " AND {person.merged_into} = $2 ORDER BY {person}._id",
        err);
    struct rows rows;
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error =
        db_query(task->db, &rows, err, sql, "tt", task->office->log.site, into);
    if (error)
        return error;
    while (rows_next(&rows) && *count < MERGED_MAX)
        id[(*count)++] = str_copy(task->arena, rows_text(&rows, 0));
    return rows_end(&rows);
}

enum error person_ids(struct task *task, struct str kept, struct str **id,
                      size_t *count, struct err *err)
{
    struct str *all = ARENA_ARRAY(task->arena, struct str, MERGED_MAX);
    size_t known = 1;
    enum error error = ERROR_NONE;

    if (!all)
        return err_memory(err);
    all[0] = kept;
    for (size_t i = 0; !error && i < known; i++)
        error = merged_into(task, all[i], all, &known, err);
    if (!error) {
        *id = all;
        *count = known;
    }
    return error;
}

enum error person_files(struct task *task, struct str person,
                        struct record_filter *filter, struct err *err)
{
    struct str kept = person, *id = NULL;
    size_t count = 0;
    enum error error = person_resolve(task, person, &kept, err);

    if (!error)
        error = person_ids(task, kept, &id, &count, err);
    return error ? error : person_narrow(task, id, count, filter, err);
}

enum error person_narrow(struct task *task, const struct str *id, size_t count,
                         struct record_filter *filter, struct err *err)
{
    struct arena *arena = task->arena;
    struct db_value *value;
    struct buf where;

    if (count == 1) {
        filter->subject = id[0];
        return ERROR_NONE;
    }
    value = ARENA_ARRAY(arena, struct db_value, count);
    if (!value)
        return err_memory(err);
    buf_init(&where, arena);
    if (filter->where)
        buf_printf(&where, "(%s) AND ", filter->where);
    buf_puts(&where, "_subject IN (");
    for (size_t i = 0; i < count; i++) {
        value[i] = (struct db_value){.type = 't', .t = id[i]};
        buf_printf(&where, "%s$%zu", i ? ", " : "", i + 3);
    }
    buf_putc(&where, ')');
    filter->where = str_c(arena, buf_str(&where));
    filter->value = value;
    filter->value_count = count;
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

static enum error check_right(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_PERSON_MERGE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite unir expedientes. Pida ayuda a "
                      "quien supervisa."),
                   NULL, NULL, NULL);
}

/* The one answer, and beside it why. */
static enum error write_target(struct task *task, struct str other,
                               struct str target, struct str reason,
                               struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, STR("person"), STR_NULL);
    struct value *system = value_object(task->arena);
    struct saved saved;
    struct save save = {.kind = STR("person"),
                        .id = other,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true};

    value_put_str(system, task->arena, "merged_into", target);
    if (form_find(form, STR("merge_reason"))) /* an office's own form may not */
        value_put_str(system, task->arena, "merge_reason", str_trim(reason));
    return record_save(task, &save, &saved, err);
}

static enum error both_stand(struct task *task, struct str keep,
                             struct str other, struct err *err)
{
    struct record record;
    enum error error = record_read(&task->office->log, task->db, STR("person"),
                                   keep, task->arena, &record, err);

    if (!error && str_equal_c(record.state, "erased"))
        error = refuse(err, N_("Ese expediente fue borrado."));
    if (!error)
        error = record_read(&task->office->log, task->db, STR("person"), other,
                            task->arena, &record, err);
    if (!error && str_equal_c(record.state, "erased"))
        error = refuse(err, N_("Ese expediente fue borrado."));
    if (!error && value_text_of(record.answers, "merged_into").size)
        error = refuse(err, N_("Ese expediente ya está unido a otro. Deshaga "
                               "primero esa unión."));
    return error;
}

enum error person_merge(struct task *task, struct str keep, struct str other,
                        struct str reason, struct err *err)
{
    struct str kept = keep;
    enum error error = check_right(task, err);

    if (!error && !str_trim(reason).size)
        error = err_set(err, ERROR_INPUT,
                        N_("Escriba por qué son la misma persona."), NULL, NULL,
                        NULL);
    if (!error)
        error = person_resolve(task, keep, &kept, err);
    if (!error)
        error = both_stand(task, kept, other, err);
    if (!error && str_equal(kept, other))
        error = refuse(err, N_("Un expediente no se puede unir a sí mismo."));
    if (!error)
        error = write_target(task, other, kept, reason, err);
    return error;
}

enum error person_unmerge(struct task *task, struct str other,
                          struct str reason, struct err *err)
{
    struct record record;
    enum error error = check_right(task, err);

    if (!error)
        error = record_read(&task->office->log, task->db, STR("person"), other,
                            task->arena, &record, err);
    if (!error && !value_text_of(record.answers, "merged_into").size)
        error = refuse(err, N_("Este expediente no está unido a otro."));
    if (!error)
        error = write_target(task, other, STR(""), reason, err);
    return error;
}
