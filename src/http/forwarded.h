/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forwarded.h - whose address counts when another program stands before us. */
#ifndef COBIJO_FORWARDED_H
#define COBIJO_FORWARDED_H

#include "web/request.h"

/* Are these addresses, separated by commas? */
bool forwarded_list_valid(const char *trusted);
/* The address a request comes from: the peer's, or, when the peer is trusted,
 * the last one of X-Forwarded-For that is not (what stands before it anybody
 * could have written). trusted NULL: nobody is. */
struct str forwarded_address(struct arena *arena, const struct request *request,
                             struct str peer, const char *trusted);

#endif
