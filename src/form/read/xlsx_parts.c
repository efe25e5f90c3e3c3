/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx_parts.c - what an .xlsx says about itself: which part is the workbook,
 * its sheets, its texts, its styles.
 */
#include "form/read/xlsx.h"

#include "core/buf.h"
#include "core/utf8.h"

/* Room for one more, the block grown by doubling. */
static void *one_more(struct arena *arena, void *block, size_t count,
                      size_t size)
{
    if ((count & (count - 1)) != 0)
        return block;
    return arena_grow(arena, block, count * size,
                      (count ? count * 2 : 1) * size);
}

static void nothing(void *context, const char *name)
{
    (void)context, (void)name;
}

/* --- relations ------------------------------------------------------------ */

/* "../a", "/a" or "a", seen from a folder, as the zip names it. */
static struct str resolve(struct arena *arena, struct str folder,
                          const char *target)
{
    struct str path = str_of(target);

    if (str_starts(path, STR("/")))
        return str_copy(arena, str_slice(path, 1, path.size));
    while (str_starts(path, STR("./")))
        path = str_slice(path, 2, path.size);
    if (str_starts(path, STR("../")))
        return str_copy(arena, str_slice(path, 3, path.size));
    return str_join(arena, folder, path);
}

static void root_start(void *context, const char *name, const char **attribute)
{
    struct xlsx *xlsx = context;
    const char *type = read_xml_get(attribute, "Type");
    const char *target = read_xml_get(attribute, "Target");

    if (strcmp(name, "Relationship") != 0 || !type || !target ||
        !str_ends(str_of(type), STR("/officeDocument")))
        return;
    xlsx->workbook = resolve(&xlsx->intake->scratch, STR(""), target);
}

bool xlsx_root_rels(struct xlsx *xlsx, const struct xml_source *source)
{
    struct xml_handler handler = {xlsx, root_start, nothing, NULL};

    return read_xml(xlsx->intake, "_rels", source, &handler);
}

static void relation_start(void *context, const char *name,
                           const char **attribute)
{
    struct xlsx *xlsx = context;
    struct arena *arena = &xlsx->intake->scratch;
    const char *type = read_xml_get(attribute, "Type");
    const char *target = read_xml_get(attribute, "Target");
    const char *id = read_xml_get(attribute, "Id");

    if (strcmp(name, "Relationship") != 0 || !type || !target || !id)
        return;
    if (++xlsx->relations > READ_PARTS_MAX) {
        intake_damaged(xlsx->intake, "workbook.xml.rels");
        return;
    }
    if (str_ends(str_of(type), STR("/sharedStrings")))
        xlsx->strings_path = resolve(arena, xlsx->folder, target);
    else if (str_ends(str_of(type), STR("/styles")))
        xlsx->styles_path = resolve(arena, xlsx->folder, target);
    else if (str_ends(str_of(type), STR("/worksheet")))
        for (size_t i = 0; i < xlsx->sheets; i++)
            if (str_equal_c(xlsx->sheet[i].id, id))
                xlsx->sheet[i].path = resolve(arena, xlsx->folder, target);
}

bool xlsx_workbook_rels(struct xlsx *xlsx, const struct xml_source *source)
{
    struct xml_handler handler = {xlsx, relation_start, nothing, NULL};

    return read_xml(xlsx->intake, "workbook.xml.rels", source, &handler);
}

/* --- the workbook --------------------------------------------------------- */

static bool is_true(const char *text)
{
    return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0 ||
                    strcmp(text, "on") == 0);
}

static void workbook_start(void *context, const char *name,
                           const char **attribute)
{
    struct xlsx *xlsx = context;
    struct arena *arena = &xlsx->intake->scratch;
    const char *title = read_xml_get(attribute, "name");
    const char *state = read_xml_get(attribute, "state");
    const char *id = read_xml_get(attribute, "id");
    struct xlsx_sheet *room;

    if (strcmp(name, "workbookPr") == 0)
        xlsx->intake->date1904 = is_true(read_xml_get(attribute, "date1904"));
    if (strcmp(name, "sheet") != 0 || !title || !id)
        return;
    if (xlsx->sheets >= READ_SHEETS_MAX) {
        intake_damaged(xlsx->intake, "workbook.xml");
        return;
    }
    room = one_more(arena, xlsx->sheet, xlsx->sheets, sizeof *room);
    if (!room)
        return;
    xlsx->sheet = room;
    room[xlsx->sheets++] =
        (struct xlsx_sheet){.name = str_copy(arena, str_of(title)),
                            .id = str_copy(arena, str_of(id)),
                            .hidden = state && strcmp(state, "visible") != 0};
}

bool xlsx_workbook(struct xlsx *xlsx, const struct xml_source *source)
{
    struct xml_handler handler = {xlsx, workbook_start, nothing, NULL};

    return read_xml(xlsx->intake, "workbook.xml", source, &handler);
}

/* --- shared texts --------------------------------------------------------- */

struct strings {
    struct xlsx *xlsx;
    struct buf text;
    bool item, run, phonetic;
};

static void strings_start(void *context, const char *name,
                          const char **attribute)
{
    struct strings *strings = context;

    (void)attribute;
    if (strcmp(name, "si") == 0) {
        strings->item = true;
        buf_clear(&strings->text);
    } else if (strcmp(name, "rPh") == 0) {
        strings->phonetic = true;
    } else if (strcmp(name, "t") == 0) {
        strings->run = strings->item && !strings->phonetic;
    }
}

static void strings_text(void *context, const char *at, size_t size)
{
    struct strings *strings = context;

    if (!strings->run)
        return;
    if (strings->text.size + size > READ_CELL_SIZE_MAX)
        intake_damaged(strings->xlsx->intake, "sharedStrings.xml");
    else
        buf_add(&strings->text, at, size);
}

static void string_add(struct xlsx *xlsx, struct str text)
{
    struct intake *intake = xlsx->intake;
    struct str *room;

    if (xlsx->strings >= READ_STRINGS_MAX) {
        intake_too_large(
            intake,
            N_("El archivo tiene más de {1} textos. Divídalo en partes."),
            READ_STRINGS_MAX);
        return;
    }
    xlsx->string_text += text.size;
    if (xlsx->string_text > TABLE_TEXT_MAX) {
        intake_text_too_large(intake);
        return;
    }
    room =
        one_more(&intake->scratch, xlsx->string, xlsx->strings, sizeof *room);
    if (!room)
        return;
    xlsx->string = room;
    room[xlsx->strings++] = xlsx_text(intake->arena, text);
}

static void strings_end(void *context, const char *name)
{
    struct strings *strings = context;

    if (strcmp(name, "t") == 0) {
        strings->run = false;
    } else if (strcmp(name, "rPh") == 0) {
        strings->phonetic = false;
    } else if (strcmp(name, "si") == 0 && strings->item) {
        strings->item = false;
        string_add(strings->xlsx, buf_str(&strings->text));
    }
}

bool xlsx_strings(struct xlsx *xlsx, const struct xml_source *source)
{
    struct strings strings = {.xlsx = xlsx};
    struct xml_handler handler = {&strings, strings_start, strings_end,
                                  strings_text};
    struct arena own;
    bool good;

    arena_init(&own, NULL);
    buf_init(&strings.text, &own);
    good = read_xml(xlsx->intake, "sharedStrings.xml", source, &handler);
    if (good && arena_failed(&own))
        good = err_memory(xlsx->intake->err) == ERROR_NONE;
    arena_release(&own);
    return good;
}

/* --- styles --------------------------------------------------------------- */

struct format {
    size_t id;
    enum cell_kind kind;
};

struct styles {
    struct xlsx *xlsx;
    struct format *format;
    size_t formats;
    bool cell; /* within cellXfs */
};

static enum cell_kind styles_kind(const struct styles *styles, size_t id)
{
    for (size_t i = 0; i < styles->formats; i++)
        if (styles->format[i].id == id)
            return styles->format[i].kind;
    return id < 164 ? cell_kind_builtin((unsigned)id) : CELL_NUMBER;
}

static void format_add(struct styles *styles, const char **attribute)
{
    const char *code = read_xml_get(attribute, "formatCode");
    struct format *room;

    if (!code || styles->formats >= 1000) /* nobody sees that many */
        return;
    room = one_more(&styles->xlsx->intake->scratch, styles->format,
                    styles->formats, sizeof *room);
    if (!room)
        return;
    styles->format = room;
    room[styles->formats++] =
        (struct format){read_xml_size(attribute, "numFmtId", 65535, SIZE_MAX),
                        cell_kind_code(str_of(code))};
}

static void style_add(struct styles *styles, const char **attribute)
{
    struct xlsx *xlsx = styles->xlsx;
    size_t id = read_xml_size(attribute, "numFmtId", 65535, 0);
    unsigned char *room;

    if (xlsx->styles >= READ_STYLES_MAX) {
        intake_damaged(xlsx->intake, "styles.xml");
        return;
    }
    room = one_more(&xlsx->intake->scratch, xlsx->style, xlsx->styles,
                    sizeof *room);
    if (!room)
        return;
    xlsx->style = room;
    room[xlsx->styles++] = (unsigned char)styles_kind(styles, id);
}

static void styles_start(void *context, const char *name,
                         const char **attribute)
{
    struct styles *styles = context;

    if (strcmp(name, "numFmt") == 0)
        format_add(styles, attribute);
    else if (strcmp(name, "cellXfs") == 0)
        styles->cell = true;
    else if (strcmp(name, "xf") == 0 && styles->cell)
        style_add(styles, attribute);
}

static void styles_end(void *context, const char *name)
{
    struct styles *styles = context;

    if (strcmp(name, "cellXfs") == 0)
        styles->cell = false;
}

bool xlsx_styles(struct xlsx *xlsx, const struct xml_source *source)
{
    struct styles styles = {.xlsx = xlsx};
    struct xml_handler handler = {&styles, styles_start, styles_end, NULL};

    return read_xml(xlsx->intake, "styles.xml", source, &handler);
}

/* --- texts ---------------------------------------------------------------- */

/* _xHHHH_ at *at: the character, and *at behind it. */
static bool escaped(struct str text, size_t *at, uint32_t *code)
{
    struct str part = str_slice(text, *at, *at + 7);
    uint32_t value = 0;

    if (part.size < 7 || part.at[1] != 'x' || part.at[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = strchr(digits, part.at[i]);

        if (!digit || !*digit)
            return false;
        value = value * 16 + (uint32_t)((digit - digits) % 16);
    }
    *at += 7;
    *code = value;
    return true;
}

struct str xlsx_text(struct arena *arena, struct str text)
{
    struct buf out;

    if (str_find(text, STR("_x")) == SIZE_MAX)
        return str_copy(arena, text);
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        char utf8[4];

        if (text.at[i] != '_' || !escaped(text, &i, &code))
            buf_putc(&out, text.at[i++]);
        else if ((code >= ' ' && (code < 0xd800 || code > 0xdfff)) ||
                 code == '\n' || code == '\t')
            buf_add(&out, utf8, utf8_encode(code, utf8));
    }
    return buf_str(&out);
}
