/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clock.c - hybrid logical clock. A stamp is milliseconds << 16 | counter; a
 * counter that overflows carries into the milliseconds, which keeps order.
 */
#include "core/clock.h"

enum { COUNTER_BITS = 16 };

int64_t clock_tick(int64_t *last, int64_t now)
{
    int64_t physical = (int64_t)((uint64_t)now << COUNTER_BITS);

    *last = physical > *last ? physical : *last + 1;
    return *last;
}

bool clock_receive(int64_t *last, int64_t now, int64_t remote)
{
    if (remote < 0 || clock_instant(remote) - now > CLOCK_DRIFT_MAX_MS)
        return false;
    if (remote > *last)
        *last = remote; /* the next tick comes after it */
    return true;
}

int64_t clock_instant(int64_t stamp)
{
    return (int64_t)((uint64_t)stamp >> COUNTER_BITS);
}
