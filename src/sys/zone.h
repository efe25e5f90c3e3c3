/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* zone.h - offsets of IANA time zones from the system's TZif files, read when
 * first asked for and kept. Thread-safe.
 */
#ifndef COBIJO_ZONE_H
#define COBIJO_ZONE_H

#include "core/str.h"

struct zones;

struct zones *zones_new(const char *folder); /* NULL: no memory */
void zones_free(struct zones *zones);
/* Seconds east of UTC at an instant (ms); 0 when the zone is not known. */
int zones_offset(struct zones *zones, struct str zone, int64_t instant);

#endif
