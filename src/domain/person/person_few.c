/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_few.c - the few answers that finding and matching look at, read in
 * one small query per candidate; her documents only when somebody asked by a
 * document. */
#include "domain/person/person_find.h"

static const char *const few[] = {
    "given_names", "first_surname",    "second_surname", "alias",
    "sex",         "birth_date",       "age_years",      "age_on",
    "age_source",  "age_youngest",     "age_band",       "nationality",
    "phone",       "whatsapp",         "case_code",      "merged_into",
    "bracelet",    "birth_place_text", "contact_person", "external_id"};
enum { FEW = sizeof few / sizeof few[0] };

enum error person_read_few(struct task *task, struct str id,
                           struct value **answers, int64_t *clock, bool *found,
                           struct err *err)
{
    const char *sql = project_sql(
        &task->office->log, task->db, task->arena,
        "SELECT {person.given_names}, {person.first_surname},"
        " {person.second_surname}, {person.alias}, {person.sex},"
        " {person.birth_date}, {person.age_years}, {person.age_on},"
        " {person.age_source}, {person.age_youngest}, {person.age_band},"
        " {person.nationality}, {person.phone}, {person.whatsapp},"
        " {person.case_code}, {person.merged_into}, {person.bracelet},"
        " {person.birth_place_text}, {person.contact_person},"
        " {person.external_id}, {person}._clock FROM {person}"
        " WHERE {person}._site = $1 AND {person}._id = $2"
        " AND {person}._state <> 'erased'",
        err);
    struct value *object = value_object(task->arena);
    struct rows rows;
    enum error error;

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error =
        db_query(task->db, &rows, err, sql, "tt", task->office->log.site, id);
    if (error)
        return error;
    *found = rows_next(&rows);
    for (size_t i = 0; *found && i < FEW; i++)
        if (!rows_null(&rows, i))
            value_put_str(object, task->arena, few[i],
                          str_copy(task->arena, rows_text(&rows, i)));
    if (*found && clock)
        *clock = rows_int(&rows, FEW);
    *answers = object;
    return rows_end(&rows);
}

enum error person_read_documents(struct task *task, struct str id,
                                 struct value *answers, struct err *err)
{
    static const char *const field[] = {"doc_type", "issuing_country",
                                        "doc_number"};
    struct value *list = value_list(task->arena);
    struct rows rows;
    enum error error;
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena,
                    "SELECT m.{person.documents.doc_type},"
                    " m.{person.documents.issuing_country},"
                    " m.{person.documents.doc_number} FROM {person.documents} m"
                    " WHERE m._site = $1 AND m._record = $2"
                    " AND m.{person.documents.doc_number} IS NOT NULL",
                    err);

    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    error =
        db_query(task->db, &rows, err, sql, "tt", task->office->log.site, id);
    if (error)
        return error;
    while (rows_next(&rows)) {
        struct value *row = value_object(task->arena);

        for (size_t i = 0; i < 3; i++)
            if (!rows_null(&rows, i))
                value_put_str(row, task->arena, field[i],
                              str_copy(task->arena, rows_text(&rows, i)));
        value_add(list, task->arena, row);
    }
    value_put(answers, task->arena, "documents", list);
    return rows_end(&rows);
}
