/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_wild.c - XLSForms as they occur outside the recorded cases: other
 * programs' columns and habits, mistakes, and what is told about them. Every
 * form was written for this test. */
#include "form/xform/xform.h"
#include "test/tap.h"

#define SURVEY "| survey |\n| | type | name | label |\n"
#define LIST "| choices |\n| | list_name | name | label |\n| | l | a | A |\n"

/* What an XForm must hold; problems may be warnings only. */
static const struct {
    const char *why, *form, *has;
} kept[] = {
    {"a file of one sheet begins with its header",
     "type,name,label\ntext,a,Año\n", "<label>Año</label>"},
    {"… or with semicolons", "type;name;label\ntext;a;Año\n",
     "<label>Año</label>"},
    {"KoboToolbox keeps the list in a column of its own",
     "| survey |\n| | type | name | label | select_from_list_name |\n"
     "| | select_one | s | S | l |\n" LIST,
     "instance('l')/root/item"},
    {"a space without width came along from a page",
     "| survey |\n| | type | name | label | relevant |\n"
     "| | text | a\xe2\x80\x8b | A | |\n| | text\xef\xbb\xbf | b | B | "
     "${a}\xc2\xa0= 'x' |\n",
     "relevant=\" /data/a  = 'x'\""},
    {"a spreadsheet in Spanish writes its truths so",
     "| survey |\n| | type | name | label | required | readonly |\n"
     "| | text | a | A | VERDADERO | FALSO |\n",
     "required=\"true()\" readonly=\"false()\""},
    {"a default that is no expression is a text",
     "| survey |\n| | type | name | label | default |\n"
     "| | text | a | A | https://a.mx/c?d=e*f |\n",
     "<a>https://a.mx/c?d=e*f</a>"},
    {"… nor one of words with a hyphen between them",
     "| survey |\n| | type | name | label | default |\n"
     "| | text | a | A | B - C |\n",
     "<a>B - C</a>"},
    {"a default that is one is worked out",
     "| survey |\n| | type | name | label | default |\n"
     "| | integer | a | A | 2 * 3 |\n",
     "value=\"2 * 3\""},
    {"what XML has no place for is left out",
     SURVEY "| | text | a | x\x01y\xef\xbf\xbez |\n", "<label>xyz</label>"},
    {"an empty repeat stands once, and not in the body",
     SURVEY
     "| | begin_repeat | r | R |\n| | end_repeat | | |\n| | text | a | A |\n",
     "<r/>\n<a/>"},
    {"another engine's function is kept",
     "| survey |\n| | type | name | label | calculation |\n"
     "| | calculate | a | | cht:strip(.) |\n",
     "calculate=\"cht:strip(.)\""},
    {"columns of Survey123 with their namespace",
     "| survey |\n| | type | name | label | bind::esri:fieldType |\n"
     "| | text | a | A | null |\n| settings |\n| | form_id | namespaces |\n"
     "| | f | esri=\"http://esri.example/x\" |\n",
     "esri:fieldType=\"null\""},
    {"a name with a hyphen and a sum beside it",
     "| survey |\n| | type | name | label | calculation |\n"
     "| | text | a-1.b | A | |\n| | calculate | c | | ${a-1.b}-1 |\n",
     "calculate=\" /data/a-1.b -1\""},
    {"parameters with semicolons",
     "| survey |\n| | type | name | label | parameters |\n"
     "| | range | r | R | start=0;end=1;step=0.5 |\n",
     "start=\"0\" end=\"1\" step=\"0.5\""},
};

/* What is told: code, row, column, and words of the message. */
static const struct {
    const char *form, *code;
    size_t row;
    const char *column, *says;
    bool warning;
} told[] = {
    {"| survey |\n| | Encuesta 2024 |\n| | type | name | label |\n"
     "| | text | a | A |\n",
     "HEADER_003", 1, "type", "en la fila 2", false},
    {"| encuesta |\n| | type | name | label |\n| | text | a | A |\n"
     "| opciones |\n| | list_name | name |\n",
     "SURVEY_SHEET", 0, "", "encuesta, opciones", false},
    {SURVEY "| | texto | a | A |\n", "TYPE", 2, "type", "Escriba: text", false},
    {SURVEY "| | intger | a | A |\n", "TYPE", 2, "type", "integer", false},
    {SURVEY "| | selct_one l | a | A |\n" LIST, "TYPE", 2, "type",
     "select_one lista", false},
    {SURVEY "| | begin_score | a | A |\n", "TYPE", 2, "type", "KoboToolbox",
     false},
    {SURVEY "| | db:person | a | A |\n", "TYPE", 2, "type", "select-contact",
     false},
    {SURVEY "| | text | nombre completo | A |\n", "NAMES_008", 2, "name",
     "por ejemplo nombre_completo", false},
    {SURVEY "| | text | 1a | A |\n", "NAMES_008", 2, "name", "_1a", false},
    {SURVEY "| | select_one L | a | A |\n" LIST, "LIST_NAME", 2, "type",
     "¿quiso escribir l?", false},
    {SURVEY "| | text | municipio | A |\n| | note | n | ${munisipio} |\n",
     "PYREF_003", 3, "label", "${municipio}", false},
    {SURVEY "| | begin_group | g | G |\n| | end_group | | |\n"
            "| | text | a | A |\n",
     "GROUP_EMPTY", 2, "type", "«g»", true},
    {"| survey |\n| | type | name | label | required |\n"
     "| | text | a | A | x |\n",
     "YES_OR_NO", 2, "required", "yes, no", true},
    {SURVEY "| | select_one l | a | A |\n" LIST "| | | b | B |\n",
     "LIST_NAME_MISSING", 3, "list_name", "list_name", true},
    {"| survey |\n| | type | name | label::Español (es) | hint::español(es) |\n"
     "| | text | a | A | |\n",
     "LANGUAGE_LIKE", 1, "hint::español(es)", "Español (es)", true},
    {"| survey |\n| | type | name | label::Español (es) |\n"
     "| | text | a | A |\n| settings |\n| | default_language |\n"
     "| | Español |\n",
     "LANGUAGE_DEFAULT", 2, "default_language", "Español (es)", true},
    {"| survey |\n| | type | name | label | body::kb:x |\n"
     "| | text | a | A | 1 |\n",
     "NAMESPACE", 1, "body::kb:x", "«kb»", true},
    {"| survey |\n| | type | name | label | choice_filter |\n"
     "| | text | a | A | |\n| | select_one l | s | S | edo = ${a} |\n" LIST,
     "FILTER_COLUMN", 3, "choice_filter", "«edo»", true},
};

/* One calculation each: what is told of it. */
static const struct {
    const char *expression, *code, *says;
} wrong[] = {
    {"${a} == 1", "EXPRESSION", "«==» escriba: ="},
    {"${a} => 1", "EXPRESSION", ">="},
    {"${a} <> 1", "EXPRESSION", "!="},
    {"${a} ! = 1", "EXPRESSION", "!="},
    {"${a} ≥ 1", "EXPRESSION", ">="},
    {"${a} – 1", "EXPRESSION", "carácter 6, en lugar de «–»"},
    {"${a} = 1 && 1", "EXPRESSION", "and"},
    {"${a} = 1 OR 1", "EXPRESSION", "«OR» escriba: or"},
    {"${a} = 1 y ${a}", "EXPRESSION", "and"},
    {"not ${a}", "EXPRESSION", "not(a)"},
    {"${a} / 2", "EXPRESSION", "«/» escriba: div"},
    {"(1 + 2) / 2", "EXPRESSION", "div"},
    {"${a} % 2", "EXPRESSION", "mod"},
    {"${a}^2", "EXPRESSION", "pow"},
    {"${a} x 2", "EXPRESSION", "*"},
    {"if(${a}; 1; 2)", "EXPRESSION", "«;» escriba: ,"},
    {"0,5 + 1", "EXPRESSION", "«,» escriba: ."},
    {"'a' & 'b'", "EXPRESSION", "concat"},
    {"${a} = «x»", "EXPRESSION", "«"},
    {"$(a)", "EXPRESSION", "${nombre}"},
    {"=${a}", "EXPRESSION", "Quite el signo ="},
    {"(${a}", "EXPRESSION", "Falta"},
    {"'x", "EXPRESSION", "comilla"},
    {"regex(., '(?=x)y')", "EXPRESSION", "dos regex()"},
    {"regex(., '[')", "EXPRESSION", "patrón"},
    {"IF(1, 2, 3)", "FUNCTION", "escriba: if"},
    {"len(${a})", "FUNCTION", "string-length"},
    {"count_selected(${a})", "FUNCTION", "count-selected"},
    {"promedio(${a})", "FUNCTION", "sum(a) div count(a)"},
    {"roundd(${a})", "FUNCTION", "round"},
    {"selected(${a})", "FUNCTION", "sino 2"},
    {"round(1, 2, 3)", "FUNCTION", "sino 1-2"},
    {"a + 1", "BARE_NAME", "${a}"},
    {"${a} = yes", "BARE_TEXT", "'yes'"},
    {"today - 1", "BARE_NAME", "today()"},
};

static const struct form_problem *
problem_find(const struct form_problems *problems, const char *code)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strcmp(problems->problem[i].code, code) == 0)
            return &problems->problem[i];
    return NULL;
}

static struct str convert(struct arena *arena, const char *form,
                          struct form_problems *problems)
{
    return xform_from_csv(arena, str_of(form), STR("data"), STR("f"), problems);
}

static void check_kept(struct tap *tap, struct arena *arena)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        struct form_problems problems;
        struct str xml = convert(arena, kept[i].form, &problems);

        if (!tap_ok(tap,
                    xml.at && str_find(xml, str_of(kept[i].has)) < SIZE_MAX,
                    "%s", kept[i].why))
            for (size_t j = 0; j < problems.count; j++)
                printf("# %s\n", problems.problem[j].err.message);
    }
}

static bool says(struct arena *arena, const struct form_problem *problem,
                 const char *words)
{
    return problem && str_find(err_text(&problem->err, NULL, arena),
                               str_of(words)) < SIZE_MAX;
}

static void check_told(struct tap *tap, struct arena *arena)
{
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct form_problems problems;
        struct str xml = convert(arena, told[i].form, &problems);
        const struct form_problem *problem =
            problem_find(&problems, told[i].code);
        size_t errors = told[i].warning ? 0 : 1;

        tap_ok(tap,
               problem && problem->row == told[i].row &&
                   str_equal_c(problem->column, told[i].column) &&
                   says(arena, problem, told[i].says) &&
                   problem->warning == told[i].warning &&
                   problems.errors == errors &&
                   str_is_null(xml) == !told[i].warning,
               "told, and nothing follows from it: %s, %s", told[i].code,
               told[i].says);
    }
}

static void check_wrong(struct tap *tap, struct arena *arena)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct form_problems problems;
        const struct form_problem *problem;
        bool warning = strcmp(wrong[i].code, "EXPRESSION") != 0;
        struct str csv = str_format(
            arena,
            "survey,,,\n,type,name,label,calculation\n,integer,a,A,\n"
            ",calculate,c,,\"%s\"\n",
            wrong[i].expression);

        convert(arena, str_c(arena, csv), &problems);
        problem = problem_find(&problems, wrong[i].code);
        tap_ok(tap,
               problem && problem->row == 3 && problems.count == 1 &&
                   problem->warning == warning &&
                   str_equal_c(problem->column, "calculation") &&
                   says(arena, problem, wrong[i].says),
               "%s: %s", wrong[i].expression, wrong[i].says);
    }
}

/* 300 languages, 600 columns: all are there. */
static void check_wide(struct tap *tap, struct arena *arena)
{
    struct form_problems problems;
    struct buf csv;
    struct str xml;
    size_t at = 0, count = 0;

    buf_init(&csv, arena);
    buf_puts(&csv, "survey\n,type,name");
    for (int i = 0; i < 300; i++)
        buf_printf(&csv, ",label::L%d (es),hint::L%d (es)", i, i);
    buf_puts(&csv, "\n,text,a");
    for (int i = 0; i < 300; i++)
        buf_printf(&csv, ",l%d,h%d", i, i);
    buf_puts(&csv, "\n");
    xml =
        xform_from_csv(arena, buf_str(&csv), STR("data"), STR("f"), &problems);
    while (xml.at && (at = str_find(xml, STR("<translation"))) < SIZE_MAX) {
        xml = str_slice(xml, at + 1, xml.size);
        count++;
    }
    tap_ok(tap, count == 300 && str_find(xml, STR("h299")) < SIZE_MAX,
           "a form in 300 languages, %zu", count);
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_kept(&tap, &arena);
    check_told(&tap, &arena);
    check_wrong(&tap, &arena);
    check_wide(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
