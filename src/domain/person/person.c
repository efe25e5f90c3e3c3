/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person.c - the invariants of a person's file and its header. Registration
 * of several is in person_register.c, merging in merge.c.
 */
#include "domain/person/person.h"

#include "domain/person/age.h"
#include "domain/person/merge.h"
#include "domain/person/person_token.h"
#include "core/date.h"
#include "form/check.h"

/* 31 signs, a prime: the weighted sum finds every single wrong sign and every
 * swap of neighbours. */
static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
enum { SIGNS = sizeof signs - 1, CODE_SIZE = 8 };

static int sign_value(char c)
{
    const char *at = c ? strchr(signs, c) : NULL;

    return at ? (int)(at - signs) : -1;
}

/* -1 when a sign is not of the alphabet. */
static int check_value(const char *code)
{
    int sum = 0;

    for (int i = 0; i < CODE_SIZE; i++) {
        int value = sign_value(code[i]);

        if (value < 0)
            return -1;
        sum += value * (i + 2);
    }
    return sum % SIGNS;
}

struct str case_code_new(const struct host *host, struct arena *arena)
{
    char code[CODE_SIZE];
    size_t count = 0;

    while (count < CODE_SIZE) {
        unsigned char byte[16];

        host->random(host->context, byte, sizeof byte);
        for (size_t i = 0; i < sizeof byte && count < CODE_SIZE; i++)
            if (byte[i] < 256 / SIGNS * SIGNS) /* no sign likelier */
                code[count++] = signs[byte[i] % SIGNS];
    }
    return str_format(arena, "%.4s-%.4s%c", code, code + 4,
                      signs[check_value(code)]);
}

bool case_code_valid(struct arena *arena, struct str code)
{
    struct str plain = code_plain(arena, code);

    return plain.size == CODE_SIZE + 1 &&
           check_value(plain.at) == sign_value(plain.at[CODE_SIZE]) &&
           sign_value(plain.at[CODE_SIZE]) >= 0;
}

const struct name_rules *task_names(const struct task *task)
{
    return task->office->log.tokens_context;
}

/* --- the rule ------------------------------------------------------------ */

/* Among the people in the index. Against the few hundred newest, chance is
 * the guard: of 31^8 codes one is hit in some 10^9 registrations. */
static enum error code_is_taken(struct task *task, struct str code, bool *taken,
                                struct err *err)
{
    struct search_token token = {.class = 'c',
                                 .text = code_plain(task->arena, code)};

    return search_indexed(task->db, task->office->log.site, &token, taken, err);
}

static enum error give_code(struct task *task, struct value *after,
                            struct err *err)
{
    bool taken = true;
    struct str code = STR_NULL;
    enum error error = ERROR_NONE;

    for (int i = 0; !error && taken && i < 5; i++) {
        code = case_code_new(task->office->host, task->arena);
        error = code_is_taken(task, code, &taken, err);
    }
    if (!error)
        value_put_str(after, task->arena, "case_code", code);
    return error;
}

static bool changed(const struct value *before, const struct value *after,
                    const char *field)
{
    return !str_equal(value_text_of(before, field),
                      value_text_of(after, field));
}

/* An age is true of the day it was said. */
static void note_age_day(struct task *task, const struct save *save,
                         const struct value *before, struct value *after)
{
    if (!value_text_of(after, "age_years").size &&
        !value_text_of(after, "age_youngest").size)
        return;
    if (value_text_of(save->system, "age_on").size)
        return;
    if (value_text_of(after, "age_on").size &&
        !changed(before, after, "age_years") &&
        !changed(before, after, "age_youngest"))
        return;
    value_put_str(after, task->arena, "age_on",
                  date_text(task->arena, date_from_day(task_day(task))));
}

enum error person_rule(struct task *task, struct change *change,
                       const struct save *save, const struct value *before,
                       struct value *after, struct err *err)
{
    (void)change;
    if (value_text_of(before, "merged_into").size &&
        !value_get(save->system, "merged_into"))
        return err_set(err, ERROR_CONFLICT,
                       N_("Este expediente se unió a otro. Abra el otro o "
                          "deshaga la unión antes de cambiarlo."),
                       NULL, NULL, NULL);
    if (str_equal_c(value_text_of(after, "anonymity_level"),
                    "anonymous_count") &&
        name_full(task->arena, after).size)
        return err_set(err, ERROR_INPUT,
                       N_("La persona pidió no dar su nombre: quite el nombre "
                          "o elija otra forma de registro."),
                       NULL, NULL, NULL);
    note_age_day(task, save, before, after);
    if (value_text_of(after, "case_code").size)
        return ERROR_NONE;
    return give_code(task, after, err);
}

/* --- the header ---------------------------------------------------------- */

/* A msgid with up to two numbers, in the reader's language. */
static struct str say(const struct task *task, const char *msgid, int one,
                      int two)
{
    struct err text = {0};
    char first[16], second[16];

    snprintf(first, sizeof first, "%d", one);
    snprintf(second, sizeof second, "%d", two);
    err_set(&text, ERROR_INPUT, msgid, first, second, NULL);
    return err_text(&text, task->translator, task->arena);
}

static struct str months_text(const struct task *task,
                              const struct value *answers, int64_t day)
{
    struct date birth, today = date_from_day(day);
    int months;

    if (!date_parse_whole(value_text_of(answers, "birth_date"), &birth))
        return say(task, N_("menos de un año"), 0, 0);
    months = (today.year - birth.year) * 12 + today.month - birth.month -
             (today.day < birth.day ? 1 : 0);
    return months == 1 ? say(task, N_("1 mes"), 0, 0)
                       : say(task, N_("{1} meses"), months, 0);
}

struct str person_age_text(const struct task *task, const struct value *answers,
                           int64_t day)
{
    int low = age_on_day(answers, day, true);
    int high = age_on_day(answers, day, false);
    struct str source = value_text_of(answers, "age_source");

    if (high < 0)
        return say(task, N_("edad sin anotar"), 0, 0);
    if (str_equal_c(source, "en_disputa"))
        return low == high
                   ? say(task, N_("edad en duda: {1} años"), low, 0)
                   : say(task, N_("edad en duda: {1} a {2} años"), low, high);
    if (low == high && high == 0)
        return months_text(task, answers, day);
    if (str_equal_c(source, "estimada") && high - low < 2)
        return say(task, N_("unos {1} años"), low, 0);
    if (low == high)
        return low == 1 ? say(task, N_("1 año"), 0, 0)
                        : say(task, N_("{1} años"), low, 0);
    return say(task, N_("{1} a {2} años"), low, high);
}

static struct str label_of(struct task *task, const struct form *form,
                           const struct value *answers, const char *field)
{
    const struct question *question = form_find(form, str_of(field));
    const struct value *answer = value_get(answers, field);

    if (!question || !value_text(answer).size)
        return STR_NULL;
    return answer_display(form, question, answer, task->language, task->arena);
}

static void header_names(struct task *task, const struct value *answers,
                         struct person_header *header)
{
    struct str full = name_full(task->arena, answers);

    header->name = name_of_person(task->arena, answers);
    if (full.size && !str_equal(full, header->name))
        header->full_name = full;
    if (!header->name.size)
        header->name =
            translate(task->translator, STR(N_("Persona sin nombre")));
}

void person_header_of(struct task *task, struct str id,
                      const struct value *answers, struct person_header *header)
{
    const struct form *form =
        forms_find(task->office->forms, STR("person"), STR_NULL);
    int64_t day = task_day(task);

    *header = (struct person_header){.id = id};
    header_names(task, answers, header);
    header->case_code = value_text_of(answers, "case_code");
    header->age = person_age_text(task, answers, day);
    header->age_low = age_on_day(answers, day, true);
    header->age_high = age_on_day(answers, day, false);
    header->child = age_is_child(answers, day);
    header->age_in_doubt =
        str_equal_c(value_text_of(answers, "age_source"), "en_disputa");
    header->sex = label_of(task, form, answers, "sex");
    header->nationality = label_of(task, form, answers, "nationality");
    header->language = label_of(task, form, answers, "language_main");
    header->interpreter =
        str_equal_c(value_text_of(answers, "interpreter_needed"), "yes");
    header->phone = value_text_of(answers, "phone");
    header->contact_safe = value_text_of(answers, "safe_to_contact");
    header->contact_safe_text =
        label_of(task, form, answers, "safe_to_contact");
    header->contact_how = value_text_of(answers, "contact_how");
}

enum error person_header(struct task *task, struct str id,
                         struct person_header *header, struct err *err)
{
    struct record record;
    struct str kept = id;
    enum error error = person_resolve(task, id, &kept, err);

    if (!error)
        error = record_get(task, STR("person"), kept, &record, err);
    if (error)
        return error;
    person_header_of(task, kept, record.answers, header);
    header->clock = record.clock;
    header->state = record.state;
    if (!str_equal(kept, id))
        header->merged_from = id;
    return ERROR_NONE;
}

struct value *person_header_view(struct task *task,
                                 const struct person_header *header)
{
    struct arena *arena = task->arena;
    struct value *view = value_object(arena);

    value_put_str(view, arena, "id", header->id);
    value_put_str(view, arena, "name", header->name);
    value_put_str(view, arena, "full_name", header->full_name);
    value_put_str(view, arena, "case_code", header->case_code);
    value_put_str(view, arena, "age", header->age);
    value_put_bool(view, arena, "child", header->child);
    value_put_bool(view, arena, "age_in_doubt", header->age_in_doubt);
    value_put_str(view, arena, "sex", header->sex);
    value_put_str(view, arena, "nationality", header->nationality);
    value_put_str(view, arena, "language", header->language);
    value_put_bool(view, arena, "interpreter", header->interpreter);
    value_put_str(view, arena, "phone", header->phone);
    value_put_str(view, arena, "contact_safe", header->contact_safe);
    value_put_str(view, arena, "contact_safe_text", header->contact_safe_text);
    value_put_str(view, arena, "contact_how", header->contact_how);
    value_put_bool(view, arena, "contact_unsafe",
                   str_equal_c(header->contact_safe, "no"));
    return view;
}
