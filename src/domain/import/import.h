/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import.h - takes the register that a shelter keeps in a spreadsheet.
 *
 *     import_plan   reads everything, writes nothing (--dry-run shows it)
 *     import_run    writes what the plan adds, 500 rows a transaction
 *     import_undo   takes a batch back
 *
 * A row becomes a person, an arrival on its day and, by head_ref, a family.
 * Its record's id comes from the row's cells: the same row again, in the same
 * file or another, is known and adds nothing; after an undo it can come in
 * again. Nothing is guessed: what is ambiguous comes in open and is listed,
 * what is impossible is refused with line and reason. Remarks are kept as
 * notes and never become profiles.
 */
#ifndef COBIJO_IMPORT_H
#define COBIJO_IMPORT_H

#include "domain/import/import_map.h"
#include "domain/record/record.h"

enum import_outcome {
    IMPORT_ADD,
    IMPORT_DUPLICATE, /* known: imported before, or twice in the file */
    IMPORT_REFUSE,
    IMPORT_SKIP /* titles, empty lines, the headings again */
};

enum import_weight {
    IMPORT_HINT, /* worth a look */
    IMPORT_OPEN, /* an answer stays open */
    IMPORT_FATAL /* the row is refused */
};

struct import_note {
    enum import_weight weight;
    struct str heading; /* of the column, may be empty */
    struct err err;     /* message */
};

struct import_row {
    size_t line; /* as a text editor counts */
    enum import_outcome outcome;
    bool open; /* has an answer that must be cleared up */
    struct import_note *note;
    size_t notes;
    struct str name;          /* as it will stand, or as it was written */
    struct str id;            /* of the person's record */
    struct str twin;          /* id of who she may be already, or empty */
    struct str ref, head_ref; /* folio, and that of the family's head */
    size_t head;              /* row of the head of her family, SIZE_MAX none */
    const struct value *person, *arrival; /* of a row that adds */
};

enum { IMPORT_ROWS_MAX = 200000, IMPORT_BATCH_ROWS = 500 };

struct import_plan {
    struct str kind;
    struct str file_hash;
    bool latin1;
    char separator;
    size_t heading_line;
    struct import_map map;
    struct import_row *row;
    size_t rows;
    size_t added, duplicates, refused, skipped, open;
    size_t twins; /* rows that may be somebody who is there already; counted by
                     import_plan_known */
};

/* map_csv null: the proposal. ERROR_INPUT when there is no heading row or no
 * column with names. */
enum error import_plan(struct task *task, struct str kind, struct str bytes,
                       struct str map_csv, struct import_plan *plan,
                       struct err *err);

/* Looks for each row that adds among the people in the store: who may be
 * somebody already gets a hint that says whom and why. For showing a plan; the
 * run looks by itself, row by row. About a millisecond a row. */
enum error import_plan_known(struct task *task, struct import_plan *plan,
                             struct err *err);

struct import_result {
    struct str batch; /* empty when there was nothing to add */
    size_t added, groups;
};
enum error import_run(struct task *task, const struct import_plan *plan,
                      struct str file_name, struct import_result *result,
                      struct err *err);

/* Files on which somebody has worked since are kept and counted. */
struct import_undone {
    size_t removed, kept;
};
enum error import_undo(struct task *task, struct str batch,
                       struct import_undone *undone, struct err *err);

/* For page and command: counts, columns, and rows (limit 0: all) whose
 * outcome or openness `which` asks for: "", "add", "open", "duplicate",
 * "refused", "skipped". */
struct value *import_plan_view(struct task *task,
                               const struct import_plan *plan,
                               const char *which, size_t limit);
/* "línea 14: rechazada: la edad 230 no es posible", a line each: refusals
 * first, then what stays open, then hints. */
struct str import_problems(struct task *task, const struct import_plan *plan);

#endif
