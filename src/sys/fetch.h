/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fetch.h - core/fetch.h by libcurl. */
#ifndef COBIJO_SYS_FETCH_H
#define COBIJO_SYS_FETCH_H

#include "core/fetch.h"

extern const struct fetcher fetch_native;

#endif
