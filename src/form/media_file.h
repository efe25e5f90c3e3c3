/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* media_file.h - pictures, sounds and films that a form names (media::image,
 * big-image, media::audio, media::video) and that come in files beside it.
 *
 * Like a list (form/list_file.h), a file is kept as one more sheet of the
 * form's text that bears its name: rows of one cell of base64. So a version of
 * a form is whole, and the log alone gives it back.
 *
 * What the bytes are is looked at where they come in and where they go out:
 * domain/record/form_media.h.
 */
#ifndef COBIJO_MEDIA_FILE_H
#define COBIJO_MEDIA_FILE_H

#include "form/table.h"

enum { MEDIA_FILE_MAX = 1 << 20, MEDIA_FORM_MAX = 6 << 20 };

/* By the ending of its name, in any case: .png, .jpg, .mp3 … and .svg, which
 * is refused when it comes. */
bool media_file_is(struct str name);
bool media_file_sounds(struct str name);
/* Of jr://images/foto.png: foto.png. */
struct str media_file_name(struct str text);
/* Adds the file as a sheet of that name. */
enum error media_file_add(struct arena *arena, struct str name,
                          struct str bytes, struct tables *tables,
                          struct err *err);
/* The bytes of the file in a form's text; STR_NULL when it is not there, or
 * damaged. */
struct str media_file_find(struct arena *arena, struct str text,
                           struct str name);
/* ERROR_TOO_LARGE when all files of a form's text together are too much. */
enum error media_files_check(struct str text, struct err *err);

#endif
