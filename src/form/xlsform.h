/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform.h - reads an XLSForm written as .csv (the sheet's name stands in
 * the first column, in a row of its own, its header in the next) or Markdown:
 * form/xls/ reads and checks it, form/build/ makes struct form of it.
 *
 * `file` answers for select_one_from_file NAME.csv (columns name, label::…,
 * any other): the text of the file, or STR_NULL. All problems come at once.
 */
#ifndef COBIJO_XLSFORM_H
#define COBIJO_XLSFORM_H

#include "form/form.h"

struct form_problem {
    struct str sheet, column; /* column "" when the row is meant */
    size_t row;               /* as the spreadsheet counts, header = 1 */
    bool warning;
    const char *code; /* of form/xls/problems.def, or NULL */
    struct err err;
};

struct form_problems {
    struct form_problem *problem;
    size_t count, errors;
};

/* By sheet and row, as whoever corrects them goes through the file. */
void form_problems_sort(struct form_problems *problems);

struct form_files {
    void *context;
    struct str (*file)(void *context, struct str name);
};

/* NULL when there was an error among the problems. */
const struct form *xlsform_read(struct arena *arena, struct str csv,
                                const struct form_files *files,
                                struct form_problems *problems);
/* A form that is in use since an earlier day: what the reader of that day let
 * pass does not take its records away now. NULL only when there is nothing to
 * make a form of. */
const struct form *xlsform_read_kept(struct arena *arena, struct str csv,
                                     const struct form_files *files,
                                     struct form_problems *problems);
/* The files that a form asks for and that are not in its text: the text of one
 * of them is added with list_files_join (form/list_file.h). */
size_t xlsform_files(struct arena *arena, struct str csv, struct str **name);

#endif
