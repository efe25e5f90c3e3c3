/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casefile.c - opening, closing and taking up again. What is protected and
 * which reason means a search stands in data (profile.csv, the choices of
 * close_reason), not here.
 */
#include "domain/casework/casefile.h"

#include "core/date.h"
#include "domain/person/age.h"
#include "domain/casework/followup.h"
#include "domain/person/merge.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

static bool is_closed(const struct value *answers)
{
    return str_equal_c(value_text_of(answers, "status"), "cerrado");
}

static enum error find_open(const struct office *office, struct db *db,
                            struct str person, struct arena *arena,
                            struct record **record, size_t *count,
                            struct err *err)
{
    struct record_filter filter = {
        .kind = STR("casefile"),
        .subject = person,
        .where = "COALESCE({status}, 'abierto') <> 'cerrado'",
        .limit = 2,
    };

    return record_list(&office->log, db, &filter, false, arena, record, count,
                       err);
}

enum error casefile_of_person(struct task *task, struct str person,
                              struct record *casefile, bool *found,
                              struct err *err)
{
    struct record *record = NULL;
    size_t count = 0;
    enum error error = find_open(task->office, task->db, person, task->arena,
                                 &record, &count, err);

    if (error)
        return error;
    *found = count > 0;
    if (count)
        *casefile = record[0];
    return ERROR_NONE;
}

/* One open file per person, looked at where nobody comes in between. */
struct only_one {
    const struct office *office;
    struct str person, casefile;
};

static enum error check_only_one(struct db *db, void *context, struct err *err)
{
    const struct only_one *step = context;
    struct record *record = NULL;
    struct arena arena;
    size_t count = 0;
    enum error error;

    arena_init(&arena, NULL);
    error =
        find_open(step->office, db, step->person, &arena, &record, &count, err);
    for (size_t i = 0; !error && i < count; i++)
        if (!str_equal(record[i].id, step->casefile))
            error = err_set(err, ERROR_CONFLICT,
                            N_("Esta persona ya tiene un expediente abierto. "
                               "Siga en él en lugar de abrir otro."),
                            NULL, NULL, NULL);
    arena_release(&arena);
    return error;
}

static enum error want_only_one(struct task *task, struct change *change,
                                const struct save *save,
                                const struct value *after, struct err *err)
{
    struct only_one *step = ARENA_NEW(task->arena, struct only_one);

    if (!step)
        return err_memory(err);
    step->office = task->office;
    step->person = value_text_of(after, "person");
    step->casefile = save->id;
    change_also(change, check_only_one, step);
    return ERROR_NONE;
}

enum error casefile_protected(struct task *task, struct str person,
                              bool *protects, struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "profile");
    struct standing_profile *profile = NULL;
    struct record record = {0};
    size_t count = 0;
    bool found = false;
    enum error error;

    error = record_read(&task->office->log, task->db, STR("person"), person,
                        task->arena, &record, err);
    if (!error)
        error = profile_list(task, person, &profile, &count, err);
    if (error)
        return error;
    found = age_is_child(record.answers, task_day(task));
    for (size_t i = 0; !found && i < count; i++) {
        size_t row = table ? catalog_find(table, profile[i].code) : SIZE_MAX;

        /* A profile that the catalogue does not know protects, too. */
        found =
            row == SIZE_MAX ||
            str_equal_c(catalog_cell(table, row, "needs_supervisor_to_close"),
                        "yes");
    }
    *protects = found;
    return ERROR_NONE;
}

static bool is_search_code(const struct task *task, const char *name,
                           struct str code)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, name);

    return table && code.size &&
           words_have(catalog_cell(table, catalog_find(table, code), "sector"),
                      STR("RFL"));
}

static bool is_search(const struct task *task, const struct value *referral)
{
    struct str state = value_text_of(referral, "state");

    if (!state.size ||
        words_have(STR("BORRADOR CONSENTIDA CANCELADA RECHAZADA VENCIDA"),
                   state))
        return false;
    return is_search_code(task, "service",
                          value_text_of(referral, "service_code")) ||
           is_search_code(task, "place_type",
                          value_text_of(referral, "to_type")) ||
           words_have(value_text_of(referral, "needs"), STR("RFL"));
}

static enum error check_search(struct task *task, struct str person,
                               struct err *err)
{
    struct record_filter filter = {.kind = STR("referral"), .limit = 500};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = person_files(task, person, &filter, err);

    if (error)
        return error;
    error = record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &count, err);
    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        if (is_search(task, record[i].answers))
            return ERROR_NONE;
    return err_set(err, ERROR_BLOCKED,
                   N_("El expediente de una persona desaparecida no se cierra "
                      "sin buscarla. Envíe antes una referencia a la comisión "
                      "de búsqueda o a la Cruz Roja."),
                   NULL, NULL, NULL);
}

/* The column effect of the closing reason: "search" or anything else. */
static bool reason_is_search(const struct task *task, struct str reason)
{
    const struct form *form =
        forms_find(task->office->forms, STR("casefile"), STR_NULL);
    const struct question *question =
        form ? form_find(form, STR("close_reason")) : NULL;
    const struct choice *choice = question && question->choices
                                      ? choice_find(question->choices, reason)
                                      : NULL;

    return choice
               ? str_equal_c(value_text_of(choice->extra, "effect"), "search")
               : str_equal_c(reason, "DESAP");
}

static struct str day_text(const struct task *task)
{
    return date_text(task->arena, date_from_day(task_day(task)));
}

static enum error check_closing(struct task *task, const struct save *save,
                                struct value *after, struct err *err)
{
    struct str person = value_text_of(after, "person");
    bool may = save->trusted || role_has(task->actor.role, RIGHT_CASE_CLOSE);
    bool protects = false, search;
    enum error error = casefile_protected(task, person, &protects, err);

    if (error)
        return error;
    search = reason_is_search(task, value_text_of(after, "close_reason"));
    if (!value_text_of(after, "close_reason").size)
        return err_set(err, ERROR_INPUT, N_("Diga por qué se cierra."), NULL,
                       NULL, NULL);
    if ((protects || search) && !may)
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Este expediente lo cierra quien supervisa, porque "
                          "hay que asegurar que la persona queda protegida. "
                          "Pídale que lo revise."),
                       NULL, NULL, NULL);
    if (search && (error = check_search(task, person, err)))
        return error;
    if (!value_text_of(after, "closed_on").size)
        value_put_str(after, task->arena, "closed_on", day_text(task));
    if (protects || search) {
        value_put_str(after, task->arena, "close_approved_by", task->actor.id);
        value_put_str(after, task->arena, "close_approved_at",
                      instant_text(task->arena, task->now));
    }
    return ERROR_NONE;
}

static void count_plan(struct task *task, const struct value *before,
                       struct value *after)
{
    int64_t version = 0;

    if (!value_text_of(after, "plan").size ||
        str_equal(value_text_of(before, "plan"), value_text_of(after, "plan")))
        return;
    str_to_int(value_text_of(before, "plan_version"), &version);
    value_put_str(after, task->arena, "plan_version",
                  str_format(task->arena, "%lld", (long long)version + 1));
}

/* The day of the next look: by risk, and again when a look has been had. A
 * day that somebody chose stands. */
static void set_review(struct task *task, const struct value *before,
                       bool again, struct value *after)
{
    static const char *const looked[] = {"plan", "risk", "notes"};
    struct str next = value_text_of(after, "next_review");
    bool changed = !before || again || !next.size;

    if (before && next.size &&
        !str_equal(next, value_text_of(before, "next_review")))
        return;
    for (size_t i = 0; i < sizeof looked / sizeof *looked; i++)
        if (before && !str_equal(value_text_of(before, looked[i]),
                                 value_text_of(after, looked[i])))
            changed =
                changed || i == 1 || str_compare(next, day_text(task)) <= 0;
    if (changed && (before || !next.size))
        value_put_str(after, task->arena, "next_review",
                      followup_review_day(task, value_text_of(after, "risk")));
}

/* The newest closed file of a person. */
static enum error last_closed(struct task *task, struct str person,
                              struct record *casefile, bool *found,
                              struct err *err)
{
    struct record_filter filter = {
        .kind = STR("casefile"), .subject = person, .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    *found = !error && count;
    if (*found)
        *casefile = record[0];
    return error;
}

static bool same_hands(const struct value *before, const struct value *after)
{
    return str_equal(value_text_of(before, "manager"),
                     value_text_of(after, "manager")) &&
           str_equal(value_text_of(before, "team"),
                     value_text_of(after, "team"));
}

static bool in_nobodys_hands(const struct value *answers)
{
    return !value_text_of(answers, "manager").size &&
           !value_text_of(answers, "team").size;
}

/* In whose hands a file is says who reads it, so it is not for everybody to
 * say: one takes a file that nobody has, for herself; the rest is assigned. */
static enum error check_hands(struct task *task, const struct save *save,
                              const struct value *before,
                              const struct value *after, struct err *err)
{
    struct record last = {0};
    bool found = false, takes;
    enum error error = ERROR_NONE;

    if (save->trusted || role_has(task->actor.role, RIGHT_CASE_ASSIGN) ||
        same_hands(before, after))
        return ERROR_NONE;
    takes = str_equal(value_text_of(after, "manager"), task->actor.id) &&
            !value_text_of(after, "team").size &&
            (!before || in_nobodys_hands(before));
    if (takes && !before) /* nor by opening another file about her */
        error = last_closed(task, value_text_of(after, "person"), &last, &found,
                            err);
    if (error)
        return error;
    if (takes && (!found || in_nobodys_hands(last.answers) ||
                  same_hands(last.answers, after)))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Quién lleva un expediente lo decide quien supervisa. "
                      "Pídale que se lo asigne."),
                   NULL, NULL, NULL);
}

/* Who opens it takes it, when her role is one that reads more in files of her
 * own; else it waits for somebody to take it. */
static void take_it(struct task *task, struct value *after)
{
    const struct role *role = role_own(task->actor.role);

    if (!value_text_of(after, "manager").size && role && role->assigned)
        value_put_str(after, task->arena, "manager", task->actor.id);
}

enum error casefile_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err)
{
    bool was_closed = before && is_closed(before);
    enum error error = ERROR_NONE;

    count_plan(task, before, after);
    if (!before)
        take_it(task, after);
    error = check_hands(task, save, before, after, err);
    if (error)
        return error;
    if (is_closed(after)) {
        if (!was_closed) {
            error = check_closing(task, save, after, err);
            change->entry[change->count - 1].op = OP_CLOSE;
        }
        return error;
    }
    set_review(task, before, was_closed, after);
    if (was_closed) {
        value_put_text(after, task->arena, "status", "reabierto");
        value_put_str(after, task->arena, "reopened_on", day_text(task));
        value_put_text(after, task->arena, "_state", "open");
    }
    if (!before || was_closed)
        error = want_only_one(task, change, save, after, err);
    return error;
}

enum error casefile_open(struct task *task, struct str person,
                         struct str manager, bool again, struct saved *saved,
                         struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {.kind = STR("casefile"), .input = input};
    struct record record = {0};
    bool found = false;
    enum error error = casefile_of_person(task, person, &record, &found, err);

    if (error)
        return error;
    if (found) { /* opening what is open is done */
        *saved = (struct saved){.id = record.id,
                                .clock = record.clock,
                                .repeated = true,
                                .after = record.answers};
        return ERROR_NONE;
    }
    if (again) {
        error = last_closed(task, person, &record, &found, err);
        if (error)
            return error;
    }
    if (found)
        return casefile_reopen(task, record.id, 0, STR(""), saved, err);
    value_put_str(input, task->arena, "person", person);
    if (manager.size)
        value_put_str(input, task->arena, "manager", manager);
    return record_save(task, &save, saved, err);
}

enum error casefile_close(struct task *task, struct str casefile, int64_t base,
                          struct str reason, struct str note,
                          struct saved *saved, struct err *err)
{
    struct value *answers = value_object(task->arena);

    value_put_str(answers, task->arena, "close_reason", reason);
    if (note.size)
        value_put_str(answers, task->arena, "close_note", note);
    return casefile_close_with(task, casefile, base, answers, saved, err);
}

enum error casefile_close_with(struct task *task, struct str casefile,
                               int64_t base, const struct value *answers,
                               struct saved *saved, struct err *err)
{
    static const char *const asked[] = {"close_reason", "close_note",
                                        "satisfaction"};
    struct value *input = value_object(task->arena);
    struct value *why = value_object(task->arena);
    struct save save = {
        .kind = STR("casefile"), .id = casefile, .base = base, .input = input};

    value_put_text(input, task->arena, "status", "cerrado");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct str text = value_text_of(answers, asked[i]);
        struct str reason = value_text_of(value_get(answers, "_why"), asked[i]);

        if (text.size)
            value_put_str(input, task->arena, asked[i], text);
        else if (reason.size)
            value_put_str(why, task->arena, asked[i], reason);
    }
    if (value_count(why))
        value_put(input, task->arena, "_why", why);
    return record_save(task, &save, saved, err);
}

enum error casefile_ask_close(struct task *task, struct str casefile,
                              struct saved *saved, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct save save = {
        .kind = STR("casefile"), .id = casefile, .system = system};

    value_put_str(system, task->arena, "close_asked_by", task->actor.id);
    return record_save(task, &save, saved, err);
}

enum error casefile_reopen(struct task *task, struct str casefile, int64_t base,
                           struct str reason, struct saved *saved,
                           struct err *err)
{
    struct value *input = value_object(task->arena);
    struct save save = {
        .kind = STR("casefile"), .id = casefile, .base = base, .input = input};
    struct record record = {0};
    struct str notes;
    enum error error;

    error = record_read(&task->office->log, task->db, save.kind, casefile,
                        task->arena, &record, err);
    if (error)
        return error;
    value_put_text(input, task->arena, "status", "reabierto");
    value_put_text(input, task->arena, "opened_reason", "reapertura");
    notes = value_text_of(record.answers, "notes");
    if (reason.size)
        value_put_str(input, task->arena, "notes",
                      notes.size ? str_format(task->arena, "%.*s\n%.*s",
                                              STR_ARGS(notes), STR_ARGS(reason))
                                 : reason);
    return record_save(task, &save, saved, err);
}
