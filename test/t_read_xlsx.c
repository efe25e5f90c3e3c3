/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_read_xlsx.c - cells of .xlsx files as text, and files that mean harm. */
#include "tap.h"

#include <time.h>

#include "core/buf.h"
#include "form/read/intake.h"
#include "form/read/read.h"
#include "test/file.h"
#include "test/xlsx_make.h"

static const struct host host = {.context = NULL};

static enum error read_them(void *context, struct arena *arena,
                            struct str bytes, struct tables *tables,
                            struct err *err)
{
    (void)context;
    return read_tables(arena, bytes, tables, err);
}

/* As form_text, or its refusal. */
static const char *text_of(struct arena *arena, struct str bytes)
{
    struct host reading = host;
    struct err err = {0};
    struct str text;

    reading.read_tables = read_them;
    if (form_text(&reading, arena, bytes, &text, &err))
        return str_c(arena, err_text(&err, NULL, arena));
    return str_c(arena, text);
}

/* --- cells ---------------------------------------------------------------- */

static const char styles[] =
    "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/>"
    "<xf numFmtId=\"20\"/><xf numFmtId=\"46\"/><xf numFmtId=\"164\"/>"
    "<xf numFmtId=\"165\"/><xf numFmtId=\"166\"/><xf numFmtId=\"9\"/>";
static const char formats[] =
    "<numFmt numFmtId=\"164\" formatCode=\"[$-80A]dddd\\, dd &quot;de&quot; "
    "mmmm;@\"/><numFmt numFmtId=\"165\" formatCode=\"#,##0.00 "
    "&quot;mdh&quot;;[Red]-0\"/><numFmt numFmtId=\"166\" "
    "formatCode=\"h:mm AM/PM\"/>";
static const char strings[] =
    "<si><t>uno</t></si>"
    "<si><r><t xml:space=\"preserve\">dos </t></r><r><rPr><b/></rPr><t>tres"
    "</t></r><rPh sb=\"0\" eb=\"1\"><t>kana</t></rPh><phoneticPr/></si>"
    "<si><t>l1_x000D_\nl2_x0041__x005F_</t></si><si/><si><t>a&lt;b &amp; ñ</t>"
    "</si>";

static void check_cells(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *cell, *text, *name;
    } cases[] = {
        {"<c><v>3</v></c>", "3", "a whole number"},
        {"<c><v>3.0</v></c>", "3", "without .0"},
        {"<c><v>0.1</v></c>", "0.1", "a fraction"},
        {"<c><v>1.1000000000000001</v></c>", "1.1", "the shortest of it"},
        {"<c><v>-0</v></c>", "0", "no minus zero"},
        {"<c><v>5512345678</v></c>", "5512345678", "a telephone"},
        {"<c><v>1E+20</v></c>", "100000000000000000000", "no exponent"},
        {"<c><v>1.5E-7</v></c>", "0.00000015", "a small one"},
        {"<c s=\"8\"><v>0.25</v></c>", "0.25", "a percentage"},
        {"<c s=\"6\"><v>41255</v></c>", "41255", "no date: m in quotes"},
        {"<c t=\"b\"><v>1</v></c>", "TRUE", "yes"},
        {"<c t=\"b\"><v>0</v></c>", "FALSE", "no"},
        {"<c s=\"1\"><v>41255</v></c>", "2012-12-12", "a date"},
        {"<c s=\"5\"><v>41255</v></c>", "2012-12-12", "in words"},
        {"<c s=\"1\"><v>1</v></c>", "1900-01-01", "the first day"},
        {"<c s=\"1\"><v>59</v></c>", "1900-02-28", "before the 29th"},
        {"<c s=\"1\"><v>61</v></c>", "1900-03-01", "behind it"},
        {"<c s=\"1\"><v>2958465</v></c>", "9999-12-31", "the last"},
        {"<c s=\"1\"><v>2958466</v></c>", "2958466", "beyond"},
        {"<c s=\"1\"><v>-1</v></c>", "-1", "below"},
        {"<c s=\"2\"><v>41255.75</v></c>", "2012-12-12T18:00:00",
         "date and time"},
        {"<c s=\"1\"><v>41255.999999</v></c>", "2012-12-13",
         "rounded to the second"},
        {"<c s=\"3\"><v>0.5</v></c>", "12:00:00", "a time"},
        {"<c s=\"7\"><v>0.25</v></c>", "06:00:00", "a time of AM and PM"},
        {"<c s=\"4\"><v>1.0625</v></c>", "25:30:00", "a duration"},
        {"<c t=\"d\"><v>2026-11-22T00:00:00.000Z</v></c>", "2026-11-22",
         "a day in words"},
        {"<c t=\"s\"><v>0</v></c>", "uno", "a shared text"},
        {"<c t=\"s\"><v>1</v></c>", "dos tres", "runs joined, no phonetics"},
        {"<c t=\"s\"><v>2</v></c>", "\"l1\nl2A_\"", "escapes"},
        {"<c t=\"s\"><v>4</v></c>", "a<b & ñ", "entities of XML itself"},
        {"<c t=\"inlineStr\"><is><t>en</t><rPh><t>x</t></rPh></is></c>", "en",
         "inline"},
        {"<c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c>", "ab",
         "inline in runs"},
        {"<c t=\"str\"><f>A1&amp;B1</f><v>xy</v></c>", "xy",
         "what a formula gave"},
        {"<c><f>1+1</f><v>2</v></c>", "2", "a number that one gave"},
        {"<c t=\"str\"><f>\"\"</f><v></v></c><c><v>1</v></c>", ",1",
         "a formula may give nothing"},
        {"<c/><c s=\"1\"></c><c><v/></c><c><v>1</v></c>", ",,,1",
         "empty cells"},
        {"<x:c xmlns:x=\"u\"><x:v>7</x:v></x:c>", "7", "with a prefix"},
        {"<c><extLst><ext><f>no</f></ext></extLst><v>7</v></c>", "7",
         "extensions"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct xlsx_text text = {
            .formats = formats, .styles = styles, .strings = strings};
        struct str want = str_format(arena, "survey\n,type%s%s\n,%s\n",
                                     ",b,c,d", "", cases[i].text);

        text.rows = str_c(
            arena, str_format(arena,
                              "<row><c t=\"inlineStr\"><is><t>type</t></is></c>"
                              "<c t=\"inlineStr\"><is><t>b</t></is></c>"
                              "<c t=\"inlineStr\"><is><t>c</t></is></c>"
                              "<c t=\"inlineStr\"><is><t>d</t></is></c></row>"
                              "<row>%s</row>",
                              cases[i].cell));
        tap_is(tap, text_of(arena, xlsx_make(arena, &text)), str_c(arena, want),
               cases[i].name);
    }
}

static void check_sheet(struct tap *tap, struct arena *arena,
                        const struct xlsx_text *text, const char *want,
                        const char *name)
{
    tap_is(tap, text_of(arena, xlsx_make(arena, text)), want, name);
}

static void check_sheets(struct tap *tap, struct arena *arena)
{
    struct xlsx_text text = {.styles = styles};

    text.rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>2</v></c>"
                "<c r=\"D1\"><v>3</v></c></row>"
                "<row r=\"4\"><c r=\"B4\"><v>4</v></c><c><v>5</v></c></row>"
                "<row><c><v>6</v></c></row>";
    check_sheet(tap, arena, &text, "survey\n,1,,2,3\n\n\n,,4,5\n,6\n",
                "places");
    text.after = "<mergeCells><mergeCell ref=\"B4:C5\"/><mergeCell "
                 "ref=\"C1:D1\"/><mergeCell ref=\"?\"/></mergeCells>";
    check_sheet(tap, arena, &text, "survey\n,1,,2\n\n\n,,4\n,6\n",
                "merged cells: what they cover is not read");
    text = (struct xlsx_text){
        .styles = styles,
        .workbook = "<workbookPr date1904=\"1\"/>",
        .rows = "<row><c><v>1</v></c></row><row><c s=\"1\"><v>39793</v></c>"
                "</row><row><c s=\"1\"><v>0</v></c></row><row><c s=\"3\">"
                "<v>0.5</v></c></row>"};
    check_sheet(tap, arena, &text,
                "survey\n,1\n,2012-12-12\n,1904-01-01\n,12:00:00\n",
                "the calendar of 1904");
    text = (struct xlsx_text){
        .rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><f>B1+1</f>"
                "</c><c><f>2</f><v></v></c><c><f>no heading</f></c></row>"};
    check_sheet(tap, arena, &text,
                "Hay fórmulas sin valor calculado en survey!A2, survey!B2. "
                "Abra el archivo en su programa de hojas de cálculo, guárdelo "
                "y súbalo otra vez.",
                "formulas without a value are named");
    text = (struct xlsx_text){
        .rows = "<row><c r=\"AB1\"><v>1</v></c></row><row r=\"9\"><c "
                "r=\"AB9\" t=\"e\"><f>x</f><v>#REF!</v></c></row>"};
    check_sheet(tap, arena, &text,
                "Hay fórmulas con error en survey!AB9 (#REF!). Corríjalas o "
                "borre esas celdas, y suba el archivo otra vez.",
                "formulas with an error too");
}

/* --- harm ----------------------------------------------------------------- */

static struct str repeat(struct arena *arena, const char *head,
                         const char *text, size_t times, const char *tail)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, head);
    for (size_t i = 0; i < times; i++)
        buf_puts(&out, text);
    buf_puts(&out, tail);
    return buf_str(&out);
}

/* Refused, with this in the reason, in less than `seconds`. */
static void check_refused(struct tap *tap, struct str bytes, const char *part,
                          double seconds, const char *name)
{
    struct tables tables = {0};
    struct err err = {0};
    struct arena arena;
    clock_t began = clock();
    double took;

    arena_init(&arena, NULL);
    read_tables(&arena, bytes, &tables, &err);
    took = (double)(clock() - began) / CLOCKS_PER_SEC;
    tap_ok(tap,
           err.code && err.code != ERROR_MEMORY &&
               str_find(err_text(&err, NULL, &arena), str_of(part)) < SIZE_MAX,
           "%s", name);
    if (err.message)
        printf("# %s\n", str_c(&arena, err_text(&err, NULL, &arena)));
    tap_ok(tap, took < seconds && arena.total < (200u << 20),
           "%s: %.2f s, %zu MiB", name, took, arena.total >> 20);
    arena_release(&arena);
}

static void check_bombs(struct tap *tap, struct arena *arena)
{
    struct xlsx_text text = {.rows = ""};

    text.rows =
        str_c(arena, repeat(arena, "<row><c t=\"inlineStr\"><is><t>",
                            "          ", 1 << 20, "</t></is></c></row>"));
    check_refused(tap, xlsx_make(arena, &text), "dañado", 2,
                  "a cell of 10 MiB");
    text.rows =
        str_c(arena, repeat(arena, "", "<a></a>\n            ", 3 << 20, ""));
    check_refused(tap, xlsx_make(arena, &text), "descomprimirlo", 5,
                  "a zip bomb");
    text.rows = str_c(arena, repeat(arena, "", "<a>", 1000, ""));
    check_refused(tap, xlsx_make(arena, &text), "dañado", 1,
                  "1,000 elements deep");
    text.rows =
        str_c(arena, repeat(arena, "<row a=\"", "b", 1 << 20, "\"></row>"));
    check_refused(tap, xlsx_make(arena, &text), "dañado", 2, "a tag of 1 MiB");
    text.rows = "<row><c r=\"XFD1\"><v>1</v></c></row>";
    check_refused(tap, xlsx_make(arena, &text), "columna 4000", 1,
                  "the last column");
    text.rows = "<row r=\"2\"><c><v>1</v></c></row><row r=\"1\"></row>";
    check_refused(tap, xlsx_make(arena, &text), "dañado", 1,
                  "rows out of order");
    text.rows = "<row><c t=\"s\"><v>1</v></c></row>";
    check_refused(tap, xlsx_make(arena, &text), "dañado", 1,
                  "a shared text that is not there");
    check_refused(tap, (struct str){"PK\3\4", (size_t)200 << 20}, "64 MiB", 1,
                  "200 MB");
}

static void check_many(struct tap *tap, struct arena *arena)
{
    struct xlsx_text text = {0};
    struct buf rows;
    struct str bytes;

    text.strings = str_c(arena, repeat(arena, "", "<si/>", 1000001, ""));
    check_refused(tap, xlsx_make(arena, &text), "1000000 textos", 5,
                  "a table of 1,000,001 shared texts");
    text.strings = str_c(
        arena, repeat(arena, "<si><t>", "0123456789", 20000, "</t></si>"));
    text.rows = str_c(arena, repeat(arena, "",
                                    "<row><c t=\"s\"><v>0</v></c>"
                                    "</row>",
                                    5000, ""));
    check_refused(tap, xlsx_make(arena, &text), "suman más de 64 MiB", 2,
                  "one long text in 5,000 cells");
    buf_init(&rows, arena);
    for (int i = 1; i <= 1048576; i++)
        buf_printf(&rows, "<row r=\"%d\"><c r=\"A%d\"><v>%d</v></c></row>", i,
                   i, i);
    text = (struct xlsx_text){.rows = str_c(arena, buf_str(&rows))};
    check_refused(tap, xlsx_make(arena, &text), "200000 filas", 5,
                  "1,048,576 rows");
    buf_clear(&rows);
    buf_puts(&rows, "<row><c><v>1</v></c></row>");
    for (int i = 2; i <= 1048576; i++)
        buf_printf(&rows, "<row r=\"%d\" s=\"1\"/>", i);
    text.rows = str_c(arena, buf_str(&rows));
    bytes = xlsx_make(arena, &text);
    tap_is(tap, text_of(arena, bytes), "survey\n,1\n",
           "1,048,576 rows with nothing in them are read");
}

static struct str one_part(struct arena *arena, const char *path,
                           struct str text)
{
    struct xlsx_part part = {path, text};

    return zip_make(arena, &part, 1);
}

static void check_entities(struct tap *tap, struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a0 \"ha\">");
    for (int i = 1; i < 30; i++)
        buf_printf(&out, "<!ENTITY a%d \"&a%d;&a%d;\">", i, i - 1, i - 1);
    buf_puts(&out, "]><workbook>&a29;</workbook>");
    check_refused(tap, one_part(arena, "xl/workbook.xml", buf_str(&out)),
                  "DOCTYPE", 1, "a billion laughs");
    check_refused(tap,
                  one_part(arena, "xl/workbook.xml",
                           STR("<!DOCTYPE w SYSTEM \"file:///etc/passwd\">"
                               "<workbook/>")),
                  "DOCTYPE", 1, "an entity from outside");
    check_refused(tap, one_part(arena, "content.xml", STR("<a/>")), ".ods", 1,
                  "an .ods");
    check_refused(tap, one_part(arena, "xl/workbook.bin", STR("x")), ".xlsb", 1,
                  "an .xlsb");
    check_refused(tap, one_part(arena, "photo.jpg", STR("x")),
                  "archivo comprimido", 1, "some other zip");
    check_refused(tap, one_part(arena, "xl/workbook.xml", STR("<workbook/>")),
                  "dañado", 1, "a workbook without sheets");
}

static void check_parts(struct tap *tap, struct arena *arena)
{
    struct xlsx_part *part = ARENA_ARRAY(arena, struct xlsx_part, 5000);

    for (size_t i = 0; i < 5000; i++)
        part[i] = (struct xlsx_part){
            str_c(arena, str_format(arena, "part%zu", i)), STR("")};
    check_refused(tap, zip_make(arena, part, 5000), "4096 partes", 2,
                  "a zip of 5,000 parts");
}

/* Cut anywhere, or one byte changed: refused or read, never worse. */
static void check_cut(struct tap *tap, struct arena *arena)
{
    struct xlsx_text text = {.formats = formats,
                             .styles = styles,
                             .strings = strings,
                             .rows = "<row><c t=\"s\"><v>0</v></c><c s=\"1\">"
                                     "<v>41255</v></c></row>"};
    struct str whole = xlsx_make(arena, &text);
    size_t read = 0;

    for (size_t size = 0; size < whole.size; size += 7) {
        struct str cut = str_copy(arena, str_slice(whole, 0, size));
        struct tables tables = {0};
        struct err err = {0};

        read += table_format(cut) == TABLE_ZIP &&
                !read_tables(arena, cut, &tables, &err);
    }
    tap_is_int(tap, (long long)read, 0, "no cut file is read as whole");
    for (size_t at = 0; at < whole.size; at += 3) {
        struct str copy = str_copy(arena, whole);
        struct tables tables = {0};
        struct err err = {0};

        ((char *)(uintptr_t)copy.at)[at] ^= (char)(1 + at % 255);
        if (table_format(copy) == TABLE_ZIP)
            read += !read_tables(arena, copy, &tables, &err);
    }
    tap_ok(tap, true, "with a byte changed %zu of %zu are still read", read,
           whole.size / 3);
}

/* Memory that ends anywhere. */
static void check_memory(struct tap *tap, struct arena *arena)
{
    struct str bytes = file_read(arena, "test/data/form.xlsx");
    size_t wrong = 0, read = 0;

    for (size_t limit = 1; limit < 64000; limit += 509) {
        struct tables tables = {0};
        struct err err = {0};
        struct arena small;

        arena_init(&small, NULL);
        small.limit = limit;
        read_tables(&small, bytes, &tables, &err);
        read += !err.code;
        wrong += err.code && err.code != ERROR_MEMORY;
        arena_release(&small);
    }
    tap_ok(tap, wrong == 0 && read > 0, "too little memory is said");
}

/* --- real ones ------------------------------------------------------------ */

#define SHARED "../shared/standards/"

static void check_real(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *path, *part;
    } cases[] = {
        {"odk_all_question_types.xlsx", "\n,select_one opt_abcd,"},
        {"odk_socio_economic_survey.xlsx", "\nchoices\n"},
        {"xlsform_org_cascading_select.xlsx", "\nchoices\n"},
        {"../pyxform/tests/example_xls/survey_no_name.xlsx", "\n,text,state,"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str path =
            str_join(arena, STR(SHARED "forms/"), str_of(cases[i].path));
        struct str bytes = file_read(arena, str_c(arena, path));

        if (str_is_null(bytes)) {
            tap_skip(tap, cases[i].path, "no ../shared");
            continue;
        }
        tap_ok(tap,
               str_find(str_of(text_of(arena, bytes)), str_of("survey\n,")) <
                       SIZE_MAX &&
                   str_find(str_of(text_of(arena, bytes)),
                            str_of(cases[i].part)) < SIZE_MAX,
               "%s", cases[i].path);
    }
}

int main(void)
{
    static void (*const checks[])(struct tap *, struct arena *) = {
        check_cells,    check_sheets, check_bombs,  check_many, check_parts,
        check_entities, check_cut,    check_memory, check_real};
    struct tap tap = {0};

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct arena arena;

        arena_init(&arena, NULL);
        checks[i](&tap, &arena);
        arena_release(&arena);
    }
    return tap_done(&tap);
}
