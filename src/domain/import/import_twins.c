/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_twins.c - rows that look like a person who is there already, in the
 * file or in the store. Rows of the file are compared only where two words of
 * the names sound alike; in the store the token table brings a few candidates
 * for each row, so the work grows with the file and hardly with the store.
 * Only hints: the row comes in, the pair is listed, a worker decides
 * (twin.h). */
#include "domain/import/import_private.h"
#include "domain/person/match.h"
#include "domain/person/person_token.h"

enum { TWINS_PER_KEY = 12, TWINS_PER_ROW = 40 };

/* Rows that share a key, newest first. */
struct twin_link {
    size_t row, next; /* next: link + 1 */
};

struct twins {
    struct import_reader *reader;
    struct arena arena; /* of facts and index: gone with them */
    struct match_weights weights;
    struct match_facts *facts; /* of the rows that add */
    struct twin_link *link;
    size_t links, capacity;
    size_t *slot;  /* link + 1 of the key's newest */
    uint64_t *key; /* a token's hash: two that share it are compared in vain */
    size_t slots;
};

static uint64_t key_of(const struct search_token *token)
{
    uint64_t hash = str_hash(token->text) + (unsigned char)token->class;

    return hash ? hash : 1;
}

static size_t slot_of(const struct twins *twins, uint64_t key)
{
    size_t at = key & (twins->slots - 1);

    while (twins->key[at] && twins->key[at] != key)
        at = (at + 1) & (twins->slots - 1);
    return at;
}

/* The likeliest earlier row is named. */
static void hint_at_best(struct twins *twins, const size_t *seen, size_t count,
                         size_t row)
{
    struct import_plan *plan = twins->reader->plan;
    struct task *task = twins->reader->task;
    struct match best = {0};
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        struct match match = {0};

        match_compare(twins->reader->names, &twins->weights,
                      &twins->facts[seen[i]], &twins->facts[row], &match);
        if (!match_is_twin(&match) || match.score <= best.score)
            continue;
        best = match;
        at = seen[i];
    }
    if (at == SIZE_MAX)
        return;
    plan->row[row].twin = plan->row[at].id;
    import_row_note(
        task->arena, &plan->row[row], IMPORT_HINT, STR_NULL,
        N_("puede ser la misma persona de la línea {1}: {2}"),
        str_format(task->arena, "%zu", plan->row[at].line),
        str_format(
            task->arena, "%.*s (%.*s)", STR_ARGS(plan->row[at].name),
            STR_ARGS(match_because(&best, task->arena, task->translator))));
}

static size_t look_up(struct twins *twins, uint64_t key, size_t row,
                      size_t *seen, size_t count)
{
    size_t at = slot_of(twins, key), steps = 0;

    for (size_t link = twins->slot[at]; link && steps < TWINS_PER_KEY;
         link = twins->link[link - 1].next, steps++) {
        size_t other = twins->link[link - 1].row;
        bool again = false;

        for (size_t i = 0; i < count && !again; i++)
            again = seen[i] == other;
        if (again || count == TWINS_PER_ROW || other == row)
            continue;
        seen[count++] = other;
    }
    return count;
}

static void remember(struct twins *twins, uint64_t key, size_t row)
{
    size_t at = slot_of(twins, key);

    if (twins->links == twins->capacity)
        return;
    twins->key[at] = key;
    twins->link[twins->links] = (struct twin_link){row, twins->slot[at]};
    twins->slot[at] = ++twins->links;
}

static void take_row(struct twins *twins, size_t row)
{
    struct import_plan *plan = twins->reader->plan;
    const struct name_rules *names = twins->reader->names;
    struct arena *scratch = twins->reader->scratch;
    const struct value *answers = plan->row[row].person;
    struct search_token *token = NULL;
    size_t tokens, seen[TWINS_PER_ROW], count = 0;

    arena_clear(scratch);
    match_facts_of(names, &twins->arena, answers, task_day(twins->reader->task),
                   &twins->facts[row]);
    tokens = person_tokens((void *)(uintptr_t)names, scratch, answers, &token);
    for (size_t i = 0; i < tokens; i++)
        if (strchr("qtd", token[i].class))
            count = look_up(twins, key_of(&token[i]), row, seen, count);
    hint_at_best(twins, seen, count, row);
    for (size_t i = 0; i < tokens; i++)
        if (strchr("qtd", token[i].class))
            remember(twins, key_of(&token[i]), row);
}

void import_find_twins(struct import_reader *reader)
{
    struct import_plan *plan = reader->plan;
    struct twins twins = {.reader = reader};
    struct arena *arena = &twins.arena;

    arena_init(arena, NULL);
    match_weights_read(
        catalog_table(reader->task->office->catalog, "match_weight"),
        &twins.weights);
    twins.capacity = plan->rows * 14;
    twins.slots = 64;
    while (twins.slots < twins.capacity * 2)
        twins.slots *= 2;
    twins.facts = ARENA_ARRAY(arena, struct match_facts, plan->rows + 1);
    twins.link = ARENA_ARRAY(arena, struct twin_link, twins.capacity + 1);
    twins.slot = ARENA_ARRAY(arena, size_t, twins.slots);
    twins.key = ARENA_ARRAY(arena, uint64_t, twins.slots);
    for (size_t i = 0;
         twins.facts && twins.link && twins.slot && twins.key && i < plan->rows;
         i++)
        if (plan->row[i].outcome == IMPORT_ADD)
            take_row(&twins, i);
    arena_release(arena);
}

/* --- people in the store -------------------------------------------------- */

enum error import_row_twin(struct task *task, const struct import_row *row,
                           struct match *match, bool *found, struct err *err)
{
    enum error error = person_twin(task, row->person, match, found, err);

    if (!error && *found && str_equal(match->id, row->id))
        *found = false;
    return error;
}

static void hint_at_person(struct task *task, struct import_row *row,
                           const struct match *match, struct arena *scratch)
{
    struct str code = value_text_of(match->answers, "case_code");
    struct str name = name_full(scratch, match->answers);

    row->twin = str_copy(task->arena, match->id);
    import_row_note(
        task->arena, row, IMPORT_HINT, STR_NULL,
        N_("puede ser {1}, que ya está registrada: {2}"),
        str_format(scratch, "%.*s (%.*s)", STR_ARGS(name), STR_ARGS(code)),
        match_because(match, scratch, task->translator));
}

enum error import_plan_known(struct task *task, struct import_plan *plan,
                             struct err *err)
{
    struct arena scratch;
    struct task work = *task;
    enum error error = ERROR_NONE;

    arena_init(&scratch, NULL);
    work.arena = &scratch;
    for (size_t i = 0; !error && i < plan->rows; i++) {
        struct import_row *row = &plan->row[i];
        struct match match = {0};
        bool found = false;

        if (row->outcome != IMPORT_ADD)
            continue;
        error = import_row_twin(&work, row, &match, &found, err);
        if (!error && found)
            hint_at_person(task, row, &match, &scratch);
        plan->twins += row->twin.size > 0;
        arena_clear(&scratch);
    }
    arena_release(&scratch);
    return error;
}
