/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* name_rules.h - what is known about words of names: catalog/name_word.csv
 * (which words are given names, surnames, particles, abbreviations, and how
 * common they are) and catalog/nickname.csv (Pancho is Francisco). Read once,
 * then only read; it lives in the office's arena as log->tokens_context.
 */
#ifndef COBIJO_NAME_RULES_H
#define COBIJO_NAME_RULES_H

#include "domain/catalog.h"
#include "domain/person/phonetic.h"

enum name_word_kind {
    NAME_WORD_NAME,
    NAME_WORD_PARTICLE,    /* de, la, dos, von */
    NAME_WORD_SAINT,       /* san, saint: part of the next word */
    NAME_WORD_DEVOTION,    /* María del CARMEN: a given name after "de" */
    NAME_WORD_ABBREVIATION /* Ma., Fco., Gpe. */
};

struct name_entry {
    struct str word;    /* folded, n for n-tilde */
    struct str written; /* with accents */
    enum name_word_kind kind;
    double given, surname; /* share of people, 0 to 1 */
    char sex;              /* m, f or 0 */
    struct str zone;       /* es maya ht br en */
    struct str expansion;  /* of an abbreviation, folded; may be empty */
    bool devotion;
};

struct name_rules {
    const struct name_entry *entry;
    const struct phonetic *sound; /* of each entry */
    size_t count;
    uint32_t *by_word, *by_sound; /* slots: index + 1 */
    size_t slots;
    struct name_class *nickname; /* sorted by word */
    size_t nicknames;
};

/* A word that is a nickname of, or is, the name that leads a class. */
struct name_class {
    struct str word, leader; /* folded */
};

/* Tables may be NULL: then nothing is known and only the order decides. */
const struct name_rules *name_rules_read(struct arena *arena,
                                         const struct catalog *catalog);
const struct name_rules *name_rules_make(struct arena *arena,
                                         const struct catalog_table *words,
                                         const struct catalog_table *nicknames);

/* folded: without n-tilde. NULL when unknown. */
const struct name_entry *name_entry_find(const struct name_rules *rules,
                                         struct str folded);
/* The commonest known word that sounds like it, or NULL. */
const struct name_entry *name_entry_like(const struct name_rules *rules,
                                         const struct phonetic *sound);
/* Leaders of the classes a word belongs to (a leader belongs to its own). */
size_t name_classes(const struct name_rules *rules, struct str folded,
                    struct str leader[4]);
bool name_same_class(const struct name_rules *rules, struct str a,
                     struct str b);

#endif
