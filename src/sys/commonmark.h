/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* commonmark.h - CommonMark as HTML that is safe to show to anybody: no raw
 * HTML, no pictures, and only links to https, to telephones, to mail and to
 * pages of ours. Headings begin one below the page's own.
 */
#ifndef COBIJO_COMMONMARK_H
#define COBIJO_COMMONMARK_H

#include "core/buf.h"

enum { COMMONMARK_MOST = 64 * 1024 }; /* a longer text is refused */

/* suffix: what links to pages of ours get at their end ("?lang=fr"). */
bool commonmark_html(struct arena *arena, struct str text, struct str suffix,
                     struct str *html);

#endif
