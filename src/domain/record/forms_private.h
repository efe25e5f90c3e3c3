/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms_private.h - between forms.c and forms_install.c. */
#ifndef COBIJO_FORMS_PRIVATE_H
#define COBIJO_FORMS_PRIVATE_H

#include <stdatomic.h>

#include "domain/office.h"
#include "domain/record/forms.h"

struct forms_item {
    const struct form *form;
    struct str record; /* of the form's entries in the log */
    bool shipped;      /* came with the program, is not the site's own */
};

struct forms_snapshot {
    struct forms_snapshot *previous;
    struct forms_item *item; /* by name, then as installed */
    size_t count;
    struct arena arena; /* holds this struct, too */
};

struct forms {
    _Atomic(struct forms_snapshot *) now;
    _Atomic(struct forms_snapshot *) refused; /* keeps their problems */
    _Atomic int64_t seen;   /* seq of the log up to which forms are here */
    _Atomic int64_t looked; /* instant: forms_refresh asked last */
};

/* The arena moves into the struct at the end. */
struct forms_snapshot *forms_snapshot_new(struct arena *arena);
struct forms_snapshot *forms_snapshot_of(const struct forms *forms);
const struct forms_item *forms_item_of(const struct forms_snapshot *snapshot,
                                       struct str name, struct str version);
/* Makes the snapshot (elders plus new items) the one in use. */
enum error forms_swap(struct forms *forms, struct forms_snapshot *snapshot,
                      struct arena *arena, const struct forms_item *item,
                      size_t count, struct err *err);
/* Lists named by the form come from these files. */
const struct form *forms_read_with(struct arena *arena, struct str csv,
                                   const struct form_files *files, bool kept,
                                   struct form_problems *problems);
enum error forms_say_problems(const struct form_problems *problems,
                              struct str file, struct arena *arena,
                              struct err *err);
/* Form entries of the log, the last of them: 0 when there is none. */
enum error forms_last_entry(const struct office *office, struct db *db,
                            int64_t *seq, struct err *err);

#endif
