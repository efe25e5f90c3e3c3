/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* near_words.c - what the words of a search may stand for. public_word has the
 * names of places and what they are called in Spanish; what the reader's
 * language calls a service, a kind of place, a language or a need is looked up
 * here and becomes its code, so that no place is kept in five languages.
 */
#include "domain/directory/directory_private.h"

#include "core/utf8.h"

enum { LETTERS = 3 }; /* of a word that may stand for a code */

/* Does one of the label's words begin with it? */
static bool label_has(struct arena *arena, struct str label, struct str word)
{
    struct word_set set = {.arena = arena};

    word_set_add(&set, label);
    for (size_t i = 0; i < set.count; i++)
        if (str_starts(set.word[i], word))
            return true;
    return false;
}

static void add_rows(const struct task *task, const char *name,
                     const char *before, struct str word, struct buf *keys)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, name);

    for (size_t i = 0; table && i < table->rows; i++)
        if (label_has(task->arena,
                      catalog_label(table, i, "label", task->language), word))
            buf_printf(keys, "%s%.*s ", before,
                       STR_ARGS(catalog_cell(table, i, "name")));
}

static void add_codes(const struct task *task, const struct near_query *query,
                      struct near_word *word)
{
    struct buf keys;

    buf_init(&keys, task->arena);
    buf_putc(&keys, ' ');
    add_rows(task, "service", "", word->from, &keys);
    add_rows(task, "place_type", "=", word->from, &keys);
    add_rows(task, "language", "*/", word->from, &keys);
    for (size_t i = 0; i < query->names; i++) {
        const struct near_name *name = &query->name[i];

        if (!label_has(task->arena, name->text, word->from))
            continue;
        if (name->need.size)
            buf_printf(&keys, "%.*s ", STR_ARGS(name->need));
        else if (!word->flags)
            word->flags = name->flags;
    }
    if (keys.size > 1)
        word->keys = buf_str(&keys);
}

/* "de", "to", "a": not what somebody looks for, unless alone; "72" may be. */
static bool is_filler(struct str word)
{
    return word.size < LETTERS && (word.at[0] < '0' || word.at[0] > '9');
}

size_t near_words(const struct task *task, const struct near_query *query,
                  struct near_word word[NEAR_WORDS])
{
    struct word_set set = {.arena = task->arena};
    size_t count = 0;
    bool longer = false;

    for (size_t i = 0; i < NEAR_WORDS; i++)
        word[i] = (struct near_word){STR(""), STR(""), STR(""), 0};
    word_set_add(&set, str_slice(query->words, 0, 200));
    for (size_t i = 0; i < set.count; i++)
        longer = longer || !is_filler(set.word[i]);
    for (size_t i = 0; i < set.count && count < NEAR_WORDS; i++) {
        if (longer && is_filler(set.word[i]))
            continue;
        word[count].from = set.word[i];
        word[count].to = str_join(task->arena, set.word[i],
                                  STR("\xf4\x8f"
                                      "\xbf\xbf"));
        if (set.word[i].size >= LETTERS)
            add_codes(task, query, &word[count]);
        count++;
    }
    return count;
}
