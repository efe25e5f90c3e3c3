/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_draft.h - a version that was uploaded and is not in use: one per kind,
 * kept in the store beside the log, so that a reload, another session or a
 * restart loses nothing. Whoever may publish sees it.
 */
#ifndef COBIJO_FORM_DRAFT_H
#define COBIJO_FORM_DRAFT_H

#include "domain/office.h"

struct form_draft {
    struct str name;    /* of the kind */
    struct str version; /* as far as it could be read */
    struct str source;  /* CSV */
    struct str file_name;
    struct str author; /* user's record id */
    int64_t saved;     /* instant */
    struct str print;  /* 12 hex digits of the source: which upload it is */
};

/* Takes the place of the one there was. name, version, source and file_name
 * are the caller's; the rest is filled in. */
enum error form_draft_keep(struct task *task, struct form_draft *draft,
                           struct err *err);
enum error form_draft_find(struct task *task, struct str name,
                           struct form_draft *draft, bool *found,
                           struct err *err);
/* Without their sources, by name. */
enum error form_draft_list(struct task *task, struct form_draft **draft,
                           size_t *count, struct err *err);
enum error form_draft_drop(struct task *task, struct str name, struct err *err);
/* A store_change; context: a struct form_draft_gone. Only that very text. */
struct form_draft_gone {
    struct str site, name, source;
};
enum error form_draft_gone(struct db *db, void *context, struct err *err);

#endif
