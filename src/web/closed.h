/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* closed.h - what a house answers that nobody has opened since the machine was
 * off (app_open_closed). Private to web/.
 */
#ifndef COBIJO_CLOSED_H
#define COBIJO_CLOSED_H

#include "web/route.h"

/* Instead of every route that asks the store. view->route may be NULL. */
enum error closed_answer(struct view *view);

#endif
