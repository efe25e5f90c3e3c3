/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain_fixture.h - an office to try things in: a store in a temporary
 * folder (and again on PostgreSQL when COBIJO_TEST_PG names a server), a clock
 * that is moved by hand, randomness from a seed, forms and catalogue read
 * from the repository. Everybody in it is made up. Sealed with a fixed site key
 * unless the environment has COBIJO_TEST_UNSEALED.
 *
 *     static void check(struct tap *tap, struct fixture *fixture) {…}
 *     int main(void) { return fixture_main(check); }
 */
#ifndef COBIJO_DOMAIN_FIXTURE_H
#define COBIJO_DOMAIN_FIXTURE_H

#include "domain/office.h"
#include "domain/record/record.h"
#include "sys/host_native.h"
#include "tap.h"

struct fixture {
    struct office office;
    struct db *db;      /* a reading connection */
    struct arena arena; /* what lives as long as the test */
    struct host host;
    struct host_native native;
    int64_t now; /* move it */
    uint64_t seed;
    struct form_files files;
    struct fixture_file *file; /* read so far */
    char folder[64];
    char url[512];
    bool postgres;
};

/* What SQLite files of tests are encrypted with. */
extern const unsigned char fixture_store_key[32];

/* false: said why as a TAP comment. zone: IANA. */
bool fixture_init(struct fixture *fixture, bool postgres, const char *zone);
/* Another house: its own store, site and site key. */
bool fixture_init_other(struct fixture *fixture, bool postgres,
                        const char *zone);
void fixture_release(struct fixture *fixture);
/* Runs the checks on SQLite, then on PostgreSQL or a skip; main's result. */
int fixture_main(void (*check)(struct tap *tap, struct fixture *fixture));

/* A task of somebody with a role of catalog/role.csv ("" nobody, "system");
 * her id is user-ROLE. Moves with fixture->now when made. */
struct task fixture_task(struct fixture *fixture, const char *role);
/* JSON with ' for ", so that tests can be read. */
const struct value *fixture_json(struct fixture *fixture, const char *text);
/* Saves as the task; id NULL: new. err may be NULL. Failures are printed as
 * comments when say is set. */
enum error fixture_save(struct task *task, const char *kind, struct str id,
                        const struct value *input, struct saved *saved);
/* A made-up person by the system; her id. STR_NULL on failure. */
struct str fixture_person(struct fixture *fixture, const char *json);
/* A record of any kind by the system. */
struct str fixture_record(struct fixture *fixture, const char *kind,
                          const char *json);
/* One answer of a record as it stands now, "" when there is none. */
const char *fixture_answer(struct fixture *fixture, const char *kind,
                           struct str id, const char *field);
void fixture_say(const struct err *err); /* as a TAP comment */
int64_t fixture_instant(const char *text);
int64_t fixture_day(const char *text);

#endif
