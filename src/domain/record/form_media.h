/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_media.h - pictures, sounds and films of a form, on their way in and out:
 * told by their bytes, without what betrays (domain/record/media.h).
 */
#ifndef COBIJO_FORM_MEDIA_H
#define COBIJO_FORM_MEDIA_H

#include "form/table.h"

/* The file as one more sheet of a form (form/media_file.h). */
enum error form_media_take(struct arena *arena, struct str name,
                           struct str bytes, struct tables *tables,
                           struct err *err);
/* The type that it is sent as; NULL: nothing that a form may show. */
const char *form_media_type(struct str name, struct str bytes);

#endif
