/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account_key.c - asks the keeper of the keys, where there is one. */
#include "domain/account/account_key.h"

#include "core/keeper.h"
#include "core/utf8.h"
#include "domain/access/room.h"

static bool unlocks(const struct task *task, struct str role)
{
    return role_has(catalog_role(task->office->catalog, role),
                    RIGHT_STORE_UNLOCK);
}

static bool in_decoy(const struct task *task)
{
    return !str_equal(office_home(task->office), task->office->base);
}

enum error account_key_put(struct task *task, struct str name, struct str role,
                           struct str password, bool other, struct err *err)
{
    const struct keeper *keeper = task->office->keeper;

    if (!keeper)
        return ERROR_NONE;
    name = utf8_lower(task->arena, str_trim(name));
    if (in_decoy(task) && !unlocks(task, role))
        return ERROR_NONE;
    if (in_decoy(task) && !other) {
        name = STR(""); /* nobody's */
        other = true;
    }
    return unlocks(task, role)
               ? keeper->put(keeper->context, name, password, other, err)
               : keeper->drop(keeper->context, name, err);
}

enum error account_key_follow(struct task *task, const struct value *before,
                              const struct value *after, struct err *err)
{
    const struct keeper *keeper = task->office->keeper;
    struct str name = value_text_of(before, "name");
    struct str to = value_text_of(after, "name");

    if (!keeper || in_decoy(task))
        return ERROR_NONE;
    name = utf8_lower(task->arena, str_trim(name));
    to = utf8_lower(task->arena, str_trim(to));
    if (str_equal_c(value_text_of(after, "active"), "no") ||
        !unlocks(task, value_text_of(after, "role")))
        return keeper->drop(keeper->context, name, err);
    return str_equal(name, to) ? ERROR_NONE
                               : keeper->rename(keeper->context, name, to, err);
}
