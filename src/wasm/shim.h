/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shim.h - the browser's door, and the one list of what a page may call.
 *
 * The page writes a request into memory that it got from cobijo_alloc, as the
 * text of an HTTP/1.1 request, and reads an HTTP/1.1 response at
 * cobijo_answer(). What the program needs of the page are the imports of
 * host_wasm.c.
 */
#ifndef COBIJO_SHIM_H
#define COBIJO_SHIM_H

#include "web/app.h"

#define WASM_EXPORT(name) __attribute__((export_name(#name))) name

/* A new store in memory with a site and a token for a role, made with the
 * given host. For the shim and the native side of its test. */
enum error shim_open(const struct host *host, struct app *app,
                     struct arena *arena, struct str role, struct str *token,
                     struct err *err);

/* Text of a request and of a response. false: not a request. */
bool message_read(struct arena *arena, struct str text,
                  struct request *request);
void message_write(const struct response *response, struct buf *out);

#endif
