/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* table.h - the sheets of a workbook as rows of text, whatever file they came
 * in, and how they become the one text that the program keeps: a form is
 * stored, shown, sent to the browser and read again as CSV.
 *
 *     .xlsx .xls   form/read/, native only, handed in as host.read_tables
 *     Markdown     markdown_read
 *     .csv         as it is
 *
 * What a file is, is told by its first bytes and never by its name.
 */
#ifndef COBIJO_TABLE_H
#define COBIJO_TABLE_H

#include "core/host.h"

enum table_format {
    TABLE_CSV, /* or anything that is read as text */
    TABLE_MARKDOWN,
    TABLE_ZIP,  /* .xlsx, .xlsm, and what only looks like them */
    TABLE_OLE,  /* .xls */
    TABLE_OTHER /* a PDF, a picture, a web page named .xls */
};

struct table_row {
    size_t number; /* as the spreadsheet counts, from 1 */
    struct str *cell;
    size_t count; /* the last cell is not empty */
};

struct table {
    struct str name;
    bool hidden;
    struct table_row *row; /* numbers grow; empty rows are left out */
    size_t rows;
};

/* A cell whose content is not what its author sees or means. */
struct table_fault {
    size_t table, row, column; /* column from 0 */
    struct str error;          /* #REF! …; empty: a formula without value */
};

struct tables {
    struct table *table;
    size_t count;
    struct table_fault *fault; /* the first TABLE_FAULTS_MAX of each table */
    size_t faults;
};

/* Files out of a zip, names without folders. */
enum { PACKED_MOST = 40 };
struct packed {
    struct {
        struct str name, bytes;
    } file[PACKED_MOST];
    size_t count;
};

enum { TABLE_FAULTS_MAX = 20, TABLE_TEXT_MAX = 64 << 20 };

enum table_format table_format(struct str bytes);

/* NULL when out of memory. The name is not copied. */
struct table *tables_add(struct arena *arena, struct tables *tables,
                         struct str name);
/* Copies the cells up to the last that is not empty; a row without any is not
 * added. Texts are not copied. */
bool table_add(struct arena *arena, struct table *table, size_t number,
               const struct str *cell, size_t count);
/* A first row before all others, whose numbers rise: headings known last. False
 * when they are empty, or out of memory. */
bool table_head(struct arena *arena, struct table *table,
                const struct str *cell, size_t count);
void table_fault_add(struct arena *arena, struct tables *tables,
                     const struct table_fault *fault);
/* Empties the cells that a merged one covers; all from 0, ends included.
 * Returns how many it looked at. */
size_t table_merge(struct table *table, size_t first_row, size_t last_row,
                   size_t first_column, size_t last_column);
/* B7, for column 1 and row 7. */
struct str table_cell_name(struct arena *arena, size_t row, size_t column);

/* The layout that xls_book_csv understands: 20 empty headings end the columns,
 * 60 empty rows the rows, rows keep their numbers; a lone sheet is survey. */
struct str tables_form(struct arena *arena, const struct tables *tables);
/* One sheet as plain CSV, a line for each row: SIZE_MAX when there is none. */
size_t tables_fullest(const struct tables *tables);
struct str tables_sheet(struct arena *arena, const struct tables *tables,
                        size_t sheet);

/* | a | table | as people write it in Markdown |; the sheet's name in the
 * first column. */
enum error markdown_read(struct arena *arena, struct str text,
                         struct tables *tables, struct err *err);

/* --- a file as text ------------------------------------------------------- */

/* A form's file, in any format, as the CSV that is kept of it. */
enum error form_text(const struct host *host, struct arena *arena,
                     struct str bytes, struct str *text, struct err *err);
/* A register's file, in any format, as import_plan takes it. *sheet: the one
 * that was read when there were others with something in them, else empty. */
enum error register_text(const struct host *host, struct arena *arena,
                         struct str bytes, struct str *text, struct str *sheet,
                         struct err *err);

#endif
