/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* render.h - from a filled view to bytes: which face, which language, which
 * headers. Private to web/.
 */
#ifndef COBIJO_RENDER_H
#define COBIJO_RENDER_H

#include "web/route.h"

/* ?lang=, then what the user chose, then the cookie, then Accept-Language. */
void view_language(struct view *view);
/* Accept names JSON before HTML; programs with a token get it by default. */
bool wants_json(const struct view *view);
/* Fills the response: the handler's own, the JSON face, the template, or the
 * error in either face. */
void render_view(struct view *view, enum error error);
/* Puts "retry" into an error page's data: what was typed, ready to be sent
 * again, or false. */
void retry_put(struct view *view, enum error error);

#endif
