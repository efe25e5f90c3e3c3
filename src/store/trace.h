/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace.h - a store that tells what it did, fails when told, and can lose
 * what was not synced. For tests only; store_options.trace asks for it:
 *
 *   record   keep the list of operations, SYNC of a file among them
 *   crash    SQLite: writes stay in memory until synced, trace_cut drops them
 *
 * words are separated by commas.
 */
#ifndef COBIJO_TRACE_H
#define COBIJO_TRACE_H

#include "store/store.h"

struct driver;
struct trace; /* thread-safe */

enum trace_failure { TRACE_FULL, TRACE_DISK, TRACE_LOST };

struct trace *store_trace(const struct store *store); /* NULL when none */
/* One operation per line: "begin write", "run INSERT INTO entry", "SYNC wal",
 * "commit", and what trace_note adds ("answer"). Valid until the next one. */
const char *trace_text(const struct trace *trace);
void trace_clear(struct trace *trace);
void trace_note(struct trace *trace, const char *text);

/* The n-th operation from now (1: the next) fails; a lost connection stays
 * lost until the next begin. */
void trace_fail(struct trace *trace, int64_t n, enum trace_failure failure);

/* crash: writes and syncs of files from now until the power is cut at the
 * n-th; which of the unsynced sectors reached the disk follows from seed. */
void trace_cut(struct trace *trace, int64_t n, uint64_t seed);
bool trace_was_cut(const struct trace *trace);
/* crash: how many writes and syncs there were so far. */
int64_t trace_steps(const struct trace *trace);
/* crash: the disk takes this many more bytes of growth; -1: no bound. */
void trace_room(struct trace *trace, int64_t bytes);

/* store.c calls these. */
enum error trace_open(struct store *store, struct str words, struct err *err);
const struct driver *trace_driver_under(const struct trace *trace);

#endif
