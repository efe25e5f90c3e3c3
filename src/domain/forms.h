/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms.h - the forms in use, newest version and all older ones. Forms are
 * entries of the log too (kind "form", body {"name","version","source"}), so
 * the log alone rebuilds everything. Snapshots are immutable and stay until
 * the office closes; readers take the newest without a lock, installing
 * swaps it once the entry is durable.
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
/* Reads the forms from the log; again later (a tick) to take in what another
 * process installed. */
enum error forms_load(struct office *office, struct db *db, struct err *err);
/* Reads, checks, appends the entry and makes the tables through
 * office->write, then swaps the list. db is a reading connection. Same
 * version and same source again: nothing happens; same version with another
 * source: ERROR_CONFLICT. Problems live as long as the office. */
enum error forms_install(struct office *office, struct db *db, struct str csv,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err);
/* The files that forms/INDEX names, installed on a writing connection inside
 * the caller's transaction (office_create). */
enum error forms_install_shipped(struct office *office, struct db *db,
                                 const struct form_files *files,
                                 struct err *err);
struct forms *forms_new(struct arena *arena); /* empty */
void forms_release(struct forms *forms);
/* For struct log: the version asked for, else the newest. */
const struct form *forms_for_log(void *context, struct str kind,
                                 struct str version);

#endif
