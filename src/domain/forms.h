/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms.h - the forms in use, newest version and all older ones. Forms are
 * entries of the log too (kind "form", body {"name","version","source"}), so
 * the log alone rebuilds everything. Snapshots are immutable; installing a
 * new version swaps the list under a lock of the host's.
 */
#ifndef COBIJO_FORMS_H
#define COBIJO_FORMS_H

#include "form/xlsform.h"
#include "store/log.h"

struct forms;

/* version empty: the newest. NULL when there is none. */
const struct form *forms_find(const struct forms *forms, struct str name,
                              struct str version);
size_t forms_list(const struct forms *forms, struct arena *arena,
                  const struct form ***form); /* newest of each, by name */

struct office;
enum error forms_load(struct office *office, struct db *db, struct err *err);
/* Reads, checks, appends the entry, makes the tables. Same version and same
 * source again: nothing happens. */
enum error forms_install(struct office *office, struct db *db, struct str csv,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err);

#endif
