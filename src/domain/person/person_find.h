/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_find.h - finding a person by what somebody types: any part of a
 * name, a code, a telephone, a year of birth; accents, v/b, s/c/z, h, ll/y,
 * g/j/x, nicknames, particles and the order of the words do not matter.
 * Bounded work whatever the number of people.
 */
#ifndef COBIJO_PERSON_FIND_H
#define COBIJO_PERSON_FIND_H

#include "domain/person/person.h"

enum { FIND_REASONS = 4 };

struct find_hit {
    struct str id;               /* of the file that stands */
    const struct value *answers; /* of it: names, birth, age, sex, nationality,
                                    phone, case_code, alias and no more */
    struct str merged_name;      /* found under this name, of a merged file */
    const char *reason[FIND_REASONS]; /* msgids */
    size_t reasons;
    double score;
    int64_t clock;
};

/* Best first. Text without a letter or digit finds nothing. */
enum error person_find(struct task *task, struct str text, size_t limit,
                       struct find_hit **hit, size_t *count, struct err *err);
/* For a page: {"id","name","full_name","age","nationality","case_code",
 * "reasons":[…],"merged_name"} of each. */
struct value *person_find_view(struct task *task, const struct find_hit *hit,
                               size_t count);

/* The answers that finding and matching need, in one small query; merged_into
 * and _state too. *found false when there is no such person. */
enum error person_read_few(struct task *task, struct str id,
                           struct value **answers, int64_t *clock, bool *found,
                           struct err *err);
/* Puts her documents (type, country, number) into answers. */
enum error person_read_documents(struct task *task, struct str id,
                                 struct value *answers, struct err *err);

#endif
