/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_xform_cases.c - every recorded case of XLSForm to XForm.
 *
 * The cases (../shared/standards/xlsform-cases) are those of pyxform's own
 * tests: sheets, and what must be true of the XForm, or that the form is
 * refused and why. Reasons are compared by their code and row: our words are
 * our own. Fails when fewer hold than HOLD.
 *
 *   COBIJO_CASE=pyx-0123  one case, with the XForm and all problems
 *   COBIJO_CASES=FILE     another file of cases
 *   COBIJO_PYXFORM=1      also tells where the XForm is not that of pyxform
 */
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "core/value.h"
#include "test/file.h"
#include "form/xform/xform.h"
#include "form/xls/xls_read.h"
#include "test/tap.h"
#include "test/xml.h"

#define CASES "../shared/standards/xlsform-cases/cases.json"
#define CATALOGUE "../shared/standards/pyxform/pyxform_error_catalogue.tsv"

enum { HOLD = 450 };

struct run {
    struct arena *arena;
    struct str catalogue;
    const struct value *one;
    struct form_problems problems;
    struct str xml;
    xmlDoc *doc;
    xmlXPathContext *xpath;
    struct buf why; /* what does not hold */
};

__attribute__((format(printf, 1, 2))) static void diag(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    printf("# ");
    vprintf(format, list);
    printf("\n");
    va_end(list);
}

static void fail(struct run *run, const char *what, struct str text)
{
    buf_printf(&run->why, "%s%s: %.*s", run->why.size ? "; " : "", what,
               (int)(text.size > 300 ? 300 : text.size), text.at);
}

/* --- the sheets ----------------------------------------------------------- */

static struct str cell_text(const struct value *cell, struct arena *arena)
{
    return value_type(cell) == VALUE_NULL ? STR("")
                                          : value_as_text(cell, arena);
}

static bool has_column(const struct xls_row *head, struct str name)
{
    for (size_t i = 0; i < head->count; i++)
        if (str_equal(head->cell[i], name))
            return true;
    return false;
}

static void table_read(struct run *run, struct xls_table *table,
                       const struct value *rows, const struct value *headers)
{
    enum { COLUMNS = 60 };
    struct xls_row *head;

    table->row = ARENA_ARRAY(run->arena, struct xls_row, value_count(rows) + 1);
    head = &table->row[table->rows++];
    head->number = 1;
    head->cell = ARENA_ARRAY(run->arena, struct str, COLUMNS);
    headers = value_at(headers, 0);
    for (size_t i = 0; i < value_count(headers); i++)
        head->cell[head->count++] = cell_text(value_at(headers, i), run->arena);
    for (size_t i = 0; i < value_count(rows); i++)
        for (size_t j = 0; j < value_count(value_at(rows, i)); j++) {
            struct str name = value_name_at(value_at(rows, i), j);

            if (!has_column(head, name) && head->count < COLUMNS)
                head->cell[head->count++] = name;
        }
    for (size_t i = 0; i < value_count(rows); i++) {
        struct xls_row *row = &table->row[table->rows];

        row->number = i + 2;
        row->count = head->count;
        row->cell = ARENA_ARRAY(run->arena, struct str, COLUMNS);
        for (size_t j = 0; j < head->count; j++)
            row->cell[j] = cell_text(
                value_get_str(value_at(rows, i), head->cell[j]), run->arena);
        if (value_count(value_at(rows, i)) > 0)
            table->rows++;
    }
}

static bool has_table(const struct xls_book *book, struct str name)
{
    for (size_t i = 0; i < book->count; i++)
        if (str_equal(book->table[i].name, name))
            return true;
    return false;
}

/* Sheets whose names are not known stand in the Markdown only. */
static void other_sheets(struct run *run, struct xls_book *book)
{
    struct str rest = value_text_of(run->one, "md"), line;

    while (!str_is_null(rest) && str_cut(&rest, '\n', &line)) {
        struct str name = str_trim(line);

        if (!str_starts(name, STR("|")))
            continue;
        name = str_slice(name, 1, name.size);
        name = str_trim(str_slice(name, 0, str_find_char(name, '|')));
        if (name.size > 0 && !has_table(book, name) && book->count < 20)
            book->table[book->count++] = (struct xls_table){.name = name};
    }
}

static struct xls_book book_read(struct run *run)
{
    const struct value *sheets = value_get(run->one, "sheets");
    const struct value *headers = value_get(run->one, "sheet_headers");
    struct xls_book book = {
        ARENA_ARRAY(run->arena, struct xls_table, value_count(sheets) + 21), 0};

    for (size_t i = 0; i < value_count(sheets); i++) {
        struct xls_table *table = &book.table[book.count++];

        table->name = value_name_at(sheets, i);
        table_read(run, table, value_at(sheets, i),
                   value_get_str(headers, table->name));
    }
    other_sheets(run, &book);
    return book;
}

/* --- reasons -------------------------------------------------------------- */

/* What pyxform says without a number. */
static const struct {
    const char *says, *code;
} unnumbered[] = {
    {"similar names were found", "NAMES_013"},
    {"Unknown question type", "TYPE"},
    {"Question or group with no name", "NAME_MISSING"},
    {"Invalid value for quality", "QUALITY"},
    {"must be set to true or false", "AUDIT_BOOLEAN"},
    {"invalid Android package name", "APP"},
    {"same instance id", "INSTANCE_ID"},
    {"Instance name: ", "INSTANCE_ID"},
    {"Duplicate type: ", "INSTANCE_ID"},
    {"Parameters must include randomize=true", "SEED"},
    {"uses 'search()'", "SEARCH_SHARED"},
    {"should be an external_choices sheet", "EXTERNAL_SHEET"},
    {"should be a choices sheet", "CHOICES_SHEET"},
    {"'external_choyces'", "EXTERNAL_SHEET"},
    {"You must have a sheet named 'survey'", "SURVEY_SHEET"},
    {"is not user-visible so it can't be used", "TRIGGER"},
    {"Repeat has no label", "REPEAT_LABEL"},
    {"Question has no label", "QUESTION_LABEL"},
    {"is missing the", "TRANSLATION"},
    {"uses or_other and translations", "OR_OTHER_TRANSLATIONS"},
    {"has no label or hint", "NO_LABEL"},
    {"machine-readable", "LANGUAGE_CODE"},
    {"max-pixels parameter", "MAX_PIXELS_NONE"},
    {"'list_name'", "HEADER_003"},
};

/* Do the fixed parts of a pattern occur in the text, in order? */
static bool matches(struct str pattern, struct str text)
{
    while (pattern.size > 0) {
        size_t open = str_find_char(pattern, '{'), close, at;
        struct str part = str_slice(pattern, 0, open);

        if (str_starts(str_slice(pattern, open, pattern.size), STR("{{"))) {
            pattern = str_slice(pattern, open + 2, pattern.size);
        } else {
            close = str_find_char(pattern, '}');
            pattern = open == SIZE_MAX
                          ? STR("")
                          : str_slice(pattern, close + 1, pattern.size);
        }
        if (str_starts(pattern, STR("}")))
            pattern = str_slice(pattern, 1, pattern.size);
        at = str_find(text, part);
        if (at == SIZE_MAX)
            return false;
        text = str_slice(text, at + part.size, text.size);
    }
    return true;
}

static struct str code_of(const struct run *run, struct str text)
{
    struct str rest = run->catalogue, line;

    while (str_cut(&rest, '\n', &line)) {
        struct str code, name;

        str_cut(&line, '\t', &code);
        str_cut(&line, '\t', &name);
        if (str_starts(code, STR("code")) || line.size == 0)
            continue;
        if (matches(str_trim(line), text))
            return code;
    }
    for (size_t i = 0; i < sizeof unnumbered / sizeof unnumbered[0]; i++)
        if (str_find(text, str_of(unnumbered[i].says)) < SIZE_MAX)
            return str_of(unnumbered[i].code);
    return STR_NULL;
}

static size_t row_of(struct str text)
{
    int64_t row = 0;

    if (!str_starts(text, STR("[row : ")))
        return SIZE_MAX;
    text = str_slice(text, 7, text.size);
    text = str_slice(text, 0, str_find_char(text, ']'));
    return str_to_int(text, &row) ? (size_t)row : 0;
}

static bool problem_there(const struct run *run, struct str text, bool warning)
{
    struct str code = code_of(run, text);
    size_t row = row_of(text);

    for (size_t i = 0; i < run->problems.count; i++) {
        const struct form_problem *problem = &run->problems.problem[i];

        if (problem->warning == warning && str_equal_c(code, problem->code) &&
            (row == SIZE_MAX || row == problem->row))
            return true;
    }
    return false;
}

static void reasons(struct run *run, const char *key, bool warning)
{
    const struct value *list = value_get(run->one, key);

    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = str_trim(value_text(value_at(list, i)));

        if (str_is_null(code_of(run, text))) {
            if (text.size < 16) /* a word of one of the others */
                continue;
            fail(run, "no code for", text);
        } else if (!problem_there(run, text, warning)) {
            fail(run, key, text);
        }
    }
}

/* pyxform tells all translations, and all languages, in one warning. */
static size_t warnings_of(const struct run *run)
{
    static const char *const once[] = {"TRANSLATION", "LANGUAGE_CODE"};
    static const char *const ours[] = {"BARE_NAME",
                                       "BARE_TEXT",
                                       "FILTER_COLUMN",
                                       "YES_OR_NO",
                                       "LIST_NAME_MISSING",
                                       "GROUP_EMPTY",
                                       "EXPRESSION",
                                       "FUNCTION",
                                       "LANGUAGE_LIKE",
                                       "LANGUAGE_DEFAULT",
                                       NULL};
    bool told[2] = {false, false};
    size_t count = 0;

    for (size_t i = 0; i < run->problems.count; i++) {
        const struct form_problem *problem = &run->problems.problem[i];
        bool again = false;

        for (size_t j = 0; j < 2; j++)
            if (strcmp(problem->code, once[j]) == 0) {
                again = told[j];
                told[j] = true;
            }
        count += problem->warning && !again &&
                 !xls_one_of(str_of(problem->code), ours);
    }
    return count;
}

/* --- XML ------------------------------------------------------------------ */

static struct str packed(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++)
        if (!strchr(" \t\r\n", text.at[i]))
            buf_putc(&out, text.at[i]);
    return buf_str(&out);
}

static xmlNode *child_named(xmlNode *node, const char *name)
{
    for (node = node ? node->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE &&
            strcmp((const char *)node->name, name) == 0)
            return node;
    return NULL;
}

static void contains(struct run *run, const char *key, xmlNode *root, bool want)
{
    const struct value *list = value_get(run->one, key);
    struct buf out;
    struct str text;

    if (!list)
        return;
    buf_init(&out, run->arena);
    if (root)
        xml_serialise(run->arena, root, &out, false);
    text = packed(run->arena, buf_str(&out));
    for (size_t i = 0; i < value_count(list); i++) {
        struct str part = value_text(value_at(list, i));

        if ((str_find(text, packed(run->arena, part)) < SIZE_MAX) != want)
            fail(run, key, part);
    }
}

/* --- XPath ---------------------------------------------------------------- */

static void spaces_register(xmlXPathContext *xpath)
{
    static const char *const spaces[][2] = {
        {"x", "http://www.w3.org/2002/xforms"},
        {"h", "http://www.w3.org/1999/xhtml"},
        {"ev", "http://www.w3.org/2001/xml-events"},
        {"xsd", "http://www.w3.org/2001/XMLSchema"},
        {"jr", "http://openrosa.org/javarosa"},
        {"orx", "http://openrosa.org/xforms"},
        {"odk", "http://www.opendatakit.org/xforms"},
        {"entities", "http://www.opendatakit.org/xforms/entities"},
    };

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        xmlXPathRegisterNs(xpath, (const xmlChar *)spaces[i][0],
                           (const xmlChar *)spaces[i][1]);
}

static xmlXPathObject *evaluate(struct run *run, struct str text)
{
    return xmlXPathEvalExpression((const xmlChar *)str_c(run->arena, text),
                                  run->xpath);
}

static long found(struct run *run, struct str text)
{
    xmlXPathObject *object = evaluate(run, text);
    long count = -1;

    if (object && object->type == XPATH_NODESET)
        count = object->nodesetval ? object->nodesetval->nodeNr : 0;
    else if (object && object->type == XPATH_BOOLEAN)
        count = object->boolval;
    if (object)
        xmlXPathFreeObject(object);
    return count;
}

static void xpath_match(struct run *run)
{
    const struct value *list = value_get(run->one, "xml__xpath_match");

    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = value_text(value_at(list, i));

        if (found(run, text) != 1)
            fail(run, "xpath", text);
    }
    list = value_get(run->one, "xml__xpath_count");
    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = value_text(value_at(value_at(list, i), 0));

        if (found(run, text) !=
            value_to_int(value_at(value_at(list, i), 1), -2))
            fail(run, "count", text);
    }
}

static bool exact_one(struct run *run, const xmlNode *node,
                      const struct value *wanted)
{
    struct buf out;

    buf_init(&out, run->arena);
    if (node->type == XML_ATTRIBUTE_NODE) {
        char *text = (char *)xmlNodeGetContent(node);

        xml_escaped(&out, text);
        xmlFree(text);
    } else {
        xml_serialise(run->arena, node, &out, false);
    }
    for (size_t i = 0; i < value_count(wanted); i++) {
        struct str want = value_text(value_at(wanted, i));
        struct buf same;

        buf_init(&same, run->arena);
        xml_escaped(&same, str_c(run->arena, want));
        if (str_equal(packed(run->arena, buf_str(&same)),
                      packed(run->arena, buf_str(&out))) ||
            str_equal(packed(run->arena, want),
                      packed(run->arena, buf_str(&out))))
            return true;
    }
    return false;
}

static void xpath_exact(struct run *run)
{
    const struct value *list = value_get(run->one, "xml__xpath_exact");

    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = value_text(value_at(value_at(list, i), 0));
        const struct value *wanted = value_at(value_at(list, i), 1);
        xmlXPathObject *object = evaluate(run, text);
        bool good = object && object->type == XPATH_NODESET &&
                    object->nodesetval &&
                    (size_t)object->nodesetval->nodeNr >= value_count(wanted);

        for (int j = 0; good && j < object->nodesetval->nodeNr; j++)
            good = exact_one(run, object->nodesetval->nodeTab[j], wanted);
        if (!good)
            fail(run, "exact", text);
        if (object)
            xmlXPathFreeObject(object);
    }
}

/* --- one case ------------------------------------------------------------- */

static void check_xml(struct run *run)
{
    xmlNode *root, *model;

    run->doc = xml_read(run->xml);
    if (!run->doc) {
        fail(run, "XML", STR("does not parse"));
        return;
    }
    root = xmlDocGetRootElement(run->doc);
    run->xpath = xmlXPathNewContext(run->doc);
    xmlXPathSetContextNode(root, run->xpath);
    spaces_register(run->xpath);
    model = child_named(child_named(root, "head"), "model");
    xpath_match(run);
    xpath_exact(run);
    contains(run, "xml__contains", root, true);
    contains(run, "xml__excludes", root, false);
    contains(run, "model__contains", model, true);
    contains(run, "model__excludes", model, false);
    contains(run, "instance__contains", child_named(model, "instance"), true);
    xmlXPathFreeContext(run->xpath);
}

static void show(struct run *run)
{
    for (size_t i = 0; i < run->problems.count; i++) {
        const struct form_problem *problem = &run->problems.problem[i];

        diag("%s%s %.*s:%zu:%.*s: %.*s", problem->warning ? "warning " : "",
             problem->code, STR_ARGS(problem->sheet), problem->row,
             STR_ARGS(problem->column),
             STR_ARGS(err_text(&problem->err, NULL, run->arena)));
    }
    fprintf(stderr, "%.*s\n", STR_ARGS(run->xml));
}

/* Is the XForm what pyxform wrote? */
static bool same_as_pyxform(struct run *run)
{
    struct str want = value_text_of(run->one, "pyxform_xml");
    struct buf ours, theirs;
    xmlDoc *doc;
    bool same;

    if (str_is_null(want) || !run->doc)
        return true;
    doc = xml_read(want);
    buf_init(&ours, run->arena);
    buf_init(&theirs, run->arena);
    xml_serialise(run->arena, xmlDocGetRootElement(run->doc), &ours, true);
    xml_serialise(run->arena, xmlDocGetRootElement(doc), &theirs, true);
    same = str_equal(packed(run->arena, buf_str(&ours)),
                     packed(run->arena, buf_str(&theirs)));
    if (!same && getenv("COBIJO_PYXFORM")) {
        const char *id = str_c(run->arena, value_text_of(run->one, "id"));
        char path[200];
        FILE *file;

        snprintf(path, sizeof path, "/tmp/x-%s.ours", id);
        if ((file = fopen(path, "w"))) {
            fwrite(ours.at, 1, ours.size, file);
            fclose(file);
        }
        snprintf(path, sizeof path, "/tmp/x-%s.theirs", id);
        if ((file = fopen(path, "w"))) {
            fwrite(theirs.at, 1, theirs.size, file);
            fclose(file);
        }
    }
    xmlFreeDoc(doc);
    return same;
}

static void case_run(struct run *run, bool *same)
{
    struct xls_book book = book_read(run);
    struct str name = value_text_of(run->one, "name");
    bool errored = value_to_bool(value_get(run->one, "errored"), false);
    const struct value *count = value_get(run->one, "warnings_count");
    struct xls *xls =
        xls_gather(run->arena, &book, name.at ? name : STR("test_name"),
                   STR("data"), &run->problems);

    if (!xls || !xform_check(xls))
        xls = NULL;

    if (errored) {
        if (xls)
            fail(run, "refused", STR("it was not"));
        reasons(run, "error__contains", false);
        return;
    }
    if (!xls) {
        for (size_t i = 0; i < run->problems.count; i++)
            if (!run->problems.problem[i].warning)
                fail(run, run->problems.problem[i].code,
                     err_text(&run->problems.problem[i].err, NULL, run->arena));
        return;
    }
    run->xml = xform_write(xls);
    check_xml(run);
    reasons(run, "warnings__contains", true);
    if (count && (int64_t)warnings_of(run) != value_to_int(count, -1))
        fail(run, "warnings",
             str_format(run->arena, "%zu, not %d", warnings_of(run),
                        (int)value_to_int(count, -1)));
    *same = same_as_pyxform(run);
}

struct tally {
    size_t cases, hold, refusals, refused, compared, same;
};

static void tally_case(struct tally *tally, struct run *run)
{
    const char *only = getenv("COBIJO_CASE");
    struct str id = value_text_of(run->one, "id");
    struct str test = value_text_of(run->one, "test");
    bool errored = value_to_bool(value_get(run->one, "errored"), false);
    bool same = true;

    if (only && !str_equal_c(id, only))
        return;
    case_run(run, &same);
    tally->cases++;
    tally->hold += run->why.size == 0;
    tally->refusals += errored;
    tally->refused += errored && run->why.size == 0;
    if (value_get(run->one, "pyxform_xml")) {
        tally->compared++;
        tally->same += same;
    }
    if (run->why.size > 0)
        diag("%.*s %.*s: %.*s", STR_ARGS(id), STR_ARGS(test),
             (int)(run->why.size > 600 ? 600 : run->why.size), run->why.at);
    else if (!same && getenv("COBIJO_PYXFORM"))
        diag("%.*s %.*s: not as pyxform", STR_ARGS(id), STR_ARGS(test));
    if (only)
        show(run);
}

int main(void)
{
    const char *path = getenv("COBIJO_CASES");
    struct arena all, arena;
    const struct value *cases = NULL;
    struct tally tally = {0};
    struct err err = {0};
    struct str text, catalogue;
    struct tap tap = {0};

    arena_init(&all, NULL);
    arena_init(&arena, NULL);
    text = file_read(&all, path ? path : CASES);
    catalogue = file_read(&all, CATALOGUE);
    if (str_is_null(text) || str_is_null(catalogue)) {
        tap_skip(&tap, "cases", "../shared/standards is not there");
        return tap_done(&tap);
    }
    tap_ok(&tap, value_parse(&all, text, &cases, &err) == ERROR_NONE,
           "cases parse");
    cases = value_get(cases, "cases");
    for (size_t i = 0; i < value_count(cases); i++) {
        struct run run = {.arena = &arena, .catalogue = catalogue};

        run.one = value_at(cases, i);
        buf_init(&run.why, &arena);
        tally_case(&tally, &run);
        if (run.doc)
            xmlFreeDoc(run.doc);
        arena_clear(&arena);
    }
    diag("%zu of %zu cases hold, %zu of %zu refusals, %zu of %zu as pyxform",
         tally.hold, tally.cases, tally.refused, tally.refusals, tally.same,
         tally.compared);
    tap_ok(&tap, tally.hold >= HOLD || getenv("COBIJO_CASE"),
           "no fewer cases hold");
    arena_release(&arena);
    arena_release(&all);
    xmlCleanupParser();
    return tap_done(&tap);
}
