/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform.h - writes the XForm of an XLSForm: what ODK Collect and Enketo read.
 *
 * The order of things is that of pyxform, so that two XForms can be laid side
 * by side; structure is the same, bytes are not. */
#ifndef COBIJO_XFORM_H
#define COBIJO_XFORM_H

#include "form/xls/xls.h"

struct str xform_write(const struct xls *xls);
/* What of its expressions an engine would not understand is added to the
 * problems; false when there is an error among them. */
bool xform_check(struct xls *xls);

/* From the text that forms are kept as. root names the node of the instance
 * (data), id the form, where settings does not. STR_NULL when there was an
 * error among the problems, which come by sheet and row. */
struct str xform_from_csv(struct arena *arena, struct str csv, struct str root,
                          struct str id, struct form_problems *problems);

#endif
