/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bare.c - the limits beside which the benchmarks stand.
 *
 *     bare sqlite FILE GROUP SECONDS   rows of 300 bytes, GROUP to a commit,
 *                                      WAL, synchronous=FULL
 *     bare sync FILE SECONDS           pwrite of 4 KiB and fdatasync
 *
 * Prints rows (or writes) per second.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <stdint.h>

#include "sqlite3.h"

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int bare_sqlite(const char *file, int group, double seconds)
{
    static const char payload[300] = "x";
    sqlite3 *db;
    sqlite3_stmt *insert;
    double begin;
    long rows = 0;

    if (sqlite3_open(file, &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY,"
                     " body BLOB)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO t (body) VALUES ($1)", -1, &insert,
                           NULL) != SQLITE_OK)
        return 3;
    begin = now();
    while (now() - begin < seconds) {
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (int i = 0; i < group; i++, rows++) {
            sqlite3_bind_blob(insert, 1, payload, sizeof payload,
                              SQLITE_STATIC);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    printf("%.1f\n", (double)rows / (now() - begin));
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return 0;
}

static int bare_sync(const char *file, double seconds)
{
    static char page[4096];
    int fd = open(file, O_CREAT | O_RDWR, 0600);
    double begin = now();
    long writes = 0;

    if (fd < 0)
        return 3;
    while (now() - begin < seconds) {
        if (pwrite(fd, page, sizeof page, (writes % 4096) * 4096) !=
                (ssize_t)sizeof page ||
            fdatasync(fd))
            return 3;
        writes++;
    }
    printf("%.1f\n", (double)writes / (now() - begin));
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5)
        return bare_sqlite(argv[2], (int)strtol(argv[3], NULL, 10),
                           strtod(argv[4], NULL));
    if (argc == 4)
        return bare_sync(argv[2], strtod(argv[3], NULL));
    return 2;
}
