/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* name.h - what people are called: taking a whole name apart, showing it,
 * cutting it into words to compare.
 *
 * Nobody is made to have two surnames. A person's own spelling is kept; what
 * is folded, expanded or guessed here serves search and comparison only.
 */
#ifndef COBIJO_NAME_H
#define COBIJO_NAME_H

#include "domain/person/name_rules.h"

/* Where surnames stand and how many there usually are. */
enum name_custom {
    NAME_SPANISH,    /* father's, mother's; one or none is common too */
    NAME_PORTUGUESE, /* mother's first, father's last */
    NAME_ONE         /* one surname: Haiti, English- and French-speaking */
};
enum name_custom name_custom_of(struct str nationality); /* ISO 3166 alpha-3 */

struct name {
    struct str given, first_surname, second_surname, alias;
    const char *note; /* msgid for name_order_note, or NULL */
    bool unsure;      /* another split would be nearly as likely */
};

/* "Ana María de la Cruz López", "LÓPEZ PÉREZ, ANA", "Jean-Baptiste Rose" …
 * false when there is no name in it (empty, only signs). */
bool name_split(const struct name_rules *rules, struct arena *arena,
                struct str full, enum name_custom custom, struct name *name);
/* Surnames written together in one column. */
void name_split_surnames(struct arena *arena, struct str surnames,
                         enum name_custom custom,
                         const struct name_rules *rules, struct name *name);
/* One space, no signs at the ends; ALL CAPS or all small becomes Upper Lower
 * (particles small), mixed case stays as written. */
struct str name_tidy(const struct name_rules *rules, struct arena *arena,
                     struct str text);

/* The name to call her by: the chosen name (alias) if there is one and she is
 * not registered by full name, else given names and surnames; STR_NULL when
 * none was given. */
struct str name_of_person(struct arena *arena, const struct value *answers);
/* Given names and surnames, whatever the alias. */
struct str name_full(struct arena *arena, const struct value *answers);

enum name_role { NAME_GIVEN, NAME_FIRST, NAME_SECOND, NAME_ALIAS };

/* One word to compare by. */
struct name_word {
    struct str text;   /* folded, abbreviation expanded */
    struct str joined; /* with its particles: delacruz; empty: none */
    struct phonetic sound;
    enum name_role role;
};

enum { NAME_WORDS_MAX = 12 };
/* Words of one field, particles left out; returns how many were added. */
size_t name_words(const struct name_rules *rules, struct arena *arena,
                  struct str text, enum name_role role, struct name_word *word,
                  size_t capacity);

#endif
