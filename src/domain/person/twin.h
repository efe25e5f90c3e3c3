/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* twin.h - pairs of files that an import left for a worker to decide: the
 * person that came in (her answer twin_of names the other) and who she may
 * be. Both stand until somebody merges them (merge.h) or says that they are
 * two.
 */
#ifndef COBIJO_TWIN_H
#define COBIJO_TWIN_H

#include "domain/person/match.h"

struct twin {
    struct str person, other; /* other: the file that stands */
    const struct value *answers, *other_answers;
    struct match match; /* why */
};

/* Of one import, or of all when batch is empty; in order of the lines.
 * *total: how many there are. */
enum error twin_list(struct task *task, struct str batch, size_t limit,
                     struct twin **twin, size_t *count, size_t *total,
                     struct err *err);
/* They are two: the pair is not listed any more. */
enum error twin_dismiss(struct task *task, struct str person, struct err *err);

#endif
