/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_sealed.c - what encryption at rest costs, cipher by cipher, in one run.
 *
 *     b_sealed [FOLDER [ROWS]]
 *
 * Bare SQLite with our settings: rows of 300 bytes with an index by a random
 * key, eight to a commit; then random reads through a cache that holds little
 * of the file (4 MB, as our readers have) and one that holds all of it.
 * Processor time per row, in microseconds, and against the plain file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sqlite3.h"

static const char *const cipher_table[] = {"plain", "chacha20", "aegis",
                                           "ascon128", "sqlcipher"};
enum { CIPHERS = sizeof(cipher_table) / sizeof(cipher_table[0]) };

static double used(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void must(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
}

static sqlite3 *file_open(const char *path, const char *cipher, int cache)
{
    static const char raw[] = "raw:0123456789abcdef0123456789abcdef";
    char sql[80];
    sqlite3 *db;

    if (sqlite3_open(path, &db) != SQLITE_OK)
        exit(1);
    if (strcmp(cipher, "plain") != 0) {
        snprintf(sql, sizeof(sql), "PRAGMA cipher='%s'", cipher);
        must(db, sql);
        if (sqlite3_key_v2(db, "main", raw, (int)sizeof(raw) - 1))
            exit(1);
    }
    snprintf(sql, sizeof(sql), "PRAGMA cache_size=%d", cache);
    must(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
             "PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY");
    must(db, sql);
    return db;
}

static double fill(const char *path, const char *cipher, int rows)
{
    sqlite3 *db = file_open(path, cipher, -16000);
    sqlite3_stmt *insert;
    char body[300];
    double began;

    memset(body, 'x', sizeof(body));
    must(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, body BLOB);"
             "CREATE INDEX t_k ON t (k)");
    sqlite3_prepare_v2(db, "INSERT INTO t (k, body) VALUES ($1, $2)", -1,
                       &insert, NULL);
    began = used();
    for (int i = 0; i < rows; i++) {
        if (i % 8 == 0)
            must(db, i ? "COMMIT; BEGIN" : "BEGIN");
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)mix((uint64_t)i));
        sqlite3_bind_blob(insert, 2, body, sizeof(body), SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE)
            exit(1);
        sqlite3_reset(insert);
    }
    must(db, "COMMIT");
    began = used() - began;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return began;
}

static double look(const char *path, const char *cipher, int rows, int cache)
{
    sqlite3 *db = file_open(path, cipher, cache);
    sqlite3_stmt *select;
    double began = 0;

    sqlite3_prepare_v2(db, "SELECT body FROM t WHERE k = $1", -1, &select,
                       NULL);
    for (int round = 0; round < 2; round++) { /* the first one warms up */
        began = used();
        for (int i = 0; i < rows; i++) {
            uint64_t which = mix((uint64_t)i + 7919) % (uint64_t)rows;

            sqlite3_bind_int64(select, 1, (sqlite3_int64)mix(which));
            if (sqlite3_step(select) != SQLITE_ROW)
                exit(1);
            sqlite3_reset(select);
        }
        began = used() - began;
    }
    sqlite3_finalize(select);
    sqlite3_close(db);
    return began;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/tmp";
    int rows = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 40000;
    double plain[3] = {1, 1, 1};

    printf("%d rows; processor time per row in microseconds (x plain)\n"
           "%-10s %18s %18s %18s\n",
           rows, "cipher", "insert", "read, 4 MB cache", "read, cached");
    for (int i = 0; i < CIPHERS; i++) {
        const char *cipher = cipher_table[i];
        double time[3];
        char path[300], other[310];

        snprintf(path, sizeof(path), "%s/b_sealed.db", folder);
        unlink(path);
        time[0] = fill(path, cipher, rows);
        time[1] = look(path, cipher, rows, -4000);
        time[2] = look(path, cipher, rows, -200000);
        printf("%-10s", cipher);
        for (int k = 0; k < 3; k++) {
            if (i == 0)
                plain[k] = time[k];
            printf(" %10.1f (%4.2f)", time[k] * 1e6 / rows, time[k] / plain[k]);
        }
        printf("\n");
        unlink(path);
        snprintf(other, sizeof(other), "%s-wal", path);
        unlink(other);
        snprintf(other, sizeof(other), "%s-shm", path);
        unlink(other);
    }
    return 0;
}
