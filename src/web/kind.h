/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind.h - what the pages of /record/KIND share; private to page_record*.c.
 */
#ifndef COBIJO_KIND_H
#define COBIJO_KIND_H

#include "store/project.h"
#include "web/page.h"

/* The form that :kind names, or NULL with an error. */
const struct form *kind_form(struct view *view);
/* page.kind, page.kind_title, page.can_write */
void kind_put(struct view *view, const struct form *form);
/* Where people read a record: a person has a page of her own. */
struct str record_path(struct view *view, struct str kind, struct str id);
/* {id, subject, state, form_version, clock, created, answers} as far as the
 * reader may see them. */
struct value *record_json(struct view *view, const struct form *form,
                          const struct record *record);
/* data.score and page.scores of a record whose form has scores; page.scores
 * is false for others. */
enum error record_score_put(struct view *view, const struct form *newest,
                            const struct record *record);
/* Lines of the answers that `form` does not ask and another version does: for
 * reading only. record_view.c */
struct value *record_past(struct view *view, const struct form *form,
                          const struct value *answers);
/* record_score_put of answers that are no record, or not yet. */
enum error answers_score_put(struct view *view, const struct form *form,
                             const struct value *answers);

#endif
