/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unseal.h - core/unseal.h by OpenSSL's libcrypto. */
#ifndef COBIJO_SYS_UNSEAL_H
#define COBIJO_SYS_UNSEAL_H

#include "core/unseal.h"

extern const struct unsealer unseal_native;

#endif
