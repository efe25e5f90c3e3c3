/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clock.h - hybrid logical clock (Kulkarni et al. 2014): 48 bits of
 * milliseconds, 16 bits of counter, in one int64_t that sorts.
 */
#ifndef COBIJO_CLOCK_H
#define COBIJO_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_DRIFT_MAX_MS = 10 * 60 * 1000 };

/* The next local stamp after *last at physical time now (ms); *last moves. */
int64_t clock_tick(int64_t *last, int64_t now);
/* Takes in a remote stamp; false when it is too far in the future. */
bool clock_receive(int64_t *last, int64_t now, int64_t remote);
int64_t clock_instant(int64_t stamp); /* its milliseconds */

#endif
