/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sandbox.h - what the running server may still ask of the kernel.
 *
 * Entered after start-up, by all threads at once. What a server never does
 * (start a program, trace another, load code, mount, change who it is) kills
 * it; what is not on the list fails with EPERM. There is no way back.
 */
#ifndef COBIJO_SANDBOX_H
#define COBIJO_SANDBOX_H

#include <stdbool.h>

/* false: the kernel refuses to have a filter; nothing changed but that no
 * program started from here may gain rights. Under a sanitizer, whose runtime
 * does what a server never does, there is no filter: also false. */
bool sandbox_enter(void);

#endif
