/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml_list.h - a list of choices in XML, as one sheet. */
#ifndef COBIJO_XML_LIST_H
#define COBIJO_XML_LIST_H

#include "form/read/intake.h"

/* A file without choices gives a sheet without rows. */
bool xml_list_read(struct intake *intake, struct str bytes);

#endif
