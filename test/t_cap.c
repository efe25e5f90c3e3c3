/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_cap.c - CAP 1.2: the samples read and written again, and what is refused,
 * with its reason. The alerts are exercises or made up here.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "domain/alert/cap.h"
#include "domain/alert/cap_table.h"
#include "form/expr/node.h"
#include "form/read/xml_tree.h"

#include "file.h"
#include "tap.h"

#define SAMPLES "../shared/standards/cap/samples/"

static const char base[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'>\n"
    "<identifier>ejemplo-1</identifier><sender>a@ejemplo.invalid</sender>\n"
    "<sent>2021-09-20T14:30:00-05:00</sent><status>Exercise</status>\n"
    "<msgType>Alert</msgType><scope>Public</scope>\n"
    "<info><language>es-MX</language><category>Met</category>"
    "<event>Lluvia &amp; viento</event><urgency>Expected</urgency>"
    "<severity>Severe</severity><certainty>Likely</certainty>"
    "<expires>2021-09-23T18:00:00-05:00</expires>"
    "<headline>Lluvia</headline><web>https://ejemplo.invalid/</web>"
    "<area><areaDesc>Costa</areaDesc>"
    "<polygon>14.5,-92.5 14.5,-92.0 15.0,-92.0 15.0,-92.5 14.5,-92.5</polygon>"
    "<circle>14.9,-92.2 8</circle>"
    "<geocode><valueName>INEGI_CVEGEO</valueName><value>07089</value></geocode>"
    "</area></info>\n"
    "<info><language>ht</language><category>Met</category>"
    "<event>Lapli</event><urgency>Expected</urgency>"
    "<severity>Severe</severity><certainty>Likely</certainty></info>\n"
    "</alert>\n";

/* base with one text in place of another. */
static struct str changed(struct arena *arena, const char *from, const char *to)
{
    struct str text = STR(base);
    size_t at = str_find(text, str_of(from));
    struct buf out;

    buf_init(&out, arena);
    if (at == SIZE_MAX)
        return STR("(what was to be changed is not there)");
    buf_put(&out, str_slice(text, 0, at));
    buf_puts(&out, to);
    buf_put(&out, str_slice(text, at + strlen(from), text.size));
    return buf_str(&out);
}

static enum error read_text(struct arena *arena, struct str text,
                            const struct value **alert,
                            struct cap_problems *problems, struct err *err)
{
    *alert = NULL;
    return cap_read(xml_tree_read, arena, text, alert, problems, err);
}

/* "read", or "path: the beginning of what is wrong". */
static const char *verdict(struct arena *arena, struct str text)
{
    struct cap_problems problems;
    const struct value *alert;
    struct err err = {0};

    if (read_text(arena, text, &alert, &problems, &err))
        return str_c(arena, err_text(&err, NULL, arena));
    if (!problems.count)
        return "read";
    return str_c(arena, str_format(arena, "%.*s: %s",
                                   STR_ARGS(problems.problem[0].path),
                                   problems.problem[0].message));
}

struct broken {
    const char *name, *from, *to, *want;
};

static const struct broken broken[] = {
    {"a space in the identifier", "ejemplo-1<", "ejemplo 1<", "identifier: "},
    {"a comma in the identifier", "ejemplo-1<", "ejemplo,1<", "identifier: "},
    {"& in the identifier", "ejemplo-1<", "a&amp;b<", "identifier: "},
    {"< in the sender", "a@ejemplo", "a&lt;ejemplo", "sender: "},
    {"an empty identifier", "ejemplo-1<", "<", "identifier: "},
    {"sent in Z", "14:30:00-05:00</sent>", "14:30:00Z</sent>", "sent: La hora"},
    {"sent without offset", "14:30:00-05:00</sent>", "14:30:00</sent>",
     "sent: "},
    {"sent with a comma", "14:30:00-05:00</sent>", "14:30:00,05:00</sent>",
     "sent: "},
    {"no such day", "2021-09-20T", "2021-02-30T", "sent: "},
    {"no such hour", "T14:30:00-05:00</sent>", "T25:30:00-05:00</sent>",
     "sent: "},
    {"no status", "<status>Exercise</status>", "", "status: Falta"},
    {"another status", "Exercise", "Ejercicio", "status: "},
    {"space around a word", "Exercise", " Exercise ", "status: "},
    {"an element of no standard", "<scope>", "<color>rojo</color><scope>",
     ": El elemento"},
    {"an element of another place", "<headline>",
     "<areaDesc>x</areaDesc>"
     "<headline>",
     "info[1]: El elemento"},
    {"another namespace", "<scope>Public</scope>",
     "<scope xmlns='urn:x'>Public</scope>", ": El elemento"},
    {"out of order",
     "<headline>Lluvia</headline><web>https://ejemplo.invalid/"
     "</web>",
     "<web>https://ejemplo.invalid/</web><headline>Lluvia</headline>",
     "info[1]: El elemento"},
    {"twice", "<scope>Public</scope>",
     "<scope>Public</scope><scope>Public</scope>", "scope: "},
    {"loose text", "<scope>", "hola<scope>", ": Hay texto"},
    {"an attribute", "<scope>", "<scope a='b'>", "scope: "},
    {"an element in a text", "<headline>Lluvia", "<headline><b>Lluvia</b>",
     "info[1]/headline: "},
    {"an update of nothing", ">Alert<", ">Update<", "references: "},
    {"a cancel of nothing", ">Alert<", ">Cancel<", "references: "},
    {"circular references", "</scope>",
     "</scope><references>"
     "a@ejemplo.invalid,ejemplo-1,2021-09-20T14:30:00-05:00</references>",
     "references: La alerta se refiere"},
    {"a reference to the future", "</scope>",
     "</scope><references>"
     "a@ejemplo.invalid,otro,2021-09-20T14:30:01-05:00</references>",
     "references: La referencia"},
    {"half a reference", "</scope>",
     "</scope><references>a@ejemplo.invalid,otro</references>",
     "references: Una referencia"},
    {"a restriction that is not said", ">Public<", ">Restricted<",
     "restriction: "},
    {"nobody addressed", ">Public<", ">Private<", "addresses: "},
    {"a language twice", "<language>ht</language>",
     "<language>es-mx</language>", "info[2]/language: El idioma"},
    {"no language", "<language>ht<", "<language>haitiano criollo<",
     "info[2]/language: "},
    {"an open polygon", "15.0,-92.5 14.5,-92.5</polygon>",
     "15.0,-92.5</polygon>",
     "info[1]/area[1]/polygon[1]: El polígono no está cerrado"},
    {"a polygon that crosses itself",
     "14.5,-92.5 14.5,-92.0 15.0,-92.0 15.0,-92.5 14.5,-92.5</",
     "14.5,-92.5 15.0,-92.0 14.5,-92.0 15.0,-92.5 14.5,-92.5</",
     "info[1]/area[1]/polygon[1]: El polígono se cruza"},
    {"a polygon that comes back",
     "14.5,-92.5 14.5,-92.0 15.0,-92.0 15.0,-92.5 14.5,-92.5</",
     "14.5,-92.5 14.5,-92.0 14.5,-92.3 15.0,-92.5 14.5,-92.5</",
     "info[1]/area[1]/polygon[1]: El polígono se cruza"},
    {"a polygon of two points", "14.5,-92.0 15.0,-92.0 15.0,-92.5 ",
     "14.5,-92.0 ", "info[1]/area[1]/polygon[1]: El polígono no encierra"},
    {"a flat polygon", "14.5,-92.0 15.0,-92.0 15.0,-92.5 ",
     "14.5,-92.0 14.5,-91.0 ", "info[1]/area[1]/polygon[1]: El polígono"},
    {"longitude first", "15.0,-92.0", "-92.0,15.0",
     "info[1]/area[1]/polygon[1]: La latitud"},
    {"no such longitude", "15.0,-92.0", "15.0,-192.0",
     "info[1]/area[1]/polygon[1]: La longitud"},
    {"no number", "15.0,-92.0", "15.0,nan",
     "info[1]/area[1]/polygon[1]: «{1}» no es un punto"},
    {"an exponent", "15.0,-92.0", "1e1,-92.0",
     "info[1]/area[1]/polygon[1]: «{1}» no es un punto"},
    {"an empty polygon",
     "14.5,-92.5 14.5,-92.0 15.0,-92.0 15.0,-92.5 14.5,-92.5</", "</",
     "info[1]/area[1]/polygon[1]: "},
    {"a circle without radius", "14.9,-92.2 8", "14.9,-92.2",
     "info[1]/area[1]/circle[1]: "},
    {"a negative radius", "14.9,-92.2 8", "14.9,-92.2 -8",
     "info[1]/area[1]/circle[1]: "},
    {"a circle that is too large", "14.9,-92.2 8", "14.9,-92.2 30000",
     "info[1]/area[1]/circle[1]: "},
    {"an end before the beginning", "2021-09-23T18", "2021-09-19T18",
     "info[1]/expires: "},
    {"a link that runs", "https://ejemplo.invalid/", "javascript:alert(1)",
     "info[1]/web: "},
    {"half a geocode", "<value>07089</value>", "",
     "info[1]/area[1]/geocode[1]/value: "},
    {"up to where, but not from", "</geocode>",
     "</geocode><ceiling>10</ceiling>", "info[1]/area[1]/ceiling: "},
    {"no number of altitude", "</geocode>",
     "</geocode><altitude>alto</altitude>", "info[1]/area[1]/altitude: "},
    {"an older CAP", "cap:1.2'", "cap:1.1'", "Es una alerta de otra versión"},
    {"no CAP at all", "'urn:oasis:names:tc:emergency:cap:1.2'", "'urn:x'",
     "No es una alerta CAP"},
    {"an entity", "<alert", "<!DOCTYPE a [<!ENTITY e 'x'>]><alert",
     "El documento XML define"},
    {"no XML", "</alert>", "</alerta>", "No es un documento XML"},
};

/* What nobody checked must say so, in the tree and to who looks. */
static void run_signed(struct tap *tap, struct arena *arena)
{
    struct str text = changed(arena, "</alert>",
                              "<s:Signature xmlns:s='http://www.w3.org/"
                              "2000/09/xmldsig#'><s:a/></s:Signature>"
                              "</alert>");
    const struct value *alert = NULL;
    struct cap_problems problems;
    struct err err = {0};

    tap_ok(tap,
           !cap_read(xml_tree_read, arena, text, &alert, &problems, &err) &&
               !problems.errors,
           "a signature inside keeps nothing out");
    tap_is(tap, str_c(arena, value_text_of(alert, CAP_SIGNATURE)),
           "not_checked", "it is there and was not checked");
    tap_ok(tap, problems.count == 1 && problems.problem[0].minor,
           "which is told");
    cap_read(xml_tree_read, arena, STR(base), &alert, &problems, &err);
    tap_ok(tap, !value_get(alert, CAP_SIGNATURE) && !problems.count,
           "and not where there is none");
}

static void run_broken(struct tap *tap)
{
    struct arena arena;

    arena_init(&arena, NULL);
    tap_is(tap, verdict(&arena, STR(base)), "read", "the one they are made of");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        const char *got =
            verdict(&arena, changed(&arena, broken[i].from, broken[i].to));

        if (!tap_ok(tap, strstr(got, broken[i].want) == got, "%s is refused",
                    broken[i].name))
            printf("# got:  %s\n# want: %s\n", got, broken[i].want);
    }
    run_signed(tap, &arena);
    tap_is(tap,
           verdict(&arena, changed(&arena, "<language>ht</language>",
                                   "<language>es-MX</language><!--")),
           "No es un documento XML bien escrito: línea 7, unclosed token.",
           "what is cut off");
    tap_is(tap,
           verdict(&arena, changed(&arena, "</certainty></info>\n</alert>",
                                   "</certainty><area><areaDesc>Sierra"
                                   "</areaDesc></area></info></alert>")),
           "read", "and another area in another language");
    arena_release(&arena);
}

static void run_sample(struct tap *tap, const char *name, bool good)
{
    const struct value *alert = NULL, *again = NULL;
    struct cap_problems problems, second;
    struct err err = {0};
    struct arena arena;
    struct str path, text;

    arena_init(&arena, NULL);
    path = str_format(&arena, SAMPLES "%s", name);
    text = file_read(&arena, str_c(&arena, path));
    if (str_is_null(text)) {
        tap_skip(tap, name, "no ../shared");
        arena_release(&arena);
        return;
    }
    if (read_text(&arena, text, &alert, &problems, &err)) {
        tap_ok(tap, false, "%s: %s", name,
               str_c(&arena, err_text(&err, NULL, &arena)));
    } else if (!good) {
        tap_ok(tap, problems.errors > 0, "%s is refused", name);
        printf("# %.*s: %s\n", STR_ARGS(problems.problem[0].path),
               problems.problem[0].message);
    } else {
        for (size_t i = 0; i < problems.count; i++)
            printf("# %.*s: %s (%.*s)\n", STR_ARGS(problems.problem[i].path),
                   problems.problem[i].message,
                   STR_ARGS(problems.problem[i].arg));
        tap_ok(tap, !problems.errors, "%s is taken", name);
        tap_ok(tap,
               !read_text(&arena, cap_write(alert, &arena), &again, &second,
                          &err) &&
                   !second.errors && value_equal(alert, again),
               "%s is the same when written and read again", name);
    }
    arena_release(&arena);
}

static void run_samples(struct tap *tap)
{
    static const char *const good[] = {"Flood.xml",
                                       "Homeland_Sec_Adv.xml",
                                       "Maldives-Tsunami-MultiLanguage.xml",
                                       "Myanmar_Flood_Multiple_Area.xml",
                                       "Severe_Thunderstorm_Warning.xml",
                                       "heavy_rain.xml",
                                       "mx_alerta_albergue_es.xml",
                                       "mx_cancelacion_es.xml",
                                       "tsunami.xml"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        run_sample(tap, good[i], true);
    run_sample(tap, "Fiji_Water_Shortage_Suva.xml", false);
}

static void run_words(struct tap *tap)
{
    struct cap_reference reference;
    struct str rest = STR(" a,b,c\n\td,e ");
    const struct value *alert;
    struct cap_problems problems;
    struct err err = {0};
    struct arena arena;
    int64_t instant = 0;
    bool whole = false;

    arena_init(&arena, NULL);
    tap_is(tap, str_c(&arena, cap_time(&arena, 1632166200000, -18000)),
           "2021-09-20T14:30:00-05:00", "a time west");
    tap_is(tap, str_c(&arena, cap_time(&arena, 1632166200000, 0)),
           "2021-09-20T19:30:00-00:00", "universal time is -00:00");
    tap_ok(tap,
           cap_time_parse(STR("2021-09-20T14:30:00-05:00"), &instant) &&
               instant == 1632166200000,
           "and back");
    tap_ok(tap,
           cap_reference_next(&rest, &reference, &whole) && whole &&
               str_equal_c(reference.sent, "c") &&
               cap_reference_next(&rest, &reference, &whole) && !whole &&
               !cap_reference_next(&rest, &reference, &whole),
           "references are cut at white space");
    read_text(&arena, STR(base), &alert, &problems, &err);
    tap_is(tap,
           str_c(&arena, value_text_of(cap_info(alert, STR("ht")), "event")),
           "Lapli", "the block in her language");
    tap_is(tap,
           str_c(&arena, value_text_of(cap_info(alert, STR("fr")), "event")),
           "Lluvia & viento", "Spanish where there is none");
    arena_release(&arena);
}

/* A star of many points, a comb whose last tooth crosses, 25,000 tiny ones:
 * each has its end soon. */
static void run_hostile(struct tap *tap)
{
    clock_t before = clock();
    struct cap_ring ring;
    struct arena arena;
    struct str arg;
    struct buf out;

    arena_init(&arena, NULL);
    buf_init(&out, &arena);
    for (int i = 0; i < CAP_POINTS_MAX / 2 - 1; i++)
        buf_printf(&out, "%d.%03d,0 %d.%03d,10 ", i / 1000, i % 1000, i / 1000,
                   i % 1000);
    buf_puts(&out, "50,10 50,-1 0,-1 0.000,0");
    tap_ok(tap, cap_polygon(&arena, buf_str(&out), &ring, &arg) != NULL,
           "a comb that touches itself at the end");
    buf_clear(&out);
    for (int i = 0; i < 5000; i++)
        buf_printf(&out, "%d.%04d,1 ", i / 1000, i);
    tap_ok(tap,
           cap_polygon(&arena, buf_str(&out), &ring, &arg) != NULL &&
               ring.count <= CAP_POINTS_MAX,
           "more points than anybody draws");
    buf_clear(&out);
    buf_put(&out,
            str_slice(STR(base), 0, str_find(STR(base), STR("<polygon"))));
    for (int i = 0; i < 12000; i++)
        buf_puts(&out, "<polygon>0,0 0,1 1,1 0,0</polygon>");
    buf_puts(&out, "</area></info></alert>");
    tap_ok(tap, strstr(verdict(&arena, buf_str(&out)), "20,000") != NULL,
           "thousands of polygons have an end");
    buf_clear(&out);
    for (int i = 0; i < 9000; i++)
        buf_puts(&out, "<alert xmlns='" CAP_SPACE "'>");
    tap_ok(tap, strstr(verdict(&arena, buf_str(&out)), "niveles") != NULL,
           "thousands of levels");
    tap_ok(tap, (clock() - before) / CLOCKS_PER_SEC < 20, "all of it soon");
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    run_broken(&tap);
    run_samples(&tap);
    run_words(&tap);
    run_hostile(&tap);
    return tap_done(&tap);
}
