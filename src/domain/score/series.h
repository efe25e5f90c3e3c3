/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* series.h - an instrument that was answered again: its results side by side,
 * oldest first, with what changed between them. Results are those that were
 * saved; nothing is worked out anew, so a form that changed since changes no
 * figure of the past.
 */
#ifndef COBIJO_SERIES_H
#define COBIJO_SERIES_H

#include "domain/office.h"

enum { SERIES_MOST = 2000, SERIES_SHOWN = 12 };

/* The results of one subject (a person with her merged files, a place), as far
 * as the actor may read them:
 * {kind, title, records: [{id, date, occasion, occasion_label, clock}],
 *  scores: [{key, label, role, name, sensitive, values: [{value, text}],
 *            changes: [null, +4.5, …], change}]}
 * value: a number or the code of a level, null when there is none; changes:
 * against the one before; change: the last against the first that has one.
 * At most the SERIES_SHOWN newest. */
enum error series_read(struct task *task, const struct form *form,
                       const struct str *subject, size_t subjects,
                       struct value **series, struct err *err);
/* All that were evaluated: [{subject, label, count, mean, series}], where
 * label is what the form lists about it when it has no subject of its own. */
enum error series_groups(struct task *task, const struct form *form,
                         struct value **groups, struct err *err);

/* Is the form about records of this kind ("person", "place")? *key: the
 * question that says which. */
bool form_is_about(const struct form *form, const char *kind, struct str *key);
/* Every result that it has is closed to the role: not hers to see or fill. */
bool role_reads_result(const struct role *role, const struct form *form);

/* What is due to be assessed again by a day: the newest result of each subject
 * when its day of review has come, of the instruments that the actor may
 * write. [{kind, title, id, about, subject, key, date, late}] */
enum error series_due(struct task *task, int64_t day, struct value **due,
                      struct err *err);

#endif
