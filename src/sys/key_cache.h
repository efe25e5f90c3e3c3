/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* key_cache.h - the site key of an open house, in memory only, for the other
 * processes of the same user until the machine is off: a file on a tmpfs
 * ($XDG_RUNTIME_DIR, else /dev/shm), 0600 in a folder 0700, both checked to be
 * ours and the file system to be one that never was a disk. It is looked for
 * and forgotten in each of them, whichever this process would put it in.
 *
 * What it cannot see to: tmpfs may be swapped out. `cobijo doctor` looks for
 * swap that is not encrypted.
 */
#ifndef COBIJO_KEY_CACHE_H
#define COBIJO_KEY_CACHE_H

#include "core/str.h"

/* id: 32 hex digits. */
bool key_cache_get(const char *id, unsigned char key[32]);
/* false: no memory file system here; every command asks then. */
bool key_cache_put(const char *id, const unsigned char key[32]);
/* Overwritten, then removed, wherever this user may have put it. */
bool key_cache_forget(const char *id);
/* Where it would be; false: nowhere. */
bool key_cache_place(char *path, size_t size);

#endif
