/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arco_view.c - requests as they are read: whose turn it is, the letter that
 * answers one, and what an opposition stops.
 */
#include "core/date.h"
#include "domain/arco/arco.h"
#include "domain/calendar.h"
#include "domain/person/merge.h"
#include "domain/person/words.h"
#include "store/project.h"

enum { LISTED = 500, WARN_WORKING_DAYS = 5 };

/* -- opposition ------------------------------------------------------------ */

enum error arco_opposed(struct task *task, struct str person,
                        struct str purpose, bool *opposed, struct err *err)
{
    struct record_filter filter = {.kind = STR("rights_request"),
                                   .where =
                                       "{type} = 'oposicion' AND {state} NOT IN"
                                       " ('negada', 'retirada')",
                                   .limit = LISTED};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = person_files(task, person, &filter, err);

    *opposed = false;
    if (!error)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; i < count && !error; i++)
        *opposed =
            *opposed ||
            words_have(value_text_of(record[i].answers, "purposes"), purpose);
    return error;
}

/* -- the list -------------------------------------------------------------- */

static struct str choice_label(struct task *task, const char *key,
                               const struct value *answers)
{
    const struct form *form =
        forms_find(task->office->forms, STR("rights_request"), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;

    return question ? answer_display(form, question, value_get(answers, key),
                                     task->language, task->arena)
                    : value_text_of(answers, key);
}

static struct str due_of(const struct value *answers)
{
    bool answered = str_equal_c(value_text_of(answers, "state"), "por_cumplir");

    return value_text_of(answers, answered ? "due_effect" : "due_answer");
}

static void put_due(struct task *task, const struct value *answers,
                    struct value *item)
{
    struct date due;
    int64_t today = task_day(task), day;
    int left;

    value_put_str(item, task->arena, "due", due_of(answers));
    value_put_bool(item, task->arena, "late", false);
    value_put_bool(item, task->arena, "soon", false);
    value_put_int(item, task->arena, "left_days", 0);
    if (!date_parse_whole(due_of(answers), &due))
        return;
    day = date_to_day(due);
    left = calendar_working_days(task, today, day);
    value_put_bool(item, task->arena, "late", day < today);
    value_put_bool(item, task->arena, "soon",
                   day >= today && left <= WARN_WORKING_DAYS);
    value_put_int(item, task->arena, "left_days", left);
}

static struct value *item_of(struct task *task, const struct record *record)
{
    static const char *const copied[] = {"folio", "type", "state", "person",
                                         "received_on"};
    struct arena *arena = task->arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "id", record->id);
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        value_put_str(item, arena, copied[i],
                      value_text_of(record->answers, copied[i]));
    value_put_str(item, arena, "type_label",
                  choice_label(task, "type", record->answers));
    value_put_str(item, arena, "state_label",
                  choice_label(task, "state", record->answers));
    put_due(task, record->answers, item);
    return item;
}

enum error arco_list(struct task *task, bool all, struct value **list,
                     struct err *err)
{
    struct record_filter filter = {
        .kind = STR("rights_request"),
        .where =
            all ? NULL : "{state} IN ('recibida', 'en_tramite', 'por_cumplir')",
        .order = "{due_answer}, _id",
        .limit = LISTED};
    struct value *out = value_list(task->arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (role_has(task->actor.role, RIGHT_DATA_RIGHTS))
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; i < count && !error; i++)
        value_add(out, task->arena, item_of(task, &record[i]));
    *list = out;
    return error;
}

/* -- the clock ------------------------------------------------------------- */

enum error arco_tick(struct task *task, size_t *changed, struct err *err)
{
    struct db_value value = {.type = 't'};
    struct record_filter filter = {
        .kind = STR("rights_request"),
        .where = "{escalated_at} IS NULL AND (({state} IN"
                 " ('recibida', 'en_tramite') AND {due_answer} < $3)"
                 " OR ({state} = 'por_cumplir' AND {due_effect} < $3))",
        .value = &value,
        .value_count = 1,
        .limit = LISTED};
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    value.t = date_text(task->arena, date_from_day(task_day(task) + 2));
    error = record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &count, err);
    for (size_t i = 0; i < count && !error; i++) {
        struct value *system = value_object(task->arena);
        struct save save = {.kind = STR("rights_request"),
                            .id = record[i].id,
                            .input = value_object(task->arena),
                            .system = system,
                            .trusted = true};
        struct saved saved;

        value_put_str(system, task->arena, "escalated_at",
                      instant_text(task->arena, task->now));
        error = record_save(task, &save, &saved, err);
        *changed += !error;
    }
    return error;
}

/* -- letters --------------------------------------------------------------- */

static struct str day_words(struct task *task, struct str text)
{
    struct date date;

    if (!date_parse_whole(text, &date))
        return text;
    return str_format(task->arena, "%02d/%02d/%04d", date.day, date.month,
                      date.year);
}

static struct str regime_cell(struct task *task, const char *column,
                              struct str language)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "arco");

    return table ? catalog_label(table, arco_regime(task), column, language)
                 : STR("");
}

static struct str letter_text(struct task *task, struct str name,
                              struct str language)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "letter");
    size_t row = table ? catalog_find(table, name) : SIZE_MAX;

    return row == SIZE_MAX ? STR("")
                           : catalog_label(table, row, "text", language);
}

static struct str purposes_text(struct task *task, struct str codes,
                                struct str language)
{
    struct str code;
    struct buf out;

    buf_init(&out, task->arena);
    while (words_next(&codes, &code)) {
        if (out.size)
            buf_puts(&out, "; ");
        buf_put(&out, catalog_name(task->office->catalog, "consent_purpose",
                                   code, language));
    }
    return buf_str(&out);
}

struct filling {
    struct task *task;
    const struct value *answers;
    struct str language;
};

/* What stands for a place in a letter. */
static struct str place_text(const struct filling *filling, struct str name)
{
    struct task *task = filling->task;
    const struct value *answers = filling->answers;

    if (str_equal_c(name, "received"))
        return day_words(task, value_text_of(answers, "received_on"));
    if (str_equal_c(name, "due"))
        return day_words(task, value_text_of(answers, "due_answer"));
    if (str_equal_c(name, "effect"))
        return day_words(task, value_text_of(answers, "due_effect"));
    if (str_equal_c(name, "type"))
        return choice_label(task, "type", answers);
    if (str_equal_c(name, "why"))
        return value_text_of(answers, "extended_why");
    if (str_equal_c(name, "note"))
        return value_text_of(answers, "answer_note");
    if (str_equal_c(name, "reason"))
        return catalog_name(task->office->catalog, "refusal",
                            value_text_of(answers, "refusal"),
                            filling->language);
    if (str_equal_c(name, "what"))
        return purposes_text(task, value_text_of(answers, "purposes"),
                             filling->language);
    if (str_equal_c(name, "law") || str_equal_c(name, "authority"))
        return regime_cell(task, str_c(task->arena, name), filling->language);
    return STR("");
}

static struct str fill(const struct filling *filling, struct str text)
{
    struct arena *arena = filling->task->arena;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        struct str rest = str_slice(text, i + 1, text.size);
        size_t end = text.at[i] == '{' ? str_find_char(rest, '}') : SIZE_MAX;
        struct str name;

        if (end == SIZE_MAX) {
            buf_putc(&out, text.at[i]);
            continue;
        }
        name = str_slice(rest, 0, end);
        buf_put(&out,
                str_equal_c(name, "complain")
                    ? fill(filling, letter_text(filling->task, STR("queja"),
                                                filling->language))
                    : place_text(filling, name));
        i += end + 1;
    }
    return buf_str(&out);
}

struct str arco_letter(struct task *task, const struct record *request,
                       const char *which, struct str language)
{
    struct task reader = *task;
    struct filling filling = {&reader, request->answers, language};
    struct str decision = value_text_of(request->answers, "decision");
    struct str text =
        which ? letter_text(task, str_of(which), language) : STR("");

    reader.language = language;
    if (!which) {
        text = letter_text(
            task,
            str_format(task->arena, "%.*s.%.*s",
                       STR_ARGS(value_text_of(request->answers, "type")),
                       STR_ARGS(decision)),
            language);
        if (!text.size)
            text = letter_text(task, decision, language);
    }
    return fill(&filling, text);
}
