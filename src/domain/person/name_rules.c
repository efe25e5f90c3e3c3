/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* name_rules.c - reads the two tables into arrays with an index by word and
 * one by sound. Knows what words are, not what people are called.
 */
#include "domain/person/name_rules.h"

#include "core/utf8.h"

static enum name_word_kind kind_of(struct str text)
{
    if (str_equal_c(text, "particle"))
        return NAME_WORD_PARTICLE;
    if (str_equal_c(text, "saint"))
        return NAME_WORD_SAINT;
    if (str_equal_c(text, "devotion"))
        return NAME_WORD_DEVOTION;
    if (str_equal_c(text, "abbreviation"))
        return NAME_WORD_ABBREVIATION;
    return NAME_WORD_NAME;
}

static double share_of(const struct catalog_table *table, size_t row,
                       const char *column)
{
    int64_t per_100000 = 0;

    str_to_int(catalog_cell(table, row, column), &per_100000);
    return (double)per_100000 / 100000;
}

static uint64_t sound_hash(const struct phonetic *sound)
{
    return str_hash(str_of(sound->count ? sound->key[0] : ""));
}

static size_t slot_of_word(const struct name_rules *rules, struct str word)
{
    size_t at = str_hash(word) & (rules->slots - 1);

    while (rules->by_word[at] &&
           !str_equal(rules->entry[rules->by_word[at] - 1].word, word))
        at = (at + 1) & (rules->slots - 1);
    return at;
}

static size_t slot_of_sound(const struct name_rules *rules,
                            const struct phonetic *sound)
{
    size_t at = sound_hash(sound) & (rules->slots - 1);

    while (rules->by_sound[at] &&
           strcmp(rules->sound[rules->by_sound[at] - 1].key[0],
                  sound->key[0]) != 0)
        at = (at + 1) & (rules->slots - 1);
    return at;
}

static void read_entry(struct arena *arena, const struct catalog_table *table,
                       size_t row, struct name_entry *entry)
{
    struct str sex = catalog_cell(table, row, "sex");

    entry->written = catalog_cell(table, row, "word");
    entry->word = utf8_fold(arena, entry->written, false);
    entry->kind = kind_of(catalog_cell(table, row, "kind"));
    entry->given = share_of(table, row, "given");
    entry->surname = share_of(table, row, "surname");
    entry->sex = sex.size ? sex.at[0] : '\0';
    entry->zone = catalog_cell(table, row, "zone");
    entry->expansion =
        utf8_fold(arena, catalog_cell(table, row, "expansion"), false);
}

/* A word that stands twice (santo: name and saint) keeps its first kind but
 * learns that it is a devotion. */
static void index_word(struct name_rules *rules, struct name_entry *entry,
                       size_t i)
{
    size_t at = slot_of_word(rules, entry[i].word);
    struct name_entry *old;

    if (!rules->by_word[at]) {
        rules->by_word[at] = (uint32_t)i + 1;
        entry[i].devotion = entry[i].kind == NAME_WORD_DEVOTION;
        return;
    }
    old = &entry[rules->by_word[at] - 1];
    if (entry[i].kind == NAME_WORD_DEVOTION)
        old->devotion = true;
    if (old->kind == NAME_WORD_DEVOTION && entry[i].kind == NAME_WORD_NAME) {
        entry[i].devotion = true;
        rules->by_word[at] = (uint32_t)i + 1;
    } else if (entry[i].kind == NAME_WORD_NAME) {
        old->given = old->given > entry[i].given ? old->given : entry[i].given;
        old->surname =
            old->surname > entry[i].surname ? old->surname : entry[i].surname;
    }
}

static bool index_entries(struct arena *arena, struct name_rules *rules,
                          struct name_entry *entry)
{
    struct phonetic *sound =
        ARENA_ARRAY(arena, struct phonetic, rules->count + 1);

    rules->slots = 16;
    while (rules->slots < rules->count * 2)
        rules->slots *= 2;
    rules->by_word = ARENA_ARRAY(arena, uint32_t, rules->slots);
    rules->by_sound = ARENA_ARRAY(arena, uint32_t, rules->slots);
    rules->sound = sound;
    if (!sound || !rules->by_word || !rules->by_sound)
        return false;
    for (size_t i = 0; i < rules->count; i++) {
        size_t at;

        index_word(rules, entry, i);
        phonetic_of(arena, entry[i].written, &sound[i]);
        if (entry[i].kind != NAME_WORD_NAME || !sound[i].count)
            continue;
        at = slot_of_sound(rules, &sound[i]);
        if (!rules->by_sound[at] ||
            entry[rules->by_sound[at] - 1].given +
                    entry[rules->by_sound[at] - 1].surname <
                entry[i].given + entry[i].surname)
            rules->by_sound[at] = (uint32_t)i + 1;
    }
    return true;
}

static int compare_class(const void *a, const void *b)
{
    const struct name_class *one = a, *two = b;
    int order = str_compare(one->word, two->word);

    return order ? order : str_compare(one->leader, two->leader);
}

/* Rows: nickname, name; a cell may hold several words apart by | ; or space. */
static void read_nicknames(struct arena *arena, struct name_rules *rules,
                           const struct catalog_table *table)
{
    size_t capacity = table ? table->rows * 8 + 2 : 2;

    rules->nickname = ARENA_ARRAY(arena, struct name_class, capacity);
    for (size_t row = 0; rules->nickname && table && row < table->rows; row++) {
        struct str word =
            utf8_fold(arena, table->cell[row * table->columns], false);
        struct str names =
            table->columns > 1
                ? utf8_fold(arena, table->cell[row * table->columns + 1], false)
                : STR_NULL;

        for (size_t from = 0, at = 0; at <= names.size; at++) {
            struct str leader;

            if (at < names.size && !strchr("|; ,", names.at[at]))
                continue;
            leader = str_slice(names, from, at);
            from = at + 1;
            if (!leader.size || !word.size || rules->nicknames + 2 > capacity)
                continue;
            rules->nickname[rules->nicknames++] =
                (struct name_class){word, leader};
            rules->nickname[rules->nicknames++] =
                (struct name_class){leader, leader};
        }
    }
    if (rules->nicknames)
        qsort(rules->nickname, rules->nicknames, sizeof *rules->nickname,
              compare_class);
}

const struct name_rules *name_rules_make(struct arena *arena,
                                         const struct catalog_table *words,
                                         const struct catalog_table *nicknames)
{
    struct name_rules *rules = ARENA_NEW(arena, struct name_rules);
    size_t count = words ? words->rows : 0;
    struct name_entry *entry = ARENA_ARRAY(arena, struct name_entry, count + 1);

    if (!rules || !entry)
        return NULL;
    for (size_t row = 0; row < count; row++)
        read_entry(arena, words, row, &entry[row]);
    rules->entry = entry;
    rules->count = count;
    if (!index_entries(arena, rules, entry))
        return NULL;
    read_nicknames(arena, rules, nicknames);
    return arena_failed(arena) ? NULL : rules;
}

const struct name_rules *name_rules_read(struct arena *arena,
                                         const struct catalog *catalog)
{
    return name_rules_make(arena, catalog_table(catalog, "name_word"),
                           catalog_table(catalog, "nickname"));
}

const struct name_entry *name_entry_find(const struct name_rules *rules,
                                         struct str folded)
{
    size_t at;

    if (!rules || !rules->count)
        return NULL;
    at = rules->by_word[slot_of_word(rules, folded)];
    return at ? &rules->entry[at - 1] : NULL;
}

const struct name_entry *name_entry_like(const struct name_rules *rules,
                                         const struct phonetic *sound)
{
    size_t at;

    if (!rules || !rules->count || !sound->count)
        return NULL;
    at = rules->by_sound[slot_of_sound(rules, sound)];
    return at ? &rules->entry[at - 1] : NULL;
}

static size_t first_class(const struct name_rules *rules, struct str word)
{
    size_t low = 0, high = rules->nicknames;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (str_compare(rules->nickname[middle].word, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t name_classes(const struct name_rules *rules, struct str folded,
                    struct str leader[4])
{
    size_t count = 0;

    if (!rules || !rules->nicknames)
        return 0;
    for (size_t i = first_class(rules, folded);
         i < rules->nicknames && count < 4 &&
         str_equal(rules->nickname[i].word, folded);
         i++)
        if (!count || !str_equal(leader[count - 1], rules->nickname[i].leader))
            leader[count++] = rules->nickname[i].leader;
    return count;
}

bool name_same_class(const struct name_rules *rules, struct str a, struct str b)
{
    struct str of_a[4], of_b[4];
    size_t n = name_classes(rules, a, of_a), m;

    if (!n)
        return false;
    m = name_classes(rules, b, of_b);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            if (str_equal(of_a[i], of_b[j]))
                return true;
    return false;
}
