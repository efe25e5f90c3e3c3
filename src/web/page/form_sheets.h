/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_sheets.h - an uploaded spreadsheet as its author sees it, with every
 * problem beside its row and cell.
 */
#ifndef COBIJO_FORM_SHEETS_H
#define COBIJO_FORM_SHEETS_H

#include "form/xlsform.h"
#include "web/page.h"

/* [{"sheet", "row", "column", "warning", "code", "text"}] */
struct value *form_problems_value(struct view *view,
                                  const struct form_problems *problems);
/* [{"name", "errors", "warnings", "columns": [{"name", "mark"}], "table",
 * "hidden", "span", "notes", "rows": [{"number", "gap", "error", "cells":
 * [{"text", "mark"}], "notes": [{"warning", "column", "text"}]}], "more"}]:
 * sheets that have a problem; rows with one and those beside them. */
struct value *form_sheets_value(struct view *view, struct str source,
                                const struct form_problems *problems);
/* form_id as it stands in the sheet settings, also of a form that cannot be
 * read; "" when there is none. */
struct str form_sheet_name(struct view *view, struct str source,
                           struct str *version);

#endif
