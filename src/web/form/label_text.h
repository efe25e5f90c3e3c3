/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* label_text.h - texts of a form that speak of answers: "How old is ${name}?".
 * An answer that the reader may not see is "…" in them, too.
 */
#ifndef COBIJO_LABEL_TEXT_H
#define COBIJO_LABEL_TEXT_H

#include "form/check.h"
#include "web/route.h"

struct label_text {
    struct view *view;
    const struct form *form;
    const struct question *question; /* whose text it is */
    struct expr_scope scope;
    bool mask; /* sensitive answers are hidden, too */
};

/* The text as it reads now. *parts, when not NULL: the same as JSON for
 * form.js, ["How old is ", ["name", "Ana"], "?"]; empty when it speaks of no
 * answer. */
struct str label_text(const struct label_text *of, struct str text,
                      struct str *parts);

#endif
