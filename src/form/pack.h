/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack.h - a form as it travels to the browser: what checking answers needs,
 * in one language, as JSON. Labels and hints stay behind (the page shows them
 * already), and so do the columns of choices that no expression reads.
 *
 * What is unpacked checks answers exactly as the form it was made of.
 */
#ifndef COBIJO_PACK_H
#define COBIJO_PACK_H

#include "core/translate.h"
#include "form/form.h"

/* The texts of form/check in the translator's language come with it. */
struct value *form_pack(const struct form *form, struct str language,
                        const struct translator *translator,
                        struct arena *arena);
/* Refers to the packed tree, which must live as long. NULL: it is not one, or
 * out of memory. */
const struct form *form_unpack(const struct value *packed, struct arena *arena);

#endif
