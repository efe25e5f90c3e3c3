/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help_private.h - what the files of help.h share. */
#ifndef COBIJO_HELP_PRIVATE_H
#define COBIJO_HELP_PRIVATE_H

#include "domain/outreach/help.h"

/* A task as nobody, in whose name strangers write. */
struct task help_guest(const struct task *task);
/* Whoever answers; ERROR_FORBIDDEN without the right. */
enum error help_may(const struct task *task, struct err *err);
/* As it stands, whoever asks. ERROR_NOT_FOUND: erased, or never there. */
enum error help_read(struct task *task, struct str request,
                     struct record *record, struct err *err);
/* One change: fields of the request (NULL: none), and a message (empty:
 * none), hers or the house's. */
enum error help_save(struct task *task, const struct record *record,
                     const struct value *fields, struct str text,
                     struct str entry, bool hers, struct err *err);
/* The most urgent of words and needs: U0 … U3. */
struct str help_urgency_of(const struct task *task, struct str text,
                           struct str needs);
/* The more urgent of two. */
struct str help_more_urgent(struct str a, struct str b);
bool help_state_is(const struct record *record, const char *state);

#endif
