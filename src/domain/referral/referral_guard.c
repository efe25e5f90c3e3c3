/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_guard.c - the rules that refuse a receiver (catalog/block.csv): no
 * identity to enforcement, no word to the consulate of somebody who needs
 * protection from that country, consent for the single act where the table
 * names that exception. In doubt a rule applies: to the kind that somebody
 * chose for the receiver, and to the kind that its name gives away.
 */
#include "core/utf8.h"
#include "domain/referral/referral_private.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

static struct str either(const struct value *answers, const char *first,
                         const char *second)
{
    struct str text = value_text_of(answers, first);

    return text.size ? text : value_text_of(answers, second);
}

/* Words of a name in one spelling: " consulado gral de honduras ". */
static struct str plain_name(struct arena *arena, struct str name)
{
    struct str folded = utf8_fold(arena, name, false);
    struct buf out;

    buf_init(&out, arena);
    buf_putc(&out, ' ');
    for (size_t i = 0; i < folded.size; i++) {
        unsigned char c = (unsigned char)folded.at[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;

        if (letter)
            buf_putc(&out, (char)c);
        else if (buf_str(&out).at[out.size - 1] != ' ')
            buf_putc(&out, ' ');
    }
    buf_putc(&out, ' ');
    return buf_str(&out);
}

/* What the receiver's name says it is (catalog/receiver_name.csv), beside what
 * somebody chose: kinds with a space between them. */
static struct str types_by_name(const struct guard *guard, struct str name)
{
    const struct catalog_table *table =
        catalog_table(guard->task->office->catalog, "receiver_name");
    struct arena *arena = guard->task->arena;
    struct str plain = plain_name(arena, name), types = STR("");

    for (size_t row = 0; table && name.size && row < table->rows; row++) {
        struct str words = str_format(
            arena, " %.*s ", STR_ARGS(catalog_cell(table, row, "words")));

        if (str_find(plain, words) == SIZE_MAX ||
            words_have(catalog_cell(table, row, "unless"), guard->stated_type))
            continue;
        types =
            words_union(arena, types, catalog_cell(table, row, "place_type"));
    }
    return types;
}

static bool type_is_enforcement(const struct guard *guard)
{
    const struct catalog_table *table =
        catalog_table(guard->task->office->catalog, "place_type");
    size_t row = table ? catalog_find(table, guard->place_type) : SIZE_MAX;

    return row != SIZE_MAX &&
           str_equal_c(catalog_cell(table, row, "enforcement"), "yes");
}

/* Her own consulate; one whose country nobody wrote down may be hers. */
static bool own_consulate(const struct guard *guard)
{
    static const char *const countries[] = {"nationality", "nationality_2",
                                            "country_of_birth",
                                            "country_habitual_residence"};

    if (!guard->consulate_of.size)
        return true;
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
        if (str_equal(value_text_of(guard->person, countries[i]),
                      guard->consulate_of))
            return true;
    }
    return !value_text_of(guard->person, "nationality").size;
}

static bool receiver_matches(const struct guard *guard,
                             const struct catalog_table *table, size_t row)
{
    if (str_equal_c(catalog_cell(table, row, "enforcement"), "yes") &&
        guard->enforcement)
        return true;
    if (!words_have(catalog_cell(table, row, "place_type"), guard->place_type))
        return false;
    return !str_equal_c(catalog_cell(table, row, "own_consulate"), "yes") ||
           own_consulate(guard);
}

static bool profile_matches(const struct guard *guard,
                            const struct catalog_table *table, size_t row)
{
    struct str profiles = catalog_cell(table, row, "profiles");
    struct str states = catalog_cell(table, row, "states");

    if (!profiles.size)
        return true;
    for (size_t i = 0; i < guard->profiles; i++) {
        if (words_have(profiles, guard->profile[i].code) &&
            (!states.size || words_have(states, guard->profile[i].state)))
            return true;
    }
    return false;
}

/* She said herself that her consulate must not know. */
static enum error asked_to_block(const struct guard *guard, bool *blocked)
{
    *blocked = false;
    if (!str_equal_c(guard->place_type, "CONS"))
        return ERROR_NONE;
    return consent_blocks(guard->task, guard->person_id, "CONSULADO", blocked,
                          guard->err);
}

static enum error excepted(const struct guard *guard, struct str purpose,
                           bool *allowed)
{
    struct consent_want want = {
        .purpose = purpose, .act = guard->act, .place = guard->place};
    struct consent consent;

    *allowed = false;
    if (!purpose.size || !guard->act.size)
        return ERROR_NONE;
    return consent_active(guard->task, guard->person_id, &want, &consent,
                          allowed, guard->err);
}

/* For one kind of receiver, guard->place_type. */
static enum error apply_rules(struct guard *guard, const struct value *receiver,
                              const char **why)
{
    const struct catalog_table *table =
        catalog_table(guard->task->office->catalog, "block");
    bool asked;
    enum error error = asked_to_block(guard, &asked);

    *why = NULL;
    guard->enforcement =
        str_equal_c(value_text_of(receiver, "is_enforcement"), "yes") ||
        type_is_enforcement(guard);
    if (!table)
        return err_set(guard->err, ERROR_INTERNAL,
                       N_("Falta la tabla {1} del catálogo."), "block", NULL,
                       NULL);
    for (size_t row = 0; error == ERROR_NONE && row < table->rows; row++) {
        bool allowed;

        if (!receiver_matches(guard, table, row) ||
            !(profile_matches(guard, table, row) || asked))
            continue;
        error = excepted(guard, catalog_cell(table, row, "exception_purpose"),
                         &allowed);
        if (error != ERROR_NONE || allowed)
            continue;
        *why = str_c(guard->task->arena, catalog_label(table, row, "message",
                                                       guard->task->language));
        guard->exception =
            catalog_cell(table, row, "exception_purpose").size > 0;
        return ERROR_NONE;
    }
    return error;
}

enum error guard_init(struct guard *guard, struct task *task, struct str person,
                      struct err *err)
{
    struct record record;
    enum error error;

    *guard = (struct guard){.task = task, .person_id = person, .err = err};
    if ((error = record_read(&task->office->log, task->db, STR("person"),
                             person, task->arena, &record, err)) ||
        (error = profile_list(task, person, &guard->profile, &guard->profiles,
                              err)))
        return error;
    guard->person = record.answers;
    return ERROR_NONE;
}

enum error guard_check(struct guard *guard, const struct value *receiver,
                       struct str act, const char **why)
{
    struct str types, type;
    enum error error = ERROR_NONE;

    guard->act = act;
    guard->stated_type = either(receiver, "to_type", "place_type");
    guard->consulate_of = either(receiver, "to_consulate_of", "consulate_of");
    guard->place = value_text_of(receiver, "to_place");
    types =
        words_union(guard->task->arena, guard->stated_type,
                    types_by_name(guard, either(receiver, "to_name", "name")));
    *why = NULL;
    guard->exception = false;
    if (!catalog_table(guard->task->office->catalog, "receiver_name"))
        return err_set(guard->err, ERROR_INTERNAL,
                       N_("Falta la tabla {1} del catálogo."), "receiver_name",
                       NULL, NULL);
    if (!types.size)
        return apply_rules(guard, receiver, why);
    while (!error && !*why && words_next(&types, &type)) {
        guard->place_type = type;
        error = apply_rules(guard, receiver, why);
    }
    return error;
}

enum error guard_referral(struct guard *guard, struct task *task,
                          struct str referral, const struct value *answers,
                          const char **why, struct err *err)
{
    struct value *receiver = value_copy(answers, task->arena);
    struct str place = value_text_of(answers, "to_place");
    struct record record;
    enum error error;

    if (place.size) {
        error = record_read(&task->office->log, task->db, STR("place"), place,
                            task->arena, &record, err);
        if (error != ERROR_NONE)
            return error;
        value_put_str(receiver, task->arena, "to_type",
                      value_text_of(record.answers, "place_type"));
        value_put_str(receiver, task->arena, "to_consulate_of",
                      value_text_of(record.answers, "consulate_of"));
        value_put_str(receiver, task->arena, "is_enforcement",
                      value_text_of(record.answers, "is_enforcement"));
        value_put_str(receiver, task->arena, "to_name",
                      value_text_of(record.answers, "name"));
    }
    error = guard_init(guard, task, value_text_of(answers, "person"), err);
    if (error == ERROR_NONE)
        error = guard_check(guard, receiver, referral, why);
    return error;
}

enum error referral_guard(struct task *task, struct str referral,
                          const struct value *answers, struct err *err)
{
    struct guard guard;
    const char *why = NULL;
    enum error error =
        guard_referral(&guard, task, referral, answers, &why, err);

    if (error == ERROR_NONE && why)
        return err_set(err, ERROR_BLOCKED, why, NULL, NULL, NULL);
    return error;
}
