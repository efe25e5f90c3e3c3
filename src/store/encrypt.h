/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* encrypt.h - an open SQLite file, copied into an encrypted one. */
#ifndef COBIJO_ENCRYPT_H
#define COBIJO_ENCRYPT_H

#include "core/err.h"

/* Nobody else may have the file open. The copy is synced; keys_id is noted in
 * it (table store_meta). ERROR_BUSY: a server still uses it. */
enum error store_encrypt(const char *path, const char *copy,
                         const unsigned char key[32], const char *keys_id,
                         struct err *err);

#endif
