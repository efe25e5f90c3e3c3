/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* memory.h - where every byte of the core comes from.
 *
 * The core never calls malloc itself: an arena asks its allocator. NULL means
 * the C library. Tests hand in one that fails at the n-th call.
 */
#ifndef COBIJO_MEMORY_H
#define COBIJO_MEMORY_H

#include <stddef.h>

struct memory {
    void *context;
    /* size 0 frees; NULL on failure, the old block then stays valid. */
    void *(*resize)(void *context, void *block, size_t size);
};

#endif
