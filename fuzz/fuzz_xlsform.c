/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as an XLSForm; what is read is asked everything a program asks: keys,
 * choices, relevance, an empty answer and one in every question. */
#include "form/check.h"
#include "form/xlsform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct str no_file(void *context, struct str name)
{
    (void)context;
    return name.size % 2 ? STR("name,label\na,A\nb,B\n") : STR_NULL;
}

static void fill(const struct form *form, const struct question *first,
                 struct value *answers, struct arena *arena, int depth)
{
    for (const struct question *at = first; at; at = at->next) {
        if (at->type == QUESTION_GROUP) {
            fill(form, at->child, answers, arena, depth);
        } else if (at->type == QUESTION_REPEAT && depth < 3) {
            struct value *list = value_list(arena);
            struct value *row = value_object(arena);

            fill(form, at->child, row, arena, depth + 1);
            value_add(list, arena, row);
            value_add(list, arena, row);
            value_set(answers, arena, at->key, list);
        } else {
            value_set(answers, arena, at->key,
                      value_string(arena, at->choices && at->choices->count
                                              ? at->choices->choice[0].name
                                              : STR("7")));
        }
    }
}

static void use(const struct form *form, struct arena *arena)
{
    struct check_options options = {.language = STR("es"),
                                    .now = 1795370400000,
                                    .defaults = true,
                                    .keep_system = true};
    struct check_result result = {0};
    struct value *answers = value_object(arena);
    struct expr_scope scope = {.arena = arena, .form = form};
    struct err err = {0};

    form_check(form, answers, &options, arena, &result, &err);
    fill(form, form->first, answers, arena, 0);
    form_check(form, answers, &options, arena, &result, &err);
    scope.answers = result.answers;
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct choice **choice;

        if (question->name.size &&
            form_find_in(form, question->repeat, question->key) != question)
            abort();
        if (question->end <= i || form->question[i]->index != i)
            abort();
        question_choices(question, &scope, &choice);
        question_relevant(question, &scope);
        answer_display(form, question,
                       value_get_str(result.answers, question->key), STR("es"),
                       arena);
    }
    answers_from_fields(form, result.answers, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct form_files files = {.file = no_file};
    struct form_problems problems = {0};
    const struct form *form;
    struct arena arena;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    form = xlsform_read(&arena, (struct str){(const char *)bytes, size}, &files,
                        &problems);
    if ((form != NULL) != (problems.errors == 0))
        abort();
    if (!form && problems.errors)
        form = xlsform_read_kept(
            &arena, (struct str){(const char *)bytes, size}, &files, &problems);
    if (form)
        use(form, &arena);
    arena_release(&arena);
    return 0;
}
