/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_map.h - which column of a file is which answer: proposed from the
 * headings (catalog/import_heading.csv), corrected by the worker, kept in a
 * small CSV of two or three columns:
 *
 *     heading,field,values
 *     SEXO (H/M),sex,M=M;H=H
 *     Observaciones,notes,
 *
 * field is a question of the form person, or one of the names below; empty:
 * the column is left out. values says what a cell means when the program may
 * not guess.
 *
 *     full_name      a whole name in one column
 *     surnames       both surnames in one column
 *     birth_or_age   a date of birth or an age
 *     arrived_on     the day of arrival
 *     left_on        the day of leaving
 *     head_ref       the number (external_id) of the head of the family
 */
#ifndef COBIJO_IMPORT_MAP_H
#define COBIJO_IMPORT_MAP_H

#include "core/csv.h"
#include "domain/catalog.h"
#include "form/form.h"

struct import_column {
    struct str heading; /* as in the file */
    size_t index;       /* in its rows */
    struct str field;   /* empty: left out */
    int confidence;     /* 0 to 100 */
    struct str values;  /* "M=M;H=H" */
};

struct import_map {
    struct import_column *column;
    size_t count;
};

/* What the heading row means. known: how many columns have a field. */
enum error
import_map_propose(struct arena *arena, const struct catalog *catalog,
                   const struct form *form, const struct csv_row *heading,
                   struct import_map *map, size_t *known, struct err *err);
/* A map file laid over the proposal: its rows decide for their headings.
 * Unknown headings and fields are errors with the line. */
enum error import_map_read(struct arena *arena, const struct form *form,
                           struct str csv, struct import_map *map,
                           struct err *err);
struct str import_map_write(struct arena *arena, const struct import_map *map);
/* The column of a field, or NULL. */
const struct import_column *import_map_find(const struct import_map *map,
                                            const char *field);
/* What `values` says a cell means; STR_NULL: nothing. */
struct str import_map_value(struct arena *arena,
                            const struct import_column *column,
                            struct str cell);

#endif
