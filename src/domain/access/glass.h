/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* glass.h - breaking the glass: let into one file that is closed to her, for a
 * reason, for a time.
 *
 * Who is not in charge of a file asks with a reason and a purpose. Where the
 * house says so (policy glass_second) somebody else must allow it. From then
 * on, for so many minutes (policy glass_minutes), decide.c treats her as in
 * charge of that one file: never more than her role has for those. Whoever is
 * in charge is told in Today until she says that she saw it. A hidden person
 * is not in this house, so there is nothing to break.
 */
#ifndef COBIJO_GLASS_H
#define COBIJO_GLASS_H

#include "domain/office.h"

struct glass {
    struct str id, subject, user, reason, purpose, approved_by;
    int64_t asked, opened, until, seen; /* instants; 0: not yet */
};

/* Does being in charge open anything more to her role? */
bool glass_helps(const struct role *role);
/* *opened: at once; else it waits for another person. */
enum error glass_ask(struct task *task, struct str subject, struct str purpose,
                     struct str reason, bool *opened, struct err *err);
/* Needs CASE_ASSIGN, and not the one who asked. */
enum error glass_approve(struct task *task, struct str id, struct err *err);
/* The owner of the file, or CASE_ASSIGN where it has none, has read it. */
enum error glass_seen(struct task *task, struct str id, struct err *err);
/* All of them, newest first; needs CASE_ASSIGN. */
enum error glass_list(struct task *task, struct glass **glass, size_t *count,
                      struct err *err);
/* What the actor is to be told: of files that are hers, and what waits for her
 * to allow it. */
enum error glass_notices(struct task *task, struct glass **glass, size_t *count,
                         struct err *err);

#endif
