/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* house.h - where the site key is: on the outside in the keys file, closed in
 * slots; on the inside in locked memory, and for other processes of this boot
 * in key_cache.h.
 *
 * A house without a keys file is one of before: nothing is sealed there, and
 * everything works (kept is false, key is NULL). One with a keys file is closed
 * (key is NULL) until house_take or one of the house_open functions.
 */
#ifndef COBIJO_HOUSE_H
#define COBIJO_HOUSE_H

#include "core/host.h"
#include "core/keeper.h"
#include "core/keyring.h"
#include "sys/shares.h"

#include <stdatomic.h>

enum { HOUSE_MILLISECONDS = 250 }; /* what a password costs at least */

struct house {
    const struct host *host;
    struct arena arena;
    const char *path;  /* of the keys file; NULL: this store can have none */
    const char *file;  /* of an SQLite store; NULL: PostgreSQL */
    char id[33];       /* empty: none */
    bool kept;         /* there is a keys file */
    bool store_sealed; /* the SQLite file is encrypted */
    unsigned char *key, *store_key; /* locked memory; NULL: closed */
    struct keeper keeper;
    atomic_uint passes; /* measured on this machine; 0: not yet */
};

/* Where the keys of this store are. keys: --keys, or NULL. Reads the file but
 * opens nothing. */
enum error house_find(struct house *house, const struct host *host,
                      const char *url, const char *keys, struct err *err);
void house_release(struct house *house);

/* $XDG_STATE_HOME/cobijo/ID.keys: where those of PostgreSQL are. */
const char *house_state_path(struct house *house);
/* A key and a keys file for a store that is being founded; keys of another
 * store that stand in its place are moved aside. */
enum error house_new(struct house *house, bool store_sealed, struct err *err);
/* Takes back house_new when the store did not come about. */
void house_undo(struct house *house);

/* From the memory of this boot; false: closed. */
bool house_take(struct house *house);
/* Opens with the password of an account that has a slot; name NULL: with a
 * passphrase. Takes at least HOUSE_MILLISECONDS, right or wrong. */
enum error house_open_password(struct house *house, const char *name,
                               struct str password, struct err *err);
enum error house_open_shares(struct house *house, const struct share *a,
                             const struct share *b, struct err *err);
/* For the other processes of this boot. */
bool house_remember(struct house *house);
/* What to say when it is closed. */
enum error house_closed(struct err *err);

/* house_keep.c: changes of the keys file of an open house. */
extern const struct keeper house_keeper; /* its context is set by house_find */
enum error house_passphrase(struct house *house, struct str passphrase,
                            struct err *err);
/* Three new parts; those on older paper open nothing any more. */
enum error house_paper(struct house *house, struct share share[SHARES],
                       struct err *err);
enum error house_store_sealed(struct house *house, struct err *err);
/* The keys file as it stands. */
enum error house_read(const struct house *house, struct keyring *ring,
                      struct arena *arena, struct err *err);
enum error house_write_new(struct house *house, struct err *err);
/* Adds what another ledger of this house knows. */
enum error house_ledger(struct house *house, const unsigned char key[32],
                        const struct keyring *other, struct err *err);
/* HMAC of a subject's id, as the ledger has it. */
void house_subject(const struct house *house, struct str subject,
                   unsigned char out[32]);

/* Takes an opened key as the house's. */
enum error house_enter(struct house *house, const unsigned char key[32],
                       struct err *err);
/* 250 ms or more of this thread's processor for a new slot; the key of an
 * existing one otherwise. */
enum error house_slot_key(struct house *house, struct slot *slot, bool fresh,
                          struct str password, unsigned char key[32],
                          struct err *err);
bool house_file_sealed(const char *path); /* an SQLite file, encrypted */

#endif
