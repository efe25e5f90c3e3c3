/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_xform.c - the shipped forms as XForms, what stays inside the program, and
 * small forms of our own that the recorded cases do not have. */
#include "form/xform/xform.h"
#include "test/file.h"
#include "test/tap.h"

static struct str convert(struct arena *arena, const char *csv,
                          struct form_problems *problems)
{
    return xform_from_csv(arena, str_of(csv), STR("data"), STR("f"), problems);
}

static void check_shipped(struct tap *tap, struct arena *arena)
{
    const char *name[TEST_FILES_MAX];
    size_t count = file_names(arena, "forms", ".csv", name);

    for (size_t i = 0; i < count; i++) {
        struct form_problems problems;
        struct str csv = file_read(
            arena, str_c(arena, str_format(arena, "forms/%s", name[i])));
        struct str xml =
            xform_from_csv(arena, csv, STR("data"), STR("f"), &problems);

        tap_ok(tap, xml.at && str_find(xml, STR("cobijo:")) == SIZE_MAX,
               "%s becomes an XForm without what is ours alone", name[i]);
    }
    tap_ok(tap, count >= 17, "%zu forms", count);
}

static const struct {
    const char *csv, *has;
} written[] = {
    {"survey,,\n,type,name,label\n,text,a,<&\">\n", "<label>&lt;&amp;\"&gt;<"},
    {"survey,,\n,type,name,label,bind::z:x\n,text,a,A,1\n"
     "settings,\n,namespaces\n,\"z=\"\"http://z\"\"\"\n",
     " z:x=\"1\""},
    {"survey,,\n,type,name,label,bind::z:x\n,text,a,A,1\n",
     "<bind nodeset=\"/data/a\" type=\"string\"/>"},
    {"survey,,\n,type,name,label,choice_filter\n,begin repeat,r,R,\n"
     ",text,n,N,\n,select one ${n},s,S,position() < 2\n,end repeat,,,\n",
     "nodeset=\"../../r[position() &lt; 2]\""},
    {"survey,,\n,type,name,label\n,q picture,p,P\n", "mediatype=\"image/*\""},
    {"survey,,\n,type,name,label\n,text,a,Ñandú\n", "Ñandú"},
    {"Sheet1,,\n,type,name,label\n,text,a,A\n", "<input ref=\"/data/a\">"},
};

static const struct {
    const char *csv, *code, *column;
    size_t row;
} refused[] = {
    {"survey,,\n,type,name,label\n,texto,a,A\n", "TYPE", "type", 2},
    {"survey,,\n,type,name,label\n,text,a b,A\n", "NAMES_008", "name", 2},
    {"survey,,\n,type,name,label\n,text,¿a,A\n", "NAMES_008", "name", 2},
    {"survey,,\n,type,name,label\n,text,a,${b\n", "PYREF_001", "label", 2},
    {"survey,,\n,type,name,label\n,text,a,A\n,text,a,B\n", "NAMES_001", "name",
     3},
    {"survey,,\n,type,name,label\n,text,a,A\n,text,A,B\n,select_one l,s,S\n",
     "CHOICES_SHEET", "type", 4},
    {"survey,,\n,type,name,label,parameters\n,range,a,A,start=x\n", "RANGE_001",
     "parameters", 2},
    {"survey,,\n,type,name,label,Relevance,bind::relevant\n,text,a,A,1,1\n",
     "HEADER_002", "bind::relevant", 1},
    {"choices,,\n,list_name,name\n", "SURVEY_SHEET", "", 0},
};

static void check_written(struct tap *tap, struct arena *arena)
{
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        struct form_problems problems;
        struct str xml = convert(arena, written[i].csv, &problems);

        if (!tap_ok(tap,
                    xml.at && str_find(xml, str_of(written[i].has)) < SIZE_MAX,
                    "written: %s", written[i].has))
            for (size_t j = 0; j < problems.count; j++)
                printf("# %s\n", problems.problem[j].err.message);
    }
}

static void check_refused(struct tap *tap, struct arena *arena)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct form_problems problems;
        struct str xml = convert(arena, refused[i].csv, &problems);
        bool found = false;

        for (size_t j = 0; j < problems.count; j++) {
            const struct form_problem *problem = &problems.problem[j];

            found = found || (strcmp(problem->code, refused[i].code) == 0 &&
                              problem->row == refused[i].row &&
                              str_equal_c(problem->column, refused[i].column));
        }
        tap_ok(tap, !xml.at && found, "refused: %s in row %zu, column %s",
               refused[i].code, refused[i].row, refused[i].column);
    }
}

/* Stored forms have or_other too. */
static void check_other(struct tap *tap, struct arena *arena)
{
    struct form_problems problems;
    const struct form *form = xlsform_read(
        arena,
        STR("survey,,\n,type,name,label::Español (es),label::English (en)\n"
            ",select_one l or_other,c,Color,Colour\n"
            "choices,,\n,list_name,name,label::Español (es),"
            "label::English (en)\n,l,a,Azul,Blue\n"
            "settings,,\n,form_id\n,f\n"),
        NULL, &problems);
    const struct question *other =
        form ? form_find(form, STR("c_other")) : NULL;

    tap_ok(tap, other && other->relevant, "or_other asks which");
    tap_ok(tap,
           form &&
               choice_find(form_find(form, STR("c"))->choices, STR("other")),
           "or_other is a choice");
    tap_ok(tap,
           other && str_equal_c(texts_in(form, other->label, STR("en")),
                                "Specify other."),
           "in the languages of the form");
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    check_shipped(&tap, &arena);
    check_written(&tap, &arena);
    check_refused(&tap, &arena);
    check_other(&tap, &arena);
    arena_release(&arena);
    return tap_done(&tap);
}
