/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_directory_import.c - places from a file: choose it, see what each column
 * and each row would become, put the columns right, bring it in, take it back;
 * and what is public of it as a file.
 */
#include "core/csv.h"
#include "domain/directory/directory_import.h"
#include "domain/directory/hsds_export.h"
#include "web/page.h"
#include "web/page/import_columns.h"

enum {
    TOLD_MOST = 200,
    FILE_MOST = 2 << 20, /* some ten seconds */
    EXPORTED_MOST = 5000 /* places of a file that is made in memory */
};

/* Names of catalog/place_heading.csv that are no question of the place. */
static const struct import_special special_field[] = {
    {"id", N_("Clave en el archivo")},
    {"organization_name", N_("Nombre de la organización")},
    {"phone", N_("Teléfono")},
    {"services", N_("Servicios")},
    {"cost", N_("Costo de los servicios")},
    {"eligibility", N_("Requisitos de los servicios")},
    {"documents", N_("Documentos que piden")},
};
enum { SPECIAL = sizeof special_field / sizeof special_field[0] };

struct telling {
    struct view *view;
    struct value *list;
    size_t more;
};

static void tell(void *context, struct str where, struct str what)
{
    struct telling *telling = context;
    struct arena *arena = telling->view->task.arena;
    struct value *item;

    if (value_count(telling->list) >= TOLD_MOST && !str_equal_c(where, "…")) {
        telling->more++;
        return;
    }
    item = value_object(arena);
    value_put_str(item, arena, "where", str_copy(arena, where));
    value_put_str(item, arena, "what", str_copy(arena, what));
    value_add(telling->list, arena, item);
}

static void tell_rest(struct telling *telling)
{
    struct view *view = telling->view;
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    struct err said = {0};
    char number[24];

    if (!telling->more)
        return;
    snprintf(number, sizeof(number), "%zu", telling->more);
    err_set(&said, ERROR_INPUT, N_("… y {1} avisos más, que no se escriben."),
            number, NULL, NULL);
    value_put_text(item, arena, "where", "…");
    value_put_str(item, arena, "what",
                  err_text(&said, view->task.translator, arena));
    value_add(telling->list, arena, item);
}

static void put_counts(struct view *view, const struct place_import *import)
{
    struct arena *arena = view->task.arena;

    value_put_int(view->data, arena, "added", (int64_t)import->added);
    value_put_int(view->data, arena, "changed", (int64_t)import->changed);
    value_put_int(view->data, arena, "same", (int64_t)import->same);
    value_put_int(view->data, arena, "refused", (int64_t)import->refused);
    value_put_int(view->data, arena, "left_out", (int64_t)import->left_out);
    value_put_int(view->data, arena, "organizations",
                  (int64_t)import->organizations);
    value_put_bool(view->data, arena, "dry_run", import->dry_run);
    put_text_or_false(view, view->data, "batch", import->batch);
}

/* What came of it, line by line; what did not happen is not told. */
static void put_told(struct view *view, const struct place_import *import)
{
    const struct {
        const char *label;
        size_t count;
    } row[] = {{N_("Lugares nuevos"), import->added},
               {N_("Lugares que cambian"), import->changed},
               {N_("Lugares que ya estaban"), import->same},
               {N_("Organizaciones"), import->organizations},
               {N_("Renglones que no entran"), import->refused},
               {N_("De ellos, renglones rotos"), import->broken},
               {N_("Datos que se dejan fuera"), import->left_out}};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "label", view_say(view, row[i].label));
        value_put_int(item, arena, "count", (int64_t)row[i].count);
        if (row[i].count)
            value_add(list, arena, item);
    }
    value_put(view->data, arena, "told", list);
}

/* What each heading was taken for, to be put right. */
static void put_columns(struct view *view, const struct place_import *import)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(import->columns); i++) {
        const struct value *column = value_at(import->columns, i);
        struct value *item = value_copy(column, arena);
        struct str field = value_text_of(column, "field");

        value_put_int(item, arena, "index", (int64_t)i);
        value_put(item, arena, "fields",
                  view->json ? value_list(arena)
                             : import_fields(view, "place", special_field,
                                             SPECIAL, field));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "columns", list);
    value_put_bool(view->page, arena, "any_column", value_count(list) > 0);
}

enum error directory_import_page(struct view *view)
{
    put_counts(view, &(struct place_import){0});
    value_put_bool(view->data, view->task.arena, "done", false);
    value_put_bool(view->page, view->task.arena, "carried", false);
    value_put(view->data, view->task.arena, "problems_told",
              value_list(view->task.arena));
    put_columns(view, &(struct place_import){0});
    view_title(view, N_("Traer lugares al directorio"));
    return ERROR_NONE;
}

/* A file that is one text goes on with the page: it is chosen once. */
static void carry(struct view *view, const struct place_file *file,
                  const struct place_import *import)
{
    struct arena *arena = view->task.arena;

    value_put_bool(view->page, arena, "carried", true);
    value_put_str(view->page, arena, "text",
                  csv_decode(arena, file->bytes, NULL));
    value_put_str(view->page, arena, "file_name", import->name);
}

static enum error read_upload(struct view *view, struct place_file *file,
                              size_t *files, struct str *name)
{
    const struct value *upload = value_get(view->fields, "file");
    struct str bytes = value_text_of(upload, "bytes");

    *name = value_text_of(upload, "name");
    if (!bytes.size) {
        bytes = view_field(view, "text");
        *name = view_field(view, "file_name");
    }
    if (!bytes.size)
        return err_set(&view->err, ERROR_INPUT, N_("Elija un archivo."), NULL,
                       NULL, NULL);
    return place_files(&view->task, *name, bytes, file, files, &view->err);
}

/* The page waits for the whole of it. */
static enum error refuse_large(struct view *view, const struct place_file *file,
                               size_t files)
{
    size_t size = 0;

    for (size_t i = 0; i < files; i++)
        size += file[i].bytes.size;
    if (size <= FILE_MOST)
        return ERROR_NONE;
    return err_set(&view->err, ERROR_TOO_LARGE,
                   N_("El archivo es demasiado grande para esta página (2 MiB "
                      "de texto). Divídalo, o pida a quien administra el "
                      "servidor: cobijo import place ARCHIVO"),
                   NULL, NULL, NULL);
}

enum error directory_import_post(struct view *view)
{
    struct telling telling = {view, value_list(view->task.arena), 0};
    struct place_import import = {
        .dry_run = str_equal_c(view_field(view, "dry_run"), "yes"),
        .map = import_columns_sent(view),
        .tell = tell,
        .context = &telling};
    struct place_file file[PLACE_FILES_MOST];
    size_t files = 0;
    struct err why;
    enum error error = read_upload(view, file, &files, &import.name);

    if (!error)
        error = refuse_large(view, file, files);
    if (!error)
        error = place_import_run(&view->task, file, files, &import, &view->err);
    why = view->err;
    tell_rest(&telling);
    directory_import_page(view);
    put_counts(view, &import);
    put_told(view, &import);
    put_columns(view, &import);
    if (!error && import.dry_run && files == 1)
        carry(view, file, &import);
    value_put_bool(view->data, view->task.arena, "done", !error);
    value_put(view->data, view->task.arena, "problems_told", telling.list);
    value_put_bool(view->page, view->task.arena, "any_problem",
                   value_count(telling.list) > 0);
    view->err = why;
    return error ? view_again(view, "directory_import", error) : ERROR_NONE;
}

enum error directory_export_page(struct view *view)
{
    struct task *task = &view->task;
    int64_t places = 0;
    bool found;
    struct str bytes;
    enum error error =
        db_get_int(task->db, &places, &found, &view->err,
                   "SELECT COUNT(*) FROM (SELECT 1 FROM public_place"
                   " WHERE site = $1 LIMIT $2) AS counted",
                   "ti", log_site(&task->office->log, STR("place")),
                   (int64_t)EXPORTED_MOST + 1);

    if (!error && places > EXPORTED_MOST)
        error = err_set(&view->err, ERROR_TOO_LARGE,
                        N_("El directorio es demasiado grande para esta "
                           "página. Pida a quien administra el servidor: "
                           "cobijo export directory --format hsds-zip --to "
                           "ARCHIVO"),
                        NULL, NULL, NULL);
    if (!error)
        error = directory_export_zip(task, &bytes, &view->err);
    if (error)
        return error;
    response_header(view->response, "Content-Disposition",
                    STR("attachment; filename=\"directorio.zip\""));
    view_body(view, "application/zip", bytes);
    return ERROR_NONE;
}
