/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_names.c - the key of each question, and the table to find it by.
 *
 * A key is the name; where a name occurs twice in the same row of answers it
 * is group/name, and where even that is taken, the whole path.
 */
#include "form/build/build.h"

static struct str path_key(struct arena *arena, const struct question *question,
                           bool whole)
{
    const struct question *parent = question->parent;
    struct str key = question->name;

    for (; parent && parent != question->repeat; parent = parent->parent) {
        struct str prefix = str_join(arena, parent->name, STR("/"));

        key = str_join(arena, prefix, key);
        if (!whole)
            break;
    }
    return key;
}

/* How often each name occurs among the answers of one row. */
static bool occurs_twice(struct names *twice, const struct question *question)
{
    return names_find(twice, form_scope(question->repeat), question->name) <
           SIZE_MAX;
}

void build_names(struct building *building)
{
    struct form *form = building->form;
    size_t count = form->question_count;
    struct names *once = names_new(building->arena, count + 1);
    struct names *twice = names_new(building->arena, count + 1);
    struct names *names = names_new(building->arena, count * 3 + 1);

    if (!once || !twice || !names)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct question *question = form->question[i];
        size_t scope = form_scope(question->repeat);

        if (!names_add(once, scope, question->name, i))
            names_add(twice, scope, question->name, i);
    }
    for (size_t i = 0; i < count; i++) {
        struct question *question = form->question[i];
        size_t scope = form_scope(question->repeat);

        question->key = question->name;
        if (occurs_twice(twice, question))
            question->key = path_key(building->arena, question, false);
        if (names_find(names, scope, question->key) < SIZE_MAX)
            question->key = path_key(building->arena, question, true);
        if (question->name.size == 0)
            continue;
        building->clash =
            !names_add(names, scope, question->key, i) || building->clash;
        if (!names_add(names, FORM_SCOPE_ANY, question->name, i))
            names_add(names, FORM_SCOPE_TWICE, question->name, i);
    }
    form->names = names;
}
