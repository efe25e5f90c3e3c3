/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_export.h - the whole public directory as files. Nothing but the public
 * tables is read.
 */
#ifndef COBIJO_HSDS_EXPORT_H
#define COBIJO_HSDS_EXPORT_H

#include "domain/directory/hsds.h"

enum directory_format {
    DIRECTORY_HSDS,    /* a list of services, fully nested */
    DIRECTORY_GEOJSON, /* points of those that have a position */
    DIRECTORY_CSV      /* a row per place; an import reads it again */
};

/* Called with pieces of the file, in order. */
typedef enum error (*export_taker)(void *context, struct str piece,
                                   struct err *err);
enum error directory_export(struct task *task, enum directory_format format,
                            export_taker take, void *context, struct err *err);
/* The tables of HSDS: called with each file once, datapackage.json last. */
typedef enum error (*export_file)(void *context, const char *name,
                                  struct str text, struct err *err);
enum error directory_export_tables(struct task *task, export_file take,
                                   void *context, struct err *err);
/* They as one zip. */
enum error directory_export_zip(struct task *task, struct str *bytes,
                                struct err *err);

#endif
