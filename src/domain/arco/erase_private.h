/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase_private.h - what the files of an erasure share. */
#ifndef COBIJO_ERASE_PRIVATE_H
#define COBIJO_ERASE_PRIVATE_H

#include "domain/arco/erase.h"

struct erase_item {
    struct str kind, id, subject;
};

/* One person's erasure while it is being written. */
struct erasing {
    struct task *task;
    struct change *change; /* NULL: only looked at */
    struct str person;     /* the file that stands */
    struct str *file;      /* all of her files, that one first */
    size_t files;
    struct erase_item *item; /* her records, attachments apart */
    size_t items, capacity;
    struct str *group; /* that name her, hers or not */
    size_t groups;
    struct residue residue;
    size_t notices;
    struct str erasure;
};

bool erasing_is_hers(const struct erasing *erasing, struct str id);
/* erase_find.c: fills file, item, group. ERROR_NOT_FOUND: nobody. */
enum error erasing_find(struct erasing *erasing, struct err *err);
/* *waits: why it cannot be done now (msgid), or NULL. */
enum error erasing_waits(struct erasing *erasing, const char **waits,
                         struct err *err);
/* erase_group.c: the same group without her, under another id. */
enum error erasing_groups(struct erasing *erasing, struct err *err);

#endif
