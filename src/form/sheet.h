/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheet.h - the sheets of a workbook written as one CSV, headers understood. */
#ifndef COBIJO_SHEET_H
#define COBIJO_SHEET_H

#include "core/err.h"

enum { SHEET_COLUMNS_MAX = 500, SHEET_ROWS_MAX = 100000 };

struct column {
    struct str header;   /* as written */
    struct str base;     /* label, bind::cobijo:merge …, small letters */
    struct str language; /* of label::Español (es): es */
    bool translated;     /* a language was named */
    bool repeated;       /* an earlier column is the same */
};

struct sheet_row {
    size_t row; /* as the spreadsheet counts, header = 1 */
    struct str *cell;
    size_t count;
};

struct sheet {
    struct str name;
    struct column *column;
    size_t columns;
    struct sheet_row *row;
    size_t rows;
};

struct workbook {
    struct sheet survey, choices, settings;
    bool any; /* at least one sheet's name was found */
};

/* Text must be UTF-8 (csv_decode). False on an error of the CSV itself. */
bool workbook_read(struct arena *arena, struct str text,
                   struct workbook *workbook, struct err *err);
/* A file of one sheet: the first row is the header. */
bool sheet_read(struct arena *arena, struct str text, struct sheet *sheet,
                struct err *err);

/* The cell, trimmed, "" when there is none; column may be SIZE_MAX. */
struct str sheet_cell(const struct sheet_row *row, size_t column);
/* The first column without a language of that base, or SIZE_MAX. */
size_t sheet_column(const struct sheet *sheet, const char *base);
struct str sheet_get(const struct sheet *sheet, const struct sheet_row *row,
                     const char *base);

/* "Español (es)" or "es" or "Spanish": es. */
struct str language_code(struct arena *arena, struct str name, bool *known);

#endif
