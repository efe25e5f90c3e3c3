/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store_fixture.h - a fresh store for a test: SQLite in a directory of its
 * own, and PostgreSQL in a schema of its own where COBIJO_TEST_PG (a libpq
 * URI) is set. Clock, randomness and hash are fixed; people are synthetic.
 * What entries say is sealed with a fixed site key, unless the environment has
 * COBIJO_TEST_UNSEALED.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "store/project.h"
#include "store/sealing.h"
#include "tap.h"

struct fixture {
    struct tap *tap;
    const char *dialect; /* sqlite, postgresql */
    char directory[200]; /* SQLite: of the file */
    char schema[64];     /* PostgreSQL */
    char url[600];
    struct host host;
    int64_t now;     /* what the clock says; a test may move it */
    uint64_t random; /* seed */
    struct arena arena;
    struct store *store;
    struct db *db; /* writing */
    struct log log;
    const struct form *form[8]; /* what log.form answers from */
    size_t forms;
};

extern const unsigned char fixture_site_key[SEAL_KEY];

/* Runs the check on each database there is; skips the other by name. */
void fixture_each(struct tap *tap, const char *name,
                  void (*check)(struct fixture *fixture));
/* On SQLite only, with these words for trace.h (NULL: none). */
void fixture_sqlite(struct tap *tap, const char *trace,
                    void (*check)(struct fixture *fixture));
/* What its SQLite file is encrypted with. */
extern const unsigned char fixture_key[32];
/* Closes and opens again; trace as above. */
enum error fixture_reopen(struct fixture *fixture, const char *trace,
                          struct err *err);
/* db_run, shown when it fails. */
bool fixture_ok(struct fixture *fixture, enum error error,
                const struct err *err, const char *name);
uint64_t fixture_random(struct fixture *fixture);

/* Forms by hand: form_new, then questions; the fixture knows it from then on.
 * key "children/name": within the repeat children. */
struct form *fixture_form(struct fixture *fixture, const char *name,
                          const char *version);
struct question *fixture_question(struct fixture *fixture, struct form *form,
                                  const char *key, enum question_type type,
                                  enum merge_policy merge);
/* person: names, birth, age, weight, notes, consent, flags, children (a
 * repeat of name, birth, toys (a repeat of name)). */
struct form *fixture_person(struct fixture *fixture, const char *version);

/* Words of given_names and surname as n tokens, code as c. */
size_t fixture_tokens(void *context, struct arena *arena,
                      const struct value *answers, struct search_token **token);

const struct value *fixture_json(struct fixture *fixture, const char *json);
/* Appends in a transaction of its own. */
enum error fixture_append(struct fixture *fixture, struct entry *entry,
                          bool expect_base, bool *repeated, struct err *err);
/* As another program would, which knows nothing of our guards but has the key:
 * no trigger stands from then on. */
void fixture_unguarded(struct fixture *fixture, const char *sql);
/* All projection tables as text, rows in order of the primary key. full: with
 * what depends on the order of arrival (record.number, the search index). */
struct str fixture_dump(struct fixture *fixture, bool full,
                        struct arena *arena);

#endif
