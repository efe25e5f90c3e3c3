/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* media_file.c - files of pictures and sounds as sheets of a form's text. */
#include "form/media_file.h"

#include "core/base64.h"
#include "core/buf.h"
#include "core/utf8.h"

enum { CELL_BYTES = 48000, NAME_MAX_SIZE = 200 };

static bool ends_as(struct str name, const char *const *ending)
{
    for (; *ending; ending++) {
        size_t size = strlen(*ending);

        if (name.size > size &&
            str_equal_nocase(str_slice(name, name.size - size, name.size),
                             str_of(*ending)))
            return true;
    }
    return false;
}

bool media_file_sounds(struct str name)
{
    static const char *const endings[] = {".mp3", ".ogg",  ".oga", ".opus",
                                          ".m4a", ".weba", NULL};

    return ends_as(name, endings);
}

bool media_file_is(struct str name)
{
    static const char *const endings[] = {".png", ".jpg",  ".jpeg", ".webp",
                                          ".mp4", ".webm", ".svg",  NULL};

    return ends_as(name, endings) || media_file_sounds(name);
}

struct str media_file_name(struct str text)
{
    size_t at = text.size;

    if (!str_starts(text, STR("jr://")))
        return text;
    while (at > 0 && text.at[at - 1] != '/')
        at--;
    return str_slice(text, at, text.size);
}

/* --- in ------------------------------------------------------------------- */

/* A name that can stand in a sheet, an address and a folder. */
static bool name_good(struct str name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == '/' ||
            name.at[i] == '\\' || name.at[i] == '"')
            return false;
    return name.size > 0 && name.size <= NAME_MAX_SIZE;
}

static enum error say_wrong(struct arena *arena, struct str name,
                            struct str bytes, struct err *err)
{
    if (!name_good(name))
        return err_set(err, ERROR_INPUT,
                       N_("El nombre de un archivo no puede llevar barras ni "
                          "comillas, ni pasar de 200 letras."),
                       NULL, NULL, NULL);
    return err_set(err, bytes.size ? ERROR_TOO_LARGE : ERROR_INPUT,
                   bytes.size ? N_("El archivo «{1}» pesa más de 1 MB: hágalo "
                                   "más pequeño y súbalo otra vez.")
                              : N_("El archivo «{1}» está vacío."),
                   str_c(arena, name), NULL, NULL);
}

enum error media_file_add(struct arena *arena, struct str name,
                          struct str bytes, struct tables *tables,
                          struct err *err)
{
    struct str kept = utf8_nfc(arena, str_copy(arena, name));
    struct table *table;

    if (!name_good(name) || !bytes.size || bytes.size > MEDIA_FILE_MAX)
        return say_wrong(arena, name, bytes, err);
    table = tables_add(arena, tables, kept);
    for (size_t at = 0; table && at < bytes.size; at += CELL_BYTES) {
        struct str part = str_slice(bytes, at, at + CELL_BYTES), cell;
        struct buf out;

        buf_init(&out, arena);
        base64_write(&out, part.at, part.size);
        cell = buf_str(&out);
        table_add(arena, table, table->rows + 1, &cell, 1);
    }
    return !table || arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* --- out ------------------------------------------------------------------ */

/* The next line, without its end; *text goes on behind it. */
static bool line_next(struct str *text, struct str *line)
{
    const char *end;

    if (!text->size)
        return false;
    end = memchr(text->at, '\n', text->size);
    *line = str_slice(*text, 0, end ? (size_t)(end - text->at) : text->size);
    *text = str_slice(*text, line->size + (end != NULL), text->size);
    return true;
}

static bool is_separator(char one)
{
    return one == ',' || one == ';' || one == '\t' || one == '\r';
}

/* What stands alone in its line: the name of a sheet. */
static struct str line_name(struct str line)
{
    while (line.size && is_separator(line.at[line.size - 1]))
        line.size--;
    if (line.size > 2 && line.at[0] == '"' && line.at[line.size - 1] == '"')
        line = str_slice(line, 1, line.size - 1);
    return line;
}

static bool in_sheet(struct str line)
{
    return !line.size || is_separator(line.at[0]);
}

/* The base64 of a line that begins with the separator. */
static struct str line_cell(struct str line)
{
    while (line.size && (is_separator(line.at[0]) || line.at[0] == '"'))
        line = str_slice(line, 1, line.size);
    while (line.size && (is_separator(line.at[line.size - 1]) ||
                         line.at[line.size - 1] == '"'))
        line.size--;
    return line;
}

struct str media_file_find(struct arena *arena, struct str text,
                           struct str name)
{
    bool here = false, good = true;
    struct str line;
    struct buf out;

    buf_init(&out, arena);
    while (good && line_next(&text, &line)) {
        if (!in_sheet(line)) {
            if (here)
                break;
            here = line.size < NAME_MAX_SIZE * 2 &&
                   str_equal_nocase(line_name(line), name);
        } else if (here) {
            good = base64_read(&out, line_cell(line));
        }
    }
    return here && good && out.size && !arena_failed(arena) ? buf_str(&out)
                                                            : STR_NULL;
}

enum error media_files_check(struct str text, struct err *err)
{
    bool here = false;
    struct str line;
    size_t size = 0;

    while (line_next(&text, &line)) {
        if (!in_sheet(line))
            here =
                line.size < NAME_MAX_SIZE * 2 && media_file_is(line_name(line));
        else if (here)
            size += line_cell(line).size / 4 * 3;
    }
    return size <= MEDIA_FORM_MAX
               ? ERROR_NONE
               : err_set(err, ERROR_TOO_LARGE,
                         N_("Las imágenes, los sonidos y los videos de un "
                            "formulario pueden pesar juntos hasta 6 MB. "
                            "Hágalos más pequeños."),
                         NULL, NULL, NULL);
}
