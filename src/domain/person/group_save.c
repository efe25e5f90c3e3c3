/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* group_save.c - what must be true of a group that is written: its persons
 * exist and stand in it once, its head is one of them, nobody is kept apart
 * from herself.
 */
#include "domain/person/group.h"

static enum error check_person(struct task *task, const struct change *change,
                               struct str person, struct err *err)
{
    bool known = true;
    enum error error = ERROR_NONE;

    if (person.size)
        error = record_known(task, change, STR("person"), person, &known, err);
    if (!error && !known)
        error = err_set(err, ERROR_INPUT,
                        N_("Una de las personas del grupo no está registrada. "
                           "Búsquela otra vez y elíjala de la lista."),
                        NULL, NULL, NULL);
    return error;
}

static bool is_member(const struct value *members, size_t count,
                      struct str person)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(value_text_of(value_at(members, i), "person"), person))
            return true;
    return false;
}

static bool was_member(const struct value *before, struct str person)
{
    const struct value *members = value_get(before, "members");

    return is_member(members, value_count(members), person);
}

static enum error check_members(struct task *task, const struct change *change,
                                const struct value *before,
                                const struct value *after, struct err *err)
{
    const struct value *members = value_get(after, "members");
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < value_count(members); i++) {
        struct str person = value_text_of(value_at(members, i), "person");

        if (is_member(members, i, person))
            return err_set(err, ERROR_INPUT,
                           N_("Una persona está dos veces en el grupo. Quite "
                              "una de las dos líneas."),
                           NULL, NULL, NULL);
        if (!was_member(before, person))
            error = check_person(task, change, person, err);
    }
    return error;
}

/* Both ends of each row of a repeat: known, and not the same. */
static enum error check_pairs(struct task *task, const struct change *change,
                              const struct value *rows, struct err *err)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < value_count(rows); i++) {
        struct str a = value_text_of(value_at(rows, i), "person_a");
        struct str b = value_text_of(value_at(rows, i), "person_b");

        if (a.size && str_equal(a, b))
            return err_set(err, ERROR_INPUT,
                           N_("En una línea está dos veces la misma persona. "
                              "Elija a otra o quite la línea."),
                           NULL, NULL, NULL);
        error = check_person(task, change, a, err);
        if (!error)
            error = check_person(task, change, b, err);
    }
    return error;
}

/* The head stands first among the members. */
static void add_head(struct task *task, struct value *after)
{
    const struct value *members = value_get(after, "members");
    struct str head = value_text_of(after, "head_person");
    struct value *all, *row;

    if (!head.size || is_member(members, value_count(members), head))
        return;
    all = value_list(task->arena);
    row = value_object(task->arena);
    value_put_str(row, task->arena, "person", head);
    value_put_text(row, task->arena, "relation", "titular");
    value_put_text(row, task->arena, "relation_verified", "declarada");
    value_add(all, task->arena, row);
    for (size_t i = 0; i < value_count(members); i++)
        value_add(all, task->arena, value_at(members, i));
    value_put(after, task->arena, "members", all);
}

enum error group_rule(struct task *task, struct change *change,
                      const struct save *save, const struct value *before,
                      struct value *after, struct err *err)
{
    enum error error;

    (void)save;
    add_head(task, after);
    error = check_members(task, change, before, after, err);
    if (!error)
        error = check_pairs(task, change, value_get(after, "relations"), err);
    if (!error)
        error = check_pairs(task, change, value_get(after, "keep_apart"), err);
    return error;
}
