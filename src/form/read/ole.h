/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ole.h - the compound file in which an .xls lives: a small file system with
 * chains of sectors. A chain longer than the file has sectors is a circle.
 *
 * libfreexl, which the design names, wants a path on the disk (a register is
 * not written there in clear), follows circles until the size that the file
 * claims (6 s for 21 KB that claim 2 GiB), makes room for the cells that a
 * sheet claims (526 MB for the same 21 KB), and tells neither hidden sheets
 * nor booleans. It reads along in the tests instead, as a second opinion.
 */
#ifndef COBIJO_OLE_H
#define COBIJO_OLE_H

#include "form/read/intake.h"

struct ole {
    struct str bytes;
    size_t sector_size, sectors; /* of the whole file */
    uint32_t *next;              /* the chain of each sector */
    size_t next_count;
    struct str directory;
    struct str mini, mini_next; /* small streams and their chains */
    size_t mini_cutoff;
};

bool ole_open(struct intake *intake, struct str bytes, struct ole *ole);
/* STR_NULL when there is none, or when the intake failed. */
struct str ole_stream(struct intake *intake, const struct ole *ole,
                      const char *name);

#endif
