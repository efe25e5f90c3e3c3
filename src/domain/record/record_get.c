/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_get.c - reading a record with the actor's rights: what is closed to
 * her is absent, what she is not to know of is not there, and that she read
 * it is noted.
 */
#include "domain/record/record.h"

#include "domain/access/decide.h"
#include "domain/proof/seen.h"
#include "domain/record/record_say.h"

/* What of a record that was read is open to the actor; NOT_FOUND where she is
 * not to know of it. */
static enum error open_to(struct task *task, const struct record *record,
                          const struct form *form, const struct role **role,
                          struct err *err)
{
    struct want want = {.act = ACT_READ,
                        .kind = record->kind,
                        .record = record->id,
                        .subject = record->subject};
    struct decision decision;
    enum error error = decide(task, &want, &decision, err);

    if (error)
        return error;
    *role = decision.role;
    if (!decision.allowed && !decision.hidden)
        return err_set(err, ERROR_FORBIDDEN, decision.reason, NULL, NULL, NULL);
    if (!decision.allowed ||
        !role_reads_record(decision.role, form, record->answers))
        return say_not_found(err);
    return ERROR_NONE;
}

enum error record_get(struct task *task, struct str kind, struct str id,
                      struct record *record, struct err *err)
{
    const struct form **form = NULL;
    size_t forms = forms_of_kind(task->office->forms, kind, task->arena, &form);
    const struct role *role = NULL;
    struct record found = {0};
    enum error error;

    if (!forms)
        return say_kind(kind, err);
    if (!role_has(task->actor.role, right_to_read(kind)))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite ver esto. Pida ayuda a quien "
                          "supervisa."),
                       NULL, NULL, NULL);
    error = record_read(&task->office->log, task->db, kind, id, task->arena,
                        &found, err);
    if (error)
        return error;
    if (str_equal_c(found.state, "erased"))
        return say_not_found(err);
    error = open_to(task, &found, form[0], &role, err);
    if (error)
        return error;
    found.answers =
        role_filter_versions(role, form, forms, found.answers, task->arena);
    if (found.conflicts)
        found.conflicts = role_filter_versions(role, form, forms,
                                               found.conflicts, task->arena);
    *record = found;
    if (arena_failed(task->arena))
        return err_memory(err);
    return seen_record(task, kind, id, found.subject, err);
}
