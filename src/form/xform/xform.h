/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform.h - writes the XForm of an XLSForm: what ODK Collect and Enketo read.
 *
 * The order of things is that of pyxform, so that two XForms can be laid side
 * by side; structure is the same, bytes are not.
 */
#ifndef COBIJO_XFORM_H
#define COBIJO_XFORM_H

#include "form/xls/xls.h"

struct str xform_write(const struct xls *xls);

#endif
