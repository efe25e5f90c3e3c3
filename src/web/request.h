/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* request.h - what a door hands to app_respond and what it gets back. */
#ifndef COBIJO_REQUEST_H
#define COBIJO_REQUEST_H

#include "core/err.h"
#include "core/value.h"

enum {
    REQUEST_BODY_MAX = 8 * 1024 * 1024,
    REQUEST_POST_MAX = 64 * 1024 * 1024, /* with photos of a telephone */
    REQUEST_FIELDS_MAX = 4000
};

struct header {
    struct str name; /* lower case */
    struct str value;
};

struct request {
    struct arena *arena;
    struct str method; /* GET, HEAD, POST */
    struct str path;   /* percent-encoded, without the query */
    struct str query;
    const struct header *header;
    size_t headers;
    struct str body;
    struct str address; /* of the peer, for throttling */
    bool too_large;     /* the door stopped reading the body */
    bool crowded;       /* … for now: others' bodies fill the room */
};

struct response {
    int status;
    struct header header[24];
    size_t headers;
    struct str body;
    const struct asset *asset; /* set: the body is this asset, encoded as the
                                  door likes (gzip, brotli, as is) */
    bool kept;                 /* the same for all who ask so: public/keep.h */
    struct str counted;        /* kept: what its reading is counted as */
    const char *route;         /* pattern of the row found, for the log */
    bool again;                /* closed.h: the house is open now, ask again */
};

/* How large a body for this path (with or without a query) may be. */
size_t request_body_max(struct str path);
struct str request_header(const struct request *request, const char *name);
struct str request_cookie(const struct request *request, const char *name);
/* %-escapes undone ('+' too when plus); false for a broken escape, NUL or what
 * is not UTF-8. */
bool percent_decode(struct arena *arena, struct str text, bool plus,
                    struct str *decoded);
/* Query string or urlencoded body as an object: name -> string, or a list of
 * strings when it occurs more than once. Invalid UTF-8 or %-escapes:
 * ERROR_SYNTAX. */
enum error fields_parse(struct arena *arena, struct str text,
                        const struct value **fields, struct err *err);
/* multipart/form-data: files become {"name","type","bytes"} objects. */
enum error multipart_parse(struct arena *arena, struct str type,
                           struct str body, const struct value **fields,
                           struct err *err);
/* The body by its Content-Type: JSON object, urlencoded or multipart. *fields
 * is an object always, empty on an error. */
enum error body_parse(struct arena *arena, const struct request *request,
                      const struct value **fields, struct err *err);
/* Does a page of another site send this? Browsers say so. */
bool request_from_elsewhere(const struct request *request);
void response_header(struct response *response, const char *name,
                     struct str value);

#endif
