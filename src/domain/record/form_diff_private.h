/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_diff_private.h - between form_diff.c and form_diff_grade.c. */
#ifndef COBIJO_FORM_DIFF_PRIVATE_H
#define COBIJO_FORM_DIFF_PRIVATE_H

#include "domain/record/form_diff.h"
#include "store/project.h"

struct differing {
    struct form_diff *diff;
    struct arena *arena;
    size_t room; /* in diff->change */
};

/* Fills diff->change from diff->used and diff->next. */
void form_differences(struct differing *differing);
/* The same for who may read one question. */
void form_compare_protection(struct differing *differing,
                             const struct question *was,
                             const struct question *now);
/* What each change is called when it is confirmed. */
void form_change_ids(struct differing *differing);
/* The question of one version in another, or NULL. */
const struct question *form_question_in(const struct form *form,
                                        const struct question *question);
/* key, or repeat[]/key; of a repeat: repeat[] */
struct str form_path(struct arena *arena, const struct question *question);
/* Its own compartments and those of the groups around it. */
struct str form_compartments(struct arena *arena,
                             const struct question *question);
const char *form_change_name(enum form_change_what what);

#endif
