/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* intake.h - what the readers share: where cells go, and how much of
 * everything a file may ask for. The first failure stays.
 */
#ifndef COBIJO_INTAKE_H
#define COBIJO_INTAKE_H

#include "form/table.h"

enum {
    READ_FILE_MAX = 64 << 20,
    READ_INFLATED_MAX = 192 << 20, /* all parts of a zip together */
    READ_RATIO_MAX = 200,          /* of what is inflated, from 8 MiB on */
    READ_PARTS_MAX = 4096,
    READ_DEPTH_MAX = 64,
    READ_SHEETS_MAX = 256,
    READ_ROWS_MAX = 200000, /* of a sheet, with something in them */
    READ_COLUMNS_MAX = 4000,
    READ_CELLS_MAX = 3000000,
    READ_CELL_SIZE_MAX = 256 << 10,
    READ_STRINGS_MAX = 1000000,
    READ_STYLES_MAX = 100000,
    READ_MERGES_MAX = 50000
};

/* What a number is, by its format. */
enum cell_kind { CELL_NUMBER, CELL_DATE, CELL_TIME, CELL_DURATION };

struct intake {
    struct arena *arena;  /* what stays */
    struct arena scratch; /* what is gone at the end */
    struct tables *tables;
    struct table *table; /* being filled */
    struct str *cell;    /* of its row being filled */
    size_t row, width;   /* number from 1, 0 none */
    size_t cells, text;  /* so far */
    bool date1904;
    struct err *err;
};

/* read_tables opens and closes; the fuzzers too. */
bool intake_open(struct intake *intake, struct arena *arena,
                 struct tables *tables, struct err *err);
enum error intake_close(struct intake *intake);
bool intake_failed(const struct intake *intake);
/* All return false. part: of the file, for who must find it. */
bool intake_damaged(struct intake *intake, const char *part);
bool intake_too_large(struct intake *intake, const char *msgid, size_t most);
bool intake_text_too_large(struct intake *intake);

bool intake_sheet(struct intake *intake, struct str name, bool hidden);
/* Row from 1, column from 0. Rows come in order, cells of a row in any. */
bool intake_cell(struct intake *intake, size_t row, size_t column,
                 struct str text);
void intake_fault(struct intake *intake, size_t row, size_t column,
                  struct str error);
bool intake_sheet_end(struct intake *intake);

struct merge {
    size_t first_row, last_row, first_column, last_column; /* from 0 */
};

/* After the sheet's end: what merged cells hide is not read. */
bool intake_merges(struct intake *intake, const struct merge *merge,
                   size_t count);

/* --- cell.c --------------------------------------------------------------- */

/* Of a built-in number format, or of the code of another. */
enum cell_kind cell_kind_builtin(unsigned id);
enum cell_kind cell_kind_code(struct str code);
struct str cell_number(struct arena *arena, double number, enum cell_kind kind,
                       bool date1904);
/* As an error value is written: 0x17 is #REF!. */
struct str cell_error(unsigned code);

/* --- the formats ---------------------------------------------------------- */

bool xlsx_read(struct intake *intake, struct str bytes);
/* False: the end of the zip claims more than READ_PARTS_MAX. */
bool archive_few_parts(struct str bytes);
bool biff_read(struct intake *intake, struct str bytes);

#endif
