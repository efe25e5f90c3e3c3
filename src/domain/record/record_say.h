/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_say.h - refusals that reading and saving share. */
#ifndef COBIJO_RECORD_SAY_H
#define COBIJO_RECORD_SAY_H

#include "core/err.h"

enum error say_kind(struct str kind, struct err *err);
enum error say_not_found(struct err *err);

#endif
