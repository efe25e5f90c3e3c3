/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* verify.h - core/verify.h by libcrypto. */
#ifndef COBIJO_SYS_VERIFY_H
#define COBIJO_SYS_VERIFY_H

#include "core/verify.h"

extern const struct verifier verify_native;

#endif
