/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* age.h - how old a person is on a day, as far as her record tells: a birth
 * date (whole or partial), an age stated on a day, a lowest possible age, or
 * only an age band. Where several readings are possible the youngest protects.
 */
#ifndef COBIJO_AGE_H
#define COBIJO_AGE_H

#include "core/value.h"

/* Whole years in the youngest (or oldest) reading; -1 when nothing is known.
 * person: answers of kind person, may be NULL. */
int age_on_day(const struct value *person, int64_t day, bool youngest);
/* Under 18 in the youngest reading, or her age is disputed. */
bool age_is_child(const struct value *person, int64_t day);
/* Code of catalog/age_band.csv ("12-14", "60+") of an age; STR_NULL for -1. */
struct str age_band(int age);

#endif
