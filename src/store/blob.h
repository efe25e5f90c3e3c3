/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* blob.h - bytes of photos, recordings and files, beside the log.
 *
 * Sealed, they stand under OWNER:HMAC: whose data key closes them and an HMAC
 * (subkey of the site key) of owner and SHA-256, so that nobody who holds the
 * table can ask whether a known picture is there, nor whether two people have
 * the same. The bytes begin with a head (version, class, epoch, nonce), then
 * XChaCha20-Poly1305 under the owner's class key, bound to site, name, class
 * and epoch. Those of stores without a site key stand under their SHA-256.
 */
#ifndef COBIJO_BLOB_H
#define COBIJO_BLOB_H

#include "store/sealing.h"

struct blob {
    struct str owner;  /* sealing_owner of the attachment */
    struct str sha256; /* of the plain bytes, hexadecimal */
};

/* In a writing transaction. The same bytes again are kept once; those of an
 * owner who was erased are not kept. */
enum error blob_keep(const struct log *log, struct db *db,
                     const struct blob *blob, enum seal_class class,
                     struct str bytes, struct err *err);
/* bytes.at NULL: not there (any more). */
enum error blob_read(const struct log *log, struct db *db,
                     const struct blob *blob, struct arena *arena,
                     struct str *bytes, struct err *err);
/* Both forms, the sealed and the older one when it is no one else's. */
enum error blob_drop(const struct log *log, struct db *db,
                     const struct blob *blob, bool plain, struct err *err);
/* Opens every file of every site and looks whether it is what it is called. */
enum error blob_check(const struct log *log, struct db *db, int64_t *count,
                      struct err *err);
/* All that were sealed for an owner. */
enum error blob_drop_all(const struct log *log, struct db *db, struct str owner,
                         struct err *err);

#endif
