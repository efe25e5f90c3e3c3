/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_form_table.c - what a file is, rows as text, Markdown, tidy cells. */
#include "tap.h"

#include "core/buf.h"
#include "form/table.h"
#include "form/xls/xls.h"

static void check_formats(struct tap *tap)
{
    static const struct {
        const char *bytes, *name;
        enum table_format format;
    } cases[] = {
        {"PK\3\4rest", "a zip", TABLE_ZIP},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE2 file", TABLE_OLE},
        {"%PDF-1.7", "a PDF", TABLE_OTHER},
        {"  <html><table>", "a web page named .xls", TABLE_OTHER},
        {"\xef\xbb\xbf<?xml version=\"1.0\"?>", "XML", TABLE_OTHER},
        {"\t\x08\x10\x00", "bare records of 1995", TABLE_OTHER},
        {"| survey |\n| | type |\n", "Markdown", TABLE_MARKDOWN},
        {"\n  | survey |\n  | | type |\n", "Markdown, moved in",
         TABLE_MARKDOWN},
        {"survey\n,type,name\n", "CSV", TABLE_CSV},
        {"|a|b\n|c|d\n", "CSV with bars", TABLE_CSV},
        {"<5 años,niños\n", "CSV that begins with <", TABLE_CSV},
        {"", "nothing", TABLE_CSV},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tap_is_int(tap, table_format(str_of(cases[i].bytes)), cases[i].format,
                   cases[i].name);
}

static const char *markdown_csv(struct arena *arena, const char *text)
{
    struct tables tables = {0};
    struct err err = {0};

    if (markdown_read(arena, str_of(text), &tables, &err))
        return err.message;
    return str_c(arena, tables_form(arena, &tables));
}

static void check_markdown(struct tap *tap, struct arena *arena)
{
    tap_is(tap,
           markdown_csv(arena, "| survey |\n| | type | name |\n"
                               "| | text | a, \"b\" |\n"),
           "survey\n,type,name\n,text,\"a, \"\"b\"\"\"\n", "a sheet");
    tap_is(tap,
           markdown_csv(arena, "# A form\n| survey |||\n|---|:--|--:|\n"
                               "|  | type | name |\n\n|| | |\n"
                               "| | text | a |\nprose\n"),
           "survey\n,type,name\n,text,a\n",
           "drawing, prose and empty rows are passed over");
    tap_is(tap,
           markdown_csv(arena, "| survey | type | name |\n| | text | a |\r\n"
                               "| choices | | |\n| | list_name | name |\n"
                               "| | l | regex(., '^(a\\|b)\\\\d$') |\n"),
           "survey\n,type,name\n,text,a\nchoices\n,list_name,name\n,l,"
           "\"regex(., '^(a|b)\\\\d$')\"\n",
           "a heading in the row of the name; an escaped bar");
    tap_is(tap, markdown_csv(arena, "||\n|x|\n| | |\n|\n"), "survey\n",
           "hardly anything; a lone sheet is survey");
}

static void check_form_text(struct tap *tap, struct arena *arena)
{
    struct str row1[] = {STR("type"), STR("name"), STR("label")};
    struct str row4[] = {STR("text"), STR(""), STR("a\nb")};
    struct str wide[30] = {[0] = STR("type"), [22] = STR("late")};
    struct tables tables = {0};
    struct table *table = tables_add(arena, &tables, STR(" Survey"));
    struct xls_book book;
    struct err err = {0};

    table_add(arena, table, 2, row1, 3);
    table_add(arena, table, 4, row4, 3);
    table_add(arena, table, 5, NULL, 0);
    table_add(arena, table, 64, row1, 1);
    table_add(arena, table, 130, row1, 1);
    tap_is_int(tap, (long long)table->rows, 4, "an empty row is none");
    table = tables_add(arena, &tables, STR("Notas; de José"));
    table_add(arena, table, 1, row1, 3);
    table = tables_add(arena, &tables, STR("choices"));
    table_add(arena, table, 1, wide, 30);
    tap_is(tap, str_c(arena, tables_form(arena, &tables)),
           str_c(arena,
                 str_format(arena,
                            "Survey\n\n,type,name,label\n\n,text,,\"a\nb\""
                            "\n%s,type\n\"Notas; de José\"\nchoices\n,type\n",
                            "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
                            "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
                            "\n\n\n\n\n\n\n\n\n\n\n")),
           "rows stand on their lines; 60 empty rows end, 20 empty headings "
           "too; other sheets are named only");
    tap_ok(tap,
           xls_book_csv(arena, tables_form(arena, &tables), &book, &err) &&
               book.table[0].rows == 3 && book.table[0].row[1].number == 4 &&
               book.table[0].row[2].number == 64,
           "and are numbered so when they are read");
    tap_is_int(tap, (long long)tables_fullest(&tables), 2, "the fullest");
    tables.table[2].hidden = true;
    tap_is_int(tap, (long long)tables_fullest(&tables), 0,
               "the fullest that is seen");
    tap_is(tap, str_c(arena, table_cell_name(arena, 7, 1)), "B7", "B7");
    tap_is(tap, str_c(arena, table_cell_name(arena, 1, 701)), "ZZ1", "ZZ1");
    tap_is(tap, str_c(arena, table_cell_name(arena, 1, 702)), "AAA1", "AAA1");
}

static void check_merge(struct tap *tap, struct arena *arena)
{
    struct str row[] = {STR("a"), STR("b"), STR("c")};
    struct tables tables = {0};
    struct table *table = tables_add(arena, &tables, STR("x"));

    for (size_t i = 1; i <= 4; i++)
        table_add(arena, table, i, row, 3);
    table_merge(table, 1, 2, 1, 2);
    tap_is(tap, str_c(arena, tables_sheet(arena, &tables, 0)),
           "a,b,c\na,b,\na,,\na,b,c\n", "a merged cell is its first");
}

static struct str survey_label(struct arena *arena, const char *text)
{
    struct form_problems problems = {0};
    const struct form *form =
        xlsform_read(arena, str_of(text), NULL, &problems);

    return form ? texts_in(form, form->question[0]->label, STR("")) : STR("?");
}

static void check_tidy(struct tap *tap, struct arena *arena)
{
    tap_is(tap,
           str_c(arena, survey_label(arena, "survey\n,type,label\n,note,  "
                                            "“uno”   y\xc2\xa0 ‘dos’ …  \n")),
           "\"uno\" y 'dos' …", "quotes are plain, runs of spaces are one");
    tap_is(tap,
           str_c(arena, survey_label(arena, "survey\n,type,label\n,note,a   b’"
                                            "\nsettings\n,clean_text_values\n"
                                            ",NO\n")),
           "a   b'", "clean_text_values=no keeps the runs");
    tap_is(tap,
           str_c(arena, survey_label(arena, "survey\n,type,label\n,note,\"a\n"
                                            "\n  b\"\n")),
           "a\n\n b", "lines stay");
}

static void check_form(struct tap *tap, struct arena *arena)
{
    struct form_problems problems = {0};
    const struct form *form = xlsform_read(
        arena,
        STR("| survey |\n| | type | name | label | relevant |\n"
            "| | text | a | A | |\n| | text | b | B | ${a} = '1' |\n"
            "| settings |\n| | form_id |\n| | f |\n"),
        NULL, &problems);

    tap_ok(tap, form && form->question_count >= 2, "a form in Markdown");
    form = xlsform_read(arena,
                        STR("| survey |\n| | type | name | label |\n"
                            "| | text | a | A |\n| | txet | b | B |\n"),
                        NULL, &problems);
    tap_ok(tap, !form && problems.count > 0 && problems.problem[0].row == 3,
           "a problem names its row");
}

/* Twenty faults of each table are kept. */
static void check_faults(struct tap *tap, struct arena *arena)
{
    struct tables tables = {0};

    tables_add(arena, &tables, STR("a"));
    tables_add(arena, &tables, STR("b"));
    for (size_t i = 0; i < 60; i++) {
        struct table_fault fault = {.table = i / 30, .row = i + 1};

        table_fault_add(arena, &tables, &fault);
    }
    tap_ok(tap,
           tables.faults == 2 * TABLE_FAULTS_MAX &&
               tables.fault[TABLE_FAULTS_MAX].table == 1,
           "faults of each table are kept, not all");
}

/* As in the browser, which has no reader. */
static void check_text(struct tap *tap, struct arena *arena)
{
    struct host host = {.context = NULL};
    struct str text = STR(""), sheet;
    struct err err = {0};

    tap_ok(tap,
           !form_text(&host, arena, STR("survey\n,type\n"), &text, &err) &&
               str_equal_c(text, "survey\n,type\n"),
           "CSV is kept as it is");
    tap_ok(tap,
           !form_text(&host, arena, STR("| survey |\n| | type |\n"), &text,
                      &err) &&
               str_equal_c(text, "survey\n,type\n"),
           "Markdown as CSV");
    tap_ok(tap,
           !register_text(&host, arena, STR("|x|nombre|\n||Ana|\n"), &text,
                          &sheet, &err) &&
               str_equal_c(text, "nombre\nAna\n"),
           "a register in Markdown");
    tap_ok(tap, form_text(&host, arena, STR("PK\3\4"), &text, &err) != 0,
           "no reader, no .xlsx");
    tap_is(tap, err.message,
           "Aquí solo se leen archivos .csv: guarde la hoja de cálculo como "
           ".csv.",
           "and why");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_formats(&tap);
    check_markdown(&tap, &arena);
    check_form_text(&tap, &arena);
    check_merge(&tap, &arena);
    check_tidy(&tap, &arena);
    check_form(&tap, &arena);
    check_faults(&tap, &arena);
    check_text(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
