/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form.c - questions asked of a form once it is read. */
#include "form/form.h"

#include "form/form_build.h"

size_t form_scope(const struct question *repeat)
{
    return repeat ? repeat->index + 2 : 1;
}

const struct question *form_find_in(const struct form *form,
                                    const struct question *repeat,
                                    struct str key)
{
    size_t index =
        form ? names_find(form->names, form_scope(repeat), key) : SIZE_MAX;

    return index < SIZE_MAX ? form->question[index] : NULL;
}

const struct question *form_find(const struct form *form, struct str key)
{
    return form_find_in(form, NULL, key);
}

/* In the rows around it. */
static const struct question *
find_near(const struct form *form, const struct question *from, struct str name)
{
    const struct question *repeat = from ? from->repeat : NULL;
    const struct question *found = NULL;

    if (from && from->type == QUESTION_REPEAT)
        found = form_find_in(form, from, name);
    for (; !found; repeat = repeat->repeat) {
        found = form_find_in(form, repeat, name);
        if (!repeat)
            break;
    }
    return found;
}

const struct question *form_find_name(const struct form *form,
                                      const struct question *from,
                                      struct str name)
{
    const struct question *found = NULL;
    size_t index;

    if (!form)
        return NULL;
    found = find_near(form, from, name);
    if (found)
        return found;
    index = names_find(form->names, FORM_SCOPE_ANY, name);
    return index < SIZE_MAX ? form->question[index] : NULL;
}

bool form_name_ambiguous(const struct form *form, const struct question *from,
                         struct str name)
{
    return names_find(form->names, FORM_SCOPE_TWICE, name) < SIZE_MAX &&
           !find_near(form, from, name);
}

const struct choice *choice_find(const struct choice_list *list,
                                 struct str name)
{
    size_t index = list ? names_find(list->names, 0, name) : SIZE_MAX;

    return index < SIZE_MAX ? &list->choice[index] : NULL;
}

static struct str primary_subtag(struct str language)
{
    return str_slice(language, 0, str_find_char(language, '-'));
}

struct str texts_in(const struct form *form, struct texts texts,
                    struct str language)
{
    struct str primary = primary_subtag(language), found = STR_NULL;

    if (!form || !texts.text)
        return STR_NULL;
    for (size_t i = 0; i < form->language_count; i++)
        if (texts.text[i].at && str_equal_nocase(form->language[i], language))
            return texts.text[i];
    for (size_t i = 0; i < form->language_count; i++)
        if (texts.text[i].at && primary.size > 0 &&
            str_equal_nocase(primary_subtag(form->language[i]), primary))
            return texts.text[i];
    if (form->default_language < form->language_count)
        found = texts.text[form->default_language];
    for (size_t i = 0; !found.at && i < form->language_count; i++)
        found = texts.text[i];
    return found;
}

bool question_has_value(const struct question *question)
{
    static const bool has[] = {
#define QUESTION_TYPE(name, text, bind, has_value) has_value,
#include "form/question_types.def"
#undef QUESTION_TYPE
    };

    return has[question->type];
}

bool question_is_file(const struct question *question)
{
    return question->type == QUESTION_IMAGE ||
           question->type == QUESTION_AUDIO ||
           question->type == QUESTION_VIDEO || question->type == QUESTION_FILE;
}

bool question_is_select(const struct question *question)
{
    return question->type == QUESTION_SELECT_ONE ||
           question->type == QUESTION_SELECT_MULTIPLE ||
           question->type == QUESTION_RANK;
}
