/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keyring.h - the keys file as text: what is on the outside of the lock.
 *
 *     cobijo-keys 1
 *     id 32 hex                     which house
 *     store plain|sealed            does the store's file lie open?
 *     salt 32 hex
 *     slot KIND NAME PASSES KIB SALT SEALED
 *     erased 64 hex                 whom nobody brings back
 *     gone DAY 64 hex               the same until that day: who asked for help
 *                                   and took it back; strangers add to these,
 *                                   so they are few and the oldest gives way
 *     mac 64 hex                    over all lines above, by the site key
 *
 * An account has two slots of one form: that of its password and that of its
 * password for duress, which is noise until there is one. The second is found
 * by the name of the first, so one that is missing can be made by anybody who
 * writes the file, and nobody can tell noise from a password.
 *
 * A slot is the site key, sealed with a key of its own: Argon2id of a password
 * (account, passphrase) or 32 random bytes that are on paper in three parts
 * (sys/shares.h). NAME is HMAC(salt, login name), so the file names nobody.
 * Pure: no file, no clock. Reading has limits and believes nothing.
 */
#ifndef COBIJO_KEYRING_H
#define COBIJO_KEYRING_H

#include "core/buf.h"
#include "core/err.h"
#include "core/seal.h"

enum keyring_limits {
    KEYRING_SLOTS = 1024,
    KEYRING_ERASED = 100000,
    KEYRING_GONE = 5000,
    KEYRING_SIZE = 8 * 1024 * 1024, /* bytes of text */
    KEYRING_PASSES = 3,             /* at least */
    KEYRING_PASSES_MAX = 10000,
    KEYRING_KIB = 64 * 1024, /* at least */
    KEYRING_KIB_MAX = 1024 * 1024,
    KEYRING_SEALED = SEAL_NONCE + SEAL_KEY + SEAL_EXTRA
};

enum slot_kind { SLOT_ACCOUNT, SLOT_PASSPHRASE, SLOT_PAPER, SLOT_KINDS };

struct slot {
    enum slot_kind kind;
    unsigned char name[32];
    uint32_t passes, kib; /* 0 for paper */
    unsigned char salt[SEAL_SALT];
    unsigned char sealed[KEYRING_SEALED]; /* nonce, site key */
};

struct keyring_gone {
    int64_t until; /* day */
    unsigned char who[32];
};

struct keyring {
    char id[33];
    bool store_sealed;
    unsigned char salt[SEAL_SALT];
    struct slot *slot; /* KEYRING_SLOTS of room */
    size_t slots;
    unsigned char (*erased)[32];
    size_t erased_count, erased_room;
    struct keyring_gone *gone; /* KEYRING_GONE of room; oldest first */
    size_t gone_count;
    unsigned char mac[32];
    struct arena *arena;
};

/* An empty one with a random id and salt. */
enum error keyring_new(struct keyring *ring, const struct sealer *sealer,
                       struct arena *arena, struct err *err);
enum error keyring_read(struct keyring *ring, struct arena *arena,
                        struct str text, struct err *err);
/* With a mac by the site key. */
enum error keyring_write(const struct keyring *ring,
                         const struct sealer *sealer,
                         const unsigned char site_key[32], struct buf *out,
                         struct err *err);
/* Did somebody who has the site key write this? */
bool keyring_true(const struct keyring *ring, const struct sealer *sealer,
                  const unsigned char site_key[32]);

/* What a slot is called. */
void keyring_name(const struct keyring *ring, const struct sealer *sealer,
                  enum slot_kind kind, struct str name, unsigned char out[32]);
/* What the other slot of an account is called. */
void keyring_other(const struct keyring *ring, const struct sealer *sealer,
                   const unsigned char first[32], unsigned char out[32]);
/* Gives every account that has none (a file of before) its other slot. */
enum error keyring_pair(struct keyring *ring, const struct sealer *sealer,
                        struct err *err);
/* NULL: none of that kind and name (NULL: any name). */
struct slot *keyring_find(const struct keyring *ring, enum slot_kind kind,
                          const unsigned char name[32]);
/* Puts the slot in place of one of the same kind and name. */
enum error keyring_put(struct keyring *ring, const struct slot *slot,
                       struct err *err);
bool keyring_drop(struct keyring *ring, enum slot_kind kind,
                  const unsigned char name[32]);
/* Seals the site key into a slot, and opens it again. */
void slot_seal(struct slot *slot, const struct keyring *ring,
               const struct sealer *sealer, const unsigned char key[32],
               const unsigned char site_key[32]);
bool slot_open(const struct slot *slot, const struct keyring *ring,
               const struct sealer *sealer, const unsigned char key[32],
               unsigned char site_key[32]);

enum error keyring_erased_add(struct keyring *ring, const unsigned char who[32],
                              struct err *err);
/* Those whose day is over go first; then, when there is no room, the oldest. */
enum error keyring_gone_add(struct keyring *ring,
                            const struct keyring_gone *one, int64_t today,
                            struct err *err);
/* Of either kind. */
bool keyring_erased_has(const struct keyring *ring, const struct sealer *sealer,
                        const unsigned char who[32]);

enum { BACKUP_FRONT = 64 }; /* bytes that tell */
/* The first line of a backup (sys/backup.h): where the keys file stands in it.
 * false: this is none. */
bool backup_front(struct str text, size_t *keys_at, size_t *keys_size);

/* Hex digits (either case) as bytes: exactly size of them, or false. */
bool hex_read(struct str text, unsigned char *out, size_t size);

#endif
