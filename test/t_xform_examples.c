/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_xform_examples.c - pyxform's own example forms beside the XForms it
 * expects of them. Compared as structure: attributes in any order, texts of
 * itext and items of lists in any order, the body in its own.
 *
 * Spreadsheets are read by form/read; without it (this branch alone) the test
 * is skipped.
 */
#include "core/csv.h"
#include "form/xform/xform.h"
#include "test/file.h"
#include "test/tap.h"
#include "test/xml.h"

#if __has_include("form/read/read.h")
#include "form/table.h"
#include "form/read/read.h"
#define READERS 1
#else
#define READERS 0
#endif

#define FOLDER "../shared/standards/pyxform/tests/"

static const struct {
    const char *file, *name;
    const char *differs; /* why it is not the same, NULL: it is */
    const char *root;    /* NULL: the name */
} examples[] = {
    {"attribute_columns_test.xlsx", "attribute_columns_test", NULL, NULL},
    {"default_time_demo.xls", "default_time_demo", NULL, NULL},
    {"flat_xlsform_test.xlsx", "flat_xlsform_test", NULL, NULL},
    {"or_other.xlsx", "or_other", NULL, NULL},
    {"pull_data.xlsx", "pull_data", NULL, NULL},
    {"repeat_date_test.xls", "repeat_date_test",
     "a date in a cell is written as a date, without a time", NULL},
    {"survey_no_name.xlsx", "survey_no_name", NULL, "data"},
    {"table-list.xls", "table-list",
     "the expected XForm has its choices in the body, as before pyxform 4",
     NULL},
    {"widgets.xls", "widgets", NULL, NULL},
    {"xlsform_spec_test.xlsx", "xlsform_spec_test", NULL, NULL},
    {"xml_escaping.xls", "xml_escaping", NULL, NULL},
};

/* Elements whose order means something. */
static bool is_ordered(const xmlNode *node)
{
    for (; node && node->type == XML_ELEMENT_NODE; node = node->parent)
        if (strcmp((const char *)node->name, "body") == 0 ||
            strcmp((const char *)node->name, "value") == 0)
            return true;
    return false;
}

static struct str whole(struct arena *arena, const xmlNode *node);

static void children(struct arena *arena, const xmlNode *node, struct buf *out)
{
    enum { CHILDREN = 2000 };
    struct str *text = ARENA_ARRAY(arena, struct str, CHILDREN);
    size_t count = 0;

    for (const xmlNode *at = node->children; at && count < CHILDREN;
         at = at->next) {
        struct str one = whole(arena, at);
        size_t place = count++;

        if (!is_ordered(node))
            for (; place > 0 && str_compare(text[place - 1], one) > 0; place--)
                text[place] = text[place - 1];
        text[place] = one;
    }
    for (size_t i = 0; i < count; i++)
        buf_put(out, text[i]);
}

static struct str whole(struct arena *arena, const xmlNode *node)
{
    struct buf out;

    buf_init(&out, arena);
    if (node->type == XML_ELEMENT_NODE) {
        buf_printf(&out, "\n<%s", node->name);
        xml_attributes(arena, node, &out);
        buf_putc(&out, '>');
        children(arena, node, &out);
    } else if (node->type == XML_TEXT_NODE && !xmlIsBlankNode(node)) {
        xml_escaped(&out, (const char *)node->content);
    }
    return buf_str(&out);
}

static struct str no_spaces(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] != ' ')
            buf_putc(&out, text.at[i]);
    return buf_str(&out);
}

static struct str form_read(struct arena *arena, const char *file)
{
    struct str bytes = file_read(
        arena, str_c(arena, str_format(arena, FOLDER "example_xls/%s", file)));
#if READERS
    struct tables tables = {0};
    struct err err = {0};

    if (!bytes.at || read_tables(arena, bytes, &tables, &err))
        return STR_NULL;
    return tables_form(arena, &tables);
#else
    (void)bytes;
    return STR_NULL;
#endif
}

/* root: of the instance, where it is not the form's name. */
static bool compare(struct arena *arena, struct str form, const char *name,
                    const char *root)
{
    struct form_problems problems = {0};
    struct str expected = file_read(
        arena,
        str_c(arena,
              str_format(arena, FOLDER "test_expected_output/%s.xml", name)));
    struct str xml = xform_from_csv(arena, form, str_of(root ? root : name),
                                    str_of(name), &problems);
    xmlDoc *ours = xml.at ? xml_read(xml) : NULL;
    xmlDoc *theirs = expected.at ? xml_read(expected) : NULL;
    bool same =
        ours && theirs &&
        str_equal(no_spaces(arena, whole(arena, xmlDocGetRootElement(ours))),
                  no_spaces(arena, whole(arena, xmlDocGetRootElement(theirs))));

    if (ours)
        xmlFreeDoc(ours);
    if (theirs)
        xmlFreeDoc(theirs);
    return same;
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    if (!READERS || !file_read(&arena, FOLDER "example_xls/README.rst").at) {
        tap_skip(&tap, "examples", "no ../shared/standards or no form/read");
        return tap_done(&tap);
    }
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct str form = form_read(&arena, examples[i].file);
        bool same = compare(&arena, form, examples[i].name, examples[i].root);

        if (examples[i].differs && !same)
            tap_skip(&tap, examples[i].file, examples[i].differs);
        else
            tap_ok(&tap, same, "%s", examples[i].file);
        arena_clear(&arena);
    }
    arena_release(&arena);
    xmlCleanupParser();
    return tap_done(&tap);
}
