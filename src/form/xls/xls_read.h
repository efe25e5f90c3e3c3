/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_read.h - between the files of this folder and those of form/xform. */
#ifndef COBIJO_XLS_READ_H
#define COBIJO_XLS_READ_H

#include "form/xls/xls.h"

enum {
    XLS_DEEP_MAX = 60,
    XLS_ROWS_MAX = 20000,
    XLS_NODES_MAX = 20000,
    XLS_COLUMNS_MAX = 4000
};

/* Where a problem is. */
struct xls_place {
    const char *sheet;
    size_t row;
    struct str column;
};

void xls_problem(struct xls *xls, enum xls_problem problem,
                 struct xls_place place, struct str arg1, struct str arg2,
                 struct str arg3);
/* … in the words of err. */
void xls_problem_err(struct xls *xls, enum xls_problem problem,
                     struct xls_place place, const struct err *err);
/* … in the column that a cell of survey came from. */
void xls_node_problem(struct xls *xls, enum xls_problem problem,
                      const struct xls_node *node, const char *column,
                      struct str arg1, struct str arg2);

/* xls_words.c: cells and lists that grow */
void *xls_room(struct arena *arena, void *list, size_t count, size_t size);
struct str xls_clean(const struct xls *xls, struct str text);
struct str xls_lower(struct arena *arena, struct str text);
struct str xls_snake(struct arena *arena, struct str text);
bool xls_name_good(struct str name);
bool xls_yes(struct str text);
bool xls_no(struct str text);
bool xls_one_of(struct str text, const char *const *word);
struct str xls_number(struct arena *arena, size_t number);
/* Without and with a look at those that are there. */
void xls_attribute_add(struct arena *arena, struct xls_attributes *list,
                       struct str name, struct str value,
                       const struct xls_column *column);
void xls_attribute_set(struct arena *arena, struct xls_attributes *list,
                       struct str name, struct str value,
                       const struct xls_column *column);
/* STR_NULL when there is none. */
struct str xls_attribute_get(const struct xls_attributes *list,
                             const char *name);
struct str xls_text_of(const struct xls_texts *texts, enum xls_text_kind kind);
bool xls_has_text(const struct xls_texts *texts, enum xls_text_kind kind);
struct str xls_setting(const struct xls *xls, const char *name);

/* xls_head.c */
void xls_headers(struct xls *xls, struct xls_sheet *sheet);
bool xls_need_column(struct xls *xls, const struct xls_sheet *sheet,
                     enum xls_cell cell, const char *name);
struct str xls_cell_of(const struct xls *xls, const struct xls_sheet *sheet,
                       const struct xls_row *row, enum xls_cell cell);
/* The texts and attributes of a row. */
void xls_texts_of(struct xls *xls, const struct xls_sheet *sheet,
                  const struct xls_row *row, struct xls_texts *texts);

/* xls_sheets.c */
bool xls_sheets(struct xls *xls);
/* Sheets of a similar name: "'a', 'b'", or "". */
struct str xls_similar(struct xls *xls, const char *name);
void xls_settings(struct xls *xls);
void xls_translations(struct xls *xls);

/* xls_choices.c */
void xls_choices(struct xls *xls);
struct xls_list *xls_list_find(const struct xls *xls, struct str name);
struct xls_list *xls_list_new(struct xls *xls, struct xls_list **lists,
                              size_t *count, struct str name);
void xls_choice_add(struct xls *xls, struct xls_list *list,
                    const struct xls_choice *choice);
void xls_lists_settle(struct xls *xls);

/* xls_type.c */
const struct xls_type *xls_type_named(const char *name);
bool xls_type_of(struct xls *xls, struct xls_node *node, struct str text);

/* xls_loop.c */
void xls_loop(struct xls *xls, struct xls_node *loop);

/* xls_survey.c */
void xls_survey(struct xls *xls);
struct xls_node *xls_node_new(struct xls *xls, struct xls_node *parent,
                              const char *type, struct str name, size_t row);

/* xls_check.c, names.c, trigger.c, repeat.c, parameters.c, range.c */
void xls_check_names(struct xls *xls);
/* The scope of its children in xls->sibling. */
size_t xls_scope(const struct xls *xls, const struct xls_node *parent);
void xls_check_nodes(struct xls *xls);
void xls_parameters(struct xls *xls, struct xls_node *node);
void xls_range(struct xls *xls, struct xls_node *node);
void xls_reference_geometry(struct xls *xls, struct xls_node *node);
void xls_triggers(struct xls *xls);

bool xls_default_dynamic(const struct xls *xls, const struct xls_node *node);
/* Is it shown, as one that is worked out without a text is not? */
bool xls_has_control(const struct xls_node *node);

/* xls_reference.c */
bool xls_has_reference(struct str text);
/* One ${…} at or after *at: its bounds and name; false when there is none
 * more. good is false when it is not closed or holds no name. */
struct xls_ref {
    size_t from, to;
    struct str name;
    bool last_saved, good;
};
bool xls_ref_next(struct str text, size_t *at, struct xls_ref *ref);
/* The node that a name means, or NULL; problem, when given, says why. */
struct xls_node *xls_find(const struct xls *xls, struct str name);
void xls_check_references(struct xls *xls);
void xls_check_text(struct xls *xls, struct xls_place place, struct str text);
/* Is the whole text one ${name}? */
bool xls_is_reference(struct str text, struct str *name);

/* xls_path.c */
bool xls_is_flat(const struct xls *xls, const struct xls_node *node);
struct str xls_path(const struct xls *xls, const struct xls_node *node);
enum xls_expand {
    XLS_EXPAND_PLAIN,
    XLS_EXPAND_FILTER /* a choice_filter: current() before what is relative */
};
/* An expression with its ${name} as paths, seen from a node (NULL: from the
 * top); up more steps where the place is deeper than the node. */
struct str xls_expand(const struct xls *xls, const struct xls_node *from,
                      size_t up, struct str text, enum xls_expand how,
                      const struct xls_node *items);
struct str xls_path_from(const struct xls *xls, const struct xls_node *from,
                         size_t up, const struct xls_node *to, bool current);

/* xls_entities.c */
void xls_entities(struct xls *xls);
/* xls_instances.c */
void xls_instances(struct xls *xls);

#endif
