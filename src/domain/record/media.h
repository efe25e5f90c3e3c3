/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* media.h - what a file is, told by its bytes and not by its name, and the
 * file without what betrays: the place and hour where a photo was taken, the
 * telephone it was taken with, the small earlier picture inside it.
 */
#ifndef COBIJO_MEDIA_H
#define COBIJO_MEDIA_H

#include "core/arena.h"
#include "core/str.h"

struct media {
    const char *type;   /* "image/jpeg"; "application/octet-stream" */
    const char *ending; /* "jpg"; "bin" */
};

/* type_hint: what the sender says; asked only where the bytes leave it open
 * (sound or pictures in the same kind of box). */
struct media media_of(struct str bytes, struct str type_hint);
/* May a browser show or play it as it is, without it being a document that
 * runs something? */
bool media_is_shown(struct str type);
/* The same picture, sound or film without metadata. JPEG, PNG, WebP: written
 * anew from the parts that make the picture (and the way it is turned). MP4,
 * 3GP, QuickTime: boxes of metadata are blanked. Anything else (HEIC among it)
 * is returned as it is. STR_NULL: damaged, or no memory. */
struct str media_bare(struct arena *arena, struct str bytes);

#endif
