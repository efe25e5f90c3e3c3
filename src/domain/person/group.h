/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* group.h - families and travel groups: who belongs, who cares for whom, who
 * must be kept apart.
 */
#ifndef COBIJO_GROUP_H
#define COBIJO_GROUP_H

#include "domain/record/record.h"

struct group_member {
    struct str person;
    struct str relation;
    bool caregiver;
    bool child; /* under 18 in her youngest reading, or in doubt */
    bool age_known;
};

struct group {
    struct str id;
    struct str type;
    int64_t clock;
    const struct value *answers;
    struct group_member *member;
    size_t members;
};

/* The group a person belongs to now: a family before a travel group, then
 * the newest. *found false when she is alone. */
enum error group_of_person(struct task *task, struct str person,
                           struct group *group, bool *found, struct err *err);
enum error group_read(struct task *task, struct str id, struct group *group,
                      struct err *err);
/* Persons that must not meet her (both directions, every group she is named
 * in): a list of record ids. */
enum error group_kept_apart(struct task *task, struct str person,
                            struct str **other, size_t *count, struct err *err);
/* What somebody should look at: msgids, e.g. children without an adult who
 * cares for them. Never an obstacle to saving. */
size_t group_hints(struct task *task, const struct group *group,
                   const char *hint[8]);

enum error group_rule(struct task *task, struct change *change,
                      const struct save *save, const struct value *before,
                      struct value *after, struct err *err);

#endif
