/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_diff.c - two versions of a form held against each other. What differs
 * is found here, with no database; form_diff_grade.c counts and grades it.
 */
#include "domain/record/form_diff_private.h"

#include "core/utf8.h"
#include "form/expr/tree.h"

struct str form_path(struct arena *arena, const struct question *question)
{
    struct str path = question->key;

    if (question->repeat)
        path = str_format(arena, "%.*s/%.*s",
                          STR_ARGS(form_path(arena, question->repeat)),
                          STR_ARGS(path));
    return question->type == QUESTION_REPEAT ? str_join(arena, path, STR("[]"))
                                             : path;
}

/* The question of one version in another. */
const struct question *form_question_in(const struct form *form,
                                        const struct question *question)
{
    const struct question *repeat = NULL;

    if (question->repeat) {
        repeat = form_question_in(form, question->repeat);
        if (!repeat || repeat->type != QUESTION_REPEAT)
            return NULL;
    }
    return form_find_in(form, repeat, question->key);
}

static const char *const what_name[] = {
#define FORM_CHANGE(name, text, msgid) text,
    FORM_CHANGES(FORM_CHANGE)
#undef FORM_CHANGE
};

const char *form_change_name(enum form_change_what what)
{
    return what_name[what];
}

static struct form_change *add(struct differing *d, enum form_change_what what,
                               const struct question *was,
                               const struct question *now)
{
    struct form_diff *diff = d->diff;
    struct form_change *room = diff->change;

    if (diff->count == d->room) {
        size_t more = d->room ? d->room * 2 : 32;

        room = arena_grow(d->arena, room, d->room * sizeof(*room),
                          more * sizeof(*room));
        if (!room)
            return NULL;
        diff->change = room;
        d->room = more;
    }
    room += diff->count++;
    *room = (struct form_change){
        .what = what, .was = was, .now = now, .records = -1};
    if (was || now)
        room->path = form_path(d->arena, was ? was : now);
    return room;
}

static void add_texts(struct differing *d, enum form_change_what what,
                      const struct question *was, const struct question *now,
                      struct str before, struct str after)
{
    struct form_change *change;

    if (str_equal(str_trim(before), str_trim(after)))
        return;
    change = add(d, what, was, now);
    if (!change)
        return;
    change->before = before;
    change->after = after;
}

/* --- texts ---------------------------------------------------------------- */

static struct str text_exactly(const struct form *form, struct texts texts,
                               struct str language)
{
    for (size_t i = 0; texts.text && i < form->language_count; i++)
        if (str_equal(form->language[i], language))
            return str_is_null(texts.text[i]) ? STR("") : texts.text[i];
    return STR("");
}

/* The first language in which two texts differ; false: in none. */
static bool texts_differ(const struct differing *d, struct texts was,
                         struct texts now, struct str *before,
                         struct str *after)
{
    const struct form *form[2] = {d->diff->used, d->diff->next};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < form[k]->language_count; i++) {
            *before = text_exactly(form[0], was, form[k]->language[i]);
            *after = text_exactly(form[1], now, form[k]->language[i]);
            if (!str_equal(*before, *after))
                return true;
        }
    return false;
}

static struct str source_of(const struct expr *expr)
{
    return expr ? expr->source : STR("");
}

/* --- choices -------------------------------------------------------------- */

/* Choices of one list that the other does not have. */
static void only_in(struct differing *d, enum form_change_what what,
                    const struct question *was, const struct question *now,
                    const struct choice_list *list,
                    const struct choice_list *other)
{
    const struct choice **found = NULL;
    struct form_change *change;
    size_t count = 0;

    for (size_t i = 0; list && i < list->count; i++) {
        if (choice_find(other, list->choice[i].name))
            continue;
        if (!found)
            found = ARENA_ARRAY(d->arena, const struct choice *, list->count);
        if (!found)
            return;
        found[count++] = &list->choice[i];
    }
    change = count ? add(d, what, was, now) : NULL;
    if (!change)
        return;
    change->choice = found;
    change->choices = count;
}

static void compare_choices(struct differing *d, const struct question *was,
                            const struct question *now)
{
    const struct choice_list *old = was->choices, *list = now->choices;
    struct str before, after;

    if (!question_is_select(was) || !question_is_select(now))
        return;
    only_in(d, FORM_CHOICES_ADDED, was, now, list, old);
    only_in(d, FORM_CHOICES_REMOVED, was, now, old, list);
    for (size_t i = 0; old && i < old->count; i++) {
        const struct choice *same = choice_find(list, old->choice[i].name);

        if (!same || !texts_differ(d, old->choice[i].label, same->label,
                                   &before, &after))
            continue;
        add_texts(d, FORM_CHOICES_LABEL, was, now, before, after);
        return; /* one of them tells */
    }
}

/* --- who reads it --------------------------------------------------------- */

struct str form_compartments(struct arena *arena,
                             const struct question *question)
{
    struct str all = STR("");

    for (; question; question = question->parent)
        if (question->compartment.size)
            all = all.size ? str_format(arena, "%.*s %.*s", STR_ARGS(all),
                                        STR_ARGS(question->compartment))
                           : question->compartment;
    return all;
}

void form_compare_protection(struct differing *d, const struct question *was,
                             const struct question *now)
{
    struct str before = form_compartments(d->arena, was);
    struct str after = form_compartments(d->arena, now);

    if (!question_has_value(was) && was->type != QUESTION_REPEAT)
        return;
    add_texts(d, FORM_CLASS, was, now, was->class, now->class);
    if (access_compartments(before) == access_compartments(after))
        return;
    add_texts(d, FORM_COMPARTMENT, was, now, before, after);
}

/* --- one question --------------------------------------------------------- */

static const char *const type_text[] = {
#define QUESTION_TYPE(name, text, bind, has_value) text,
#include "form/question_types.def"
#undef QUESTION_TYPE
};

static void compare(struct differing *d, const struct question *was,
                    const struct question *now)
{
    struct str before, after;

    if (was->type != now->type) {
        add_texts(d, FORM_RETYPED, was, now, str_of(type_text[was->type]),
                  str_of(type_text[now->type]));
    } else if (!project_keeps_column(was, now)) { /* a range and its step */
        add_texts(d, FORM_RETYPED, was, now, was->parameters, now->parameters);
    }
    if (texts_differ(d, was->label, now->label, &before, &after))
        add_texts(d, FORM_LABEL, was, now, before, after);
    compare_choices(d, was, now);
    add_texts(d, FORM_RELEVANT, was, now, source_of(was->relevant),
              source_of(now->relevant));
    add_texts(d, FORM_CONSTRAINT, was, now, source_of(was->constraint),
              source_of(now->constraint));
    add_texts(d, FORM_REQUIRED, was, now, source_of(was->required),
              source_of(now->required));
    add_texts(d, FORM_CALCULATION, was, now, source_of(was->calculation),
              source_of(now->calculation));
    add_texts(d, FORM_FILTER, was, now, source_of(was->choice_filter),
              source_of(now->choice_filter));
    form_compare_protection(d, was, now);
}

/* --- the same question under another name --------------------------------- */

static bool label_equal(const struct differing *d, const struct question *was,
                        const struct question *now)
{
    const struct form *form = d->diff->used;

    for (size_t i = 0; i < form->language_count; i++) {
        struct str a = text_exactly(form, was->label, form->language[i]);
        struct str b =
            text_exactly(d->diff->next, now->label, form->language[i]);

        if (a.size && str_equal(utf8_lower(d->arena, str_trim(a)),
                                utf8_lower(d->arena, str_trim(b))))
            return true;
    }
    return false;
}

/* The question before it in the sheet is the same in both, and so is the one
 * after it. */
static bool place_equal(const struct differing *d, const struct question *was,
                        const struct question *now)
{
    const struct form *used = d->diff->used, *next = d->diff->next;
    const struct question *a, *b;

    if (was->type != now->type || !was->index || !now->index)
        return false;
    a = used->question[was->index - 1];
    b = next->question[now->index - 1];
    if (!str_equal(a->key, b->key))
        return false;
    if (was->index + 1 == used->question_count ||
        now->index + 1 == next->question_count)
        return was->index + 1 == used->question_count &&
               now->index + 1 == next->question_count;
    return str_equal(used->question[was->index + 1]->key,
                     next->question[now->index + 1]->key);
}

static bool same_repeat(const struct question *was, const struct question *now)
{
    if (!was->repeat || !now->repeat)
        return !was->repeat && !now->repeat;
    return str_equal(was->repeat->key, now->repeat->key) &&
           same_repeat(was->repeat, now->repeat);
}

/* A removed and an added question that look like one: the addition goes, the
 * removal becomes a guess. */
static bool join_pair(struct differing *d, size_t removed, bool by_label)
{
    struct form_change *change = d->diff->change;

    for (size_t i = 0; i < d->diff->count; i++) {
        const struct question *was = change[removed].was, *now = change[i].now;

        if (change[i].what != FORM_ADDED || !now ||
            question_has_value(was) != question_has_value(now) ||
            !same_repeat(was, now) ||
            !(by_label ? label_equal(d, was, now) : place_equal(d, was, now)))
            continue;
        change[removed].what = FORM_RENAMED;
        change[removed].now = now;
        change[removed].before = was->key;
        change[removed].after = now->key;
        memmove(change + i, change + i + 1,
                (d->diff->count - i - 1) * sizeof(*change));
        d->diff->count--;
        return true;
    }
    return false;
}

static void guess_names(struct differing *d)
{
    for (int by_label = 1; by_label >= 0; by_label--)
        for (size_t i = 0; i < d->diff->count; i++)
            if (d->diff->change[i].what == FORM_REMOVED &&
                join_pair(d, i, by_label == 1))
                i = (size_t)-1; /* places have moved */
}

/* --- two forms ------------------------------------------------------------ */

static void compare_settings(struct differing *d)
{
    struct str was = value_text_of(d->diff->used->settings, "cobijo:subject");
    struct str now = value_text_of(d->diff->next->settings, "cobijo:subject");
    size_t before = d->diff->count;

    add_texts(d, FORM_SETTING, NULL, NULL, was.at ? was : STR(""),
              now.at ? now : STR(""));
    if (d->diff->count > before)
        d->diff->change[before].path = STR("cobijo:subject");
}

void form_differences(struct differing *d)
{
    const struct form *used = d->diff->used, *next = d->diff->next;

    compare_settings(d);
    for (size_t i = 0; i < next->question_count; i++) {
        const struct question *now = next->question[i];
        const struct question *was = form_question_in(used, now);

        if (!was)
            add(d, FORM_ADDED, NULL, now);
        else
            compare(d, was, now);
    }
    for (size_t i = 0; i < used->question_count; i++)
        if (!form_question_in(next, used->question[i]))
            add(d, FORM_REMOVED, used->question[i], NULL);
    guess_names(d);
}

void form_change_ids(struct differing *d)
{
    for (size_t i = 0; i < d->diff->count; i++) {
        struct form_change *change = &d->diff->change[i];

        change->id = str_format(d->arena, "%s:%.*s", what_name[change->what],
                                STR_ARGS(change->path));
    }
}
