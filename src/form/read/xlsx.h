/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx.h - the parts of an .xlsx: each is read by a function over a source of
 * bytes, so that the fuzzer reaches them without a zip around.
 */
#ifndef COBIJO_XLSX_H
#define COBIJO_XLSX_H

#include "form/read/xml.h"

struct xlsx_sheet {
    struct str name, id, path;
    bool hidden;
};

struct xlsx {
    struct intake *intake;
    struct str folder; /* of the workbook's part: xl/ */
    struct str workbook, strings_path, styles_path;
    struct xlsx_sheet *sheet;
    size_t sheets;
    struct str *string;
    size_t strings, string_text; /* how many, bytes of all */
    size_t relations;
    unsigned char *style; /* enum cell_kind of each */
    size_t styles;
};

bool xlsx_root_rels(struct xlsx *xlsx, const struct xml_source *source);
bool xlsx_workbook(struct xlsx *xlsx, const struct xml_source *source);
bool xlsx_workbook_rels(struct xlsx *xlsx, const struct xml_source *source);
bool xlsx_strings(struct xlsx *xlsx, const struct xml_source *source);
bool xlsx_styles(struct xlsx *xlsx, const struct xml_source *source);
/* Into the sheet that intake_sheet began. */
bool xlsx_sheet(struct xlsx *xlsx, const struct xml_source *source);

/* _x000D_ and the like are characters; carriage returns go. */
struct str xlsx_text(struct arena *arena, struct str text);

#endif
