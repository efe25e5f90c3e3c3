/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_read.h - what a cell of a shelter's spreadsheet means. Dates in many
 * forms, ages that are dates and dates that are ages, sex in one letter,
 * nationalities in five spellings, telephones with and without a country.
 *
 * A cell that can mean two things is CELL_OPEN, never a guess. A cell that
 * cannot be true (31 February, 230 years) is CELL_WRONG.
 */
#ifndef COBIJO_IMPORT_READ_H
#define COBIJO_IMPORT_READ_H

#include "core/date.h"
#include "domain/catalog.h"
#include "form/form.h"

enum cell {
    CELL_EMPTY,
    CELL_OK,
    CELL_OPEN, /* not understood or ambiguous: the answer stays open */
    CELL_WRONG /* impossible: the row is refused */
};

/* Lower case, no accents, words of letters and digits with one space. */
struct str cell_words(struct arena *arena, struct str text);
/* "", "-", "N/A", "s/d", "?": nothing was written. */
bool cell_is_blank(struct arena *arena, struct str text);

struct cell_date {
    struct date date;
    bool short_year; /* two figures: date.year is 0 to 99 */
};
/* 31/12/1998, 31/12/98, 1998-12-31, 1998-12, 12/1998, 27-oct-1999, 1998, "3 de
 * mayo de 1990". Day before month. Two-figure years are left to the caller
 * (cell_century). CELL_WRONG: such a day does not exist. */
enum cell cell_date(struct arena *arena, struct str text,
                    struct cell_date *date);
/* The century of a birth year: not after the reference day; age (-1 unknown)
 * decides where both fit. */
void cell_century(struct cell_date *date, int64_t reference, int age);

struct cell_age {
    int years;   /* the lowest when it is a range */
    int highest; /* -1: the same */
    bool about;  /* aprox, ~, unos, a range */
};
/* 31, "31 años", "aprox. 25 años", "~33", "30-35", "8 meses". CELL_WRONG below
 * 0 or above 120. */
enum cell cell_age(struct arena *arena, struct str text, struct cell_age *age);

/* How the choices of a question are written: names, labels in the form's
 * languages, other spellings of their rows (columns aliases, demonym…, iso2,
 * bcp47; several apart by ;), rows of catalog/import_value.csv (may be NULL).
 * A choice named by one letter (sex M) is not taken by that letter alone:
 * only import_value.csv can say so. Made once per import. */
struct spellings;
struct spellings *spellings_make(struct arena *arena,
                                 const struct question *question,
                                 size_t languages,
                                 const struct catalog_table *values);
enum cell cell_choice(struct arena *arena, const struct spellings *spellings,
                      struct str text, struct str *code);
/* E.164 where the country is written or the number has its country's length
 * in the office's country; else digits only. CELL_OPEN under 6 figures. */
enum cell cell_phone(struct arena *arena, struct str text,
                     struct str office_country, struct str *phone);
/* A line that sums up others, after catalog/import_total.csv. */
bool cell_is_total(struct arena *arena, const struct catalog_table *totals,
                   struct str text);

#endif
