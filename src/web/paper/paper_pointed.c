/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_pointed.c - a condition that no sentence says exactly: which questions
 * it depends on, through calculations, so that one can look there.
 */
#include "web/paper/paper_private.h"

#include "form/expr/tree.h"

struct looking {
    const struct papering *papering;
    bool *seen;
};

static void look(void *context, const struct question *question)
{
    struct looking *looking = context;
    struct expr_binding binding = {.form = looking->papering->form,
                                   .node = question,
                                   .context = looking,
                                   .used = look};

    if (!question || looking->seen[question->index])
        return;
    looking->seen[question->index] = true;
    if (question->calculation)
        expr_uses(question->calculation, &binding);
}

struct str paper_pointed(const struct papering *papering,
                         const struct question *question)
{
    struct looking looking = {
        papering,
        ARENA_ARRAY(papering->arena, bool, papering->form->question_count + 1)};
    struct expr_binding binding = {.form = papering->form,
                                   .node = question,
                                   .context = &looking,
                                   .used = look};
    struct buf out;
    size_t count = 0;

    buf_init(&out, papering->arena);
    if (looking.seen)
        expr_uses(question->relevant, &binding);
    for (size_t i = 0; looking.seen && i < papering->form->question_count; i++)
        if (looking.seen[i] && papering->number[i]) {
            buf_printf(&out, "%s%zu", count++ ? ", " : "", papering->number[i]);
        }
    if (!count)
        return paper_say(papering, N_("Según datos que ya están en el "
                                      "registro. Si no los sabe, pregunte."));
    return paper_fill(papering,
                      count == 1
                          ? N_("Según la respuesta a la pregunta {1}.")
                          : N_("Según las respuestas a las preguntas {1}."),
                      buf_str(&out), STR(""));
}
