/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_text.h - texts of a form that speak of answers: "How old is ${name}?".
 * An answer that the reader may not see is "…" in them, too.
 */
#ifndef COBIJO_FORM_TEXT_H
#define COBIJO_FORM_TEXT_H

#include "form/check.h"
#include "web/route.h"

struct form_text {
    struct view *view;
    const struct form *form;
    const struct question *question; /* whose text it is */
    struct expr_scope scope;
    bool mask; /* sensitive answers are hidden, too */
};

/* The text as it reads now. *parts, when not NULL: the same as JSON for
 * form.js, ["How old is ", ["name", "Ana"], "?"]; empty when it speaks of no
 * answer. */
struct str form_text(const struct form_text *of, struct str text,
                     struct str *parts);

#endif
