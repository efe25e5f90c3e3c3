/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* places.h - the directory as a whole: where it has something, in which
 * languages, and all of it small enough for a telephone that loses its network.
 * Reads the public tables and nothing else.
 */
#ifndef COBIJO_PLACES_H
#define COBIJO_PLACES_H

#include "domain/directory/directory.h"

enum { TOWNS_MOST = 300, PACKAGE_MOST = 1500 };

struct directory_town {
    struct str admin1, municipality; /* folded; empty: none is told */
    struct str name;
};
/* Municipalities that have public places, by state; TOWNS_MOST at most. */
enum error directory_towns(struct task *task, struct directory_town **town,
                           size_t *count, struct err *err);

/* Codes of language.csv in which somebody is served. */
struct str directory_languages(struct task *task);

struct package_query {
    struct str admin1; /* of one state; empty: of all */
    struct str since;  /* "v" of the package that she has; empty: none */
};
/* {"v", "whole", "count", "complete", "columns", "places": [[…]…], "gone"}. v
 * says up to where; whole: all there is, not what changed since; count: how
 * many it has then, so that who counts others fetches all again; complete:
 * false: there are more than PACKAGE_MOST, and these were assured last. */
enum error directory_package(struct task *task,
                             const struct package_query *query,
                             struct value **package, struct err *err);

#endif
