/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_text.h - the texts that two houses exchange about a grant, written
 * and read byte by byte: a house's key line, the grant, its keys when they go
 * apart, the request for them, a withdrawal.
 *
 * Each begins with a line that says what it is and in which version, so that
 * a signature under one is none under another, and ends with "sign BASE64".
 * There is one way to write each: what would be written otherwise is refused,
 * since every byte is signed. No keys are kept here.
 */
#ifndef COBIJO_GRANT_TEXT_H
#define COBIJO_GRANT_TEXT_H

#include "core/buf.h"
#include "core/host.h"
#include "core/seal.h"

enum {
    GRANT_MAX = 262144, /* bytes of a file */
    GRANT_CLASSES = 6,  /* numbers of enum seal_class, from 1 */
    GRANT_WRAPPED = 64 + SEAL_BOX_EXTRA, /* key and what it is bound to */
    GRANT_ID = 32                        /* letters of a house's key id */
};

/* cobijo1+SITE+BASE64(X25519, Ed25519)+CHECK: what a house gives to others. */
struct house_key {
    struct str site;
    unsigned char box[32], sign[32];
    char id[GRANT_ID + 1]; /* hash of all three, for people and headers */
};
void house_key_make(const struct host *host, struct str site,
                    const unsigned char box[32], const unsigned char sign[32],
                    struct house_key *key);
struct str house_key_text(struct arena *arena, const struct house_key *key);
enum error house_key_parse(const struct host *host, struct arena *arena,
                           struct str text, struct house_key *key,
                           struct err *err);

struct grant_part {
    int class;                            /* enum seal_class */
    unsigned char wrapped[GRANT_WRAPPED]; /* when the keys are inside */
    unsigned char nonce[SEAL_NONCE];
    struct str sealed;
};

struct grant {
    struct str id, name, referral, person, purpose, basis, consent, scope;
    struct house_key issuer;
    struct str receiver; /* key id */
    int64_t issued, expires;
    bool fetched;   /* keys are asked for, not inside */
    struct str url; /* where; empty: inside */
    struct grant_part part[GRANT_CLASSES];
    size_t parts;
    unsigned char head[32]; /* hash of all before the keys */
};

/* The text until and with its last part; what is signed. Sets head. */
struct str grant_text(const struct host *host, struct arena *arena,
                      struct grant *grant);
/* Only what stands before the keys; sets head. */
void grant_head(const struct host *host, struct arena *arena,
                struct grant *grant);
/* Reads and checks the issuer's own signature: not yet who she is. */
enum error grant_parse(const struct host *host, struct arena *arena,
                       struct str text, struct grant *grant, struct err *err);

/* Key lines as they go apart, and back into a grant that was read. at: when
 * they were handed out. */
struct str grant_keys_text(struct arena *arena, const struct grant *grant,
                           int64_t at);
enum error grant_keys_parse(const struct host *host, struct arena *arena,
                            struct str text, struct grant *grant,
                            struct err *err);

/* What a receiver signs to ask for keys. */
struct str grant_request_text(struct arena *arena, struct str id,
                              struct str receiver, int64_t at);

struct withdrawal {
    struct str id;
    struct house_key issuer;
    int64_t at;
};
struct str withdrawal_text(struct arena *arena,
                           const struct withdrawal *withdrawal);
bool is_withdrawal(struct str text);
enum error withdrawal_parse(const struct host *host, struct arena *arena,
                            struct str text, struct withdrawal *withdrawal,
                            struct err *err);

/* What the receiver answers, signed by its house; it travels in a box that
 * only the giver opens. */
enum { ANSWER_MAX = 8192, ANSWER_TEXT_MAX = 4000 };
struct house_answer {
    struct str id, grant;
    struct house_key house; /* who answers */
    int64_t number;         /* of its answers to this grant, from 1 */
    int64_t at, when;       /* when: an appointment; 0: none */
    struct str kind;        /* received accept decline ask schedule outcome
                               no_show */
    struct str reason, outcome, by, text; /* empty: none */
};
struct str answer_text(struct arena *arena, const struct house_answer *answer);
/* Reads and checks the house's own signature: not yet who it is. */
enum error answer_parse(const struct host *host, struct arena *arena,
                        struct str text, struct house_answer *answer,
                        struct err *err);
struct str boxed_answer_text(struct arena *arena, struct str grant,
                             struct str box);
/* grant: which it says it is about; box: to be opened. */
enum error boxed_answer_parse(struct arena *arena, struct str text,
                              struct str *grant, struct str *box,
                              struct err *err);

/* The text with its last line. */
struct str grant_sign(const struct host *host, struct arena *arena,
                      struct str text, const unsigned char seed[32]);
/* What a part, and the key to it, are bound to: grant, class, use. */
void grant_bound(const struct host *host, const struct grant *grant, int class,
                 const char *use, unsigned char out[32]);
const char *grant_class_name(int class);

#endif
