/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* blob.c - see blob.h. */
#include "store/blob.h"

#include "store/chain.h"

enum { VERSION = 1, HEAD = 1 + 1 + 4 + SEAL_NONCE };

static struct str name_of(const struct log *log, const struct blob *blob,
                          struct arena *arena)
{
    const struct sealer *sealer = log->host->sealer;
    unsigned char key[SEAL_KEY], mac[32];
    struct str text = str_format(arena, "cobijo blob 1\n%.*s\n%.*s\n%.*s",
                                 STR_ARGS(log->site), STR_ARGS(blob->owner),
                                 STR_ARGS(blob->sha256));
    struct buf name;

    site_key_derive(sealer, log->site_key, SITE_KEY_MAC, key);
    sealer->mac(key, text, mac);
    sealer->wipe(key, sizeof(key));
    buf_init(&name, arena);
    buf_put(&name, blob->owner);
    buf_putc(&name, ':');
    buf_put_hex(&name, mac, sizeof(mac));
    return buf_str(&name);
}

static struct str place_of(const struct log *log, struct str name,
                           enum seal_class class, int64_t epoch,
                           struct arena *arena)
{
    return str_format(arena, "cobijo blob 1\n%.*s\n%.*s\n%d\n%lld",
                      STR_ARGS(log->site), STR_ARGS(name), (int)class,
                      (long long)epoch);
}

static enum error insert(const struct log *log, struct db *db, struct str name,
                         size_t size, struct str bytes, struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO blob (site, sha256, size, bytes)"
                  " VALUES ($1, $2, $3, $4)"
                  " ON CONFLICT (site, sha256) DO NOTHING",
                  "ttib", log->site, name, (int64_t)size, bytes);
}

static struct str seal(const struct log *log, const struct data_key *key,
                       enum seal_class class, struct str name, struct str bytes,
                       struct arena *arena)
{
    const struct host *host = log->host;
    size_t size = HEAD + bytes.size + SEAL_EXTRA;
    unsigned char *out = arena_alloc(arena, size), class_key[SEAL_KEY];

    if (!out)
        return STR_NULL;
    out[0] = VERSION;
    out[1] = (unsigned char)class;
    for (int i = 0; i < 4; i++)
        out[2 + i] = (unsigned char)(key->epoch >> (24 - 8 * i) & 0xff);
    host->random(host->context, out + 6, SEAL_NONCE);
    data_key_class(log, key, class, class_key);
    host->sealer->seal(class_key, out + 6,
                       place_of(log, name, class, key->epoch, arena), bytes,
                       out + HEAD);
    host->sealer->wipe(class_key, sizeof(class_key));
    return (struct str){(const char *)out, size};
}

enum error blob_keep(const struct log *log, struct db *db,
                     const struct blob *blob, enum seal_class class,
                     struct str bytes, struct err *err)
{
    struct data_key key = {0};
    struct arena arena;
    struct str name, sealed;
    bool gone = false;
    enum error error;

    if (!sealing_on(log))
        return insert(log, db, blob->sha256, bytes.size, bytes, err);
    error =
        data_key_take(log, db, log->site, blob->owner, false, &key, &gone, err);
    if (error || gone)
        return error;
    arena_init(&arena, NULL);
    name = name_of(log, blob, &arena);
    sealed = seal(log, &key, class, name, bytes, &arena);
    data_key_wipe(log, &key);
    error = arena_failed(&arena) || !sealed.at
                ? err_memory(err)
                : insert(log, db, name, bytes.size, sealed, err);
    arena_release(&arena);
    return error;
}

/* --- reading -------------------------------------------------------------- */

static enum error get(const struct log *log, struct db *db, struct str name,
                      struct arena *arena, struct str *bytes, struct err *err)
{
    struct rows rows;

    *bytes = STR_NULL;
    db_query(db, &rows, err,
             "SELECT bytes FROM blob WHERE site = $1 AND sha256 = $2", "tt",
             log->site, name);
    if (rows_next(&rows))
        *bytes = str_copy(arena, rows_bytes(&rows, 0));
    return rows_end(&rows);
}

static enum error damaged(struct err *err)
{
    return err_set(err, ERROR_STORE,
                   N_("Un archivo sellado no se puede abrir: está dañado o se "
                      "cambió de lugar."),
                   NULL, NULL, NULL);
}

static enum error open(const struct log *log, struct db *db,
                       const struct blob *blob, struct str name,
                       struct arena *arena, struct str *bytes, struct err *err)
{
    const struct sealer *sealer = log->host->sealer;
    const unsigned char *at = (const unsigned char *)bytes->at;
    struct str sealed = str_slice(*bytes, HEAD, bytes->size);
    unsigned char key[SEAL_KEY], *out;
    int64_t epoch = 0;
    bool good;
    enum error error;

    if (bytes->size < HEAD + SEAL_EXTRA || at[0] != VERSION || !at[1] ||
        at[1] >= SEAL_CLASSES)
        return damaged(err);
    for (int i = 0; i < 4; i++)
        epoch = epoch << 8 | at[2 + i];
    if (!epoch)
        return damaged(err);
    error = sealing_class_key(log, db, blob->owner, (enum seal_class)at[1],
                              epoch, key, err);
    if (error)
        return error;
    out = arena_alloc(arena, sealed.size);
    good = out && sealer->open(
                      key, at + 6,
                      place_of(log, name, (enum seal_class)at[1], epoch, arena),
                      sealed, out);
    sealer->wipe(key, sizeof(key));
    *bytes =
        (struct str){(const char *)out, good ? sealed.size - SEAL_EXTRA : 0};
    return good ? ERROR_NONE : damaged(err);
}

enum error blob_read(const struct log *log, struct db *db,
                     const struct blob *blob, struct arena *arena,
                     struct str *bytes, struct err *err)
{
    struct err own = {0};
    struct str name;
    enum error error = ERROR_NONE;

    *bytes = STR_NULL;
    if (sealing_on(log)) {
        name = name_of(log, blob, arena);
        error = get(log, db, name, arena, bytes, err);
        if (!error && bytes->at) {
            error = open(log, db, blob, name, arena, bytes, &own);
            if (error == ERROR_GONE) {
                *bytes = STR_NULL;
                return ERROR_NONE;
            }
            if (error)
                *err = own;
            return error;
        }
    }
    return error ? error : get(log, db, blob->sha256, arena, bytes, err);
}

/* --- dropping ------------------------------------------------------------- */

static enum error drop(const struct log *log, struct db *db, struct str name,
                       struct err *err)
{
    return db_run(db, NULL, err,
                  "DELETE FROM blob WHERE site = $1 AND sha256 = $2", "tt",
                  log->site, name);
}

enum error blob_drop(const struct log *log, struct db *db,
                     const struct blob *blob, bool plain, struct err *err)
{
    struct arena arena;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    if (sealing_on(log))
        error = drop(log, db, name_of(log, blob, &arena), err);
    if (!error && plain)
        error = drop(log, db, blob->sha256, err);
    arena_release(&arena);
    return error;
}

enum error blob_drop_all(const struct log *log, struct db *db, struct str owner,
                         struct err *err)
{
    struct arena arena;
    enum error error;

    if (!owner.size)
        return ERROR_NONE;
    arena_init(&arena, NULL);
    error = db_run(db, NULL, err,
                   "DELETE FROM blob WHERE site = $1 AND sha256 >= $2"
                   " AND sha256 < $3", /* ';' follows ':' */
                   "ttt", log->site, str_join(&arena, owner, STR(":")),
                   str_join(&arena, owner, STR(";")));
    arena_release(&arena);
    return error;
}

/* --- opening all of them -------------------------------------------------- */

/* The name after this one; false: that was the last. */
static enum error next_name(struct db *db, struct arena *arena,
                            struct str *site, struct str *name, bool *found,
                            struct err *err)
{
    struct rows rows;

    *found = false;
    db_query(db, &rows, err,
             "SELECT site, sha256 FROM blob "
             "WHERE (site = $1 AND sha256 > $2) OR site > $1 "
             "ORDER BY site, sha256 LIMIT 1",
             "tt", *site, *name);
    if (rows_next(&rows)) {
        *site = str_copy(arena, rows_text(&rows, 0));
        *name = str_copy(arena, rows_text(&rows, 1));
        *found = true;
    }
    return rows_end(&rows);
}

static struct str hash_text(const struct log *log, struct arena *arena,
                            struct str bytes)
{
    unsigned char hash[32];
    struct buf out;

    log->host->hash(log->host->context, &bytes, 1, hash);
    buf_init(&out, arena);
    buf_put_hex(&out, hash, sizeof(hash));
    return buf_str(&out);
}

static enum error check_one(const struct log *log, struct db *db,
                            struct str name, struct arena *arena,
                            struct err *err)
{
    struct str rest = name, bytes, hash;
    struct blob blob = {.owner = STR("")};
    enum error error = get(log, db, name, arena, &bytes, err);
    bool sealed = str_find_char(name, ':') != SIZE_MAX;

    if (error || !bytes.at) /* dropped meanwhile */
        return error;
    if (sealed)
        str_cut(&rest, ':', &blob.owner);
    if (sealed)
        error = open(log, db, &blob, name, arena, &bytes, err);
    if (error)
        return error == ERROR_GONE ? damaged(err) : error;
    blob.sha256 = hash = hash_text(log, arena, bytes);
    if (arena_failed(arena))
        return err_memory(err);
    if (sealed)
        hash = name_of(log, &blob, arena);
    return str_equal(hash, name) ? ERROR_NONE : damaged(err);
}

enum error blob_check(const struct log *log, struct db *db, int64_t *count,
                      struct err *err)
{
    struct str site = STR(""), name = STR("");
    struct log own = *log;
    struct arena arena, kept;
    bool found = true;
    enum error error = ERROR_NONE;

    *count = 0;
    arena_init(&arena, NULL);
    arena_init(&kept, NULL);
    while (!error && found) {
        arena_clear(&arena);
        error = next_name(db, &arena, &site, &name, &found, err);
        if (error || !found)
            break;
        own.site = site;
        error = check_one(&own, db, name, &arena, err);
        arena_clear(&kept);
        site = str_copy(&kept, site);
        name = str_copy(&kept, name);
        *count += !error;
    }
    arena_release(&kept);
    arena_release(&arena);
    return error;
}
