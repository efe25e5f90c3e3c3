/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* consent.h - what a person allowed, for what, to whom, until when.
 *
 * One record per purpose. A record only ever narrows: fewer data, fewer
 * receivers, an earlier end, a withdrawal; what is wider is a new record with
 * its own notice. A consent for a single act (purpose acto_unico) serves one
 * record, named when it is used, and no other.
 *
 * "Active" is decided here and nowhere else: given, begun, not expired on the
 * site's day, not withdrawn, not used up, no standing doubt (when two
 * answers stand side by side the narrower counts).
 */
#ifndef COBIJO_CONSENT_H
#define COBIJO_CONSENT_H

#include "domain/record/record.h"

struct consent {
    struct str id;
    struct str person;
    struct str purpose;
    struct str basis;      /* consentimiento_expreso, interes_vital … */
    struct str data_scope; /* codes: identidad contacto salud … */
    struct str scope_orgs; /* places, empty: any of the purpose */
    struct str block_list; /* INM CONSULADO … */
    struct str expires;    /* ISO day or empty */
    struct str notice;     /* notice_version */
    bool single_act;
};

/* What a consent is wanted for. */
struct consent_want {
    struct str purpose; /* referencia, compartir_red, …; a single-act consent
                           answers for any purpose but only for its act */
    struct str act;     /* record the act is (a referral), may be empty; its
                           subject must be the person who consented */
    struct str person;  /* consent_check: whose it must be, empty: any */
    struct str place;   /* receiver, may be empty: any */
    const char *data;   /* codes that must all be in data_scope, or NULL */
};

/* The best active consent for it (single-act ones named for the act first,
 * then the widest data_scope); *found false when there is none. */
enum error consent_active(struct task *task, struct str person,
                          const struct consent_want *want,
                          struct consent *consent, bool *found,
                          struct err *err);
/* One consent by its record, whether it is active for the want, and why not
 * (msgid) when it is not. why may be NULL. */
enum error consent_check(struct task *task, struct str id,
                         const struct consent_want *want,
                         struct consent *consent, bool *active,
                         const char **why, struct err *err);
/* May a field of a form be shown under this consent? PUB fields always,
 * internal ones (INT) and what the program sets never, the rest when its code
 * is in data_scope: identidad, contacto, documentos, ubicacion, and salud,
 * violencia, asilo after the compartment. SEN fields that no code covers
 * never. The column bind::cobijo:scope of a form overrules. */
bool consent_allows_field(const struct consent *consent,
                          const struct question *question);
/* The answers cut down to the allowed fields (repeats too). */
struct value *consent_allows_fields(const struct consent *consent,
                                    const struct form *form,
                                    const struct value *answers,
                                    struct arena *arena);
/* Is a receiver (INM CONSULADO FAMILIA AGRESOR PRENSA POLICIA_LOCAL) on the
 * block list of any consent of hers? INM always is; revoked ones count. */
enum error consent_blocks(struct task *task, struct str person,
                          const char *receiver, bool *blocked, struct err *err);
/* Adds to the change that the single act was done (nothing for others). */
enum error consent_use(struct task *task, struct change *change, struct str id,
                       struct str act, struct err *err);
/* Withdraws: always possible, whatever else somebody wrote meanwhile. */
enum error consent_revoke(struct task *task, struct str id, struct err *err);

enum error consent_rule(struct task *task, struct change *change,
                        const struct save *save, const struct value *before,
                        struct value *after, struct err *err);

#endif
