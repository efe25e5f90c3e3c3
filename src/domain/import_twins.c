/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_twins.c - rows of one file that look like one person: compared only
 * where two words of the names sound alike, so a file of thousands takes a
 * moment. Only hints: both rows come in, a worker decides later. */
#include "domain/import_private.h"
#include "domain/match.h"
#include "domain/person_token.h"

enum { TWINS_PER_KEY = 12, TWINS_PER_ROW = 40 };

/* Rows that share a key, newest first. */
struct twin_link {
    size_t row, next; /* next: link + 1 */
};

struct twins {
    struct import_reader *reader;
    struct match_weights weights;
    struct match_facts *facts; /* of the rows that add */
    struct twin_link *link;
    size_t links, capacity;
    size_t *slot; /* link + 1 of the key's newest */
    struct str *key;
    size_t slots;
};

static size_t slot_of(const struct twins *twins, struct str key)
{
    size_t at = str_hash(key) & (twins->slots - 1);

    while (twins->key[at].size && !str_equal(twins->key[at], key))
        at = (at + 1) & (twins->slots - 1);
    return at;
}

static double compare_rows(struct twins *twins, size_t a, size_t b)
{
    struct match match = {0};

    match_compare(twins->reader->names, &twins->weights, &twins->facts[a],
                  &twins->facts[b], &match);
    return match.zone == MATCH_PROBABLE ? match.score : 0;
}

/* The likeliest earlier row is named. */
static void hint_at_best(struct twins *twins, const size_t *seen, size_t count,
                         size_t row)
{
    struct import_plan *plan = twins->reader->plan;
    size_t best = SIZE_MAX;
    double most = 0;

    for (size_t i = 0; i < count; i++) {
        double score = compare_rows(twins, seen[i], row);

        if (score > most) {
            most = score;
            best = seen[i];
        }
    }
    if (best == SIZE_MAX)
        return;
    import_row_note(
        twins->reader, &plan->row[row], IMPORT_HINT, STR_NULL,
        N_("puede ser la misma persona de la línea {1} ({2})"),
        str_format(twins->reader->task->arena, "%zu", plan->row[best].line),
        plan->row[best].name);
}

static size_t look_up(struct twins *twins, struct str key, size_t row,
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

static void remember(struct twins *twins, struct str key, size_t row)
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
    struct arena *arena = twins->reader->task->arena;
    const struct value *answers = plan->row[row].person;
    struct search_token *token = NULL;
    size_t tokens, seen[TWINS_PER_ROW], count = 0;

    match_facts_of(names, arena, answers, task_day(twins->reader->task),
                   &twins->facts[row]);
    tokens = person_tokens((void *)(uintptr_t)names, arena, answers, &token);
    for (size_t i = 0; i < tokens; i++)
        if (strchr("qtd", token[i].class))
            count = look_up(twins, token[i].text, row, seen, count);
    hint_at_best(twins, seen, count, row);
    for (size_t i = 0; i < tokens; i++)
        if (strchr("qtd", token[i].class))
            remember(twins, token[i].text, row);
}

void import_find_twins(struct import_reader *reader)
{
    struct import_plan *plan = reader->plan;
    struct arena *arena = reader->task->arena;
    struct twins twins = {.reader = reader};

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
    twins.key = ARENA_ARRAY(arena, struct str, twins.slots);
    if (!twins.facts || !twins.link || !twins.slot || !twins.key)
        return;
    for (size_t i = 0; i < plan->rows; i++)
        if (plan->row[i].outcome == IMPORT_ADD)
            take_row(&twins, i);
}
