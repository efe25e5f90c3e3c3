/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host_native.h - the world of the native program: system clock, libsodium,
 * /usr/share/zoneinfo, libqrencode, one line of JSON per event on stderr.
 *
 *     struct host_native native;
 *     host_native_init(&native);
 *     options.host = &native.host;
 *     …
 *     host_native_release(&native);
 *
 * Thread-safe once made. It must not move in memory.
 */
#ifndef COBIJO_HOST_NATIVE_H
#define COBIJO_HOST_NATIVE_H

#include "core/host.h"

struct zones;
struct passwords;

struct host_native {
    struct host host;
    struct zones *zones;
    struct passwords *passwords;
    enum host_level level; /* quieter events are dropped */
};

/* false: libsodium has no randomness, or no memory. */
bool host_native_init(struct host_native *native);
void host_native_release(struct host_native *native);

#endif
