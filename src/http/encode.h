/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* encode.h - which bytes go over the wire: an asset as it is, gzip or brotli;
 * a page as it is or gzip.
 */
#ifndef COBIJO_ENCODE_H
#define COBIJO_ENCODE_H

#include "web/app.h"

struct encoded {
    struct str body;
    const char *encoding; /* NULL: as it is */
    bool vary;            /* the choice depended on Accept-Encoding */
};

/* Does an Accept-Encoding header admit a coding (q=0 refuses)? */
bool encoding_accepted(struct str header, const char *coding);
struct encoded encode_asset(const struct asset *asset, struct str accepted);
/* Compressed pages are made in the request's arena. */
struct encoded encode_page(const struct request *request, struct str type,
                           struct str body);
/* Does an If-None-Match header name this entity tag? */
bool etag_matches(struct str header, struct str etag);

#endif
