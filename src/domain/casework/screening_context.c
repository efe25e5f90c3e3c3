/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_context.c - the person's record as names for rules. */
#include "domain/casework/screening_context.h"

#include "core/date.h"
#include "domain/person/age.h"
#include "domain/calendar.h"
#include "domain/casework/screening.h"

/* The day of entry: told in this screening, else in her record. */
static struct str entry_date(const struct screening_context *context)
{
    struct str text = value_text_of(context->answers, "q08_entry");

    return text.size ? text : value_text_of(context->person, "entry_date_mx");
}

void screening_context_init(struct screening_context *context,
                            struct task *task, const struct value *answers,
                            const struct value *person, struct arena *arena)
{
    int64_t today = task_day(task);
    struct date entry;
    int age;

    *context = (struct screening_context){
        .task = task, .answers = answers, .person = person, .arena = arena};
    age = age_on_day(person, today, true);
    if (age >= 0)
        context->age = str_format(arena, "%d", age);
    if (date_parse_whole(entry_date(context), &entry))
        context->working_days_since_entry =
            str_format(arena, "%d",
                       calendar_working_days(task, date_to_day(entry), today));
}

static struct str named(const struct screening_context *context,
                        struct str name)
{
    struct str text = value_text(value_get_str(context->person, name));

    return text.size ? text : STR_NULL;
}

bool screening_context_get(const struct screening_context *context,
                           struct str name, struct str *text)
{
    const struct catalog_table *table =
        catalog_table(context->task->office->catalog, "context");

    if (!table || catalog_find(table, name) == SIZE_MAX)
        return false;
    if (str_equal_c(name, "age"))
        *text = context->age;
    else if (str_equal_c(name, "host_country"))
        *text = context->task->office->country;
    else if (str_equal_c(name, "working_days_since_entry"))
        *text = context->working_days_since_entry;
    else
        *text = named(context, name);
    return true;
}

void screening_prepare(struct task *task, const struct form *form,
                       struct value *answers, const struct value *person)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "context");
    struct screening_context context;

    screening_context_init(&context, task, answers, person, task->arena);
    for (size_t row = 0; table && row < table->rows; row++) {
        struct str name = table->cell[row * table->columns];
        const struct question *question = form_find(form, name);
        struct str text = STR_NULL;

        if (!question || question->type != QUESTION_HIDDEN)
            continue;
        screening_context_get(&context, name, &text);
        value_set(answers, task->arena, name, value_string(task->arena, text));
    }
}
