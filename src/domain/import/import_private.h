/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_private.h - what import.c, import_row.c, import_run.c, import_job.c
 * and import_twins.c share. */
#ifndef COBIJO_IMPORT_PRIVATE_H
#define COBIJO_IMPORT_PRIVATE_H

#include "domain/import/import.h"
#include "domain/import/import_job.h"
#include "domain/import/import_read.h"
#include "domain/person/match.h"
#include "domain/person/name.h"

/* What reading the rows of one file needs. */
struct import_reader {
    struct task *task;
    struct arena *scratch; /* emptied between rows */
    struct import_plan *plan;
    const struct form *form;
    const struct name_rules *names;
    const struct catalog_table *values, *totals;
    struct spellings **spellings; /* of each column of the map, or NULL */
    const struct csv_row *heading;
};

/* Makes what the row says: outcome, notes, answers. */
void import_row_read(struct import_reader *reader, const struct csv_row *cells,
                     struct import_row *row);
void import_row_note(struct arena *arena, struct import_row *row,
                     enum import_weight weight, struct str heading,
                     const char *msgid, struct str arg1, struct str arg2);
/* The person in the store that a row that adds most likely is. */
enum error import_row_twin(struct task *task, const struct import_row *row,
                           struct match *match, bool *found, struct err *err);
/* Hints at rows of the file that look like the same person. */
void import_find_twins(struct import_reader *reader);
/* The lines of import_problems; kept: as they stay with the batch, without the
 * hints and without what the cells said. */
struct str import_problem_lines(struct task *task,
                                const struct import_plan *plan, bool kept);
/* A UUID made from texts: the same texts give the same id. */
struct str import_uuid(const struct host *host, struct arena *arena,
                       const char *what, struct str text);

/* --- writing: import_run in one go, import_job a slice at a time ---------- */

enum error import_right(const struct task *task, struct err *err);
/* The batch's own record, as it stands before its first row. also: a step of
 * the same transaction, or NULL. */
enum error import_batch_open(struct task *task, const struct import_plan *plan,
                             struct str file_name, struct str batch,
                             const struct change_step *also, struct err *err);
enum error import_batch_end(struct task *task, struct str batch, size_t added,
                            struct err *err);
bool import_families_link(const struct running *running,
                          struct families *families);
/* One transaction: the next persons from *row on, or with families the next
 * groups. *used: how many at most, then how many there were. */
enum error import_slice(struct running *running,
                        const struct families *families, size_t *row,
                        size_t *used, const struct change_step *also,
                        struct err *err);

#endif
