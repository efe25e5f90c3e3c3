/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public.h - the side that anybody may read without an account: its layout,
 * its languages, its headers. Private to web/.
 *
 * A row with ROUTE_PUBLIC asks for no session and sets no cookie. Its language
 * stands in the address (?lang=) or comes from Accept-Language; links keep it
 * with {{page.keep}}. Its template begins with {{> public_head}} and ends with
 * {{> public_foot}}; style and script stand in the page itself, so that one
 * answer is the whole page. Its name begins with "public", because languages
 * that are spoken here only compile no other.
 */
#ifndef COBIJO_PUBLIC_H
#define COBIJO_PUBLIC_H

#include "web/route.h"

#define PUBLIC_TEMPLATES "public"

/* How long a browser may show a public page again without asking. */
enum { PUBLIC_SECONDS = 60 };

/* When the program starts: what the style and the script hash to. */
void public_open(struct app *app);

bool view_public(const struct view *view);
void public_language(struct view *view);
/* What stands around a public page, into view->page. */
void public_furnish(struct view *view);
/* Policy, what may be kept, and no cookie whatever a handler did. */
void public_headers(struct view *view);
/* A path of the public side with the language that the address asked for. */
struct str public_path(struct view *view, struct str path);
/* Is there such a page? Front page and menus leave out what is not built. */
bool public_known(const char *path);
/* Nobody may keep this answer: it shows what was searched for. */
void public_forget(struct view *view);

/* public_alert.c: page.banner, the alerts that hold where the page is about
 * (page.area, where a handler put it: INEGI's code of a municipality, ISO
 * 3166-2 or ISO 3166-1 alpha-3; else the country), as a list of {severity,
 * label, text, language, href}, or false. */
void public_banner_put(struct view *view);
/* The same for an area that is given. */
void alert_banner(struct view *view, struct str area);
/* The texts of a CAP alert, one per language, hers first. */
struct value *alert_texts(struct view *view, const struct value *cap);
void alert_put_signature(struct view *view, struct str origin, struct str note,
                         const struct value *cap);

/* public_push.c: page.push, for the button on /alerts. */
void push_put(struct view *view);

/* The house's country; a closed house knows none and says Mexico's. */
struct str public_country(const struct view *view);

/* public_home.c: [{number, href, label}] of the house's country. */
struct value *public_emergency(struct view *view, struct str country);

#endif
