/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls.h - an XLSForm as its author wrote it: every row, column and sheet,
 * names settled, checked as pyxform checks. It is the one reader: the XForm
 * (form/xform/) and what the program stores and asks (struct form, made in
 * form/build/) both come of it.
 *
 * This is the whole standard: metadata, media, actions, entities, what Collect
 * needs and the program keeps no answer for. */
#ifndef COBIJO_XLS_H
#define COBIJO_XLS_H

#include "form/names.h"
#include "form/xlsform.h"

struct xls_row {
    size_t number; /* as the spreadsheet counts, from 1 */
    struct str *cell;
    size_t count;
};

/* A sheet as rows of text; the first is its header. */
struct xls_table {
    struct str name;
    struct xls_row *row;
    size_t rows;
};

/* The sheets of a workbook, in its order. */
struct xls_book {
    struct xls_table *table;
    size_t count;
};

/* A workbook written as one CSV (form/sheet.c tells the layouts). */
bool xls_book_csv(struct arena *arena, struct str csv, struct xls_book *book,
                  struct err *err);

/* The first of that name, in any case; or NULL. */
const struct xls_table *xls_book_table(const struct xls_book *book,
                                       struct str name);

/* XLS_PROBLEM(ID, code, is a warning, msgid). Codes with a number are those of
 * pyxform's catalogue. */
enum xls_problem {
#define XLS_PROBLEM(id, code, warning, msgid) XLS_##id,
#include "form/xls/problems.def"
#undef XLS_PROBLEM
};

/* Cells of survey, choices and entities that have a meaning of their own. */
enum xls_cell {
#define XLS_CELL(id, name) XLS_CELL_##id,
#define XLS_TEXT(id, name, form)
#define XLS_COLUMN(sheet, alias, target, which)
#include "form/xls/columns.def"
    XLS_CELL_COUNT
};

/* Texts that can be translated. */
enum xls_text_kind {
#define XLS_CELL(id, name)
#define XLS_TEXT(id, name, form) XLS_TEXT_##id,
#define XLS_COLUMN(sheet, alias, target, which)
#include "form/xls/columns.def"
    XLS_TEXT_COUNT
};

enum xls_target {
    XLS_TO_NOTHING,
    XLS_TO_CELL,      /* which: enum xls_cell */
    XLS_TO_TEXT,      /* which: enum xls_text_kind */
    XLS_TO_BIND,      /* an attribute of the bind */
    XLS_TO_CONTROL,   /* … of the control in the body */
    XLS_TO_INSTANCE,  /* … of the node of the instance */
    XLS_TO_ATTRIBUTE, /* settings: of the root node */
    XLS_TO_EXTRA      /* choices: an element of the item */
};

struct xls_column {
    struct str header; /* as written */
    enum xls_target target;
    unsigned which;
    struct str name;     /* of the attribute or element */
    struct str language; /* as written; "" when none was named */
    size_t tongue;       /* its place in form->language, for form/build */
};

struct xls_sheet {
    const struct xls_table *table; /* NULL: there is none */
    const char *name;
    struct xls_column *column;
    size_t columns;
    size_t cell[XLS_CELL_COUNT]; /* the column of each, or SIZE_MAX */
};

struct xls_text {
    enum xls_text_kind kind;
    struct str language, text;
    const struct xls_column *column;
};

struct xls_texts {
    struct xls_text *text;
    size_t count;
};

struct xls_attribute {
    struct str name, value;
    const struct xls_column *column; /* NULL: not from a column */
};

struct xls_attributes {
    struct xls_attribute *attribute;
    size_t count;
};

/* XLS_TYPE: what a type becomes. */
enum xls_kind {
    XLS_INPUT,
    XLS_SELECT,
    XLS_RANGE,
    XLS_UPLOAD,
    XLS_TRIGGER,
    XLS_OSM,
    XLS_NO_CONTROL,
    XLS_EXTERNAL, /* a secondary instance, no node */
    XLS_AUDIT,
    XLS_ACTION, /* of the model: setgeopoint, recordaudio */
    XLS_GROUP,
    XLS_REPEAT,
    XLS_LOOP /* legacy; opened out into groups */
};

enum { XLS_STORED_NOTHING = -1 };

struct xls_type {
    const char *name, *control, *bind, *media, *preload, *preload_params;
    enum xls_kind kind;
    bool label_optional;
    bool readonly;
    int stored; /* enum question_type, or XLS_STORED_NOTHING */
};

struct xls_choice {
    struct str name;
    struct xls_texts texts;
    struct xls_attributes extra;
    size_t row;
};

struct xls_list {
    struct str name;
    struct xls_choice *choice;
    size_t count, size;
    bool itext;  /* its labels are translated, or have media or ${} */
    bool search; /* only read from a CSV by search() */
    bool other;  /* or_other has added its choice */
    size_t searched_row;
    struct str searched_by;
};

struct xls_node;

struct xls_trigger {
    struct xls_node *target; /* whose value is set */
    bool geopoint;
};

struct xls_node {
    const struct xls_type *type;
    struct str name;
    struct str cell[XLS_CELL_COUNT];
    struct xls_texts texts;
    struct xls_attributes bind, control, instance, parameter;
    size_t row;
    const struct xls_row *source;    /* NULL: made by the reader */
    struct str appearance;           /* as written, before table-list */
    struct xls_texts own;            /* of a table-list: its texts */
    const struct xls_node *other_of; /* asks which other was meant */
    struct xls_node *parent, *child, *last, *next;
    struct xls_node *repeat; /* nearest above, NULL */
    size_t index, depth;
    /* selects */
    struct str list_name;
    struct xls_list *list;
    struct str file, file_name, file_extension;
    struct str list_reference; /* ${name}: choices from a repeat */
    bool external;             /* select_one_external */
    bool search;
    bool or_other;
    /* filled while checking */
    bool dynamic_default;
    bool generated;
    bool unknown;                /* its type; told, and nothing more of it */
    struct xls_node *count_node; /* ${x} of jr:count, or made for it */
    struct str count_text;
    struct xls_trigger *trigger; /* what a change of this one sets */
    size_t triggers;
    struct str *trigger_name; /* the column trigger */
    size_t trigger_names;
    struct xls_entity *entity; /* kept in this container */
    struct str saveto;         /* property name */
};

struct xls_reference {
    struct xls_node *scope; /* repeat, NULL: the survey */
    struct xls_node *node;
    bool saveto;
    size_t row;
};

struct xls_entity {
    struct str name, label, id, create_if, update_if, repeat;
    size_t row;
    struct xls_reference *reference;
    size_t references;
    struct xls_node *scope;
    struct xls_node *container; /* group or repeat; NULL: the survey */
    bool placed;
};

struct xls_instance {
    struct str id, uri;
    const char *type;
    const struct xls_list *list;
    const struct xls_node *node;
};

struct xls {
    struct arena *arena;
    struct form_problems *problems;
    const struct xls_book *book;
    struct xls_sheet survey, choices, settings, external, osm, entities;
    struct xls_attributes setting;   /* by column name */
    struct xls_attributes attribute; /* attribute::x of settings */
    struct str root, id, title, version, default_language;
    struct str given_root, given_id;
    bool clean, duplicates;
    bool flat;           /* groups have no node of their own */
    struct xls_node top; /* the survey itself: root of the tree */
    struct xls_node **node;
    size_t nodes;
    struct xls_node *audit;
    struct xls_list *list;
    size_t lists;
    struct xls_list *tags;
    size_t tag_lists;
    struct xls_entity *entity;
    size_t entity_count;
    struct xls_instance *instance;
    size_t instances;
    struct names *name, *twice, *list_name;
    struct names *sibling; /* in the scope of their parent */
    bool last_saved, translated, any_repeat, other_used;
};

/* Reads and checks everything; problems hold all that is wrong. root names the
 * node of the instance (data) and id the form where settings does not say. NULL
 * when there was an error; xls_gather then gives what there is of it, NULL only
 * when out of memory. */
struct xls *xls_gather(struct arena *arena, const struct xls_book *book,
                       struct str root, struct str id,
                       struct form_problems *problems);
struct xls *xls_read(struct arena *arena, const struct xls_book *book,
                     struct str root, struct str id,
                     struct form_problems *problems);

/* The file that the instance stands for; STR_NULL when it is none. */
struct str xls_instance_file(const struct xls_instance *instance);

bool xls_text_is_media(enum xls_text_kind kind);
/* The files beside the form that its media columns name, each once. */
size_t xls_media_files(const struct xls *xls, struct str **name);

const char *xls_problem_code(enum xls_problem problem);

#endif
