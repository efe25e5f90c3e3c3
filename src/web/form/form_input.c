/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_input.c - what comes back from a form: answers from the fields of a
 * post or of a JSON body, the add and remove buttons of repeats, and what is
 * said about problems and about two people editing at once.
 */
#include "web/form/widget.h"

#include "domain/person/person_find.h"

/* Our own fields begin with '_'; "_why" is the form's. */
static const struct value *fields_of_form(struct view *view)
{
    struct value *kept = value_object(view->task.arena);

    for (size_t i = 0; i < value_count(view->fields); i++) {
        struct str name = value_name_at(view->fields, i);

        if (str_starts(name, STR("_")) && !str_equal_c(name, "_why"))
            continue;
        value_set(kept, view->task.arena, name, value_at(view->fields, i));
    }
    return kept;
}

static bool body_is_json(const struct view *view)
{
    return str_starts(request_header(view->request, "content-type"),
                      STR("application/json"));
}

/* Programs may send 3, true or null where a form sends "3", "yes", "". */
static const struct value *plain_answer(const struct value *answer,
                                        struct arena *arena)
{
    struct value *list;

    switch (value_type(answer)) {
    case VALUE_NULL:
        return value_string(arena, STR(""));
    case VALUE_BOOL:
        return value_string(arena, value_to_bool(answer, false) ? STR("yes")
                                                                : STR("no"));
    case VALUE_INT:
    case VALUE_NUMBER:
        return value_string(arena, value_as_text(answer, arena));
    case VALUE_LIST:
        list = value_list(arena);
        for (size_t i = 0; i < value_count(answer); i++)
            value_add(list, arena, value_at(answer, i));
        return list;
    case VALUE_STRING:
    case VALUE_OBJECT:
        break;
    }
    return answer;
}

static struct value *plain_answers(struct view *view,
                                   const struct value *fields)
{
    struct arena *arena = view->task.arena;
    struct value *answers = value_object(arena);

    for (size_t i = 0; i < value_count(fields); i++)
        value_set(answers, arena, value_name_at(fields, i),
                  plain_answer(value_at(fields, i), arena));
    return answers;
}

/* A person named by her code or whole name becomes her record, when there is
 * only one it can be; otherwise what was typed stays and is refused. */
static struct str person_named(struct view *view, struct str typed)
{
    struct find_hit *hit = NULL;
    size_t count = 0;
    struct err err = {0};

    if (!role_has(view->task.actor.role, RIGHT_PERSON_READ) ||
        person_find(&view->task, typed, 2, &hit, &count, &err) != ERROR_NONE ||
        count == 0)
        return typed;
    if (count == 1 ||
        str_equal_nocase(value_text_of(hit[0].answers, "case_code"), typed))
        return hit[0].id;
    return typed;
}

static void name_persons(struct view *view, const struct question *first,
                         struct value *answers)
{
    for (const struct question *child = first; child; child = child->next) {
        const struct value *answer = value_get_str(answers, child->key);
        struct str typed = value_text(answer);

        if (child->type == QUESTION_GROUP) {
            name_persons(view, child->child, answers);
        } else if (child->type == QUESTION_REPEAT) {
            for (size_t i = 0; i < value_count(answer); i++) /* our own copy */
                name_persons(view, child->child,
                             (struct value *)(uintptr_t)value_at(answer, i));
        } else if (str_equal_c(child->ref, "person") && typed.size > 0 &&
                   !uuid_valid(typed)) {
            value_set(answers, view->task.arena, child->key,
                      value_string(view->task.arena,
                                   person_named(view, str_trim(typed))));
        }
    }
}

struct value *view_answers(struct view *view, const struct form *form)
{
    const struct value *fields = fields_of_form(view);
    struct value *answers;

    if (body_is_json(view))
        return plain_answers(view, fields);
    fields = fields_without_files(view, form, fields);
    answers = answers_from_fields(form, fields, view->task.arena);
    name_persons(view, form->first, answers);
    return answers;
}

/* "family.0." in a JSON body: the object family[0]. */
static const struct value *json_part(const struct value *fields,
                                     struct str base)
{
    struct str rest = str_slice(base, 0, base.size - 1), name;
    const struct value *at = fields;
    int64_t index;

    while (at && str_cut(&rest, '.', &name)) {
        if (value_type(at) == VALUE_LIST)
            at = str_to_int(name, &index) && index >= 0
                     ? value_at(at, (size_t)index)
                     : NULL;
        else
            at = value_get_str(at, name);
    }
    return at;
}

struct value *view_answers_part(struct view *view, const struct form *form,
                                struct str base)
{
    struct arena *arena = view->task.arena;
    struct value *part;

    if (body_is_json(view)) {
        const struct value *inner = json_part(view->fields, base);

        return value_type(inner) == VALUE_OBJECT ? plain_answers(view, inner)
                                                 : NULL;
    }
    part = value_object(arena);
    for (size_t i = 0; i < value_count(view->fields); i++) {
        struct str name = value_name_at(view->fields, i);

        if (str_starts(name, base))
            value_set(part, arena, str_slice(name, base.size, name.size),
                      value_at(view->fields, i));
    }
    if (value_count(part) == 0)
        return NULL;
    return answers_from_fields(form, part, arena);
}

const struct value *view_defaults(struct view *view, const struct form *form,
                                  const struct value *answers)
{
    struct check_options options = {.language = view->task.language,
                                    .now = view->task.now,
                                    .utc_offset = view->task.utc_offset,
                                    .defaults = true,
                                    .partial = true};
    struct check_result result = {0};
    struct err err = {0};
    struct value *both;

    if (!answers)
        answers = value_object(view->task.arena);
    if (form_check(form, answers, &options, view->task.arena, &result, &err) !=
        ERROR_NONE)
        return answers;
    both = value_copy(answers, view->task.arena);
    for (size_t i = 0; i < value_count(result.answers); i++)
        value_set(both, view->task.arena, value_name_at(result.answers, i),
                  value_at(result.answers, i));
    return both;
}

static struct value *rows_copy(struct view *view, const struct value *answers,
                               struct str key, size_t without)
{
    const struct value *rows = value_get_str(answers, key);
    struct value *list = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(rows); i++)
        if (i != without)
            value_add(list, view->task.arena, value_at(rows, i));
    return list;
}

/* The row that repeat.0.inner.1 stands in; *key is then what is left: the list
 * and, of a row to be removed, its number. NULL: there is none. */
static struct value *row_around(struct value *answers, struct str *key)
{
    struct str rest = *key, name, number;
    int64_t index;

    while (str_cut(&rest, '.', &name) && str_cut(&rest, '.', &number) &&
           !str_is_null(rest) && rest.size) {
        const struct value *rows = value_get_str(answers, name);

        if (!str_to_int(number, &index) || index < 0 ||
            value_type(value_at(rows, (size_t)index)) != VALUE_OBJECT)
            return NULL;
        answers = (struct value *)(uintptr_t)value_at(rows, (size_t)index);
        *key = rest; /* the answers are ours */
    }
    return answers;
}

bool view_repeat_pressed(struct view *view, const struct form *form,
                         struct value *answers)
{
    struct str add = view_field(view, "_add");
    struct str drop = view_field(view, "_remove");
    struct str key = add.size ? add : drop, number = STR_NULL;
    const struct question *repeat;
    struct value *rows, *row;
    int64_t index = -1;

    if (key.size == 0)
        return false;
    row = row_around(answers, &key);
    if (!add.size) {
        number = key;
        str_cut(&number, '.', &key);
        if (!str_to_int(number, &index) || index < 0)
            return false;
    }
    repeat = form_find_name(form, NULL, key);
    if (!row || !repeat || repeat->type != QUESTION_REPEAT)
        return false;
    rows = rows_copy(view, row, key, add.size > 0 ? SIZE_MAX : (size_t)index);
    if (add.size > 0)
        value_add(rows, view->task.arena, value_object(view->task.arena));
    value_set(row, view->task.arena, key, rows);
    return true;
}

struct str problem_text(struct view *view, const struct check_problem *problem)
{
    if (problem->text.size > 0)
        return problem->text;
    return err_text(&problem->err, view->task.translator, view->task.arena);
}

struct value *problem_list(struct view *view, const struct form *form,
                           const struct form_part *part)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < part->problems; i++) {
        const struct check_problem *problem = &part->problem[i];
        struct value *item = value_object(arena);
        struct str name =
            str_join(arena, part->base, problem_name(arena, problem->path));
        struct str label = STR("");

        if (problem->question)
            label =
                texts_in(form, problem->question->label, view->task.language);
        value_put_str(item, arena, "id", widget_id(arena, name));
        value_put_str(item, arena, "label", label.size ? label : problem->path);
        value_put_str(item, arena, "text", problem_text(view, problem));
        value_add(list, arena, item);
    }
    return list;
}

void problems_put(struct view *view, const struct form *form)
{
    struct form_part part = {
        .problem = view->problem, .problems = view->problems, .base = STR("")};

    if (view->problems > 0)
        value_put(view->page, view->task.arena, "problems",
                  problem_list(view, form, &part));
}

/* The rows of a repeat as lines: "Esposa · Ana Ejemplo". */
static struct str rows_display(struct view *view, const struct form *form,
                               const struct question *repeat,
                               const struct value *rows)
{
    struct arena *arena = view->task.arena;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(rows); i++) {
        size_t begin = out.size;

        for (const struct question *child = repeat->child; child;
             child = child->next) {
            const struct value *answer =
                value_get_str(value_at(rows, i), child->key);
            struct str text = value_text(answer);

            if (!answer || !question_has_value(child))
                continue;
            text = child->ref.size ? ref_text(view, child->ref, text)
                                   : answer_display(form, child, answer,
                                                    view->task.language, arena);
            if (text.size == 0)
                continue;
            buf_puts(&out, out.size > begin ? " · " : i ? "\n" : "");
            buf_put(&out, text);
        }
    }
    return buf_str(&out);
}

static struct str side_display(struct view *view, const struct form *form,
                               const struct question *question,
                               const struct value *answer)
{
    if (question->type == QUESTION_REPEAT)
        return rows_display(view, form, question, answer);
    if (question->ref.size > 0)
        return ref_text(view, question->ref, value_text(answer));
    return answer_display(form, question, answer, view->task.language,
                          view->task.arena);
}

/* One question on which the two differ, or NULL. */
static struct value *conflict_item(struct view *view, const struct form *form,
                                   const struct question *question,
                                   const struct value *mine,
                                   const struct value *theirs)
{
    struct arena *arena = view->task.arena;
    bool rows = question->type == QUESTION_REPEAT;
    struct value *item;
    struct str yours, other;

    if (question->repeat || question->system || !mine ||
        !(rows || question_has_value(question)) ||
        (!rows && str_equal(value_text(mine), value_text(theirs))))
        return NULL;
    yours = side_display(view, form, question, mine);
    other = side_display(view, form, question, theirs);
    if (rows && str_equal(yours, other))
        return NULL;
    item = value_object(arena);
    value_put_str(item, arena, "label",
                  texts_in(form, question->label, view->task.language));
    value_put_str(item, arena, "yours", yours);
    value_put_str(item, arena, "theirs", other);
    return item;
}

/* Called after ERROR_CONFLICT: the record as it is now, beside what was
 * typed. The base moves on, so that sending again means "mine". */
void view_conflict(struct view *view, const struct form *form,
                   const struct value *yours)
{
    struct arena *arena = view->task.arena;
    struct record now = {0};
    struct err err = {0};
    struct value *list = value_list(arena);
    struct value *current = value_object(arena);

    if (record_get(&view->task, form->name, view->param[1], &now, &err) !=
        ERROR_NONE)
        return;
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *theirs = value_get_str(now.answers, question->key);
        struct value *item = conflict_item(
            view, form, question, value_get_str(yours, question->key), theirs);

        if (!item)
            continue;
        if (theirs)
            value_set(current, arena, question->key, theirs);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "current", current);
    value_put(view->page, arena, "conflict", list);
    value_put_str(view->page, arena, "base",
                  view_format(view, "%lld", (long long)now.clock));
    /* what comes next is another change */
    value_put_str(view->page, arena, "entry",
                  host_uuid(view->app->office.host, arena));
}
