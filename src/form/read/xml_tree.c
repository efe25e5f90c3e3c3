/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml_tree.c - expat's events become nodes. Namespaces are resolved here, so
 * that names stay as they were written. */
#include "form/read/xml_tree.h"

#include <expat.h>

#include "core/buf.h"

struct declared {
    struct str prefix, space;
    const struct node *element;
    struct declared *next;
};

struct reading {
    struct node_builder *builder;
    XML_Parser parser;
    struct node *at;
    size_t depth;
    struct declared *declared; /* innermost first */
    struct buf text;           /* gathered, not yet a node */
    const char *wrong;         /* msgid */
};

static void stop(struct reading *reading, const char *msgid)
{
    if (!reading->wrong)
        reading->wrong = msgid;
    XML_StopParser(reading->parser, XML_FALSE);
}

static struct str kept(struct reading *reading, const char *text)
{
    return str_copy(reading->builder->arena, str_of(text));
}

static void flush(struct reading *reading)
{
    if (reading->text.size > 0)
        node_add(reading->builder, reading->at, NODE_TEXT, STR_NULL,
                 str_copy(reading->builder->arena, buf_str(&reading->text)));
    buf_clear(&reading->text);
}

static void declare(struct reading *reading, const struct node *element,
                    const char *name, const char *space)
{
    struct declared *declared =
        ARENA_NEW(reading->builder->arena, struct declared);

    if (!declared)
        return;
    declared->prefix = kept(reading, name[5] == ':' ? name + 6 : "");
    declared->space = kept(reading, space);
    declared->element = element;
    declared->next = reading->declared;
    reading->declared = declared;
}

static struct str space_of(const struct reading *reading, struct str name)
{
    size_t colon = str_find_char(name, ':');
    struct str prefix = colon < SIZE_MAX ? str_slice(name, 0, colon) : STR("");
    const struct declared *declared = reading->declared;

    if (str_equal_c(prefix, "xml"))
        return STR("http://www.w3.org/XML/1998/namespace");
    for (; declared; declared = declared->next)
        if (str_equal(declared->prefix, prefix))
            return declared->space.size ? declared->space : STR_NULL;
    return STR_NULL;
}

static bool is_declaration(const char *name)
{
    return strncmp(name, "xmlns", 5) == 0 &&
           (name[5] == '\0' || name[5] == ':');
}

static void on_start(void *context, const char *name, const char **attribute)
{
    struct reading *reading = context;
    struct node *element;

    flush(reading);
    if (++reading->depth > NODE_DEPTH_MAX) {
        stop(reading, N_("El documento XML tiene demasiados niveles en la "
                         "línea {1}."));
        return;
    }
    element = node_add(reading->builder, reading->at, NODE_ELEMENT,
                       kept(reading, name), STR_NULL);
    if (!element) {
        stop(reading, N_("El documento XML es demasiado grande."));
        return;
    }
    for (size_t i = 0; attribute[i]; i += 2)
        if (is_declaration(attribute[i]))
            declare(reading, element, attribute[i], attribute[i + 1]);
    element->space = space_of(reading, element->name);
    for (size_t i = 0; attribute[i]; i += 2) {
        struct node *node;

        if (i == 2 * XML_TREE_ATTRIBUTES_MAX) {
            stop(reading, N_("El documento XML es demasiado grande."));
            return;
        }
        if (is_declaration(attribute[i]))
            continue;
        node = node_add(reading->builder, element, NODE_ATTRIBUTE,
                        kept(reading, attribute[i]),
                        kept(reading, attribute[i + 1]));
        if (node && strchr(attribute[i], ':'))
            node->space = space_of(reading, node->name);
    }
    reading->at = element;
}

static void on_end(void *context, const char *name)
{
    struct reading *reading = context;

    (void)name;
    flush(reading);
    while (reading->declared && reading->declared->element == reading->at)
        reading->declared = reading->declared->next;
    reading->at = (struct node *)reading->at->parent;
    reading->depth--;
}

static void on_text(void *context, const char *text, int size)
{
    struct reading *reading = context;

    if (reading->depth > 0 && size > 0)
        buf_add(&reading->text, text, (size_t)size);
}

static void on_comment(void *context, const char *text)
{
    struct reading *reading = context;

    flush(reading);
    node_add(reading->builder, reading->at, NODE_COMMENT, STR_NULL,
             kept(reading, text));
}

static void on_instruction(void *context, const char *target, const char *text)
{
    struct reading *reading = context;

    flush(reading);
    node_add(reading->builder, reading->at, NODE_INSTRUCTION,
             kept(reading, target), kept(reading, text));
}

static void on_entity(void *context, const char *name, int parameter,
                      const char *value, int size, const char *base,
                      const char *system, const char *public,
                      const char *notation)
{
    (void)name;
    (void)parameter;
    (void)value;
    (void)size;
    (void)base;
    (void)system;
    (void)public;
    (void)notation;
    stop(context, N_("El documento XML define entidades (línea {1}); por "
                     "seguridad no se admiten."));
}

static void listen_to(struct reading *reading)
{
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetCommentHandler(reading->parser, on_comment);
    XML_SetProcessingInstructionHandler(reading->parser, on_instruction);
    XML_SetEntityDeclHandler(reading->parser, on_entity);
}

static enum error parse(struct reading *reading, struct str text,
                        struct err *err)
{
    enum XML_Status status =
        XML_Parse(reading->parser, text.at, (int)text.size, 1);
    char line[24];

    if (arena_failed(reading->builder->arena))
        return err_memory(err);
    if (status == XML_STATUS_OK && !reading->wrong)
        return ERROR_NONE;
    snprintf(line, sizeof line, "%lu",
             (unsigned long)XML_GetCurrentLineNumber(reading->parser));
    return err_set(
        err, ERROR_SYNTAX,
        reading->wrong ? reading->wrong
                       : N_("No es un documento XML bien escrito: línea {1}, "
                            "{2}."),
        line, XML_ErrorString(XML_GetErrorCode(reading->parser)), NULL);
}

enum error xml_tree_read(struct node_builder *builder, struct str text,
                         const struct node **document, struct err *err)
{
    struct reading reading = {.builder = builder};
    struct node *top =
        node_add(builder, NULL, NODE_DOCUMENT, STR_NULL, STR_NULL);
    enum error error;

    text = str_trim(text);
    if (text.size > XML_TREE_SIZE_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("El documento XML es demasiado grande."), NULL, NULL,
                       NULL);
    reading.parser = XML_ParserCreate(NULL);
    if (!reading.parser || !top) {
        if (reading.parser)
            XML_ParserFree(reading.parser);
        return err_memory(err);
    }
    reading.at = top;
    buf_init(&reading.text, builder->arena);
    listen_to(&reading);
    error = parse(&reading, text, err);
    XML_ParserFree(reading.parser);
    if (!error)
        *document = top;
    return error;
}
