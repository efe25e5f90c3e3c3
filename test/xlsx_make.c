/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx_make.c - a zip in memory. */
#include "test/xlsx_make.h"

#include <zip.h>

struct str zip_make(struct arena *arena, const struct xlsx_part *part,
                    size_t count)
{
    zip_error_t error;
    zip_source_t *whole;
    zip_stat_t stat;
    zip_t *zip;
    char *bytes;

    zip_error_init(&error);
    whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip = zip_open_from_source(whole, ZIP_TRUNCATE, &error);
    zip_source_keep(whole);
    for (size_t i = 0; i < count; i++)
        zip_file_add(
            zip, part[i].path,
            zip_source_buffer(zip, part[i].text.at, part[i].text.size, 0),
            ZIP_FL_ENC_UTF_8);
    zip_close(zip);
    zip_source_stat(whole, &stat);
    bytes = arena_alloc(arena, (size_t)stat.size);
    zip_source_open(whole);
    zip_source_read(whole, bytes, stat.size);
    zip_source_close(whole);
    zip_source_free(whole);
    zip_error_fini(&error);
    return (struct str){bytes, (size_t)stat.size};
}

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE                                                                 \
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

struct str xlsx_make(struct arena *arena, const struct xlsx_text *text)
{
    struct xlsx_part part[6] = {
        {"_rels/.rels",
         STR("<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"rId1\" "
             "Type=\"" OFFICE "/officeDocument\" Target=\"xl/workbook.xml\"/>"
             "</Relationships>")},
        {"xl/workbook.xml", STR_NULL},
        {"xl/_rels/workbook.xml.rels",
         STR("<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"rId1\" "
             "Type=\"" OFFICE "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
             "<Relationship Id=\"rId2\" Type=\"" OFFICE "/styles\" "
             "Target=\"/xl/styles.xml\"/><Relationship Id=\"rId3\" "
             "Type=\"" OFFICE "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
             "</Relationships>")},
        {"xl/styles.xml", STR_NULL},
        {"xl/sharedStrings.xml", STR_NULL},
        {"xl/worksheets/sheet1.xml", STR_NULL}};

    part[1].text = str_join(
        arena, str_of("<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\">"),
        str_join(arena, str_of(text->workbook ? text->workbook : ""),
                 str_of("<sheets><sheet name=\"survey\" sheetId=\"1\" "
                        "r:id=\"rId1\"/></sheets></workbook>")));
    part[3].text = str_format(
        arena,
        "<styleSheet xmlns=\"" MAIN "\"><numFmts>%s</numFmts><cellStyleXfs>"
        "<xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>%s</cellXfs>"
        "</styleSheet>",
        text->formats ? text->formats : "", text->styles ? text->styles : "");
    part[4].text = str_format(arena, "<sst xmlns=\"" MAIN "\">%s</sst>",
                              text->strings ? text->strings : "");
    part[5].text = str_format(
        arena,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"" MAIN
        "\"><dimension ref=\"A1\"/><sheetData>%s</sheetData>%s</worksheet>",
        text->rows ? text->rows : "", text->after ? text->after : "");
    return zip_make(arena, part, 6);
}
