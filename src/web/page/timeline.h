/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* timeline.h - lists of what happened and of what is open, made readable;
 * private to web/.
 */
#ifndef COBIJO_TIMELINE_H
#define COBIJO_TIMELINE_H

#include "web/page.h"

/* data.timeline: entries about any of the subjects, newest first, that the
 * reader may see; data.kinds: the kinds among them, for the filter. */
enum error timeline_put(struct view *view, const struct str *subject,
                        size_t count, struct str kind);
/* data.history: all entries of one record, newest first, with what each one
 * changed. */
enum error history_put(struct view *view, const struct form *form,
                       struct str record);
/* Items of today_read and person_open_items with what a page says about
 * them: u ("u0"), icon, left_text. Absent members become false. */
struct value *open_items(struct view *view, const struct value *items);
/* "quedan 3 h", "2 días de retraso" of an item with has_due, late and left
 * (minutes); empty when nothing is due. */
struct str left_text(struct view *view, const struct value *item);

#endif
