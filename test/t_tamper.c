/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_tamper.c - 10,000 random tamperings of a log, by somebody who holds the
 * database file and knows how hashes are made: each is found, and its place
 * told. What leaves a log that is whole in itself (the tail cut off, an old
 * tail put back, everything hashed anew after a fork) is found with a
 * checkpoint that is somewhere else, and only then.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/merkle.h"
#include "store/chain.h"
#include "store/views.h"
#include "sys/host_native.h"
#include "tap.h"

enum { ENTRIES = 40, EVERY = 5, ROUNDS = 10000, TRICKS = 14 };

static const char site[] = "018f0000-0000-7000-8000-000000000001";

struct lab {
    struct tap *tap;
    struct host_native native;
    struct store *store;
    struct db *db;
    struct log log;
    sqlite3 *raw;
    char folder[64], path[128];
    struct log_point point[ENTRIES / EVERY];
    uint64_t random;
};

static uint64_t draw(struct lab *lab, uint64_t below)
{
    uint64_t x = lab->random += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (x ^ x >> 31) % below;
}

static const struct form *no_form(void *context, struct str kind,
                                  struct str version)
{
    (void)context, (void)kind, (void)version;
    return NULL;
}

/* --- the log as it was ---------------------------------------------------- */

static void add_entry(struct lab *lab, struct arena *arena, int i)
{
    struct entry entry = {.kind = STR("form"),
                          .author = STR("u1"),
                          .form_version = STR("1"),
                          .op = i % 11 == 10 ? OP_UPDATE : OP_CREATE};
    struct value *body = value_object(arena);
    struct err err = {0};
    struct view_row row[2] = {
        {29000000 + i, STR("u1"), STR("intake"), STR("p1"), STR("person"), 2},
        {29000000 + i, STR("u2"), STR("health"), STR("p2"), STR("record"), 1},
    };

    value_put_int(body, arena, "number", i);
    entry.record = host_uuid(lab->log.host, arena);
    entry.body = body;
    db_begin(lab->db, true, &err);
    if (i % 8 == 7)
        views_append(&lab->log, lab->db, row, 2, arena, &err);
    else
        log_append(&lab->log, lab->db, &entry, 1, (struct append_options){0},
                   arena, NULL, &err);
    if (db_commit(lab->db, &err) || err.code)
        printf("# %s %s\n", err.message, err.detail);
}

static void read_hash(struct lab *lab, int seq, struct merkle *tree)
{
    struct rows rows;
    struct err err = {0};
    unsigned char leaf[32];

    db_query(lab->db, &rows, &err, "SELECT hash FROM entry WHERE seq = $1", "i",
             (int64_t)seq);
    if (rows_next(&rows)) {
        merkle_leaf(lab->log.host, rows_bytes(&rows, 0), leaf);
        merkle_add(tree, leaf);
    }
    rows_end(&rows);
}

static void run(struct lab *lab, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void run(struct lab *lab, const char *format, ...)
{
    char sql[1024];
    va_list list;

    va_start(list, format);
    vsnprintf(sql, sizeof(sql), format, list);
    va_end(list);
    if (sqlite3_exec(lab->raw, sql, NULL, NULL, NULL))
        printf("# %s: %s\n", sql, sqlite3_errmsg(lab->raw));
}

static bool open_lab(struct lab *lab)
{
    struct store_options options = {.host = &lab->native.host};
    char url[160];
    struct merkle tree = {.host = &lab->native.host};
    struct arena arena;
    struct err err = {0};

    snprintf(lab->folder, sizeof(lab->folder), "/tmp/cobijo-tamper.XXXXXX");
    if (!host_native_init(&lab->native) || !mkdtemp(lab->folder))
        return false;
    snprintf(lab->path, sizeof(lab->path), "%s/log.db", lab->folder);
    snprintf(url, sizeof(url), "sqlite:%s", lab->path);
    lab->log = (struct log){.host = &lab->native.host,
                            .form = no_form,
                            .site = str_of(site),
                            .node = STR("node")};
    if (store_open(url, &options, &lab->store, &err) ||
        store_setup(lab->store, &err) ||
        store_connect(lab->store, true, &lab->db, &err) ||
        sqlite3_open(lab->path, &lab->raw))
        return false;
    lab->log.store = lab->store;
    arena_init(&arena, NULL);
    for (int i = 0; i < ENTRIES; i++) {
        add_entry(lab, &arena, i);
        read_hash(lab, i + 1, &tree);
        if ((i + 1) % EVERY == 0) {
            struct log_point *point = &lab->point[i / EVERY];

            point->site = lab->log.site;
            point->size = i + 1;
            merkle_root(&tree, point->root);
        }
    }
    arena_release(&arena);
    run(lab, "PRAGMA synchronous=OFF; DROP TRIGGER entry_no_update;"
             "DROP TRIGGER entry_no_delete; DROP TRIGGER entry_body_no_update;"
             "ATTACH ':memory:' AS was;"
             "CREATE TABLE was.entry AS SELECT * FROM main.entry;"
             "CREATE TABLE was.entry_body AS SELECT * FROM main.entry_body;"
             "CREATE TABLE was.seen AS SELECT * FROM main.seen;"
             "CREATE TABLE was.site_head AS SELECT * FROM main.site_head;");
    return true;
}

static void put_back(struct lab *lab)
{
    run(lab, "BEGIN; DELETE FROM main.entry; DELETE FROM main.entry_body;"
             "DELETE FROM main.seen; DELETE FROM main.site_head;"
             "INSERT INTO main.entry SELECT * FROM was.entry;"
             "INSERT INTO main.entry_body SELECT * FROM was.entry_body;"
             "INSERT INTO main.seen SELECT * FROM was.seen;"
             "INSERT INTO main.site_head SELECT * FROM was.site_head; COMMIT");
}

/* --- hashing anew, as an insider could ------------------------------------ */

static struct str column(sqlite3_stmt *row, int at, struct arena *arena)
{
    return str_copy(arena, (struct str){sqlite3_column_blob(row, at),
                                        (size_t)sqlite3_column_bytes(row, at)});
}

static void body_hash(struct lab *lab, struct str id, unsigned char out[32])
{
    sqlite3_stmt *row = NULL;

    sqlite3_prepare_v2(lab->raw, "SELECT bytes FROM entry_body WHERE id = ?",
                       -1, &row, NULL);
    sqlite3_bind_text(row, 1, id.at, (int)id.size, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW) {
        struct str bytes = {sqlite3_column_blob(row, 0),
                            (size_t)sqlite3_column_bytes(row, 0)};

        lab->log.host->hash(lab->log.host->context, &bytes, 1, out);
    }
    sqlite3_finalize(row);
}

static void write_entry(struct lab *lab, int64_t old_seq,
                        const struct entry *entry)
{
    sqlite3_stmt *row = NULL;

    sqlite3_prepare_v2(lab->raw,
                       "UPDATE entry SET seq = ?2, body_hash = ?3, prev = ?4, "
                       "hash = ?5 WHERE seq = ?1",
                       -1, &row, NULL);
    sqlite3_bind_int64(row, 1, old_seq);
    sqlite3_bind_int64(row, 2, entry->seq);
    sqlite3_bind_blob(row, 3, entry->body_hash, 32, SQLITE_STATIC);
    sqlite3_bind_blob(row, 4, entry->prev, 32, SQLITE_STATIC);
    sqlite3_bind_blob(row, 5, entry->hash, 32, SQLITE_STATIC);
    sqlite3_step(row);
    sqlite3_finalize(row);
}

static enum entry_op op_named(struct str name)
{
    return str_equal_c(name, "update") ? OP_UPDATE : OP_CREATE;
}

/* Numbers without gaps, every hash right, the head where the log ends. */
static void hash_anew(struct lab *lab)
{
    struct entry list[ENTRIES + 8];
    int64_t old[ENTRIES + 8];
    unsigned char prev[32] = {0};
    struct arena arena;
    sqlite3_stmt *row = NULL;
    int64_t count = 0;

    arena_init(&arena, NULL);
    sqlite3_prepare_v2(lab->raw,
                       "SELECT seq, id, node, clock, author, kind, "
                       "form_version, record, subject, op, base FROM entry "
                       "ORDER BY seq",
                       -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW) {
        old[count] = sqlite3_column_int64(row, 0);
        list[count] = (struct entry){.site = lab->log.site,
                                     .seq = count + 1,
                                     .id = column(row, 1, &arena),
                                     .node = column(row, 2, &arena),
                                     .clock = sqlite3_column_int64(row, 3),
                                     .author = column(row, 4, &arena),
                                     .kind = column(row, 5, &arena),
                                     .form_version = column(row, 6, &arena),
                                     .record = column(row, 7, &arena),
                                     .subject = column(row, 8, &arena),
                                     .op = op_named(column(row, 9, &arena)),
                                     .base = sqlite3_column_int64(row, 10)};
        count++;
    }
    sqlite3_finalize(row);
    for (int64_t i = 0; i < count; i++) {
        body_hash(lab, list[i].id, list[i].body_hash);
        memcpy(list[i].prev, prev, 32);
        chain_hash(lab->log.host, &list[i], list[i].hash);
        memcpy(prev, list[i].hash, 32);
        write_entry(lab, old[i], &list[i]);
    }
    run(lab, "DELETE FROM site_head WHERE NOT EXISTS (SELECT 1 FROM entry);"
             "UPDATE site_head SET seq = (SELECT MAX(seq) FROM entry), hash = "
             "(SELECT hash FROM entry ORDER BY seq DESC LIMIT 1)");
    arena_release(&arena);
}

/* --- tricks --------------------------------------------------------------- */

/* One field of one header. */
static void change_field(struct lab *lab, int64_t at)
{
    static const char *const text[] = {"site",   "id",      "node",
                                       "author", "kind",    "form_version",
                                       "record", "subject", "op"};
    static const char *const number[] = {"seq", "clock", "base"};
    static const char *const bytes[] = {"body_hash", "prev", "hash"};
    int which = (int)draw(lab, 15);

    if (which < 9)
        run(lab, "UPDATE entry SET %s = %s || 'z' WHERE seq = %d", text[which],
            text[which], (int)at);
    else if (which < 12)
        run(lab, "UPDATE entry SET %s = %s + %d WHERE seq = %d",
            number[which - 9], number[which - 9], 1000 + (int)draw(lab, 1000),
            (int)at);
    else
        run(lab, "UPDATE entry SET %s = randomblob(32) WHERE seq = %d",
            bytes[which - 12], (int)at);
}

/* another: an answer that could have been given, not any byte. */
static void change_body(struct lab *lab, int64_t at, bool another)
{
    sqlite3_stmt *row = NULL;
    unsigned char bytes[256];
    int size = 0;

    sqlite3_prepare_v2(lab->raw,
                       "SELECT b.bytes FROM entry_body b JOIN entry e "
                       "ON e.id = b.id WHERE e.seq = ?",
                       -1, &row, NULL);
    sqlite3_bind_int64(row, 1, at);
    if (sqlite3_step(row) == SQLITE_ROW) {
        size = sqlite3_column_bytes(row, 0);
        memcpy(bytes, sqlite3_column_blob(row, 0), (size_t)size);
    }
    sqlite3_finalize(row);
    if (another)
        bytes[size - 2] ^= 1;
    else
        bytes[draw(lab, (uint64_t)size)] ^= (unsigned char)(1 << draw(lab, 8));
    sqlite3_prepare_v2(lab->raw,
                       "UPDATE entry_body SET bytes = ?2 WHERE id = "
                       "(SELECT id FROM entry WHERE seq = ?1)",
                       -1, &row, NULL);
    sqlite3_bind_int64(row, 1, at);
    sqlite3_bind_blob(row, 2, bytes, size, SQLITE_STATIC);
    sqlite3_step(row);
    sqlite3_finalize(row);
}

static void copy_entry(struct lab *lab, int64_t from, int64_t to)
{
    run(lab,
        "INSERT INTO entry SELECT site, %d, id || '-%d', node, clock, author, "
        "kind, form_version, record, subject, op, base, body_hash, prev, hash "
        "FROM was.entry WHERE seq = %d;"
        "INSERT INTO entry_body SELECT b.site, b.id || '-%d', key, nonce, "
        "bytes FROM was.entry_body b JOIN was.entry e ON e.id = b.id "
        "WHERE e.seq = %d",
        (int)to, (int)to, (int)from, (int)to, (int)from);
}

static void swap(struct lab *lab, int64_t a, int64_t b)
{
    run(lab,
        "UPDATE entry SET seq = 1000 WHERE seq = %d;"
        "UPDATE entry SET seq = %d WHERE seq = %d;"
        "UPDATE entry SET seq = %d WHERE seq = 1000",
        (int)a, (int)a, (int)b, (int)b);
}

static void cut(struct lab *lab, int64_t from)
{
    run(lab,
        "DELETE FROM seen WHERE batch IN (SELECT id FROM entry "
        "WHERE seq >= %d);"
        "DELETE FROM entry_body WHERE id IN (SELECT id FROM entry "
        "WHERE seq >= %d); DELETE FROM entry WHERE seq >= %d",
        (int)from, (int)from, (int)from);
}

static int64_t seen_entry(struct lab *lab)
{
    return 8 * (1 + (int64_t)draw(lab, ENTRIES / 8));
}

/* A place that is no batch of readings: those have their own tricks. */
static int64_t plain_entry(struct lab *lab)
{
    int64_t at = 1 + (int64_t)draw(lab, ENTRIES);

    return at % 8 ? at : at - 1;
}

static void change_seen(struct lab *lab, int64_t at)
{
    static const char *const how[] = {
        "UPDATE seen SET author = author || '2' WHERE place = 0 AND",
        "UPDATE seen SET minute = minute - 1 WHERE place = 1 AND",
        "UPDATE seen SET times = times + 1 WHERE place = 0 AND",
        "UPDATE seen SET subject = 'p9' WHERE place = 1 AND",
        "UPDATE seen SET what = '' WHERE place = 1 AND",
        "UPDATE seen SET place = 5 - place WHERE place = 0 AND",
        "DELETE FROM seen WHERE place = 1 AND",
        "DELETE FROM seen WHERE",
    };

    run(lab, "%s batch = (SELECT id FROM entry WHERE seq = %d)",
        how[draw(lab, 8)], (int)at);
}

struct trick {
    int64_t seq;  /* where it happened */
    bool outside; /* only a checkpoint tells */
};

/* Tricks that the log itself shows. */
static struct trick play_inside(struct lab *lab, int which)
{
    int64_t at = plain_entry(lab), other = plain_entry(lab);

    if (which == 0) {
        at = 1 + (int64_t)draw(lab, ENTRIES);
        change_field(lab, at);
    } else if (which == 1) {
        change_body(lab, at, false);
    } else if (which == 2) {
        run(lab, "DELETE FROM entry WHERE seq = %d", (int)at);
    } else if (which == 3) { /* once more at the end */
        copy_entry(lab, at, ENTRIES + 1);
        at = ENTRIES + 1;
    } else if (which == 4) {
        while (other == at)
            other = plain_entry(lab);
        swap(lab, at, other);
        at = at < other ? at : other;
    } else if (which == 5) {
        run(lab,
            "DELETE FROM entry_body WHERE id = "
            "(SELECT id FROM entry WHERE seq = %d)",
            (int)at);
    } else if (which == 6) {
        at = seen_entry(lab);
        change_seen(lab, at);
    } else if (which == 7) { /* the tail, but not the head */
        cut(lab, at);
    } else {
        run(lab, "UPDATE site_head SET hash = randomblob(32)");
        at = ENTRIES + 1;
    }
    return (struct trick){at, false};
}

/* Tricks of somebody who hashes everything anew. */
static struct trick play_outside(struct lab *lab, int which)
{
    int64_t at = plain_entry(lab);

    if (which == 9) { /* the end taken off, head and all */
        cut(lab, at);
    } else if (which == 10) { /* fork: another answer */
        change_body(lab, at, true);
    } else if (which == 11) { /* fork: somebody else wrote it */
        run(lab, "UPDATE entry SET author = 'u9' WHERE seq = %d", (int)at);
    } else if (which == 12) { /* as if it had never been */
        run(lab,
            "DELETE FROM entry_body WHERE id = (SELECT id FROM entry "
            "WHERE seq = %d); DELETE FROM entry WHERE seq = %d",
            (int)at, (int)at);
    } else { /* the end replaced by what stood there before */
        int64_t from = at;

        cut(lab, from);
        for (int64_t to = from; to <= ENTRIES; to++)
            copy_entry(lab, 1 + (to - from) % 7, to);
    }
    hash_anew(lab);
    return (struct trick){at, true};
}

static struct trick play(struct lab *lab, int which)
{
    struct trick trick;

    run(lab, "BEGIN");
    trick = which < 9 ? play_inside(lab, which) : play_outside(lab, which);
    run(lab, "COMMIT");
    return trick;
}

/* --- finding -------------------------------------------------------------- */

static bool verify(struct lab *lab, bool points, struct log_fault *fault)
{
    struct arena arena;
    struct err err = {0};
    int64_t entries;
    bool good;

    arena_init(&arena, NULL);
    good =
        !log_verify_points(&lab->log, lab->db, &arena, lab->point,
                           points ? ENTRIES / EVERY : 0, &entries, fault, &err);
    arena_release(&arena);
    return good;
}

struct count {
    int played, found, placed, alone;
};

static void one_round(struct lab *lab, int which, struct count *count)
{
    struct trick trick = play(lab, which);
    struct log_fault fault = {0};

    count->played++;
    if (!verify(lab, true, &fault)) {
        count->found++;
        /* the entry itself, or the stretch between two checkpoints */
        if (trick.outside ? fault.last && fault.seq <= trick.seq &&
                                trick.seq <= fault.last &&
                                fault.last - fault.seq < ENTRIES
                          : fault.seq == trick.seq)
            count->placed++;
        else
            printf("# trick %d at %lld: seq %lld-%lld %s\n", which,
                   (long long)trick.seq, (long long)fault.seq,
                   (long long)fault.last, fault.err.message);
    } else {
        printf("# trick %d at %lld was not found\n", which,
               (long long)trick.seq);
    }
    if (trick.outside && verify(lab, false, &fault))
        count->alone++;
    put_back(lab);
}

int main(void)
{
    static const char *const name[TRICKS] = {
        "a field of a header",
        "a byte of a body",
        "an entry removed",
        "an entry twice",
        "two entries swapped",
        "a body removed",
        "a reading changed",
        "the tail cut off",
        "another head",
        "tail and head cut off",
        "another body, all hashed anew",
        "another author, all hashed anew",
        "an entry left out, all hashed anew",
        "an old tail put back, all hashed anew"};
    struct tap tap = {0};
    static struct lab lab;
    struct count count[TRICKS] = {0};
    struct log_fault fault;
    int found = 0;

    lab.tap = &tap;
    lab.random = 20261122;
    if (!tap_ok(&tap, open_lab(&lab), "a log of %d entries", ENTRIES))
        return tap_done(&tap);
    tap_ok(&tap, verify(&lab, true, &fault), "it verifies");
    for (int i = 0; i < ROUNDS; i++)
        one_round(&lab, i % TRICKS, &count[i % TRICKS]);
    for (int i = 0; i < TRICKS; i++) {
        found += count[i].found;
        tap_ok(&tap,
               count[i].found == count[i].played &&
                   count[i].placed == count[i].played,
               "%s: %d of %d found, %d in their place", name[i], count[i].found,
               count[i].played, count[i].placed);
        if (i >= 9)
            tap_ok(&tap, count[i].alone == count[i].played,
                   "... which nobody sees without the checkpoint");
    }
    tap_is_int(&tap, found, ROUNDS, "all of them");
    tap_ok(&tap, verify(&lab, true, &fault), "put back, it verifies again");
    sqlite3_close(lab.raw);
    db_close(lab.db);
    store_close(lab.store);
    host_native_release(&lab.native);
    for (const char *const *end =
             (const char *const[]){"", "-wal", "-shm", NULL};
         *end; end++) {
        char path[160];

        snprintf(path, sizeof(path), "%s%s", lab.path, *end);
        unlink(path);
    }
    rmdir(lab.folder);
    return tap_done(&tap);
}
