/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* names.h - a table from (scope, name) to a number, built once.
 *
 * Form and choice names are input: the table is seeded by its own address, so
 * that nobody can write a form whose names all collide.
 */
#ifndef COBIJO_NAMES_H
#define COBIJO_NAMES_H

#include "core/str.h"

struct names;

/* Room for count names; NULL when out of memory. */
struct names *names_new(struct arena *arena, size_t count);
/* Keeps the first of two equal ones; false when there was one, or no room. */
bool names_add(struct names *names, size_t scope, struct str name,
               size_t number);
/* SIZE_MAX when there is none. */
size_t names_find(const struct names *names, size_t scope, struct str name);

#endif
