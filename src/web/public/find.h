/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* find.h - what the pages of the directory share. Private to web/public/. */
#ifndef COBIJO_FIND_H
#define COBIJO_FIND_H

#include "domain/directory/directory.h"
#include "web/public/public.h"

/* A place as the templates show it (public_place_card.html); told: what
 * directory_place_view says of it, whole. */
struct value *place_card(struct view *view, const struct public_place *place,
                         const struct value *told);
/* Opening hours in words: "lun-vie 09:00-18:00". */
struct str hours_words(struct view *view, struct str hours);
/* "tel:" and digits; empty when there are none. */
struct str phone_href(struct view *view, struct str number);

/* Needs that have a large button each: {code, text}; NULL ends. */
struct need_button {
    const char *code, *text;
};
extern const struct need_button need_buttons[];

/* Words that the search on a telephone without network needs: {key, text};
 * NULL ends. public_offline.c */
extern const struct need_button offline_texts[];

/* A search {field: text} as a word for an address, and back; "" and NULL: it
 * cannot be made, is another process's, or its time is over. find_ticket.c */
struct str search_ticket(struct view *view, const struct value *search);
const struct value *search_of_ticket(struct view *view, struct str ticket);
void search_key_make(struct app *app); /* when the program starts */

#endif
