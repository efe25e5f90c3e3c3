/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* biff.h - what the parts of the .xls reader share. */
#ifndef COBIJO_BIFF_H
#define COBIJO_BIFF_H

#include "core/buf.h"
#include "form/read/intake.h"

enum record_id {
    RECORD_FORMULA = 0x0006,
    RECORD_EOF = 0x000a,
    RECORD_DATEMODE = 0x0022,
    RECORD_FILEPASS = 0x002f,
    RECORD_CONTINUE = 0x003c,
    RECORD_BOUNDSHEET = 0x0085,
    RECORD_MULRK = 0x00bd,
    RECORD_RSTRING = 0x00d6,
    RECORD_XF = 0x00e0,
    RECORD_MERGED = 0x00e5,
    RECORD_SST = 0x00fc,
    RECORD_LABELSST = 0x00fd,
    RECORD_NUMBER = 0x0203,
    RECORD_LABEL = 0x0204,
    RECORD_BOOLERR = 0x0205,
    RECORD_STRING = 0x0207,
    RECORD_RK = 0x027e,
    RECORD_FORMAT = 0x041e,
    RECORD_BOF = 0x0809
};

struct record {
    unsigned id;
    struct str body;
    size_t next; /* where the one after it begins */
};

struct biff_sheet {
    struct str name;
    size_t at;
    bool hidden;
};

struct biff_format {
    unsigned id;
    enum cell_kind kind;
};

struct biff {
    struct intake *intake;
    struct str stream;
    bool biff8;
    struct biff_sheet *sheet;
    size_t sheets;
    struct biff_format *format;
    size_t formats;
    unsigned char *style; /* enum cell_kind of each */
    size_t styles;
    struct str *string;
    size_t strings;
    struct buf line; /* a text being put together */
    size_t looked;   /* bytes of sheets, which do not overlap */
};

struct biff_cell {
    unsigned row, column; /* from 0 */
    struct str text;
};

/* The cells of one sheet, put in order at its end. */
struct biff_cells {
    struct biff *biff;
    struct arena arena;
    struct biff_cell *cell;
    size_t count;
    bool sorted;
    bool waiting; /* for the text of the formula at row, column */
    unsigned row, column;
    struct merge *merge;
    size_t merges;
};

/* The bare stream of records; biff_read takes it out of its file. */
bool biff_stream_read(struct intake *intake, struct str stream);

/* False at the end, and where the stream is cut. */
bool biff_next(struct str stream, size_t *at, struct record *record);
unsigned biff_u16(const char *at);
uint32_t biff_u32(const char *at);
double biff_double(const char *at);

/* biff_text.c: a text with its length before it in one or two bytes. */
struct str biff_text(struct biff *biff, struct str body, size_t length_size);
/* The shared texts, which go on in the records behind. */
bool biff_strings(struct biff *biff, const struct record *first);

#endif
