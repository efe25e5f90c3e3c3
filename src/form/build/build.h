/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build.h - what the parts of this folder share: struct form made of struct
 * xls, with what a form needs that is kept, beyond the standard. */
#ifndef COBIJO_BUILD_H
#define COBIJO_BUILD_H

#include "form/form_build.h"
#include "form/xls/xls_read.h"

enum { FORM_NAME_MAX = 200 };

/* One question, with the row it came from. */
struct draft {
    struct question *question;
    const struct xls_node *node;
    struct question **need; /* questions its value depends on */
    size_t needs;
};

/* A file of choices. */
struct list_file {
    bool plain;                   /* for expressions, not for a question */
    struct str list;              /* what the list is called */
    struct str name;              /* of the file */
    struct str value, label;      /* columns asked for; "" */
    struct str *header;           /* of each column */
    struct str *language;         /* of a label; STR_NULL: no label */
    size_t columns, value_column; /* SIZE_MAX: there is none */
    struct xls_row *row;
    size_t rows;
    struct choice_list *made;
};

struct building {
    struct arena *arena;
    struct xls *xls;
    const struct form_files *files;
    struct form *form;
    struct draft *draft;        /* one for each question, in order */
    struct question **question; /* by the index of its node, or NULL */
    struct question **last;     /* newest child, by index + 1; of the top: 0 */
    struct choice_list *list;   /* form->list, not yet const */
    size_t external;            /* the first of external_choices in it */
    struct list_file *file;
    size_t file_count;
    bool deep;  /* told */
    bool clash; /* two questions have one key */
};

/* build_texts.c */
/* Of label::Español (es), where base is label: es; "" without a language;
 * STR_NULL when it is another column. */
struct str build_header_language(struct arena *arena, struct str header,
                                 const char *base);
/* A column that has no place of its own, as it is called in `extra`. */
struct str build_extra_name(const struct building *building,
                            const struct xls_column *column);
void build_languages(struct building *building);
struct texts build_texts(const struct building *building,
                         const struct xls_texts *texts,
                         enum xls_text_kind kind);
/* The words of or_other, in all languages: of the choice, or of the question
 * that asks which. */
struct texts build_other(const struct building *building, bool choice);
void build_settings(struct building *building);
/* Its place in form->language, or the default's. */
size_t language_place(const struct form *form, struct str language);

/* build_media.c: NULL when it has none that are there. */
const struct form_media *build_media(struct building *building,
                                     const struct xls_texts *texts,
                                     const char *sheet, size_t row);

/* build_choices.c */
void build_lists(struct building *building);
/* With room for that many choices; NULL when out of memory. */
struct choice_list *build_list_new(struct building *building, struct str name,
                                   size_t count);
/* False when its name is there already (or there is no room). */
bool build_choice(struct choice_list *list, const struct choice *choice);
void build_origin(struct building *building, struct question *question,
                  const struct xls_node *node);

/* build_file.c: the files that survey names, before the languages are known;
 * then their lists. */
void build_files(struct building *building);
void build_file_lists(struct building *building);
struct choice_list *build_file_list(const struct building *building,
                                    const struct xls_node *node);

/* build_survey.c */
void build_survey(struct building *building);
/* build_cobijo.c: bind::cobijo:… */
bool build_yes(struct str text);
bool build_cobijo_named(const struct xls_column *column);
void build_cobijo_columns(struct building *building);
void build_cobijo(struct building *building, struct question *question,
                  const struct xls_node *node);
/* build_names.c: keys and the table of names. */
void build_names(struct building *building);
/* build_expr.c */
void build_expressions(struct building *building);
/* build_order.c */
void build_order(struct building *building);

#endif
