/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant.h - a referral goes to another house that has Cobijo, sealed: what she
 * agreed to share, a key of its own for each class, wrapped for the receiver's
 * public key, all signed by this house. Whoever carries or keeps the file
 * cannot read it.
 *
 * The keys are inside the file (for houses without a network), or they are
 * fetched from this house when the file is opened: until then a withdrawal, an
 * end of the consent or the term takes effect at once. What was fetched cannot
 * be unread, and a page says so.
 *
 * A key of a grant is random and belongs to no other: to take one back or to
 * lose one says nothing about the rest of her file.
 */
#ifndef COBIJO_GRANT_H
#define COBIJO_GRANT_H

#include "domain/grant/grant_text.h"
#include "domain/office.h"
#include "domain/person/person.h"
#include "domain/record/record.h"
#include "domain/referral/referral.h"

/* The keys of this house for others; wipe with grant_seal_wipe. */
struct grant_seal {
    struct house_key key;
    unsigned char box_secret[32], sign_seed[32];
};
/* ERROR_FORBIDDEN without a site key. */
enum error grant_seal_open(const struct task *task, struct grant_seal *seal,
                           struct err *err);
void grant_seal_wipe(const struct task *task, struct grant_seal *seal);

/* --- the house that gives ------------------------------------------------- */

/* For a referral that was sent; refuses what the link would refuse. apart: the
 * keys are fetched, which takes a public address. */
enum error grant_make(struct task *task, struct str referral, bool apart,
                      struct str *id, struct err *err);
/* The newest grant of a referral, as long as it stands. */
enum error grant_file(struct task *task, struct str referral, struct str *text,
                      struct err *err);
/* text: the signed withdrawal, for a receiver that has the keys already. */
enum error grant_withdraw(struct task *task, struct str id, struct str *text,
                          struct err *err);
/* An answer of the house it was given to, in its box: moves the referral as the
 * link's answers do. The same again is harmless. referral: it must be about
 * this one; empty: from her door, whoever brings it. */
enum error grant_hear(struct task *task, struct str referral, struct str boxed,
                      struct err *err);

/* The door for receivers: answers with the keys, once she may have them.
 * ERROR_NOT_FOUND for what is not hers, whatever the reason; ERROR_GONE when it
 * was withdrawn or ended. at, sign: from her request. */
enum error grant_hand_over(struct task *task, struct str id, struct str at,
                           struct str sign, struct str *text, struct err *err);

struct grant_given {
    struct str id, referral, receiver_name, classes, basis, scope;
    struct house_key receiver;
    bool apart;
    int64_t issued, expires, fetched, withdrawn;
    struct str file, keys;
    bool stopped; /* nobody took the keys, and nobody will: grant_list */
};
/* Newest first. */
enum error grant_list(struct task *task, struct str referral,
                      struct grant_given **given, size_t *count,
                      struct err *err);
/* What became of one, for who reads Spanish or her language. */
struct str grant_told(const struct task *task, const struct grant_given *given);
/* Destroys what may not be fetched any more. */
enum error grant_sweep(struct task *task, struct err *err);

/* --- the house that receives ---------------------------------------------- */

/* The houses whose grants are opened here; key: the line they gave by another
 * way. */
enum error grant_peer_add(struct task *task, struct str key, struct err *err);

struct grant_opening {
    struct str file;
    struct str key;  /* the issuer's, when it is seen for the first time */
    struct str keys; /* that were fetched; empty: fetch them */
};
/* {id, from, person, basis, scope, issued, expires, opened, classes, package}
 * or {withdrawn} for a withdrawal. */
enum error grant_open(struct task *task, const struct grant_opening *opening,
                      struct value **out, struct err *err);
/* Where the keys of a file are asked for: an address, signed, good for ten
 * minutes. */
enum error grant_ask(struct task *task, struct str file, struct str *url,
                     struct err *err);

/* --- the house that receives: for people, and into a file of its own ------ */

/* What an opened grant says, as the receiver's door shows a package: {from,
 * from_phone, request, fields}, in the reader's language where this house knows
 * the question, without what is closed to her. *hidden: there is more. */
struct value *grant_package(struct task *task, const struct value *opened,
                            bool *hidden);
/* The same as answers of a person here, as far as the form takes them. */
struct value *grant_answers(struct task *task, const struct value *opened);

/* Those that were registered here of a grant or its referral, or of any when
 * opened is NULL: records of kind received, newest first, within reach. */
enum error grant_taken(struct task *task, const struct value *opened,
                       struct record **record, size_t *count, struct err *err);

struct grant_taking {
    const struct value *opened;
    const struct value *answers; /* of the new person */
    struct str person; /* who is here already; then answers are not looked at */
    struct str entry;  /* idempotency, may be empty */
};
/* Registers her, or notes it in the file of somebody who is here: a consent
 * of the kind that the grant stands on, and the referral as it was received. */
enum error grant_take(struct task *task, const struct grant_taking *taking,
                      struct registered *registered, struct err *err);

/* --- the house that receives: answers ------------------------------------- */

struct grant_reply {
    int64_t number, at;
    struct str answer; /* accept, decline … */
    bool posted;
    struct str text; /* for the other house, in its box */
};
struct grant_door {
    struct str issuer, id, name;
    struct str url; /* where answers are taken; empty: only by hand */
    struct grant_reply *reply; /* newest first */
    size_t replies;
    struct str state; /* of the referral, as far as is known here */
};
/* accept, decline … */
bool grant_answer_named(struct str name, enum referral_answer *kind);
/* Of a grant that was opened here; issuer empty: of whatever house. */
enum error grant_door_find(struct task *task, struct str issuer, struct str id,
                           struct grant_door *door, struct err *err);
/* Signs an answer, keeps it, posts it where there is an address. refused: what
 * the other house said, empty when it took it or was not asked. */
enum error grant_answer(struct task *task, const struct grant_door *door,
                        const struct answer *answer, struct grant_reply *reply,
                        struct str *refused, struct err *err);

#endif
