/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* list_file.h - a list of choices that comes in a file of its own beside the
 * form: select_one_from_file villages.csv, regions.xml, places.geojson,
 * pulldata('villages', …).
 *
 * It is kept with the form, as one more sheet of its text that bears the
 * file's name, so a version of a form is always whole. What a telephone
 * downloads under that name is written from the same rows.
 *
 *     .csv      as it is
 *     .xml      <root><item><name>…</name><label>…</label></item>…</root>
 *     .geojson  a row for each feature: id, its properties, geometry as ODK
 *               writes it ("19.43 -99.13 0 0; …")
 *
 * docs.getodk.org/form-datasets says what is in them.
 */
#ifndef COBIJO_LIST_FILE_H
#define COBIJO_LIST_FILE_H

#include "form/table.h"

/* By the ending of its name, in any case. */
bool list_file_is(struct str name);
/* Adds the file as a sheet of that name, its headings first. ERROR_INPUT says
 * what is wrong with it. */
enum error list_file_read(const struct host *host, struct arena *arena,
                          struct str name, struct str bytes,
                          struct tables *tables, struct err *err);
/* The form's text with each list as one more sheet, in place of the one that a
 * file of its name left before. text: UTF-8. */
struct str list_files_join(struct arena *arena, struct str text,
                           const struct tables *lists);
/* The file again, in the format of the table's name. NULL when out of
 * memory. */
struct str list_file_write(struct arena *arena, const struct table *table);

#endif
