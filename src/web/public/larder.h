/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* larder.h - packages for telephones that were made a moment ago: one costs
 * some ten milliseconds, and whoever asks for many must not slow the house.
 * Handed out until something was written, here or by another process
 * (office_edition), and for LARDER_MS at the most. Private to web/public/.
 */
#ifndef COBIJO_LARDER_H
#define COBIJO_LARDER_H

#include "web/route.h"

enum { LARDER_MS = 60000 };

struct larder;
struct larder *larder_new(struct arena *arena);
void larder_free(struct larder *larder); /* what it holds */

/* The package of a language and a state ("" all), in the view's arena. When it
 * is not there, *edition is that of the store before one is made, 0 when it
 * cannot be told. */
bool larder_get(struct view *view, struct str area, uint64_t *edition,
                struct str *package);
void larder_put(struct view *view, struct str area, uint64_t edition,
                struct str package);

#endif
