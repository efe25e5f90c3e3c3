/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finding_words.c - what the words of a search may stand for. public_word has
 * the names of places and what they are called in Spanish; what the reader's
 * language calls a service, a kind of place, a language or a need is looked up
 * here and becomes its code, so that no place is kept in five languages.
 */
#include "domain/directory/finding.h"

#include "core/utf8.h"
#include "domain/person/words.h"

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

/* A key, or a kind; *count up to most are kept apart, too. */
static void put_code(struct finding_word *word, struct buf *keys,
                     const char *before, struct str code, size_t *count)
{
    bool type = before[0] == '=';
    struct str *list = type ? word->type : word->key;
    struct str key = STR("");
    size_t from = keys->size;

    buf_printf(keys, "%s%.*s ", before, STR_ARGS(code));
    key = str_slice(buf_str(keys), from, keys->size - 1);
    if (*count < (type ? (size_t)WORD_TYPES : (size_t)WORD_KEYS))
        list[*count] = type ? code : str_copy(keys->arena, key);
    else
        word->listed = false;
    (*count)++;
}

struct codes {
    const struct finding *finding;
    struct finding_word *word;
    struct buf keys;
    size_t key, type;
};

/* needs: those of which a service is one make it needless. */
static void put_rows(struct codes *codes, const char *name, const char *before,
                     struct str needs)
{
    const struct task *task = codes->finding->task;
    const struct catalog_table *table =
        catalog_table(task->office->catalog, name);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct str code = catalog_cell(table, i, "name");

        if (!label_has(task->arena,
                       catalog_label(table, i, "label", task->language),
                       codes->word->from) ||
            str_equal_c(code, "spa") ||
            (needs.size &&
             words_common(task->arena, needs, catalog_cell(table, i, "sectors"))
                 .size))
            continue;
        put_code(codes->word, &codes->keys, before, code,
                 before[0] == '=' ? &codes->type : &codes->key);
    }
}

static void put_codes(const struct finding *finding, struct finding_word *word)
{
    const struct near_query *query = finding->query;
    struct arena *arena = finding->task->arena;
    struct codes codes = {.finding = finding, .word = word};
    struct str needs = STR("");

    buf_init(&codes.keys, arena);
    buf_putc(&codes.keys, ' ');
    for (size_t i = 0; i < query->names; i++) {
        const struct near_name *name = &query->name[i];

        if (!label_has(arena, name->text, word->from))
            continue;
        if (name->need.size) {
            put_code(word, &codes.keys, "", name->need, &codes.key);
            needs = words_union(arena, needs, name->need);
        } else if (!word->flags) {
            word->flags = name->flags;
        }
    }
    put_rows(&codes, "service", "", needs);
    put_rows(&codes, "language", "*/", STR(""));
    put_rows(&codes, "place_type", "=", STR(""));
    if (codes.keys.size > 1)
        word->keys = buf_str(&codes.keys);
}

/* "de", "to", "a": not what somebody looks for, unless alone; "72" may be. */
static bool is_filler(struct str word)
{
    return word.size < LETTERS && (word.at[0] < '0' || word.at[0] > '9');
}

static void put_words(struct finding *finding, const struct word_set *set,
                      bool named, size_t *count)
{
    bool longer = false;

    for (size_t i = 0; i < set->count; i++)
        longer = longer || !is_filler(set->word[i]);
    for (size_t i = 0; i < set->count && *count < FINDING_WORDS; i++) {
        struct finding_word *word = &finding->word[*count];

        if (longer && is_filler(set->word[i]))
            continue;
        (*count)++;
        word->from = set->word[i];
        word->to = str_join(finding->task->arena, set->word[i],
                            STR("\xf4\x8f"
                                "\xbf\xbf"));
        if (named && set->word[i].size >= LETTERS)
            put_codes(finding, word);
    }
}

void finding_take_words(struct finding *finding, struct str town)
{
    struct arena *arena = finding->task->arena;
    struct word_set set = {.arena = arena}, towns = {.arena = arena};
    const struct str none = STR("-"); /* no place has such */
    size_t count = 0;

    for (size_t i = 0; i < FINDING_WORDS; i++) {
        struct finding_word *word = &finding->word[i];

        *word = (struct finding_word){
            .from = STR(""), .to = STR(""), .keys = STR(""), .listed = true};
        for (size_t k = 0; k < WORD_KEYS; k++)
            word->key[k] = none;
        for (size_t k = 0; k < WORD_TYPES; k++)
            word->type[k] = none;
    }
    word_set_add(&set, str_slice(finding->query->words, 0, 200));
    word_set_add(&towns, str_slice(town, 0, 200));
    put_words(finding, &set, true, &count);
    put_words(finding, &towns, false, &count);
    finding->words = count > 0;
}
