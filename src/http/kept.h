/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kept.h - answers that are sent as they are to all who ask the same
 * (public/keep.h), made ready for libmicrohttpd once. Private to http/.
 *
 * An answer is held by the table and by every exchange that is sending it; the
 * last one to let go frees it. All functions may be called from any thread.
 */
#ifndef COBIJO_KEPT_H
#define COBIJO_KEPT_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "web/public/keep.h"

enum { KEPT_SLOTS = 512, KEPT_MOST = 32 * 1024, KEPT_TEXT = 48 };

struct kept {
    atomic_uint held;
    struct keep keep;
    struct MHD_Response *whole, *unchanged; /* 200 and 304 */
    size_t size;                            /* bytes of the whole body */
    char etag[KEPT_TEXT], counted[KEPT_TEXT];
    const char *route;
};

struct kept_table;
struct kept_table *kept_table_new(void); /* NULL: none are kept */
void kept_table_free(struct kept_table *table);

/* NULL: none that is still true. To be released. */
struct kept *kept_get(struct kept_table *table, const struct keep *asked);
/* The table holds it, too. */
void kept_put(struct kept_table *table, struct kept *kept);
void kept_release(struct kept *kept); /* NULL: nothing happens */

#endif
