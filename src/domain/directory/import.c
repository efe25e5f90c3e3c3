/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import.c - which kind of file it is, and off it goes. */
#include "core/csv.h"
#include "core/utf8.h"
#include "domain/directory/import_private.h"
#include "form/table.h"

enum { COPY_MOST = 512 << 20 }; /* of a text that is no UTF-8 */

static bool is_json(struct str text)
{
    text = str_trim(text);
    return text.size && (text.at[0] == '{' || text.at[0] == '[');
}

static bool is_geojson(const struct value *json)
{
    struct str type = value_text_of(json, "type");

    return str_equal_c(type, "FeatureCollection") ||
           str_equal_c(type, "Feature");
}

static enum error import_value(struct sink *sink, const struct value *json)
{
    if (is_geojson(json)) {
        sink->import->format = "geojson";
        return import_geojson(sink, json);
    }
    if (is_hsds_tables(json)) {
        sink->import->format = "hsds-csv";
        return import_hsds_tables(sink, json);
    }
    sink->import->format = "hsds";
    return import_hsds_json(sink, json, STR("$"));
}

/* An object on each line; a broken one is told. Each line is a file of its
 * own, so the same location on two lines has the services of the last. */
static enum error import_lines(struct sink *sink, struct str text)
{
    struct task line_task = *sink->task;
    struct task *task = sink->task;
    struct arena arena;
    struct str line;
    size_t number = 0;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    line_task.arena = &arena;
    while (!error && text.size && str_cut(&text, '\n', &line)) {
        const struct value *json = NULL;
        struct err said = {0};
        struct str where;

        number++;
        if (!str_trim(line).size)
            continue;
        error = sink_next(sink);
        if (!sink->open)
            arena_clear(&arena);
        where = sink_line(sink, number);
        where = str_copy(&arena, where);
        sink->task = &line_task;
        if (!error && value_parse(&arena, line, &json, &said))
            sink_refuse(sink, where, &said);
        else if (!error && is_geojson(json))
            error = import_geojson(sink, json);
        else if (!error)
            error = import_hsds_json(sink, json, where);
        sink->task = task;
    }
    arena_release(&arena);
    return error;
}

static enum error import_json(struct sink *sink, struct str text)
{
    const struct value *json = NULL;
    struct err said = {0};
    size_t end = str_find_char(text, '\n');
    struct str first = str_trim(str_slice(text, 0, end));
    const struct value *one = NULL;
    struct err none = {0};

    if (end != SIZE_MAX && str_trim(str_slice(text, end, text.size)).size &&
        first.size > 2 && !value_parse(sink->task->arena, first, &one, &none)) {
        sink->import->format = "hsds";
        return import_lines(sink, text);
    }
    if (value_parse(sink->task->arena, text, &json, &said)) {
        *sink->err = said;
        return said.code;
    }
    return import_value(sink, json);
}

/* UTF-8 is read where it lies, so that a file larger than memory can be one
 * that is mapped; all else is made again. */
static bool text_of(struct sink *sink, struct str bytes, struct str *text)
{
    bool marked = str_starts(bytes, STR("\xff\xfe")) ||
                  str_starts(bytes, STR("\xfe\xff"));

    *text = str_starts(bytes, STR("\xef\xbb\xbf"))
                ? str_slice(bytes, 3, bytes.size)
                : bytes;
    if (!marked && utf8_invalid(*text) == SIZE_MAX)
        return true;
    if (bytes.size > COPY_MOST)
        return false;
    *text = csv_decode(sink->task->arena, bytes, NULL);
    return true;
}

static enum error import_one(struct sink *sink, struct str bytes)
{
    struct str text;

    if (bytes.size > 3 && memcmp(bytes.at, "PK\3\4", 4) == 0)
        return err_set(sink->err, ERROR_INPUT,
                       N_("Este archivo está comprimido (zip). Ábralo y dé "
                          "la carpeta con sus CSV."),
                       NULL, NULL, NULL);
    if (!text_of(sink, bytes, &text))
        return err_set(sink->err, ERROR_TOO_LARGE,
                       N_("El archivo es demasiado grande."), NULL, NULL, NULL);
    if (is_json(text))
        return import_json(sink, text);
    sink->import->format = "csv";
    return import_csv(sink, text);
}

enum error place_files(struct task *task, struct str name, struct str bytes,
                       struct place_file file[PLACE_FILES_MOST], size_t *files,
                       struct err *err)
{
    const struct host *host = task->office->host;
    enum table_format format = table_format(bytes);
    struct packed *packed = ARENA_NEW(task->arena, struct packed);
    struct str sheet;

    *files = 1;
    file[0] = (struct place_file){name, bytes};
    if (!packed)
        return err_memory(err);
    if (format == TABLE_ZIP && host->read_archive &&
        host->read_archive(host->context, task->arena, bytes, STR(".csv"),
                           packed, err))
        return err->code;
    for (size_t i = 0; i < packed->count; i++)
        file[i] =
            (struct place_file){packed->file[i].name, packed->file[i].bytes};
    if (packed->count) {
        *files = packed->count;
        return ERROR_NONE;
    }
    return format == TABLE_ZIP || format == TABLE_OLE
               ? register_text(host, task->arena, bytes, &file[0].bytes, &sheet,
                               err)
               : ERROR_NONE;
}

enum error place_import_run(struct task *task, const struct place_file *file,
                            size_t files, struct place_import *import,
                            struct err *err)
{
    struct sink sink;
    size_t size = 0;
    enum error error = sink_open(&sink, task, import, err), closed;

    for (size_t i = 0; i < files; i++)
        size += file[i].bytes.size;
    if (!import->name.size && files)
        import->name = file->name;
    sink.file_name = import->name;
    if (!error)
        error = sink_bulk(&sink, size);
    if (!error && files > 1) {
        import->format = "hsds-csv";
        error = import_hsds_files(&sink, file, files);
    } else if (!error) {
        error = import_one(&sink, file->bytes);
    }
    closed = sink_close(&sink);
    return error ? error : closed;
}
