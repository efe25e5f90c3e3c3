/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* widget.h - what turning a form into widgets carries along; private to
 * the files of this folder.
 */
#ifndef COBIJO_WIDGET_H
#define COBIJO_WIDGET_H

#include "web/page.h"

struct widgets {
    struct view *view;
    const struct form *form;
    struct arena *arena;
    struct expr_scope scope;
    const struct value *answers;
    const struct value *row; /* the repeat's row, or NULL */
    struct str base;         /* "family.0." on a page of several forms */
    struct str prefix;       /* "documents.0." inside a row */
    const struct check_problem *problem;
    size_t problems;
    const char *const *only;
    struct str spoken; /* a second language to read aloud */
    bool focused;      /* the first problem has the focus */
    bool mask;         /* saved sensitive answers stay hidden */
};

void widgets_init(struct widgets *w, struct view *view, const struct form *form,
                  const struct value *answers);
bool widget_wanted(const struct widgets *w, const struct question *question);
struct str widget_name(struct widgets *w, const struct question *question);
/* An id attribute: "q-" and the name, with dashes for dots. */
struct str widget_id(struct arena *arena, struct str name);
/* repeat[2]/key, as check.h names it, as input name: repeat.1.key */
struct str problem_name(struct arena *arena, struct str path);

/* form_packed.c: this form among page.parts. */
void form_part_put(struct widgets *w, const struct form_part *part);

bool form_is_draft(struct view *view, const struct form *form);

/* form_media.c: addresses of its files, in the page's language. */
void widget_media(struct widgets *w, struct value *widget,
                  const struct form_media *media);
/* Of choices that a filter may bring back: {"name": address} as JSON. */
void widget_pictures(struct widgets *w, struct value *widget,
                     const struct question *question);
struct str widget_image(struct widgets *w, const struct form_media *media);

/* form_control.c: members of a widget, the false ones are there already. */
void widget_flag(struct widgets *w, struct value *widget, const char *name);
void widget_put(struct widgets *w, struct value *widget, const char *name,
                struct str text);
/* A text in the page's language, with the answers that it speaks of. parts: see
 * label_text.h; may be NULL. */
struct str widget_text(const struct widgets *w, const struct question *question,
                       struct texts texts, struct str *parts);
/* In the second language; empty when the form has it only in the first. */
struct str widget_spoken(const struct widgets *w, struct texts texts,
                         struct str label);
/* Does it refer to records few enough to choose from a list? */
bool widget_ref_listed(const struct question *question);
/* form_file.c: KEY.file and KEY.drop of questions that want a file become
 * KEY, the name of one; the files go to view->file. */
const struct value *fields_without_files(struct view *view,
                                         const struct form *form,
                                         const struct value *fields);
void widget_file(struct widgets *w, struct value *widget,
                 const struct question *question, struct str value);
/* Is the word among the appearances? "columns" is not in "columns-pack". */
bool appears(const struct question *question, const char *word);
/* form_choice.c */
void widget_select(struct widgets *w, struct value *widget,
                   const struct question *question, struct str value,
                   struct str id);
void widget_range(struct widgets *w, struct value *widget,
                  const struct question *question, struct str value);
/* form_packed.c: a script that only this page needs, into page.scripts. */
void page_script(struct view *view, const char *path);
void widget_control(struct widgets *w, struct value *widget,
                    const struct question *question, struct str id);

#endif
