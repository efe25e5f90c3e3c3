/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluation.h - instruments on the pages of whom they are about: what was
 * found last, whether it got better, and the way to do it again. */
#ifndef COBIJO_EVALUATION_H
#define COBIJO_EVALUATION_H

#include "web/page.h"

/* data.evaluations and page.evaluations: the instruments about a record of
 * this kind (with merged files' ids), as far as the reader may see or write
 * them; those about nothing in particular are offered on a place's page. */
enum error evaluations_put(struct view *view, const char *about,
                           const struct str *id, size_t ids,
                           const struct value *answers);
/* page.series: the results of the record's subject side by side, or false when
 * there is only one. `current` is the record at hand. */
enum error series_put(struct view *view, const struct form *form,
                      struct str subject, struct str current);

#endif
