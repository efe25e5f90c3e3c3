/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* decide.h - may this actor, for this purpose, do this to a record of this
 * kind about this person, and what of it is open to her?
 *
 * The one decision of the program: pages (the dispatcher asks for the row of
 * the route), record_get and record_save, lists, search, export, paper,
 * telephones. Roles, reach, compartments and purposes are tables of the
 * catalogue (doc/rights.md). In doubt: no. Reads, never writes.
 */
#ifndef COBIJO_DECIDE_H
#define COBIJO_DECIDE_H

#include "domain/access/role_table.h"
#include "domain/office.h"
#include "store/project.h"

struct want {
    struct str purpose; /* of purpose.csv; empty: the task's, else the first
                           row that the role has for the act */
    enum act act;
    struct str kind;    /* of the record */
    struct str record;  /* empty: a new one, or all of the kind */
    struct str subject; /* the person it is about; empty: looked up by record,
                           nobody yet when there is none */
    bool ask;           /* no more than whether she may ask for a person's file
                           that is closed to her (glass.h) */
};

struct decision {
    bool allowed;
    bool hidden;             /* not allowed, and as if it were not there */
    const struct role *role; /* what is open of it; NULL when not allowed */
    struct str purpose;      /* for which it was decided */
    const char *reason;      /* msgid, when not allowed */
};

/* An error only when the store failed; then nothing is allowed. */
enum error decide(struct task *task, const struct want *want,
                  struct decision *decision, struct err *err);
/* The same as an error: ERROR_FORBIDDEN with the reason, or ERROR_NOT_FOUND
 * where she is not to know that it is there. */
enum error decide_or_refuse(struct task *task, const struct want *want,
                            const struct role **role, struct err *err);
/* What is open to the actor of a record that was read: NULL when it is closed
 * to her (or the store failed). */
const struct role *decide_read(struct task *task, const struct record *record);
/* Narrows a list to what is within her reach: the rows and their number. */
enum error decide_narrow(struct task *task, struct record_filter *filter,
                         struct err *err);
/* A list of what the actor may see: record_list, narrowed, and each row decided
 * by itself. role (may be NULL) is what is open of each; answers are not
 * filtered yet. */
enum error decide_list(struct task *task, const struct record_filter *filter,
                       bool with_rows, struct record **record,
                       const struct role ***role, size_t *count,
                       struct err *err);
/* Of an authority that detains or deports? Empty or unknown: no. */
enum error place_is_enforcement(struct task *task, struct str place,
                                bool *enforcement, struct err *err);
/* Break-the-glass: has she been let into this one file, for now? */
bool glass_open(struct task *task, struct str subject);
/* After a change that may have moved a file into other hands. */
void decide_forget(struct task *task);

#endif
