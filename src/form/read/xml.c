/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml.c - the parser and its limits. */
#include "form/read/xml.h"

#include <expat.h>

enum { CHUNK_SIZE = 64 << 10, QUIET_MAX = 256 << 10 };

struct parse {
    XML_Parser parser;
    struct intake *intake;
    const struct xml_handler *handler;
    size_t depth, quiet; /* bytes since something was understood */
};

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

static void go_on(struct parse *parse)
{
    parse->quiet = 0;
    if (intake_failed(parse->intake))
        XML_StopParser(parse->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name,
                     const XML_Char **attribute)
{
    struct parse *parse = context;

    if (++parse->depth > READ_DEPTH_MAX)
        intake_damaged(parse->intake, "XML");
    else
        parse->handler->start(parse->handler->context, local(name), attribute);
    go_on(parse);
}

static void on_end(void *context, const XML_Char *name)
{
    struct parse *parse = context;

    parse->depth--;
    parse->handler->end(parse->handler->context, local(name));
    go_on(parse);
}

static void on_text(void *context, const XML_Char *at, int size)
{
    struct parse *parse = context;

    if (parse->handler->text)
        parse->handler->text(parse->handler->context, at, (size_t)size);
    go_on(parse);
}

static void on_doctype(void *context, const XML_Char *name,
                       const XML_Char *system, const XML_Char *public, int own)
{
    struct parse *parse = context;

    (void)name, (void)system, (void)public, (void)own;
    if (!intake_failed(parse->intake))
        err_set(parse->intake->err, ERROR_INPUT,
                N_("El archivo trae definiciones de XML (DOCTYPE) que una hoja "
                   "de cálculo no lleva: no se lee. Guárdelo otra vez como "
                   ".xlsx."),
                NULL, NULL, NULL);
    XML_StopParser(parse->parser, XML_FALSE);
}

static bool parse_all(struct parse *parse, const char *part,
                      const struct xml_source *source)
{
    for (;;) {
        void *room = XML_GetBuffer(parse->parser, CHUNK_SIZE);
        size_t size;

        if (!room)
            return err_memory(parse->intake->err), false;
        size = source->next(source->context, room, CHUNK_SIZE);
        if (size == SIZE_MAX)
            return false;
        parse->quiet += size;
        if (XML_ParseBuffer(parse->parser, (int)size, size == 0) !=
                XML_STATUS_OK ||
            parse->quiet > QUIET_MAX)
            return intake_damaged(parse->intake, part);
        if (size == 0)
            return true;
    }
}

bool read_xml(struct intake *intake, const char *part,
              const struct xml_source *source,
              const struct xml_handler *handler)
{
    struct parse parse = {
        .parser = XML_ParserCreate(NULL), .intake = intake, .handler = handler};
    bool good;

    if (!parse.parser)
        return err_memory(intake->err), false;
    XML_SetUserData(parse.parser, &parse);
    XML_SetElementHandler(parse.parser, on_start, on_end);
    XML_SetCharacterDataHandler(parse.parser, on_text);
    XML_SetStartDoctypeDeclHandler(parse.parser, on_doctype);
    XML_SetParamEntityParsing(parse.parser, XML_PARAM_ENTITY_PARSING_NEVER);
    good = parse_all(&parse, part, source);
    XML_ParserFree(parse.parser);
    return good && !intake_failed(intake);
}

const char *read_xml_get(const char **attribute, const char *name)
{
    for (size_t i = 0; attribute[i]; i += 2)
        if (strcmp(local(attribute[i]), name) == 0)
            return attribute[i + 1];
    return NULL;
}

size_t read_xml_size(const char **attribute, const char *name, size_t most,
                     size_t otherwise)
{
    const char *text = read_xml_get(attribute, name);
    int64_t number;

    if (!text || !str_to_int(str_of(text), &number) || number < 0 ||
        (uint64_t)number > most)
        return otherwise;
    return (size_t)number;
}
