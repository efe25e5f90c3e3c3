/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_list_file.c - lists of choices in files: read, kept with a form, written
 * again. */
#include "tap.h"

#include "core/buf.h"
#include "domain/record/form_media.h"
#include "form/list_file.h"
#include "form/media_file.h"
#include "form/xls/xls.h"
#include "sys/host_native.h"

static struct host_native native;

/* The list as CSV, or what is wrong with it. */
static const char *read_as_csv(struct arena *arena, const char *name,
                               const char *bytes)
{
    struct tables tables = {0};
    struct err err = {0};

    if (list_file_read(&native.host, arena, str_of(name), str_of(bytes),
                       &tables, &err))
        return err.message;
    tables.table[0].name = STR("again.csv");
    return str_c(arena, list_file_write(arena, &tables.table[0]));
}

/* Read, written in its own format, read again: the same rows. */
static void comes_back(struct tap *tap, struct arena *arena, const char *name,
                       const char *bytes)
{
    struct tables tables = {0}, again = {0};
    struct err err = {0};
    struct str text;

    list_file_read(&native.host, arena, str_of(name), str_of(bytes), &tables,
                   &err);
    text = list_file_write(arena, &tables.table[0]);
    list_file_read(&native.host, arena, str_of(name), text, &again, &err);
    if (!tap_ok(tap, !err.code && again.count, "%s is written", name))
        return;
    tables.table[0].name = again.table[0].name = STR("x.csv");
    tap_is(tap, str_c(arena, list_file_write(arena, &again.table[0])),
           str_c(arena, list_file_write(arena, &tables.table[0])), name);
}

static const char places[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"id\":\"a\",\"properties\":{\"title\":"
    "\"Ca\\u00f1a\","
    "\"beds\":4},\"geometry\":{\"type\":\"Point\",\"coordinates\":[-99.5,19.25]"
    "}},"
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"b\"},\"geometry\":"
    "{\"type\":\"Polygon\",\"coordinates\":[[[0,1],[2,3],[4,5],[0,1]]]}}]}";
static const char villages[] =
    "<root><item><name>a</name><label>Uno &amp; dos</label></item>"
    "<item><name>b</name><state>x</state></item></root>";

static void check_reading(struct tap *tap, struct arena *arena)
{
    tap_is(tap, read_as_csv(arena, "a.csv", "\xef\xbb\xbfname;label\na;Uno\n"),
           "name,label\na,Uno\n", "CSV with another separator");
    tap_is(tap, read_as_csv(arena, "a.GEOJSON", places),
           "id,title,beds,geometry\na,Caña,4,19.25 -99.5 0 0\n"
           "b,,,\"1 0 0 0; 3 2 0 0; 5 4 0 0; 1 0 0 0\"\n",
           "GeoJSON: id, properties, geometry");
    tap_is(tap, read_as_csv(arena, "a.xml", villages),
           "name,label,state\na,Uno & dos,\nb,,x\n", "XML");
    comes_back(tap, arena, "a.csv", "name,label\na,\"x, \"\"y\"\"\"\n");
    comes_back(tap, arena, "a.xml", villages);
    comes_back(tap, arena, "a.geojson", places);
}

static void check_refusals(struct tap *tap, struct arena *arena)
{
    static const struct {
        const char *name, *bytes, *part;
    } cases[] = {
        {"a.csv", "name,label\n", "está vacía"},
        {"a.geojson", "{\"type\":\"Feature\"}", "FeatureCollection"},
        {"a.geojson", "{\"type\":", "JSON"},
        {"a.xml", "<root></root>", "está vacía"},
        {"a.xml", "<root><item><name>a</root>", "dañado"},
        {"a.xml",
         "<!DOCTYPE r [<!ENTITY a \"b\">]><root><i><n>&a;</n></i></root>",
         "DOCTYPE"},
        {"a.pdf", "%PDF", "no es una lista"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *said = read_as_csv(arena, cases[i].name, cases[i].bytes);

        if (!tap_ok(tap, strstr(said, cases[i].part) != NULL, "%s: %s",
                    cases[i].name, cases[i].part))
            printf("# got: %s\n", said);
    }
}

static void check_join(struct tap *tap, struct arena *arena)
{
    struct tables lists = {0};
    struct xls_book book;
    struct err err = {0};
    struct str text;

    list_file_read(&native.host, arena, STR("fruta.csv"),
                   STR("name,label\na,\"Uno; \"\"dos\"\"\"\n"), &lists, &err);
    text = list_files_join(arena, STR("survey;;\n;type;name\n;text;a"), &lists);
    tap_ok(tap, xls_book_csv(arena, text, &book, &err) && book.count == 2,
           "a sheet more");
    tap_is(tap, str_c(arena, book.table[1].name), "fruta.csv", "its name");
    tap_is(tap, str_c(arena, book.table[1].row[1].cell[1]), "Uno; \"dos\"",
           "its cells");
    lists = (struct tables){0};
    list_file_read(&native.host, arena, STR("otra.csv"), STR("name\n\"\nb\""),
                   &lists, &err);
    text = list_files_join(arena, text, &lists);
    lists = (struct tables){0};
    list_file_read(&native.host, arena, STR("fruta.csv"),
                   STR("name,label\nz,Zeta\n"), &lists, &err);
    text = list_files_join(arena, text, &lists);
    tap_ok(tap, xls_book_csv(arena, text, &book, &err) && book.count == 3,
           "a list again takes the place of its elder");
    tap_is(tap, str_c(arena, book.table[2].row[1].cell[1]), "Zeta",
           "… with the new cells");
    tap_is(tap, str_c(arena, book.table[1].row[1].cell[0]), "b",
           "… and the other stays");
}

/* --- media ---------------------------------------------------------------- */

static const char *refused(struct arena *arena, struct str name,
                           struct str bytes)
{
    struct tables tables = {0};
    struct err err = {0};

    return form_media_take(arena, name, bytes, &tables, &err) ? err.message
                                                              : "taken";
}

static struct str sound_of(struct arena *arena, size_t size)
{
    char *bytes = arena_alloc(arena, size);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    memcpy(bytes, "ID3", 3);
    return (struct str){bytes, size};
}

static void check_media(struct tap *tap, struct arena *arena)
{
    static const char survey[] =
        "survey\n,type,name,label,media::audio,media::image::Español (es)\n"
        ",note,n,Nota,jr://audio/voz.mp3,falta.png\n"
        "settings\n,form_id,version\n,m,1\n";
    struct str sound = sound_of(arena, 100001), text, *name = NULL;
    struct form_problems problems = {0};
    struct tables media = {0};
    size_t missing = 0;
    const struct form *form;
    struct err err = {0};

    tap_is(tap, refused(arena, STR("voz.mp3"), sound), "taken", "a sound");
    tap_ok(tap,
           strstr(refused(arena, STR("x.svg"), STR("<svg/>")), "PNG") != NULL,
           "SVG is refused");
    tap_ok(tap,
           strstr(refused(arena, STR("x.png"), STR("<html>")), "PNG") != NULL,
           "what only is called a picture is refused");
    tap_ok(tap,
           strstr(refused(arena, STR("a.mp3"),
                          sound_of(arena, MEDIA_FILE_MAX + 1)),
                  "1 MB") != NULL,
           "too large");
    tap_ok(tap, xlsform_files(arena, STR(survey), &name) == 2,
           "the form asks for two");
    form_media_take(arena, STR("voz.mp3"), sound, &media, &err);
    text = list_files_join(arena, STR(survey), &media);
    tap_ok(tap, str_equal(media_file_find(arena, text, STR("voz.mp3")), sound),
           "the same bytes come back");
    tap_ok(tap, !media_file_find(arena, text, STR("falta.png")).at,
           "what did not come is not there");
    form = xlsform_read(arena, text, NULL, &problems);
    for (size_t i = 0; i < problems.count; i++)
        missing += problems.problem[i].warning &&
                   strstr(problems.problem[i].err.message, "funciona sin");
    tap_ok(tap, form && missing == 1, "what is missing is a warning");
    tap_ok(tap,
           form && form->question[0]->media &&
               str_equal_c(
                   texts_in(form, form->question[0]->media->audio, STR("es")),
                   "voz.mp3"),
           "the question knows its sound");
    tap_ok(tap,
           form && form->question[0]->media &&
               !texts_in(form, form->question[0]->media->image, STR("es")).size,
           "and not the picture that is missing");
    for (size_t i = 0; i < 7; i++) {
        media = (struct tables){0};
        form_media_take(arena, str_format(arena, "%zu.mp3", i),
                        sound_of(arena, MEDIA_FILE_MAX), &media, &err);
        text = list_files_join(arena, text, &media);
        tap_ok(tap, (media_files_check(text, &err) != ERROR_NONE) == (i >= 5),
               "%zu MiB and a bit", i + 1);
    }
}

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    if (!host_native_init(&native))
        return 1;
    arena_init(&arena, NULL);
    check_reading(&tap, &arena);
    check_refusals(&tap, &arena);
    check_join(&tap, &arena);
    check_media(&tap, &arena);
    arena_release(&arena);
    host_native_release(&native);
    return tap_done(&tap);
}
