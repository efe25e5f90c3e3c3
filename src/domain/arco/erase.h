/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase.h - cancellation: everything about a person goes, for ever; what may
 * be counted stays without her (catalog/residue.csv), so that no figure
 * changes.
 *
 * One transaction: an erasing entry for each record of each of her files
 * (merged ones too), groups written anew without her, imports and submissions
 * that hold her, a notice for each receiver, and the record of kind `erasure`
 * that proves it and names nobody. Bodies go with the entries (log.c), data
 * keys with the bodies, attachments' bytes right after.
 */
#ifndef COBIJO_ARCO_ERASE_H
#define COBIJO_ARCO_ERASE_H

#include "domain/record/record.h"

struct erase_order {
    struct str person;
    struct str cause;    /* solicitud, plazo */
    struct str request;  /* record of kind rights_request; may be empty */
    struct str folio;    /* of the request or of the retention run */
    struct str approver; /* user who agreed; may be empty */
};

/* What would go: {files, records:[{kind, label, count}], count, groups,
 * receivers:[{name, on}], waits: "" or why it cannot be done now}. */
enum error erase_look(struct task *task, struct str person, struct value **view,
                      struct err *err);
enum { MENTIONS_MOST = 100, MENTIONS_READ = 200000 };
/* Records of others in which her name may stand, for somebody to read before
 * she is erased: {found:[{kind, id, label, on}], any, closed: how many she who
 * asks may not read, more: there are others, or it was given up}. */
enum error erase_mentions(struct task *task, struct str person,
                          struct value **view, struct err *err);
/* Does it. *erasure: the record of kind erasure. ERROR_NOT_FOUND when there is
 * no such person (any more). Asks for no right: its callers do. */
enum error erase_person(struct task *task, const struct erase_order *order,
                        struct str *erasure, struct err *err);

/* The proof, for a page or a paper: {id, folio, cause, made_at, records,
 * files, entries:[{seq, hash}], notices, open_notices}. */
enum error erase_certificate(struct task *task, struct str erasure,
                             struct value **view, struct err *err);

/* What may be kept of a record: NULL nothing. `person` (answers of kind
 * person) and days are for age and months. */
struct residue {
    struct task *task;
    int64_t first_day; /* the earliest month that her file counts in */
};
struct value *residue_of(struct residue *residue, const struct record *record);
/* Her age as far as months tell; after all others were asked. */
void residue_age(const struct residue *residue, const struct value *person,
                 struct value *kept);

#endif
