/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_directory.c - places in and out: `import place FILE` and `export place
 * --format hsds|hsds-csv|hsds-zip|geojson|csv` of the public directory.
 */
#include "cli/command_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/directory/directory_import.h"
#include "domain/directory/hsds_export.h"
#include "form/table.h"

enum {
    FILES_MOST = PLACE_FILES_MOST,
    TOLD_MOST = 1000,
    MAPPED_FROM = 32 << 20
};

/* --- in ------------------------------------------------------------------- */

struct telling {
    struct command_line *line;
    size_t told;
    struct str rest; /* what was said of those that are not told */
};

static void tell(void *context, struct str where, struct str what)
{
    struct telling *telling = context;

    if (str_equal_c(where, "…")) /* of all: always */
        telling->rest = str_copy(&telling->line->arena, what);
    else if (telling->told++ < TOLD_MOST)
        fprintf(stderr, "%.*s: %.*s\n", STR_ARGS(where), STR_ARGS(what));
}

static void tell_rest(struct command_line *line, size_t count)
{
    struct err said = {0};
    char number[24];

    snprintf(number, sizeof(number), "%zu", count);
    err_set(&said, ERROR_INPUT, N_("… y {1} avisos más, que no se escriben."),
            number, NULL, NULL);
    fprintf(stderr, "%.*s\n",
            STR_ARGS(err_text(&said, line->translator, &line->arena)));
}

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static enum error read_folder(struct command_line *line, const char *path,
                              struct place_file *file, size_t *files,
                              struct err *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder)
        return err_set(err, ERROR_INPUT, N_("No se puede leer {1}: {2}"), path,
                       strerror(errno), NULL);
    while (!err->code && *files < FILES_MOST && (entry = readdir(folder))) {
        struct str name = str_copy(&line->arena, str_of(entry->d_name));
        struct str whole =
            str_format(&line->arena, "%s/%.*s", path, STR_ARGS(name));

        if (!str_ends(name, STR(".csv")))
            continue;
        file[*files].name = name;
        if (!command_file(line, str_c(&line->arena, whole), &file[*files].bytes,
                          err))
            ++*files;
    }
    closedir(folder);
    if (!err->code && *files < 2)
        err_set(err, ERROR_INPUT,
                N_("En {1} no hay un paquete de datos de HSDS."), path, NULL,
                NULL);
    return err->code;
}

/* A large file is read where it lies on the disk; it is unmapped when the
 * program ends. false: it is small, or no plain file. */
static bool map_file(const char *path, struct str *bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    void *at = MAP_FAILED;

    if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size >= MAPPED_FROM)
        at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (file >= 0)
        close(file);
    if (at == MAP_FAILED)
        return false;
    *bytes = (struct str){at, (size_t)about.st_size};
    if (table_format(*bytes) == TABLE_ZIP ||
        table_format(*bytes) == TABLE_OLE) {
        munmap(at, (size_t)about.st_size);
        return false;
    }
    posix_madvise(at, (size_t)about.st_size, POSIX_MADV_SEQUENTIAL);
    return true;
}

static enum error read_file(struct command_line *line, struct task *task,
                            struct place_file *file, size_t *files,
                            struct err *err)
{
    const char *path = line->argument[1];
    struct str bytes;

    if (map_file(path, &file->bytes))
        return ERROR_NONE;
    if (command_file(line, path, &bytes, err))
        return err->code;
    return place_files(task, str_of(path), bytes, file, files, err);
}

static void put_count(struct command_line *line, struct buf *out,
                      const char *msgid, size_t count)
{
    buf_printf(out, "%zu %.*s\n", count, STR_ARGS(command_say(line, msgid)));
}

enum error import_places(struct command_line *line, struct task *task,
                         struct buf *out, struct err *err)
{
    const char *path = line->argument[1];
    struct place_file *file =
        ARENA_ARRAY(&line->arena, struct place_file, FILES_MOST);
    struct telling telling = {.line = line};
    struct place_import import = {.dry_run = command_flag(line, "--dry-run"),
                                  .tell = tell,
                                  .context = &telling};
    const char *base = strrchr(path, '/');
    const char *map = command_option(line, "--map");
    size_t files = 1;
    enum error error;

    if (!file)
        return err_memory(err);
    if (map && command_file(line, map, &import.map, err))
        return err->code;
    import.name = str_of(base ? base + 1 : path);
    if (is_folder(path)) {
        files = 0;
        error = read_folder(line, path, file, &files, err);
    } else {
        error = read_file(line, task, file, &files, err);
    }
    if (!error)
        error = place_import_run(task, file, files, &import, err);
    if (telling.rest.size)
        fprintf(stderr, "… %.*s\n", STR_ARGS(telling.rest));
    if (telling.told > TOLD_MOST)
        tell_rest(line, telling.told - TOLD_MOST);
    for (size_t i = 0; i < value_count(import.columns); i++) {
        const struct value *column = value_at(import.columns, i);
        struct str field = value_text_of(column, "field");

        buf_printf(
            out, "%.*s -> %.*s\n", STR_ARGS(value_text_of(column, "heading")),
            STR_ARGS(field.size ? field : command_say(line, N_("se deja"))));
    }
    put_count(line, out, N_("lugares nuevos"), import.added);
    put_count(line, out, N_("lugares cambiados"), import.changed);
    put_count(line, out, N_("lugares que ya estaban"), import.same);
    put_count(line, out, N_("organizaciones"), import.organizations);
    put_count(line, out, N_("renglones que no entran"), import.refused);
    if (import.broken)
        put_count(line, out, N_("renglones rotos, entre los que no entran"),
                  import.broken);
    put_count(line, out, N_("datos que se dejaron fuera"), import.left_out);
    if (import.batch.size)
        buf_printf(out, "%.*s %.*s\n", STR_ARGS(command_say(line, N_("lote"))),
                   STR_ARGS(import.batch));
    return error;
}

/* --- out ------------------------------------------------------------------ */

static enum error write_piece(void *context, struct str piece, struct err *err)
{
    (void)context;
    if (fwrite(piece.at, 1, piece.size, stdout) != piece.size)
        return err_set(err, ERROR_STORE, N_("No se pudo escribir la salida."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static enum error write_file(void *context, const char *name, struct str text,
                             struct err *err)
{
    const char *folder = context;
    char path[1024];
    FILE *file;
    bool whole;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "wb");
    whole = file && fwrite(text.at, 1, text.size, file) == text.size;
    if (file)
        whole = fclose(file) == 0 && whole;
    return whole
               ? ERROR_NONE
               : err_set(err, ERROR_INPUT, N_("No se puede escribir {1}: {2}"),
                         path, strerror(errno), NULL);
}

/* path NULL: to stdout. */
static enum error export_zip(struct task *task, const char *path,
                             struct err *err)
{
    const char *base = path ? strrchr(path, '/') : NULL;
    struct str bytes, folder;

    if (directory_export_zip(task, &bytes, err))
        return err->code;
    if (!path)
        return write_piece(NULL, bytes, err);
    folder =
        base ? str_slice(str_of(path), 0, (size_t)(base - path)) : STR(".");
    return write_file((void *)(uintptr_t)str_c(task->arena, folder),
                      base ? base + 1 : path, bytes, err);
}

bool is_directory_export(struct command_line *line)
{
    const char *format = command_option(line, "--format");
    bool ours =
        format &&
        (strcmp(format, "hsds") == 0 || strcmp(format, "hsds-csv") == 0 ||
         strcmp(format, "hsds-zip") == 0 || strcmp(format, "geojson") == 0);

    return strcmp(line->argument[0], "directory") == 0 ||
           (ours && strcmp(line->argument[0], "place") == 0);
}

int export_directory(struct command_line *line)
{
    const char *format = command_option(line, "--format");
    const char *folder = command_option(line, "--to");
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (format && strcmp(format, "hsds-csv") == 0) {
        if (!folder)
            err_set(&err, ERROR_USAGE, N_("Diga en qué carpeta: --to CARPETA."),
                    NULL, NULL, NULL);
        else if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            err_set(&err, ERROR_INPUT, N_("No se puede escribir {1}: {2}"),
                    folder, strerror(errno), NULL);
        else
            directory_export_tables(&place.task, write_file,
                                    (void *)(uintptr_t)folder, &err);
    } else if (format && strcmp(format, "hsds-zip") == 0) {
        export_zip(&place.task, folder, &err);
    } else if (!format || strcmp(format, "csv") == 0) {
        directory_export(&place.task, DIRECTORY_CSV, write_piece, NULL, &err);
    } else if (strcmp(format, "hsds") == 0) {
        directory_export(&place.task, DIRECTORY_HSDS, write_piece, NULL, &err);
    } else if (strcmp(format, "geojson") == 0) {
        directory_export(&place.task, DIRECTORY_GEOJSON, write_piece, NULL,
                         &err);
    } else {
        err_set(&err, ERROR_USAGE,
                N_("--format es hsds, hsds-csv, hsds-zip, geojson o csv."),
                NULL, NULL, NULL);
    }
    if (err.code)
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
