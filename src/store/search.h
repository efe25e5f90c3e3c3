/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* search.h - the token table behind "find a person".
 *
 * Which tokens a record has is the domain's business
 * (domain/person/name.h); the store is handed a function that makes them,
 * keeps them with the projection and answers candidates fast at a million
 * people. Tokens carry a one-letter class: n word of a name, p phonetic key,
 * q sorted pair of phonetic keys, c code, t telephone (digits), d birth date.
 */
#ifndef COBIJO_SEARCH_H
#define COBIJO_SEARCH_H

#include "store/store.h"

struct search_token {
    char class;
    struct str text;
};

/* Tokens of a record of kind person; set once in struct log's owner and
 * handed to project.c through log->tokens. */
typedef size_t (*search_tokenizer)(void *context, struct arena *arena,
                                   const struct value *answers,
                                   struct search_token **token);

struct search_hit {
    struct str record;
    int hits;      /* how many of the wanted tokens it has */
    int64_t clock; /* order of arrival: the newer has the higher */
};

struct search_want {
    struct search_token token;
    bool prefix; /* any token that starts with it */
};

/* Candidates that hold at least `least` of the wanted tokens (at most 32 are
 * looked at), best first, then newest. Work is bounded (400 candidates per
 * token), whatever the size of the table: those with rare tokens are looked
 * at first. */
enum error search_candidates(struct db *db, struct str site,
                             const struct search_want *want, size_t count,
                             int least, size_t limit, struct arena *arena,
                             struct search_hit **hit, size_t *hits,
                             struct err *err);

/* Is there a record with this very token in the index? One look-up; those of
 * the last few hundred records (tokens.c) are not seen. */
enum error search_indexed(struct db *db, struct str site,
                          const struct search_token *token, bool *found,
                          struct err *err);

/* What follows is called by project.c. number: the record's, see schema.sql.
 * search_add: a record that has no tokens yet and whose number is the highest;
 * every few hundred of them the tokens go into the index. */
enum error search_add(struct db *db, struct str site, struct str record,
                      int64_t number, const struct search_token *token,
                      size_t count, struct err *err);
enum error search_replace(struct db *db, struct str site, struct str record,
                          int64_t number, const struct search_token *token,
                          size_t count, struct err *err);
/* Rebuilding: search_put each record, then search_reindex each site. */
enum error search_put(struct db *db, struct str site, struct str record,
                      int64_t number, const struct search_token *token,
                      size_t count, struct err *err);
enum error search_reindex(struct db *db, struct str site, struct err *err);
/* Puts all tokens of a site into the index now. */
enum error search_index(struct db *db, struct str site, struct err *err);

#endif
