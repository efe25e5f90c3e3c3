/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seal.h - core/seal.h by libsodium. */
#ifndef COBIJO_SYS_SEAL_H
#define COBIJO_SYS_SEAL_H

#include "core/seal.h"

extern const struct sealer seal_native;

#endif
