/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml_list.c - a list of choices in XML (form/list_file.h): an element for
 * each choice below the root, an element for each column below that. The
 * columns are in the order in which they are first seen. */
#include "form/read/xml_list.h"

#include "form/names.h"
#include "form/read/xml.h"

struct xml_list {
    struct intake *intake;
    struct str rest; /* of the file */
    struct names *names;
    struct str column[READ_COLUMNS_MAX];
    size_t columns;
    size_t depth, row, at; /* the row and the column being read */
    struct buf text;
};

static size_t next_bytes(void *context, char *bytes, size_t size)
{
    struct xml_list *list = context;
    struct str part = str_slice(list->rest, 0, size);

    if (part.size)
        memcpy(bytes, part.at, part.size);
    list->rest = str_slice(list->rest, part.size, list->rest.size);
    return part.size;
}

static size_t column_of(struct xml_list *list, struct str name)
{
    size_t at = names_find(list->names, 0, name);

    if (at < SIZE_MAX)
        return at;
    if (list->columns == READ_COLUMNS_MAX) {
        intake_damaged(list->intake, "columns");
        return 0;
    }
    name = str_copy(list->intake->arena, name);
    names_add(list->names, 0, name, list->columns);
    list->column[list->columns] = name;
    return list->columns++;
}

static void start(void *context, const char *name, const char **attribute)
{
    struct xml_list *list = context;

    (void)attribute;
    list->depth++;
    if (list->depth == 2)
        list->row++;
    if (list->depth != 3)
        return;
    list->at = column_of(list, str_of(name));
    buf_clear(&list->text);
}

static void text(void *context, const char *at, size_t size)
{
    struct xml_list *list = context;

    if (list->depth < 3)
        return;
    if (list->text.size + size > READ_CELL_SIZE_MAX)
        intake_text_too_large(list->intake);
    else
        buf_add(&list->text, at, size);
}

static void end(void *context, const char *name)
{
    struct xml_list *list = context;

    (void)name;
    if (list->depth-- == 3)
        intake_cell(
            list->intake, list->row, list->at,
            str_copy(list->intake->arena, str_trim(buf_str(&list->text))));
}

bool xml_list_read(struct intake *intake, struct str bytes)
{
    struct xml_list *list = ARENA_NEW(&intake->scratch, struct xml_list);
    const struct xml_handler handler = {list, start, end, text};
    const struct xml_source source = {list, next_bytes};

    if (!list)
        return false;
    list->intake = intake;
    list->rest = bytes;
    list->names = names_new(&intake->scratch, READ_COLUMNS_MAX);
    buf_init(&list->text, &intake->scratch);
    return list->names && intake_sheet(intake, STR("xml"), false) &&
           read_xml(intake, "xml", &source, &handler) &&
           intake_sheet_end(intake) &&
           table_head(intake->arena, intake->table, list->column,
                      list->columns);
}
