/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_token.h - what a person can be found by (see store/search.h):
 *
 *   n  each word of her names, folded; also with its particles (delacruz)
 *   p  how each word sounds; "@francisco" for Pancho
 *   q  two words of a name, as sounds in order of the alphabet (for a
 *      nickname also as the name it stands for); and the first given name
 *      with the year of birth: "marta 1998"
 *   c  codes: hers, the bracelet's, an earlier register's, her documents'
 *   t  telephones: all digits, and their last 10, 8 and 4
 *   d  the whole birth date
 */
#ifndef COBIJO_PERSON_TOKEN_H
#define COBIJO_PERSON_TOKEN_H

#include "domain/person/name.h"
#include "store/search.h"

/* A search_tokenizer; context is a struct name_rules. */
size_t person_tokens(void *context, struct arena *arena,
                     const struct value *answers, struct search_token **token);

/* Tokens being collected, each once. */
struct token_list {
    struct arena *arena;
    struct search_token *token;
    size_t count, capacity;
};
void token_add(struct token_list *list, char class, struct str text);
void token_add_pair(struct token_list *list, const char *a, const char *b);
/* Digits of a telephone; STR_NULL when there are fewer than 4. */
struct str phone_digits(struct arena *arena, struct str phone);
/* Letters and digits only, upper case: how codes are compared. */
struct str code_plain(struct arena *arena, struct str code);
/* A document's number of fewer letters and digits tells nobody apart. */
enum { DOCUMENT_LEAST = 5 };
/* 01-01 and 01-07 are what clerks write when only the year is known. */
bool birth_is_year_only(struct str birth_date);

/* How a word sounds, and how the names sound that it is a nickname of; texts
 * end in NUL. */
enum { WORD_KEYS_MAX = 6 };
size_t word_keys(const struct name_rules *rules, struct arena *arena,
                 const struct name_word *word, struct str key[WORD_KEYS_MAX]);

/* Words of the names that a person's answers hold, alias last. */
size_t person_words(const struct name_rules *rules, struct arena *arena,
                    const struct value *answers,
                    struct name_word word[NAME_WORDS_MAX]);

#endif
