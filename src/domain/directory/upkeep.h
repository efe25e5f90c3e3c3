/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* upkeep.h - keeping the directory true: who runs a place is asked again when
 * its entry is due, by a signed link without an account; anybody reports a
 * mistake; what others say is reviewed by staff before it shows.
 *
 * Terms are data (catalog/upkeep.csv). Two things of an owner show at once,
 * because they change nothing that was known: that all is still so (with the
 * day, "confirmed by whoever runs it"), and the band of free places, which
 * expires. Everything else waits as a record of kind `place_change`.
 */
#ifndef COBIJO_UPKEEP_H
#define COBIJO_UPKEEP_H

#include "domain/directory/directory.h"

/* --- asking again (ask.c) ------------------------------------------------- */

/* Makes a question for each public place that is due and was not asked lately;
 * once a minute does no harm. */
enum error directory_ask_tick(struct task *task, size_t *made, struct err *err);
/* A link for this place, for staff to send by hand: makes the question when
 * there is none. Right PLACE_WRITE. */
enum error directory_ask_link(struct task *task, struct str place,
                              struct str *link, struct err *err);

/* Questions to whoever has an address become e-mail of the outbox
 * (domain/delivery), each once, in the task's language. Nothing without the
 * house's public address, which the link begins with. */
enum error directory_ask_mail(struct task *task, size_t *posted,
                              struct err *err);

/* Whoever holds the link. ERROR_NOT_FOUND: not one of ours; ERROR_GONE: over,
 * answered with a newer one, or the place is gone. answers: what the place says
 * of itself, INT and hidden parts left out. */
enum error directory_ask_open(struct task *task, struct str token,
                              struct str *place, const struct value **answers,
                              struct err *err);
/* What she may change by the link; NULL-terminated. */
extern const char *const directory_owner_fields[];
struct owner_answer {
    bool same;                  /* all is still so */
    struct str free_band;       /* none, few, some; empty: not said */
    const struct value *change; /* fields of directory_owner_fields */
    struct str note;
};
enum error directory_ask_answer(struct task *task, struct str token,
                                const struct owner_answer *answer,
                                struct err *err);

/* --- mistakes (report.c) -------------------------------------------------- */

/* From anybody, for a public place. what: a choice of forms/place_report.csv.
 * address: where it comes from; only a hash with a key that this process made
 * and nobody keeps is counted: five an hour each, ERROR_TOO_MANY then, and 300
 * a day for the house. The same again about a place raises a count. */
enum error directory_report(struct task *task, struct str place,
                            struct str what, struct str note,
                            struct str address, struct err *err);
/* [{code, label}] in the task's language. */
struct value *directory_report_kinds(struct task *task);

/* --- review (review.c), right PLACE_WRITE --------------------------------- */

/* {"changes": [{id, place, name, note, fields: [{label, was, now}]}],
 *  "reports": [{id, place, name, what, note, times}],
 *  "stale": [{place, name, verified_on, asked}]} */
enum error directory_review(struct task *task, struct value **view,
                            struct err *err);
/* A change is accepted (it is the entry then, verified today by its owner) or
 * refused; a report is done or dismissed. */
enum error directory_decide(struct task *task, struct str record, bool accepted,
                            struct err *err);

#endif
