/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* courier.h - core/courier.h with libcurl and libcrypto. */
#ifndef COBIJO_SYS_COURIER_H
#define COBIJO_SYS_COURIER_H

#include "core/courier.h"

extern const struct courier courier_native;

/* web_push.c */
bool push_native_public(const unsigned char secret[32],
                        unsigned char point[PUSH_POINT]);
bool push_native_seal(const unsigned char to[PUSH_POINT],
                      const unsigned char auth[PUSH_SECRET],
                      const unsigned char secret[32],
                      const unsigned char salt[PUSH_SALT], struct str plain,
                      unsigned char *out);
bool push_native_sign(const unsigned char secret[32], struct str text,
                      unsigned char out[64]);

#endif
