/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* series.c - see series.h. */
#include "domain/score/series.h"

#include "domain/access/decide.h"

#include "core/date.h"
#include "domain/person/merge.h"
#include "domain/score/score.h"
#include "form/check.h"
#include "store/project.h"

enum { DUE_SHOWN = 50 };

/* One result with what it is ordered by. */
struct result {
    const struct record *record;
    const struct value *answers; /* what the actor may read of them */
    struct str date;
};

struct reading {
    struct task *task;
    const struct form *form;
    struct result *result; /* oldest first */
    size_t count;
};

/* --- what a form is about --------------------------------------------------
 */

bool form_is_about(const struct form *form, const char *kind, struct str *key)
{
    const struct question *subject;

    *key = value_text_of(form->settings, "cobijo:subject");
    subject = key->size ? form_find(form, *key) : NULL;
    return subject && str_equal_c(subject->ref, kind);
}

bool role_reads_result(const struct role *role, const struct form *form)
{
    size_t results = 0;
    struct str name;

    for (size_t i = 0; i < form->question_count; i++) {
        enum score_role what = score_role(form->question[i], &name);

        if (what != SCORE_TOTAL && what != SCORE_LEVEL)
            continue;
        if (role_reads(role, form->question[i]))
            return true;
        results++;
    }
    return results == 0;
}

/* --- results in order ------------------------------------------------------
 */

/* The day that it says, else that of its writing. */
static struct str date_of(const struct reading *reading,
                          const struct record *record)
{
    const struct question *question = form_find(reading->form, STR("date"));
    struct str text =
        question ? value_text_of(record->answers, "date") : STR("");

    if (text.size)
        return text;
    return date_text(
        reading->task->arena,
        date_from_day(instant_day(record->created, reading->task->utc_offset)));
}

static int compare_results(const void *a, const void *b)
{
    const struct result *left = a, *right = b;
    int order = str_compare(left->date, right->date);

    if (order)
        return order;
    if (left->record->created != right->record->created)
        return left->record->created < right->record->created ? -1 : 1;
    return str_compare(left->record->id, right->record->id);
}

static enum error read_results(struct reading *reading,
                               const struct record_filter *filter,
                               struct err *err)
{
    struct task *task = reading->task;
    const struct role **role = NULL;
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        decide_list(task, filter, false, &record, &role, &count, err);

    if (error)
        return error;
    reading->result = ARENA_ARRAY(task->arena, struct result, count + 1);
    if (!reading->result)
        return err_memory(err);
    for (size_t i = 0; i < count; i++)
        reading->result[reading->count++] = (struct result){
            &record[i],
            role_filter(role[i], reading->form, record[i].answers, task->arena),
            date_of(reading, &record[i])};
    qsort(reading->result, reading->count, sizeof *reading->result,
          compare_results);
    return ERROR_NONE;
}

/* --- the tree --------------------------------------------------------------
 */

static struct str shown(const struct reading *reading,
                        const struct question *question,
                        const struct value *answer)
{
    return answer
               ? answer_display(reading->form, question, answer,
                                reading->task->language, reading->task->arena)
               : STR("");
}

static struct value *record_view(const struct reading *reading,
                                 const struct result *result)
{
    struct arena *arena = reading->task->arena;
    const struct question *occasion = form_occasion(reading->form);
    const struct value *answer =
        occasion ? value_get_str(result->answers, occasion->key) : NULL;
    struct value *out = value_object(arena);

    value_put_str(out, arena, "id", result->record->id);
    value_put_str(out, arena, "date", result->date);
    value_put_int(out, arena, "clock", result->record->clock);
    value_put_str(out, arena, "occasion", value_text(answer));
    value_put_str(out, arena, "occasion_label",
                  occasion ? shown(reading, occasion, answer) : STR(""));
    return out;
}

static struct value *number(struct arena *arena, double n)
{
    double scaled = n * 100;
    int64_t whole = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));

    return whole % 100 == 0 ? value_int(arena, whole / 100)
                            : value_number(arena, (double)whole / 100);
}

/* Levels have no differences. */
static bool number_of(const struct question *question,
                      const struct result *result, double *n)
{
    return !question->choices &&
           str_to_double(
               value_text(value_get_str(result->answers, question->key)), n);
}

static struct value *value_view(const struct reading *reading,
                                const struct question *question,
                                const struct result *result)
{
    struct arena *arena = reading->task->arena;
    const struct value *answer = value_get_str(result->answers, question->key);
    struct value *out = value_object(arena);
    double n;

    value_put(out, arena, "value",
              number_of(question, result, &n) ? number(arena, n)
              : value_text(answer).size       ? answer
                                              : value_null(arena));
    value_put_str(out, arena, "text", shown(reading, question, answer));
    return out;
}

static void put_changes(const struct reading *reading, struct value *out,
                        const struct question *question, size_t from)
{
    struct arena *arena = reading->task->arena;
    struct value *changes = value_list(arena);
    double first = 0, last = 0, n;
    size_t numbers = 0;

    for (size_t i = from; i < reading->count; i++) {
        bool has = number_of(question, &reading->result[i], &n);

        value_add(changes, arena,
                  has && numbers ? number(arena, n - last) : value_null(arena));
        if (!has)
            continue;
        first = numbers++ ? first : n;
        last = n;
    }
    value_put(out, arena, "changes", changes);
    value_put(out, arena, "change",
              numbers > 1 ? number(arena, last - first) : value_null(arena));
}

static struct value *score_view(const struct reading *reading,
                                const struct question *question, size_t from)
{
    static const char *const words[] = {"total", "subtotal", "level",
                                        "complete"};
    struct arena *arena = reading->task->arena;
    struct value *out = value_object(arena), *values = value_list(arena);
    struct str name;
    enum score_role role = score_role(question, &name);

    value_put_str(out, arena, "key", question->key);
    value_put_str(
        out, arena, "label",
        texts_in(reading->form, question->label, reading->task->language));
    value_put_text(out, arena, "role", words[role]);
    value_put_str(out, arena, "name", name);
    value_put_bool(out, arena, "sensitive",
                   str_equal_c(question->class, "SEN"));
    for (size_t i = from; i < reading->count; i++)
        value_add(values, arena,
                  value_view(reading, question, &reading->result[i]));
    value_put(out, arena, "values", values);
    put_changes(reading, out, question, from);
    return out;
}

static struct value *series_view(const struct reading *reading)
{
    struct arena *arena = reading->task->arena;
    struct value *out = value_object(arena);
    struct value *records = value_list(arena), *scores = value_list(arena);
    size_t from =
        reading->count > SERIES_SHOWN ? reading->count - SERIES_SHOWN : 0;
    struct str name;

    value_put_str(out, arena, "kind", reading->form->name);
    value_put_str(
        out, arena, "title",
        texts_in(reading->form, reading->form->title, reading->task->language));
    for (size_t i = from; i < reading->count; i++)
        value_add(records, arena, record_view(reading, &reading->result[i]));
    for (size_t i = 0; i < reading->form->question_count; i++) {
        const struct question *question = reading->form->question[i];

        if (score_role(question, &name) != SCORE_NONE &&
            role_reads(reading->task->actor.role, question))
            value_add(scores, arena, score_view(reading, question, from));
    }
    value_put(out, arena, "records", records);
    value_put(out, arena, "scores", scores);
    return out;
}

enum error series_read(struct task *task, const struct form *form,
                       const struct str *subject, size_t subjects,
                       struct value **series, struct err *err)
{
    struct record_filter filter = {
        .kind = form->name, .where = "_state = 'open'", .limit = SERIES_MOST};
    struct reading reading = {task, form, NULL, 0};
    enum error error = person_narrow(task, subject, subjects, &filter, err);

    if (!error)
        error = read_results(&reading, &filter, err);
    if (!error)
        *series = series_view(&reading);
    return error;
}

/* --- all that were evaluated ------------------------------------------------
 */

/* "Chiapas · Oficina (ejemplo)": what a form without a subject lists. */
static struct str listed(const struct reading *reading,
                         const struct result *result)
{
    struct buf out;
    struct str name;

    buf_init(&out, reading->task->arena);
    for (size_t i = 0; i < reading->form->question_count; i++) {
        const struct question *question = reading->form->question[i];
        struct str text;

        if (!question->listed || question->repeat ||
            question->type == QUESTION_DATE ||
            question->type == QUESTION_CALCULATE ||
            score_role(question, &name) != SCORE_NONE)
            continue;
        text = shown(reading, question,
                     value_get_str(result->answers, question->key));
        if (text.size && out.size)
            buf_puts(&out, " · ");
        buf_put(&out, text);
    }
    return buf_str(&out);
}

static const struct question *total_of(const struct reading *reading)
{
    struct str name;

    for (size_t i = 0; i < reading->form->question_count; i++)
        if (score_role(reading->form->question[i], &name) == SCORE_TOTAL &&
            role_reads(reading->task->actor.role, reading->form->question[i]))
            return reading->form->question[i];
    return NULL;
}

static struct value *mean_of(const struct reading *group)
{
    const struct question *total = total_of(group);
    double sum = 0, n;
    size_t count = 0;

    for (size_t i = 0; total && i < group->count; i++)
        if (number_of(total, &group->result[i], &n)) {
            sum += n;
            count++;
        }
    return count ? number(group->task->arena, sum / (double)count)
                 : value_null(group->task->arena);
}

static struct value *group_view(const struct reading *group, struct str label)
{
    struct arena *arena = group->task->arena;
    struct value *out = value_object(arena);
    struct str key;
    bool about = form_is_about(group->form, "person", &key) ||
                 form_is_about(group->form, "place", &key) || key.size;

    value_put_str(out, arena, "subject",
                  about ? group->result[0].record->subject : STR(""));
    value_put_str(out, arena, "label", label);
    value_put_int(out, arena, "count", (int64_t)group->count);
    value_put(out, arena, "mean", mean_of(group));
    value_put(out, arena, "series", series_view(group));
    return out;
}

struct keyed {
    struct str key;
    size_t index;
};

static int compare_keys(const void *a, const void *b)
{
    const struct keyed *left = a, *right = b;
    int order = str_compare(left->key, right->key);

    return order                        ? order
           : left->index < right->index ? -1
                                        : left->index > right->index;
}

enum error series_groups(struct task *task, const struct form *form,
                         struct value **groups, struct err *err)
{
    struct record_filter filter = {
        .kind = form->name, .where = "_state = 'open'", .limit = SERIES_MOST};
    struct reading all = {task, form, NULL, 0}, group = {task, form, NULL, 0};
    struct value *list = value_list(task->arena);
    struct keyed *keyed;
    struct str name = STR("");
    enum error error = read_results(&all, &filter, err);
    bool about = value_text_of(form->settings, "cobijo:subject").size > 0;

    if (error)
        return error;
    keyed = ARENA_ARRAY(task->arena, struct keyed, all.count + 1);
    group.result = ARENA_ARRAY(task->arena, struct result, all.count + 1);
    if (!keyed || !group.result)
        return err_memory(err);
    for (size_t i = 0; i < all.count; i++)
        keyed[i] = (struct keyed){about ? all.result[i].record->subject
                                        : listed(&all, &all.result[i]),
                                  i};
    qsort(keyed, all.count, sizeof *keyed, compare_keys);
    for (size_t i = 0; i < all.count; i++) {
        name = keyed[i].key;
        group.result[group.count++] = all.result[keyed[i].index];
        if (i + 1 < all.count && str_equal(keyed[i + 1].key, name))
            continue;
        value_add(list, task->arena,
                  group_view(&group, about ? STR("") : name));
        group.count = 0;
    }
    *groups = list;
    return ERROR_NONE;
}

/* --- to be done again -------------------------------------------------------
 */

static void add_due(struct reading *reading, struct value *list,
                    const struct record *record, int64_t day)
{
    struct arena *arena = reading->task->arena;
    const struct form *form = reading->form;
    struct str key = value_text_of(form->settings, "cobijo:subject");
    const struct question *subject = form_find(form, key);
    struct str date =
        value_text(value_get_str(record->answers, form_review(form)->key));
    struct value *item = value_object(arena);
    struct date parsed;

    value_put_str(item, arena, "kind", form->name);
    value_put_str(item, arena, "title",
                  texts_in(form, form->title, reading->task->language));
    value_put_str(item, arena, "id", record->id);
    value_put_str(item, arena, "about", subject ? subject->ref : STR(""));
    value_put_str(item, arena, "subject", record->subject);
    value_put_str(item, arena, "key", key);
    value_put_str(item, arena, "date", date);
    value_put_bool(item, arena, "late",
                   date_parse_whole(date, &parsed) &&
                       date_to_day(parsed) < day);
    value_add(list, arena, item);
}

/* Only the newest of each subject asks, by the day it says, else by when it was
 * written: a later one has answered it. */
static const char *due_where(struct task *task, const struct form *form)
{
    const struct question *review = form_review(form);
    struct str kind = form->name, later = STR("later._clock > @._clock");
    struct arena *arena = task->arena;
    struct buf out;

    if (form_find(form, STR("date")))
        later = STR("(coalesce(later.{#.date}, '') > coalesce(@.{#.date}, '')"
                    " OR (coalesce(later.{#.date}, '') ="
                    " coalesce(@.{#.date}, '') AND later._clock > @._clock))");
    buf_init(&out, arena);
    buf_printf(&out,
               "_state = 'open' AND _subject <> '' AND {%.*s} <> '' AND"
               " {%.*s} <= $3 AND NOT EXISTS (SELECT 1 FROM {%.*s} AS later"
               " WHERE later._site = {%.*s}._site AND later._subject ="
               " {%.*s}._subject AND later._state = 'open' AND ",
               STR_ARGS(review->key), STR_ARGS(review->key), STR_ARGS(kind),
               STR_ARGS(kind), STR_ARGS(kind));
    for (size_t i = 0; i < later.size; i++)
        if (later.at[i] == '@')
            buf_printf(&out, "{%.*s}", STR_ARGS(kind));
        else if (later.at[i] == '#')
            buf_put(&out, kind);
        else
            buf_putc(&out, later.at[i]);
    buf_putc(&out, ')');
    return str_c(arena, buf_str(&out));
}

static enum error form_due(struct reading *reading, int64_t day,
                           struct value *list, struct err *err)
{
    struct task *task = reading->task;
    struct arena *arena = task->arena;
    struct str review = form_review(reading->form)->key;
    struct db_value value = {.type = 't',
                             .t = date_text(arena, date_from_day(day))};
    struct record_filter filter = {
        .kind = reading->form->name,
        .where = due_where(task, reading->form),
        .value = &value,
        .value_count = 1,
        .order =
            str_c(arena, str_format(arena, "{%.*s}, _id", STR_ARGS(review))),
        .limit = DUE_SHOWN};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        decide_list(task, &filter, false, &record, NULL, &count, err);

    for (size_t i = 0; !error && i < count; i++)
        add_due(reading, list, &record[i], day);
    return error;
}

enum error series_due(struct task *task, int64_t day, struct value **due,
                      struct err *err)
{
    const struct role *role = task->actor.role;
    struct value *list = value_list(task->arena);
    const struct form **form = NULL;
    size_t count = forms_list(task->office->forms, task->arena, &form);
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < count; i++) {
        const struct question *review = form_review(form[i]);
        struct reading reading = {task, form[i], NULL, 0};

        if (review && value_text_of(form[i]->settings, "cobijo:subject").size &&
            role_has(role, right_to_write(form[i]->name)) &&
            role_reads(role, review) && role_reads_result(role, form[i]))
            error = form_due(&reading, day, list, err);
    }
    *due = list;
    return error;
}
