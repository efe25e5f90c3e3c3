/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* packed.h - what public pages are compressed: found again by their ETag, which
 * is a hash of the page, so nothing has to be told when a page changes. Private
 * to http/.
 */
#ifndef COBIJO_PACKED_H
#define COBIJO_PACKED_H

#include "core/arena.h"
#include "core/str.h"

struct packed;
struct packed *packed_new(void); /* NULL: no memory, then none are kept */
void packed_free(struct packed *packed);
/* A copy in arena; false when it is not there. */
bool packed_get(struct packed *packed, struct arena *arena, struct str etag,
                struct str *bytes);
void packed_put(struct packed *packed, struct str etag, struct str bytes);

#endif
