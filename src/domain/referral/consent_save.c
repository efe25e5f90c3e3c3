/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* consent_save.c - writing consents: a record only narrows, a withdrawal
 * stays, a single act is done once.
 */
#include "core/date.h"
#include "domain/referral/consent.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

/* May not be wider than it was. */
static bool widens_codes(const struct value *before, const struct value *after,
                         const char *field, bool empty_is_any)
{
    struct str old = value_text_of(before, field);
    struct str new = value_text_of(after, field);

    if (empty_is_any && !old.size)
        return false;
    if (empty_is_any && !new.size)
        return true;
    return !words_within(new, old);
}

static bool widens_end(const struct value *before, const struct value *after)
{
    struct str old = value_text_of(before, "expires");
    struct str new = value_text_of(after, "expires");

    return old.size && (!new.size || str_compare(new, old) > 0);
}

static bool changes(const struct value *before, const struct value *after,
                    const char *field)
{
    struct str old = value_text_of(before, field);

    return old.size && !str_equal(old, value_text_of(after, field));
}

static enum error check_narrower(const struct value *before,
                                 const struct value *after, struct err *err)
{
    bool was_given = str_equal_c(value_text_of(before, "given"), "yes");
    bool given = str_equal_c(value_text_of(after, "given"), "yes");

    if (value_text_of(before, "revoked_at").size &&
        !value_text_of(after, "revoked_at").size)
        return err_set(err, ERROR_BLOCKED,
                       N_("Un permiso retirado no vuelve a valer. Si la "
                          "persona cambió de idea, anote un permiso nuevo."),
                       NULL, NULL, NULL);
    if (changes(before, after, "purpose") || changes(before, after, "act"))
        return err_set(err, ERROR_BLOCKED,
                       N_("Un permiso no cambia de motivo. Anote un permiso "
                          "nuevo."),
                       NULL, NULL, NULL);
    if ((changes(before, after, "given") && given) ||
        (was_given && given &&
         (widens_codes(before, after, "data_scope", false) ||
          widens_codes(before, after, "scope_orgs", true) ||
          widens_end(before, after))))
        return err_set(err, ERROR_BLOCKED,
                       N_("Un permiso no se amplía: solo se reduce o se "
                          "retira. Lea el aviso a la persona y anote un "
                          "permiso nuevo."),
                       NULL, NULL, NULL);
    if (!words_within(value_text_of(before, "block_list"),
                      value_text_of(after, "block_list")))
        return err_set(err, ERROR_BLOCKED,
                       N_("De la lista de quienes no deben recibir nada no se "
                          "quita a nadie."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

/* INM always; the consulate of who may need protection from her country. */
static enum error add_blocks(struct task *task, struct value *after,
                             struct err *err)
{
    struct str list = value_text_of(after, "block_list");
    struct standing_profile *profile = NULL;
    size_t count = 0;
    enum error error = profile_list(task, value_text_of(after, "person"),
                                    &profile, &count, err);

    if (error)
        return error;
    list = words_union(task->arena, list, STR("INM"));
    for (size_t i = 0; i < count; i++)
        if (words_have(STR("SOLREF REFREC APATR"), profile[i].code))
            list = words_union(task->arena, list, STR("CONSULADO"));
    value_put_str(after, task->arena, "block_list", list);
    return ERROR_NONE;
}

/* Which notice was read: the newest in the language it was explained in, or
 * the newest there is. Nobody is asked without one. */
static enum error add_notice(struct task *task, struct value *after,
                             struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "notice");
    struct str language = value_text_of(after, "notice_language");
    size_t newest = SIZE_MAX, own = SIZE_MAX;

    if (value_text_of(after, "notice_version").size)
        return ERROR_NONE;
    for (size_t i = 0; table && i < table->rows; i++) {
        struct str version = catalog_cell(table, i, "version");
        struct str code = catalog_cell(table, i, "language");

        if (newest == SIZE_MAX ||
            str_compare(version, catalog_cell(table, newest, "version")) > 0)
            newest = i;
        if (code.size && str_starts(language, code) &&
            (own == SIZE_MAX ||
             str_compare(version, catalog_cell(table, own, "version")) > 0))
            own = i;
    }
    if (newest == SIZE_MAX)
        return err_set(err, ERROR_INTERNAL,
                       N_("Falta la tabla {1} del catálogo."), "notice", NULL,
                       NULL);
    value_put_str(
        after, task->arena, "notice_version",
        catalog_cell(table, own == SIZE_MAX ? newest : own, "version"));
    return ERROR_NONE;
}

enum error consent_rule(struct task *task, struct change *change,
                        const struct save *save, const struct value *before,
                        struct value *after, struct err *err)
{
    int64_t revoked;
    enum error error;

    (void)change;
    (void)save;
    if (before) {
        error = check_narrower(before, after, err);
        if (error)
            return error;
    }
    if (instant_parse(value_text_of(after, "revoked_at"), &revoked) &&
        revoked > task->now) /* a withdrawal begins now, not later */
        value_put_str(after, task->arena, "revoked_at",
                      instant_text(task->arena, task->now));
    error = add_notice(task, after, err);
    return error ? error : add_blocks(task, after, err);
}

/* Whose single act it is, looked at again where nobody comes in between. */
struct single_act {
    const struct office *office;
    struct str consent, act;
};

static enum error still_free(struct db *db, void *context, struct err *err)
{
    const struct single_act *step = context;
    struct record record = {0};
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    error = record_read(&step->office->log, db, STR("consent"), step->consent,
                        &arena, &record, err);
    if (!error && value_text_of(record.answers, "effect_done_at").size &&
        !str_equal(value_text_of(record.answers, "referral"), step->act))
        error = err_set(err, ERROR_BLOCKED,
                        N_("Este permiso era para un solo acto, que ya se "
                           "hizo. Pregúntele a la persona por este."),
                        NULL, NULL, NULL);
    if (!error && value_text_of(record.answers, "revoked_at").size)
        error = err_set(err, ERROR_BLOCKED,
                        N_("La persona retiró este permiso. Pregúntele otra "
                           "vez antes de compartir algo."),
                        NULL, NULL, NULL);
    arena_release(&arena);
    return error;
}

enum error consent_use(struct task *task, struct change *change, struct str id,
                       struct str act, struct err *err)
{
    struct record record = {0};
    struct single_act *step;
    struct value *body;
    enum error error;

    error = record_read(&task->office->log, task->db, STR("consent"), id,
                        task->arena, &record, err);
    if (error)
        return error;
    step = ARENA_NEW(task->arena, struct single_act);
    if (!step)
        return err_memory(err);
    *step = (struct single_act){task->office, record.id, act};
    change_also(change, still_free, step);
    if (!str_equal_c(value_text_of(record.answers, "purpose"), "acto_unico") ||
        value_text_of(record.answers, "effect_done_at").size)
        return ERROR_NONE;
    body = value_object(task->arena);
    value_put_str(body, task->arena, "referral", act);
    value_put_str(body, task->arena, "effect_done_at",
                  instant_text(task->arena, task->now));
    change_add(change, STR("consent"), record.id, OP_UPDATE, body,
               record.subject);
    return ERROR_NONE;
}

enum error consent_revoke(struct task *task, struct str id, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {.kind = STR("consent"), .id = id, .input = input};
    struct saved saved;

    value_put_str(input, task->arena, "revoked_at",
                  instant_text(task->arena, task->now));
    return record_save(task, &save, &saved, err);
}
