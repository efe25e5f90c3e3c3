/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx_make.h - small .xlsx files for tests, as zip and XML text. */
#ifndef COBIJO_XLSX_MAKE_H
#define COBIJO_XLSX_MAKE_H

#include "form/read/read.h"

struct xlsx_part {
    const char *path;
    struct str text;
};

/* A zip of these parts. */
struct str zip_make(struct arena *arena, const struct xlsx_part *part,
                    size_t count);
/* A workbook of one sheet called survey: what stands in its sheetData, its
 * shared texts (<si>…), its cellXfs (<xf …/>…) and numFmts; NULL for none. */
struct xlsx_text {
    const char *rows, *after; /* after: behind sheetData */
    const char *strings, *formats, *styles;
    const char *workbook; /* workbookPr and the like */
};
struct str xlsx_make(struct arena *arena, const struct xlsx_text *text);

#endif
