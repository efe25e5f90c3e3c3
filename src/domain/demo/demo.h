/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo.h - invented people for trying the program and for measuring it.
 *
 * The same seed gives the same people with the same ids, so filling twice adds
 * nothing. Names come from catalog/demo_name.csv and name_word.csv, origins
 * from demo_mix.csv, places from demo_place.csv. Telephones begin with 0 after
 * the country's code: nobody has such a number. Every file says that the
 * person is invented.
 */
#ifndef COBIJO_DEMO_H
#define COBIJO_DEMO_H

#include "domain/record/record.h"

struct demo_result {
    size_t people, families, arrivals, places;
    struct str *person; /* the first ids, for those who add casework */
    size_t persons;
};
enum { DEMO_FIRST = 200, DEMO_BATCH = 500 };

/* people persons in families and alone, each with an arrival in the last year;
 * about 3 in 100 are there twice, written differently. Appends to the log in
 * transactions of DEMO_BATCH persons without asking the forms: what it writes
 * is right by construction (t_people_demo checks that). */
enum error demo_fill(struct task *task, size_t people, uint64_t seed,
                     struct demo_result *result, struct err *err);

/* Casework on the first `most` of them: screenings, flags, referrals in
 * several states, open files, follow-ups. */
enum { DEMO_CASES = 20 };
enum error demo_cases(struct task *task, const struct demo_result *result,
                      size_t most, size_t *cases, struct err *err);

#endif
