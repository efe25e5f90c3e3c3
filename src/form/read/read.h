/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* read.h - the sheets of an .xlsx, .xlsm (libzip, expat) or .xls file, and a
 * list of choices in XML as one sheet.
 *
 * Native only: nothing of this folder is in the browser build. Files come
 * from strangers, so everything is counted while it is read (intake.h) and a
 * file that asks for too much is refused with the reason, within the memory
 * and the time that an honest one of the same size takes.
 *
 * A cell becomes the text its author sees, as XLSForm wants it: whole numbers
 * without .0, TRUE and FALSE, ISO dates, a formula's kept value.
 */
#ifndef COBIJO_READ_H
#define COBIJO_READ_H

#include "form/table.h"

enum error read_tables(struct arena *arena, struct str bytes,
                       struct tables *tables, struct err *err);

/* The files of a zip whose names end in suffix, PACKED_MOST and TABLE_TEXT_MAX
 * bytes together at most; count 0: none. */
enum error read_archive(struct arena *arena, struct str bytes,
                        struct str suffix, struct packed *packed,
                        struct err *err);
/* They as one zip (archive_write.c). */
enum error write_archive(struct arena *arena, const struct packed *packed,
                         struct str *bytes, struct err *err);

#endif
