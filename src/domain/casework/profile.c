/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* profile.c - presumptions about a person and what a supervisor makes of
 * them. Only a competent authority confirms: a confirmation names it.
 */
#include "core/date.h"
#include "domain/person/merge.h"
#include "domain/casework/screening.h"

enum error profile_list(struct task *task, struct str person,
                        struct standing_profile **profile, size_t *count,
                        struct err *err)
{
    struct record_filter filter = {.kind = STR("profile"), .limit = 500};
    struct standing_profile *list;
    struct record *record;
    size_t records, kept = 0;
    enum error error = person_files(task, person, &filter, err);

    if (error != ERROR_NONE)
        return error;
    error = record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &records, err);
    if (error != ERROR_NONE)
        return error;
    list = ARENA_ARRAY(task->arena, struct standing_profile, records + 1);
    if (!list)
        return err_set(err, ERROR_MEMORY, N_("Falta memoria."), NULL, NULL,
                       NULL);
    for (size_t i = 0; i < records; i++) {
        struct str state = value_text_of(record[i].answers, "state");

        if (str_equal_c(state, "ruled_out"))
            continue;
        list[kept++] = (struct standing_profile){
            .record = record[i].id,
            .code = value_text_of(record[i].answers, "code"),
            .state = state};
    }
    *profile = list;
    *count = kept;
    return ERROR_NONE;
}

static bool state_moved(const struct value *before, const struct value *after)
{
    return !before || !str_equal(value_text_of(before, "state"),
                                 value_text_of(after, "state"));
}

/* Seeing signs is for everybody who screens; what is made of them is not. */
static bool decides(const struct value *before, struct str state)
{
    return before || str_equal_c(state, "confirmed") ||
           str_equal_c(state, "ruled_out");
}

enum error profile_rule(struct task *task, struct change *change,
                        const struct save *save, const struct value *before,
                        struct value *after, struct err *err)
{
    struct str state = value_text_of(after, "state");

    (void)change;
    if (before &&
        !str_equal(value_text_of(before, "code"), value_text_of(after, "code")))
        return err_set(err, ERROR_INPUT,
                       N_("Un perfil no se convierte en otro. Anote el otro "
                          "aparte y, si este no era, descártelo."),
                       NULL, NULL, NULL);
    if (!state_moved(before, after))
        return ERROR_NONE;
    if (!save->trusted && decides(before, state) &&
        !role_has(task->actor.role, RIGHT_PROFILE_DECIDE))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Una persona con función de supervisión decide sobre "
                          "este perfil."),
                       NULL, NULL, NULL);
    if (str_equal_c(state, "confirmed") &&
        !value_text_of(after, "authority").size)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba qué autoridad lo confirmó: solo ella puede "
                          "confirmar un perfil."),
                       NULL, NULL, NULL);
    value_put_str(after, task->arena, "decided_by", task->actor.id);
    value_put_str(after, task->arena, "decided_at",
                  instant_text(task->arena, task->now));
    value_put_str(after, task->arena, "waits_for_supervisor",
                  str_equal_c(state, "indicios") ? STR("yes") : STR("no"));
    return ERROR_NONE;
}

enum error profile_decide(struct task *task, struct str profile,
                          struct str state, struct str authority,
                          struct str note, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {.kind = STR("profile"), .id = profile};
    struct saved saved;

    value_put_str(input, task->arena, "state", state);
    if (authority.size)
        value_put_str(input, task->arena, "authority", authority);
    if (note.size)
        value_put_str(input, task->arena, "why", note);
    save.input = input;
    return record_save(task, &save, &saved, err);
}
