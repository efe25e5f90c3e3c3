/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms.h - the forms in use, newest version and all older ones. Forms are
 * entries of the log too (kind "form", body {"name","version","source"} and
 * "shipped" when it came with the program), so the log alone rebuilds
 * everything. Snapshots are immutable and stay until
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
size_t forms_every(const struct forms *forms, struct arena *arena,
                   const struct form ***form); /* all, oldest first */

/* All versions of one form, newest first. */
size_t forms_of_kind(const struct forms *forms, struct str name,
                     struct arena *arena, const struct form ***form);

struct office;
/* Reads the forms from the log; again later (a tick) to take in what another
 * process installed. */
enum error forms_load(struct office *office, struct db *db, struct err *err);
/* forms_load when another process installed something; asks the database at
 * most once a second. For every request. */
enum error forms_catch_up(struct office *office, struct db *db, int64_t now,
                          struct err *err);
/* Reads, checks, appends the entry and makes the tables through
 * office->write, then swaps the list. db is a reading connection. Same
 * version and same source again: nothing happens; same version with another
 * source: ERROR_CONFLICT. Problems live as long as the office. */
enum error forms_install(struct office *office, struct db *db, struct str csv,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err);
/* The same by somebody who looked at it first. Columns are added without
 * keeping those who read waiting: on PostgreSQL it waits for a reader a moment
 * only, lets the others through and tries again, ERROR_BUSY after a while. */
struct forms_order {
    struct str csv;
    struct str author; /* a user's record id; empty: the system */
    struct str base;   /* the version in use that she saw, "" for none; another
                          one by now: ERROR_CONFLICT. STR_NULL: not asked */
    bool shipped;      /* the file came with the program */
    store_change also; /* in the same transaction, or NULL */
    void *also_context;
};
enum error forms_publish(struct office *office, struct db *db,
                         const struct forms_order *order,
                         const struct form_files *files,
                         struct form_problems *problems, struct err *err);
/* As forms_publish would read it: lists from catalog/ and forms/. */
const struct form *forms_read(const struct office *office, struct arena *arena,
                              struct str csv, struct form_problems *problems);
/* The tables of all versions that the log has, those without any record, too,
 * and all projections made again; in one transaction. */
enum error forms_rebuild(struct office *office, int64_t *entries,
                         struct err *err);
/* The files that forms/INDEX names, installed on a writing connection inside
 * the caller's transaction (office_create). */
enum error forms_install_shipped(struct office *office, struct db *db,
                                 const struct form_files *files,
                                 struct err *err);
/* forms_install of a file that came with the program. */
enum error forms_install_newer(struct office *office, struct db *db,
                               struct str csv, struct err *err);
/* Did the version in use come with a program? */
bool forms_shipped(const struct forms *forms, struct str name);
/* Is there a version with this very text? */
bool forms_have(const struct forms *forms, struct str source);

/* forms_update.c: what a newer program ships. A kind that the store does not
 * have, and a newer version of one that is in use as an older program shipped
 * it, are installed; records keep the version they were written with. A site's
 * own version stays, unless `only` names the kind. told: once per file that is
 * not in the store already. */
enum forms_news {
    FORMS_NEW,     /* installed; used is NULL or the version before */
    FORMS_KEPT,    /* the site uses its own, or a newer one */
    FORMS_CHANGED, /* the same version with another text: not installed */
};
struct forms_listener {
    void *context;
    void (*told)(void *context, enum forms_news news,
                 const struct form *shipped, const struct form *used);
};
enum error forms_update(struct office *office, struct db *db, struct str only,
                        const struct forms_listener *listener, struct err *err);

struct forms *forms_new(struct arena *arena); /* empty */
void forms_release(struct forms *forms);
/* For struct log: settings say cobijo:once = yes, in any version. */
bool forms_once(void *context, struct str kind);
/* For struct log: the version asked for, else the newest. */
const struct form *forms_for_log(void *context, struct str kind,
                                 struct str version);

#endif
