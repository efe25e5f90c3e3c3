/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* consent.c - reading consents: which one is active, what it lets be shown,
 * whom it shuts out. Writing stands in consent_save.c.
 */
#include "domain/referral/consent.h"

#include "core/date.h"
#include "domain/arco/arco.h"
#include "domain/person/merge.h"
#include "domain/person/words.h"

/* What standing doubts leave of an answer: the narrower of all values. */
struct doubt {
    const struct value *answers, *conflicts;
    struct arena *arena;
};

static size_t values_of(const struct doubt *doubt, const char *field,
                        struct str *first)
{
    *first = value_text_of(doubt->answers, field);
    return value_count(value_get(doubt->conflicts, field));
}

static struct str value_number_of(const struct doubt *doubt, const char *field,
                                  size_t index)
{
    return value_text(value_at(value_get(doubt->conflicts, field), index));
}

static bool is_given(const struct doubt *doubt)
{
    struct str text;
    size_t count = values_of(doubt, "given", &text);
    bool given = str_equal_c(text, "yes");

    for (size_t i = 0; i < count; i++)
        given = given && str_equal_c(value_number_of(doubt, "given", i), "yes");
    return given;
}

static bool is_revoked(const struct doubt *doubt)
{
    struct str text;
    size_t count = values_of(doubt, "revoked_at", &text);

    for (size_t i = 0; !text.size && i < count; i++)
        text = value_number_of(doubt, "revoked_at", i);
    return text.size != 0;
}

/* Codes in all of the values; where empty means anything, it narrows nothing.
 */
static struct str common_codes(const struct doubt *doubt, const char *field,
                               bool empty_is_any)
{
    struct str codes;
    size_t count = values_of(doubt, field, &codes);

    for (size_t i = 0; i < count; i++) {
        struct str other = value_number_of(doubt, field, i);

        if (empty_is_any && !other.size)
            continue;
        codes = empty_is_any && !codes.size
                    ? other
                    : words_common(doubt->arena, codes, other);
        if (!codes.size && empty_is_any)
            codes = STR("-"); /* nobody: they have no place in common */
    }
    return codes;
}

static struct str earliest(const struct doubt *doubt, const char *field)
{
    struct str text;
    size_t count = values_of(doubt, field, &text);

    for (size_t i = 0; i < count; i++) {
        struct str other = value_number_of(doubt, field, i);

        if (other.size && (!text.size || str_compare(other, text) < 0))
            text = other;
    }
    return text;
}

static bool starts_later(const struct task *task, const struct value *answers)
{
    int64_t from;

    return instant_parse(value_text_of(answers, "given_at"), &from) &&
           from > task->now;
}

static bool is_expired(const struct task *task, struct str expires)
{
    struct date date;

    return date_parse_whole(str_slice(expires, 0, 10), &date) &&
           date_to_day(date) < task_day(task);
}

/* Why a consent does not answer for the want; NULL when it does. */
static const char *refusal(const struct task *task, const struct record *record,
                           const struct consent *consent,
                           const struct consent_want *want)
{
    const struct doubt doubt = {record->answers, record->conflicts,
                                task->arena};
    struct str act = value_text_of(record->answers, "referral");
    bool used = value_text_of(record->answers, "effect_done_at").size != 0;

    if (str_equal_c(record->state, "erased") || is_revoked(&doubt))
        return N_("La persona retiró este permiso. Pregúntele otra vez antes "
                  "de compartir algo.");
    if (!is_given(&doubt))
        return N_("La persona no dio este permiso.");
    if (starts_later(task, record->answers))
        return N_("Este permiso todavía no empieza.");
    if (is_expired(task, consent->expires))
        return N_("Este permiso ya venció. Pregúntele a la persona si lo "
                  "renueva.");
    if (want->person.size && !str_equal(want->person, consent->person))
        return N_("Este permiso es de otra persona.");
    if (consent->single_act && used && !str_equal(act, want->act))
        return N_("Este permiso era para un solo acto, que ya se hizo. "
                  "Pregúntele a la persona por este.");
    if (act.size && !str_equal(act, want->act))
        return N_("Este permiso es para otro acto. Pregúntele a la persona "
                  "por este.");
    if (consent->single_act ? !want->act.size
                            : !str_equal(consent->purpose, want->purpose))
        return N_("Este permiso es para otra cosa. Pregúntele a la persona "
                  "por esta.");
    if (want->place.size && consent->scope_orgs.size &&
        !words_have(consent->scope_orgs, want->place))
        return N_("Este permiso no incluye a esa organización. Pregúntele a "
                  "la persona si la agrega.");
    if (want->data && !words_within(str_of(want->data), consent->data_scope))
        return N_("Este permiso no incluye todos esos datos. Comparta menos o "
                  "pregúntele a la persona.");
    return NULL;
}

static struct consent consent_of(const struct task *task,
                                 const struct record *record)
{
    const struct value *answers = record->answers;
    const struct doubt doubt = {answers, record->conflicts, task->arena};
    struct consent consent = {
        .id = record->id,
        .person = value_text_of(answers, "person"),
        .purpose = value_text_of(answers, "purpose"),
        .basis = value_text_of(answers, "basis"),
        .data_scope = common_codes(&doubt, "data_scope", false),
        .scope_orgs = common_codes(&doubt, "scope_orgs", true),
        .block_list = value_text_of(answers, "block_list"),
        .expires = earliest(&doubt, "expires"),
        .notice = value_text_of(answers, "notice_version"),
    };

    consent.single_act = str_equal_c(consent.purpose, "acto_unico");
    return consent;
}

/* An act that exists must be about the person who consented. */
static enum error act_is_hers(struct task *task, struct str act,
                              struct str person, bool *hers, struct err *err)
{
    struct str subject = STR_NULL;
    bool found = false;
    enum error error = ERROR_NONE;

    *hers = true;
    if (act.size)
        error = db_get_text(task->db, task->arena, &subject, &found, err,
                            "SELECT record.subject FROM record"
                            " WHERE record.site = $1 AND record.id = $2",
                            "tt", task->office->log.site, act);
    if (found)
        *hers = str_equal(subject, person);
    return error;
}

enum error consent_check(struct task *task, struct str id,
                         const struct consent_want *want,
                         struct consent *consent, bool *active,
                         const char **why, struct err *err)
{
    struct record record = {0};
    const char *reason;
    bool hers = true;
    enum error error;

    error = record_read(&task->office->log, task->db, STR("consent"), id,
                        task->arena, &record, err);
    if (error)
        return error;
    *consent = consent_of(task, &record);
    reason = refusal(task, &record, consent, want);
    if (!reason) {
        bool opposed = false;

        error =
            arco_opposed(task, consent->person, want->purpose, &opposed, err);
        if (error)
            return error;
        if (opposed)
            reason = N_("La persona pidió que sus datos ya no se usen para "
                        "esto. Si cambió de idea, anótelo en su solicitud.");
    }
    if (!reason) {
        error = act_is_hers(task, want->act, consent->person, &hers, err);
        if (error)
            return error;
        if (!hers)
            reason = N_("Este permiso es de otra persona.");
    }
    *active = !reason;
    if (why)
        *why = reason;
    return ERROR_NONE;
}

static enum error list_consents(struct task *task, struct str person,
                                struct record **record, size_t *count,
                                struct err *err)
{
    struct record_filter filter = {
        .kind = STR("consent"), .subject = person, .limit = 500};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, record, count, err);
}

/* For the act itself first, then what lets more be shown. */
static bool is_better(const struct consent *a, const struct consent *b)
{
    if (a->single_act != b->single_act)
        return a->single_act;
    return words_count(a->data_scope) > words_count(b->data_scope);
}

enum error consent_active(struct task *task, struct str person,
                          const struct consent_want *want,
                          struct consent *consent, bool *found, struct err *err)
{
    struct record *record = NULL;
    struct consent best = {0};
    size_t count = 0;
    bool any = false, hers = true, opposed = false;
    enum error error = list_consents(task, person, &record, &count, err);

    if (!error)
        error = act_is_hers(task, want->act, person, &hers, err);
    if (!error)
        error = arco_opposed(task, person, want->purpose, &opposed, err);
    if (error)
        return error;
    hers = hers && !opposed;
    for (size_t i = 0; hers && i < count; i++) {
        struct consent each = consent_of(task, &record[i]);

        if (refusal(task, &record[i], &each, want))
            continue;
        /* One without a named act is not taken for an act by itself. */
        if (each.single_act &&
            !str_equal(value_text_of(record[i].answers, "referral"), want->act))
            continue;
        if (!any || is_better(&each, &best))
            best = each;
        any = true;
    }
    *found = any;
    if (any)
        *consent = best;
    return ERROR_NONE;
}

/* The code of data_scope that a question falls under; empty: none. */
static struct str scope_of(const struct question *question)
{
    static const struct {
        const char *name, *scope;
    } named[] = {
        {"g_contact", "contacto"},
        {"documents", "documentos"},
        {"location_now", "ubicacion"},
        {"location_text", "ubicacion"},
    };
    static const struct {
        const char *compartment, *scope;
    } closed[] = {
        {"health", "salud"},    {"violence", "violencia"}, {"asylum", "asilo"},
        {"child", "identidad"}, {"", "identidad"},
    };
    struct str compartment = STR(""), extra;

    for (const struct question *at = question; at; at = at->parent) {
        extra = value_text_of(at->extra, "bind::cobijo:scope");
        if (extra.size)
            return extra;
        if (at->compartment.size)
            compartment = at->compartment;
    }
    for (const struct question *at = question; at && !compartment.size;
         at = at->parent)
        for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
            if (str_equal_c(at->name, named[i].name))
                return str_of(named[i].scope);
    if (!compartment.size && str_equal_c(question->class, "SEN"))
        return STR("");
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (str_equal_c(compartment, closed[i].compartment))
            return str_of(closed[i].scope);
    return STR("");
}

bool consent_allows_field(const struct consent *consent,
                          const struct question *question)
{
    struct str scope;

    if (!question || question->system || str_equal_c(question->class, "INT"))
        return false;
    if (str_equal_c(question->class, "PUB"))
        return true;
    scope = scope_of(question);
    return scope.size && words_within(scope, consent->data_scope);
}

static struct value *allowed_row(const struct consent *consent,
                                 const struct form *form,
                                 const struct question *repeat,
                                 const struct value *answers,
                                 struct arena *arena)
{
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        const struct question *question =
            repeat ? form_find_in(form, repeat, key) : form_find(form, key);

        if (question && question->type == QUESTION_REPEAT) {
            struct value *rows = value_list(arena);

            for (size_t row = 0; row < value_count(answer); row++) {
                struct value *each = allowed_row(consent, form, question,
                                                 value_at(answer, row), arena);

                if (value_count(each))
                    value_add(rows, arena, each);
            }
            if (value_count(rows))
                value_set(out, arena, key, rows);
        } else if (consent_allows_field(consent, question)) {
            value_set(out, arena, key, answer);
        }
    }
    return out;
}

struct value *consent_allows_fields(const struct consent *consent,
                                    const struct form *form,
                                    const struct value *answers,
                                    struct arena *arena)
{
    return allowed_row(consent, form, NULL, answers, arena);
}

enum error consent_blocks(struct task *task, struct str person,
                          const char *receiver, bool *blocked, struct err *err)
{
    struct record_filter filter = {.kind = STR("consent"), .limit = 500};
    struct record *record = NULL;
    size_t count = 0;
    bool found = str_equal_c(STR("INM"), receiver);
    enum error error =
        found ? ERROR_NONE : person_files(task, person, &filter, err);

    if (!error && !found)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; !error && !found && i < count; i++)
        found = words_have(value_text_of(record[i].answers, "block_list"),
                           str_of(receiver));
    if (!error)
        *blocked = found;
    return error;
}
