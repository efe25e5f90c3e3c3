/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* crash.h - a disk for SQLite that forgets what was not synced (trace.c's). */
#ifndef COBIJO_CRASH_H
#define COBIJO_CRASH_H

#include <stdbool.h>
#include <stdint.h>

struct crash;

/* Registers a VFS with this name over the usual one; note hears of syncs.
 * volatile_writes false: passes everything through. NULL: no memory. */
struct crash *crash_new(const char *name, bool volatile_writes,
                        void (*note)(void *context, const char *what),
                        void *context);
/* The VFS to open files with: the encrypting one above the disk. */
const char *crash_vfs(const struct crash *crash);
void crash_free(struct crash *crash);
void crash_cut(struct crash *crash, int64_t n, uint64_t seed);
bool crash_was_cut(const struct crash *crash);
int64_t crash_steps(const struct crash *crash);
void crash_room(struct crash *crash, int64_t bytes);

#endif
