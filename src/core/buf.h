/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* buf.h - text that grows, in an arena.
 *
 *     struct buf out;
 *     buf_init(&out, arena);
 *     buf_puts(&out, "hola");
 *     return buf_str(&out);
 *
 * After a failed allocation it swallows what comes (see arena.h).
 */
#ifndef COBIJO_BUF_H
#define COBIJO_BUF_H

#include "core/str.h"

struct buf {
    struct arena *arena;
    char *at;
    size_t size, capacity;
};

void buf_init(struct buf *buf, struct arena *arena);
void buf_clear(struct buf *buf);
struct str buf_str(const struct buf *buf); /* valid until the next add */
void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_put(struct buf *buf, struct str text);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void buf_put_int(struct buf *buf, int64_t i);
/* The shortest text that reads back as d: 3, 2.5, 1e+100. */
void buf_put_double(struct buf *buf, double d);

/* Escaping is chosen by place. */
void buf_put_html(struct buf *buf, struct str text); /* text and "attribute" */
void buf_put_url(struct buf *buf, struct str text);  /* one component */
void buf_put_json(struct buf *buf, struct str text); /* with the quotes */
void buf_put_csv(struct buf *buf, struct str text);  /* quoted when needed; a
        cell that a spreadsheet would run (= + - @ tab CR) gets a leading ' */
/* A cell of CSV that programs read, as it is; quoted: in any case. */
void buf_put_cell(struct buf *buf, struct str text, bool quoted);
void buf_put_hex(struct buf *buf, const void *bytes, size_t size);

#endif
