/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_banner.c - the alerts that every public page of an area shows. There
 * are none as long as nobody issues any.
 */
#include "web/page.h"
#include "web/public/public.h"

void public_banner_put(struct view *view)
{
    value_put_bool(view->page, view->task.arena, "banner", false);
}
