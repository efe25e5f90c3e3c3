/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* csv.h - comma-separated values as people's programs write them.
 *
 * RFC 4180 with quotes, any line end, embedded newlines; the separator is
 * given or guessed (, ; tab |). Empty lines and a first line "sep=;" are
 * skipped. Cells are slices of the text where they can be. Bytes are UTF-8:
 * decode before (csv_decode).
 */
#ifndef COBIJO_CSV_H
#define COBIJO_CSV_H

#include "core/err.h"
#include "core/str.h"

struct csv {
    struct str rest;
    char separator;
    size_t line; /* of the row last read, counted from 1 */
    size_t next_line;
};

struct csv_row {
    struct str *cell;
    size_t count;
    size_t line;
    bool joined; /* bytes stood after a closing quote */
};

enum { CSV_CELLS_MAX = 4096, CSV_CELL_SIZE_MAX = 1 << 20 };

/* Removes a byte-order mark, turns UTF-16 with a mark and Latin-1 (when not
 * valid UTF-8) into UTF-8. *was_latin1 may be NULL. */
struct str csv_decode(struct arena *arena, struct str bytes, bool *was_latin1);
char csv_guess_separator(struct str text);
void csv_init(struct csv *csv, struct str text, char separator);
/* false at the end or on an error (then err->code is set). */
bool csv_next(struct csv *csv, struct arena *arena, struct csv_row *row,
              struct err *err);

#endif
