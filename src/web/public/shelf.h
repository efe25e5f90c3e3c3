/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shelf.h - public pages that were made a moment ago. A row with ROUTE_KEPT is
 * the same for everybody who asks in the same language: it is made once and
 * handed out until something was written, here or by another process
 * (office_edition), and for SHELF_MS at the most: an alert may end, a door
 * close. Private to web/.
 */
#ifndef COBIJO_SHELF_H
#define COBIJO_SHELF_H

#include "web/route.h"

enum { SHELF_MS = 5000 };

struct shelf;
struct shelf *shelf_new(struct arena *arena);
void shelf_free(struct shelf *shelf); /* what it holds */

/* true: the response is the kept page, with its ETag, and view->route its row.
 * task.db may be NULL: then nobody is waited for. */
bool shelf_get(struct view *view);
/* A page that shelf_get did not find and that came whole. */
void shelf_put(struct view *view);

#endif
