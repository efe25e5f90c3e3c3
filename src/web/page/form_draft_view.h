/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_draft_view.h - what the pages of a draft share; private to
 * page_form*.c.
 */
#ifndef COBIJO_FORM_DRAFT_VIEW_H
#define COBIJO_FORM_DRAFT_VIEW_H

#include "domain/record/form_diff.h"
#include "domain/record/form_draft.h"
#include "web/page.h"

struct draft_view {
    struct form_draft draft;
    const struct form *form; /* NULL: it has errors */
    const struct form *used; /* NULL: the kind is new */
    struct form_problems problems;
    struct form_diff diff;
    bool same; /* the very text is in use */
    bool refused_by_version;
    struct err version_err;
};

/* The draft of a kind, read; ERROR_NOT_FOUND when there is none. */
enum error draft_open(struct view *view, struct str name,
                      struct draft_view *draft);
/* data: what is said of a draft; of a sheet's problems alone. */
enum error draft_fill(struct view *view, struct draft_view *draft);
void draft_put_problems(struct view *view, struct str source,
                        const struct form_problems *problems);
/* Puts it into use, or the draft's page with the reason. */
enum error draft_publish(struct view *view, struct str name);
/* data.drafts: [{"name", "version", "href", "file_name"}], page-only "by" and
 * "when"; nobody's for who may not publish. page_form.c */
enum error drafts_put(struct view *view);

#endif
