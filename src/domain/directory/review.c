/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* review.c - staff look at what others say of the directory before it shows:
 * changes by those who run a place, mistakes that anybody reported, and what is
 * overdue.
 */
#include "core/date.h"
#include "domain/directory/directory_private.h"
#include "domain/directory/upkeep.h"
#include "domain/record/record.h"

enum { SHOWN = 100 };

static enum error may_write(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_PLACE_WRITE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite cambiar el directorio."), NULL,
                   NULL, NULL);
}

static struct str label_of(struct task *task, const char *name)
{
    const struct form *form =
        forms_find(task->office->forms, STR("place"), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(name)) : NULL;

    if (strcmp(name, "phone_1") == 0)
        question = form_find(form, STR("phones"));
    return question ? texts_in(form, question->label, task->language)
                    : str_of(name);
}

static struct str standing(const struct value *answers, const char *name)
{
    struct str text = value_text_of(answers, name);

    if (strcmp(name, "phone_1") == 0)
        text =
            value_text_of(value_at(value_get(answers, "phones"), 0), "number");
    return text.at ? text : STR("");
}

static const struct value *fields_of(struct task *task,
                                     const struct value *answers)
{
    const struct value *fields = NULL;
    struct err ignored = {0};

    value_parse(task->arena, value_text_of(answers, "change"), &fields,
                &ignored);
    return fields;
}

static enum error open_records(struct task *task, const char *kind,
                               const char *where, struct record **record,
                               size_t *count, struct err *err)
{
    struct record_filter filter = {.kind = str_of(kind),
                                   .where = where,
                                   .order = "_created, _id",
                                   .limit = SHOWN};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, record, count, err);
}

static struct value *item_new(struct task *task, const struct record *record,
                              const struct value *place)
{
    struct value *item = value_object(task->arena);

    value_put_str(item, task->arena, "id", record->id);
    value_put_str(item, task->arena, "place",
                  value_text_of(record->answers, "place"));
    value_put_str(item, task->arena, "name", standing(place, "name"));
    value_put_str(item, task->arena, "note", standing(record->answers, "note"));
    value_put_int(item, task->arena, "at", record->created);
    return item;
}

static enum error put_changes(struct task *task, struct value *view,
                              struct err *err)
{
    struct value *list = value_list(task->arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = open_records(task, "place_change", "{state} = 'waiting'",
                                    &record, &count, err);

    for (size_t i = 0; i < count && !error; i++) {
        const struct value *fields = fields_of(task, record[i].answers);
        struct value *rows = value_list(task->arena), *item;
        struct record place = {0};
        struct err ignored = {0};

        record_read(&task->office->log, task->db, STR("place"),
                    value_text_of(record[i].answers, "place"), task->arena,
                    &place, &ignored);
        item = item_new(task, &record[i], place.answers);
        for (size_t k = 0; k < value_count(fields); k++) {
            const char *name = str_c(task->arena, value_name_at(fields, k));
            struct value *row = value_object(task->arena);

            value_put_text(row, task->arena, "key", name);
            value_put_str(row, task->arena, "label", label_of(task, name));
            value_put_str(row, task->arena, "was",
                          standing(place.answers, name));
            value_put_str(row, task->arena, "now",
                          value_text(value_at(fields, k)));
            value_add(rows, task->arena, row);
        }
        value_put(item, task->arena, "fields", rows);
        value_add(list, task->arena, item);
    }
    value_put(view, task->arena, "changes", list);
    return error;
}

static enum error put_reports(struct task *task, struct value *view,
                              struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, STR("place_report"), STR_NULL);
    const struct question *what = form ? form_find(form, STR("what")) : NULL;
    struct value *list = value_list(task->arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = open_records(task, "place_report", "{state} = 'open'",
                                    &record, &count, err);

    for (size_t i = 0; i < count && !error && what; i++) {
        struct record place = {0};
        struct err ignored = {0};
        const struct choice *choice =
            choice_find(what->choices, standing(record[i].answers, "what"));
        struct value *item;

        record_read(&task->office->log, task->db, STR("place"),
                    value_text_of(record[i].answers, "place"), task->arena,
                    &place, &ignored);
        item = item_new(task, &record[i], place.answers);
        value_put_str(item, task->arena, "what",
                      choice ? texts_in(form, choice->label, task->language)
                             : standing(record[i].answers, "what"));
        value_put_str(item, task->arena, "times",
                      standing(record[i].answers, "times"));
        value_add(list, task->arena, item);
    }
    value_put(view, task->arena, "reports", list);
    return error;
}

static enum error put_stale(struct task *task, struct value *view,
                            struct err *err)
{
    struct value *list = value_list(task->arena);
    struct rows rows;
    enum error error;

    db_query(task->db, &rows, err,
             "SELECT public_place.id, public_place.name, public_place.due,"
             " directory_ask.made, directory_ask.email"
             " FROM public_place LEFT JOIN directory_ask"
             " ON directory_ask.site = $1"
             " AND directory_ask.place = public_place.id"
             " WHERE public_place.site = $1 AND public_place.due <= $2"
             " ORDER BY public_place.due, public_place.id LIMIT $3",
             "tii", log_site(&task->office->log, STR("place")), task_day(task),
             (int64_t)SHOWN);
    while (rows_next(&rows)) {
        struct value *item = value_object(task->arena);
        int64_t due = rows_int(&rows, 2);

        value_put_str(item, task->arena, "place",
                      str_copy(task->arena, rows_text(&rows, 0)));
        value_put_str(item, task->arena, "name",
                      str_copy(task->arena, rows_text(&rows, 1)));
        value_put_int(item, task->arena, "due_day", due);
        value_put_int(item, task->arena, "asked_at",
                      rows_null(&rows, 3) ? 0 : rows_int(&rows, 3));
        value_add(list, task->arena, item);
    }
    error = rows_end(&rows);
    value_put(view, task->arena, "stale", list);
    return error;
}

enum error directory_review(struct task *task, struct value **view,
                            struct err *err)
{
    enum error error = may_write(task, err);

    *view = value_object(task->arena);
    if (!error)
        error = put_changes(task, *view, err);
    if (!error)
        error = put_reports(task, *view, err);
    return error ? error : put_stale(task, *view, err);
}

/* --- deciding ------------------------------------------------------------- */

/* The proposed fields as answers; the first telephone among the others. */
static struct value *as_answers(struct task *task, const struct value *fields,
                                const struct value *place)
{
    struct value *answers = value_object(task->arena);

    for (size_t i = 0; directory_owner_fields[i]; i++) {
        const char *name = directory_owner_fields[i];
        const struct value *given = value_get(fields, name);
        struct value *phones, *first;

        if (!given)
            continue;
        if (strcmp(name, "phone_1") != 0) {
            value_put(answers, task->arena, name, given);
            continue;
        }
        phones = value_list(task->arena);
        first = value_count(value_get(place, "phones"))
                    ? value_copy(value_at(value_get(place, "phones"), 0),
                                 task->arena)
                    : value_object(task->arena);
        value_put(first, task->arena, "number", given);
        if (value_text(given).size)
            value_add(phones, task->arena, first);
        for (size_t k = 1; k < value_count(value_get(place, "phones")); k++)
            value_add(phones, task->arena,
                      value_at(value_get(place, "phones"), k));
        value_put(answers, task->arena, "phones", phones);
    }
    value_put_str(answers, task->arena, "verified_on",
                  date_text(task->arena, date_from_day(task_day(task))));
    value_put_text(answers, task->arena, "verified_how", "owner");
    return answers;
}

static enum error decide_state(struct task *task, struct change *change,
                               const struct record *record, const char *state,
                               struct err *err)
{
    bool report = str_equal_c(record->kind, "place_report");
    struct value *system = value_object(task->arena);
    struct saved saved;
    struct save save = {.kind = record->kind,
                        .id = record->id,
                        .base = record->clock,
                        .input = value_object(task->arena),
                        .system = system};

    value_put_text(system, task->arena, "state", state);
    value_put_str(system, task->arena, report ? "handled_by" : "decided_by",
                  task->actor.id);
    return record_prepare(task, change, &save, &saved, err);
}

static enum error accept_change(struct task *task, struct change *change,
                                const struct record *record, struct err *err)
{
    struct str id = value_text_of(record->answers, "place");
    struct record place;
    struct saved saved;
    struct save save = {.kind = STR("place"), .id = id};
    enum error error = record_read(&task->office->log, task->db, STR("place"),
                                   id, task->arena, &place, err);

    if (error)
        return error;
    save.input =
        as_answers(task, fields_of(task, record->answers), place.answers);
    return record_prepare(task, change, &save, &saved, err);
}

static enum error read_open(struct task *task, struct str id,
                            struct record *record, struct err *err)
{
    struct err none = {0};
    struct str state;
    enum error error =
        record_read(&task->office->log, task->db, STR("place_change"), id,
                    task->arena, record, &none);

    if (error)
        error = record_read(&task->office->log, task->db, STR("place_report"),
                            id, task->arena, record, err);
    if (error)
        return error;
    state = value_text_of(record->answers, "state");
    if (!str_equal_c(state, "waiting") && !str_equal_c(state, "open"))
        error = err_set(err, ERROR_CONFLICT, N_("Alguien ya lo decidió."), NULL,
                        NULL, NULL);
    return error;
}

enum error directory_decide(struct task *task, struct str id, bool accepted,
                            struct err *err)
{
    struct record record;
    struct change change;
    enum error error = may_write(task, err);
    bool report;

    if (!error)
        error = read_open(task, id, &record, err);
    if (error)
        return error;
    report = str_equal_c(record.kind, "place_report");
    change_init(&change, task);
    if (accepted && !report)
        error = accept_change(task, &change, &record, err);
    if (!error)
        error = decide_state(task, &change, &record,
                             report     ? accepted ? "done" : "dismissed"
                             : accepted ? "accepted"
                                        : "refused",
                             err);
    return error ? error : change_commit(&change, NULL, err);
}
