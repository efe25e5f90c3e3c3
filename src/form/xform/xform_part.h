/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_part.h - between the files that write an XForm. */
#ifndef COBIJO_XFORM_PART_H
#define COBIJO_XFORM_PART_H

#include "form/xform/xform.h"
#include "form/xls/xls_read.h"

struct xform {
    const struct xls *xls;
    struct buf out;
};

/* Texts that belong together in itext. */
enum xform_part {
    XFORM_LABEL,
    XFORM_HINT,
    XFORM_CONSTRAINT,
    XFORM_REQUIRED,
    XFORM_NO_APP,
    XFORM_PARTS
};

/* xform_xml.c */
void xml_text(struct buf *out, struct str text);
void xml_attribute(struct buf *out, const char *name, struct str value);
void xml_attribute_of(struct buf *out, struct str name, struct str value);

/* xform_write.c: an attribute that the form names itself; one whose prefix no
 * namespace is declared for (cobijo:…, ours alone) is left out. */
void xform_attribute(struct xform *xform, struct str name, struct str value);

bool xform_space_declared(const struct xls *xls, struct str prefix);

/* xform_texts.c */
bool xform_in_itext(const struct xls_texts *texts, enum xform_part part);
/* Plain text, with <output value=""/> where it refers to something. */
void xform_text(struct xform *xform, const struct xls_node *node,
                struct str text);
struct str xform_itext_id(const struct xform *xform,
                          const struct xls_node *node, enum xform_part part);
void xform_itext(struct xform *xform);

/* xform_instance.c, xform_bind.c, xform_body.c */
void xform_instance(struct xform *xform);
void xform_secondary(struct xform *xform);
void xform_binds(struct xform *xform);
void xform_body(struct xform *xform);

/* xform_entity.c */
void xform_entity(struct xform *xform, const struct xls_entity *entity);
void xform_entity_binds(struct xform *xform, const struct xls_entity *entity);
void xform_entity_repeat(struct xform *xform, const struct xls_node *node);

#endif
