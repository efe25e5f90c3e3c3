/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* directory_import.h - places and organizations from a file of somebody else.
 *
 *     HSDS JSON     services, organizations, service_at_locations, nested as
 *                   the API gives them, alone, in a list, on a page
 *                   ("contents"), or one on each line (ndjson)
 *     HSDS tabular  the CSVs of a datapackage, or one JSON object of tables
 *     GeoJSON       points with properties
 *     CSV           headings by catalog/place_heading.csv, values by
 *                   catalog/place_value.csv
 *
 * The same object again changes its record and makes no second one: ids are
 * made of the file's ids (with the name beside those that are no UUIDs), or of
 * name and place. What is wrong in a row is left out and told with its line;
 * a row without a name is refused; all others go on. An import never shows
 * what a house has protected: where a record is more closed than the file, it
 * stays so, and an older assurance does not replace a newer one.
 */
#ifndef COBIJO_DIRECTORY_IMPORT_H
#define COBIJO_DIRECTORY_IMPORT_H

#include "domain/directory/directory.h"

/* A file of the datapackage. */
struct place_file {
    struct str name, bytes; /* services.csv */
};

/* A file as it was sent: text as it is, a zip of CSVs as its files, a workbook
 * as the text of its fullest sheet. */
enum { PLACE_FILES_MOST = 40 };
enum error place_files(struct task *task, struct str name, struct str bytes,
                       struct place_file file[PLACE_FILES_MOST], size_t *files,
                       struct err *err);

struct place_import {
    bool dry_run;
    struct str name; /* of the file; empty: of the first one */
    /* What its columns are: CSV, heading,field; a field that is empty: left
     * out. Empty, or a heading that is not in it: as the catalogue proposes. */
    struct str map;
    /* Each thing that is wrong: where ("línea 7", "services[3]") and what,
     * in the task's language; of those that are not told one by one, once, with
     * "…" for where. NULL: not told. */
    void (*tell)(void *context, struct str where, struct str what);
    void *context;
    /* out */
    const char *format; /* csv, geojson, hsds, hsds-csv */
    size_t added, changed, same, refused, left_out, organizations;
    size_t broken;         /* lines of CSV among the refused; 1,000 are told */
    struct value *columns; /* of CSV: [{heading, field}] */
    struct str batch; /* record of kind import_batch; empty: nothing written */
};

/* Needs the rights to write places and to import. One file, or all those of a
 * datapackage. Rows before an error of the store stay. */
enum error place_import_run(struct task *task, const struct place_file *file,
                            size_t files, struct place_import *import,
                            struct err *err);

/* Is it an import of places? */
bool place_import_is(struct task *task, struct str batch);
/* Takes it back: erases what it made, puts back what it changed. What somebody
 * changed since, or refers to, is kept. */
struct place_undone {
    size_t removed, restored, kept;
};
enum error place_import_undo(struct task *task, struct str batch,
                             struct place_undone *undone, struct err *err);

#endif
