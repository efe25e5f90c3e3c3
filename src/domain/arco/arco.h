/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arco.h - requests of a person about her data: access, rectification,
 * cancellation, opposition, portability.
 *
 *     recibida -> en_tramite -> por_cumplir -> cumplida
 *                            -> negada
 *     any open one -> retirada (by the person)
 *
 * Identity is checked before anything is answered. The clocks are those of
 * catalog/arco.csv for the kind of organisation that the site is (`regime`,
 * kept in store_meta); a refusal names a reason of catalog/refusal.csv. A
 * cancellation is given effect by erase.h alone, after another person agreed.
 */
#ifndef COBIJO_ARCO_H
#define COBIJO_ARCO_H

#include "domain/record/record.h"

enum arco_act {
    ARCO_IDENTIFY, /* how: papeleta (code), respuestas, le_conocemos … */
    ARCO_EXTEND,   /* why */
    ARCO_ANSWER,   /* decision, refusal, note */
    ARCO_APPROVE,  /* of a cancellation, by another person */
    ARCO_EFFECT,   /* done (not for a cancellation) */
    ARCO_WITHDRAW,
    ARCO_ACTS
};

struct arco_step {
    enum arco_act act;
    struct str how, code;          /* identify */
    const struct value *knowledge; /* {birth_date: "…"} typed answers */
    struct str why;                /* extend */
    struct str decision, refusal, note;
};

/* One step of a request; ERROR_BLOCKED or ERROR_INPUT says what is missing. */
enum error arco_step(struct task *task, struct str request,
                     const struct arco_step *step, struct err *err);
/* May this act be done now, in this state? */
bool arco_can(const struct value *answers, enum arco_act act);
/* A cancellation carried out: ERROR_BLOCKED without identity, answer, another
 * person's approval (where catalog/arco.csv says so). */
enum error arco_erase(struct task *task, struct str request,
                      struct str *erasure, struct err *err);

/* Row of catalog/arco.csv for this site. */
size_t arco_regime(struct task *task);
enum error arco_regime_set(struct task *task, struct str name, struct err *err);

/* A letter of catalog/letter.csv with its places filled in; "" when there is
 * none: acuse, ampliacion, or the answer that was given. */
struct str arco_letter(struct task *task, const struct record *request,
                       const char *which, struct str language);

/* Did she ask that her data no longer be used for this purpose? From the day
 * the request came, until it is refused or withdrawn. */
enum error arco_opposed(struct task *task, struct str person,
                        struct str purpose, bool *opposed, struct err *err);

/* Open requests, the most urgent first: [{id, folio, type, type_label, state,
 * state_label, person, due, left_days, late}]. */
enum error arco_list(struct task *task, bool all, struct value **list,
                     struct err *err);
/* Those whose term runs out are escalated, once. */
enum error arco_tick(struct task *task, size_t *changed, struct err *err);

enum error arco_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err);

#endif
