/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml.h - expat with what strangers' files need: no DOCTYPE and so no
 * entities, a depth that ends, no single tag as large as a file. Names come
 * without their prefix.
 */
#ifndef COBIJO_XML_H
#define COBIJO_XML_H

#include "form/read/intake.h"

struct xml_handler {
    void *context;
    void (*start)(void *context, const char *name, const char **attribute);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *at, size_t size); /* or NULL */
};

struct xml_source {
    void *context;
    /* Bytes read, 0 at the end, SIZE_MAX when the intake has failed. */
    size_t (*next)(void *context, char *bytes, size_t size);
};

/* False when the intake has failed. part: for messages. */
bool read_xml(struct intake *intake, const char *part,
              const struct xml_source *source,
              const struct xml_handler *handler);
/* The attribute's value, or NULL. */
const char *read_xml_get(const char **attribute, const char *name);
/* A whole number from 0 to most, or otherwise. */
size_t read_xml_size(const char **attribute, const char *name, size_t most,
                     size_t otherwise);

#endif
