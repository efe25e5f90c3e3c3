/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa.h - what telephones need that pages do not: who is there by the
 * key in the address, digest, bearer token or (over TLS) basic; the headers of
 * OpenRosa 1.0; errors as OpenRosa's XML. Rows of routes.def with
 * ROUTE_OPENROSA pass through here.
 */
#ifndef COBIJO_WEB_OPENROSA_H
#define COBIJO_WEB_OPENROSA_H

#include "web/route.h"

bool openrosa_route(const struct route *route);
/* Fills the actor, or fails with ERROR_LOGIN (and asks for credentials). */
enum error openrosa_visitor(struct view *view, struct session *session);
/* X-OpenRosa-Version and, for submissions, the size that is taken. */
void openrosa_headers(struct view *view);
/* <OpenRosaResponse> with a message of this nature. */
void openrosa_message(struct view *view, int status, const char *nature,
                      struct str text);
void openrosa_error(struct view *view, enum error error);

#endif
