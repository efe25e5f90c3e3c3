/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* merge.h - two files that are one person. Only a worker decides it.
 *
 * A merge writes one answer (merged_into) and the reason; no link of any other
 * record is touched. Readers follow the answer: the page of the file that
 * stands shows the records of all files merged into it. Undoing the merge
 * empties the answer, and every link is as it was.
 */
#ifndef COBIJO_MERGE_H
#define COBIJO_MERGE_H

#include "domain/record/record.h"

/* other's file becomes part of keep's. Both may themselves be kept or merged:
 * keep is resolved first; merging a file twice or into itself is refused. */
enum error person_merge(struct task *task, struct str keep, struct str other,
                        struct str reason, struct err *err);
enum error person_unmerge(struct task *task, struct str other,
                          struct str reason, struct err *err);

/* The id of the file that stands for id (itself when it was not merged). */
enum error person_resolve(struct task *task, struct str id, struct str *kept,
                          struct err *err);
/* All ids that stand for one person, the kept one first: subjects whose
 * records her page shows. */
enum error person_ids(struct task *task, struct str kept, struct str **id,
                      size_t *count, struct err *err);
/* Narrows a list to the records of all files that are this person's, whichever
 * of them is named. The filter has no subject and no values of its own. */
enum error person_files(struct task *task, struct str person,
                        struct record_filter *filter, struct err *err);
/* The same when the ids are known. */
enum error person_narrow(struct task *task, const struct str *id, size_t count,
                         struct record_filter *filter, struct err *err);

#endif
