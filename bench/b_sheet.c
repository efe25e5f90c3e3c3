/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_sheet.c - a register of 20,000 rows and 20 columns as .xlsx: read, and
 * beside it the same bytes only unpacked, and unpacked and gone through by
 * expat, rounds alternating; the memory that each takes at most, in a process
 * of its own. Then files that mean harm.
 *
 *     b_sheet [FILE.xlsx]      FILE: written, to look at
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <expat.h>
#include <malloc.h>
#include <zip.h>

#include "core/buf.h"
#include "form/read/read.h"

#include "../test/xlsx_make.c"

enum { ROWS = 20000, COLUMNS = 20, ROUNDS = 7, TEXTS = 30000 };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Seven columns of texts (two of them names that seldom come again), eight of
 * numbers, three of dates, a boolean, a column that is half empty. */
static struct str make_register(struct arena *arena)
{
    struct xlsx_text text = {.styles = "<xf numFmtId=\"0\"/>"
                                       "<xf numFmtId=\"14\"/>"};
    struct buf rows, strings;
    uint32_t random = 1;

    buf_init(&rows, arena);
    buf_init(&strings, arena);
    for (int i = 0; i < TEXTS; i++)
        buf_printf(&strings, "<si><t>Persona de prueba %d Ñandú</t></si>", i);
    for (int row = 1; row <= ROWS; row++) {
        buf_printf(&rows, "<row r=\"%d\" spans=\"1:20\">", row);
        for (int column = 0; column < COLUMNS; column++) {
            random = random * 1664525u + 1013904223u;
            buf_printf(&rows, "<c r=\"%c%d\"", 'A' + column, row);
            if (column < 7)
                buf_printf(&rows, " t=\"s\"><v>%u</v></c>",
                           random % (column < 2 ? TEXTS : 40));
            else if (column < 15)
                buf_printf(&rows, "><v>%u</v></c>", random >> 12);
            else if (column < 18)
                buf_printf(&rows, " s=\"1\"><v>%u</v></c>",
                           30000 + random % 15000);
            else if (column == 18)
                buf_printf(&rows, " t=\"b\"><v>%u</v></c>", random >> 31);
            else
                buf_puts(&rows, random >> 31 ? "><v>0.5</v></c>" : "/>");
        }
        buf_puts(&rows, "</row>");
    }
    text.rows = str_c(arena, buf_str(&rows));
    text.strings = str_c(arena, buf_str(&strings));
    return xlsx_make(arena, &text);
}

/* --- three ways ----------------------------------------------------------- */

static void nothing(void *context, const char *name, const char **attribute)
{
    (void)context, (void)name, (void)attribute;
}

/* Every part, to nowhere or through a parser that does nothing. */
static size_t unpack(struct str bytes, bool parse)
{
    zip_error_t error;
    zip_t *zip;
    static char room[65536];
    size_t size = 0;

    zip_error_init(&error);
    zip = zip_open_from_source(
        zip_source_buffer_create(bytes.at, bytes.size, 0, &error), ZIP_RDONLY,
        &error);
    for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); i++) {
        zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)i, 0);
        XML_Parser parser = XML_ParserCreate(NULL);
        zip_int64_t got;

        XML_SetStartElementHandler(parser, nothing);
        while ((got = zip_fread(file, room, sizeof room)) > 0) {
            if (parse)
                XML_Parse(parser, room, (int)got, 0);
            size += (size_t)got;
        }
        XML_ParserFree(parser);
        zip_fclose(file);
    }
    zip_discard(zip);
    return size;
}

static size_t cells_of(const struct tables *tables)
{
    size_t cells = 0;

    for (size_t i = 0; i < tables->count; i++)
        for (size_t k = 0; k < tables->table[i].rows; k++)
            cells += tables->table[i].row[k].count;
    return cells;
}

enum way { WAY_UNPACK, WAY_PARSE, WAY_READ, WAY_TEXT, WAYS };
static const char *const way_name[] = {"only unpacked", "and through expat",
                                       "read", "read, and as CSV"};

static size_t go(enum way way, struct str bytes)
{
    struct tables tables = {0};
    struct err err = {0};
    struct arena arena;
    size_t result = 0;

    if (way == WAY_UNPACK || way == WAY_PARSE)
        return unpack(bytes, way == WAY_PARSE);
    arena_init(&arena, NULL);
    if (read_tables(&arena, bytes, &tables, &err))
        printf("%s\n", str_c(&arena, err_text(&err, NULL, &arena)));
    else
        result = way == WAY_READ ? cells_of(&tables)
                                 : tables_sheet(&arena, &tables, 0).size;
    arena_release(&arena);
    return result;
}

/* The most memory of a process that does nothing else, less that of one that
 * does nothing, in MiB; and its seconds. */
static double most(enum way way, struct str bytes, double *seconds)
{
    struct rusage usage;
    double began = now(), mib = 0;
    int pipes[2], status;
    pid_t id;

    fflush(stdout);
    malloc_trim(0); /* what a round before it left */
    if (pipe(pipes))
        return 0;
    id = fork();
    if (id == 0) {
        if (way < WAYS)
            go(way, bytes);
        fflush(stdout);
        getrusage(RUSAGE_SELF, &usage);
        mib = (double)usage.ru_maxrss / 1024;
        _exit(write(pipes[1], &mib, sizeof mib) < 0);
    }
    if (read(pipes[0], &mib, sizeof mib) < 0)
        mib = 0;
    waitpid(id, &status, 0);
    close(pipes[0]);
    close(pipes[1]);
    *seconds = now() - began;
    return mib;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static void measure(struct str bytes)
{
    double seconds[WAYS][ROUNDS], none, base;
    size_t result[WAYS] = {0};

    for (int round = 0; round < ROUNDS; round++)
        for (int way = 0; way < WAYS; way++) {
            double began = now();

            result[way] = go((enum way)way, bytes);
            seconds[way][round] = now() - began;
        }
    base = most(WAYS, bytes, &none);
    for (int way = 0; way < WAYS; way++) {
        double more = most((enum way)way, bytes, &none) - base;

        qsort(seconds[way], ROUNDS, sizeof(double), compare);
        printf("%-18s %7.1f ms   %5.2f x   %6.1f MiB   %zu\n", way_name[way],
               seconds[way][ROUNDS / 2] * 1000,
               seconds[way][ROUNDS / 2] / seconds[WAY_UNPACK][ROUNDS / 2], more,
               result[way]);
    }
}

/* --- harm ----------------------------------------------------------------- */

static const char *many(struct arena *arena, const char *text, size_t times)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < times; i++)
        buf_puts(&out, text);
    return str_c(arena, buf_str(&out));
}

static void harm(const char *name, const struct xlsx_text *text)
{
    struct arena arena;
    struct str bytes;
    double base, peak, seconds;

    arena_init(&arena, NULL);
    bytes = xlsx_make(&arena, text);
    base = most(WAYS, bytes, &seconds);
    printf("%s, %zu KiB: ", name, bytes.size >> 10);
    peak = most(WAY_TEXT, bytes, &seconds);
    printf("  %.2f s, %.1f MiB\n", seconds, peak - base);
    arena_release(&arena);
}

static void harms(void)
{
    struct arena arena;
    struct buf rows;

    arena_init(&arena, NULL);
    harm("a bomb", &(struct xlsx_text){
                       .rows = many(&arena, "                                ",
                                    6 << 20)});
    harm("1,048,576 rows",
         &(struct xlsx_text){
             .rows = many(&arena, "<row><c><v>1</v></c></row>", 1 << 20)});
    harm("1,000,001 shared texts",
         &(struct xlsx_text){.strings =
                                 many(&arena, "<si><t>a</t></si>", 1000001)});
    buf_init(&rows, &arena);
    for (int i = 0; i < 4000000; i++)
        buf_puts(&rows, i % 20 ? "<c><v>1</v></c>"
                        : i    ? "</row><row><c><v>1</v></c>"
                               : "<row><c><v>1</v></c>");
    buf_puts(&rows, "</row>");
    harm("4,000,000 cells",
         &(struct xlsx_text){.rows = str_c(&arena, buf_str(&rows))});
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct str bytes;

    arena_init(&arena, NULL);
    bytes = make_register(&arena);
    printf("%d rows of %d columns, %zu KiB; median of %d rounds; most memory "
           "beside the file\n",
           ROWS, COLUMNS, bytes.size >> 10, ROUNDS);
    if (argc > 1) {
        FILE *out = fopen(argv[1], "wb");

        if (out) {
            fwrite(bytes.at, 1, bytes.size, out);
            fclose(out);
        }
    }
    bytes = str_copy(&arena, bytes);
    measure(bytes);
    harms();
    arena_release(&arena);
    return 0;
}
