/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* data_key.c - the data keys of people: made, unwrapped, renewed, destroyed.
 *
 * A row's name is OWNER#000001, so that the rows of an owner stand together
 * and the last is the newest. Wrapped: XChaCha20-Poly1305 under a subkey of
 * the site key, bound to site, owner and epoch. A row whose wrapped is empty
 * says that the key was destroyed.
 */
#include "store/chain.h"
#include "store/driver.h"
#include "store/sealing.h"

bool sealing_on(const struct log *log)
{
    return log->site_key && log->host->sealer;
}

struct str sealing_owner(const struct log *log, struct str kind,
                         struct str record, struct str subject)
{
    enum seal_owner owner =
        log->sealing ? log->sealing->owner(log->sealing->context, kind)
        : str_equal(subject, record) ? SEAL_OF_RECORD
                                     : SEAL_OF_SUBJECT;

    if (owner == SEAL_OF_RECORD)
        return record;
    if (owner == SEAL_OF_SITE || str_equal(subject, record))
        return STR("");
    return subject;
}

/* --- wrapping ------------------------------------------------------------- */

static bool name_of(char out[96], struct str owner, int64_t epoch,
                    struct err *err)
{
    if (owner.size > DATA_KEY_OWNER_MAX ||
        str_find_char(owner, '#') < owner.size || epoch < 1 || epoch > 999999) {
        err_set(err, ERROR_INTERNAL,
                N_("Ese identificador no puede tener una llave."), NULL, NULL,
                NULL);
        return false;
    }
    snprintf(out, 96, "%.*s#%06lld", STR_ARGS(owner), (long long)epoch);
    return true;
}

static bool name_read(struct str name, struct str *owner, int64_t *epoch)
{
    if (name.size < 7 || name.size >= 96 || name.at[name.size - 7] != '#' ||
        !str_to_int(str_slice(name, name.size - 6, name.size), epoch))
        return false;
    *owner = str_slice(name, 0, name.size - 7);
    return true;
}

/* What a wrapped key is bound to. */
static struct str bound_to(char out[256], struct str site, struct str name)
{
    int size = snprintf(out, 256, "cobijo data key 1\n%zu\n%.*s%zu\n%.*s",
                        site.size, (int)(site.size < 100 ? site.size : 100),
                        site.at, name.size, (int)name.size, name.at);

    return (struct str){out, (size_t)size};
}

bool data_key_unwrap(const struct log *log, struct str site, struct str name,
                     struct str nonce, struct str wrapped,
                     unsigned char key[32])
{
    const struct sealer *sealer = log->host->sealer;
    unsigned char wrap[SEAL_KEY];
    char place[256];
    bool good;

    if (!sealing_on(log) || nonce.size != SEAL_NONCE ||
        wrapped.size != SEAL_KEY + SEAL_EXTRA || name.size >= 96)
        return false;
    site_key_derive(sealer, log->site_key, SITE_KEY_WRAP, wrap);
    good = sealer->open(wrap, (const unsigned char *)nonce.at,
                        bound_to(place, site, name), wrapped, key);
    sealer->wipe(wrap, sizeof(wrap));
    return good;
}

void data_key_wipe(const struct log *log, struct data_key *key)
{
    if (log->host->sealer)
        log->host->sealer->wipe(key, sizeof(*key));
}

void data_key_class(const struct log *log, const struct data_key *key,
                    enum seal_class class, unsigned char out[32])
{
    log->host->sealer->derive(key->key, (uint64_t) class, SEAL_CONTEXT, out);
}

static enum error does_not_open(struct str name, struct err *err)
{
    char text[100];

    snprintf(text, sizeof(text), "%.*s", (int)(name.size < 99 ? name.size : 99),
             name.at);
    return err_set(err, ERROR_STORE, SEAL_KEY_DAMAGED, text, NULL, NULL);
}

static enum error closed(struct err *err)
{
    return err_set(err, ERROR_STORE, SEAL_LOCKED, NULL, NULL, NULL);
}

/* --- what this transaction knows ------------------------------------------ */

static bool known(const struct db *db, struct str site, struct str owner,
                  struct data_key *key)
{
    const struct db_key *one = &db->key;
    struct str name = str_of(one->name), whose;
    int64_t epoch;

    if (!one->known || !str_equal_c(site, one->site) ||
        !name_read(name, &whose, &epoch) || !str_equal(whose, owner))
        return false;
    memcpy(key->name, one->name, sizeof(key->name));
    memcpy(key->key, one->key, sizeof(key->key));
    key->epoch = epoch;
    return true;
}

static void remember(struct db *db, struct str site, const struct data_key *key)
{
    struct db_key *one = &db->key;

    /* in memory, another db may write inside this one's transaction */
    one->known =
        db->depth > 0 && !db->store->own && site.size < sizeof(one->site);
    if (!one->known)
        return;
    memcpy(one->site, site.at, site.size);
    one->site[site.size] = '\0';
    memcpy(one->name, key->name, sizeof(one->name));
    memcpy(one->key, key->key, sizeof(one->key));
}

/* --- rows ----------------------------------------------------------------- */

static enum error take_row(const struct log *log, struct rows *rows,
                           struct str site, struct data_key *key, bool *found,
                           bool *gone)
{
    struct str name, owner;
    bool good = true;

    if (rows_next(rows)) {
        name = rows_text(rows, 0);
        *found = true;
        *gone = !rows_bytes(rows, 2).size;
        good = name_read(name, &owner, &key->epoch) &&
               (*gone || data_key_unwrap(log, site, name, rows_bytes(rows, 1),
                                         rows_bytes(rows, 2), key->key));
        if (good) {
            memcpy(key->name, name.at, name.size);
            key->name[name.size] = '\0';
        } else {
            does_not_open(name, rows->err);
        }
    }
    if (rows_end(rows))
        return rows->error;
    return good ? ERROR_NONE : ERROR_STORE;
}

static enum error find_newest(const struct log *log, struct db *db,
                              struct str site, struct str owner,
                              struct data_key *key, bool *found, bool *gone,
                              struct err *err)
{
    char from[96], to[96];
    struct rows rows;

    if (!name_of(from, owner, 1, err))
        return ERROR_INTERNAL;
    memcpy(to, from, sizeof(to));
    to[owner.size] = '$'; /* what follows '#' */
    *found = false;
    db_query(db, &rows, err,
             "SELECT name, nonce, wrapped FROM data_key "
             "WHERE site = $1 AND name >= $2 AND name < $3 "
             "ORDER BY name DESC LIMIT 1",
             "ttt", site, str_slice(str_of(from), 0, owner.size + 1),
             str_slice(str_of(to), 0, owner.size + 1));
    return take_row(log, &rows, site, key, found, gone);
}

static enum error insert(struct db *db, struct str site, const char *name,
                         struct str nonce, struct str wrapped, bool *added,
                         struct err *err)
{
    return db_insert(db, added, err,
                     "INSERT INTO data_key (site, name, nonce, wrapped) "
                     "VALUES ($1, $2, $3, $4) "
                     "ON CONFLICT (site, name) DO NOTHING",
                     "ttbb", site, str_of(name), nonce, wrapped);
}

static enum error make(const struct log *log, struct db *db, struct str site,
                       struct str owner, int64_t epoch, struct data_key *key,
                       bool *added, struct err *err)
{
    const struct host *host = log->host;
    unsigned char nonce[SEAL_NONCE], wrapped[SEAL_KEY + SEAL_EXTRA];
    unsigned char wrap[SEAL_KEY];
    char place[256];

    if (!name_of(key->name, owner, epoch, err))
        return ERROR_INTERNAL;
    key->epoch = epoch;
    host->random(host->context, key->key, sizeof(key->key));
    host->random(host->context, nonce, sizeof(nonce));
    site_key_derive(host->sealer, log->site_key, SITE_KEY_WRAP, wrap);
    host->sealer->seal(wrap, nonce, bound_to(place, site, str_of(key->name)),
                       chain_bytes(key->key), wrapped);
    host->sealer->wipe(wrap, sizeof(wrap));
    return insert(
        db, site, key->name, (struct str){(const char *)nonce, sizeof(nonce)},
        (struct str){(const char *)wrapped, sizeof(wrapped)}, added, err);
}

enum error data_key_take(const struct log *log, struct db *db, struct str site,
                         struct str owner, bool fresh, struct data_key *key,
                         bool *gone, struct err *err)
{
    bool found = false, added = false;
    enum error error = ERROR_NONE;

    *gone = false;
    if (!sealing_on(log))
        return closed(err);
    if (known(db, site, owner, key))
        return ERROR_NONE;
    /* a new one, too: whose key was destroyed is found by the same steps as
     * one who never was (doc/rooms.md) */
    error = find_newest(log, db, site, owner, key, &found, gone, err);
    if (!error && !found)
        error = make(log, db, site, owner, 1, key, &added, err);
    if (!error && !found && !added) /* somebody made it meanwhile */
        error = find_newest(log, db, site, owner, key, &found, gone, err);
    if (!error && fresh && *gone) { /* erased, and made again: another key */
        *gone = false;
        error = make(log, db, site, owner, key->epoch + 1, key, &added, err);
    }
    if (!error && !found && !added)
        error = does_not_open(owner, err);
    if (error)
        data_key_wipe(log, key);
    else if (!*gone)
        remember(db, site, key);
    return error;
}

enum error data_key_get(const struct log *log, struct db *db, struct str site,
                        struct str name, struct data_key *key, bool *gone,
                        struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error;

    *gone = false;
    if (!sealing_on(log))
        return closed(err);
    db_query(db, &rows, err,
             "SELECT name, nonce, wrapped FROM data_key "
             "WHERE site = $1 AND name = $2",
             "tt", site, name);
    error = take_row(log, &rows, site, key, &found, gone);
    if (!error && !found)
        error = does_not_open(name, err);
    return error;
}

enum error sealing_class_key(const struct log *log, struct db *db,
                             struct str owner, enum seal_class class,
                             int64_t epoch, unsigned char out[32],
                             struct err *err)
{
    struct data_key key = {0};
    char name[96];
    bool gone = false;
    enum error error;

    if (!epoch)
        error =
            data_key_take(log, db, log->site, owner, false, &key, &gone, err);
    else if (name_of(name, owner, epoch, err))
        error =
            data_key_get(log, db, log->site, str_of(name), &key, &gone, err);
    else
        error = ERROR_INTERNAL;
    if (!error && gone)
        error = err_set(err, ERROR_GONE, SEAL_ERASED, NULL, NULL, NULL);
    if (!error)
        data_key_class(log, &key, class, out);
    data_key_wipe(log, &key);
    return error;
}

enum error sealing_rotate(const struct log *log, struct db *db,
                          struct str owner, int64_t *epoch, struct err *err)
{
    struct data_key key = {0};
    bool gone = false, added = false;
    enum error error =
        data_key_take(log, db, log->site, owner, false, &key, &gone, err);

    db->key.known = false;
    if (!error && gone)
        error = err_set(err, ERROR_GONE, SEAL_ERASED, NULL, NULL, NULL);
    if (!error)
        error =
            make(log, db, log->site, owner, key.epoch + 1, &key, &added, err);
    if (!error && !added)
        error = err_set(err, ERROR_BUSY, STORE_BUSY, NULL, NULL, NULL);
    if (!error && epoch)
        *epoch = key.epoch;
    data_key_wipe(log, &key);
    return error;
}

/* --- destroying ----------------------------------------------------------- */

static enum error last_epoch(struct db *db, struct str site, const char *from,
                             const char *to, int64_t *epoch, struct err *err)
{
    struct arena arena;
    struct str name = STR_NULL, owner;
    bool found = false;
    enum error error;

    arena_init(&arena, NULL);
    error = db_get_text(db, &arena, &name, &found, err,
                        "SELECT MAX(name) FROM data_key "
                        "WHERE site = $1 AND name >= $2 AND name < $3",
                        "ttt", site, str_of(from), str_of(to));
    *epoch = 0;
    if (!error && found)
        name_read(name, &owner, epoch);
    arena_release(&arena);
    return error;
}

enum error data_key_destroy(const struct log *log, struct db *db,
                            struct str site, struct str owner, bool always,
                            struct err *err)
{
    char from[96], to[96], name[96];
    int64_t epoch = 0;
    bool added;
    enum error error;

    (void)log;
    db->key.known = false;
    if (!name_of(from, owner, 1, err))
        return ERROR_INTERNAL;
    memcpy(to, from, sizeof(to));
    from[owner.size + 1] = to[owner.size + 1] = '\0';
    to[owner.size] = '$';
    error = last_epoch(db, site, from, to, &epoch, err);
    if (error || (!epoch && !always))
        return error;
    error = db_run(db, NULL, err,
                   "DELETE FROM data_key "
                   "WHERE site = $1 AND name >= $2 AND name < $3",
                   "ttt", site, str_of(from), str_of(to));
    for (int64_t i = epoch ? epoch : 1; i > 0 && !error; i--) {
        name_of(name, owner, i, err);
        error = insert(db, site, name, STR(""), STR(""), &added, err);
    }
    return error;
}
