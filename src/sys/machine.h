/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* machine.h - what this machine does with memory and disk behind our back. */
#ifndef COBIJO_MACHINE_H
#define COBIJO_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is there swap that is neither encrypted (dm-crypt) nor memory (zram)? Its
 * name then. */
bool machine_open_swap(char *name, size_t size);
/* No core of this process is ever written. */
bool machine_no_core(void);
/* Bytes that are free on the disk of this file; -1: not known. */
int64_t machine_room(const char *path);

#endif
