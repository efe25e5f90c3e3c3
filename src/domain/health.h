/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* health.h - the health intake on arrival (forms/health_intake.csv). */
#ifndef COBIJO_HEALTH_H
#define COBIJO_HEALTH_H

#include "domain/record/record.h"

/* Raises the flags that the form's question `flags` names: those that it did
 * not name before and that are not open already. */
enum error health_intake_rule(struct task *task, struct change *change,
                              const struct save *save,
                              const struct value *before, struct value *after,
                              struct err *err);

#endif
