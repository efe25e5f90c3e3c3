/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form.h - a form in memory: what one XLSForm says, read once, never changed.
 *
 * The form is the schema: it gives the table, the page, the validation, the
 * API and the columns of an export. Everything lives in the arena it was read
 * into. Questions form a tree (groups and repeats have children); `key` is
 * how answers, columns and pages name a question.
 *
 * Answers are a value tree: an object from key to value. Groups do not nest
 * in it. A repeat is a list of such objects. Every scalar is a string, as in
 * XForms ("3", "2026-11-22", "a b c" for select_multiple); a missing member
 * or "" is no answer. Why there is none stands beside it in the member
 * "_why": {"second_surname": "ND"} with NA, NR, ND or DK.
 */
#ifndef COBIJO_FORM_H
#define COBIJO_FORM_H

#include "core/err.h"
#include "core/value.h"

struct expr;

/* QUESTION_TYPE(NAME, "xlsform name", bind type, has a value) */
enum question_type {
#define QUESTION_TYPE(name, text, bind, has_value) QUESTION_##name,
#include "form/question_types.def"
#undef QUESTION_TYPE
};

/* How two answers given without knowing of each other become one. */
enum merge_policy {
    MERGE_LAST,
    MERGE_KEEP_BOTH,
    MERGE_RESTRICT,
    MERGE_APPEND,
    MERGE_HIGHEST
};

/* One text in several languages: parallel to form->language. */
struct texts {
    const struct str *text; /* form->language_count of them, STR_NULL gaps */
};

/* Names of files beside the form (form/media_file.h); those that are missing
 * are left out. */
struct form_media {
    struct texts image, big_image, audio, video;
};

struct choice {
    struct str name;
    struct texts label;
    const struct value *extra;      /* the other columns of its row: strings */
    const struct form_media *media; /* NULL: none */
};

struct names;

struct choice_list {
    struct str name;
    const struct choice *choice;
    size_t count;
    const struct names *names; /* for choice_find */
};

/* Where the choices of a select come from. */
enum choice_source {
    CHOICES_NONE,    /* no select */
    CHOICES_LIST,    /* a list of the sheet choices */
    CHOICES_FILE,    /* select_…_from_file: name.csv, .xml, .geojson */
    CHOICES_REPEAT,  /* select_… ${name}: the answers to it in its repeat */
    CHOICES_EXTERNAL /* select_one_external: a list of external_choices */
};

/* Lists, files and external lists are in `choices` of the question; answers of
 * a repeat are what `choice_rows` gives. */
struct choice_origin {
    enum choice_source source;
    enum question_type select;   /* SELECT_ONE, SELECT_MULTIPLE or RANK */
    struct str name;             /* of the list, the file or the question */
    struct str value, label;     /* parameters of a file: its columns; or "" */
    const struct question *from; /* of CHOICES_REPEAT */
};

struct question {
    enum question_type type;
    struct str name;
    struct str key; /* unique among the questions of one repeat (or the form):
                       name, or group/name where the name occurs twice */
    struct texts label, hint, guidance_hint;
    struct texts constraint_message, required_message;
    const struct form_media *media;    /* NULL: none */
    const struct choice_list *choices; /* of a select, else NULL */
    struct choice_origin origin;       /* … and where they come from */
    const struct expr *relevant, *constraint, *required, *readonly;
    const struct expr *calculation, *default_value, *choice_filter;
    const struct expr *choice_rows; /* CHOICES_REPEAT: the answers that are its
                                       choices, filtered */
    const struct expr *repeat_count;
    struct str default_text; /* when the default is plain text */
    struct str appearance, parameters;
    enum merge_policy merge; /* bind::cobijo:merge */
    struct str compartment;  /* bind::cobijo:compartment: health, violence,
                                asylum, child, sogiesc; all: who reads
                                every one of them; empty: none */
    struct str class;        /* bind::cobijo:class: PUB INT PER SEN */
    struct str search;       /* bind::cobijo:search: name, code, phone */
    struct str ref;          /* bind::cobijo:ref: a record kind */
    bool listed;             /* bind::cobijo:list = yes */
    bool system;             /* bind::cobijo:system = yes: set by the program,
                                never by a page or the API */
    /* bind::cobijo:phone (no, or "=" and an expression) is asked by
     * domain/openrosa/openrosa_phone.c alone, of the sheet */
    const struct value *extra;     /* every column of its row that is not named
                                      here: strings by header */
    struct question *child, *next; /* first child, next sibling */
    struct question *parent;       /* group or repeat, NULL at the top */
    struct question *repeat;       /* nearest repeat above, NULL */
    size_t index;                  /* in form->question */
    size_t end;                    /* index after its last descendant */
    size_t row;                    /* sheet row, for messages */
};

struct form {
    struct str name; /* settings form_id */
    struct str version;
    struct texts title;
    const struct str *language; /* BCP 47: "es", "en", "" for no language */
    size_t language_count;
    size_t default_language;
    struct question *first;     /* top level */
    struct question **question; /* all, in sheet order, depth first */
    size_t question_count;
    const struct question **order; /* all, each after those its relevance
                                      and calculation need */
    const struct names *names;     /* for form_find and ${name} */
    const struct choice_list *list;
    size_t list_count;
    const struct value *settings; /* of ours: cobijo:once = yes, records of
                                     this kind are the house's and not a
                                     room's, whoever writes them where */
    struct str source;            /* the CSV it was read from */
};

const struct question *form_find(const struct form *form, struct str key);
/* Within a repeat: keys of its own questions. */
const struct question *form_find_in(const struct form *form,
                                    const struct question *repeat,
                                    struct str key);
/* As ${name} means it, seen from a question (or NULL): the nearest of that
 * name, also by key. */
const struct question *form_find_name(const struct form *form,
                                      const struct question *from,
                                      struct str name);
/* Several questions have the name and none of them is nearest. */
bool form_name_ambiguous(const struct form *form, const struct question *from,
                         struct str name);
const struct choice *choice_find(const struct choice_list *list,
                                 struct str name);
/* The text in a language (exact, then its primary subtag, then the default
 * language, then any); STR_NULL when there is none. */
struct str texts_in(const struct form *form, struct texts texts,
                    struct str language);
bool question_has_value(const struct question *question);
bool question_is_select(const struct question *question);
bool question_is_file(const struct question *question);

#endif
