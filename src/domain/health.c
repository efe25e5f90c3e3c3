/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* health.c - what a health intake leaves behind besides its answers: the form
 * calculates which urgent flags its signs ask for, and those are raised, each
 * once. The reason stays with the health team; the flag says what to do.
 */
#include "domain/health.h"

#include "domain/casework/screening.h"
#include "domain/person/words.h"

static bool is_open(const struct record *flag, size_t count, struct str code)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(value_text_of(flag[i].answers, "code"), code) &&
            str_equal_c(value_text_of(flag[i].answers, "state"), "open"))
            return true;
    return false;
}

enum error health_intake_rule(struct task *task, struct change *change,
                              const struct save *save,
                              const struct value *before, struct value *after,
                              struct err *err)
{
    struct str person = value_text_of(after, "person");
    struct str flags = value_text_of(after, "flags"), code;
    struct record_filter filter = {
        .kind = STR("flag"), .subject = person, .limit = 500};
    struct record *flag = NULL;
    size_t count = 0;
    enum error error;

    (void)save;
    if (!flags.size)
        return ERROR_NONE;
    error = record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &flag, &count, err);
    if (error != ERROR_NONE)
        return error;
    while (words_next(&flags, &code))
        if (!words_have(value_text_of(before, "flags"), code) &&
            !is_open(flag, count, code))
            flag_add(change, person, code, STR(""), "rule");
    return ERROR_NONE;
}
