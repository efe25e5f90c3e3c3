/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* decide.c - the one decision: who, what for, what, to whose file.
 *
 * Each step may only say no; what is left at the end is allowed. Who is in
 * charge of a file is asked once per task and kept in it.
 */
#include "domain/access/decide.h"

#include "domain/access/glass.h"
#include "domain/casework/screening.h"
#include "domain/person/merge.h"
#include "domain/person/words.h"
#include "domain/referral/consent.h"
#include "domain/referral/referral.h"

enum { FILES_LOOKED_AT = 20 };

enum holder { HOLDER_NOBODY, HOLDER_HERSELF, HOLDER_OTHER };

/* Who is in charge of a file, kept in the task. */
struct holding {
    struct str subject;
    enum holder holder;
    struct holding *next;
};

/* --- who is in charge ----------------------------------------------------- */

static enum holder holder_of(const struct task *task,
                             const struct value *casefile)
{
    struct str manager = value_text_of(casefile, "manager");
    struct str team = value_text_of(casefile, "team"), id = task->actor.id;

    if (str_equal_c(manager, "system")) /* opened by a program of before */
        manager = STR("");
    if (!manager.size && !team.size)
        return HOLDER_NOBODY;
    return id.size && (str_equal(manager, id) || words_have(team, id))
               ? HOLDER_HERSELF
               : HOLDER_OTHER;
}

/* Whoever has one of her files has her; where several people have one (two
 * files were merged) it is nobody's own until it is assigned. Otherwise one
 * could merge the file of another with one of her own and read it. */
static enum error read_holder(struct task *task, struct str subject,
                              enum holder *holder, struct err *err)
{
    struct record_filter filter = {.kind = STR("casefile"),
                                   .limit = FILES_LOOKED_AT};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = person_files(task, subject, &filter, err);

    if (!error)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    if (error)
        return error;
    *holder = HOLDER_NOBODY;
    for (size_t i = 0; i < count; i++) {
        enum holder one = holder_of(task, record[i].answers);

        if (one > *holder)
            *holder = one;
    }
    return ERROR_NONE;
}

static enum error find_holder(struct task *task, struct str subject,
                              enum holder *holder, struct err *err)
{
    struct holding *kept;
    enum error error;

    for (kept = task->holding; kept; kept = kept->next)
        if (str_equal(kept->subject, subject)) {
            *holder = kept->holder;
            return ERROR_NONE;
        }
    error = read_holder(task, subject, holder, err);
    kept = error ? NULL : ARENA_NEW(task->arena, struct holding);
    if (kept) {
        *kept = (struct holding){subject, *holder, task->holding};
        task->holding = kept;
    }
    return error;
}

void decide_forget(struct task *task)
{
    task->holding = NULL;
}

/* --- the steps ------------------------------------------------------------ */

struct deciding {
    struct task *task;
    struct want want;
    const struct role *role; /* as the account has it */
    const struct purpose *purpose;
    bool in_charge;
    bool her_interview;
    struct decision *decision;
    struct err *err;
};

static void refuse(struct deciding *d, bool hidden, const char *reason)
{
    d->decision->hidden = hidden;
    d->decision->reason = reason;
}

static bool answers_referrals(const struct deciding *d)
{
    return str_equal_c(d->want.purpose, "answer");
}

static bool right_held(const struct deciding *d)
{
    struct str kind = d->want.kind;

    if (answers_referrals(d))
        return str_equal_c(kind, "referral") &&
               role_has(d->role, RIGHT_REFERRAL_ANSWER);
    switch (d->want.act) {
    case ACT_READ:
    case ACT_LIST:
    case ACT_HISTORY:
    case ACT_PRINT:
        return role_has(d->role, right_to_read(kind));
    case ACT_WRITE:
        return role_has(d->role, right_to_write(kind));
    case ACT_EXPORT:
        return role_has(d->role, RIGHT_EXPORT_RUN) &&
               role_has(d->role, right_to_read(kind));
    case ACT_SHARE:
        return role_has(d->role, RIGHT_REFERRAL_WRITE) &&
               role_has(d->role, right_to_read(kind));
    case ACT_COUNT:
        break;
    }
    return false;
}

static bool purpose_fits(const struct deciding *d,
                         const struct purpose *purpose)
{
    return purpose->house == kind_is_of_house(d->want.kind) &&
           (purpose->acts >> d->want.act & 1) &&
           words_have(purpose->roles, d->role->name);
}

static const struct purpose *find_purpose(const struct deciding *d)
{
    const struct role_tables *tables =
        catalog_role_tables(d->task->office->catalog);
    struct str name = d->want.purpose.size ? d->want.purpose : d->task->purpose;

    for (size_t i = 0; i < tables->purposes; i++)
        if ((!name.size || str_equal(tables->purpose[i].name, name)) &&
            purpose_fits(d, &tables->purpose[i]))
            return &tables->purpose[i];
    return NULL;
}

enum error place_is_enforcement(struct task *task, struct str id,
                                bool *enforcement, struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "place_type");
    struct record place = {0};
    struct err own = {0};
    enum error error;
    size_t row;

    *enforcement = false;
    if (!id.size)
        return ERROR_NONE;
    error = record_read(&task->office->log, task->db, STR("place"), id,
                        task->arena, &place, &own);
    if (error == ERROR_NOT_FOUND) /* no such place: nothing is hers */
        return ERROR_NONE;
    if (error) {
        *err = own;
        return error;
    }
    row = table
              ? catalog_find(table, value_text_of(place.answers, "place_type"))
              : SIZE_MAX;
    *enforcement =
        str_equal_c(value_text_of(place.answers, "is_enforcement"), "yes") ||
        (row != SIZE_MAX &&
         str_equal_c(catalog_cell(table, row, "enforcement"), "yes"));
    return ERROR_NONE;
}

static enum error find_subject(struct deciding *d, bool *found)
{
    struct task *task = d->task;
    struct rows rows;
    enum error error;

    *found = true;
    if (d->want.subject.size || !d->want.record.size)
        return ERROR_NONE;
    *found = false;
    error =
        db_query(task->db, &rows, d->err,
                 "SELECT record.subject FROM record"
                 " WHERE record.site = $1 AND record.id = $2"
                 " AND record.kind = $3",
                 "ttt", task->office->log.site, d->want.record, d->want.kind);
    if (error)
        return error;
    if (rows_next(&rows)) {
        *found = true;
        d->want.subject = str_copy(task->arena, rows_text(&rows, 0));
    }
    error = rows_end(&rows);
    if (!d->want.subject.size)
        d->want.subject = d->want.record;
    return error;
}

static bool depends_on_holder(const struct role *role)
{
    return role->reach == REACH_ASSIGNED ||
           (role->assigned & ~role->compartments);
}

static enum error look_who_is_in_charge(struct deciding *d)
{
    enum holder holder = HOLDER_OTHER;
    enum error error;

    if (!depends_on_holder(d->role))
        return ERROR_NONE;
    if (!d->want.subject.size) { /* nobody's answers yet */
        d->in_charge = d->want.act == ACT_WRITE;
        return ERROR_NONE;
    }
    error = find_holder(d->task, d->want.subject, &holder, d->err);
    d->in_charge = !error && (holder == HOLDER_HERSELF ||
                              (holder == HOLDER_NOBODY && d->role->unassigned));
    return error;
}

/* An interview that she began herself, or is about to begin. */
static enum error look_whose_interview(struct deciding *d)
{
    struct task *task = d->task;
    struct rows rows;
    enum error error;

    if (!kind_is_interview(d->want.kind) ||
        !(d->role->asks & ~d->role->compartments))
        return ERROR_NONE;
    if (!d->want.record.size) {
        d->her_interview = d->want.act == ACT_WRITE;
        return ERROR_NONE;
    }
    error = db_query(task->db, &rows, d->err,
                     "SELECT entry.author FROM entry WHERE entry.site = $1"
                     " AND entry.record = $2 ORDER BY entry.clock LIMIT 1",
                     "tt", task->office->log.site, d->want.record);
    if (error)
        return error;
    if (rows_next(&rows))
        d->her_interview = task->actor.id.size &&
                           str_equal(rows_text(&rows, 0), task->actor.id);
    return rows_end(&rows);
}

static enum error look_for_consent(struct deciding *d, bool *given)
{
    struct consent_want want = {.purpose = d->purpose->consent};
    struct consent consent;

    *given = true;
    if (!d->purpose->consent.size || kind_is_of_house(d->want.kind))
        return ERROR_NONE;
    *given = false;
    if (!d->want.subject.size)
        return ERROR_NONE;
    return consent_active(d->task, d->want.subject, &want, &consent, given,
                          d->err);
}

static void allow(struct deciding *d)
{
    const struct role *role = d->role;
    int bits = (d->in_charge ? ROLE_IN_CHARGE : 0) |
               (d->her_interview ? ROLE_ASKS : 0) |
               (str_equal_c(d->want.kind, "flag") ? ROLE_FLAGS : 0);
    struct role *narrowed;

    if (role->variant)
        role = &role->variant[bits];
    if (d->purpose && d->purpose->classes != CLASS_ALL) {
        narrowed = ARENA_NEW(d->task->arena, struct role);
        if (!narrowed)
            return;
        *narrowed = *role;
        narrowed->own = d->role;
        narrowed->closed_class = CLASS_ALL & ~d->purpose->classes;
        role = narrowed;
    }
    d->decision->allowed = true;
    d->decision->role = role;
    d->decision->purpose = d->purpose ? d->purpose->name : STR("");
}

/* One referral that was sent to her place, on the conditions of its link: not
 * ended, consent stands, no rule of block.csv against the receiver. */
static enum error decide_received(struct deciding *d)
{
    struct err why = {0};
    enum error error;

    if (!d->want.record.size) { /* her inbox: each is asked for by itself */
        allow(d);
        return ERROR_NONE;
    }
    error = referral_by_place(d->task, d->want.record, &why);
    if (error_status(error) >= 500) {
        *d->err = why;
        return error;
    }
    if (error)
        refuse(d, true, N_("No se encontró el registro."));
    else
        allow(d);
    return ERROR_NONE;
}

static enum error decide_file(struct deciding *d)
{
    bool found = false, given = false;
    enum error error;

    if (d->role->reach <= REACH_REFERRED) {
        refuse(d, true, N_("No se encontró el registro."));
        return ERROR_NONE;
    }
    if ((error = find_subject(d, &found)) ||
        (error = look_who_is_in_charge(d)) || (error = look_whose_interview(d)))
        return error;
    if (found && d->want.subject.size && !d->in_charge &&
        glass_open(d->task, d->want.subject))
        d->in_charge = true;
    if (!found || (d->role->reach == REACH_ASSIGNED && !d->in_charge &&
                   d->want.subject.size)) {
        refuse(d, true, N_("No se encontró el registro."));
        return ERROR_NONE;
    }
    error = look_for_consent(d, &given);
    if (!error && given)
        allow(d);
    else if (!error)
        refuse(d, false,
               N_("Para este propósito hace falta el permiso de la persona. "
                  "Regístrelo primero."));
    return error;
}

/* Nothing is opened by asking; who has nothing to ask for does not learn
 * whether she is there. */
static enum error decide_asking(struct deciding *d)
{
    bool found = false;
    enum error error = ERROR_NONE;

    refuse(d, true, N_("No se encontró el registro."));
    if (glass_helps(d->role))
        error = find_subject(d, &found);
    if (!error && found)
        allow(d);
    return error;
}

static bool is_program(const struct task *task)
{
    return str_equal_c(task->actor.id, "system") && task->actor.role &&
           !role_own(task->actor.role)->variant;
}

static enum error decide_steps(struct deciding *d)
{
    bool enforcement = false;
    enum error error;

    refuse(d, false, N_("Su cuenta no tiene permiso para esto."));
    if (!d->role || d->want.act >= ACT_COUNT ||
        !forms_find(d->task->office->forms, d->want.kind, STR_NULL))
        return ERROR_NONE;
    if (is_program(d->task)) {
        d->in_charge = true;
        allow(d);
        return ERROR_NONE;
    }
    if (!right_held(d))
        return ERROR_NONE;
    d->purpose = find_purpose(d);
    if (!d->purpose) {
        refuse(d, false,
               N_("Su función no puede hacer esto con ese propósito. Elija "
                  "otro o pida ayuda a quien supervisa."));
        return ERROR_NONE;
    }
    /* nobody of an authority that detains has a role, whatever was written
     * into her account */
    error = place_is_enforcement(d->task, d->task->actor.place, &enforcement,
                                 d->err);
    if (error || enforcement)
        return error;
    if (d->want.ask)
        return decide_asking(d);
    if (answers_referrals(d))
        return decide_received(d);
    if (!kind_is_of_house(d->want.kind))
        return decide_file(d);
    allow(d);
    return ERROR_NONE;
}

enum error decide(struct task *task, const struct want *want,
                  struct decision *decision, struct err *err)
{
    struct deciding d = {.task = task,
                         .want = *want,
                         .role = role_own(task->actor.role),
                         .decision = decision,
                         .err = err};
    enum error error;

    *decision = (struct decision){0};
    error = decide_steps(&d);
    if (error)
        *decision = (struct decision){
            .reason = N_("No se pudo decidir si puede ver esto.")};
    return error;
}

/* --- in the shapes that callers need -------------------------------------- */

enum error decide_or_refuse(struct task *task, const struct want *want,
                            const struct role **role, struct err *err)
{
    struct decision decision;
    enum error error = decide(task, want, &decision, err);

    if (error)
        return error;
    if (decision.allowed) {
        *role = decision.role;
        return ERROR_NONE;
    }
    return err_set(err, decision.hidden ? ERROR_NOT_FOUND : ERROR_FORBIDDEN,
                   decision.reason, NULL, NULL, NULL);
}

const struct role *decide_read(struct task *task, const struct record *record)
{
    struct want want = {.act = ACT_READ,
                        .kind = record->kind,
                        .record = record->id,
                        .subject = record->subject};
    struct decision decision;
    struct err ignored = {0};

    return decide(task, &want, &decision, &ignored) == ERROR_NONE
               ? decision.role
               : NULL;
}

enum error decide_list(struct task *task, const struct record_filter *filter,
                       bool with_rows, struct record **record,
                       const struct role ***role, size_t *count,
                       struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, filter->kind, STR_NULL);
    struct record_filter narrow = *filter;
    const struct role **open;
    size_t found = 0, kept = 0;
    enum error error = decide_narrow(task, &narrow, err);

    if (!error)
        error = record_list(&task->office->log, task->db, &narrow, with_rows,
                            task->arena, record, &found, err);
    if (error)
        return error;
    open = ARENA_ARRAY(task->arena, const struct role *, found + 1);
    if (!open)
        return err_memory(err);
    for (size_t i = 0; i < found; i++) {
        open[kept] = decide_read(task, &(*record)[i]);
        if (form && open[kept] &&
            role_reads_record(open[kept], form, (*record)[i].answers))
            (*record)[kept++] = (*record)[i];
    }
    *count = kept;
    if (role)
        *role = open;
    return ERROR_NONE;
}

/* An id as a literal: ours are letters, figures and hyphens. "" : it is not
 * plain, and nothing is hers. */
static struct str plain_id(const struct task *task)
{
    struct str id = task->actor.id;

    for (size_t i = 0; i < id.size; i++) {
        char c = id.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':'))
            return STR("");
    }
    return id;
}

/* The table of case files; a form may have a question of that name, so it is
 * not asked for inside the list's own SQL. */
static const char *casefile_table(struct task *task, struct err *err)
{
    return project_sql(&task->office->log, task->db, task->arena, "{casefile}",
                       err);
}

enum error decide_narrow(struct task *task, struct record_filter *filter,
                         struct err *err)
{
    const struct role *role = role_own(task->actor.role);
    struct str id = plain_id(task);
    struct buf out;

    if (kind_is_of_house(filter->kind) || is_program(task) ||
        (role && role->reach == REACH_OWN))
        return ERROR_NONE;
    buf_init(&out, task->arena);
    if (filter->where)
        buf_printf(&out, "(%s) AND ", filter->where);
    if (!role || role->reach != REACH_ASSIGNED || !id.size) {
        buf_puts(&out, "1 = 0");
    } else {
        const char *file = casefile_table(task, err);

        if (!file)
            return err->code;
        buf_printf(&out,
                   "(_subject IN (SELECT held._subject FROM %s AS held WHERE"
                   " held._site = $1 AND (held.{casefile.manager} = '%.*s' OR"
                   " ' ' || held.{casefile.team} || ' ' LIKE '%% %.*s %%'))",
                   file, STR_ARGS(id), STR_ARGS(id));
        if (role->unassigned)
            buf_printf(&out,
                       " OR _subject NOT IN (SELECT held._subject FROM %s AS"
                       " held WHERE held._site = $1 AND"
                       " held.{casefile.manager} <> 'system')",
                       file);
        buf_puts(&out, ")");
    }
    filter->where = str_c(task->arena, buf_str(&out));
    return filter->where ? ERROR_NONE : err_memory(err);
}
