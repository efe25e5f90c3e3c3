/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sealing.h - what entries and files say is kept closed, each person under a
 * key of her own.
 *
 * An owner (a person, a group; "" is the site) has data keys, 32 random bytes
 * each, numbered by epoch, in table data_key, wrapped by the site key. Of a
 * data key a key per class is derived, so that one class can be handed out and
 * another not. Destroying the data keys of an owner makes unreadable whatever
 * was said under them, wherever copies lie; a row without a key stays, so that
 * nobody makes that epoch again.
 *
 * The body of an entry is one section per class that has fields, each sealed
 * with its class key, bound to site, entry, record, subject, kind, author,
 * clock, op, class and the set of classes. entry_body.key names the data key
 * (data_key.name), body_hash is over what is stored: the chain never sees what
 * was said. Not sealed (key empty): kind form, which is a public text and is
 * needed to start, bodies without members, and everything while log->site_key
 * is NULL.
 */
#ifndef COBIJO_SEALING_H
#define COBIJO_SEALING_H

#include "core/seal.h"
#include "store/log.h"

/* Numbers are kept in stores: never change them, only add. */
enum seal_class {
    SEAL_IDENTITY = 1,
    SEAL_STORY = 2,
    SEAL_HEALTH = 3,
    SEAL_LEGAL = 4,
    SEAL_CONTACT = 5,
    SEAL_OTHER = 6,
    SEAL_CLASSES = 7 /* one more than the last */
};

/* Whose key closes a kind of record. */
enum seal_owner {
    SEAL_OF_SUBJECT, /* whom it is about; the site when that is itself */
    SEAL_OF_RECORD,  /* its own */
    SEAL_OF_SITE
};

/* What the catalogue says, for a store that does not know it. Set once. */
struct seal_rules {
    void *context;
    /* class[i]: of member i of the object, an answer's name. */
    void (*classes)(void *context, const struct form *form, struct str kind,
                    const struct value *object, unsigned char *class);
    enum seal_owner (*owner)(void *context, struct str kind);
};

bool sealing_on(const struct log *log);
const char *seal_class_name(enum seal_class class); /* identity … */
/* 0: none is called so. */
enum seal_class seal_class_named(struct str name);
/* Whose data key closes such an entry; "": the site's. */
struct str sealing_owner(const struct log *log, struct str kind,
                         struct str record, struct str subject);

/* The key of a class of an owner's data key. epoch 0: the newest, made when
 * there is none yet (db writes then). ERROR_GONE when it was destroyed,
 * ERROR_STORE when it does not open. Wipe it. */
enum error sealing_class_key(const struct log *log, struct db *db,
                             struct str owner, enum seal_class class,
                             int64_t epoch, unsigned char out[32],
                             struct err *err);
/* A new data key: what is written from now on is closed to whoever was given
 * a class key before. In a writing transaction. */
enum error sealing_rotate(const struct log *log, struct db *db,
                          struct str owner, int64_t *epoch, struct err *err);
/* Opens every data key, every body of the log and every file with the site key,
 * in all sites of the store; the error names the first that does not open. */
enum error sealing_check(const struct log *log, struct db *db, int64_t *opened,
                         int64_t *files, struct err *err);

/* Text beside the log, closed with the site's first data key: what it is for
 * and its name are bound. The result is printable. Without a site key the
 * text as it is. */
enum error sealing_text(const struct log *log, struct db *db, const char *use,
                        struct str name, struct str text, struct arena *arena,
                        struct str *out, struct err *err);
enum error sealing_text_open(const struct log *log, struct db *db,
                             const char *use, struct str name, struct str text,
                             struct arena *arena, struct str *out,
                             struct err *err);

/* --- for log.c, history.c, blob.c ---------------------------------------- */

struct data_key {
    char name[96]; /* OWNER#000001 */
    int64_t epoch;
    unsigned char key[32];
};

enum { DATA_KEY_OWNER_MAX = 80 };
/* Names the derivation of class keys; never change it. */
#define SEAL_CONTEXT "cobclass"

/* What data_key.c and history.c say alike. */
#define SEAL_LOCKED                                                            \
    N_("Lo guardado está sellado y la llave de la casa no está abierta. "    \
       "Ábrala y vuelva a intentarlo.")
#define SEAL_KEY_DAMAGED                                                       \
    N_("La llave {1} no se abre con la llave de esta casa: está dañada o "   \
       "es de otra.")
#define SEAL_ERASED N_("Lo que se había guardado fue borrado.")

/* The newest data key of an owner. fresh: probably there is none, so one is
 * written first. *gone: destroyed, nothing is to be kept. */
enum error data_key_take(const struct log *log, struct db *db, struct str site,
                         struct str owner, bool fresh, struct data_key *key,
                         bool *gone, struct err *err);
/* One that is named. */
enum error data_key_get(const struct log *log, struct db *db, struct str site,
                        struct str name, struct data_key *key, bool *gone,
                        struct err *err);
/* nonce, wrapped: of its row. false: it does not open. */
bool data_key_unwrap(const struct log *log, struct str site, struct str name,
                     struct str nonce, struct str wrapped,
                     unsigned char key[32]);
/* All epochs of an owner; always: also when there is none, so that none will
 * be made. Between driver->erasing on and off. */
enum error data_key_destroy(const struct log *log, struct db *db,
                            struct str site, struct str owner, bool always,
                            struct err *err);
void data_key_wipe(const struct log *log, struct data_key *key);
void data_key_class(const struct log *log, const struct data_key *key,
                    enum seal_class class, unsigned char out[32]);

/* A row of entry_body. */
struct body {
    struct str key, nonce, bytes;
};

/* What entry->body becomes; key NULL: not sealed. */
enum error body_seal(const struct log *log, const struct entry *entry,
                     const struct form *form, const struct data_key *key,
                     struct arena *arena, struct body *body, struct err *err);
/* false: it is not what was sealed here with this key. */
bool body_open(const struct log *log, const struct entry *entry,
               const struct body *body, const unsigned char data_key[32],
               struct arena *arena, const struct value **out);
/* Over what is stored; as before for what is not sealed. */
void body_hash(const struct host *host, const struct body *body,
               struct arena *arena, unsigned char hash[32]);
/* Has the row a shape that the program gives? */
bool body_is_sound(const struct body *body);

#endif
