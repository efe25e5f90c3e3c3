/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_read.h - what the parts of the XLSForm reader share. */
#ifndef COBIJO_XLSFORM_READ_H
#define COBIJO_XLSFORM_READ_H

#include "form/expr/tree.h"
#include "form/form_build.h"
#include "form/sheet.h"

/* The columns of survey that are not texts. */
#define SURVEY_COLUMNS(COLUMN)                                                 \
    COLUMN(type)                                                               \
    COLUMN(name)                                                               \
    COLUMN(relevant)                                                           \
    COLUMN(constraint)                                                         \
    COLUMN(required)                                                           \
    COLUMN(readonly)                                                           \
    COLUMN(calculation)                                                        \
    COLUMN(default)                                                            \
    COLUMN(choice_filter)                                                      \
    COLUMN(repeat_count)                                                       \
    COLUMN(appearance)                                                         \
    COLUMN(parameters)                                                         \
    COLUMN(disabled)

enum survey_column {
#define COLUMN(name) SURVEY_##name,
    SURVEY_COLUMNS(COLUMN)
#undef COLUMN
        SURVEY_COLUMN_COUNT
};

/* What a cell of the column type says. */
struct type_cell {
    enum { TYPE_QUESTION, TYPE_END, TYPE_OMIT, TYPE_WRONG } kind;
    enum question_type type; /* of TYPE_END: what is closed */
    struct str list;         /* of a select */
    bool from_file;
    bool or_other;
};

struct draft {
    struct question *question;
    const struct sheet_row *row;
    struct question **need; /* questions its value depends on */
    size_t needs;
};

struct reading {
    struct arena *arena;
    const struct form_files *files;
    struct form_problems *problems;
    struct form *form;
    struct workbook workbook;
    struct sheet *file; /* of select_…_from_file, named */
    size_t file_count;
    struct choice_list *list; /* form->list, not yet const */
    size_t column[SURVEY_COLUMN_COUNT];
    struct draft *draft; /* one for each question, in order */
    struct names *names; /* form->names while it is built */
};

/* {1} {2} in the message. */
void problem_add(struct reading *reading, const char *sheet, size_t row,
                 struct str column, const char *msgid, struct str arg1,
                 struct str arg2);
void problem_warn(struct reading *reading, const char *sheet, size_t row,
                  struct str column, const char *msgid, struct str arg1);
struct form_problem *problem_new(struct reading *reading, const char *sheet,
                                 size_t row, struct str column);

/* xlsform_type.c: TYPE_WRONG has made a problem. */
struct type_cell type_read(struct reading *reading,
                           const struct sheet_row *row);

/* xlsform_texts.c */
void languages_read(struct reading *reading);
struct texts texts_read(struct reading *reading, const struct sheet *sheet,
                        const struct sheet_row *row, const char *base);
/* The other columns of a row; named are those not to be repeated. */
const struct value *extra_read(struct reading *reading,
                               const struct sheet *sheet,
                               const struct sheet_row *row,
                               bool (*named)(const struct column *column));

/* xlsform_choices.c */
void files_read(struct reading *reading);
void lists_read(struct reading *reading);
const struct choice_list *list_find(const struct reading *reading,
                                    struct str name);
void choices_for_multiple(struct reading *reading,
                          const struct question *question);

/* xlsform_survey.c */
void survey_read(struct reading *reading);

/* xlsform_other.c: or_other, before the rows are read; and the row that it
 * stands for. */
void others_read(struct reading *reading);
struct sheet_row *other_row(struct reading *reading,
                            const struct question *question,
                            const struct sheet_row *from);

/* xlsform_names.c: keys and the table of names. */
void names_read(struct reading *reading);

/* xlsform_expr.c */
void expressions_read(struct reading *reading);
/* xlsform_order.c */
void order_read(struct reading *reading);

#endif
