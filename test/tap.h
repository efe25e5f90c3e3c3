/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tap.h - the whole unit test framework: prints TAP, exits 1 on a failure.
 *
 *     int main(void) { struct tap tap = {0}; check_x(&tap); return
 * tap_done(&tap); }
 */
#ifndef COBIJO_TAP_H
#define COBIJO_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tap {
    int count, failed;
};

__attribute__((format(printf, 3, 4))) static inline bool
tap_ok(struct tap *tap, bool ok, const char *name, ...)
{
    va_list list;

    tap->count++;
    if (!ok)
        tap->failed++;
    printf("%sok %d - ", ok ? "" : "not ", tap->count);
    va_start(list, name);
    vprintf(name, list);
    va_end(list);
    printf("\n");
    return ok;
}

static inline bool tap_is(struct tap *tap, const char *got, const char *want,
                          const char *name)
{
    bool ok = strcmp(got ? got : "(null)", want ? want : "(null)") == 0;

    tap_ok(tap, ok, "%s", name ? name : "(no name)");
    if (!ok)
        printf("# got:  %s\n# want: %s\n", got ? got : "(null)",
               want ? want : "(null)");
    return ok;
}

static inline bool tap_is_int(struct tap *tap, long long got, long long want,
                              const char *name)
{
    tap_ok(tap, got == want, "%s", name);
    if (got != want)
        printf("# got:  %lld\n# want: %lld\n", got, want);
    return got == want;
}

static inline void tap_skip(struct tap *tap, const char *name, const char *why)
{
    tap->count++;
    printf("ok %d - %s # SKIP %s\n", tap->count, name, why);
}

static inline int tap_done(const struct tap *tap)
{
    printf("1..%d\n", tap->count);
    return tap->failed ? 1 : 0;
}

#endif
