/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hide.h - a person's whole file goes into a reserved room, or comes back.
 *
 * Every entry of every record about her is written into the other site's log
 * with its author, its time and its id of record; what stands on this side is
 * erased as any other erasure. Records of others that name her (a family, a
 * possible twin) are written again without her. One transaction: all of it
 * or nothing.
 */
#ifndef COBIJO_HIDE_H
#define COBIJO_HIDE_H

#include "domain/access/room.h"

struct moved {
    size_t records, entries, files;
    size_t others; /* records of others that named her */
};

/* The task stands in the house; room: one she is a member of. */
enum error person_hide(struct task *task, struct str person, struct str room,
                       struct str reason, struct moved *moved, struct err *err);
/* The task stands in the room. */
enum error person_bring_back(struct task *task, struct str person,
                             struct str reason, struct moved *moved,
                             struct err *err);

#endif
