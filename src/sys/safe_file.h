/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* safe_file.h - small files that must be whole after any failure: keys, and
 * the moment a sealed copy takes the place of an open one.
 */
#ifndef COBIJO_SAFE_FILE_H
#define COBIJO_SAFE_FILE_H

#include "core/err.h"

/* Whole or not at all: a temporary file beside it, synced, renamed, the folder
 * synced. 0600. */
enum error safe_write(const char *path, struct str text, struct err *err);
/* At most `most` bytes of a regular file; ERROR_NOT_FOUND when there is none.
 */
enum error safe_read(const char *path, struct arena *arena, size_t most,
                     struct str *text, struct err *err);
/* rename, and the folder is on disk. */
enum error safe_rename(const char *from, const char *to, struct err *err);
/* PATH.AFTER, PATH.AFTER2 … that is free; renames what is there. */
enum error safe_aside(const char *path, const char *after, struct err *err);
bool safe_exists(const char *path);
/* The folders above path, 0700. */
enum error safe_folders(const char *path, struct err *err);
/* Nobody else writes PATH meanwhile (PATH.lock). -1: could not, said why. */
int safe_lock(const char *path, struct err *err);
void safe_unlock(int lock);

#endif
