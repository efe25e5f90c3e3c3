/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx.c - the zip around an .xlsx. Parts are inflated in pieces straight into
 * the XML parser; only those that are needed, and no more of them than an
 * honest workbook has.
 */
#include "form/read/xlsx.h"

#include <zip.h>

enum { RATIO_FROM = 8 << 20 };

struct archive {
    struct intake *intake;
    zip_t *zip;
    size_t packed, inflated; /* of the whole file, so far */
};

struct part {
    struct archive *archive;
    zip_file_t *file;
};

static size_t part_next(void *context, char *bytes, size_t size)
{
    struct part *part = context;
    struct archive *archive = part->archive;
    zip_int64_t got = zip_fread(part->file, bytes, size);

    if (got < 0) {
        intake_damaged(archive->intake, "zip");
        return SIZE_MAX;
    }
    archive->inflated += (size_t)got;
    if (archive->inflated > READ_INFLATED_MAX ||
        (archive->inflated > RATIO_FROM &&
         archive->inflated / READ_RATIO_MAX > archive->packed)) {
        intake_too_large(
            archive->intake,
            N_("El archivo crece demasiado al descomprimirlo (más de {1} MiB): "
               "no se lee. Borre filas y formatos sobrantes y guárdelo otra "
               "vez."),
            archive->inflated >> 20);
        return SIZE_MAX;
    }
    return (size_t)got;
}

/* Feeds a part to its reader. A part that is not there is no failure unless
 * it is needed. */
static bool part_read(struct archive *archive, struct xlsx *xlsx,
                      struct str path, bool needed,
                      bool (*read)(struct xlsx *, const struct xml_source *))
{
    struct intake *intake = archive->intake;
    const char *name = str_c(&intake->scratch, path);
    zip_int64_t index = zip_name_locate(archive->zip, name, ZIP_FL_NOCASE);
    struct part part = {archive, NULL};
    struct xml_source source = {&part, part_next};
    bool good;

    if (index < 0)
        return needed ? intake_damaged(intake, name) : !intake_failed(intake);
    part.file = zip_fopen_index(archive->zip, (zip_uint64_t)index, 0);
    if (!part.file) {
        if (zip_error_code_zip(zip_get_error(archive->zip)) == ZIP_ER_NOPASSWD)
            err_set(intake->err, ERROR_INPUT,
                    N_("El archivo está protegido con contraseña. Quítela y "
                       "guárdelo otra vez."),
                    NULL, NULL, NULL);
        return intake_damaged(intake, name);
    }
    good = read(xlsx, &source);
    zip_fclose(part.file);
    return good && !intake_failed(intake);
}

static struct str folder_of(struct str path)
{
    size_t end = path.size;

    while (end > 0 && path.at[end - 1] != '/')
        end--;
    return str_slice(path, 0, end);
}

/* xl/workbook.xml: xl/_rels/workbook.xml.rels */
static struct str rels_of(struct arena *arena, struct str path)
{
    struct str folder = folder_of(path);

    return str_format(arena, "%.*s_rels/%.*s.rels", STR_ARGS(folder),
                      (int)(path.size - folder.size), path.at + folder.size);
}

static bool no_spreadsheet(struct archive *archive)
{
    bool other = zip_name_locate(archive->zip, "content.xml", 0) >= 0 ||
                 zip_name_locate(archive->zip, "xl/workbook.bin", 0) >= 0;

    err_set(archive->intake->err, ERROR_INPUT,
            other ? N_("Es un archivo .ods o .xlsb: ábralo y guárdelo como "
                       ".xlsx.")
                  : N_("Es un archivo comprimido, pero no una hoja de "
                       "cálculo .xlsx. Suba la hoja misma."),
            NULL, NULL, NULL);
    return false;
}

static bool sheets_read(struct archive *archive, struct xlsx *xlsx)
{
    bool good = true, any = false;

    for (size_t i = 0; good && i < xlsx->sheets; i++) {
        const struct xlsx_sheet *sheet = &xlsx->sheet[i];

        if (str_is_null(sheet->path))
            continue; /* a chart */
        any = true;
        good = intake_sheet(archive->intake, sheet->name, sheet->hidden) &&
               part_read(archive, xlsx, sheet->path, true, xlsx_sheet);
    }
    return good && (any || intake_damaged(archive->intake, "workbook.xml"));
}

static bool workbook_read_parts(struct archive *archive)
{
    struct intake *intake = archive->intake;
    struct xlsx xlsx = {.intake = intake,
                        .workbook = STR("xl/workbook.xml"),
                        .strings_path = STR("xl/sharedStrings.xml"),
                        .styles_path = STR("xl/styles.xml")};

    if (!part_read(archive, &xlsx, STR("_rels/.rels"), false, xlsx_root_rels))
        return false;
    if (zip_name_locate(archive->zip, str_c(&intake->scratch, xlsx.workbook),
                        ZIP_FL_NOCASE) < 0 ||
        str_ends(xlsx.workbook, STR(".bin")) ||
        str_ends(xlsx.workbook, STR("document.xml")) ||
        str_ends(xlsx.workbook, STR("presentation.xml")))
        return no_spreadsheet(archive);
    xlsx.folder = folder_of(xlsx.workbook);
    return part_read(archive, &xlsx, xlsx.workbook, true, xlsx_workbook) &&
           part_read(archive, &xlsx, rels_of(&intake->scratch, xlsx.workbook),
                     true, xlsx_workbook_rels) &&
           part_read(archive, &xlsx, xlsx.styles_path, false, xlsx_styles) &&
           part_read(archive, &xlsx, xlsx.strings_path, false, xlsx_strings) &&
           sheets_read(archive, &xlsx);
}

/* How many parts the zip's end claims, before libzip makes room for them: the
 * most of all ends there could be. */
bool archive_few_parts(struct str bytes)
{
    size_t from = bytes.size > 65557 ? bytes.size - 65557 : 0;

    for (size_t i = from; i + 22 <= bytes.size; i++) {
        const unsigned char *at = (const unsigned char *)bytes.at + i;

        if (memcmp(at, "PK\5\6", 4) == 0 &&
            (at[10] | at[11] << 8) > READ_PARTS_MAX)
            return false;
    }
    return true;
}

static bool many_parts(struct intake *intake)
{
    return intake_too_large(
        intake,
        N_("El archivo trae más de {1} partes: no parece una hoja de cálculo. "
           "Guárdela otra vez como .xlsx."),
        READ_PARTS_MAX);
}

bool xlsx_read(struct intake *intake, struct str bytes)
{
    struct archive archive = {.intake = intake, .packed = bytes.size};
    zip_source_t *source;
    zip_error_t error;
    bool good;

    if (!archive_few_parts(bytes))
        return many_parts(intake);
    zip_error_init(&error);
    source = zip_source_buffer_create(bytes.at, bytes.size, 0, &error);
    archive.zip =
        source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    zip_error_fini(&error);
    if (!archive.zip) {
        zip_source_free(source);
        return intake_damaged(intake, "zip");
    }
    if (zip_get_num_entries(archive.zip, 0) > READ_PARTS_MAX)
        good = many_parts(intake);
    else
        good = workbook_read_parts(&archive);
    zip_discard(archive.zip);
    return good;
}
