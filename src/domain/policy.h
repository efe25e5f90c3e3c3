/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* policy.h - rules of the house that are a number or a list of words: rows of
 * catalog/policy.csv (name, value, label, why), which a house may set otherwise
 * (table policy, `cobijo policy set`, page /policy).
 */
#ifndef COBIJO_POLICY_H
#define COBIJO_POLICY_H

#include "domain/office.h"

struct policy {
    struct str name, label, shipped, value, why; /* why: of the shipped value */
    bool changed;                                /* by the house */
};

/* The value in force. A name that is in no table: ERROR_INTERNAL. */
enum error policy_text(struct task *task, const char *name, struct str *value,
                       struct err *err);
/* The same as a number from 1 on; what is none there: the shipped one. */
enum error policy_number(struct task *task, const char *name, int64_t *value,
                         struct err *err);
enum error policy_list(struct task *task, struct policy **policy, size_t *count,
                       struct err *err);
/* What the log is told of a change; another rule than those of the table (the
 * regime, the house's own tables) is told by who sets it. */
struct policy_told {
    struct str name, before, value, why;
};
struct change;
/* Begins a change with the entry of kind policy_change. */
enum error policy_tell(struct task *task, struct change *change,
                       const struct policy_told *told, struct err *err);
/* When the program starts: the house's own tables of who may what
 * (site/role.csv and its like, --catalog) by their hash, when they are not
 * those of the last entry about them. */
enum error policy_tables_tell(struct task *task, struct err *err);
/* Needs USER_ADMIN and a reason. */
enum error policy_set(struct task *task, struct str name, struct str value,
                      struct str why, struct err *err);

#endif
