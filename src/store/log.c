/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* log.c - appending to the log; the only file that inserts into entry and
 * entry_body. log_erase.c is the only one that deletes a body.
 *
 * site_head is the end of a site's chain; updating its row is the lock under
 * which seq, prev and clock are given. The hash covers a canonical header:
 * a tag, then each field, texts with their length before them, numbers in
 * eight bytes, most significant first.
 */
#include "store/log.h"

#include "core/clock.h"
#include "store/apply.h"
#include "store/chain.h"
#include "store/driver.h"
#include "store/erase.h"
#include "store/sealing.h"

const char *entry_op_name(enum entry_op op)
{
    static const char *const names[] = {"create", "update", "close", "share",
                                        "erase"};

    return names[op];
}

/* --- the chain ------------------------------------------------------------ */

struct str chain_bytes(const unsigned char hash[32])
{
    return (struct str){(const char *)hash, 32};
}

/* A header as it is hashed: texts of up to 64 bytes fit beside the numbers. */
struct header {
    char at[1024];
    size_t size;
};

static void put_number(struct header *header, uint64_t number)
{
    char byte[8];

    for (int i = 0; i < 8; i++)
        byte[i] = (char)(number >> (56 - 8 * i) & 0xff);
    memcpy(header->at + header->size, byte, 8);
    header->size += 8;
}

/* Parts of the hash: what gathered in the header, then a text too long for it
 * as it is. */
struct parts {
    struct header header;
    struct str part[24];
    size_t count, from; /* of the header: not a part yet */
};

static void parts_flush(struct parts *parts)
{
    if (parts->header.size > parts->from)
        parts->part[parts->count++] = (struct str){
            parts->header.at + parts->from, parts->header.size - parts->from};
    parts->from = parts->header.size;
}

static void put_text(struct parts *parts, struct str text)
{
    put_number(&parts->header, text.size);
    if (text.size <= 64) {
        if (text.size)
            memcpy(parts->header.at + parts->header.size, text.at, text.size);
        parts->header.size += text.size;
    } else {
        parts_flush(parts);
        parts->part[parts->count++] = text;
    }
}

void chain_hash(const struct host *host, const struct entry *entry,
                unsigned char hash[32])
{
    static const char tag[] = "cobijo entry 1\n";
    struct parts parts;

    parts.count = parts.from = 0;
    parts.header.size = sizeof(tag) - 1;
    memcpy(parts.header.at, tag, sizeof(tag) - 1);
    put_text(&parts, entry->site);
    put_number(&parts.header, (uint64_t)entry->seq);
    put_text(&parts, entry->id);
    put_text(&parts, entry->node);
    put_number(&parts.header, (uint64_t)entry->clock);
    put_text(&parts, entry->author);
    put_text(&parts, entry->kind);
    put_text(&parts, entry->form_version);
    put_text(&parts, entry->record);
    put_text(&parts, entry->subject);
    put_text(&parts, str_of(entry_op_name(entry->op)));
    put_number(&parts.header, (uint64_t)entry->base);
    memcpy(parts.header.at + parts.header.size, entry->body_hash, 32);
    memcpy(parts.header.at + parts.header.size + 32, entry->prev, 32);
    parts.header.size += 64;
    parts_flush(&parts);
    host->hash(host->context, parts.part, parts.count, hash);
}

/* What a house has once, whatever its rooms: its forms, and what they say. */
struct str log_site(const struct log *log, struct str kind)
{
    if (log->home.size && (str_equal_c(kind, "form") ||
                           (log->once && log->once(log->context, kind))))
        return log->home;
    return log->site;
}

/* --- the head of a site --------------------------------------------------- */

struct head {
    struct str site;
    int64_t seq, clock;
    unsigned char hash[32];
};

static enum error head_try(struct db *db, struct str site, struct head *head,
                           bool *found, struct err *err)
{
    struct rows rows;
    struct str hash;

    *found = false;
    db_query(db, &rows, err,
             "UPDATE site_head SET seq = seq WHERE site = $1 "
             "RETURNING seq, clock, hash",
             "t", site);
    if (rows_next(&rows)) {
        head->site = site;
        head->seq = rows_int(&rows, 0);
        head->clock = rows_int(&rows, 1);
        hash = rows_bytes(&rows, 2);
        *found = hash.size == 32;
        if (*found)
            memcpy(head->hash, hash.at, 32);
    }
    return rows_end(&rows);
}

/* The row is locked by this transaction already: what it holds is known. */
static bool head_known(const struct db *db, struct str site, struct head *head)
{
    const struct db_head *known = &db->head;

    if (!known->known || !str_equal_c(site, known->site))
        return false;
    *head =
        (struct head){.site = site, .seq = known->seq, .clock = known->clock};
    memcpy(head->hash, known->hash, sizeof(head->hash));
    return true;
}

static void head_remember(struct db *db, const struct head *head)
{
    struct db_head *known = &db->head;

    /* in memory, another db may write inside this one's transaction */
    known->known = db->depth > 0 && !db->store->own &&
                   head->site.size < sizeof(known->site);
    if (!known->known)
        return;
    memcpy(known->site, head->site.at, head->site.size);
    known->site[head->site.size] = '\0';
    known->seq = head->seq;
    known->clock = head->clock;
    memcpy(known->hash, head->hash, sizeof(known->hash));
}

static enum error head_lock(struct db *db, struct str site, struct head *head,
                            struct err *err)
{
    static const unsigned char zero[32];
    bool found = false;
    enum error error;

    if (head_known(db, site, head))
        return ERROR_NONE;
    error = head_try(db, site, head, &found, err);
    if (error || found)
        return error;
    error = db_run(db, NULL, err,
                   "INSERT INTO site_head (site, seq, hash, clock) "
                   "VALUES ($1, 0, $2, 0) ON CONFLICT (site) DO NOTHING",
                   "tb", site, chain_bytes(zero));
    return error ? error : head_try(db, site, head, &found, err);
}

static enum error head_save(struct db *db, const struct head *head,
                            struct err *err)
{
    head_remember(db, head);
    return db_run(db, NULL, err,
                  "UPDATE site_head SET seq = $2, hash = $3, clock = $4 "
                  "WHERE site = $1",
                  "tibi", head->site, head->seq, chain_bytes(head->hash),
                  head->clock);
}

/* --- one entry ------------------------------------------------------------ */

struct appending {
    const struct log *log;
    struct db *db;
    struct arena *arena;
    struct err *err;
    bool expect_base;
    struct head head;
};

static void fill_in(const struct appending *appending, struct entry *entry)
{
    if (!entry->site.size)
        entry->site = log_site(appending->log, entry->kind);
    if (!entry->node.size)
        entry->node = appending->log->node;
    if (!entry->id.size)
        entry->id = host_uuid(appending->log->host, appending->arena);
    if (!entry->author.at)
        entry->author = STR("");
    if (!entry->form_version.at)
        entry->form_version = STR("");
    if (!entry->subject.at)
        entry->subject = entry->record;
}

static enum error set_clock(struct appending *appending, struct entry *entry)
{
    const struct host *host = appending->log->host;
    int64_t now = host->now(host->context);

    if (!entry->clock)
        entry->clock = clock_tick(&appending->head.clock, now);
    else if (!clock_receive(&appending->head.clock, now, entry->clock))
        return err_set(appending->err, ERROR_INPUT,
                       N_("La hora de una entrada está en el futuro; revise "
                          "el reloj del equipo que la envió."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static enum error is_there(const struct appending *appending,
                           const struct entry *entry, bool *there)
{
    int64_t one = 0;

    return db_get_int(appending->db, &one, there, appending->err,
                      "SELECT seq FROM entry WHERE site = $1 AND id = $2", "tt",
                      entry->site, entry->id);
}

/* A stale writer is told, unless it is the same change sent again. */
static enum error check_base(const struct appending *appending,
                             const struct entry *entry,
                             const struct standing *standing, bool *repeated)
{
    int64_t clock = standing->exists ? standing->clock : 0;
    enum error error = ERROR_NONE;

    if (standing->exists && !str_equal(standing->kind, entry->kind))
        return err_set(appending->err, ERROR_INTERNAL,
                       N_("El registro ya existe y es de otro tipo."), NULL,
                       NULL, NULL);
    if (!appending->expect_base || entry->base == clock)
        return ERROR_NONE;
    error = is_there(appending, entry, repeated);
    if (error || *repeated)
        return error;
    return err_set(appending->err, ERROR_CONFLICT,
                   N_("Otra persona cambió esto mientras usted lo editaba."),
                   NULL, NULL, NULL);
}

static enum error insert_entry(const struct appending *appending,
                               const struct entry *entry, bool *added)
{
    return db_insert(
        appending->db, added, appending->err,
        "INSERT INTO entry (site, seq, id, node, clock, author, "
        "kind, form_version, record, subject, op, base, body_hash, "
        "prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12, $13, $14, $15) "
        "ON CONFLICT (site, id) DO NOTHING",
        "tittittttttibbb", entry->site, entry->seq, entry->id, entry->node,
        entry->clock, entry->author, entry->kind, entry->form_version,
        entry->record, entry->subject, str_of(entry_op_name(entry->op)),
        entry->base, chain_bytes(entry->body_hash), chain_bytes(entry->prev),
        chain_bytes(entry->hash));
}

static enum error insert_body(const struct appending *appending,
                              const struct entry *entry,
                              const struct body *body)
{
    return db_run(appending->db, NULL, appending->err,
                  "INSERT INTO entry_body (site, id, key, nonce, bytes) "
                  "VALUES ($1, $2, $3, $4, $5)",
                  "tttbb", entry->site, entry->id, body->key, body->nonce,
                  body->bytes);
}

/* Forms are public texts, needed before anybody opened anything. */
static bool is_sealed(const struct appending *appending,
                      const struct entry *entry)
{
    return sealing_on(appending->log) && value_count(entry->body) &&
           !str_equal_c(entry->kind, "form");
}

/* Why something was erased outlives what was erased. */
static struct str owner_of(const struct appending *appending,
                           const struct entry *entry)
{
    if (entry->op == OP_ERASE)
        return STR("");
    return sealing_owner(appending->log, entry->kind, entry->record,
                         entry->subject);
}

/* What the entry says, as it is kept. *gone: its owner was erased. */
static enum error close_body(const struct appending *appending,
                             const struct entry *entry, struct body *body,
                             bool *gone)
{
    const struct log *log = appending->log;
    struct str owner = owner_of(appending, entry);
    struct data_key key = {0};
    const struct form *form;
    bool sealed = is_sealed(appending, entry);
    bool fresh = entry->op == OP_CREATE && str_equal(owner, entry->record);
    enum error error = ERROR_NONE;

    if (sealed)
        error = data_key_take(log, appending->db, entry->site, owner, fresh,
                              &key, gone, appending->err);
    if (error || *gone)
        return error;
    form = sealed ? log->form(log->context, entry->kind, entry->form_version)
                  : NULL;
    error = body_seal(log, entry, form, sealed ? &key : NULL, appending->arena,
                      body, appending->err);
    data_key_wipe(log, &key);
    return error;
}

/* Nobody is to find out from the chain what was not kept. */
static enum error no_body(const struct appending *appending, struct body *body)
{
    const struct host *host = appending->log->host;
    char *noise = arena_alloc(appending->arena, 32);

    if (!noise)
        return err_memory(appending->err);
    host->random(host->context, noise, 32);
    *body = (struct body){STR(""), STR(""), {noise, 32}};
    return ERROR_NONE;
}

static enum error store_entry(struct appending *appending, struct entry *entry,
                              bool erased, bool *repeated)
{
    const struct host *host = appending->log->host;
    struct body body = {0};
    bool added = false;
    enum error error = ERROR_NONE;

    entry->erased = erased && entry->op != OP_ERASE;
    if (!entry->erased)
        error = close_body(appending, entry, &body, &entry->erased);
    if (!error && entry->erased)
        error = no_body(appending, &body);
    if (error)
        return error;
    body_hash(host, &body, appending->arena, entry->body_hash);
    entry->seq = appending->head.seq + 1;
    memcpy(entry->prev, appending->head.hash, 32);
    chain_hash(host, entry, entry->hash);
    if (arena_failed(appending->arena))
        return err_memory(appending->err);
    error = insert_entry(appending, entry, &added);
    if (error || !added) {
        *repeated = !error;
        return error;
    }
    appending->head.seq = entry->seq;
    memcpy(appending->head.hash, entry->hash, 32);
    if (entry->op == OP_ERASE)
        error =
            erase_bodies(appending->log, appending->db, entry, appending->err);
    /* what is said of an erased record is not kept */
    if (!error && !entry->erased)
        error = insert_body(appending, entry, &body);
    return error;
}

/* Can the record's row tell by itself that nothing stood there? A group that
 * promises is run again when one did. */
static bool is_new(const struct appending *appending, const struct entry *entry)
{
    return entry->op == OP_CREATE &&
           (!appending->expect_base ||
            (appending->db->promising && !entry->base &&
             !str_equal_c(entry->kind, "form")));
}

/* look: standing is what stood there before. */
static enum error project_one(const struct appending *appending,
                              const struct entry *entry, bool look,
                              const struct standing *standing)
{
    bool fresh =
        entry->op == OP_CREATE && !entry->erased && !(look && standing->exists);

    return project_entry(appending->log, appending->db, entry,
                         fresh ? NULL : standing, appending->arena,
                         appending->err);
}

/* What comes for a record that was erased is not kept; a create is another
 * record under the same id. */
static enum error was_erased(const struct appending *appending,
                             const struct entry *entry, bool *erased)
{
    int64_t one = 0;

    return db_get_int(appending->db, &one, erased, appending->err,
                      "SELECT 1 FROM entry WHERE site = $1 AND record = $2 "
                      "AND op = 'erase' LIMIT 1",
                      "tt", entry->site, entry->record);
}

static enum error append_one(struct appending *appending, struct entry *entry,
                             bool *repeated)
{
    struct standing standing = {0};
    bool early = entry->clock != 0; /* written elsewhere, or before */
    bool look = early || !is_new(appending, entry);
    bool erased = false;
    int64_t clock = appending->head.clock;
    enum error error = set_clock(appending, entry);

    *repeated = false;
    if (!error && look)
        error = record_standing(appending->db, entry->site, entry->record,
                                appending->arena, &standing, appending->err);
    if (!error && look)
        error = check_base(appending, entry, &standing, repeated);
    if (!error && !*repeated && look && !standing.exists &&
        entry->op != OP_CREATE)
        error = was_erased(appending, entry, &erased);
    if (!error && !*repeated)
        error = store_entry(appending, entry, erased, repeated);
    if (*repeated)
        appending->head.clock = clock;
    if (error || *repeated)
        return error;
    if (entry->erased && !look)
        error = record_standing(appending->db, entry->site, entry->record,
                                appending->arena, &standing, appending->err);
    look = look || entry->erased;
    if (!error)
        error = project_one(appending, entry, look, &standing);
    if (!error && entry->op == OP_ERASE)
        error = erase_others(appending->log, appending->db, entry,
                             appending->arena, appending->err);
    return error;
}

static enum error append_all(struct appending *appending, struct entry *entry,
                             size_t count, bool *repeated)
{
    struct db *db = appending->db;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < count && !error; i++) {
        bool one = false;

        fill_in(appending, &entry[i]);
        if (!str_equal(entry[i].site, appending->head.site)) {
            if (appending->head.site.size)
                error = head_save(db, &appending->head, appending->err);
            if (!error)
                error = head_lock(db, entry[i].site, &appending->head,
                                  appending->err);
        }
        if (!error)
            error = append_one(appending, &entry[i], &one);
        *repeated = *repeated || one;
    }
    if (!error && appending->head.site.size)
        error = head_save(db, &appending->head, appending->err);
    return error;
}

enum error log_append(const struct log *log, struct db *db, struct entry *entry,
                      size_t count, struct append_options options,
                      struct arena *arena, bool *repeated, struct err *err)
{
    struct appending appending = {.log = log,
                                  .db = db,
                                  .arena = arena,
                                  .err = err,
                                  .expect_base = options.expect_base};
    enum error error;
    bool any = false;

    db->deferring = true;
    error = append_all(&appending, entry, count, &any);
    db->deferring = false;
    if (error)
        db->head.known = false;
    if (!error && repeated)
        *repeated = any;
    return error;
}
