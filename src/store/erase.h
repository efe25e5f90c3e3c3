/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase.h - what an erase takes with it; only log.c includes it. */
#ifndef COBIJO_ERASE_H
#define COBIJO_ERASE_H

#include "store/log.h"

/* Deletes what the record's other entries said; when it owns data keys, these
 * too, with all that was said under them and the files. */
enum error erase_bodies(const struct log *log, struct db *db,
                        const struct entry *entry, struct err *err);
/* After the record's own projection: those of other records that said
 * something under its keys. */
enum error erase_others(const struct log *log, struct db *db,
                        const struct entry *entry, struct arena *arena,
                        struct err *err);

#endif
