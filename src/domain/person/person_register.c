/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_register.c - several people in one change: persons, the group, an
 * arrival and a consent of each. Ids come from the entry's id when it is
 * given, so that the same post sent twice is the same people. */
#include "domain/import/import_private.h"
#include "domain/person/person.h"

struct registering {
    struct task *task;
    const struct registration *registration;
    struct registered *registered;
    struct change change;
};

static struct str id_of(struct registering *registering, const char *what,
                        size_t i)
{
    struct task *task = registering->task;
    struct str entry = registering->registration->entry;

    if (!entry.size)
        return host_uuid(task->office->host, task->arena);
    return import_uuid(task->office->host, task->arena, what,
                       str_format(task->arena, "%.*s %zu", STR_ARGS(entry), i));
}

/* a's answers, and b's where a has none. */
static struct value *with_shared(struct arena *arena, const struct value *own,
                                 const struct value *shared)
{
    struct value *all = own ? value_copy(own, arena) : value_object(arena);

    for (size_t i = 0; i < value_count(shared); i++) {
        struct str name = value_name_at(shared, i);
        const struct value *had = value_get_str(all, name);

        if (!had || (value_type(had) == VALUE_STRING && !value_text(had).size))
            value_set(all, arena, name, value_at(shared, i));
    }
    return all;
}

static enum error prepare(struct registering *registering, const char *kind,
                          struct str id, struct str entry,
                          const struct value *input, size_t wrong,
                          struct err *err)
{
    struct registered *registered = registering->registered;
    struct task *task = registering->task;
    struct saved saved;
    struct save save = {.kind = str_of(kind),
                        .id = id,
                        .entry = entry,
                        .create = true,
                        .input = input};
    enum error error;

    if (registered->repeated)
        return ERROR_NONE; /* sent before: only the ids are wanted */
    error = record_prepare(task, &registering->change, &save, &saved, err);
    if (saved.repeated)
        registered->repeated = true;
    if (error != ERROR_INPUT)
        return error;
    registered->wrong = wrong;
    registered->problem = saved.problem;
    registered->problems = saved.problems;
    registered->form = forms_find(task->office->forms, str_of(kind), STR_NULL);
    return error;
}

static enum error add_persons(struct registering *registering, struct err *err)
{
    const struct registration *registration = registering->registration;
    struct registered *registered = registering->registered;
    struct arena *arena = registering->task->arena;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < registration->count; i++) {
        registered->person[i] = id_of(registering, "registered person", i);
        error = prepare(
            registering, "person", registered->person[i],
            i ? STR_NULL : registration->entry,
            with_shared(arena, registration->person[i], registration->shared),
            i, err);
    }
    return error;
}

/* Of each: an arrival, a consent. */
static enum error add_to_each(struct registering *registering, const char *kind,
                              const struct value *answers, struct err *err)
{
    struct arena *arena = registering->task->arena;
    struct registered *registered = registering->registered;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && answers && i < registered->count; i++) {
        struct value *input = value_copy(answers, arena);

        value_put_str(input, arena, "person", registered->person[i]);
        if (registered->group.size && strcmp(kind, "arrival") == 0)
            value_put_str(input, arena, "group", registered->group);
        error = prepare(registering, kind, id_of(registering, kind, i),
                        STR_NULL, input, registered->count, err);
    }
    return error;
}

static struct value *members_of(struct registering *registering)
{
    const struct registration *registration = registering->registration;
    struct registered *registered = registering->registered;
    struct arena *arena = registering->task->arena;
    struct value *members = value_list(arena);

    for (size_t i = 0; i < registered->count; i++) {
        struct value *member = value_object(arena);
        struct str relation =
            registration->relation ? registration->relation[i] : STR_NULL;

        if (i == registration->head)
            relation = STR("titular");
        value_put_str(member, arena, "person", registered->person[i]);
        if (relation.size)
            value_put_str(member, arena, "relation", relation);
        value_put_text(member, arena, "relation_verified", "declarada");
        value_add(members, arena, member);
    }
    return members;
}

static enum error add_group(struct registering *registering, struct err *err)
{
    const struct registration *registration = registering->registration;
    struct registered *registered = registering->registered;
    struct arena *arena = registering->task->arena;
    struct value *group;

    if (!registration->group)
        return ERROR_NONE;
    group = value_copy(registration->group, arena);
    if (registration->head < registered->count)
        value_put_str(group, arena, "head_person",
                      registered->person[registration->head]);
    if (!value_text_of(group, "arrival_size").size)
        value_put_str(group, arena, "arrival_size",
                      str_format(arena, "%zu", registered->count));
    value_put(group, arena, "members", members_of(registering));
    registered->group = id_of(registering, "registered group", 0);
    return prepare(registering, "group", registered->group, STR_NULL, group,
                   registered->count, err);
}

static enum error add_too(struct registering *registering, struct err *err)
{
    const struct registration *registration = registering->registration;
    struct registered *registered = registering->registered;
    struct task *task = registering->task;
    enum error error = ERROR_NONE;

    for (size_t i = 0;
         !error && !registered->repeated && i < registration->toos; i++) {
        const struct registered_too *too = &registration->too[i];
        struct value *input = too->input ? value_copy(too->input, task->arena)
                                         : value_object(task->arena);
        struct save save = {
            .kind = str_of(too->kind),
            .id = too->id.size ? too->id : id_of(registering, too->kind, i),
            .create = true,
            .input = input,
            .system = too->system,
            .trusted = too->trusted};
        struct saved saved;

        value_put_str(input, task->arena, "person", registered->person[0]);
        error = record_prepare(task, &registering->change, &save, &saved, err);
    }
    return error;
}

enum error person_register(struct task *task,
                           const struct registration *registration,
                           struct registered *registered, struct err *err)
{
    struct registering registering = {
        .task = task, .registration = registration, .registered = registered};
    bool repeated = false;
    enum error error;

    *registered =
        (struct registered){.count = registration->count, .wrong = SIZE_MAX};
    registered->person =
        ARENA_ARRAY(task->arena, struct str, registration->count + 1);
    if (!registered->person)
        return err_memory(err);
    if (!registration->count)
        return err_set(err, ERROR_INPUT, N_("Anote al menos a una persona."),
                       NULL, NULL, NULL);
    change_init(&registering.change, task);
    error = add_persons(&registering, err);
    if (!error)
        error = add_group(&registering, err);
    if (!error)
        error =
            add_to_each(&registering, "arrival", registration->arrival, err);
    if (!error)
        error =
            add_to_each(&registering, "consent", registration->consent, err);
    if (!error)
        error = add_too(&registering, err);
    if (error || registered->repeated)
        return error;
    error = change_commit(&registering.change, &repeated, err);
    registered->repeated = repeated;
    return error;
}
