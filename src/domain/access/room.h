/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* room.h - reserved rooms: where the files of hidden people are.
 *
 * A room is a site of its own in every table, with a log of its own. A member
 * goes in with her password and a reason; from then on her session's tasks
 * have a copy of the office whose log.site is the room, and everything works
 * there by the same code. Nobody else has a way to name what is inside, so a
 * hidden person answers as one that never was: doc/rooms.md.
 *
 * home is the house a room belongs to: the store's own site, or a decoy house
 * (account.h, the password for duress), which may have rooms, too.
 */
#ifndef COBIJO_ROOM_H
#define COBIJO_ROOM_H

#include "domain/account/account.h"

enum {
    ROOM_IDLE_MINUTES = 15, /* then the session stands outside again */
    ROOM_MEMBERS_MIN = 2,
    ROOM_LABEL_MAX = 60
};

struct room {
    struct str id, label;
    int64_t created;
    size_t members;
};

struct room_visit {
    struct str user, reason;
    int64_t entered;
};

/* The house that the office, or the room it stands in, belongs to. */
struct str office_home(const struct office *office);
/* Does the office stand in a room of its house? */
bool office_in_room(const struct office *office);
/* A copy for this site; what it shares lives as long as `office`. */
const struct office *office_room(const struct office *office,
                                 struct arena *arena, struct str home,
                                 struct str room);
/* The task goes on in the room, as the house's own. */
enum error task_enter_room(struct task *task, struct str home, struct str room,
                           struct err *err);
/* Every site of a store and whose it is, for clocks and sweeps. */
struct room_site {
    struct str site, home;
};
enum error room_all(const struct office *office, struct db *db,
                    struct arena *arena, struct room_site **site, size_t *count,
                    struct err *err);
/* The house and its rooms: what published figures add up. First the house. */
enum error room_sites(struct task *task, struct str **site, size_t *count,
                      struct err *err);

/* May she make one, or is she a member of any? Else there are no rooms. */
bool room_may_make(const struct task *task);
/* The rooms she is a member of. */
enum error room_list(struct task *task, struct room **room, size_t *count,
                     struct err *err);
/* ERROR_NOT_FOUND for all but members, whether it exists or not. */
enum error room_find(struct task *task, struct str id, struct room *room,
                     struct err *err);
enum error room_members(struct task *task, struct str id, struct str **user,
                        size_t *count, struct err *err);
enum error room_visits(struct task *task, struct str id,
                       struct room_visit **visit, size_t *count,
                       struct err *err);
/* member: user ids beside the maker, at least one. */
enum error room_make(struct task *task, struct str label,
                     const struct str *member, size_t members, struct str *id,
                     struct err *err);
enum error room_member_add(struct task *task, struct str id, struct str user,
                           struct err *err);
/* Two must remain. */
enum error room_member_remove(struct task *task, struct str id, struct str user,
                              struct err *err);
/* Her password once more, and why. */
enum error room_enter(struct task *task, const struct session *session,
                      struct str id, struct str password,
                      const struct visit *visit, struct str reason,
                      struct err *err);
enum error room_leave(struct task *task, const struct session *session,
                      struct err *err);
/* What the banner says; the label of the room the task stands in. */
enum error room_label(struct task *task, struct str *label, struct err *err);

#endif
