/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* twin.c - reads the pairs from the persons' own answers, so that what was
 * merged, erased or decided needs no second list to be kept true. */
#include "domain/person/twin.h"

#include "domain/person/merge.h"
#include "domain/person/person_find.h"
#include "domain/record/record.h"

static const char from_where[] =
    " FROM {person} WHERE {person}._site = $1"
    " AND {person.twin_of} IS NOT NULL AND {person.twin_of} <> ''"
    " AND ({person.merged_into} IS NULL OR {person.merged_into} = '')"
    " AND {person}._state <> 'erased'"
    " AND ($2 = '' OR {person.import_batch} = $2)";

static const char *pairs_sql(struct task *task, const char *what,
                             const char *order, struct err *err)
{
    struct arena *arena = task->arena;

    return project_sql(&task->office->log, task->db, arena,
                       str_format(arena, "%s%s%s", what, from_where, order).at,
                       err);
}

static enum error count_pairs(struct task *task, struct str batch,
                              size_t *total, struct err *err)
{
    const char *sql = pairs_sql(task, "SELECT count(*)", "", err);
    int64_t number = 0;
    bool found = false;
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error = db_get_int(task->db, &number, &found, err, sql, "tt",
                       task->office->log.site, batch);
    *total = (size_t)number;
    return error;
}

static enum error read_pairs(struct task *task, struct str batch, size_t limit,
                             struct twin *twin, size_t *count, struct err *err)
{
    const char *sql =
        pairs_sql(task, "SELECT {person}._id, {person.twin_of}",
                  " ORDER BY {person}._clock, {person}._id LIMIT $3", err);
    struct rows rows;
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error = db_query(task->db, &rows, err, sql, "tti", task->office->log.site,
                     batch, (int64_t)limit);
    if (error)
        return error;
    while (rows_next(&rows) && *count < limit)
        twin[(*count)++] =
            (struct twin){.person = str_copy(task->arena, rows_text(&rows, 0)),
                          .other = str_copy(task->arena, rows_text(&rows, 1))};
    return rows_end(&rows);
}

static enum error read_one(struct task *task, struct str id,
                           const struct value **answers, bool *found,
                           struct err *err)
{
    struct value *few = NULL;
    enum error error = person_read_few(task, id, &few, NULL, found, err);

    if (!error && *found)
        error = person_read_documents(task, id, few, err);
    *answers = few;
    return error;
}

/* *stands false: the other is gone, or the two were merged the other way. */
static enum error fill_pair(struct task *task,
                            const struct match_weights *weights,
                            struct twin *twin, bool *stands, struct err *err)
{
    const struct name_rules *rules = task_names(task);
    struct match_facts one, two;
    struct str kept = twin->other;
    bool first = false, second = false;
    enum error error = person_resolve(task, twin->other, &kept, err);

    *stands = false;
    if (error == ERROR_NOT_FOUND) {
        err_clear(err);
        return ERROR_NONE;
    }
    twin->other = kept;
    if (!error)
        error = read_one(task, twin->person, &twin->answers, &first, err);
    if (!error)
        error = read_one(task, kept, &twin->other_answers, &second, err);
    if (error || !first || !second || str_equal(kept, twin->person))
        return error;
    *stands = true;
    match_facts_of(rules, task->arena, twin->answers, task_day(task), &one);
    match_facts_of(rules, task->arena, twin->other_answers, task_day(task),
                   &two);
    match_compare(rules, weights, &one, &two, &twin->match);
    twin->match.id = kept;
    twin->match.answers = twin->other_answers;
    return ERROR_NONE;
}

enum error twin_list(struct task *task, struct str batch, size_t limit,
                     struct twin **twin, size_t *count, size_t *total,
                     struct err *err)
{
    struct twin *all = ARENA_ARRAY(task->arena, struct twin, limit + 1);
    struct match_weights weights;
    size_t read = 0, kept = 0;
    enum error error;

    if (!all)
        return err_memory(err);
    match_weights_read(catalog_table(task->office->catalog, "match_weight"),
                       &weights);
    error = count_pairs(task, batch, total, err);
    if (!error)
        error = read_pairs(task, batch, limit, all, &read, err);
    for (size_t i = 0; !error && i < read; i++) {
        bool stands = false;

        all[kept] = all[i];
        error = fill_pair(task, &weights, &all[kept], &stands, err);
        kept += stands;
    }
    *total -= read - kept;
    *twin = all;
    *count = kept;
    return error;
}

enum error twin_dismiss(struct task *task, struct str person, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct saved saved;
    struct save save = {.kind = STR("person"),
                        .id = person,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true};

    if (!role_has(task->actor.role, RIGHT_PERSON_MERGE))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite unir expedientes. Pida ayuda "
                          "a quien supervisa."),
                       NULL, NULL, NULL);
    value_put_str(system, task->arena, "twin_of", STR(""));
    return record_save(task, &save, &saved, err);
}
