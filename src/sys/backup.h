/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup.h - a backup file: the keys file of the house in front, so that a
 * password or two sheets of paper open it anywhere, then everything else as one
 * sealed stream.
 *
 *     cobijo-backup 1 SIZE\n   then SIZE bytes of keys file
 *     24 bytes                 header of the stream (SITE_KEY_BACKUP)
 *     4 bytes of length, then so many of a part, again and again
 *
 * Every part is bound to what stands in front; the last one says that it is the
 * last, so a file that was cut short or changed is known.
 */
#ifndef COBIJO_BACKUP_H
#define COBIJO_BACKUP_H

#include "sys/house.h"

struct backup;

/* Writes beside PATH; nothing stands at PATH until backup_done. */
enum error backup_new(const char *path, struct house *house,
                      struct backup **backup, struct err *err);
enum error backup_put(void *backup, struct str bytes, struct err *err);
enum error backup_done(struct backup *backup, struct err *err);

/* Reads what stands in front; *keys stays in the arena. */
enum error backup_open(const char *path, const struct host *host,
                       struct arena *arena, struct str *keys,
                       struct backup **backup, struct err *err);
/* From the first part on; may be called again to read once more. */
enum error backup_begin(struct backup *backup, const unsigned char site_key[32],
                        struct err *err);
enum error backup_get(void *backup, void *out, size_t size, struct err *err);
/* Was that all, and is there nothing behind it? */
enum error backup_ended(struct backup *backup, struct err *err);
/* Of both kinds; an unfinished one is removed. */
void backup_free(struct backup *backup);

#endif
